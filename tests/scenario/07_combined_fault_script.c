/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/heal.h"

static struct vring ring;

static void one_fault_after_the_other_heals(void **state)
{
	(void)state;
	heal_open(&ring);
	heal_say(&ring, "drop for 6 frames then wkc -1 for 4 frames then disconnect outputs for 30 "
			"frames");
	assert_true(heal_until(&ring, heal_recovering, ECR_MS(2400)));
	heal_ends_clean(&ring, ECR_S(4));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_fault_after_the_other_heals),
	};

	return RUN(tests);
}
