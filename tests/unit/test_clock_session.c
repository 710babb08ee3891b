/* SPDX-License-Identifier: Apache-2.0 */
/* What a session makes of its clocks: the gate, the lock and its policies, SYNC0, latches, slaves that come back. */
#define _POSIX_C_SOURCE 200809L
#include "support/check.h"
#include "support/clocksession.h"
#include "support/heal.h"

#include "wire/frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void drives_run_on_sync0(void **state)
{
	(void)state;
	cr_make_drives(4);
	cr_slaves[2].sync.sync0_shift_ns = 125000;
	cr_slaves[3].sync.mode = ECR_SYNC_SYNC1;
	cr_slaves[3].sync.sync0_cycle_ns = ECR_US(500);
	cr_slaves[3].sync.sync1_ns = 750000;
	cr_devices[3].clock.needs_sync = false; /* two SYNC0 per frame */
	cr_to_operational(4);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(3));
	assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_OPERATIONAL);
	assert_int_equal(cr_ring.counts[ECR_EVENT_SLAVE_HEALTH_FAULT], 0);
	for (int i = 0; i < 4; i++) {
		struct ecr_sim_time time = cr_truth(i);
		struct ecr_dc_slave told = cr_clock_of(i);
		uint64_t cycle = i == 3 ? 500000 : 1000000;

		assert_true(time.sync_running && told.sync_running);
		assert_int_equal(time.next_sync0_ns % cycle, i == 2 ? 125000 : 0);
		assert_int_equal((time.next_sync0_ns - told.sync_start) % cycle, 0);
		assert_in_range(time.sync0_pulses, ECR_S(3) / (ecr_time)cycle,
				ECR_S(4) / (ecr_time)cycle);
		assert_int_equal(told.pulse_ns, 10000);
		assert_string_equal(told.name, cr_names[i]);
	}
	/* 750 us behind SYNC0 of 500 us: with every second one. */
	assert_in_range(cr_truth(3).sync0_pulses / cr_truth(3).sync1_pulses, 2, 2);
	vring_stop(&cr_ring);
	for (int i = 0; i < 4; i++)
		assert_false(cr_truth(i).sync_running);
	vring_close(&cr_ring);
}

static bool somebody_has_risen(struct vring *ring)
{
	return vring_slave(ring, "s0").al_state > ECR_AL_PREOP ||
	       vring_slave(ring, "s3").al_state > ECR_AL_PREOP;
}

/* Cycles still move until the master follows the reference, and slaves that took part would see that; then they rise. */
static void slaves_rise_when_the_master_follows(void **state)
{
	ecr_time preop;

	(void)state;
	cr_prepare(4);
	cr_start(4);
	assert_true(vring_until_state(&cr_ring, ECR_STATE_AWAITING_PREOP, ECR_S(5)));
	preop = cr_ring.now;
	assert_true(heal_until(&cr_ring, somebody_has_risen, ECR_S(5)));
	assert_true(cr_ring.now - preop <
		    ECR_MS(400)); /* setting, teaching and following together */
	assert_int_equal(cr_status().servo_state, ECR_DC_SERVO_LOCKED);
	vring_close(&cr_ring);
}

static void a_drive_without_sync_is_refused_and_explained(void **state)
{
	struct ecr_failure failure = { 0 };
	struct ecr_request request = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };

	(void)state;
	cr_make_drives(2);
	cr_slaves[1].sync.mode = ECR_SYNC_FREE_RUN;
	cr_start(2);
	assert_int_equal(vring_await_operational(&cr_ring, ECR_S(20)), ECR_ERR_ACTIVATION_FAILED);
	assert_int_equal(vring_request(&cr_ring, &request), 0);
	assert_string_equal(failure.slave, "s1");
	assert_int_equal(failure.al_code, 0x0030);
	vring_close(&cr_ring);
}

/* On its way a command loses the bit of SYNC1: the slave starts SYNC0 alone. */
static void lose_sync1(struct vring *from, const struct ecr_datagram *datagram)
{
	(void)from;
	if (datagram->command == ECR_CMD_FPWR && datagram->address >> 16 == ECR_REG_DC_ACTIVATION)
		datagram->data[0] &= (uint8_t)~ECR_DC_ACTIVATE_SYNC1;
}

