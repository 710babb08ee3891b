/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/quick.h"

#include "sim/fmmu.h"

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

/* An entry that covers one or more SyncManagers exactly, and touches no other. */
static bool add_quick(struct sim_esc *esc, const struct ecr_fmmu *fmmu)
{
	struct sim_face *face = esc->face;
	uint32_t end = (uint32_t)fmmu->physical + fmmu->length;
	int touched = 0;

	if (sim_fmmu_bitwise(fmmu) || fmmu->read == fmmu->write || end > SIM_MEMORY ||
	    fmmu->physical < ECR_REG_DIGITAL_OUTPUTS)
		return false;
	for (unsigned int i = 0; i < esc->device.sms; i++)
		touched += meets(&esc->sms[i], fmmu->physical, end);
	for (uint32_t at = fmmu->physical; at < end; touched--) {
		int sm = passable(esc, fmmu, at);

		if (sm < 0 || face->quick_count == SIM_QUICK)
			return false;
		face->quick[face->quick_count++] = (struct sim_quick){
			.logical = fmmu->logical + (at - fmmu->physical),
			.length = esc->sms[sm].length,
			.at = (uint16_t)at,
			.sm = (uint8_t)sm,
			.write = fmmu->write,
			.watchdog = esc->sms[sm].control & ECR_SM_CONTROL_WATCHDOG,
		};
		at += esc->sms[sm].length;
		if (at > end)
			return false;
	}
	return touched == 0;
}

void sim_quick_find(struct sim_esc *esc)
{
	bool good = !(esc->device.features & ECR_FEATURE_NO_LRW) && !esc->device.clock.needs_sync;

	esc->face->quick_count = 0;
	for (int i = 0; i < esc->fmmu_count && good; i++)
		good = add_quick(esc, &esc->fmmus[i]);
	if (!good)
		esc->face->quick_count = 0;
}
