/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/coe.h"

#include "base/le.h"

#include <string.h>

/* Offsets within a message: mailbox header, CoE header, command, index, subindex, four bytes. */
enum { AT_COE = 6, AT_COMMAND = 8, AT_INDEX = 9, AT_SUBINDEX = 11, AT_DATA = 12, AT_NORMAL = 16 };

#define SDO_MIN 10u    /* CoE header and eight bytes: every SDO message has them */
#define SEGMENT_MIN 7u /* data of a segment, padded */

#define COMPLETE 0x10u
#define TOGGLE 0x10u
#define EXPEDITED 0x02u
#define SIZED 0x01u
#define LAST 0x01u

uint8_t ecr_coe_service(const struct ecr_mailbox_message *message)
{
	return message->length >= 2 ? message->data[1] >> 4 : 0;
}

/* Mailbox and CoE header around `length` bytes of SDO or information; the bytes in all. */
static size_t wrap(uint8_t *bytes, size_t size, enum ecr_coe_service service, size_t length)
{
	struct ecr_mailbox_message message = { .type = ECR_MAILBOX_COE };

	if (length + AT_COMMAND > size || length > ECR_MAILBOX_MAX)
		return 0;
	message.length = (uint16_t)(length + 2);
	ecr_put_le16(bytes + AT_COE, (uint16_t)(service << 12));
	return ecr_mailbox_put(bytes, size, &message);
}

static bool put_object(uint8_t *bytes, size_t size, unsigned int command, uint16_t index,
		       uint8_t subindex)
{
	if (size < AT_COE + SDO_MIN)
		return false;
	memset(bytes, 0, AT_COE + SDO_MIN);
	bytes[AT_COMMAND] = (uint8_t)command;
	ecr_put_le16(bytes + AT_INDEX, index);
	bytes[AT_SUBINDEX] = subindex;
	return true;
}

static size_t put_short(uint8_t *bytes, size_t size, enum ecr_coe_service service,
			unsigned int command, uint16_t index, uint8_t subindex, uint32_t value)
{
	if (!put_object(bytes, size, command, index, subindex))
		return 0;
	ecr_put_le32(bytes + AT_DATA, value);
	return wrap(bytes, size, service, SDO_MIN - 2);
}

/* Initiates a transfer that carries data: expedited up to four bytes, else with its size and as much
 * as fits. */
static size_t put_data(uint8_t *bytes, size_t size, enum ecr_coe_service service,
		       unsigned int command, uint16_t index, uint8_t subindex, const uint8_t *data,
		       size_t length, size_t *done)
{
	bool expedited = length && length <= 4;

	if (expedited)
		command |= EXPEDITED | SIZED | (unsigned int)(4 - length) << 2;
	else
		command |= SIZED;
	if (!put_object(bytes, size, command, index, subindex))
		return 0;
	if (expedited) {
		memcpy(bytes + AT_DATA, data, length);
		*done = length;
		return wrap(bytes, size, service, SDO_MIN - 2);
	}
	ecr_put_le32(bytes + AT_DATA, (uint32_t)length);
	*done = length < size - AT_NORMAL ? length : size - AT_NORMAL;
	if (*done)
		memcpy(bytes + AT_NORMAL, data, *done);
	return wrap(bytes, size, service, SDO_MIN - 2 + *done);
}

static size_t put_segment(uint8_t *bytes, size_t size, enum ecr_coe_service service, bool toggle,
			  const uint8_t *data, size_t length, size_t *done)
{
	size_t left = length - *done;
	size_t part;
	size_t padded;

	if (size < AT_INDEX + SEGMENT_MIN)
		return 0;
	part = left < size - AT_INDEX ? left : size - AT_INDEX;
	padded = part < SEGMENT_MIN ? SEGMENT_MIN : part;
	memset(bytes + AT_INDEX, 0, padded);
	if (part)
		memcpy(bytes + AT_INDEX, data + *done, part);
	bytes[AT_COMMAND] =
		(uint8_t)((toggle ? TOGGLE : 0) | (padded - part) << 1 | (part == left ? LAST : 0));
	*done += part;
	return wrap(bytes, size, service, 1 + padded);
}

/* A command without data that is padded to the usual eight bytes. */
static size_t put_bare(uint8_t *bytes, size_t size, enum ecr_coe_service service,
		       unsigned int command)
{
	return put_short(bytes, size, service, command, 0, 0, 0);
}

