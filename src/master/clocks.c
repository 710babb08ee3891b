/* SPDX-License-Identifier: Apache-2.0 */
/* Distributed clocks within a session: when they are set, when they run, what waits for them. */
#include "master/master.h"

#include "base/text.h"

#define DEFAULT_CYCLE ECR_MS(1)
#define LONGEST_MODULUS ECR_S(10)
#define FOLLOW_NS ECR_S(1) /* longest wait until the master follows */
#define AGAIN_NS ECR_MS(500)
#define AGAIN_MAX_NS ECR_S(60)

static ecr_time period_of(const struct ecr_config *config, int domain)
{
	ecr_time given = config->domains[domain].cycle_ns;

	return given ? given : DEFAULT_CYCLE;
}

static ecr_time clock_cycle(const struct ecr_config *config)
{
	ecr_time shortest = 0;

	if (config->dc.cycle_ns)
		return config->dc.cycle_ns;
	for (int i = 0; config->domains && config->domains[i].id; i++)
		if (!shortest || period_of(config, i) < shortest)
			shortest = period_of(config, i);
	return shortest ? shortest : DEFAULT_CYCLE;
}

static ecr_time common_multiple(ecr_time a, ecr_time b)
{
	ecr_time x = a;
	ecr_time y = b;

	while (y) {
		ecr_time rest = x % y;

		x = y;
		y = rest;
	}
	if (!x || !b)
		return a;
	return a / x <= LONGEST_MODULUS / b ? a / x * b : a;
}

/* Every period fits into it, so that all keep their place against the ring's time. */
void ecr_clocks_modulus(struct ecr_core *core)
{
	core->dc.modulus = core->dc.cycle;
	for (int i = 0; i < core->domain_count; i++)
		core->dc.modulus = common_multiple(core->dc.modulus, core->domains[i].period);
}

void ecr_clocks_init(struct ecr_core *core, ecr_time wall)
{
	ecr_time cycle = clock_cycle(core->config);

	ecr_dc_init(&core->dc, &core->config->dc, &core->runner, cycle, cycle, wall);
	ecr_clocks_modulus(core);
	core->clocks_fail = core->clocks_part = core->clocks_end = core->gated = false;
	core->clocks_hoped = false;
	core->lock_unjudged = core->clocks_again = false;
	core->clocks_at = core->clocks_excuse = core->lock_since = 0;
	core->lock_lost_at = core->lock_wanted_since = 0;
	core->clocks_pause = AGAIN_NS;
}

void ecr_clocks_build(struct ecr_core *core, struct ecr_arena *arena, int slaves)
{
	ecr_dc_build(&core->dc, arena, slaves, core->slave_count);
}

/* Where slaves come and go those that are not configured are known by their places alone. */
static void note_strangers(struct ecr_core *core)
{
	struct ecr_dc *dc = &core->dc;

	dc->stranger_count = 0;
	for (int i = 0; core->hot && i < core->roll.count; i++) {
		const struct ecr_attendant *place = &core->roll.places[i];

		if (place->slave == ECR_STRANGER && dc->stranger_count < ECR_DC_STRANGERS)
			dc->strangers[dc->stranger_count++] =
				(struct ecr_dc_stranger){ .place = (uint16_t)i,
							  .dl_status = place->dl_status };
	}
}

static void measure(struct ecr_core *core)
{
	note_strangers(core);
	ecr_dc_measure(&core->dc, core->now);
}

/* What the bring-up has learned of the slaves. */
static void describe(struct ecr_core *core)
{
	const char *wanted = core->config->dc.reference;

	for (int i = 0; i < core->slave_count; i++) {
		const struct ecr_slave *slave = &core->slaves[i];
		struct ecr_clock *clock = &core->dc.clocks[i];

		ecr_clocks_away(core, slave);
		clock->station = slave->station;
		clock->features = slave->features;
		core->dc.times[i].extra_ns = slave->config->sync.extra_ns;
		clock->keep_speed = slave->config->sync.keep & ECR_SYNC_KEEP_SPEED;
		clock->placed = true;
		if (wanted && ecr_text_equal(slave->name, wanted))
			core->dc.chosen = i;
	}
	if (core->hot) /* strangers are not ours to address */
		core->dc.count = core->slave_count;
	for (int i = core->slave_count; i < core->dc.count; i++) {
		core->dc.clocks[i].station = ecr_master_station(core, i);
		core->dc.clocks[i].place = (uint16_t)i;
	}
	core->dc.ways_changed = true;
}

bool ecr_clocks_set(struct ecr_core *core, bool with_burst)
{
	if (!ecr_dc_enabled(&core->dc) || core->dc.running)
		return false;
	core->clock_unread = core->hot; /* they may have moved since they were brought up */
	describe(core);
	core->dc.two_ports = core->bus.redundant;
	note_strangers(core);
	ecr_dc_set(&core->dc, core->now, with_burst);
	return ecr_dc_setting(&core->dc);
}

