/* SPDX-License-Identifier: Apache-2.0 */
/* How a world goes on, and how long the session may take until it is well again. */
#include "world/course.h"

#define UNDER_WAY ECR_S(1) /* until what the last fault has spoiled is given up */

void world_go_on_until(struct world *world, ecr_time end)
{
	while (world->ring.now < end && !world_over(world)) {
		ecr_time next = world->ring.now + WORLD_LOOK;

		world_happen(world);
		world_application_tick(world);
		if (world_next_happening(world) < next)
			next = world_next_happening(world);
		if (end < next)
			next = end;
		vring_run_until(&world->ring, next);
	}
}

void world_settle(struct world *world, ecr_time calm, ecr_time end)
{
	while (!world_over(world) && !world_settled(world)) {
		world_go_on_until(world, world->ring.now + WORLD_LOOK);
		if (world->ring.now > end && !world_over(world))
			world_complain(world, "%s %.1f s after the last fault: %s",
				       ecr_state_name(world->state), (double)(end - calm) / 1e9,
				       world->missing);
	}
}

/* As long as this ring took when it was started first, whatever happened meanwhile. */
static ecr_time start_up(const struct world *world)
{
	return world->first_up && world->first_up < WORLD_START_UP ? world->first_up
								   : WORLD_START_UP;
}

/* After the last fault: the session is there again within the longest pause between attempts and a start. */
void world_come_back(struct world *world)
{
	ecr_time calm = world->ring.now;
	ecr_time end = calm + WORLD_COME_BACK + start_up(world) + UNDER_WAY;

	if (world_has(&world->plan, WORLD_CLOCKS))
		end += WORLD_CLOCKS_AGREE;
	world_settle(world, calm, end);
}

void world_must_be_well(struct world *world, const char *when)
{
	world_go_on_until(world, world->ring.now + WORLD_BREAK);
	for (int i = 0; i < world->plan.domain_count && !world_over(world); i++) {
		struct ecr_domain_info info = vring_domain(&world->ring, world->plan.domains[i].id);

		if (info.image_size && info.cycle_health.error)
			world_complain(world, "domain %s suffers %s", world->plan.domains[i].id,
				       when);
	}
	if (world->state != ECR_STATE_OPERATIONAL)
		world_complain(world, "the session suffers %s", when);
}
