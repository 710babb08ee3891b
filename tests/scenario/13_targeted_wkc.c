/* SPDX-License-Identifier: Apache-2.0 */
/* Scenarios 13 and 14: counters that are wrong in one place only. */
#include "support/check.h"
#include "support/heal.h"

static struct vring ring;

static bool blames_nobody(struct vring *unused)
{
	return vring_slave(unused, "outputs").fault.kind == ECR_FAULT_NONE &&
	       vring_slave(unused, "inputs").fault.kind == ECR_FAULT_NONE &&
	       vring_slave(unused, "outputs").al_state == ECR_AL_OP;
}

static void a_counter_that_lacks_one_blames_nobody_who_answers(void **state)
{
	struct ecr_cycle_health health;

	(void)state;
	heal_open(&ring);
	heal_say(&ring, "wkc -1 of outputs for 12 frames");
	assert_true(heal_until(&ring, heal_recovering, ECR_MS(200)));
	health = vring_domain(&ring, "main").last_invalid_reason;
	assert_int_equal(health.error, ECR_ERR_WKC_MISMATCH);
	assert_int_equal(health.expected, 3);
	assert_int_equal(health.actual, 2);
	assert_true(heal_stays(&ring, blames_nobody, ECR_MS(100)));
	heal_ends_clean(&ring, ECR_S(2));
	vring_close(&ring);
}

static bool outputs_down(struct vring *unused)
{
	return heal_saw(unused, ECR_EVENT_SLAVE_DOWN, 2, -1);
}

static void registers_that_look_dead_are_a_lost_slave(void **state)
{
	(void)state;
	heal_open(&ring);
	heal_say(&ring, "wkc -1 of BRD for 100 frames");
	heal_say(&ring, "wkc -1 of FPRD for 100 frames");
	assert_true(heal_until(&ring, outputs_down, ECR_MS(1600)));
	heal_ends_clean(&ring, ECR_S(8));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_counter_that_lacks_one_blames_nobody_who_answers),
		cmocka_unit_test(registers_that_look_dead_are_a_lost_slave),
	};

	return RUN(tests);
}
