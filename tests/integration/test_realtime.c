/* SPDX-License-Identifier: Apache-2.0 */
/* What a session's thread asks of the system, as the system itself tells it, and as the session says when it cannot be had. */
#define _GNU_SOURCE 1
#include "support/check.h"

#include <ecring/ecring.h>

#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NO_SUCH_CPU 1000
#define HELD_UP 20000000 /* ns */

/* As the cyclic thread finds itself. */
static struct {
	atomic_bool seen;
	int policy;
	int priority;
	int cpus;
	sigset_t blocked;
	int cpu;
} found;

/* Cycles of a thread that is held up once. */
static struct {
	bool wanted;
	ecr_time held_at;  /* deadline of the cycle that took so long, */
	atomic_llong next; /* and of the one after it */
} late;

static struct ecr_sim *sim;
static struct ecr_master *master;
static struct ecr_thread_info info;

static void on_cycle(void *context, struct ecr_cycle *cycle)
{
	struct sched_param param = { 0 };
	cpu_set_t set;

	(void)context;
	if (late.wanted && ecr_state(cycle->master) == ECR_STATE_OPERATIONAL) {
		late.wanted = false;
		late.held_at = cycle->deadline;
		nanosleep(&(struct timespec){ 0, HELD_UP }, NULL);
	} else if (late.held_at && !atomic_load(&late.next)) {
		atomic_store(&late.next, cycle->deadline);
	}
	if (atomic_load(&found.seen))
		return;
	CPU_ZERO(&set);
	sched_getaffinity(0, sizeof(set), &set);
	sched_getparam(0, &param);
	pthread_sigmask(SIG_BLOCK, NULL, &found.blocked);
	found.policy = sched_getscheduler(0);
	found.priority = param.sched_priority;
	found.cpus = CPU_COUNT(&set);
	found.cpu = sched_getcpu();
	atomic_store(&found.seen, true);
}

static void start(const struct ecr_realtime *realtime)
{
	static uint8_t image[1024];
	const struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = ECR_MS(1) }, { 0 } };
	const struct ecr_slave_config slaves[] = {
		{ .name = "outputs", .process_data = ECR_ALL_TO("io") }, { 0 }
	};
	struct ecr_sim_device device = { .name = "outputs", .emulation = true, .sii = image };
	struct ecr_config config = { .domains = domains,
				     .slaves = slaves,
				     .scan_poll_ms = 10,
				     .scan_stable_ms = 20,
				     .realtime = *realtime,
				     .cyclic = on_cycle };
	size_t size;

	device.sii_size = ecr_sim_shipped_sii("EL2809", image, sizeof(image));
	size = ecr_sim_size(&device, 1);
	sim = ecr_sim_init(calloc(1, size), size, &device, 1);
	config.simulator = sim;
	atomic_store(&found.seen, false);
	master = ecr_open();
	assert_int_equal(ecr_start(master, &config), 0);
	assert_int_equal(ecr_await_operational(master, ECR_S(20)), 0);
	while (!atomic_load(&found.seen))
		nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
	assert_int_equal(ecr_thread_info(master, &info), 0);
}

static void stop(void)
{
	assert_int_equal(ecr_close(master), 0);
	free(sim);
}

static bool lacks(const char *what)
{
	return strstr(info.lacking, what);
}

static long locked_kib(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];
	long kib = 0;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "VmLck: %ld", &kib) == 1)
			break;
	if (file)
		fclose(file);
	return kib;
}

static void first_in_first_out_at_80_unless_said_otherwise(void **state)
{
	(void)state;
	start(&(struct ecr_realtime){ 0 });
	if (lacks("no real-time scheduling"))
		assert_int_equal(found.policy, SCHED_OTHER);
	else
		assert_int_equal(found.policy, SCHED_FIFO);
	assert_int_equal(info.priority, found.priority);
	assert_int_equal(found.priority, lacks("no real-time scheduling") ? 0 : 80);
	assert_int_equal(info.locked, !lacks("memory is not locked"));
	if (info.locked)
		assert_true(locked_kib() >= 64);
	stop();
}

static void what_is_asked_for_is_what_the_system_says(void **state)
{
	(void)state;
	start(&(struct ecr_realtime){ .scheduling = ECR_SCHEDULING_ROUND_ROBIN,
				      .priority = 7,
				      .cpu = 1,
				      .stack_kib = 512 });
	if (!lacks("no real-time scheduling")) {
		assert_int_equal(found.policy, SCHED_RR);
		assert_int_equal(found.priority, 7);
		assert_int_equal(info.scheduling, ECR_SCHEDULING_ROUND_ROBIN);
		assert_int_equal(info.priority, 7);
	}
	if (!lacks("not on the CPU")) {
		assert_true(info.pinned);
		assert_int_equal(found.cpus, 1);
		assert_int_equal(found.cpu, 0);
	}
	assert_int_equal(info.stack_kib, 512);
	if (info.locked)
		assert_true(locked_kib() >= 512);
	stop();
}

