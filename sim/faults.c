/* SPDX-License-Identifier: Apache-2.0 */
/* Faults as data: what, where, when it begins, for how long. Counted in frames, so that a run
 * repeats exactly. */
#include "sim/sim.h"

#include "base/le.h"
#include "base/text.h"

#include <string.h>

static const char *const kind_names[] = {
	[ECR_SIM_DROP] = "drop",
	[ECR_SIM_WKC_OFFSET] = "wkc_offset",
	[ECR_SIM_COMMAND_WKC_OFFSET] = "command_wkc_offset",
	[ECR_SIM_LOGICAL_WKC_OFFSET] = "logical_wkc_offset",
	[ECR_SIM_DISCONNECT] = "disconnect",
	[ECR_SIM_CORRUPT] = "corrupt",
	[ECR_SIM_RETREAT] = "retreat_to_safeop",
	[ECR_SIM_POWER_CYCLE] = "power_cycle",
	[ECR_SIM_AL_ERROR] = "latch_al_error",
	[ECR_SIM_TRUNCATE] = "truncate",
	[ECR_SIM_BAD_TYPE] = "unsupported_type",
	[ECR_SIM_WRONG_INDEX] = "wrong_idx",
	[ECR_SIM_REPLAY] = "replay_previous",
};

static bool names_slave(enum ecr_sim_fault_kind kind)
{
	return kind >= ECR_SIM_LOGICAL_WKC_OFFSET && kind <= ECR_SIM_AL_ERROR;
}

static bool instant(enum ecr_sim_fault_kind kind)
{
	return kind >= ECR_SIM_RETREAT && kind <= ECR_SIM_AL_ERROR;
}

bool ecr_sim_inject(struct ecr_sim *sim, ecr_time now, const struct ecr_sim_fault *fault)
{
	struct sim_fault *slot = &sim->faults[sim->fault_count];

	if (sim->fault_count == SIM_FAULTS || (unsigned int)fault->kind > ECR_SIM_REPLAY ||
	    fault->command > 15)
		return false;
	if (names_slave(fault->kind) && (fault->slave < 0 || fault->slave >= sim->count))
		return false;
	*slot = (struct sim_fault){ .fault = *fault,
				    .begins = fault->script ? ECR_NEVER : now + fault->after,
				    .healthy_left = fault->after_frames,
				    .frames_left = fault->frames };
	sim->fault_count++;
	return true;
}

static void strike(struct ecr_sim *sim, const struct ecr_sim_fault *fault)
{
	struct sim_esc *esc = &sim->slaves[fault->slave];

	if (fault->kind == ECR_SIM_POWER_CYCLE)
		sim_esc_power_on(esc);
	else if (fault->kind == ECR_SIM_RETREAT)
		sim_esm_enter(esc, ECR_AL_SAFEOP);
	else
		sim_esm_fail(esc, (enum ecr_al_state)(sim_al_status(esc) & ECR_AL_STATE_MASK),
			     (uint16_t)fault->value);
}

static void apply(struct ecr_sim *sim, const struct ecr_sim_fault *fault)
{
	switch (fault->kind) {
	case ECR_SIM_DROP:
		sim->drop = true;
		break;
	case ECR_SIM_WKC_OFFSET:
		sim->wkc_offset += fault->value;
		break;
	case ECR_SIM_COMMAND_WKC_OFFSET:
		sim->command_offset[fault->command] += fault->value;
		break;
	case ECR_SIM_LOGICAL_WKC_OFFSET:
		sim->slaves[fault->slave].logical_offset += fault->value;
		break;
	case ECR_SIM_DISCONNECT:
		sim->cut = fault->slave < sim->cut ? fault->slave : sim->cut;
		break;
	case ECR_SIM_CORRUPT:
		sim->corrupt = fault->slave;
		break;
	default:
		break;
	}
}

static void remove_fault(struct ecr_sim *sim, int number, ecr_time now)
{
	memmove(&sim->faults[number], &sim->faults[number + 1],
		(size_t)(sim->fault_count - number - 1) * sizeof(sim->faults[0]));
	sim->fault_count--;
	/* The next step of a script begins where this one ended. */
	if (number < sim->fault_count && sim->faults[number].begins == ECR_NEVER)
		sim->faults[number].begins = now + sim->faults[number].fault.after;
}

