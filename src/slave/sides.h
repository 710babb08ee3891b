/* SPDX-License-Identifier: Apache-2.0 */
/* PDOs as they are described in one place - EEPROM, objects, configuration - and two such
 * descriptions side by side. Pure. */
#ifndef ECR_SLAVE_SIDES_H
#define ECR_SLAVE_SIDES_H

#include "base/text.h"
#include "wire/sii.h"

#include <ecring/startup.h>

/* A PDO as the slave's objects describe it. */
struct ecr_known_pdo {
	uint16_t index;
	uint8_t sm;
	uint8_t entry_count;
	uint16_t first_entry;
};

struct ecr_pdo_table {
	struct ecr_known_pdo *pdos;
	uint16_t pdo_room;
	uint16_t pdo_count;
	struct ecr_pdo_mapped *entries;
	uint16_t entry_room;
	uint16_t entry_count;
	uint16_t sms; /* a bit for each SyncManager whose assignment has been read */
};

/* Who describes: the first that is not NULL. */
struct ecr_pdo_side {
	const struct ecr_pdo_wanted *wanted;
	const struct ecr_pdo_table *table;
	const struct ecr_sii *sii;
};

/* One PDO of a side. */
struct ecr_pdo_view {
	uint16_t index;
	unsigned int count;		     /* of its entries */
	bool open;			     /* whatever it is mapped to is right */
	const struct ecr_pdo_mapped *mapped; /* NULL: `sii` has them */
	struct ecr_sii_pdo sii;
};

/* The number-th PDO (from 0) that a side has in a SyncManager. */
bool ecr_pdo_of_side(const struct ecr_pdo_side *side, uint8_t sm, unsigned int number,
		     struct ecr_pdo_view *view);
/* The EEPROM's description of a PDO, wherever it is assigned. */
bool ecr_pdo_in_sii(const struct ecr_sii *sii, uint16_t index, struct ecr_pdo_view *view);
/* An entry from 0 on. */
struct ecr_pdo_mapped ecr_pdo_entry_of(const struct ecr_pdo_view *view, unsigned int number);
uint32_t ecr_pdo_bits(const struct ecr_pdo_view *view);
uint32_t ecr_pdo_side_bits(const struct ecr_pdo_side *side, uint8_t sm);

/* Appends a line "left | right" for each PDO of the SyncManager that is not the same on both sides;
 * how many these are. */
unsigned int ecr_pdo_compare(const struct ecr_pdo_side *left, const struct ecr_pdo_side *right,
			     uint8_t sm, struct ecr_text *text);
/* Appends such a line for one PDO; NULL: that side has none. */
void ecr_pdo_line(const struct ecr_pdo_view *left, const struct ecr_pdo_view *right,
		  struct ecr_text *text);
/* Ends a text of lines: where it was cut it says so. */
void ecr_pdo_lines_end(struct ecr_text *text);

#endif
