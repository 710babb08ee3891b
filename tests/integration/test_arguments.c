/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments that make no sense: an error each, in idle and while cycling, and the session goes on. */
#include "support/check.h"

#include <ecring/ecring.h>
#include <ecring/endpoint.h>

#include <stdio.h>
#include <stdlib.h>

static uint8_t images[3][1024];
static struct ecr_sim *sim;
static const struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = ECR_MS(2) }, { 0 } };
static const struct ecr_slave_config slaves[] = {
	{ .name = "coupler" },
	{ .name = "inputs", .process_data = ECR_ALL_TO("io") },
	{ .name = "outputs", .process_data = ECR_ALL_TO("io") },
	{ 0 }
};

static struct ecr_config make_ring(void)
{
	static const char *const names[] = { "EK1100", "EL1809", "EL2809" };
	static const char *const called[] = { "coupler", "inputs", "outputs" };
	struct ecr_sim_device devices[3] = { 0 };

	for (int i = 0; i < 3; i++) {
		devices[i].name = called[i];
		assert_true(ecr_sim_shipped(names[i], &devices[i], images[i], sizeof(images[i])));
	}
	sim = ecr_sim_init(malloc(ecr_sim_size(devices, 3)), ecr_sim_size(devices, 3), devices, 3);
	assert_non_null(sim);
	return (struct ecr_config){ .simulator = sim,
				    .domains = domains,
				    .slaves = slaves,
				    .scan_poll_ms = 10,
				    .scan_stable_ms = 20 };
}

#define bad(call) assert_string_equal(ecr_error_name(call), "invalid_argument")

static void without_a_master(void)
{
	struct ecr_config config = { 0 };
	struct ecr_signal handle = { 0 };
	struct ecr_sample sample;
	struct ecr_slave_info info;
	struct ecr_bus_info bus;
	struct ecr_failure failure;
	struct ecr_domain_stats stats;
	struct ecr_image_sample share;
	uint32_t offset;
	uint8_t bytes[4];
	char text[100];
	bool cycling;
	int error;

	bad(ecr_start(NULL, &config));
	bad(ecr_start_manual(NULL, &config));
	bad(ecr_stop(NULL));
	assert_int_equal(ecr_close(NULL), 0);
	assert_int_equal(ecr_state(NULL), ECR_STATE_IDLE);
	bad(ecr_await_running(NULL, 1));
	bad(ecr_activate(NULL));
	bad(ecr_deactivate(NULL, ECR_TARGET_PREOP));
	bad(ecr_slave_info(NULL, "inputs", &info));
	bad(ecr_bus_info(NULL, &bus));
	bad(ecr_last_failure(NULL, &failure));
	bad(ecr_report(NULL, stdout));
	bad(ecr_signal_read(NULL, handle, &sample));
	bad(ecr_read_input(NULL, "inputs", "ch1", &sample));
	bad(ecr_write_output(NULL, "outputs", "ch1", ecr_bool(true)));
	bad(ecr_domain_read(NULL, "io", 0, bytes, 1));
	bad(ecr_domain_write(NULL, "io", 0, bytes, 1));
	bad(ecr_domain_stats(NULL, "io", &stats));
	bad(ecr_domain_register_pdo(NULL, "io", "inputs", 0, 2, ECR_INPUT, &offset));
	bad(ecr_domain_sample(NULL, "io", "inputs", 0, bytes, 2, &share));
	bad(ecr_event_counts(NULL, NULL));
	assert_int_equal(ecr_run_once(NULL, 0), ECR_ERR_NOT_STARTED);
	assert_int_equal(ecr_sdo_fd(NULL), -1);
	assert_null(ecr_sdo_done(NULL));
	ecr_unsubscribe(NULL);
	assert_int_equal(ecr_subscription_fd(NULL), -1);
	bad(ecr_subscription_next(NULL, NULL, NULL));
	ecr_dictionary_free(NULL);
	ecr_endpoint_close(NULL);
	assert_null(ecr_endpoint_open(NULL, "udp:127.0.0.1:0", &error, text, sizeof(text)));
	bad(error);
	bad(ecr_scan(NULL, NULL, 0, &cycling, text, sizeof(text)));
	bad(ecr_scan("lo", NULL, 1, &cycling, text, sizeof(text)));
	bad(ecr_scan_sii("lo", -1, bytes, sizeof(bytes), text, sizeof(text)));
}

