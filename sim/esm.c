/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/esm.h"

#include "sim/al.h"
#include "sim/app.h"
#include "sim/watchdog.h"
#include "wire/al_status.h"

static bool sm_matches(const struct sim_esc *esc, unsigned int number, uint16_t start,
		       uint16_t length, uint8_t control)
{
	const struct ecr_sm *sm = &esc->sms[number];

	return (sm->activate & ECR_SM_ACTIVATE_ENABLE) && sm->start == start &&
	       sm->length == length && sm->control == control;
}

static bool mailbox_matches(const struct sim_esc *esc, uint16_t receive, uint16_t receive_size,
			    uint16_t send, uint16_t send_size)
{
	const struct ecr_sm *out = &esc->sms[0];
	const struct ecr_sm *in = &esc->sms[1];

	return out->start == receive && out->length == receive_size && in->start == send &&
	       in->length == send_size && ecr_sm_enabled(out) && ecr_sm_enabled(in) &&
	       ecr_sm_is_mailbox(out) && ecr_sm_is_mailbox(in) && ecr_sm_master_writes(out) &&
	       !ecr_sm_master_writes(in);
}

static uint16_t check_mailbox(const struct sim_esc *esc)
{
	struct ecr_sii_mailbox mailbox;

	ecr_sii_mailbox(&esc->sii, &mailbox);
	if (!mailbox.receive_size || !mailbox.send_size)
		return 0;
	return mailbox_matches(esc, mailbox.receive_offset, mailbox.receive_size,
			       mailbox.send_offset, mailbox.send_size)
		       ? 0
		       : ECR_AL_CODE_MAILBOX_PREOP;
}

static uint16_t check_bootstrap(const struct sim_esc *esc)
{
	struct ecr_sii_mailbox mailbox;

	ecr_sii_mailbox(&esc->sii, &mailbox);
	if (!mailbox.boot_receive_size || !mailbox.boot_send_size)
		return ECR_AL_CODE_NO_BOOTSTRAP;
	return mailbox_matches(esc, mailbox.boot_receive_offset, mailbox.boot_receive_size,
			       mailbox.boot_send_offset, mailbox.boot_send_size)
		       ? 0
		       : ECR_AL_CODE_MAILBOX_BOOT;
}

/* Process data SyncManagers must be as the SII says; one that is enabled in OP only may wait until
 * then. */
static uint16_t check_process_data(const struct sim_esc *esc, bool op)
{
	struct ecr_sii_sm sii;

	for (unsigned int i = 0; i < SIM_SMS && i < esc->device.sms; i++) {
		uint16_t length = (uint16_t)((esc->sm_bits[i] + 7) / 8);

		if (!length || !ecr_sii_sm(&esc->sii, i, &sii))
			continue;
		if ((sii.enable & ECR_SII_SM_OP_ONLY) && !op)
			continue;
		if (!sm_matches(esc, i, sii.start, length, sii.control))
			return esc->sm_output[i] ? ECR_AL_CODE_OUTPUTS : ECR_AL_CODE_INPUTS;
	}
	return 0;
}

static bool step_exists(unsigned int from, unsigned int to)
{
	if (from == to || to == ECR_AL_INIT)
		return true;
	switch (from) {
	case ECR_AL_INIT:
		return to == ECR_AL_PREOP || to == ECR_AL_BOOT;
	case ECR_AL_PREOP:
		return to == ECR_AL_SAFEOP;
	case ECR_AL_SAFEOP:
		return to == ECR_AL_PREOP || to == ECR_AL_OP;
	case ECR_AL_OP:
		return to == ECR_AL_PREOP || to == ECR_AL_SAFEOP;
	default:
		return false;
	}
}

static uint16_t refusal(const struct sim_esc *esc, unsigned int from, unsigned int to)
{
	uint16_t code;

	if (to != ECR_AL_INIT && to != ECR_AL_PREOP && to != ECR_AL_BOOT && to != ECR_AL_SAFEOP &&
	    to != ECR_AL_OP)
		return ECR_AL_CODE_UNKNOWN_STATE;
	if (!step_exists(from, to))
		return ECR_AL_CODE_INVALID_CHANGE;
	if (to == ECR_AL_BOOT)
		return check_bootstrap(esc);
	if (to == ECR_AL_INIT)
		return 0;
	code = check_mailbox(esc);
	if (!code && to >= ECR_AL_SAFEOP)
		code = check_process_data(esc, to == ECR_AL_OP);
	if (!code)
		code = sim_sync_refusal(esc, to);
	if (!code && esc->app)
		code = sim_app_refusal(esc->app, (enum ecr_al_state)to);
	return code;
}

