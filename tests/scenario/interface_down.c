/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/heal.h"

#include <string.h>

static struct vring ring;

static void open_ring(void)
{
	static struct ecr_config config;

	config = vring_default_config();
	vring_open(&ring, vring_default_names);
	assert_true(ecr_sim_wire(ring.sim, 2, 0, 1, 0, 16));
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
}

/* vring itself fails when the core wants to run for ever at one instant. */
static void down_for(ecr_time duration)
{
	uint64_t frames;
	uint64_t down = ring.counts[ECR_EVENT_BUS_LINK_DOWN];
	uint64_t up = ring.counts[ECR_EVENT_BUS_LINK_RECONNECTED];

	ecr_core_link(ring.core, ring.now, 0, ECR_LINK_DOWN);
	frames = ring.frames;
	vring_run_until(&ring, ring.now + duration);
	assert_int_equal(ring.frames, frames);
	for (int i = 0; i < 3; i++)
		assert_int_equal(vring_slave(&ring, vring_default_slaves[i].name).fault.kind,
				 ECR_FAULT_DOWN);
	assert_int_equal(vring_domain(&ring, "main").freshness.state, ECR_STALE);
	ecr_core_link(ring.core, ring.now, 0, ECR_LINK_UP);
	assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(6)));
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
	assert_int_equal(ring.counts[ECR_EVENT_BUS_LINK_DOWN], down + 1);
	assert_int_equal(ring.counts[ECR_EVENT_BUS_LINK_RECONNECTED], up + 1);
	vring_output(&ring, "outputs", "ch1", 1);
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_int_equal(vring_input(&ring, "inputs", "ch1"), 1);
	vring_output(&ring, "outputs", "ch1", 0);
	vring_run_until(&ring, ring.now + ECR_MS(50));
}

static void it_comes_back(void **state)
{
	(void)state;
	open_ring();
	down_for(ECR_MS(300));
	down_for(ECR_S(5));
	vring_close(&ring);
}

/* Whoever sends datagrams of its own meanwhile is told, and not held for as long as the link is down. */
static void a_caller_does_not_wait_for_ever(void **state)
{
	uint8_t type[1] = { 0 };
	struct ecr_user_datagram datagram = { .command = ECR_CMD_BRD, .length = 1, .data = type };
	struct ecr_request request = { .kind = ECR_REQUEST_TRANSACT,
				       .datagrams = &datagram,
				       .count = 1 };
	ecr_time began;

	(void)state;
	open_ring();
	ecr_core_link(ring.core, ring.now, 0, ECR_LINK_DOWN);
	began = ring.now;
	request.deadline = began + ECR_S(5);
	assert_int_equal(vring_request(&ring, &request), ECR_ERR_TIMEOUT);
	assert_in_range(ring.now - began, ECR_S(5), ECR_S(5) + ECR_MS(1));
	began = ring.now;
	request.stale_after = ECR_MS(5);
	request.deadline = began + ECR_S(5);
	assert_int_equal(vring_request(&ring, &request), ECR_ERR_EXPIRED);
	assert_in_range(ring.now - began, ECR_MS(5), ECR_MS(6));
	request.stale_after = 0;
	ecr_core_link(ring.core, ring.now, 0, ECR_LINK_UP);
	request.deadline = ring.now + ECR_S(5);
	assert_int_equal(vring_request(&ring, &request), 0);
	assert_int_equal(datagram.wkc, 3);
	vring_close(&ring);
}

static bool outputs_down(struct vring *unused)
{
	return vring_slave(unused, "outputs").fault.kind == ECR_FAULT_DOWN;
}

/* While valid cycles are waited for nobody is polled; afterwards those in PREOP are found silent as ever. */
static void down_while_the_session_is_raised(void **state)
{
	struct ecr_request deactivate = { .kind = ECR_REQUEST_DEACTIVATE,
					  .target = ECR_TARGET_PREOP };
	struct ecr_request activate = { .kind = ECR_REQUEST_ACTIVATE };
	struct ecr_slave_config slaves[4];
	struct ecr_config config = vring_default_config();

	(void)state;
	memcpy(slaves, vring_default_slaves, sizeof(slaves));
	slaves[0].target_state = slaves[1].target_state = ECR_TARGET_PREOP;
	config.slaves = slaves;
	vring_open(&ring, vring_default_names);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	assert_int_equal(vring_request(&ring, &deactivate), 0);
	heal_say(&ring, "disconnect outputs");
	assert_true(heal_until(&ring, outputs_down, ECR_S(2)));
	assert_int_equal(ecr_core_submit(ring.core, ring.now, &activate), 0);
	vring_run_until(&ring, ring.now + ECR_MS(100));
	ecr_core_link(ring.core, ring.now, 0, ECR_LINK_DOWN);
	vring_run_until(&ring, ring.now + ECR_S(4));
	for (int i = 0; i < 3; i++)
		assert_int_equal(vring_slave(&ring, slaves[i].name).fault.kind, ECR_FAULT_DOWN);
	vring_close(&ring);
}

