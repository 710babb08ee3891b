/* SPDX-License-Identifier: Apache-2.0 */
/* PDO assignment and mapping of a CoE slave: read, brought to what is wanted, read again. */
#ifndef ECR_SLAVE_PDOS_H
#define ECR_SLAVE_PDOS_H

#include "slave/object_array.h"
#include "slave/sides.h"
#include "wire/esc.h"

#include <ecring/error.h>

struct ecr_pdo_job {
	struct ecr_job job;
	struct ecr_object_array array;
	struct ecr_pdo_table table;
	const struct ecr_sii *sii;
	const struct ecr_pdo_wanted *wanted; /* NULL: whatever there is */
	const struct ecr_pdo_rule *rules[2]; /* of driver and configuration; NULL: none */
	uint8_t coe_details;		     /* ECR_SII_COE_xxx; 0 unknown */
	uint8_t types[ECR_SM_MAX];	     /* of SyncManagers by the objects; 0 not told */
	uint8_t sm;			     /* in work */
	uint16_t pdo;			     /* number in the table, or in the wanted list */
	uint32_t same;			     /* of the wanted list: mapped as wanted; a bit each */
	bool written;			     /* reading back what was written */
	bool whole;			     /* the table was read to its end */
	/* What is wrong, side by side. */
	uint16_t index;
	uint8_t subindex;
	uint32_t expected;
	uint32_t actual;
	char sides[ECR_SIDES_SIZE];
	char otherwise[ECR_SIDES_SIZE]; /* what the objects have else than the EEPROM */
};

extern const struct ecr_step ecr_pdo_steps[];

struct ecr_job *ecr_pdo_read(struct ecr_pdo_job *pdos);
/* Nothing is known from the objects: the EEPROM counts. */
void ecr_pdo_forget(struct ecr_pdo_job *pdos);

/* The rest is between pdos.c and pdo_rules.c. */

/* Whether what is there, or what is wanted, breaks a rule: 0, or an error that is told in the job. */
int ecr_pdo_check(struct ecr_pdo_job *pdos);
/* Notes where and what; returns the error. */
int ecr_pdo_mismatch(struct ecr_pdo_job *pdos, int error, uint16_t index, uint8_t subindex,
		     uint32_t expected, uint32_t actual);
/* Notes two PDOs side by side; NULL: none. */
void ecr_pdo_show(struct ecr_pdo_job *pdos, const struct ecr_pdo_view *wanted,
		  const struct ecr_pdo_view *found);
bool ecr_pdo_named(const struct ecr_pdo_wanted *wanted, uint8_t sm);

#endif
