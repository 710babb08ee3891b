/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/heal.h"

#include "wire/registers.h"

#define OUTPUTS 2
#define AWAY ECR_S(4) /* the next attempt is due in more than two seconds */

static struct vring ring;

/* Its watchdog would take it out of OP only later. */
static const struct ecr_slave_config patient[] = {
	{ .name = "coupler" },
	{ .name = "inputs", .process_data = ECR_ALL_TO("main") },
	{ .name = "outputs",
	  .process_data = ECR_ALL_TO("main"),
	  .health_poll_ms = 20,
	  .watchdog_ms = 6500 },
	{ 0 },
};

static void lose_outputs(void)
{
	heal_open_with(&ring, patient);
	vring_output(&ring, "outputs", "ch1", 1);
	vring_run_until(&ring, ring.now + ECR_MS(50));
	ecr_sim_unplug(ring.sim, ring.now, OUTPUTS);
	vring_run_until(&ring, ring.now + AWAY);
	assert_true(vring_slave(&ring, "outputs").down);
}

static enum ecr_al_state state_of_outputs(void)
{
	return (enum ecr_al_state)(ecr_sim_registers(ring.sim, OUTPUTS)[ECR_REG_AL_STATUS] &
				   ECR_AL_STATE_MASK);
}

/* Nobody has seen it when the polls end for the deactivation. */
static void who_is_back_just_then_is_lowered_too(void **state)
{
	static const enum ecr_target targets[] = { ECR_TARGET_PREOP, ECR_TARGET_SAFEOP };
	static const enum ecr_al_state states[] = { ECR_AL_PREOP, ECR_AL_SAFEOP };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct ecr_request lower = { .kind = ECR_REQUEST_DEACTIVATE, .target = targets[i] };

		lose_outputs();
		assert_true(ecr_sim_plug_in(ring.sim, ring.now, OUTPUTS, SIM_NOBODY, SIM_NOBODY));
		vring_request(&ring, &lower);
		vring_run_until(&ring, ring.now + ECR_MS(200));
		assert_int_equal(state_of_outputs(), states[i]);
		assert_int_equal(vring_slave(&ring, "outputs").fault.kind, ECR_FAULT_NONE);
		vring_close(&ring);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_back_just_then_is_lowered_too),
	};

	return RUN(tests);
}
