/* SPDX-License-Identifier: Apache-2.0 */
/* The registers of the unit as the master reads and writes them. */
#include "sim/clock.h"

#include "sim/esc.h"

bool sim_clock_exists(const struct sim_esc *esc, uint16_t at)
{
	if (!(esc->device.features & ECR_FEATURE_DC) || at >= ECR_REG_DC + ECR_REG_DC_SIZE)
		return false;
	return at < ECR_REG_DC_SYSTEM_TIME || sim_clock_full(esc);
}

/* Receive times, differences, status and what the EEPROM sets. Port 0's receive time takes a write: it
 * makes the ports latch. */
bool sim_clock_read_only(uint16_t address)
{
	static const struct {
		uint16_t from;
		uint16_t to;
	} areas[] = {
		{ ECR_REG_DC_RECEIVE_TIME(1), ECR_REG_DC_SYSTEM_TIME - 1 },
		{ ECR_REG_DC_RECEIVE_TIME_ECAT, ECR_REG_DC_OFFSET - 1 },
		{ ECR_REG_DC_DIFFERENCE, ECR_REG_DC_SPEED_START - 1 },
		{ ECR_REG_DC_SPEED_DIFFERENCE, ECR_REG_DC_FILTER_DIFFERENCE - 1 },
		{ ECR_REG_DC_PULSE_LENGTH, ECR_REG_DC_SYNC1_STATUS },
		{ ECR_REG_DC_NEXT_SYNC1, ECR_REG_DC_SYNC0_CYCLE - 1 },
		{ ECR_REG_DC_LATCH0_STATUS, ECR_REG_DC + ECR_REG_DC_SIZE - 1 },
	};

	for (size_t i = 0; i < sizeof(areas) / sizeof(areas[0]); i++)
		if (address >= areas[i].from && address <= areas[i].to)
			return true;
	return false;
}

static ecr_time stamp(const struct sim_esc *esc, ecr_time start)
{
	return start + esc->clock.entered[esc->news->via & 1];
}

void sim_clock_read(struct sim_esc *esc, ecr_time start, uint16_t address, uint16_t length)
{
	ecr_time at = stamp(esc, start);
	uint32_t delay = ecr_le32(esc->memory + ECR_REG_DC_DELAY);

	if (!sim_clock_full(esc))
		return;
	/* When the frame passed the reference. */
	if (sim_clock_touches(address, length, ECR_REG_DC_SYSTEM_TIME, ECR_REG_DC_SYSTEM_TIME_SIZE))
		ecr_put_le64(esc->memory + ECR_REG_DC_SYSTEM_TIME,
			     (sim_clock_system(esc, at) - delay) & sim_clock_width(esc));
	if (sim_clock_touches(address, length, ECR_REG_DC_DIFFERENCE,
			      ECR_REG_DC_FILTER_DIFFERENCE - ECR_REG_DC_DIFFERENCE))
		sim_loop_show(esc);
	if (sim_clock_touches(address, length, ECR_REG_DC_CYCLIC_CONTROL,
			      ECR_REG_DC_SYNC0_CYCLE - ECR_REG_DC_CYCLIC_CONTROL)) {
		sim_sync_tick(esc, start);
		sim_sync_show(esc, at);
	}
}

void sim_clock_was_read(struct sim_esc *esc, uint16_t address, uint16_t length)
{
	if (sim_clock_touches(address, length, ECR_REG_DC_LATCH0_POSITIVE,
			      ECR_REG_DC + ECR_REG_DC_SIZE - ECR_REG_DC_LATCH0_POSITIVE))
		sim_latch_was_read(esc, address, length);
}

static void cyclic_unit_written(struct sim_esc *esc, ecr_time at, uint16_t address, uint16_t length)
{
	if (sim_clock_touches(address, length, ECR_REG_DC_CYCLIC_CONTROL, 1))
		esc->clock.upset = esc->clock.upset || esc->device.clock.dislikes_control;
	if (sim_clock_touches(address, length, ECR_REG_DC_ACTIVATION, 1))
		sim_sync_written(esc, at, false);
	else if (sim_clock_touches(address, length, ECR_REG_DC_START_TIME,
				   ECR_REG_DC_START_TIME_SIZE))
		sim_sync_written(esc, at, true);
}

void sim_clock_written(struct sim_esc *esc, ecr_time start, uint16_t address, uint16_t length)
{
	ecr_time at = stamp(esc, start);

	if (sim_clock_touches(address, length, ECR_REG_DC_RECEIVE_TIMES, 1))
		esc->clock.latch = esc->news->latch = true;
	if (!sim_clock_full(esc))
		return;
	if (sim_clock_touches(address, length, ECR_REG_DC_SYSTEM_TIME, 1))
		sim_loop_control(esc, at);
	if (sim_clock_touches(address, length, ECR_REG_DC_OFFSET, ECR_REG_DC_OFFSET_SIZE))
		sim_sync_jumped(esc, at);
	if (sim_clock_touches(address, length, ECR_REG_DC_SPEED_START, ECR_REG_DC_SPEED_START_SIZE))
		sim_loop_reset(esc, at, true);
	if (sim_clock_touches(address, length, ECR_REG_DC_FILTER_DIFFERENCE, 1))
		sim_loop_reset(esc, at, false);
	cyclic_unit_written(esc, at, address, length);
}
