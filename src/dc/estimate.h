/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the master believes the reference clock shows at an instant of its own clock (pure): a line
 * through what datagrams have brought, whose slope a servo corrects. It goes on by itself while
 * nothing comes. "At an instant" is for a frame sent then: the way to the reference is in it.
 */
#ifndef ECR_DC_ESTIMATE_H
#define ECR_DC_ESTIMATE_H

#include "dc/servo.h"

#define ECR_ESTIMATE_GROUP 8 /* samples of which one steers, once the servo is locked */

struct ecr_estimate {
	bool known;
	uint64_t reference; /* ns, at `local` */
	ecr_time local;
	uint32_t fraction; /* of `reference`, 2^-32 ns */
	int64_t rate;	   /* by how much the reference runs faster than the local clock, ppt */
	ecr_time interval; /* between samples */
	int64_t lateness;  /* of all samples, on average; 1/256 ns */
	int64_t late[ECR_ESTIMATE_GROUP];
	int count;
	struct ecr_servo servo;
};

void ecr_estimate_init(struct ecr_estimate *estimate, const struct ecr_servo_config *config,
		       ecr_time interval);
/* The reference has been set, or is seen for the first time. The rate stays. */
void ecr_estimate_set(struct ecr_estimate *estimate, uint64_t reference, ecr_time local);
/* A frame sent at `local` found the reference at this time. Frames leave late by chance, never early:
 * while the servo is locked it gets an early one of several. */
void ecr_estimate_sample(struct ecr_estimate *estimate, uint64_t reference, ecr_time local);
/* The way to the reference is that much longer from now on, or to the one that takes its place. */
void ecr_estimate_shift(struct ecr_estimate *estimate, ecr_time later);
/* One was lost. */
void ecr_estimate_miss(struct ecr_estimate *estimate);

uint64_t ecr_estimate_at(const struct ecr_estimate *estimate, ecr_time local);
/* The same for a frame that leaves as late as frames do on average: no clock that goes by it is drawn
 * to one side. */
uint64_t ecr_estimate_usual(const struct ecr_estimate *estimate, ecr_time local);

/*
 * An epoch of the local clock for cycles that pass the reference `shift` before whole multiples of
 * its time, `modulus` the common multiple of all their periods: exact for the instant `ahead` ns
 * from now.
 */
ecr_time ecr_estimate_epoch(const struct ecr_estimate *estimate, ecr_time now, ecr_time shift,
			    ecr_time modulus, ecr_time ahead);

#endif
