/* SPDX-License-Identifier: Apache-2.0 */
/* Distributed clocks on a virtual clock against simulated ones: how they come and stay together, and the cycle that follows. */
#include "support/check.h"
#include "support/clocksession.h"

#include "base/le.h"
#include "master/master.h"

#include <string.h>

static void clocks_come_together_and_stay(void **state)
{
	(void)state;
	cr_prepare(CR_SLAVES);
	cr_to_operational(CR_SLAVES);
	assert_int_equal(cr_await_locked(ECR_S(2)), 0);
	print_message("spread at lock: %llu ns\n", (unsigned long long)cr_spread(CR_SLAVES));
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(10));
	for (int i = 0; i < 100; i++) {
		vring_run_until(&cr_ring, cr_ring.now + ECR_US(1700));
		assert_true(cr_spread(CR_SLAVES) <= 40);
	}
	print_message("spread: %llu ns, phase %lld ns, rate %lld ppb\n",
		      (unsigned long long)cr_spread(CR_SLAVES), (long long)cr_status().phase_ns,
		      (long long)cr_status().rate_ppb);
	vring_close(&cr_ring);
}

static void clocks_of_32_bits_wrap(void **state)
{
	(void)state;
	cr_make_drives(3);
	cr_devices[0].features = cr_devices[2].features = ECR_FEATURE_DC;
	cr_to_operational(3);
	assert_int_equal(cr_clock_of(0).kind, ECR_CLOCK_32);
	assert_int_equal(cr_clock_of(1).kind, ECR_CLOCK_64);
	assert_int_equal(cr_status().clocks, 3);
	assert_int_equal(cr_await_locked(ECR_S(3)), 0);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(10)); /* more than two wraps */
	assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_OPERATIONAL);
	assert_int_equal(cr_status().lock_state, ECR_DC_LOCKED);
	/* The ring's time is whole though its reference counts 32 bits. */
	assert_in_range(cr_status().reference_ns - (uint64_t)(CR_WALL + cr_ring.now - ECR_MS(4)), 0,
			5000000);
	assert_in_range(cr_truth(1).system_ns - (uint64_t)(CR_WALL + cr_ring.now - ECR_MS(4)), 0,
			5000000);
	vring_close(&cr_ring);
}

static void any_slave_or_the_master_is_the_reference(void **state)
{
	(void)state;
	cr_prepare(6);
	cr_devices[1].features = 0;
	cr_devices[2].clock.times_only = true;
	cr_devices[3].parent = 2; /* behind the one without a clock: a branch */
	cr_devices[3].parent_port = 1;
	cr_devices[2].parent = 2;
	cr_devices[2].parent_port = 3;
	for (int reference = 3; reference < 7; reference++) {
		cr_config.dc.reference = reference < 6 ? cr_names[reference] : NULL;
		cr_config.dc.master_clock = reference == 6;
		cr_to_operational(6);
		assert_int_equal(cr_await_locked(ECR_S(5)), 0);
		vring_run_until(&cr_ring, cr_ring.now + ECR_S(3));
		assert_string_equal(cr_status().reference_clock,
				    reference < 6 ? cr_names[reference] : "");
		assert_int_equal(cr_clock_of(1).kind, ECR_CLOCK_NONE);
		assert_int_equal(cr_clock_of(2).kind, ECR_CLOCK_TIMES_ONLY);
		for (int i = 3; i < 6; i++)
			assert_in_range(cr_truth(i).system_ns - cr_truth(0).system_ns + 30, 0, 60);
		if (reference == 6)
			assert_in_range(cr_truth(0).system_ns - (uint64_t)(CR_WALL + cr_ring.now) +
						2000,
					0, 4000);
		vring_close(&cr_ring);
	}
}

/* How late frames pass the reference, by the truth, against the shift that was asked for. */
static int64_t true_phase(void)
{
	ecr_time next = ecr_core_next_cycle(cr_ring.core);
	struct ecr_sim_time time;
	int64_t past;

	vring_run_until(&cr_ring, next);
	time = cr_truth(0);
	past = (int64_t)((time.system_ns + (uint64_t)time.arrival_ns + 300000) % 1000000);
	return past > 500000 ? past - 1000000 : past;
}

static void the_cycle_follows_the_reference(void **state)
{
	(void)state;
	cr_prepare(3);
	cr_config.dc.shift_ns = 300000;
	cr_to_operational(3);
	assert_int_equal(cr_await_locked(ECR_S(5)), 0);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(3));
	for (int i = 0; i < 100; i++)
		assert_in_range(true_phase() + 1000, 0, 2000);
	assert_int_equal(cr_status().servo_state, ECR_DC_SERVO_LOCKED);
	assert_in_range(cr_status().rate_ppb + 101000, 0,
			2000); /* 100 ppm slower than the master */
	assert_true(ecr_sim_set_drift(cr_ring.sim, cr_ring.now, 0, 50000));
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(3));
	for (int i = 0; i < 100; i++)
		assert_in_range(true_phase() + 1000, 0, 2000);
	vring_close(&cr_ring);
}

