/* SPDX-License-Identifier: Apache-2.0 */
/* Queues, sending and time-outs. Replies are matched in bus/reply.c. */
#include "bus/bus.h"

#include "base/assert.h"
#include "base/container.h"
#include "bus/redundant.h"
#include "bus/reply.h"
#include "wire/ethernet.h"

#include <string.h>

#define HOLD_NS ECR_US(200)
#define STRAYS 4	  /* of so many stray replies the index rests, */
#define STRAY_NS ECR_S(1) /* so long */
#define FRAME_SPACE \
	1486u /* of datagrams; a longer single transaction may use all of ECR_FRAME_MAX */

void ecr_bus_init(struct ecr_bus *bus, struct ecr_arena *arena, uint16_t flights)
{
	*bus = (struct ecr_bus){ .flight_count = flights, .up = true, .port_up = { true, true } };
	bus->flights = ECR_TAKE(arena, struct ecr_flight, flights);
	for (uint16_t i = 0; i < flights; i++) {
		uint8_t *sent = ecr_arena_take(arena, ECR_FRAME_MAX, 1);

		if (bus->flights)
			bus->flights[i].sent = sent;
	}
	ecr_bus_reset(bus);
}

void ecr_bus_reset(struct ecr_bus *bus)
{
	ECR_ASSERT(bus->flying == 0);
	memset(&bus->info, 0, sizeof(bus->info));
	memset(bus->index_state, ECR_INDEX_UNUSED, sizeof(bus->index_state));
	memset(bus->strays, 0, sizeof(bus->strays));
	for (int i = 0; i < 256; i++)
		bus->stray_at[i] = INT64_MIN / 2;
	bus->frame_timeout = ECR_MS(25);
	bus->next_cyclic = ECR_NEVER;
	bus->stale_at = ECR_NEVER;
	bus->closing = false;
	bus->foreign = false;
	bus->last_flight = -1;
	bus->wire_free = INT64_MIN;
	bus->last_traffic = INT64_MIN / 2;
	bus->irq = 0;
	bus->redundant = false;
	bus->handing = NULL;
	ecr_redundant_reset(bus);
}

ecr_time ecr_bus_tuned_timeout(uint32_t slaves)
{
	ecr_time need = ECR_US(200) + (ecr_time)slaves * ECR_US(40);
	ecr_time rounded = (need + ECR_MS(1) - 1) / ECR_MS(1) * ECR_MS(1);
	ecr_time round_trip = (ecr_time)slaves * ECR_US(3) + ECR_MS(2);

	if (rounded < ECR_MS(5))
		return ECR_MS(5);
	if (rounded > ECR_MS(10))
		rounded = ECR_MS(10);
	return rounded > round_trip ? rounded : round_trip;
}

static void emit(struct ecr_bus *bus, struct ecr_event event)
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
	emit(bus, (struct ecr_event){ .kind = kind, .at = now, .from = class, .count = count });
}

static void finish(struct ecr_bus *bus, struct ecr_transaction *transaction,
		   enum ecr_outcome outcome, ecr_time now)
{
	ecr_transaction_end(transaction, outcome, now);
	ecr_list_push(&bus->finished, &transaction->link);
}

static void accept(struct ecr_transaction *transaction, ecr_time now)
{
	transaction->queued = true;
	transaction->submitted_at = now;
	transaction->outcome = ECR_OUTCOME_PENDING;
}

void ecr_bus_submit(struct ecr_bus *bus, ecr_time now, struct ecr_transaction *transaction)
{
	struct ecr_list *queue = &bus->queue[transaction->class];

	bus->now = now;
	transaction->size = (uint32_t)ecr_transaction_size(transaction);
	accept(transaction, now);
	if (bus->closing) {
		finish(bus, transaction, ECR_OUTCOME_CANCELLED, now);
		return;
	}
	if (transaction->size > ECR_FRAME_MAX - ECR_FRAME_HEADER_SIZE) {
		finish(bus, transaction, ECR_OUTCOME_TOO_LARGE, now);
		return;
	}
	ecr_list_push(queue, &transaction->link);
	if (transaction->class == ECR_REALTIME && transaction->stale_at < bus->stale_at)
		bus->stale_at = transaction->stale_at;
	ecr_bus_tell(bus, now, ECR_EVENT_BUS_SUBMISSION_ENQUEUED, transaction->class, queue->count);
}

