/* SPDX-License-Identifier: Apache-2.0 */
/* Promises of the core: steps and their losses, the lifecycle's table, the cyclic instant, few frames, large images. */
#include "support/check.h"
#include "support/talker.h"
#include "support/vring.h"

#include "master/master.h"
#include "domain/states.h"
#include "master/lifecycle.h"
#include "slave/slave.h"
#include "wire/frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every step's choice for a loss: asking again is right only for what may be asked twice. */
static void losses_are_declared(void **state)
{
	static const struct {
		const struct ecr_step *steps;
		int step;
		const char *name;
		int on_loss;
	} choices[] = {
		{ ecr_al_steps, 0, "al.request", ECR_ASK_AGAIN },
		{ ecr_al_steps, 1, "al.poll", ECR_ASK_AGAIN },
		{ ecr_al_steps, 2, "al.acknowledge", ECR_ASK_AGAIN },
		{ ecr_sii_read_steps, 0, "sii.command", 0 }, /* an EEPROM command is begun anew */
		{ ecr_sii_read_steps, 1, "sii.poll", ECR_ASK_AGAIN },
		{ ecr_bringup_steps, 0, "slave.retrace", ECR_ASK_AGAIN },
		{ ecr_bringup_steps, 1, "slave.elsewhere", ECR_ASK_AGAIN },
		{ ecr_bringup_steps, 2, "slave.whose", ECR_ASK_AGAIN },
		{ ecr_bringup_steps, 3, "slave.assign",
		  0 }, /* who has the station now is found out */
		{ ecr_bringup_steps, 4, "slave.withdraw", ECR_ASK_AGAIN },
		{ ecr_bringup_steps, 5, "slave.unmap", ECR_ASK_AGAIN },
		{ ecr_bringup_steps, 6, "slave.info", ECR_ASK_AGAIN },
		{ ecr_configure_steps, 0, "configure.sync_managers", ECR_ASK_AGAIN },
		{ ecr_configure_steps, 1, "configure.fmmus", ECR_ASK_AGAIN },
		{ ecr_configure_steps, 2, "configure.watchdog", ECR_ASK_AGAIN },
		{ ecr_poll_steps, 1, "poll.status", 2 }, /* asked again, and how long is noted */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
		const struct ecr_step *step = &choices[i].steps[choices[i].step];

		assert_string_equal(step->name, choices[i].name);
		assert_int_equal(step->on_loss, choices[i].on_loss);
		assert_true(step->tries > 1);
	}
}

/* The seeds' diagram: what is an event of a state, and what is not. */
static void lifecycle_pairs(void **state)
{
	static const char *const rows[] = {
		/* S = start, A = awaiting, P, D, O, B, R; '-' none; in the order of ECR_LIFECYCLE_EVENTS */
		[ECR_STATE_IDLE] = "S-------",
		[ECR_STATE_DISCOVERING] = "-A-----I",
		[ECR_STATE_AWAITING_PREOP] = "--PDOB-I",
		[ECR_STATE_PREOP_READY] = "--PDOBRI",
		[ECR_STATE_DEACTIVATED] = "--PDOBRI",
		[ECR_STATE_OPERATIONAL] = "--PD-BRI",
		[ECR_STATE_ACTIVATION_BLOCKED] = "--PDOBRI",
		[ECR_STATE_RECOVERING] = "--PDOBRI",
	};
	static const char letters[] = {
		[ECR_STATE_NONE_] = '-',       [ECR_STATE_IDLE] = 'I',
		[ECR_STATE_DISCOVERING] = 'S', [ECR_STATE_AWAITING_PREOP] = 'A',
		[ECR_STATE_PREOP_READY] = 'P', [ECR_STATE_DEACTIVATED] = 'D',
		[ECR_STATE_OPERATIONAL] = 'O', [ECR_STATE_ACTIVATION_BLOCKED] = 'B',
		[ECR_STATE_RECOVERING] = 'R'
	};

	(void)state;
	for (int from = ECR_STATE_IDLE; from < ECR_STATE_COUNT; from++)
		for (int event = 0; event < ECR_LIFE_COUNT; event++)
			assert_int_equal(
				letters[ecr_lifecycle_next((enum ecr_state)from,
							   (enum ecr_lifecycle_event)event)],
				rows[from][event]);
}

