/* SPDX-License-Identifier: Apache-2.0 */
/* Promises of a domain: which signals it holds, how often it cycles, when it is degraded, stopped and well again. */
#include "support/check.h"
#include "support/vring.h"

#include "domain/domain.h"
#include "wire/esc.h"
#include "wire/frame.h"
#include "wire/sii.h"

#include <string.h>

static struct vring ring;
static struct ecr_config config;
static struct ecr_domain_config domains[4];
static struct ecr_slave_config slaves[4];

static void open_ring(void)
{
	vring_open(&ring, vring_default_names);
	config = vring_default_config();
	memset(domains, 0, sizeof(domains));
	domains[0] = (struct ecr_domain_config){ .id = "main", .cycle_ns = ECR_MS(10) };
	memcpy(slaves, vring_default_slaves, sizeof(slaves));
	for (int i = 0; i < 3; i++)
		slaves[i].health_poll_ms = -1; /* frames are cycles */
	config.domains = domains;
	config.slaves = slaves;
}

static void to_operational(void)
{
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
}

static void run(ecr_time span)
{
	vring_run_until(&ring, ring.now + span);
}

static uint64_t output(uint32_t bit)
{
	uint64_t value = 2;

	assert_true(ecr_sim_get_output(ring.sim, 2, bit, 1, &value));
	return value;
}

static uint64_t cycles(const char *id)
{
	return vring_domain(&ring, id).cycle_count;
}

/* ch1 quickly, ch9 slowly, the others not at all. */
static void signals_go_to_domains_one_by_one(void **state)
{
	static const struct ecr_signal_map in[] = { { "ch1", "quick" }, { "ch9", "slow" }, { 0 } };
	static const struct ecr_signal_map out[] = { { "ch9", "slow" }, { "ch1", "quick" }, { 0 } };
	struct ecr_signal_info signals[32];
	struct ecr_request ask = {
		.kind = ECR_REQUEST_SLAVE_SIGNALS, .name = "inputs", .out = signals, .room = 32
	};
	uint64_t before;

	(void)state;
	open_ring();
	domains[0] = (struct ecr_domain_config){ .id = "quick", .cycle_ns = ECR_MS(1) };
	domains[1] = (struct ecr_domain_config){ .id = "slow", .cycle_ns = ECR_MS(100) };
	slaves[1].process_data = (struct ecr_process_data)ECR_SIGNALS(in);
	slaves[2].process_data = (struct ecr_process_data)ECR_SIGNALS(out);
	to_operational();
	assert_int_equal(vring_request(&ring, &ask), 2);
	assert_string_equal(signals[0].name, "ch1");
	assert_string_equal(signals[0].domain, "quick");
	assert_string_equal(signals[1].name, "ch9");
	assert_string_equal(signals[1].domain, "slow");
	for (before = cycles("slow"); cycles("slow") == before;)
		run(ECR_MS(1)); /* a slow cycle is just over */
	vring_output(&ring, "outputs", "ch1", 1);
	vring_output(&ring, "outputs", "ch9", 1);
	assert_true(ecr_sim_set_input(ring.sim, 1, 0, 16, 0x101));
	run(ECR_MS(5));
	assert_int_equal(output(0), 1);
	assert_int_equal(vring_input(&ring, "inputs", "ch1"), 1);
	assert_int_equal(output(8), 0);
	assert_int_equal(vring_input(&ring, "inputs", "ch9"), 0);
	run(ECR_MS(110));
	assert_int_equal(output(8), 1);
	assert_int_equal(vring_input(&ring, "inputs", "ch9"), 1);
	vring_close(&ring);
}

static void an_unknown_signal_is_named(void **state)
{
	static const struct ecr_signal_map in[] = { { "ch99", "main" }, { 0 } };
	struct ecr_failure failure;
	struct ecr_request ask = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };

	(void)state;
	open_ring();
	slaves[1].process_data = (struct ecr_process_data)ECR_SIGNALS(in);
	vring_start(&ring, &config);
	assert_int_not_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	vring_request(&ring, &ask);
	assert_int_equal(failure.error, ECR_ERR_ACTIVATION_FAILED);
	assert_int_equal(failure.cause, ECR_ERR_SIGNAL_NOT_IN_MODEL);
	assert_string_equal(failure.subject, "ch99");
	vring_close(&ring);
}