void ecr_clocks_run(struct ecr_core *core)
{
	if (!core->dc.running)
		core->lock_wanted_since = 0;
	ecr_dc_start(&core->dc, core->now, core->epoch);
	core->epoch = core->dc.epoch;
	core->clocks_hoped = true;
	core->gated = core->config->dc.await_lock && ecr_dc_enabled(&core->dc);
	ecr_clocks_look(core);
}

void ecr_clocks_refuse(struct ecr_core *core)
{
	struct ecr_slave *slave =
		core->dc.error == ECR_ERR_NO_DC_CLOCK ? &core->slaves[core->dc.chosen] : NULL;

	if (slave) {
		slave->configuration_failure =
			ecr_master_failure_in(core, slave, "dc.reference", core->dc.error);
		slave->configuration_failure.subject = "dc reference";
	}
	ecr_master_fail(core, ECR_ERR_CONFIGURATION_FAILED, slave, core->dc.error);
}

struct ecr_failure ecr_clocks_failure(const struct ecr_core *core, int error, int cause)
{
	return (struct ecr_failure){ .error = error,
				     .cause = cause,
				     .position = -1,
				     .phase = "dc.lock",
				     .subject = "largest sync difference (ns)",
				     .expected = core->dc.lock.threshold_ns,
				     .actual = core->dc.lock.max_difference_ns,
				     .at = core->now };
}

bool ecr_clocks_blame(struct ecr_core *core)
{
	int error = core->dc.running ? ECR_ERR_DC_LOCK_TIMEOUT : ECR_ERR_DC_LOCK_UNAVAILABLE;

	if (!core->gated || core->blocked.error)
		return core->gated;
	core->blocked = ecr_clocks_failure(core, ECR_ERR_ACTIVATION_FAILED, error);
	return true;
}

bool ecr_clocks_settled(struct ecr_core *core)
{
	const struct ecr_dc *dc = &core->dc;
	ecr_time patience = ecr_clocks_patience(core);
	ecr_time waited = core->now - core->phase_since;
	bool locked = dc->lock.state == ECR_DC_LOCKED;

	if (core->gated && !locked && dc->running && waited < patience)
		return false;
	if (core->gated && !locked)
		return true;
	core->gated = false;
	return !dc->running || waited >= FOLLOW_NS || core->config->dc.free_running ||
	       dc->estimate.servo.state == ECR_DC_SERVO_LOCKED;
}

/* It was away when the others were asked what they are, or nobody knew then that it has a clock. */
static bool unmet(const struct ecr_clock *clock, const struct ecr_slave *slave)
{
	return slave->optional && (slave->features & ECR_FEATURE_DC) &&
	       (!clock->present || !(clock->features & ECR_FEATURE_DC));
}

bool ecr_clocks_lack(const struct ecr_core *core, const struct ecr_slave *slave)
{
	const struct ecr_clock *clock = &core->dc.clocks[slave->index];

	return core->dc.running &&
	       (clock->kind >= ECR_CLOCK_32 ? !clock->ready : unmet(clock, slave));
}

void ecr_clocks_away(struct ecr_core *core, const struct ecr_slave *slave)
{
	struct ecr_clock *clock = core->dc.clocks ? &core->dc.clocks[slave->index] : NULL;

	if (!clock)
		return;
	/* The way to those behind it is another now; one that comes back is asked when it has been set. */
	if (!clock->away && (slave->absent || clock->place != slave->position))
		core->clock_unread = true;
	if (clock->away != slave->absent || clock->place != slave->position)
		ecr_clocks_excuse(core, slave);
	if (core->dc.running && slave->absent && !core->dc.ours && ecr_clocks_have_left(core))
		ecr_lock_event(&core->dc.lock, ECR_LOCK_NO_CLOCK);
	core->dc.ways_changed |= clock->away != slave->absent || clock->place != slave->position;
	clock->away = slave->absent;
	clock->present = clock->present && !slave->absent;
	clock->place = slave->position;
}

static bool nobody_has_one(const struct ecr_dc *dc)
{
	for (int i = 0; i < dc->own; i++)
		if (dc->clocks[i].kind >= ECR_CLOCK_32)
			return false;
	return true;
}

/* It was another's, which stood there meanwhile. */
static void take_away(struct ecr_dc *dc, struct ecr_clock *clock, uint16_t features)
{
	clock->features = features;
	clock->kind = ECR_CLOCK_NONE;
	clock->ready = false;
	ecr_dc_count(dc);
	if (dc->running && nobody_has_one(dc))
		ecr_lock_event(&dc->lock, ECR_LOCK_NO_CLOCK);
}

