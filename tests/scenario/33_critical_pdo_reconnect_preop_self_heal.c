/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/failing_list.h"

static struct vring ring;

static void a_slave_with_process_data_fails_in_its_list(void **state)
{
	(void)state;
	failing_list_open(&ring, &(struct reconnect){ .combined = true }, FAILING_ONCE);
	failing_list_fails(&ring);
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
