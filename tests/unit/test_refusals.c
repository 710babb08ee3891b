/* SPDX-License-Identifier: Apache-2.0 */
/* Rings and drivers that cannot be: who, where, what was wanted and what was found. */
#include "support/check.h"
#include "support/vring.h"

#include "master/master.h"

#include "wire/sii.h"

#include <string.h>

static struct vring ring;
static struct ecr_config config;
static struct ecr_slave_config slaves[5];

/* With processors of their own, which may refuse. */
static int open_ring(void **state)
{
	static const char *const names[] = { "EK1100", "EL1809", "EL2809" };
	static uint8_t images[3][1024];
	struct ecr_sim_device devices[3] = { 0 };

	(void)state;
	for (int i = 0; i < 3; i++) {
		devices[i].name = vring_default_slaves[i].name;
		assert_true(ecr_sim_shipped(names[i], &devices[i], images[i], sizeof(images[i])));
		devices[i].emulation = false;
	}
	vring_open_devices(&ring, devices, 3);
	config = vring_default_config();
	for (int i = 0; i < 5; i++)
		slaves[i] = i < 3 ? vring_default_slaves[i] : (struct ecr_slave_config){ 0 };
	config.slaves = slaves;
	return 0;
}

static int close_ring(void **state)
{
	(void)state;
	vring_close(&ring);
	return 0;
}

static struct ecr_failure last_failure(void)
{
	struct ecr_failure failure;
	struct ecr_request ask = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };

	assert_int_equal(vring_request(&ring, &ask), 0);
	return failure;
}

/* The session ends with that error, for that cause. */
static struct ecr_failure ends(int error, int cause)
{
	struct ecr_failure failure;

	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_running(&ring, ECR_S(40)), error);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_IDLE);
	failure = last_failure();
	assert_int_equal(failure.error, error);
	if (failure.cause != cause)
		print_message("%s instead of %s\n", ecr_error_name(failure.cause),
			      ecr_error_name(cause));
	assert_int_equal(failure.cause, cause);
	return failure;
}

static void more_slaves_than_there_are(void **state)
{
	struct ecr_failure failure;

	(void)state;
	slaves[3].name = "fourth";
	failure = ends(ECR_ERR_CONFIGURATION_FAILED, ECR_ERR_SLAVES_EXCEED_BUS);
	assert_int_equal(failure.expected, 4);
	assert_int_equal(failure.actual, 3);
}

static void fewer_slaves_than_there_are(void **state)
{
	(void)state;
	slaves[2].name = NULL;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	assert_int_equal(vring_domain(&ring, "main").expected_wkc, 1);
	assert_int_equal(vring_stop(&ring), 0);
}

static void stations_beyond_all_numbers(void **state)
{
	struct ecr_failure failure;

	(void)state;
	config.base_station = 0xFFFE;
	failure = ends(ECR_ERR_CONFIGURATION_FAILED, ECR_ERR_STATION_OVERFLOW);
	assert_string_equal(failure.subject, "base_station");
	assert_int_equal(failure.actual, 0x10000);
	config.base_station = 0xFFFD;
	config.frame_timeout_ms = 7;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	assert_int_equal(vring_slave(&ring, "outputs").station, 0xFFFF);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
	assert_int_equal(vring_stop(&ring), 0);
}

static void each_part_of_an_identity(void **state)
{
	static const struct ecr_identity el1809 = { 2, 0x07113052, 0x00100000, 0 };
	static const char *const parts[] = { "vendor", "product code", "revision",
					     "serial number" };
	struct ecr_failure failure;

	(void)state;
	slaves[1].check =
		ECR_CHECK_VENDOR | ECR_CHECK_PRODUCT | ECR_CHECK_REVISION | ECR_CHECK_SERIAL;
	slaves[1].identity = (struct ecr_identity){ 9, 9, 9, 9 };
	for (int i = 0; i < 4; i++) { /* the first difference is named */
		failure = ends(ECR_ERR_CONFIGURATION_FAILED, ECR_ERR_IDENTITY_MISMATCH);
		assert_string_equal(failure.slave, "inputs");
		assert_string_equal(failure.subject, parts[i]);
		assert_int_equal(failure.expected, 9);
		if (i == 0)
			slaves[1].identity.vendor = el1809.vendor;
		if (i == 1)
			slaves[1].identity.product = el1809.product;
		if (i == 2)
			slaves[1].identity.revision = failure.actual;
	}
	slaves[1].identity.serial = failure.actual;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	assert_int_equal(vring_stop(&ring), 0);
}

