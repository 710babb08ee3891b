/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks of a ring with a port of the master at each end: measured there, and held through breaks. */
#include "support/check.h"
#include "support/clocksession.h"
#include "support/tworing.h"

#include "master/master.h"
#include "wire/registers.h"

#include <stdio.h>
#include <stdlib.h>

#define CLOCKS 6
#define AWAY_NS 1000 /* no clock may leave the ring's time by more, whatever is unplugged */

static int64_t drift_of_ring; /* of the reference, ppb */
static uint64_t ring_time;
static ecr_time ring_time_at;

static void open_ring(int reference)
{
	cr_prepare(CLOCKS);
	for (int i = 0; i < CLOCKS; i++) {
		cr_devices[i].forward_ns = 300 + 40 * (unsigned int)i;
		cr_devices[i].loop_close_ns = cr_devices[i].loop_open_ns = ECR_US(200);
	}
	cr_config.backup_interface = "the simulator's second port";
	cr_config.dc.reference = cr_names[reference];
	drift_of_ring = cr_devices[reference].clock.drift_ppb;
}

static void come_up(void)
{
	cr_to_operational(CLOCKS);
	assert_int_equal(cr_await_locked(ECR_S(5)), 0);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(2));
}

static void assert_delays(int64_t limit)
{
	for (int i = 0; i < CLOCKS; i++) {
		int64_t truth = cr_truth(i).arrival_ns - cr_truth(0).arrival_ns;

		assert_false(cr_clock_of(i).delay_guessed);
		if (llabs(cr_clock_of(i).delay_ns - truth) > limit)
			fail_msg("delay of %d is %lld, truly %lld", i,
				 (long long)cr_clock_of(i).delay_ns, (long long)truth);
	}
}

static void delays_of_a_whole_ring_are_right(void **state)
{
	(void)state;
	open_ring(0);
	for (int i = 0; i < CLOCKS; i++)
		cr_devices[i].clock.tick_ns = 1;
	come_up();
	assert_delays(2);
	cr_assert_together(CLOCKS, 40);
	vring_close(&cr_ring);
}

/* The copy of one port is lost again and again: stamps of different frames make no delay. */
static void a_lost_copy_does_not_spoil_the_delays(void **state)
{
	(void)state;
	open_ring(0);
	cr_config.dc.measure_ms = 100;
	come_up();
	cr_ring.prng.state = 3;
	cr_ring.lost_ppm = 200000;
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(3));
	cr_ring.lost_ppm = 0;
	assert_delays(10 * CLOCKS);
	vring_close(&cr_ring);
}

/* From here on the ring's time goes as its reference's oscillator does: all follow it, or have learned its rate. */
static void note_time(int reference)
{
	ring_time = cr_truth(reference).system_ns;
	ring_time_at = cr_ring.now;
}

static void hold(ecr_time duration, const char *where)
{
	for (ecr_time end = cr_ring.now + duration; cr_ring.now < end;) {
		ecr_time past;

		vring_run_until(&cr_ring, cr_ring.now + ECR_US(500));
		past = cr_ring.now - ring_time_at;
		for (int i = 0; i < CLOCKS; i++) {
			int64_t away = (int64_t)(cr_truth(i).system_ns - ring_time) - past -
				       past / 1000 * drift_of_ring / 1000000;

			if (llabs(away) > AWAY_NS)
				fail_msg("%s: clock %d is away by %lld ns", where, i,
					 (long long)away);
		}
	}
}

static void cut(int at)
{
	struct ecr_sim_fault fault = { .kind = ECR_SIM_BREAK, .slave = at, .value = 1 };

	assert_true(ecr_sim_inject(cr_ring.sim, cr_ring.now, &fault));
}

