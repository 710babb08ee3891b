/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold whatever happens: what the session says is compared with what is true. */
#include "world/inner.h"

#include "wire/frame.h"

#define LATE_NEWS \
	ECR_MS(300) /* how late the session may be with what it says of others, beside its polls */

#define JUST ECR_MS(3) /* after what moves deadlines frames may be on the wire at one */

#define CATCH_UP \
	ECR_MS(50) /* after the host stood still: until cycles begin at their deadlines again */

static bool is_mapped(const struct world *world, int slave)
{
	const struct ecr_core *core = world->ring.core;

	return slave < core->slave_count && core->slaves[slave].mapped;
}

/* Which state may follow which, as docs/generated/lifecycle.md has it. */
static bool may_follow(enum ecr_state from, enum ecr_state to)
{
	switch (from) {
	case ECR_STATE_IDLE:
		return to == ECR_STATE_DISCOVERING;
	case ECR_STATE_DISCOVERING:
		return to == ECR_STATE_AWAITING_PREOP || to == ECR_STATE_IDLE;
	case ECR_STATE_AWAITING_PREOP:
		return to != ECR_STATE_DISCOVERING && to != ECR_STATE_RECOVERING;
	default:
		return to != ECR_STATE_DISCOVERING && to != ECR_STATE_AWAITING_PREOP;
	}
}

static void check_state(struct world *world, const struct ecr_event *event)
{
	enum ecr_state from = (enum ecr_state)event->from;
	enum ecr_state to = (enum ecr_state)event->to;

	if (from != world->state)
		world_complain(world, "a state change starts at %s, the last one ended at %s",
			       ecr_state_name(from), ecr_state_name(world->state));
	if (!may_follow(from, to))
		world_complain(world, "%s follows %s", ecr_state_name(to), ecr_state_name(from));
	if (to == ECR_STATE_IDLE && from != ECR_STATE_DISCOVERING &&
	    from != ECR_STATE_AWAITING_PREOP && !world->stopping) {
		world->restart = world_ended_by_lock(world);
		if (!world->restart)
			world_complain(world, "the session has ended by itself");
	}
	if (world->strict)
		world_complain(world, "%s though nothing happens", ecr_state_name(to));
	if (to == ECR_STATE_OPERATIONAL && !world->first_up)
		world->first_up = world->ring.now - world->began;
	if (to == ECR_STATE_DISCOVERING)
		world_forget_strangers(world, true);
	world->state = to;
	world->state_since = world->ring.now;
}

/* Nobody is said to be lost who is not. */
static void check_blame(struct world *world, const struct ecr_event *event)
{
	ecr_time window = 2 * world_patience(world) + LATE_NEWS;
	ecr_time now = world->ring.now;

	world_note_down(world, event->slave);
	if (now - world->slaves[event->slave].trouble > window && now - world->disturbed > window &&
	    now - world->paused > window)
		world_complain(world, "%s is said to be down, and is not",
			       world->plan.names[event->slave]);
}

static bool of_faults(enum ecr_event_kind kind)
{
	return kind == ECR_EVENT_SLAVE_DOWN || kind == ECR_EVENT_SLAVE_HEALTH_FAULT ||
	       kind == ECR_EVENT_SLAVE_FAULT_CHANGED || kind == ECR_EVENT_SLAVE_STARTUP_RETRY ||
	       kind == ECR_EVENT_DOMAIN_CYCLE_INVALID || kind == ECR_EVENT_DOMAIN_TRANSPORT_MISS ||
	       kind == ECR_EVENT_DOMAIN_STOPPED || kind == ECR_EVENT_DOMAIN_DEGRADED ||
	       kind == ECR_EVENT_BUS_TIMEOUT;
}

