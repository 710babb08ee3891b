/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/heal.h"

static struct vring ring;

static bool outputs_left_op(struct vring *unused)
{
	return vring_slave(unused, "outputs").al_state != ECR_AL_OP ||
	       vring_slave(unused, "outputs").down;
}

static void assert_heals(void)
{
	struct ecr_sim_state truth;

	heal_ends_clean(&ring, ECR_S(8));
	ecr_sim_look(ring.sim, 2, &truth);
	assert_int_equal(truth.station, 0x1002);
	assert_int_equal(truth.al_status, ECR_AL_OP);
	vring_close(&ring);
}

static void counters_wrong_while_polls_are_good(void **state)
{
	(void)state;
	heal_open(&ring);
	heal_say(&ring, "wkc -1 of outputs for 60 frames");
	assert_true(heal_until(&ring, heal_recovering, ECR_MS(1600)));
	assert_heals();
}

static void unplugged_for_sixty_frames(void **state)
{
	(void)state;
	heal_open(&ring);
	heal_say(&ring, "disconnect outputs for 60 frames");
	assert_true(heal_until(&ring, outputs_left_op, ECR_MS(800)));
	assert_true(heal_until(&ring, heal_recovering, ECR_MS(1600)));
	assert_heals();
}

static void unplugged_and_power_cycled(void **state)
{
	(void)state;
	heal_open(&ring);
	heal_say(&ring, "disconnect outputs for 120 frames");
	assert_true(heal_until(&ring, heal_recovering, ECR_MS(1600)));
	heal_say(&ring, "power-cycle outputs");
	assert_heals();
}

static void power_cycled(void **state)
{
	(void)state;
	heal_open(&ring);
	heal_say(&ring, "power-cycle outputs");
	assert_true(heal_until(&ring, heal_recovering, ECR_MS(1600)));
	assert_heals();
}

static bool nothing_pending(struct vring *unused)
{
	return !heal_pending(unused);
}

static void counters_wrong_behind_a_cut(void **state)
{
	(void)state;
	heal_open(&ring);
	heal_say(&ring, "disconnect outputs for 60 frames");
	assert_true(heal_until(&ring, heal_recovering, ECR_MS(1600)));
	assert_true(heal_until(&ring, nothing_pending, ECR_S(4)));
	heal_say(&ring, "wkc -1 of outputs for 5 frames");
	assert_heals();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_wrong_while_polls_are_good),
		cmocka_unit_test(unplugged_for_sixty_frames),
		cmocka_unit_test(unplugged_and_power_cycled),
		cmocka_unit_test(power_cycled),
		cmocka_unit_test(counters_wrong_behind_a_cut),
	};

	return RUN(tests);
}
