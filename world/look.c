/* SPDX-License-Identifier: Apache-2.0 */
/* Checkers that look now and then: what slaves have been told, and whether everything is explained. */
#include "world/inner.h"

#include <string.h>

#define EXPLAINED ECR_MS(300) /* how late an explanation may be, beside the polls */

/* Whether a device has what is written to a slave before it operates. */
static bool was_told(struct world *world, int device, int slave)
{
	const struct world_startup *startup = &world->plan.startups[slave];
	uint8_t there[WORLD_BLOCK];

	for (int i = 0; startup->writes[i].index; i++) {
		const struct ecr_sdo_write *write = &startup->writes[i];
		int size = ecr_sim_read_object(world->ring.sim, device, write->index,
					       write->subindex, there, sizeof(there));

		if (size < (int)write->size || memcmp(there, startup->blocks[i], write->size) != 0)
			return false;
	}
	return true;
}

/* A spare part that nobody has seen before may be taken for another of its kind, which is missing. */
static void check_startup(struct world *world, int slave)
{
	if (sim_al_status(&world->ring.sim->slaves[slave]) != ECR_AL_OP ||
	    was_told(world, slave, slave) ||
	    (!world_is_own(world, slave) && was_told(world, slave, world_taken_for(world, slave))))
		return;
	world_complain(world, "%s operates without what it is to be told first",
		       world->plan.names[slave]);
}

static bool any_fault(const struct world *world)
{
	for (int i = 0; i < world->ring.core->slave_count; i++)
		if (world->ring.core->slaves[i].fault.kind != ECR_FAULT_NONE)
			return true;
	return false;
}

/* All wait for the clocks, and who asks is told so, or what else is the matter. */
static bool is_held(const struct world *world)
{
	int cause = ecr_master_trouble(world->ring.core).cause;

	return world->state == ECR_STATE_ACTIVATION_BLOCKED && world->plan.config.dc.await_lock &&
	       world->ring.core->dc.lock.state != ECR_DC_LOCKED &&
	       (cause == ECR_ERR_DC_LOCK_TIMEOUT || cause == ECR_ERR_DC_LOCK_UNAVAILABLE ||
		any_fault(world));
}

static bool is_explained(const struct world *world, int number)
{
	const struct ecr_core *core = world->ring.core;
	const struct ecr_slave *slave = &core->slaves[number];
	/* While all wait for the clocks they are to be in PREOP. */
	bool waits = core->phase == ECR_PHASE_LOCK && slave->al_state == ECR_AL_PREOP;
	bool there = slave->al_state == ECR_AL_OP || slave->target == ECR_TARGET_PREOP;

	return there || waits || !ecr_master_tends(core) || core->target != ECR_TARGET_OP ||
	       slave->activity != ECR_ACTIVITY_NONE || slave->fault.kind != ECR_FAULT_NONE ||
	       slave->absent || slave->arriving || slave->unfed_since != ECR_NEVER ||
	       is_held(world);
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
	world_check_clocks(world);
	world_check_strangers(world);
	for (int i = 0; i < world->ring.core->slave_count && !world_over(world); i++) {
		check_startup(world, i);
		check_explained(world, i);
	}
}
