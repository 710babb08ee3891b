/* SPDX-License-Identifier: Apache-2.0 */
/* The master's part of distributed clocks, on a virtual clock against simulated ones. */
#include "support/check.h"
#include "support/vring.h"

#include "master/master.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WALL 800000000000000000LL /* the virtual clock's zero, ns since 2000 */
#define SLAVES 8

static struct vring ring;
static uint8_t image[1024];
static struct ecr_sim_device devices[SLAVES];
static struct ecr_slave_config slaves[SLAVES + 1];
static char names[SLAVES][8];
static struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = ECR_MS(1) }, { 0 } };
static struct ecr_config config;

/* A line of slaves with clocks that are off by up to 100 ppm and started whenever. */
static void prepare(int count)
{
	size_t size = ecr_sim_digital_sii(image, sizeof(image), "clock", 8, 8);

	memset(devices, 0, sizeof(devices));
	memset(slaves, 0, sizeof(slaves));
	for (int i = 0; i < count; i++) {
		snprintf(names[i], sizeof(names[i]), "s%d", i);
		devices[i] =
			(struct ecr_sim_device){ .name = names[i],
						 .sii = image,
						 .sii_size = size,
						 .emulation = true,
						 .cable_ns = 100u * (unsigned int)i,
						 .features = ECR_FEATURE_DC | ECR_FEATURE_DC_64 };
		devices[i].clock.drift_ppb = (i % 2 ? 1 : -1) * (100000 - 13000 * i);
		devices[i].clock.start_ns = 1000000007ull * (unsigned int)(i + 1) * 977;
		slaves[i].name = names[i];
		slaves[i].process_data = (struct ecr_process_data)ECR_ALL_TO("io");
	}
	config = (struct ecr_config){
		.domains = domains, .slaves = slaves, .scan_poll_ms = 10, .scan_stable_ms = 20
	};
}

static void start(int count)
{
	struct ecr_request request = { .kind = ECR_REQUEST_START, .config = &config, .wall = WALL };

	vring_open_devices(&ring, devices, count);
	assert_int_equal(vring_request(&ring, &request), 0);
}

static void to_operational(int count)
{
	start(count);
	assert_int_equal(vring_await_operational(&ring, ECR_S(20)), 0);
}

static struct ecr_dc_status status(void)
{
	struct ecr_dc_status now = { 0 };
	struct ecr_request request = { .kind = ECR_REQUEST_DC_STATUS, .out = &now };

	assert_int_equal(vring_request(&ring, &request), 0);
	return now;
}

static int await_locked(ecr_time within)
{
	struct ecr_request request = { .kind = ECR_REQUEST_AWAIT_DC_LOCKED,
				       .deadline = ring.now + within };

	return vring_request(&ring, &request);
}

static struct ecr_sim_time truth(int slave)
{
	struct ecr_sim_time time = { 0 };

	assert_true(ecr_sim_clock(ring.sim, ring.now, slave, &time));
	return time;
}

/* The largest difference between any two clocks as they really are. */
static uint64_t spread(int count)
{
	int64_t low = 0;
	int64_t high = 0;

	for (int i = 1; i < count; i++) {
		int64_t apart = (int64_t)(truth(i).system_ns - truth(0).system_ns);

		low = apart < low ? apart : low;
		high = apart > high ? apart : high;
	}
	return (uint64_t)(high - low);
}

static void clocks_come_together_and_stay(void **state)
{
	(void)state;
	prepare(SLAVES);
	to_operational(SLAVES);
	assert_int_equal(await_locked(ECR_S(2)), 0);
	print_message("spread at lock: %llu ns\n", (unsigned long long)spread(SLAVES));
	vring_run_until(&ring, ring.now + ECR_S(10));
	for (int i = 0; i < 100; i++) {
		vring_run_until(&ring, ring.now + ECR_US(1700));
		assert_true(spread(SLAVES) <= 40);
	}
	print_message("spread: %llu ns, phase %lld ns, rate %lld ppb\n",
		      (unsigned long long)spread(SLAVES), (long long)status().phase_ns,
		      (long long)status().rate_ppb);
	vring_close(&ring);
}

static struct ecr_dc_slave clock_of(int slave)
{
	static struct ecr_dc_slave all[SLAVES];
	struct ecr_request request = { .kind = ECR_REQUEST_DC_SLAVES, .out = all, .room = SLAVES };

