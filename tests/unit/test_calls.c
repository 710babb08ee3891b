/* SPDX-License-Identifier: Apache-2.0 */
/* Every call in every state: what it answers (the table of the lifecycle in docs/manual.md). */
#include "support/check.h"
#include "support/vring.h"

#include <stdio.h>

static struct vring ring;
static struct ecr_config config;
static struct ecr_slave_config slaves[5];

/* The default ring, and behind it a slave with a mailbox that stays in PREOP. */
static void open_ring(enum ecr_target target)
{
	static const char *const names[] = { "coupler", "inputs", "outputs", "talker" };
	static const char *const devices_of[] = { "EK1100", "EL1809", "EL2809", "mailbox" };
	static uint8_t images[4][2048];
	struct ecr_sim_device devices[4] = { 0 };

	for (int i = 0; i < 4; i++) {
		devices[i] = (struct ecr_sim_device){ .name = names[i], .sii = images[i] };
		assert_true(ecr_sim_shipped(devices_of[i], &devices[i], images[i], 2048));
	}
	vring_open_devices(&ring, devices, 4);
	config = vring_default_config();
	for (int i = 0; i < 4; i++) {
		slaves[i] = i < 3 ? vring_default_slaves[i]
				  : (struct ecr_slave_config){ .name = "talker" };
		slaves[i].target_state = i < 3 ? target : ECR_TARGET_PREOP;
	}
	config.slaves = slaves;
}

static int call(enum ecr_request_kind kind, const char *name, enum ecr_target target)
{
	static union {
		struct ecr_slave_info slave;
		struct ecr_domain_info domain[4];
		struct ecr_slave_summary slaves[8];
		struct ecr_signal_info signals[64];
		struct ecr_bus_info bus;
		struct ecr_failure failure;
		struct ecr_emergency emergencies[4];
		struct ecr_sdo sdo;
	} out;
	static uint8_t data[4];
	struct ecr_slave_config change = { .process_data = ECR_ALL_TO("main"),
					   .target_state = ECR_TARGET_PREOP };
	struct ecr_request request = { .kind = kind,
				       .name = name,
				       .target = target,
				       .out = &out,
				       .room = 4,
				       .slave = &change,
				       .cycle_ns = ECR_MS(5) };

	if (kind == ECR_REQUEST_SDO)
		out.sdo = (struct ecr_sdo){ .index = 0x1000, .data = data, .size = sizeof(data) };
	if (kind == ECR_REQUEST_AWAIT_RUNNING || kind == ECR_REQUEST_AWAIT_OPERATIONAL)
		request.deadline = ring.now + ECR_MS(1);
	return vring_request(&ring, &request);
}

/* Only answers that come at once and change nothing. */
struct row {
	enum ecr_request_kind kind;
	const char *name;
	enum ecr_target target;
	int result;
};

static void expect(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int result = call(rows[i].kind, rows[i].name, rows[i].target);

		if (result != rows[i].result)
			print_message("row %zu, state %s: %s instead of %s\n", i,
				      ecr_state_name(ecr_core_state(ring.core)),
				      result > 0 ? "a count" : ecr_error_name(result),
				      rows[i].result > 0 ? "a count"
							 : ecr_error_name(rows[i].result));
		assert_int_equal(result, rows[i].result);
	}
}

#define EXPECT(rows) expect(rows, sizeof(rows) / sizeof((rows)[0]))