static void bad_counters(uint32_t frames)
{
	struct ecr_sim_fault fault = {
		.kind = ECR_SIM_COMMAND_WKC_OFFSET, .command = 12, .value = -1, .frames = frames
	};

	assert_true(ecr_sim_inject(ring.sim, ring.now, &fault));
}

static void lost_frames(ecr_time span)
{
	struct ecr_sim_fault fault = { .kind = ECR_SIM_DROP, .lasts = span };

	assert_true(ecr_sim_inject(ring.sim, ring.now, &fault));
}

/* So many bad cycles in a row, not one less; a good one between begins the count anew. */
static void degraded_at_the_threshold(void **state)
{
	(void)state;
	for (uint32_t threshold = 2; threshold <= 6; threshold += 2) {
		open_ring();
		domains[0].recovery_threshold = threshold;
		to_operational();
		run(ECR_MS(105));
		for (int i = 0; i < 3; i++) {
			bad_counters(threshold - 1);
			run(ECR_MS(10) * (threshold + 1));
		}
		assert_int_equal(ring.counts[ECR_EVENT_DOMAIN_CYCLE_INVALID], 3 * (threshold - 1));
		assert_int_equal(ring.counts[ECR_EVENT_DOMAIN_DEGRADED], 0);
		assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
		bad_counters(threshold);
		run(ECR_MS(10) * (threshold + 1));
		assert_int_equal(ring.counts[ECR_EVENT_DOMAIN_DEGRADED], 1);
		assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(2)));
		assert_int_equal(ring.counts[ECR_EVENT_DOMAIN_RECOVERED], 1);
		vring_close(&ring);
	}
}

/* Lost frames stop it; wrong counters never do. The session starts it again by itself. */
static void stopped_at_the_threshold(void **state)
{
	(void)state;
	open_ring();
	domains[0].miss_threshold = 8;
	to_operational();
	run(ECR_MS(105));
	bad_counters(30);
	run(ECR_MS(400));
	assert_int_equal(ring.counts[ECR_EVENT_DOMAIN_STOPPED], 0);
	assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(2)));
	lost_frames(ECR_MS(60));
	run(ECR_MS(200));
	assert_int_equal(ring.counts[ECR_EVENT_DOMAIN_STOPPED], 0);
	lost_frames(ECR_MS(95));
	run(ECR_MS(130));
	assert_int_equal(ring.counts[ECR_EVENT_DOMAIN_STOPPED], 1);
	assert_int_equal(vring_domain(&ring, "main").state, ECR_DOMAIN_STOPPED);
	assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(6)));
	assert_int_equal(vring_domain(&ring, "main").state, ECR_DOMAIN_CYCLING);
	vring_close(&ring);
}

static int change_period(const char *id, ecr_time period)
{
	struct ecr_request request = { .kind = ECR_REQUEST_CYCLE_TIME,
				       .name = id,
				       .cycle_ns = period };

	return vring_request(&ring, &request);
}

