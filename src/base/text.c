/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

void ecr_text_init(struct ecr_text *text, char *buffer, size_t size)
{
	*text = (struct ecr_text){ .buffer = buffer, .size = size };
	if (size)
		buffer[0] = '\0';
}

void ecr_text_char(struct ecr_text *text, char c)
{
	if (text->used + 1 >= text->size) {
		text->cut = true;
		return;
	}
	text->buffer[text->used++] = c;
	text->buffer[text->used] = '\0';
}

void ecr_text_string(struct ecr_text *text, const char *string)
{
	while (*string)
		ecr_text_char(text, *string++);
}

void ecr_text_decimal(struct ecr_text *text, uint64_t value)
{
	char digits[20];
	unsigned int count = 0;

	do {
		digits[count++] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	while (count)
		ecr_text_char(text, digits[--count]);
}

void ecr_text_hex(struct ecr_text *text, uint64_t value, unsigned int digits)
{
	while (digits--)
		ecr_text_char(text, "0123456789abcdef"[value >> 4 * digits & 15]);
}

bool ecr_text_equal(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}
