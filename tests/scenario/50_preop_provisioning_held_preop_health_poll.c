/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/held.h"

static struct vring ring;

static void who_is_kept_is_polled_too(void **state)
{
	(void)state;
	held_activate_all_but(&ring, RECONNECT_MAILBOX);
	held_comes_back_to_preop(&ring);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_kept_is_polled_too),
	};

	return RUN(tests);
}
