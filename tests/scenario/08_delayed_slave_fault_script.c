/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/fallback.h"

static struct vring ring;

static void a_fallback_after_a_time(void **state)
{
	(void)state;
	heal_open(&ring);
	heal_say(&ring, FALLBACK_CYCLIC);
	heal_say(&ring, "after 600ms retreat outputs");
	fallback_comes_last(&ring, "waiting: retreat outputs");
	fallback_heals(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fallback_after_a_time),
	};

	return RUN(tests);
}
