/* SPDX-License-Identifier: Apache-2.0 */
/* Oscillator, receive times, and the registers of the unit as the master reads and writes them. */
#include "sim/clock.h"

#include "sim/sim.h"

#define FRACTION 40
#define TICK_NS 10
#define BILLION 1000000000
#define DRIFT_MAX 5000000 /* ppb */
#define FILTERS_DEFAULT 0x0C04u

bool sim_clock_full(const struct sim_esc *esc)
{
	/* Without its SYNC and latch units, which the EEPROM switches on, receive times are left. */
	uint8_t units = ECR_ESC_CONFIG_DC_SYNC_OUT | ECR_ESC_CONFIG_DC_LATCH_IN;

	return (esc->device.features & ECR_FEATURE_DC) && !esc->device.clock.times_only &&
	       (esc->memory[ECR_REG_ESC_CONFIG] & units);
}

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

uint64_t sim_clock_width(const struct sim_esc *esc)
{
	return esc->device.features & ECR_FEATURE_DC_64 ? UINT64_MAX : UINT32_MAX;
}

/* Floors, so that time runs evenly through zero. */
static struct sim_fine plus(struct sim_fine from, ecr_time duration, int64_t rate)
{
	int64_t high = (duration >> 20) * rate; /* 2^-20 ns */
	int64_t low = (duration & 0xFFFFF) * rate;

	from.ns += high >> 20;
	from.fraction += ((high & 0xFFFFF) << 20) + low;
	from.ns += from.fraction >> FRACTION;
	from.fraction &= (1LL << FRACTION) - 1;
	return from;
}

static struct sim_fine oscillator(const struct sim_clock *clock, ecr_time at)
{
	struct sim_fine now = plus(clock->oscillator, at - clock->at, clock->drift);

	now.ns += at - clock->at;
	return now;
}

static struct sim_fine corrected(const struct sim_clock *clock, ecr_time at)
{
	return plus(clock->corrected, at - clock->at, clock->correction);
}

/* The oscillator counts in ticks; the loop adds and takes single nanoseconds. */
uint64_t sim_clock_local(const struct sim_esc *esc, ecr_time at)
{
	int64_t tick = esc->device.clock.tick_ns;
	int64_t count = oscillator(&esc->clock, at).ns / tick * tick;

	return ((uint64_t)count + (uint64_t)corrected(&esc->clock, at).ns) & sim_clock_width(esc);
}

uint64_t sim_clock_system(const struct sim_esc *esc, ecr_time at)
{
	return (sim_clock_local(esc, at) + ecr_le64(esc->memory + ECR_REG_DC_OFFSET)) &
	       sim_clock_width(esc);
}

void sim_clock_bend(struct sim_clock *clock, ecr_time at, int64_t drift, int64_t correction)
{
	clock->oscillator = oscillator(clock, at);
	clock->corrected = corrected(clock, at);
	clock->at = at;
	clock->drift = drift;
	clock->correction = correction;
}

static ecr_time stamp(const struct sim_esc *esc, ecr_time start)
{
	return start + esc->clock.entered[esc->news->via & 1];
}

static int64_t rate_of(int32_t drift_ppb)
{
	int64_t drift = drift_ppb;

	drift = drift > DRIFT_MAX ? DRIFT_MAX : drift < -DRIFT_MAX ? -DRIFT_MAX : drift;
	return drift * (1LL << FRACTION) / BILLION;
}

void sim_clock_power_on(struct sim_esc *esc)
{
	struct sim_clock *clock = &esc->clock;
	const struct ecr_sim_clock *given = &esc->device.clock;

	*clock = (struct sim_clock){ .entered = { clock->entered[0], clock->entered[1] },
				     .drift = rate_of(given->drift_ppb),
				     .at = esc->news->now };
	if (!esc->device.clock.tick_ns)
		esc->device.clock.tick_ns = TICK_NS;
	clock->oscillator.ns = (int64_t)(given->start_ns & INT64_MAX);
	if (!sim_clock_full(esc))
		return;
	ecr_put_le16(esc->memory + ECR_REG_DC_SPEED_START, ECR_DC_SPEED_START_DEFAULT);
	ecr_put_le16(esc->memory + ECR_REG_DC_FILTER_DIFFERENCE, FILTERS_DEFAULT);
	ecr_put_le16(esc->memory + ECR_REG_DC_PULSE_LENGTH,
		     ecr_sii_word(&esc->sii, ECR_SII_WORD_SYNC_PULSE));
}

void sim_clock_route(struct sim_esc *esc, unsigned int route, ecr_time entered)
{
	esc->clock.entered[route] = entered;
}

/* "Containing a write to 0x0900" is all that the descriptions of the receive times of ports 1 to 3 ask
 * of a frame: the copy that comes from a second port of the master is stamped, too. */
void sim_clock_latch_passing(struct ecr_sim *sim, const struct sim_route *route)
{
	for (int i = 0; i < route->hop_count; i++) {
		struct sim_esc *esc = &sim->slaves[route->hops[i].end.slave];

		if (esc->device.features & ECR_FEATURE_DC)
			esc->clock.latch = sim->news.latch = true;
	}
}

void sim_clock_latch(struct ecr_sim *sim, ecr_time start, const struct sim_route *route)
{
	if (!sim->news.latch)
		return;
	sim->news.latch = false;
	for (int i = 0; i < route->hop_count; i++) {
		const struct sim_hop *hop = &route->hops[i];
		struct sim_esc *esc = &sim->slaves[hop->end.slave];
		ecr_time at = start + hop->at + esc->device.return_ns / 2;

		if (!esc->clock.latch)
			continue;
		ecr_put_le32(esc->memory + ECR_REG_DC_RECEIVE_TIME(hop->end.port),
			     (uint32_t)sim_clock_local(esc, at));
		if (hop->end.port == 0)
			ecr_put_le64(esc->memory + ECR_REG_DC_RECEIVE_TIME_ECAT,
				     sim_clock_local(esc, at));
	}
	for (int i = 0; i < sim->count; i++)
		sim->slaves[i].clock.latch = false;
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

static struct sim_esc *clock_of(struct ecr_sim *sim, int slave)
{
	if (slave < 0 || slave >= sim->count ||
	    !(sim->slaves[slave].device.features & ECR_FEATURE_DC))
		return NULL;
	return &sim->slaves[slave];
}

bool ecr_sim_set_drift(struct ecr_sim *sim, ecr_time now, int slave, int32_t drift_ppb)
{
	struct sim_esc *esc = clock_of(sim, slave);

	if (!esc)
		return false;
	esc->device.clock.drift_ppb = drift_ppb;
	sim_clock_bend(&esc->clock, now, rate_of(drift_ppb), esc->clock.correction);
	return true;
}

bool ecr_sim_clock(struct ecr_sim *sim, ecr_time now, int slave, struct ecr_sim_time *time)
{
	struct sim_esc *esc = clock_of(sim, slave);

	if (!esc)
		return false;
	sim_sync_tick(esc, now);
	*time = (struct ecr_sim_time){
		.local_ns = sim_clock_local(esc, now),
		.system_ns = sim_clock_system(esc, now),
		.arrival_ns = esc->clock.entered[0],
		.sync0_pulses = esc->clock.sync[0].count,
		.sync1_pulses = esc->clock.sync[1].count,
		.next_sync0_ns = esc->clock.sync[0].next,
		.sync_running = esc->clock.sync[0].on && !esc->clock.sync[0].pending,
	};
	return true;
}