static void domain_pairs(void **state)
{
	static const char *const rows[] = { /* in the order of ECR_DOMAIN_EVENTS */
					    [ECR_DOMAIN_OPEN] = "COOO",
					    [ECR_DOMAIN_CYCLING] = "CSSO",
					    [ECR_DOMAIN_STOPPED] = "CSSO"
	};
	static const char letters[] = {
		[ECR_DOMAIN_OPEN] = 'O', [ECR_DOMAIN_CYCLING] = 'C', [ECR_DOMAIN_STOPPED] = 'S'
	};

	(void)state;
	for (int from = ECR_DOMAIN_OPEN; from <= ECR_DOMAIN_STOPPED; from++)
		for (int event = 0; event < ECR_DOMAIN_EVENT_COUNT; event++)
			assert_int_equal(letters[ecr_domain_next((enum ecr_domain_state)from,
								 (enum ecr_domain_event)event)],
					 rows[from][event]);
}

static struct ecr_sim_device devices[1000];
static struct ecr_slave_config slaves[1001];
static char names[1000][16];

/* Digital channels, or words of 16 bits. */
static void make_slaves(int count, uint16_t outputs, uint16_t inputs, bool words)
{
	memset(slaves, 0, sizeof(slaves));
	memset(devices, 0, sizeof(devices));
	for (int i = 0; i < count; i++) {
		uint8_t image[8192];
		size_t size =
			words ? ecr_sim_analog_sii(image, sizeof(image), "words", outputs, inputs)
			      : ecr_sim_digital_sii(image, sizeof(image), "digital", outputs,
						    inputs);

		assert_true(size > 0 && size <= sizeof(image));
		snprintf(names[i], sizeof(names[i]), "s%d", i);
		devices[i] = (struct ecr_sim_device){ .name = names[i],
						      .emulation = true,
						      .sii_size = size };
		devices[i].sii = memcpy(malloc(size), image, size);
		slaves[i].name = names[i];
		slaves[i].process_data = (struct ecr_process_data)ECR_ALL_TO("io");
		slaves[i].health_poll_ms = 20;
	}
}

static void free_slaves(int count)
{
	for (int i = 0; i < count; i++)
		free((void *)(uintptr_t)devices[i].sii);
}

static uint64_t frames_to_operational(int count)
{
	static struct vring ring;
	const struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = ECR_MS(10) },
						     { 0 } };
	struct ecr_config config = {
		.domains = domains, .slaves = slaves, .scan_poll_ms = 10, .scan_stable_ms = 20
	};
	uint64_t frames;

	make_slaves(count, 4, 4, false);
	vring_open_devices(&ring, devices, count);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(20)), 0);
	frames = ring.frames;
	vring_close(&ring);
	free_slaves(count);
	return frames;
}

static void a_hundred_slaves_cost_less_than_three_times_the_frames_of_one(void **state)
{
	uint64_t one = frames_to_operational(1);
	uint64_t hundred = frames_to_operational(100);

	(void)state;
	print_message("frames to operational: %llu for 1 slave, %llu for 100\n",
		      (unsigned long long)one, (unsigned long long)hundred);
	assert_true(hundred < 3 * one);
}

static ecr_time expected_start;
static unsigned int late_cycles;
static unsigned int cycles;

/* A cyclic frame leaves at its deadline, whatever reliable work is under way. */
static void watch_start(struct vring *ring)
{
	ecr_time next = ecr_core_next_cycle(ring->core);

	if (next == ECR_NEVER)
		return;
	if (expected_start && next > expected_start && ring->now == expected_start) {
		cycles++;
		late_cycles += ring->line.free_at[0] > expected_start;
	}
	expected_start = next;
}

static void cycles_are_never_delayed_by_reliable_work(void **state)
{
	static struct vring ring;
	const struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = ECR_US(250) },
						     { 0 } };
	struct ecr_config config = {
		.domains = domains, .slaves = slaves, .scan_poll_ms = 10, .scan_stable_ms = 20
	};

	(void)state;
	make_slaves(20, 4, 4, false);
	vring_open_devices(&ring, devices, 20);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(20)), 0);
	expected_start = 0;
	late_cycles = cycles = 0;
	ring.each_tick = watch_start;
	for (int i = 0; i < 400; i++) {
		static uint8_t data[1200];
		struct ecr_user_datagram datagram = { .command = ECR_CMD_BRD,
						      .length = sizeof(data),
						      .data = data,
						      .address = ecr_address_all(0x1000) };
		struct ecr_request request = { .kind = ECR_REQUEST_TRANSACT,
					       .datagrams = &datagram,
					       .count = 1 };

		vring_request(&ring, &request);
	}
	assert_true(cycles > 100);
	assert_int_equal(late_cycles, 0);
	vring_close(&ring);
	free_slaves(20);
}

