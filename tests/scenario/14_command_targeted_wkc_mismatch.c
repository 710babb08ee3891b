/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/heal.h"

static struct vring ring;

static bool outputs_told_down(struct vring *unused)
{
	return heal_saw(unused, ECR_EVENT_SLAVE_DOWN, 2, -1);
}

static bool outputs_in_op_again(struct vring *unused)
{
	return heal_healthy(unused) && vring_slave(unused, "outputs").al_state == ECR_AL_OP &&
	       !vring_slave(unused, "outputs").down;
}

/* The broadcast as well: while that is whole nobody is asked alone. */
static void registers_that_look_dead_are_a_lost_slave(void **state)
{
	(void)state;
	heal_open(&ring);
	heal_say(&ring, "wkc -1 of BRD for 100 frames");
	heal_say(&ring, "wkc -1 of FPRD for 100 frames");
	assert_true(heal_until(&ring, outputs_told_down, ECR_MS(1600)));
	assert_int_equal(vring_slave(&ring, "outputs").station, 0x1002);
	assert_true(heal_until(&ring, outputs_in_op_again, ECR_S(4)));
	heal_ends_clean(&ring, ECR_S(4));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registers_that_look_dead_are_a_lost_slave),
	};

	return RUN(tests);
}