static void break_and_mend(int reference, int at)
{
	char where[64];

	snprintf(where, sizeof(where), "reference %d, broken behind %d", reference, at);
	note_time(reference);
	hold(ECR_MS(20), where);
	cut(at);
	hold(ECR_MS(300), where);
	assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_OPERATIONAL);
	assert_false(cr_status().substitute);
	assert_int_equal(cr_status().lock_state,
			 ECR_DC_LOCKED); /* the master tells the part without the reference */
	ecr_sim_clear_faults(cr_ring.sim);
	hold(ECR_S(1), where);
	assert_int_equal(cr_status().lock_state, ECR_DC_LOCKED);
	assert_delays(10 * CLOCKS);
	cr_assert_together(CLOCKS, 100);
}

static void no_clock_leaves_the_time_of_a_broken_ring(void **state)
{
	static const int references[] = { 0, CLOCKS / 2, CLOCKS - 1 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		open_ring(references[i]);
		come_up();
		for (int at = 0; at < CLOCKS - 1; at++)
			break_and_mend(references[i], at);
		vring_close(&cr_ring);
	}
}

/* The master's own time is told through one port only, as a reference's is: the other way has another delay. */
/* Clock 2 is taken out for good: the reference, 3, is third now, and the last one before the break. */
static void the_reference_is_in_its_own_part_though_somebody_is_missing(void **state)
{
	(void)state;
	open_ring(3);
	come_up();
	assert_true(ecr_sim_unplug(cr_ring.sim, cr_ring.now, 2));
	assert_true(ecr_sim_unplug(cr_ring.sim, cr_ring.now, 3));
	assert_true(ecr_sim_plug_in(cr_ring.sim, cr_ring.now, 3, 1, -1));
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(4));
	cut(3);
	for (ecr_time end = cr_ring.now + ECR_S(1); cr_ring.now < end;) {
		vring_run_until(&cr_ring, cr_ring.now + ECR_MS(1));
		assert_false(cr_status().substitute);
		for (int i = 0; i < 2; i++)
			assert_true(llabs((int64_t)(cr_truth(i).system_ns -
						    cr_truth(3).system_ns)) < AWAY_NS);
	}
	vring_close(&cr_ring);
}

static void the_masters_time_reaches_the_far_half(void **state)
{
	(void)state;
	open_ring(0);
	cr_config.dc.reference = NULL;
	cr_config.dc.master_clock = true;
	drift_of_ring = 0;
	come_up();
	note_time(0);
	cut(CLOCKS / 2);
	hold(ECR_MS(300), "broken");
	assert_int_equal(cr_status().lock_state, ECR_DC_LOCKED);
	ecr_sim_clear_faults(cr_ring.sim);
	hold(ECR_S(1), "mended");
	assert_int_equal(cr_status().lock_state, ECR_DC_LOCKED);
	cr_assert_together(CLOCKS, 100);
	vring_close(&cr_ring);
}

static void either_port_may_be_unplugged(void **state)
{
	(void)state;
	for (unsigned int port = 0; port < 2; port++) {
		open_ring(2);
		come_up();
		note_time(2);
		ecr_sim_plug(cr_ring.sim, cr_ring.now, port, false);
		hold(ECR_MS(300), "unplugged");
		assert_int_equal(cr_status().lock_state, ECR_DC_LOCKED); /* all are reached */
		ecr_sim_plug(cr_ring.sim, cr_ring.now, port, true);
		hold(ECR_S(1), "plugged in");
		assert_int_equal(cr_status().lock_state, ECR_DC_LOCKED);
		cr_assert_together(CLOCKS, 100);
		vring_close(&cr_ring);
	}
}