static void a_free_running_cycle_keeps_its_own_time(void **state)
{
	ecr_time first;

	(void)state;
	cr_prepare(3);
	cr_config.dc.free_running = true;
	cr_to_operational(3);
	first = ecr_core_next_cycle(cr_ring.core);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(1));
	assert_int_equal((ecr_core_next_cycle(cr_ring.core) - first) % ECR_MS(1), 0);
	assert_int_equal(cr_await_locked(ECR_S(5)), 0);
	vring_close(&cr_ring);
}

/* Half of all frames lost for a moment, 1 % for long: the clocks and the cycle hold. */
static void losses_do_not_part_the_clocks(void **state)
{
	(void)state;
	cr_prepare(4);
	cr_to_operational(4);
	assert_int_equal(cr_await_locked(ECR_S(5)), 0);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(5));
	cr_ring.prng.state = 11;
	cr_ring.lost_ppm = cr_ring.lost_back_ppm = 5000;
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(2));
	cr_assert_together(4, 100);
	cr_ring.lost_ppm = 500000;
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(20));
	cr_ring.lost_ppm = cr_ring.lost_back_ppm = 0;
	cr_assert_together(4, 100);
	assert_true(cr_status().lost > 10);
	vring_close(&cr_ring);
}

static uint64_t shown[CR_SLAVES];
static ecr_time shown_at;

static uint64_t ring_time; /* when all was well */
static ecr_time ring_time_at;
static int64_t ring_drift; /* the reference's, ppb */

static void note_ring_time(int reference)
{
	ring_time = cr_truth(reference).system_ns;
	ring_time_at = cr_ring.now;
	ring_drift = cr_devices[reference].clock.drift_ppb;
	shown_at = 0;
}

/* Where the ring's time would be if nothing had happened: everybody follows the reference's oscillator,
 * or goes on at the rate that was learned of it. A wrong time in a datagram draws a clock away from there
 * without any step. */
static int64_t away(uint64_t system)
{
	ecr_time past = cr_ring.now - ring_time_at;

	return (int64_t)(system - ring_time) - past - past / 1000 * ring_drift / 1000000;
}

/* Against true time: a step shows as more than any drift explains. */
static void no_clock_steps(int count, ecr_time span)
{
	ecr_time end = cr_ring.now + span;

	while (cr_ring.now < end) {
		vring_run_until(&cr_ring, cr_ring.now + ECR_US(500));
		for (int i = 0; i < count; i++) {
			uint64_t system = cr_truth(i).system_ns;
			int64_t step = (int64_t)(system - shown[i]) - (cr_ring.now - shown_at);

			if (shown_at)
				assert_in_range(step + 1000, 0, 2000);
			assert_in_range(away(system) + 1000, 0, 2000);
			shown[i] = system;
		}
		shown_at = cr_ring.now;
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

			cr_prepare(5);
			cr_config.dc.reference = cr_names[reference];
			cr_to_operational(5);
			assert_int_equal(cr_await_locked(ECR_S(5)), 0);
			vring_run_until(&cr_ring, cr_ring.now + ECR_S(2));
			note_ring_time(reference);
			assert_true(ecr_sim_inject(cr_ring.sim, cr_ring.now, &fault));
			no_clock_steps(5, ECR_MS(500));
			assert_in_range(cr_spread(cut), 0, 200);
			substitutes += cr_status().substitute;
			assert_int_equal(cr_status().substitute, reference >= cut);
			ecr_sim_clear_faults(cr_ring.sim);
			no_clock_steps(5, ECR_S(1));
			vring_run_until(&cr_ring, cr_ring.now + ECR_S(7));
			assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_OPERATIONAL);
			assert_int_equal(cr_status().lock_state, ECR_DC_LOCKED);
			/* The one that should be is the reference again. */
			assert_false(cr_status().substitute);
			assert_string_equal(cr_status().reference_clock, cr_names[reference]);
			cr_assert_together(5, 100);
			vring_close(&cr_ring);
		}
	}
	assert_true(substitutes > 0);
}

static void delays_are_measured_again(void **state)
{
	uint32_t delay;

	(void)state;
	cr_prepare(4);
	cr_config.dc.measure_ms = 200;
	cr_to_operational(4);
	assert_int_equal(cr_await_locked(ECR_S(5)), 0);
	delay = (uint32_t)cr_clock_of(3).delay_ns;
	assert_in_range(delay, 1500, 3000);
	ecr_sim_registers(cr_ring.sim, 3)[ECR_REG_DC_DELAY + 1] ^= 0x40; /* 16 us */
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(150));
	assert_int_equal(cr_status().lock_state, ECR_DC_LOCKING);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(3));
	assert_int_equal(cr_status().lock_state, ECR_DC_LOCKED);
	assert_in_range((uint32_t)cr_clock_of(3).delay_ns - delay + 20, 0, 40);
	cr_assert_together(4, 100);
	vring_close(&cr_ring);
}