static struct ecr_transaction *transaction_of(struct ecr_link *link)
{
	return link ? ecr_container_of(link, struct ecr_transaction, link) : NULL;
}

static struct ecr_transaction *head(const struct ecr_list *list)
{
	return transaction_of(list->first);
}

static struct ecr_transaction *next_of(const struct ecr_transaction *transaction)
{
	return transaction_of(transaction->link.next);
}

void ecr_bus_submit_cycle(struct ecr_bus *bus, ecr_time now, struct ecr_list *transactions)
{
	struct ecr_list *queue = &bus->queue[ECR_REALTIME];
	struct ecr_transaction *first = head(transactions);
	size_t count = queue->count;

	bus->now = now;
	for (struct ecr_transaction *transaction = first; transaction;
	     transaction = next_of(transaction)) {
		accept(transaction, now);
		ecr_bus_tell(bus, now, ECR_EVENT_BUS_SUBMISSION_ENQUEUED, ECR_REALTIME, ++count);
	}
	if (first->stale_at < bus->stale_at)
		bus->stale_at = first->stale_at;
	ecr_list_join(queue, transactions);
}

/* The earliest end of the realtime work that waits. */
static ecr_time first_stale(const struct ecr_bus *bus)
{
	ecr_time first = ECR_NEVER;

	for (const struct ecr_link *link = bus->queue[ECR_REALTIME].first; link;
	     link = link->next) {
		const struct ecr_transaction *transaction =
			ecr_container_of(link, struct ecr_transaction, link);

		if (transaction->stale_at < first)
			first = transaction->stale_at;
	}
	return first;
}

static void expire(struct ecr_bus *bus, ecr_time now)
{
	struct ecr_list keep = { 0 };
	struct ecr_list *queue = &bus->queue[ECR_REALTIME];
	struct ecr_transaction *transaction;

	while ((transaction = head(queue))) {
		ecr_list_pop(queue);
		if (transaction->stale_at >= now) {
			ecr_list_push(&keep, &transaction->link);
			continue;
		}
		bus->info.expired++;
		emit(bus, (struct ecr_event){ .kind = ECR_EVENT_BUS_SUBMISSION_EXPIRED,
					      .at = now,
					      .duration_ns = now - transaction->submitted_at });
		finish(bus, transaction, ECR_OUTCOME_EXPIRED, now);
	}
	*queue = keep;
	bus->stale_at = first_stale(bus);
}

bool ecr_bus_withdraw(struct ecr_bus *bus, ecr_time now, struct ecr_transaction *transaction)
{
	struct ecr_list *queue = &bus->queue[transaction->class];
	struct ecr_list keep = { 0 };
	struct ecr_link *link;
	bool found = false;

	while ((link = ecr_list_pop(queue))) {
		if (link == &transaction->link)
			found = true;
		else
			ecr_list_push(&keep, link);
	}
	*queue = keep;
	if (found)
		finish(bus, transaction, ECR_OUTCOME_TIMEOUT, now);
	return found;
}

static bool carries(const struct ecr_flight *flight, const struct ecr_transaction *transaction)
{
	for (const struct ecr_link *link = flight->transactions.first; link; link = link->next)
		if (link == &transaction->link)
			return true;
	return false;
}

