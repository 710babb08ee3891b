/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/fallback.h"

static struct vring ring;

static void a_fallback_after_good_polls(void **state)
{
	(void)state;
	heal_open(&ring);
	heal_say(&ring, FALLBACK_CYCLIC);
	heal_say(&ring, FALLBACK_LATER);
	fallback_comes_last(&ring, "waiting: retreat outputs, after healthy polls ");
	assert_in_range(fallback_polls_left(&ring), 1, FALLBACK_POLLS - 1);
	fallback_heals(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fallback_after_good_polls),
	};

	return RUN(tests);
}
