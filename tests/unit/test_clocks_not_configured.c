/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks of devices behind those that are configured: they are set and held to the time, and cost nobody else the lock. */
#include "support/check.h"
#include "support/clocksession.h"
#include "support/tworing.h"

#include "base/le.h"
#include "master/master.h"
#include "wire/sii.h"

#define OURS 2
#define FIRST 2 /* that is not configured, */
#define SECOND 3

static void describe(int devices)
{
	cr_prepare(devices);
	cr_slaves[OURS].name = NULL;
	cr_config.dc.lock_policy = ECR_DC_FATAL;
}

static void come_up(int devices)
{
	cr_to_operational(devices);
	assert_int_equal(cr_await_locked(ECR_S(5)), 0);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(3));
}

static void happen(const char *sentence)
{
	char error[100];

	assert_true(ecr_sim_say(cr_ring.sim, cr_ring.now, sentence, error, sizeof(error)));
}

static uint64_t away(int slave)
{
	int64_t apart = (int64_t)(cr_truth(slave).system_ns - cr_truth(0).system_ns);

	return (uint64_t)(apart < 0 ? -apart : apart);
}

static uint64_t lock_changes(void)
{
	return cr_ring.counts[ECR_EVENT_DC_LOCK_CHANGED];
}

/* Somebody else has written into it, and it answers as before. */
static void move_clock(int slave)
{
	uint8_t offset[8] = { 1, 2, 3, 4, 5, 6, 7 };
	struct ecr_user_datagram datagram = {
		.command = ECR_CMD_APWR,
		.address = ecr_address_position((uint16_t)slave, ECR_REG_DC_OFFSET),
		.data = offset,
		.length = 8,
	};

	assert_int_equal(tworing_transact(&cr_ring, &datagram, 1), 0);
	assert_int_equal(datagram.wkc, 1);
}

static void one_that_is_far_off_is_set_again(void **state)
{
	uint64_t changes;

	(void)state;
	describe(4);
	come_up(4);
	changes = lock_changes();
	move_clock(SECOND);
	assert_true(away(SECOND) > (uint64_t)ECR_S(1));
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(4));
	assert_in_range(away(SECOND), 0, 100);
	assert_int_equal(lock_changes(), changes);
	assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_OPERATIONAL);
	vring_close(&cr_ring);
}

/* While nothing that is asked is answered it restarts, and when it is there again nobody has missed it. */
static void one_that_restarts_while_nobody_can_see_it_is_set_again(void **state)
{
	(void)state;
	describe(4);
	cr_config.dc.lock_policy = ECR_DC_ADVISORY; /* of no clock anything is known meanwhile */
	come_up(4);
	for (int i = 0; i < 8; i++) {
		happen("misindex for 100ms");
		vring_run_until(&cr_ring, cr_ring.now + ECR_MS(40 + 3 * i));
		happen("power-off s3 for 2ms");
		vring_run_until(&cr_ring, cr_ring.now + ECR_S(4));
		assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_OPERATIONAL);
		assert_int_equal(cr_status().lock_state, ECR_DC_LOCKED);
		assert_in_range(away(SECOND), 0, 100);
	}
	vring_close(&cr_ring);
}

/* Its oscillator is off by more than any control loop makes up for. */
static void one_that_cannot_follow_holds_nobody_up(void **state)
{
	(void)state;
	describe(3);
	cr_devices[FIRST].clock.drift_ppb = 5000000;
	cr_config.dc.await_lock = true;
	come_up(3);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(10));
	assert_true(away(FIRST) > 10000);
	assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_OPERATIONAL);
	assert_int_equal(cr_status().lock_state, ECR_DC_LOCKED);
	assert_in_range(away(1), 0, 100);
	vring_close(&cr_ring);
}

static void one_that_parts_from_the_others_costs_no_lock(void **state)
{
	uint64_t changes;

	(void)state;
	describe(3);
	come_up(3);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(8)); /* nothing is excused any more */
	changes = lock_changes();
	assert_true(ecr_sim_set_drift(cr_ring.sim, cr_ring.now, FIRST, 250000));
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(2));
	assert_int_equal(lock_changes(), changes);
	assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_OPERATIONAL);
	vring_close(&cr_ring);
}

/* A configured one that does the same is seen beside it. */
static void a_configured_one_that_parts_is_judged_all_the_same(void **state)
{
	(void)state;
	describe(3);
	come_up(3);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(8));
	assert_true(ecr_sim_set_drift(cr_ring.sim, cr_ring.now, 1, 250000));
	assert_true(vring_until_state(&cr_ring, ECR_STATE_IDLE, ECR_MS(200)));
	vring_close(&cr_ring);
}