void ecr_bus_hasten(struct ecr_bus *bus, const struct ecr_transaction *transaction,
		    ecr_time patience)
{
	for (uint16_t i = 0; i < bus->flight_count; i++) {
		struct ecr_flight *flight = &bus->flights[i];

		if (flight->used && flight->deadline > flight->sent_at + patience &&
		    carries(flight, transaction))
			flight->deadline = flight->sent_at + patience;
	}
}

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

	for (const struct ecr_link *link = bus->queue[ECR_RELIABLE].first;
	     link && bytes < FRAME_SPACE; link = link->next)
		bytes += ecr_container_of(link, struct ecr_transaction, link)->size;
	return bytes;
}

static ecr_time wire_time(size_t frame_bytes)
{
	return (ecr_time)ecr_wire_time_ns(frame_bytes + ECR_ETHERNET_HEADER_SIZE);
}

/*
 * A reliable frame goes out when it is full or nothing else is under way (so that work of many
 * slaves shares frames), and only when it is off the wire a guard before the next cyclic send.
 */
static ecr_time reliable_ready_at(const struct ecr_bus *bus, ecr_time now)
{
	size_t bytes = waiting_bytes(bus);
	ecr_time start = now > bus->wire_free ? now : bus->wire_free;

	if (!bytes || bus->flying_reliable >= ECR_BUS_WINDOW)
		return ECR_NEVER;
	if (bytes > FRAME_SPACE)
		bytes = FRAME_SPACE;
	if (bus->next_cyclic != ECR_NEVER &&
	    start + wire_time(bytes) + ECR_BUS_GUARD_NS > bus->next_cyclic)
		return ECR_NEVER; /* the cyclic send itself wakes us */
	if (bytes >= FRAME_SPACE * 3 / 4 || !bus->flying_reliable || now >= bus->hold_until)
		return now;
	return bus->hold_until;
}

/* A datagram of the transaction behind `length` bytes of the frame; the length with it. */
static size_t put(uint8_t *frame, size_t length, const struct ecr_ask *ask, uint8_t index)
{
	ecr_datagram_put(frame + length, ecr_ask_head(ask, index), ask->out, ask->length);
	return length + ECR_DATAGRAM_OVERHEAD + ask->length;
}

static void note_departure(struct ecr_flight *flight, struct ecr_transaction *transaction)
{
	transaction->sent_at = flight->sent_at;
	if (transaction->patience && flight->sent_at + transaction->patience < flight->deadline)
		flight->deadline = flight->sent_at + transaction->patience;
}

/* Moves transactions of a queue into the flight's frame while they fit. */
static void pack(struct ecr_list *queue, struct ecr_flight *flight, uint8_t *frame)
{
	struct ecr_transaction *transaction = head(queue);
	struct ecr_transaction *last;
	size_t length = ECR_FRAME_HEADER_SIZE;
	size_t before = 0; /* where the last datagram begins */
	size_t count = 0;
	uint16_t datagrams = 0;

	do {
		last = transaction;
		for (uint16_t i = 0; i < transaction->count; i++) {
			if (before)
				ecr_datagram_follow(frame + before);
			before = length;
			length = put(frame, length, &transaction->asks[i], flight->index);
		}
		note_departure(flight, transaction);
		datagrams = (uint16_t)(datagrams + transaction->count);
		count++;
		transaction = next_of(transaction);
	} while (transaction && transaction->size <= ECR_FRAME_MAX - length);
	flight->transactions = ecr_list_cut(queue, &last->link, count);
	flight->datagrams = datagrams;
	flight->length = (uint16_t)length;
}

/* Nothing that waits fits beside the first: the usual frame of a large image. */
static bool is_single(const struct ecr_list *queue)
{
	const struct ecr_transaction *first = head(queue);
	const struct ecr_transaction *next = next_of(first);

	return first->count == 1 &&
	       (!next || first->size + next->size > ECR_FRAME_MAX - ECR_FRAME_HEADER_SIZE);
}

