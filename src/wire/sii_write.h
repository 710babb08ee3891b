/* SPDX-License-Identifier: Apache-2.0 */
/* Building an SII image, category by category. A buffer that is too small makes the result 0, never
 * an overrun. */
#ifndef ECR_WIRE_SII_WRITE_H
#define ECR_WIRE_SII_WRITE_H

#include "wire/sii.h"

struct ecr_sii_writer {
	uint8_t *bytes;
	size_t size;
	size_t used;
	size_t category; /* offset of the open category's header, 0 none */
	bool full;
};

/* Clears the header; `kilobits` is the EEPROM's size. */
void ecr_sii_begin(struct ecr_sii_writer *writer, uint8_t *bytes, size_t size, uint16_t kilobits);
/* A word of the header: ECR_SII_WORD_xxx. */
void ecr_sii_put_word(struct ecr_sii_writer *writer, uint16_t word, uint16_t value);
void ecr_sii_put_identity(struct ecr_sii_writer *writer, const struct ecr_sii_identity *identity);
void ecr_sii_put_mailbox(struct ecr_sii_writer *writer, const struct ecr_sii_mailbox *mailbox);

void ecr_sii_open_category(struct ecr_sii_writer *writer, uint16_t type);
void ecr_sii_byte(struct ecr_sii_writer *writer, uint8_t value);
void ecr_sii_word16(struct ecr_sii_writer *writer, uint16_t value);
void ecr_sii_close_category(struct ecr_sii_writer *writer); /* pads to a word */

/* A whole strings category; index 1 is the first. Strings are cut to 255 bytes. */
void ecr_sii_put_strings(struct ecr_sii_writer *writer, const char *const *strings, uint8_t count);
void ecr_sii_put_general(struct ecr_sii_writer *writer, const struct ecr_sii_general *general);
/* Within the open category. */
void ecr_sii_put_sm(struct ecr_sii_writer *writer, const struct ecr_sii_sm *sm);
void ecr_sii_put_dc(struct ecr_sii_writer *writer, const struct ecr_sii_dc *dc);
void ecr_sii_put_pdo(struct ecr_sii_writer *writer, uint16_t index, uint8_t entries, uint8_t sm,
		     uint8_t name);
void ecr_sii_put_entry(struct ecr_sii_writer *writer, const struct ecr_sii_entry *entry);

/* Writes checksum and end marker; returns the image's length, 0 when it did not fit. */
size_t ecr_sii_finish(struct ecr_sii_writer *writer);

#endif
