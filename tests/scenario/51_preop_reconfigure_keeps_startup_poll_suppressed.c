/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/held.h"

static struct vring ring;

static void a_new_configuration_does_not_start_polls(void **state)
{
	struct ecr_slave_config again = { .name = "outputs",
					  .target_state = ECR_TARGET_PREOP,
					  .health_poll_ms = 20 };
	struct ecr_request request = { .kind = ECR_REQUEST_CONFIGURE_SLAVE,
				       .name = "outputs",
				       .slave = &again };

	(void)state;
	held_open(&ring);
	assert_int_equal(vring_request(&ring, &request), 0);
	assert_int_equal(vring_await_running(&ring, ECR_S(1)), 0);
	held_undisturbed(&ring);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_configuration_does_not_start_polls),
	};

	return RUN(tests);
}
