/* SPDX-License-Identifier: Apache-2.0 */
/* How a device is told what it goes by (0x1C32, 0x1C33; ETG.1020), and what it makes of it. */
#include "support/check.h"
#include "support/mailring.h"
#include "support/vring.h"
#include "wire/al_status.h"
#include "wire/sdo_abort.h"

#include <ecring/cia402.h>

static struct vring ring;
static struct mailring mail;

static void the_usual_writes(void **state)
{
	struct ecr_sdo_write write;

	(void)state;
	assert_int_equal(
		ecr_sync_objects(ECR_SYNC_TYPE_SYNC0, ECR_SYNC_TYPE_SYNC1, 500000, 0, &write), 1);
	assert_int_equal(write.index << 8 | write.subindex, 0x1C3201);
	assert_int_equal(write.type, ECR_SDO_U16);
	assert_int_equal(write.value, 2);
	assert_int_equal(
		ecr_sync_objects(ECR_SYNC_TYPE_SYNC0, ECR_SYNC_TYPE_SYNC1, 500000, 3, &write), 1);
	assert_int_equal(write.index << 8 | write.subindex, 0x1C3302);
	assert_int_equal(write.type, ECR_SDO_U32);
	assert_int_equal(write.value, 500000);
	assert_int_equal(
		ecr_sync_objects(ECR_SYNC_TYPE_SYNC0, ECR_SYNC_TYPE_SYNC1, 500000, 4, &write), 0);
	assert_int_equal(
		ecr_sync_objects(ECR_SYNC_TYPE_KEPT, ECR_SYNC_TYPE_OUTPUTS_EVENT, 0, 0, &write), 1);
	assert_int_equal(write.index << 8 | write.subindex, 0x1C3301);
	assert_int_equal(write.value, 0x22);
	assert_int_equal(
		ecr_sync_objects(ECR_SYNC_TYPE_KEPT, ECR_SYNC_TYPE_OUTPUTS_EVENT, 0, 1, &write), 0);
}

static int period_of(ecr_time cycle_ns, int number)
{
	struct ecr_sync_config sync = { .sync0_cycle_ns = cycle_ns };
	struct ecr_sdo_write write;

	assert_int_equal(ecr_402_driver.sync_mode(NULL, &sync, 4 + number, &write), 1);
	assert_int_equal(write.index, 0x60C2);
	assert_int_equal(write.subindex, number + 1);
	assert_int_equal(ecr_402_driver.sync_mode(NULL, &sync, 6, &write), 0);
	return (int)(int8_t)write.value;
}

static void a_drive_is_told_its_set_points_period(void **state)
{
	(void)state;
	assert_int_equal(period_of(ECR_MS(1), 0), 1);
	assert_int_equal(period_of(ECR_MS(1), 1), -3);
	assert_int_equal(period_of(ECR_US(250), 0), 25);
	assert_int_equal(period_of(ECR_US(250), 1), -5);
	assert_int_equal(period_of(ECR_MS(2), 0), 2);
	assert_int_equal(period_of(62500, 0), 63); /* rounded: 62.5 us is 625 of 100 ns */
	assert_int_equal(period_of(62500, 1), -6);
}

/* The drive alone on its ring, driven by that; what the session came to within two seconds. */
static int start(const struct ecr_driver *driver, enum ecr_sync_mode mode)
{
	static struct ecr_slave_config slaves[2];
	static const struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = ECR_MS(1) },
							    { 0 } };
	static struct ecr_config config;
	static const char *const names[] = { "drive", NULL };

	slaves[0] = (struct ecr_slave_config){ .name = "axis",
					       .driver = driver,
					       .process_data = ECR_ALL_TO("io"),
					       .sync = { .mode = mode } };
	config = (struct ecr_config){
		.domains = domains, .slaves = slaves, .scan_poll_ms = 20, .scan_stable_ms = 100
	};
	vring_open(&ring, names);
	assert_int_equal(vring_start(&ring, &config), 0);
	return vring_await_operational(&ring, ECR_S(20));
}

