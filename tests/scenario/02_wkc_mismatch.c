/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/heal.h"

static struct vring ring;

static void assert_lacks_one(const struct ecr_cycle_health *health)
{
	assert_int_equal(health->error, ECR_ERR_WKC_MISMATCH);
	assert_int_equal(health->expected, 3);
	assert_int_equal(health->actual, 2);
}

static void nobody_is_blamed(void **state)
{
	struct ecr_domain_info info;

	(void)state;
	heal_open_with(&ring, vring_default_slaves);
	heal_say(&ring, "wkc -1 of LRW for 6 frames");
	assert_true(heal_until(&ring, heal_recovering, ECR_MS(400)));
	info = vring_domain(&ring, "main");
	assert_lacks_one(&info.cycle_health);
	assert_lacks_one(&info.last_invalid_reason);
	assert_true(heal_nobody_blamed(&ring));
	heal_ends_clean(&ring, ECR_S(2));
	assert_false(heal_saw(&ring, ECR_EVENT_SLAVE_FAULT_CHANGED, -1, -1));
	vring_close(&ring);
}

/* The answers of those who are asked who it was are wrong too. */
static void every_counter_may_be_wrong(void **state)
{
	(void)state;
	heal_open_with(&ring, vring_default_slaves);
	heal_say(&ring, "wkc -1 for 6 frames");
	assert_true(heal_until(&ring, heal_recovering, ECR_MS(400)));
	heal_ends_clean(&ring, ECR_S(4));
	vring_close(&ring);
}

/* What did not come back with the right counter is not believed. */
static void inputs_of_a_bad_cycle_are_not_published(void **state)
{
	(void)state;
	heal_open_with(&ring, vring_default_slaves);
	heal_say(&ring, "wkc -1 of LRW");
	vring_run_until(&ring, ring.now + ECR_MS(20));
	vring_output(&ring, "outputs", "ch1", 1);
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
		cmocka_unit_test(every_counter_may_be_wrong),
		cmocka_unit_test(inputs_of_a_bad_cycle_are_not_published),
	};

	return RUN(tests);
}