static void sync1_is_seen_to_start_too(void **state)
{
	struct ecr_failure failure = { 0 };
	struct ecr_request request = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };

	(void)state;
	for (int width = 0; width < 2; width++) {
		cr_make_drives(2);
		cr_slaves[1].sync.mode = ECR_SYNC_SYNC1;
		cr_slaves[1].sync.sync1_ns = 200000;
		cr_devices[1].features = width ? ECR_FEATURE_DC : cr_devices[1].features;
		cr_start(2);
		cr_ring.each_datagram = lose_sync1;
		assert_int_equal(vring_await_operational(&cr_ring, ECR_S(20)),
				 ECR_ERR_ACTIVATION_FAILED);
		assert_int_equal(vring_request(&cr_ring, &request), 0);
		assert_string_equal(failure.slave, "s1");
		assert_int_equal(failure.cause, ECR_ERR_SYNC_NOT_STARTED);
		cr_ring.each_datagram = NULL; /* it heals by itself */
		assert_true(vring_until_state(&cr_ring, ECR_STATE_OPERATIONAL, ECR_S(10)));
		assert_true(cr_truth(1).sync1_pulses > 0);
		vring_close(&cr_ring);
	}
}

static int to_be_lost;

static void lose_some_sync1(struct vring *from, const struct ecr_datagram *datagram)
{
	if (datagram->command == ECR_CMD_FPWR && datagram->address >> 16 == ECR_REG_DC_ACTIVATION &&
	    (datagram->data[0] & ECR_DC_ACTIVATE_SYNC1) && to_be_lost-- > 0)
		lose_sync1(from, datagram);
}

/* Twice it does not start: the third time it does, and nobody hears of it. */
static void sync1_is_started_three_times(void **state)
{
	(void)state;
	cr_make_drives(2);
	cr_slaves[1].sync.mode = ECR_SYNC_SYNC1;
	cr_slaves[1].sync.sync1_ns = 200000;
	to_be_lost = 2;
	cr_start(2);
	cr_ring.each_datagram = lose_some_sync1;
	assert_int_equal(vring_await_operational(&cr_ring, ECR_S(20)), 0);
	assert_true(to_be_lost < 0);
	assert_true(cr_truth(1).sync1_pulses > 0);
	vring_close(&cr_ring);
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
	cr_prepare(2);
	cr_slaves[1].sync.latches = latches;
	cr_to_operational(2);
	assert_int_equal(cr_await_locked(ECR_S(3)), 0);
	cr_ring.each_event = see_latch;
	memset(edges, 0, sizeof(edges));
	for (int i = 0; i < 5; i++) {
		uint64_t there = cr_truth(1).system_ns;

		assert_true(ecr_sim_edge(cr_ring.sim, cr_ring.now, 1, 0, false));
		vring_run_until(&cr_ring, cr_ring.now + ECR_MS(10));
		assert_int_equal(edges[0], i + 1);
		assert_int_equal(latched[0], there);
	}
	assert_int_equal(edges[1], 0);
	assert_true(ecr_sim_edge(cr_ring.sim, cr_ring.now, 1, 1, true));
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(10));
	assert_int_equal(edges[1], 1);
	cr_ring.each_event = NULL;
	vring_close(&cr_ring);
}

/* Each edge replaces the one before and no status tells of it: its time does. */
static void continuous_latches_tell_their_edges(void **state)
{
	static const struct ecr_latch_config latches[] = {
		{ .name = "there", .unit = 0, .continuous = true },
		{ .name = "gone", .unit = 1, .falling = true },
		{ 0 }
	};

	(void)state;
	cr_prepare(2);
	cr_slaves[1].sync.latches = latches;
	cr_to_operational(2);
	assert_int_equal(cr_await_locked(ECR_S(3)), 0);
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(20));
	cr_ring.each_event = see_latch;
	memset(edges, 0, sizeof(edges));
	for (int i = 0; i < 5; i++) {
		uint64_t there;

		assert_true(ecr_sim_edge(cr_ring.sim, cr_ring.now, 1, 0, false));
		vring_run_until(&cr_ring, cr_ring.now + ECR_US(20));
		there = cr_truth(1).system_ns;
		assert_true(ecr_sim_edge(cr_ring.sim, cr_ring.now, 1, 0, false));
		vring_run_until(&cr_ring, cr_ring.now + ECR_MS(20));
		assert_in_range(edges[0], 1, 2 * (i + 1));
		assert_int_equal(latched[0], there); /* the last one */
	}
	edges[0] = 0;
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(100));
	assert_int_equal(edges[0], 0); /* told once */
	assert_int_equal(edges[1], 0);
	cr_ring.each_event = NULL;
	vring_close(&cr_ring);
}

