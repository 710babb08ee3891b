/* SPDX-License-Identifier: Apache-2.0 */
/* What every step of a transfer does with an exchange: asks, takes its result, fails, is refused. */
#include "mailbox/transfer_steps.h"

struct ecr_verdict transfer_ask(struct ecr_transfer *transfer, size_t length, uint8_t next)
{
	struct ecr_mailbox *mailbox = transfer->mailbox;

	if (!length) {
		transfer->result.actual = mailbox->area.receive_size;
		return ecr_fail(ECR_ERR_MAILBOX_TOO_SMALL);
	}
	mailbox->expected = ECR_MAILBOX_COE;
	return ecr_try(ecr_mailbox_exchange(mailbox, ECR_EXCHANGE_ASK, length), next);
}

int transfer_answered(struct ecr_transfer *transfer)
{
	struct ecr_mailbox *mailbox = transfer->mailbox;
	int error = mailbox->job.result;

	if (!error)
		return 0;
	if (error == ECR_ERR_RESPONSE_TIMEOUT && transfer->past.error) {
		transfer->result.expected = transfer->past.expected;
		transfer->result.actual = transfer->past.actual;
		return transfer->past.error;
	}
	transfer->result.expected = mailbox->wanted;
	transfer->result.actual = mailbox->actual;
	return error;
}

struct ecr_verdict transfer_fail(struct ecr_transfer *transfer, int error, uint32_t expected,
				 uint32_t actual)
{
	transfer->result.expected = expected;
	transfer->result.actual = actual;
	transfer->error = error;
	return transfer->open ? ecr_goto(TRANSFER_ABORT) : ecr_fail(error);
}

struct ecr_verdict transfer_of_before(struct ecr_transfer *transfer, uint8_t next, int error,
				      uint32_t expected, uint32_t actual)
{
	struct ecr_past_answer *past = &transfer->past;
	struct ecr_mailbox *mailbox = transfer->mailbox;

	/* A wait in vain has brought nothing that could be put aside. */
	if (!mailbox->strange || mailbox->job.result || past->count == TRANSFER_PAST_MOST)
		return transfer_fail(transfer, error, expected, actual);
	*past = (struct ecr_past_answer){ error, expected, actual, (uint8_t)(past->count + 1) };
	mailbox->counts.aside++;
	ecr_mailbox_notice(mailbox, ECR_EVENT_MAILBOX_ASIDE, "stale answer", expected, actual);
	return ecr_try(ecr_mailbox_exchange(mailbox, ECR_EXCHANGE_RECEIVE, 0), next);
}

void transfer_arrived(struct ecr_transfer *transfer)
{
	ecr_mailbox_sure(transfer->mailbox);
	transfer->past = (struct ecr_past_answer){ 0 };
}

struct ecr_verdict transfer_refused(struct ecr_transfer *transfer, uint32_t abort_code)
{
	ecr_mailbox_sure(transfer->mailbox);
	transfer->result.expected = transfer->result.actual = 0; /* the code says it all */
	transfer->result.abort_code = abort_code;
	transfer->open = false;
	return ecr_fail(ECR_ERR_SDO_ABORT);
}
