/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/faults.h"

#include "base/text.h"
#include "sim/app.h"
#include "sim/controller.h"
#include "sim/al.h"
#include "sim/ports.h"
#include "sim/sentence.h"
#include "sim/watchdog.h"

#include <string.h>

static bool names_slave(enum ecr_sim_fault_kind kind)
{
	return kind >= ECR_SIM_LOGICAL_WKC_OFFSET && kind <= ECR_SIM_MAILBOX;
}

static bool instant(enum ecr_sim_fault_kind kind)
{
	return kind >= ECR_SIM_RETREAT && kind <= ECR_SIM_MAILBOX;
}

static bool reply_fault(enum ecr_sim_fault_kind kind)
{
	return kind >= ECR_SIM_TRUNCATE;
}

static bool slave_exists(const struct ecr_sim *sim, int slave)
{
	return slave >= 0 && slave < sim->count;
}

static bool mailbox_valid(const struct ecr_sim *sim, const struct ecr_sim_fault *fault)
{
	if (fault->after_answers &&
	    (!slave_exists(sim, fault->answer_slave) || !sim->slaves[fault->answer_slave].app ||
	     (unsigned int)fault->answer_stage >= SIM_STAGES))
		return false;
	return fault->kind != ECR_SIM_MAILBOX ||
	       (sim->slaves[fault->slave].app && sim_mailbox_rule_valid(&fault->mailbox));
}

static uint32_t answers_of(const struct ecr_sim *sim, const struct ecr_sim_fault *fault)
{
	return fault->after_answers
		       ? sim_mailbox_steps(&sim->slaves[fault->answer_slave].app->mailbox,
					   fault->answer_stage)
		       : 0;
}

bool ecr_sim_inject(struct ecr_sim *sim, ecr_time now, const struct ecr_sim_fault *fault)
{
	struct sim_fault *slot = &sim->faults[sim->fault_count];

	if (sim->fault_count == SIM_FAULTS || (unsigned int)fault->kind > ECR_SIM_LOSE ||
	    fault->command > 15)
		return false;
	if (names_slave(fault->kind) && !slave_exists(sim, fault->slave))
		return false;
	if ((fault->kind == ECR_SIM_BREAK || fault->kind == ECR_SIM_CORRUPT) &&
	    (fault->value < 0 || fault->value >= (int32_t)ECR_PORT_COUNT))
		return false;
	if (fault->kind == ECR_SIM_PLUG &&
	    (fault->at_slave < 0 || fault->at_slave > sim->count || fault->value < 0 ||
	     fault->value > (int32_t)ECR_PORT_COUNT || (fault->value && !fault->at_slave)))
		return false;
	if (fault->after_polls && !slave_exists(sim, fault->poll_slave))
		return false;
	if (!mailbox_valid(sim, fault))
		return false;
	*slot = (struct sim_fault){ .fault = *fault,
				    .begins = fault->script ? ECR_NEVER : now + fault->after,
				    .ends = ECR_NEVER,
				    .healthy_left = fault->after_frames,
				    .polls_left = fault->after_polls,
				    .answers_left = fault->after_answers,
				    .answers_seen = answers_of(sim, fault),
				    .frames_left = fault->frames };
	sim->fault_count++;
	return true;
}

static void unplug(struct ecr_sim *sim, ecr_time now, int slave, int by)
{
	for (unsigned int port = 0; port < ECR_PORT_COUNT; port++)
		sim_ports_cut(sim, now, slave, port, by);
}

/* Never up; what it was working on is given up. */
static void fall(struct sim_esc *esc, uint8_t state)
{
	if ((sim_al_status(esc) & ECR_AL_STATE_MASK) <= state)
		return;
	esc->al_pending = 0;
	sim_watchdog_stop(esc);
	sim_al_enter(esc, (enum ecr_al_state)state);
}