	assert_true(vring_request(&ring, &request) > slave);
	return all[slave];
}

/* Drives that work with SYNC0 and say so when they miss it, or its process data. */
static void make_drives(int count)
{
	prepare(count);
	for (int i = 0; i < count; i++) {
		devices[i].emulation = false;
		devices[i].clock.needs_sync = true;
		devices[i].clock.missed_limit = 4;
		devices[i].clock.ready_ns = 100000;
		slaves[i].sync.mode = ECR_SYNC_SYNC0;
	}
}

static void drives_run_on_sync0(void **state)
{
	(void)state;
	make_drives(4);
	slaves[2].sync.sync0_shift_ns = 125000;
	slaves[3].sync.mode = ECR_SYNC_SYNC1;
	slaves[3].sync.sync0_cycle_ns = ECR_US(500);
	slaves[3].sync.sync1_ns = 750000;
	devices[3].clock.needs_sync = false; /* two SYNC0 per frame */
	to_operational(4);
	vring_run_until(&ring, ring.now + ECR_S(3));
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_HEALTH_FAULT], 0);
	for (int i = 0; i < 4; i++) {
		struct ecr_sim_time time = truth(i);
		struct ecr_dc_slave told = clock_of(i);
		uint64_t cycle = i == 3 ? 500000 : 1000000;

		assert_true(time.sync_running && told.sync_running);
		assert_int_equal(time.next_sync0_ns % cycle, i == 2 ? 125000 : 0);
		assert_int_equal((time.next_sync0_ns - told.sync_start) % cycle, 0);
		assert_in_range(time.sync0_pulses, ECR_S(3) / (ecr_time)cycle,
				ECR_S(4) / (ecr_time)cycle);
		assert_int_equal(told.pulse_ns, 10000);
	}
	/* 750 us behind SYNC0 of 500 us: with every second one. */
	assert_in_range(truth(3).sync0_pulses / truth(3).sync1_pulses, 2, 2);
	vring_stop(&ring);
	for (int i = 0; i < 4; i++)
		assert_false(truth(i).sync_running);
	vring_close(&ring);
}

static void a_drive_without_sync_is_refused_and_explained(void **state)
{
	struct ecr_failure failure = { 0 };
	struct ecr_request request = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };

	(void)state;
	make_drives(2);
	slaves[1].sync.mode = ECR_SYNC_FREE_RUN;
	start(2);
	assert_int_equal(vring_await_operational(&ring, ECR_S(20)), ECR_ERR_ACTIVATION_FAILED);
	assert_int_equal(vring_request(&ring, &request), 0);
	assert_string_equal(failure.slave, "s1");
	assert_int_equal(failure.al_code, 0x0030);
	vring_close(&ring);
}

static void clocks_of_32_bits_wrap(void **state)
{
	(void)state;
	make_drives(3);
	devices[0].features = devices[2].features = ECR_FEATURE_DC;
	to_operational(3);
	assert_int_equal(clock_of(0).kind, ECR_CLOCK_32);
	assert_int_equal(clock_of(1).kind, ECR_CLOCK_64);
	assert_int_equal(await_locked(ECR_S(3)), 0);
	vring_run_until(&ring, ring.now + ECR_S(10)); /* more than two wraps */
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
	assert_int_equal(status().lock_state, ECR_DC_LOCKED);
	/* The ring's time is whole though its reference counts 32 bits. */
	assert_in_range(status().reference_ns - (uint64_t)(WALL + ring.now - ECR_MS(4)), 0,
			4000000);
	assert_in_range(truth(1).system_ns - (uint64_t)(WALL + ring.now - ECR_MS(2)), 0, 4000000);
	vring_close(&ring);
}

static uint64_t latched[2];
static int edges[2];

static void see_latch(struct vring *from, const struct ecr_event *event)
{
	(void)from;
	if (event->kind != ECR_EVENT_DC_LATCH)
		return;
	assert_string_equal(event->text, event->to ? "gone" : "there");
	latched[event->to] = event->count;
	edges[event->to]++;
}

