/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said of clocks, and what is true of them: whether they agree, what a lock and its loss mean, and that SYNC0 and SYNC1
 * are as they were configured.
 */
#include "world/inner.h"

#include "sim/clock.h"
#include "wire/registers.h"

/* Locked clocks are within the threshold of what they were told; the delays that both take off are measured
 * in the ticks of all clocks on the way. */
#define CLOCK_TICKS_NS 20

/* Clocks that nobody has configured are held to the time as well, and have no part in the lock. */
#define STRANGERS_APART_NS 1000
/* Where they answer, how far off the others are shows when each was asked, not in the next cycles. */
#define CLOCKS_ROUND ECR_MS(15)

#define DEFAULT_LOCK_MS 5000 /* as docs/manual.md says, */
#define JUDGED ECR_MS(500)   /* and how much later it may be judged */
#define AT_ONCE ECR_MS(10)   /* beside what runs meanwhile */

#define FIRM ECR_S(1) /* until clocks that had run apart have swung to the other side and back */

#define MOST_ENDINGS 10 /* sessions of a world that a lost lock may end */

/* Of one that is set and takes the time; the low half is all that some have. */
static bool clock_shows(const struct world *world, int slave, uint32_t *shown)
{
	const struct ecr_clock *clock = &world->ring.core->dc.clocks[slave];
	struct ecr_sim_time time = { 0 };

	if (!clock->ready || clock->away || world->ring.core->dc.delays[slave].guessed ||
	    !world_reachable(world, slave) ||
	    !ecr_sim_clock(world->ring.sim, world->ring.now, slave, &time))
		return false;
	*shown = (uint32_t)time.system_ns;
	return true;
}

static uint32_t apart(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0 ? b - a : a - b;
}

/* The one that has become the reference went by the master's sending: how far the others are from it shows in the next cycles. So
 * does how fast clocks that were just set run apart, where the first difference that is seen makes the lock. */
static bool reference_is_new(const struct world *world)
{
	ecr_time round = world_has(&world->plan, WORLD_EXTRAS) ? CLOCKS_ROUND : 0;

	return world->ring.now - world->reference_since < 4 * world->ring.core->dc.cycle + round;
}

/* What it shows is the mean of many differences, and so are those of long ago in it: the reference of before has such. */
static bool shows_mean(const struct world *world, int slave)
{
	return world->ring.sim->slaves[slave].memory[ECR_REG_DC_FILTER_DIFFERENCE];
}

/* Clocks that are said to be locked show the same time; those before the reference are as far off as the
 * master's sending is. */
static void check_together(struct world *world)
{
	const struct ecr_dc *dc = &world->ring.core->dc;
	uint32_t right;
	uint32_t shown;

	if (!world->strict || !dc->running || reference_is_new(world) ||
	    dc->lock.state != ECR_DC_LOCKED || dc->reference == ECR_DC_NONE ||
	    !clock_shows(world, dc->reference, &right))
		return;
	for (int i = 0; i < dc->own && !world_over(world); i++)
		if (dc->clocks[i].place >= dc->clocks[dc->reference].place &&
		    !shows_mean(world, i) && clock_shows(world, i, &shown) &&
		    apart(shown, right) >
			    dc->lock.threshold_ns + CLOCK_TICKS_NS * (uint32_t)dc->count)
			world_complain(world, "%s is %u ns off though the clocks are locked",
				       world->plan.names[i], (unsigned int)apart(shown, right));
}

bool world_strangers_agree(const struct world *world)
{
	const struct ecr_dc *dc = &world->ring.core->dc;
	uint32_t right;
	uint32_t shown;

	if (!world_has(&world->plan, WORLD_EXTRAS) || !dc->running ||
	    dc->count != world->plan.count + world->plan.strangers ||
	    dc->reference == ECR_DC_NONE || !clock_shows(world, dc->reference, &right))
		return true;
	for (int i = dc->own; i < dc->count; i++)
		if (world_clock_there(world, i) && !dc->delays[i].guessed &&
		    (!clock_shows(world, i, &shown) || apart(shown, right) > STRANGERS_APART_NS))
			return false;
	return true;
}

/* The period of domain or compensation that SYNC0 without a cycle of its own has. */
static uint64_t sync0_cycle(const struct world *world, int slave)
{
	const struct world_plan *plan = &world->plan;
	ecr_time cycle = plan->domains[0].cycle_ns;

	if (plan->slaves[slave].sync.sync0_cycle_ns)
		return (uint64_t)plan->slaves[slave].sync.sync0_cycle_ns;
	if (plan->config.dc.cycle_ns)
		return (uint64_t)plan->config.dc.cycle_ns;
	for (int i = 1; i < plan->domain_count; i++)
		cycle = plan->domains[i].cycle_ns < cycle ? plan->domains[i].cycle_ns : cycle;
	return (uint64_t)cycle;
}

