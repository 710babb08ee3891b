/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/heal.h"

static struct vring ring;

static bool blames_nobody(struct vring *unused)
{
	return heal_nobody_blamed(unused) && vring_slave(unused, "outputs").al_state == ECR_AL_OP;
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
	assert_false(heal_saw(&ring, ECR_EVENT_SLAVE_FAULT_CHANGED, -1, -1));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_counter_that_lacks_one_blames_nobody_who_answers),
	};

	return RUN(tests);
}