/* More slaves in the ring than are configured: their clocks are part of the way, and of the sum of differences. */
static void clocks_that_are_not_configured_are_held_too(void **state)
{
	struct ecr_sim_fault fault = { .kind = ECR_SIM_POWER_CYCLE, .slave = 4 };

	(void)state;
	cr_prepare(5);
	cr_slaves[2].name = NULL;
	cr_to_operational(5);
	assert_int_equal(cr_await_locked(ECR_S(3)), 0);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(3));
	cr_assert_together(5, 60);
	assert_in_range(cr_clock_of(1).delay_ns + 20 -
				(cr_truth(1).arrival_ns - cr_truth(0).arrival_ns),
			0, 40);
	assert_int_equal(cr_status().lock_state, ECR_DC_LOCKED);
	/* One of them begins anew, with a time of its own: it gets its address and the time again. */
	assert_true(ecr_sim_inject(cr_ring.sim, cr_ring.now, &fault));
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(3));
	assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_OPERATIONAL);
	cr_assert_together(5, 60);
	assert_int_equal(cr_status().lock_state, ECR_DC_LOCKED);
	assert_string_equal(cr_status().reference_clock, "s0");
	vring_close(&cr_ring);
}

static void assert_tells_of_reference(const struct ecr_failure *failure)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_int_equal(ecr_failure_print(failure, stream), 0);
	fclose(stream);
	assert_non_null(strstr(text, "slave s1 (position 1, station 0x1001): "));
	assert_non_null(strstr(text, "dc reference"));
	assert_non_null(strstr(text, "another dc.reference"));
	free(text);
}

static void a_reference_without_a_clock_is_refused(void **state)
{
	struct ecr_failure failure = { 0 };
	struct ecr_request request = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };

	(void)state;
	for (int none = 0; none < 3; none++) { /* no clock, receive times only, nobody has any */
		cr_prepare(3);
		cr_config.dc.reference = "s1";
		if (none == 1)
			cr_devices[1].clock.times_only = true;
		else
			cr_devices[1].features = 0;
		if (none == 2)
			cr_devices[0].features = cr_devices[2].features = 0;
		cr_start(3);
		assert_int_equal(vring_await_operational(&cr_ring, ECR_S(5)),
				 ECR_ERR_CONFIGURATION_FAILED);
		assert_int_equal(vring_request(&cr_ring, &request), 0);
		assert_int_equal(failure.cause, ECR_ERR_NO_DC_CLOCK);
		assert_string_equal(failure.slave, "s1");
		assert_string_equal(failure.subject, "dc reference");
		assert_tells_of_reference(&failure);
		vring_close(&cr_ring);
	}
}

static void prepare_gate(void)
{
	cr_prepare(3);
	cr_config.dc.await_lock = true;
	cr_config.dc.burst = 1;
	cr_config.dc.lock_timeout_ms = 40; /* too short: the clocks need about 300 ms */
	cr_config.dc.warmup_cycles = 100;
}

static void come_to_the_gate(void)
{
	prepare_gate();
	cr_start(3);
	assert_int_equal(vring_await_operational(&cr_ring, ECR_S(20)), ECR_ERR_ACTIVATION_FAILED);
	assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_ACTIVATION_BLOCKED);
}

static void who_turns_back_at_the_gate_is_not_blocked(void **state)
{
	struct ecr_request back = { .kind = ECR_REQUEST_DEACTIVATE, .target = ECR_TARGET_PREOP };

	(void)state;
	come_to_the_gate();
	assert_int_equal(vring_request(&cr_ring, &back), 0);
	assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_PREOP_READY);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(1));
	assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_PREOP_READY);
	vring_close(&cr_ring);
}