/* How often it cycles is what was asked for last, whenever that was. */
static void the_period_changes_in_every_state(void **state)
{
	struct ecr_request deactivate = { .kind = ECR_REQUEST_DEACTIVATE,
					  .target = ECR_TARGET_SAFEOP };
	struct ecr_request activate = { .kind = ECR_REQUEST_ACTIVATE };
	uint64_t before;

	(void)state;
	open_ring();
	for (int i = 0; i < 3; i++)
		slaves[i].target_state = ECR_TARGET_PREOP;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_running(&ring, ECR_S(2)), 0);
	assert_int_equal(change_period("main", ECR_MS(2)), 0); /* in PREOP */
	assert_int_equal(vring_domain(&ring, "main").cycle_ns, ECR_MS(2));
	for (int i = 0; i < 3; i++) {
		struct ecr_request request = { .kind = ECR_REQUEST_CONFIGURE_SLAVE,
					       .name = vring_default_slaves[i].name,
					       .slave = &vring_default_slaves[i] };

		assert_int_equal(vring_request(&ring, &request), 0);
	}
	assert_int_equal(change_period("main", ECR_MS(4)), 0);
	assert_int_equal(vring_request(&ring, &activate), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	before = cycles("main");
	run(ECR_MS(400));
	assert_in_range(cycles("main") - before, 99, 101);
	assert_int_equal(change_period("main", ECR_MS(1)), 0); /* in OP */
	before = cycles("main");
	run(ECR_MS(400));
	assert_in_range(cycles("main") - before, 399, 401);
	assert_int_equal(vring_domain(&ring, "main").total_miss_count, 0);
	assert_int_equal(vring_request(&ring, &deactivate), 0);
	assert_int_equal(change_period("main", ECR_MS(8)), 0); /* in SAFEOP, where nothing cycles */
	assert_int_equal(vring_request(&ring, &activate), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	before = cycles("main");
	run(ECR_MS(400));
	assert_in_range(cycles("main") - before, 49, 51);
	lost_frames(ECR_MS(50));
	assert_true(vring_until_state(&ring, ECR_STATE_RECOVERING, ECR_MS(300)));
	assert_int_equal(change_period("main", ECR_MS(2)), 0); /* while recovering */
	assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(6)));
	before = cycles("main");
	run(ECR_MS(400));
	assert_in_range(cycles("main") - before, 199, 201);
	vring_close(&ring);
}

static ecr_time last_cycle;
static ecr_time longest_gap;
static int cycles_sent;

static void note_gap(struct vring *of, uint8_t *frame, size_t length)
{
	struct ecr_frame_reader reader;
	struct ecr_datagram first = { 0 };

	ecr_frame_open(&reader, frame, length);
	if (!ecr_frame_next(&reader, &first) || first.command != ECR_CMD_LRW)
		return;
	if (of->now - last_cycle > longest_gap)
		longest_gap = of->now - last_cycle;
	last_cycle = of->now;
	cycles_sent++;
}

/* At any instant of the old period, once or again and again: no gap between two cycles is longer than the longer period. */
static void no_gap_where_the_period_changes(void **state)
{
	static const ecr_time periods[] = { ECR_US(5250), ECR_US(4250), ECR_US(9000),
					    ECR_US(1500) };

	(void)state;
	open_ring();
	to_operational();
	ring.each_frame = note_gap;
	for (int i = 0; i < 200; i++) {
		ecr_time before = vring_domain(&ring, "main").cycle_ns;
		ecr_time period = periods[i % 4];

		last_cycle = ring.now;
		run(2 * before + ECR_US(37) * i);
		longest_gap = 0;
		cycles_sent = 0;
		assert_int_equal(change_period("main", period), 0);
		run(100 * period);
		assert_true(longest_gap <= (before > period ? before : period) + ECR_US(20));
		assert_in_range(cycles_sent, 100, 101);
	}
	/* Asked for one or the other faster than they pass: what is due is not put off. */
	longest_gap = 0;
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(change_period("main", periods[i % 2]), 0);
		run(ECR_US(730));
	}
	assert_true(longest_gap <= ECR_US(5270));
	vring_close(&ring);
}

static void periods_that_cannot_be_are_refused(void **state)
{
	uint64_t before;

	(void)state;
	open_ring();
	to_operational();
	assert_int_equal(change_period("main", ECR_US(100) - 1), ECR_ERR_INVALID_ARGUMENT);
	assert_int_equal(change_period("main", 0), ECR_ERR_INVALID_ARGUMENT);
	assert_int_equal(change_period("main", -ECR_MS(1)), ECR_ERR_INVALID_ARGUMENT);
	assert_int_equal(change_period("other", ECR_MS(1)), ECR_ERR_UNKNOWN_DOMAIN);
	before = cycles("main");
	run(ECR_MS(400));
	assert_in_range(cycles("main") - before, 39, 41);
	assert_int_equal(change_period("main", ECR_US(100)), 0);
	before = cycles("main");
	run(ECR_MS(10));
	assert_in_range(cycles("main") - before, 99, 101);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
	vring_close(&ring);
}

