/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy makes of a lock that is lost because a slave with a clock has come or gone. */
#include "support/asked.h"
#include "support/check.h"
#include "support/clocksession.h"
#include "support/heal.h"
#include "support/tworing.h"

#include "master/master.h"

#include <string.h>

#define TOOL 2
#define MARK 40

/* s0 to s2 in a line with clocks, of which s2 may come and go; `alone`: it has the only clock. */
static void describe(enum ecr_dc_lock_policy policy, bool alone)
{
	cr_prepare(3);
	for (int i = 0; alone && i < TOOL; i++)
		cr_devices[i].features = 0;
	cr_devices[TOOL].alias = MARK;
	cr_slaves[TOOL].presence =
		(struct ecr_presence_config){ .optional = true,
					      .by = ECR_BY_ALIAS,
					      .identification = MARK,
					      .sii = cr_devices[TOOL].sii,
					      .sii_size = cr_devices[TOOL].sii_size };
	cr_config.dc.lock_policy = policy;
}

static void come_up(void)
{
	cr_to_operational(3);
	assert_int_equal(cr_await_locked(ECR_S(5)), 0);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(1));
}

static bool absent(int slave)
{
	char name[] = { 's', (char)('0' + slave), 0 };

	return vring_slave(&cr_ring, name).absent;
}

static bool any_state(enum ecr_state state)
{
	return heal_saw(&cr_ring, ECR_EVENT_STATE_CHANGED, -1, (int)state);
}

static int trouble(void)
{
	struct ecr_failure failure = { 0 };
	struct ecr_request request = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };

	assert_int_equal(vring_request(&cr_ring, &request), 0);
	return failure.error;
}

static void leave(ecr_time away)
{
	assert_true(ecr_sim_unplug(cr_ring.sim, cr_ring.now, TOOL));
	vring_run_until(&cr_ring, cr_ring.now + away);
	assert_true(absent(TOOL));
	assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_OPERATIONAL);
	assert_int_equal(trouble(), 0);
}

static void come_back(void)
{
	assert_true(ecr_sim_plug_in(cr_ring.sim, cr_ring.now, TOOL, 1, -1));
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(4));
	assert_false(absent(TOOL));
	assert_int_equal(vring_slave(&cr_ring, "s2").al_state, ECR_AL_OP);
	assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_OPERATIONAL);
	assert_int_equal(cr_await_locked(ECR_S(1)), 0);
}

static const enum ecr_dc_lock_policy minding[] = { ECR_DC_RECOVERING, ECR_DC_FATAL };

/* Away for longer than a lock is waited for: no clock is left that could part from another. */
static void the_only_clock_may_leave(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		describe(minding[i], true);
		come_up();
		leave(ECR_MS(300));
		come_back();
		leave(ECR_S(8));
		assert_int_equal(cr_await_locked(ECR_S(1)), ECR_ERR_DC_LOCK_UNAVAILABLE);
		come_back();
		assert_false(any_state(ECR_STATE_IDLE));
		vring_close(&cr_ring);
	}
}

static void one_clock_of_several_comes_and_goes(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		describe(minding[i], false);
		come_up();
		for (int round = 0; round < 2; round++) {
			leave(ECR_S(round ? 8 : 1));
			come_back();
		}
		assert_false(any_state(ECR_STATE_IDLE));
		assert_false(any_state(ECR_STATE_RECOVERING));
		cr_assert_together(3, 200);
		vring_close(&cr_ring);
	}
}

/* Until another clock is the reference the others go by the master's sending. */
static void the_reference_may_leave(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		describe(minding[i], false);
		cr_config.dc.reference = cr_names[TOOL];
		come_up();
		assert_string_equal(cr_status().reference_clock, "s2");
		leave(ECR_S(8));
		assert_string_equal(cr_status().reference_clock, "s0");
		come_back();
		assert_false(any_state(ECR_STATE_IDLE));
		assert_false(any_state(ECR_STATE_RECOVERING));
		vring_close(&cr_ring);
	}
}