static void note_delayed(struct vring *ring, uint8_t *frame, size_t length)
{
	struct ecr_frame_reader reader;
	struct ecr_datagram first = { 0 };

	ecr_frame_open(&reader, frame, length);
	if (!ecr_frame_next(&reader, &first) || first.command != ECR_CMD_LRW)
		return;
	cycles++;
	late_cycles += ring->line.last_start != ring->now;
}

/*
 * All were lost, and the domain has stopped. Behind a pause of the host it begins anew in the same instant in which all
 * slaves are asked who they are: its first cycle does not wait for those questions.
 */
static void a_domain_that_begins_anew_is_not_delayed(void **state)
{
	static struct vring ring;
	static const struct ecr_domain_config domains[] = {
		{ .id = "io", .cycle_ns = ECR_US(250), .miss_threshold = 20 }, { 0 }
	};
	static const struct ecr_config config = {
		.domains = domains, .slaves = slaves, .scan_poll_ms = 10, .scan_stable_ms = 20
	};
	const struct ecr_sim_fault silence = { .kind = ECR_SIM_DROP, .lasts = ECR_MS(300) };

	(void)state;
	make_slaves(60, 4, 4, false);
	vring_open_devices(&ring, devices, 60);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(20)), 0);
	for (int i = 0; i < 20; i++) {
		assert_true(ecr_sim_inject(ring.sim, ring.now, &silence));
		vring_run_until(&ring, ring.now + ECR_MS(310));
		assert_int_equal(vring_domain(&ring, "io").state, ECR_DOMAIN_STOPPED);
		late_cycles = cycles = 0;
		ring.each_frame = note_delayed;
		ring.now += ECR_S(2) + i * ECR_US(77);
		vring_run_until(&ring, ring.now + ECR_MS(10));
		assert_true(cycles > 30);
		assert_int_equal(late_cycles, 0);
		ring.each_frame = NULL;
		assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(20)));
	}
	vring_close(&ring);
	free_slaves(60);
}

/* As short as a cycle can be. */
static const struct ecr_domain_config short_domains[] = { { .id = "io", .cycle_ns = ECR_US(100) },
							  { 0 } };
static const struct ecr_config short_cycles = {
	.domains = short_domains, .slaves = slaves, .scan_poll_ms = 10, .scan_stable_ms = 20
};

/* What waits would fill a frame that is longer than the time between two cycles: it goes in shorter ones. */
static void a_short_cycle_keeps_nobody_from_coming_back(void **state)
{
	static struct vring ring;
	const struct ecr_sim_fault dark = { .kind = ECR_SIM_POWER_OFF,
					    .slave = 1,
					    .lasts = ECR_MS(300) };

	(void)state;
	make_slaves(40, 4, 4, false);
	vring_open_devices(&ring, devices, 40);
	assert_int_equal(vring_start(&ring, &short_cycles), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(20)), 0);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &dark));
	vring_run_until(&ring, ring.now + ECR_MS(310));
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_RECOVERING);
	late_cycles = cycles = 0;
	ring.each_frame = note_delayed;
	assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(6)));
	assert_true(cycles > 100);
	assert_int_equal(late_cycles, 0);
	vring_close(&ring);
	free_slaves(40);
}

/* A reliable one that no gap between two cycles is long enough for would keep all that wait behind it for ever. */
static void a_frame_that_is_longer_than_the_cycle_is_refused(void **state)
{
	static struct vring ring;
	static uint8_t data[1486];
	struct ecr_user_datagram datagram = { .command = ECR_CMD_BRD,
					      .data = data,
					      .address = ecr_address_all(0x1000) };
	struct ecr_request request = { .kind = ECR_REQUEST_TRANSACT,
				       .datagrams = &datagram,
				       .count = 1 };

	(void)state;
	make_slaves(1, 4, 4, false);
	vring_open_devices(&ring, devices, 1);
	assert_int_equal(vring_start(&ring, &short_cycles), 0);
	datagram.length = sizeof(data); /* nothing cycles yet */
	assert_int_equal(vring_request(&ring, &request), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(20)), 0);
	assert_int_equal(vring_request(&ring, &request), ECR_ERR_FRAME_TOO_LARGE);
	datagram.length = 500;
	assert_int_equal(vring_request(&ring, &request), 0);
	vring_close(&ring);
	free_slaves(1);
}

static void make_mailbox_wide(uint8_t *image)
{
	static const uint16_t boxes[] = { 0x2000, 1400, 0x2600, 1400 };

	for (int i = 0; i < 4; i++)
		ecr_put_le16(image + 2 * (ECR_SII_WORD_MAILBOX + i), boxes[i]);
}