static void the_gate_holds_until_the_clocks_agree(void **state)
{
	struct ecr_failure failure;
	struct ecr_request ask = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };

	(void)state;
	come_to_the_gate();
	assert_int_equal(vring_request(&cr_ring, &ask), 0);
	assert_int_equal(failure.cause, ECR_ERR_DC_LOCK_TIMEOUT);
	assert_string_equal(failure.phase, "dc.lock");
	for (int i = 0; i < 3; i++)
		assert_int_equal(ecr_sim_registers(cr_ring.sim, i)[ECR_REG_AL_STATUS],
				 ECR_AL_PREOP);
	assert_true(vring_until_state(&cr_ring, ECR_STATE_OPERATIONAL, ECR_S(5)));
	assert_int_equal(cr_await_locked(ECR_S(1)), 0); /* the loops overshoot a little */
	vring_close(&cr_ring);
}

/* Clocks that run in PREOP already: nobody is to be raised, and the session says that it is ready when they agree. */
static void the_gate_opens_in_preop_too(void **state)
{
	(void)state;
	prepare_gate();
	cr_config.dc.always = true;
	for (int i = 0; i < 3; i++)
		cr_slaves[i].target_state = ECR_TARGET_PREOP;
	cr_start(3);
	assert_true(vring_until_state(&cr_ring, ECR_STATE_ACTIVATION_BLOCKED, ECR_S(20)));
	assert_int_not_equal(cr_status().lock_state, ECR_DC_LOCKED);
	assert_true(vring_until_state(&cr_ring, ECR_STATE_PREOP_READY, ECR_S(5)));
	assert_int_equal(cr_status().lock_state, ECR_DC_LOCKED);
	vring_close(&cr_ring);
}

static void darken(struct vring *ring, const struct ecr_event *event)
{
	const struct ecr_sim_fault dark = { .kind = ECR_SIM_POWER_OFF, .lasts = ECR_MS(200) };

	if (event->kind == ECR_EVENT_SLAVE_STATE_CHANGED && event->to == ECR_AL_PREOP)
		assert_true(ecr_sim_inject(ring->sim, ring->now, &dark));
}

/* The only clock has no power when it is to be set: its slave comes back though all stay in PREOP, and is set then. */
static void the_gate_opens_in_preop_for_a_clock_that_comes_later(void **state)
{
	(void)state;
	cr_prepare(2);
	cr_slaves[1].name = NULL; /* it has a part in the latch, and none in the lock */
	cr_config.backup_interface = "backup";
	cr_config.dc.await_lock = cr_config.dc.always = true;
	cr_slaves[0].target_state = ECR_TARGET_PREOP;
	cr_start(2);
	cr_ring.each_event = darken;
	assert_true(vring_until_state(&cr_ring, ECR_STATE_ACTIVATION_BLOCKED, ECR_S(20)));
	assert_int_equal(cr_status().lock_state, ECR_DC_UNAVAILABLE);
	cr_ring.each_event = NULL;
	assert_true(vring_until_state(&cr_ring, ECR_STATE_PREOP_READY, ECR_S(6)));
	assert_int_equal(cr_status().lock_state, ECR_DC_LOCKED);
	assert_int_equal(vring_slave(&cr_ring, "s0").al_state, ECR_AL_PREOP);
	vring_close(&cr_ring);
}

/* Nobody counts the broadcast that latches receive times, when the clocks are to be set. */
static void spoil_latching(struct vring *ring, const struct ecr_event *event)
{
	struct ecr_sim_fault fault = { .kind = ECR_SIM_COMMAND_WKC_OFFSET,
				       .command = ECR_CMD_BWR,
				       .value = -2 };

	if (event->kind == ECR_EVENT_STATE_CHANGED && event->to == ECR_STATE_AWAITING_PREOP)
		assert_true(ecr_sim_inject(ring->sim, ring->now, &fault));
}

static void latching_that_nobody_acknowledges(void **state)
{
	struct ecr_failure failure;
	struct ecr_request ask = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };

	(void)state;
	cr_prepare(2);
	cr_start(2);
	cr_ring.each_event = spoil_latching;
	assert_int_equal(vring_await_operational(&cr_ring, ECR_S(5)), ECR_ERR_CONFIGURATION_FAILED);
	assert_int_equal(vring_request(&cr_ring, &ask), 0);
	assert_int_equal(failure.cause, ECR_ERR_DC_LATCH_NOT_ACKNOWLEDGED);
	vring_close(&cr_ring);
}