/* What was read of another that had its station tells nothing of its clock, and a time of 64 bits is none of 32. */
static bool is_anothers(const struct ecr_clock *clock, const struct ecr_slave *slave)
{
	const uint16_t clocks = ECR_FEATURE_DC | ECR_FEATURE_DC_64;

	return clock->kind != ECR_CLOCK_NONE && (!(slave->features & ECR_FEATURE_DC) ||
						 (clock->features ^ slave->features) & clocks);
}

void ecr_clocks_brought_up(struct ecr_core *core, const struct ecr_slave *slave)
{
	struct ecr_clock *clock = core->dc.clocks ? &core->dc.clocks[slave->index] : NULL;

	if (clock && is_anothers(clock, slave))
		take_away(&core->dc, clock, slave->features);
	core->clocks_hoped = core->clocks_hoped || (slave->features & ECR_FEATURE_DC);
	/* While the session is raised all are set together, and until then none is known by its station. Where one
	 * was missing, be it without a clock, the delays of all are unknown. */
	if (clock && clock->placed &&
	    (!clock->present ||
	     (clock->kind == ECR_CLOCK_NONE && (slave->features & ECR_FEATURE_DC))))
		core->clock_unread = true;
}

void ecr_clocks_set_one(struct ecr_core *core, struct ecr_slave *slave)
{
	struct ecr_clock *clock = &core->dc.clocks[slave->index];

	if (unmet(clock, slave) &&
	    clock->kind < ECR_CLOCK_32) { /* its delay is measured with the others' */
		clock->features = slave->features;
		measure(core);
		core->attention = true;
		return;
	}
	core->busy += slave->activity == ECR_ACTIVITY_NONE;
	slave->activity = ECR_ACTIVITY_CLOCK;
	ecr_dc_set_one(&core->dc, &core->dc.clocks[slave->index]);
}

static void tell_set(struct ecr_core *core)
{
	uint64_t count = 0;

	for (int i = 0; i < core->dc.count; i++)
		count += core->dc.clocks[i].ready;
	ecr_dc_count(&core->dc);
	ecr_core_emit(core, (struct ecr_event){ .kind = ECR_EVENT_DC_CLOCKS_SET,
						.slave = (int16_t)core->dc.reference,
						.domain = -1,
						.error = core->dc.error,
						.count = count });
}

/* Pulses that a step has passed are not made up for, and a 64-bit clock never comes to the next one. */
static void note_step(struct ecr_core *core, const struct ecr_job *job)
{
	struct ecr_clock *clock = job->subject < 0 ? NULL : &core->dc.clocks[job->subject];

	if (!clock || !clock->stepped)
		return;
	core->slaves[job->subject].sync.stepped = true;
	clock->stepped = false;
}

/* Nobody else asks it anything: that it did not answer is all that is known of it, and where it is is asked next. */
static void note_silence(struct ecr_slave *slave, const struct ecr_failure *failure)
{
	if (failure->error == ECR_ERR_NO_RESPONSE && !ecr_job_running(&slave->poll))
		slave->configuration_failure = *failure;
}

static void activity_over(struct ecr_core *core, struct ecr_slave *slave,
			  const struct ecr_failure *failure)
{
	note_silence(slave, failure);
	core->busy--;
	core->attention = true;
	slave->activity = ECR_ACTIVITY_NONE;
	if (!ecr_clocks_lack(core, slave))
		slave->retry_at = slave->retry_delay = 0;
}

/* None, when it has succeeded. By the time that it is heeded the job may be about something else, which had to wait for it. */
static struct ecr_failure failure_of(const struct ecr_core *core, const struct ecr_job *job)
{
	if (!job->result || job->subject < 0)
		return (struct ecr_failure){ 0 };
	return ecr_master_failure_of(core, &core->slaves[job->subject], job, job->result);
}

void ecr_clocks_job_ended(struct ecr_core *core, struct ecr_job *job)
{
	bool setting =
		ecr_dc_setting(&core->dc) && !core->dc.measuring && core->dc.stage != ECR_DC_DELAYS;
	struct ecr_failure failure = failure_of(core, job);
	bool single = ecr_dc_job_ended(&core->dc, core->now, job);
	struct ecr_slave *slave;

	note_step(core, job);
	if (!single) {
		if (setting && !ecr_dc_setting(&core->dc))
			tell_set(core);
		core->attention = core->attention || !ecr_dc_setting(&core->dc);
		return;
	}
	ecr_dc_count(&core->dc);
	slave = &core->slaves[job->subject];
	/* An optional one that stays in PREOP has arrived by then. */
	if (slave->arriving || slave->lost || slave->optional)
		ecr_clocks_excuse(core, slave);
	if (core->dc.lock.state == ECR_DC_UNAVAILABLE && core->dc.running && core->dc.ours)
		ecr_lock_event(&core->dc.lock, ECR_LOCK_STARTED);
	if (slave->activity == ECR_ACTIVITY_CLOCK)
		activity_over(core, slave, &failure);
	core->clock_unread = true; /* it may have come back elsewhere */
}