/* All domains count from one epoch: where their cycles coincide they share a frame. */
static void coinciding_cycles_share_a_frame(void **state)
{
	uint64_t frames;

	(void)state;
	open_ring();
	domains[0] = (struct ecr_domain_config){ .id = "a", .cycle_ns = ECR_MS(1) };
	domains[1] = (struct ecr_domain_config){ .id = "b", .cycle_ns = ECR_MS(2) };
	slaves[1].process_data = (struct ecr_process_data)ECR_ALL_TO("a");
	slaves[2].process_data = (struct ecr_process_data)ECR_ALL_TO("b");
	to_operational();
	run(ECR_MS(50));
	frames = ring.frames;
	run(ECR_MS(100));
	assert_in_range(ring.frames - frames, 100, 101);
	frames = ring.frames;
	assert_int_equal(change_period("b", ECR_US(1500)), 0); /* every second of them meets one */
	run(ECR_MS(300));
	assert_in_range(ring.frames - frames, 399, 402);
	assert_int_equal(vring_domain(&ring, "a").total_miss_count, 0);
	assert_int_equal(vring_domain(&ring, "b").total_miss_count, 0);
	vring_close(&ring);
}

/* Counters mean nothing while a slave is still on its way: its SyncManagers answer already, its application does not. */
static void nobody_is_blamed_before_all_are_there(void **state)
{
	static uint8_t images[2][1024];
	struct ecr_sim_device devices[2] = {
		{ .name = "quick", .sii = images[0], .emulation = true },
		{ .name = "slow", .sii = images[1], .al_delay_ns = ECR_MS(400) }
	};
	struct ecr_domain_info info;

	(void)state;
	devices[0].sii_size = ecr_sim_shipped_sii("EL1809", images[0], sizeof(images[0]));
	devices[1].sii_size = ecr_sim_analog_sii(images[1], sizeof(images[1]), "slow", 1, 1);
	open_ring();
	vring_close(&ring);
	vring_open_devices(&ring, devices, 2);
	memset(slaves, 0, sizeof(slaves));
	for (int i = 0; i < 2; i++) {
		slaves[i].name = devices[i].name;
		slaves[i].process_data = (struct ecr_process_data)ECR_ALL_TO("main");
	}
	assert_int_equal(vring_start(&ring, &config), 0);
	while (vring_slave(&ring, "quick").al_state != ECR_AL_SAFEOP)
		run(ECR_MS(1));
	run(ECR_MS(200));
	assert_int_equal(vring_slave(&ring, "slow").al_state, ECR_AL_PREOP);
	info = vring_domain(&ring, "main");
	assert_int_equal(info.state, ECR_DOMAIN_CYCLING);
	assert_int_equal(info.total_miss_count, 0);
	assert_int_equal(vring_slave(&ring, "slow").fault.kind, ECR_FAULT_NONE);
	assert_int_equal(vring_await_operational(&ring, ECR_S(5)), 0);
	run(ECR_MS(50));
	info = vring_domain(&ring, "main");
	assert_int_equal(info.cycle_health.expected, 4);
	assert_int_equal(info.cycle_health.actual, 4);
	assert_int_equal(info.total_miss_count, 0);
	assert_int_equal(ring.counts[ECR_EVENT_DOMAIN_DEGRADED], 0);
	vring_close(&ring);
}

static int cycling(enum ecr_request_kind kind)
{
	struct ecr_request request = { .kind = kind, .name = "main" };

	return vring_request(&ring, &request);
}

