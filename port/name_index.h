/* SPDX-License-Identifier: Apache-2.0 */
/* Finds a signal by the names of slave and signal: a hash table, made when the view is, never changed. */
#ifndef PORT_NAME_INDEX_H
#define PORT_NAME_INDEX_H

#include <stdbool.h>
#include <stdint.h>

struct port_signal;

struct port_name_index {
	uint32_t *slots; /* the number of a signal, plus one; 0 free */
	uint32_t mask;
	const struct port_signal *signals;
};

/* Over signals that stay where they are. False without memory. */
bool port_name_index_make(struct port_name_index *index, const struct port_signal *signals,
			  uint32_t count);
void port_name_index_free(struct port_name_index *index);
/* Of several with the same names the first. False: there is none. */
bool port_name_index_find(const struct port_name_index *index, const char *slave,
			  const char *signal, uint32_t *number);

#endif