/* Clocks that were told the time by the master find together again. What was measured while the ring was broken knows
 * nothing of the way across the break. */
void ecr_clocks_parted(struct ecr_core *core)
{
	core->clocks_excuse = core->now + ecr_clocks_patience(core);
	core->clock_unread = core->clock_unread || !core->bus.split;
}

size_t ecr_clocks_send(struct ecr_core *core, unsigned int port, uint8_t *frame, size_t size)
{
	ecr_dc_stamp(&core->dc, core->now);
	return port > 1 ? 0 : ecr_bus_tx(&core->bus, core->now, port, frame, size);
}

/* Somebody who has a clock is there: whatever spoiled the answers may be over. Looked for when somebody has come. */
static bool any_clock(const struct ecr_core *core)
{
	for (int i = 0; i < core->slave_count; i++) {
		const struct ecr_slave *slave = &core->slaves[i];

		if (!slave->down && (slave->features & ECR_FEATURE_DC) &&
		    core->dc.clocks[i].kind != ECR_CLOCK_TIMES_ONLY)
			return true;
	}
	return false;
}

/*
 * All cycle, or the clocks are to run in PREOP too, and none runs: they are set, and join at the epoch that their next cycle
 * finds.
 */
static void set_again(struct ecr_core *core)
{
	struct ecr_dc *dc = &core->dc;
	bool wanted = core->target == ECR_TARGET_OP || core->config->dc.always;

	if (!ecr_dc_enabled(dc) || ecr_dc_setting(dc) || dc->running || !wanted ||
	    core->phase != ECR_PHASE_STEADY)
		return;
	if (core->clocks_again) {
		core->clocks_again = false;
		ecr_dc_start(dc, core->now, core->epoch);
		ecr_clocks_look(core);
	} else if (core->clocks_hoped && core->now >= core->clocks_at) {
		core->clocks_hoped = any_clock(core);
		if (!core->clocks_hoped)
			return;
		core->clocks_at = core->now + core->clocks_pause;
		if (core->clocks_pause < AGAIN_MAX_NS)
			core->clocks_pause *= 2;
		core->clocks_again = ecr_clocks_set(core, false);
	}
}

/* While who is where is being asked the ways would be taken for those of others. */
static bool places_are_known(const struct ecr_core *core)
{
	return !core->hot || core->roll.whole;
}

static bool delay_unknown(const struct ecr_dc *dc)
{
	for (int i = 0; i < dc->own; i++)
		if (dc->clocks[i].ready && !dc->delays[i].known)
			return true;
	return false;
}

/* What was asked told no delays though all are there: an answer was lost or spoiled, or somebody was moved meanwhile. One
 * that is not there is measured when it is back; who is not configured is given a place when all answer that were counted. */
static bool another_look_helps(const struct ecr_core *core)
{
	for (int i = 0; i < core->slave_count; i++)
		if (core->slaves[i].down && !core->dc.clocks[i].away)
			return false;
	if (ecr_dc_lacks_time(&core->dc))
		return true;
	return ecr_dc_lacks_place(&core->dc) ? core->round.answered == core->found
					     : core->dc.unmeasured;
}

/* Somebody was missing when the delays were measured, or came and went meanwhile. */
static void measure_again(struct ecr_core *core)
{
	struct ecr_dc *dc = &core->dc;

	if (!dc->running || ecr_dc_setting(dc) || core->now < core->clocks_at ||
	    !places_are_known(core))
		return;
	core->clocks_at = core->now + AGAIN_NS;
	if (delay_unknown(dc) || another_look_helps(core))
		measure(core);
}

/* No clock runs, and nobody is known who has one. */
static bool nothing_to_do(const struct ecr_core *core)
{
	return !core->dc.running && !core->clocks_hoped && !core->clocks_again &&
	       !core->clock_unread && !core->lock_unjudged;
}

void ecr_clocks_tick(struct ecr_core *core)
{
	struct ecr_dc *dc = &core->dc;
	int32_t period = core->config->dc.measure_ms;

	if (nothing_to_do(core))
		return;
	/* Clocks that do not run are asked when they are set. */
	if (core->clock_unread && dc->running && !ecr_dc_setting(dc) && places_are_known(core)) {
		core->clock_unread = false;
		measure(core);
	}
	set_again(core);
	measure_again(core);
	ecr_clocks_judge(core);
	ecr_clocks_return(core);
	if (!dc->running || period <= 0 || core->now < dc->measure_at + ECR_MS(period))
		return;
	dc->measure_at = core->now;
	measure(core);
}