static void in_idle(void **state)
{
	const struct row rows[] = {
		{ ECR_REQUEST_STOP, NULL, 0, ECR_ERR_ALREADY_STOPPED },
		{ ECR_REQUEST_LAST_FAILURE, NULL, 0, 0 },
		{ ECR_REQUEST_BUS_INFO, NULL, 0, 0 },
		{ ECR_REQUEST_SLAVES, NULL, 0, ECR_ERR_NOT_STARTED },
		{ ECR_REQUEST_DOMAINS, NULL, 0, ECR_ERR_NOT_STARTED },
		{ ECR_REQUEST_SLAVE_INFO, "inputs", 0, ECR_ERR_NOT_STARTED },
		{ ECR_REQUEST_DOMAIN_INFO, "main", 0, ECR_ERR_NOT_STARTED },
		{ ECR_REQUEST_AWAIT_RUNNING, NULL, 0, ECR_ERR_NOT_STARTED },
		{ ECR_REQUEST_AWAIT_OPERATIONAL, NULL, 0, ECR_ERR_NOT_STARTED },
		{ ECR_REQUEST_CONFIGURE_SLAVE, "inputs", 0, ECR_ERR_NOT_STARTED },
		{ ECR_REQUEST_ACTIVATE, NULL, 0, ECR_ERR_NOT_STARTED },
		{ ECR_REQUEST_DEACTIVATE, NULL, ECR_TARGET_PREOP, ECR_ERR_NOT_STARTED },
		{ ECR_REQUEST_DEACTIVATE, NULL, ECR_TARGET_OP, ECR_ERR_INVALID_DEACTIVATE_TARGET },
		{ ECR_REQUEST_CYCLE_TIME, "main", 0, ECR_ERR_NOT_STARTED },
		{ ECR_REQUEST_TRANSACT, NULL, 0, ECR_ERR_NOT_STARTED },
		{ ECR_REQUEST_SDO, "talker", 0, ECR_ERR_NOT_STARTED },
		{ ECR_REQUEST_SDO_CANCEL, NULL, 0, ECR_ERR_NOT_FOUND },
		{ ECR_REQUEST_EMERGENCIES, "talker", 0, ECR_ERR_NOT_STARTED },
	};

	(void)state;
	open_ring(ECR_TARGET_OP);
	EXPECT(rows);
	vring_close(&ring);
}

static void in_discovering(void **state)
{
	const struct row rows[] = {
		{ ECR_REQUEST_START, NULL, 0, ECR_ERR_ALREADY_STARTED },
		{ ECR_REQUEST_SLAVES, NULL, 0, 0 },
		{ ECR_REQUEST_DOMAINS, NULL, 0, 1 },
		{ ECR_REQUEST_CONFIGURE_SLAVE, "inputs", 0, ECR_ERR_DISCOVERING },
		{ ECR_REQUEST_ACTIVATE, NULL, 0, ECR_ERR_DISCOVERING },
		{ ECR_REQUEST_DEACTIVATE, NULL, ECR_TARGET_SAFEOP, ECR_ERR_DISCOVERING },
		{ ECR_REQUEST_CYCLE_TIME, "other", 0, ECR_ERR_UNKNOWN_DOMAIN },
		{ ECR_REQUEST_AWAIT_RUNNING, NULL, 0, ECR_ERR_TIMEOUT },
		{ ECR_REQUEST_AWAIT_OPERATIONAL, NULL, 0, ECR_ERR_TIMEOUT },
		{ ECR_REQUEST_SDO, "talker", 0, ECR_ERR_UNKNOWN_SLAVE },
		{ ECR_REQUEST_SDO_CANCEL, NULL, 0, ECR_ERR_NOT_FOUND },
		{ ECR_REQUEST_EMERGENCIES, "talker", 0, ECR_ERR_NOT_FOUND },
	};

	(void)state;
	open_ring(ECR_TARGET_OP);
	config.scan_stable_ms = 1000;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_DISCOVERING);
	EXPECT(rows);
	assert_int_equal(vring_stop(&ring), 0);
	vring_close(&ring);
}

