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

	entry.fault.slave = world_first_extra(plan) +
			    (int)ecr_prng_below(prng, (uint32_t)world_extra_count(plan));
	entry.fault.kind = kinds[ecr_prng_below(prng, 5)];
	world_draw_when(plan, prng, &entry);
	entry.fault.lasts = entry.lasts;
	world_add_entry(plan, &entry);
}

/* Behind the last one, at a port that no tool has for its own; 0: there is none. On a ring that is on the way, where no tool is. */
static int free_port(struct world_plan *plan, struct ecr_prng *prng)
{
	uint32_t at;

	if (!world_has(plan, WORLD_HOT))
		return 1;
	at = world_has(plan, WORLD_RING) ? 0 : ecr_prng_below(prng, 3);
	for (uint32_t i = 0; i < 3; i++) {
		int port = (int)((at + i) % 3 + 1);

		if (world_take_socket(plan, prng, (struct world_socket){ plan->fixed - 1, port }))
			return port;
	}
	return 0;
}

static void draw_extra(struct world_plan *plan, struct ecr_prng *prng, int number, int port)
{
	int i = plan->count + plan->strangers++;

	world_draw_device(plan, prng, i);
	snprintf(plan->names[i], sizeof(plan->names[i]), "x%u", (unsigned int)number % 10);
	plan->devices[i].parent = number ? i : plan->fixed;
	plan->devices[i].parent_port = number ? 1 : (uint8_t)port;
}

/* Whoever is missing at the start would have another in its place, and only a serial number tells them apart. */
void world_draw_extras(struct world_plan *plan, struct ecr_prng *prng)
{
	int wanted = (int)ecr_prng_between(prng, 1, WORLD_BEHIND);
	int troubles = (int)ecr_prng_below(prng, 5);
	int port = free_port(plan, prng);

	if (!port)
		return;
	plan->features |= WORLD_EXTRAS;
	world_draw_serials(plan);
	for (int k = 0; k < wanted; k++)
		draw_extra(plan, prng, k, port);
	for (int k = 0; k < troubles; k++)
		draw_trouble(plan, prng);
}
