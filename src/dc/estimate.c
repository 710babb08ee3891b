/* SPDX-License-Identifier: Apache-2.0 */
#include "dc/estimate.h"

#define EARLY 8 /* of so many the first: the very first may be a fluke */
#define LATENESS_ONE 256
#define LATENESS_SHARE 64 /* of so many samples the mean */
#define LATENESS_MOST ECR_US(100)
#define BELIEVED ECR_S(1000) /* a rate is carried on no longer than that */

void ecr_estimate_init(struct ecr_estimate *estimate, const struct ecr_servo_config *config,
		       ecr_time interval)
{
	*estimate = (struct ecr_estimate){ .interval = interval };
	ecr_servo_init(&estimate->servo, config, interval);
}

void ecr_estimate_set(struct ecr_estimate *estimate, uint64_t reference, ecr_time local)
{
	estimate->known = true;
	estimate->reference = reference;
	estimate->local = local;
	estimate->fraction = 0;
	estimate->count = 0;
	ecr_servo_reset(&estimate->servo);
}

/* What the rate adds to a duration, in 2^-32 ns, with the fraction left over before. */
static int64_t gained(const struct ecr_estimate *estimate, ecr_time duration)
{
	ecr_time believed = duration > BELIEVED	   ? BELIEVED
			    : duration < -BELIEVED ? -BELIEVED
						   : duration;

	return ecr_rate_of(estimate->rate, believed) + estimate->fraction;
}

/* Rounds down, also below zero. */
static int64_t whole(int64_t fixed)
{
	return fixed >= 0 ? fixed / (1LL << 32) : -((-fixed + (1LL << 32) - 1) / (1LL << 32));
}

uint64_t ecr_estimate_at(const struct ecr_estimate *estimate, ecr_time local)
{
	ecr_time duration = local - estimate->local;

	return estimate->reference + (uint64_t)(duration + whole(gained(estimate, duration)));
}

uint64_t ecr_estimate_usual(const struct ecr_estimate *estimate, ecr_time local)
{
	return ecr_estimate_at(estimate, local) + (uint64_t)(estimate->lateness / LATENESS_ONE);
}

static void note_lateness(struct ecr_estimate *estimate, int64_t late)
{
	if (estimate->servo.state == ECR_DC_SERVO_LOCKED && late < LATENESS_MOST &&
	    late > -LATENESS_MOST)
		estimate->lateness += (late * LATENESS_ONE - estimate->lateness) / LATENESS_SHARE;
}

static void advance(struct ecr_estimate *estimate, ecr_time local)
{
	int64_t gain = gained(estimate, local - estimate->local);

	estimate->reference = ecr_estimate_at(estimate, local);
	estimate->fraction = (uint32_t)(gain - whole(gain) * (1LL << 32));
	estimate->local = local;
}

/* In order. */
static void keep(struct ecr_estimate *estimate, int64_t late)
{
	int at = estimate->count++;

	for (; at > 0 && estimate->late[at - 1] > late; at--)
		estimate->late[at] = estimate->late[at - 1];
	estimate->late[at] = late;
}

void ecr_estimate_sample(struct ecr_estimate *estimate, uint64_t reference, ecr_time local)
{
	enum ecr_dc_servo_state state;
	int64_t late;
	int group;

	if (!estimate->known) {
		ecr_estimate_set(estimate, reference, local);
		return;
	}
	if (local < estimate->local)
		return; /* overtaken by a later one */
	advance(estimate, local);
	late = (int64_t)(reference - estimate->reference);
	note_lateness(estimate, late);
	keep(estimate, late);
	group = estimate->servo.state == ECR_DC_SERVO_LOCKED ? ECR_ESTIMATE_GROUP : 1;
	if (estimate->count < group)
		return;
	estimate->servo.interval = estimate->interval * group;
	late = estimate->late[estimate->count / EARLY];
	estimate->count = 0;
	estimate->rate = ecr_servo_sample(&estimate->servo, late, local, &state);
	if (state == ECR_DC_SERVO_JUMP)
		estimate->reference += (uint64_t)late;
}

void ecr_estimate_shift(struct ecr_estimate *estimate, ecr_time later)
{
	estimate->reference += (uint64_t)later;
	estimate->count = 0;
}

void ecr_estimate_miss(struct ecr_estimate *estimate)
{
	if (estimate->known)
		estimate->rate = ecr_servo_miss(&estimate->servo);
}

ecr_time ecr_estimate_epoch(const struct ecr_estimate *estimate, ecr_time now, ecr_time shift,
			    ecr_time modulus, ecr_time ahead)
{
	uint64_t passed = (ecr_estimate_at(estimate, now) + (uint64_t)shift) % (uint64_t)modulus;

	return now - (ecr_time)passed - whole(ecr_rate_of(estimate->rate, ahead));
}
