/* SPDX-License-Identifier: Apache-2.0 */
/* Replies: most are known at once, as what was sent; what others are is found out in bus/match.c. */
#include "bus/reply.h"

#include "base/container.h"
#include "bus/match.h"
#include "bus/pack.h"
#include "bus/redundant.h"

#define INDEX_AT (ECR_FRAME_HEADER_SIZE + 1) /* of the first datagram */

/* Of a flight with one datagram. */
static struct ecr_ask *single(const struct ecr_flight *flight)
{
	return ecr_container_of(flight->transactions.first, struct ecr_transaction, link)->asks;
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
		echo = ecr_datagram_answers(flight->head, frame + ECR_FRAME_HEADER_SIZE);
	else
		echo = ecr_flight_echoed(flight, frame);
	return echo ? flight : NULL;
}

static uint16_t take(struct ecr_flight *flight, const uint8_t *frame, ecr_time at)
{
	if (flight->datagrams != 1)
		return ecr_flight_take(flight, frame, at);
	ecr_ask_take(single(flight), frame + ECR_FRAME_HEADER_SIZE);
	ecr_transaction_end(
		ecr_container_of(flight->transactions.first, struct ecr_transaction, link),
		ECR_OUTCOME_ANSWERED, at);
	return single(flight)->irq;
}

/* All that is to come has come. */
static void settle(struct ecr_bus *bus, struct ecr_flight *flight, ecr_time at)
{
	ecr_histogram_add(&bus->info.round_trip, at - flight->sent_at);
	ecr_bus_land(bus, flight, ECR_INDEX_ANSWERED);
}

void ecr_bus_rx(struct ecr_bus *bus, ecr_time now, const struct ecr_arrival *arrival,
		uint8_t *frame, size_t length)
{
	struct ecr_flight *flight;
	ecr_time at;

	flight = arrival->foreign ? NULL : echoed(bus, frame, length);
	if (!flight)
		flight = ecr_bus_match(bus, now, arrival, frame, length);
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
