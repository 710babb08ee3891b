/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/dictionary.h"

#include "wire/coe_types.h"

#include <string.h>

/* Subindex 0 of arrays and records whose table leaves it out. */
static const struct ecr_sim_entry count_entry = { .type = ECR_COE_TYPE_UNSIGNED8,
						  .access = ECR_SIM_RO,
						  .name = "SubIndex 000" };

uint32_t sim_entry_size(const struct ecr_sim_entry *entry)
{
	uint32_t bits = ecr_coe_type_bits(entry->type);

	if (bits)
		return (bits + 7) / 8;
	if (entry->size)
		return entry->size;
	return entry->data ? (uint32_t)strlen(entry->data) : 0;
}

uint32_t sim_entry_bits(const struct ecr_sim_entry *entry)
{
	uint32_t bits = ecr_coe_type_bits(entry->type);

	return bits ? bits : sim_entry_size(entry) * 8;
}

static bool counts_itself(const struct ecr_sim_object *object)
{
	return object->code != ECR_OBJECT_VARIABLE && object->entry_count &&
	       object->entries[0].subindex != 0;
}

static uint16_t repeats(const struct ecr_sim_entry *entry)
{
	return entry->count ? entry->count : 1;
}

static void add_slot(struct sim_dictionary *dictionary, const struct ecr_sim_entry *entry,
		     uint8_t subindex)
{
	if (dictionary->slots)
		dictionary->slots[dictionary->slot_count] = (struct sim_slot){
			.entry = entry, .offset = dictionary->value_size, .subindex = subindex
		};
	dictionary->slot_count++;
	dictionary->value_size += sim_entry_size(entry);
}

static uint8_t add_slots(struct sim_dictionary *dictionary, const struct ecr_sim_object *object)
{
	uint8_t last = 0;

	if (counts_itself(object))
		add_slot(dictionary, &count_entry, 0);
	for (uint16_t i = 0; i < object->entry_count; i++) {
		const struct ecr_sim_entry *entry = &object->entries[i];

		for (uint16_t k = 0; k < repeats(entry); k++) {
			uint8_t subindex = (uint8_t)(entry->subindex + k);

			add_slot(dictionary, entry, subindex);
			last = subindex > last ? subindex : last;
		}
	}
	return last;
}

/* Kept in order of the index while it grows. */
static struct sim_object *insert(struct sim_dictionary *dictionary, uint16_t index)
{
	uint32_t at = dictionary->object_count;

	while (at && dictionary->objects[at - 1].index > index) {
		dictionary->objects[at] = dictionary->objects[at - 1];
		at--;
	}
	dictionary->object_count++;
	return &dictionary->objects[at];
}

static void add_object(struct sim_dictionary *dictionary, const struct ecr_sim_object *object)
{
	struct sim_object made = { .name = object->name ? object->name : "",
				   .first = dictionary->slot_count,
				   .index = object->index,
				   .type = object->type,
				   .code = object->code };
	uint32_t before = dictionary->value_size;

	if (!made.type && object->entry_count)
		made.type = object->entries[object->entry_count - 1].type;
	made.max_subindex = add_slots(dictionary, object);
	made.slots = (uint16_t)(dictionary->slot_count - made.first);
	if (dictionary->value_size - before + 2 > dictionary->largest)
		dictionary->largest = dictionary->value_size - before + 2;
	if (dictionary->objects)
		*insert(dictionary, object->index) = made;
	else
		dictionary->object_count++;
}

static bool hidden(const struct ecr_sim_object *const *tables, const size_t *counts, size_t table,
		   size_t number)
{
	uint16_t index = tables[table][number].index;

	for (size_t t = 0; t <= table; t++)
		for (size_t i = 0; i < (t == table ? number : counts[t]); i++)
			if (tables[t][i].index == index)
				return true;
	return false;
}

static void walk(struct sim_dictionary *dictionary, const struct ecr_sim_object *const *tables,
		 const size_t *counts, size_t table_count)
{
	dictionary->object_count = 0;
	dictionary->slot_count = 0;
	dictionary->value_size = 0;
	for (size_t t = 0; t < table_count; t++)
		for (size_t i = 0; i < counts[t]; i++)
			if (!hidden(tables, counts, t, i))
				add_object(dictionary, &tables[t][i]);
}

