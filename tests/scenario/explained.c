/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/clocksession.h"
#include "support/reconnect.h"

#include "sim/controller.h"
#include "sim/sim.h"

#include <string.h>

static struct vring ring;

static struct ecr_failure trouble_of(struct vring *whose)
{
	struct ecr_failure failure;
	struct ecr_request request = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };

	assert_int_equal(vring_request(whose, &request), 0);
	return failure;
}

static struct ecr_failure trouble(void)
{
	return trouble_of(&ring);
}

static void assert_blank(void)
{
	assert_int_equal(trouble().error, 0);
}

static void a_slave_that_is_down_is_named(void **state)
{
	struct ecr_failure failure;

	(void)state;
	heal_open(&ring);
	assert_blank();
	heal_say(&ring, "disconnect outputs for 2s");
	assert_true(heal_until(&ring, heal_outputs_down, ECR_S(1)));
	vring_run_until(&ring, ring.now + ECR_MS(50));
	failure = trouble();
	assert_int_equal(failure.error, ECR_ERR_RUNTIME_DEGRADED);
	assert_int_equal(failure.cause, ECR_ERR_NO_RESPONSE);
	assert_string_equal(failure.slave, "outputs");
	assert_int_equal(failure.position, 2);
	heal_ends_clean(&ring, ECR_S(8));
	assert_blank();
	vring_close(&ring);
}

/* Its own fault: the session goes on, and whoever asks is told. */
static void a_slave_that_refuses_is_told_with_its_code(void **state)
{
	struct ecr_failure failure;

	(void)state;
	reconnect_open(&ring, &(struct reconnect){ .combined = true });
	heal_say(&ring, "refuse mailbox op 0x001d for 2s");
	heal_say(&ring, "retreat mailbox");
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_true(heal_operational(&ring));
	failure = trouble();
	assert_int_equal(failure.al_code, 0x001D);
	assert_string_equal(failure.slave, "mailbox");
	reconnect_ends_clean(&ring, ECR_S(8));
	assert_blank();
	vring_close(&ring);
}

/* All answer, and the counter is wrong all the same. */
static void a_domain_is_named_when_nobody_is_at_fault(void **state)
{
	struct ecr_failure failure;

	(void)state;
	heal_open(&ring);
	heal_say(&ring, "wkc -1 of LRW for 500ms");
	assert_true(heal_until(&ring, heal_recovering, ECR_S(1)));
	failure = trouble();
	assert_int_equal(failure.error, ECR_ERR_RUNTIME_DEGRADED);
	assert_int_equal(failure.position, -1);
	assert_string_equal(failure.slave, "main");
	assert_int_equal(failure.expected, failure.actual + 1);
	heal_ends_clean(&ring, ECR_S(8));
	assert_blank();
	vring_close(&ring);
}

static void a_link_that_is_down_is_the_reason_of_all(void **state)
{
	(void)state;
	heal_open(&ring);
	ecr_core_link(ring.core, ring.now, 0, ECR_LINK_DOWN);
	vring_run_until(&ring, ring.now + ECR_MS(1));
	assert_int_equal(trouble().error, ECR_ERR_LINK_DOWN);
	assert_int_equal(trouble().cause, 0);
	assert_string_equal(trouble().subject, "");
	vring_run_until(&ring, ring.now + ECR_S(4));
	assert_int_equal(trouble().error, ECR_ERR_LINK_DOWN);
	ecr_core_link(ring.core, ring.now, 0, ECR_LINK_UP);
	heal_ends_clean(&ring, ECR_S(8));
	assert_blank();
	vring_close(&ring);
}

/* All exchange their data, and no clock hears what time it is. */
static void clocks_that_are_not_told_the_time(void **state)
{
	(void)state;
	cr_prepare(3);
	cr_to_operational(3);
	assert_int_equal(cr_await_locked(ECR_S(5)), 0);
	heal_say(&cr_ring, "wkc -3 of FRMW for 500ms");
	vring_run_until(&cr_ring, cr_ring.now + ECR_MS(200));
	assert_int_equal(trouble_of(&cr_ring).error, ECR_ERR_RUNTIME_DEGRADED);
	assert_int_equal(trouble_of(&cr_ring).cause, ECR_ERR_TIMEOUT);
	assert_int_equal(trouble_of(&cr_ring).position, -1);
	assert_string_equal(trouble_of(&cr_ring).subject, "time of the clocks");
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(5));
	assert_int_equal(trouble_of(&cr_ring).error, 0);
	vring_close(&cr_ring);
}

static void a_start_that_waits_says_for_whom(void **state)
{
	const struct ecr_config *config = reconnect_prepare(&ring, &(struct reconnect){ 0 });
	struct ecr_failure failure;

	(void)state;
	heal_say(&ring, "refuse mailbox preop 0x0016 for 3s");
	assert_int_equal(vring_start(&ring, config), 0);
	vring_run_until(&ring, ring.now + ECR_S(2));
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_AWAITING_PREOP);
	failure = trouble();
	assert_int_equal(failure.error, ECR_ERR_AWAITING_PREOP);
	assert_int_equal(failure.cause, ECR_ERR_AL_ERROR);
	assert_int_equal(failure.al_code, 0x0016);
	assert_string_equal(failure.slave, "mailbox");
	assert_int_equal(vring_await_operational(&ring, ECR_S(10)), 0);
	assert_blank();
	vring_close(&ring);
}

