/* SPDX-License-Identifier: Apache-2.0 */
/* From SII and request to SyncManagers and signals: what of a slave is to be mapped. Pure but for
 * the arena. */
#ifndef ECR_SLAVE_MAPPING_H
#define ECR_SLAVE_MAPPING_H

#include "base/arena.h"
#include "slave/slave.h"

/* A process data SyncManager as the SII describes it. */
struct ecr_sm_layout {
	uint8_t index;
	enum ecr_direction direction;
	uint32_t bits; /* of all its PDOs */
	struct ecr_sii_sm sii;
};

struct ecr_mapping {
	struct ecr_pdo *pdos;
	struct ecr_pdo_list list;
	struct ecr_signal_model *signals;
	int signal_count;
	struct ecr_sm_layout sms[ECR_SLAVE_SMS];
	int sm_count;
	const char *culprit; /* name of the signal an error is about; "" when none */
};

/* Reads the PDOs of the SII and asks the driver for its signals. NO_MEMORY when the arena is too
 * small. */
int ecr_mapping_read(const struct ecr_slave *slave, struct ecr_arena *arena,
		     struct ecr_mapping *mapping);
/* Finds where a signal lies: its SyncManager (index into sms) and its bits within that. */
int ecr_mapping_locate(struct ecr_mapping *mapping, const struct ecr_signal_model *signal, int *sm,
		       uint32_t *bit_offset, uint16_t *bit_size);
const struct ecr_signal_model *ecr_mapping_signal(const struct ecr_mapping *mapping,
						  const char *name);

#endif
