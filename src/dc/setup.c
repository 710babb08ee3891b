/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Setting the clocks: receive times of one frame are latched in all slaves, read from all at once,
 * made delays; the reference is set to the master's time, all others to the reference's; then a
 * burst of frames teaches them their drift before anybody relies on them (ETG.1020).
 */
#include "dc/dc.h"

#include "base/le.h"

enum { SETUP_PAUSE, SETUP_LATCH, SETUP_ARRIVE };
enum { BURST_SEND };

#define BURST_FRAMES 15000
#define LATCHES 5 /* attempts until both copies of one frame have left their stamps */
#define ARRIVE_NS ECR_MS(2)
#define SAME_WAY_NS 100
#define REFINE 4	 /* how much a new measurement weighs less than the old ones */
#define BURST_ENOUGH 500 /* answers in a row within the threshold */

void ecr_dc_build(struct ecr_dc *dc, struct ecr_arena *arena, int slaves, int own)
{
	size_t count = (size_t)slaves;
	size_t all = count + ECR_DC_STRANGERS;

	dc->clocks = ECR_TAKE(arena, struct ecr_clock, count);
	dc->dl_status = ECR_TAKE(arena, uint16_t, count);
	dc->nodes = ECR_TAKE(arena, struct ecr_node, all);
	dc->times = ECR_TAKE(arena, struct ecr_receive_times, count);
	dc->delays = ECR_TAKE(arena, struct ecr_delay, count);
	dc->fresh = ECR_TAKE(arena, struct ecr_delay, all);
	dc->known = ECR_TAKE(arena, struct ecr_delay, all);
	dc->order = ECR_TAKE(arena, uint16_t, all);
	dc->in_order = ECR_TAKE(arena, struct ecr_receive_times, all);
	dc->statuses = ECR_TAKE(arena, uint16_t, all);
	dc->count = slaves;
	dc->own = own;
	for (int i = 0; dc->clocks && i < slaves; i++)
		dc->clocks[i] = (struct ecr_clock){ .dc = dc, .index = i };
}

void ecr_dc_init(struct ecr_dc *dc, const struct ecr_dc_config *config, struct ecr_runner *runner,
		 ecr_time cycle, ecr_time modulus, ecr_time wall)
{
	struct ecr_servo_config servo = {
		.kind = config && config->master_clock ? ECR_SERVO_NULL : ECR_SERVO_PI,
	};

	*dc = (struct ecr_dc){ .config = config,
			       .runner = runner,
			       .cycle = cycle,
			       .modulus = modulus,
			       .wall = wall,
			       .first = ECR_DC_NONE,
			       .reference = ECR_DC_NONE,
			       .chosen = ECR_DC_NONE,
			       .checked_at = -1 };
	dc->lock.state = dc->lock_told = ECR_DC_DISABLED;
	dc->original = ECR_DC_NONE;
	dc->behind = -1;
	dc->ways_changed = true;
	ecr_estimate_init(&dc->estimate, &servo, cycle);
	if (!config || !ecr_dc_enabled(dc))
		return;
	dc->shift = config->shift_ns ? config->shift_ns : cycle / 2;
	dc->lock.threshold_ns = config->lock_threshold_ns ? config->lock_threshold_ns : 100;
	dc->lock.warmup = config->warmup_cycles;
	ecr_lock_event(&dc->lock, ECR_LOCK_ENABLED);
	dc->lock_told = dc->lock.state;
}

void ecr_dc_forget(struct ecr_dc *dc)
{
	dc->config = NULL;
	dc->clocks = NULL;
	dc->count = 0;
	dc->stage = ECR_DC_IDLE;
	dc->running = false;
	dc->first = dc->reference = ECR_DC_NONE;
	for (int i = 0; i < ECR_DC_FLIGHTS; i++)
		dc->flights[i].used = false;
	dc->unsent = NULL;
	dc->job.listed = dc->monitor.listed = false;
	dc->job.transaction.queued = dc->monitor.transaction.queued = false;
	dc->job.timer.slot = dc->monitor.timer.slot = 0;
}

static void begin(struct ecr_dc *dc, struct ecr_clock *clock, const struct ecr_step *steps)
{
	clock->asked = true;
	clock->awaited = false;
	clock->job.context = dc;
	clock->job.subject = clock->index < dc->own ? clock->index : -1;
	ecr_job_start(dc->runner, &clock->job, steps);
}

