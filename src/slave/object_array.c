/* SPDX-License-Identifier: Apache-2.0 */
#include "slave/object_array.h"

#include "base/le.h"

enum { READ_BEGIN, READ_COMPLETE, READ_COUNT, READ_COUNTED, READ_ENTRY, READ_TAKEN };
enum { WRITE_CLEAR, WRITE_ENTRY, WRITE_SEAL, WRITE_SEALED };

#define HEAD 2u /* the count, and a byte of padding (ETG.1000.6, 5.6.2.1) */

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
	array->job.steps = ecr_array_write_steps;
	array->index = index;
	array->width = width;
	array->at = 0;
	return &array->job;
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

/* Refused or odd: this slave is asked entry by entry from now on. That the object does not exist is
 * an answer. */
static struct ecr_verdict read_complete(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_object_array *array = array_of(job);
	const struct ecr_transfer *transfer = array->transfer;
	int error = transfer->job.result;

	(void)answer;
	if (error == ECR_ERR_SDO_ABORT && transfer->result.abort_code == ECR_SDO_ABORT_NO_OBJECT)
		return ecr_fail(error);
	if (!error && transfer->done >= 1 &&
	    transfer->done >=
		    HEAD * (array->bytes[0] != 0) + (size_t)array->width * array->bytes[0] &&
	    array->bytes[0] <= ECR_ARRAY_MAX) {
		array->count = array->bytes[0];
		return ecr_done();
	}
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
	struct ecr_object_array *array = array_of(job);

	(void)answer;
	if (array->bytes[0] > ECR_ARRAY_MAX)
		return ecr_fail(ECR_ERR_PDO_MISMATCH);
	array->count = array->bytes[0];
	return ecr_goto(READ_ENTRY);
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

static const uint8_t zero[1] = { 0 };

/* Entries can be written only while the count is 0 (ETG.1000.6, 5.6.7.4.8). */
static struct ecr_verdict write_clear(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_object_array *array = array_of(job);

	(void)answer;
	return ecr_call(ecr_transfer_download(array->transfer, array->index, 0, false, zero, 1),
			WRITE_ENTRY);
}

static struct ecr_verdict write_entry(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_object_array *array = array_of(job);
	uint8_t number = array->at;

	(void)answer;
	if (number == array->count)
		return ecr_goto(WRITE_SEAL);
	array->at++;
	return ecr_call(ecr_transfer_download(array->transfer, array->index, array->at, false,
					      place(array, array->width, number), array->width),
			WRITE_ENTRY);
}

static struct ecr_verdict write_seal(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_object_array *array = array_of(job);

	(void)answer;
	return ecr_call(
		ecr_transfer_download(array->transfer, array->index, 0, false, &array->count, 1),
		WRITE_SEALED);
}

static struct ecr_verdict write_sealed(struct ecr_job *job, const struct ecr_answer *answer)
{
	(void)job;
	(void)answer;
	return ecr_done();
}

const struct ecr_step ecr_array_write_steps[] = {
	[WRITE_CLEAR] = { "array.clear", write_clear },
	[WRITE_ENTRY] = { "array.put", write_entry },
	[WRITE_SEAL] = { "array.seal", write_seal },
	[WRITE_SEALED] = { "array.sealed", write_sealed },
};
