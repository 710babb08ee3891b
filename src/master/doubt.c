/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A counter is a sum. That it has stayed the same from cycle to cycle says that the same slaves are there as
 * before; the first one behind a silence or behind another counter, or one to which a part of a broken ring has not added,
 * says nothing as long as somebody is missing who may be back unseen, and stand for another that has gone. Then everybody who is thought to be
 * there is asked.
 */
#include "master/master.h"

#define LOOK_NS ECR_MS(1) /* between two looks whether everybody has answered */

void ecr_master_doubt(struct ecr_core *core)
{
	if (core->phase != ECR_PHASE_STEADY)
		return; /* who is missing is in doubt all the time */
	core->doubted_at = core->now;
	ecr_plan_expected(core);
	if (!core->any_away) {
		core->doubted_at = ECR_NEVER;
		return;
	}
	core->attention = true;
	ecr_master_hurry_polls(core, false);
}

static bool is_found(const struct ecr_core *core, const struct ecr_slave *slave)
{
	return slave->present_since == ECR_NEVER || !ecr_job_running(&slave->poll) ||
	       slave->found_at > core->doubted_at || core->round.proof_at > core->doubted_at;
}

void ecr_master_settle_doubt(struct ecr_core *core)
{
	if (core->doubted_at == ECR_NEVER)
		return;
	for (int i = 0; i < core->slave_count; i++) {
		if (is_found(core, &core->slaves[i]))
			continue;
		if (core->retry_at > core->now + LOOK_NS)
			core->retry_at = core->now + LOOK_NS;
		return;
	}
	core->doubted_at = ECR_NEVER;
	core->expected_dirty = true;
}