static void in_preop_ready(void **state)
{
	const struct row rows[] = {
		{ ECR_REQUEST_START, NULL, 0, ECR_ERR_ALREADY_STARTED },
		{ ECR_REQUEST_SLAVES, NULL, 0, 4 },
		{ ECR_REQUEST_DOMAINS, NULL, 0, 1 },
		{ ECR_REQUEST_SLAVE_INFO, "nobody", 0, ECR_ERR_NOT_FOUND },
		{ ECR_REQUEST_DOMAIN_INFO, "nothing", 0, ECR_ERR_NOT_FOUND },
		{ ECR_REQUEST_AWAIT_RUNNING, NULL, 0, 0 },
		{ ECR_REQUEST_AWAIT_OPERATIONAL, NULL, 0, ECR_ERR_TIMEOUT },
		{ ECR_REQUEST_CONFIGURE_SLAVE, "nobody", 0, ECR_ERR_UNKNOWN_SLAVE },
		{ ECR_REQUEST_DEACTIVATE, NULL, ECR_TARGET_SAFEOP, ECR_ERR_NOT_OPERATIONAL },
		{ ECR_REQUEST_DEACTIVATE, NULL, ECR_TARGET_PREOP, 0 },
		{ ECR_REQUEST_CYCLE_TIME, "main", 0, 0 },
		{ ECR_REQUEST_SDO, "talker", 0, 0 },
		{ ECR_REQUEST_SDO, "inputs", 0, ECR_ERR_NO_MAILBOX },
		{ ECR_REQUEST_SDO, "nobody", 0, ECR_ERR_UNKNOWN_SLAVE },
		{ ECR_REQUEST_SDO_CANCEL, NULL, 0, ECR_ERR_NOT_FOUND },
		{ ECR_REQUEST_EMERGENCIES, "talker", 0, 0 },
		{ ECR_REQUEST_EMERGENCIES, "nobody", 0, ECR_ERR_NOT_FOUND },
		{ ECR_REQUEST_CONFIGURE_SLAVE, "inputs", 0, 0 },
	};

	(void)state;
	open_ring(ECR_TARGET_PREOP);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_running(&ring, ECR_S(2)), 0);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_PREOP_READY);
	EXPECT(rows);
	vring_close(&ring);
}

static void in_operational_and_deactivated(void **state)
{
	const struct row operational[] = {
		{ ECR_REQUEST_START, NULL, 0, ECR_ERR_ALREADY_STARTED },
		{ ECR_REQUEST_AWAIT_RUNNING, NULL, 0, 0 },
		{ ECR_REQUEST_AWAIT_OPERATIONAL, NULL, 0, 0 },
		{ ECR_REQUEST_CONFIGURE_SLAVE, "inputs", 0, ECR_ERR_ACTIVATION_ALREADY_STARTED },
		{ ECR_REQUEST_ACTIVATE, NULL, 0, ECR_ERR_ALREADY_ACTIVATED },
		{ ECR_REQUEST_CYCLE_TIME, "main", 0, 0 },
		{ ECR_REQUEST_SDO, "talker", 0, 0 },
		{ ECR_REQUEST_SDO, "inputs", 0, ECR_ERR_NO_MAILBOX },
		{ ECR_REQUEST_EMERGENCIES, "talker", 0, 0 },
		{ ECR_REQUEST_DEACTIVATE, NULL, ECR_TARGET_SAFEOP, 0 },
	};
	const struct row deactivated[] = {
		{ ECR_REQUEST_AWAIT_RUNNING, NULL, 0, 0 },
		{ ECR_REQUEST_AWAIT_OPERATIONAL, NULL, 0, ECR_ERR_TIMEOUT },
		{ ECR_REQUEST_CONFIGURE_SLAVE, "inputs", 0, ECR_ERR_NOT_PREOP },
		{ ECR_REQUEST_SDO, "talker", 0, 0 },
		{ ECR_REQUEST_EMERGENCIES, "talker", 0, 0 },
		{ ECR_REQUEST_DEACTIVATE, NULL, ECR_TARGET_SAFEOP, 0 },
		{ ECR_REQUEST_ACTIVATE, NULL, 0, 0 },
	};

	(void)state;
	open_ring(ECR_TARGET_OP);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	EXPECT(operational);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_DEACTIVATED);
	assert_int_equal(vring_slave(&ring, "outputs").al_state, ECR_AL_SAFEOP);
	EXPECT(deactivated);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
	assert_int_equal(vring_domain(&ring, "main").cycle_time_us, 5000);
	assert_int_equal(call(ECR_REQUEST_DEACTIVATE, NULL, ECR_TARGET_PREOP), 0);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_PREOP_READY);
	vring_close(&ring);
}

