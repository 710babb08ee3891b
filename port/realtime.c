/* SPDX-License-Identifier: Apache-2.0 */
/* Scheduling of the cyclic thread: what is allowed is taken, what is not is said once. */
#define _GNU_SOURCE 1
#include "port/session.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>

#define STACK_BYTES (64 * 1024)

static void touch_stack(struct ecr_master *master)
{
	volatile uint8_t stack[STACK_BYTES];

	for (size_t i = 0; i < sizeof(stack); i += 4096)
		stack[i] = 0;
	if (!master->config->realtime.no_lock)
		(void)mlock((const void *)(uintptr_t)stack, sizeof(stack));
}

static void warn(struct ecr_master *master, const char *text)
{
	struct ecr_event event = {
		.kind = ECR_EVENT_WARNING, .slave = -1, .domain = -1, .text = text
	};

	atomic_fetch_add(&master->counts[ECR_EVENT_WARNING], 1);
	port_subscriptions_event(master, &event);
}

void port_realtime_enter(struct ecr_master *master)
{
	const struct ecr_realtime *wanted = &master->config->realtime;
	struct sched_param param = { .sched_priority = wanted->priority ? wanted->priority : 80 };

	if (wanted->priority >= 0) {
		master->info.fifo = pthread_setschedparam(pthread_self(), SCHED_FIFO, &param) == 0;
		if (!master->info.fifo)
			warn(master, "no real-time scheduling: run as root, or allow it with an "
				     "rtprio limit");
	}
	if (wanted->cpu > 0) {
		cpu_set_t set;

		CPU_ZERO(&set);
		CPU_SET((size_t)wanted->cpu - 1, &set);
		master->info.pinned =
			pthread_setaffinity_np(pthread_self(), sizeof(set), &set) == 0;
		if (!master->info.pinned)
			warn(master, "the thread could not be pinned to the CPU asked for");
	}
	touch_stack(master);
}
