/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/watchdog.h"

#define TICK_NS 40 /* of the divider, which counts two more than it says */

void sim_watchdog_set(struct sim_esc *esc)
{
	ecr_time unit = (sim_register16(esc, ECR_REG_WATCHDOG_DIVIDER) + 2) * (ecr_time)TICK_NS;

	esc->face->watchdog_span = unit * sim_register16(esc, ECR_REG_WATCHDOG_SM);
}

void sim_watchdog_show(struct sim_esc *esc)
{
	esc->memory[ECR_REG_WATCHDOG_STATUS] = ECR_WATCHDOG_STATUS_OK;
	esc->face->watchdog_shown = true;
}

void sim_watchdog_stop(struct sim_esc *esc)
{
	esc->face->watchdog_at = ECR_NEVER;
}

bool sim_watchdog_tick(struct sim_esc *esc, ecr_time now)
{
	struct sim_face *face = esc->face;

	if (now < face->watchdog_at) {
		sim_esc_wake(esc, face->watchdog_at);
		return false;
	}
	face->watchdog_at = ECR_NEVER;
	face->watchdog_expired = true;
	face->watchdog_shown = false;
	esc->memory[ECR_REG_WATCHDOG_STATUS] = 0;
	if (esc->memory[ECR_REG_WATCHDOG_SM_COUNT] < 0xFF)
		esc->memory[ECR_REG_WATCHDOG_SM_COUNT]++;
	return true;
}
