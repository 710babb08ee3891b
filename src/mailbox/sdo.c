/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SDO upload and download: expedited up to four bytes, normal, and in segments what one mailbox does
 * not hold (ETG.1000.6, 5.6.2). Every answer is checked for service, command, object, toggle and
 * length before a byte of it is believed.
 */
#include "mailbox/transfer_steps.h"

#include <string.h>

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

struct ecr_verdict transfer_init(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_transfer *transfer = transfer_of(job);
	struct ecr_mailbox *mailbox = transfer->mailbox;
	size_t room = mailbox->area.receive_size;
	size_t length;

	(void)answer;
	mailbox->unsure = true; /* until an answer has come */
	mailbox->unsure_index = transfer->index;
	if (transfer->kind == ECR_SDO_UPLOAD) {
		length = ecr_coe_put_upload(mailbox->out, room, transfer->index, transfer->subindex,
					    transfer->complete);
	} else {
		length = ecr_coe_put_download(mailbox->out, room, transfer->index,
					      transfer->subindex, transfer->complete,
					      transfer->from, transfer->size, &transfer->done);
		transfer->open = transfer->done < transfer->size;
	}
	return transfer_ask(transfer, length, TRANSFER_INIT_ANSWER);
}

/* Takes what an answer brings; what has no room is counted. */
static void take(struct ecr_transfer *transfer, const uint8_t *data, size_t length)
{
	if (transfer->total)
		length = least(length, transfer->total - least(transfer->done, transfer->total));
	if (transfer->done < transfer->size) {
		size_t part = least(length, transfer->size - transfer->done);

		if (transfer->to)
			memcpy(transfer->to + transfer->done, data, part);
		else
			transfer->differs |=
				memcmp(transfer->from + transfer->done, data, part) != 0;
	}
	transfer->done += length;
}

static struct ecr_verdict received(struct ecr_transfer *transfer)
{
	transfer->open = false;
	transfer->result.size = transfer->total ? transfer->total : transfer->done;
	if (transfer->total && transfer->done < transfer->total)
		return transfer_fail(transfer, ECR_ERR_UPLOAD_SIZE_MISMATCH,
				     (uint32_t)transfer->total, (uint32_t)transfer->done);
	if (transfer->done > transfer->size)
		return transfer_fail(transfer, ECR_ERR_BUFFER_TOO_SMALL, (uint32_t)transfer->size,
				     (uint32_t)transfer->done);
	if (!transfer->to && (transfer->differs || transfer->done != transfer->size))
		return transfer_fail(transfer, ECR_ERR_COMPARE_FAILED, (uint32_t)transfer->size,
				     (uint32_t)transfer->done);
	return ecr_done();
}

static struct ecr_verdict upload_begun(struct ecr_transfer *transfer,
				       const struct ecr_coe_sdo *reply)
{
	if (reply->expedited) {
		take(transfer, reply->data, reply->length);
		return received(transfer);
	}
	transfer->total = reply->total;
	transfer->open = reply->length < reply->total || !reply->sized;
	transfer->abort_out = ECR_SDO_ABORT_GENERAL;
	if (transfer->total > transfer->size) {
		transfer->result.size = transfer->total;
		transfer->abort_out = ECR_SDO_ABORT_OUT_OF_MEMORY;
		return transfer_fail(transfer, ECR_ERR_BUFFER_TOO_SMALL, (uint32_t)transfer->size,
				     (uint32_t)transfer->total);
	}
	take(transfer, reply->data, reply->length);
	return transfer->open ? ecr_goto(TRANSFER_SEGMENT) : received(transfer);
}

/* Whether an answer is one of SDOs at all: 0 or what is wrong. */
static int bad_service(struct ecr_transfer *transfer, struct ecr_coe_sdo *reply)
{
	const struct ecr_mailbox_message *message = &transfer->mailbox->message;
	uint8_t service = ecr_coe_service(message);

	transfer->result.expected = ECR_COE_SDO_RESPONSE;
	transfer->result.actual = service;
	if (service == ECR_COE_SDO_REQUEST) { /* aborts come as requests */
		if (!ecr_coe_get_sdo(message, reply))
			return ECR_ERR_INVALID_COE_RESPONSE;
		return reply->kind == ECR_COE_ABORT ? 0 : ECR_ERR_UNEXPECTED_COE_SERVICE;
	}
	if (service != ECR_COE_SDO_RESPONSE)
		return ECR_ERR_UNEXPECTED_COE_SERVICE;
	return ecr_coe_get_sdo(message, reply) ? 0 : ECR_ERR_INVALID_COE_RESPONSE;
}

static struct ecr_verdict lost_answer(struct ecr_transfer *transfer, int error)
{
	transfer->abort_out =
		error == ECR_ERR_RESPONSE_TIMEOUT ? ECR_SDO_ABORT_TIMEOUT : ECR_SDO_ABORT_GENERAL;
	return transfer_fail(transfer, error, transfer->result.expected, transfer->result.actual);
}

static uint32_t object(uint16_t index, uint8_t subindex)
{
	return (uint32_t)index << 8 | subindex;
}