void world_check_event(struct world *world, const struct ecr_event *event)
{
	world_mix(world, (uint64_t)event->kind << 48 | (uint64_t)(uint16_t)event->slave << 32 |
				 (uint64_t)(uint16_t)event->domain << 16 | (uint16_t)event->to);
	world_mix(world, (uint64_t)world->ring.now << 8 | (uint8_t)event->from);
	world_mix(world, (uint64_t)(uint32_t)event->error << 32 | event->expected);
	world_mix(world, event->actual);
	if (world->strict && of_faults(event->kind))
		world_complain(world, "%s though nothing happens", ecr_event_name(event->kind));
	world_check_lock(world, event);
	switch (event->kind) {
	case ECR_EVENT_SLAVE_STRANGER:
		world_check_stranger_event(world, event);
		break;
	case ECR_EVENT_STATE_CHANGED:
		check_state(world, event);
		break;
	case ECR_EVENT_SLAVE_DOWN:
		check_blame(world, event);
		break;
	case ECR_EVENT_DC_LOCK_CHANGED:
		if (event->to == ECR_DC_LOCKED)
			world->reference_since = world->ring.now;
		break;
	case ECR_EVENT_DC_REFERENCE_CHANGED:
		world->reference_since = world->ring.now;
		break;
	case ECR_EVENT_SLAVE_LEFT:
		world_note_down(world, event->slave);
		break;
	case ECR_EVENT_REQUEST_COMPLETED:
		world_completed(world, event->request);
		break;
	default:
		break;
	}
}

/* Anything that frames suffer from, or the way that they take. */
static void look_at_ring(struct world *world)
{
	const struct ecr_sim *sim = world->ring.sim;
	const struct vring *ring = &world->ring;
	/* With no link at all what is due waits for one; it comes before the slave's port lets frames pass. */
	bool unlinked = (ring->two_ports || ring->watches_links) && !ecr_sim_link(sim, 0) &&
			!ecr_sim_link(sim, 1);
	uint64_t way = 0;

	if (unlinked)
		world->unlinked = ring->now;
	if (unlinked || (sim->routes[0].exit == SIM_NOBODY && sim->routes[1].exit == SIM_NOBODY))
		world->silent = ring->now;
	for (int port = 0; port < 2; port++)
		way = way * 1000 +
		      (uint64_t)(sim->routes[port].count * 4 + 1 + sim->routes[port].exit);
	if (unlinked || way != world->way || ring->lost_ppm || ring->lost_back_ppm ||
	    ring->duplicated_ppm || ring->late_ppm || ring->corrupt_ppm || ring->bad_cable_ppm ||
	    sim->corrupt.slave != SIM_NOBODY)
		world->disturbed = ring->now;
	world->way = way;
	for (int i = 0; i < sim->fault_count; i++)
		if (sim->faults[i].active &&
		    (sim->faults[i].fault.kind >= ECR_SIM_TRUNCATE ||
		     sim->faults[i].fault.kind <= ECR_SIM_LOGICAL_WKC_OFFSET))
			world->disturbed = ring->now;
}

static bool is_well(const struct world *world, int slave)
{
	const struct sim_esc *esc = &world->ring.sim->slaves[slave];

	return !esc->off && world_reachable(world, slave) && world_is_itself(world, slave) &&
	       !(sim_al_status(esc) & ECR_AL_ERROR) && !esc->refusal && !esc->stuck;
}

/* In PREOP who is to stay there is left alone unless it is asked for, as docs/manual.md says. */
static bool is_steady(const struct world *world)
{
	struct ecr_core *core = world->ring.core;

	return ecr_master_tends(core) &&
	       (core->target != ECR_TARGET_PREOP || core->config->watch_held ||
		!ecr_master_nothing_activatable(core));
}

/* Of a mailbox that answers late: what is configured in PREOP has no limit but each answer's, as docs/manual.md has it. */
static bool takes_its_time(const struct world *world, int slave, uint8_t truth)
{
	return truth < ECR_AL_OP &&
	       world->ring.sim->slaves[slave].device.habits.answer_ns > ECR_MS(5);
}

/* Of whoever has its station: where nothing is checked any device is taken for one that must be there and is not. */
static uint8_t truth_there(const struct world *world, int slave)
{
	int devices = world->plan.count + world->plan.strangers;
	uint8_t truth = world_truth(world, slave);
	bool any = slave < world->plan.fixed && !world->plan.slaves[slave].check &&
		   !(truth && world_is_itself(world, slave));

	for (int i = 0; i < devices && any; i++)
		if (i != slave && world_taken_for(world, i) == slave)
			return world_truth(world, i);
	return truth;
}