/* PREOP first: everything is configured while running, as often as wanted, then activated. */
static void provisioning_in_preop(void **state)
{
	struct ecr_slave_config change = { .process_data = ECR_ALL_TO("main") };
	const char *const names[] = { "slave_1", "slave_2" };

	(void)state;
	open_ring(ECR_TARGET_OP);
	config.slaves = NULL;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_running(&ring, ECR_S(2)), 0);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_PREOP_READY);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 2; i++) {
			struct ecr_request request = { .kind = ECR_REQUEST_CONFIGURE_SLAVE,
						       .name = names[i],
						       .slave = &change };

			assert_int_equal(vring_request(&ring, &request), 0);
		}
	}
	assert_int_equal(call(ECR_REQUEST_ACTIVATE, NULL, 0), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	assert_int_equal(vring_domain(&ring, "main").expected_wkc, 3);
	assert_int_equal(vring_slave(&ring, "slave_1").al_state, ECR_AL_OP);
	assert_int_equal(vring_slave(&ring, "slave_0").al_state, ECR_AL_PREOP);
	vring_close(&ring);
}

/* At whatever instant of it: the slave is configured all the same, and that is told. */
static void a_deactivation_does_not_cut_a_configuration_off(void **state)
{
	static const struct ecr_slave_config changes[] = { { .process_data = ECR_ALL_TO("main") },
							   { .watchdog_ms = 50 } };
	uint64_t told;

	(void)state;
	open_ring(ECR_TARGET_OP);
	config.slaves = NULL;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_running(&ring, ECR_S(2)), 0);
	told = ring.counts[ECR_EVENT_CONFIGURATION_RESULT];
	for (unsigned int i = 0; i < 40; i++) {
		bool done = false;
		struct ecr_request request = { .kind = ECR_REQUEST_CONFIGURE_SLAVE,
					       .name = "slave_1",
					       .slave = &changes[i % 2],
					       .context = &done };

		assert_int_equal(ecr_core_submit(ring.core, ring.now, &request), 0);
		vring_run_until(&ring, ring.now + i / 2 * ECR_US(50));
		assert_int_equal(call(ECR_REQUEST_DEACTIVATE, NULL, ECR_TARGET_PREOP), 0);
		assert_true(done);
		assert_int_equal(request.result, 0);
		assert_int_equal(ring.counts[ECR_EVENT_CONFIGURATION_RESULT], told + i + 1);
		assert_int_equal(ecr_core_state(ring.core), ECR_STATE_PREOP_READY);
		assert_int_equal(call(ECR_REQUEST_ACTIVATE, NULL, 0), 0);
		assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
		assert_int_equal(vring_domain(&ring, "main").expected_wkc, i % 2 ? 0 : 1);
		assert_int_equal(vring_domain(&ring, "main").total_miss_count, 0);
		assert_int_equal(call(ECR_REQUEST_DEACTIVATE, NULL, ECR_TARGET_PREOP), 0);
	}
	vring_close(&ring);
}

/* Whatever is found, all alike, to OP in one go. */
static void everything_that_is_found(void **state)
{
	static const struct ecr_slave_config each = { .name = "ignored",
						      .process_data = ECR_ALL_TO("main"),
						      .watchdog_ms = 400 };
	struct ecr_failure failure;
	struct ecr_request ask = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };

	(void)state;
	open_ring(ECR_TARGET_OP);
	config.each = &each;
	assert_int_equal(vring_start(&ring, &config), ECR_ERR_INVALID_OPTIONS);
	assert_int_equal(vring_request(&ring, &ask), 0);
	assert_string_equal(failure.subject, "each with slaves");
	config.slaves = NULL;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	assert_int_equal(vring_slave(&ring, "slave_1").signal_count, 16);
	assert_int_equal(vring_slave(&ring, "slave_2").signal_count, 16);
	assert_int_equal(vring_slave(&ring, "slave_3").al_state, ECR_AL_OP);
	vring_close(&ring);
}

