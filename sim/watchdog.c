/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/watchdog.h"

#define TICK_NS 40 /* of the divider, which counts two more than it says */

void sim_watchdog_kick(struct sim_esc *esc, ecr_time now)
{
	ecr_time unit = (sim_register16(esc, ECR_REG_WATCHDOG_DIVIDER) + 2) * (ecr_time)TICK_NS;
	ecr_time units = sim_register16(esc, ECR_REG_WATCHDOG_SM);

	esc->watchdog_at = units ? now + unit * units : ECR_NEVER;
	esc->watchdog_expired = false;
	esc->memory[ECR_REG_WATCHDOG_STATUS] = ECR_WATCHDOG_STATUS_OK;
	sim_esc_wake(esc, esc->watchdog_at);
}

void sim_watchdog_stop(struct sim_esc *esc)
{
	esc->watchdog_at = ECR_NEVER;
}

bool sim_watchdog_tick(struct sim_esc *esc, ecr_time now)
{
	if (now < esc->watchdog_at) {
		sim_esc_wake(esc, esc->watchdog_at);
		return false;
	}
	esc->watchdog_at = ECR_NEVER;
	esc->watchdog_expired = true;
	esc->memory[ECR_REG_WATCHDOG_STATUS] = 0;
	if (esc->memory[ECR_REG_WATCHDOG_SM_COUNT] < 0xFF)
		esc->memory[ECR_REG_WATCHDOG_SM_COUNT]++;
	return true;
}
