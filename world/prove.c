/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Faults of one slave in a ring that is well: among many at once the session may be late with its news, here it may not.
 * One of three worlds loses a slave, one has a slave that falls back and refuses OP.
 */
#include "world/course.h"
#include "world/draw.h"

#define REFUSED ECR_S(5) /* until it was brought up once more, and has refused */
#define CODE 29		 /* of the SyncManager for outputs, as AL status code */
#define DEGRADED 3 /* bad cycles, and periods until inputs are stale, as docs/manual.md says */

static bool operates(const struct world *world, int slave)
{
	const struct ecr_slave *belief = &world->ring.core->slaves[slave];

	return belief->mapped && belief->al_state == ECR_AL_OP && !belief->down &&
	       !belief->arriving && belief->fault.kind == ECR_FAULT_NONE &&
	       world_truth(world, slave) == ECR_AL_OP;
}

/* Who must be there and operates, from `first` on; -1: nobody. */
static int pick(const struct world *world, int first)
{
	struct ecr_prng prng = world_prng(world->plan.seed, 25);
	int found[WORLD_SLAVES];
	uint32_t count = 0;

	for (int i = first; i < world->plan.fixed; i++)
		if (operates(world, i))
			found[count++] = i;
	return count ? found[ecr_prng_below(&prng, count)] : -1;
}

static const struct ecr_domain *domain_of(const struct world *world, int slave, uint32_t number)
{
	struct ecr_core *core = world->ring.core;

	return &core->domains[core->plan.placements[core->slaves[slave].first_placement + number]
				      .domain];
}

static void must_be_degraded(struct world *world, int slave)
{
	for (uint32_t i = 0; i < world->ring.core->slaves[slave].placements; i++)
		if (!world_over(world) && !domain_of(world, slave, i)->degraded)
			world_complain(world, "cycles lack %s, and domain %s is not degraded",
				       world->plan.names[slave],
				       domain_of(world, slave, i)->config->id);
}

static ecr_time longest_period(const struct world *world)
{
	ecr_time longest = 0;

	for (int i = 0; i < world->plan.domain_count; i++)
		if (world->ring.core->domains[i].period > longest)
			longest = world->ring.core->domains[i].period;
	return longest;
}

static bool is_fresh(struct world *world, int slave)
{
	for (uint32_t i = 0; i < world->ring.core->slaves[slave].placements; i++)
		if (domain_of(world, slave, i)->config->all_or_nothing)
			return true;
	return vring_slave(&world->ring, world->plan.names[slave]).pdo_health == ECR_PDO_FRESH;
}

/* The first of those who operate whose inputs are not as new as they should be; -1: none. */
static int stale_one(struct world *world)
{
	for (int i = 0; i < world->plan.count; i++)
		if (operates(world, i) && !is_fresh(world, i))
			return i;
	return -1;
}

/* Once it is known who is missing the others' inputs are published again, as docs/manual.md says. */
static void must_be_blamed_alone(struct world *world, int slave, ecr_time end)
{
	const struct ecr_slave *belief = &world->ring.core->slaves[slave];
	int stale;

	/* Found out at once, and already taken up again where another like it stands behind. */
	while (!world_over(world) && !belief->down && belief->fault.kind == ECR_FAULT_NONE) {
		world_go_on_until(world, world->ring.now + WORLD_LOOK);
		if (world->ring.now > end)
			world_complain(world, "%s is lost, and nobody has noticed",
				       world->plan.names[slave]);
	}
	/* So long what was read before is fresh. */
	world_go_on_until(world, world->ring.now + (DEGRADED + 1) * longest_period(world));
	while (!world_over(world) && (stale = stale_one(world)) >= 0) {
		world_go_on_until(world, world->ring.now + WORLD_LOOK);
		if (world->ring.now > end)
			world_complain(world, "inputs of %s stay stale when %s is lost",
				       world->plan.names[stale], world->plan.names[slave]);
	}
}

static void inject(struct world *world, const struct ecr_sim_fault *fault, const char *what)
{
	ecr_sim_inject(world->ring.sim, world->ring.now, fault);
	world_say(world, "-- %s %s", world->plan.names[fault->slave], what);
}

static void end_faults(struct world *world)
{
	ecr_sim_clear_faults(world->ring.sim);
	world_say(world, "-- and nothing is wrong any more");
	if (!world_over(world))
		world_come_back(world);
}

/* Not the first one: without any link there are no cycles. */
static void prove_lost(struct world *world)
{
	struct ecr_sim_fault fault = { .kind = ECR_SIM_DISCONNECT, .slave = pick(world, 1) };
	ecr_time end = world->ring.now + world_patience(world);

	if (fault.slave < 0)
		return;
	inject(world, &fault, "is disconnected");
	world_go_on_until(world, world->ring.now + (DEGRADED + 2) * longest_period(world) +
					 2 * world->ring.core->bus.frame_timeout);
	must_be_degraded(world, fault.slave);
	must_be_blamed_alone(world, fault.slave, end);
	end_faults(world);
}

static void prove_refused(struct world *world)
{
	struct ecr_sim_fault fault = {
		.kind = ECR_SIM_REFUSE, .slave = pick(world, 0), .command = ECR_AL_OP, .value = CODE
	};
	ecr_time end = world->ring.now + world_patience(world) + REFUSED;

	if (fault.slave < 0)
		return;
	inject(world, &fault, "refuses OP");
	fault = (struct ecr_sim_fault){ .kind = ECR_SIM_RETREAT, .slave = fault.slave };
	inject(world, &fault, "falls back to SAFEOP");
	while (!world_over(world) && world->ring.core->slaves[fault.slave].fault.al_code != CODE) {
		world_go_on_until(world, world->ring.now + WORLD_LOOK);
		if (world->ring.now > end)
			world_complain(world, "%s refuses OP, and its code is not told",
				       world->plan.names[fault.slave]);
	}
	end_faults(world);
}

void world_prove_faults(struct world *world)
{
	struct ecr_prng prng = world_prng(world->plan.seed, 24);
	uint32_t which = ecr_prng_below(&prng, 3);

	if (world->state != ECR_STATE_OPERATIONAL || which > 1)
		return;
	if (world->plan.config.dc.lock_policy == ECR_DC_FATAL) /* either may be the end */
		return;
	if (which)
		prove_refused(world);
	else
		prove_lost(world);
}
