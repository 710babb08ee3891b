/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/failing_list.h"

static struct vring ring;

static void one_silence_passes(void **state)
{
	(void)state;
	failing_list_open(&ring, &(struct reconnect){ 0 }, FAILING_ONCE);
	failing_list_fails(&ring);
	assert_int_equal(heal_pending(&ring), 0);
	assert_true(reconnect_rest_operates(&ring));
	reconnect_ends_clean(&ring, ECR_MS(6400));
	assert_true(failing_list_then(&ring, RECONNECT_MAILBOX, ECR_FAULT_NONE));
	assert_false(heal_saw(&ring, ECR_EVENT_STATE_CHANGED, -1, ECR_STATE_RECOVERING));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_silence_passes),
	};

	return RUN(tests);
}
