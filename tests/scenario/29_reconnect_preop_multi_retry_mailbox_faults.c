/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/failing_list.h"

static struct vring ring;

/* The next attempt fails otherwise, and what is told follows. */
static void another_fault_follows(void **state)
{
	(void)state;
	failing_list_open(&ring, &(struct reconnect){ 0 },
			  FAILING_ONCE " then after 1 download of mailbox "
				       "mailbox payload mailbox in download-segment once");
	failing_list_fails(&ring);
	assert_int_equal(heal_pending(&ring), 1);
	assert_true(reconnect_rest_operates(&ring));
	reconnect_expect(ECR_ERR_INVALID_COE_RESPONSE, TALKER_BLOB_OBJECT, 0);
	assert_true(heal_until(&ring, reconnect_refused, ECR_MS(7200)));
	assert_true(reconnect_rest_operates(&ring));
	reconnect_ends_clean(&ring, ECR_MS(8400));
	assert_true(failing_list_then(&ring, RECONNECT_MAILBOX, ECR_FAULT_NONE));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_fault_follows),
	};

	return RUN(tests);
}