static void latches_tell_their_edges(void **state)
{
	static const struct ecr_latch_config latches[] = {
		{ .name = "there", .unit = 0 },
		{ .name = "gone", .unit = 1, .falling = true },
		{ 0 }
	};

	(void)state;
	prepare(2);
	slaves[1].sync.latches = latches;
	to_operational(2);
	assert_int_equal(await_locked(ECR_S(3)), 0);
	ring.each_event = see_latch;
	memset(edges, 0, sizeof(edges));
	for (int i = 0; i < 5; i++) {
		uint64_t there = truth(1).system_ns;

		assert_true(ecr_sim_edge(ring.sim, ring.now, 1, 0, false));
		vring_run_until(&ring, ring.now + ECR_MS(10));
		assert_int_equal(edges[0], i + 1);
		assert_int_equal(latched[0], there);
	}
	assert_int_equal(edges[1], 0);
	assert_true(ecr_sim_edge(ring.sim, ring.now, 1, 1, true));
	vring_run_until(&ring, ring.now + ECR_MS(10));
	assert_int_equal(edges[1], 1);
	ring.each_event = NULL;
	vring_close(&ring);
}

/* Every clock within `limit` of every other, for a while. */
static void assert_together(int count, uint64_t limit)
{
	for (int i = 0; i < 50; i++) {
		vring_run_until(&ring, ring.now + ECR_US(1700));
		assert_in_range(spread(count), 0, limit);
	}
}

static void any_slave_or_the_master_is_the_reference(void **state)
{
	(void)state;
	prepare(6);
	devices[1].features = 0;
	devices[2].clock.times_only = true;
	devices[3].parent = 2; /* behind the one without a clock: a branch */
	devices[3].parent_port = 1;
	devices[2].parent = 2;
	devices[2].parent_port = 3;
	for (int reference = 3; reference < 7; reference++) {
		config.dc.reference = reference < 6 ? names[reference] : NULL;
		config.dc.master_clock = reference == 6;
		to_operational(6);
		assert_int_equal(await_locked(ECR_S(5)), 0);
		vring_run_until(&ring, ring.now + ECR_S(3));
		assert_string_equal(status().reference_clock,
				    reference < 6 ? names[reference] : "");
		assert_int_equal(clock_of(1).kind, ECR_CLOCK_NONE);
		assert_int_equal(clock_of(2).kind, ECR_CLOCK_TIMES_ONLY);
		for (int i = 3; i < 6; i++)
			assert_in_range(truth(i).system_ns - truth(0).system_ns + 30, 0, 60);
		if (reference == 6)
			assert_in_range(truth(0).system_ns - (uint64_t)(WALL + ring.now) + 2000, 0,
					4000);
		vring_close(&ring);
	}
}

/* How late frames pass the reference, by the truth, against the shift that was asked for. */
static int64_t true_phase(void)
{
	ecr_time next = ecr_core_next_cycle(ring.core);
	struct ecr_sim_time time;
	int64_t past;

	vring_run_until(&ring, next);
	time = truth(0);
	past = (int64_t)((time.system_ns + (uint64_t)time.arrival_ns + 300000) % 1000000);
	return past > 500000 ? past - 1000000 : past;
}

static void the_cycle_follows_the_reference(void **state)
{
	(void)state;
	prepare(3);
	config.dc.shift_ns = 300000;
	to_operational(3);
	assert_int_equal(await_locked(ECR_S(5)), 0);
	vring_run_until(&ring, ring.now + ECR_S(3));
	for (int i = 0; i < 100; i++)
		assert_in_range(true_phase() + 1000, 0, 2000);
	assert_int_equal(status().servo_state, ECR_DC_SERVO_LOCKED);
	assert_in_range(status().rate_ppb + 101000, 0, 2000); /* 100 ppm slower than the master */
	assert_true(ecr_sim_set_drift(ring.sim, ring.now, 0, 50000));
	vring_run_until(&ring, ring.now + ECR_S(3));
	for (int i = 0; i < 100; i++)
		assert_in_range(true_phase() + 1000, 0, 2000);
	vring_close(&ring);
}

static void a_free_running_cycle_keeps_its_own_time(void **state)
{
	ecr_time first;

	(void)state;
	prepare(3);
	config.dc.free_running = true;
	to_operational(3);
	first = ecr_core_next_cycle(ring.core);
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_int_equal((ecr_core_next_cycle(ring.core) - first) % ECR_MS(1), 0);
	assert_int_equal(await_locked(ECR_S(5)), 0);
	vring_close(&ring);
}

