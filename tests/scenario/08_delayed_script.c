/* SPDX-License-Identifier: Apache-2.0 */
/* Scenarios 08, 09 and 11: a script of cyclic faults, and a fallback of one slave later. */
#include "support/check.h"
#include "support/heal.h"

#include <string.h>

#define SCRIPT "drop for 6 frames then wkc -1 for 4 frames"

static struct vring ring;

static bool no_fault(struct vring *unused)
{
	return heal_operational(unused) &&
	       vring_slave(unused, "outputs").fault.kind == ECR_FAULT_NONE;
}

static bool only_the_retreat_is_left(struct vring *unused)
{
	return no_fault(unused) && heal_pending(unused) == 1;
}

static void assert_rest(void)
{
	assert_true(heal_until(&ring, heal_recovering, ECR_MS(1600)));
	assert_true(heal_until(&ring, only_the_retreat_is_left, ECR_MS(3200)));
}

static void assert_retreat_heals(void)
{
	assert_true(heal_until(&ring, heal_outputs_retreated, ECR_MS(2400)));
	assert_true(heal_operational(&ring));
	heal_ends_clean(&ring, ECR_S(6));
	vring_close(&ring);
}

static void a_fallback_after_a_time(void **state)
{
	(void)state;
	heal_open(&ring);
	heal_say(&ring, SCRIPT);
	heal_say(&ring, "after 600ms retreat outputs");
	assert_rest();
	assert_retreat_heals();
}

static void a_fallback_after_a_milestone(void **state)
{
	char text[400];

	(void)state;
	heal_open(&ring);
	heal_say(&ring, SCRIPT);
	heal_say(&ring, "after 12 polls of outputs retreat outputs");
	assert_rest();
	ecr_sim_faults(ring.sim, text, sizeof(text));
	assert_non_null(strstr(text, "waiting: retreat outputs, after healthy polls "));
	assert_retreat_heals();
}

static void a_fallback_as_the_last_step(void **state)
{
	(void)state;
	heal_open(&ring);
	heal_say(&ring, SCRIPT " then after 12 polls of outputs retreat outputs");
	assert_rest();
	assert_retreat_heals();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fallback_after_a_time),
		cmocka_unit_test(a_fallback_after_a_milestone),
		cmocka_unit_test(a_fallback_as_the_last_step),
	};

	return RUN(tests);
}