static void begin_next(struct ecr_dc *dc, struct ecr_clock *clock)
{
	begin(dc, clock, clock->next);
	clock->next = NULL;
	clock->awaited = true;
}

/* The stage goes on when it has ended. Of a clock that is being asked something else it is asked behind that. */
static void begin_awaited(struct ecr_dc *dc, struct ecr_clock *clock, const struct ecr_step *steps)
{
	dc->pending++;
	clock->next = steps;
	if (!clock->asked)
		begin_next(dc, clock);
}

static void begin_latch(struct ecr_dc *dc)
{
	dc->stage = ECR_DC_LATCH;
	dc->paused = false;
	dc->unmeasured = true;
	dc->job.context = dc;
	dc->job.subject = -1;
	ecr_job_start(dc->runner, &dc->job, ecr_dc_setup_steps);
}

/* With two ports an old stamp must not be taken for one of this frame. */
static struct ecr_verdict setup_pause(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_dc *dc = ecr_container_of(job, struct ecr_dc, job);

	(void)answer;
	if (!dc->two_ports || dc->paused)
		return ecr_goto(SETUP_LATCH);
	dc->paused = true;
	return ecr_wait(ECR_DELAY_PAUSE);
}

/* Any value latches; what follows reads what the last frame that came through has left. */
static struct ecr_verdict setup_latch(struct ecr_job *job, const struct ecr_answer *answer)
{
	if (!answer) {
		ecr_job_write_zeros(job, ECR_CMD_BWR, ecr_address_all(ECR_REG_DC_RECEIVE_TIMES), 4);
		return ecr_ask();
	}
	return answer->wkc ? ecr_goto(SETUP_ARRIVE) : ecr_fail(ECR_ERR_DC_LATCH_NOT_ACKNOWLEDGED);
}

/* The answer has come with one copy; the other may still be on its way. */
static struct ecr_verdict setup_arrive(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_dc *dc = ecr_container_of(job, struct ecr_dc, job);

	(void)answer;
	if (!dc->two_ports || !dc->paused)
		return ecr_done();
	dc->paused = false;
	return ecr_wait(ARRIVE_NS);
}

static void begin_read(struct ecr_dc *dc)
{
	dc->stage = ECR_DC_READ;
	for (int i = 0; i < dc->count; i++) {
		if (!dc->clocks[i].away)
			begin_awaited(dc, &dc->clocks[i], ecr_clock_read_steps);
	}
}

static bool usable(const struct ecr_clock *clock)
{
	return clock->present && !clock->away && clock->kind >= ECR_CLOCK_32 && !clock->asked;
}

static bool all_present(const struct ecr_dc *dc)
{
	for (int i = 0; i < dc->own; i++)
		if (!dc->clocks[i].present && !dc->clocks[i].away)
			return false;
	return true;
}

/* Those who are not configured stand behind all others; where one of them does not answer, the line is known up to it. */
static int known_up_to(const struct ecr_dc *dc)
{
	for (int i = dc->own; i < dc->count; i++)
		if (!dc->clocks[i].present)
			return i;
	return dc->count + dc->stranger_count;
}

/* Slaves of the session, and strangers behind them. */
static uint16_t place_of(const struct ecr_dc *dc, int who)
{
	return who < dc->count ? dc->clocks[who].place : dc->strangers[who - dc->count].place;
}

/* What is known of the one at `k` in the order of frames; of a stranger only which of its ports are open. */
static void take_in_order(struct ecr_dc *dc, int k)
{
	int who = dc->order[k];

	if (who < dc->count) {
		dc->in_order[k] = dc->times[who];
		dc->statuses[k] = dc->dl_status[who];
		dc->known[k] = dc->delays[who];
		return;
	}
	dc->in_order[k] = (struct ecr_receive_times){ 0 };
	dc->statuses[k] = dc->strangers[who - dc->count].dl_status;
	dc->known[k] = (struct ecr_delay){ 0 };
}

/* Those who are there, as frames pass them: mostly the order in which they are numbered. */
static int put_in_order(struct ecr_dc *dc)
{
	int end = known_up_to(dc);
	int count = 0;

	for (int i = 0; i < end; i++) {
		int at = count;

		if (i < dc->count && dc->clocks[i].away)
			continue;
		for (; at && place_of(dc, dc->order[at - 1]) > place_of(dc, i); at--)
			dc->order[at] = dc->order[at - 1];
		dc->order[at] = (uint16_t)i;
		count++;
	}
	for (int k = 0; k < count; k++)
		take_in_order(dc, k);
	return count;
}

