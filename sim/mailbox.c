/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/mailbox.h"

#include "sim/app.h"
#include "sim/syncmanager.h"
#include "wire/coe.h"

#include <string.h>

#define OUT 0 /* SyncManagers, as the master sees them */
#define IN 1
#define RESERVED 3u /* messages that emergencies leave room for */
#define STORM_CODE 0xFF00u

static uint16_t larger(uint16_t a, uint16_t b)
{
	return a > b ? a : b;
}

void sim_mailbox_build(struct sim_mailbox *mailbox, struct ecr_arena *arena,
		       const struct ecr_sii *sii)
{
	struct ecr_sii_mailbox area;
	uint8_t *bytes;

	*mailbox = (struct sim_mailbox){ 0 };
	ecr_sii_mailbox(sii, &area);
	mailbox->size = larger(area.send_size, area.boot_send_size);
	bytes = ecr_arena_take(arena, SIM_MAILS + 3, mailbox->size);
	if (!bytes)
		return;
	for (unsigned int i = 0; i < SIM_MAILS; i++)
		mailbox->mails[i].bytes = bytes + (size_t)i * mailbox->size;
	mailbox->current.bytes = bytes + (size_t)SIM_MAILS * mailbox->size;
	mailbox->last.bytes = mailbox->current.bytes + mailbox->size;
	mailbox->stored.bytes = mailbox->last.bytes + mailbox->size;
}

static void stop(struct sim_mailbox *mailbox)
{
	mailbox->emergency_at = ECR_NEVER;
	mailbox->head = 0;
	mailbox->count = 0;
	mailbox->has_current = mailbox->has_last = mailbox->has_stored = false;
	mailbox->counter_in = 0;
	mailbox->counter_out = 0;
	mailbox->take_at = ECR_NEVER;
	mailbox->running = false;
}

void sim_mailbox_power_on(struct sim_mailbox *mailbox)
{
	stop(mailbox);
	memset(mailbox->steps, 0, sizeof(mailbox->steps));
	mailbox->rule_count = 0;
	mailbox->quiet_until = 0;
}

uint8_t *sim_mailbox_room(struct ecr_sim_app *app, size_t *size)
{
	struct sim_mailbox *mailbox = &app->mailbox;
	uint16_t now = app->esc->sms[IN].length;

	*size = now && now < mailbox->size ? now : mailbox->size;
	if (mailbox->count == SIM_MAILS)
		return NULL;
	return mailbox->mails[(mailbox->head + mailbox->count) % SIM_MAILS].bytes;
}

static void post(struct ecr_sim_app *app, const struct sim_mail *made)
{
	struct sim_mailbox *mailbox = &app->mailbox;
	struct sim_mail *mail = &mailbox->mails[(mailbox->head + mailbox->count) % SIM_MAILS];
	uint8_t *bytes = mail->bytes;

	*mail = *made;
	mail->bytes = bytes;
	mailbox->count++;
}

/* An answer to a question of the past (habit). */
static void leave_stale(struct ecr_sim_app *app)
{
	struct sim_mail mail = { .due = app->now + app->esc->device.habits.answer_ns };
	const uint8_t value[4] = { 0 };
	size_t done = 0;
	size_t size;
	uint8_t *bytes = sim_mailbox_room(app, &size);

	mail.length = (uint16_t)ecr_coe_put_uploaded(bytes, size, ECR_COE_IDENTITY, 2, false, value,
						     sizeof(value), &done);
	if (mail.length)
		post(app, &mail);
}

void sim_mailbox_change(struct ecr_sim_app *app, enum ecr_al_state from, enum ecr_al_state to)
{
	struct sim_mailbox *mailbox = &app->mailbox;
	const struct ecr_sim_habits *habits = &app->esc->device.habits;

	mailbox->quiet_until = app->now + habits->al_pause_ns;
	if (to == ECR_AL_INIT || from == ECR_AL_INIT || from == ECR_AL_BOOT || to == ECR_AL_BOOT)
		stop(mailbox);
	if (to == ECR_AL_INIT || mailbox->running)
		return;
	mailbox->running = true;
	mailbox->emergency_at = habits->emergency_ns ? app->now + habits->emergency_ns : ECR_NEVER;
	if (habits->stale_at_preop && to == ECR_AL_PREOP)
		leave_stale(app);
}

static bool usable(const struct ecr_sim_app *app)
{
	const struct ecr_sm *sms = app->esc->sms;

	return app->mailbox.running && ecr_sm_enabled(&sms[OUT]) && ecr_sm_enabled(&sms[IN]) &&
	       sms[IN].length <= app->mailbox.size &&
	       (uint32_t)sms[IN].start + sms[IN].length <= SIM_MEMORY &&
	       (uint32_t)sms[OUT].start + sms[OUT].length <= SIM_MEMORY;
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

static void next_counter(struct ecr_sim_app *app, struct sim_mail *mail)
{
	struct sim_mailbox *mailbox = &app->mailbox;
	unsigned int step = app->esc->device.habits.counter_step;

	step = (step ? step : 1u) + mail->jumps;
	mailbox->counter_out = (uint8_t)((mailbox->counter_out + step - 1) % 7 + 1);
	ecr_mailbox_put_counter(mail->bytes, mailbox->counter_out);
}

static void deliver(struct ecr_sim_app *app)
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
	post(app, &mail);
	return true;
}

