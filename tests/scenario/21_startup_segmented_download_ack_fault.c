/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/talker.h"

static struct vring ring;
static const struct ecr_config *config;

#define BLOB TALKER_OBJECT(0x2003, 1)

static void open_ring(void)
{
	static struct ecr_sdo_write list[2];
	struct ecr_slave_config mailbox = { .name = "mailbox", .startup = list };
	struct ecr_failure failure;

	list[0] = (struct ecr_sdo_write){
		.index = 0x2003, .subindex = 1, .data = talker_counting(7), .size = TALKER_BLOB
	};
	config = talker_open(&ring, &mailbox);
	talker_spoil(&ring, ECR_SIM_MAILBOX_PAYLOAD, ECR_SIM_STAGE_DOWNLOAD_SEGMENT, BLOB, 0, 1);
	assert_int_equal(vring_start(&ring, config), 0);
	assert_int_equal(vring_await_running(&ring, ECR_MS(2500)), ECR_ERR_ACTIVATION_FAILED);
	talker_blocked_by(&ring, ECR_ERR_INVALID_COE_RESPONSE, 0x2003, 1, 0);
	failure = vring_slave(&ring, "mailbox").configuration_failure;
	assert_int_equal(failure.expected, 2); /* bytes of CoE at least */
	assert_int_equal(failure.actual, 1);
	talker_holds(&ring, BLOB, talker_counting(0), TALKER_BLOB);
}

static void a_restart_without_the_fault_works(void **state)
{
	(void)state;
	open_ring();
	talker_ends_by_restart(&ring, config, BLOB, talker_counting(7), TALKER_BLOB);
}

static void without_the_fault_it_heals_by_itself(void **state)
{
	(void)state;
	open_ring();
	talker_ends_by_waiting(&ring, BLOB, talker_counting(7), TALKER_BLOB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_restart_without_the_fault_works),
		cmocka_unit_test(without_the_fault_it_heals_by_itself),
	};

	return RUN(tests);
}
