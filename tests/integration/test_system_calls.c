/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cyclic thread's system calls while it cycles: send, receive, wait, and a write when a
 * subscriber is to be woken. The thread takes a filter upon itself that traps every call; the trap
 * counts it and makes it anew with a mark that the filter lets pass.
 */
#define _GNU_SOURCE 1
#include "support/check.h"

#include <ecring/ecring.h>
#include <ecring/endpoint.h>

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define TRAPPING 1
#else
#define TRAPPING 0
#endif
#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#undef TRAPPING
#define TRAPPING 0
#endif
#endif

#define CALLS 512
#define MARK 0x6d61726bu
#define FROM 100 /* cycles in which the session comes to rest */
#define CYCLES 500

struct rig {
	struct ecr_sim *sim;
	struct ecr_endpoint *endpoint;
	struct ecr_master *master;
	pthread_t server;
	atomic_bool end;
	bool filtered;
	bool move; /* an output that is wired back, in each cycle */
};

static atomic_uint counts[CALLS];
static atomic_bool counting;
static atomic_uint cycles; /* counted ones */
static struct rig rig;

#if TRAPPING
static void on_trap(int number, siginfo_t *info, void *context)
{
	greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
	int call = info->si_syscall;
	int kept = errno;
	long result;

	(void)number;
	if (atomic_load(&counting) && call >= 0 && call < CALLS)
		atomic_fetch_add(&counts[call], 1);
	result = syscall(call, regs[REG_RDI], regs[REG_RSI], regs[REG_RDX], regs[REG_R10],
			 regs[REG_R8], (long)MARK);
	regs[REG_RAX] = result < 0 ? -errno : result;
	errno = kept;
}

/* What has six arguments or ends the trap itself passes uncounted: none belongs to a cycle. */
static void trap_all(void)
{
	static struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[5])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MARK, 5, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigreturn, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { sizeof(code) / sizeof(code[0]), code };
	struct sigaction action = { .sa_sigaction = on_trap, .sa_flags = SA_SIGINFO | SA_NODEFER };

	sigaction(SIGSYS, &action, NULL);
	rig.filtered = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
		       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}
#else
static void trap_all(void)
{
}
#endif

static void on_cycle(void *context, struct ecr_cycle *cycle)
{
	static struct ecr_signal handle;
	struct ecr_value value;

	(void)context;
	if (ecr_state(cycle->master) != ECR_STATE_OPERATIONAL)
		return;
	if (!rig.filtered)
		trap_all();
	if (rig.move && ecr_signal_find(cycle->master, "outputs", "ch1", &handle) == 0) {
		value = ecr_bool(cycle->number & 1);
		ecr_signal_write(cycle->master, handle, &value);
	}
	if (atomic_load(&counting))
		atomic_fetch_add(&cycles, 1);
}

static void *serve(void *argument)
{
	(void)argument;
	while (!atomic_load(&rig.end))
		ecr_endpoint_serve(rig.endpoint, ecr_now() + ECR_MS(20));
	return NULL;
}

static void start(const char *served, const char *interface, bool no_ring)
{
	static uint8_t images[3][1024];
	static const char *const devices[] = { "EK1100", "EL1809", "EL2809" };
	static const char *const names[] = { "coupler", "inputs", "outputs" };
	const struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = ECR_MS(1) }, { 0 } };
	const struct ecr_slave_config slaves[] = {
		{ .name = "coupler", .health_poll_ms = -1 },
		{ .name = "inputs", .process_data = ECR_ALL_TO("io"), .health_poll_ms = -1 },
		{ .name = "outputs", .process_data = ECR_ALL_TO("io"), .health_poll_ms = -1 },
		{ 0 }
	};
	struct ecr_config config = { .interface = interface,
				     .domains = domains,
				     .slaves = slaves,
				     .scan_poll_ms = 10,
				     .scan_stable_ms = 20,
				     .realtime = { .priority = -1 },
				     .raw = { .no_ring = no_ring },
				     .cyclic = on_cycle };
	struct ecr_sim_device ring[3] = { 0 };
	char where[40];
	char text[160];
	size_t size;
	int error = 0;

	for (int i = 0; i < 3; i++) {
		ring[i] = (struct ecr_sim_device){ .name = names[i], .emulation = true };
		ring[i].sii = images[i];
		ring[i].sii_size = ecr_sim_shipped_sii(devices[i], images[i], sizeof(images[i]));
	}
	memset(&rig, 0, sizeof(rig));
	size = ecr_sim_size(ring, 3);
	rig.sim = ecr_sim_init(calloc(1, size), size, ring, 3);
	assert_non_null(rig.sim);
	ecr_sim_wire(rig.sim, 2, 0, 1, 0, 1);
	rig.endpoint = ecr_endpoint_open(rig.sim, served, &error, text, sizeof(text));
	assert_non_null(rig.endpoint);
	pthread_create(&rig.server, NULL, serve, NULL);
	snprintf(where, sizeof(where), "udp:127.0.0.1:%u", ecr_endpoint_port(rig.endpoint));
	if (!interface)
		config.interface = where;
	rig.master = ecr_open();
	assert_int_equal(ecr_start(rig.master, &config), 0);
	assert_int_equal(ecr_await_operational(rig.master, ECR_S(20)), 0);
}