static void nothing_is_taken_that_is_not_wanted(void **state)
{
	(void)state;
	start(&(struct ecr_realtime){ .scheduling = ECR_SCHEDULING_OTHER, .no_lock = true });
	assert_int_equal(found.policy, SCHED_OTHER);
	assert_int_equal(info.scheduling, ECR_SCHEDULING_OTHER);
	assert_int_equal(info.priority, 0);
	assert_false(info.locked);
	assert_false(info.pinned);
	assert_false(info.no_sleep_states);
	assert_int_equal(locked_kib(), 0);
	assert_string_equal(info.lacking, "");
	stop();
}

/* An application's handler would run between two cycles; what the thread does wrong itself is told at once. */
static void signals_are_for_the_threads_of_the_application(void **state)
{
	(void)state;
	start(&(struct ecr_realtime){ 0 });
	assert_true(sigismember(&found.blocked, SIGINT));
	assert_true(sigismember(&found.blocked, SIGALRM));
	assert_false(sigismember(&found.blocked, SIGSEGV));
	pthread_sigmask(SIG_BLOCK, NULL, &found.blocked);
	assert_false(sigismember(&found.blocked, SIGINT));
	stop();
}

/* Twenty deadlines pass: the next cycle is the next that is due, and the others are counted. */
static void deadlines_that_have_passed_are_skipped(void **state)
{
	(void)state;
	late.wanted = true;
	start(&(struct ecr_realtime){ 0 });
	while (!atomic_load(&late.next))
		nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
	assert_int_equal(ecr_thread_info(master, &info), 0);
	assert_true(atomic_load(&late.next) - late.held_at >= HELD_UP - ECR_MS(1));
	assert_true(info.overruns >= HELD_UP / ECR_MS(1) - 1);
	stop();
}

/* Whoever asks the kernel gets the shortest of all requests. */
static void processors_stay_awake_as_long_as_the_session_lasts(void **state)
{
	int32_t longest = -1;
	int fd = open("/dev/cpu_dma_latency", O_RDONLY | O_CLOEXEC);

	(void)state;
	start(&(struct ecr_realtime){ .no_sleep_states = true });
	assert_int_equal(info.no_sleep_states, !lacks("CPUs may sleep deeply"));
	if (info.no_sleep_states) {
		assert_int_equal(read(fd, &longest, sizeof(longest)), sizeof(longest));
		assert_int_equal(longest, 0);
	}
	stop();
	if (fd >= 0)
		close(fd);
}

/* No capability, no limit that allows it: the rest of this process is without. */
static void give_all_up(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { 0 };
	struct rlimit nothing = { 0 };

	setrlimit(RLIMIT_RTPRIO, &nothing);
	setrlimit(RLIMIT_MEMLOCK, &nothing);
	assert_int_equal(syscall(SYS_capset, &header, none), 0);
}

static void check_once(const char *what)
{
	const char *at = strstr(info.lacking, what);

	assert_non_null(at);
	assert_null(strstr(at + 1, what));
}

static void what_cannot_be_had_is_said_once(void **state)
{
	(void)state;
	give_all_up();
	start(&(struct ecr_realtime){ .priority = 50, .cpu = NO_SUCH_CPU });
	assert_int_equal(found.policy, SCHED_OTHER);
	assert_int_equal(info.scheduling, ECR_SCHEDULING_OTHER);
	assert_int_equal(info.priority, 0);
	assert_false(info.pinned);
	assert_false(info.locked);
	check_once("no real-time scheduling");
	check_once("not on the CPU asked for");
	check_once("memory is not locked");
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_in_first_out_at_80_unless_said_otherwise),
		cmocka_unit_test(what_is_asked_for_is_what_the_system_says),
		cmocka_unit_test(nothing_is_taken_that_is_not_wanted),
		cmocka_unit_test(signals_are_for_the_threads_of_the_application),
		cmocka_unit_test(deadlines_that_have_passed_are_skipped),
		cmocka_unit_test(processors_stay_awake_as_long_as_the_session_lasts),
		cmocka_unit_test(what_cannot_be_had_is_said_once), /* last */
	};

	return RUN(tests);
}
