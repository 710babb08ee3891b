/* SPDX-License-Identifier: Apache-2.0 */
/* SYNC signals (0x0980 to 0x09A7), and an application that works with them. */
#include "sim/clock.h"

#include "sim/al.h"
#include "sim/sim.h"
#include "wire/al_status.h"

#include <string.h>

#define PULSE_UNIT_NS 10u
#define LOOK_AFTER ECR_S(1) /* at least so often, so that no 32-bit clock wraps unseen */
#define MISSED_COUNTS 3u

static uint64_t distance(const struct sim_esc *esc, uint64_t from, uint64_t to)
{
	return (to - from) & sim_clock_width(esc);
}

static bool acknowledged(const struct sim_esc *esc)
{
	return sim_register16(esc, ECR_REG_DC_PULSE_LENGTH) == 0;
}

/* SYNC1 follows SYNC0 by its own time; when that is a cycle or more, it leaves out so many of them. */
static uint64_t sync1_period(uint64_t sync0, uint64_t sync1)
{
	return sync0 ? (sync1 / sync0 + 1) * sync0 : 0;
}

static void stop(struct sim_clock *clock)
{
	for (int i = 0; i < 2; i++)
		clock->sync[i].on = clock->sync[i].pending = clock->sync[i].raised = false;
}

/* A start time that has passed is not reached before the clock wraps. */
static void start(struct sim_esc *esc, bool sync1)
{
	uint64_t width = sim_clock_width(esc);
	uint64_t first = ecr_le64(esc->memory + ECR_REG_DC_START_TIME) & width;
	uint64_t period = ecr_le32(esc->memory + ECR_REG_DC_SYNC0_CYCLE);
	uint64_t behind = ecr_le32(esc->memory + ECR_REG_DC_SYNC1_CYCLE);
	struct sim_sync *sync = esc->clock.sync;

	memset(sync, 0, sizeof(esc->clock.sync));
	sync[0] = (struct sim_sync){ .on = true, .pending = true, .next = first, .period = period };
	if (sync1)
		sync[1] = (struct sim_sync){ .on = true,
					     .pending = true,
					     .next = (first + behind) & width,
					     .period = sync1_period(period, behind) };
	esc->clock.fed = esc->clock.late = esc->clock.ready = false;
	esc->clock.missed = 0;
}

void sim_sync_written(struct sim_esc *esc, ecr_time at, bool start_time)
{
	uint8_t *activation = &esc->memory[ECR_REG_DC_ACTIVATION];
	uint8_t wanted = ECR_DC_ACTIVATE | ECR_DC_ACTIVATE_SYNC0;

	if (start_time) {
		if (!(*activation & ECR_DC_ACTIVATE_AUTO))
			return;
		*activation |= ECR_DC_ACTIVATE;
	}
	if ((*activation & wanted) != wanted) {
		stop(&esc->clock);
	} else if (!esc->clock.sync[0].on) {
		start(esc, *activation & ECR_DC_ACTIVATE_SYNC1);
		esc->clock.looked = sim_clock_system(esc, at);
	}
	sim_esc_wake(esc, at);
}

/* Pulses after `from` until `now`; how many there were. */
static uint64_t pulse(struct sim_esc *esc, struct sim_sync *sync, uint64_t from, uint64_t now)
{
	uint64_t gap = distance(esc, from, sync->next);
	uint64_t span = distance(esc, from, now);
	uint64_t pulses;

	if (!sync->on || !gap || gap > span)
		return 0;
	pulses = sync->period ? (span - gap) / sync->period + 1 : 1;
	sync->fired = (sync->next + (pulses - 1) * sync->period) & sim_clock_width(esc);
	sync->next = (sync->fired + sync->period) & sim_clock_width(esc);
	sync->pending = false;
	sync->on = sync->period != 0;
	if (!acknowledged(esc)) {
		sync->count += pulses;
	} else if (!sync->raised) { /* one edge; the signal stays up */
		sync->count++;
		sync->raised = true;
	}
	return pulses;
}

static unsigned int al_state(const struct sim_esc *esc)
{
	return sim_al_status(esc) & ECR_AL_STATE_MASK;
}

/* Outputs must be there, early enough, for each SYNC0. */
static void judge(struct sim_esc *esc, uint64_t pulses)
{
	struct sim_clock *clock = &esc->clock;
	bool good = clock->fed && !clock->late;
	uint64_t bad = pulses - good;

	clock->ready = good && !bad;
	clock->fed = clock->late = false;
	if (al_state(esc) != ECR_AL_OP) {
		clock->missed = 0;
		return;
	}
	if (bad)
		clock->missed += bad < 0xFFFF ? (uint32_t)bad * MISSED_COUNTS : 0xFFFF;
	else
		clock->missed -= clock->missed > 0;
	if (clock->missed <= esc->device.clock.missed_limit)
		return;
	clock->missed = 0;
	sim_al_fail(esc, ECR_AL_SAFEOP, ECR_AL_CODE_SYNC);
}

static void application(struct sim_esc *esc, uint64_t pulses)
{
	struct sim_clock *clock = &esc->clock;

	if (!esc->device.clock.needs_sync)
		return;
	clock->sync[0].raised = clock->sync[1].raised = false;
	if (pulses)
		judge(esc, pulses);
	if (!clock->sync[0].on && al_state(esc) == ECR_AL_OP)
		sim_al_fail(esc, ECR_AL_SAFEOP, ECR_AL_CODE_FATAL_SYNC);
}