/* SYNC1 that comes a cycle or more behind SYNC0 leaves so many of them out (ETG.1000.4, 6.12). */
static uint64_t sync1_cycle(const struct ecr_sync_config *sync, uint64_t cycle)
{
	return (sync->sync1_ns / cycle + 1) * cycle;
}

/* A time of 32 bits, which is near the ring's own. */
static uint64_t whole_time(const struct world *world, const struct sim_esc *esc, uint64_t time)
{
	uint64_t ring = (uint64_t)(WORLD_WALL + world->ring.now);

	if (sim_clock_width(esc) == UINT64_MAX)
		return time;
	return ring + (uint64_t)(int64_t)(int32_t)((uint32_t)time - (uint32_t)ring);
}

/* The next pulse lies ahead, within a cycle, and where its multiples are. SYNC1 follows SYNC0: the first may be still to come. */
static bool comes_right(const struct world *world, const struct sim_esc *esc, int unit,
			uint64_t cycle, uint64_t shift)
{
	const struct sim_sync *sync = &esc->clock.sync[unit];
	uint64_t now = sim_clock_system(esc, world->ring.now);
	uint64_t wait = (sync->next - now) & sim_clock_width(esc);

	return sync->on && !(sync->pending && unit == 0) && sync->period == cycle &&
	       wait <= cycle && (whole_time(world, esc, sync->next) - shift) % cycle == 0;
}

static const char *wrong_sync(const struct world *world, int slave)
{
	const struct sim_esc *esc = &world->ring.sim->slaves[slave];
	const struct ecr_sync_config *sync = &world->plan.slaves[slave].sync;
	uint64_t cycle = sync0_cycle(world, slave);
	uint64_t shift = (uint64_t)sync->sync0_shift_ns;
	uint64_t slow = sync1_cycle(sync, cycle);
	uint8_t wanted = ECR_DC_ACTIVATE | ECR_DC_ACTIVATE_SYNC0 |
			 (sync->mode == ECR_SYNC_SYNC1 ? ECR_DC_ACTIVATE_SYNC1 : 0);

	if (esc->memory[ECR_REG_DC_ACTIVATION] != wanted)
		return "without its SYNC signals";
	if (ecr_le32(esc->memory + ECR_REG_DC_SYNC0_CYCLE) != cycle ||
	    ecr_le32(esc->memory + ECR_REG_DC_SYNC1_CYCLE) != sync->sync1_ns)
		return "with another SYNC cycle than its own";
	if (!comes_right(world, esc, 0, cycle, shift))
		return "and SYNC0 does not come when it should";
	if (sync->mode == ECR_SYNC_SYNC1 &&
	    !comes_right(world, esc, 1, slow, shift + sync->sync1_ns))
		return "and SYNC1 does not come when it should";
	return NULL;
}

static bool needs_sync(const struct world *world, int slave)
{
	const struct ecr_slave *belief = &world->ring.core->slaves[slave];

	return world->plan.slaves[slave].sync.mode && world->ring.core->dc.running &&
	       world->ring.core->phase == ECR_PHASE_STEADY && belief->al_state >= ECR_AL_SAFEOP &&
	       !belief->down && belief->activity == ECR_ACTIVITY_NONE &&
	       world_truth(world, slave) >= ECR_AL_SAFEOP && world_is_itself(world, slave);
}

/* Whoever goes by SYNC is above PREOP only with it; one whose clock was set anew is brought down at once. */
static void check_sync(struct world *world, int slave)
{
	struct world_slave *known = &world->slaves[slave];
	struct ecr_sim_time time;
	const char *wrong = NULL;

	if (needs_sync(world, slave) &&
	    ecr_sim_clock(world->ring.sim, world->ring.now, slave, &time))
		wrong = wrong_sync(world, slave);
	if (!wrong)
		known->in_time = world->ring.now;
	else if (world->ring.now - known->in_time > AT_ONCE)
		world_complain(world, "%s is in state %d %s", world->plan.names[slave],
			       world_truth(world, slave), wrong);
}

static ecr_time later(ecr_time a, ecr_time b)
{
	return a > b ? a : b;
}