/* A slave with fewer FMMUs than its mapping needs: blocked, explained, and healed by asking for less. */
static void in_activation_blocked(void **state)
{
	const struct row rows[] = {
		{ ECR_REQUEST_START, NULL, 0, ECR_ERR_ALREADY_STARTED },
		{ ECR_REQUEST_SLAVES, NULL, 0, 4 },
		{ ECR_REQUEST_AWAIT_RUNNING, NULL, 0, ECR_ERR_ACTIVATION_FAILED },
		{ ECR_REQUEST_AWAIT_OPERATIONAL, NULL, 0, ECR_ERR_ACTIVATION_FAILED },
		{ ECR_REQUEST_CONFIGURE_SLAVE, "inputs", 0, ECR_ERR_ACTIVATION_IN_PROGRESS },
		{ ECR_REQUEST_ACTIVATE, NULL, 0, ECR_ERR_ACTIVATION_IN_PROGRESS },
		{ ECR_REQUEST_SDO, "talker", 0, 0 },
		{ ECR_REQUEST_EMERGENCIES, "talker", 0, 0 },
	};
	struct ecr_slave_info info;
	struct ecr_failure failure;
	struct ecr_request ask = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };

	(void)state;
	open_ring(ECR_TARGET_OP);
	ecr_sim_registers(ring.sim, 2)[0x0004] = 0; /* the terminal's outputs need one */
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(5)), ECR_ERR_ACTIVATION_FAILED);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_ACTIVATION_BLOCKED);
	EXPECT(rows);
	info = vring_slave(&ring, "outputs");
	assert_int_equal(info.configuration_error, ECR_ERR_FMMU_LIMIT);
	assert_int_equal(info.fault.kind, ECR_FAULT_PREOP);
	assert_int_equal(info.al_state, ECR_AL_PREOP);
	assert_int_equal(vring_slave(&ring, "inputs").al_state, ECR_AL_OP);
	assert_int_equal(vring_request(&ring, &ask), 0);
	assert_string_equal(failure.slave, "outputs");
	assert_int_equal(failure.cause, ECR_ERR_FMMU_LIMIT);
	vring_run_until(&ring, ring.now + ECR_S(12)); /* it stays blocked and goes on saying why */
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_ACTIVATION_BLOCKED);
	assert_int_equal(vring_slave(&ring, "outputs").configuration_error, ECR_ERR_FMMU_LIMIT);
	assert_int_equal(call(ECR_REQUEST_DEACTIVATE, NULL, ECR_TARGET_PREOP), 0);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_PREOP_READY);
	vring_close(&ring);
}

/* While a cut line is being healed. */
static void in_recovering(void **state)
{
	const struct row rows[] = {
		{ ECR_REQUEST_START, NULL, 0, ECR_ERR_ALREADY_STARTED },
		{ ECR_REQUEST_AWAIT_RUNNING, NULL, 0, ECR_ERR_RUNTIME_DEGRADED },
		{ ECR_REQUEST_AWAIT_OPERATIONAL, NULL, 0, ECR_ERR_RUNTIME_DEGRADED },
		{ ECR_REQUEST_CONFIGURE_SLAVE, "inputs", 0, ECR_ERR_RECOVERY_IN_PROGRESS },
		{ ECR_REQUEST_ACTIVATE, NULL, 0, ECR_ERR_RECOVERY_IN_PROGRESS },
		{ ECR_REQUEST_CYCLE_TIME, "main", 0, 0 },
		{ ECR_REQUEST_SDO, "inputs", 0, ECR_ERR_NO_MAILBOX },
		{ ECR_REQUEST_EMERGENCIES, "talker", 0, 0 },
	};
	struct ecr_sim_fault cut = { .kind = ECR_SIM_DISCONNECT, .slave = 2 };

	(void)state;
	open_ring(ECR_TARGET_OP);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &cut));
	assert_true(vring_until_state(&ring, ECR_STATE_RECOVERING, ECR_MS(500)));
	EXPECT(rows);
	ecr_sim_clear_faults(ring.sim);
	assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(6)));
	vring_close(&ring);
}

/* Default watchdog max(100 ms, 10 periods): a period of 60 ms would let it expire at the first lost cycle. */
/* A stop is not taken back, and comes to its end. */
static void while_stopping(void **state)
{
	bool stopped = false;
	struct ecr_request stop = { .kind = ECR_REQUEST_STOP, .context = &stopped };
	struct ecr_request lower = { .kind = ECR_REQUEST_DEACTIVATE, .target = ECR_TARGET_SAFEOP };

	(void)state;
	open_ring(ECR_TARGET_OP);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	assert_int_equal(ecr_core_submit(ring.core, ring.now, &stop), 0);
	assert_int_equal(vring_request(&ring, &lower), ECR_ERR_STOPPED);
	vring_run_until(&ring, ring.now + ECR_S(2));
	assert_true(stopped);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_IDLE);
	vring_close(&ring);
}

