/* SPDX-License-Identifier: Apache-2.0 */
/* Stop, start, deactivate and activate while something is missing. */
#include "support/check.h"
#include "support/reconnect.h"

static struct vring ring;

static int ask(enum ecr_request_kind kind, enum ecr_target target)
{
	struct ecr_request request = { .kind = kind, .target = target };

	return vring_request(&ring, &request);
}

static int set_period(ecr_time period)
{
	struct ecr_request request = { .kind = ECR_REQUEST_CYCLE_TIME,
				       .name = "main",
				       .cycle_ns = period };

	return vring_request(&ring, &request);
}

/* Too few slaves: said as what it is. When they are back the same start works. */
static void a_start_without_all_slaves_says_so(void **state)
{
	const struct reconnect what = { .combined = true };
	const struct ecr_config *config = reconnect_prepare(&ring, &what);
	struct ecr_failure failure;
	struct ecr_request request = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };

	(void)state;
	heal_say(&ring, "disconnect outputs");
	assert_int_equal(vring_start(&ring, config), 0);
	assert_int_equal(vring_await_running(&ring, ECR_S(2)), ECR_ERR_CONFIGURATION_FAILED);
	vring_request(&ring, &request);
	assert_int_equal(failure.cause, ECR_ERR_SLAVES_EXCEED_BUS);
	assert_int_equal(failure.expected, 4);
	assert_int_equal(failure.actual, 3);
	ecr_sim_clear_faults(ring.sim);
	vring_stop(&ring);
	assert_int_equal(vring_start(&ring, config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	reconnect_ends_clean(&ring, ECR_S(1));
	vring_close(&ring);
}

static void a_stop_while_recovering_ends(void **state)
{
	ecr_time asked;

	(void)state;
	reconnect_open(&ring, &(struct reconnect){ .combined = true });
	heal_say(&ring, "disconnect outputs");
	assert_true(heal_until(&ring, heal_recovering, ECR_S(1)));
	asked = ring.now;
	assert_int_equal(vring_stop(&ring), 0);
	assert_true(ring.now - asked < ECR_MS(1600));
	vring_close(&ring);
}

/* Down while one is missing, up again while it still is; then it comes back. */
static void down_and_up_while_one_is_missing(void **state)
{
	static const enum ecr_target targets[] = { ECR_TARGET_SAFEOP, ECR_TARGET_PREOP };

	(void)state;
	for (int i = 0; i < 2; i++) {
		reconnect_open(&ring, &(struct reconnect){ .combined = true });
		heal_say(&ring, "disconnect outputs");
		assert_true(heal_until(&ring, heal_recovering, ECR_S(1)));
		assert_int_equal(ask(ECR_REQUEST_DEACTIVATE, targets[i]), 0);
		assert_int_equal(vring_slave(&ring, "inputs").al_state,
				 i ? ECR_AL_PREOP : ECR_AL_SAFEOP);
		assert_int_equal(vring_slave(&ring, "outputs").fault.kind, ECR_FAULT_DOWN);
		vring_run_until(&ring, ring.now + ECR_S(1));
		assert_int_equal(ask(ECR_REQUEST_ACTIVATE, ECR_TARGET_OP), 0);
		assert_int_equal(vring_slave(&ring, "inputs").al_state, ECR_AL_OP);
		assert_false(heal_operational(&ring));
		ecr_sim_clear_faults(ring.sim);
		reconnect_ends_clean(&ring, ECR_S(6));
		vring_close(&ring);
	}
}

/* ... or comes back while the session is down. */
static void it_comes_back_while_the_session_is_down(void **state)
{
	(void)state;
	reconnect_open(&ring, &(struct reconnect){ .combined = true });
	heal_say(&ring, "power-off outputs for 1s");
	assert_true(heal_until(&ring, heal_recovering, ECR_S(1)));
	assert_int_equal(ask(ECR_REQUEST_DEACTIVATE, ECR_TARGET_SAFEOP), 0);
	assert_true(vring_until_state(&ring, ECR_STATE_DEACTIVATED, ECR_S(7)));
	assert_int_equal(vring_slave(&ring, "outputs").al_state, ECR_AL_SAFEOP);
	assert_int_equal(ask(ECR_REQUEST_ACTIVATE, ECR_TARGET_OP), 0);
	reconnect_ends_clean(&ring, ECR_S(1));
	vring_close(&ring);
}

static void the_period_changes_while_one_is_missing(void **state)
{
	(void)state;
	reconnect_open(&ring, &(struct reconnect){ .combined = true });
	heal_say(&ring, "disconnect outputs for 500ms");
	assert_true(heal_until(&ring, heal_recovering, ECR_S(1)));
	assert_int_equal(set_period(ECR_MS(2)), 0);
	reconnect_ends_clean(&ring, ECR_S(6));
	assert_int_equal(vring_domain(&ring, "main").cycle_ns, ECR_MS(2));
	vring_close(&ring);
}

/* Cycles that nothing came back of give way to those of the shorter period: none is left out. */
static void the_period_changes_while_nothing_comes_back(void **state)
{
	(void)state;
	reconnect_open(&ring, &(struct reconnect){ .combined = true });
	assert_int_equal(set_period(ECR_MS(2)), 0);
	vring_run_until(&ring, ring.now + ECR_MS(50));
	heal_say(&ring, "drop for 300ms");
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_int_equal(set_period(ECR_MS(1)), 0);
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_int_equal(set_period(ECR_US(250)), 0);
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_int_equal(vring_domain(&ring, "main").skipped, 0);
	reconnect_ends_clean(&ring, ECR_S(6));
	vring_close(&ring);
}

/* The plan is made anew while cycles of the one before are still on their way back: they do no harm. */
static void configured_otherwise_while_replies_are_late(void **state)
{
	struct ecr_request configure = { .kind = ECR_REQUEST_CONFIGURE_SLAVE,
					 .name = "inputs",
					 .slave = reconnect_slave(RECONNECT_INPUTS) };

	(void)state;
	reconnect_open(&ring, &(struct reconnect){ .combined = true });
	assert_int_equal(set_period(ECR_MS(1)), 0);
	ring.late_ppm = 1000000;
	ring.late_ns = ECR_MS(6);
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_int_equal(ask(ECR_REQUEST_DEACTIVATE, ECR_TARGET_PREOP), 0);
	assert_int_equal(vring_request(&ring, &configure), 0);
	ring.late_ppm = 0;
	assert_int_equal(ask(ECR_REQUEST_ACTIVATE, ECR_TARGET_OP), 0);
	reconnect_ends_clean(&ring, ECR_S(6));
	vring_close(&ring);
}

/* A slave that does not react is waited for; meanwhile nobody is told that the session operates. */
static void who_awaits_operational_while_it_stops_hears_of_the_stop(void **state)
{
	struct ecr_request stop = { .kind = ECR_REQUEST_STOP };
	bool stopped = false;

	(void)state;
	stop.context = &stopped;
	reconnect_open(&ring, &(struct reconnect){ .combined = true });
	heal_say(&ring, "stick mailbox");
	assert_int_equal(ecr_core_submit(ring.core, ring.now, &stop), 0);
	vring_run_until(&ring, ring.now + ECR_MS(100));
	assert_false(stopped);
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), ECR_ERR_STOPPED);
	vring_run_until(&ring, ring.now + ECR_MS(1));
	assert_true(stopped);
	vring_forget_memory(&ring);
	ecr_sim_clear_faults(ring.sim);
	vring_close(&ring);
}