static void pack_single(struct ecr_list *queue, struct ecr_flight *flight, uint8_t *frame)
{
	struct ecr_transaction *transaction = head(queue);
	const struct ecr_ask *ask = transaction->asks;

	flight->transactions = ecr_list_cut(queue, &transaction->link, 1);
	flight->datagrams = 1;
	flight->head = ecr_ask_head(ask, flight->index);
	flight->length = (uint16_t)(ECR_FRAME_HEADER_SIZE + transaction->size);
	ecr_datagram_put(frame + ECR_FRAME_HEADER_SIZE, flight->head, ask->out, ask->length);
	note_departure(flight, transaction);
}

static void note_sent(struct ecr_bus *bus, const struct ecr_flight *flight, ecr_time now)
{
	bus->flying++;
	bus->hold_until = now + HOLD_NS;
	bus->wire_free = (now > bus->wire_free ? now : bus->wire_free) + wire_time(flight->length);
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

/* Without a buffer of the port the frame is kept with its flight, for both of them. */
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
	flight->copies = flight->waiting = flight->arrived = 0;
	flight->answered = false;
	bus->index_state[flight->index] = ECR_INDEX_FLYING;
	bus->strays[flight->index] = 0;
	bus->index_flight[flight->index] = (uint8_t)number;
	bus->last_flight = number;
	frame = frame ? frame : flight->sent;
	if (is_single(&bus->queue[class]))
		pack_single(&bus->queue[class], flight, frame);
	else
		pack(&bus->queue[class], flight, frame);
	ecr_put_le16(frame, ecr_frame_head(flight->length));
	if (ecr_list_empty(&bus->queue[ECR_REALTIME]))
		bus->stale_at = ECR_NEVER;
	note_sent(bus, flight, now);
	return flight->length;
}

static size_t launch_next(struct ecr_bus *bus, ecr_time now, uint8_t *frame)
{
	enum ecr_class class = ECR_REALTIME;

	if (ecr_list_empty(&bus->queue[ECR_REALTIME])) {
		if (ecr_list_empty(&bus->queue[ECR_RELIABLE]) || reliable_ready_at(bus, now) > now)
			return 0;
		class = ECR_RELIABLE;
	}
	return launch(bus, now, class, frame);
}

/* Of one port or two, after a look at what is stale. */
static size_t launch_any(struct ecr_bus *bus, ecr_time now, unsigned int port, uint8_t *frame)
{
	if (bus->stale_at < now)
		expire(bus, now);
	if (!frame || !bus->port_up[port])
		return 0;
	if (!bus->redundant)
		return port ? 0 : launch_next(bus, now, frame);
	if (!bus->handing) {
		if (!launch_next(bus, now, NULL))
			return 0;
		ecr_redundant_keep(bus, &bus->flights[bus->last_flight]);
	}
	return ecr_redundant_hand(bus, port, frame);
}

size_t ecr_bus_tx(struct ecr_bus *bus, ecr_time now, unsigned int port, uint8_t *frame, size_t size)
{
	bus->now = now;
	if (size < ECR_FRAME_MAX)
		frame = NULL;
	if (!frame || port || bus->stale_at < now || bus->redundant || !bus->port_up[0])
		return launch_any(bus, now, port, frame);
	return launch_next(bus, now, frame);
}

void ecr_bus_link(struct ecr_bus *bus, unsigned int port, bool up)
{
	bus->news = bus->news || bus->port_up[port] != up;
	bus->port_up[port] = up;
	bus->up = bus->port_up[0] || (bus->redundant && bus->port_up[1]);
	if (!up && bus->handing)
		ecr_redundant_skip(bus, port);
}

void ecr_bus_finish_flight(struct ecr_bus *bus, struct ecr_flight *flight, enum ecr_outcome outcome,
			   ecr_time now)
{
	bool halves = outcome == ECR_OUTCOME_ANSWERED && bus->redundant;

	for (struct ecr_link *link = flight->transactions.first; link; link = link->next) {
		struct ecr_transaction *transaction =
			ecr_container_of(link, struct ecr_transaction, link);
		bool doubtful = halves && ecr_redundant_doubtful(flight, transaction);

		ecr_transaction_end(transaction, doubtful ? ECR_OUTCOME_TIMEOUT : outcome, now);
	}
	ecr_list_join(&bus->finished, &flight->transactions);
}