/* Half of all frames lost for a moment, 1 % for long: the clocks and the cycle hold. */
static void losses_do_not_part_the_clocks(void **state)
{
	(void)state;
	prepare(4);
	to_operational(4);
	assert_int_equal(await_locked(ECR_S(5)), 0);
	vring_run_until(&ring, ring.now + ECR_S(5));
	ring.prng.state = 11;
	ring.lost_ppm = ring.lost_back_ppm = 5000;
	vring_run_until(&ring, ring.now + ECR_S(2));
	assert_together(4, 100);
	ring.lost_ppm = 500000;
	vring_run_until(&ring, ring.now + ECR_MS(20));
	ring.lost_ppm = ring.lost_back_ppm = 0;
	assert_together(4, 100);
	assert_true(status().lost > 10);
	vring_close(&ring);
}

static void the_gate_holds_until_the_clocks_agree(void **state)
{
	(void)state;
	prepare(3);
	config.dc.await_lock = true;
	config.dc.burst = 1;
	config.dc.lock_timeout_ms = 40; /* too short: the clocks need about 300 ms */
	config.dc.warmup_cycles = 100;
	start(3);
	assert_int_equal(vring_await_operational(&ring, ECR_S(20)), ECR_ERR_ACTIVATION_FAILED);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_ACTIVATION_BLOCKED);
	for (int i = 0; i < 3; i++)
		assert_int_equal(ecr_sim_registers(ring.sim, i)[ECR_REG_AL_STATUS], ECR_AL_PREOP);
	assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(5)));
	assert_int_equal(await_locked(ECR_S(1)), 0); /* the loops overshoot a little */
	vring_close(&ring);
}

static void answers_without_clocks(void **state)
{
	(void)state;
	prepare(2);
	devices[0].features = devices[1].features = 0;
	config.dc.await_lock = true;
	start(2);
	assert_int_equal(vring_await_operational(&ring, ECR_S(5)), ECR_ERR_ACTIVATION_FAILED);
	assert_int_equal(await_locked(ECR_S(1)), ECR_ERR_DC_LOCK_UNAVAILABLE);
	assert_int_equal(status().lock_state, ECR_DC_UNAVAILABLE);
	vring_close(&ring);
	prepare(2);
	config.dc.disabled = true;
	to_operational(2);
	assert_int_equal(await_locked(ECR_S(1)), ECR_ERR_DC_DISABLED);
	assert_false(status().configured);
	vring_close(&ring);
	prepare(2);
	slaves[0].target_state = slaves[1].target_state = ECR_TARGET_PREOP;
	start(2);
	assert_int_equal(vring_await_running(&ring, ECR_S(5)), 0);
	assert_int_equal(await_locked(ECR_S(1)), ECR_ERR_DC_INACTIVE);
	vring_close(&ring);
}

static void part(ecr_time now, int32_t drift)
{
	assert_true(ecr_sim_set_drift(ring.sim, now, 2, drift));
}

static int failure_of_session(void)
{
	struct ecr_failure failure = { 0 };
	struct ecr_request request = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };

	assert_int_equal(vring_request(&ring, &request), 0);
	return failure.error;
}

static void a_lost_lock_is_judged_by_policy(void **state)
{
	(void)state;
	for (int policy = ECR_DC_ADVISORY; policy <= ECR_DC_FATAL; policy++) {
		prepare(3);
		config.dc.lock_policy = (enum ecr_dc_lock_policy)policy;
		to_operational(3);
		assert_int_equal(await_locked(ECR_S(5)), 0);
		vring_run_until(&ring, ring.now + ECR_S(1));
		part(ring.now, 250000);
		switch (policy) {
		case ECR_DC_ADVISORY:
			assert_false(vring_until_state(&ring, ECR_STATE_RECOVERING, ECR_S(1)));
			break;
		case ECR_DC_RECOVERING:
			assert_true(vring_until_state(&ring, ECR_STATE_RECOVERING, ECR_MS(100)));
			assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(3)));
			break;
		default:
			assert_true(vring_until_state(&ring, ECR_STATE_IDLE, ECR_MS(100)));
			assert_int_equal(failure_of_session(), ECR_ERR_DC_LOCK_LOST);
		}
		assert_true(ring.counts[ECR_EVENT_DC_LOCK_DECISION] > 0);
		assert_true(ring.counts[ECR_EVENT_DC_LOCK_CHANGED] > 2);
		vring_close(&ring);
	}
}

static uint64_t shown[SLAVES];
static ecr_time shown_at;