static void a_slave_that_says_nothing(void **state)
{
	struct ecr_sim_fault stuck = { .kind = ECR_SIM_STUCK, .slave = 1 };
	struct ecr_failure failure;

	(void)state;
	assert_true(ecr_sim_inject(ring.sim, ring.now, &stuck));
	config.awaiting_preop_ms = 4000;
	failure = ends(ECR_ERR_AWAITING_PREOP_TIMEOUT, ECR_ERR_AL_TIMEOUT);
	assert_string_equal(failure.slave, "inputs");
	assert_int_equal(failure.expected, ECR_AL_PREOP);
	assert_int_equal(failure.actual, ECR_AL_INIT);
}

/* It is asked for longer than the start may last: who keeps the others waiting, and with what, is told meanwhile and
 * at the end of the limit, which no conversation outlives. */
static void a_slave_that_is_under_way_at_the_limit(void **state)
{
	struct ecr_sim_fault stuck = { .kind = ECR_SIM_STUCK, .slave = 1 };
	struct ecr_failure failure;
	ecr_time began;

	(void)state;
	assert_true(ecr_sim_inject(ring.sim, ring.now, &stuck));
	config.awaiting_preop_ms = 2000;
	config.al_timeouts.to_preop_ms = 60000;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_true(vring_until_state(&ring, ECR_STATE_AWAITING_PREOP, ECR_S(5)));
	began = ring.now;
	vring_run_until(&ring, began + ECR_MS(900));
	assert_int_equal(last_failure().error, 0);
	vring_run_until(&ring, began + ECR_MS(1100));
	failure = last_failure();
	assert_int_equal(failure.error, ECR_ERR_AWAITING_PREOP);
	assert_string_equal(failure.slave, "inputs");
	assert_int_equal(failure.position, 1);
	assert_string_equal(failure.phase, "al.poll");
	assert_true(vring_until_state(&ring, ECR_STATE_IDLE, ECR_S(3)));
	assert_in_range(ring.now - began, ECR_S(2), ECR_MS(2001));
	failure = last_failure();
	assert_int_equal(failure.error, ECR_ERR_AWAITING_PREOP_TIMEOUT);
	assert_int_equal(failure.cause, 0);
	assert_string_equal(failure.slave, "inputs");
	assert_string_equal(failure.phase, "al.poll");
	ecr_sim_clear_faults(ring.sim);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
}

/* One that need not be there costs the others the limit, not the session. */
static void an_optional_one_that_is_under_way_at_the_limit(void **state)
{
	struct ecr_sim_fault stuck = { .kind = ECR_SIM_STUCK, .slave = 2 };

	(void)state;
	assert_true(ecr_sim_inject(ring.sim, ring.now, &stuck));
	slaves[2].presence.optional = true;
	config.awaiting_preop_ms = 2000;
	config.al_timeouts.to_preop_ms = 60000;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(5)), 0);
	assert_int_equal(vring_slave(&ring, "outputs").configuration_error,
			 ECR_ERR_AWAITING_PREOP_TIMEOUT);
	assert_int_equal(vring_stop(&ring), 0);
}