/* By its place it cannot be told from another while there is one more than were counted. */
static void one_that_restarts_beside_a_stranger_holds_nobody_up(void **state)
{
	(void)state;
	describe(5);
	cr_devices[4].absent = true;
	come_up(5);
	assert_true(ecr_sim_plug_in(cr_ring.sim, cr_ring.now, 4, FIRST, 3));
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(1));
	happen("power-off s3 for 50ms");
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(4));
	assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_OPERATIONAL);
	assert_int_equal(cr_status().lock_state, ECR_DC_LOCKED);
	assert_in_range(away(1), 0, 100);
	assert_in_range(away(FIRST), 0, 100);
	assert_true(ecr_sim_unplug(cr_ring.sim, cr_ring.now, 4));
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(4));
	assert_int_equal(cr_status().lock_state, ECR_DC_LOCKED);
	assert_in_range(away(SECOND), 0, 100);
	vring_close(&cr_ring);
}

/* The way to those who are configured does not depend on who is there behind them. */
static void one_that_leaves_before_the_clocks_are_set_is_no_hindrance(void **state)
{
	(void)state;
	describe(4);
	cr_start(4);
	assert_true(vring_until_state(&cr_ring, ECR_STATE_AWAITING_PREOP, ECR_S(1)));
	happen("disconnect s3 for 3s");
	assert_int_equal(vring_await_operational(&cr_ring, ECR_S(2)), 0);
	cr_assert_measured(1);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(8));
	cr_assert_measured(1);
	assert_in_range(away(SECOND), 0, 100);
	assert_int_equal(cr_status().lock_state, ECR_DC_LOCKED);
	vring_close(&cr_ring);
}

static void one_that_comes_after_they_were_counted_is_no_hindrance(void **state)
{
	(void)state;
	describe(3);
	cr_start(3);
	happen("disconnect s2 for 23ms");
	assert_int_equal(vring_await_operational(&cr_ring, ECR_S(5)), 0);
	assert_int_equal(cr_await_locked(ECR_S(5)), 0);
	assert_int_equal(cr_ring.core->found, OURS);
	assert_true(cr_ring.core->round.answered > OURS);
	cr_assert_measured(1);
	cr_assert_together(OURS, 120);
	vring_close(&cr_ring);
}

/* While it is away the one behind it stands in its place, is found to be another, and has a clock. */
static void one_in_the_place_of_a_slave_leaves_no_clock_behind(void **state)
{
	static uint8_t other[1024];
	size_t size = ecr_sim_digital_sii(other, sizeof(other), "other", 8, 8);

	(void)state;
	describe(4);
	cr_slaves[1].name = NULL;
	cr_config.backup_interface = "the simulator's second port";
	cr_config.dc.lock_policy = ECR_DC_ADVISORY;
	cr_devices[0].features = 0;
	cr_slaves[0].check = ECR_CHECK_SERIAL;
	ecr_put_le32(other + 2u * ECR_SII_WORD_SERIAL, 77);
	for (int i = 1; i < 4; i++) {
		cr_devices[i].sii = other;
		cr_devices[i].sii_size = size;
	}
	cr_to_operational(4);
	assert_int_equal(cr_status().lock_state, ECR_DC_UNAVAILABLE);
	happen("power-off s0 for 1s");
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(900));
	assert_int_equal(cr_status().lock_state, ECR_DC_LOCKED); /* of the other one */
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(6));
	assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_OPERATIONAL);
	assert_int_equal(vring_slave(&cr_ring, "s0").al_state, ECR_AL_OP);
	assert_int_equal(cr_status().lock_state, ECR_DC_UNAVAILABLE);
	vring_close(&cr_ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_is_far_off_is_set_again),
		cmocka_unit_test(one_that_restarts_while_nobody_can_see_it_is_set_again),
		cmocka_unit_test(one_that_cannot_follow_holds_nobody_up),
		cmocka_unit_test(one_that_parts_from_the_others_costs_no_lock),
		cmocka_unit_test(a_configured_one_that_parts_is_judged_all_the_same),
		cmocka_unit_test(one_that_restarts_beside_a_stranger_holds_nobody_up),
		cmocka_unit_test(one_that_leaves_before_the_clocks_are_set_is_no_hindrance),
		cmocka_unit_test(one_that_comes_after_they_were_counted_is_no_hindrance),
		cmocka_unit_test(one_in_the_place_of_a_slave_leaves_no_clock_behind),
	};

	return RUN(tests);
}
