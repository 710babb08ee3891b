/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SDO information: the lists of objects, and the descriptions of objects and entries (ETG.1000.6,
 * 5.6.3). A list comes in as many fragments as it needs, each a message of its own.
 */
#include "mailbox/transfer_steps.h"

#include "base/le.h"
#include "wire/coe_description.h"

#include <string.h>

#define VALUE_INFO 0 /* only the description itself, no units, defaults or limits */

static enum ecr_coe_info_kind question_of(uint8_t kind)
{
	return kind == ECR_SDO_OBJECT_LIST ? ECR_COE_INFO_LIST
	       : kind == ECR_SDO_OBJECT	   ? ECR_COE_INFO_OBJECT
					   : ECR_COE_INFO_ENTRY;
}

struct ecr_verdict transfer_info(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_transfer *transfer = transfer_of(job);
	struct ecr_mailbox *mailbox = transfer->mailbox;
	uint8_t question[4];
	size_t length = transfer->kind == ECR_SDO_ENTRY ? 4 : 2;

	(void)answer;
	ecr_put_le16(question, transfer->index);
	question[2] = transfer->subindex;
	question[3] = VALUE_INFO;
	mailbox->unsure = true;
	mailbox->unsure_index = transfer->index;
	transfer->begun = false;
	return transfer_ask(transfer,
			    ecr_coe_put_info(mailbox->out, mailbox->area.receive_size,
					     question_of(transfer->kind), 0, question, length),
			    TRANSFER_INFO_ANSWER);
}

/* The list's number comes first. Fragments are cut anywhere, within a number as well. */
static void take_list(struct ecr_transfer *transfer, const struct ecr_coe_info *info)
{
	uint16_t *indices = (uint16_t *)(void *)transfer->to;
	size_t room = transfer->size / sizeof(*indices);

	for (size_t i = 0; i < info->length; i++, transfer->done++) {
		size_t number = transfer->done / 2;

		if (!number || number > room)
			continue;
		if (transfer->done % 2)
			indices[number - 1] = (uint16_t)(indices[number - 1] | info->data[i] << 8);
		else
			indices[number - 1] = info->data[i];
	}
}

/* A description is put together in the caller's buffer; what a name has beyond its room is cut. */
static void take_description(struct ecr_transfer *transfer, const struct ecr_coe_info *info)
{
	size_t room = transfer->size - transfer->done;
	size_t part = info->length < room ? info->length : room;

	memcpy(transfer->to + transfer->done, info->data, part);
	transfer->done += part;
}

static void take_name(char name[ECR_OBJECT_NAME_SIZE], const char *text, size_t length)
{
	size_t used = 0;

	for (size_t i = 0; i < length && used + 1 < ECR_OBJECT_NAME_SIZE; i++)
		if ((unsigned char)text[i] >= ' ')
			name[used++] = text[i];
	name[used] = '\0';
}

/* False: too short, or about another object. */
static bool read_object(struct ecr_transfer *transfer)
{
	struct ecr_coe_object_description from;
	struct ecr_object object = { 0 };

	if (!ecr_coe_get_object_description(transfer->to, transfer->done, &from))
		return false;
	object.index = from.index;
	object.data_type = from.data_type;
	object.max_subindex = from.max_subindex;
	object.object_code = from.object_code;
	take_name(object.name, from.name, from.name_length);
	memcpy(transfer->to, &object, sizeof(object));
	return object.index == transfer->index;
}

static bool read_entry(struct ecr_transfer *transfer)
{
	struct ecr_coe_entry_description from;
	struct ecr_object_entry entry = { 0 };

	if (!ecr_coe_get_entry_description(transfer->to, transfer->done, &from))
		return false;
	entry.index = from.index;
	entry.subindex = from.subindex;
	entry.data_type = from.data_type;
	entry.bit_length = from.bit_length;
	entry.access = from.access;
	take_name(entry.name, from.name, from.name_length);
	memcpy(transfer->to, &entry, sizeof(entry));
	return entry.index == transfer->index && entry.subindex == transfer->subindex;
}

/* A list begins with its number: what does not lacks its beginning. */
static bool begins_wrong(const struct ecr_transfer *transfer, const struct ecr_coe_info *info)
{
	return !transfer->begun && transfer->kind == ECR_SDO_OBJECT_LIST && info->length >= 2 &&
	       ecr_le16(info->data) != transfer->index;
}