static void stop(void)
{
	atomic_store(&counting, false);
	assert_int_equal(ecr_close(rig.master), 0);
	atomic_store(&rig.end, true);
	pthread_join(rig.server, NULL);
	ecr_endpoint_close(rig.endpoint);
	free(rig.sim);
}

static void let_cycle(struct ecr_subscription *subscription)
{
	ecr_time until = ecr_now() + ECR_MS(FROM);
	struct ecr_event event;

	for (int i = 0; i < CALLS; i++)
		atomic_store(&counts[i], 0);
	atomic_store(&cycles, 0);
	for (int phase = 0; phase < 2; phase++, until = ecr_now() + ECR_MS(CYCLES)) {
		atomic_store(&counting, phase == 1);
		while (ecr_now() < until) {
			struct pollfd fd = { subscription ? ecr_subscription_fd(subscription) : -1,
					     POLLIN, 0 };

			poll(&fd, 1, 5);
			while (subscription && ecr_subscription_next(subscription, &event, NULL))
				;
		}
	}
	atomic_store(&counting, false);
	if (!rig.filtered)
		skip();
	assert_true(atomic_load(&cycles) > 10);
}

/* Nothing but these; the wait before the deadline, for the reply, and once more when the reply came
 * within a wait. Before a deadline it looks for frames again and again instead of sleeping, longer on a machine that wakes it
 * late. */
static void check_counts(bool receives, bool writes)
{
	unsigned int done = atomic_load(&cycles);

	for (int i = 0; i < CALLS; i++) {
		unsigned int count = atomic_load(&counts[i]);
		bool wanted = i == SYS_sendto || i == SYS_ppoll || (receives && i == SYS_recvmsg) ||
			      (writes && i == SYS_write);

		if (count && !wanted)
			fail_msg("system call %d made %u times in %u cycles", i, count, done);
	}
	assert_in_range(atomic_load(&counts[SYS_sendto]), done - 2, done + 2);
	assert_true(atomic_load(&counts[SYS_ppoll]) <= 4 * done + 8);
	if (receives)
		assert_true(atomic_load(&counts[SYS_recvmsg]) >= done / 2);
	if (writes)
		assert_in_range(atomic_load(&counts[SYS_write]), 1, done + 2);
}

static void over_udp(void **state)
{
	(void)state;
	if (!TRAPPING)
		skip();
	start("udp:127.0.0.1:0", NULL, false);
	let_cycle(NULL);
	check_counts(true, false);
	stop();
}

static void with_a_sleeping_subscriber(void **state)
{
	struct ecr_subscription *subscription = NULL;

	(void)state;
	if (!TRAPPING)
		skip();
	start("udp:127.0.0.1:0", NULL, false);
	assert_int_equal(ecr_subscribe(rig.master, "inputs", "ch1", &subscription), 0);
	rig.move = true;
	let_cycle(subscription);
	check_counts(true, true);
	ecr_unsubscribe(subscription);
	stop();
}

static bool make_pair(void)
{
	return (unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0) &&
	       system("ip link add m0 type veth peer name s0 && ip link set m0 up && "
		      "ip link set s0 up") == 0;
}

/* The ring costs no call to receive. */
static void over_an_interface(void **state)
{
	(void)state;
	if (!TRAPPING || !make_pair())
		skip();
	start("s0", "m0", false);
	let_cycle(NULL);
	check_counts(false, false);
	stop();
	start("s0", "m0", true);
	let_cycle(NULL);
	check_counts(true, false);
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(over_udp),
		cmocka_unit_test(with_a_sleeping_subscriber),
		cmocka_unit_test(over_an_interface),
	};

	return RUN(tests);
}