size_t ecr_coe_put_upload(uint8_t *bytes, size_t size, uint16_t index, uint8_t subindex,
			  bool complete)
{
	return put_short(bytes, size, ECR_COE_SDO_REQUEST, 0x40 | (complete ? COMPLETE : 0), index,
			 subindex, 0);
}

size_t ecr_coe_put_download(uint8_t *bytes, size_t size, uint16_t index, uint8_t subindex,
			    bool complete, const uint8_t *data, size_t length, size_t *done)
{
	return put_data(bytes, size, ECR_COE_SDO_REQUEST, 0x20 | (complete ? COMPLETE : 0), index,
			subindex, data, length, done);
}

size_t ecr_coe_put_upload_segment(uint8_t *bytes, size_t size, bool toggle)
{
	return put_bare(bytes, size, ECR_COE_SDO_REQUEST, 0x60 | (toggle ? TOGGLE : 0));
}

size_t ecr_coe_put_download_segment(uint8_t *bytes, size_t size, bool toggle, const uint8_t *data,
				    size_t length, size_t *done)
{
	return put_segment(bytes, size, ECR_COE_SDO_REQUEST, toggle, data, length, done);
}

size_t ecr_coe_put_abort(uint8_t *bytes, size_t size, uint16_t index, uint8_t subindex,
			 uint32_t abort_code)
{
	return put_short(bytes, size, ECR_COE_SDO_REQUEST, 0x80, index, subindex, abort_code);
}

size_t ecr_coe_put_uploaded(uint8_t *bytes, size_t size, uint16_t index, uint8_t subindex,
			    bool complete, const uint8_t *data, size_t length, size_t *done)
{
	return put_data(bytes, size, ECR_COE_SDO_RESPONSE, 0x40 | (complete ? COMPLETE : 0), index,
			subindex, data, length, done);
}

size_t ecr_coe_put_downloaded(uint8_t *bytes, size_t size, uint16_t index, uint8_t subindex,
			      bool complete)
{
	return put_short(bytes, size, ECR_COE_SDO_RESPONSE, 0x60 | (complete ? COMPLETE : 0), index,
			 subindex, 0);
}

size_t ecr_coe_put_segment_uploaded(uint8_t *bytes, size_t size, bool toggle, const uint8_t *data,
				    size_t length, size_t *done)
{
	return put_segment(bytes, size, ECR_COE_SDO_RESPONSE, toggle, data, length, done);
}

size_t ecr_coe_put_segment_downloaded(uint8_t *bytes, size_t size, bool toggle)
{
	return put_bare(bytes, size, ECR_COE_SDO_RESPONSE, 0x20 | (toggle ? TOGGLE : 0));
}

static enum ecr_coe_sdo_kind kind_of(uint8_t service, uint8_t command)
{
	static const enum ecr_coe_sdo_kind requests[8] = { ECR_COE_DOWNLOAD_SEGMENT,
							   ECR_COE_DOWNLOAD, ECR_COE_UPLOAD,
							   ECR_COE_UPLOAD_SEGMENT, ECR_COE_ABORT };
	static const enum ecr_coe_sdo_kind answers[8] = { ECR_COE_SEGMENT_UPLOADED,
							  ECR_COE_SEGMENT_DOWNLOADED,
							  ECR_COE_UPLOADED, ECR_COE_DOWNLOADED,
							  ECR_COE_ABORT };

	return service == ECR_COE_SDO_REQUEST ? requests[command >> 5] : answers[command >> 5];
}

static void get_segment(const uint8_t *body, size_t length, struct ecr_coe_sdo *sdo)
{
	sdo->last = sdo->command & LAST;
	sdo->data = body + 1;
	sdo->length = length - 1;
	/* The count of unused bytes means something in a segment of the least length only. */
	sdo->unused = sdo->length <= SEGMENT_MIN ? (sdo->command >> 1) & 7 : 0;
}

static bool get_initiation(const uint8_t *body, size_t length, struct ecr_coe_sdo *sdo)
{
	sdo->complete = sdo->command & COMPLETE;
	sdo->expedited = sdo->command & EXPEDITED;
	sdo->sized = sdo->command & SIZED;
	if (sdo->expedited) {
		sdo->data = body + 4;
		sdo->length = sdo->sized ? 4u - ((sdo->command >> 2) & 3) : 4;
		sdo->total = (uint32_t)sdo->length;
		return true;
	}
	sdo->total = sdo->sized ? ecr_le32(body + 4) : 0;
	sdo->data = body + 8;
	sdo->length = length - 8;
	return true;
}