/* By hand: what stands still is not fresh and not blamed on anybody. */
static void cycling_stops_and_starts_by_hand(void **state)
{
	uint64_t before;

	(void)state;
	open_ring();
	to_operational();
	assert_int_equal(cycling(ECR_REQUEST_DOMAIN_START), ECR_ERR_ALREADY_CYCLING);
	assert_int_equal(cycling(ECR_REQUEST_DOMAIN_STOP), 0);
	before = cycles("main");
	run(ECR_MS(60));
	assert_int_equal(cycles("main"), before);
	assert_int_equal(vring_domain(&ring, "main").freshness.state, ECR_STALE);
	assert_int_equal(vring_domain(&ring, "main").total_miss_count, 0);
	assert_int_equal(cycling(ECR_REQUEST_DOMAIN_START), 0);
	run(ECR_MS(100));
	assert_int_equal(vring_domain(&ring, "main").freshness.state, ECR_FRESH);
	assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(3)));
	vring_close(&ring);
}

/* What is stopped by hand while it is degraded does not begin anew with what was wrong. */
static void what_is_stopped_by_hand_stays_so(void **state)
{
	struct ecr_sim_fault cut = { .kind = ECR_SIM_UNPLUG, .slave = 2, .lasts = ECR_MS(500) };

	(void)state;
	open_ring();
	to_operational();
	assert_true(ecr_sim_inject(ring.sim, ring.now, &cut));
	run(ECR_MS(100));
	assert_true(vring_domain(&ring, "main").degraded);
	assert_int_equal(cycling(ECR_REQUEST_DOMAIN_STOP), 0);
	run(ECR_S(4));
	assert_int_equal(vring_domain(&ring, "main").state, ECR_DOMAIN_STOPPED);
	assert_int_equal(cycling(ECR_REQUEST_DOMAIN_START), 0);
	assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(6)));
	vring_close(&ring);
}

/* The SyncManagers' enable bytes stand behind start, length, control and status. */
static void make_op_only(uint8_t *sii, size_t size)
{
	static const uint8_t outputs[] = { 0x00, 0x10, 2, 0, ECR_SM_CONTROL_OUTPUTS, 0, 1 };
	int found = 0;

	for (size_t i = 0; i + sizeof(outputs) < size; i++) {
		if (memcmp(sii + i, outputs, sizeof(outputs)) != 0)
			continue;
		sii[i + 6] |= ECR_SII_SM_OP_ONLY;
		found++;
	}
	assert_int_equal(found, 1);
}

static bool outputs_enabled(void)
{
	return ecr_sim_registers(ring.sim, 0)[ECR_REG_SM_ACTIVATE(0)] & ECR_SM_ACTIVATE_ENABLE;
}

