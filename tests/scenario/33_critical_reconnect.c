/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/reconnect.h"

static struct vring ring;

static void a_slave_with_process_data_fails_in_its_list(void **state)
{
	(void)state;
	reconnect_open(&ring, &(struct reconnect){ .combined = true });
	reconnect_expect(ECR_ERR_RESPONSE_TIMEOUT, RECONNECT_BLOB, 0);
	heal_say(&ring, "disconnect mailbox for 30 frames then after 1 download-segment of mailbox "
			"mailbox silence mailbox in download-segment once");
	assert_true(heal_until(&ring, reconnect_refused, ECR_MS(4400)));
	assert_true(heal_recovering(&ring));
	reconnect_ends_clean(&ring, ECR_MS(7200));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slave_with_process_data_fails_in_its_list),
	};

	return RUN(tests);
}
