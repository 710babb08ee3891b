/* SPDX-License-Identifier: Apache-2.0 */
#include "slave/whole.h"

enum {
	WHOLE_BEGIN,
	WHOLE_ANSWER,
	WHOLE_COMPARED,
	WHOLE_COUNT,
	WHOLE_LEARN,
	WHOLE_LEARNED,
	WHOLE_CLEAR,
	WHOLE_CLEARED,
	WHOLE_ENTRY,
	WHOLE_WRITTEN,
	WHOLE_SEAL,
	WHOLE_END,
};

#define SUBINDEX_MOST 255u

static struct ecr_whole *whole_of(struct ecr_job *job)
{
	return ecr_container_of(job, struct ecr_whole, job);
}

struct ecr_job *ecr_whole_write(struct ecr_whole *whole, uint16_t index, uint8_t subindex,
				const void *data, size_t size, bool complete)
{
	whole->job.steps = ecr_whole_steps;
	whole->index = index;
	whole->subindex = subindex;
	whole->data = data;
	whole->size = size;
	whole->complete = complete;
	whole->compare = false;
	whole->width = 0;
	whole->kept = false;
	whole->error = 0;
	whole->refusal = (struct ecr_sdo_result){ .index = index, .subindex = subindex };
	return &whole->job;
}

bool ecr_whole_other_way(const struct ecr_transfer *transfer)
{
	uint32_t code = transfer->result.abort_code;

	transfer->mailbox->complete_unanswered = transfer->job.result == ECR_ERR_RESPONSE_TIMEOUT;
	if (transfer->job.result != ECR_ERR_SDO_ABORT)
		return transfer->job.result != ECR_ERR_CANCELLED;
	if (code == ECR_SDO_ABORT_NO_OBJECT)
		return false;
	if (code == ECR_SDO_ABORT_UNSUPPORTED_ACCESS || code == ECR_SDO_ABORT_NO_COMPLETE_ACCESS ||
	    code == ECR_SDO_ABORT_COMMAND)
		transfer->mailbox->no_complete_access = true;
	return true;
}

static struct ecr_verdict whole_begin(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_whole *whole = whole_of(job);

	(void)answer;
	if (!whole->complete || whole->transfer->mailbox->no_complete_access)
		return ecr_goto(WHOLE_COUNT);
	return ecr_try(ecr_transfer_download(whole->transfer, whole->index, whole->subindex, true,
					     whole->data, whole->size),
		       WHOLE_ANSWER);
}

static struct ecr_verdict whole_answer(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_whole *whole = whole_of(job);
	int error = whole->transfer->job.result;

	(void)answer;
	if (!error && !whole->compare)
		return ecr_done();
	if (!error)
		return ecr_call(ecr_transfer_compare(whole->transfer, whole->index, whole->subindex,
						     true, whole->data, whole->size),
				WHOLE_COMPARED);
	if (!ecr_whole_other_way(whole->transfer) || whole->subindex > 1)
		return ecr_fail(error);
	whole->refusal = whole->transfer->result;
	whole->error = error;
	return ecr_goto(WHOLE_COUNT);
}

static struct ecr_verdict whole_compared(struct ecr_job *job, const struct ecr_answer *answer)
{
	(void)job;
	(void)answer;
	return ecr_done();
}

/* The data cannot be divided: then the refusal counts. */
static struct ecr_verdict indivisible(struct ecr_whole *whole)
{
	whole->refusal.expected = (uint32_t)whole->size;
	whole->refusal.actual = (uint32_t)whole->place;
	whole->transfer->result = whole->refusal;
	return ecr_fail(whole->error ? whole->error : ECR_ERR_TYPE_MISMATCH);
}

/* Without a known width the slave's own entries say how the data are divided. */
static struct ecr_verdict learn(struct ecr_whole *whole, unsigned int next)
{
	while (whole->width && whole->place < whole->size && next <= SUBINDEX_MOST) {
		whole->sizes[next++] = whole->width;
		whole->place += whole->width;
	}
	if (whole->place == whole->size) {
		whole->last = (uint8_t)(next - 1);
		return ecr_goto(WHOLE_CLEAR);
	}
	if (whole->place > whole->size || next > SUBINDEX_MOST)
		return indivisible(whole);
	whole->at = (uint8_t)next;
	return ecr_try(ecr_transfer_upload(whole->transfer, whole->index, whole->at, false,
					   whole->sizes, 0),
		       WHOLE_LEARNED);
}

/* How long the list is now. */
static struct ecr_verdict whole_count(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_whole *whole = whole_of(job);

	(void)answer;
	whole->present = UINT8_MAX;
	if (whole->width || whole->subindex)
		return ecr_goto(WHOLE_LEARN);
	return ecr_try(
		ecr_transfer_upload(whole->transfer, whole->index, 0, false, &whole->present, 1),
		WHOLE_LEARN);
}

static struct ecr_verdict whole_learn(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_whole *whole = whole_of(job);

	(void)answer;
	whole->place = whole->subindex ? 0 : ECR_WHOLE_HEAD;
	return learn(whole, 1);
}

