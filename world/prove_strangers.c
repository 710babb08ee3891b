/* SPDX-License-Identifier: Apache-2.0 */
/* Where slaves come and go, devices that nobody has configured do, too: nobody suffers, and who has come is told. */
#include "world/course.h"

#define GONE ECR_MS(200) /* until it is known that somebody has left */

static void prove_gone(struct world *world, int number)
{
	world_say(world, "-- %s is pulled out", world->plan.names[number]);
	ecr_sim_unplug(world->ring.sim, world->ring.now, number);
	world_go_on_until(world, world->ring.now + GONE);
	/* On a ring with two ports all are reached by the other one: only who is not there is told anew. */
	world_forget_strangers(world, false);
	world_must_be_well(world, "from a stranger that leaves");
	world_check_listed(world);
}

static void prove_back(struct world *world, int number)
{
	ecr_time end = world->ring.now + WORLD_JOINED;

	world_say(world, "-- and plugged in again");
	ecr_sim_plug_in(world->ring.sim, world->ring.now, number, -1, -1);
	while (!world_over(world) && !world_strangers_told(world)) {
		world_must_be_well(world, "from a stranger that comes");
		if (world->ring.now > end)
			world_complain(world, "%s has come, and nobody has noticed",
				       world->plan.names[number]);
	}
	if (world_strangers_are_tried(world))
		world_go_on_until(world, world->ring.now + WORLD_TRIED);
	world_must_be_well(world, "from a stranger that comes");
	world_check_listed(world);
}

void world_prove_strangers(struct world *world)
{
	int number = world_first_extra(&world->plan);

	if (!world_has(&world->plan, WORLD_HOT) || !world_has(&world->plan, WORLD_EXTRAS) ||
	    world->state != ECR_STATE_OPERATIONAL)
		return;
	prove_gone(world, number);
	if (!world_over(world))
		prove_back(world, number);
}
