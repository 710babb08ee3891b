/* SPDX-License-Identifier: Apache-2.0 */
#include "port/name_index.h"

#include "port/view.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a over both names and the zero between them. */
static uint32_t hash(const char *slave, const char *signal)
{
	const char *const names[] = { slave, signal };
	uint32_t value = 2166136261u;

	for (int i = 0; i < 2; i++) {
		const char *at = names[i];

		do
			value = (value ^ (uint8_t)*at) * 16777619u;
		while (*at++);
	}
	return value;
}

/* The slot that holds these names, else the free one where they would be. */
static uint32_t slot_of(const struct port_name_index *index, const char *slave, const char *signal)
{
	uint32_t slot = hash(slave, signal) & index->mask;

	while (index->slots[slot]) {
		const struct port_signal *there = &index->signals[index->slots[slot] - 1];

		if (strcmp(there->slave, slave) == 0 &&
		    strcmp(there->placed.model.name, signal) == 0)
			break;
		slot = (slot + 1) & index->mask;
	}
	return slot;
}

bool port_name_index_make(struct port_name_index *index, const struct port_signal *signals,
			  uint32_t count)
{
	uint32_t room = 4;

	while (room / 2 < count)
		room *= 2;
	*index = (struct port_name_index){ .mask = room - 1, .signals = signals };
	index->slots = calloc(room, sizeof(*index->slots));
	for (uint32_t i = 0; index->slots && i < count; i++) {
		uint32_t slot = slot_of(index, signals[i].slave, signals[i].placed.model.name);

		if (!index->slots[slot])
			index->slots[slot] = i + 1;
	}
	return index->slots;
}

void port_name_index_free(struct port_name_index *index)
{
	free(index->slots);
}

bool port_name_index_find(const struct port_name_index *index, const char *slave,
			  const char *signal, uint32_t *number)
{
	uint32_t slot = slot_of(index, slave, signal);

	if (!index->slots[slot])
		return false;
	*number = index->slots[slot] - 1;
	return true;
}
