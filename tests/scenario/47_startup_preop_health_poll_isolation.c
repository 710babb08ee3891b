/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/held.h"

static struct vring ring;

static void nobody_is_polled_while_all_are_held(void **state)
{
	(void)state;
	held_open(&ring);
	held_undisturbed(&ring);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_is_polled_while_all_are_held),
	};

	return RUN(tests);
}
