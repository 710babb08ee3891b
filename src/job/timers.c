/* SPDX-License-Identifier: Apache-2.0 */
#include "job/timers.h"

#include "base/assert.h"

void ecr_timers_init(struct ecr_timers *timers, struct ecr_timer **heap, uint32_t room)
{
	*timers = (struct ecr_timers){ .heap = heap, .room = room };
}

static bool earlier(const struct ecr_timer *a, const struct ecr_timer *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void place(struct ecr_timers *timers, uint32_t index, struct ecr_timer *timer)
{
	timers->heap[index] = timer;
	timer->slot = index + 1;
}

static void sift_up(struct ecr_timers *timers, uint32_t index, struct ecr_timer *timer)
{
	while (index > 0 && earlier(timer, timers->heap[(index - 1) / 2])) {
		place(timers, index, timers->heap[(index - 1) / 2]);
		index = (index - 1) / 2;
	}
	place(timers, index, timer);
}

static void sift_down(struct ecr_timers *timers, uint32_t index, struct ecr_timer *timer)
{
	for (;;) {
		uint32_t child = 2 * index + 1;

		if (child >= timers->count)
			break;
		if (child + 1 < timers->count &&
		    earlier(timers->heap[child + 1], timers->heap[child]))
			child++;
		if (!earlier(timers->heap[child], timer))
			break;
		place(timers, index, timers->heap[child]);
		index = child;
	}
	place(timers, index, timer);
}

void ecr_timer_set(struct ecr_timers *timers, struct ecr_timer *timer, ecr_time at)
{
	ecr_timer_clear(timers, timer);
	ECR_ASSERT(timers->count < timers->room);
	timer->at = at;
	timer->order = timers->order++;
	sift_up(timers, timers->count++, timer);
}

void ecr_timer_clear(struct ecr_timers *timers, struct ecr_timer *timer)
{
	uint32_t index = timer->slot - 1;
	struct ecr_timer *last;

	if (!timer->slot)
		return;
	timer->slot = 0;
	last = timers->heap[--timers->count];
	if (last == timer)
		return;
	sift_down(timers, index, last);
	sift_up(timers, last->slot - 1, last);
}

struct ecr_timer *ecr_timers_due(struct ecr_timers *timers, ecr_time now)
{
	struct ecr_timer *timer = timers->count ? timers->heap[0] : NULL;

	if (!timer || timer->at > now)
		return NULL;
	ecr_timer_clear(timers, timer);
	return timer;
}
