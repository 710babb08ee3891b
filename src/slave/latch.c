/* SPDX-License-Identifier: Apache-2.0 */
/* Edges at the latch inputs: their status is looked at again and again, the time of each edge fetched
 * and told. Reading the time makes room for the next edge. */
#include "slave/slave.h"

#include "base/le.h"
#include "base/time32.h"

enum { LATCH_WAIT, LATCH_LOOK, LATCH_TAKE };

#define PERIOD ECR_MS(2)

static struct ecr_latch *latch_of(struct ecr_job *job)
{
	return ecr_container_of(job, struct ecr_latch, job);
}

static struct ecr_verdict latch_wait(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_latch *latch = latch_of(job);

	(void)answer;
	latch->waited = !latch->waited;
	return latch->waited ? ecr_wait(PERIOD) : ecr_goto(LATCH_LOOK);
}

/* The next one from `latch->number` on that has seen its edge, or may have: in continuous mode no status
 * says so, only the time is another one. False when none is left. */
static bool seen(struct ecr_latch *latch)
{
	const struct ecr_latch_config *latches = latch->config->latches;

	for (; latches[latch->number].name; latch->number++) {
		const struct ecr_latch_config *one = &latches[latch->number];
		uint8_t bit =
			one->falling ? ECR_DC_LATCH_STATUS_NEGATIVE : ECR_DC_LATCH_STATUS_POSITIVE;

		if (one->continuous || (latch->status[one->unit] & bit))
			return true;
	}
	return false;
}

/* Of a continuous one: the same time as before is the same edge, and what is there at first is old. */
static bool is_new(struct ecr_latch *latch, const uint8_t *bytes)
{
	const struct ecr_latch_config *one = &latch->config->latches[latch->number];
	unsigned int number = 2u * one->unit + one->falling;
	uint64_t time = latch->width == 8 ? ecr_le64(bytes) : ecr_le32(bytes);
	bool fresh = (latch->looked >> number & 1) && time != latch->last[number];

	latch->looked |= (uint8_t)(1u << number);
	latch->last[number] = time;
	return fresh || !one->continuous;
}

static struct ecr_verdict latch_look(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_latch *latch = latch_of(job);

	if (!answer)
		return ecr_ask_read(job, latch->station, ECR_REG_DC_LATCH0_STATUS, 2);
	latch->status[0] = answer->data[0];
	latch->status[1] = answer->data[1];
	latch->number = 0;
	return seen(latch) ? ecr_goto(LATCH_TAKE) : ecr_goto(LATCH_WAIT);
}

static void tell(const struct ecr_latch *latch, const uint8_t *bytes)
{
	const struct ecr_latch_config *one = &latch->config->latches[latch->number];
	uint64_t time = latch->width == 8 ? ecr_le64(bytes)
					  : ecr_time64(ecr_le32(bytes), *latch->ring_time);
	struct ecr_event event = { .kind = ECR_EVENT_DC_LATCH,
				   .slave = (int16_t)latch->subject,
				   .domain = -1,
				   .from = one->unit,
				   .to = one->falling,
				   .count = time,
				   .text = one->name };

	latch->notice(latch->notice_context, &event);
}

static struct ecr_verdict latch_take(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_latch *latch = latch_of(job);
	const struct ecr_latch_config *one = &latch->config->latches[latch->number];
	unsigned int register_number = 2u * one->unit + one->falling;

	if (!answer)
		return ecr_ask_read(job, latch->station,
				    (uint16_t)(ECR_REG_DC_LATCH0_POSITIVE +
					       register_number * ECR_REG_DC_LATCH0_POSITIVE_SIZE),
				    latch->width);
	if (is_new(latch, answer->data))
		tell(latch, answer->data);
	latch->number++;
	return seen(latch) ? ecr_goto(LATCH_TAKE) : ecr_goto(LATCH_WAIT);
}

/* A lost time is read again: it stays until the next edge. */
const struct ecr_step ecr_latch_steps[] = {
	[LATCH_WAIT] = { "latch.wait", latch_wait },
	[LATCH_LOOK] = { "latch.look", latch_look, .wkc = 1, .tries = 5, .on_loss = ECR_ASK_AGAIN },
	[LATCH_TAKE] = { "latch.take", latch_take, .wkc = 1, .tries = 5, .on_loss = ECR_ASK_AGAIN },
};
