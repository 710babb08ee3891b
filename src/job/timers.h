/* SPDX-License-Identifier: Apache-2.0 */
/* Timers in a binary heap: earliest first, equal times in the order they were set. */
#ifndef ECR_JOB_TIMERS_H
#define ECR_JOB_TIMERS_H

#include <ecring/api.h>

struct ecr_timer {
	ecr_time at;
	uint64_t order;
	uint32_t slot; /* index in the heap + 1; 0: not set */
};

struct ecr_timers {
	struct ecr_timer **heap;
	uint32_t count;
	uint32_t room;
	uint64_t order;
};

void ecr_timers_init(struct ecr_timers *timers, struct ecr_timer **heap, uint32_t room);
void ecr_timer_set(struct ecr_timers *timers, struct ecr_timer *timer, ecr_time at);
void ecr_timer_clear(struct ecr_timers *timers, struct ecr_timer *timer);
/* ECR_NEVER when none is set. */
static inline ecr_time ecr_timers_next(const struct ecr_timers *timers)
{
	return timers->count ? timers->heap[0]->at : ECR_NEVER;
}

struct ecr_timer *ecr_timers_due(struct ecr_timers *timers,
				 ecr_time now); /* cleared and returned, or NULL */

#endif
