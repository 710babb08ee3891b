/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A slave that joins while others cycle reaches SAFEOP with its FMMUs switched off; they are switched
 * on together, in one frame, so that the working counter grows at a known moment.
 */
#include "slave/slave.h"

enum { LINK_FMMUS };

static struct ecr_verdict link_fmmus(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = ecr_container_of(job, struct ecr_slave, job);

	if (answer || !slave->plan.fmmu_count) {
		slave->linked = true;
		return ecr_done();
	}
	for (int i = 0; i < slave->plan.fmmu_count; i++) {
		uint32_t address = ecr_address_station(
			slave->station, (uint16_t)(ECR_REG_FMMU(i) + ECR_FMMU_ACTIVATE));

		ecr_job_write(job, ECR_CMD_FPWR, address, 1)[0] = slave->plan.fmmu[i].enable;
	}
	return ecr_ask();
}

const struct ecr_step ecr_link_steps[] = {
	[LINK_FMMUS] = { "link.fmmus", link_fmmus, .wkc = 1, .tries = 3, .on_loss = ECR_ASK_AGAIN },
};
