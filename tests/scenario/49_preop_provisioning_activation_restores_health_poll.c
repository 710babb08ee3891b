/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/held.h"

static struct vring ring;

static void who_is_let_go_is_polled_and_healed(void **state)
{
	(void)state;
	held_activate_all_but(&ring, -1);
	assert_int_equal(vring_slave(&ring, "mailbox").al_state, ECR_AL_OP);
	held_lose_mailbox(&ring);
	reconnect_ends_clean(&ring, ECR_MS(7200));
	assert_false(heal_saw(&ring, ECR_EVENT_STATE_CHANGED, -1, ECR_STATE_RECOVERING));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_let_go_is_polled_and_healed),
	};

	return RUN(tests);
}
