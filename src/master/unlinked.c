/* SPDX-License-Identifier: Apache-2.0 */
/* A link that stays down: what is to be thought of the slaves behind it. */
#include "master/master.h"

/* While nobody is polled it stays to be heeded. */
static bool is_due(const struct ecr_core *core)
{
	return core->unlinked_at != ECR_NEVER && ecr_master_tends(core);
}

/* Questions wait for a link, and nobody would ever be found silent: as on a line on which nothing comes back. */
void ecr_master_heed_link(struct ecr_core *core)
{
	if (!is_due(core) || core->now - core->unlinked_at < ECR_SILENCE_NS)
		return;
	core->unlinked_at = ECR_NEVER;
	for (int i = 0; i < core->slave_count; i++) {
		struct ecr_slave *slave = &core->slaves[i];

		if (!ecr_job_running(&slave->poll))
			continue;
		ecr_job_cancel(&core->runner, &slave->poll);
		slave->poll.result = ECR_ERR_TIMEOUT;
		ecr_master_poll_ended(core, slave);
	}
}

void ecr_master_linked(struct ecr_core *core)
{
	if (core->unlinked_at != ECR_NEVER)
		core->preop_deadline += core->now - core->unlinked_at;
	core->unlinked_at = ECR_NEVER;
}

/* Whoever was left alone in PREOP is asked from now on, and the link that is down has been heeded when nobody was. */
void ecr_master_heed_link_anew(struct ecr_core *core)
{
	if (!core->bus.up && core->unlinked_at == ECR_NEVER)
		core->unlinked_at = core->now;
}

ecr_time ecr_master_link_wake(const struct ecr_core *core)
{
	return is_due(core) ? core->unlinked_at + ECR_SILENCE_NS : ECR_NEVER;
}