/* Nowhere to put the answer, nobody meant, nothing to send. */
static void with_a_master(struct ecr_master *master)
{
	struct ecr_signal handle = { 0 };
	struct ecr_subscription *subscription;
	struct ecr_sample sample;
	struct ecr_image_sample share;
	uint32_t offset;
	struct ecr_sdo sdo = { 0 };
	size_t size = 4;
	uint8_t bytes[4];

	bad(ecr_start(master, NULL));
	bad(ecr_configure_slave(master, "inputs", NULL));
	bad(ecr_slaves(master, NULL, 1));
	bad(ecr_domains(master, NULL, 1));
	bad(ecr_slaves(master, (struct ecr_slave_summary *)bytes, -1));
	bad(ecr_slave_info(master, "inputs", NULL));
	bad(ecr_slave_signals(master, "inputs", NULL, 1));
	bad(ecr_slave_pdos(master, "inputs", NULL, 1));
	bad(ecr_domain_info(master, "io", NULL));
	bad(ecr_bus_info(master, NULL));
	bad(ecr_thread_info(master, NULL));
	bad(ecr_last_failure(master, NULL));
	bad(ecr_report(master, NULL));
	bad(ecr_failure_print(NULL, stdout));
	bad(ecr_event_counts(master, NULL));
	bad(ecr_dc_status(master, NULL));
	bad(ecr_dc_slaves(master, NULL, 1));
	bad(ecr_links(master, NULL, 1));
	bad(ecr_loose_ends(master, NULL, 1));
	bad(ecr_al_history(master, "inputs", NULL, 1));
	bad(ecr_emergencies(master, "inputs", NULL, 1));
	bad(ecr_signal_find(master, "inputs", "ch1", NULL));
	bad(ecr_signal_find(master, NULL, "ch1", &handle));
	bad(ecr_signal_find(master, "inputs", NULL, &handle));
	bad(ecr_signal_read(master, handle, NULL));
	bad(ecr_signal_write(master, handle, NULL));
	bad(ecr_read_input(master, "inputs", NULL, &sample));
	bad(ecr_write_output(master, NULL, NULL, ecr_bool(true)));
	bad(ecr_domain_read(master, NULL, 0, bytes, 1));
	bad(ecr_domain_read(master, "io", 0, NULL, 1));
	bad(ecr_domain_write(master, "io", 0, NULL, 1));
	bad(ecr_domain_stats(master, "io", NULL));
	bad(ecr_domain_register_pdo(master, "io", "inputs", 0, 2, ECR_INPUT, NULL));
	bad(ecr_domain_register_pdo(master, NULL, "inputs", 0, 2, ECR_INPUT, &offset));
	bad(ecr_domain_register_pdo(master, "io", NULL, 0, 2, ECR_INPUT, &offset));
	bad(ecr_domain_register_pdo(master, "io", "inputs", 0, 0, ECR_INPUT, &offset));
	bad(ecr_domain_register_pdo(master, "io", "inputs", 0, 2, (enum ecr_direction)7, &offset));
	bad(ecr_domain_sample(master, NULL, "inputs", 0, bytes, 2, &share));
	bad(ecr_domain_sample(master, "io", NULL, 0, bytes, 2, &share));
	bad(ecr_domain_sample(master, "io", "inputs", 0, NULL, 2, &share));
	bad(ecr_domain_sample(master, "io", "inputs", 0, bytes, 2, NULL));
	bad(ecr_subscribe(master, "inputs", NULL, &subscription));
	bad(ecr_subscribe(master, NULL, NULL, NULL));
	bad(ecr_subscribe_events(master, 0, &subscription));
	bad(ecr_sdo_submit(master, NULL));
	bad(ecr_sdo_submit(master, &sdo));
	bad(ecr_sdo_run(master, NULL));
	bad(ecr_sdo_run(master, &sdo));
	bad(ecr_sdo_cancel(master, NULL));
	bad(ecr_sdo_report(NULL, stdout));
	bad(ecr_upload_sdo(master, "inputs", 0x1000, 0, bytes, NULL));
	bad(ecr_upload_sdo(master, NULL, 0x1000, 0, bytes, &size));
	bad(ecr_sdo_read_string(master, "inputs", 0x1008, 0, NULL, 4));
	bad(ecr_dictionary_read(master, "inputs", NULL));
	bad(ecr_tell_simulator(master, "heal", NULL, 10));
	assert_int_equal(ecr_deactivate(master, ECR_TARGET_OP), ECR_ERR_INVALID_DEACTIVATE_TARGET);
}

