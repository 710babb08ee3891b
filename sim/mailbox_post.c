/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to the master: waiting, in the SyncManager, read, and asked for again. */
#include "sim/app.h"
#include "sim/mailbox.h"
#include "sim/syncmanager.h"
#include "wire/coe.h"

#include <string.h>

#define IN 1	    /* the SyncManager, as the master sees it */
#define RESERVED 3u /* messages that emergencies leave room for */

uint8_t *sim_mailbox_room(struct ecr_sim_app *app, size_t *size)
{
	struct sim_mailbox *mailbox = &app->mailbox;
	uint16_t now = app->esc->sms[IN].length;

	*size = now && now < mailbox->size ? now : mailbox->size;
	if (mailbox->count == SIM_MAILS)
		return NULL;
	return mailbox->mails[(mailbox->head + mailbox->count) % SIM_MAILS].bytes;
}

void sim_mailbox_post(struct ecr_sim_app *app, const struct sim_mail *made)
{
	struct sim_mailbox *mailbox = &app->mailbox;
	struct sim_mail *mail = &mailbox->mails[(mailbox->head + mailbox->count) % SIM_MAILS];
	uint8_t *bytes = mail->bytes;

	*mail = *made;
	mail->bytes = bytes;
	mailbox->count++;
}

/* Exchanges the contents of two messages. */
static void swap(struct sim_mail *a, struct sim_mail *b)
{
	struct sim_mail kept = *a;

	*a = *b;
	*b = kept;
}

static void fill(struct ecr_sim_app *app)
{
	const struct ecr_sm *sm = &app->esc->sms[IN];
	const struct sim_mail *mail = &app->mailbox.current;
	uint8_t *memory = app->esc->memory + sm->start;

	memset(memory, 0, sm->length);
	memcpy(memory, mail->bytes, mail->length < sm->length ? mail->length : sm->length);
	sim_sm_give(app->esc, IN);
	app->mailbox.has_current = true;
}

/* A message that comes twice was read once. */
static void keep_read(struct sim_mailbox *mailbox)
{
	uint8_t *bytes = mailbox->last.bytes;

	mailbox->last = mailbox->current;
	mailbox->last.bytes = bytes;
	mailbox->last.counts = false;
	memcpy(bytes, mailbox->current.bytes, mailbox->current.length);
	mailbox->has_last = true;
}

static void note_read(struct ecr_sim_app *app)
{
	struct sim_mailbox *mailbox = &app->mailbox;

	if (!mailbox->has_current || sim_sm_full(app->esc, IN))
		return;
	if (mailbox->current.again) {
		mailbox->current.again = false;
		keep_read(mailbox);
		fill(app);
		return;
	}
	if (mailbox->current.counts)
		mailbox->steps[mailbox->current.stage]++;
	mailbox->current.counts = false; /* a repetition is no other step */
	swap(&mailbox->current, &mailbox->last);
	mailbox->has_last = true;
	mailbox->has_current = false;
}

/* The master has lost what it read: it comes again, and what was to come now waits. */
static void repeat(struct ecr_sim_app *app)
{
	struct sim_mailbox *mailbox = &app->mailbox;
	uint8_t *acknowledge = &app->esc->memory[ECR_REG_SM_PDI_CONTROL(IN)];
	uint8_t request = app->esc->memory[ECR_REG_SM_ACTIVATE(IN)] & ECR_SM_ACTIVATE_REPEAT;

	if ((*acknowledge & ECR_SM_PDI_REPEAT_ACK) == request)
		return;
	if (mailbox->has_last && !mailbox->has_stored) {
		if (mailbox->has_current)
			swap(&mailbox->current, &mailbox->stored);
		mailbox->has_stored = mailbox->has_current;
		swap(&mailbox->current, &mailbox->last);
		mailbox->has_last = false;
		fill(app);
	}
	*acknowledge = (uint8_t)((*acknowledge & ~ECR_SM_PDI_REPEAT_ACK) | request);
}

void sim_mailbox_settle(struct ecr_sim_app *app)
{
	note_read(app);
	repeat(app);
}

static void next_counter(struct ecr_sim_app *app, struct sim_mail *mail)
{
	struct sim_mailbox *mailbox = &app->mailbox;
	unsigned int step = app->esc->device.habits.counter_step;

	step = (step ? step : 1u) + mail->jumps;
	mailbox->counter_out = (uint8_t)((mailbox->counter_out + step - 1) % 7 + 1);
	ecr_mailbox_put_counter(mail->bytes, mailbox->counter_out);
}

void sim_mailbox_deliver(struct ecr_sim_app *app)
{
	struct sim_mailbox *mailbox = &app->mailbox;
	struct sim_mail *mail = &mailbox->mails[mailbox->head];

	if (mailbox->has_current || sim_sm_full(app->esc, IN))
		return;
	if (mailbox->has_stored) {
		swap(&mailbox->current, &mailbox->stored);
		mailbox->has_stored = false;
		fill(app);
		return;
	}
	if (!mailbox->count || mail->due > app->now)
		return;
	swap(&mailbox->current, mail);
	next_counter(app, &mailbox->current);
	mailbox->head = (mailbox->head + 1) % SIM_MAILS;
	mailbox->count--;
	fill(app);
}

bool sim_mailbox_answer(struct ecr_sim_app *app, size_t length, enum ecr_sim_stage stage,
			uint16_t index, uint8_t subindex, bool refused)
{
	const struct ecr_sim_habits *habits = &app->esc->device.habits;
	struct sim_mailbox *mailbox = &app->mailbox;
	struct sim_mail mail = {
		.bytes = mailbox->mails[(mailbox->head + mailbox->count) % SIM_MAILS].bytes,
		.due = app->now + habits->answer_ns,
		.length = (uint16_t)length,
		.stage = (uint8_t)stage,
		.counts = !refused,
		.again = habits->answers_twice
	};

	if (!length || !sim_mailbox_spoil(mailbox, &mail, stage, index, subindex))
		return false;
	sim_mailbox_post(app, &mail);
	return true;
}

bool sim_mailbox_emergency(struct ecr_sim_app *app, const struct ecr_coe_emergency *emergency)
{
	struct sim_mail mail = { .due = app->now };
	size_t size;
	uint8_t *bytes = sim_mailbox_room(app, &size);

	if (!bytes || !app->mailbox.running || app->mailbox.count + RESERVED > SIM_MAILS)
		return false;
	mail.length = (uint16_t)ecr_coe_put_emergency(bytes, size, emergency);
	if (!mail.length)
		return false;
	sim_mailbox_post(app, &mail);
	return true;
}

bool ecr_sim_app_emergency(struct ecr_sim_app *app, const struct ecr_emergency *emergency)
{
	struct ecr_coe_emergency sent = { .code = emergency->code,
					  .error_register = emergency->error_register };

	memcpy(sent.data, emergency->data, sizeof(sent.data));
	return sim_mailbox_emergency(app, &sent);
}
