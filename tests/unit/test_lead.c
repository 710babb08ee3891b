/* SPDX-License-Identifier: Apache-2.0 */
/* How long before a deadline sleeping ends: little where sleeps are exact, enough where they are not, never all of it. */
#include "support/check.h"

#include "port/lead.h"

#define LATE_FROM ECR_US(150) /* of a machine whose sleeps overshoot up to that */

static ecr_time lead_of(const struct port_lead *lead)
{
	return ECR_MS(10) - port_lead_sleep(lead, ECR_MS(10));
}

static void exact_sleeps_need_little(void **state)
{
	struct port_lead lead;

	(void)state;
	port_lead_init(&lead);
	for (int i = 0; i < 30000; i++)
		port_lead_note(&lead, ECR_US(5));
	assert_in_range(lead_of(&lead), ECR_US(15), ECR_US(30));
}

/* One sleep in a hundred overshoots by far: nearly all of these end before the deadline all the same. */
static void late_ones_are_allowed_for(void **state)
{
	struct port_lead lead;
	int too_late = 0;

	(void)state;
	port_lead_init(&lead);
	for (int i = 0; i < 100000; i++) {
		ecr_time overshoot = i % 100 ? ECR_US(10) : LATE_FROM - i % 7 * ECR_US(10);

		too_late += i > 1000 && overshoot > lead_of(&lead);
		port_lead_note(&lead, overshoot);
	}
	assert_in_range(lead_of(&lead), LATE_FROM, 2 * LATE_FROM);
	assert_in_range(too_late, 0, 10);
}

/* What no lead could bridge does not lengthen it. */
static void pauses_of_the_machine_teach_nothing(void **state)
{
	struct port_lead lead;
	ecr_time before;

	(void)state;
	port_lead_init(&lead);
	before = lead_of(&lead);
	for (int i = 0; i < 1000; i++)
		port_lead_note(&lead, ECR_MS(3));
	assert_int_equal(lead_of(&lead), before);
}

static void some_of_the_time_is_slept(void **state)
{
	struct port_lead lead;

	(void)state;
	port_lead_init(&lead);
	for (int i = 0; i < 1000; i++)
		port_lead_note(&lead, ECR_US(200));
	for (ecr_time ahead = ECR_US(60); ahead < ECR_MS(2); ahead += ECR_US(7))
		assert_true(port_lead_sleep(&lead, ahead) >= ahead / 2);
	assert_int_equal(port_lead_sleep(&lead, ECR_US(10)), 0);
	assert_int_equal(port_lead_sleep(&lead, -ECR_US(10)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exact_sleeps_need_little),
		cmocka_unit_test(late_ones_are_allowed_for),
		cmocka_unit_test(pauses_of_the_machine_teach_nothing),
		cmocka_unit_test(some_of_the_time_is_slept),
	};

	return RUN(tests);
}