static void answers_without_clocks(void **state)
{
	(void)state;
	cr_prepare(2);
	cr_devices[0].features = cr_devices[1].features = 0;
	cr_config.dc.await_lock = true;
	cr_start(2);
	assert_int_equal(vring_await_operational(&cr_ring, ECR_S(5)), ECR_ERR_ACTIVATION_FAILED);
	assert_int_equal(cr_await_locked(ECR_S(1)), ECR_ERR_DC_LOCK_UNAVAILABLE);
	assert_int_equal(cr_status().lock_state, ECR_DC_UNAVAILABLE);
	vring_close(&cr_ring);
	cr_prepare(2);
	cr_config.dc.disabled = true;
	cr_to_operational(2);
	assert_int_equal(cr_await_locked(ECR_S(1)), ECR_ERR_DC_DISABLED);
	assert_false(cr_status().configured);
	vring_close(&cr_ring);
	cr_prepare(2);
	cr_slaves[0].target_state = cr_slaves[1].target_state = ECR_TARGET_PREOP;
	cr_start(2);
	assert_int_equal(vring_await_running(&cr_ring, ECR_S(5)), 0);
	assert_int_equal(cr_await_locked(ECR_S(1)), ECR_ERR_DC_INACTIVE);
	vring_close(&cr_ring);
}

static void part(ecr_time now, int32_t drift)
{
	assert_true(ecr_sim_set_drift(cr_ring.sim, now, 2, drift));
}

static int failure_of_session(void)
{
	struct ecr_failure failure = { 0 };
	struct ecr_request request = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };

	assert_int_equal(vring_request(&cr_ring, &request), 0);
	return failure.error;
}

static void a_lost_lock_is_judged_by_policy(void **state)
{
	(void)state;
	for (int policy = ECR_DC_ADVISORY; policy <= ECR_DC_FATAL; policy++) {
		cr_prepare(3);
		cr_config.dc.lock_policy = (enum ecr_dc_lock_policy)policy;
		cr_to_operational(3);
		assert_int_equal(cr_await_locked(ECR_S(5)), 0);
		vring_run_until(&cr_ring, cr_ring.now + ECR_S(1));
		part(cr_ring.now, 250000);
		switch (policy) {
		case ECR_DC_ADVISORY:
			assert_false(vring_until_state(&cr_ring, ECR_STATE_RECOVERING, ECR_S(1)));
			break;
		case ECR_DC_RECOVERING:
			assert_true(vring_until_state(&cr_ring, ECR_STATE_RECOVERING, ECR_MS(100)));
			assert_true(vring_until_state(&cr_ring, ECR_STATE_OPERATIONAL, ECR_S(3)));
			break;
		default:
			assert_true(vring_until_state(&cr_ring, ECR_STATE_IDLE, ECR_MS(100)));
			assert_int_equal(failure_of_session(), ECR_ERR_DC_LOCK_LOST);
		}
		assert_true(cr_ring.counts[ECR_EVENT_DC_LOCK_DECISION] > 0);
		assert_true(cr_ring.counts[ECR_EVENT_DC_LOCK_CHANGED] > 2);
		vring_close(&cr_ring);
	}
}

/* Lost on the way to OP, as soon as it was there: the policy is applied when the session is there and it does not return. */
static void a_lock_that_is_lost_on_the_way_is_judged(void **state)
{
	(void)state;
	cr_make_drives(3);
	cr_config.dc.lock_policy = ECR_DC_FATAL;
	cr_config.dc.lock_timeout_ms = 500;
	cr_config.dc.await_lock = true;
	cr_start(3);
	while (cr_status().lock_state != ECR_DC_LOCKED)
		vring_run_until(&cr_ring, cr_ring.now + ECR_US(500));
	part(cr_ring.now, 700000);
	while (cr_status().lock_state == ECR_DC_LOCKED)
		vring_run_until(&cr_ring, cr_ring.now + ECR_US(500));
	assert_int_equal(cr_ring.counts[ECR_EVENT_DC_LOCK_DECISION], 0); /* not there yet */
	assert_true(vring_until_state(&cr_ring, ECR_STATE_IDLE, ECR_S(1)));
	assert_int_equal(failure_of_session(), ECR_ERR_DC_LOCK_LOST);
	vring_close(&cr_ring);
}