/* A mailbox that no time between two cycles is long enough for goes right behind one of them, and keeps nobody from going. */
static void a_mailbox_that_is_longer_than_the_cycle_keeps_nobody_waiting(void **state)
{
	static struct vring ring;
	static uint8_t image[2048];
	const struct ecr_sim_fault dark = { .kind = ECR_SIM_POWER_OFF,
					    .slave = 2,
					    .lasts = ECR_MS(100) };
	uint32_t type = 0;

	(void)state;
	make_slaves(3, 4, 4, false);
	free((void *)(uintptr_t)devices[1].sii);
	assert_true(ecr_sim_shipped("mailbox", &devices[1], image, sizeof(image)));
	devices[1].name = "s1";
	make_mailbox_wide(image);
	vring_open_devices(&ring, devices, 3);
	assert_int_equal(vring_start(&ring, &short_cycles), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(20)), 0);
	for (int i = 0; i < 20; i++)
		assert_int_equal(talker_upload(&ring, "s1", 0x1000, 0, &type, 4).error, 0);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &dark));
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_RECOVERING);
	assert_int_equal(talker_upload(&ring, "s1", 0x1000, 0, &type, 4).error, 0);
	assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(6)));
	vring_close(&ring);
	devices[1].sii = NULL;
	free_slaves(3);
}

/* A domain with a long period, which takes the wire longer than the short one lasts, is not there in most of the gaps. */
static void reliable_work_shares_frames_beside_a_large_slow_domain(void **state)
{
	static struct vring ring;
	static const struct ecr_domain_config domains[] = {
		{ .id = "fast", .cycle_ns = ECR_US(250) },
		{ .id = "io", .cycle_ns = ECR_MS(10) },
		{ 0 },
	};
	static const struct ecr_config config = {
		.domains = domains, .slaves = slaves, .scan_poll_ms = 10, .scan_stable_ms = 20
	};

	(void)state;
	make_slaves(60, 16, 16, true);
	slaves[0].process_data = (struct ecr_process_data)ECR_ALL_TO("fast");
	vring_open_devices(&ring, devices, 60);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(20)), 0);
	assert_true(ring.core->domains[1].wire_ns > ECR_US(250));
	assert_in_range(ring.core->bus.cyclic_gap, ECR_US(200), ECR_US(250));
	vring_close(&ring);
	free_slaves(60);
}

static void an_image_larger_than_a_frame(void **state)
{
	static struct vring ring;
	const struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = ECR_MS(10) },
						     { 0 } };
	struct ecr_config config = {
		.domains = domains, .slaves = slaves, .scan_poll_ms = 10, .scan_stable_ms = 20
	};
	struct ecr_domain_info info;
	uint64_t output;

	(void)state;
	make_slaves(75, 16, 16, true);
	vring_open_devices(&ring, devices, 75);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(60)), 0);
	info = vring_domain(&ring, "io");
	assert_true(info.image_size >= 4800);
	assert_true(info.datagrams >= 4);
	assert_int_equal(info.expected_wkc, 225);
	assert_int_equal(info.actual_wkc, 225);
	ecr_sim_set_input(ring.sim, 74, 240, 16, 0x1234);
	vring_output(&ring, "s74", "pdo_0x160f_1", 0x5678);
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_int_equal(vring_input(&ring, "s74", "pdo_0x1a0f_1"), 0x1234);
	ecr_sim_get_output(ring.sim, 74, 240, 16, &output);
	assert_int_equal(output, 0x5678);
	vring_close(&ring);
	free_slaves(75);
}

/* As many as a ring may hold comfortably: all in OP, all cycling, and told apart. */
static void a_thousand_slaves(void **state)
{
	static struct vring ring;
	const struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = ECR_MS(20) },
						     { 0 } };
	struct ecr_config config = {
		.domains = domains, .slaves = slaves, .scan_poll_ms = 10, .scan_stable_ms = 20
	};

	(void)state;
	make_slaves(1000, 1, 1, false);
	for (int i = 0; i < 1000; i++)
		slaves[i].health_poll_ms = 0;
	vring_open_devices(&ring, devices, 1000);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(30)), 0);
	assert_int_equal(vring_domain(&ring, "io").expected_wkc, 3000);
	ecr_sim_set_input(ring.sim, 999, 0, 1, 1);
	vring_run_until(&ring, ring.now + ECR_MS(100));
	assert_int_equal(vring_input(&ring, "s999", "in1"), 1);
	assert_int_equal(vring_input(&ring, "s998", "in1"), 0);
	assert_int_equal(vring_domain(&ring, "io").total_miss_count, 0);
	vring_close(&ring);
	free_slaves(1000);
}

