/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A clock servo: told how late a clock is, it says how much faster that clock must run (pure, fixed
 * point). States as in linuxptp: unlocked until two samples tell the drift; jump, once, when the
 * clock is to be set by the whole offset; locked from then on.
 */
#ifndef ECR_DC_SERVO_H
#define ECR_DC_SERVO_H

#include <ecring/dc.h>

#include <stdbool.h>
#include <stdint.h>

enum ecr_servo_kind { ECR_SERVO_PI, ECR_SERVO_NULL };

/* Zero fields take the defaults. */
struct ecr_servo_config {
	enum ecr_servo_kind kind;
	int32_t proportional;	/* of the offset corrected per interval, in 1/1024; default 64 */
	int32_t integral;	/* ... of the drift, in 1/1024; default 1 */
	ecr_time first_step_ns; /* a larger first offset is jumped over; default 1 us */
	ecr_time outlier_ns;	/* a sample that is further away may be an outlier; default 20 us */
	uint32_t outliers;	/* so many in a row are none: the clock has moved; default 10 */
	uint32_t holdover;    /* intervals without sample until the drift is not believed any more;
				default 10000 */
	int64_t max_rate_ppb; /* default 500000 */
};

struct ecr_servo {
	struct ecr_servo_config config;
	ecr_time interval;	       /* between samples, ns */
	enum ecr_dc_servo_state state; /* of the last sample */
	int64_t drift;		       /* ppt: what is corrected without any offset */
	int64_t rate;		       /* ppt: the last answer */
	int64_t spread;		       /* mean deviation of the offsets, 1/16 ns */
	int64_t first_offset;
	ecr_time first_at;
	uint32_t samples; /* since unlocked */
	uint32_t rejected;
	uint32_t missed;
	uint64_t outliers; /* in all */
};

void ecr_servo_init(struct ecr_servo *servo, const struct ecr_servo_config *config,
		    ecr_time interval);

/*
 * The clock was `offset` ns late (negative: early) at `at`. Returns by how much it must run faster,
 * in parts per trillion. After a jump the caller has set the clock by `offset`.
 */
int64_t ecr_servo_sample(struct ecr_servo *servo, int64_t offset, ecr_time at,
			 enum ecr_dc_servo_state *state);
/* No sample came: runs on with the drift it knows. */
int64_t ecr_servo_miss(struct ecr_servo *servo);
void ecr_servo_reset(struct ecr_servo *servo);

/* `rate` (ppt) of `duration`, in 2^-32 ns, so that fractions can be summed. */
int64_t ecr_rate_of(int64_t rate, ecr_time duration);

#endif
