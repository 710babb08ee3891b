/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept when something befalls clocks that run: SYNC0 in its place, a lock that is not judged before its time, the ring's time. */
#define _POSIX_C_SOURCE 200809L
#include "support/check.h"
#include "support/clocksession.h"
#include "support/heal.h"

#include "dc/dc.h"
#include "wire/registers.h"

#include "base/le.h"
#include "master/master.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOOL 3
#define MARK 40

static const enum ecr_dc_lock_policy minding[] = { ECR_DC_RECOVERING, ECR_DC_FATAL };

static bool any_state(enum ecr_state state)
{
	return heal_saw(&cr_ring, ECR_EVENT_STATE_CHANGED, -1, (int)state);
}

static bool any_fault(int slave, enum ecr_fault_kind kind, int error)
{
	for (int i = 0; i < cr_ring.event_count; i++)
		if (cr_ring.events[i].kind == ECR_EVENT_SLAVE_FAULT_CHANGED &&
		    cr_ring.events[i].slave == slave && cr_ring.events[i].to == (int32_t)kind &&
		    (!error || cr_ring.events[i].error == error))
			return true;
	return false;
}

static void come_up(int count)
{
	cr_to_operational(count);
	assert_int_equal(cr_await_locked(ECR_S(5)), 0);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(1));
}

/* It loses a second, by whatever upset it, and is set: pulses that it skips then do not come. */
static void sync0_comes_again_when_its_clock_was_set(void **state)
{
	uint8_t *offset;
	struct ecr_sim_time time;

	(void)state;
	cr_prepare(3);
	cr_slaves[1].sync.mode = ECR_SYNC_SYNC0;
	cr_slaves[1].sync.sync0_shift_ns = 300000;
	come_up(3);
	offset = ecr_sim_registers(cr_ring.sim, 1) + ECR_REG_DC_OFFSET;
	ecr_put_le64(offset, ecr_le64(offset) - 1000000000u);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(5));
	assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_OPERATIONAL);
	assert_int_equal(cr_await_locked(ECR_S(3)), 0);
	assert_int_equal(vring_slave(&cr_ring, "s1").al_state, ECR_AL_OP);
	assert_true(any_fault(1, ECR_FAULT_CLOCK, ECR_ERR_DC_LOCK_LOST));
	assert_false(any_fault(1, ECR_FAULT_RETREATED, 0));
	cr_assert_together(3, 200);
	time = cr_truth(1);
	assert_true(time.sync_running);
	assert_int_equal(time.next_sync0_ns % 1000000, 300000);
	assert_in_range(time.next_sync0_ns - time.system_ns, 0, 1000000);
	vring_close(&cr_ring);
}

/* Until it has been stopped it is active, whether its pulses come or not; who goes to PREOP then has none. */
static void sync0_of_a_clock_that_was_set_is_stopped_below_safeop(void **state)
{
	struct ecr_request lower = { .kind = ECR_REQUEST_DEACTIVATE, .target = ECR_TARGET_PREOP };
	uint8_t *registers;

	(void)state;
	cr_prepare(3);
	cr_slaves[1].sync.mode = ECR_SYNC_SYNC0;
	come_up(3);
	registers = ecr_sim_registers(cr_ring.sim, 1);
	ecr_put_le64(registers + ECR_REG_DC_OFFSET,
		     ecr_le64(registers + ECR_REG_DC_OFFSET) - 1000000000u);
	for (int i = 0; i < 100000 && !ecr_slave_lacks_sync(&cr_ring.core->slaves[1]); i++)
		vring_run_until(&cr_ring, cr_ring.now + ECR_US(5));
	assert_true(ecr_slave_lacks_sync(&cr_ring.core->slaves[1]));
	assert_true(cr_clock_of(1).sync_running);
	assert_int_not_equal(registers[ECR_REG_DC_ACTIVATION], 0);
	assert_int_equal(vring_request(&cr_ring, &lower), 0);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(2));
	assert_int_equal(vring_slave(&cr_ring, "s1").al_state, ECR_AL_PREOP);
	assert_int_equal(registers[ECR_REG_DC_ACTIVATION], 0);
	assert_false(cr_clock_of(1).sync_running);
	vring_close(&cr_ring);
}

static bool answered;

/* The answer is waited for by nobody. */
static void ask(enum ecr_request_kind kind, enum ecr_target target)
{
	static struct ecr_request requests[2]; /* the one before may still be under way */
	static int next;
	struct ecr_request *request = &requests[next++ % 2];

	*request = (struct ecr_request){ .kind = kind, .target = target, .context = &answered };
	assert_int_equal(ecr_core_submit(cr_ring.core, cr_ring.now, request), 0);
}