/* It is there and runs off: that it may leave is no excuse. */
static void an_optional_clock_that_parts_is_judged(void **state)
{
	(void)state;
	describe(ECR_DC_FATAL, false);
	come_up();
	assert_true(ecr_sim_set_drift(cr_ring.sim, cr_ring.now, TOOL, 250000));
	assert_true(vring_until_state(&cr_ring, ECR_STATE_IDLE, ECR_MS(150)));
	assert_int_equal(trouble(), ECR_ERR_DC_LOCK_LOST);
	vring_close(&cr_ring);
}

/* Shortly after another has come the judgement waits for as long as a lock is waited for, and no longer. */
static void an_excuse_does_not_last(void **state)
{
	(void)state;
	describe(ECR_DC_FATAL, false);
	cr_config.dc.lock_timeout_ms = 1000;
	come_up();
	leave(ECR_MS(300));
	assert_true(ecr_sim_set_drift(cr_ring.sim, cr_ring.now, 1,
				      5000000)); /* too much for its loop */
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(500));
	assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_OPERATIONAL);
	assert_true(vring_until_state(&cr_ring, ECR_STATE_IDLE, ECR_MS(600)));
	vring_close(&cr_ring);
}

/* A slave that must be there restarts, and its clock begins anew: it is at fault, until it is back and agrees. */
static void a_slave_that_restarts_ends_no_session(void **state)
{
	struct ecr_sim_fault fault = { .kind = ECR_SIM_POWER_CYCLE, .slave = 1 };
	uint64_t before;

	(void)state;
	cr_make_drives(3);
	cr_config.dc.lock_policy = ECR_DC_FATAL;
	come_up();
	before = cr_ring.counts[ECR_EVENT_SLAVE_STATE_CHANGED];
	assert_true(ecr_sim_inject(cr_ring.sim, cr_ring.now, &fault));
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(8));
	assert_false(any_state(ECR_STATE_IDLE));
	assert_true(cr_ring.counts[ECR_EVENT_SLAVE_STATE_CHANGED] > before);
	assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_OPERATIONAL);
	assert_int_equal(cr_status().lock_state, ECR_DC_LOCKED);
	cr_assert_together(3, 100);
	vring_close(&cr_ring);
}

/* Clocks that have only just found together overshoot: 94 ns apart, then 104; at once, or as they swing back. */
static void the_first_lock_may_slip(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		cr_prepare(3);
		cr_config.dc.lock_policy = minding[i % 2];
		cr_to_operational(3);
		while (cr_status().lock_state != ECR_DC_LOCKED)
			vring_run_until(&cr_ring, cr_ring.now + ECR_US(500));
		if (i >= 2)
			vring_run_until(&cr_ring, cr_ring.now + ECR_MS(400));
		assert_int_equal(cr_status().lock_state, ECR_DC_LOCKED);
		assert_true(ecr_sim_set_drift(cr_ring.sim, cr_ring.now, 1, 80000));
		while (cr_status().lock_state == ECR_DC_LOCKED)
			vring_run_until(&cr_ring, cr_ring.now + ECR_US(500));
		vring_run_until(&cr_ring, cr_ring.now + ECR_S(6));
		assert_int_equal(cr_status().lock_state, ECR_DC_LOCKED);
		assert_false(any_state(ECR_STATE_RECOVERING));
		assert_false(any_state(ECR_STATE_IDLE));
		vring_close(&cr_ring);
	}
}