static void a_slave_that_says_no(void **state)
{
	struct ecr_sim_fault refuses = {
		.kind = ECR_SIM_REFUSE, .slave = 2, .command = ECR_AL_PREOP, .value = 0x0016
	};
	struct ecr_failure failure;

	(void)state;
	assert_true(ecr_sim_inject(ring.sim, ring.now, &refuses));
	config.awaiting_preop_ms = 1000;
	failure = ends(ECR_ERR_AWAITING_PREOP_TIMEOUT, ECR_ERR_AL_ERROR);
	assert_string_equal(failure.slave, "outputs");
	assert_int_equal(failure.al_code, 0x0016);
	assert_int_equal(failure.al_status & ECR_AL_ERROR, ECR_AL_ERROR);
}

static void an_eeprom_that_stays_busy(void **state)
{
	static uint8_t image[1024];
	struct ecr_sim_device device = { .name = "only", .sii = image, .eeprom_by_pdi = true };
	struct ecr_sim_fault stuck = { .kind = ECR_SIM_STUCK };
	struct ecr_failure failure;

	(void)state;
	vring_close(&ring);
	device.sii_size = ecr_sim_digital_sii(image, sizeof(image), "only", 8, 8);
	vring_open_devices(&ring, &device, 1);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &stuck));
	slaves[0] = (struct ecr_slave_config){ .name = "only" };
	slaves[1] = slaves[2] = (struct ecr_slave_config){ 0 };
	config.awaiting_preop_ms = 2000;
	failure = ends(ECR_ERR_AWAITING_PREOP_TIMEOUT, ECR_ERR_SII_BUSY);
	assert_string_equal(failure.slave, "only");
	assert_string_equal(failure.phase, "sii.poll");
}

/* One slave alone, of an image that the test has changed. */
static void open_only(struct ecr_sim_device *device)
{
	vring_close(&ring);
	device->name = "only";
	vring_open_devices(&ring, device, 1);
	slaves[0] = (struct ecr_slave_config){ .name = "only", .process_data = ECR_ALL_TO("main") };
	slaves[1] = slaves[2] = (struct ecr_slave_config){ 0 };
}

static void a_mailbox_that_no_frame_holds(void **state)
{
	static uint8_t image[2048];
	struct ecr_sim_device device = { .sii = image };
	struct ecr_failure failure;

	(void)state;
	assert_true(ecr_sim_shipped("mailbox", &device, image, sizeof(image)));
	image[2 * (ECR_SII_WORD_MAILBOX + 1)] = 2000 & 0xFF;
	image[2 * (ECR_SII_WORD_MAILBOX + 1) + 1] = 2000 >> 8;
	open_only(&device);
	config.awaiting_preop_ms = 1000;
	failure = ends(ECR_ERR_AWAITING_PREOP_TIMEOUT, ECR_ERR_MAILBOX_SIZE);
	assert_string_equal(failure.slave, "only");
}

static void a_pdo_of_a_sync_manager_that_is_not_there(void **state)
{
	static uint8_t image[1024];
	struct ecr_sim_device device = { .sii = image, .emulation = true };
	struct ecr_sii_category category;
	struct ecr_sii sii;
	struct ecr_slave_info info;

	(void)state;
	device.sii_size = ecr_sim_digital_sii(image, sizeof(image), "only", 8, 8);
	ecr_sii_open(&sii, image, device.sii_size);
	assert_true(ecr_sii_find(&sii, ECR_SII_TXPDO, &category));
	image[category.bytes - image + 3] = 7; /* the PDO's SyncManager (ETG.2010, table 14) */
	open_only(&device);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), ECR_ERR_ACTIVATION_FAILED);
	info = vring_slave(&ring, "only");
	assert_int_equal(info.configuration_error, ECR_ERR_SM_NOT_IN_SII);
	assert_int_equal(vring_stop(&ring), 0);
}