static uint32_t object(uint16_t index, uint8_t subindex)
{
	uint8_t bytes[4] = { 0 };

	assert_true(ecr_sim_read_object(ring.sim, 0, index, subindex, bytes, 4) > 0);
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

static void a_drive_goes_by_sync0(void **state)
{
	(void)state;
	assert_int_equal(start(&ecr_402_driver, ECR_SYNC_SYNC0), 0);
	assert_int_equal(object(0x1C32, 1), 2);
	assert_int_equal(object(0x1C32, 2), 1000000);
	assert_int_equal(object(0x1C33, 1), 2);
	assert_int_equal(object(0x1C33, 10), 1000000);
	assert_int_equal(object(0x60C2, 1), 1);
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
	assert_int_equal(vring_slave(&ring, "axis").al_state, ECR_AL_OP);
	vring_close(&ring);
}

static void without_clocks_it_goes_by_its_outputs(void **state)
{
	(void)state;
	assert_int_equal(start(&ecr_402_driver, ECR_SYNC_FREE_RUN), 0);
	assert_int_equal(object(0x1C32, 1), 1);
	assert_int_equal(object(0x1C33, 1), 0x22);
	assert_int_equal(object(0x1C32, 2), 1000000);
	vring_close(&ring);
}

static int tells_sync0_of_2_ms(const void *config, const struct ecr_sync_config *sync, int number,
			       struct ecr_sdo_write *write)
{
	(void)config;
	(void)sync;
	return ecr_sync_objects(ECR_SYNC_TYPE_SYNC0, ECR_SYNC_TYPE_SYNC0, 2000000, number, write);
}

static void what_was_told_must_be_what_comes(void **state)
{
	struct ecr_driver driver = ecr_default_driver;
	struct ecr_sim_state truth;

	(void)state;
	driver.sync_mode = tells_sync0_of_2_ms;
	assert_int_not_equal(start(&driver, ECR_SYNC_SYNC0), 0);
	ecr_sim_look(ring.sim, 0, &truth);
	assert_int_equal(truth.al_status & 0x0F, ECR_AL_PREOP);
	assert_int_equal(vring_slave(&ring, "axis").fault.al_code, ECR_AL_CODE_SYNC_CYCLE);
	vring_close(&ring);
	assert_int_not_equal(start(&driver, ECR_SYNC_FREE_RUN), 0);
	assert_int_equal(vring_slave(&ring, "axis").fault.al_code, ECR_AL_CODE_SYNC_CONFIGURATION);
	vring_close(&ring);
}

/* A mistake of the driver's own ends the configuration, under its name. */
static int is_mistaken(const void *config, const struct ecr_sync_config *sync, int number,
		       struct ecr_sdo_write *write)
{
	(void)config;
	(void)sync;
	*write = (struct ecr_sdo_write){ .index = 0x1C32, .subindex = 1, .value = 17 };
	write->type = ECR_SDO_U16;
	return number == 0;
}

static void a_type_that_is_not_there_is_an_abort(void **state)
{
	struct ecr_driver driver = ecr_default_driver;

	(void)state;
	driver.sync_mode = is_mistaken;
	assert_int_not_equal(start(&driver, ECR_SYNC_FREE_RUN), 0);
	assert_int_equal(vring_slave(&ring, "axis").configuration_error,
			 ECR_ERR_MAILBOX_CONFIG_FAILED);
	vring_close(&ring);
}

static void a_device_knows_its_types(void **state)
{
	(void)state;
	mailring_open(&mail, "analog_coe", NULL); /* without a clock */
	assert_int_equal(mailring_go(&mail, ECR_AL_PREOP), ECR_AL_PREOP);
	assert_int_equal(mailring_get(&mail, 0x1C32, 4), 3);
	assert_true(mailring_set(&mail, 0x1C32, 1, 0, 2));
	assert_false(mailring_set(&mail, 0x1C32, 1, 2, 2));
	assert_int_equal(mail.abort_code, ECR_SDO_ABORT_VALUE_RANGE);
	assert_false(mailring_set(&mail, 0x1C32, 1, 0x22, 2));
	assert_true(mailring_set(&mail, 0x1C33, 1, 0x22, 2));
	assert_int_equal(mailring_get(&mail, 0x1C32, 1), 0);
	mailring_close(&mail);
	mailring_open(&mail, "drive", NULL);
	assert_int_equal(mailring_go(&mail, ECR_AL_PREOP), ECR_AL_PREOP);
	assert_int_equal(mailring_get(&mail, 0x1C32, 4), 7);
	assert_true(mailring_set(&mail, 0x1C32, 1, 2, 2));
	mailring_set_sm(&mail, 2, 14);
	mailring_set_sm(&mail, 3, 14);
	assert_int_equal(mailring_go(&mail, ECR_AL_SAFEOP), ECR_AL_PREOP | ECR_AL_ERROR);
	assert_int_equal(mailring_al_code(&mail), ECR_AL_CODE_SYNC_CONFIGURATION);
	assert_true(mailring_set(&mail, 0x1C32, 1, 1, 2)); /* and back */
	assert_int_equal(mailring_go(&mail, ECR_AL_SAFEOP), ECR_AL_SAFEOP);
	mailring_close(&mail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_usual_writes),
		cmocka_unit_test(a_drive_is_told_its_set_points_period),
		cmocka_unit_test(a_drive_goes_by_sync0),
		cmocka_unit_test(without_clocks_it_goes_by_its_outputs),
		cmocka_unit_test(what_was_told_must_be_what_comes),
		cmocka_unit_test(a_type_that_is_not_there_is_an_abort),
		cmocka_unit_test(a_device_knows_its_types),
	};

	return RUN(tests);
}