/* Somebody who is not configured hangs before, between or behind the others: the way of frames is another. */
static void strangers_have_a_part_in_the_way(void **state)
{
	static const int sockets[] = { 0, 1, TOOL };

	(void)state;
	for (size_t i = 0; i < sizeof(sockets) / sizeof(sockets[0]); i++) {
		describe(ECR_DC_ADVISORY, false);
		cr_devices[3] = cr_devices[0];
		cr_devices[3].name = "x";
		cr_devices[3].absent = true;
		cr_to_operational(4);
		vring_run_until(&cr_ring, cr_ring.now + ECR_S(1));
		for (int slave = 0; slave < 3; slave++)
			cr_assert_measured(slave);
		assert_true(ecr_sim_plug_in(cr_ring.sim, cr_ring.now, 3, sockets[i], 3));
		vring_run_until(&cr_ring, cr_ring.now + ECR_S(1));
		for (int slave = 0; slave < 3; slave++)
			cr_assert_measured(slave);
		assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_OPERATIONAL);
		vring_close(&cr_ring);
	}
}

/* As many as before, and nobody was missed: but the way to it is another. */
static void one_that_moves_at_once_is_measured_again(void **state)
{
	(void)state;
	describe(ECR_DC_ADVISORY, false);
	come_up();
	assert_true(ecr_sim_unplug(cr_ring.sim, cr_ring.now, TOOL));
	assert_true(ecr_sim_plug_in(cr_ring.sim, cr_ring.now, TOOL, 0, 2));
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(2));
	assert_int_equal(cr_await_locked(ECR_S(3)), 0);
	for (int slave = 0; slave < 3; slave++)
		cr_assert_measured(slave);
	cr_assert_together(3, 200);
	vring_close(&cr_ring);
}

/* Its events are heeded while they last: then all are asked as rarely as before. */
static void a_link_that_has_changed_is_no_lasting_news(void **state)
{
	(void)state;
	describe(ECR_DC_ADVISORY, false);
	come_up();
	leave(ECR_MS(300));
	come_back();
	asked_for(&cr_ring, ECR_S(2));
	assert_int_equal(asked_singly, 0);
	vring_close(&cr_ring);
}

/* Somebody reads the ports, which takes their events away, before the session is steady. */
static void one_that_moves_before_all_operate_is_measured_again(void **state)
{
	(void)state;
	describe(ECR_DC_ADVISORY, false);
	cr_config.dc.await_lock = true;
	cr_config.dc.warmup_cycles = 500;
	cr_start(3);
	for (int i = 0; i < 3000 && cr_ring.core->phase != ECR_PHASE_LOCK; i++)
		vring_run_until(&cr_ring, cr_ring.now + ECR_MS(1));
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(20));
	assert_true(ecr_sim_unplug(cr_ring.sim, cr_ring.now, TOOL));
	assert_true(ecr_sim_plug_in(cr_ring.sim, cr_ring.now, TOOL, 0, 2));
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(5));
	for (int slave = 0; slave < 3; slave++)
		sim_esc_events(&cr_ring.sim->slaves[slave], 0, ECR_IRQ_DL_STATUS);
	assert_int_equal(cr_ring.core->phase, ECR_PHASE_LOCK);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(4));
	assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_OPERATIONAL);
	for (int slave = 0; slave < 3; slave++)
		cr_assert_measured(slave);
	vring_close(&cr_ring);
}

/* They keep the stations that they have for the time alone; the new one is none of them. */
static void clocks_that_are_not_configured_stay_when_another_is_plugged_in(void **state)
{
	uint16_t wkc;

	(void)state;
	cr_prepare(5);
	cr_slaves[2].name = NULL;
	cr_devices[4].absent = true;
	cr_to_operational(5);
	assert_int_equal(cr_await_locked(ECR_S(3)), 0);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(3));
	assert_true(ecr_sim_plug_in(cr_ring.sim, cr_ring.now, 4, 3, 1));
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(1));
	for (uint16_t i = 0; i < 4; i++) {
		uint16_t station = (uint16_t)(cr_clock_of(0).station + i);

		assert_int_equal(tworing_read(&cr_ring, ECR_CMD_FPRD,
					      ecr_address_station(station, ECR_REG_STATION), &wkc),
				 0);
		assert_int_equal(wkc, 1);
	}
	cr_assert_together(4, 60);
	assert_int_equal(cr_status().lock_state, ECR_DC_LOCKED);
	vring_close(&cr_ring);
}

