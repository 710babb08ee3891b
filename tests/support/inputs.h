/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs of a ring that change all the time, watched in each tick. */
#ifndef TESTS_SUPPORT_INPUTS_H
#define TESTS_SUPPORT_INPUTS_H

#include "world/vring.h"

/* From now on those that are older than a cycle, torn, or another's fail the test at once. One ring at a time. */
void inputs_watch(struct vring *ring, int slaves, ecr_time period);
/* A few times at least all of them were said to be fresh: else nothing was watched. */
void inputs_unwatch(struct vring *ring);

#endif
