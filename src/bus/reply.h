/* SPDX-License-Identifier: Apache-2.0 */
/* Between sending and matching: what a flight needs to land. */
#ifndef ECR_BUS_REPLY_H
#define ECR_BUS_REPLY_H

#include "bus/bus.h"

/* Frees the flight; its transactions are still to be finished. */
static inline void ecr_bus_land(struct ecr_bus *bus, struct ecr_flight *flight,
				enum ecr_index_state index_state)
{
	bus->index_state[flight->index] = (uint8_t)index_state;
	flight->used = false;
	bus->flying--;
	if (bus->handing == flight)
		bus->handing = NULL;
	if (flight->class == ECR_RELIABLE)
		bus->flying_reliable--;
}

void ecr_bus_finish_flight(struct ecr_bus *bus, struct ecr_flight *flight, enum ecr_outcome outcome,
			   ecr_time now);

#endif