/* Nobody is asked in a session that is left in PREOP, until it is to be more. */
static void activated_without_a_link(void **state)
{
	struct ecr_request activate = { .kind = ECR_REQUEST_ACTIVATE };
	static struct ecr_slave_config slaves[4];
	static struct ecr_config config;

	(void)state;
	memcpy(slaves, vring_default_slaves, sizeof(slaves));
	for (int i = 0; i < 3; i++)
		slaves[i].target_state = ECR_TARGET_PREOP;
	config = vring_default_config();
	config.slaves = slaves;
	vring_open(&ring, vring_default_names);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_true(vring_until_state(&ring, ECR_STATE_PREOP_READY, ECR_S(2)));
	ecr_core_link(ring.core, ring.now, 0, ECR_LINK_DOWN);
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_int_equal(vring_slave(&ring, slaves[0].name).fault.kind, ECR_FAULT_NONE);
	assert_int_equal(ecr_core_submit(ring.core, ring.now, &activate), 0);
	vring_run_until(&ring, ring.now + ECR_MS(300));
	for (int i = 0; i < 3; i++)
		assert_int_equal(vring_slave(&ring, slaves[i].name).fault.kind, ECR_FAULT_DOWN);
	vring_close(&ring);
}

static int trouble(void)
{
	struct ecr_failure failure;
	struct ecr_request request = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };

	assert_int_equal(vring_request(&ring, &request), 0);
	return failure.error;
}

static struct ecr_request lower = { .kind = ECR_REQUEST_DEACTIVATE, .target = ECR_TARGET_PREOP };
static struct ecr_request raise = { .kind = ECR_REQUEST_ACTIVATE };

/* A start, an activation or a deactivation is on its way when the link goes down; the request of these, NULL: it starts. */
static struct ecr_request *go_down_on_the_way(int moment)
{
	static struct ecr_config config;
	struct ecr_request *asked = moment % 4 == 0 ? &lower : moment % 4 == 1 ? &raise : NULL;

	config = vring_default_config();
	vring_open(&ring, vring_default_names);
	assert_true(ecr_sim_wire(ring.sim, 2, 0, 1, 0, 16));
	assert_int_equal(vring_start(&ring, &config), 0);
	if (asked)
		assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	if (asked == &raise)
		assert_int_equal(vring_request(&ring, &lower), 0);
	if (asked) {
		asked->context = NULL;
		assert_int_equal(ecr_core_submit(ring.core, ring.now, asked), 0);
	}
	vring_run_until(&ring, ring.now + (asked ? moment * ECR_US(400)
						 : ECR_MS(20) + moment * ECR_US(85)));
	ecr_core_link(ring.core, ring.now, 0, ECR_LINK_DOWN);
	return asked;
}

/* Whatever step of being brought up, raised or lowered it is: it waits for the link, says so, and goes on. */
static void down_at_any_moment_of_a_walk(void **state)
{
	(void)state;
	for (int moment = 0; moment < 48; moment++) {
		struct ecr_request *asked = go_down_on_the_way(moment);

		vring_run_until(&ring, ring.now + ECR_S(1));
		assert_int_equal(trouble(), ECR_ERR_LINK_DOWN);
		vring_run_until(&ring, ring.now + ECR_S(40)); /* longer than a start may take */
		assert_int_equal(trouble(), ECR_ERR_LINK_DOWN);
		ecr_core_link(ring.core, ring.now, 0, ECR_LINK_UP);
		if (asked == &lower) {
			assert_true(vring_until_state(&ring, ECR_STATE_PREOP_READY, ECR_S(8)));
			vring_run_until(&ring, ring.now + ECR_S(1));
			assert_int_equal(vring_request(&ring, &raise), 0);
		}
		heal_ends_clean(&ring, ECR_S(8));
		assert_int_equal(trouble(), 0);
		vring_close(&ring);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(it_comes_back),
					    cmocka_unit_test(a_caller_does_not_wait_for_ever),
					    cmocka_unit_test(down_while_the_session_is_raised),
					    cmocka_unit_test(activated_without_a_link),
					    cmocka_unit_test(down_at_any_moment_of_a_walk) };

	return RUN(tests);
}