/* The reference restarts within a few cycles: what its clock then shows is nobody's time, and later it is the reference again. */
static void a_reference_that_restarts_takes_nobody_along(void **state)
{
	struct ecr_sim_fault fault = { .kind = ECR_SIM_POWER_CYCLE, .slave = 0 };

	(void)state;
	cr_prepare(3);
	cr_to_operational(3);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(3));
	assert_int_equal(cr_await_locked(ECR_S(1)), 0);
	assert_true(ecr_sim_inject(cr_ring.sim, cr_ring.now, &fault));
	for (int i = 0; i < 5000; i++) {
		uint64_t before[] = { cr_truth(1).system_ns, cr_truth(2).system_ns };

		vring_run_until(&cr_ring, cr_ring.now + ECR_MS(1));
		assert_in_range(cr_truth(1).system_ns - before[0], 999000, 1001000);
		assert_in_range(cr_truth(2).system_ns - before[1], 999000, 1001000);
	}
	assert_true(cr_ring.counts[ECR_EVENT_DC_REFERENCE_CHANGED] >= 2);
	assert_string_equal(cr_status().reference_clock, "s0");
	assert_int_equal(cr_await_locked(ECR_S(1)), 0);
	cr_assert_together(3, 200);
	vring_close(&cr_ring);
}

/* Without power for a moment: the clock begins somewhere else, and is set before the slave is used. */
static void a_slave_that_returns_gets_its_time_back(void **state)
{
	struct ecr_sim_fault fault = { .kind = ECR_SIM_POWER_CYCLE, .slave = 1 };

	(void)state;
	cr_make_drives(3);
	cr_to_operational(3);
	assert_int_equal(cr_await_locked(ECR_S(5)), 0);
	assert_true(ecr_sim_inject(cr_ring.sim, cr_ring.now, &fault));
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(5));
	assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_OPERATIONAL);
	assert_int_equal(cr_await_locked(ECR_S(5)), 0);
	cr_assert_together(3, 100);
	assert_int_equal(cr_truth(1).next_sync0_ns % 1000000, 0);
	assert_true(cr_truth(1).sync_running);
	vring_close(&cr_ring);
}

/* Those that are slower are still being brought up when the first one with a clock is there. */
static void clocks_wait_until_all_slaves_are_there(void **state)
{
	(void)state;
	cr_prepare(3);
	cr_devices[1].eeprom_busy_ns = ECR_US(500);
	cr_to_operational(3);
	assert_int_equal(cr_ring.counts[ECR_EVENT_SLAVE_STARTUP_RETRY], 0);
	assert_int_equal(cr_await_locked(ECR_S(5)), 0);
	vring_close(&cr_ring);
}

static void a_dead_line_is_told_and_recovers(void **state)
{
	(void)state;
	cr_prepare(3);
	cr_to_operational(3);
	assert_int_equal(cr_await_locked(ECR_S(5)), 0);
	cr_ring.lost_ppm = 1000000;
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(100));
	assert_int_equal(cr_ring.counts[ECR_EVENT_DC_RUNTIME_CHANGED], 1);
	assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_RECOVERING);
	assert_int_equal(cr_status().lock_state, ECR_DC_LOCKING);
	assert_true(cr_status().monitor_failures > 3);
	cr_ring.lost_ppm = 0;
	assert_true(vring_until_state(&cr_ring, ECR_STATE_OPERATIONAL, ECR_S(5)));
	assert_int_equal(cr_ring.counts[ECR_EVENT_DC_RUNTIME_CHANGED], 2);
	assert_int_equal(cr_await_locked(ECR_S(5)), 0);
	vring_close(&cr_ring);
}

static void registers_are_left_alone_on_request(void **state)
{
	uint8_t *registers;

	(void)state;
	cr_make_drives(2);
	cr_slaves[1].sync.keep = ECR_SYNC_KEEP_CONTROL | ECR_SYNC_KEEP_SPEED;
	cr_slaves[1].sync.pulse_ns = 20000; /* the EEPROM's is 10 us */
	cr_start(2);
	registers = ecr_sim_registers(cr_ring.sim, 1);
	registers[ECR_REG_DC_CYCLIC_CONTROL] = 0x10;
	registers[ECR_REG_DC_FILTER_DIFFERENCE] = 3;
	assert_int_equal(vring_await_operational(&cr_ring, ECR_S(20)), 0);
	assert_int_equal(registers[ECR_REG_DC_CYCLIC_CONTROL], 0x10);
	assert_int_equal(registers[ECR_REG_DC_FILTER_DIFFERENCE], 3);
	assert_int_equal(registers[ECR_REG_DC_PULSE_LENGTH] | registers[ECR_REG_DC_PULSE_LENGTH + 1]
								      << 8,
			 1000);
	assert_int_equal(cr_ring.counts[ECR_EVENT_SLAVE_WARNING], 1);
	vring_close(&cr_ring);
}

