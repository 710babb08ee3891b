/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Health: the AL status, read again and again for as long as it is what it should be. The end is
 * the news. While a broadcast proves the same of all slaves, this one is not asked.
 *
 * A frame that comes back without an answer of the slave says that the slave is not there. A frame
 * that does not come back says that the line is silent, and nothing of any slave; neither does one that two have
 * answered, until whoever has come with this one's station has another.
 */
#include "slave/slave.h"

#include "base/le.h"

enum { POLL_WAIT, POLL_STATUS, POLL_LOST };

#define TRIES 3 /* without an answer */
#define PAUSE_NS ECR_MS(1)
#define NEAR 8 /* slaves, before and behind it */

static struct ecr_slave *slave_of(struct ecr_job *job)
{
	return ecr_container_of(job, struct ecr_slave, poll);
}

/* Who is proven to be in place rests for so many periods: what disproves it calls this poll forward. */
#define REST_PERIODS 8

/* The broadcast comes at least as often as this poll. */
static bool proven(const struct ecr_slave *slave, ecr_time now)
{
	return now - *slave->poll_proof <= 2 * slave->poll_period;
}

static struct ecr_verdict poll_wait(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);

	(void)answer;
	slave->poll_waited = !slave->poll_waited;
	if (!slave->poll_waited && !slave->poll_now && proven(slave, job->now)) {
		slave->poll_waited = true;
		return ecr_wait(slave->poll_period * REST_PERIODS);
	}
	slave->poll_now = slave->poll_now && slave->poll_waited;
	return slave->poll_waited ? ecr_wait(slave->poll_period) : ecr_goto(POLL_STATUS);
}

static uint16_t known_status(const struct ecr_slave *slave)
{
	return (uint16_t)(slave->al_state | (slave->al_error ? ECR_AL_ERROR : 0));
}

static bool all_answered(const struct ecr_answer *answer)
{
	for (uint16_t i = 0; i < answer->count; i++)
		if (answer->asks[i].wkc != 1)
			return false;
	return true;
}

/* One that has come has its station as well, from before: what was read is of neither. */
static bool answered_by_two(const struct ecr_answer *answer)
{
	for (uint16_t i = 0; i < answer->count; i++)
		if (answer->asks[i].wkc > 1)
			return true;
	return false;
}

/* Somebody is being given a station, and whoever got it may be this one: that is found out first, for a while. */
static bool may_have_another(const struct ecr_slave *slave)
{
	int first = slave->index > NEAR ? slave->index - NEAR : 0;
	int end =
		slave->index + NEAR < slave->all_count ? slave->index + NEAR + 1 : slave->all_count;

	if (*slave->naming)
		return true;
	for (int i = first; i < end; i++)
		if (slave->all[i].misplaced && slave->all[i].activity == ECR_ACTIVITY_BRINGUP)
			return true;
	return false;
}

static struct ecr_verdict unanswered(struct ecr_slave *slave)
{
	if (++slave->poll_unanswered < TRIES)
		return ecr_goto(POLL_STATUS);
	return ecr_fail(ECR_ERR_NO_RESPONSE);
}

static struct ecr_verdict poll_status(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);

	if (!answer) {
		ecr_job_read(job, ECR_CMD_FPRD,
			     ecr_address_station(slave->station, ECR_REG_AL_BLOCK),
			     ECR_REG_AL_BLOCK_SIZE);
		if (slave->poll_links)
			ecr_job_read(job, ECR_CMD_FPRD,
				     ecr_address_station(slave->station, ECR_REG_DL_STATUS), 2);
		return ecr_ask();
	}
	if (answered_by_two(answer))
		return ecr_goto(POLL_LOST);
	if (!all_answered(answer) && may_have_another(slave))
		return ecr_goto(POLL_LOST);
	slave->poll_silent_since = ECR_NEVER;
	if (!all_answered(answer))
		return unanswered(slave);
	slave->poll_unanswered = 0;
	if (answer->count > 1)
		slave->dl_status = ecr_le16(answer->asks[1].in);
	slave->poll_links = slave->poll_links && answer->count == 1;
	slave->poll_status = ecr_le16(answer->data);
	slave->poll_code = ecr_le16(answer->data + ECR_REG_AL_STATUS_CODE - ECR_REG_AL_BLOCK);
	ecr_slave_note_al(slave, job->now, slave->poll_status, slave->poll_code);
	if (slave->poll_status == known_status(slave))
		slave->found_at = job->now;
	if (slave->poll_status == known_status(slave) || slave->activity != ECR_ACTIVITY_NONE)
		return ecr_goto(POLL_WAIT);
	return ecr_done();
}

static struct ecr_verdict poll_lost(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);

	(void)answer;
	slave->poll_paused = !slave->poll_paused;
	if (!slave->poll_paused)
		return ecr_goto(POLL_STATUS);
	if (slave->poll_silent_since == ECR_NEVER)
		slave->poll_silent_since = job->now;
	return job->now - slave->poll_silent_since < ECR_SILENCE_NS ? ecr_wait(PAUSE_NS)
								    : ecr_fail(ECR_ERR_TIMEOUT);
}

void ecr_slave_begin_polls(struct ecr_slave *slave, const ecr_time *proof)
{
	slave->poll.context = slave;
	slave->poll.subject = slave->index;
	slave->poll_waited = slave->poll_paused = false;
	slave->poll_unanswered = 0;
	slave->poll_silent_since = ECR_NEVER;
	slave->poll_proof = proof;
}

const struct ecr_step ecr_poll_steps[] = {
	[POLL_WAIT] = { "poll.wait", poll_wait },
	[POLL_STATUS] = { "poll.status", poll_status, .wkc = ECR_WKC_ANY, .tries = 2,
			  .on_loss = POLL_LOST },
	[POLL_LOST] = { "poll.lost", poll_lost },
};
