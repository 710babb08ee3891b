/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/failing_list.h"

static struct vring ring;

static bool retreated_and_refused(struct vring *unused)
{
	return heal_outputs_retreated(unused) && reconnect_refused(unused);
}

/* Two silences: the device is still down there while the other one is. */
static void another_slave_falls_back(void **state)
{
	(void)state;
	failing_list_open(&ring, &(struct reconnect){ 0 },
			  FAILING_ONCE " " FAILING_SEGMENT("silence") " once");
	heal_when(&ring, ECR_EVENT_SLAVE_FAULT_CHANGED, RECONNECT_MAILBOX, ECR_FAULT_PREOP,
		  "retreat outputs");
	assert_true(heal_until(&ring, retreated_and_refused, ECR_MS(2400)));
	assert_int_equal(heal_struck(), 1);
	assert_true(heal_healthy(&ring));
	reconnect_ends_clean(&ring, ECR_MS(7200));
	failing_list_both_healed(&ring, RECONNECT_OUTPUTS, ECR_FAULT_RETREATED);
	assert_false(heal_saw(&ring, ECR_EVENT_STATE_CHANGED, -1, ECR_STATE_RECOVERING));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_slave_falls_back),
	};

	return RUN(tests);
}
