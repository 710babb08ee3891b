/* SPDX-License-Identifier: Apache-2.0 */
#include "dc/servo.h"

#define PPT 1000000000000LL
#define FIRST_INTERVALS 16 /* between the two samples that tell the drift */
#define OFFSET_MAX ECR_MS(1)
#define SPREAD_SHIFT 4
#define SPREADS 8 /* further away than so many mean deviations: an outlier */

static int64_t clamp(int64_t value, int64_t limit)
{
	return value > limit ? limit : value < -limit ? -limit : value;
}

static int64_t magnitude(int64_t value)
{
	return value < 0 ? -value : value;
}

void ecr_servo_init(struct ecr_servo *servo, const struct ecr_servo_config *config,
		    ecr_time interval)
{
	*servo = (struct ecr_servo){ .config = *config, .interval = interval };
	if (!servo->config.proportional)
		servo->config.proportional = 64;
	if (!servo->config.integral)
		servo->config.integral = 1;
	if (!servo->config.first_step_ns)
		servo->config.first_step_ns = ECR_US(1);
	if (!servo->config.outlier_ns)
		servo->config.outlier_ns = ECR_US(20);
	if (!servo->config.outliers)
		servo->config.outliers = 10;
	if (!servo->config.holdover)
		servo->config.holdover = 10000;
	if (!servo->config.max_rate_ppb)
		servo->config.max_rate_ppb = 500000;
}

void ecr_servo_reset(struct ecr_servo *servo)
{
	servo->state = ECR_DC_SERVO_UNLOCKED;
	servo->samples = 0;
	servo->rejected = 0;
	servo->spread = 0;
}

/* A share (in 1/1024) of the offset, per interval, as a rate. */
static int64_t share(const struct ecr_servo *servo, int64_t offset, int32_t of)
{
	return clamp(offset, OFFSET_MAX) * of * (PPT / 1024 / 1000) / servo->interval * 1000;
}

static int64_t answer(struct ecr_servo *servo, int64_t rate)
{
	servo->rate = clamp(rate, servo->config.max_rate_ppb * 1000);
	return servo->rate;
}

/* Two samples, far enough apart, tell the drift. */
static int64_t learn(struct ecr_servo *servo, int64_t offset, ecr_time at)
{
	ecr_time apart = at - servo->first_at;

	if (servo->samples == 0) {
		servo->first_offset = offset;
		servo->first_at = at;
	}
	if (servo->samples++ == 0 || apart < FIRST_INTERVALS * servo->interval)
		return answer(servo, servo->drift);
	servo->drift +=
		clamp(offset - servo->first_offset, OFFSET_MAX) * (PPT / 1000) / apart * 1000;
	servo->drift = clamp(servo->drift, servo->config.max_rate_ppb * 1000);
	servo->spread = 0;
	servo->rejected = 0;
	servo->state = magnitude(offset) > servo->config.first_step_ns ? ECR_DC_SERVO_JUMP
								       : ECR_DC_SERVO_LOCKED;
	return answer(servo, servo->drift);
}

static bool outlier(struct ecr_servo *servo, int64_t offset)
{
	int64_t limit = servo->spread * SPREADS >> SPREAD_SHIFT;

	if (limit < servo->config.outlier_ns)
		limit = servo->config.outlier_ns;
	if (magnitude(offset) <= limit) {
		servo->rejected = 0;
		return false;
	}
	servo->outliers++;
	servo->rejected++;
	return true;
}

static int64_t steer(struct ecr_servo *servo, int64_t offset)
{
	int64_t deviation = magnitude(offset) << SPREAD_SHIFT;

	servo->state = ECR_DC_SERVO_LOCKED;
	servo->spread += (deviation - servo->spread) / 64;
	servo->drift = clamp(servo->drift + share(servo, offset, servo->config.integral),
			     servo->config.max_rate_ppb * 1000);
	return answer(servo, servo->drift + share(servo, offset, servo->config.proportional));
}

int64_t ecr_servo_sample(struct ecr_servo *servo, int64_t offset, ecr_time at,
			 enum ecr_dc_servo_state *state)
{
	int64_t rate = 0;

	servo->missed = 0;
	if (servo->config.kind == ECR_SERVO_NULL)
		servo->state = ECR_DC_SERVO_LOCKED;
	else if (servo->state == ECR_DC_SERVO_UNLOCKED)
		rate = learn(servo, offset, at);
	else if (!outlier(servo, offset))
		rate = steer(servo, offset);
	else if (servo->rejected < servo->config.outliers)
		rate = answer(servo, servo->drift);
	else {
		ecr_servo_reset(servo);
		rate = learn(servo, offset, at);
	}
	*state = servo->state;
	return rate;
}

int64_t ecr_servo_miss(struct ecr_servo *servo)
{
	if (servo->config.kind == ECR_SERVO_NULL)
		return 0;
	if (++servo->missed >= servo->config.holdover)
		ecr_servo_reset(servo);
	return answer(servo, servo->drift);
}

int64_t ecr_rate_of(int64_t rate, ecr_time duration)
{
	/* In two parts, because rate x duration x 2^32 does not fit. */
	int64_t product = rate * (duration / 1000) / 1000; /* 10^-6 ns */

	product += rate * (duration % 1000) / 1000000;
	return product / 1000000 * (1LL << 32) + product % 1000000 * (1LL << 32) / 1000000;
}