static void assert_pulses_end(void)
{
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(1));
	assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_PREOP_READY);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(vring_slave(&cr_ring, cr_names[i]).al_state, ECR_AL_PREOP);
		assert_int_equal(ecr_sim_registers(cr_ring.sim, i)[ECR_REG_DC_ACTIVATION], 0);
		assert_false(cr_clock_of(i).sync_running);
	}
}

static int left_to_drop;

/* What stops SYNC0 is lost, so often. */
static void drop_stops(struct vring *ring, const struct ecr_datagram *datagram)
{
	if (left_to_drop <= 0 || datagram->command != ECR_CMD_FPWR ||
	    datagram->address >> 16 != ECR_REG_DC_ACTIVATION || datagram->data[0])
		return;
	left_to_drop--;
	heal_say(ring, "drop for 10us");
}

/* Asked once more while that is on its way; or it does not get there, however often it is sent in that walk. */
static void sync0_ends_although_the_walk_that_ends_it_does_not(void **state)
{
	(void)state;
	cr_make_drives(3);
	come_up(3);
	cr_ring.each_datagram = drop_stops;
	for (int lost = 1; lost <= 20; lost++) {
		left_to_drop = lost;
		ask(ECR_REQUEST_DEACTIVATE, ECR_TARGET_PREOP);
		while (left_to_drop == lost)
			vring_run_until(&cr_ring, cr_ring.now + ECR_US(10));
		if (lost == 1)
			ask(ECR_REQUEST_DEACTIVATE, ECR_TARGET_PREOP);
		assert_pulses_end();
		assert_int_equal(left_to_drop, 0);
		ask(ECR_REQUEST_ACTIVATE, ECR_TARGET_OP);
		assert_int_equal(vring_await_operational(&cr_ring, ECR_S(5)), 0);
	}
	vring_close(&cr_ring);
}

/* At any instant of its way up. */
static void sync0_ends_when_the_walk_up_does(void **state)
{
	(void)state;
	cr_make_drives(3);
	come_up(3);
	ask(ECR_REQUEST_DEACTIVATE, ECR_TARGET_PREOP);
	assert_pulses_end();
	for (ecr_time moment = 0; moment < ECR_MS(300); moment += ECR_MS(5)) {
		ask(ECR_REQUEST_ACTIVATE, ECR_TARGET_OP);
		vring_run_until(&cr_ring, cr_ring.now + moment);
		ask(ECR_REQUEST_DEACTIVATE, ECR_TARGET_PREOP);
		assert_pulses_end();
	}
	vring_close(&cr_ring);
}

/* A slave that cannot rise is as silent in PREOP as one that was never told to. */
static void sync0_of_one_that_did_not_rise_ends_when_it_need_not(void **state)
{
	int from;

	(void)state;
	cr_make_drives(3);
	come_up(3);
	ask(ECR_REQUEST_DEACTIVATE, ECR_TARGET_PREOP);
	assert_pulses_end();
	heal_say(&cr_ring, "refuse s1 safeop 0x1d");
	ask(ECR_REQUEST_ACTIVATE, ECR_TARGET_OP);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(2));
	assert_int_equal(vring_slave(&cr_ring, "s1").al_state, ECR_AL_PREOP);
	from = cr_ring.event_count;
	ask(ECR_REQUEST_DEACTIVATE, ECR_TARGET_PREOP);
	assert_pulses_end();
	assert_int_equal(heal_find(&cr_ring, from, ECR_EVENT_STATE_CHANGED, -1,
				   ECR_STATE_ACTIVATION_BLOCKED),
			 -1);
	assert_int_equal(vring_slave(&cr_ring, "s1").fault.kind, ECR_FAULT_NONE);
	vring_close(&cr_ring);
}

/* What its clock, 1 s late or right by the master's estimate, is told when it is set: the reference may become ready, or
 * another, between the question and the answer, and then the answer has nothing of it. */
