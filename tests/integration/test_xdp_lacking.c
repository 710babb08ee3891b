/* SPDX-License-Identifier: Apache-2.0 */
/* "xdp:" where AF_XDP cannot be had: the session goes on with a packet socket, and says so. */
#define _GNU_SOURCE 1
#include "support/check.h"

#include <ecring/ecring.h>

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SKIPPED 77

static struct ecr_fast_path *refuse(const char *interface, char *text, size_t size)
{
	snprintf(text, size, "AF_XDP on %s: not today", interface);
	return NULL;
}

/* What lacks, once a session on "xdp:m0" runs with this. */
static void run(struct ecr_fast_path *(*open)(const char *, char *, size_t),
		struct ecr_thread_info *info, struct ecr_bus_info *bus)
{
	const struct ecr_config config = { .interface = "xdp:m0", .raw.xdp = open };
	struct ecr_master *master = ecr_open();

	assert_int_equal(ecr_start(master, &config), 0);
	assert_int_equal(ecr_bus_info(master, bus), 0); /* asked of its thread, which has begun */
	assert_int_equal(ecr_thread_info(master, info), 0);
	assert_int_equal(ecr_close(master), 0);
}

static void a_refusal_is_told_and_the_session_goes_on(void **state)
{
	struct ecr_thread_info info;
	struct ecr_bus_info bus;

	(void)state;
	run(refuse, &info, &bus);
	assert_non_null(strstr(info.lacking, "a packet socket instead of XDP: "
					     "AF_XDP on m0: not today"));
	assert_false(bus.link.xdp);
	assert_int_equal(bus.link.status, ECR_LINK_STATUS_UP);
}

static void so_is_a_missing_library(void **state)
{
	struct ecr_thread_info info;
	struct ecr_bus_info bus;

	(void)state;
	run(NULL, &info, &bus);
	assert_non_null(strstr(info.lacking, "ecring_xdp is not there"));
	assert_false(bus.link.xdp);
}

/* A pair of virtual interfaces has no clock. */
static void so_is_a_network_card_without_a_clock(void **state)
{
	for (int no_ring = 0; no_ring < 2; no_ring++) {
		const struct ecr_config config = {
			.interface = "m0", .raw = { .hardware_stamps = true, .no_ring = no_ring }
		};
		struct ecr_master *master = ecr_open();
		struct ecr_thread_info info;
		struct ecr_bus_info bus;

		assert_int_equal(ecr_start(master, &config), 0);
		assert_int_equal(ecr_bus_info(master, &bus), 0);
		assert_int_equal(ecr_thread_info(master, &info), 0);
		assert_non_null(strstr(info.lacking, "m0 has no clock of its own"));
		assert_false(bus.link.hardware_stamps);
		assert_int_equal(bus.link.ring, !no_ring);
		assert_int_equal(ecr_close(master), 0);
	}
	(void)state;
}

static bool own_network(void)
{
	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return false;
	return system("ip link add m0 type veth peer name s0 && ip link set m0 up && "
		      "ip link set s0 up") == 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refusal_is_told_and_the_session_goes_on),
		cmocka_unit_test(so_is_a_missing_library),
		cmocka_unit_test(so_is_a_network_card_without_a_clock),
	};

	if (!own_network()) {
		printf("skipped: this system allows no network namespace\n");
		return SKIPPED;
	}
	return RUN(tests);
}
