/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/held.h"

static struct vring ring;

static void a_held_slave_comes_back_to_preop(void **state)
{
	(void)state;
	reconnect_open(&ring, &(struct reconnect){ .held = true });
	held_comes_back_to_preop(&ring);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_held_slave_comes_back_to_preop),
	};

	return RUN(tests);
}