static bool keeps_on(int asked, int told, uint16_t count)
{
	struct ecr_dc *dc = &cr_ring.core->dc;
	struct ecr_clock *clock = &dc->clocks[1];
	uint8_t in[4][8] = { { 0 } };
	struct ecr_ask asks[4];
	struct ecr_answer answer = { .asks = asks, .count = count, .data = in[0], .wkc = 1 };

	for (int i = 0; i < 4; i++)
		asks[i] = (struct ecr_ask){ .in = in[i], .wkc = 1 };
	clock->job.transaction.count = clock->job.in_used = 0;
	dc->reference = asked;
	(void)ecr_clock_set_steps[0].run(&clock->job, NULL);
	dc->reference = told;
	clock->job.transaction.sent_at = cr_ring.now;
	ecr_put_le64(in[0], ecr_estimate_at(&dc->estimate, cr_ring.now));
	ecr_put_le64(in[3], ecr_le64(in[0]) + 1000000000u);
	(void)ecr_clock_set_steps[0].run(&clock->job, &answer);
	return clock->keeps_on;
}

static void who_was_not_asked_tells_no_time(void **state)
{
	(void)state;
	cr_prepare(3);
	come_up(3);
	assert_false(keeps_on(0, 0, 4));
	assert_true(keeps_on(0, ECR_DC_NONE, 4));
	assert_true(keeps_on(ECR_DC_NONE, 0, 3));
	assert_true(keeps_on(0, 2, 4));
	vring_close(&cr_ring);
}

static void make_tool(uint16_t features)
{
	cr_devices[TOOL].features = features;
	cr_devices[TOOL].alias = MARK;
	cr_slaves[TOOL].presence =
		(struct ecr_presence_config){ .optional = true,
					      .by = ECR_BY_ALIAS,
					      .identification = MARK,
					      .sii = cr_devices[TOOL].sii,
					      .sii_size = cr_devices[TOOL].sii_size };
}

/* With a clock or without, it makes the way to those behind it longer: they part until that is measured. */
static void who_comes_between_costs_no_session(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		cr_prepare(4);
		make_tool(i / 2 ? cr_devices[0].features : 0);
		cr_config.dc.lock_policy = minding[i % 2];
		come_up(4);
		assert_true(ecr_sim_unplug(cr_ring.sim, cr_ring.now, TOOL));
		vring_run_until(&cr_ring, cr_ring.now + ECR_S(1));
		assert_true(ecr_sim_plug_in(cr_ring.sim, cr_ring.now, TOOL, 0, 3));
		vring_run_until(&cr_ring, cr_ring.now + ECR_S(3));
		assert_true(cr_ring.counts[ECR_EVENT_DC_LOCK_CHANGED] > 2);
		assert_true(ecr_sim_unplug(cr_ring.sim, cr_ring.now, TOOL));
		vring_run_until(&cr_ring, cr_ring.now + ECR_S(3));
		assert_false(any_state(ECR_STATE_RECOVERING));
		assert_false(any_state(ECR_STATE_IDLE));
		assert_int_equal(cr_await_locked(ECR_S(1)), 0);
		vring_close(&cr_ring);
	}
}

/* The only clock has 32 bits, and comes back when they have gone round twice: its upper half is the ring's. */
static void a_short_clock_that_comes_back_has_sync0_in_its_place(void **state)
{
	uint64_t ring;
	uint64_t next;

	(void)state;
	cr_prepare(4);
	for (int i = 0; i < TOOL; i++)
		cr_devices[i].features = 0;
	make_tool(ECR_FEATURE_DC);
	cr_slaves[TOOL].sync.mode = ECR_SYNC_SYNC0;
	cr_slaves[TOOL].sync.sync0_cycle_ns = ECR_MS(3);
	come_up(4);
	assert_true(ecr_sim_unplug(cr_ring.sim, cr_ring.now, TOOL));
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(9));
	assert_true(ecr_sim_plug_in(cr_ring.sim, cr_ring.now, TOOL, 2, 1));
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(1));
	assert_int_equal(vring_slave(&cr_ring, "s3").al_state, ECR_AL_OP);
	ring = (uint64_t)(CR_WALL + cr_ring.now);
	next = ring + (uint64_t)(int32_t)((uint32_t)cr_truth(TOOL).next_sync0_ns - (uint32_t)ring);
	assert_int_equal(next % 3000000, 0);
	vring_close(&cr_ring);
}

static void rest_in_preop(int32_t measure_ms)
{
	cr_prepare(1);
	cr_config.dc.measure_ms = measure_ms;
	cr_slaves[0].process_data = (struct ecr_process_data){ 0 };
	cr_slaves[0].target_state = ECR_TARGET_PREOP;
	cr_config.dc.always = true;
	cr_start(1);
	assert_true(vring_until_state(&cr_ring, ECR_STATE_PREOP_READY, ECR_S(5)));
	assert_int_equal(cr_await_locked(ECR_S(5)), 0);
}