static void overlapping_inputs_and_outputs_halve_the_image(void **state)
{
	uint32_t sizes[2];

	(void)state;
	for (int overlap = 0; overlap < 2; overlap++) {
		static struct vring ring;
		const struct ecr_domain_config domains[] = { { .id = "io", .overlap = overlap },
							     { 0 } };
		struct ecr_config config = { .domains = domains,
					     .slaves = slaves,
					     .scan_poll_ms = 10,
					     .scan_stable_ms = 20 };

		make_slaves(10, 16, 16, false);
		vring_open_devices(&ring, devices, 10);
		assert_int_equal(vring_start(&ring, &config), 0);
		assert_int_equal(vring_await_operational(&ring, ECR_S(5)), 0);
		sizes[overlap] = vring_domain(&ring, "io").image_size;
		ecr_sim_set_input(ring.sim, 3, 5, 1, 1);
		vring_output(&ring, "s3", "out1", 1);
		vring_run_until(&ring, ring.now + ECR_MS(20));
		assert_int_equal(vring_input(&ring, "s3", "in6"), 1);
		assert_int_equal(vring_input(&ring, "s3", "in1"), 0);
		vring_close(&ring);
		free_slaves(10);
	}
	assert_int_equal(sizes[1] * 2, sizes[0]);
}

static ecr_time last_sent;
static ecr_time quiet_before_ready;
static ecr_time longest_quiet;
static uint64_t sent_before;

static void watch_traffic(struct vring *ring)
{
	if (ring->frames == sent_before)
		return;
	if (ring->line.last_start - last_sent > longest_quiet)
		longest_quiet = ring->line.last_start - last_sent;
	last_sent = ring->line.last_start;
	sent_before = ring->frames;
}

static void note_ready(struct vring *ring, const struct ecr_event *event)
{
	if (event->kind == ECR_EVENT_STATE_CHANGED && event->to == ECR_STATE_PREOP_READY)
		quiet_before_ready = ring->now - last_sent;
}

/* 2 ms without a frame before PREOP is reported, and before the way to OP begins. */
static void the_bus_is_quiet_before_it_is_handed_over(void **state)
{
	static struct vring ring;
	/* Shorter than the quiet, which is the longest pause then. */
	static const struct ecr_domain_config quick[] = { { .id = "main", .cycle_ns = ECR_MS(1) },
							  { 0 } };
	struct ecr_slave_config held[4];
	struct ecr_config config = vring_default_config();
	struct ecr_request activate = { .kind = ECR_REQUEST_ACTIVATE };

	(void)state;
	memcpy(held, vring_default_slaves, sizeof(held));
	for (int i = 0; i < 3; i++) {
		held[i].target_state = ECR_TARGET_PREOP;
		held[i].health_poll_ms = -1;
	}
	config.slaves = held;
	config.domains = quick;
	vring_open(&ring, vring_default_names);
	ring.each_tick = watch_traffic;
	ring.each_event = note_ready;
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_running(&ring, ECR_S(5)), 0);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_PREOP_READY);
	assert_in_range(quiet_before_ready, ECR_MS(2), ECR_MS(3));
	for (int i = 1; i < 3; i++) {
		struct ecr_request request = { .kind = ECR_REQUEST_CONFIGURE_SLAVE,
					       .name = held[i].name,
					       .slave = &vring_default_slaves[i] };

		assert_int_equal(vring_request(&ring, &request), 0);
	}
	longest_quiet = 0;
	assert_int_equal(vring_request(&ring, &activate), 0);
	assert_in_range(longest_quiet, ECR_MS(2), ECR_MS(3));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(losses_are_declared),
		cmocka_unit_test(lifecycle_pairs),
		cmocka_unit_test(domain_pairs),
		cmocka_unit_test(a_hundred_slaves_cost_less_than_three_times_the_frames_of_one),
		cmocka_unit_test(cycles_are_never_delayed_by_reliable_work),
		cmocka_unit_test(a_domain_that_begins_anew_is_not_delayed),
		cmocka_unit_test(a_short_cycle_keeps_nobody_from_coming_back),
		cmocka_unit_test(a_frame_that_is_longer_than_the_cycle_is_refused),
		cmocka_unit_test(a_mailbox_that_is_longer_than_the_cycle_keeps_nobody_waiting),
		cmocka_unit_test(reliable_work_shares_frames_beside_a_large_slow_domain),
		cmocka_unit_test(an_image_larger_than_a_frame),
		cmocka_unit_test(the_bus_is_quiet_before_it_is_handed_over),
		cmocka_unit_test(a_thousand_slaves),
		cmocka_unit_test(overlapping_inputs_and_outputs_halve_the_image),
	};

	return RUN(tests);
}
