/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One exchange over a mailbox. The write goes to SyncManager 0, the answer is fetched from
 * SyncManager 1 when its status says full. A lost write is looked after: full means that it got
 * there, since it was sent only when the message before had been taken; else it is sent again with the same counter, which a slave that has it already drops. A
 * lost read is asked for again by toggling Repeat Request and waiting for Repeat Acknowledge
 * (ETG.1000.4, 6.7.3).
 */
#include "mailbox/mailbox.h"

#include "wire/esc.h"

enum {
	EXCHANGE_BEGIN,
	EXCHANGE_VACANT,
	EXCHANGE_SEND,
	EXCHANGE_PAUSE,
	EXCHANGE_LOOK,
	EXCHANGE_RESEND,
	EXCHANGE_POLL,
	EXCHANGE_READ,
	EXCHANGE_REPEAT,
	EXCHANGE_TOGGLE,
	EXCHANGE_ACKNOWLEDGED,
};

#define OUT 0 /* SyncManagers */
#define IN 1
#define DRAIN_MOST 16 /* messages; others want to use the mailbox, too */
#define POLL_NS ECR_US(250)
#define SLOW_POLL_NS ECR_MS(1) /* once the first millisecond is over */
#define ASK_NS ECR_MS(20)      /* so often it is asked for even where it comes with the inputs */

static struct ecr_mailbox *mailbox_of(struct ecr_job *job)
{
	return ecr_container_of(job, struct ecr_mailbox, job);
}

static uint32_t at(const struct ecr_mailbox *mailbox, unsigned int offset)
{
	return ecr_address_station(mailbox->station, (uint16_t)offset);
}

struct ecr_job *ecr_mailbox_exchange(struct ecr_mailbox *mailbox, enum ecr_exchange_kind kind,
				     size_t length)
{
	mailbox->torn |= mailbox->reading;
	mailbox->job.steps = ecr_exchange_steps;
	mailbox->kind = (uint8_t)kind;
	mailbox->paused = false;
	mailbox->drained = 0;
	mailbox->sent = kind == ECR_EXCHANGE_RECEIVE || kind == ECR_EXCHANGE_DRAIN;
	if (mailbox->sent)
		return &mailbox->job;
	mailbox->length = (uint16_t)length;
	mailbox->counted = false;
	return &mailbox->job;
}

void ecr_mailbox_reset(struct ecr_mailbox *mailbox, uint16_t station,
		       const struct ecr_sii_mailbox *area)
{
	mailbox->station = station;
	mailbox->area = *area;
	mailbox->counter_in = 0;
	mailbox->counter_out = 0;
	mailbox->reading = mailbox->torn = false;
	mailbox->fresh = true;
	ecr_mailbox_sure(mailbox);
	mailbox->strange = true;
}

/* Time for another look; else the answer is not coming. */
static struct ecr_verdict patience(const struct ecr_mailbox *mailbox, const struct ecr_job *job)
{
	ecr_time waited = job->now - (mailbox->deadline - mailbox->timeout);

	if (job->now >= mailbox->deadline)
		return ecr_fail(ECR_ERR_RESPONSE_TIMEOUT);
	return ecr_wait(waited < ECR_MS(1) ? POLL_NS : SLOW_POLL_NS);
}

/* From now on a status tells about the answer. */
static void look_out(struct ecr_mailbox *mailbox, ecr_time now)
{
	struct ecr_mail_status *status = &mailbox->status;

	if (status->mapped)
		status->seen = *status->refreshed;
	status->heard_at = status->asked_at = now;
}

static struct ecr_verdict proceed(const struct ecr_mailbox *mailbox)
{
	if (mailbox->sent)
		return ecr_goto(EXCHANGE_POLL);
	return ecr_goto(mailbox->vacant ? EXCHANGE_SEND : EXCHANGE_VACANT);
}

static struct ecr_verdict exchange_begin(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_mailbox *mailbox = mailbox_of(job);

	(void)answer;
	mailbox->deadline = job->now + mailbox->timeout;
	look_out(mailbox, job->now);
	return mailbox->torn ? ecr_goto(EXCHANGE_REPEAT) : proceed(mailbox);
}

/* A slave may wait for its own message to be taken before it takes one. */
static struct ecr_verdict exchange_vacant(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_mailbox *mailbox = mailbox_of(job);

	if (!answer)
		return ecr_ask_read(job, mailbox->station, ECR_REG_SM_STATUS(OUT), 1);
	mailbox->vacant = !(answer->data[0] & ECR_SM_STATUS_FULL);
	return ecr_goto(mailbox->vacant ? EXCHANGE_SEND : EXCHANGE_POLL);
}

/* The whole mailbox is written: its last byte hands it over. */
static struct ecr_verdict ask_write(struct ecr_mailbox *mailbox, struct ecr_job *job)
{
	for (uint16_t i = mailbox->length; i < mailbox->area.receive_size; i++)
		mailbox->out[i] = 0;
	ecr_job_write_from(job, ECR_CMD_FPWR, at(mailbox, mailbox->area.receive_offset),
			   mailbox->area.receive_size, mailbox->out);
	return ecr_ask();
}

