/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/vring.h"

static void loopback_works(void **state)
{
	static struct vring ring;
	struct ecr_config config = vring_default_config();
	struct ecr_slave_summary slaves[3];
	struct ecr_request list = { .kind = ECR_REQUEST_SLAVES, .out = slaves, .room = 3 };
	uint64_t raw;

	(void)state;
	vring_open(&ring, vring_default_names);
	assert_true(ecr_sim_wire(ring.sim, 2, 0, 1, 0, 16));
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	assert_int_equal(vring_request(&ring, &list), 3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(slaves[i].station, 0x1000 + i);
		assert_int_equal(slaves[i].al_state, ECR_AL_OP);
		assert_int_equal(slaves[i].fault.kind, ECR_FAULT_NONE);
	}
	vring_output(&ring, "outputs", "ch1", 1);
	vring_output(&ring, "outputs", "ch16", 1);
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_int_equal(vring_input(&ring, "inputs", "ch1"), 1);
	assert_int_equal(vring_input(&ring, "inputs", "ch2"), 0);
	assert_int_equal(vring_input(&ring, "inputs", "ch16"), 1);
	assert_true(ecr_sim_get_output(ring.sim, 2, 15, 1, &raw));
	assert_int_equal(raw, 1);
	assert_int_equal(vring_domain(&ring, "main").cycle_health.error, 0);
	assert_int_equal(vring_domain(&ring, "main").freshness.state, ECR_FRESH);
	vring_close(&ring);
}

static void stopping_leaves_every_slave_in_init(void **state)
{
	static struct vring ring;
	struct ecr_config config = vring_default_config();
	struct ecr_sim_state truth;

	(void)state;
	vring_open(&ring, vring_default_names);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	assert_int_equal(vring_stop(&ring), 0);
	for (int i = 0; i < 3; i++) {
		ecr_sim_look(ring.sim, i, &truth);
		assert_int_equal(truth.al_status, ECR_AL_INIT);
	}
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loopback_works),
		cmocka_unit_test(stopping_leaves_every_slave_in_init),
	};

	return RUN(tests);
}
