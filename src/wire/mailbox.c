/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/mailbox.h"

#include "base/le.h"

#define COMMAND_ERROR 1u /* type field of an error reply's data */

bool ecr_mailbox_get(const uint8_t *bytes, size_t size, struct ecr_mailbox_message *message)
{
	*message = (struct ecr_mailbox_message){ 0 };
	if (size < ECR_MAILBOX_HEADER)
		return false;
	message->length = ecr_le16(bytes);
	message->address = ecr_le16(bytes + 2);
	message->channel = bytes[4] & 0x3F;
	message->priority = bytes[4] >> 6;
	message->type = bytes[5] & 0x0F;
	message->counter = (bytes[5] >> 4) & 0x07;
	message->data = bytes + ECR_MAILBOX_HEADER;
	return message->length <= size - ECR_MAILBOX_HEADER;
}

size_t ecr_mailbox_put(uint8_t *bytes, size_t size, const struct ecr_mailbox_message *message)
{
	if (size < ECR_MAILBOX_HEADER || message->length > size - ECR_MAILBOX_HEADER)
		return 0;
	ecr_put_le16(bytes, message->length);
	ecr_put_le16(bytes + 2, message->address);
	bytes[4] = (uint8_t)((message->channel & 0x3F) | message->priority << 6);
	bytes[5] = message->type & 0x0F;
	ecr_mailbox_put_counter(bytes, message->counter);
	return (size_t)ECR_MAILBOX_HEADER + message->length;
}

void ecr_mailbox_put_counter(uint8_t *bytes, uint8_t counter)
{
	bytes[5] = (uint8_t)((bytes[5] & 0x0F) | (counter & 0x07) << 4);
}

uint16_t ecr_mailbox_get_error(const struct ecr_mailbox_message *message)
{
	return message->length >= 4 ? ecr_le16(message->data + 2) : 0;
}

size_t ecr_mailbox_put_error(uint8_t *bytes, size_t size, uint16_t code)
{
	struct ecr_mailbox_message message = { .type = ECR_MAILBOX_ERROR, .length = 4 };

	if (size < ECR_MAILBOX_HEADER + 4)
		return 0;
	ecr_put_le16(bytes + ECR_MAILBOX_HEADER, COMMAND_ERROR);
	ecr_put_le16(bytes + ECR_MAILBOX_HEADER + 2, code);
	return ecr_mailbox_put(bytes, size, &message);
}

const char *ecr_mailbox_error_text(uint16_t code)
{
	switch (code) {
#define TEXT(number, symbol, text) \
	case number: \
		return text;
		ECR_MAILBOX_ERRORS(TEXT)
#undef TEXT
	default:
		return "unknown mailbox error";
	}
}