static void in_idle(void **state)
{
	struct ecr_subscription *subscription;
	struct ecr_master *master = ecr_open();

	(void)state;
	without_a_master();
	with_a_master(master);
	for (int i = 0; i < 64; i++) /* they end with the master: nothing leaks */
		assert_int_equal(ecr_subscribe(master, NULL, NULL, &subscription), 0);
	assert_int_equal(ecr_subscribe(master, NULL, NULL, &subscription), ECR_ERR_BUSY);
	assert_int_equal(ecr_close(master), 0);
}

static void transactions(struct ecr_master *master)
{
	static uint8_t data[1600];
	struct ecr_user_datagram one = { .command = 7, .length = 1486, .data = data };
	struct ecr_user_datagram many[ECR_USER_DATAGRAMS + 1];

	for (int i = 0; i <= ECR_USER_DATAGRAMS; i++)
		many[i] = (struct ecr_user_datagram){ .command = 7, .length = 1, .data = data };
	assert_int_equal(ecr_transact(master, &one, 1, 0), 0);
	assert_int_equal(one.wkc, 3);
	one.length = 1487;
	assert_int_equal(ecr_transact(master, &one, 1, 0), ECR_ERR_FRAME_TOO_LARGE);
	one.length = 0xFFFF;
	assert_int_equal(ecr_transact(master, &one, 1, 0), ECR_ERR_FRAME_TOO_LARGE);
	many[0].length = 1474;
	assert_int_equal(ecr_transact(master, many, 2, 0), ECR_ERR_FRAME_TOO_LARGE);
	many[0].length = 1473;
	assert_int_equal(ecr_transact(master, many, 2, 0), 0);
	assert_int_equal(ecr_transact(master, many + 1, ECR_USER_DATAGRAMS, 0), 0);
	bad(ecr_transact(master, many, ECR_USER_DATAGRAMS + 1, 0));
	bad(ecr_transact(master, many, 0, 0));
	bad(ecr_transact(master, many, -1, 0));
	bad(ecr_transact(master, NULL, 1, 0));
	bad(ecr_transact(master, many, 1, -1));
	many[0].data = NULL;
	bad(ecr_transact(master, many, 1, 0));
	many[0] = (struct ecr_user_datagram){ .command = 15 };
	bad(ecr_transact(master, many, 1, 0));
}

