/* SPDX-License-Identifier: Apache-2.0 */
/* Health: the AL status, read once per start of this conversation. The master judges what it says. */
#include "slave/slave.h"

#include "base/le.h"

enum { POLL_STATUS };

static struct ecr_verdict poll_status(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = ecr_container_of(job, struct ecr_slave, poll);

	if (!answer)
		return ecr_ask_read(job, slave->station, ECR_REG_AL_BLOCK, ECR_REG_AL_BLOCK_SIZE);
	slave->poll_status = ecr_le16(answer->data);
	slave->poll_code = ecr_le16(answer->data + ECR_REG_AL_STATUS_CODE - ECR_REG_AL_BLOCK);
	return ecr_done();
}

/* A single lost poll is not a lost slave. */
const struct ecr_step ecr_poll_steps[] = {
	[POLL_STATUS] = { "slave.poll", poll_status, .wkc = 1, .tries = 3, .on_loss = ECR_ASK_AGAIN },
};
