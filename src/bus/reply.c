/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Matching of replies: index, number of datagrams, command, address and length must all be those of
 * a frame in flight before any byte of it is believed; everything else is dropped and counted by
 * its reason.
 */
#include "bus/reply.h"

#include "base/container.h"
#include "bus/redundant.h"

#include <string.h>

#define FOREIGN_PAUSE_NS ECR_S(10)
#define INDEX_AT (ECR_FRAME_HEADER_SIZE + 1) /* of the first datagram */

static void drop(struct ecr_bus *bus, ecr_time now, enum ecr_drop_reason reason, size_t length)
{
	struct ecr_event event = {
		.kind = ECR_EVENT_BUS_FRAME_DROPPED, .at = now, .slave = -1, .domain = -1
	};

	bus->info.dropped[reason]++;
	event.from = (int32_t)reason;
	event.count = length;
	if (bus->event)
		bus->event(bus->event_context, &event);
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
	return !more && reader->fault == ECR_FRAME_OK;
}

static bool is_answer(uint64_t head, const uint8_t *datagram)
{
	uint64_t changed = ecr_le64(datagram) ^ head;

	return !changed || !(changed & ecr_datagram_kept((uint8_t)head));
}

/* Of a flight with one datagram. */
static struct ecr_ask *single(const struct ecr_flight *flight)
{
	return ecr_container_of(flight->transactions.first, struct ecr_transaction, link)->asks;
}

/*
 * As it was sent but for what slaves change: the usual answer, seen by a comparison of numbers. What
 * it is otherwise is found out piece by piece.
 */
static bool is_echo(const struct ecr_flight *flight, const uint8_t *frame)
{
	size_t at = ECR_FRAME_HEADER_SIZE;

	for (const struct ecr_link *link = flight->transactions.first; link; link = link->next) {
		const struct ecr_transaction *transaction =
			ecr_container_of(link, struct ecr_transaction, link);

		for (uint16_t i = 0; i < transaction->count; i++) {
			const struct ecr_ask *ask = &transaction->asks[i];
			size_t end = at + ECR_DATAGRAM_OVERHEAD + ask->length;
			uint64_t more = end < flight->length ? ECR_DATAGRAM_MORE : 0;

			if (!is_answer(ecr_ask_head(ask, flight->index) | more, frame + at))
				return false;
			at = end;
		}
	}
	return true;
}

static struct ecr_flight *echoed(struct ecr_bus *bus, const uint8_t *frame, size_t length)
{
	uint8_t index = length > INDEX_AT ? frame[INDEX_AT] : 0;
	struct ecr_flight *flight = &bus->flights[bus->index_flight[index]];
	bool echo;

	if (bus->index_state[index] != ECR_INDEX_FLYING || length < flight->length ||
	    ecr_le16(frame) != ecr_frame_head(flight->length))
		return NULL;
	if (flight->datagrams == 1)
		echo = is_answer(flight->head, frame + ECR_FRAME_HEADER_SIZE);
	else
		echo = is_echo(flight, frame);
	return echo ? flight : NULL;
}

/* Copies the answer of a datagram of a reply that matches: it lies where its question says. */
static const uint8_t *take_one(struct ecr_ask *ask, const uint8_t *datagram)
{
	if (ask->in)
		memcpy(ask->in, datagram + ECR_DATAGRAM_HEADER_SIZE, ask->length);
	ask->irq = ecr_datagram_irq(datagram);
	ask->passed = (uint16_t)(ecr_datagram_address(datagram) - ask->address);
	datagram += ECR_DATAGRAM_OVERHEAD + ask->length;
	ask->wkc = ecr_le16(datagram - ECR_COUNTER_SIZE);
	return datagram;
}

/* Of all of them, which are finished then; the events that they brought. */
static uint16_t take_all(struct ecr_flight *flight, const uint8_t *frame, ecr_time at)
{
	const uint8_t *datagram = frame + ECR_FRAME_HEADER_SIZE;
	uint16_t irq = 0;

	for (struct ecr_link *link = flight->transactions.first; link; link = link->next) {
		struct ecr_transaction *transaction =
			ecr_container_of(link, struct ecr_transaction, link);

		for (uint16_t i = 0; i < transaction->count; i++) {
			datagram = take_one(&transaction->asks[i], datagram);
			irq |= transaction->asks[i].irq;
		}
		ecr_transaction_end(transaction, ECR_OUTCOME_ANSWERED, at);
	}
	return irq;
}

static uint16_t take(struct ecr_flight *flight, const uint8_t *frame, ecr_time at)
{
	if (flight->datagrams != 1)
		return take_all(flight, frame, at);
	take_one(single(flight), frame + ECR_FRAME_HEADER_SIZE);
	ecr_transaction_end(
		ecr_container_of(flight->transactions.first, struct ecr_transaction, link),
		ECR_OUTCOME_ANSWERED, at);
	return single(flight)->irq;
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

/* All that is to come has come. */
static void settle(struct ecr_bus *bus, struct ecr_flight *flight, ecr_time at)
{
	ecr_histogram_add(&bus->info.round_trip, at - flight->sent_at);
	ecr_bus_land(bus, flight, ECR_INDEX_ANSWERED);
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

/* The flight whose answer it is, found out piece by piece; NULL: nobody's, counted by its reason. */
static struct ecr_flight *find(struct ecr_bus *bus, ecr_time now, const struct ecr_arrival *arrival,
			       uint8_t *frame, size_t length)
{
	struct ecr_frame_reader reader;
	struct ecr_datagram datagram;
	struct ecr_flight *flight;

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

void ecr_bus_rx(struct ecr_bus *bus, ecr_time now, const struct ecr_arrival *arrival,
		uint8_t *frame, size_t length)
{
	struct ecr_flight *flight;
	ecr_time at;

	if (arrival->foreign) {
		drop(bus, now, ECR_DROP_FOREIGN, length);
		note_foreign(bus, now);
		return;
	}
	flight = echoed(bus, frame, length);
	if (!flight)
		flight = find(bus, now, arrival, frame, length);
	if (!flight)
		return;
	at = arrival->at < flight->sent_at || arrival->at > now ? now : arrival->at;
	bus->info.frames_received++;
	bus->info.bytes_received += length;
	bus->info.timeout_count = 0;
	bus->last_traffic = now;
	ecr_bus_tell(bus, now, ECR_EVENT_BUS_FRAME_RECEIVED, flight->class, length);
	if (!bus->redundant) {
		bus->irq |= take(flight, frame, at);
		settle(bus, flight, at);
		ecr_list_join(&bus->finished, &flight->transactions);
	} else if (ecr_redundant_arrived(bus, flight, now, arrival, frame)) {
		settle(bus, flight, at);
		ecr_bus_finish_flight(bus, flight, ECR_OUTCOME_ANSWERED, at);
	}
}
