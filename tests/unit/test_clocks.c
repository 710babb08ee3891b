/* SPDX-License-Identifier: Apache-2.0 */
/* The master's part of distributed clocks, on a virtual clock against simulated ones. */
#include "support/check.h"
#include "support/vring.h"

#include "master/master.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WALL 800000000000000000LL /* the virtual clock's zero, ns since 2000 */
#define SLAVES 8

static struct vring ring;
static uint8_t image[1024];
static struct ecr_sim_device devices[SLAVES];
static struct ecr_slave_config slaves[SLAVES + 1];
static char names[SLAVES][8];
static struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = ECR_MS(1) }, { 0 } };
static struct ecr_config config;

/* A line of slaves with clocks that are off by up to 100 ppm and started whenever. */
static void prepare(int count)
{
	size_t size = ecr_sim_digital_sii(image, sizeof(image), "clock", 8, 8);

	memset(devices, 0, sizeof(devices));
	memset(slaves, 0, sizeof(slaves));
	for (int i = 0; i < count; i++) {
		snprintf(names[i], sizeof(names[i]), "s%d", i);
		devices[i] =
			(struct ecr_sim_device){ .name = names[i],
						 .sii = image,
						 .sii_size = size,
						 .emulation = true,
						 .cable_ns = 100u * (unsigned int)i,
						 .features = ECR_FEATURE_DC | ECR_FEATURE_DC_64 };
		devices[i].clock.drift_ppb = (i % 2 ? 1 : -1) * (100000 - 13000 * i);
		devices[i].clock.start_ns = 1000000007ull * (unsigned int)(i + 1) * 977;
		slaves[i].name = names[i];
		slaves[i].process_data = (struct ecr_process_data)ECR_ALL_TO("io");
	}
	config = (struct ecr_config){
		.domains = domains, .slaves = slaves, .scan_poll_ms = 10, .scan_stable_ms = 20
	};
}

static void start(int count)
{
	struct ecr_request request = { .kind = ECR_REQUEST_START, .config = &config, .wall = WALL };

	vring_open_devices(&ring, devices, count);
	assert_int_equal(vring_request(&ring, &request), 0);
}

static void to_operational(int count)
{
	start(count);
	assert_int_equal(vring_await_operational(&ring, ECR_S(20)), 0);
}

static struct ecr_dc_status status(void)
{
	struct ecr_dc_status now = { 0 };
	struct ecr_request request = { .kind = ECR_REQUEST_DC_STATUS, .out = &now };

	assert_int_equal(vring_request(&ring, &request), 0);
	return now;
}

static int await_locked(ecr_time within)
{
	struct ecr_request request = { .kind = ECR_REQUEST_AWAIT_DC_LOCKED,
				       .deadline = ring.now + within };

	return vring_request(&ring, &request);
}

static struct ecr_sim_time truth(int slave)
{
	struct ecr_sim_time time = { 0 };

	assert_true(ecr_sim_clock(ring.sim, ring.now, slave, &time));
	return time;
}

/* The largest difference between any two clocks as they really are. */
static uint64_t spread(int count)
{
	int64_t low = 0;
	int64_t high = 0;

	for (int i = 1; i < count; i++) {
		int64_t apart = (int64_t)(truth(i).system_ns - truth(0).system_ns);

		low = apart < low ? apart : low;
		high = apart > high ? apart : high;
	}
	return (uint64_t)(high - low);
}

static void clocks_come_together_and_stay(void **state)
{
	(void)state;
	prepare(SLAVES);
	to_operational(SLAVES);
	assert_int_equal(await_locked(ECR_S(2)), 0);
	print_message("spread at lock: %llu ns\n", (unsigned long long)spread(SLAVES));
	vring_run_until(&ring, ring.now + ECR_S(10));
	for (int i = 0; i < 100; i++) {
		vring_run_until(&ring, ring.now + ECR_US(1700));
		assert_true(spread(SLAVES) <= 40);
	}
	print_message("spread: %llu ns, phase %lld ns, rate %lld ppb\n",
		      (unsigned long long)spread(SLAVES), (long long)status().phase_ns,
		      (long long)status().rate_ppb);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clocks_come_together_and_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