static struct ecr_verdict finished(struct ecr_transfer *transfer)
{
	bool list = transfer->kind == ECR_SDO_OBJECT_LIST;
	size_t wanted = transfer->kind == ECR_SDO_OBJECT  ? sizeof(struct ecr_object)
			: transfer->kind == ECR_SDO_ENTRY ? sizeof(struct ecr_object_entry)
			: transfer->done < 2		  ? 0
							  : (transfer->done / 2 - 1) * 2;

	ecr_mailbox_sure(transfer->mailbox);
	transfer->result.size = wanted;
	if (wanted > transfer->size)
		return transfer_fail(transfer, ECR_ERR_BUFFER_TOO_SMALL, (uint32_t)transfer->size,
				     (uint32_t)wanted);
	if (!list && !(transfer->kind == ECR_SDO_OBJECT ? read_object : read_entry)(transfer))
		return transfer_fail(transfer, ECR_ERR_UNEXPECTED_SDO_RESPONSE, transfer->index,
				     transfer->done >= 2 ? ecr_le16(transfer->to) : 0);
	return ecr_done();
}

/* Some slaves refuse the service as they refuse an SDO. */
static bool is_abort(const struct ecr_mailbox_message *message, struct ecr_coe_info *info)
{
	struct ecr_coe_sdo sdo;

	if (ecr_coe_service(message) != ECR_COE_SDO_REQUEST || !ecr_coe_get_sdo(message, &sdo) ||
	    sdo.kind != ECR_COE_ABORT)
		return false;
	*info = (struct ecr_coe_info){ .kind = ECR_COE_INFO_ERROR, .abort_code = sdo.abort_code };
	return true;
}

/* What is wrong with an answer, told apart; 0 when it is one of those asked for. */
static int bad_info(struct ecr_transfer *transfer, struct ecr_coe_info *info)
{
	const struct ecr_mailbox_message *message = &transfer->mailbox->message;
	struct ecr_sdo_result *result = &transfer->result;

	if (is_abort(message, info))
		return 0;
	result->expected = ECR_COE_SDO_INFO;
	result->actual = ecr_coe_service(message);
	if (result->actual != ECR_COE_SDO_INFO)
		return ECR_ERR_UNEXPECTED_COE_SERVICE;
	result->expected = ECR_COE_INFO_HEADER - ECR_MAILBOX_HEADER;
	result->actual = message->length;
	if (!ecr_coe_get_info(message, info))
		return ECR_ERR_INVALID_COE_RESPONSE;
	result->expected = question_of(transfer->kind) + 1u;
	result->actual = info->kind;
	return info->kind == result->expected || info->kind == ECR_COE_INFO_ERROR
		       ? 0
		       : ECR_ERR_UNEXPECTED_SDO_COMMAND;
}

struct ecr_verdict transfer_info_answer(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_transfer *transfer = transfer_of(job);
	struct ecr_mailbox *mailbox = transfer->mailbox;
	struct ecr_coe_info info;
	int error = transfer_answered(transfer);

	(void)answer;
	if (!error)
		error = bad_info(transfer, &info);
	if (error == ECR_ERR_UNEXPECTED_COE_SERVICE && !transfer->begun &&
	    transfer->result.actual == ECR_COE_SDO_RESPONSE)
		return transfer_of_before(transfer, TRANSFER_INFO_ANSWER, error,
					  transfer->result.expected, transfer->result.actual);
	if (error)
		return ecr_fail(error);
	if (info.kind == ECR_COE_INFO_ERROR)
		return transfer_refused(transfer, info.abort_code);
	/* A fragment that is missing is no shorter list. */
	if (transfer->begun && info.fragments + 1 != transfer->fragments)
		return transfer_fail(transfer, ECR_ERR_INVALID_COE_RESPONSE,
				     transfer->fragments - 1u, info.fragments);
	if (begins_wrong(transfer, &info) && transfer->past.error)
		return transfer_fail(transfer, transfer->past.error, transfer->past.expected,
				     transfer->past.actual); /* that was the beginning */
	if (begins_wrong(transfer, &info))
		return transfer_fail(transfer, ECR_ERR_UNEXPECTED_SDO_RESPONSE, transfer->index,
				     ecr_le16(info.data));
	transfer->begun = true;
	transfer->past = (struct ecr_past_answer){ 0 }; /* explains nothing from now on */
	transfer->fragments = info.fragments;
	if (transfer->kind == ECR_SDO_OBJECT_LIST)
		take_list(transfer, &info);
	else
		take_description(transfer, &info);
	if (!info.fragments)
		return finished(transfer);
	return ecr_try(ecr_mailbox_exchange(mailbox, ECR_EXCHANGE_RECEIVE, 0),
		       TRANSFER_INFO_ANSWER);
}
