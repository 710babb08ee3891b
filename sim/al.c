/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/al.h"

bool sim_outputs_active(const struct sim_esc *esc)
{
	return (sim_al_status(esc) & ECR_AL_STATE_MASK) == ECR_AL_OP &&
	       !esc->face->watchdog_expired;
}

void sim_al_set(struct sim_esc *esc, uint16_t status, uint16_t code)
{
	if (status != sim_al_status(esc))
		sim_esc_events(esc, ECR_IRQ_AL_STATUS, 0);
	sim_esc_wake(esc, 0);
	ecr_put_le16(esc->memory + ECR_REG_AL_STATUS, status);
	esc->face->op = (status & ECR_AL_STATE_MASK) == ECR_AL_OP;
	ecr_put_le16(esc->memory + ECR_REG_AL_STATUS_CODE, code);
}

void sim_al_fail(struct sim_esc *esc, enum ecr_al_state state, uint16_t code)
{
	sim_al_set(esc, (uint16_t)(state | ECR_AL_ERROR), code);
}

void sim_al_enter(struct sim_esc *esc, enum ecr_al_state state)
{
	sim_al_set(esc, (uint16_t)state, 0);
}