/* A state that is believed and not true is found out. */
static void check_belief(struct world *world, int slave)
{
	const struct ecr_slave *belief = &world->ring.core->slaves[slave];
	struct world_slave *known = &world->slaves[slave];
	uint8_t truth = truth_there(world, slave);
	ecr_time more = world->ring.core->target == ECR_TARGET_PREOP ? LATE_NEWS : 0;

	if (!is_well(world, slave) || truth != belief->al_state || truth != known->al_state ||
	    takes_its_time(world, slave, truth))
		known->trouble = world->ring.now;
	known->al_state = truth;
	if (truth >= ECR_AL_SAFEOP && (belief->al_state < ECR_AL_SAFEOP || belief->down))
		known->uncounted = world->ring.now;
	if (!is_steady(world) || belief->down || belief->activity != ECR_ACTIVITY_NONE ||
	    belief->fault.kind != ECR_FAULT_NONE || truth >= belief->al_state)
		known->believed_ok = world->ring.now;
	/* What does not come back says nothing of anybody for so long, as docs/manual.md has it. */
	if (world->ring.now - world->silent < ECR_SILENCE_NS)
		more += ECR_SILENCE_NS;
	if (world_too_long(world, known->believed_ok, more))
		world_complain(world, "%s is believed to be in state %d, and is in %d",
			       world->plan.names[slave], belief->al_state, truth);
}

/* On its way back what was written since it was lost counts, however often it begins anew. */
static bool is_on_its_way(const struct world *world, int slave)
{
	const struct ecr_slave *belief = &world->ring.core->slaves[slave];

	return belief->down || belief->lost || belief->arriving;
}

/* Power that went, and comes back, takes the outputs away. */
static void note_restart(struct world *world, int slave)
{
	const struct sim_esc *esc = &world->ring.sim->slaves[slave];
	bool without = esc->off || !esc->face->station;

	if (without && !world->slaves[slave].without && !is_on_its_way(world, slave))
		world_note_down(world, slave);
	/* Without power it has forgotten its inputs, too. */
	if (!without && world->slaves[slave].without)
		world->inputs.next_at = world->ring.now;
	world->slaves[slave].without = without;
}

/*
 * The application has asked for less: until that is reached the state is the one before, as docs/manual.md says, however
 * long a slave that does not react is waited for.
 */
static bool is_leaving(const struct world *world)
{
	enum ecr_phase phase = world->ring.core->phase;

	return phase == ECR_PHASE_LOWER || phase == ECR_PHASE_STOPPING;
}

static void check_operational(struct world *world)
{
	bool whole = true;

	for (int i = 0; i < world->plan.count; i++)
		whole = whole && (!is_mapped(world, i) || world_truth(world, i) == ECR_AL_OP ||
				  world->ring.core->slaves[i].fault.kind != ECR_FAULT_NONE ||
				  world->ring.core->slaves[i].absent ||
				  world->ring.core->slaves[i].arriving);
	if (whole || world->state != ECR_STATE_OPERATIONAL || is_leaving(world))
		world->unlike = world->ring.now;
	if (world_too_long(world, world->unlike, 0))
		world_complain(world, "operational is what the session says, and not what is true");
}

/* A reply that comes when nobody waits for it any more is as good as lost; the first of such faults strikes them all. */
static bool loses_replies(const struct world *world)
{
	const struct ecr_sim *sim = world->ring.sim;

	for (int i = 0; i < sim->fault_count; i++) {
		const struct ecr_sim_fault *fault = &sim->faults[i].fault;

		if (sim->faults[i].active && fault->kind >= ECR_SIM_TRUNCATE)
			return fault->kind != ECR_SIM_DELAY ||
			       fault->value >= world->ring.core->bus.frame_timeout;
	}
	return sim->drops > 0;
}

/* Nothing comes back that would tell which way it took. */
static bool hears_nothing(const struct world *world)
{
	const struct ecr_sim *sim = world->ring.sim;

	return (sim->routes[0].exit == SIM_NOBODY && sim->routes[1].exit == SIM_NOBODY) ||
	       loses_replies(world);
}

