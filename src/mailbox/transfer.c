/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a transfer begins and ends. After a request without an answer nobody knows whether that answer
 * still comes: a marker is read first, and what comes before its answer belongs to the past.
 */
#include "mailbox/transfer_steps.h"

/* Objects that every CoE device has (ETG.1000.6, 5.6.7.4) */
#define MARKER ECR_COE_DEVICE_TYPE
#define OTHER_MARKER ECR_COE_IDENTITY
/* Subindices; that the object lacks one is an answer, too. More than are passed over as the past's: a slow slave may
 * still answer many that were given up, and none of them may pass for the last. */
#define MARKERS (4 * TRANSFER_PAST_MOST)

static struct ecr_job *prepare(struct ecr_transfer *transfer, enum ecr_sdo_kind kind,
			       uint16_t index, uint8_t subindex, bool complete, size_t size)
{
	transfer->job.steps = ecr_transfer_steps;
	transfer->kind = (uint8_t)kind;
	transfer->index = index;
	transfer->subindex = subindex;
	transfer->complete = complete;
	transfer->toggle = false;
	transfer->open = false;
	transfer->from = NULL;
	transfer->to = NULL;
	transfer->size = size;
	transfer->done = 0;
	transfer->total = 0;
	transfer->differs = false;
	transfer->error = 0;
	transfer->fragments = 0;
	transfer->past = (struct ecr_past_answer){ 0 };
	transfer->result = (struct ecr_sdo_result){ .index = index, .subindex = subindex };
	return &transfer->job;
}

struct ecr_job *ecr_transfer_upload(struct ecr_transfer *transfer, uint16_t index, uint8_t subindex,
				    bool complete, void *to, size_t room)
{
	prepare(transfer, ECR_SDO_UPLOAD, index, subindex, complete, room);
	transfer->to = to;
	return &transfer->job;
}

struct ecr_job *ecr_transfer_download(struct ecr_transfer *transfer, uint16_t index,
				      uint8_t subindex, bool complete, const void *from,
				      size_t size)
{
	prepare(transfer, ECR_SDO_DOWNLOAD, index, subindex, complete, size);
	transfer->from = from;
	return &transfer->job;
}

struct ecr_job *ecr_transfer_compare(struct ecr_transfer *transfer, uint16_t index,
				     uint8_t subindex, bool complete, const void *with, size_t size)
{
	prepare(transfer, ECR_SDO_UPLOAD, index, subindex, complete, size);
	transfer->from = with;
	return &transfer->job;
}

struct ecr_job *ecr_transfer_info(struct ecr_transfer *transfer, enum ecr_sdo_kind kind,
				  uint16_t index, uint8_t subindex, void *to, size_t room)
{
	prepare(transfer, kind, index, subindex, false, room);
	transfer->to = to;
	return &transfer->job;
}

static struct ecr_verdict transfer_begin(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_transfer *transfer = transfer_of(job);
	struct ecr_mailbox *mailbox = transfer->mailbox;

	(void)answer;
	if (!ecr_mailbox_free(mailbox) || ecr_job_running(&mailbox->job))
		return ecr_wait(ECR_US(250));
	/* What lies there since before is nobody's any more. */
	if (mailbox->fresh)
		return ecr_call(ecr_mailbox_exchange(mailbox, ECR_EXCHANGE_DRAIN, 0),
				TRANSFER_BEGIN);
	if (mailbox->unsure)
		return ecr_goto(TRANSFER_MARK);
	return ecr_goto(transfer->kind <= ECR_SDO_DOWNLOAD ? TRANSFER_INIT : TRANSFER_INFO);
}

static uint16_t marker(const struct ecr_mailbox *mailbox)
{
	return mailbox->unsure_index == MARKER ? OTHER_MARKER : MARKER;
}

static bool is_marked(const struct ecr_mailbox *mailbox)
{
	struct ecr_coe_sdo reply;

	return ecr_coe_get_sdo(&mailbox->message, &reply) &&
	       (reply.kind == ECR_COE_UPLOADED || reply.kind == ECR_COE_ABORT) &&
	       reply.index == marker(mailbox) && reply.subindex == mailbox->marker;
}

