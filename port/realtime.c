/* SPDX-License-Identifier: Apache-2.0 */
/* Scheduling of the cyclic thread: what is allowed is taken and looked at again, what is not is said
 * once. */
#define _GNU_SOURCE 1
#include "port/session.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define STACK_BYTES (64 * 1024)
#define DEFAULT_PRIORITY 80

/* An event for who subscribes, and a sentence kept for who asks later. */
static void lack(struct ecr_master *master, const char *text)
{
	struct ecr_event event = {
		.kind = ECR_EVENT_WARNING, .slave = -1, .domain = -1, .text = text
	};
	char *lacking = master->info.lacking;
	size_t used = strlen(lacking);

	snprintf(lacking + used, sizeof(master->info.lacking) - used, "%s%s", used ? "; " : "",
		 text);
	port_count(master, ECR_EVENT_WARNING);
	port_subscriptions_event(master, &event);
}

static void take_priority(struct ecr_master *master, int wanted)
{
	struct sched_param param = { .sched_priority = wanted ? wanted : DEFAULT_PRIORITY };
	int policy = SCHED_OTHER;

	if (wanted < 0)
		return;
	(void)pthread_setschedparam(pthread_self(), SCHED_FIFO, &param);
	(void)pthread_getschedparam(pthread_self(), &policy, &param);
	master->info.fifo = policy == SCHED_FIFO;
	master->info.priority = master->info.fifo ? param.sched_priority : 0;
	if (!master->info.fifo)
		lack(master,
		     "no real-time scheduling: run as root, or allow it with an rtprio limit");
}

static void take_cpu(struct ecr_master *master, int wanted)
{
	cpu_set_t set;

	if (wanted <= 0)
		return;
	CPU_ZERO(&set);
	CPU_SET((size_t)wanted - 1, &set);
	(void)pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
	CPU_ZERO(&set);
	(void)pthread_getaffinity_np(pthread_self(), sizeof(set), &set);
	master->info.pinned = CPU_COUNT(&set) == 1 && CPU_ISSET((size_t)wanted - 1, &set);
	if (!master->info.pinned)
		lack(master, "the thread is not on the CPU asked for: is there such a CPU, and is "
			     "it ours?");
}

static void touch_stack(struct ecr_master *master)
{
	volatile uint8_t stack[STACK_BYTES];

	for (size_t i = 0; i < sizeof(stack); i += 4096)
		stack[i] = 0;
	if (!master->config->realtime.no_lock)
		port_realtime_lock(master, (void *)(uintptr_t)stack, sizeof(stack));
}

void port_realtime_lock(struct ecr_master *master, void *memory, size_t size)
{
	if (mlock(memory, size) == 0) {
		master->info.locked = !master->lock_failed;
		return;
	}
	if (!master->lock_failed)
		lack(master, "memory is not locked: run as root, or raise the memlock limit");
	master->lock_failed = true;
	master->info.locked = false;
}

/* The request lasts as long as the descriptor (Documentation/power/pm_qos_interface). */
static void take_latency(struct ecr_master *master)
{
	int32_t none = 0;

	if (!master->config->realtime.no_sleep_states)
		return;
	master->latency_fd = open("/dev/cpu_dma_latency", O_RDWR | O_CLOEXEC);
	master->info.no_sleep_states =
		master->latency_fd >= 0 &&
		write(master->latency_fd, &none, sizeof(none)) == sizeof(none);
	if (!master->info.no_sleep_states)
		lack(master, "CPUs may sleep deeply: /dev/cpu_dma_latency cannot be written");
}

void port_realtime_enter(struct ecr_master *master)
{
	const struct ecr_realtime *wanted = &master->config->realtime;

	take_priority(master, wanted->priority);
	take_cpu(master, wanted->cpu);
	take_latency(master);
	touch_stack(master);
	if (master->transport->lacking)
		lack(master, master->transport->lacking);
	if (master->backup && master->backup->lacking)
		lack(master, master->backup->lacking);
}

void port_realtime_leave(struct ecr_master *master)
{
	if (master->latency_fd >= 0)
		close(master->latency_fd);
	master->latency_fd = -1;
}