struct ecr_verdict transfer_init_answer(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_transfer *transfer = transfer_of(job);
	struct ecr_coe_sdo reply = { 0 };
	bool upload = transfer->kind == ECR_SDO_UPLOAD;
	int error = transfer_answered(transfer);

	(void)answer;
	if (!error)
		error = bad_service(transfer, &reply);
	if (error == ECR_ERR_UNEXPECTED_COE_SERVICE && transfer->result.actual == ECR_COE_SDO_INFO)
		return transfer_of_before(transfer, TRANSFER_INIT_ANSWER, error,
					  transfer->result.expected, transfer->result.actual);
	if (error)
		return lost_answer(transfer, error);
	transfer->abort_out = ECR_SDO_ABORT_GENERAL;
	if (reply.kind == ECR_COE_ABORT || reply.kind == ECR_COE_DOWNLOADED ||
	    reply.kind == ECR_COE_UPLOADED) {
		if (reply.index != transfer->index || reply.subindex != transfer->subindex)
			return transfer_of_before(transfer, TRANSFER_INIT_ANSWER,
						  ECR_ERR_UNEXPECTED_SDO_RESPONSE,
						  object(transfer->index, transfer->subindex),
						  object(reply.index, reply.subindex));
		if (reply.kind == ECR_COE_ABORT)
			return transfer_refused(transfer, reply.abort_code);
	}
	if (reply.kind != (upload ? ECR_COE_UPLOADED : ECR_COE_DOWNLOADED))
		return transfer_fail(transfer,
				     upload ? ECR_ERR_UNEXPECTED_SDO_COMMAND
					    : ECR_ERR_UNEXPECTED_SDO_RESPONSE,
				     0, reply.command);
	transfer_arrived(transfer);
	if (upload)
		return upload_begun(transfer, &reply);
	return transfer->done < transfer->size ? ecr_goto(TRANSFER_SEGMENT) : ecr_done();
}

struct ecr_verdict transfer_segment(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_transfer *transfer = transfer_of(job);
	struct ecr_mailbox *mailbox = transfer->mailbox;
	size_t room = mailbox->area.receive_size;
	size_t length;

	(void)answer;
	mailbox->unsure = true;
	if (transfer->kind == ECR_SDO_UPLOAD)
		length = ecr_coe_put_upload_segment(mailbox->out, room, transfer->toggle);
	else
		length = ecr_coe_put_download_segment(mailbox->out, room, transfer->toggle,
						      transfer->from, transfer->size,
						      &transfer->done);
	return transfer_ask(transfer, length, TRANSFER_SEGMENT_ANSWER);
}

static struct ecr_verdict segment_received(struct ecr_transfer *transfer,
					   const struct ecr_coe_sdo *reply)
{
	if (reply->unused > reply->length)
		return transfer_fail(transfer, ECR_ERR_INVALID_SEGMENT_PADDING,
				     (uint32_t)reply->length, reply->unused);
	take(transfer, reply->data, reply->length - reply->unused);
	transfer->toggle = !transfer->toggle;
	if (reply->last)
		return received(transfer);
	if (!reply->length)
		return transfer_fail(transfer, ECR_ERR_INVALID_COE_RESPONSE, 1, 0);
	return ecr_goto(TRANSFER_SEGMENT);
}

static struct ecr_verdict wrong_segment(struct ecr_transfer *transfer, uint8_t command)
{
	transfer->abort_out = ECR_SDO_ABORT_COMMAND;
	return transfer_fail(transfer, ECR_ERR_UNEXPECTED_SDO_SEGMENT_COMMAND, 0, command);
}

struct ecr_verdict transfer_segment_answer(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_transfer *transfer = transfer_of(job);
	struct ecr_coe_sdo reply = { 0 };
	bool upload = transfer->kind == ECR_SDO_UPLOAD;
	enum ecr_coe_sdo_kind wanted =
		upload ? ECR_COE_SEGMENT_UPLOADED : ECR_COE_SEGMENT_DOWNLOADED;
	int error = transfer_answered(transfer);

	(void)answer;
	if (!error)
		error = bad_service(transfer, &reply);
	/* A command that has no place here counts, even when it came without the rest. */
	if (error == ECR_ERR_INVALID_COE_RESPONSE && reply.kind != ECR_COE_UNKNOWN &&
	    reply.kind != ECR_COE_ABORT && reply.kind != wanted)
		return wrong_segment(transfer, reply.command);
	if (error)
		return lost_answer(transfer, error);
	transfer->abort_out = ECR_SDO_ABORT_GENERAL;
	if (reply.kind == ECR_COE_ABORT)
		return transfer_refused(transfer, reply.abort_code);
	if (reply.kind != wanted)
		return wrong_segment(transfer, reply.command);
	if (reply.toggle != transfer->toggle) {
		transfer->abort_out = ECR_SDO_ABORT_TOGGLE;
		return transfer_fail(transfer, ECR_ERR_TOGGLE_MISMATCH, transfer->toggle,
				     reply.toggle);
	}
	transfer_arrived(transfer);
	if (upload)
		return segment_received(transfer, &reply);
	transfer->toggle = !transfer->toggle;
	if (transfer->done < transfer->size)
		return ecr_goto(TRANSFER_SEGMENT);
	transfer->open = false;
	return ecr_done();
}