/* In PREOP too, when asked for; and an activation from there goes on without a break. */
static void clocks_run_in_preop_on_request(void **state)
{
	struct ecr_request activate = { .kind = ECR_REQUEST_ACTIVATE };

	(void)state;
	cr_prepare(3);
	cr_config.dc.always = true;
	for (int i = 0; i < 3; i++)
		cr_slaves[i].target_state = ECR_TARGET_PREOP;
	cr_start(3);
	assert_int_equal(vring_await_running(&cr_ring, ECR_S(5)), 0);
	assert_int_equal(cr_await_locked(ECR_S(5)), 0);
	assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_PREOP_READY);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(1));
	assert_int_equal(vring_request(&cr_ring, &activate), 0);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(1));
	assert_int_equal(cr_status().lock_state, ECR_DC_LOCKED);
	cr_assert_together(3, 100);
	vring_close(&cr_ring);
}

static void deactivated_clocks_rest_and_are_set_again(void **state)
{
	struct ecr_request lower = { .kind = ECR_REQUEST_DEACTIVATE, .target = ECR_TARGET_PREOP };
	struct ecr_request activate = { .kind = ECR_REQUEST_ACTIVATE };

	(void)state;
	cr_make_drives(3);
	cr_to_operational(3);
	assert_int_equal(vring_request(&cr_ring, &lower), 0);
	assert_int_equal(cr_status().lock_state, ECR_DC_INACTIVE);
	for (int i = 0; i < 3; i++)
		assert_false(cr_truth(i).sync_running);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(20)); /* 4 ms apart by then */
	assert_int_equal(vring_request(&cr_ring, &activate), 0);
	assert_int_equal(vring_await_operational(&cr_ring, ECR_S(5)), 0);
	assert_int_equal(cr_await_locked(ECR_S(3)), 0);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(1));
	cr_assert_together(3, 100);
	lower.target = ECR_TARGET_SAFEOP;
	assert_int_equal(vring_request(&cr_ring, &lower), 0);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(5));
	cr_assert_together(3, 100); /* SYNC0 runs on in SAFEOP: so do the clocks */
	assert_int_equal(vring_request(&cr_ring, &activate), 0);
	assert_int_equal(vring_await_operational(&cr_ring, ECR_S(5)), 0);
	vring_close(&cr_ring);
}

static ecr_time last_start; /* of the domain's cycles since the period has changed */
static int starts;

/*
 * Cycles of the domain begin a period apart (clocks run off by 100 ppm), and none behind another frame. The first one may
 * still be where it was due before.
 */
static void see_start(struct vring *from, uint8_t *frame, size_t length)
{
	struct ecr_frame_reader reader;
	struct ecr_datagram datagram;
	bool cyclic = false;

	ecr_frame_open(&reader, frame, length);
	while (ecr_frame_next(&reader, &datagram))
		cyclic = cyclic || datagram.command == ECR_CMD_LRW;
	if (!cyclic)
		return;
	assert_int_equal(from->line.last_start, from->now);
	if (starts++ > 1)
		assert_in_range(from->now - last_start, ECR_US(3498), ECR_US(3502));
	last_start = from->now;
}

static void another_period_keeps_its_instants(void **state)
{
	static const struct ecr_domain_config ten[] = { { .id = "io", .cycle_ns = ECR_MS(10) },
							{ 0 } };
	struct ecr_request change = { .kind = ECR_REQUEST_CYCLE_TIME,
				      .name = "io",
				      .cycle_ns = ECR_US(3500) };

	(void)state;
	for (int i = 0; i < 7; i++) {
		cr_prepare(2);
		cr_config.domains = ten;
		cr_to_operational(2);
		assert_int_equal(cr_await_locked(ECR_S(20)), 0);
		vring_run_until(&cr_ring, cr_ring.now + i * ECR_US(11300));
		assert_int_equal(vring_request(&cr_ring, &change), 0);
		starts = 0;
		cr_ring.each_frame = see_start;
		vring_run_until(&cr_ring, cr_ring.now + ECR_MS(100));
		assert_in_range(starts, 28, 29);
		cr_ring.each_frame = NULL;
		vring_close(&cr_ring);
	}
}

