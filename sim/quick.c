/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/quick.h"

#include "wire/frame.h"

static bool meets(const struct ecr_sm *sm, uint32_t start, uint32_t end)
{
	return sm->length && sm->start < end && (uint32_t)sm->start + sm->length > start;
}

/* The SyncManager that begins there and can be passed without asking it; -1: none. */
static int passable(const struct sim_esc *esc, const struct ecr_fmmu *fmmu, uint32_t at)
{
	for (unsigned int i = 0; i < esc->device.sms; i++) {
		const struct ecr_sm *sm = &esc->sms[i];

		if (sm->start == at && sm->length && ecr_sm_enabled(sm) && !ecr_sm_is_mailbox(sm) &&
		    ecr_sm_master_writes(sm) == fmmu->write)
			return (int)i;
	}
	return -1;
}

static bool is_quick(const struct sim_face *face, int sm)
{
	return (face->written_sms | face->read_sms) >> sm & 1;
}

static struct sim_quick entry(struct sim_esc *esc, const struct ecr_fmmu *fmmu, uint32_t at, int sm)
{
	const struct sim_face *face = esc->face;

	return (struct sim_quick){
		.data = esc->memory + at,
		.offset = (uint16_t)(fmmu->logical + (at - fmmu->physical) - face->logical_low),
		.length = esc->sms[sm].length,
		.sm = (uint8_t)sm,
		.status = esc->memory[ECR_REG_SM_STATUS(sm)],
	};
}

static void note(struct sim_face *face, const struct ecr_sm *sm, int number)
{
	if (!ecr_sm_master_writes(sm)) {
		face->read_sms = (uint16_t)(face->read_sms | 1u << number);
		return;
	}
	face->written_sms = (uint16_t)(face->written_sms | 1u << number);
	face->quick_writes++;
	face->quick_kicks |= (sm->control & ECR_SM_CONTROL_WATCHDOG) != 0;
}

/* An entry that covers one or more SyncManagers exactly, and touches no other. */
static bool add(struct sim_esc *esc, const struct ecr_fmmu *fmmu)
{
	struct sim_face *face = esc->face;
	uint32_t end = (uint32_t)fmmu->physical + fmmu->length;
	int touched = 0;

	if (ecr_fmmu_is_bitwise(fmmu) || fmmu->read == fmmu->write || end > SIM_MEMORY ||
	    fmmu->physical < ECR_REG_DIGITAL_OUTPUTS)
		return false;
	for (unsigned int i = 0; i < esc->device.sms; i++)
		touched += meets(&esc->sms[i], fmmu->physical, end);
	for (uint32_t at = fmmu->physical; at < end; touched--) {
		int sm = passable(esc, fmmu, at);

		if (sm < 0 || is_quick(face, sm) || face->quick_count == SIM_QUICK)
			return false;
		face->quick[face->quick_count++] = entry(esc, fmmu, at, sm);
		note(face, &esc->sms[sm], sm);
		at += esc->sms[sm].length;
		if (at > end)
			return false;
	}
	return touched == 0;
}

static bool add_all(struct sim_esc *esc, bool write)
{
	for (int i = 0; i < esc->fmmu_count; i++)
		if (esc->fmmus[i].write == write && !add(esc, &esc->fmmus[i]))
			return false;
	return true;
}

static void forget(struct sim_face *face)
{
	face->quick_count = face->quick_writes = 0;
	face->quick_kicks = false;
	face->written_sms = face->read_sms = 0;
}

void sim_quick_find(struct sim_esc *esc)
{
	struct sim_face *face = esc->face;
	bool good = !(esc->device.features & ECR_FEATURE_NO_LRW) && !esc->device.clock.needs_sync &&
		    face->logical_high - face->logical_low <= ECR_DATAGRAM_DATA_MAX;

	sim_quick_drop(esc);
	if (!good || !add_all(esc, true) || !add_all(esc, false))
		forget(face);
}

void sim_quick_show(struct sim_esc *esc)
{
	const struct sim_face *face = esc->face;

	for (unsigned int i = 0; i < face->quick_count; i++)
		esc->memory[ECR_REG_SM_STATUS(face->quick[i].sm)] = face->quick[i].status;
}

void sim_quick_drop(struct sim_esc *esc)
{
	sim_quick_show(esc);
	forget(esc->face);
}

uint8_t *sim_quick_status(struct sim_esc *esc, int sm)
{
	struct sim_face *face = esc->face;

	for (unsigned int i = 0; i < face->quick_count; i++)
		if (face->quick[i].sm == sm)
			return &face->quick[i].status;
	return &esc->memory[ECR_REG_SM_STATUS(sm)];
}
