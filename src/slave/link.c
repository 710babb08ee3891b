/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A slave that joins while others cycle reaches SAFEOP with its FMMUs switched off; they are switched
 * on together, in one frame, so that the working counter grows at a known moment. Those of one that
 * fell below SAFEOP are switched off: what it adds would stand for another that has just gone.
 */
#include "slave/slave.h"

enum { LINK_FMMUS };

struct ecr_verdict ecr_slave_switch_fmmus(struct ecr_slave *slave, struct ecr_job *job, bool on)
{
	for (int i = 0; i < slave->plan.fmmu_count; i++) {
		uint32_t address = ecr_address_station(
			slave->station, (uint16_t)(ECR_REG_FMMU(i) + ECR_FMMU_ACTIVATE));

		ecr_job_write(job, ECR_CMD_FPWR, address, 1)[0] =
			(uint8_t)(on ? slave->plan.fmmu[i].enable : 0);
	}
	return ecr_ask();
}

static struct ecr_verdict link_fmmus(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = ecr_container_of(job, struct ecr_slave, job);

	if (!answer && slave->plan.fmmu_count)
		return ecr_slave_switch_fmmus(slave, job, true);
	slave->linked = true;
	return ecr_done();
}

const struct ecr_step ecr_link_steps[] = {
	[LINK_FMMUS] = { "link.fmmus", link_fmmus, .wkc = 1, .tries = 3, .on_loss = ECR_ASK_AGAIN },
};

static struct ecr_verdict unlink_fmmus(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = ecr_container_of(job, struct ecr_slave, job);

	if (!answer && slave->plan.fmmu_count)
		return ecr_slave_switch_fmmus(slave, job, false);
	slave->linked = slave->may_count = false;
	return ecr_done();
}

const struct ecr_step ecr_unlink_steps[] = {
	[LINK_FMMUS] = { "unlink.fmmus", unlink_fmmus, .wkc = 1, .tries = 3,
			 .on_loss = ECR_ASK_AGAIN },
};
