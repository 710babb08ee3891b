/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/heal.h"

static struct vring ring;

static uint64_t missed(void)
{
	return vring_domain(&ring, "main").total_miss_count;
}

/* Later than the next cycle, but not too late: several are under way at once. */
static void late_is_not_lost(void **state)
{
	uint64_t before;

	(void)state;
	heal_open_with(&ring, vring_default_slaves);
	before = missed();
	heal_say(&ring, "delay 9ms for 500ms");
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_int_equal(missed(), before);
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_FAULT_CHANGED], 0);
	heal_ends_clean(&ring, ECR_S(1));
	vring_close(&ring);
}

/* Too late: told, and over when it is over. */
static void too_late_is_lost(void **state)
{
	uint64_t before;

	(void)state;
	heal_open_with(&ring, vring_default_slaves);
	before = missed();
	heal_say(&ring, "delay 120ms for 400ms");
	assert_true(heal_until(&ring, heal_recovering, ECR_S(1)));
	assert_true(missed() > before);
	vring_run_until(&ring, ring.now + ECR_S(1));
	heal_ends_clean(&ring, ECR_S(6));
	vring_close(&ring);
}

/* Every fifth reply comes twice. */
static void twice_is_once(void **state)
{
	uint64_t before;

	(void)state;
	heal_open_with(&ring, vring_default_slaves);
	before = missed();
	ring.prng.state = 3;
	ring.duplicated_ppm = 200000;
	vring_run_until(&ring, ring.now + ECR_S(5));
	ring.duplicated_ppm = 0;
	assert_int_equal(missed(), before);
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_FAULT_CHANGED], 0);
	heal_ends_clean(&ring, ECR_S(1));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(late_is_not_lost),
		cmocka_unit_test(too_late_is_lost),
		cmocka_unit_test(twice_is_once),
	};

	return RUN(tests);
}
