/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of the bus: datagrams that travel in one frame, and what became of them. */
#ifndef ECR_JOB_TRANSACTION_H
#define ECR_JOB_TRANSACTION_H

#include "base/container.h"
#include "base/list.h"
#include "wire/frame.h"

#include <ecring/api.h>

struct ecr_ask {
	uint8_t command; /* enum ecr_command */
	uint16_t length;
	uint32_t address;
	const uint8_t *out; /* data to send; NULL: zeros */
	uint8_t *in;	    /* where the answer's data go; NULL: not wanted */
	uint16_t wkc;	    /* answer */
	uint16_t irq;	    /* answer */
	uint16_t passed;    /* answer: by how much slaves on its way have moved the position on */
	uint8_t by; /* answer, with two ports: bit per port whose frame slaves have answered */
};

static inline uint64_t ecr_ask_head(const struct ecr_ask *ask, uint8_t index)
{
	return ecr_datagram_head(ask->command, index, ask->address, ask->length);
}

enum ecr_outcome {
	ECR_OUTCOME_PENDING,
	ECR_OUTCOME_ANSWERED,
	ECR_OUTCOME_TIMEOUT, /* sent, no answer in time */
	ECR_OUTCOME_ASTRAY, /* a position was asked where the ring was thought to be broken, and is not */
	ECR_OUTCOME_EXPIRED, /* realtime, too old to be sent */
	ECR_OUTCOME_SEND_FAILED,
	ECR_OUTCOME_TOO_LARGE, /* does not fit into one frame */
	ECR_OUTCOME_CANCELLED,
};

enum ecr_class { ECR_REALTIME, ECR_RELIABLE };

/* Who gets the answer: decided by the core, which drains the bus's finished transactions. */
enum ecr_owner { ECR_OWNER_JOB, ECR_OWNER_CYCLE, ECR_OWNER_USER, ECR_OWNER_CLOCK, ECR_OWNER_REACH };

struct ecr_transaction {
	struct ecr_link link;
	struct ecr_ask *asks;
	uint16_t count;	 /* at least 1 */
	uint8_t class;	 /* enum ecr_class */
	uint8_t owner;	 /* enum ecr_owner */
	uint8_t outcome; /* enum ecr_outcome */
	bool queued;	 /* the bus has it */
	bool unwanted;	 /* the conversation that asked is over */
	bool half;     /* answered by one part of a broken ring: the frame of the other was lost */
	uint32_t size; /* in a frame; the bus's */
	ecr_time submitted_at;
	ecr_time stale_at; /* realtime: not sent after this */
	ecr_time patience; /* how long to wait for the answer; 0: the bus's frame time-out */
	ecr_time sent_at;
	ecr_time received_at;
	void *context;
};

/* Of a list of transactions; NULL behind its end. */
static inline struct ecr_transaction *ecr_transaction_of(struct ecr_link *link)
{
	return link ? ecr_container_of(link, struct ecr_transaction, link) : NULL;
}

static inline struct ecr_transaction *
ecr_transaction_next(const struct ecr_transaction *transaction)
{
	return ecr_transaction_of(transaction->link.next);
}

/* Bytes it takes in a frame. */
static inline size_t ecr_transaction_size(const struct ecr_transaction *transaction)
{
	size_t size = 0;

	for (uint16_t i = 0; i < transaction->count; i++)
		size += ECR_DATAGRAM_OVERHEAD + transaction->asks[i].length;
	return size;
}

static inline void ecr_transaction_end(struct ecr_transaction *transaction,
				       enum ecr_outcome outcome, ecr_time now)
{
	transaction->outcome = (uint8_t)outcome;
	transaction->received_at = now;
}

#endif
