/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a device goes by, as its master has said in 0x1C32 and 0x1C33 (ETG.1020): a device that is told
 * to work with SYNC0 needs it from then on, and in the cycle time that it was told.
 */
#include "sim/app.h"

#include "sim/quick.h"
#include "wire/al_status.h"
#include "wire/coe.h"
#include "wire/sdo_abort.h"

#define MISSED_LIMIT 4u /* where the device has none of its own (ETG.1020, 0x10F1:2) */
#define TYPE_DC 2	/* and above: with SYNC0 or SYNC1 */
#define SUPPORTS_DC 4

static bool concerns(uint16_t index)
{
	return index >= ECR_COE_SM_SYNC(0) && index < ECR_COE_SM_SYNC(SIM_SMS);
}

static bool by_sync0(const struct ecr_sim_app *app, uint16_t index)
{
	int64_t type = ecr_sim_app_get(app, index, SIM_SYNC_TYPE);

	return type >= TYPE_DC && type != SIM_SYNC_WITH_OUTPUTS;
}

static bool type_known(const struct ecr_sim_app *app, uint16_t index)
{
	int64_t type = ecr_sim_app_get(app, index, SIM_SYNC_TYPE);

	if (type == SIM_SYNC_WITH_OUTPUTS)
		return !app->esc->sm_output[index - ECR_COE_SM_SYNC(0)];
	if (type < TYPE_DC)
		return true;
	return type <= TYPE_DC + 1 && (ecr_sim_app_get(app, index, SIM_SYNC_TYPES) & SUPPORTS_DC);
}

static void settle(struct ecr_sim_app *app)
{
	struct ecr_sim_clock *clock = &app->esc->device.clock;
	bool needs = app->needs_sync;

	for (unsigned int sm = 0; sm < SIM_SMS; sm++)
		needs = needs || by_sync0(app, (uint16_t)ECR_COE_SM_SYNC(sm));
	if (needs == clock->needs_sync)
		return;
	clock->needs_sync = needs;
	if (!clock->missed_limit)
		clock->missed_limit = MISSED_LIMIT;
	sim_quick_find(app->esc);
}

uint32_t sim_synchronisation_written(struct ecr_sim_app *app, uint16_t index)
{
	if (!concerns(index))
		return 0;
	if (!type_known(app, index))
		return ECR_SDO_ABORT_VALUE_RANGE;
	settle(app);
	return 0;
}

void sim_synchronisation_power_on(struct ecr_sim_app *app)
{
	for (unsigned int sm = 0; sm < SIM_SMS; sm++)
		ecr_sim_app_set(app, (uint16_t)ECR_COE_SM_SYNC(sm), SIM_SYNC_LEAST,
				app->esc->device.clock.min_cycle_ns);
	settle(app);
}

/* On the way to SAFEOP the cycle time that was told and the one that SYNC0 has must agree; where none
 * was told it is SYNC0's. */
uint16_t sim_synchronisation_refusal(struct ecr_sim_app *app)
{
	int64_t period = ecr_le32(app->esc->memory + ECR_REG_DC_SYNC0_CYCLE);

	for (unsigned int sm = 0; sm < SIM_SMS; sm++) {
		uint16_t index = (uint16_t)ECR_COE_SM_SYNC(sm);
		int64_t told = ecr_sim_app_get(app, index, SIM_SYNC_CYCLE);

		if (!by_sync0(app, index))
			continue;
		if (told && told != period)
			return ECR_AL_CODE_SYNC_CYCLE;
		ecr_sim_app_set(app, index, SIM_SYNC_CYCLE, period);
		ecr_sim_app_set(app, index, SIM_SYNC_SYNC0, period);
	}
	return 0;
}

void sim_synchronisation_show(struct ecr_sim_app *app, uint16_t index)
{
	uint16_t code = sim_register16(app->esc, ECR_REG_AL_STATUS_CODE);

	if (!concerns(index) || !by_sync0(app, index))
		return;
	ecr_sim_app_set(app, index, SIM_SYNC_MISSED, app->esc->clock.missed);
	ecr_sim_app_set(app, index, SIM_SYNC_ERROR, code == ECR_AL_CODE_SYNC);
}