static void strike(struct ecr_sim *sim, ecr_time now, const struct ecr_sim_fault *fault)
{
	struct sim_esc *esc = &sim->slaves[fault->slave];

	if (fault->kind == ECR_SIM_POWER_CYCLE)
		sim_controller_power_on(esc);
	else if (fault->kind == ECR_SIM_RETREAT)
		fall(esc, fault->command ? fault->command : ECR_AL_SAFEOP);
	else if (fault->kind == ECR_SIM_PLUG)
		ecr_sim_plug_in(sim, now, fault->slave, fault->at_slave - 1, fault->value - 1);
	else if (fault->kind == ECR_SIM_MAILBOX)
		sim_mailbox_add_rule(&esc->app->mailbox, &fault->mailbox);
	else
		sim_al_fail(esc, (enum ecr_al_state)(sim_al_status(esc) & ECR_AL_STATE_MASK),
			    (uint16_t)fault->value);
}

/* The cable that leads to the slave, also when that comes from the master. */
static void pull(struct ecr_sim *sim, ecr_time now, int slave, bool out)
{
	const struct sim_esc *esc = &sim->slaves[slave];
	int master = esc->ports[esc->device.entry_port].master;

	if (master != SIM_NOBODY)
		ecr_sim_plug(sim, now, (unsigned int)master, !out);
	else if (out)
		ecr_sim_unplug(sim, now, slave);
	else
		ecr_sim_plug_in(sim, now, slave, SIM_NOBODY, SIM_NOBODY);
}

static void power(struct ecr_sim *sim, ecr_time now, int slave, bool on)
{
	if (on)
		sim_controller_power_on(&sim->slaves[slave]);
	sim->slaves[slave].off = !on;
	sim_ports_settle(sim, now);
}

/* Port 0 stands for the one that the slave's own cable is plugged into. */
static void corrupt(struct ecr_sim *sim, const struct ecr_sim_fault *fault, bool begins)
{
	sim->corrupt.slave = begins ? fault->slave : SIM_NOBODY;
	sim->corrupt.port =
		fault->value ? (uint8_t)fault->value : sim->slaves[fault->slave].device.entry_port;
}

/* A fault begins (by 1) or ends (by -1). */
static void apply(struct ecr_sim *sim, ecr_time now, const struct ecr_sim_fault *fault, int by)
{
	sim->disturbed += reply_fault(fault->kind) ? 0 : by;
	switch (fault->kind) {
	case ECR_SIM_DROP:
		sim->drops += by;
		break;
	case ECR_SIM_WKC_OFFSET:
		sim->wkc_offset += by * fault->value;
		break;
	case ECR_SIM_COMMAND_WKC_OFFSET:
		sim->command_offset[fault->command] += by * fault->value;
		break;
	case ECR_SIM_LOGICAL_WKC_OFFSET:
		sim->faces[fault->slave].logical_offset += by * fault->value;
		break;
	case ECR_SIM_DISCONNECT:
		unplug(sim, now, fault->slave, by);
		break;
	case ECR_SIM_BREAK:
		sim_ports_cut(sim, now, fault->slave, (unsigned int)fault->value, by);
		break;
	case ECR_SIM_UNPLUG:
		pull(sim, now, fault->slave, by > 0);
		break;
	case ECR_SIM_POWER_OFF:
		power(sim, now, fault->slave, by < 0);
		break;
	case ECR_SIM_REFUSE:
		sim->slaves[fault->slave].refusal = by > 0 ? (uint16_t)fault->value : 0;
		sim->slaves[fault->slave].refused_state = fault->command;
		break;
	case ECR_SIM_STUCK:
		sim->slaves[fault->slave].stuck = (uint8_t)(sim->slaves[fault->slave].stuck + by);
		break;
	case ECR_SIM_CORRUPT:
		corrupt(sim, fault, by > 0);
		break;
	default:
		break;
	}
}

