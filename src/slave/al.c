/* SPDX-License-Identifier: Apache-2.0 */
/* Changing the AL state (ETG.1000.6, 6.4.1): request, poll, and on refusal the code and the
 * acknowledge. */
#include "slave/slave.h"

#include "base/le.h"

enum { AL_REQUEST, AL_POLL, AL_ACKNOWLEDGE };

#define POLL_NS ECR_MS(1)
#define AGAIN_NS \
	ECR_S(1) /* then with longer pauses, for a device that begins anew with each request; */
#define HEED_NS ECR_MS(50) /* an error is acknowledged once more */
#define AGAIN_MAX_NS \
	ECR_S(4) /* one that has begun to heed requests is not left waiting longer than this */

struct ecr_job *ecr_slave_al(struct ecr_slave *slave, enum ecr_al_state target)
{
	struct ecr_al_change *al = &slave->al;

	al->job.steps = ecr_al_steps;
	al->station = slave->station;
	al->target = (uint8_t)target;
	al->emulation = slave->emulation;
	al->acknowledges = false;
	al->timeout = ecr_slave_al_timeout(slave->timeouts, slave->al_state, target);
	al->deadline = 0;
	al->pause = AGAIN_NS;
	al->code = 0;
	return &al->job;
}

struct ecr_job *ecr_slave_acknowledge(struct ecr_slave *slave)
{
	struct ecr_job *job = ecr_slave_al(slave, (enum ecr_al_state)slave->al_state);

	slave->al.acknowledges = true;
	slave->al.pause = HEED_NS;
	slave->al.timeout = ecr_slave_al_timeout(slave->timeouts, ECR_AL_OP, ECR_AL_SAFEOP);
	return job;
}

static ecr_time or_default(int32_t given_ms, int32_t default_ms)
{
	return ECR_MS(given_ms ? given_ms : default_ms);
}

ecr_time ecr_slave_al_timeout(const struct ecr_al_timeouts *timeouts, enum ecr_al_state from,
			      enum ecr_al_state to)
{
	switch (to) {
	case ECR_AL_PREOP:
	case ECR_AL_BOOT:
		return or_default(timeouts->to_preop_ms, 3000);
	case ECR_AL_SAFEOP:
		if (from == ECR_AL_OP)
			return or_default(timeouts->back_to_safeop_ms, 200);
		return or_default(timeouts->to_safeop_ms, 10000);
	case ECR_AL_OP:
		return or_default(timeouts->to_op_ms, 10000);
	default:
		return or_default(timeouts->to_init_ms, 5000);
	}
}

enum ecr_al_state ecr_al_next(enum ecr_al_state from, enum ecr_al_state to)
{
	if (to == ECR_AL_INIT || from == to)
		return to;
	switch (from) {
	case ECR_AL_INIT:
		return to == ECR_AL_BOOT ? ECR_AL_BOOT : ECR_AL_PREOP;
	case ECR_AL_PREOP:
		return to == ECR_AL_BOOT ? ECR_AL_INIT : ECR_AL_SAFEOP;
	case ECR_AL_SAFEOP:
		return to == ECR_AL_OP ? ECR_AL_OP : ECR_AL_PREOP;
	case ECR_AL_OP:
		return ECR_AL_SAFEOP;
	default:
		return ECR_AL_INIT;
	}
}

/* A slave with device emulation would echo the acknowledge bit as an error: it gets its state
 * alone. */
static uint16_t acknowledged(const struct ecr_al_change *al, uint16_t state)
{
	return (uint16_t)(al->emulation ? state : state | ECR_AL_ACKNOWLEDGE);
}

static struct ecr_verdict al_request(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_al_change *al = ecr_container_of(job, struct ecr_al_change, job);

	if (!answer) {
		if (!al->deadline)
			al->deadline = job->now + al->timeout;
		al->again_at = job->now + al->pause;
		return ecr_ask_write16(job, al->station, ECR_REG_AL_CONTROL,
				       al->acknowledges ? acknowledged(al, al->target)
							: al->target);
	}
	return ecr_goto(AL_POLL);
}

/* No error, and no other state: it works on it, or it has not noticed. One that has fallen meanwhile must not be asked: from
 * where it is no step leads there. */
static struct ecr_verdict ask_again(struct ecr_al_change *al)
{
	enum ecr_al_state state = (enum ecr_al_state)(al->status & ECR_AL_STATE_MASK);
	enum ecr_al_state target = (enum ecr_al_state)al->target;

	if (state < target && ecr_al_next(state, target) != target)
		return ecr_fail(ECR_ERR_AL_TIMEOUT);
	al->pause = al->pause * 2 < AGAIN_MAX_NS ? al->pause * 2 : AGAIN_MAX_NS;
	return ecr_goto(AL_REQUEST);
}

/* The slave has got time to heed the acknowledgement. */
static bool may_yet_heed(const struct ecr_al_change *al)
{
	return al->acknowledges && al->job.now < al->deadline;
}

static struct ecr_verdict al_poll(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_al_change *al = ecr_container_of(job, struct ecr_al_change, job);

	if (!answer)
		return ecr_ask_read(job, al->station, ECR_REG_AL_BLOCK, ECR_REG_AL_BLOCK_SIZE);
	al->status = ecr_le16(answer->data);
	if (al->status & ECR_AL_ERROR) {
		al->code = ecr_le16(answer->data + ECR_REG_AL_STATUS_CODE - ECR_REG_AL_BLOCK);
		if (!may_yet_heed(al))
			return ecr_goto(AL_ACKNOWLEDGE);
		return job->now < al->again_at ? ecr_wait(POLL_NS) : ask_again(al);
	}
	/* Whoever looks next finds out in which state it is without the error. */
	if (al->acknowledges || (al->status & ECR_AL_STATE_MASK) == al->target)
		return ecr_done();
	if (job->now >= al->deadline)
		return ecr_fail(ECR_ERR_AL_TIMEOUT);
	return job->now < al->again_at ? ecr_wait(POLL_NS) : ask_again(al);
}

static struct ecr_verdict al_acknowledge(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_al_change *al = ecr_container_of(job, struct ecr_al_change, job);
	uint16_t state = al->status & ECR_AL_STATE_MASK;

	if (!answer)
		return ecr_ask_write16(job, al->station, ECR_REG_AL_CONTROL,
				       acknowledged(al, state));
	return ecr_fail(ECR_ERR_AL_ERROR);
}

const struct ecr_step ecr_al_steps[] = {
	[AL_REQUEST] = { "al.request", al_request, .wkc = 1, .tries = 3, .on_loss = ECR_ASK_AGAIN },
	[AL_POLL] = { "al.poll", al_poll, .wkc = 1, .tries = 5, .on_loss = ECR_ASK_AGAIN },
	[AL_ACKNOWLEDGE] = { "al.acknowledge", al_acknowledge, .wkc = 1, .tries = 3,
			     .on_loss = ECR_ASK_AGAIN },
};