/* Measured again it is the same way, to within the ticks of the clocks: they average out. */
static struct ecr_delay refined(const struct ecr_delay *old, struct ecr_delay fresh)
{
	int64_t more = fresh.arrival_ns - old->arrival_ns;

	if (old->known && more <= SAME_WAY_NS && more >= -SAME_WAY_NS)
		fresh.arrival_ns = old->arrival_ns + (more + (more > 0) - (more < 0)) / REFINE;
	return fresh;
}

static bool measured(struct ecr_dc *dc, int count)
{
	struct ecr_two_ports ring = { dc->nodes, dc->statuses, dc->in_order, count };
	struct ecr_tree tree;

	if (dc->two_ports)
		return ecr_delays_two_ports(&ring, dc->known, dc->fresh);
	if (!ecr_tree_build(&tree, dc->nodes, dc->statuses, count))
		return false;
	ecr_delays(&tree, dc->in_order, dc->fresh);
	return true;
}

/* A ring that is not whole keeps what was measured when it was. False: another look may help. */
static bool compute(struct ecr_dc *dc)
{
	int count;

	if (!all_present(dc))
		return true;
	count = put_in_order(dc);
	if (!measured(dc, count))
		return !dc->two_ports || ++dc->latches >= LATCHES;
	dc->ways_changed = true;
	for (int k = 0; k < count; k++)
		if (dc->order[k] < dc->count)
			dc->delays[dc->order[k]] =
				dc->measuring ? refined(&dc->known[k], dc->fresh[k]) : dc->fresh[k];
	dc->unmeasured = false;
	return true;
}

static void choose(struct ecr_dc *dc, int wanted)
{
	dc->first = ECR_DC_NONE;
	for (int i = dc->own - 1; i >= 0; i--)
		if (usable(&dc->clocks[i]))
			dc->first = i;
	if (dc->config->master_clock || dc->first == ECR_DC_NONE)
		dc->reference = ECR_DC_NONE;
	else if (wanted != ECR_DC_NONE && usable(&dc->clocks[wanted]))
		dc->reference = wanted;
	else
		dc->reference = dc->first;
	dc->original = dc->config->master_clock || wanted == ECR_DC_NONE ? dc->reference : wanted;
}

/* Another clock than the chosen one is no answer: nobody would know. One that is away comes back. */
static bool chosen_has_none(const struct ecr_dc *dc)
{
	return dc->chosen != ECR_DC_NONE && dc->clocks[dc->chosen].present &&
	       dc->clocks[dc->chosen].kind < ECR_CLOCK_32;
}

static void begin_reference(struct ecr_dc *dc, ecr_time now)
{
	dc->stage = ECR_DC_SET_REFERENCE;
	if (!dc->estimate.known || dc->reference == ECR_DC_NONE)
		ecr_estimate_set(&dc->estimate, (uint64_t)(now + dc->wall), now);
	if (dc->reference == ECR_DC_NONE)
		return;
	begin_awaited(dc, &dc->clocks[dc->reference], ecr_clock_set_steps);
}

static void begin_set(struct ecr_dc *dc)
{
	dc->stage = ECR_DC_SET;
	for (int i = 0; i < dc->count; i++) {
		struct ecr_clock *clock = &dc->clocks[i];

		if (i == dc->reference || !usable(clock))
			continue;
		begin_awaited(dc, clock, ecr_clock_set_steps);
	}
}

static const struct ecr_step burst_steps[];

static void begin_burst(struct ecr_dc *dc)
{
	dc->stage = ECR_DC_BURST;
	dc->burst_left = dc->config->burst ? dc->config->burst : BURST_FRAMES;
	dc->burst_good = 0;
	dc->pending = 1;
	ecr_job_start(dc->runner, &dc->job, burst_steps);
}

static bool burst_over(struct ecr_dc *dc, const struct ecr_answer *answer)
{
	uint32_t ored = ecr_dc_magnitude(ecr_le32(answer->asks[1].in));

	dc->burst_good = ored <= dc->lock.threshold_ns ? dc->burst_good + 1 : 0;
	return --dc->burst_left == 0 || dc->burst_good >= BURST_ENOUGH;
}

