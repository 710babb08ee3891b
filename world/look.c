/* SPDX-License-Identifier: Apache-2.0 */
/* Checkers that look now and then: what slaves have been told, and whether everything is explained. */
#include "world/inner.h"

#include <string.h>

/* Locked clocks are within the threshold of what they were told; the delays that both take off are measured
 * in the ticks of all clocks on the way. */
#define CLOCK_TICKS_NS 20

/* Clocks that nobody has configured are held to the time as well, and have no part in the lock. */
#define STRANGERS_APART_NS 1000
/* Where they answer, how far off the others are shows when each was asked, not in the next cycles. */
#define CLOCKS_ROUND ECR_MS(15)

#define EXPLAINED ECR_MS(300) /* how late an explanation may be, beside the polls */

/* Nobody operates without what is written to it before that. */
static void check_startup(struct world *world, int slave)
{
	const struct world_startup *startup = &world->plan.startups[slave];
	uint8_t there[WORLD_BLOCK];

	if (sim_al_status(&world->ring.sim->slaves[slave]) != ECR_AL_OP)
		return;
	for (int i = 0; startup->writes[i].index; i++) {
		const struct ecr_sdo_write *write = &startup->writes[i];
		int size = ecr_sim_read_object(world->ring.sim, slave, write->index,
					       write->subindex, there, sizeof(there));

		if (size < (int)write->size || memcmp(there, startup->blocks[i], write->size) != 0)
			world_complain(world, "%s operates without what it is to be told first",
				       world->plan.names[slave]);
	}
}

static bool is_explained(const struct world *world, int number)
{
	const struct ecr_core *core = world->ring.core;
	const struct ecr_slave *slave = &core->slaves[number];
	bool there = slave->al_state == ECR_AL_OP || slave->target == ECR_TARGET_PREOP;

	return there || core->phase != ECR_PHASE_STEADY || core->target != ECR_TARGET_OP ||
	       slave->activity != ECR_ACTIVITY_NONE || slave->fault.kind != ECR_FAULT_NONE ||
	       slave->absent || slave->arriving || slave->unfed_since != ECR_NEVER;
}

/* A slave that is not where it should be is at fault, and the session says so. */
static void check_explained(struct world *world, int slave)
{
	struct world_slave *known = &world->slaves[slave];

	if (is_explained(world, slave))
		known->as_explained = world->ring.now;
	if (world->ring.now - known->as_explained > world_patience(world) + EXPLAINED)
		world_complain(world, "%s is not where it should be, and nobody says why",
			       world->plan.names[slave]);
}

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

/* Clocks that are said to be locked show the same time; those before the reference are as far off as the
 * master's sending is. */
static void check_clocks(struct world *world)
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
		    clock_shows(world, i, &shown) &&
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

/* Who asks what is the matter is told as long as something is, and no longer. */
static void check_told(struct world *world)
{
	struct ecr_failure failure = ecr_master_trouble(world->ring.core);
	bool trouble = world->state == ECR_STATE_RECOVERING ||
		       world->state == ECR_STATE_ACTIVATION_BLOCKED;

	if (trouble && !failure.error)
		world_complain(world, "%s, and nobody says why", ecr_state_name(world->state));
	if (world->strict && world->state != ECR_STATE_IDLE && failure.error)
		world_complain(world, "%s is told of %s though all is well",
			       ecr_error_name(failure.error), failure.slave);
}

void world_look(struct world *world)
{
	check_told(world);
	check_clocks(world);
	world_check_strangers(world);
	for (int i = 0; i < world->ring.core->slave_count && !world_over(world); i++) {
		check_startup(world, i);
		check_explained(world, i);
	}
}
