/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SDO information: the lists of objects, and the descriptions of objects and entries (ETG.1000.6,
 * 5.6.3). A list comes in as many fragments as it needs, each a message of its own.
 */
#include "mailbox/transfer_steps.h"

#include "base/le.h"

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
	uint16_t *indices = (uint16_t *)(void *)transfer->data;
	size_t room = transfer->size / sizeof(*indices);

	for (size_t i = transfer->fragments ? 0 : 2; i + 2 <= info->length; i += 2) {
		if (transfer->total < room)
			indices[transfer->total] = ecr_le16(info->data + i);
		transfer->total++;
	}
	transfer->fragments++;
}

static void take_name(char name[ECR_OBJECT_NAME_SIZE], const uint8_t *text, size_t length)
{
	size_t used = 0;

	for (size_t i = 0; i < length && used + 1 < ECR_OBJECT_NAME_SIZE; i++)
		if (text[i] >= ' ')
			name[used++] = (char)text[i];
	name[used] = '\0';
}

/* False: too short. */
static bool take_object(struct ecr_transfer *transfer, const struct ecr_coe_info *info)
{
	struct ecr_object object = { 0 };

	if (info->length < 6 || transfer->size < sizeof(object))
		return false;
	object.index = ecr_le16(info->data);
	object.data_type = ecr_le16(info->data + 2);
	object.max_subindex = info->data[4];
	object.object_code = info->data[5];
	take_name(object.name, info->data + 6, info->length - 6);
	memcpy(transfer->data, &object, sizeof(object));
	transfer->total = sizeof(object);
	return object.index == transfer->index;
}

static bool take_entry(struct ecr_transfer *transfer, const struct ecr_coe_info *info)
{
	struct ecr_object_entry entry = { 0 };

	if (info->length < 10 || transfer->size < sizeof(entry))
		return false;
	entry.index = ecr_le16(info->data);
	entry.subindex = info->data[2];
	entry.data_type = ecr_le16(info->data + 4);
	entry.bit_length = ecr_le16(info->data + 6);
	entry.access = ecr_le16(info->data + 8);
	take_name(entry.name, info->data + 10, info->length - 10);
	memcpy(transfer->data, &entry, sizeof(entry));
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