static void outputs_for_op_only_are_off_before(void **state)
{
	static uint8_t sii[1024];
	struct ecr_sim_device device = { .name = "device", .sii = sii };
	struct ecr_request deactivate = { .kind = ECR_REQUEST_DEACTIVATE,
					  .target = ECR_TARGET_SAFEOP };
	struct ecr_request activate = { .kind = ECR_REQUEST_ACTIVATE };

	(void)state;
	device.sii_size = ecr_sim_analog_sii(sii, sizeof(sii), "device", 1, 1);
	make_op_only(sii, device.sii_size);
	open_ring();
	vring_close(&ring);
	vring_open_devices(&ring, &device, 1);
	memset(slaves, 0, sizeof(slaves));
	slaves[0].name = "device";
	slaves[0].process_data = (struct ecr_process_data)ECR_ALL_TO("main");
	to_operational();
	assert_true(outputs_enabled());
	assert_int_equal(vring_domain(&ring, "main").expected_wkc, 3);
	assert_int_equal(vring_request(&ring, &deactivate), 0);
	assert_int_equal(vring_slave(&ring, "device").al_state, ECR_AL_SAFEOP);
	assert_false(outputs_enabled());
	assert_int_equal(vring_request(&ring, &activate), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	assert_true(outputs_enabled());
	run(ECR_MS(100));
	assert_int_equal(vring_domain(&ring, "main").actual_wkc, 3);
	vring_close(&ring);
}

static uint32_t first_byte(enum ecr_direction direction)
{
	for (uint32_t i = 0; i < ecr_core_signal_count(ring.core); i++)
		if (ecr_core_signal(ring.core, i)->direction == direction)
			return ecr_core_signal(ring.core, i)->bit_offset / 8;
	fail_msg("no such signal");
	return 0;
}

/* LRD and LWR of a part of the image that no frame holds together; a cycle that loses one of them is a miss. */
static void questions_too_long_for_one_frame_go_in_two(void **state)
{
	static uint8_t sii[16384];
	struct ecr_sim_device device = { .name = "device", .sii = sii, .emulation = true };
	struct ecr_sim_fault lost = { .kind = ECR_SIM_DROP, .frames = 1 };
	struct ecr_image image;
	uint64_t value = 0;

	(void)state;
	device.sii_size = ecr_sim_analog_sii(sii, sizeof(sii), "device", 300, 300);
	open_ring();
	vring_close(&ring);
	vring_open_devices(&ring, &device, 1);
	memset(slaves, 0, sizeof(slaves));
	slaves[0] = (struct ecr_slave_config){ .name = "device",
					       .process_data = ECR_ALL_TO("main"),
					       .health_poll_ms = -1 };
	domains[0].separate = true;
	config.limits.sii_bytes = sizeof(sii);
	to_operational();
	ecr_core_image(ring.core, 0, &image);
	image.outputs[first_byte(ECR_OUTPUT)] = 0x34;
	assert_true(ecr_sim_set_input(ring.sim, 0, 0, 8, 0x12));
	run(ECR_MS(50));
	ecr_core_image(ring.core, 0, &image);
	assert_int_equal(image.inputs[first_byte(ECR_INPUT)], 0x12);
	assert_true(ecr_sim_get_output(ring.sim, 0, 0, 8, &value));
	assert_int_equal(value, 0x34);
	assert_int_equal(vring_domain(&ring, "main").actual_wkc, 2);
	assert_int_equal(vring_domain(&ring, "main").total_miss_count, 0);
	for (int i = 1; i <= 3; i++) {
		assert_true(ecr_sim_inject(ring.sim, ring.now, &lost));
		run(ECR_MS(500));
		assert_int_equal(vring_domain(&ring, "main").total_miss_count, i);
	}
	vring_close(&ring);
}

/* Masters know nothing of each other: side by side in one process each has the story that it has alone. */
static uint64_t story_hash;

static enum ecr_freshness_state freshness(ecr_time refreshed, ecr_time now)
{
	static const struct ecr_domain domain = { .period = ECR_MS(2) };
	struct ecr_freshness told;

	ecr_domain_freshness(&domain, refreshed, now, &told);
	assert_int_equal(told.stale_after_us, 6000);
	assert_int_equal(told.refreshed_at_us, refreshed < 0 ? -1 : refreshed / 1000);
	assert_int_equal(told.age_us, refreshed < 0 ? -1 : (now - refreshed) / 1000);
	return told.state;
}

/* Three periods, from the first instant of the clock on. */
static void how_long_inputs_are_fresh(void **state)
{
	(void)state;
	assert_int_equal(freshness(-1, 0), ECR_NOT_READY);
	assert_int_equal(freshness(-1, ECR_S(1)), ECR_NOT_READY);
	assert_int_equal(freshness(0, 0), ECR_FRESH);
	assert_int_equal(freshness(0, ECR_MS(6)), ECR_FRESH);
	assert_int_equal(freshness(0, ECR_MS(6) + 1), ECR_STALE);
	assert_int_equal(freshness(ECR_S(1), ECR_S(1) + ECR_MS(6)), ECR_FRESH);
	assert_int_equal(freshness(ECR_S(1), ECR_S(2)), ECR_STALE);
}

/* One cycle whose frame cannot leave for so long from when it begins. */
static uint64_t late_in(ecr_time waits)
{
	uint64_t before;
	ecr_time began;

	for (before = cycles("main"); cycles("main") == before;)
		run(ECR_US(10));
	began = ring.now / ECR_MS(10) * ECR_MS(10);
	vring_run_until(&ring, began + ECR_MS(10) - ECR_US(50));
	ecr_core_link(ring.core, ring.now, 0, ECR_LINK_DOWN);
	vring_run_until(&ring, began + ECR_MS(10) + waits);
	ecr_core_link(ring.core, ring.now, 0, ECR_LINK_UP);
	run(ECR_MS(5));
	return ring.counts[ECR_EVENT_BUS_SUBMISSION_EXPIRED];
}

/* What is not sent within nine tenths of its period is not sent at all, so that it does not meet the next. */
static void a_cycle_is_sent_within_nine_tenths_of_its_period(void **state)
{
	(void)state;
	open_ring();
	to_operational();
	run(ECR_MS(105));
	assert_int_equal(late_in(ECR_US(8900)), 0);
	run(ECR_S(2));
	assert_int_equal(late_in(ECR_US(9100)), 1);
	vring_close(&ring);
}

static void hash_event(struct vring *of, const struct ecr_event *event)
{
	uint64_t *hash = of == &ring ? &story_hash : NULL;

	if (hash)
		*hash = (*hash ^ (uint64_t)event->kind ^ (uint64_t)of->now) * 0x100000001B3u;
}

static uint64_t story_beside(struct vring *other, struct ecr_config *others)
{
	story_hash = 14695981039346656037u;
	open_ring();
	ring.each_event = hash_event;
	to_operational();
	for (int i = 0; i < 100; i++) {
		run(ECR_MS(3));
		if (i == 30)
			bad_counters(6);
		if (!other)
			continue;
		if (i == 5)
			assert_int_equal(vring_start(other, others), 0);
		if (i == 60)
			assert_int_equal(vring_stop(other), 0);
		vring_run_until(other, other->now + ECR_MS(7));
	}
	vring_close(&ring);
	return story_hash;
}

static void two_masters_do_not_know_each_other(void **state)
{
	static struct vring other;
	static const char *const names[] = { "EK1100", "EL2809", NULL };
	struct ecr_slave_config two[] = {
		{ .name = "coupler" },
		{ .name = "outputs", .process_data = ECR_ALL_TO("main") },
		{ 0 },
	};
	struct ecr_config others = vring_default_config();
	uint64_t alone;

	(void)state;
	alone = story_beside(NULL, NULL);
	others.slaves = two;
	vring_open(&other, names);
	assert_true(story_beside(&other, &others) == alone);
	assert_true(other.counts[ECR_EVENT_STATE_CHANGED] > 3);
	vring_close(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signals_go_to_domains_one_by_one),
		cmocka_unit_test(an_unknown_signal_is_named),
		cmocka_unit_test(degraded_at_the_threshold),
		cmocka_unit_test(stopped_at_the_threshold),
		cmocka_unit_test(the_period_changes_in_every_state),
		cmocka_unit_test(no_gap_where_the_period_changes),
		cmocka_unit_test(periods_that_cannot_be_are_refused),
		cmocka_unit_test(coinciding_cycles_share_a_frame),
		cmocka_unit_test(nobody_is_blamed_before_all_are_there),
		cmocka_unit_test(cycling_stops_and_starts_by_hand),
		cmocka_unit_test(what_is_stopped_by_hand_stays_so),
		cmocka_unit_test(outputs_for_op_only_are_off_before),
		cmocka_unit_test(how_long_inputs_are_fresh),
		cmocka_unit_test(a_cycle_is_sent_within_nine_tenths_of_its_period),
		cmocka_unit_test(questions_too_long_for_one_frame_go_in_two),
		cmocka_unit_test(two_masters_do_not_know_each_other),
	};

	return RUN(tests);
}