static void remove_fault(struct ecr_sim *sim, int number, ecr_time now)
{
	struct sim_fault gone = sim->faults[number];

	memmove(&sim->faults[number], &sim->faults[number + 1],
		(size_t)(sim->fault_count - number - 1) * sizeof(sim->faults[0]));
	sim->fault_count--;
	/* The next step of a script begins where this one ended. */
	if (number < sim->fault_count && sim->faults[number].begins == ECR_NEVER)
		sim->faults[number].begins = now + sim->faults[number].fault.after;
	if (gone.active && !instant(gone.fault.kind))
		apply(sim, now, &gone.fault, -1);
}

static void start(struct ecr_sim *sim, ecr_time now, struct sim_fault *slot)
{
	slot->active = true;
	if (slot->fault.lasts)
		slot->ends = now + slot->fault.lasts;
	if (instant(slot->fault.kind))
		strike(sim, now, &slot->fault);
	else
		apply(sim, now, &slot->fault, 1);
}

/* Answers that were read since the last look count once nothing else is waited for. */
static void count_answers(const struct ecr_sim *sim, struct sim_fault *slot, bool waits)
{
	uint32_t seen = answers_of(sim, &slot->fault);
	uint32_t more = seen < slot->answers_seen ? seen : seen - slot->answers_seen;

	slot->answers_seen = seen;
	if (!waits)
		slot->answers_left -= more < slot->answers_left ? more : slot->answers_left;
}

void sim_faults_begin(struct ecr_sim *sim, ecr_time now)
{
	sim->polled = SIM_NOBODY;
	for (int i = 0; i < sim->fault_count; i++) {
		struct sim_fault *slot = &sim->faults[i];
		bool waits = slot->begins > now || slot->healthy_left || slot->polls_left;

		count_answers(sim, slot, waits);
		if (!slot->active && !waits && !slot->answers_left)
			start(sim, now, slot);
		if (slot->active && (instant(slot->fault.kind) || slot->ends <= now))
			remove_fault(sim, i--, now);
	}
}

void sim_faults_end(struct ecr_sim *sim, ecr_time now, bool healthy)
{
	for (int i = 0; i < sim->fault_count; i++) {
		struct sim_fault *slot = &sim->faults[i];

		if (!slot->active) {
			bool counts = healthy && slot->begins <= now;

			slot->polls_left -= counts && slot->polls_left && !slot->healthy_left &&
					    (sim->polled == slot->fault.poll_slave ||
					     sim->polled == SIM_EVERYBODY);
			slot->healthy_left -= counts && slot->healthy_left;
		} else if (!reply_fault(slot->fault.kind) && slot->fault.frames &&
			   !--slot->frames_left) {
			remove_fault(sim, i--, now);
		}
	}
}

void sim_faults_polled(struct ecr_sim *sim, int slave)
{
	sim->polled = slave;
}

static size_t damage(struct ecr_sim *sim, enum ecr_sim_fault_kind kind, uint8_t *frame,
		     size_t length)
{
	switch (kind) {
	case ECR_SIM_TRUNCATE:
		return length - 1;
	case ECR_SIM_BAD_TYPE:
		frame[1] &= 0x0F;
		return length;
	case ECR_SIM_WRONG_INDEX:
		frame[3]++;
		return length;
	case ECR_SIM_DELAY:
		return length;
	case ECR_SIM_LOSE:
		return 0;
	default:
		if (!sim->last_length)
			return length;
		memcpy(frame, sim->last_reply, sim->last_length);
		return sim->last_length;
	}
}

size_t sim_faults_reply(struct ecr_sim *sim, uint8_t *frame, size_t length, ecr_time *late)
{
	*late = sim->reply_delay;
	for (int i = 0; i < sim->fault_count; i++) {
		struct sim_fault *slot = &sim->faults[i];

		if (!slot->active || !reply_fault(slot->fault.kind))
			continue;
		length = damage(sim, slot->fault.kind, frame, length);
		if (slot->fault.kind == ECR_SIM_DELAY)
			*late = slot->fault.value;
		if (slot->fault.frames && !--slot->frames_left)
			remove_fault(sim, i, sim->news.now);
		return length;
	}
	if (length <= SIM_REPLY_MAX) {
		memcpy(sim->last_reply, frame, length);
		sim->last_length = length;
	}
	return length;
}

