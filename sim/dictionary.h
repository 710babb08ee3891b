/* SPDX-License-Identifier: Apache-2.0 */
/* A device's objects: tables say what there is, a block of bytes holds the values. */
#ifndef SIM_DICTIONARY_H
#define SIM_DICTIONARY_H

#include "base/arena.h"

#include <ecring/sim_coe.h>

/* A subindex and its value. */
struct sim_slot {
	const struct ecr_sim_entry *entry;
	uint32_t offset; /* in the values */
	uint32_t length; /* now; less than the size in strings and domains only */
	uint8_t subindex;
};

struct sim_object {
	const char *name;
	uint32_t first; /* slot */
	uint16_t slots;
	uint16_t index;
	uint16_t type;
	uint8_t code;
	uint8_t max_subindex;
};

struct sim_dictionary {
	struct sim_object *objects; /* by index */
	struct sim_slot *slots;
	uint8_t *values;
	uint32_t object_count;
	uint32_t slot_count;
	uint32_t value_size;
	uint32_t largest; /* bytes of the largest object as a whole */
};

/* Tables one after the other; an object of an earlier one hides later ones of its index. With an
 * arena that counts, only the sizes come out. */
void sim_dictionary_build(struct sim_dictionary *dictionary, struct ecr_arena *arena,
			  const struct ecr_sim_object *const *tables, const size_t *counts,
			  size_t table_count);
/* Values as after power-on; objects that are kept (ECR_ACCESS_BACKUP) only when `all`. */
void sim_dictionary_reset(struct sim_dictionary *dictionary, bool all);

struct sim_object *sim_dictionary_object(const struct sim_dictionary *dictionary, uint16_t index);
struct sim_slot *sim_object_slot(const struct sim_dictionary *dictionary,
				 const struct sim_object *object, uint8_t subindex);
/* NULL: no such object or subindex. */
struct sim_slot *sim_dictionary_find(const struct sim_dictionary *dictionary, uint16_t index,
				     uint8_t subindex);

uint32_t sim_entry_size(const struct ecr_sim_entry *entry); /* bytes */
uint32_t sim_entry_bits(const struct ecr_sim_entry *entry);
uint8_t *sim_slot_value(const struct sim_dictionary *dictionary, const struct sim_slot *slot);
/* Up to 64 bits, as they are. */
uint64_t sim_slot_get(const struct sim_dictionary *dictionary, const struct sim_slot *slot);
void sim_slot_set(struct sim_dictionary *dictionary, struct sim_slot *slot, uint64_t value);

#endif