static void check_split(struct world *world)
{
	const struct ecr_sim *sim = world->ring.sim;
	const struct ecr_bus *bus = &world->ring.core->bus;
	bool split = sim->routes[0].exit != 1;
	bool told = bus->split || !bus->port_up[0] || !bus->port_up[1];
	/* In PREOP nobody is polled: but for error counters, once a second, nothing is sent. */
	ecr_time unasked = world->ring.core->target == ECR_TARGET_PREOP ? ECR_S(1) : 0;

	if (!world->ring.two_ports || split == told || hears_nothing(world) ||
	    world->state == ECR_STATE_IDLE || world->state == ECR_STATE_DISCOVERING)
		world->split_unlike = world->ring.now;
	if (world_too_long(world, world->split_unlike, LATE_NEWS + unasked))
		world_complain(world, split ? "the ring is broken, and is said to be sound"
					    : "the ring is sound, and is said to be broken");
}

/* None is left out, but for those that were due while the host stood still. */
static void check_cycles(struct world *world)
{
	const struct ecr_core *core = world->ring.core;
	bool paused = world->ring.now - world->paused < CATCH_UP;

	for (int i = 0; i < core->domain_count; i++) {
		uint64_t skipped = core->domains[i].skipped;

		if (skipped > world->skipped[i] && !paused)
			world_complain(world, "a cycle was left out");
		world->skipped[i] = skipped;
	}
}

void world_check_truth(struct world *world)
{
	struct ecr_core *core = world->ring.core;

	look_at_ring(world);
	world_note_states(world);
	for (int i = 0; i < world->plan.count && i < core->slave_count && !world_over(world); i++) {
		note_restart(world, i);
		check_belief(world, i);
	}
	world_note_strangers(world);
	check_operational(world);
	check_split(world);
	if (world->ring.line.overflows)
		world_complain(world, "more frames in flight than the wire holds");
	if (core->events_lost)
		world_complain(world, "events were lost");
	check_cycles(world);
}

/* Cyclic frames begin at their deadline, to the nanosecond; and without a session there are none at all. */
void world_check_frame(struct world *world, const uint8_t *frame, size_t length)
{
	const struct vring *ring = &world->ring;
	uint8_t command;

	world_mix(world, (uint64_t)ring->now << 12 | length);
	for (size_t i = 0; i + 8 <= length; i += 8)
		world_mix(world, ecr_le64(frame + i));
	if (world->state == ECR_STATE_IDLE)
		world_complain(world, "a frame is sent, and nothing was started");
	command = length > ECR_FRAME_HEADER_SIZE ? frame[ECR_FRAME_HEADER_SIZE] : 0;
	if (command < ECR_CMD_LRD || command > ECR_CMD_LRW || ring->now - world->asked < JUST)
		return;
	/* A cycle that was due while the host stood still, or without a link, goes out behind that, and may reach into
	 * the next one. */
	if (ring->line.last_start != ring->now && ring->now - world->paused > JUST &&
	    ring->now - world->unlinked > JUST)
		world_complain(world, "a cyclic frame has to wait for the wire");
	/* What was due while the link was down goes out with it, and the session may have been asked for another deadline
	 * since. */
	if (world->deadline > ring->now && ring->now - world->unlinked > CATCH_UP)
		world_complain(world, "a cyclic frame comes before its time");
	if (world->deadline < ring->now && ring->now - world->paused > CATCH_UP &&
	    ring->now - world->disturbed > ECR_MS(50))
		world_complain(world, "a cyclic frame is late");
}

static bool nothing_left(const struct ecr_core *core)
{
	return !core->bus.flying && !core->bus.queue[0].first && !core->bus.queue[1].first &&
	       !core->bus.finished.first && !core->waiting && !core->completed && !core->services;
}

/* After the stop. */
void world_check_end(struct world *world)
{
	const struct ecr_core *core = world->ring.core;

	if (!nothing_left(core))
		world_complain(world, "the session is over, and something is still under way");
	for (int i = 0; i < world->plan.count; i++)
		if (world_reachable(world, i) && world_truth(world, i) != ECR_AL_INIT)
			world_complain(world, "%s is left in state %d", world->plan.names[i],
				       world_truth(world, i));
	world_mix(world, (uint64_t)core->bus.info.frames_sent);
	world_mix(world, (uint64_t)core->bus.info.frames_lost);
}