/* It goes down with the others as far as it does, and who did not is named. */
static void a_slave_that_does_not_come_down(void **state)
{
	struct ecr_request down = { .kind = ECR_REQUEST_DEACTIVATE, .target = ECR_TARGET_PREOP };
	struct ecr_sim_fault stuck = { .kind = ECR_SIM_STUCK, .slave = 2 };
	struct ecr_failure failure;

	(void)state;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &stuck));
	assert_int_equal(vring_request(&ring, &down), 0);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_ACTIVATION_BLOCKED);
	assert_int_equal(vring_await_running(&ring, ECR_S(1)), ECR_ERR_DEACTIVATION_FAILED);
	failure = last_failure();
	assert_string_equal(failure.slave, "outputs");
	assert_int_equal(vring_slave(&ring, "inputs").al_state, ECR_AL_PREOP);
	ecr_sim_clear_faults(ring.sim);
	assert_true(vring_until_state(&ring, ECR_STATE_PREOP_READY, ECR_S(20)));
	assert_int_equal(vring_stop(&ring), 0);
}

/* Found to be lost, and nothing tried for it yet, when everybody is to be raised: it is named at once. */
static void one_that_is_lost_when_all_are_raised(void **state)
{
	struct ecr_request down = { .kind = ECR_REQUEST_DEACTIVATE, .target = ECR_TARGET_SAFEOP };
	struct ecr_request up = { .kind = ECR_REQUEST_ACTIVATE };
	struct ecr_sim_fault cut = { .kind = ECR_SIM_DISCONNECT, .slave = 2 };
	struct ecr_failure failure;

	(void)state;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	assert_int_equal(vring_request(&ring, &down), 0);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &cut));
	for (int i = 0; i < 1000 && !vring_slave(&ring, "outputs").down; i++)
		vring_run_until(&ring, ring.now + ECR_MS(1));
	assert_int_equal(vring_request(&ring, &up), 0);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_ACTIVATION_BLOCKED);
	failure = last_failure();
	assert_int_equal(failure.error, ECR_ERR_ACTIVATION_FAILED);
	assert_int_equal(failure.cause, ECR_ERR_NO_RESPONSE);
	assert_string_equal(failure.slave, "outputs");
	assert_int_equal(vring_stop(&ring), 0);
}

/* 1600 bytes take more than 100 us of a wire; a period in which they just fit will do. */
static void an_image_that_no_wire_carries_in_time(void **state)
{
	static uint8_t image[32768];
	struct ecr_domain_config domains[] = { { .id = "main", .cycle_ns = ECR_US(100) }, { 0 } };
	struct ecr_sim_device device = { .name = "large", .sii = image, .emulation = true };
	struct ecr_request faster = { .kind = ECR_REQUEST_CYCLE_TIME,
				      .name = "main",
				      .cycle_ns = ECR_US(100) };
	struct ecr_failure failure;
	ecr_time needed;

	(void)state;
	vring_close(&ring);
	device.sii_size = ecr_sim_analog_sii(image, sizeof(image), "large", 400, 400);
	vring_open_devices(&ring, &device, 1);
	slaves[0] =
		(struct ecr_slave_config){ .name = "large", .process_data = ECR_ALL_TO("main") };
	slaves[1] = slaves[2] = (struct ecr_slave_config){ 0 };
	config.domains = domains;
	failure = ends(ECR_ERR_CONFIGURATION_FAILED, ECR_ERR_IMAGE_TOO_LARGE);
	assert_string_equal(failure.slave, "main");
	assert_in_range(failure.expected, 128, 200);
	assert_int_equal(failure.actual, 100);
	domains[0].cycle_ns = ECR_US(400);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	assert_int_equal(vring_request(&ring, &faster), ECR_ERR_IMAGE_TOO_LARGE);
	vring_run_until(&ring, ring.now + ECR_MS(20));
	assert_int_equal(vring_domain(&ring, "main").cycle_ns, ECR_US(400));
	assert_int_equal(vring_domain(&ring, "main").total_miss_count, 0);
	needed = ecr_domain_wire_time(&ring.core->domains[0]);
	faster.cycle_ns = needed - 1;
	assert_int_equal(vring_request(&ring, &faster), ECR_ERR_IMAGE_TOO_LARGE);
	faster.cycle_ns = needed;
	assert_int_equal(vring_request(&ring, &faster), 0);
	assert_int_equal(vring_stop(&ring), 0);
	slaves[0].target_state = ECR_TARGET_PREOP;
	domains[0].cycle_ns = needed;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_running(&ring, ECR_S(2)), 0);
	assert_int_equal(vring_stop(&ring), 0);
}

