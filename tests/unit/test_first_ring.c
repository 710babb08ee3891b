/* SPDX-License-Identifier: Apache-2.0 */
/* The thin thread: three slaves come up, exchange process data, go down again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/vring.h"

#include <stdlib.h>

static struct vring ring;

static void assert_works(void)
{
	struct ecr_config config = vring_default_config();
	struct ecr_domain_info info;

	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	info = vring_domain(&ring, "main");
	assert_int_equal(info.expected_wkc, 3);
	assert_int_equal(info.actual_wkc, 3);
	assert_true(ecr_sim_wire(ring.sim, 2, 0, 1, 0, 1));
	vring_output(&ring, "outputs", "ch1", 1);
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_int_equal(vring_input(&ring, "inputs", "ch1"), 1);
	assert_int_equal(vring_stop(&ring), 0);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_IDLE);
}

static void ring_reaches_operational(void **state)
{
	(void)state;
	vring_open(&ring, vring_default_names);
	assert_works();
	vring_close(&ring);
}

/* Each waits for the one before: the place of that is the only one. */
static void with_a_single_frame_under_way(void **state)
{
	const struct ecr_limits limits = { .frames_in_flight = 1 };

	(void)state;
	vring_open(&ring, vring_default_names);
	free(ring.core_memory);
	ring.core_memory = calloc(1, ecr_core_size(&limits));
	ring.core = ecr_core_init(ring.core_memory, &limits);
	assert_works();
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ring_reaches_operational),
		cmocka_unit_test(with_a_single_frame_under_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
