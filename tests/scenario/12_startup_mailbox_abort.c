/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/talker.h"

static struct vring ring;
static const struct ecr_config *config;

#define MODE TALKER_OBJECT(0x2000, 2)

static int driver_list(const void *driver_config, int number, struct ecr_sdo_write *write)
{
	(void)driver_config;
	if (number)
		return 0;
	*write = (struct ecr_sdo_write){
		.index = 0x2000, .subindex = 2, .type = ECR_SDO_U8, .value = 1
	};
	return 1;
}

static void start_refused(void)
{
	static struct ecr_driver driver;
	struct ecr_slave_config mailbox = { .name = "mailbox", .driver = &driver };

	driver = ecr_default_driver;
	driver.mailbox_config = driver_list;
	config = talker_open(&ring, &mailbox);
	talker_spoil(&ring, ECR_SIM_MAILBOX_ABORT, ECR_SIM_STAGE_REQUEST, MODE,
		     (uint32_t)ECR_SDO_ABORT_READ_ONLY, 0);
	assert_int_equal(vring_start(&ring, config), 0);
	assert_int_equal(vring_await_running(&ring, ECR_MS(2500)), ECR_ERR_ACTIVATION_FAILED);
	talker_blocked_by(&ring, ECR_ERR_SDO_ABORT, 0x2000, 2, 0x06010002);
}

static void operates(void)
{
	static const uint8_t one[] = { 1 };
	uint8_t data[2];
	struct ecr_slave_info info;

	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
	info = vring_slave(&ring, "mailbox");
	assert_int_equal(info.al_state, ECR_AL_OP);
	assert_int_equal(info.configuration_error, 0);
	assert_int_equal(info.fault.kind, ECR_FAULT_NONE);
	assert_int_equal(talker_upload(&ring, "mailbox", 0x2000, 2, data, sizeof(data)).size, 1);
	assert_memory_equal(data, one, 1);
	vring_close(&ring);
}

static void a_restart_without_the_fault_works(void **state)
{
	(void)state;
	start_refused();
	ecr_sim_clear_faults(ring.sim);
	assert_int_equal(vring_stop(&ring), 0);
	assert_int_equal(vring_start(&ring, config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_MS(2500)), 0);
	operates();
}

static void without_the_fault_it_heals_by_itself(void **state)
{
	(void)state;
	start_refused();
	ecr_sim_clear_faults(ring.sim);
	assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(6)));
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
