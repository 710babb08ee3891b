/* SPDX-License-Identifier: Apache-2.0 */
/* PDO assignment and mapping of a CoE slave: read, brought to what is wanted, read again. */
#ifndef ECR_SLAVE_PDOS_H
#define ECR_SLAVE_PDOS_H

#include "slave/object_array.h"
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

struct ecr_pdo_job {
	struct ecr_job job;
	struct ecr_object_array array;
	struct ecr_pdo_table table;
	const struct ecr_sii *sii;
	const struct ecr_pdo_wanted *wanted; /* NULL: whatever there is */
	uint8_t coe_details;		     /* ECR_SII_COE_xxx; 0 unknown */
	uint8_t sm;			     /* in work */
	uint16_t pdo;			     /* number in the table, or in the wanted list */
	uint32_t same;			     /* of the wanted list: mapped as wanted; a bit each */
	bool written;			     /* reading back what was written */
	/* What is wrong, side by side. */
	uint16_t index;
	uint8_t subindex;
	uint32_t expected;
	uint32_t actual;
};

extern const struct ecr_step ecr_pdo_steps[];

struct ecr_job *ecr_pdo_read(struct ecr_pdo_job *pdos);
/* The process data SyncManager's entry in the SII; false when it is none. */
bool ecr_process_data_sm(const struct ecr_sii *sii, unsigned int number, struct ecr_sii_sm *sm);

#endif