/* An upload without room for it tells the size. */
static struct ecr_verdict whole_learned(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_whole *whole = whole_of(job);
	const struct ecr_transfer *transfer = whole->transfer;
	size_t size = transfer->result.size;
	bool gap = transfer->job.result == ECR_ERR_SDO_ABORT &&
		   transfer->result.abort_code == ECR_SDO_ABORT_NO_SUBINDEX;

	(void)answer;
	/* An entry of a list that is shorter now is as long as the one before. */
	if (gap && whole->at > 1 && whole->at > whole->present && whole->at <= whole->data[0])
		size = whole->sizes[whole->at - 1];
	else if (gap)
		size = 0;
	else if (transfer->job.result && transfer->job.result != ECR_ERR_BUFFER_TOO_SMALL)
		return ecr_fail(transfer->job.result);
	whole->sizes[whole->at] = (uint8_t)size;
	whole->place += size > UINT8_MAX ? whole->size + 1 : size;
	return learn(whole, whole->at + 1u);
}

static const uint8_t zero[1] = { 0 };

/* Entries of lists can be written only while the count is 0 (ETG.1000.6, 5.6.7.4.8). */
static struct ecr_verdict whole_clear(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_whole *whole = whole_of(job);

	(void)answer;
	whole->at = 0;
	whole->place = whole->subindex ? 0 : ECR_WHOLE_HEAD;
	if (whole->subindex)
		return ecr_goto(WHOLE_ENTRY);
	return ecr_try(ecr_transfer_download(whole->transfer, whole->index, 0, false, zero, 1),
		       WHOLE_CLEARED);
}

/* That of a record is read only. */
static bool read_only(const struct ecr_whole *whole)
{
	return !whole->width && whole->transfer->job.result == ECR_ERR_SDO_ABORT &&
	       whole->transfer->result.abort_code == ECR_SDO_ABORT_READ_ONLY;
}

static struct ecr_verdict whole_cleared(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_whole *whole = whole_of(job);

	(void)answer;
	whole->kept = read_only(whole);
	if (whole->transfer->job.result && !whole->kept)
		return ecr_fail(whole->transfer->job.result);
	return ecr_goto(whole->last ? WHOLE_ENTRY : WHOLE_END);
}

/* The entry is the data's up to `place`. */
static const uint8_t *entry_of(const struct ecr_whole *whole)
{
	return whole->data + whole->place - whole->sizes[whole->at];
}

static struct ecr_verdict whole_entry(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_whole *whole = whole_of(job);

	(void)answer;
	do {
		if (whole->at == whole->last)
			return ecr_goto(WHOLE_SEAL);
		whole->at++;
	} while (!whole->sizes[whole->at]);
	whole->place += whole->sizes[whole->at];
	return ecr_try(ecr_transfer_download(whole->transfer, whole->index, whole->at, false,
					     entry_of(whole), whole->sizes[whole->at]),
		       WHOLE_WRITTEN);
}

/* An entry that is only read may stand in between. */
static struct ecr_verdict whole_written(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_whole *whole = whole_of(job);
	int error = whole->transfer->job.result;

	(void)answer;
	if (error && !read_only(whole))
		return ecr_fail(error);
	if (!whole->compare)
		return ecr_goto(WHOLE_ENTRY);
	return ecr_call(ecr_transfer_compare(whole->transfer, whole->index, whole->at, false,
					     entry_of(whole), whole->sizes[whole->at]),
			WHOLE_ENTRY);
}

static struct ecr_verdict whole_seal(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_whole *whole = whole_of(job);

	(void)answer;
	if (whole->subindex || whole->kept)
		return ecr_done();
	return ecr_call(
		ecr_transfer_download(whole->transfer, whole->index, 0, false, whole->data, 1),
		WHOLE_END);
}

static struct ecr_verdict whole_end(struct ecr_job *job, const struct ecr_answer *answer)
{
	(void)job;
	(void)answer;
	return ecr_done();
}

const struct ecr_step ecr_whole_steps[] = {
	[WHOLE_BEGIN] = { "whole.begin", whole_begin },
	[WHOLE_ANSWER] = { "whole.answer", whole_answer },
	[WHOLE_COMPARED] = { "whole.compared", whole_compared },
	[WHOLE_COUNT] = { "whole.count", whole_count },
	[WHOLE_LEARN] = { "whole.learn", whole_learn },
	[WHOLE_LEARNED] = { "whole.learned", whole_learned },
	[WHOLE_CLEAR] = { "whole.clear", whole_clear },
	[WHOLE_CLEARED] = { "whole.cleared", whole_cleared },
	[WHOLE_ENTRY] = { "whole.entry", whole_entry },
	[WHOLE_WRITTEN] = { "whole.written", whole_written },
	[WHOLE_SEAL] = { "whole.seal", whole_seal },
	[WHOLE_END] = { "whole.end", whole_end },
};