/* Set while broken: the way across is not known, until the ring is mended. */
static void a_ring_that_starts_broken_is_measured_when_it_is_mended(void **state)
{
	(void)state;
	for (int at = 0; at < CLOCKS - 1; at++) {
		struct ecr_sim_fault fault = { .kind = ECR_SIM_BREAK, .slave = at, .value = 1 };
		struct ecr_request request = { .kind = ECR_REQUEST_START,
					       .config = &cr_config,
					       .wall = CR_WALL };

		open_ring(0);
		cr_config.dc.burst = 1000;
		vring_open_devices(&cr_ring, cr_devices, CLOCKS);
		cr_ring.two_ports = true;
		assert_true(ecr_sim_close_ring(cr_ring.sim, CLOCKS - 1, -1));
		assert_true(ecr_sim_inject(cr_ring.sim, cr_ring.now, &fault));
		assert_int_equal(vring_request(&cr_ring, &request), 0);
		assert_int_equal(vring_await_operational(&cr_ring, ECR_S(20)), 0);
		vring_run_until(&cr_ring, cr_ring.now + ECR_S(1));
		for (int i = 0; i < CLOCKS; i++)
			assert_int_equal(cr_clock_of(i).delay_guessed, i > at);
		cr_assert_together(at + 1, 100);
		ecr_sim_clear_faults(cr_ring.sim);
		vring_run_until(&cr_ring, cr_ring.now + ECR_S(4));
		assert_int_equal(cr_status().lock_state, ECR_DC_LOCKED);
		assert_delays(10 * CLOCKS);
		cr_assert_together(CLOCKS, 100);
		vring_close(&cr_ring);
	}
}

/* Clocks of 32 bits take as much of the time as they have, from either side of the break. */
static void narrow_clocks_have_the_time_in_both_parts(void **state)
{
	(void)state;
	for (int reference = 0; reference < CLOCKS; reference += CLOCKS - 1) {
		open_ring(reference);
		for (int i = 0; i < CLOCKS; i++)
			cr_devices[i].features &= (uint16_t)~ECR_FEATURE_DC_64;
		come_up();
		cut(CLOCKS / 2);
		for (ecr_time end = cr_ring.now + ECR_S(2); cr_ring.now < end;) {
			vring_run_until(&cr_ring, cr_ring.now + ECR_MS(1));
			for (int i = 0; i < CLOCKS; i++) {
				uint32_t right = (uint32_t)cr_truth(reference).system_ns;
				uint32_t shown = (uint32_t)cr_truth(i).system_ns;

				assert_in_range(right - shown + AWAY_NS, 0, 2 * AWAY_NS);
			}
		}
		assert_int_equal(cr_status().lock_state, ECR_DC_LOCKED);
		vring_close(&cr_ring);
	}
}

/* A cable is no reason to end a session that can do without it, nor to trouble one. */
static void a_break_alone_is_nothing_to_any_policy(void **state)
{
	static const enum ecr_dc_lock_policy policies[] = { ECR_DC_RECOVERING, ECR_DC_FATAL };

	(void)state;
	for (int i = 0; i < 6; i++) {
		open_ring(i % 3 * (CLOCKS - 1) / 2);
		cr_config.dc.lock_policy = policies[i / 3];
		cr_config.dc.warmup_cycles = 2000; /* until all have found together */
		come_up();
		for (int at = 0; at < CLOCKS - 1; at++) {
			for (int step = 0; step < 2; step++) {
				if (step)
					ecr_sim_clear_faults(cr_ring.sim);
				else
					cut(at);
				for (ecr_time end = cr_ring.now + ECR_S(3); cr_ring.now < end;) {
					vring_run_until(&cr_ring, cr_ring.now + ECR_MS(1));
					assert_int_equal(ecr_core_state(cr_ring.core),
							 ECR_STATE_OPERATIONAL);
				}
				assert_int_equal(cr_status().lock_state, ECR_DC_LOCKED);
				cr_assert_together(CLOCKS, step ? 100 : 1000);
			}
		}
		vring_close(&cr_ring);
	}
}

static void await_down(int slave, bool down)
{
	ecr_time end = cr_ring.now + ECR_S(5);

	while (cr_ring.core->slaves[slave].down != down && cr_ring.now < end)
		vring_run_until(&cr_ring, cr_ring.now + ECR_US(50));
	assert_int_equal(cr_ring.core->slaves[slave].down, down);
}

