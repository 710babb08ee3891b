/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of a transfer: begun and ended in transfer.c, SDOs in sdo.c, information in
 * sdo_info.c; outcome.c is what they share. */
#ifndef ECR_MAILBOX_TRANSFER_STEPS_H
#define ECR_MAILBOX_TRANSFER_STEPS_H

#include "mailbox/transfer.h"

enum {
	TRANSFER_BEGIN,
	TRANSFER_MARK,
	TRANSFER_MARKED,
	TRANSFER_INIT,
	TRANSFER_INIT_ANSWER,
	TRANSFER_SEGMENT,
	TRANSFER_SEGMENT_ANSWER,
	TRANSFER_INFO,
	TRANSFER_INFO_ANSWER,
	TRANSFER_ABORT,
	TRANSFER_ABORTED,
};

#define TRANSFER_PAST_MOST 32 /* more answers than that do not belong to the past */

static inline struct ecr_transfer *transfer_of(struct ecr_job *job)
{
	return ecr_container_of(job, struct ecr_transfer, job);
}

/* Sends what was built (length 0: it does not fit) and goes on at `next`, whatever comes of it. */
struct ecr_verdict transfer_ask(struct ecr_transfer *transfer, size_t length, uint8_t next);
/* What became of the exchange: 0 when an answer is there, else the error, noted. */
int transfer_answered(struct ecr_transfer *transfer);
/* Ends with an error about what the answer held, telling the slave when it holds a transfer open. */
struct ecr_verdict transfer_fail(struct ecr_transfer *transfer, int error, uint32_t expected,
				 uint32_t actual);
/* Before any request has had its answer since bring-up, an answer to something else is of before: it is
 * put aside, and this one waited for at `next`. Afterwards it is the error. */
struct ecr_verdict transfer_of_before(struct ecr_transfer *transfer, uint8_t next, int error,
				      uint32_t expected, uint32_t actual);
/* The answer to what was sent last is here: what was put aside before it explains nothing any more. */
void transfer_arrived(struct ecr_transfer *transfer);
/* An abort that has come: the end. */
struct ecr_verdict transfer_refused(struct ecr_transfer *transfer, uint32_t abort_code);

struct ecr_verdict transfer_init(struct ecr_job *job, const struct ecr_answer *answer);
struct ecr_verdict transfer_init_answer(struct ecr_job *job, const struct ecr_answer *answer);
struct ecr_verdict transfer_segment(struct ecr_job *job, const struct ecr_answer *answer);
struct ecr_verdict transfer_segment_answer(struct ecr_job *job, const struct ecr_answer *answer);
struct ecr_verdict transfer_info(struct ecr_job *job, const struct ecr_answer *answer);
struct ecr_verdict transfer_info_answer(struct ecr_job *job, const struct ecr_answer *answer);

#endif
