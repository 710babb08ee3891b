/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/clock.h"

#include "sim/esm.h"
#include "sim/sim.h"
#include "wire/al_status.h"

#include <string.h>

#define FRACTION 40
#define TICK_NS 10
#define PER_PPB 1099 /* 2^40 / 10^9, less its fraction */
#define MEAN_SHIFT 16
#define SPEED_MIN 127
#define SPEED_MASK 0x3FFF
#define DEPTH_MASK 0x0F
/* The proportional part corrects a difference within speed start x 10 ns x 2^10. */
#define TIME_CONSTANT_SHIFT 10
#define CONTROL_GAP_MAX ECR_MS(20)

/* Without its SYNC and latch units, which the EEPROM switches on, only receive times are left. */
static bool full(const struct sim_esc *esc)
{
	uint8_t units = ECR_ESC_CONFIG_DC_SYNC_OUT | ECR_ESC_CONFIG_DC_LATCH_IN;

	return (esc->device.features & ECR_FEATURE_DC) && !esc->device.clock.times_only &&
	       (esc->memory[ECR_REG_ESC_CONFIG] & units);
}

bool sim_clock_exists(const struct sim_esc *esc, uint16_t at)
{
	if (!(esc->device.features & ECR_FEATURE_DC) || at >= ECR_REG_DC + ECR_REG_DC_SIZE)
		return false;
	return at < ECR_REG_DC_SYSTEM_TIME || full(esc);
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

static bool wide(const struct sim_esc *esc)
{
	return esc->device.features & ECR_FEATURE_DC_64;
}

static uint64_t width_of(const struct sim_esc *esc)
{
	return wide(esc) ? UINT64_MAX : UINT32_MAX;
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

	return ((uint64_t)count + (uint64_t)corrected(&esc->clock, at).ns) & width_of(esc);
}

uint64_t sim_clock_system(const struct sim_esc *esc, ecr_time at)
{
	return (sim_clock_local(esc, at) + ecr_le64(esc->memory + ECR_REG_DC_OFFSET)) &
	       width_of(esc);
}

/* From now on with another rate. */
static void bend(struct sim_clock *clock, ecr_time at, int64_t drift, int64_t correction)
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

void sim_clock_power_on(struct sim_esc *esc)
{
	struct sim_clock *clock = &esc->clock;
	const struct ecr_sim_clock *given = &esc->device.clock;

	*clock = (struct sim_clock){ .entered = { clock->entered[0], clock->entered[1] },
				     .drift = (int64_t)given->drift_ppb * PER_PPB,
				     .at = clock->at };
	if (!esc->device.clock.tick_ns)
		esc->device.clock.tick_ns = TICK_NS;
	clock->oscillator.ns = (int64_t)(given->start_ns & INT64_MAX);
	if (!full(esc))
		return;
	ecr_put_le16(esc->memory + ECR_REG_DC_SPEED_START, ECR_DC_SPEED_START_DEFAULT);
	ecr_put_le16(esc->memory + ECR_REG_DC_FILTER_DIFFERENCE, ECR_DC_FILTERS_DEFAULT);
	ecr_put_le16(esc->memory + ECR_REG_DC_PULSE_LENGTH, given->pulse_10ns);
}

void sim_clock_routes(struct ecr_sim *sim)
{
	for (int r = 0; r < 2; r++) {
		const struct sim_route *route = &sim->routes[r];

		for (int i = 0; i < route->hop_count; i++) {
			struct sim_esc *esc = &sim->slaves[route->hops[i].end.slave];

			if (route->hops[i].end.port == 0)
				esc->clock.entered[r] =
					route->hops[i].at + esc->device.return_ns / 2;
		}
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

static int64_t clamp(int64_t value, int64_t limit)
{
	return value > limit ? limit : value < -limit ? -limit : value;
}

static int64_t speed_start(const struct sim_esc *esc)
{
	int64_t start = sim_register16(esc, ECR_REG_DC_SPEED_START) & SPEED_MASK;

	return start > SPEED_MIN ? start : SPEED_MIN + 1;
}

/* Of the clock against itself: one nanosecond more every start - d ticks, one less every start + d.
 */
static int64_t rate_of_speed(int64_t start, int64_t d)
{
	return d * ((1LL << FRACTION) / 5) / ((start - d) * (start + d));
}

/* The speed difference that makes this rate: what the register shows. */
static int64_t speed_of_rate(int64_t start, int64_t rate)
{
	int64_t low = 0;
	int64_t high = start - SPEED_MIN;
	int64_t wanted = rate < 0 ? -rate : rate;

	while (low < high) {
		int64_t middle = (low + high) / 2;

		if (rate_of_speed(start, middle) < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return rate < 0 ? -low : low;
}

static void reset_loop(struct sim_esc *esc, ecr_time at)
{
	struct sim_clock *clock = &esc->clock;

	bend(clock, at, clock->drift, 0);
	clock->integral = clock->mean = 0;
	clock->difference = 0;
	clock->controlled_at = at;
}

static int64_t filtered(const struct sim_esc *esc, int64_t mean, int32_t difference)
{
	int depth = esc->memory[ECR_REG_DC_FILTER_DIFFERENCE] & DEPTH_MASK;

	return mean + ((int64_t)difference * (1LL << MEAN_SHIFT) - mean) / (1LL << depth);
}

/* A time has been written: how far is this clock from it, and how is it to run on? */
static void control(struct sim_esc *esc, ecr_time at)
{
	struct sim_clock *clock = &esc->clock;
	uint32_t received = ecr_le32(esc->memory + ECR_REG_DC_SYSTEM_TIME);
	uint32_t delay = ecr_le32(esc->memory + ECR_REG_DC_DELAY);
	int depth = esc->memory[ECR_REG_DC_FILTER_SPEED] & DEPTH_MASK;
	int64_t start = speed_start(esc);
	int64_t fastest = rate_of_speed(start, start - SPEED_MIN);
	int64_t constant = start * TICK_NS << TIME_CONSTANT_SHIFT; /* ns */
	int64_t gap = at - clock->controlled_at;
	int64_t proportional;

	clock->difference = (int32_t)((uint32_t)sim_clock_system(esc, at) - delay - received);
	clock->mean = filtered(esc, clock->mean, clock->difference);
	proportional =
		clamp(clock->mean, (int64_t)1 << 38) * (1LL << (FRACTION - MEAN_SHIFT)) / constant;
	proportional = clamp(proportional, fastest);
	gap = gap < 0 ? 0 : gap > CONTROL_GAP_MAX ? CONTROL_GAP_MAX : gap;
	clock->integral =
		clamp(clock->integral - proportional * gap / (constant << depth >> 10), fastest);
	clock->controlled_at = at;
	bend(clock, at, clock->drift, clamp(clock->integral - proportional, fastest));
}

static void show(struct sim_esc *esc, ecr_time at)
{
	struct sim_clock *clock = &esc->clock;
	int64_t mean = clock->mean / (1LL << MEAN_SHIFT);
	uint32_t shown = mean < 0 ? (uint32_t)-mean | 0x80000000u : (uint32_t)mean;

	ecr_put_le64(esc->memory + ECR_REG_DC_SYSTEM_TIME, sim_clock_system(esc, at));
	ecr_put_le32(esc->memory + ECR_REG_DC_DIFFERENCE, shown);
	ecr_put_le16(esc->memory + ECR_REG_DC_SPEED_DIFFERENCE,
		     (uint16_t)speed_of_rate(speed_start(esc), clock->correction));
	ecr_put_le64(esc->memory + ECR_REG_DC_START_TIME,
		     clock->sync[0].running ? clock->sync[0].next
					    : ecr_le64(esc->memory + ECR_REG_DC_START_TIME));
	ecr_put_le64(esc->memory + ECR_REG_DC_NEXT_SYNC1, clock->sync[1].next);
}

static bool touches(uint16_t address, uint16_t length, uint32_t reg, uint32_t size)
{
	return address < reg + size && (uint32_t)address + length > reg;
}

void sim_clock_read(struct sim_esc *esc, ecr_time start, uint16_t address, uint16_t length)
{
	if (!full(esc))
		return;
	if (touches(address, length, ECR_REG_DC_SYSTEM_TIME, ECR_REG_DC_SYSTEM_TIME_SIZE) ||
	    touches(address, length, ECR_REG_DC_DIFFERENCE, ECR_REG_DC_DIFFERENCE_SIZE) ||
	    touches(address, length, ECR_REG_DC_SPEED_DIFFERENCE, 2) ||
	    touches(address, length, ECR_REG_DC_ACTIVATION, 0x20)) {
		sim_clock_tick(esc, start);
		show(esc, stamp(esc, start));
	}
}

static void acknowledge(struct sim_esc *esc, uint16_t address, uint16_t length, uint32_t reg)
{
	if (touches(address, length, reg, 1))
		esc->memory[reg] = 0;
}

void sim_clock_was_read(struct sim_esc *esc, uint16_t address, uint16_t length)
{
	acknowledge(esc, address, length, ECR_REG_DC_SYNC0_STATUS);
	acknowledge(esc, address, length, ECR_REG_DC_SYNC1_STATUS);
	for (uint32_t i = 0; i < 4; i++) {
		uint32_t time = ECR_REG_DC_LATCH0_POSITIVE + 8 * i;

		if (touches(address, length, time, 1))
			esc->memory[ECR_REG_DC_LATCH0_STATUS + i / 2] &= (uint8_t) ~(1u << i % 2);
	}
	if (!(esc->memory[ECR_REG_DC_LATCH0_STATUS] & 3) &&
	    !(esc->memory[ECR_REG_DC_LATCH1_STATUS] & 3))
		sim_esc_events(esc, 0, ECR_IRQ_DC_LATCH);
}

static uint64_t sync1_period(uint64_t sync0, uint64_t sync1)
{
	return sync0 ? (sync1 / sync0 + 1) * sync0 : 0;
}

static void start_sync(struct sim_esc *esc, ecr_time at)
{
	uint8_t activation = esc->memory[ECR_REG_DC_ACTIVATION];
	uint64_t start = ecr_le64(esc->memory + ECR_REG_DC_START_TIME) & width_of(esc);
	uint64_t period = ecr_le32(esc->memory + ECR_REG_DC_SYNC0_CYCLE);
	uint64_t behind = ecr_le32(esc->memory + ECR_REG_DC_SYNC1_CYCLE);
	bool was = esc->clock.sync[0].running || esc->clock.sync[0].pending;
	bool on = (activation & ECR_DC_ACTIVATE) && (activation & ECR_DC_ACTIVATE_SYNC0);
	int64_t ahead = (int64_t)(start - sim_clock_system(esc, at));

	if (!wide(esc))
		ahead = (int32_t)ahead;
	if (on == was)
		return;
	memset(esc->clock.sync, 0, sizeof(esc->clock.sync));
	esc->clock.fed = true;
	if (!on)
		return;
	/* A start time that has passed is not reached before the clock wraps. */
	esc->clock.sync[0] = (struct sim_sync){ .pending = true, .next = start, .period = period };
	if (activation & ECR_DC_ACTIVATE_SYNC1)
		esc->clock.sync[1] = (struct sim_sync){ .pending = true,
							.next = start + behind,
							.period = sync1_period(period, behind) };
	if (ahead > 0)
		sim_esc_wake(esc, at + ahead);
}

void sim_clock_written(struct sim_esc *esc, ecr_time start, uint16_t address, uint16_t length)
{
	ecr_time at = stamp(esc, start);

	if (touches(address, length, ECR_REG_DC_RECEIVE_TIMES, 1))
		esc->clock.latch = esc->news->latch = true;
	if (!full(esc))
		return;
	if (touches(address, length, ECR_REG_DC_SYSTEM_TIME, 1))
		control(esc, at);
	if (touches(address, length, ECR_REG_DC_SPEED_START, ECR_REG_DC_SPEED_START_SIZE))
		reset_loop(esc, at);
	if (touches(address, length, ECR_REG_DC_ACTIVATION, 1))
		start_sync(esc, at);
}

static uint64_t distance(const struct sim_esc *esc, uint64_t from, uint64_t to)
{
	return (to - from) & width_of(esc);
}

static bool passed(const struct sim_esc *esc, uint64_t time, uint64_t now)
{
	return distance(esc, time, now) <= width_of(esc) / 2;
}

/* Pulses up to now; how many there were. */
static uint64_t pulse(struct sim_esc *esc, struct sim_sync *sync, uint64_t now)
{
	uint64_t pulses;

	if ((!sync->running && !sync->pending) || !passed(esc, sync->next, now))
		return 0;
	/* Beyond reach: it was over when it was asked for. */
	if (sync->pending && distance(esc, sync->next, now) > ECR_S(1))
		return 0;
	pulses = sync->period ? distance(esc, sync->next, now) / sync->period + 1 : 1;
	sync->pending = false;
	sync->running = sync->period != 0;
	sync->next = (sync->next + pulses * sync->period) & width_of(esc);
	sync->count += pulses;
	return pulses;
}

/* An application that works with SYNC0: outputs must be there, early enough, for each one. */
static void judge(struct sim_esc *esc, uint64_t pulses)
{
	struct sim_clock *clock = &esc->clock;

	if ((sim_al_status(esc) & ECR_AL_STATE_MASK) != ECR_AL_OP || !pulses) {
		clock->missed = 0;
		clock->fed = true;
		return;
	}
	if (!clock->fed || clock->late || pulses > 1)
		clock->missed += 3;
	else
		clock->missed -= clock->missed > 0;
	clock->fed = clock->late = false;
	if (clock->missed <= esc->device.clock.missed_limit)
		return;
	clock->missed = 0;
	sim_esm_fail(esc, ECR_AL_SAFEOP, ECR_AL_CODE_SYNC);
}

void sim_clock_tick(struct sim_esc *esc, ecr_time now)
{
	struct sim_clock *clock = &esc->clock;
	bool needs = esc->device.clock.needs_sync;
	uint64_t system;
	uint64_t pulses;

	if (!clock->sync[0].running && !clock->sync[0].pending) {
		if (needs && (sim_al_status(esc) & (ECR_AL_STATE_MASK | ECR_AL_ERROR)) == ECR_AL_OP)
			sim_esm_fail(esc, ECR_AL_SAFEOP, ECR_AL_CODE_FATAL_SYNC);
		return;
	}
	system = sim_clock_system(esc, now);
	pulses = pulse(esc, &clock->sync[0], system);
	if (pulse(esc, &clock->sync[1], system))
		esc->memory[ECR_REG_DC_SYNC1_STATUS] = 1;
	if (pulses) {
		esc->memory[ECR_REG_DC_SYNC0_STATUS] = 1;
		if (needs)
			judge(esc, pulses);
	}
	esc->memory[ECR_REG_DC_ACTIVATION_STATUS] =
		(uint8_t)(clock->sync[0].pending | clock->sync[1].pending << 1);
	if (needs && !passed(esc, clock->sync[0].next, system))
		sim_esc_wake(esc, now + 1 + (ecr_time)distance(esc, system, clock->sync[0].next));
}

void sim_clock_fed(struct sim_esc *esc, ecr_time now)
{
	struct sim_clock *clock = &esc->clock;

	if (!esc->device.clock.needs_sync || !clock->sync[0].running)
		return;
	now = stamp(esc, now);
	sim_clock_tick(esc, now);
	clock->fed = true;
	clock->late = distance(esc, sim_clock_system(esc, now), clock->sync[0].next) <
		      esc->device.clock.ready_ns;
}

uint16_t sim_clock_refusal(const struct sim_esc *esc, unsigned int to)
{
	const struct ecr_sim_clock *given = &esc->device.clock;
	uint8_t wanted = ECR_DC_ACTIVATE | ECR_DC_ACTIVATE_SYNC0;
	uint32_t period = ecr_le32(esc->memory + ECR_REG_DC_SYNC0_CYCLE);

	if (!given->needs_sync || to < ECR_AL_SAFEOP || to == ECR_AL_BOOT)
		return 0;
	if ((esc->memory[ECR_REG_DC_ACTIVATION] & wanted) != wanted)
		return ECR_AL_CODE_SYNC_CONFIGURATION;
	if (!period || period < given->min_cycle_ns)
		return ECR_AL_CODE_SYNC_CYCLE;
	if (to == ECR_AL_OP && !esc->clock.sync[0].count)
		return ECR_AL_CODE_NO_SYNC;
	return 0;
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
	bend(&esc->clock, now, (int64_t)drift_ppb * PER_PPB, esc->clock.correction);
	return true;
}

bool ecr_sim_clock(struct ecr_sim *sim, ecr_time now, int slave, struct ecr_sim_time *time)
{
	struct sim_esc *esc = clock_of(sim, slave);

	if (!esc)
		return false;
	sim_clock_tick(esc, now);
	*time = (struct ecr_sim_time){
		.local_ns = sim_clock_local(esc, now),
		.system_ns = sim_clock_system(esc, now),
		.arrival_ns = esc->clock.entered[0],
		.sync0_pulses = esc->clock.sync[0].count,
		.sync1_pulses = esc->clock.sync[1].count,
		.next_sync0_ns = esc->clock.sync[0].next,
		.sync_running = esc->clock.sync[0].running,
	};
	return true;
}

bool ecr_sim_edge(struct ecr_sim *sim, ecr_time now, int slave, int unit, bool falling)
{
	struct sim_esc *esc = clock_of(sim, slave);
	unsigned int edge = falling;
	uint32_t number = 2 * ((uint32_t)unit & 1) + edge;
	uint8_t *status;
	uint8_t *control;

	if (!esc || !full(esc) || unit < 0 || unit > 1)
		return false;
	status = &esc->memory[ECR_REG_DC_LATCH0_STATUS + (unsigned int)unit];
	control = &esc->memory[ECR_REG_DC_LATCH0_CONTROL + (unsigned int)unit];
	/* Single: the first edge stays until it is read. */
	if ((*control >> edge & 1) && (*status >> edge & 1))
		return true;
	ecr_put_le64(esc->memory + ECR_REG_DC_LATCH0_POSITIVE + 8 * number,
		     sim_clock_system(esc, now));
	*status = (uint8_t)(*status | 1u << edge);
	sim_esc_events(esc, ECR_IRQ_DC_LATCH, 0);
	return true;
}
