/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/fallback.h"

static struct vring ring;

static void a_fallback_as_the_last_step(void **state)
{
	(void)state;
	heal_open(&ring);
	heal_say(&ring, FALLBACK_CYCLIC " then " FALLBACK_LATER);
	fallback_comes_last(&ring, "retreat outputs");
	assert_in_range(fallback_polls_left(&ring), 1, FALLBACK_POLLS);
	fallback_heals(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fallback_as_the_last_step),
	};

	return RUN(tests);
}
