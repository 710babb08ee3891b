/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which working counter every datagram of the plan must come back with, for the states in which its
 * slaves are now, and whose inputs it brings. Looked at when a slave's state changes, not in the
 * cycle.
 */
#include "master/master.h"

#include <string.h>

/* An optional one, whose cycles are whole with and without it. */
static bool is_joining(const struct ecr_slave *slave)
{
	return slave->optional && slave->activity == ECR_ACTIVITY_LINK;
}

/* What a slave is to the counters. */
enum standing {
	STANDING_OUT,
	STANDING_READY,	   /* it counts */
	STANDING_DOUBTFUL, /* it is below SAFEOP, or on its way, and may count */
	STANDING_AWAY,	   /* it is thought to be missing, and may be back unseen */
};

/*
 * What each datagram must come back with, counting the slaves that are in SAFEOP or OP now: per
 * slave and datagram +1 for inputs, +2 for outputs with LRW, +1 with LRD and LWR, however many
 * FMMUs match (ETG.1000.4, 5.4.3). Once every mapped slave has been there the full count holds, so
 * that one that leaves is noticed.
 */
static void count_placement(struct ecr_domain *domain, const struct ecr_placement *placement,
			    enum standing standing, const struct ecr_placement *before)
{
	bool ready = standing == STANDING_READY;
	bool doubtful = standing == STANDING_DOUBTFUL;
	bool in_full = ready || doubtful || !placement->slave->optional;
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
		chunk->doubtful = chunk->doubtful || doubtful;
		/* An optional slave counts while it is there, or may count: else it would stand for another. */
		chunk->full[at] += in_full ? worth : 0;
		if (standing == STANDING_AWAY) {
			chunk->unsure = true;
			chunk->away[at] += in_full ? 0 : worth;
			/* As long as the domain is not complete cycles are whole without it, and prove nothing either. */
			chunk->doubtful = chunk->doubtful || (in_full && !domain->complete);
		}
		chunk->present[at] += ready ? worth : 0;
		chunk->joining[at] += is_joining(placement->slave) ? worth : 0;
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

static bool is_ready(const struct ecr_slave *slave)
{
	return slave->al_state >= ECR_AL_SAFEOP && !slave->down && slave->linked;
}

/*
 * Its FMMUs are, or may be, on below SAFEOP, and whether its SyncManagers then add to the counter is the
 * device's own affair. While others cycle they are switched off, so that one that stays below does not
 * take the inputs of the others away. While the session is raised nobody brings up one that comes back, so that
 * it may count at any moment.
 */
static bool is_doubtful(const struct ecr_core *core, const struct ecr_slave *slave)
{
	return slave->may_count && !is_ready(slave) && !is_joining(slave) &&
	       (!slave->down || (core->phase != ECR_PHASE_STEADY && !slave->absent));
}

/* As long as counters prove nothing, whoever was lost with its FMMUs on may be back. One that need not be there is not waited
 * for: while the session is raised cycles are right without it, and prove nothing. */
static bool may_be_back(const struct ecr_core *core, const struct ecr_slave *slave)
{
	return slave->may_count && slave->down &&
	       (core->doubted_at != ECR_NEVER || core->phase != ECR_PHASE_STEADY);
}

static enum standing standing_of(const struct ecr_core *core, const struct ecr_slave *slave)
{
	if (is_ready(slave))
		return STANDING_READY;
	if (is_doubtful(core, slave))
		return STANDING_DOUBTFUL;
	return may_be_back(core, slave) ? STANDING_AWAY : STANDING_OUT;
}

/* When the slave last took part in all its datagrams. */
static ecr_time slave_refreshed(const struct ecr_core *core, const struct ecr_slave *slave)
{
	ecr_time oldest = ECR_NEVER;

	for (uint32_t i = 0; i < slave->placements; i++) {
		const struct ecr_placement *placement =
			&core->plan.placements[slave->first_placement + i];
		ecr_time at;

		at = ecr_plan_refreshed(core, placement);
		oldest = at < oldest ? at : oldest;
	}
	return oldest == ECR_NEVER ? -1 : oldest;
}

ecr_time ecr_plan_refreshed(const struct ecr_core *core, const struct ecr_placement *placement)
{
	const struct ecr_domain *domain = &core->domains[placement->domain];
	ecr_time oldest = ECR_NEVER;

	for (uint32_t k = placement->offset / ECR_DOMAIN_CHUNK;
	     k <= (placement->offset + placement->size - 1) / ECR_DOMAIN_CHUNK; k++)
		oldest =
			domain->chunks[k].refreshed < oldest ? domain->chunks[k].refreshed : oldest;
	return oldest >= placement->slave->present_since ? oldest : placement->slave->frozen_at;
}

/* When it was last there for certain: as it came, or when it was asked. */
static ecr_time last_found(const struct ecr_core *core, const struct ecr_slave *slave)
{
	ecr_time found = slave->present_since;

	found = slave->found_at > found ? slave->found_at : found;
	return core->round.proof_at > found ? core->round.proof_at : found;
}

/* Somebody who was thought to be missing may have been counted in its stead, in any of its domains. */
static bool may_be_anothers(const struct ecr_core *core, const struct ecr_slave *slave)
{
	ecr_time found = last_found(core, slave);

	for (uint32_t i = 0; i < slave->placements; i++) {
		ecr_time refreshed = ecr_plan_refreshed(
			core, &core->plan.placements[slave->first_placement + i]);

		if (refreshed >= core->away_since && refreshed <= core->away_until &&
		    refreshed > found)
			return true;
	}
	return false;
}

static ecr_time earlier(ecr_time a, ecr_time b)
{
	return a < b ? a : b;
}

/* What is as old is fresh in no domain. */
static ecr_time stale_since(const struct ecr_core *core)
{
	ecr_time longest = 0;

	for (int i = 0; i < core->domain_count; i++)
		longest = core->domains[i].period > longest ? core->domains[i].period : longest;
	return core->now - ECR_DOMAIN_STALE_PERIODS * longest - 1;
}

/* Of inputs that may be another's nothing is known but that they are not fresh. */
static void keep_stale(const struct ecr_core *core, struct ecr_slave *slave)
{
	if (slave->anothers)
		slave->frozen_at = earlier(slave->frozen_at, stale_since(core));
}

static void freeze(const struct ecr_core *core, struct ecr_slave *slave)
{
	ecr_time refreshed = slave_refreshed(core, slave);
	bool nothing_since = refreshed == slave->frozen_at;

	slave->anothers = may_be_anothers(core, slave) || (slave->anothers && nothing_since);
	slave->frozen_at = refreshed;
	if (slave->anothers)
		slave->frozen_at = earlier(slave->frozen_at, last_found(core, slave));
	keep_stale(core, slave);
}

void ecr_plan_keep_stale(struct ecr_core *core)
{
	for (int i = 0; i < core->slave_count; i++)
		keep_stale(core, &core->slaves[i]);
}

/* A slave that leaves keeps the time of its last inputs; one that comes has none until the next
 * cycle that counts it. */
static void note_presence(struct ecr_core *core, struct ecr_slave *slave)
{
	bool ready = is_ready(slave);

	if (ready == (slave->present_since != ECR_NEVER))
		return;
	if (!ready)
		freeze(core, slave);
	/* What was published at this very instant still went by its absence. */
	slave->present_since = ready ? core->now + 1 : ECR_NEVER;
	core->presence++;
}

static void add_hole(struct ecr_domain *domain, const struct ecr_placement *placement)
{
	if (domain->hole_count < domain->hole_room)
		domain->holes[domain->hole_count++] =
			(struct ecr_hole){ placement->offset * 8 + placement->start_bit,
					   placement->bits };
}

static void clear_counts(struct ecr_domain *domain)
{
	domain->hole_count = 0;
	for (uint32_t k = 0; k < domain->chunk_count; k++) {
		domain->chunks[k].doubtful = domain->chunks[k].unsure = false;
		memset(domain->chunks[k].full, 0, sizeof(domain->chunks[k].full));
		memset(domain->chunks[k].present, 0, sizeof(domain->chunks[k].present));
		memset(domain->chunks[k].joining, 0, sizeof(domain->chunks[k].joining));
		memset(domain->chunks[k].away, 0, sizeof(domain->chunks[k].away));
	}
}

static void settle_counts(struct ecr_domain *domain, bool all)
{
	domain->complete = domain->complete || (all && domain->state == ECR_DOMAIN_CYCLING);
	domain->unsure = false;
	for (uint32_t k = 0; k < domain->chunk_count; k++) {
		struct ecr_chunk *chunk = &domain->chunks[k];

		domain->unsure = domain->unsure || chunk->away[0] || chunk->away[1];
		memcpy(chunk->expected, domain->complete ? chunk->full : chunk->present,
		       sizeof(chunk->expected));
	}
}

void ecr_plan_expected(struct ecr_core *core)
{
	bool all[ECR_DOMAINS_MAX] = { false };

	uint32_t presence = core->presence;
	bool were_away = core->any_away;

	if (were_away)
		core->away_until = core->now;
	core->expected_dirty = core->any_away = false;
	for (int i = 0; i < core->slave_count; i++)
		note_presence(core, &core->slaves[i]);
	for (int i = 0; i < core->domain_count; i++) {
		if (core->presence != presence)
			core->domains[i].counted_at = core->now;
		all[i] = true;
		clear_counts(&core->domains[i]);
	}
	for (uint32_t i = 0; i < core->plan.placement_count; i++) {
		const struct ecr_placement *placement = &core->plan.placements[i];
		struct ecr_domain *domain = &core->domains[placement->domain];
		bool ready = is_ready(placement->slave);

		if (!ready && placement->direction == ECR_INPUT)
			add_hole(domain, placement);
		if (!ecr_slave_activatable(placement->slave))
			continue; /* its FMMUs are off */
		all[placement->domain] =
			all[placement->domain] && (ready || placement->slave->optional);
		core->any_away =
			core->any_away || (placement->slave->may_count && placement->slave->down);
		count_placement(domain, placement, standing_of(core, placement->slave),
				same_before(&core->plan, i));
	}
	if (core->any_away && !were_away)
		core->away_since = core->now;
	for (int i = 0; i < core->domain_count; i++)
		settle_counts(&core->domains[i], all[i]);
}
