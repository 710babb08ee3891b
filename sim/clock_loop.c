/* SPDX-License-Identifier: Apache-2.0 */
/* The control loop of a clock: from differences to a rate (0x092C to 0x0935). */
#include "sim/clock.h"

#include "sim/sim.h"

#define FRACTION 40
#define LOOP_TICK_NS 10
#define MEAN_SHIFT 16
#define SPEED_MIN 127
#define SPEED_MASK 0x3FFF
#define DEPTH_MASK 0x0F
/* The proportional part corrects a difference within speed start x 10 ns x 2^10. */
#define TIME_CONSTANT_SHIFT 10
#define CONTROL_GAP_MAX ECR_MS(20)

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

void sim_loop_reset(struct sim_esc *esc, ecr_time at, bool speed)
{
	struct sim_clock *clock = &esc->clock;

	clock->mean = 0;
	if (!speed)
		return;
	sim_clock_bend(clock, at, clock->drift, 0);
	clock->integral = 0;
	clock->controlled_at = at;
}

static int64_t filtered(const struct sim_esc *esc, int64_t mean, int32_t difference)
{
	int depth = esc->memory[ECR_REG_DC_FILTER_DIFFERENCE] & DEPTH_MASK;

	return mean + ((int64_t)difference * (1LL << MEAN_SHIFT) - mean) / (1LL << depth);
}

void sim_loop_control(struct sim_esc *esc, ecr_time at)
{
	struct sim_clock *clock = &esc->clock;
	uint32_t received = ecr_le32(esc->memory + ECR_REG_DC_SYSTEM_TIME);
	uint32_t delay = ecr_le32(esc->memory + ECR_REG_DC_DELAY);
	int depth = esc->memory[ECR_REG_DC_FILTER_SPEED] & DEPTH_MASK;
	int64_t start = speed_start(esc);
	int64_t fastest = rate_of_speed(start, start - SPEED_MIN);
	int64_t constant = start * LOOP_TICK_NS << TIME_CONSTANT_SHIFT; /* ns */
	int64_t gap = at - clock->controlled_at;
	int64_t proportional;

	clock->mean = filtered(esc, clock->mean,
			       (int32_t)((uint32_t)sim_clock_system(esc, at) - delay - received));
	proportional =
		clamp(clock->mean, (int64_t)1 << 38) * (1LL << (FRACTION - MEAN_SHIFT)) / constant;
	proportional = clamp(proportional, fastest);
	gap = gap < 0 ? 0 : gap > CONTROL_GAP_MAX ? CONTROL_GAP_MAX : gap;
	clock->integral =
		clamp(clock->integral - proportional * gap / (constant << depth >> 10), fastest);
	clock->controlled_at = at;
	sim_clock_bend(clock, at, clock->drift, clamp(clock->integral - proportional, fastest));
}

void sim_loop_show(struct sim_esc *esc)
{
	const struct sim_clock *clock = &esc->clock;
	int64_t mean = clock->mean / (1LL << MEAN_SHIFT);
	uint32_t shown = mean < 0 ? (uint32_t)-mean | 0x80000000u : (uint32_t)mean;

	ecr_put_le32(esc->memory + ECR_REG_DC_DIFFERENCE, shown);
	ecr_put_le16(esc->memory + ECR_REG_DC_SPEED_DIFFERENCE,
		     (uint16_t)speed_of_rate(speed_start(esc), clock->correction));
}