/* A slave comes back while the session rests in PREOP; its delays may be being measured when all are set. */
static void an_activation_may_meet_a_slave_that_comes_back(void **state)
{
	struct ecr_sim_fault off = { .kind = ECR_SIM_POWER_OFF, .slave = 2 };
	struct ecr_request lower = { .kind = ECR_REQUEST_DEACTIVATE, .target = ECR_TARGET_PREOP };
	struct ecr_request raise = { .kind = ECR_REQUEST_ACTIVATE };

	(void)state;
	open_ring(0);
	cr_config.dc.burst = 100;
	cr_config.dc.measure_ms = 20;
	come_up();
	for (int step = 0; step < 40; step++) {
		assert_true(ecr_sim_inject(cr_ring.sim, cr_ring.now, &off));
		await_down(2, true);
		vring_run_until(&cr_ring, cr_ring.now + ECR_MS(50)); /* measured without it */
		(void)vring_request(&cr_ring, &lower); /* blocked, as it does not answer */
		ecr_sim_clear_faults(cr_ring.sim);
		await_down(2, false);
		vring_run_until(&cr_ring, cr_ring.now + ECR_US(500) * step);
		(void)vring_request(&cr_ring, &raise); /* blocked, while it is on its way */
		assert_true(vring_until_state(&cr_ring, ECR_STATE_OPERATIONAL, ECR_S(12)));
	}
	vring_close(&cr_ring);
}

/* Before frames latch their times there is a pause: what else is asked of a clock is no reason to cut it short. */
static void a_clock_may_be_calmed_while_delays_are_measured(void **state)
{
	struct ecr_dc *dc;

	(void)state;
	open_ring(0);
	come_up();
	dc = &cr_ring.core->dc;
	ecr_dc_measure(dc, cr_ring.now);
	ecr_dc_calm(dc, &dc->clocks[2]);
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(3));
	assert_false(dc->clocks[2].asked);
	assert_int_equal(dc->stage, ECR_DC_LATCH);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(1));
	assert_false(ecr_dc_setting(dc));
	assert_delays(10 * CLOCKS);
	vring_close(&cr_ring);
}

/* Whoever measures the delays of a broken ring itself, with a question like the session's. */
static void a_callers_question_makes_no_clock_jump(void **state)
{
	uint8_t data[8] = { 0 };
	struct ecr_user_datagram datagram = { .command = ECR_CMD_FRMW,
					      .data = data,
					      .length = sizeof(data) };

	(void)state;
	open_ring(0);
	come_up();
	datagram.address =
		ecr_address_station(cr_ring.core->slaves[0].station, ECR_REG_DC_SYSTEM_TIME);
	note_time(0);
	cut(CLOCKS / 2);
	hold(ECR_MS(100), "broken");
	assert_int_equal(tworing_transact(&cr_ring, &datagram, 1), 0);
	assert_in_range(datagram.wkc, 1, CLOCKS / 2 + 1); /* in the reference's own part */
	hold(ECR_MS(100), "asked");
	vring_close(&cr_ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delays_of_a_whole_ring_are_right),
		cmocka_unit_test(a_lost_copy_does_not_spoil_the_delays),
		cmocka_unit_test(no_clock_leaves_the_time_of_a_broken_ring),
		cmocka_unit_test(the_reference_is_in_its_own_part_though_somebody_is_missing),
		cmocka_unit_test(the_masters_time_reaches_the_far_half),
		cmocka_unit_test(either_port_may_be_unplugged),
		cmocka_unit_test(a_ring_that_starts_broken_is_measured_when_it_is_mended),
		cmocka_unit_test(narrow_clocks_have_the_time_in_both_parts),
		cmocka_unit_test(a_break_alone_is_nothing_to_any_policy),
		cmocka_unit_test(an_activation_may_meet_a_slave_that_comes_back),
		cmocka_unit_test(a_clock_may_be_calmed_while_delays_are_measured),
		cmocka_unit_test(a_callers_question_makes_no_clock_jump),
	};

	return RUN(tests);
}