bool ecr_coe_get_sdo(const struct ecr_mailbox_message *message, struct ecr_coe_sdo *sdo)
{
	const uint8_t *body = message->data + 2;
	size_t length = message->length - 2u;

	*sdo = (struct ecr_coe_sdo){ 0 };
	if (message->length < 3)
		return false;
	sdo->command = body[0];
	sdo->kind = kind_of(ecr_coe_service(message), sdo->command);
	sdo->toggle = sdo->command & TOGGLE;
	if (sdo->kind == ECR_COE_DOWNLOAD_SEGMENT || sdo->kind == ECR_COE_SEGMENT_UPLOADED) {
		get_segment(body, length, sdo);
		return true;
	}
	if (sdo->kind == ECR_COE_UNKNOWN || sdo->kind == ECR_COE_UPLOAD_SEGMENT ||
	    sdo->kind == ECR_COE_SEGMENT_DOWNLOADED)
		return true;
	if (length < 4)
		return false;
	sdo->index = ecr_le16(body + 1);
	sdo->subindex = body[3];
	sdo->complete = sdo->command & COMPLETE;
	if (sdo->kind == ECR_COE_DOWNLOADED || sdo->kind == ECR_COE_UPLOAD)
		return true;
	if (length < 8)
		return false;
	sdo->abort_code = sdo->kind == ECR_COE_ABORT ? ecr_le32(body + 4) : 0;
	return sdo->kind == ECR_COE_ABORT || get_initiation(body, length, sdo);
}

bool ecr_coe_get_emergency(const struct ecr_mailbox_message *message,
			   struct ecr_coe_emergency *emergency)
{
	*emergency = (struct ecr_coe_emergency){ 0 };
	if (message->length < SDO_MIN || ecr_coe_service(message) != ECR_COE_EMERGENCY)
		return false;
	emergency->code = ecr_le16(message->data + 2);
	emergency->error_register = message->data[4];
	memcpy(emergency->data, message->data + 5, sizeof(emergency->data));
	return true;
}

size_t ecr_coe_put_emergency(uint8_t *bytes, size_t size, const struct ecr_coe_emergency *emergency)
{
	if (size < AT_COE + SDO_MIN)
		return 0;
	ecr_put_le16(bytes + AT_COMMAND, emergency->code);
	bytes[AT_COMMAND + 2] = emergency->error_register;
	memcpy(bytes + AT_COMMAND + 3, emergency->data, sizeof(emergency->data));
	return wrap(bytes, size, ECR_COE_EMERGENCY, SDO_MIN - 2);
}

bool ecr_coe_get_info(const struct ecr_mailbox_message *message, struct ecr_coe_info *info)
{
	*info = (struct ecr_coe_info){ 0 };
	if (message->length < 6 || ecr_coe_service(message) != ECR_COE_SDO_INFO)
		return false;
	info->kind = message->data[2] & 0x7F;
	info->incomplete = message->data[2] & 0x80;
	info->fragments = ecr_le16(message->data + 4);
	info->data = message->data + 6;
	info->length = message->length - 6u;
	if (info->kind != ECR_COE_INFO_ERROR)
		return true;
	info->abort_code = info->length >= 4 ? ecr_le32(info->data) : 0;
	return info->length >= 4;
}

size_t ecr_coe_put_info(uint8_t *bytes, size_t size, enum ecr_coe_info_kind kind,
			uint16_t fragments, const uint8_t *data, size_t length)
{
	if (size < ECR_COE_INFO_HEADER || length > size - ECR_COE_INFO_HEADER)
		return 0;
	bytes[AT_COMMAND] = (uint8_t)((unsigned int)kind | (fragments ? 0x80u : 0));
	bytes[AT_COMMAND + 1] = 0;
	ecr_put_le16(bytes + AT_COMMAND + 2, fragments);
	if (length)
		memcpy(bytes + ECR_COE_INFO_HEADER, data, length);
	return wrap(bytes, size, ECR_COE_SDO_INFO, 4 + length);
}
