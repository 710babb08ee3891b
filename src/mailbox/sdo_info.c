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
	return transfer_ask(transfer,
			    ecr_coe_put_info(mailbox->out, mailbox->area.receive_size,
					     question_of(transfer->kind), 0, question, length),
			    TRANSFER_INFO_ANSWER);
}

/* The list's number comes first, in the first fragment. An odd last byte is a slave's mistake. */
static void take_list(struct ecr_transfer *transfer, const struct ecr_coe_info *info)
{
	uint16_t *indices = (uint16_t *)(void *)transfer->to;
	size_t room = transfer->size / sizeof(*indices);

	for (size_t i = transfer->fragments ? 0 : 2; i + 2 <= info->length; i += 2) {
		if (transfer->total < room)
			indices[transfer->total] = ecr_le16(info->data + i);
		transfer->total++;
	}
	transfer->fragments++;
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
static bool take_object(struct ecr_transfer *transfer, const struct ecr_coe_info *info)
{
	struct ecr_coe_object_description from;
	struct ecr_object object = { 0 };

	if (!ecr_coe_get_object_description(info->data, info->length, &from) ||
	    transfer->size < sizeof(object))
		return false;
	object.index = from.index;
	object.data_type = from.data_type;
	object.max_subindex = from.max_subindex;
	object.object_code = from.object_code;
	take_name(object.name, from.name, from.name_length);
	memcpy(transfer->to, &object, sizeof(object));
	transfer->total = sizeof(object);
	return object.index == transfer->index;
}

static bool take_entry(struct ecr_transfer *transfer, const struct ecr_coe_info *info)
{
	struct ecr_coe_entry_description from;
	struct ecr_object_entry entry = { 0 };

	if (!ecr_coe_get_entry_description(info->data, info->length, &from) ||
	    transfer->size < sizeof(entry))
		return false;
	entry.index = from.index;
	entry.subindex = from.subindex;
	entry.data_type = from.data_type;
	entry.bit_length = from.bit_length;
	entry.access = from.access;
	take_name(entry.name, from.name, from.name_length);
	memcpy(transfer->to, &entry, sizeof(entry));
	transfer->total = sizeof(entry);
	return entry.index == transfer->index && entry.subindex == transfer->subindex;
}

static struct ecr_verdict finished(struct ecr_transfer *transfer)
{
	size_t wanted = transfer->kind == ECR_SDO_OBJECT_LIST ? transfer->total * sizeof(uint16_t)
							      : transfer->total;

	transfer->result.size = wanted;
	if (wanted > transfer->size)
		return transfer_fail(transfer, ECR_ERR_BUFFER_TOO_SMALL, (uint32_t)transfer->size,
				     (uint32_t)wanted);
	return ecr_done();
}

struct ecr_verdict transfer_info_answer(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_transfer *transfer = transfer_of(job);
	struct ecr_mailbox *mailbox = transfer->mailbox;
	struct ecr_coe_info info;
	int error = transfer_answered(transfer);

	(void)answer;
	if (error)
		return ecr_fail(error);
	if (ecr_coe_service(&mailbox->message) != ECR_COE_SDO_INFO)
		return transfer_fail(transfer, ECR_ERR_UNEXPECTED_COE_SERVICE, ECR_COE_SDO_INFO,
				     ecr_coe_service(&mailbox->message));
	if (!ecr_coe_get_info(&mailbox->message, &info))
		return transfer_fail(transfer, ECR_ERR_INVALID_COE_RESPONSE, 6,
				     mailbox->message.length);
	if (info.kind == ECR_COE_INFO_ERROR)
		return transfer_refused(transfer, info.abort_code);
	if (info.kind != question_of(transfer->kind) + 1u)
		return transfer_fail(transfer, ECR_ERR_UNEXPECTED_SDO_COMMAND,
				     question_of(transfer->kind) + 1u, info.kind);
	if (transfer->kind == ECR_SDO_OBJECT_LIST)
		take_list(transfer, &info);
	else if (transfer->kind == ECR_SDO_OBJECT ? !take_object(transfer, &info)
						  : !take_entry(transfer, &info))
		return transfer_fail(transfer, ECR_ERR_UNEXPECTED_SDO_RESPONSE, transfer->index,
				     info.length >= 2 ? ecr_le16(info.data) : 0);
	if (info.fragments) {
		mailbox->unsure = true;
		return ecr_try(ecr_mailbox_exchange(mailbox, ECR_EXCHANGE_RECEIVE, 0),
			       TRANSFER_INFO_ANSWER);
	}
	return finished(transfer);
}
