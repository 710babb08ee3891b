/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver of slaves without one: every PDO entry becomes a signal. Terminals whose PDOs of a
 * direction are single bits get ch1, ch2 ... (in1/out1 ... when they have both directions); others
 * get their entries' names.
 */
#include "base/text.h"

#include <ecring/driver.h>

#include <string.h>

/* ETG.1000.6, table of basic data types */
enum {
	TYPE_BOOLEAN = 0x01,
	TYPE_INTEGER8 = 0x02,
	TYPE_INTEGER32 = 0x04,
	TYPE_REAL32 = 0x08,
	TYPE_INTEGER24 = 0x10,
	TYPE_REAL64 = 0x11,
	TYPE_INTEGER64 = 0x15,
};

static enum ecr_type type_of(uint8_t data_type, uint16_t bits)
{
	if (bits == 1)
		return ECR_TYPE_BOOL;
	if (bits > 64)
		return ECR_TYPE_BYTES;
	if ((data_type == TYPE_REAL32 && bits == 32) || (data_type == TYPE_REAL64 && bits == 64))
		return ECR_TYPE_FLOAT;
	if ((data_type >= TYPE_INTEGER8 && data_type <= TYPE_INTEGER32) ||
	    data_type == TYPE_INTEGER24 || (data_type > 0x11 && data_type <= TYPE_INTEGER64))
		return ECR_TYPE_SIGNED;
	return ECR_TYPE_UNSIGNED;
}

static bool digital(const struct ecr_pdo_list *pdos, enum ecr_direction direction, bool *present)
{
	*present = false;
	for (int i = 0; i < pdos->count; i++) {
		const struct ecr_pdo *pdo = &pdos->pdos[i];

		if (pdo->direction != direction || pdo->sm == 0xFF || !pdo->bit_size)
			continue;
		*present = true;
		if (pdo->bit_size != 1)
			return false;
	}
	return true;
}

/* Lower case letters, digits and single underscores. */
static void snake(struct ecr_text *to, const char *from)
{
	bool gap = false;

	for (; *from; from++) {
		char c = *from;

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
			if (gap && to->used)
				ecr_text_char(to, '_');
			ecr_text_char(to, c);
			gap = false;
		} else {
			gap = true;
		}
	}
}

static bool taken(const struct ecr_signal_model *signals, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (ecr_text_equal(signals[i].name, name))
			return true;
	return false;
}

/* The entry's name; when that is taken, the PDO's before it; then a number behind. */
static void name_entry(const struct ecr_pdo *pdo, const struct ecr_pdo_entry *entry,
		       const struct ecr_signal_model *signals, int count, char *name)
{
	struct ecr_text text;

	ecr_text_init(&text, name, ECR_NAME_SIZE);
	snake(&text, entry->name);
	if (text.used && !taken(signals, count, name))
		return;
	ecr_text_init(&text, name, ECR_NAME_SIZE);
	snake(&text, pdo->name);
	if (text.used && entry->name[0])
		ecr_text_char(&text, '_');
	snake(&text, entry->name);
	if (text.used && !taken(signals, count, name))
		return;
	ecr_text_init(&text, name, ECR_NAME_SIZE);
	ecr_text_string(&text, "pdo_0x");
	ecr_text_hex(&text, pdo->index, 4);
	ecr_text_char(&text, '_');
	ecr_text_decimal(&text, (uint64_t)(entry - pdo->entries) + 1);
}

static void name_channel(const char *prefix, int number, char *name)
{
	struct ecr_text text;

	ecr_text_init(&text, name, ECR_NAME_SIZE);
	ecr_text_string(&text, prefix);
	ecr_text_decimal(&text, (uint64_t)number);
}

static int add_pdo(const struct ecr_pdo *pdo, const char *prefix, int *channel,
		   struct ecr_signal_model *signals, int count, int room)
{
	for (int i = 0; i < pdo->entry_count; i++) {
		const struct ecr_pdo_entry *entry = &pdo->entries[i];

		if (!entry->index || !entry->bit_size)
			continue;
		if (count < room) {
			struct ecr_signal_model *signal = &signals[count];

			*signal = (struct ecr_signal_model){ .pdo = pdo->index,
							     .bit_offset = entry->bit_offset,
							     .bit_size = entry->bit_size,
							     .type = type_of(entry->data_type,
									     entry->bit_size) };
			if (prefix)
				name_channel(prefix, ++*channel, signal->name);
			else
				name_entry(pdo, entry, signals, count, signal->name);
		}
		count++;
	}
	return count;
}

static int default_model(const void *config, const struct ecr_pdo_list *pdos,
			 struct ecr_signal_model *signals, int room)
{
	bool has[2];
	bool bits[2] = { digital(pdos, ECR_INPUT, &has[0]), digital(pdos, ECR_OUTPUT, &has[1]) };
	const char *prefix[2] = { has[1] ? "in" : "ch", has[0] ? "out" : "ch" };
	int channel[2] = { 0, 0 };
	int count = 0;

	(void)config;
	for (int i = 0; i < pdos->count; i++) {
		const struct ecr_pdo *pdo = &pdos->pdos[i];
		int d = pdo->direction == ECR_OUTPUT;

		if (pdo->sm != 0xFF)
			count = add_pdo(pdo, bits[d] ? prefix[d] : NULL, &channel[d], signals,
					count, room);
	}
	return count;
}

const struct ecr_driver ecr_default_driver = {
	.name = "default",
	.signal_model = default_model,
};
