/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/vring.h"

static void nobody_is_blamed(void **state)
{
	static struct vring ring;
	struct ecr_config config = vring_default_config();
	struct ecr_sim_fault offset = {
		.kind = ECR_SIM_COMMAND_WKC_OFFSET, .command = 12, .value = -1, .frames = 6
	};
	struct ecr_domain_info info;

	(void)state;
	vring_open(&ring, vring_default_names);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &offset));
	assert_true(vring_until_state(&ring, ECR_STATE_RECOVERING, ECR_MS(200)));
	info = vring_domain(&ring, "main");
	assert_int_equal(info.cycle_health.error, ECR_ERR_WKC_MISMATCH);
	assert_int_equal(info.cycle_health.expected, 3);
	assert_int_equal(info.cycle_health.actual, 2);
	assert_int_equal(vring_slave(&ring, "inputs").fault.kind, ECR_FAULT_NONE);
	assert_int_equal(vring_slave(&ring, "outputs").fault.kind, ECR_FAULT_NONE);
	assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(2)));
	assert_int_equal(vring_domain(&ring, "main").cycle_health.error, 0);
	vring_close(&ring);
}

/* What did not come back with the right counter is not believed. */
static void inputs_of_a_bad_cycle_are_not_published(void **state)
{
	static struct vring ring;
	struct ecr_config config = vring_default_config();
	struct ecr_sim_fault offset = { .kind = ECR_SIM_COMMAND_WKC_OFFSET,
					.command = 12,
					.value = -1 };

	(void)state;
	vring_open(&ring, vring_default_names);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &offset));
	vring_run_until(&ring, ring.now + ECR_MS(20));
	assert_true(ecr_sim_set_input(ring.sim, 1, 0, 1, 1));
	vring_run_until(&ring, ring.now + ECR_MS(100));
	assert_int_equal(vring_input(&ring, "inputs", "ch1"), 0);
	assert_int_equal(vring_domain(&ring, "main").freshness.state, ECR_STALE);
	ecr_sim_clear_faults(ring.sim);
	vring_run_until(&ring, ring.now + ECR_MS(100));
	assert_int_equal(vring_input(&ring, "inputs", "ch1"), 1);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_is_blamed),
		cmocka_unit_test(inputs_of_a_bad_cycle_are_not_published),
	};

	return RUN(tests);
}