/* Names that nobody has, numbers beyond everything. */
static void strangers(struct ecr_master *master)
{
	struct ecr_signal stranger = { .number = 1u << 30 };
	struct ecr_slave_config config = { 0 };
	struct ecr_slave_info info;
	struct ecr_domain_info domain;
	struct ecr_sample sample;
	uint8_t bytes[8];

	assert_int_equal(ecr_slave_info(master, NULL, &info), ECR_ERR_NOT_FOUND);
	assert_int_equal(ecr_slave_info(master, "", &info), ECR_ERR_NOT_FOUND);
	assert_int_equal(ecr_domain_info(master, NULL, &domain), ECR_ERR_NOT_FOUND);
	assert_int_equal(ecr_domain_start_cycling(master, NULL), ECR_ERR_NOT_FOUND);
	assert_int_equal(ecr_domain_start_cycling(master, "io"), ECR_ERR_ALREADY_CYCLING);
	assert_int_equal(ecr_update_domain_cycle_time(master, NULL, ECR_MS(1)),
			 ECR_ERR_UNKNOWN_DOMAIN);
	assert_true(ecr_update_domain_cycle_time(master, "io", 0) < 0);
	assert_true(ecr_update_domain_cycle_time(master, "io", -1) < 0);
	assert_true(ecr_update_domain_cycle_time(master, "io", ECR_US(99)) < 0);
	assert_true(ecr_update_domain_cycle_time(master, "io", ECR_NEVER) < 0);
	assert_int_equal(ecr_configure_slave(master, NULL, &config),
			 ECR_ERR_ACTIVATION_ALREADY_STARTED);
	assert_int_equal(ecr_signal_read(master, stranger, &sample), ECR_ERR_NOT_FOUND);
	bad(ecr_domain_read(master, "io", 1, bytes, 4));
	bad(ecr_domain_read(master, "io", 0xFFFFFFFF, bytes, 8));
	bad(ecr_domain_write(master, "io", 2, bytes, 0xFFFFFFFF));
	assert_int_equal(ecr_slaves(master, NULL, 0), 3);
	assert_int_equal(ecr_write_output(master, "outputs", "ch1", ecr_unsigned(2)),
			 ECR_ERR_INVALID_VALUE);
	assert_int_equal(ecr_write_output(master, "outputs", "ch1",
					  (struct ecr_value){ .type = (enum ecr_type)99 }),
			 ECR_ERR_INVALID_VALUE);
}

/* Calls that no other test makes: one domain by hand, clocks of a ring that has none, a slave without mailbox. */
static void the_rest(struct ecr_master *master)
{
	struct ecr_domain_info domain;
	struct ecr_object object;
	uint16_t station;
	char name[ECR_NAME_SIZE];

	assert_int_equal(ecr_domain_stop_cycling(master, "nobody"), ECR_ERR_NOT_FOUND);
	assert_int_equal(ecr_domain_stop_cycling(master, "io"), 0);
	assert_int_equal(ecr_domain_info(master, "io", &domain), 0);
	assert_string_equal(ecr_domain_state_name(domain.state), "stopped");
	assert_string_not_equal(ecr_freshness_name(domain.freshness.state), "not_ready");
	assert_int_equal(ecr_domain_start_cycling(master, "io"), 0);
	assert_int_equal(ecr_reference_clock(master, name, &station), ECR_ERR_NO_REFERENCE_CLOCK);
	assert_int_equal(ecr_await_dc_locked(master, ECR_MS(1)), ECR_ERR_DC_LOCK_UNAVAILABLE);
	assert_int_equal(ecr_object_describe(master, "inputs", 0x1000, &object),
			 ECR_ERR_NO_MAILBOX);
	bad(ecr_object_describe(master, "inputs", 0x1000, NULL));
}

/* Times that are over at once, and those that are beyond all times. */
static void times(struct ecr_master *master)
{
	assert_int_equal(ecr_await_operational(master, ECR_NEVER), 0);
	assert_int_equal(ecr_await_operational(master, -ECR_S(1)), 0);
	assert_int_equal(ecr_deactivate(master, ECR_TARGET_SAFEOP), 0);
	assert_int_equal(ecr_await_operational(master, 0), ECR_ERR_TIMEOUT);
	assert_int_equal(ecr_await_operational(master, INT64_MIN), ECR_ERR_TIMEOUT);
	assert_int_equal(ecr_activate(master), 0);
}

