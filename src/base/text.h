/* SPDX-License-Identifier: Apache-2.0 */
/* Short names built without stdio: text that is cut, never overrun, and always terminated. */
#ifndef ECR_BASE_TEXT_H
#define ECR_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ecr_text {
	char *buffer;
	size_t size; /* of the buffer, with the terminator */
	size_t used;
	bool cut; /* something did not fit */
};

void ecr_text_init(struct ecr_text *text, char *buffer, size_t size);
void ecr_text_char(struct ecr_text *text, char c);
void ecr_text_string(struct ecr_text *text, const char *string);
void ecr_text_decimal(struct ecr_text *text, uint64_t value);
void ecr_text_hex(struct ecr_text *text, uint64_t value,
		  unsigned int digits); /* lower case, no prefix */

/* Compare without libc. */
bool ecr_text_equal(const char *a, const char *b);

#endif
