/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/heal.h"

static struct vring ring;

/* The moment the session begins to recover, another slave falls back. */
static void another_slave_falls_back_while_one_is_lost(void **state)
{
	(void)state;
	heal_open_with(&ring, vring_default_slaves);
	heal_when(&ring, ECR_EVENT_STATE_CHANGED, -1, ECR_STATE_RECOVERING, "retreat inputs");
	heal_say(&ring, "disconnect outputs for 30 frames");
	assert_true(heal_until(&ring, heal_recovering, ECR_S(1)));
	assert_int_equal(heal_struck(), 1);
	heal_ends_clean(&ring, ECR_S(5));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_slave_falls_back_while_one_is_lost),
	};

	return RUN(tests);
}
