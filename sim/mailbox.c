/* SPDX-License-Identifier: Apache-2.0 */
/* The server: when it runs, what it takes out of SyncManager 0 and who answers. */
#include "sim/mailbox.h"

#include "sim/app.h"
#include "sim/syncmanager.h"
#include "wire/coe.h"

#include <string.h>

#define OUT 0 /* SyncManagers, as the master sees them */
#define IN 1
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
		sim_mailbox_post(app, &mail);
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

/* Habit. */
static void storm(struct ecr_sim_app *app)
{
	const struct ecr_coe_emergency emergency = { .code = STORM_CODE, .error_register = 1 };

	while (app->mailbox.emergency_at <= app->now) {
		sim_mailbox_emergency(app, &emergency);
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
		sim_mailbox_post(app, &mail);
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
	sim_mailbox_settle(app);
	take(app);
	storm(app);
	if (!app->mailbox.count && !app->mailbox.has_current && !app->mailbox.has_stored)
		sim_coe_continue(app);
	sim_mailbox_deliver(app);
	wake(app);
}