static bool locked_within(ecr_time within)
{
	for (ecr_time end = cr_ring.now + within; cr_ring.now < end;) {
		vring_run_until(&cr_ring, cr_ring.now + ECR_MS(10));
		if (cr_status().lock_state == ECR_DC_LOCKED)
			return true;
	}
	return false;
}

static void spoil_counters(struct vring *from, const struct ecr_event *event)
{
	struct ecr_sim_fault spoiled = { .kind = ECR_SIM_WKC_OFFSET,
					 .value = 500,
					 .lasts = ECR_MS(30) };

	if (event->kind == ECR_EVENT_SLAVE_STATE_CHANGED && event->to == ECR_AL_PREOP)
		ecr_sim_inject(from->sim, from->now, &spoiled);
}

/* No answer could be believed while the session was raised: it operates, and the clocks agree a little later. */
static void clocks_that_could_not_be_set_are_set_when_they_can(void **state)
{
	(void)state;
	cr_prepare(3);
	cr_start(3);
	cr_ring.each_event = spoil_counters;
	assert_true(vring_until_state(&cr_ring, ECR_STATE_OPERATIONAL, ECR_S(5)));
	assert_int_not_equal(cr_status().lock_state, ECR_DC_LOCKED);
	assert_true(locked_within(ECR_S(5)));
	cr_assert_together(3, 1000);
	assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_OPERATIONAL);
	cr_ring.each_event = NULL;
	vring_close(&cr_ring);
}

/* As long as their watchdogs have: these count from OP on, and not from when it is asked for. */
static void slow_processors_come_to_operate(void **state)
{
	(void)state;
	for (int drives = 0; drives < 2; drives++) {
		if (drives)
			cr_make_drives(3);
		else
			cr_prepare(3);
		for (int i = 0; i < 3; i++) {
			cr_devices[i].emulation = false;
			cr_devices[i].al_delay_ns = ECR_MS(100);
		}
		cr_to_operational(3);
		vring_run_until(&cr_ring, cr_ring.now + ECR_S(1));
		assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_OPERATIONAL);
		assert_int_equal(cr_ring.counts[ECR_EVENT_SLAVE_STARTUP_RETRY], 0);
		vring_close(&cr_ring);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slow_processors_come_to_operate),
		cmocka_unit_test(drives_run_on_sync0),
		cmocka_unit_test(slaves_rise_when_the_master_follows),
		cmocka_unit_test(a_drive_without_sync_is_refused_and_explained),
		cmocka_unit_test(sync1_is_seen_to_start_too),
		cmocka_unit_test(sync1_is_started_three_times),
		cmocka_unit_test(latches_tell_their_edges),
		cmocka_unit_test(continuous_latches_tell_their_edges),
		cmocka_unit_test(clocks_that_are_not_configured_are_held_too),
		cmocka_unit_test(a_reference_without_a_clock_is_refused),
		cmocka_unit_test(a_reference_that_restarts_takes_nobody_along),
		cmocka_unit_test(who_turns_back_at_the_gate_is_not_blocked),
		cmocka_unit_test(the_gate_holds_until_the_clocks_agree),
		cmocka_unit_test(the_gate_opens_in_preop_too),
		cmocka_unit_test(the_gate_opens_in_preop_for_a_clock_that_comes_later),
		cmocka_unit_test(latching_that_nobody_acknowledges),
		cmocka_unit_test(answers_without_clocks),
		cmocka_unit_test(a_lost_lock_is_judged_by_policy),
		cmocka_unit_test(a_lock_that_is_lost_on_the_way_is_judged),
		cmocka_unit_test(a_slave_that_returns_gets_its_time_back),
		cmocka_unit_test(clocks_wait_until_all_slaves_are_there),
		cmocka_unit_test(a_dead_line_is_told_and_recovers),
		cmocka_unit_test(registers_are_left_alone_on_request),
		cmocka_unit_test(clocks_run_in_preop_on_request),
		cmocka_unit_test(deactivated_clocks_rest_and_are_set_again),
		cmocka_unit_test(another_period_keeps_its_instants),
		cmocka_unit_test(clocks_that_could_not_be_set_are_set_when_they_can),
	};

	return RUN(tests);
}
