/* SPDX-License-Identifier: Apache-2.0 */
/* Frames on their way out: which work goes next, in which flight, with which index. */
#include "bus/launch.h"

#include "bus/pack.h"
#include "bus/redundant.h"
#include "wire/ethernet.h"

#define HOLD_NS ECR_US(200)
#define STRAYS 4	  /* of so many stray replies the index rests, */
#define STRAY_NS ECR_S(1) /* so long */
#define FRAME_SPACE \
	1486u /* of datagrams; a longer single transaction may use all of ECR_FRAME_MAX */

/* Behind the last one, so that they lie in the order of sending; from the first on when none is under way. */
static int free_flight(const struct ecr_bus *bus)
{
	int number = bus->flying ? bus->last_flight : -1;

	for (int i = 0; i < bus->flight_count; i++) {
		number = number + 1 < bus->flight_count ? number + 1 : 0;
		if (!bus->flights[number].used)
			return number;
	}
	return -1;
}

/*
 * What comes again and again would pass for the reply of the next frame with its index. A reply that is doubled or
 * late does not: resting for each of them, few indices would come round so soon that a late reply meets its own again.
 */
static bool haunted(const struct ecr_bus *bus, uint8_t index, ecr_time now)
{
	return bus->strays[index] >= STRAYS && now - bus->stray_at[index] < STRAY_NS;
}

static uint8_t free_index(struct ecr_bus *bus, ecr_time now)
{
	for (int i = 0; i < 256 && haunted(bus, bus->next_index, now); i++)
		bus->next_index++;
	while (bus->index_state[bus->next_index] == ECR_INDEX_FLYING)
		bus->next_index++;
	return bus->next_index++;
}

/* Bytes of datagrams that the waiting reliable work would fill, at most about one frame's worth. */
static size_t waiting_bytes(const struct ecr_bus *bus)
{
	size_t bytes = 0;

	for (const struct ecr_transaction *waiting =
		     ecr_transaction_of(bus->queue[ECR_RELIABLE].first);
	     waiting && bytes < FRAME_SPACE; waiting = ecr_transaction_next(waiting))
		bytes += waiting->size;
	return bytes;
}

static ecr_time wire_time(size_t frame_bytes)
{
	return (ecr_time)ecr_wire_time_ns(frame_bytes + ECR_ETHERNET_HEADER_SIZE);
}

ecr_time ecr_bus_free_at(const struct ecr_bus *bus, ecr_time now)
{
	return now > bus->wire_free ? now : bus->wire_free;
}

bool ecr_bus_bears(const struct ecr_bus *bus, size_t size)
{
	return bus->widest_gap == ECR_NEVER ||
	       wire_time(size) + ECR_BUS_GUARD_NS <= bus->widest_gap;
}

static size_t largest(size_t a, size_t b)
{
	return a > b ? a : b;
}

/*
 * Of reliable datagrams in a frame: what is sent in nine tenths of the time between two cycles, lest more work than goes there
 * wait for ever.
 */
static size_t reliable_space(const struct ecr_bus *bus)
{
	ecr_time gap = bus->cyclic_gap / 10 * 9 - ECR_BUS_GUARD_NS;

	if (gap >= wire_time(FRAME_SPACE))
		return FRAME_SPACE;
	return gap <= wire_time(0) ? 0 : (size_t)((gap - wire_time(0)) / ECR_NS_PER_BYTE);
}

/*
 * It keeps away from the next cycle. What is longer than every gap (a mailbox has the size that it has) would wait for ever, and all
 * behind it: that goes soon behind a cycle, and the next one waits on the wire for its end.
 */
static bool fits_in(const struct ecr_bus *bus, size_t bytes, ecr_time start)
{
	if (bus->next_cyclic == ECR_NEVER)
		return true;
	if (!ecr_bus_bears(bus, bytes))
		return bus->next_cyclic - start >= bus->widest_gap / 2;
	return start + wire_time(bytes) + ECR_BUS_GUARD_NS <= bus->next_cyclic;
}

ecr_time ecr_bus_reliable_at(const struct ecr_bus *bus, ecr_time now)
{
	size_t bytes = waiting_bytes(bus);
	size_t space = reliable_space(bus);
	ecr_time start = ecr_bus_free_at(bus, now);

	if (!bytes || bus->flying_reliable >= ECR_BUS_WINDOW)
		return ECR_NEVER;
	if (bytes > space)
		bytes = largest(space, ecr_transaction_of(bus->queue[ECR_RELIABLE].first)->size);
	if (!fits_in(bus, bytes, start))
		return ECR_NEVER; /* the cyclic send itself wakes us */
	if (bytes >= space * 3 / 4 || !bus->flying_reliable || now >= bus->hold_until)
		return now;
	return bus->hold_until;
}

