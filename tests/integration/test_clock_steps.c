/* SPDX-License-Identifier: Apache-2.0 */
/* The host's clock is set while a ring operates over a network interface: the program sees it jump, the kernel notes arrivals
 * by the one that has not. */
#define _GNU_SOURCE 1
#include "support/check.h"

#include <ecring/ecring.h>
#include <ecring/endpoint.h>

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SLAVES 3
#define CYCLE ECR_MS(2)
#define HOUR ECR_S(3600)

static _Atomic(ecr_time) step; /* of the host's clock */
static atomic_bool over;
static struct ecr_sim *sim;
static struct ecr_endpoint *endpoint;
static struct ecr_master *master;
static pthread_t server;

/* Instead of the C library's, for everything in this program. */
int host_clock(clockid_t clock, struct timespec *time) __asm__("clock_gettime");

int host_clock(clockid_t clock, struct timespec *time)
{
	long result = syscall(SYS_clock_gettime, clock, time);

	if (result == 0 && clock == CLOCK_REALTIME) {
		ecr_time set = ECR_S(time->tv_sec) + time->tv_nsec + atomic_load(&step);

		*time = (struct timespec){ .tv_sec = set / ECR_S(1), .tv_nsec = set % ECR_S(1) };
	}
	return (int)result;
}

static bool make_pair(void)
{
	return (unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0) &&
	       system("ip link add m0 type veth peer name s0 && ip link set m0 up && "
		      "ip link set s0 up") == 0;
}

static void *serve(void *argument)
{
	(void)argument;
	while (!atomic_load(&over))
		ecr_endpoint_serve(endpoint, ecr_now() + ECR_MS(20));
	return NULL;
}

static void lay_ring(void)
{
	static uint8_t images[SLAVES][1024];
	struct ecr_sim_device devices[SLAVES] = { 0 };
	char text[160];
	size_t size;
	int error = 0;

	for (int i = 0; i < SLAVES; i++) {
		devices[i] = (struct ecr_sim_device){ .emulation = true,
						      .features = 0x000C, /* a clock of 64 bits */
						      .sii = images[i],
						      .clock.drift_ppb = 20000 * i };
		devices[i].sii_size =
			ecr_sim_digital_sii(images[i], sizeof(images[i]), "clock", 8, 8);
	}
	size = ecr_sim_size(devices, SLAVES);
	sim = ecr_sim_init(calloc(1, size), size, devices, SLAVES);
	assert_non_null(sim);
	endpoint = ecr_endpoint_open(sim, "s0", &error, text, sizeof(text));
	assert_non_null(endpoint);
	assert_int_equal(pthread_create(&server, NULL, serve, NULL), 0);
}

static void start(bool no_ring)
{
	const struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = CYCLE }, { 0 } };
	const struct ecr_slave_config everything = { .process_data = ECR_ALL_TO("io") };
	const struct ecr_config config = { .interface = "m0",
					   .domains = domains,
					   .each = &everything,
					   .scan_poll_ms = 10,
					   .scan_stable_ms = 50,
					   .raw = { .no_ring = no_ring } };

	master = ecr_open();
	assert_int_equal(ecr_start(master, &config), 0);
	assert_int_equal(ecr_await_operational(master, ECR_S(20)), 0);
	assert_int_equal(ecr_await_dc_locked(master, ECR_S(20)), 0);
}

static void pause_for(ecr_time time)
{
	struct timespec pause = { .tv_sec = time / ECR_S(1), .tv_nsec = time % ECR_S(1) };

	nanosleep(&pause, NULL);
}

static uint64_t ring_time(void)
{
	struct ecr_dc_status status;

	assert_int_equal(ecr_dc_status(master, &status), 0);
	return status.reference_ns;
}

/* Everybody sees the time go on, and inputs come: whatever the host's clock says. */
static void set_by(ecr_time by)
{
	struct ecr_domain_info info;
	ecr_time before = ecr_now();
	uint64_t at = ring_time();
	int64_t apart;

	atomic_fetch_add(&step, by);
	pause_for(ECR_MS(300));
	apart = (int64_t)(ring_time() - at) - (ecr_now() - before);
	assert_in_range(llabs(apart), 0, ECR_MS(60));
	assert_int_equal(ecr_state(master), ECR_STATE_OPERATIONAL);
	do { /* other programs may hold it up for a moment */
		pause_for(CYCLE);
		assert_int_equal(ecr_domain_info(master, "io", &info), 0);
	} while (info.freshness.state != ECR_FRESH && ecr_now() - before < ECR_S(1));
	assert_int_equal(info.freshness.state, ECR_FRESH);
}

static void set_again_and_again(void)
{
	static const ecr_time by[] = { HOUR,	    -HOUR,	  -HOUR,       HOUR,
				       ECR_MS(333), -ECR_MS(666), ECR_S(86400) };
	struct ecr_domain_info before;
	struct ecr_domain_info after;
	uint64_t cycles;

	assert_int_equal(ecr_domain_info(master, "io", &before), 0);
	for (size_t i = 0; i < sizeof(by) / sizeof(by[0]); i++)
		set_by(by[i]);
	assert_int_equal(ecr_domain_info(master, "io", &after), 0);
	/* Other programs may take some. A step that cycles wait for takes whole seconds. */
	cycles = after.cycle_count - before.cycle_count;
	assert_true(cycles > 0);
	assert_in_range(after.total_miss_count - before.total_miss_count, 0, cycles / 4);
}

static void nothing_happens(void **state)
{
	(void)state;
	if (!make_pair())
		skip();
	lay_ring();
	for (int no_ring = 0; no_ring < 2; no_ring++) {
		atomic_store(&step, 0);
		start(no_ring);
		set_again_and_again();
		assert_int_equal(ecr_close(master), 0);
	}
	atomic_store(&over, true);
	pthread_join(server, NULL);
	ecr_endpoint_close(endpoint);
	free(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(nothing_happens) };

	return RUN(tests);
}