static void while_cycling(void **state)
{
	struct ecr_config config = make_ring();
	struct ecr_master *master = ecr_open();

	(void)state;
	assert_int_equal(ecr_start(master, &config), 0);
	assert_int_equal(ecr_await_operational(master, ECR_S(10)), 0);
	with_a_master(master);
	strangers(master);
	transactions(master);
	the_rest(master);
	times(master);
	assert_int_equal(ecr_await_operational(master, ECR_S(10)), 0);
	assert_int_equal(ecr_close(master), 0);
	free(sim);
}

/* As often as one likes in one session, and over the ends of sessions. */
static void a_slave_is_configured_two_hundred_times(void **state)
{
	struct ecr_slave_config change = { .process_data = ECR_ALL_TO("io") };
	struct ecr_config config = make_ring();
	struct ecr_master *master = ecr_open();
	struct ecr_slave_info info;

	(void)state;
	config.slaves = NULL;
	for (int round = 0; round < 2; round++) {
		assert_int_equal(ecr_start(master, &config), 0);
		assert_int_equal(ecr_await_running(master, ECR_S(10)), 0);
		for (int i = 0; i < 100; i++)
			assert_int_equal(ecr_configure_slave(master, "slave_1", &change), 0);
		assert_int_equal(ecr_activate(master), 0);
		assert_int_equal(ecr_await_operational(master, ECR_S(10)), 0);
		assert_int_equal(ecr_slave_info(master, "slave_1", &info), 0);
		assert_int_equal(info.signal_count, 16);
		assert_int_equal(ecr_stop(master), 0);
	}
	assert_int_equal(ecr_close(master), 0);
	free(sim);
}

static int register_pdo(struct ecr_master *master, const char *slave, uint8_t sm, uint32_t size,
			enum ecr_direction direction, uint32_t *offset)
{
	return ecr_domain_register_pdo(master, "io", slave, sm, size, direction, offset);
}

static void registrations_are_refused(struct ecr_master *master)
{
	struct ecr_slave_info slave;
	uint32_t in = 99;

	assert_int_equal(ecr_domain_register_pdo(master, "no", "inputs", 0, 2, ECR_INPUT, &in),
			 ECR_ERR_NOT_FOUND);
	assert_int_equal(register_pdo(master, "nobody", 0, 2, ECR_INPUT, &in), ECR_ERR_NOT_FOUND);
	assert_int_equal(register_pdo(master, "inputs", 99, 2, ECR_INPUT, &in), ECR_ERR_NOT_FOUND);
	assert_int_equal(register_pdo(master, "inputs", 5, 2, ECR_INPUT, &in), ECR_ERR_NOT_FOUND);
	assert_int_equal(register_pdo(master, "inputs", 0, 2, ECR_OUTPUT, &in),
			 ECR_ERR_SM_DIRECTION);
	assert_int_equal(register_pdo(master, "inputs", 0, 3, ECR_INPUT, &in), ECR_ERR_SM_SIZE);
	assert_int_equal(ecr_slave_info(master, "inputs", &slave), 0);
	assert_int_equal(slave.configuration_failure.error, ECR_ERR_SM_SIZE);
	assert_int_equal(slave.configuration_failure.expected, 3);
	assert_int_equal(slave.configuration_failure.actual, 2);
	assert_int_equal(in, 99);
}

static void registrations_are_made(struct ecr_master *master, uint32_t out[2])
{
	struct ecr_slave_info slave;
	uint32_t again = 99;
	uint32_t in = 99;

	assert_int_equal(register_pdo(master, "inputs", 0, 2, ECR_INPUT, &in), 0);
	assert_int_equal(register_pdo(master, "outputs", 0, 1, ECR_OUTPUT, &out[0]), 0);
	assert_int_equal(register_pdo(master, "outputs", 1, 1, ECR_OUTPUT, &out[1]), 0);
	assert_int_equal(register_pdo(master, "outputs", 1, 1, ECR_OUTPUT, &again), 0);
	assert_int_equal(in, 0);
	assert_int_equal(out[0], 2);
	assert_int_equal(out[1], 3);
	assert_int_equal(again, 3);
	assert_int_equal(ecr_slave_info(master, "inputs", &slave), 0);
	assert_int_equal(slave.configuration_failure.error, 0);
	assert_int_equal(slave.signal_count, 16);
}

