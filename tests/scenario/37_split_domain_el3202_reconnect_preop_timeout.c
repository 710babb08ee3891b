/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/thermometer.h"

static struct vring ring;

static bool main_is_fine(struct vring *unused)
{
	return vring_domain(unused, "main").cycle_health.error == 0 &&
	       vring_slave(unused, "outputs").fault.kind == ECR_FAULT_NONE &&
	       reconnect_refused(unused);
}

static void in_a_domain_of_its_own_it_leaves_the_other_alone(void **state)
{
	(void)state;
	thermometer_open(&ring, true);
	heal_say(&ring, THERMOMETER_SILENCE);
	assert_true(heal_until(&ring, reconnect_refused, ECR_MS(6400)));
	assert_true(heal_stays(&ring, main_is_fine, ECR_MS(100)));
	heal_loopback(&ring);
	assert_true(heal_recovering(&ring));
	ecr_sim_clear_faults(ring.sim);
	reconnect_ends_clean(&ring, ECR_MS(8400));
	assert_int_equal(vring_domain(&ring, "thermo").cycle_health.error, 0);
	thermometer_measures(&ring);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_a_domain_of_its_own_it_leaves_the_other_alone),
	};

	return RUN(tests);
}