/* Without power for as long as it takes to be missed; while it is, one before it stays away for longer. */
static void clocks_that_are_not_configured_are_placed_anew(void **state)
{
	char error[100];

	(void)state;
	cr_prepare(5);
	cr_slaves[2].name = NULL;
	cr_devices[3].features = 0; /* no clock: it has a part in the way all the same */
	cr_config.dc.lock_policy = ECR_DC_FATAL;
	cr_to_operational(5);
	assert_int_equal(cr_await_locked(ECR_S(3)), 0);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(3));
	for (int i = 0; i < 2; i++) {
		assert_true(ecr_sim_say(cr_ring.sim, cr_ring.now, "power-off s3 for 2s", error,
					sizeof(error)));
		assert_true(ecr_sim_say(cr_ring.sim, cr_ring.now, "power-off s4 for 1s", error,
					sizeof(error)));
		vring_run_until(&cr_ring, cr_ring.now + ECR_S(6));
		assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_OPERATIONAL);
		assert_int_equal(cr_status().lock_state, ECR_DC_LOCKED);
		assert_in_range(cr_truth(4).system_ns - cr_truth(0).system_ns + 100, 0, 200);
	}
	vring_close(&cr_ring);
}

/* The reference's loop is to begin anew whenever a measurement has begun. */
static void ask_meanwhile(struct vring *ring, const struct ecr_datagram *datagram)
{
	struct ecr_dc *dc = &ring->core->dc;

	if (datagram->command == ECR_CMD_BWR &&
	    datagram->address >> 16 == ECR_REG_DC_RECEIVE_TIMES && dc->running)
		ecr_dc_calm(dc, &dc->clocks[0]);
}

/* A stranger comes between it and the next one, through the same ports: what it has latched before is of another way. */
static void a_clock_that_is_busy_is_measured_with_the_others(void **state)
{
	(void)state;
	describe(ECR_DC_ADVISORY, false);
	cr_devices[3] = cr_devices[0];
	cr_devices[3].name = "x";
	cr_devices[3].absent = true;
	cr_to_operational(4);
	assert_int_equal(cr_await_locked(ECR_S(5)), 0);
	cr_ring.each_datagram = ask_meanwhile;
	assert_true(ecr_sim_unplug(cr_ring.sim, cr_ring.now, 1));
	assert_true(ecr_sim_plug_in(cr_ring.sim, cr_ring.now, 3, 0, 1));
	assert_true(ecr_sim_plug_in(cr_ring.sim, cr_ring.now, 1, 3, 1));
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(4));
	cr_ring.each_datagram = NULL;
	for (int slave = 0; slave < 3; slave++)
		cr_assert_measured(slave);
	assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_OPERATIONAL);
	vring_close(&cr_ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_only_clock_may_leave),
		cmocka_unit_test(one_clock_of_several_comes_and_goes),
		cmocka_unit_test(the_reference_may_leave),
		cmocka_unit_test(an_optional_clock_that_parts_is_judged),
		cmocka_unit_test(an_excuse_does_not_last),
		cmocka_unit_test(a_slave_that_restarts_ends_no_session),
		cmocka_unit_test(the_first_lock_may_slip),
		cmocka_unit_test(strangers_have_a_part_in_the_way),
		cmocka_unit_test(one_that_moves_at_once_is_measured_again),
		cmocka_unit_test(a_link_that_has_changed_is_no_lasting_news),
		cmocka_unit_test(one_that_moves_before_all_operate_is_measured_again),
		cmocka_unit_test(clocks_that_are_not_configured_stay_when_another_is_plugged_in),
		cmocka_unit_test(clocks_that_are_not_configured_are_placed_anew),
		cmocka_unit_test(a_clock_that_is_busy_is_measured_with_the_others),
	};

	return RUN(tests);
}