void ecr_bus_send_failed(struct ecr_bus *bus, ecr_time now, unsigned int port)
{
	struct ecr_flight *flight;

	if (bus->last_flight < 0 || !bus->flights[bus->last_flight].used)
		return;
	flight = &bus->flights[bus->last_flight];
	bus->info.send_failures++;
	if (bus->redundant) {
		flight->copies &= (uint8_t) ~(1u << port);
		if (flight->copies)
			return;
	}
	bus->last_flight = -1;
	ecr_bus_land(bus, flight, ECR_INDEX_LOST);
	ecr_bus_finish_flight(bus, flight, ECR_OUTCOME_SEND_FAILED, now);
}

void ecr_bus_tick(struct ecr_bus *bus, ecr_time now)
{
	bus->now = now;
	if (bus->stale_at < now)
		expire(bus, now);
	for (uint16_t i = 0, left = bus->flying; left; i++) {
		struct ecr_flight *flight = &bus->flights[i];

		left = (uint16_t)(left - flight->used);
		if (!flight->used || flight->deadline > now)
			continue;
		if (flight->answered) {
			ecr_redundant_half(bus, flight);
			ecr_bus_land(bus, flight, ECR_INDEX_ANSWERED);
			ecr_bus_finish_flight(bus, flight, ECR_OUTCOME_ANSWERED, now);
			continue;
		}
		bus->info.frames_lost++;
		bus->info.timeout_count++;
		emit(bus, (struct ecr_event){ .kind = ECR_EVENT_BUS_TIMEOUT,
					      .at = now,
					      .count = bus->info.timeout_count });
		ecr_bus_land(bus, flight, ECR_INDEX_LOST);
		ecr_bus_finish_flight(bus, flight, ECR_OUTCOME_TIMEOUT, now);
	}
}

ecr_time ecr_bus_wake(const struct ecr_bus *bus)
{
	ecr_time stale = bus->up ? ECR_NEVER : first_stale(bus);
	ecr_time wake = stale == ECR_NEVER ? ECR_NEVER : stale + 1;

	if (!ecr_list_empty(&bus->finished) ||
	    (bus->up && !ecr_list_empty(&bus->queue[ECR_REALTIME])))
		return INT64_MIN;
	for (uint16_t i = 0, seen = 0; seen < bus->flying; i++) {
		seen = (uint16_t)(seen + bus->flights[i].used);
		if (bus->flights[i].used && bus->flights[i].deadline < wake)
			wake = bus->flights[i].deadline;
	}
	if (bus->up && !ecr_list_empty(&bus->queue[ECR_RELIABLE])) {
		ecr_time ready = reliable_ready_at(bus, bus->now);

		if (ready < wake)
			wake = ready;
	}
	return wake;
}

void ecr_bus_cancel_all(struct ecr_bus *bus, ecr_time now)
{
	struct ecr_transaction *transaction;

	for (int class = 0; class < 2; class ++) {
		while ((transaction = head(&bus->queue[class]))) {
			ecr_list_pop(&bus->queue[class]);
			finish(bus, transaction, ECR_OUTCOME_CANCELLED, now);
		}
	}
	for (uint16_t i = 0; i < bus->flight_count; i++) {
		if (!bus->flights[i].used)
			continue;
		ecr_bus_land(bus, &bus->flights[i], ECR_INDEX_LOST);
		ecr_bus_finish_flight(bus, &bus->flights[i], ECR_OUTCOME_CANCELLED, now);
	}
}

bool ecr_bus_idle(const struct ecr_bus *bus)
{
	return !bus->flying && ecr_list_empty(&bus->queue[0]) && ecr_list_empty(&bus->queue[1]) &&
	       ecr_list_empty(&bus->finished);
}