/* Against true time: a step shows as more than any drift explains. */
static void no_clock_steps(int count, ecr_time span)
{
	ecr_time end = ring.now + span;

	while (ring.now < end) {
		vring_run_until(&ring, ring.now + ECR_US(500));
		for (int i = 0; i < count; i++) {
			uint64_t system = truth(i).system_ns;
			int64_t step = (int64_t)(system - shown[i]) - (ring.now - shown_at);

			if (shown_at)
				assert_in_range(step + 1000, 0, 2000);
			shown[i] = system;
		}
		shown_at = ring.now;
	}
}

/* A line that is cut anywhere, whoever is the reference: those that are still reached stay together. */
static void a_split_line_makes_no_clock_step(void **state)
{
	int substitutes = 0;

	(void)state;
	for (int reference = 0; reference < 5; reference += 2) {
		for (int cut = 1; cut < 5; cut++) {
			struct ecr_sim_fault fault = { .kind = ECR_SIM_BREAK, .slave = cut };

			prepare(5);
			config.dc.reference = names[reference];
			to_operational(5);
			assert_int_equal(await_locked(ECR_S(5)), 0);
			vring_run_until(&ring, ring.now + ECR_S(2));
			shown_at = 0;
			assert_true(ecr_sim_inject(ring.sim, ring.now, &fault));
			no_clock_steps(5, ECR_MS(500));
			assert_in_range(spread(cut), 0, 200);
			substitutes += status().substitute;
			assert_int_equal(status().substitute, reference >= cut);
			ecr_sim_clear_faults(ring.sim);
			no_clock_steps(5, ECR_S(1));
			vring_run_until(&ring, ring.now + ECR_S(7));
			assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
			assert_int_equal(status().lock_state, ECR_DC_LOCKED);
			assert_together(5, 100);
			vring_close(&ring);
		}
	}
	assert_true(substitutes > 0);
}

/* Without power for a moment: the clock begins somewhere else, and is set before the slave is used. */
static void a_slave_that_returns_gets_its_time_back(void **state)
{
	struct ecr_sim_fault fault = { .kind = ECR_SIM_POWER_CYCLE, .slave = 1 };

	(void)state;
	make_drives(3);
	to_operational(3);
	assert_int_equal(await_locked(ECR_S(5)), 0);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &fault));
	vring_run_until(&ring, ring.now + ECR_S(5));
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
	assert_int_equal(await_locked(ECR_S(5)), 0);
	assert_together(3, 100);
	assert_int_equal(truth(1).next_sync0_ns % 1000000, 0);
	assert_true(truth(1).sync_running);
	vring_close(&ring);
}

static void delays_are_measured_again(void **state)
{
	uint32_t delay;

	(void)state;
	prepare(4);
	config.dc.measure_ms = 200;
	to_operational(4);
	assert_int_equal(await_locked(ECR_S(5)), 0);
	delay = (uint32_t)clock_of(3).delay_ns;
	assert_in_range(delay, 1500, 3000);
	ecr_sim_registers(ring.sim, 3)[ECR_REG_DC_DELAY + 1] ^= 0x40; /* 16 us */
	vring_run_until(&ring, ring.now + ECR_MS(150));
	assert_int_equal(status().lock_state, ECR_DC_LOCKING);
	vring_run_until(&ring, ring.now + ECR_S(3));
	assert_int_equal(status().lock_state, ECR_DC_LOCKED);
	assert_in_range((uint32_t)clock_of(3).delay_ns - delay + 20, 0, 40);
	assert_together(4, 100);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clocks_come_together_and_stay),
		cmocka_unit_test(drives_run_on_sync0),
		cmocka_unit_test(a_drive_without_sync_is_refused_and_explained),
		cmocka_unit_test(clocks_of_32_bits_wrap),
		cmocka_unit_test(latches_tell_their_edges),
		cmocka_unit_test(any_slave_or_the_master_is_the_reference),
		cmocka_unit_test(the_cycle_follows_the_reference),
		cmocka_unit_test(a_free_running_cycle_keeps_its_own_time),
		cmocka_unit_test(losses_do_not_part_the_clocks),
		cmocka_unit_test(the_gate_holds_until_the_clocks_agree),
		cmocka_unit_test(answers_without_clocks),
		cmocka_unit_test(a_lost_lock_is_judged_by_policy),
		cmocka_unit_test(a_split_line_makes_no_clock_step),
		cmocka_unit_test(a_slave_that_returns_gets_its_time_back),
		cmocka_unit_test(delays_are_measured_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
