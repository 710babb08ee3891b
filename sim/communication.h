/* SPDX-License-Identifier: Apache-2.0 */
/* The objects that a CoE device has because of its SII: identity, SyncManagers, PDOs, what is mapped. */
#ifndef SIM_COMMUNICATION_H
#define SIM_COMMUNICATION_H

#include "base/arena.h"
#include "wire/sii.h"

#include <ecring/sim_coe.h>

#define SIM_OBJECT_NAME 40u

struct sim_communication {
	struct ecr_sim_object *objects;
	struct ecr_sim_entry *entries;
	char (*names)[SIM_OBJECT_NAME];
	size_t object_count;
	size_t entry_count;
	size_t name_count;
	uint32_t mapped; /* how many entries all mappings can have at most */
	/* What a dictionary needs for it, at most. */
	uint32_t slot_count;
	uint32_t value_size;
	uint32_t largest;
};

/* Only counts when the arena does. */
void sim_communication_build(struct sim_communication *communication, struct ecr_arena *arena,
			     const struct ecr_sii *sii);

/* Subindexes of 0x1C32 and 0x1C33 (ETG.1020). */
enum {
	SIM_SYNC_TYPE = 1,
	SIM_SYNC_CYCLE = 2,
	SIM_SYNC_TYPES = 4, /* supported */
	SIM_SYNC_LEAST = 5, /* cycle time */
	SIM_SYNC_SYNC0 = 10,
	SIM_SYNC_MISSED = 11,
	SIM_SYNC_ERROR = 32,
};
#define SIM_SYNC_WITH_OUTPUTS 0x22u

/* The process data PDO objects. */
#define SIM_RXPDO_FIRST 0x1600u
#define SIM_RXPDO_LAST 0x17FFu
#define SIM_TXPDO_FIRST 0x1A00u
#define SIM_TXPDO_LAST 0x1BFFu

static inline bool sim_is_rxpdo(uint16_t index)
{
	return index >= SIM_RXPDO_FIRST && index <= SIM_RXPDO_LAST;
}

static inline bool sim_is_txpdo(uint16_t index)
{
	return index >= SIM_TXPDO_FIRST && index <= SIM_TXPDO_LAST;
}

#endif