/* One datagram after the other: the wire is never silent. */
static void who_talks_without_a_pause_holds_no_activation(void **state)
{
	struct ecr_request raise = { .kind = ECR_REQUEST_ACTIVATE };
	uint8_t type[1] = { 0 };
	struct ecr_user_datagram datagram = { .command = ECR_CMD_BRD, .length = 1, .data = type };
	struct ecr_request talk = { .kind = ECR_REQUEST_TRANSACT,
				    .datagrams = &datagram,
				    .count = 1 };
	ecr_time asked;

	(void)state;
	reconnect_open(&ring, &(struct reconnect){ .combined = true });
	assert_int_equal(ask(ECR_REQUEST_DEACTIVATE, ECR_TARGET_PREOP), 0);
	asked = ring.now;
	assert_int_equal(ecr_core_submit(ring.core, ring.now, &raise), 0);
	while (!heal_operational(&ring) && ring.now - asked < ECR_S(1)) {
		talk.deadline = ring.now + ECR_MS(100);
		assert_int_equal(vring_request(&ring, &talk), 0);
	}
	reconnect_ends_clean(&ring, 0);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_start_without_all_slaves_says_so),
		cmocka_unit_test(a_stop_while_recovering_ends),
		cmocka_unit_test(down_and_up_while_one_is_missing),
		cmocka_unit_test(it_comes_back_while_the_session_is_down),
		cmocka_unit_test(the_period_changes_while_one_is_missing),
		cmocka_unit_test(the_period_changes_while_nothing_comes_back),
		cmocka_unit_test(configured_otherwise_while_replies_are_late),
		cmocka_unit_test(who_awaits_operational_while_it_stops_hears_of_the_stop),
		cmocka_unit_test(who_talks_without_a_pause_holds_no_activation),
	};

	return RUN(tests);
}
