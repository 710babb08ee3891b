/* SPDX-License-Identifier: Apache-2.0 */
/* Cables that damage what they carry. */
#include "world/draw.h"

struct world_socket world_cable_end(const struct world_plan *plan, int slave, uint32_t end)
{
	const struct ecr_sim_device *device = &plan->devices[slave];

	if (!slave || !end)
		return (struct world_socket){ slave, 0 };
	return (struct world_socket){ device->parent ? device->parent - 1 : slave - 1,
				      device->parent_port ? device->parent_port : 1 };
}

void world_draw_bad_cables(struct world_plan *plan, struct ecr_prng *prng)
{
	int wanted = (int)ecr_prng_between(prng, 1, 4);

	plan->features |= WORLD_BAD_CABLES;
	for (int i = 0; i < wanted; i++) {
		struct world_entry entry = { .kind = WORLD_CABLE };
		int slave = (int)ecr_prng_below(prng, (uint32_t)plan->fixed);

		entry.socket = world_cable_end(plan, slave, ecr_prng_below(prng, 2));
		world_draw_when(plan, prng, &entry);
		entry.chance = 1000000u >> ecr_prng_below(prng, 12);
		world_add_entry(plan, &entry);
	}
}
