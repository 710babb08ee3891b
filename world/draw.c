/* SPDX-License-Identifier: Apache-2.0 */
/* What all who draw need: numbers, spans of time, a place in the order of what happens. */
#include "world/draw.h"

#include <string.h>

struct ecr_prng world_prng(uint64_t seed, uint64_t subject)
{
	struct ecr_prng prng = { seed * 0x9E3779B97F4A7C15u + subject };

	prng.state = ecr_prng_next(&prng);
	return prng;
}

ecr_time world_draw_span(struct ecr_prng *prng)
{
	return (ecr_time)(ECR_US(500) << ecr_prng_below(prng, 11)) +
	       (ecr_time)ecr_prng_below(prng, 500000);
}

void world_draw_when(const struct world_plan *plan, struct ecr_prng *prng,
		     struct world_entry *entry)
{
	entry->at = (ecr_time)ecr_prng_below(prng, (uint32_t)plan->chaos);
	entry->lasts = world_draw_span(prng);
}

void world_add_entry(struct world_plan *plan, const struct world_entry *entry)
{
	int at = plan->entry_count;

	if (at == WORLD_ENTRIES)
		return;
	while (at && plan->entries[at - 1].at > entry->at)
		at--;
	memmove(&plan->entries[at + 1], &plan->entries[at],
		(size_t)(plan->entry_count - at) * sizeof(*entry));
	plan->entries[at] = *entry;
	plan->entry_count++;
}
