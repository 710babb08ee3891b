/* SPDX-License-Identifier: Apache-2.0 */
/* Events of the bus on their way to who listens. */
#include "bus/bus.h"

void ecr_bus_emit(struct ecr_bus *bus, struct ecr_event event)
{
	if (!bus->event)
		return;
	event.slave = -1;
	event.domain = -1;
	bus->event(bus->event_context, &event);
}

void ecr_bus_tell_heard(struct ecr_bus *bus, ecr_time now, enum ecr_event_kind kind, int32_t class,
			uint64_t count)
{
	ecr_bus_emit(bus,
		     (struct ecr_event){ .kind = kind, .at = now, .from = class, .count = count });
}
