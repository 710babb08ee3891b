/* SPDX-License-Identifier: Apache-2.0 */
/* What a domain says of itself to whoever asks, and how old its inputs are. */
#include "domain/domain.h"

#include <string.h>

static uint32_t expected_counter(const struct ecr_domain *domain)
{
	uint32_t expected = 0;

	for (uint32_t i = 0; i < domain->chunk_count; i++)
		expected += domain->chunks[i].full[0] + domain->chunks[i].full[1];
	return expected;
}

static int64_t us(ecr_time at)
{
	return at < 0 ? -1 : at / 1000;
}

void ecr_domain_freshness(const struct ecr_domain *domain, ecr_time refreshed, ecr_time now,
			  struct ecr_freshness *freshness)
{
	ecr_time stale_after = domain->period * ECR_DOMAIN_STALE_PERIODS;

	freshness->stale_after_us = stale_after / 1000;
	freshness->refreshed_at_us = us(refreshed);
	freshness->age_us = refreshed < 0 ? -1 : (now - refreshed) / 1000;
	if (refreshed < 0)
		freshness->state = ECR_NOT_READY;
	else
		freshness->state = now - refreshed > stale_after ? ECR_STALE : ECR_FRESH;
}

void ecr_domain_fill_info(const struct ecr_domain *domain, ecr_time now,
			  struct ecr_domain_info *info)
{
	*info = (struct ecr_domain_info){
		.cycle_time_us = domain->period / 1000,
		.cycle_ns = domain->period,
		.state = domain->state,
		.cycle_count = domain->cycle_count,
		.miss_count = domain->miss_count,
		.total_miss_count = domain->total_miss_count,
		.invalid_streak = domain->invalid_streak,
		.skipped = domain->skipped,
		.cycle_health = domain->health,
		.logical_base = domain->logical_base,
		.image_size = domain->size,
		.expected_wkc = expected_counter(domain),
		.actual_wkc = domain->actual_wkc,
		.degraded = domain->degraded,
		.last_cycle_started_at_us = us(domain->last_started),
		.last_cycle_completed_at_us = us(domain->last_completed),
		.last_valid_cycle_at_us = us(domain->last_valid),
		.last_invalid_cycle_at_us = us(domain->last_invalid_at),
		.last_invalid_reason = domain->last_invalid,
		.recovery_threshold = ecr_domain_recovery_threshold(domain),
	};
	memcpy(info->id, domain->id, sizeof(info->id));
	for (uint32_t i = 0; i < domain->chunk_count; i++)
		info->datagrams += domain->chunks[i].separate ? 2 : 1;
	ecr_domain_freshness(domain, domain->last_valid, now, &info->freshness);
}