static struct ecr_verdict transfer_mark(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_transfer *transfer = transfer_of(job);
	struct ecr_mailbox *mailbox = transfer->mailbox;

	(void)answer;
	mailbox->marker = (uint8_t)((mailbox->marker + 1) % MARKERS);
	transfer->fragments = 0;
	return transfer_ask(transfer,
			    ecr_coe_put_upload(mailbox->out, mailbox->area.receive_size,
					       marker(mailbox), mailbox->marker, false),
			    TRANSFER_MARKED);
}

/* What the slave has sent breaks the rules; any other error says that nothing of it came. */
static bool came_wrong(int error)
{
	return error == ECR_ERR_MAILBOX_ERROR || error == ECR_ERR_INVALID_COE_RESPONSE ||
	       error == ECR_ERR_INVALID_MAILBOX_RESPONSE ||
	       error == ECR_ERR_TRUNCATED_MAILBOX_RESPONSE ||
	       error == ECR_ERR_UNEXPECTED_MAILBOX_TYPE;
}

/* The answer to complete access was late, not missing. */
static void heed_late(struct ecr_mailbox *mailbox)
{
	struct ecr_coe_sdo reply;

	if (!mailbox->job.result && ecr_coe_get_sdo(&mailbox->message, &reply) &&
	    reply.index == mailbox->unsure_index)
		mailbox->complete_unanswered = false;
}

/* It answers everything but complete access. */
static void note_mute(struct ecr_mailbox *mailbox)
{
	if (mailbox->complete_unanswered)
		mailbox->mute_to_complete = mailbox->no_complete_access = true;
	mailbox->complete_unanswered = false;
}

/* Everything but the marker's answer, given or refused, is the past's. */
static struct ecr_verdict transfer_marked(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_transfer *transfer = transfer_of(job);
	struct ecr_mailbox *mailbox = transfer->mailbox;

	(void)answer;
	if (mailbox->job.result && !came_wrong(mailbox->job.result))
		return ecr_fail(transfer_answered(transfer));
	if (mailbox->job.result || !is_marked(mailbox)) {
		heed_late(mailbox);
		mailbox->counts.aside++;
		if (++transfer->fragments > TRANSFER_PAST_MOST)
			return ecr_fail(ECR_ERR_UNEXPECTED_SDO_RESPONSE);
		return ecr_try(ecr_mailbox_exchange(mailbox, ECR_EXCHANGE_RECEIVE, 0),
			       TRANSFER_MARKED);
	}
	ecr_mailbox_sure(mailbox);
	note_mute(mailbox);
	transfer->fragments = 0;
	return ecr_goto(TRANSFER_BEGIN);
}

/* The slave is told that nobody goes on with what it holds open (ETG.1000.6, 5.6.2.8). */
static struct ecr_verdict transfer_abort(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_transfer *transfer = transfer_of(job);
	struct ecr_mailbox *mailbox = transfer->mailbox;
	size_t length = ecr_coe_put_abort(mailbox->out, mailbox->area.receive_size, transfer->index,
					  transfer->subindex, transfer->abort_out);

	(void)answer;
	return ecr_try(ecr_mailbox_exchange(mailbox, ECR_EXCHANGE_TELL, length), TRANSFER_ABORTED);
}

static struct ecr_verdict transfer_aborted(struct ecr_job *job, const struct ecr_answer *answer)
{
	(void)answer;
	return ecr_fail(transfer_of(job)->error);
}

const struct ecr_step ecr_transfer_steps[] = {
	[TRANSFER_BEGIN] = { "sdo.begin", transfer_begin },
	[TRANSFER_MARK] = { "sdo.mark", transfer_mark },
	[TRANSFER_MARKED] = { "sdo.marked", transfer_marked },
	[TRANSFER_INIT] = { "sdo.initiate", transfer_init },
	[TRANSFER_INIT_ANSWER] = { "sdo.initiated", transfer_init_answer },
	[TRANSFER_SEGMENT] = { "sdo.segment", transfer_segment },
	[TRANSFER_SEGMENT_ANSWER] = { "sdo.segment_answer", transfer_segment_answer },
	[TRANSFER_INFO] = { "sdo_info.ask", transfer_info },
	[TRANSFER_INFO_ANSWER] = { "sdo_info.answer", transfer_info_answer },
	[TRANSFER_ABORT] = { "sdo.abort", transfer_abort },
	[TRANSFER_ABORTED] = { "sdo.aborted", transfer_aborted },
};