/* Half of what one processing unit takes longer than its neighbours' is an error, unless the makers tell. */
static void slow_processing_units_are_taken_into_account(void **state)
{
	(void)state;
	for (int told = 0; told < 2; told++) {
		cr_prepare(4);
		for (int i = 0; i < 4; i++) {
			cr_devices[i].clock.tick_ns = 1;
			cr_devices[i].forward_ns = cr_devices[i].return_ns = 300;
		}
		cr_devices[0].forward_ns = 900;
		cr_slaves[0].sync.extra_ns = told ? 600 : 0;
		cr_to_operational(4);
		for (int i = 1; i < 4; i++) {
			int64_t truth = cr_truth(i).arrival_ns - cr_truth(0).arrival_ns;
			int64_t off = truth - cr_clock_of(i).delay_ns;

			assert_in_range(off + 3 - (told ? 0 : 300), 0, 6);
		}
		vring_close(&cr_ring);
	}
}

static uint64_t realtime_frames(void)
{
	struct ecr_bus_info info = { 0 };
	struct ecr_request request = { .kind = ECR_REQUEST_BUS_INFO, .out = &info };

	assert_int_equal(vring_request(&cr_ring, &request), 0);
	return info.realtime_frames;
}

static void the_time_travels_in_the_cycles_own_frame(void **state)
{
	uint64_t frames;
	uint64_t cycles;
	uint64_t times;

	(void)state;
	cr_prepare(4);
	cr_to_operational(4);
	assert_int_equal(cr_await_locked(ECR_S(5)), 0);
	frames = realtime_frames();
	cycles = vring_domain(&cr_ring, "io").cycle_count;
	times = cr_status().cycles;
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(500) + ECR_US(300));
	assert_in_range(vring_domain(&cr_ring, "io").cycle_count - cycles, 499, 501);
	assert_in_range(cr_status().cycles - times, 499, 501);
	assert_in_range(realtime_frames() - frames, 499, 501);
	vring_close(&cr_ring);
}

/* Domains of other periods keep their place against the ring's time: each frame passes the reference
 * the shift before a multiple of its period. */
static void slower_domains_follow_too(void **state)
{
	static const struct ecr_domain_config two[] = { { .id = "io", .cycle_ns = ECR_MS(2) },
							{ .id = "slow", .cycle_ns = ECR_MS(10) },
							{ 0 } };
	uint64_t slow = 0;

	(void)state;
	cr_prepare(3);
	cr_config.domains = two;
	cr_slaves[2].process_data = (struct ecr_process_data)ECR_ALL_TO("slow");
	cr_to_operational(3);
	assert_int_equal(cr_status().cycle_ns, ECR_MS(2));
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(2));
	for (int i = 0; i < 50; i++) {
		uint64_t at;
		ecr_time next = ecr_core_next_cycle(cr_ring.core);
		uint64_t before = vring_domain(&cr_ring, "slow").cycle_count;

		at = ecr_core_ring_time(cr_ring.core, next) + (uint64_t)ECR_MS(1);
		assert_in_range((at + 1000) % (uint64_t)ECR_MS(2), 0, 2000);
		vring_run_until(&cr_ring, next + ECR_US(100));
		if (vring_domain(&cr_ring, "slow").cycle_count == before)
			continue;
		slow++;
		assert_in_range((at + 1000) % (uint64_t)ECR_MS(10), 0, 2000);
	}
	assert_in_range(slow, 9, 11);
	vring_close(&cr_ring);
}

/* What the master has put into the datagram, against what the reference then made of it: slaves before
 * the reference go by the former. */
static void the_datagram_is_never_empty(void **state)
{
	const int reference = 2;
	int seen = 0;

	(void)state;
	cr_prepare(4);
	cr_config.dc.reference = cr_names[reference];
	cr_to_operational(4);
	for (int i = 0; i < 3000; i++) {
		vring_run_until(&cr_ring, ecr_core_next_cycle(cr_ring.core) + ECR_US(300));
		for (int k = 0; k < ECR_DC_FLIGHTS; k++) {
			const struct ecr_dc_flight *flight = &cr_ring.core->dc.flights[k];
			int64_t more;

			if (flight->used || flight->asks[0].wkc != 4)
				continue;
			more = (int64_t)(ecr_le64(flight->time) - ecr_le64(flight->payload));
			assert_in_range(more + 100, 0, 200);
			seen++;
		}
	}
	assert_true(seen >= 3000);
	vring_close(&cr_ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clocks_come_together_and_stay),
		cmocka_unit_test(clocks_of_32_bits_wrap),
		cmocka_unit_test(any_slave_or_the_master_is_the_reference),
		cmocka_unit_test(the_cycle_follows_the_reference),
		cmocka_unit_test(a_free_running_cycle_keeps_its_own_time),
		cmocka_unit_test(losses_do_not_part_the_clocks),
		cmocka_unit_test(a_split_line_makes_no_clock_step),
		cmocka_unit_test(delays_are_measured_again),
		cmocka_unit_test(slow_processing_units_are_taken_into_account),
		cmocka_unit_test(the_time_travels_in_the_cycles_own_frame),
		cmocka_unit_test(the_datagram_is_never_empty),
		cmocka_unit_test(slower_domains_follow_too),
	};

	return RUN(tests);
}
