/* SPDX-License-Identifier: Apache-2.0 */
#include "slave/object_array.h"

#include "base/le.h"

enum { READ_BEGIN, READ_COMPLETE, READ_COUNT, READ_COUNTED, READ_ENTRY, READ_TAKEN };

#define HEAD ECR_WHOLE_HEAD

static struct ecr_object_array *array_of(struct ecr_job *job)
{
	return ecr_container_of(job, struct ecr_object_array, job);
}

static uint8_t *place(struct ecr_object_array *array, uint8_t width, unsigned int number)
{
	return array->bytes + HEAD + (size_t)width * number;
}

uint32_t ecr_array_get(const struct ecr_object_array *array, unsigned int number)
{
	const uint8_t *at = array->bytes + HEAD + (size_t)array->width * number;

	return array->width == 1 ? *at : array->width == 2 ? ecr_le16(at) : ecr_le32(at);
}

void ecr_array_put(struct ecr_object_array *array, uint8_t width, unsigned int number,
		   uint32_t value)
{
	if (width == 2)
		ecr_put_le16(place(array, width, number), (uint16_t)value);
	else
		ecr_put_le32(place(array, width, number), value);
}

struct ecr_job *ecr_array_read(struct ecr_object_array *array, uint16_t index, uint8_t width)
{
	array->job.steps = ecr_array_read_steps;
	array->index = index;
	array->width = width;
	array->count = 0;
	array->at = 0;
	return &array->job;
}

struct ecr_job *ecr_array_write(struct ecr_object_array *array, uint16_t index, uint8_t width)
{
	struct ecr_job *job = ecr_whole_write(array->whole, index, 0, array->bytes,
					      HEAD + (size_t)width * array->count,
					      array->may_complete && array->count);

	array->bytes[0] = array->count;
	array->bytes[1] = 0;
	array->whole->width = width;
	return job;
}

static struct ecr_verdict read_begin(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_object_array *array = array_of(job);

	(void)answer;
	if (!array->may_complete || array->transfer->mailbox->no_complete_access)
		return ecr_goto(READ_COUNT);
	return ecr_try(ecr_transfer_upload(array->transfer, array->index, 0, true, array->bytes,
					   sizeof(array->bytes)),
		       READ_COMPLETE);
}

static struct ecr_verdict counted(struct ecr_object_array *array, struct ecr_verdict next)
{
	if (array->bytes[0] > ECR_ARRAY_MAX)
		return ecr_fail(ECR_ERR_PDO_MISMATCH);
	array->count = array->bytes[0];
	return next;
}

/* A slave whose answer is too short has no idea of complete access, and is not asked again. */
static struct ecr_verdict read_complete(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_object_array *array = array_of(job);
	const struct ecr_transfer *transfer = array->transfer;
	int error = transfer->job.result;

	(void)answer;
	if (error)
		return ecr_whole_other_way(transfer) ? ecr_goto(READ_COUNT) : ecr_fail(error);
	if (transfer->done && transfer->done >= HEAD * (array->bytes[0] != 0) +
							(size_t)array->width * array->bytes[0])
		return counted(array, ecr_done());
	transfer->mailbox->no_complete_access = true;
	return ecr_goto(READ_COUNT);
}

static struct ecr_verdict read_count(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_object_array *array = array_of(job);

	(void)answer;
	return ecr_call(
		ecr_transfer_upload(array->transfer, array->index, 0, false, array->bytes, 1),
		READ_COUNTED);
}

static struct ecr_verdict read_counted(struct ecr_job *job, const struct ecr_answer *answer)
{
	(void)answer;
	return counted(array_of(job), ecr_goto(READ_ENTRY));
}

static struct ecr_verdict read_entry(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_object_array *array = array_of(job);

	(void)answer;
	if (array->at == array->count)
		return ecr_done();
	ecr_array_put(array, array->width, array->at, 0);
	return ecr_call(ecr_transfer_upload(array->transfer, array->index, (uint8_t)(array->at + 1),
					    false, place(array, array->width, array->at),
					    array->width),
			READ_TAKEN);
}

static struct ecr_verdict read_taken(struct ecr_job *job, const struct ecr_answer *answer)
{
	(void)answer;
	array_of(job)->at++;
	return ecr_goto(READ_ENTRY);
}

const struct ecr_step ecr_array_read_steps[] = {
	[READ_BEGIN] = { "array.begin", read_begin },
	[READ_COMPLETE] = { "array.complete", read_complete },
	[READ_COUNT] = { "array.count", read_count },
	[READ_COUNTED] = { "array.counted", read_counted },
	[READ_ENTRY] = { "array.entry", read_entry },
	[READ_TAKEN] = { "array.taken", read_taken },
};
