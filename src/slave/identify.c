/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the slave has the identification that it is to have: asked for in INIT. */
#include "slave/slave.h"

#include "base/le.h"

enum { IDENTIFY_READ, IDENTIFY_REQUEST, IDENTIFY_ANSWER };

#define POLL_NS ECR_MS(1)
#define PATIENCE_NS ECR_MS(100)

static struct ecr_identify *identify_of(struct ecr_job *job)
{
	return ecr_container_of(job, struct ecr_identify, job);
}

struct ecr_job *ecr_slave_identify(struct ecr_slave *slave)
{
	struct ecr_identify *identify = &slave->identify;

	identify->job.steps = ecr_identify_steps;
	identify->station = slave->station;
	identify->wanted = &slave->config->presence;
	identify->shown = 0;
	return &identify->job;
}

static struct ecr_verdict compare(struct ecr_identify *identify, uint16_t shown)
{
	identify->shown = shown;
	return shown == identify->wanted->identification ? ecr_done()
							 : ecr_fail(ECR_ERR_IDENTITY_MISMATCH);
}

static struct ecr_verdict identify_read(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_identify *identify = identify_of(job);
	uint16_t at = identify->wanted->by == ECR_BY_ALIAS
			      ? ECR_REG_ALIAS
			      : identify->wanted->identification_address;

	if (identify->wanted->by == ECR_BY_REQUESTED)
		return ecr_goto(IDENTIFY_REQUEST);
	return answer ? compare(identify, ecr_le16(answer->data))
		      : ecr_ask_read(job, identify->station, at, 2);
}

/* Explicit device identification (ETG.1020). */
static struct ecr_verdict identify_request(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_identify *identify = identify_of(job);

	identify->deadline = job->now + PATIENCE_NS;
	return answer ? ecr_goto(IDENTIFY_ANSWER)
		      : ecr_ask_write16(job, identify->station, ECR_REG_AL_CONTROL,
					ECR_AL_INIT | ECR_AL_IDENTIFICATION);
}

static struct ecr_verdict identify_answer(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_identify *identify = identify_of(job);

	if (!answer)
		return ecr_ask_read(job, identify->station, ECR_REG_AL_BLOCK,
				    ECR_REG_AL_BLOCK_SIZE);
	if (ecr_le16(answer->data) & ECR_AL_IDENTIFICATION)
		return compare(identify,
			       ecr_le16(answer->data + ECR_REG_AL_STATUS_CODE - ECR_REG_AL_BLOCK));
	return job->now < identify->deadline ? ecr_wait(POLL_NS)
					     : ecr_fail(ECR_ERR_IDENTITY_MISMATCH);
}

const struct ecr_step ecr_identify_steps[] = {
	[IDENTIFY_READ] = { "identify.read", identify_read, .wkc = 1, .tries = 3,
			    .on_loss = ECR_ASK_AGAIN },
	[IDENTIFY_REQUEST] = { "identify.request", identify_request, .wkc = 1, .tries = 3,
			       .on_loss = ECR_ASK_AGAIN },
	[IDENTIFY_ANSWER] = { "identify.answer", identify_answer, .wkc = 1, .tries = 3,
			      .on_loss = ECR_ASK_AGAIN },
};
