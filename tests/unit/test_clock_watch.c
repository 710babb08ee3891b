/* SPDX-License-Identifier: Apache-2.0 */
/* When clocks are looked at, and when they are left alone. */
#include "support/check.h"
#include "support/clocksession.h"

#include "wire/frame.h"

/* Longer than any question is repeated: afterwards the clocks are watched as before. */
static void differences_are_read_after_a_long_silence(void **state)
{
	(void)state;
	cr_prepare(3);
	cr_to_operational(3);
	assert_int_equal(cr_await_locked(ECR_S(5)), 0);
	cr_ring.lost_ppm = 1000000;
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(3));
	cr_ring.lost_ppm = 0;
	assert_true(vring_until_state(&cr_ring, ECR_STATE_OPERATIONAL, ECR_S(10)));
	assert_int_equal(cr_await_locked(ECR_S(10)), 0);
	assert_true(ecr_sim_set_drift(cr_ring.sim, cr_ring.now, 1, 250000));
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(100));
	assert_true(cr_clock_of(1).difference_known);
	assert_true(cr_clock_of(1).difference_max_ns > cr_clock_of(1).difference_min_ns);
	vring_close(&cr_ring);
}

static int latches;

static void see_latches(struct vring *from, const struct ecr_datagram *datagram)
{
	(void)from;
	latches += datagram->command == ECR_CMD_BWR &&
		   datagram->address >> 16 == ECR_REG_DC_RECEIVE_TIMES;
}

/* One that comes back in PREOP is not measured, since nobody holds the clocks; the next activation does it for all. */
static void clocks_at_rest_are_left_alone(void **state)
{
	struct ecr_request lower = { .kind = ECR_REQUEST_DEACTIVATE, .target = ECR_TARGET_PREOP };
	struct ecr_request activate = { .kind = ECR_REQUEST_ACTIVATE };
	struct ecr_sim_fault off = { .kind = ECR_SIM_POWER_OFF, .slave = 1, .lasts = ECR_MS(300) };

	(void)state;
	cr_prepare(3);
	cr_to_operational(3);
	assert_true(ecr_sim_inject(cr_ring.sim, cr_ring.now, &off));
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(200));
	assert_true(vring_slave(&cr_ring, "s1").down);
	vring_request(&cr_ring, &lower);
	latches = 0;
	cr_ring.each_datagram = see_latches;
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(5));
	assert_int_equal(vring_slave(&cr_ring, "s1").al_state, ECR_AL_PREOP);
	assert_int_equal(latches, 0);
	assert_int_equal(vring_request(&cr_ring, &activate), 0);
	assert_int_equal(vring_await_operational(&cr_ring, ECR_S(5)), 0);
	assert_true(latches > 0);
	cr_ring.each_datagram = NULL;
	assert_int_equal(cr_await_locked(ECR_S(5)), 0);
	vring_close(&cr_ring);
}

/* It has the only clock, and stays in PREOP: after a restart that is set all the same. */
static void clocks_of_slaves_in_preop_are_set_again(void **state)
{
	struct ecr_sim_fault fault = { .kind = ECR_SIM_POWER_OFF,
				       .slave = 1,
				       .lasts = ECR_MS(300) };

	(void)state;
	for (int alone = 0; alone < 2; alone++) {
		cr_prepare(3);
		cr_slaves[1].target_state = ECR_TARGET_PREOP;
		cr_slaves[1].process_data = (struct ecr_process_data){ 0 };
		if (alone)
			cr_devices[0].features = cr_devices[2].features = 0;
		cr_to_operational(3);
		assert_int_equal(cr_await_locked(ECR_S(5)), 0);
		vring_run_until(&cr_ring, cr_ring.now + ECR_S(1));
		assert_true(ecr_sim_inject(cr_ring.sim, cr_ring.now, &fault));
		vring_run_until(&cr_ring, cr_ring.now + ECR_S(4));
		assert_int_equal(vring_slave(&cr_ring, "s1").al_state, ECR_AL_PREOP);
		assert_int_equal(vring_slave(&cr_ring, "s1").fault.kind, ECR_FAULT_NONE);
		assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_OPERATIONAL);
		assert_int_equal(cr_await_locked(ECR_S(2)), 0);
		if (!alone)
			cr_assert_together(3, 200);
		vring_close(&cr_ring);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(differences_are_read_after_a_long_silence),
		cmocka_unit_test(clocks_at_rest_are_left_alone),
		cmocka_unit_test(clocks_of_slaves_in_preop_are_set_again),
	};

	return RUN(tests);
}
