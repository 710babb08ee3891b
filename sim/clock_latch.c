/* SPDX-License-Identifier: Apache-2.0 */
/* Latch units: the system time of edges at two inputs (0x09A8 to 0x09CF). */
#include "sim/clock.h"

#include "sim/sim.h"

void sim_latch_was_read(struct sim_esc *esc, uint16_t address, uint16_t length)
{
	uint8_t *status = esc->memory + ECR_REG_DC_LATCH0_STATUS;

	for (uint32_t i = 0; i < 4; i++) {
		uint32_t time = ECR_REG_DC_LATCH0_POSITIVE + 8 * i;

		if (sim_clock_touches(address, length, time, 1))
			status[i / 2] &= (uint8_t) ~(1u << i % 2);
	}
	if (!((status[0] | status[1]) &
	      (ECR_DC_LATCH_STATUS_POSITIVE | ECR_DC_LATCH_STATUS_NEGATIVE)))
		sim_esc_events(esc, 0, ECR_IRQ_DC_LATCH);
}

/* In single mode the first edge stays until it is read, and a status bit says so; else each one
 * replaces the one before, and nothing says so. */
bool ecr_sim_edge(struct ecr_sim *sim, ecr_time now, int slave, int unit, bool falling)
{
	unsigned int edge = falling;
	struct sim_esc *esc;
	uint8_t *status;
	bool single;

	if (slave < 0 || slave >= sim->count || unit < 0 || unit > 1 ||
	    !sim_clock_full(&sim->slaves[slave]))
		return false;
	esc = &sim->slaves[slave];
	single = esc->memory[ECR_REG_DC_LATCH0_CONTROL + (unsigned int)unit] >> edge & 1;
	status = &esc->memory[ECR_REG_DC_LATCH0_STATUS + (unsigned int)unit];
	*status &= (uint8_t)~ECR_DC_LATCH_STATUS_PIN;
	*status |= falling ? 0 : ECR_DC_LATCH_STATUS_PIN;
	if (single && (*status >> edge & 1))
		return true;
	ecr_put_le64(esc->memory + ECR_REG_DC_LATCH0_POSITIVE + 16 * (unsigned int)unit + 8 * edge,
		     sim_clock_system(esc, now));
	if (single)
		*status |= (uint8_t)(1u << edge);
	sim_esc_events(esc, ECR_IRQ_DC_LATCH, 0);
	return true;
}