/* A lock that does not come back in time is judged as the policy says: nobody goes on as if nothing were the matter. */
static void check_judged(struct world *world)
{
	const struct ecr_dc_config *dc = &world->plan.config.dc;
	ecr_time patience = ECR_MS(dc->lock_timeout_ms ? dc->lock_timeout_ms : DEFAULT_LOCK_MS);
	ecr_time since = later(later(world->lock_lost, world->clocks_upset),
			       later(world->disturbed, world->paused));

	if (world->lock_lost == ECR_NEVER || dc->lock_policy == ECR_DC_ADVISORY ||
	    world->state != ECR_STATE_OPERATIONAL || world->ring.core->phase != ECR_PHASE_STEADY)
		return;
	if (world->ring.now - since > patience + JUDGED)
		world_complain(world, "the lock does not come back, and the session goes on");
}

void world_check_clocks(struct world *world)
{
	check_judged(world);
	check_together(world);
	for (int i = 0; i < world->ring.core->slave_count && !world_over(world); i++)
		check_sync(world, i);
}

/* Clocks before the reference are told what the master believes: so far off was that, and is what they show. */
static uint32_t strayed(const struct ecr_dc *dc)
{
	for (int i = 0; i < dc->own; i++)
		if (dc->clocks[i].ready && dc->clocks[i].place < dc->clocks[dc->reference].place)
			return (uint32_t)(dc->strayed < 0 ? -dc->strayed : dc->strayed);
	return 0;
}

/* Where nothing happens it is lost only by those who still find together. */
static void note_loss(struct world *world)
{
	const struct ecr_dc *dc = &world->ring.core->dc;
	uint32_t most = 0;
	uint32_t right;
	uint32_t shown;

	world->lock_lost = world->ring.now;
	if (!world->strict || dc->reference == ECR_DC_NONE ||
	    !clock_shows(world, dc->reference, &right))
		return;
	for (int i = 0; i < dc->own; i++) {
		if (dc->clocks[i].ready && (shows_mean(world, i) || !clock_shows(world, i, &shown)))
			return;
		if (dc->clocks[i].ready && apart(shown, right) > most)
			most = apart(shown, right);
	}
	if (most + strayed(dc) + 2 * CLOCK_TICKS_NS < dc->lock.threshold_ns)
		world_complain(world, "the lock is lost, and the clocks are %u ns apart at most",
			       (unsigned int)most);
}

/* From then on a lock has its time to come back. */
static bool upsets_clocks(const struct ecr_event *event)
{
	switch (event->kind) {
	case ECR_EVENT_STATE_CHANGED:
	case ECR_EVENT_SLAVE_DOWN:
	case ECR_EVENT_SLAVE_STATE_CHANGED:
	case ECR_EVENT_SLAVE_JOINED:
	case ECR_EVENT_SLAVE_LEFT:
	case ECR_EVENT_SLAVE_MOVED:
	case ECR_EVENT_DC_REFERENCE_CHANGED:
	case ECR_EVENT_DC_RUNTIME_CHANGED:
	case ECR_EVENT_BUS_TOPOLOGY:
		return true;
	default:
		return false;
	}
}

void world_check_lock(struct world *world, const struct ecr_event *event)
{
	if (upsets_clocks(event))
		world->clocks_upset = world->ring.now;
	if (event->kind == ECR_EVENT_DC_LOCK_DECISION)
		world->lock_ends = event->to == ECR_DC_STOP_SESSION;
	if (event->kind != ECR_EVENT_DC_LOCK_CHANGED)
		return;
	if (event->to == ECR_DC_LOCKED) {
		world->lock_came = true;
		world->lock_since = world->ring.now;
	} else if (event->to == ECR_DC_INACTIVE)
		world->lock_came = false;
	if (event->from == ECR_DC_LOCKED && event->to == ECR_DC_LOCKING)
		note_loss(world);
	else
		world->lock_lost = ECR_NEVER;
}

ecr_time world_lock_is_firm_at(const struct world *world)
{
	bool matters = world->lock_came && world->plan.config.dc.lock_policy != ECR_DC_ADVISORY;

	return matters ? later(world->ring.now, world->lock_since + FIRM) : world->ring.now;
}

bool world_ended_by_lock(struct world *world)
{
	bool ends = world->lock_ends &&
		    ecr_master_trouble(world->ring.core).error == ECR_ERR_DC_LOCK_LOST;

	world->lock_ends = false;
	world->endings++;
	return ends && world->plan.config.dc.lock_policy == ECR_DC_FATAL && !world->strict &&
	       world->endings <= MOST_ENDINGS;
}

void world_check_gate(struct world *world, unsigned int to)
{
	if ((to == ECR_AL_SAFEOP || to == ECR_AL_OP) && world->plan.config.dc.await_lock &&
	    world->ring.core->target == ECR_TARGET_OP && !world->lock_came)
		world_complain(world, "state %u is asked for before the clocks agree", to);
}
