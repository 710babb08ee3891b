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

static const uint8_t one[] = { 1 };

static void a_restart_without_the_fault_works(void **state)
{
	(void)state;
	start_refused();
	talker_ends_by_restart(&ring, config, MODE, one, 1);
}

static void without_the_fault_it_heals_by_itself(void **state)
{
	(void)state;
	start_refused();
	talker_ends_by_waiting(&ring, MODE, one, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_restart_without_the_fault_works),
		cmocka_unit_test(without_the_fault_it_heals_by_itself),
	};

	return RUN(tests);
}