/* Whether a SyncManager triggers the process data watchdog; a device of inputs only has none. */
static bool watched(const struct sim_esc *esc)
{
	for (unsigned int i = 0; i < esc->device.sms; i++)
		if (ecr_sm_enabled(&esc->sms[i]) && (esc->sms[i].control & ECR_SM_CONTROL_WATCHDOG))
			return true;
	return false;
}

/* It counts while the slave operates, from then on: however long the slave takes to get there. */
static void set_watchdog(struct sim_esc *esc, ecr_time now, unsigned int state)
{
	if (state != ECR_AL_OP) {
		sim_watchdog_stop(esc);
		return;
	}
	if (esc->face->op)
		return;
	esc->face->watchdog_expired = false;
	if (watched(esc))
		sim_watchdog_kick(esc, now);
}

/* Who was asked for its identification shows it in the state that it was asked for (ETG.1020). */
static void enter(struct sim_esc *esc, ecr_time now, unsigned int control)
{
	unsigned int state = control & ECR_AL_STATE_MASK;

	set_watchdog(esc, now, state);
	sim_al_enter(esc, (enum ecr_al_state)state);
	if ((control & ECR_AL_IDENTIFICATION) && esc->device.identification)
		sim_al_set(esc, (uint16_t)(state | ECR_AL_IDENTIFICATION),
			   esc->device.identification);
}

/* As a fault says. */
static uint16_t told_refusal(const struct sim_esc *esc, unsigned int from, unsigned int to)
{
	return from != to && (!esc->refused_state || esc->refused_state == to) ? esc->refusal : 0;
}

/* Without a processor the status follows what is asked for. A fault of the state machine is shown as one with a
 * processor shows it: the master cannot tell, and a ring of terminals can be broken like any other. */
static void emulate(struct sim_esc *esc, unsigned int from, uint16_t control)
{
	uint16_t code = told_refusal(esc, from, control & ECR_AL_STATE_MASK);

	if (code)
		sim_al_fail(esc, (enum ecr_al_state)from, code);
	else
		sim_al_set(esc, control & (ECR_AL_STATE_MASK | ECR_AL_ERROR), 0);
}

void sim_esm_request(struct sim_esc *esc, ecr_time now, uint16_t control)
{
	uint16_t status = sim_al_status(esc);
	unsigned int from = status & ECR_AL_STATE_MASK;
	unsigned int to = control & ECR_AL_STATE_MASK;
	uint16_t code;

	if (esc->stuck)
		return;
	if (esc->device.emulation) {
		emulate(esc, from, control);
		return;
	}
	/* An error stays until it is acknowledged; INIT is always granted. */
	if ((status & ECR_AL_ERROR) && !(control & ECR_AL_ACKNOWLEDGE) && to != ECR_AL_INIT)
		return;
	code = refusal(esc, from, to);
	if (!code)
		code = told_refusal(esc, from, to);
	if (code) {
		sim_al_fail(esc, (enum ecr_al_state)from, code);
		return;
	}
	if (esc->al_pending && (esc->al_pending & ECR_AL_STATE_MASK) == to)
		return; /* it works on it */
	if (esc->device.al_delay_ns && to != from) {
		esc->al_pending = (uint8_t)(to | (control & ECR_AL_IDENTIFICATION));
		esc->al_until = now + esc->device.al_delay_ns;
		sim_esc_wake(esc, esc->al_until);
		return;
	}
	enter(esc, now, control);
}

void sim_esm_settings(struct sim_esc *esc)
{
	unsigned int state = sim_al_status(esc) & ECR_AL_STATE_MASK;
	uint16_t code;

	if (esc->device.emulation || state == ECR_AL_INIT || state == ECR_AL_BOOT)
		return;
	code = check_mailbox(esc);
	if (code) {
		sim_al_fail(esc, ECR_AL_INIT, code);
		return;
	}
	if (state >= ECR_AL_SAFEOP)
		code = check_process_data(esc, state == ECR_AL_OP);
	if (code)
		sim_al_fail(esc, ECR_AL_PREOP, code);
}

void sim_esm_tick(struct sim_esc *esc, ecr_time now)
{
	uint8_t control = esc->al_pending;

	if (!control)
		return;
	if (now < esc->al_until) {
		sim_esc_wake(esc, esc->al_until);
		return;
	}
	esc->al_pending = 0;
	enter(esc, now, control);
}
