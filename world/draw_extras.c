/* SPDX-License-Identifier: Apache-2.0 */
/* Devices behind those that are configured: nobody has said anything of them, and on a ring frames pass them, too. */
#include "world/draw.h"

#include <stdio.h>

static void draw_trouble(struct world_plan *plan, struct ecr_prng *prng)
{
	static const enum ecr_sim_fault_kind kinds[] = { ECR_SIM_POWER_CYCLE, ECR_SIM_POWER_OFF,
							 ECR_SIM_DISCONNECT, ECR_SIM_BREAK,
							 ECR_SIM_AL_ERROR };
	struct world_entry entry = { .kind = WORLD_FAULT };

	entry.fault.slave = plan->count + (int)ecr_prng_below(prng, (uint32_t)plan->strangers);
	entry.fault.kind = kinds[ecr_prng_below(prng, 5)];
	world_draw_when(plan, prng, &entry);
	entry.fault.lasts = entry.lasts;
	world_add_entry(plan, &entry);
}

/* Whoever is missing at the start would have another in its place, and only a serial number tells them apart. */
void world_draw_extras(struct world_plan *plan, struct ecr_prng *prng)
{
	int wanted = (int)ecr_prng_between(prng, 1, WORLD_STRANGERS);
	int troubles = (int)ecr_prng_below(prng, 5);

	plan->features |= WORLD_EXTRAS;
	world_draw_serials(plan);
	for (int k = 0; k < wanted; k++) {
		int i = plan->count + plan->strangers++;

		world_draw_device(plan, prng, i);
		snprintf(plan->names[i], sizeof(plan->names[i]), "x%u", (unsigned int)k % 10);
		plan->devices[i].parent = i;
		plan->devices[i].parent_port = 1;
	}
	for (int k = 0; k < troubles; k++)
		draw_trouble(plan, prng);
}