static bool send_emergency(struct ecr_sim_app *app, const struct ecr_coe_emergency *emergency)
{
	struct sim_mail mail = { .due = app->now };
	size_t size;
	uint8_t *bytes = sim_mailbox_room(app, &size);

	if (!bytes || !app->mailbox.running || app->mailbox.count + RESERVED > SIM_MAILS)
		return false;
	mail.length = (uint16_t)ecr_coe_put_emergency(bytes, size, emergency);
	if (!mail.length)
		return false;
	post(app, &mail);
	return true;
}

bool ecr_sim_app_emergency(struct ecr_sim_app *app, const struct ecr_emergency *emergency)
{
	struct ecr_coe_emergency sent = { .code = emergency->code,
					  .error_register = emergency->error_register };

	memcpy(sent.data, emergency->data, sizeof(sent.data));
	return send_emergency(app, &sent);
}

/* Habit. */
static void storm(struct ecr_sim_app *app)
{
	const struct ecr_coe_emergency emergency = { .code = STORM_CODE, .error_register = 1 };

	while (app->mailbox.emergency_at <= app->now) {
		send_emergency(app, &emergency);
		app->mailbox.emergency_at += app->esc->device.habits.emergency_ns;
	}
}

static void refuse(struct ecr_sim_app *app, uint16_t code)
{
	struct sim_mail mail = { .due = app->now };
	size_t size;
	uint8_t *bytes = sim_mailbox_room(app, &size);

	mail.length = bytes ? (uint16_t)ecr_mailbox_put_error(bytes, size, code) : 0;
	if (mail.length)
		post(app, &mail);
}

static void serve(struct ecr_sim_app *app, const uint8_t *bytes, size_t size)
{
	struct sim_mailbox *mailbox = &app->mailbox;
	struct ecr_mailbox_message message;
	bool whole = ecr_mailbox_get(bytes, size, &message);

	if (size < ECR_MAILBOX_HEADER)
		return;
	if (message.counter && message.counter == mailbox->counter_in) {
		mailbox->duplicates++;
		return;
	}
	mailbox->counter_in = message.counter;
	if (!whole)
		refuse(app, ECR_MAILBOX_ERROR_INVALID_SIZE);
	else if (message.type != ECR_MAILBOX_COE || !sim_coe_spoken(app))
		refuse(app, ECR_MAILBOX_ERROR_UNSUPPORTED_PROTOCOL);
	else if (message.length < 2)
		refuse(app, ECR_MAILBOX_ERROR_SIZE_TOO_SHORT);
	else if (!sim_coe_serve(app, &message))
		refuse(app, ECR_MAILBOX_ERROR_SERVICE_NOT_SUPPORTED);
}

static void take(struct ecr_sim_app *app)
{
	struct sim_mailbox *mailbox = &app->mailbox;
	const struct ecr_sm *sm = &app->esc->sms[OUT];

	if (!sim_sm_full(app->esc, OUT)) {
		mailbox->take_at = ECR_NEVER;
		return;
	}
	if (mailbox->take_at == ECR_NEVER)
		mailbox->take_at = app->now + app->esc->device.habits.take_ns;
	if (mailbox->take_at > app->now || mailbox->quiet_until > app->now ||
	    mailbox->count + 1 > SIM_MAILS)
		return;
	mailbox->take_at = ECR_NEVER;
	sim_sm_take(app->esc, OUT);
	serve(app, app->esc->memory + sm->start, sm->length);
}

/* When time alone brings the next thing. */
static void wake(const struct ecr_sim_app *app)
{
	const struct sim_mailbox *mailbox = &app->mailbox;
	ecr_time at =
		mailbox->take_at < mailbox->quiet_until ? mailbox->quiet_until : mailbox->take_at;

	sim_esc_wake(app->esc, mailbox->emergency_at);
	if (at > app->now)
		sim_esc_wake(app->esc, at);
	if (mailbox->count && mailbox->mails[mailbox->head].due > app->now)
		sim_esc_wake(app->esc, mailbox->mails[mailbox->head].due);
}

void sim_mailbox_tick(struct ecr_sim_app *app)
{
	if (!usable(app))
		return;
	note_read(app);
	repeat(app);
	take(app);
	storm(app);
	if (!app->mailbox.count && !app->mailbox.has_current && !app->mailbox.has_stored)
		sim_coe_continue(app);
	deliver(app);
	wake(app);
}
