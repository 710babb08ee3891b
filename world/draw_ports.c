/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to the master's ports: interfaces that are removed, one or both, and come back. */
#include "world/draw.h"

#define UNNOTICED 60 /* ms, at most, until somebody says that the link is down */

static void draw_removal(const struct world_plan *plan, struct ecr_prng *prng,
			 struct world_entry *entry)
{
	entry->kind = WORLD_REMOVE;
	world_draw_when(plan, prng, entry);
	entry->gap = ecr_prng_below(prng, 2) ? 0 : ECR_MS(ecr_prng_below(prng, UNNOTICED));
	entry->port = world_has(plan, WORLD_RING) ? ecr_prng_below(prng, 2) : 0;
}

/* Both at once, as when a driver is loaded anew, a quarter of the time. */
void world_draw_interface(struct world_plan *plan, struct ecr_prng *prng)
{
	int wanted = (int)ecr_prng_between(prng, 1, 4);

	plan->features |= WORLD_INTERFACE;
	for (int i = 0; i < wanted; i++) {
		struct world_entry entry = { 0 };

		draw_removal(plan, prng, &entry);
		world_add_entry(plan, &entry);
		if (!world_has(plan, WORLD_RING) || ecr_prng_below(prng, 4))
			continue;
		entry.port = 1 - entry.port;
		world_add_entry(plan, &entry);
	}
}
