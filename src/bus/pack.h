/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The datagrams of a flight: put into its frame, known again when it comes back, taken out of it. Most frames of a cycle
 * have one: what is done for each of them is written here, without a loop.
 */
#ifndef ECR_BUS_PACK_H
#define ECR_BUS_PACK_H

#include "bus/bus.h"

static inline void ecr_flight_departs(struct ecr_flight *flight,
				      struct ecr_transaction *transaction)
{
	transaction->sent_at = flight->sent_at;
	if (transaction->patience && flight->sent_at + transaction->patience < flight->deadline)
		flight->deadline = flight->sent_at + transaction->patience;
}

/* Moves transactions of a queue into the flight's frame while they fit into so many bytes; the first one always does. */
void ecr_flight_pack(struct ecr_flight *flight, struct ecr_list *queue, uint8_t *frame,
		     size_t room);
/* A count of all slaves behind the last datagram, ECR_BUS_TALLY_SIZE bytes. */
extern const struct ecr_ask ecr_flight_tally_ask;
void ecr_flight_tally(struct ecr_flight *flight, uint8_t *frame);

/* As it was sent, but for what slaves change. */
static inline bool ecr_datagram_answers(uint64_t head, const uint8_t *datagram)
{
	uint64_t changed = ecr_le64(datagram) ^ head;

	return !changed || !(changed & ecr_datagram_kept((uint8_t)head));
}

/* All that the frame holds is: the usual answer, seen by a comparison of numbers. */
bool ecr_flight_echoed(const struct ecr_flight *flight, const uint8_t *frame);

/* Copies the answer of a datagram of a reply that matches: it lies where its question says. */
static inline const uint8_t *ecr_ask_take(struct ecr_ask *ask, const uint8_t *datagram)
{
	if (ask->in)
		memcpy(ask->in, datagram + ECR_DATAGRAM_HEADER_SIZE, ask->length);
	ask->irq = ecr_datagram_irq(datagram);
	ask->passed = (uint16_t)(ecr_datagram_address(datagram) - ask->address);
	datagram += ECR_DATAGRAM_OVERHEAD + ask->length;
	ask->wkc = ecr_le16(datagram - ECR_COUNTER_SIZE);
	return datagram;
}

/* The answers of all, which are finished then; the events that they brought. */
uint16_t ecr_flight_take(struct ecr_flight *flight, const uint8_t *frame, ecr_time at);

#endif
