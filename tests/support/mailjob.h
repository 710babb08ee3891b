/* SPDX-License-Identifier: Apache-2.0 */
/* A mailbox's conversations alone: every datagram is answered by a function of the test. */
#ifndef TESTS_SUPPORT_MAILJOB_H
#define TESTS_SUPPORT_MAILJOB_H

#include "mailbox/transfer.h"

#include <stdlib.h>
#include <string.h>

#define MAILJOB_LOST -1 /* the datagram does not come back */
#define MAILJOB_STATION 0x1001
#define MAILJOB_RECEIVE 0x1000 /* the slave's SyncManager 0 */
#define MAILJOB_SEND 0x1800    /* and 1 */

struct mailjob {
	struct ecr_runner runner;
	struct ecr_timer *heap[8];
	struct ecr_mailbox mailbox;
	struct ecr_transfer transfer;
	ecr_time now;
	unsigned int asked; /* datagrams */
	/* Fills in the answer; the working counter, or MAILJOB_LOST. */
	int (*answer)(struct mailjob *mail, struct ecr_ask *ask);
	void *context;
};

/* Buffers of exactly those sizes. */
static inline void mailjob_open(struct mailjob *mail, uint16_t receive_size, uint16_t send_size)
{
	const struct ecr_sii_mailbox area = { .receive_offset = MAILJOB_RECEIVE,
					      .receive_size = receive_size,
					      .send_offset = MAILJOB_SEND,
					      .send_size = send_size,
					      .protocols = ECR_SII_MAILBOX_COE };

	memset(mail, 0, sizeof(*mail));
	mail->now = ECR_S(1);
	ecr_runner_init(&mail->runner, mail->heap, 8, 0);
	mail->mailbox.out = malloc(receive_size);
	mail->mailbox.in = malloc(send_size);
	if (!mail->mailbox.out || !mail->mailbox.in)
		abort();
	memset(mail->mailbox.out, 0, receive_size);
	memset(mail->mailbox.in, 0, send_size);
	mail->mailbox.timeout = ECR_MS(20);
	mail->transfer.mailbox = &mail->mailbox;
	ecr_mailbox_reset(&mail->mailbox, MAILJOB_STATION, &area);
	mail->mailbox.fresh = false;
}

static inline void mailjob_close(struct mailjob *mail)
{
	free(mail->mailbox.out);
	free(mail->mailbox.in);
}

static inline bool mailjob_turn(struct mailjob *mail)
{
	struct ecr_link *link;
	struct ecr_transaction *transaction;
	int wkc;

	ecr_runner_run(&mail->runner, mail->now);
	if (ecr_runner_ended(&mail->runner))
		return false;
	link = ecr_list_pop(&mail->runner.outbox);
	if (!link) {
		mail->now = ecr_runner_wake(&mail->runner);
		return true;
	}
	transaction = ecr_container_of(link, struct ecr_transaction, link);
	mail->asked++;
	wkc = mail->answer(mail, &transaction->asks[0]);
	mail->now += wkc == MAILJOB_LOST ? ECR_MS(1) : ECR_US(50);
	transaction->outcome = wkc == MAILJOB_LOST ? ECR_OUTCOME_TIMEOUT : ECR_OUTCOME_ANSWERED;
	transaction->asks[0].wkc = (uint16_t)(wkc == MAILJOB_LOST ? 0 : wkc);
	ecr_runner_answer(&mail->runner, mail->now, transaction);
	return true;
}

/* To its end; the result. It must come within a million datagrams. */
static inline int mailjob_run(struct mailjob *mail, struct ecr_job *job)
{
	ecr_job_start(&mail->runner, job, job->steps);
	for (unsigned int i = 0; i < 4000000; i++)
		if (!mailjob_turn(mail))
			return job->result;
	abort();
}

static inline uint16_t mailjob_offset(const struct ecr_ask *ask)
{
	return (uint16_t)(ask->address >> 16);
}

#endif
