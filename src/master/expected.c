/* SPDX-License-Identifier: Apache-2.0 */
/* Which working counter every datagram of the plan must come back with, for the states in which its
 * slaves are now. */
#include "master/master.h"

#include <string.h>

/*
 * What each datagram must come back with, counting the slaves that are in SAFEOP or OP now: per
 * slave and datagram +1 for inputs, +2 for outputs with LRW, +1 with LRD and LWR, however many
 * FMMUs match (ETG.1000.4, 5.4.3). Once every mapped slave has been there the full count holds, so
 * that one that leaves is noticed.
 */
static void count_placement(struct ecr_domain *domain, const struct ecr_placement *placement,
			    bool ready, const struct ecr_placement *before)
{
	bool output = placement->direction == ECR_OUTPUT;

	for (uint32_t k = placement->offset / ECR_DOMAIN_CHUNK;
	     k <= (placement->offset + placement->size - 1) / ECR_DOMAIN_CHUNK; k++) {
		struct ecr_chunk *chunk = &domain->chunks[k];
		int at = chunk->separate && output;
		uint32_t worth = output && !chunk->separate ? 2 : 1;

		/* The slave's other SyncManagers of this direction in this datagram count already.
		 */
		if (before && (before->offset + before->size - 1) / ECR_DOMAIN_CHUNK >= k)
			continue;
		chunk->full[at] += worth;
		chunk->expected[at] += ready ? worth : 0;
	}
}

static const struct ecr_placement *same_before(const struct ecr_plan *plan, uint32_t number)
{
	const struct ecr_placement *placement = &plan->placements[number];

	while (number-- && plan->placements[number].slave == placement->slave)
		if (plan->placements[number].domain == placement->domain &&
		    plan->placements[number].direction == placement->direction)
			return &plan->placements[number];
	return NULL;
}

void ecr_plan_expected(struct ecr_core *core)
{
	bool all[ECR_DOMAINS];

	core->expected_dirty = false;
	for (int i = 0; i < core->domain_count; i++) {
		all[i] = true;
		for (uint32_t k = 0; k < core->domains[i].chunk_count; k++) {
			memset(core->domains[i].chunks[k].full, 0,
			       sizeof(core->domains[i].chunks[k].full));
			memset(core->domains[i].chunks[k].expected, 0,
			       sizeof(core->domains[i].chunks[k].expected));
		}
	}
	for (uint32_t i = 0; i < core->plan.placement_count; i++) {
		const struct ecr_placement *placement = &core->plan.placements[i];
		bool ready = placement->slave->al_state >= ECR_AL_SAFEOP && !placement->slave->down;

		all[placement->domain] = all[placement->domain] &&
					 (ready || !ecr_slave_activatable(placement->slave));
		count_placement(&core->domains[placement->domain], placement, ready,
				same_before(&core->plan, i));
	}
	for (int i = 0; i < core->domain_count; i++) {
		struct ecr_domain *domain = &core->domains[i];

		domain->complete =
			domain->complete || (all[i] && domain->state == ECR_DOMAIN_CYCLING);
		for (uint32_t k = 0; domain->complete && k < domain->chunk_count; k++)
			memcpy(domain->chunks[k].expected, domain->chunks[k].full,
			       sizeof(domain->chunks[k].full));
	}
}
