/* SPDX-License-Identifier: Apache-2.0 */
/* The oscillator, local and system time, and receive times. */
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

struct sim_esc *sim_clock_of(struct ecr_sim *sim, int slave)
{
	if (slave < 0 || slave >= sim->count ||
	    !(sim->slaves[slave].device.features & ECR_FEATURE_DC))
		return NULL;
	return &sim->slaves[slave];
}

bool ecr_sim_set_drift(struct ecr_sim *sim, ecr_time now, int slave, int32_t drift_ppb)
{
	struct sim_esc *esc = sim_clock_of(sim, slave);

	if (!esc)
		return false;
	esc->device.clock.drift_ppb = drift_ppb;
	sim_clock_bend(&esc->clock, now, rate_of(drift_ppb), esc->clock.correction);
	return true;
}
