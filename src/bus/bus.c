/* SPDX-License-Identifier: Apache-2.0 */
/* Queues and time-outs. Frames are built in bus/launch.c; replies are matched in bus/reply.c. */
#include "bus/bus.h"

#include "base/assert.h"
#include "base/container.h"
#include "bus/launch.h"
#include "bus/redundant.h"
#include "bus/reply.h"

#include <string.h>

#define SLAVE_NS ECR_US(3) /* at most that a frame takes for each slave, there and back */
#define REST_NS ECR_US(200)

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
	bus->frame_timeout = ECR_BUS_FIRST_TIMEOUT;
	bus->rest = REST_NS;
	bus->next_cyclic = bus->cyclic_gap = bus->widest_gap = ECR_NEVER;
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
	ecr_time round_trip = (ecr_time)slaves * SLAVE_NS + ECR_MS(2);

	if (rounded < ECR_MS(5))
		return ECR_MS(5);
	if (rounded > ECR_MS(10))
		rounded = ECR_MS(10);
	return rounded > round_trip ? rounded : round_trip;
}

ecr_time ecr_bus_tuned_rest(uint32_t slaves)
{
	ecr_time all = (ecr_time)slaves * SLAVE_NS;

	return all > REST_NS ? all : REST_NS;
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

static void tell_enqueued(struct ecr_bus *bus, ecr_time now, enum ecr_class class)
{
	if (ecr_bus_heard(bus, ECR_EVENT_BUS_SUBMISSION_ENQUEUED))
		ecr_bus_tell_heard(bus, now, ECR_EVENT_BUS_SUBMISSION_ENQUEUED, (int32_t) class,
				   ecr_list_count(&bus->queue[class]));
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
	tell_enqueued(bus, now, (enum ecr_class)transaction->class);
}

void ecr_bus_submit_cycle(struct ecr_bus *bus, ecr_time now, struct ecr_list *transactions)
{
	struct ecr_list *queue = &bus->queue[ECR_REALTIME];
	struct ecr_transaction *first = ecr_transaction_of(transactions->first);

	bus->now = now;
	if (first->stale_at < bus->stale_at)
		bus->stale_at = first->stale_at;
	ecr_list_join(queue, transactions);
	for (struct ecr_transaction *transaction = first; transaction;
	     transaction = ecr_transaction_next(transaction))
		accept(transaction, now);
	tell_enqueued(bus, now, ECR_REALTIME);
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

/* Those of a queue that are `meant`, as a list of their own; all others stay in their order. */
static struct ecr_list
take_out(struct ecr_list *queue,
	 bool (*meant)(const struct ecr_transaction *transaction, const void *by), const void *by)
{
	struct ecr_list out = { 0 };
	struct ecr_list keep = { 0 };
	struct ecr_link *link;

	while ((link = ecr_list_pop(queue)))
		ecr_list_push(meant(ecr_transaction_of(link), by) ? &out : &keep, link);
	*queue = keep;
	return out;
}

static void finish_all(struct ecr_bus *bus, struct ecr_list *list, enum ecr_outcome outcome,
		       ecr_time now)
{
	struct ecr_link *link;

	while ((link = ecr_list_pop(list)))
		finish(bus, ecr_transaction_of(link), outcome, now);
}

static bool is_stale(const struct ecr_transaction *transaction, const void *now)
{
	return transaction->stale_at < *(const ecr_time *)now;
}

static void expire(struct ecr_bus *bus, ecr_time now)
{
	struct ecr_list stale = take_out(&bus->queue[ECR_REALTIME], is_stale, &now);

	for (const struct ecr_transaction *transaction = ecr_transaction_of(stale.first);
	     transaction; transaction = ecr_transaction_next(transaction)) {
		bus->info.expired++;
		ecr_bus_emit(bus,
			     (struct ecr_event){ .kind = ECR_EVENT_BUS_SUBMISSION_EXPIRED,
						 .at = now,
						 .duration_ns = now - transaction->submitted_at });
	}
	finish_all(bus, &stale, ECR_OUTCOME_EXPIRED, now);
	bus->stale_at = first_stale(bus);
}

static bool is_it(const struct ecr_transaction *transaction, const void *it)
{
	return transaction == it;
}

bool ecr_bus_withdraw(struct ecr_bus *bus, ecr_time now, struct ecr_transaction *transaction)
{
	struct ecr_list out = take_out(&bus->queue[transaction->class], is_it, transaction);
	bool found = !ecr_list_empty(&out);

	finish_all(bus, &out, ECR_OUTCOME_TIMEOUT, now);
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

size_t ecr_bus_tx_rare(struct ecr_bus *bus, ecr_time now, unsigned int port, uint8_t *frame)
{
	if (bus->stale_at < now)
		expire(bus, now);
	if (!frame || !bus->port_up[port])
		return 0;
	if (!bus->redundant)
		return port ? 0 : ecr_bus_launch(bus, now, frame);
	if (!bus->handing) {
		if (!ecr_bus_launch(bus, now, NULL))
			return 0;
		ecr_redundant_keep(bus, &bus->flights[bus->last_flight]);
	}
	return ecr_redundant_hand(bus, port, frame);
}

static bool is_unwanted(const struct ecr_transaction *transaction, const void *unused)
{
	(void)unused;
	return transaction->unwanted;
}

/* What was asked for while nothing could be sent, by conversations that are over: it may be the contrary of what is wanted now. */
static void drop_unwanted(struct ecr_bus *bus)
{
	struct ecr_list out = take_out(&bus->queue[ECR_RELIABLE], is_unwanted, NULL);

	finish_all(bus, &out, ECR_OUTCOME_CANCELLED, bus->now);
}

void ecr_bus_link(struct ecr_bus *bus, unsigned int port, bool up)
{
	bool was_up = bus->up;

	bus->news = bus->news || bus->port_up[port] != up;
	bus->port_up[port] = up;
	bus->up = bus->port_up[0] || (bus->redundant && bus->port_up[1]);
	if (bus->up && !was_up)
		drop_unwanted(bus);
	if (!up && bus->handing)
		ecr_redundant_skip(bus, port);
}

/* What is answered by one part of a broken ring may not be the answer; where a copy is missing nobody knows what it did. */
static enum ecr_outcome outcome_in_parts(const struct ecr_bus *bus, const struct ecr_flight *flight,
					 const struct ecr_transaction *transaction)
{
	if (ecr_redundant_doubtful(bus, flight, transaction))
		return ECR_OUTCOME_TIMEOUT;
	if (!ecr_redundant_astray(bus, flight, transaction))
		return ECR_OUTCOME_ANSWERED;
	return flight->arrived == flight->copies ? ECR_OUTCOME_ASTRAY : ECR_OUTCOME_TIMEOUT;
}

void ecr_bus_finish_flight(struct ecr_bus *bus, struct ecr_flight *flight, enum ecr_outcome outcome,
			   ecr_time now)
{
	bool halves = outcome == ECR_OUTCOME_ANSWERED && bus->redundant;

	for (struct ecr_link *link = flight->transactions.first; link; link = link->next) {
		struct ecr_transaction *transaction =
			ecr_container_of(link, struct ecr_transaction, link);

		transaction->half = halves && ecr_redundant_lacks_half(bus, flight);
		ecr_transaction_end(transaction,
				    halves ? outcome_in_parts(bus, flight, transaction) : outcome,
				    now);
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
		flight->failed |= (uint8_t)(1u << port);
		if (flight->failed != flight->copies)
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
		ecr_bus_emit(bus, (struct ecr_event){ .kind = ECR_EVENT_BUS_TIMEOUT,
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
		ecr_time ready = ecr_bus_reliable_at(bus, bus->now);

		if (ready < wake)
			wake = ready;
	}
	return wake;
}

void ecr_bus_cancel_all(struct ecr_bus *bus, ecr_time now)
{
	for (int class = 0; class < 2; class ++)
		finish_all(bus, &bus->queue[class], ECR_OUTCOME_CANCELLED, now);
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