void sim_dictionary_build(struct sim_dictionary *dictionary, struct ecr_arena *arena,
			  const struct ecr_sim_object *const *tables, const size_t *counts,
			  size_t table_count)
{
	*dictionary = (struct sim_dictionary){ 0 };
	walk(dictionary, tables, counts, table_count);
	dictionary->objects = ECR_TAKE(arena, struct sim_object, dictionary->object_count);
	dictionary->slots = ECR_TAKE(arena, struct sim_slot, dictionary->slot_count);
	dictionary->values = ECR_TAKE(arena, uint8_t, dictionary->value_size);
	if (!arena->base || arena->exhausted)
		return;
	walk(dictionary, tables, counts, table_count);
	sim_dictionary_reset(dictionary, true);
}

static void reset_slot(struct sim_dictionary *dictionary, const struct sim_object *object,
		       struct sim_slot *slot)
{
	const struct ecr_sim_entry *entry = slot->entry;
	uint32_t size = sim_entry_size(entry);

	slot->length = size;
	if (entry->data && entry->type == ECR_COE_TYPE_VISIBLE_STRING) {
		size_t given = strlen(entry->data);

		slot->length = given < size ? (uint32_t)given : size;
		memcpy(sim_slot_value(dictionary, slot), entry->data, slot->length);
	} else if (entry->data) {
		memcpy(sim_slot_value(dictionary, slot), entry->data, size);
	} else {
		sim_slot_set(dictionary, slot,
			     entry == &count_entry ? object->max_subindex : entry->value);
	}
}

void sim_dictionary_reset(struct sim_dictionary *dictionary, bool all)
{
	for (uint32_t i = 0; i < dictionary->object_count; i++) {
		const struct sim_object *object = &dictionary->objects[i];

		for (uint32_t k = 0; k < object->slots; k++) {
			struct sim_slot *slot = &dictionary->slots[object->first + k];

			if (all || !(slot->entry->access & ECR_ACCESS_BACKUP))
				reset_slot(dictionary, object, slot);
		}
	}
}

struct sim_object *sim_dictionary_object(const struct sim_dictionary *dictionary, uint16_t index)
{
	uint32_t low = 0;
	uint32_t high = dictionary->object_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (dictionary->objects[middle].index == index)
			return &dictionary->objects[middle];
		if (dictionary->objects[middle].index < index)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

struct sim_slot *sim_object_slot(const struct sim_dictionary *dictionary,
				 const struct sim_object *object, uint8_t subindex)
{
	for (uint32_t i = 0; i < object->slots; i++)
		if (dictionary->slots[object->first + i].subindex == subindex)
			return &dictionary->slots[object->first + i];
	return NULL;
}

struct sim_slot *sim_dictionary_find(const struct sim_dictionary *dictionary, uint16_t index,
				     uint8_t subindex)
{
	const struct sim_object *object = sim_dictionary_object(dictionary, index);

	return object ? sim_object_slot(dictionary, object, subindex) : NULL;
}

uint8_t *sim_slot_value(const struct sim_dictionary *dictionary, const struct sim_slot *slot)
{
	return dictionary->values + slot->offset;
}

uint64_t sim_slot_get(const struct sim_dictionary *dictionary, const struct sim_slot *slot)
{
	const uint8_t *bytes = sim_slot_value(dictionary, slot);
	uint64_t value = 0;

	for (uint32_t i = 0; i < slot->length && i < 8; i++)
		value |= (uint64_t)bytes[i] << 8 * i;
	return value;
}

void sim_slot_set(struct sim_dictionary *dictionary, struct sim_slot *slot, uint64_t value)
{
	uint32_t bits = sim_entry_bits(slot->entry);
	uint8_t *bytes = sim_slot_value(dictionary, slot);

	if (bits < 64)
		value &= (1ull << bits) - 1;
	for (uint32_t i = 0; i < slot->length; i++)
		bytes[i] = (uint8_t)(i < 8 ? value >> 8 * i : 0);
}