static void a_period_too_long_for_the_watchdog_is_refused(void **state)
{
	struct ecr_request change = { .kind = ECR_REQUEST_CYCLE_TIME,
				      .name = "main",
				      .cycle_ns = ECR_MS(60) };

	(void)state;
	open_ring(ECR_TARGET_OP);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	assert_int_equal(vring_request(&ring, &change), ECR_ERR_WATCHDOG_TOO_SHORT);
	assert_int_equal(vring_domain(&ring, "main").cycle_time_us, 10000);
	change.cycle_ns = ECR_MS(20);
	assert_int_equal(vring_request(&ring, &change), 0);
	vring_run_until(&ring, ring.now + ECR_MS(200));
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
	assert_int_equal(vring_domain(&ring, "main").cycle_time_us, 20000);
	vring_close(&ring);
}

static void another_device_is_refused_by_name(void **state)
{
	struct ecr_failure failure;
	struct ecr_request ask = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };

	(void)state;
	open_ring(ECR_TARGET_OP);
	slaves[1].check = ECR_CHECK_VENDOR | ECR_CHECK_PRODUCT;
	slaves[1].identity = (struct ecr_identity){ .vendor = 2, .product = 0x1234 };
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_running(&ring, ECR_S(2)), ECR_ERR_CONFIGURATION_FAILED);
	assert_int_equal(vring_request(&ring, &ask), 0);
	assert_string_equal(failure.slave, "inputs");
	assert_string_equal(failure.subject, "product code");
	assert_int_equal(failure.expected, 0x1234);
	assert_int_equal(failure.actual, 0x07113052);
	vring_close(&ring);
}

static void invalid_options_are_named(void **state)
{
	const struct ecr_domain_config twice[] = { { .id = "a" }, { .id = "a" }, { 0 } };
	struct ecr_slave_config bold[] = {
		{ .name = "coupler" }, { .name = "inputs" }, { .name = "outputs" }, { 0 }
	};
	struct ecr_failure failure;
	struct ecr_request ask = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };

	(void)state;
	open_ring(ECR_TARGET_OP);
	config.domains = twice;
	assert_int_equal(vring_start(&ring, &config), ECR_ERR_INVALID_OPTIONS);
	assert_int_equal(vring_request(&ring, &ask), 0);
	assert_string_equal(failure.subject, "domain id");
	assert_int_equal(failure.cause, ECR_ERR_DUPLICATE_NAME);
	config = vring_default_config();
	bold[1].watchdog_ms = 7000;
	config.slaves = bold;
	assert_int_equal(vring_start(&ring, &config), ECR_ERR_INVALID_OPTIONS);
	assert_int_equal(vring_request(&ring, &ask), 0);
	assert_string_equal(failure.subject, "slave watchdog_ms (at most 6553)");
	assert_string_equal(failure.slave, "inputs");
	config = vring_default_config();
	config.base_station = 0x10000;
	assert_int_equal(vring_start(&ring, &config), ECR_ERR_INVALID_OPTIONS);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_idle),
		cmocka_unit_test(in_discovering),
		cmocka_unit_test(in_preop_ready),
		cmocka_unit_test(in_operational_and_deactivated),
		cmocka_unit_test(provisioning_in_preop),
		cmocka_unit_test(a_deactivation_does_not_cut_a_configuration_off),
		cmocka_unit_test(everything_that_is_found),
		cmocka_unit_test(in_activation_blocked),
		cmocka_unit_test(in_recovering),
		cmocka_unit_test(while_stopping),
		cmocka_unit_test(a_period_too_long_for_the_watchdog_is_refused),
		cmocka_unit_test(another_device_is_refused_by_name),
		cmocka_unit_test(invalid_options_are_named),
	};

	return RUN(tests);
}