/* As in the cycle: the reference's time to all, and how far they are from it. */
static struct ecr_verdict burst_send(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_dc *dc = ecr_container_of(job, struct ecr_dc, job);
	const struct ecr_clock *reference =
		dc->reference == ECR_DC_NONE ? NULL : &dc->clocks[dc->reference];
	uint16_t width = reference ? ecr_clock_width(reference) : 8;

	if (answer && reference && answer->wkc)
		ecr_estimate_sample(
			&dc->estimate,
			ecr_dc_passed(dc, reference, answer->data, job->transaction.sent_at),
			job->transaction.sent_at);
	if (answer)
		return burst_over(dc, answer) ? ecr_done() : ecr_goto(BURST_SEND);
	ecr_job_read(job, reference ? ECR_CMD_FRMW : ECR_CMD_BWR,
		     reference ? ecr_address_station(reference->station, ECR_REG_DC_SYSTEM_TIME)
			       : ecr_address_all(ECR_REG_DC_SYSTEM_TIME),
		     width);
	job->asks[0].out = dc->payload;
	ecr_job_read(job, ECR_CMD_BRD, ecr_address_all(ECR_REG_DC_DIFFERENCE),
		     ECR_REG_DC_DIFFERENCE_SIZE);
	return ecr_ask();
}

const struct ecr_step ecr_dc_setup_steps[] = {
	[SETUP_PAUSE] = { "dc.pause", setup_pause },
	[SETUP_LATCH] = { "dc.latch", setup_latch, .wkc = ECR_WKC_ANY, .tries = 5,
			  .on_loss = ECR_ASK_AGAIN },
	[SETUP_ARRIVE] = { "dc.arrive", setup_arrive },
};

static const struct ecr_step burst_steps[] = {
	[BURST_SEND] = { "dc.burst", burst_send, .wkc = ECR_WKC_ANY, .tries = 20,
			 .on_loss = ECR_ASK_AGAIN },
};

void ecr_dc_set(struct ecr_dc *dc, ecr_time now, bool with_burst)
{
	bool any = false;

	(void)now;
	dc->with_burst = with_burst;
	dc->measuring = false;
	dc->latches = 0;
	dc->error = 0;
	dc->pending = 0;
	for (int i = 0; i < dc->own; i++)
		any = any || (dc->clocks[i].features & ECR_FEATURE_DC);
	if (any)
		begin_latch(dc);
	else if (dc->chosen != ECR_DC_NONE)
		dc->error = ECR_ERR_NO_DC_CLOCK;
}

void ecr_dc_set_one(struct ecr_dc *dc, struct ecr_clock *clock)
{
	clock->wanted = clock->asked; /* measured again at the moment */
	if (!clock->wanted)
		begin(dc, clock, ecr_clock_set_steps);
}

void ecr_dc_calm(struct ecr_dc *dc, struct ecr_clock *clock)
{
	clock->hasty = clock->asked && !clock->keep_speed;
	if (!clock->asked && !clock->keep_speed)
		begin(dc, clock, ecr_clock_calm_steps);
}

bool ecr_dc_lacks_place(const struct ecr_dc *dc)
{
	for (int i = dc->own; i < dc->count; i++)
		if (!dc->clocks[i].placed)
			return true;
	return false;
}

/* One that is not configured and has no time; who is configured is set by the session. */
static bool lacks_time(const struct ecr_clock *clock)
{
	return clock->index >= clock->dc->own && !clock->ready && usable(clock);
}

bool ecr_dc_lacks_time(const struct ecr_dc *dc)
{
	for (int i = dc->own; i < dc->count; i++)
		if (lacks_time(&dc->clocks[i]))
			return true;
	return false;
}

void ecr_dc_measure(struct ecr_dc *dc, ecr_time now)
{
	(void)now;
	if (ecr_dc_setting(dc))
		return;
	dc->measuring = true;
	dc->latches = 0;
	dc->error = 0;
	dc->pending = 0;
	begin_latch(dc);
}

static void begin_delays(struct ecr_dc *dc)
{
	dc->stage = ECR_DC_DELAYS;
	for (int i = 0; i < dc->count; i++) {
		struct ecr_clock *clock = &dc->clocks[i];

		if (lacks_time(clock))
			begin_awaited(dc, clock, ecr_clock_set_steps);
		else if (clock->ready || clock->asked)
			begin_awaited(dc, clock, ecr_clock_delay_steps);
	}
}

