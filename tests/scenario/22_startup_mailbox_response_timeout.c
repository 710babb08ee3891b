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

	list[0] = (struct ecr_sdo_write){
		.index = 0x2003, .subindex = 1, .data = talker_counting(7), .size = TALKER_BLOB
	};
	config = talker_open(&ring, &mailbox);
	talker_spoil(&ring, ECR_SIM_MAILBOX_NO_ANSWER, ECR_SIM_STAGE_DOWNLOAD_SEGMENT, BLOB, 0, 1);
	assert_int_equal(vring_start(&ring, config), 0);
	assert_int_equal(vring_await_running(&ring, ECR_MS(3000)), ECR_ERR_ACTIVATION_FAILED);
	talker_blocked_by(&ring, ECR_ERR_RESPONSE_TIMEOUT, 0x2003, 1, 0);
	talker_holds(&ring, BLOB, talker_counting(0), TALKER_BLOB);
}

static void operates(void)
{
	uint8_t data[TALKER_BLOB];

	assert_int_equal(vring_slave(&ring, "mailbox").configuration_error, 0);
	assert_int_equal(talker_upload(&ring, "mailbox", 0x2003, 1, data, sizeof(data)).error, 0);
	assert_memory_equal(data, talker_counting(7), TALKER_BLOB);
	vring_close(&ring);
}

static void a_restart_without_the_fault_works(void **state)
{
	(void)state;
	open_ring();
	ecr_sim_clear_faults(ring.sim);
	assert_int_equal(vring_stop(&ring), 0);
	assert_int_equal(vring_start(&ring, config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_MS(3000)), 0);
	operates();
}

static void without_the_fault_it_heals_by_itself(void **state)
{
	(void)state;
	open_ring();
	ecr_sim_clear_faults(ring.sim);
	assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(8)));
	operates();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_restart_without_the_fault_works),
		cmocka_unit_test(without_the_fault_it_heals_by_itself),
	};

	return RUN(tests);
}
