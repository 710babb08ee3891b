/* SPDX-License-Identifier: Apache-2.0 */
/* When a lock that was lost is to be judged: clocks that come and go may cost it, for a while. */
#include "master/master.h"

#define DEFAULT_LOCK_MS 5000
#define FOUND_NS ECR_MS(100) /* until it is known who has come or gone, */
#define PARTED_NS \
	ECR_MS(10) /* and that the ring is broken or mended: others' ways are longer or shorter at once */
#define FIRM_NS \
	ECR_MS(500) /* clocks that find together swing about each other so slowly, however often they are asked */

ecr_time ecr_clocks_patience(const struct ecr_core *core)
{
	int32_t given = core->config->dc.lock_timeout_ms;

	return ECR_MS(given > 0 ? given : DEFAULT_LOCK_MS);
}

bool ecr_clocks_have_left(const struct ecr_core *core)
{
	bool any = false;

	for (int i = 0; core->dc.clocks && i < core->slave_count; i++) {
		if (core->dc.clocks[i].kind < ECR_CLOCK_32)
			continue;
		if (!core->slaves[i].absent && !core->slaves[i].arriving)
			return false;
		any = true;
	}
	return any;
}

bool ecr_clocks_faulty(const struct ecr_core *core)
{
	return (core->clocks_fail || core->clocks_part) && !ecr_clocks_have_left(core);
}

void ecr_clocks_excuse(struct ecr_core *core, const struct ecr_slave *slave)
{
	const struct ecr_clock *clock = &core->dc.clocks[slave->index];

	/* The others' ways change with any that need not be there. */
	if (slave->optional || clock->kind >= ECR_CLOCK_32)
		core->clocks_excuse = core->now + ecr_clocks_patience(core);
}

/* Whoever does not answer for the clocks, or as their reference, may leave: whether it has is being asked. */
static bool may_be_leaving(const struct ecr_core *core)
{
	const struct ecr_dc *dc = &core->dc;

	if (dc->reference_missed)
		return core->slaves[dc->reference].optional;
	for (int i = 0; i < core->slave_count; i++)
		if (dc->clocks[i].kind >= ECR_CLOCK_32 && !core->slaves[i].optional)
			return false;
	return dc->failures > 0;
}

/* Why it was lost is not known yet. */
static bool may_have_reason(const struct ecr_core *core)
{
	ecr_time known = core->hot ? FOUND_NS : core->bus.redundant ? PARTED_NS : 0;

	return core->now < core->lock_lost_at + known || may_be_leaving(core);
}

bool ecr_clocks_ripe(const struct ecr_core *core)
{
	return core->phase == ECR_PHASE_STEADY && core->target == ECR_TARGET_OP &&
	       (core->config->dc.lock_policy == ECR_DC_ADVISORY ||
		(core->now >= core->clocks_excuse && !may_have_reason(core)));
}

static bool is_fleeting(const struct ecr_core *core)
{
	return core->dc.lock.fleeting || core->now - core->lock_since < FIRM_NS;
}

/*
 * One that slips as soon as it came has not come yet, and the time that it has goes on; so clocks that just do not stay together
 * are judged.
 */
static void note_slip(struct ecr_core *core)
{
	ecr_time until;

	if (!is_fleeting(core) || !core->lock_wanted_since)
		core->lock_wanted_since = core->now;
	until = core->lock_wanted_since + ecr_clocks_patience(core);
	if (is_fleeting(core) && until > core->clocks_excuse)
		core->clocks_excuse = until;
}

/* What has come or gone is no excuse any more when all have agreed for a while since. */
void ecr_clocks_note_lock(struct ecr_core *core, unsigned int news)
{
	ecr_time patience = ecr_clocks_patience(core);

	if (news & ECR_DC_REGAINED_LOCK)
		core->lock_since = core->now;
	if (!(news & ECR_DC_LOST_LOCK))
		return;
	core->lock_lost_at = core->now;
	note_slip(core);
	/* One that is so far off has restarted: it does not part from the others, it is set anew. */
	if (core->dc.lock.max_difference_ns > ECR_DC_NO_STEP_NS)
		core->clocks_excuse = core->now + patience;
	else if (!is_fleeting(core) && core->lock_since > core->clocks_excuse - patience)
		core->clocks_excuse = 0;
}