static void start_due(struct ecr_sim *sim, ecr_time now)
{
	for (int i = 0; i < sim->fault_count; i++) {
		struct sim_fault *slot = &sim->faults[i];

		if (slot->active || slot->begins > now || slot->healthy_left)
			continue;
		slot->active = true;
		if (instant(slot->fault.kind)) {
			strike(sim, &slot->fault);
			remove_fault(sim, i--, now);
		}
	}
}

void sim_faults_begin(struct ecr_sim *sim, ecr_time now)
{
	int cut = sim->cut;

	sim->cut = sim->count;
	sim->corrupt = -1;
	sim->drop = false;
	sim->wkc_offset = 0;
	memset(sim->command_offset, 0, sizeof(sim->command_offset));
	if (sim->fault_count) {
		for (int i = 0; i < sim->count; i++)
			sim->slaves[i].logical_offset = 0;
		start_due(sim, now);
	}
	for (int i = 0; i < sim->fault_count; i++)
		if (sim->faults[i].active)
			apply(sim, &sim->faults[i].fault);
	if (cut != sim->cut)
		sim_links(sim);
}

void sim_faults_end(struct ecr_sim *sim, ecr_time now, bool healthy)
{
	for (int i = 0; i < sim->fault_count; i++) {
		struct sim_fault *slot = &sim->faults[i];
		bool reply = slot->fault.kind >= ECR_SIM_TRUNCATE;

		if (!slot->active) {
			slot->healthy_left -= healthy && slot->healthy_left && slot->begins <= now;
			continue;
		}
		if (reply || !slot->fault.frames || --slot->frames_left)
			continue;
		if (slot->fault.kind == ECR_SIM_LOGICAL_WKC_OFFSET)
			sim->slaves[slot->fault.slave].logical_offset = 0;
		remove_fault(sim, i--, now);
	}
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
	default:
		if (!sim->last_length)
			return length;
		memcpy(frame, sim->last_reply, sim->last_length);
		return sim->last_length;
	}
}

size_t sim_faults_reply(struct ecr_sim *sim, uint8_t *frame, size_t length)
{
	for (int i = 0; i < sim->fault_count; i++) {
		struct sim_fault *slot = &sim->faults[i];

		if (!slot->active || slot->fault.kind < ECR_SIM_TRUNCATE)
			continue;
		length = damage(sim, slot->fault.kind, frame, length);
		if (slot->fault.frames && !--slot->frames_left)
			remove_fault(sim, i, 0);
		return length;
	}
	if (length <= SIM_REPLY_MAX) {
		memcpy(sim->last_reply, frame, length);
		sim->last_length = length;
	}
	return length;
}

void ecr_sim_clear_faults(struct ecr_sim *sim)
{
	sim->fault_count = 0;
	for (int i = 0; i < sim->count; i++) {
		sim->slaves[i].logical_offset = 0;
		if (sim_al_status(&sim->slaves[i]) & ECR_AL_ERROR)
			sim_esm_enter(&sim->slaves[i],
				      (enum ecr_al_state)(sim_al_status(&sim->slaves[i]) &
							  ECR_AL_STATE_MASK));
	}
}

int ecr_sim_faults(const struct ecr_sim *sim, char *text, size_t size)
{
	struct ecr_text out;

	ecr_text_init(&out, text, size);
	for (int i = 0; i < sim->fault_count; i++) {
		const struct sim_fault *slot = &sim->faults[i];

		ecr_text_string(&out, slot->active ? "active: " : "waiting: ");
		ecr_text_string(&out, kind_names[slot->fault.kind]);
		if (names_slave(slot->fault.kind)) {
			ecr_text_char(&out, ' ');
			ecr_text_string(&out, sim->slaves[slot->fault.slave].name);
		}
		if (slot->fault.frames) {
			ecr_text_string(&out, ", frames left ");
			ecr_text_decimal(&out, slot->frames_left);
		}
		if (slot->healthy_left) {
			ecr_text_string(&out, ", after healthy frames ");
			ecr_text_decimal(&out, slot->healthy_left);
		}
		ecr_text_char(&out, '\n');
	}
	return sim->fault_count;
}