static struct ecr_verdict written(struct ecr_mailbox *mailbox)
{
	mailbox->sent = true;
	look_out(mailbox, mailbox->job.now);
	mailbox->counts.sent++;
	return mailbox->kind == ECR_EXCHANGE_TELL ? ecr_done() : ecr_goto(EXCHANGE_POLL);
}

/* A message is counted when it goes out for the first time: seven that never did would make the
 * next one pass for the last one that the slave has seen. */
static void count_message(struct ecr_mailbox *mailbox)
{
	if (!mailbox->counted)
		mailbox->counter_out = (uint8_t)(mailbox->counter_out % 7 + 1);
	mailbox->counted = true;
	ecr_mailbox_put_counter(mailbox->out, mailbox->counter_out);
}

static struct ecr_verdict exchange_send(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_mailbox *mailbox = mailbox_of(job);

	mailbox->vacant = false;
	if (!answer) {
		count_message(mailbox);
		return ask_write(mailbox, job);
	}
	return answer->wkc ? written(mailbox) : ecr_goto(EXCHANGE_VACANT);
}

/* Nothing to take stands in the way: the slave needs time. */
static struct ecr_verdict exchange_pause(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_mailbox *mailbox = mailbox_of(job);

	(void)answer;
	mailbox->paused = !mailbox->paused;
	return mailbox->paused ? ecr_wait(POLL_NS) : ecr_goto(EXCHANGE_VACANT);
}

static struct ecr_verdict exchange_look(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_mailbox *mailbox = mailbox_of(job);

	if (!answer)
		return ecr_ask_read(job, mailbox->station, ECR_REG_SM_STATUS(OUT), 1);
	if (job->now >= mailbox->deadline)
		return ecr_fail(ECR_ERR_RESPONSE_TIMEOUT);
	return answer->data[0] & ECR_SM_STATUS_FULL ? written(mailbox) : ecr_goto(EXCHANGE_RESEND);
}

/* Refused now means that the first one has arrived late after all. */
static struct ecr_verdict exchange_resend(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_mailbox *mailbox = mailbox_of(job);

	if (!answer) {
		mailbox->counts.resent++;
		return ask_write(mailbox, job);
	}
	return written(mailbox);
}

const uint8_t *ecr_mailbox_news(struct ecr_mail_status *status)
{
	if (!status->mapped || *status->refreshed == status->seen ||
	    *status->refreshed < *status->since)
		return NULL;
	status->seen = *status->refreshed;
	return *status->image + status->offset;
}

bool ecr_mailbox_heard(const struct ecr_mail_status *status, ecr_time now)
{
	return status->mapped && now - status->heard_at <= 2 * *status->period + POLL_NS;
}

/* The cycle brings the status soon, and has done so lately. A byte that never says full is not believed
 * for ever. */
static bool told_by_cycle(const struct ecr_mailbox *mailbox, ecr_time now)
{
	const struct ecr_mail_status *status = &mailbox->status;

	return ecr_mailbox_heard(status, now) && mailbox->sent &&
	       mailbox->kind != ECR_EXCHANGE_DRAIN &&
	       (status->always || *status->period <= SLOW_POLL_NS) &&
	       now - status->asked_at <
		       (ASK_NS > 4 * *status->period ? ASK_NS : 4 * *status->period);
}

static struct ecr_verdict exchange_poll(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_mailbox *mailbox = mailbox_of(job);
	const uint8_t *status = answer ? answer->data : NULL;

	if (!status && told_by_cycle(mailbox, job->now)) {
		status = ecr_mailbox_news(&mailbox->status);
		if (!status)
			return patience(mailbox, job);
	}
	mailbox->status.heard_at = job->now;
	if (!status) {
		mailbox->status.asked_at = job->now;
		return ecr_ask_read(job, mailbox->station, ECR_REG_SM_STATUS(IN), 1);
	}
	if ((*status & ECR_SM_STATUS_FULL) &&
	    !(mailbox->kind == ECR_EXCHANGE_DRAIN && mailbox->drained == DRAIN_MOST))
		return ecr_goto(EXCHANGE_READ);
	mailbox->fresh = false;
	if (mailbox->kind == ECR_EXCHANGE_DRAIN)
		return ecr_done();
	if (!mailbox->sent)
		return job->now < mailbox->deadline ? ecr_goto(EXCHANGE_PAUSE)
						    : ecr_fail(ECR_ERR_MAILBOX_FULL);
	return patience(mailbox, job);
}

/* Something else was taken; there may be more of it without end, so what is not sent yet comes
 * before the next one. */
