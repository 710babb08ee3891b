/* SPDX-License-Identifier: Apache-2.0 */
/* Looking for messages that a slave sends unasked: emergencies above all. Rests while somebody else
 * uses the mailbox, who sorts them out himself. Where the mailbox's status comes with the inputs nothing
 * is asked as long as these are new. */
#include "slave/slave.h"

enum { WATCH_WAIT, WATCH_LOOK, WATCH_DRAINED };

static struct ecr_slave *slave_of(struct ecr_job *job)
{
	return ecr_container_of(job, struct ecr_slave, watch);
}

static bool in_use(const struct ecr_slave *slave)
{
	return slave->claimed || ecr_job_running(&slave->transfer.job) ||
	       ecr_job_running(&slave->mailbox.job) || !ecr_mailbox_free(&slave->mailbox);
}

static struct ecr_verdict watch_wait(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);

	(void)answer;
	slave->watch_waited = !slave->watch_waited;
	return slave->watch_waited ? ecr_wait(slave->watch_period) : ecr_goto(WATCH_LOOK);
}

static struct ecr_verdict watch_look(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);
	struct ecr_mail_status *mapped = &slave->mailbox.status;
	const uint8_t *status;

	if (in_use(slave))
		return ecr_goto(WATCH_WAIT);
	status = answer ? answer->data : ecr_mailbox_news(mapped);
	if (!status && ecr_mailbox_heard(mapped, job->now))
		return ecr_goto(WATCH_WAIT);
	if (!status)
		return ecr_ask_read(job, slave->station, ECR_REG_SM_STATUS(1), 1);
	if (!(*status & ECR_SM_STATUS_FULL))
		return ecr_goto(WATCH_WAIT);
	return ecr_try(ecr_mailbox_exchange(&slave->mailbox, ECR_EXCHANGE_DRAIN, 0), WATCH_DRAINED);
}

static struct ecr_verdict watch_drained(struct ecr_job *job, const struct ecr_answer *answer)
{
	(void)job;
	(void)answer;
	return ecr_goto(WATCH_WAIT);
}

const struct ecr_step ecr_watch_steps[] = {
	[WATCH_WAIT] = { "watch.wait", watch_wait },
	[WATCH_LOOK] = { "watch.look", watch_look, .wkc = 1, .tries = 5, .on_loss = ECR_ASK_AGAIN },
	[WATCH_DRAINED] = { "watch.drained", watch_drained },
};
