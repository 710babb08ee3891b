/* SPDX-License-Identifier: Apache-2.0 */
/* Options outside their range: refused before anything is sent, and named. */
#include "support/check.h"
#include "support/vring.h"

#include <stdio.h>

static struct vring ring;
static struct ecr_config config;
static struct ecr_slave_config slaves[4];
static struct ecr_domain_config domains[ECR_DOMAINS_MAX + 2];

static struct ecr_failure failure_of(struct vring *of)
{
	struct ecr_failure failure;
	struct ecr_request ask = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };

	assert_int_equal(vring_request(of, &ask), 0);
	return failure;
}

static void reset(void)
{
	config = vring_default_config();
	for (int i = 0; i < 4; i++)
		slaves[i] = i < 3 ? vring_default_slaves[i] : (struct ecr_slave_config){ 0 };
	domains[0] = vring_default_domains[0];
	domains[1] = (struct ecr_domain_config){ 0 };
	config.slaves = slaves;
	config.domains = domains;
}

/* Starts with what was changed, wants it refused by that name, and changes it back. */
static void refused(const char *option, const char *whose)
{
	struct ecr_failure failure;
	uint64_t frames = ring.frames;
	int result = vring_start(&ring, &config);

	if (result != ECR_ERR_INVALID_OPTIONS)
		print_message("%s: %s\n", option, ecr_error_name(result));
	assert_int_equal(result, ECR_ERR_INVALID_OPTIONS);
	failure = failure_of(&ring);
	assert_string_equal(failure.subject, option);
	assert_string_equal(failure.slave, whose);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_IDLE);
	vring_run_until(&ring, ring.now + ECR_MS(10));
	assert_int_equal(ring.frames, frames);
	reset();
}

#define REFUSED(field, value, option, whose) \
	do { \
		field = value; \
		refused(option, whose); \
	} while (0)

static int open_all(void **state)
{
	(void)state;
	vring_open(&ring, vring_default_names);
	reset();
	return 0;
}

static int close_all(void **state)
{
	(void)state;
	vring_close(&ring);
	return 0;
}

static void of_the_session(void **state)
{
	(void)state;
	REFUSED(config.base_station, 0x10000, "base_station (1 to 0xFFFF)", "");
	REFUSED(config.frame_timeout_ms, -1, "frame_timeout_ms", "");
	REFUSED(config.scan_poll_ms, -1, "scan_poll_ms", "");
	REFUSED(config.scan_stable_ms, -2, "scan_stable_ms (-1 or more)", "");
	REFUSED(config.awaiting_preop_ms, -1, "awaiting_preop_ms", "");
	REFUSED(config.vlan_tag, 5, "vlan_tag without vlan", "");
	REFUSED(config.al_timeouts.to_preop_ms, -1, "al_timeouts.to_preop_ms", "");
	REFUSED(config.al_timeouts.to_safeop_ms, -1, "al_timeouts.to_safeop_ms", "");
	REFUSED(config.al_timeouts.to_op_ms, -1, "al_timeouts.to_op_ms", "");
	REFUSED(config.al_timeouts.to_init_ms, -1, "al_timeouts.to_init_ms", "");
	REFUSED(config.al_timeouts.back_to_safeop_ms, -1, "al_timeouts.back_to_safeop_ms", "");
	REFUSED(config.limits.frames_in_flight, 129, "limits.frames_in_flight (at most 128)", "");
	REFUSED(config.limits.sii_bytes, 127, "limits.sii_bytes (128 or more)", "");
	REFUSED(config.limits.mailbox_bytes, 1487, "limits.mailbox_bytes (at most 1486)", "");
	REFUSED(config.limits.pdos, 65536, "limits.pdos (at most 65535)", "");
	REFUSED(config.limits.pdo_entries, 65536, "limits.pdo_entries (at most 65535)", "");
	REFUSED(config.realtime.priority, 100, "realtime.priority (1 to 99, or -1)", "");
	REFUSED(config.realtime.priority, -2, "realtime.priority (1 to 99, or -1)", "");
	REFUSED(config.realtime.scheduling, 3, "realtime.scheduling", "");
	REFUSED(config.realtime.stack_kib, 7, "realtime.stack_kib (8 to 1024)", "");
	REFUSED(config.realtime.stack_kib, 1025, "realtime.stack_kib (8 to 1024)", "");
	REFUSED(config.realtime.cpu, -1, "realtime.cpu (counted from 1)", "");
	REFUSED(config.record.bytes, 1000, "record.bytes (64 KiB to 1 GiB)", "");
	REFUSED(config.record.bytes, ((size_t)1 << 30) + 1, "record.bytes (64 KiB to 1 GiB)", "");
	REFUSED(config.record.bytes, SIZE_MAX, "record.bytes (64 KiB to 1 GiB)", "");
	REFUSED(config.record.after_ms, -1, "record.after_ms", "");
	REFUSED(config.dc.cycle_ns, ECR_US(99), "dc cycle_ns (100 us to 10 s)", "");
	REFUSED(config.dc.lock_timeout_ms, -1, "dc lock_timeout_ms", "");
	REFUSED(config.dc.measure_ms, -1, "dc measure_ms", "");
	REFUSED(config.dc.lock_policy, (enum ecr_dc_lock_policy)9, "dc lock_policy", "");
	REFUSED(config.dc.reference, "nobody", "dc reference", "nobody");
}

