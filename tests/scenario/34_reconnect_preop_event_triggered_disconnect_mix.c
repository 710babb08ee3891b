/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/failing_list.h"

static struct vring ring;

static void the_fault_itself_unplugs_another(void **state)
{
	(void)state;
	failing_list_open(&ring, &(struct reconnect){ 0 }, FAILING_ONCE);
	heal_when(&ring, ECR_EVENT_SLAVE_FAULT_CHANGED, RECONNECT_MAILBOX, ECR_FAULT_PREOP,
		  "disconnect outputs for 30 frames");
	assert_true(heal_until(&ring, heal_outputs_down, ECR_MS(4400)));
	assert_int_equal(heal_struck(), 1);
	assert_true(failing_list_then(&ring, RECONNECT_OUTPUTS, ECR_FAULT_DOWN));
	reconnect_ends_clean(&ring, ECR_MS(8400));
	failing_list_both_healed(&ring, RECONNECT_OUTPUTS, ECR_FAULT_DOWN);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_fault_itself_unplugs_another),
	};

	return RUN(tests);
}