void ecr_sim_set_reply_delay(struct ecr_sim *sim, ecr_time delay_ns)
{
	sim->reply_delay = delay_ns;
}

ecr_time ecr_sim_reply_delay(const struct ecr_sim *sim)
{
	for (int i = 0; i < sim->fault_count; i++)
		if (sim->faults[i].active && reply_fault(sim->faults[i].fault.kind))
			return sim->faults[i].fault.kind == ECR_SIM_DELAY
				       ? sim->faults[i].fault.value
				       : sim->reply_delay;
	return sim->reply_delay;
}

/* What has befallen the device itself. */
static void heal_device(struct sim_esc *esc)
{
	uint16_t status = sim_al_status(esc);

	if (esc->app)
		sim_app_clear_faults(esc->app);
	if (status & ECR_AL_ERROR)
		sim_al_enter(esc, (enum ecr_al_state)(status & ECR_AL_STATE_MASK));
}

void ecr_sim_clear_faults(struct ecr_sim *sim)
{
	while (sim->fault_count)
		remove_fault(sim, sim->fault_count - 1, sim->news.now);
	for (int i = 0; i < sim->count; i++)
		heal_device(&sim->slaves[i]);
}

void sim_faults_clear_of(struct ecr_sim *sim, int slave)
{
	for (int i = sim->fault_count - 1; i >= 0; i--)
		if (names_slave(sim->faults[i].fault.kind) && sim->faults[i].fault.slave == slave)
			remove_fault(sim, i, sim->news.now);
	heal_device(&sim->slaves[slave]);
}

static void put_left(struct ecr_text *out, const char *what, uint64_t count)
{
	ecr_text_string(out, what);
	ecr_text_decimal(out, count);
}

static void put_time_left(struct ecr_text *out, const char *what, ecr_time left)
{
	ecr_text_string(out, what);
	sim_sentence_put_time(out, left > ECR_MS(1) ? left / ECR_MS(1) * ECR_MS(1) : 0);
}

/* What it waits for. */
static void put_waiting(struct ecr_text *out, const struct ecr_sim *sim,
			const struct sim_fault *slot)
{
	if (slot->begins == ECR_NEVER)
		ecr_text_string(out, ", behind the step before");
	else if (slot->begins > sim->news.now)
		put_time_left(out, ", begins in ", slot->begins - sim->news.now);
	if (slot->healthy_left)
		put_left(out, ", after healthy frames ", slot->healthy_left);
	if (slot->polls_left)
		put_left(out, ", after healthy polls ", slot->polls_left);
	if (slot->answers_left)
		put_left(out, ", after answers ", slot->answers_left);
}

int ecr_sim_faults(const struct ecr_sim *sim, char *text, size_t size)
{
	struct ecr_text out;
	int count = sim->fault_count;

	ecr_text_init(&out, text, size);
	for (int i = 0; i < sim->fault_count; i++) {
		const struct sim_fault *slot = &sim->faults[i];

		ecr_text_string(&out, slot->active ? "active: " : "waiting: ");
		sim_sentence_put(&out, sim, &slot->fault);
		if (!slot->active)
			put_waiting(&out, sim, slot);
		if (slot->fault.frames)
			put_left(&out, ", frames left ", slot->frames_left);
		if (slot->ends != ECR_NEVER)
			put_time_left(&out, ", time left ", slot->ends - sim->news.now);
		ecr_text_char(&out, '\n');
	}
	for (int i = 0; i < sim->count; i++)
		if (sim->slaves[i].app)
			count += sim_app_faults(sim->slaves[i].app, sim->slaves[i].name, &out);
	return count;
}