static struct ecr_verdict go_on(const struct ecr_mailbox *mailbox, const struct ecr_job *job)
{
	if (job->now >= mailbox->deadline)
		return ecr_fail(mailbox->sent ? ECR_ERR_RESPONSE_TIMEOUT : ECR_ERR_MAILBOX_FULL);
	if (mailbox->sent)
		return ecr_goto(EXCHANGE_POLL);
	return ecr_goto(mailbox->vacant ? EXCHANGE_SEND : EXCHANGE_VACANT);
}

static struct ecr_verdict exchange_read(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_mailbox *mailbox = mailbox_of(job);
	int error = 0;

	mailbox->reading = !answer;
	if (!answer) {
		ecr_job_read_to(job, ECR_CMD_FPRD, at(mailbox, mailbox->area.send_offset),
				mailbox->area.send_size, mailbox->in);
		return ecr_ask();
	}
	if (!answer->wkc)
		return ecr_goto(EXCHANGE_POLL);
	mailbox->torn = false;
	look_out(mailbox, job->now);
	switch (ecr_mailbox_sort(mailbox, job->now, &error)) {
	case ECR_MAILBOX_ANSWER:
		return ecr_done();
	case ECR_MAILBOX_WRONG:
		return ecr_fail(error);
	default:
		mailbox->drained++;
		return go_on(mailbox, job);
	}
}

static struct ecr_verdict exchange_repeat(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_mailbox *mailbox = mailbox_of(job);

	mailbox->torn = true;
	if (!answer)
		return ecr_ask_read(job, mailbox->station, ECR_REG_SM_ACTIVATE(IN), 1);
	if (job->now >= mailbox->deadline)
		return ecr_fail(ECR_ERR_RESPONSE_TIMEOUT);
	mailbox->repeat = answer->data[0] ^ ECR_SM_ACTIVATE_REPEAT;
	mailbox->counts.repeats++;
	return ecr_goto(EXCHANGE_TOGGLE);
}

static struct ecr_verdict exchange_toggle(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_mailbox *mailbox = mailbox_of(job);

	if (answer)
		return ecr_goto(EXCHANGE_ACKNOWLEDGED);
	ecr_job_write(job, ECR_CMD_FPWR, at(mailbox, ECR_REG_SM_ACTIVATE(IN)), 1)[0] =
		mailbox->repeat;
	return ecr_ask();
}

/* A slave without the mechanism never acknowledges: half of the time is left for what it has all the same. */
static struct ecr_verdict exchange_acknowledged(struct ecr_job *job,
						const struct ecr_answer *answer)
{
	struct ecr_mailbox *mailbox = mailbox_of(job);

	if (!answer)
		return ecr_ask_read(job, mailbox->station, ECR_REG_SM_PDI_CONTROL(IN), 1);
	if (!((answer->data[0] ^ mailbox->repeat) & ECR_SM_PDI_REPEAT_ACK))
		return ecr_goto(EXCHANGE_READ);
	if (mailbox->deadline - job->now > mailbox->timeout / 2)
		return patience(mailbox, job);
	mailbox->torn = false;
	return proceed(mailbox);
}

const struct ecr_step ecr_exchange_steps[] = {
	[EXCHANGE_BEGIN] = { "mailbox.begin", exchange_begin },
	[EXCHANGE_VACANT] = { "mailbox.vacant", exchange_vacant, .wkc = 1, .tries = 5,
			      .on_loss = ECR_ASK_AGAIN },
	[EXCHANGE_SEND] = { "mailbox.send", exchange_send, .wkc = ECR_WKC_ANY, .tries = 5,
			    .on_loss = EXCHANGE_LOOK },
	[EXCHANGE_PAUSE] = { "mailbox.pause", exchange_pause },
	[EXCHANGE_LOOK] = { "mailbox.look", exchange_look, .wkc = 1, .tries = 5,
			    .on_loss = ECR_ASK_AGAIN },
	[EXCHANGE_RESEND] = { "mailbox.resend", exchange_resend, .wkc = ECR_WKC_ANY, .tries = 5,
			      .on_loss = EXCHANGE_LOOK },
	[EXCHANGE_POLL] = { "mailbox.poll", exchange_poll, .wkc = 1, .tries = 5,
			    .on_loss = ECR_ASK_AGAIN },
	[EXCHANGE_READ] = { "mailbox.read", exchange_read, .wkc = ECR_WKC_ANY, .tries = 5,
			    .on_loss = EXCHANGE_REPEAT },
	[EXCHANGE_REPEAT] = { "mailbox.repeat", exchange_repeat, .wkc = 1, .tries = 5,
			      .on_loss = ECR_ASK_AGAIN },
	[EXCHANGE_TOGGLE] = { "mailbox.toggle", exchange_toggle, .wkc = 1, .tries = 5,
			      .on_loss = ECR_ASK_AGAIN },
	[EXCHANGE_ACKNOWLEDGED] = { "mailbox.acknowledged", exchange_acknowledged, .wkc = 1,
				    .tries = 5, .on_loss = ECR_ASK_AGAIN },
};