static void of_a_domain(void **state)
{
	static char ids[ECR_DOMAINS_MAX + 1][8];

	(void)state;
	REFUSED(domains[0].id, "", "domain id", "");
	REFUSED(domains[0].id, "a name that has more than the forty-seven bytes that fit",
		"domain id", "a name that has more than the forty-seven bytes");
	REFUSED(domains[0].cycle_ns, ECR_US(99), "domain cycle_ns (100 us to 10 s)", "main");
	REFUSED(domains[0].cycle_ns, -1, "domain cycle_ns (100 us to 10 s)", "main");
	REFUSED(domains[0].cycle_ns, ECR_S(11), "domain cycle_ns (100 us to 10 s)", "main");
	REFUSED(domains[0].on_fault, (enum ecr_on_fault)4, "domain on_fault", "main");
	domains[0].pack_bits = domains[0].overlap = true;
	refused("domain pack_bits with overlap", "main");
	for (int i = 0; i < ECR_DOMAINS_MAX + 1; i++) {
		snprintf(ids[i], sizeof(ids[i]), "d%d", i);
		domains[i] = (struct ecr_domain_config){ .id = ids[i] };
	}
	for (int i = 0; i < 3; i++)
		slaves[i].process_data = (struct ecr_process_data){ 0 };
	refused("number of domains (at most 32)", "d32");
	assert_int_equal(failure_of(&ring).cause, ECR_ERR_LIMIT);
}