/* Where all stay in PREOP nobody is asked how he is: that it is not there for its clock to be set says so. */
static void one_in_preop_that_restarts_is_taken_up_again(void **state)
{
	struct ecr_sim_fault restart = { .kind = ECR_SIM_POWER_CYCLE, .slave = 0 };

	(void)state;
	rest_in_preop(0);
	assert_true(ecr_sim_inject(cr_ring.sim, cr_ring.now, &restart));
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(6));
	assert_int_equal(vring_slave(&cr_ring, "s0").al_state, ECR_AL_PREOP);
	assert_int_equal(vring_slave(&cr_ring, "s0").fault.kind, ECR_FAULT_NONE);
	assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_PREOP_READY);
	assert_int_equal(cr_await_locked(ECR_S(3)), 0);
	vring_close(&cr_ring);
}

/* What a person reads of it, before anything else has been asked of it. */
static void tells_who_is_silent(int32_t measure_ms)
{
	struct ecr_sim_fault restart = { .kind = ECR_SIM_POWER_CYCLE, .slave = 0 };
	const struct ecr_failure *failure;
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	rest_in_preop(measure_ms);
	failure = &cr_ring.core->slaves[0].configuration_failure;
	assert_true(ecr_sim_inject(cr_ring.sim, cr_ring.now, &restart));
	for (int i = 0; i < 100 && !failure->error; i++) /* by the first attempt */
		vring_run_until(&cr_ring, cr_ring.now + ECR_MS(1));
	assert_int_equal(failure->error, ECR_ERR_NO_RESPONSE);
	assert_int_equal(ecr_failure_print(failure, stream), 0);
	fclose(stream);
	assert_non_null(strstr(text, "slave s0 (position 0"));
	assert_non_null(strstr(text, "[clock.time]"));
	free(text);
	vring_close(&cr_ring);
}

/* Also when delays are being measured just then, which is asked of it next. */
static void one_in_preop_that_is_silent_is_told(void **state)
{
	(void)state;
	for (int32_t measure_ms = 0; measure_ms < 20; measure_ms++)
		tells_who_is_silent(measure_ms);
}

/* By how much the reference's answer differs from what the last datagram brought it. */
static int64_t last_error(void)
{
	const struct ecr_dc_flight *last = &cr_ring.core->dc.flights[0];

	for (int i = 1; i < ECR_DC_FLIGHTS; i++)
		if (cr_ring.core->dc.flights[i].transaction.sent_at > last->transaction.sent_at)
			last = &cr_ring.core->dc.flights[i];
	assert_false(last->used);
	return (int64_t)(ecr_le64(last->time) - ecr_le64(last->payload));
}

/* Then the answer is what was sent, as if nobody had put a time in: those before the reference go by what is sent next,
 * and the rate that it is learned with is not given up. */
static void an_estimate_that_is_right_by_chance_stays_right(void **state)
{
	static const struct ecr_domain_config slow[] = { { .id = "io", .cycle_ns = ECR_MS(4) },
							 { 0 } };
	int right = 0;

	(void)state;
	cr_prepare(3);
	cr_config.domains = slow;
	cr_config.dc.reference = cr_names[2];
	come_up(3);
	assert_true(ecr_sim_set_drift(cr_ring.sim, cr_ring.now, 2, -60000));
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(3));
	for (int i = 0; i < 2000; i++) {
		int64_t rate = cr_ring.core->dc.estimate.rate;

		vring_run_until(&cr_ring, ecr_core_next_cycle(cr_ring.core) + ECR_US(300));
		if (last_error())
			continue;
		assert_int_equal(cr_ring.core->dc.estimate.rate, rate);
		right++;
	}
	assert_true(right > 0);
	vring_close(&cr_ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sync0_comes_again_when_its_clock_was_set),
		cmocka_unit_test(sync0_of_a_clock_that_was_set_is_stopped_below_safeop),
		cmocka_unit_test(sync0_ends_although_the_walk_that_ends_it_does_not),
		cmocka_unit_test(sync0_ends_when_the_walk_up_does),
		cmocka_unit_test(sync0_of_one_that_did_not_rise_ends_when_it_need_not),
		cmocka_unit_test(who_was_not_asked_tells_no_time),
		cmocka_unit_test(who_comes_between_costs_no_session),
		cmocka_unit_test(a_short_clock_that_comes_back_has_sync0_in_its_place),
		cmocka_unit_test(one_in_preop_that_restarts_is_taken_up_again),
		cmocka_unit_test(one_in_preop_that_is_silent_is_told),
		cmocka_unit_test(an_estimate_that_is_right_by_chance_stays_right),
	};

	return RUN(tests);
}