static void assert_unplannable(void)
{
	struct ecr_slave_info info = vring_slave(&ring, "outputs");
	struct ecr_failure failure = trouble();

	assert_int_equal(info.configuration_error, ECR_ERR_SIGNAL_NOT_IN_MODEL);
	assert_string_equal(info.configuration_failure.subject, "nowhere");
	assert_string_equal(info.configuration_failure.slave, "outputs");
	assert_int_equal(info.fault.kind, ECR_FAULT_PREOP);
	assert_int_equal(info.fault.error, ECR_ERR_SIGNAL_NOT_IN_MODEL);
	assert_int_equal(failure.error, ECR_ERR_ACTIVATION_FAILED);
	assert_int_equal(failure.cause, ECR_ERR_SIGNAL_NOT_IN_MODEL);
	assert_string_equal(failure.subject, "nowhere");
	assert_string_equal(failure.slave, "outputs");
}

/* Switched off it does not answer; back again it is still what cannot be had as it is configured. */
static void what_cannot_be_planned_is_told_after_a_loss_of_power(void **state)
{
	static const struct ecr_signal_map nowhere[] = { { "nowhere", "main" }, { 0 } };
	static struct ecr_slave_config slaves[4];
	static struct ecr_config config;
	struct ecr_slave_info info;

	(void)state;
	memcpy(slaves, vring_default_slaves, sizeof(slaves));
	slaves[2].process_data = (struct ecr_process_data)ECR_SIGNALS(nowhere);
	config = vring_default_config();
	config.slaves = slaves;
	vring_open(&ring, vring_default_names);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(5)), ECR_ERR_ACTIVATION_FAILED);
	assert_unplannable();
	heal_say(&ring, "power-off outputs for 2s");
	assert_true(heal_until(&ring, heal_outputs_down, ECR_S(1)));
	for (int i = 0; i < 15; i++) {
		info = vring_slave(&ring, "outputs");
		assert_int_equal(info.fault.kind, ECR_FAULT_DOWN);
		assert_int_equal(info.fault.error, ECR_ERR_NO_RESPONSE);
		assert_int_equal(trouble().cause, ECR_ERR_NO_RESPONSE);
		assert_string_equal(trouble().slave, "outputs");
		vring_run_until(&ring, ring.now + ECR_MS(100));
	}
	vring_run_until(&ring, ring.now + ECR_S(8));
	assert_unplannable();
	assert_int_equal(vring_slave(&ring, "inputs").al_state, ECR_AL_OP);
	vring_close(&ring);
}

/* Raised without one that is down: on its way, whatever of it is done already, that is still what the session waits for. */
static void who_blocks_is_told_while_it_is_tried_again(void **state)
{
	struct ecr_request lower = { .kind = ECR_REQUEST_DEACTIVATE, .target = ECR_TARGET_PREOP };
	struct ecr_request raise = { .kind = ECR_REQUEST_ACTIVATE };
	int way = 0;

	(void)state;
	heal_open(&ring);
	ring.sim->slaves[2].device.emulation = false; /* from its next start on */
	ring.sim->slaves[2].device.al_delay_ns = ECR_MS(30);
	assert_int_equal(vring_request(&ring, &lower), 0);
	heal_say(&ring, "power-off outputs for 4s");
	assert_true(heal_until(&ring, heal_outputs_down, ECR_S(1)));
	vring_run_until(&ring, ring.now + ECR_MS(500)); /* it has been tried */
	assert_int_equal(vring_request(&ring, &raise), 0);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_ACTIVATION_BLOCKED);
	for (int i = 0; vring_slave(&ring, "outputs").al_state != ECR_AL_OP; i++) {
		struct ecr_slave_info info = vring_slave(&ring, "outputs");
		struct ecr_failure failure = trouble();

		assert_int_equal(failure.error, ECR_ERR_ACTIVATION_FAILED);
		assert_int_equal(failure.cause, ECR_ERR_NO_RESPONSE);
		assert_string_equal(failure.slave, "outputs");
		assert_string_equal(failure.subject, "working counter");
		way += !info.down && info.al_state == ECR_AL_PREOP;
		assert_true(i < 8000);
		vring_run_until(&ring, ring.now + ECR_MS(1));
	}
	assert_in_range(way, 10, 100);
	heal_ends_clean(&ring, ECR_S(1));
	vring_close(&ring);
}

static bool is_stopped(struct vring *unused)
{
	return vring_domain(unused, "main").state == ECR_DOMAIN_STOPPED;
}

/* 1000 misses stop a domain; what was counted before and meanwhile is counted. */
static void an_outage_stays_in_the_counters(void **state)
{
	uint64_t before;
	uint64_t missed;

	(void)state;
	heal_open(&ring);
	vring_run_until(&ring, ring.now + ECR_S(1));
	before = vring_domain(&ring, "main").cycle_count;
	heal_say(&ring, "drop for 15s");
	assert_true(heal_until(&ring, is_stopped, ECR_S(14)));
	missed = vring_domain(&ring, "main").total_miss_count;
	assert_true(missed >= 1000);
	heal_ends_clean(&ring, ECR_S(10));
	assert_true(vring_domain(&ring, "main").total_miss_count >= missed);
	assert_true(vring_domain(&ring, "main").cycle_count > before);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slave_that_is_down_is_named),
		cmocka_unit_test(a_slave_that_refuses_is_told_with_its_code),
		cmocka_unit_test(a_domain_is_named_when_nobody_is_at_fault),
		cmocka_unit_test(a_link_that_is_down_is_the_reason_of_all),
		cmocka_unit_test(clocks_that_are_not_told_the_time),
		cmocka_unit_test(a_start_that_waits_says_for_whom),
		cmocka_unit_test(what_cannot_be_planned_is_told_after_a_loss_of_power),
		cmocka_unit_test(who_blocks_is_told_while_it_is_tried_again),
		cmocka_unit_test(an_outage_stays_in_the_counters),
	};

	return RUN(tests);
}