static void of_a_slave(void **state)
{
	static const struct ecr_signal_map elsewhere[] = { { "ch1", "other" }, { 0 } };
	static const struct ecr_sdo_write no_data[] = { { .index = 0x8000, .size = 4 }, { 0 } };
	static const struct ecr_sdo_write no_time[] = {
		{ .index = 0x8000, .when = (enum ecr_sdo_when)77, .type = ECR_SDO_U8 }, { 0 }
	};
	static const struct ecr_safe_value odd[] = {
		{ .signal = "ch1", .on_fault = (enum ecr_on_fault)9 }, { 0 }
	};
	static const struct ecr_latch_config third[] = { { .name = "edge", .unit = 2 }, { 0 } };
	static const struct ecr_driver hollow = { .name = "hollow" };

	(void)state;
	REFUSED(slaves[0].watchdog_ms, -2, "slave watchdog_ms (at most 6553)", "coupler");
	REFUSED(slaves[2].watchdog_ms, -2, "slave watchdog_ms (at most 6553)", "outputs");
	REFUSED(slaves[1].name, "", "slave name", "");
	REFUSED(slaves[1].name, "coupler", "slave name", "coupler");
	REFUSED(slaves[1].target_state, ECR_TARGET_SAFEOP, "slave target_state", "inputs");
	REFUSED(slaves[1].driver, &hollow, "slave driver", "inputs");
	REFUSED(slaves[1].health_poll_ms, -2, "slave health_poll_ms (-1 or more)", "inputs");
	REFUSED(slaves[1].watchdog_ms, 6554, "slave watchdog_ms (at most 6553)", "inputs");
	REFUSED(slaves[1].watchdog_ms, -2, "slave watchdog_ms (at most 6553)", "inputs");
	REFUSED(slaves[1].mailbox_timeout_ms, -1, "slave mailbox_timeout_ms", "inputs");
	REFUSED(slaves[1].mailbox_poll_ms, -2, "slave mailbox_poll_ms (-1 or more)", "inputs");
	REFUSED(slaves[1].mailbox_watch, (enum ecr_mailbox_watch)7, "slave mailbox_watch",
		"inputs");
	REFUSED(slaves[1].on_fault, (enum ecr_on_fault)4, "slave on_fault", "inputs");
	REFUSED(slaves[1].check, 0x20, "slave check", "inputs");
	REFUSED(slaves[1].startup, no_data, "slave startup", "inputs");
	REFUSED(slaves[1].startup, no_time, "slave startup", "inputs");
	REFUSED(slaves[1].safe_values, odd, "slave safe_values", "inputs");
	REFUSED(slaves[1].sync.mode, (enum ecr_sync_mode)5, "sync mode", "inputs");
	REFUSED(slaves[1].sync.sync0_cycle_ns, 1, "sync sync0_cycle_ns (100 us to 10 s)", "inputs");
	REFUSED(slaves[1].sync.latches, third, "latch unit (0 or 1)", "inputs");
	REFUSED(slaves[1].process_data.domain, "other", "process_data domain", "inputs");
	REFUSED(slaves[1].process_data.domain, NULL, "process_data domain", "inputs");
	REFUSED(slaves[1].process_data.kind, (enum ecr_process_data_kind)9, "process_data kind",
		"inputs");
	slaves[1].process_data = (struct ecr_process_data){ .kind = ECR_PROCESS_DATA_SIGNALS };
	refused("process_data signals", "inputs");
	slaves[1].process_data = (struct ecr_process_data)ECR_SIGNALS(elsewhere);
	refused("process_data domain", "inputs");
	config.dc.disabled = true;
	slaves[1].sync.mode = ECR_SYNC_SYNC0;
	refused("sync without dc", "inputs");
}

/* The extremes that are allowed are not refused. */
static void limits_of_the_ranges(void **state)
{
	(void)state;
	config.scan_stable_ms = -1;
	config.limits.sii_bytes = 2048;
	config.realtime.priority = -1;
	domains[0].cycle_ns = ECR_US(100);
	slaves[1].watchdog_ms = 6553;
	slaves[2].watchdog_ms = -1;
	slaves[1].health_poll_ms = -1;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	assert_int_equal(vring_stop(&ring), 0);
}

/* The same ranges for a slave that is configured while running; what was there stays. */
static void of_a_slave_while_running(void **state)
{
	struct ecr_slave_config change = { .process_data = ECR_ALL_TO("main") };
	struct ecr_request request = { .kind = ECR_REQUEST_CONFIGURE_SLAVE,
				       .name = "inputs",
				       .slave = &change };

	(void)state;
	for (int i = 0; i < 3; i++)
		slaves[i].target_state = ECR_TARGET_PREOP;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_running(&ring, ECR_S(2)), 0);
	change.watchdog_ms = 7000;
	assert_int_equal(vring_request(&ring, &request), ECR_ERR_INVALID_ARGUMENT);
	change = (struct ecr_slave_config){ .process_data = ECR_ALL_TO("other") };
	assert_int_equal(vring_request(&ring, &request), ECR_ERR_UNKNOWN_DOMAIN);
	change = (struct ecr_slave_config){ .name = "outputs" };
	assert_int_equal(vring_request(&ring, &request), ECR_ERR_INVALID_ARGUMENT);
	assert_int_equal(vring_slave(&ring, "inputs").attachment_count, 1);
	assert_int_equal(vring_stop(&ring), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(of_the_session, open_all, close_all),
		cmocka_unit_test_setup_teardown(of_a_domain, open_all, close_all),
		cmocka_unit_test_setup_teardown(of_a_slave, open_all, close_all),
		cmocka_unit_test_setup_teardown(limits_of_the_ranges, open_all, close_all),
		cmocka_unit_test_setup_teardown(of_a_slave_while_running, open_all, close_all),
	};

	return RUN(tests);
}
