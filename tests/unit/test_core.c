/* SPDX-License-Identifier: Apache-2.0 */
/* Promises of the core: steps and their losses, the lifecycle's table, the cyclic instant, few frames, large images. */
#include "support/check.h"
#include "support/vring.h"

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
		{ ecr_bringup_steps, 0, "slave.assign", ECR_ASK_AGAIN },
		{ ecr_bringup_steps, 1, "slave.info", ECR_ASK_AGAIN },
		{ ecr_configure_steps, 0, "configure.sync_managers", ECR_ASK_AGAIN },
		{ ecr_configure_steps, 1, "configure.fmmus", ECR_ASK_AGAIN },
		{ ecr_configure_steps, 2, "configure.watchdog", ECR_ASK_AGAIN },
		{ ecr_poll_steps, 1, "poll.status", ECR_ASK_AGAIN },
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

static struct ecr_sim_device devices[1000];
static struct ecr_slave_config slaves[1001];
static char names[1000][16];

static void make_slaves(int count, uint16_t outputs, uint16_t inputs)
{
	memset(slaves, 0, sizeof(slaves));
	memset(devices, 0, sizeof(devices));
	for (int i = 0; i < count; i++) {
		uint8_t image[8192];
		size_t size = ecr_sim_digital_sii(image, sizeof(image), "digital", outputs, inputs);

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

	make_slaves(count, 4, 4);
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
	make_slaves(20, 4, 4);
	vring_open_devices(&ring, devices, 20);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(20)), 0);
	expected_start = 0;
	late_cycles = cycles = 0;
	ring.each_tick = watch_start;
	for (int i = 0; i < 600; i++) {
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

static void an_image_larger_than_a_frame(void **state)
{
	static struct vring ring;
	const struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = ECR_MS(10) },
						     { 0 } };
	struct ecr_config config = {
		.domains = domains, .slaves = slaves, .scan_poll_ms = 10, .scan_stable_ms = 20
	};
	struct ecr_domain_info info;

	(void)state;
	make_slaves(600, 32, 32);
	vring_open_devices(&ring, devices, 600);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(60)), 0);
	info = vring_domain(&ring, "io");
	assert_true(info.image_size >= 4800);
	assert_true(info.datagrams >= 4);
	assert_int_equal(info.expected_wkc, 1800);
	assert_int_equal(info.actual_wkc, 1800);
	ecr_sim_set_input(ring.sim, 599, 31, 1, 1);
	vring_output(&ring, "s599", "out32", 1);
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_int_equal(vring_input(&ring, "s599", "in32"), 1);
	vring_close(&ring);
	free_slaves(600);
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

		make_slaves(10, 16, 16);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(losses_are_declared),
		cmocka_unit_test(lifecycle_pairs),
		cmocka_unit_test(a_hundred_slaves_cost_less_than_three_times_the_frames_of_one),
		cmocka_unit_test(cycles_are_never_delayed_by_reliable_work),
		cmocka_unit_test(an_image_larger_than_a_frame),
		cmocka_unit_test(overlapping_inputs_and_outputs_halve_the_image),
	};

	return RUN(tests);
}
