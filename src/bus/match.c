/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reply that is not what was sent to the bit: index, number of datagrams, command, address and length must all be
 * those of a frame in flight before any byte of it is believed; everything else is dropped and counted by its reason.
 */
#include "bus/match.h"

#include "base/container.h"
#include "bus/pack.h"
#include "bus/redundant.h"

#define FOREIGN_PAUSE_NS ECR_S(10)

static void drop(struct ecr_bus *bus, ecr_time now, enum ecr_drop_reason reason, size_t length)
{
	bus->info.dropped[reason]++;
	ecr_bus_emit(bus, (struct ecr_event){ .kind = ECR_EVENT_BUS_FRAME_DROPPED,
					      .at = now,
					      .from = (int32_t)reason,
					      .count = length });
}

/* Slaves increment the position part of auto-increment and broadcast addresses; the rest must be as
 * sent. */
static bool same_address(const struct ecr_ask *ask, const struct ecr_datagram *datagram)
{
	return ask->address == datagram->address || ((ecr_command_is_auto_increment(ask->command) ||
						      ecr_command_is_broadcast(ask->command)) &&
						     ask->address >> 16 == datagram->address >> 16);
}

static bool same_question(const struct ecr_ask *ask, const struct ecr_datagram *datagram,
			  uint8_t index)
{
	return datagram->index == index && datagram->length == ask->length &&
	       (ecr_redundant_withheld(ask, datagram) ||
		(datagram->command == ask->command && same_address(ask, datagram)));
}

/* Walks the reply beside the flight's questions. */
static bool matches(const struct ecr_flight *flight, struct ecr_frame_reader *reader,
		    struct ecr_datagram *datagram)
{
	bool more = true;

	for (const struct ecr_link *link = flight->transactions.first; link; link = link->next) {
		const struct ecr_transaction *transaction =
			ecr_container_of(link, struct ecr_transaction, link);

		for (uint16_t i = 0; i < transaction->count; i++) {
			if (!more || !same_question(&transaction->asks[i], datagram, flight->index))
				return false;
			more = ecr_frame_next(reader, datagram);
		}
	}
	if (flight->tally) {
		if (!more || !same_question(&ecr_flight_tally_ask, datagram, flight->index))
			return false;
		more = ecr_frame_next(reader, datagram);
	}
	return !more && reader->fault == ECR_FRAME_OK;
}

static enum ecr_drop_reason reason_for(uint8_t index_state)
{
	switch (index_state) {
	case ECR_INDEX_ANSWERED:
		return ECR_DROP_DUPLICATE;
	case ECR_INDEX_LOST:
		return ECR_DROP_LATE;
	default:
		return ECR_DROP_MISMATCH;
	}
}

static void note_stray(struct ecr_bus *bus, ecr_time now, uint8_t index)
{
	bus->stray_at[index] = now;
	bus->strays[index] = (uint8_t)(bus->strays[index] + (bus->strays[index] < UINT8_MAX));
}

/* Told when it begins, not with every frame. */
static void note_foreign(struct ecr_bus *bus, ecr_time now)
{
	bool begins = !bus->foreign || now - bus->foreign_at > FOREIGN_PAUSE_NS;

	bus->foreign = true;
	bus->foreign_at = now;
	if (begins && bus->event)
		bus->event(bus->event_context,
			   &(struct ecr_event){ .kind = ECR_EVENT_BUS_SECOND_MASTER,
						.at = now,
						.slave = -1,
						.domain = -1,
						.count = bus->info.dropped[ECR_DROP_FOREIGN] });
}

struct ecr_flight *ecr_bus_match(struct ecr_bus *bus, ecr_time now,
				 const struct ecr_arrival *arrival, uint8_t *frame, size_t length)
{
	struct ecr_frame_reader reader;
	struct ecr_datagram datagram;
	struct ecr_flight *flight;

	if (arrival->foreign) {
		drop(bus, now, ECR_DROP_FOREIGN, length);
		note_foreign(bus, now);
		return NULL;
	}
	if (ecr_frame_open(&reader, frame, length) != ECR_FRAME_OK ||
	    !ecr_frame_next(&reader, &datagram)) {
		drop(bus, now, ECR_DROP_DECODE, length);
		return NULL;
	}
	if (bus->redundant && ecr_redundant_is_rest(bus, datagram.index, arrival, frame, length))
		return NULL; /* of an exchange that was complete without it */
	if (bus->index_state[datagram.index] != ECR_INDEX_FLYING) {
		note_stray(bus, now, datagram.index);
		drop(bus, now, reason_for(bus->index_state[datagram.index]), length);
		return NULL;
	}
	flight = &bus->flights[bus->index_flight[datagram.index]];
	if (matches(flight, &reader, &datagram)) {
		bus->info.length_disagreements += ecr_frame_length_disagrees(&reader);
		return flight;
	}
	drop(bus, now, reader.fault == ECR_FRAME_OK ? ECR_DROP_MISMATCH : ECR_DROP_DECODE, length);
	return NULL;
}
