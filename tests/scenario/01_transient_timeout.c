/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/vring.h"

static void thirty_lost_frames_heal(void **state)
{
	static struct vring ring;
	struct ecr_config config = vring_default_config();
	struct ecr_sim_fault drop = { .kind = ECR_SIM_DROP, .frames = 30 };
	struct ecr_domain_info info;
	char text[256];

	(void)state;
	vring_open(&ring, vring_default_names);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &drop));
	vring_run_until(&ring, ring.now + ECR_MS(400));
	info = vring_domain(&ring, "main");
	assert_int_equal(info.last_invalid_reason.error, ECR_ERR_TIMEOUT);
	assert_true(info.total_miss_count > 0);
	assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(2)));
	vring_run_until(&ring, ring.now + ECR_S(2));
	info = vring_domain(&ring, "main");
	assert_int_equal(info.cycle_health.error, 0);
	assert_true(info.total_miss_count > 0);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
	assert_int_equal(vring_slave(&ring, "outputs").fault.kind, ECR_FAULT_NONE);
	assert_int_equal(vring_slave(&ring, "inputs").al_state, ECR_AL_OP);
	assert_int_equal(ecr_sim_faults(ring.sim, text, sizeof(text)), 0);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(thirty_lost_frames_heal) };

	return RUN(tests);
}
