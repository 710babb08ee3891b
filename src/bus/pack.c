/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/pack.h"

#include "base/container.h"
#include "wire/registers.h"

/* A datagram of the transaction behind `length` bytes of the frame; the length with it. */
static size_t put(uint8_t *frame, size_t length, const struct ecr_ask *ask, uint8_t index)
{
	ecr_datagram_put(frame + length, ecr_ask_head(ask, index), ask->out, ask->length);
	return length + ECR_DATAGRAM_OVERHEAD + ask->length;
}

void ecr_flight_pack(struct ecr_flight *flight, struct ecr_list *queue, uint8_t *frame, size_t room)
{
	struct ecr_transaction *transaction = ecr_transaction_of(queue->first);
	struct ecr_transaction *last;
	size_t length = ECR_FRAME_HEADER_SIZE;
	size_t before = 0; /* where the last datagram begins */
	uint16_t datagrams = 0;

	do {
		last = transaction;
		for (uint16_t i = 0; i < transaction->count; i++) {
			if (before)
				ecr_datagram_follow(frame + before);
			before = length;
			length = put(frame, length, &transaction->asks[i], flight->index);
		}
		ecr_flight_departs(flight, transaction);
		datagrams = (uint16_t)(datagrams + transaction->count);
		transaction = ecr_transaction_next(transaction);
	} while (transaction && length + transaction->size <= room);
	flight->transactions = ecr_list_cut(queue, &last->link);
	flight->datagrams = datagrams;
	flight->length = (uint16_t)length;
}

const struct ecr_ask ecr_flight_tally_ask = { .command = ECR_CMD_BRD,
					      .address = (uint32_t)ECR_REG_TYPE << 16,
					      .length = ECR_REG_TYPE_SIZE };

void ecr_flight_tally(struct ecr_flight *flight, uint8_t *frame)
{
	size_t last = ECR_FRAME_HEADER_SIZE;
	struct ecr_datagram datagram;

	for (size_t at = last; at < flight->length; at = ecr_datagram_read(frame, at, &datagram))
		last = at;
	ecr_datagram_follow(frame + last);
	flight->length = (uint16_t)put(frame, flight->length, &ecr_flight_tally_ask, flight->index);
	flight->datagrams++;
	flight->tally = true;
}

bool ecr_flight_echoed(const struct ecr_flight *flight, const uint8_t *frame)
{
	size_t at = ECR_FRAME_HEADER_SIZE;

	for (const struct ecr_link *link = flight->transactions.first; link; link = link->next) {
		const struct ecr_transaction *transaction =
			ecr_container_of(link, struct ecr_transaction, link);

		for (uint16_t i = 0; i < transaction->count; i++) {
			const struct ecr_ask *ask = &transaction->asks[i];
			size_t end = at + ECR_DATAGRAM_OVERHEAD + ask->length;
			uint64_t more = end < flight->length ? ECR_DATAGRAM_MORE : 0;

			if (!ecr_datagram_answers(ecr_ask_head(ask, flight->index) | more,
						  frame + at))
				return false;
			at = end;
		}
	}
	return !flight->tally ||
	       ecr_datagram_answers(ecr_ask_head(&ecr_flight_tally_ask, flight->index), frame + at);
}

uint16_t ecr_flight_take(struct ecr_flight *flight, const uint8_t *frame, ecr_time at)
{
	const uint8_t *datagram = frame + ECR_FRAME_HEADER_SIZE;
	uint16_t irq = 0;

	for (struct ecr_link *link = flight->transactions.first; link; link = link->next) {
		struct ecr_transaction *transaction =
			ecr_container_of(link, struct ecr_transaction, link);

		for (uint16_t i = 0; i < transaction->count; i++) {
			datagram = ecr_ask_take(&transaction->asks[i], datagram);
			irq |= transaction->asks[i].irq;
		}
		ecr_transaction_end(transaction, ECR_OUTCOME_ANSWERED, at);
	}
	return irq;
}
