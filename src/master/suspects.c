/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which slaves may be the reason for a wrong working counter while everybody answers and is where it
 * should be. Nobody is blamed: a slave is listed when what it adds to the datagram, or a part of it, is
 * just what lacks; when there is no such slave, all of the datagram are.
 */
#include "master/master.h"

#include "base/text.h"

/* What a slave adds to a datagram by its inputs and by its outputs. */
struct share {
	uint32_t in;
	uint32_t out;
};

static struct share share_of(const struct ecr_core *core, const struct ecr_slave *slave,
			     const struct ecr_domain *domain, uint32_t part)
{
	const struct ecr_chunk *chunk = &domain->chunks[part];
	struct share share = { 0 };

	for (uint32_t i = 0; i < slave->placements; i++) {
		const struct ecr_placement *placement =
			&core->plan.placements[slave->first_placement + i];

		if (placement->domain != domain->index ||
		    placement->offset >= chunk->offset + chunk->length ||
		    placement->offset + placement->size <= chunk->offset)
			continue;
		if (placement->direction == ECR_INPUT)
			share.in = 1;
		else
			share.out = chunk->separate ? 1 : 2;
	}
	return share;
}

static uint32_t lacks(const struct ecr_chunk *chunk, int which)
{
	return chunk->actual[which] < chunk->present[which]
		       ? chunk->present[which] - chunk->actual[which]
		       : UINT32_MAX; /* more than there should be, or nothing: no share explains it */
}

/* This slave alone, missing with all or with one direction of its data, would look like that. */
static bool explains(const struct ecr_chunk *chunk, struct share share)
{
	uint32_t first = lacks(chunk, 0);
	bool first_right = chunk->actual[0] == chunk->present[0];
	bool second_right = chunk->actual[1] == chunk->present[1];

	if (chunk->separate)
		return (first_right || (share.in && first == share.in)) &&
		       (second_right || (share.out && lacks(chunk, 1) == share.out));
	return (share.in && first == share.in) || (share.out && first == share.out) ||
	       first == share.in + share.out;
}

static bool is_suspect(const struct ecr_core *core, const struct ecr_slave *slave,
		       const struct ecr_domain *domain, bool narrow)
{
	if (slave->present_since == ECR_NEVER || !ecr_slave_activatable(slave))
		return false;
	for (uint32_t k = 0; k < domain->chunk_count; k++) {
		struct share share = share_of(core, slave, domain, k);

		if (domain->chunks[k].wrong && share.in + share.out &&
		    (!narrow || explains(&domain->chunks[k], share)))
			return true;
	}
	return false;
}

static int list(const struct ecr_core *core, const struct ecr_domain *domain, bool narrow,
		struct ecr_request *request)
{
	struct ecr_suspect *out = request->out;
	struct ecr_text name;
	int count = 0;

	for (int i = 0; i < core->slave_count; i++) {
		const struct ecr_slave *slave = &core->slaves[i];

		if (!is_suspect(core, slave, domain, narrow))
			continue;
		if (count < request->room) {
			out[count].position = slave->position;
			out[count].station = slave->station;
			ecr_text_init(&name, out[count].name, sizeof(out[count].name));
			ecr_text_string(&name, slave->name);
		}
		count++;
	}
	return count;
}

int ecr_master_suspects(struct ecr_core *core, struct ecr_request *request)
{
	const struct ecr_domain *domain = ecr_master_domain(core, request->name);
	int count;

	if (!domain)
		return ECR_ERR_NOT_FOUND;
	if (domain->state != ECR_DOMAIN_CYCLING || domain->health.error != ECR_ERR_WKC_MISMATCH)
		return 0;
	count = list(core, domain, true, request);
	return count ? count : list(core, domain, false, request);
}