/* All conversations of a stage have ended: on to the next one that has any. */
static void next_stage(struct ecr_dc *dc, ecr_time now)
{
	while (!dc->pending && dc->stage != ECR_DC_IDLE) {
		switch (dc->stage) {
		case ECR_DC_LATCH:
			begin_read(dc);
			break;
		case ECR_DC_READ:
			if (!compute(dc)) {
				begin_latch(dc);
				return;
			}
			if (dc->measuring) {
				begin_delays(dc);
				break;
			}
			if (chosen_has_none(dc)) {
				dc->error = ECR_ERR_NO_DC_CLOCK;
				dc->stage = ECR_DC_IDLE;
				break;
			}
			choose(dc, dc->chosen);
			begin_reference(dc, now);
			break;
		case ECR_DC_SET_REFERENCE:
			begin_set(dc);
			break;
		case ECR_DC_SET:
			if (dc->with_burst && dc->first != ECR_DC_NONE) {
				begin_burst(dc);
				break;
			}
			dc->stage = ECR_DC_IDLE;
			break;
		default:
			dc->stage = ECR_DC_IDLE;
			ecr_dc_count(dc);
			break;
		}
	}
}

/* What was asked of all at once. */
static void all_ended(struct ecr_dc *dc, ecr_time now)
{
	dc->pending = 0;
	if (dc->stage == ECR_DC_LATCH && dc->job.result) {
		dc->error = dc->job.result;
		dc->stage = ECR_DC_IDLE;
	}
	next_stage(dc, now);
}

static void follow_up(struct ecr_dc *dc, struct ecr_clock *clock)
{
	if (clock->next)
		begin_next(dc, clock);
	else if (clock->wanted)
		ecr_dc_set_one(dc, clock);
	else if (clock->hasty)
		ecr_dc_calm(dc, clock);
}

/* A stage waits for those alone that it has begun: whatever else is asked of a clock ends at any time. */
static bool one_ended(struct ecr_dc *dc, ecr_time now, struct ecr_clock *clock)
{
	bool awaited = clock->awaited;
	bool set = clock->job.steps == ecr_clock_set_steps;

	clock->asked = clock->awaited = false;
	dc->pending -= awaited;
	if (awaited && set && clock->job.result)
		clock->ready = false;
	if (set && !clock->keeps_on) /* its loop has begun anew */
		clock->hasty = false;
	follow_up(dc, clock);
	if (awaited)
		next_stage(dc, now);
	return set && !awaited;
}

bool ecr_dc_job_ended(struct ecr_dc *dc, ecr_time now, struct ecr_job *job)
{
	if (job == &dc->monitor) {
		if (dc->running) /* a line that was dead for long enough */
			ecr_dc_monitor(dc);
		return false;
	}
	if (job != &dc->job)
		return one_ended(dc, now, ecr_container_of(job, struct ecr_clock, job));
	all_ended(dc, now);
	return false;
}

/* The stage is over; and so is what is asked of single clocks, but, unless it is `for_good`, of those that are being set. */
static void abandon(struct ecr_dc *dc, bool for_good)
{
	ecr_job_cancel(dc->runner, &dc->job);
	for (int i = 0; i < dc->count; i++) {
		struct ecr_clock *clock = &dc->clocks[i];

		clock->next = NULL;
		clock->wanted = clock->wanted && !for_good;
		if (!clock->asked || (!for_good && clock->job.steps == ecr_clock_set_steps))
			continue;
		ecr_job_cancel(dc->runner, &clock->job);
		clock->asked = clock->awaited = clock->hasty = false;
		if (clock->wanted)
			ecr_dc_set_one(dc, clock);
	}
	dc->stage = ECR_DC_IDLE;
	dc->pending = 0;
}

void ecr_dc_stop(struct ecr_dc *dc)
{
	dc->running = false;
	ecr_job_cancel(dc->runner, &dc->monitor);
	ecr_lock_event(&dc->lock, ECR_LOCK_STOPPED);
	if (ecr_dc_setting(dc) && dc->measuring)
		abandon(dc, false);
}

void ecr_dc_cancel(struct ecr_dc *dc)
{
	ecr_job_cancel(dc->runner, &dc->monitor);
	abandon(dc, true);
}