static void shares_are_sampled(struct ecr_master *master, const uint32_t out[2])
{
	uint8_t bytes[4] = { 0xEE, 0xEE, 0xEE, 0xEE };
	struct ecr_image_sample share;

	assert_int_equal(ecr_domain_sample(master, "io", "inputs", 1, bytes, 4, &share),
			 ECR_ERR_NOT_FOUND);
	bad(ecr_domain_sample(master, "io", "inputs", 0, bytes, 1, &share));
	assert_int_equal(ecr_domain_sample(master, "io", "inputs", 0, bytes, 4, &share), 0);
	assert_int_equal(bytes[0] | bytes[1], 0);
	assert_int_equal(bytes[2], 0xEE);
	assert_true(share.changed_at_us > 0 && share.updated_at_us >= share.changed_at_us);
	assert_int_equal(share.freshness.state, ECR_FRESH);
	assert_int_equal(ecr_domain_sample(master, "io", "outputs", 1, bytes, 1, &share),
			 ECR_ERR_NOT_READY);
	assert_int_equal(ecr_domain_write(master, "io", out[1], "\x5A", 1), 0);
	assert_int_equal(ecr_domain_sample(master, "io", "outputs", 1, bytes, 1, &share), 0);
	assert_int_equal(bytes[0], 0x5A);
	assert_true(share.updated_at_us > 0 && share.updated_at_us == share.changed_at_us);
}

static void stats_are_those_of_the_info(struct ecr_master *master)
{
	struct ecr_domain_stats stats;
	struct ecr_domain_info info;

	assert_int_equal(ecr_domain_stop_cycling(master, "io"), 0);
	assert_int_equal(ecr_domain_stats(master, "nobody", &stats), ECR_ERR_NOT_FOUND);
	assert_int_equal(ecr_domain_stats(master, "io", &stats), 0);
	assert_int_equal(ecr_domain_info(master, "io", &info), 0);
	assert_int_equal(stats.state, ECR_DOMAIN_STOPPED);
	assert_int_equal(stats.image_size, 4);
	assert_int_equal(stats.expected_wkc, info.expected_wkc);
	assert_int_equal(stats.recovery_threshold, 3);
	assert_true(stats.cycle_count > 0 && stats.cycle_count == info.cycle_count);
	assert_int_equal(stats.last_valid_cycle_at_us, info.last_valid_cycle_at_us);
}

/* Without process data of their own: SyncManagers are mapped one by one, and told apart by their offsets. */
static void domains_by_hand(void **state)
{
	static const struct ecr_slave_config bare[] = {
		{ .name = "coupler" }, { .name = "inputs" }, { .name = "outputs" }, { 0 }
	};
	struct ecr_config config = make_ring();
	struct ecr_master *master = ecr_open();
	struct ecr_image_sample share;
	uint8_t bytes[2];
	uint32_t out[2];
	uint32_t in;

	(void)state;
	config.slaves = bare;
	assert_int_equal(register_pdo(master, "inputs", 0, 2, ECR_INPUT, &in), ECR_ERR_NOT_STARTED);
	assert_int_equal(ecr_start(master, &config), 0);
	assert_int_equal(ecr_await_operational(master, ECR_S(10)), 0);
	assert_int_equal(register_pdo(master, "inputs", 0, 2, ECR_INPUT, &in), ECR_ERR_NOT_OPEN);
	assert_int_equal(ecr_deactivate(master, ECR_TARGET_PREOP), 0);
	registrations_are_refused(master);
	registrations_are_made(master, out);
	assert_int_equal(ecr_domain_sample(master, "io", "inputs", 0, bytes, 2, &share),
			 ECR_ERR_NOT_READY);
	assert_int_equal(ecr_activate(master), 0);
	assert_int_equal(ecr_await_operational(master, ECR_S(10)), 0);
	assert_int_equal(register_pdo(master, "inputs", 0, 2, ECR_INPUT, &in), ECR_ERR_NOT_OPEN);
	shares_are_sampled(master, out);
	stats_are_those_of_the_info(master);
	assert_int_equal(ecr_close(master), 0);
	free(sim);
}