/* Drivers that describe what is not there. */
static struct ecr_signal_model model;

static int one_signal(const void *unused, const struct ecr_pdo_list *pdos,
		      struct ecr_signal_model *signals, int room)
{
	(void)unused;
	(void)pdos;
	if (room > 0)
		signals[0] = model;
	return 1;
}

static int no_model(const void *unused, const struct ecr_pdo_list *pdos,
		    struct ecr_signal_model *signals, int room)
{
	(void)unused;
	(void)pdos;
	(void)signals;
	(void)room;
	return ECR_ERR_INVALID_SIGNAL_MODEL;
}

static void refused_model(const struct ecr_driver *driver, int error, const char *subject)
{
	struct ecr_slave_info info;

	slaves[1].driver = driver;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), ECR_ERR_ACTIVATION_FAILED);
	info = vring_slave(&ring, "inputs");
	assert_int_equal(info.configuration_error, error);
	assert_string_equal(info.configuration_failure.subject, subject);
	assert_int_equal(info.al_state, ECR_AL_PREOP);
	assert_int_equal(vring_slave(&ring, "outputs").al_state, ECR_AL_OP); /* others work */
	assert_int_equal(vring_stop(&ring), 0);
}

static void drivers_that_are_wrong(void **state)
{
	static const struct ecr_driver driver = { .name = "wrong", .signal_model = one_signal };
	static const struct ecr_driver silent = { .name = "silent", .signal_model = no_model };

	(void)state;
	model = (struct ecr_signal_model){ .name = "ghost", .pdo = 0x1A99 };
	refused_model(&driver, ECR_ERR_PDO_NOT_IN_SII, "ghost");
	model = (struct ecr_signal_model){ .name = "half", .pdo = 0x1A00, .bit_offset = 1 };
	refused_model(&driver, ECR_ERR_INVALID_SIGNAL_MODEL, "half");
	model = (struct ecr_signal_model){ .name = "long", .pdo = 0x1A00, .bit_size = 9 };
	refused_model(&driver, ECR_ERR_SIGNAL_RANGE, "long");
	model = (struct ecr_signal_model){
		.name = "far", .pdo = 0x1A00, .bit_offset = 0xFFFF, .bit_size = 0xFFFF
	};
	refused_model(&driver, ECR_ERR_SIGNAL_RANGE, "far");
	memset(&model, 'x', sizeof(model.name)); /* without an end */
	model.pdo = 0x1A99;
	refused_model(&driver, ECR_ERR_PDO_NOT_IN_SII,
		      "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	refused_model(&silent, ECR_ERR_INVALID_SIGNAL_MODEL, "");
}

#define ON_A_RING(test) cmocka_unit_test_setup_teardown(test, open_ring, close_ring)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_RING(more_slaves_than_there_are),
		ON_A_RING(fewer_slaves_than_there_are),
		ON_A_RING(stations_beyond_all_numbers),
		ON_A_RING(each_part_of_an_identity),
		ON_A_RING(a_slave_that_says_nothing),
		ON_A_RING(a_slave_that_is_under_way_at_the_limit),
		ON_A_RING(an_optional_one_that_is_under_way_at_the_limit),
		ON_A_RING(a_slave_that_says_no),
		ON_A_RING(an_eeprom_that_stays_busy),
		ON_A_RING(a_mailbox_that_no_frame_holds),
		ON_A_RING(a_pdo_of_a_sync_manager_that_is_not_there),
		ON_A_RING(a_slave_that_does_not_come_down),
		ON_A_RING(one_that_is_lost_when_all_are_raised),
		ON_A_RING(an_image_that_no_wire_carries_in_time),
		ON_A_RING(drivers_that_are_wrong),
	};

	return RUN(tests);
}
