/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/sii_write.h"

#include "base/assert.h"
#include "base/le.h"

#include <string.h>

void ecr_sii_begin(struct ecr_sii_writer *writer, uint8_t *bytes, size_t size, uint16_t kilobits)
{
	*writer = (struct ecr_sii_writer){ .bytes = bytes,
					   .size = size,
					   .used = ECR_SII_HEADER_SIZE };
	if (size < ECR_SII_HEADER_SIZE) {
		writer->full = true;
		return;
	}
	memset(bytes, 0, ECR_SII_HEADER_SIZE);
	ecr_sii_put_word(writer, ECR_SII_WORD_SIZE, (uint16_t)(kilobits - 1));
	ecr_sii_put_word(writer, ECR_SII_WORD_VERSION, 1);
}

void ecr_sii_put_word(struct ecr_sii_writer *writer, uint16_t word, uint16_t value)
{
	ECR_ASSERT(word < ECR_SII_HEADER_SIZE / 2);
	if (writer->size >= ECR_SII_HEADER_SIZE)
		ecr_put_le16(writer->bytes + (size_t)word * 2, value);
}

static void put_double(struct ecr_sii_writer *writer, uint16_t word, uint32_t value)
{
	ecr_sii_put_word(writer, word, (uint16_t)value);
	ecr_sii_put_word(writer, (uint16_t)(word + 1), (uint16_t)(value >> 16));
}

void ecr_sii_put_identity(struct ecr_sii_writer *writer, const struct ecr_sii_identity *identity)
{
	put_double(writer, ECR_SII_WORD_VENDOR, identity->vendor);
	put_double(writer, ECR_SII_WORD_PRODUCT, identity->product);
	put_double(writer, ECR_SII_WORD_REVISION, identity->revision);
	put_double(writer, ECR_SII_WORD_SERIAL, identity->serial);
}

void ecr_sii_put_mailbox(struct ecr_sii_writer *writer, const struct ecr_sii_mailbox *mailbox)
{
	const uint16_t words[] = {
		mailbox->boot_receive_offset, mailbox->boot_receive_size, mailbox->boot_send_offset,
		mailbox->boot_send_size,      mailbox->receive_offset,	  mailbox->receive_size,
		mailbox->send_offset,	      mailbox->send_size,	  mailbox->protocols
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		ecr_sii_put_word(writer, (uint16_t)(ECR_SII_WORD_BOOT_MAILBOX + i), words[i]);
}

void ecr_sii_byte(struct ecr_sii_writer *writer, uint8_t value)
{
	if (writer->full || writer->used == writer->size) {
		writer->full = true;
		return;
	}
	writer->bytes[writer->used++] = value;
}

void ecr_sii_word16(struct ecr_sii_writer *writer, uint16_t value)
{
	ecr_sii_byte(writer, (uint8_t)value);
	ecr_sii_byte(writer, (uint8_t)(value >> 8));
}

static void append_double(struct ecr_sii_writer *writer, uint32_t value)
{
	ecr_sii_word16(writer, (uint16_t)value);
	ecr_sii_word16(writer, (uint16_t)(value >> 16));
}

void ecr_sii_open_category(struct ecr_sii_writer *writer, uint16_t type)
{
	writer->category = writer->used;
	ecr_sii_word16(writer, type);
	ecr_sii_word16(writer, 0);
}

void ecr_sii_close_category(struct ecr_sii_writer *writer)
{
	size_t length = writer->used - writer->category - 4;

	if (length % 2) {
		ecr_sii_byte(writer, 0);
		length++;
	}
	if (length / 2 > UINT16_MAX)
		writer->full = true;
	if (!writer->full)
		ecr_put_le16(writer->bytes + writer->category + 2, (uint16_t)(length / 2));
}

void ecr_sii_put_strings(struct ecr_sii_writer *writer, const char *const *strings, uint8_t count)
{
	ecr_sii_open_category(writer, ECR_SII_STRINGS);
	ecr_sii_byte(writer, count);
	for (uint8_t i = 0; i < count; i++) {
		size_t length = strlen(strings[i]);

		if (length > UINT8_MAX)
			length = UINT8_MAX;
		ecr_sii_byte(writer, (uint8_t)length);
		for (size_t k = 0; k < length; k++)
			ecr_sii_byte(writer, (uint8_t)strings[i][k]);
	}
	ecr_sii_close_category(writer);
}

void ecr_sii_put_general(struct ecr_sii_writer *writer, const struct ecr_sii_general *general)
{
	const uint8_t head[] = { general->group,
				 general->image,
				 general->order,
				 general->name,
				 0,
				 general->coe_details,
				 general->foe_details,
				 general->eoe_details,
				 0,
				 0,
				 0,
				 general->flags };

	ecr_sii_open_category(writer, ECR_SII_GENERAL);
	for (size_t i = 0; i < sizeof(head); i++)
		ecr_sii_byte(writer, head[i]);
	ecr_sii_word16(writer, (uint16_t)general->ebus_current_ma);
	ecr_sii_word16(writer, 0);
	ecr_sii_word16(writer, general->ports);
	ecr_sii_word16(writer, general->identification_address);
	for (int i = 0; i < 12; i++)
		ecr_sii_byte(writer, 0);
	ecr_sii_close_category(writer);
}

void ecr_sii_put_sm(struct ecr_sii_writer *writer, const struct ecr_sii_sm *sm)
{
	ecr_sii_word16(writer, sm->start);
	ecr_sii_word16(writer, sm->length);
	ecr_sii_byte(writer, sm->control);
	ecr_sii_byte(writer, sm->status);
	ecr_sii_byte(writer, sm->enable);
	ecr_sii_byte(writer, sm->type);
}

void ecr_sii_put_dc(struct ecr_sii_writer *writer, const struct ecr_sii_dc *dc)
{
	append_double(writer, dc->cycle0_ns);
	append_double(writer, (uint32_t)dc->shift0_ns);
	append_double(writer, (uint32_t)dc->shift1_ns);
	ecr_sii_word16(writer, (uint16_t)dc->sync1_factor);
	ecr_sii_word16(writer, dc->assign_activate);
	ecr_sii_word16(writer, (uint16_t)dc->sync0_factor);
	ecr_sii_byte(writer, dc->name);
	ecr_sii_byte(writer, dc->description);
	append_double(writer, 0);
}

void ecr_sii_put_pdo(struct ecr_sii_writer *writer, uint16_t index, uint8_t entries, uint8_t sm,
		     uint8_t name)
{
	ecr_sii_word16(writer, index);
	ecr_sii_byte(writer, entries);
	ecr_sii_byte(writer, sm);
	ecr_sii_byte(writer, 0);
	ecr_sii_byte(writer, name);
	ecr_sii_word16(writer, 0);
}

void ecr_sii_put_entry(struct ecr_sii_writer *writer, const struct ecr_sii_entry *entry)
{
	ecr_sii_word16(writer, entry->index);
	ecr_sii_byte(writer, entry->subindex);
	ecr_sii_byte(writer, entry->name);
	ecr_sii_byte(writer, entry->data_type);
	ecr_sii_byte(writer, entry->bits);
	ecr_sii_word16(writer, entry->flags);
}

size_t ecr_sii_finish(struct ecr_sii_writer *writer)
{
	ecr_sii_word16(writer, ECR_SII_END);
	if (writer->full)
		return 0;
	writer->bytes[14] = ecr_sii_crc(writer->bytes);
	return writer->used;
}
