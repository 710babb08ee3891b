/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/heal.h"

static struct vring ring;

static void a_slave_that_falls_back_is_raised_again(void **state)
{
	struct ecr_fault fault;

	(void)state;
	heal_open(&ring);
	heal_say(&ring, "retreat outputs");
	assert_true(heal_until(&ring, heal_outputs_retreated, ECR_MS(50)));
	fault = vring_slave(&ring, "outputs").fault;
	assert_int_equal(fault.al_state, ECR_AL_SAFEOP);
	assert_true(heal_saw(&ring, ECR_EVENT_SLAVE_HEALTH_FAULT, 2, ECR_AL_SAFEOP));
	assert_true(heal_stays(&ring, heal_healthy, ECR_MS(200)));
	heal_ends_clean(&ring, ECR_S(3));
	assert_int_equal(ring.counts[ECR_EVENT_DOMAIN_DEGRADED], 0);
	vring_close(&ring);
}

static void a_slave_that_falls_back_and_is_then_lost_heals(void **state)
{
	(void)state;
	heal_open(&ring);
	heal_say(&ring, "stick outputs");
	heal_say(&ring, "retreat outputs");
	assert_true(heal_until(&ring, heal_outputs_retreated, ECR_MS(50)));
	heal_say(&ring, "disconnect outputs for 60 frames");
	assert_true(heal_until(&ring, heal_outputs_down, ECR_MS(500)));
	ecr_sim_clear_faults(ring.sim);
	heal_ends_clean(&ring, ECR_S(6));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slave_that_falls_back_is_raised_again),
		cmocka_unit_test(a_slave_that_falls_back_and_is_then_lost_heals),
	};

	return RUN(tests);
}
