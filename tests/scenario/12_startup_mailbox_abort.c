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

static int start_spoiled(enum ecr_target target)
{
	static struct ecr_driver driver;
	struct ecr_slave_config mailbox = { .name = "mailbox",
					    .driver = &driver,
					    .target_state = target };

	driver = ecr_default_driver;
	driver.mailbox_config = driver_list;
	config = talker_open(&ring, &mailbox);
	talker_spoil(&ring, ECR_SIM_MAILBOX_ABORT, ECR_SIM_STAGE_REQUEST, MODE,
		     (uint32_t)ECR_SDO_ABORT_READ_ONLY, 0);
	assert_int_equal(vring_start(&ring, config), 0);
	return vring_await_running(&ring, ECR_MS(2500));
}

static void start_refused(void)
{
	assert_int_equal(start_spoiled(ECR_TARGET_OP), ECR_ERR_ACTIVATION_FAILED);
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

/* Where nobody is polled, the attempt itself must find out that it is to be brought up again. */
static void held_in_preop_it_heals_after_a_loss_of_power(void **state)
{
	const struct ecr_sim_fault cycle = { .kind = ECR_SIM_POWER_CYCLE, .slave = 1 };

	(void)state;
	assert_int_equal(start_spoiled(ECR_TARGET_PREOP), ECR_ERR_DEACTIVATION_FAILED);
	ecr_sim_inject(ring.sim, ring.now, &cycle);
	vring_run_until(&ring, ring.now + ECR_MS(1));
	ecr_sim_clear_faults(ring.sim);
	assert_true(vring_until_state(&ring, ECR_STATE_PREOP_READY, ECR_S(8)));
	talker_holds(&ring, MODE, one, 1);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_restart_without_the_fault_works),
		cmocka_unit_test(without_the_fault_it_heals_by_itself),
		cmocka_unit_test(held_in_preop_it_heals_after_a_loss_of_power),
	};

	return RUN(tests);
}
