/* SPDX-License-Identifier: Apache-2.0 */
/* Scheduling of the cyclic thread: what is allowed is taken and looked at again, what is not is said
 * once. */
#define _GNU_SOURCE 1
#include "port/session.h"
#include "port/thread.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define STACK_KIB 64
#define STACK_USED (128u * 1024) /* beside what is touched: libraries that the application brings */
#define PAGE 4096u
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

static enum ecr_scheduling scheduling_of(int policy)
{
	if (policy == SCHED_FIFO)
		return ECR_SCHEDULING_FIFO;
	return policy == SCHED_RR ? ECR_SCHEDULING_ROUND_ROBIN : ECR_SCHEDULING_OTHER;
}

static void take_priority(struct ecr_master *master, const struct ecr_realtime *wanted)
{
	struct ecr_thread_info *info = &master->info;
	int priority = wanted->priority ? wanted->priority : DEFAULT_PRIORITY;
	struct sched_param param = { .sched_priority = priority };
	int policy = wanted->scheduling == ECR_SCHEDULING_FIFO ? SCHED_FIFO : SCHED_RR;
	bool alone = wanted->priority < 0 || wanted->scheduling == ECR_SCHEDULING_OTHER;

	if (!alone)
		(void)pthread_setschedparam(pthread_self(), policy, &param);
	(void)pthread_getschedparam(pthread_self(), &policy, &param);
	info->scheduling = scheduling_of(policy);
	info->priority = info->scheduling == ECR_SCHEDULING_OTHER ? 0 : param.sched_priority;
	if (!alone && (info->scheduling != wanted->scheduling || info->priority != priority))
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

/* Each call takes a page of the stack, and writes there before and after the next, so that they cannot share one. */
static __attribute__((noinline)) void touch(size_t left)
{
	volatile uint8_t page[PAGE];

	page[0] = (uint8_t)left;
	if (left > PAGE)
		touch(left - PAGE);
	page[PAGE - 1] = page[0];
}

/* How many bytes from there down are present, in whole pages. */
static size_t present(uint8_t *from, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *low = from - ((uintptr_t)from & (page - 1));
	unsigned char there;
	size_t count = 0;

	while (count < size && mincore(low - count, page, &there) == 0 && there & 1)
		count += page;
	return count < size ? count : size;
}

static void touch_stack(struct ecr_master *master)
{
	uint32_t kib = master->config->realtime.stack_kib;
	size_t size = (size_t)(kib ? kib : STACK_KIB) * 1024;
	uint8_t *here = __builtin_frame_address(0);

	touch(size);
	master->stack = here - size;
	master->stack_size = size;
	if (!master->config->realtime.no_lock)
		port_realtime_lock(master, master->stack, size);
	master->info.stack_kib = (uint32_t)(present(here, size) / 1024);
	if (master->info.stack_kib < size / 1024)
		lack(master, "the stack is not there beforehand");
}

/* Of VmLck in /proc/self/status, as a session that has just begun needs no stream for it. */
static size_t locked_bytes(void)
{
	char text[4096];
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	long length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	const char *at;

	if (fd >= 0)
		close(fd);
	text[length < 0 ? 0 : length] = 0;
	at = strstr(text, "VmLck:");
	return at ? strtoul(at + strlen("VmLck:"), NULL, 10) * 1024 : 0;
}

void port_realtime_lock(struct ecr_master *master, void *memory, size_t size)
{
	if (mlock(memory, size) == 0 && locked_bytes() >= size) {
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
	int32_t longest = -1; /* of all requests the shortest counts */

	if (!master->config->realtime.no_sleep_states)
		return;
	master->latency_fd = open("/dev/cpu_dma_latency", O_RDWR | O_CLOEXEC);
	master->info.no_sleep_states =
		master->latency_fd >= 0 &&
		write(master->latency_fd, &none, sizeof(none)) == sizeof(none) &&
		read(master->latency_fd, &longest, sizeof(longest)) == sizeof(longest) &&
		longest == 0;
	if (!master->info.no_sleep_states)
		lack(master, "CPUs may sleep deeply: /dev/cpu_dma_latency cannot be written");
}

int port_realtime_start(struct ecr_master *master, void *(*run)(void *))
{
	size_t touched = (size_t)master->config->realtime.stack_kib * 1024;

	return port_thread_start(&master->thread, touched + STACK_USED, run, master);
}

void port_realtime_enter(struct ecr_master *master)
{
	const struct ecr_realtime *wanted = &master->config->realtime;

	take_priority(master, wanted);
	take_cpu(master, wanted->cpu);
	take_latency(master);
	touch_stack(master);
	if (!wanted->no_lock) {
		port_realtime_lock(master, master, sizeof(*master));
		port_realtime_lock(master, master->core_memory,
				   ecr_core_size(&master->config->limits));
	}
	if (master->transport->lacking)
		lack(master, master->transport->lacking);
	if (master->backup && master->backup->lacking)
		lack(master, master->backup->lacking);
}

void port_realtime_leave_thread(struct ecr_master *master)
{
	munlock(master->stack, master->stack_size);
}

static void unlock(void *context, void *memory, size_t size)
{
	(void)context;
	if (memory)
		munlock(memory, size);
}

/* What a session has locked is the system's again; where pieces share a page with memory of others that is locked, so is that
 * page. */
static void unlock_all(struct ecr_master *master)
{
	unlock(NULL, master->core_memory, ecr_core_size(&master->config->limits));
	for (int i = 0; i < 2; i++)
		unlock(NULL, master->blocks[i], master->block_sizes[i]);
	for (struct port_view *view = master->all_views; view; view = view->older)
		port_view_each(view, unlock, NULL);
	unlock(NULL, master, sizeof(*master));
}

void port_realtime_leave(struct ecr_master *master)
{
	if (!master->config->realtime.no_lock)
		unlock_all(master);
	if (master->latency_fd >= 0)
		close(master->latency_fd);
	master->latency_fd = -1;
}