/* Known, but nothing has come yet; and a ring that is larger than it may be. */
static void before_the_first_cycle(void **state)
{
	static const struct ecr_slave_config each = { .process_data = ECR_ALL_TO("io"),
						      .target_state = ECR_TARGET_PREOP };
	struct ecr_config config = make_ring();
	struct ecr_master *master = ecr_open();
	struct ecr_failure failure;
	struct ecr_sample sample;
	uint8_t bytes[2];

	(void)state;
	config.slaves = NULL;
	config.each = &each;
	assert_int_equal(ecr_start(master, &config), 0);
	assert_int_equal(ecr_await_running(master, ECR_S(10)), 0);
	assert_int_equal(ecr_read_input(master, "slave_1", "ch1", &sample), ECR_ERR_NOT_READY);
	assert_int_equal(ecr_domain_read(master, "io", 0, bytes, 2), ECR_ERR_NOT_READY);
	assert_int_equal(ecr_stop(master), 0);
	config.limits.slaves = 2;
	assert_int_equal(ecr_start(master, &config), 0);
	assert_int_equal(ecr_await_running(master, ECR_S(10)), ECR_ERR_CONFIGURATION_FAILED);
	assert_int_equal(ecr_last_failure(master, &failure), 0);
	assert_int_equal(failure.cause, ECR_ERR_LIMIT);
	assert_string_equal(failure.subject, "limits.slaves");
	assert_int_equal(failure.actual, 3);
	assert_int_equal(ecr_close(master), ECR_ERR_CONFIGURATION_FAILED);
	free(sim);
}

/* Nobody listens on the other side, nobody is there: told, not waited for without end. */
static void transports_that_cannot_be(void **state)
{
	static const char *const nonsense[] = {
		"",
		"no-such-interface0",
		"a name that no interface of this system can have",
		"udp:",
		"udp::34980",
		"udp:127.0.0.1:99999",
		"udp:127.0.0.1:",
		"udp:127.0.0.1:-1",
		"udp:127.0.0.1:0",
		"udp:127.0.0.1:12x",
	};
	struct ecr_config config = { .domains = domains, .slaves = slaves };
	struct ecr_master *master = ecr_open();
	struct ecr_failure failure;

	(void)state;
	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
		config.interface = nonsense[i];
		if (ecr_start(master, &config) >= 0)
			fail_msg("'%s' was opened", nonsense[i]);
		assert_int_equal(ecr_last_failure(master, &failure), 0);
		assert_true(failure.error < 0);
		assert_true(failure.subject[0] != '\0');
	}
	config.interface = "no-such-interface0";
	assert_int_equal(ecr_start(master, &config), ECR_ERR_INTERFACE_NOT_FOUND);
	config.interface = "udp:127.0.0.1:34980";
	config.backup_interface = "lo";
	assert_int_equal(ecr_start(master, &config), ECR_ERR_REDUNDANT_REQUIRES_RAW);
	config.backup_interface = NULL;
	config.interface = NULL;
	assert_int_equal(ecr_start(master, &config), ECR_ERR_INVALID_OPTIONS);
	config = make_ring();
	config.interface = "lo";
	assert_int_equal(ecr_start(master, &config), ECR_ERR_INVALID_OPTIONS);
	free(sim);
	ecr_close(master);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_idle),
		cmocka_unit_test(while_cycling),
		cmocka_unit_test(a_slave_is_configured_two_hundred_times),
		cmocka_unit_test(before_the_first_cycle),
		cmocka_unit_test(domains_by_hand),
		cmocka_unit_test(transports_that_cannot_be),
	};

	return RUN(tests);
}