/* Nothing that waits fits beside the first: the usual frame of a large image. */
static bool is_single(const struct ecr_list *queue)
{
	const struct ecr_transaction *first = ecr_transaction_of(queue->first);
	const struct ecr_transaction *next = ecr_transaction_next(first);

	return first->count == 1 &&
	       (!next || first->size + next->size > ECR_FRAME_MAX - ECR_FRAME_HEADER_SIZE);
}

static void pack_single(struct ecr_list *queue, struct ecr_flight *flight, uint8_t *frame)
{
	struct ecr_transaction *transaction = ecr_transaction_of(queue->first);
	const struct ecr_ask *ask = transaction->asks;

	flight->transactions = ecr_list_cut(queue, &transaction->link);
	flight->datagrams = 1;
	flight->head = ecr_ask_head(ask, flight->index);
	flight->length = (uint16_t)(ECR_FRAME_HEADER_SIZE + transaction->size);
	ecr_datagram_put(frame + ECR_FRAME_HEADER_SIZE, flight->head, ask->out, ask->length);
	ecr_flight_departs(flight, transaction);
}

static void note_sent(struct ecr_bus *bus, const struct ecr_flight *flight, ecr_time now)
{
	bus->flying++;
	bus->hold_until = now + HOLD_NS;
	bus->wire_free = ecr_bus_free_at(bus, now) + wire_time(flight->length);
	if (flight->class == ECR_RELIABLE)
		bus->flying_reliable++;
	else
		bus->info.realtime_frames++;
	bus->info.frames_sent++;
	bus->info.bytes_sent += flight->length;
	bus->info.datagrams_sent += flight->datagrams;
	ecr_bus_tell(bus, now, ECR_EVENT_BUS_DISPATCH_SENT, flight->class, flight->datagrams);
	ecr_bus_tell(bus, now, ECR_EVENT_BUS_FRAME_SENT, flight->class, flight->length);
}

/* In a frame of that class; beside reliable questions, which may be by position, one port of two wants a count. A cycle's
 * asks no position, and is full without. */
static size_t room_for(const struct ecr_bus *bus, enum ecr_class class)
{
	size_t room = ECR_FRAME_MAX;

	if (class != ECR_RELIABLE)
		return room;
	if (reliable_space(bus) < FRAME_SPACE)
		room = ECR_FRAME_HEADER_SIZE + largest(reliable_space(bus), ECR_BUS_TALLY_SIZE);
	return room - (bus->redundant ? ECR_BUS_TALLY_SIZE : 0);
}

static size_t launch(struct ecr_bus *bus, ecr_time now, enum ecr_class class, uint8_t *frame)
{
	int number = free_flight(bus);
	struct ecr_flight *flight;

	if (number < 0)
		return 0;
	flight = &bus->flights[number];
	flight->used = true;
	flight->class = (uint8_t) class;
	flight->sent_at = now;
	flight->deadline = now + bus->frame_timeout;
	flight->index = free_index(bus, now);
	flight->copies = flight->failed = flight->waiting = flight->arrived = 0;
	flight->answered = flight->tally = false;
	bus->index_state[flight->index] = ECR_INDEX_FLYING;
	bus->strays[flight->index] = 0;
	bus->index_flight[flight->index] = (uint8_t)number;
	bus->last_flight = number;
	frame = frame ? frame : flight->sent;
	if (is_single(&bus->queue[class]))
		pack_single(&bus->queue[class], flight, frame);
	else
		ecr_flight_pack(flight, &bus->queue[class], frame, room_for(bus, class));
	if (bus->redundant && ecr_redundant_tallies(bus, flight))
		ecr_flight_tally(flight, frame);
	ecr_put_le16(frame, ecr_frame_head(flight->length));
	if (ecr_list_empty(&bus->queue[ECR_REALTIME]))
		bus->stale_at = ECR_NEVER;
	note_sent(bus, flight, now);
	return flight->length;
}

size_t ecr_bus_launch(struct ecr_bus *bus, ecr_time now, uint8_t *frame)
{
	enum ecr_class class = ECR_REALTIME;

	if (ecr_list_empty(&bus->queue[ECR_REALTIME])) {
		if (ecr_list_empty(&bus->queue[ECR_RELIABLE]) ||
		    ecr_bus_reliable_at(bus, now) > now)
			return 0;
		class = ECR_RELIABLE;
	}
	return launch(bus, now, class, frame);
}
