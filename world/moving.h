/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs that change all the time: whether what is said to be fresh is what the slaves had lately, and all of them at one time. */
#ifndef WORLD_MOVING_H
#define WORLD_MOVING_H

#include "world/vring.h"

#define MOVING_KEPT 64u /* generations */

struct moving {
	int slaves;
	ecr_time step; /* between generations, at least */
	ecr_time age;  /* of what is fresh, at most */
	ecr_time from; /* since when that is looked at */
	uint32_t generation;
	ecr_time since[MOVING_KEPT]; /* when each began */
	uint64_t seen;
	uint64_t looks; /* at what was published, */
	uint64_t fresh; /* and said to be fresh of all slaves, */
	uint64_t wrong; /* or was old, torn or nobody's */
};

/* All slaves of the ring have eight inputs of a bit each in the first domain. The first one is left alone: it may be wired. */
void moving_begin(struct moving *moving, struct vring *ring, int slaves, ecr_time period);
/* To be called in each tick; false when what is published just now is wrong. */
bool moving_look(struct moving *moving, struct vring *ring);

#endif