/* Up to this system time; how many SYNC0. */
static uint64_t give(struct sim_esc *esc, uint64_t system)
{
	struct sim_clock *clock = &esc->clock;
	uint64_t pulses;

	/* Frames are stamped a little ahead, so that the last look may have been later. */
	if (distance(esc, clock->looked, system) > sim_clock_width(esc) / 2)
		return 0;
	pulses = pulse(esc, &clock->sync[0], clock->looked, system);
	pulse(esc, &clock->sync[1], clock->looked, system);
	clock->looked = system;
	return pulses;
}

void sim_sync_tick(struct sim_esc *esc, ecr_time now)
{
	struct sim_clock *clock = &esc->clock;
	uint64_t system;
	uint64_t wait;

	if (!clock->sync[0].on && !clock->sync[1].on) {
		application(esc, 0);
		return;
	}
	system = sim_clock_system(esc, now);
	application(esc, give(esc, system));
	wait = distance(esc, system, clock->sync[0].next);
	if (!esc->device.clock.needs_sync || wait > LOOK_AFTER)
		wait = LOOK_AFTER;
	sim_esc_wake(esc, now + 1 + (ecr_time)wait);
}

/* Until then it went on as before. */
void sim_sync_jumped(struct sim_esc *esc, ecr_time at)
{
	struct sim_clock *clock = &esc->clock;
	uint64_t offset = ecr_le64(esc->memory + ECR_REG_DC_OFFSET);
	uint64_t system = sim_clock_system(esc, at);
	uint64_t before = (system - offset + clock->offset) & sim_clock_width(esc);

	application(esc, give(esc, before));
	clock->offset = offset;
	clock->looked = system;
	sim_esc_wake(esc, at);
}

static uint8_t level(const struct sim_esc *esc, const struct sim_sync *sync, uint64_t system)
{
	uint64_t length = PULSE_UNIT_NS * sim_register16(esc, ECR_REG_DC_PULSE_LENGTH);

	if (acknowledged(esc))
		return sync->raised;
	return sync->count && distance(esc, sync->fired, system) < length;
}

void sim_sync_show(struct sim_esc *esc, ecr_time at)
{
	const struct sim_sync *sync = esc->clock.sync;
	uint64_t system = sim_clock_system(esc, at);

	esc->memory[ECR_REG_DC_SYNC0_STATUS] = level(esc, &sync[0], system);
	esc->memory[ECR_REG_DC_SYNC1_STATUS] = level(esc, &sync[1], system);
	esc->memory[ECR_REG_DC_ACTIVATION_STATUS] =
		(uint8_t)(sync[0].pending | sync[1].pending << 1);
	if (sync[0].on)
		ecr_put_le64(esc->memory + ECR_REG_DC_START_TIME, sync[0].next);
	ecr_put_le64(esc->memory + ECR_REG_DC_NEXT_SYNC1, sync[1].next);
}

void sim_sync_fed(struct sim_esc *esc, ecr_time now)
{
	struct sim_clock *clock = &esc->clock;
	ecr_time at = now + clock->entered[esc->news->via & 1];

	if (!esc->device.clock.needs_sync || !clock->sync[0].on)
		return;
	sim_sync_tick(esc, at);
	clock->fed = true;
	clock->late = distance(esc, sim_clock_system(esc, at), clock->sync[0].next) <
		      esc->device.clock.ready_ns;
}

uint16_t sim_sync_refusal(const struct sim_esc *esc, unsigned int to)
{
	const struct ecr_sim_clock *given = &esc->device.clock;
	uint8_t wanted = ECR_DC_ACTIVATE | ECR_DC_ACTIVATE_SYNC0;
	uint32_t period = ecr_le32(esc->memory + ECR_REG_DC_SYNC0_CYCLE);

	if (!given->needs_sync || to < ECR_AL_SAFEOP)
		return 0;
	if (esc->clock.upset || (esc->memory[ECR_REG_DC_ACTIVATION] & wanted) != wanted)
		return ECR_AL_CODE_SYNC_CONFIGURATION;
	if (!period || period < given->min_cycle_ns)
		return ECR_AL_CODE_SYNC_CYCLE;
	if (to != ECR_AL_OP)
		return 0;
	if (!esc->clock.sync[0].count)
		return ECR_AL_CODE_NO_SYNC;
	return esc->clock.ready ? 0 : ECR_AL_CODE_SYNC;
}

bool ecr_sim_acknowledge(struct ecr_sim *sim, ecr_time now, int slave, int unit)
{
	struct sim_esc *esc;
	bool raised;

	if (slave < 0 || slave >= sim->count || unit < 0 || unit > 1)
		return false;
	esc = &sim->slaves[slave];
	sim_sync_tick(esc, now);
	raised = esc->clock.sync[unit].raised;
	esc->clock.sync[unit].raised = false;
	return raised;
}

bool ecr_sim_clock(struct ecr_sim *sim, ecr_time now, int slave, struct ecr_sim_time *time)
{
	struct sim_esc *esc = sim_clock_of(sim, slave);

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
