/* SPDX-License-Identifier: Apache-2.0 */
/* The network interface goes away under a session: first nothing can be sent, then the loss is told, then it is back. */
#include "support/check.h"
#include "support/tworing.h"

#define UNNOTICED ECR_MS(30)

static struct vring ring;

static void take_away(void)
{
	ring.gone[0] = true;
	ecr_sim_plug(ring.sim, ring.now, 0, false);
	vring_run_until(&ring, ring.now + UNNOTICED);
	assert_int_equal(vring_domain(&ring, "main").last_invalid_reason.error,
			 ECR_ERR_TRANSPORT_UNAVAILABLE);
	ecr_core_link(ring.core, ring.now, 0, ECR_LINK_DOWN);
}

static void give_back(void)
{
	ring.gone[0] = false;
	ecr_sim_plug(ring.sim, ring.now, 0, true);
	ecr_core_link(ring.core, ring.now, 0, ECR_LINK_UP);
}

static void it_comes_back(void **state)
{
	static const ecr_time away[] = { ECR_MS(333), ECR_S(4), ECR_S(20) };

	(void)state;
	heal_open(&ring);
	for (size_t i = 0; i < 3; i++) {
		uint64_t frames;

		take_away();
		frames = ring.frames;
		vring_run_until(&ring, ring.now + away[i]);
		assert_int_equal(ring.frames, frames);
		assert_int_equal(vring_domain(&ring, "main").freshness.state, ECR_STALE);
		assert_int_not_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
		give_back();
		heal_ends_clean(&ring, ECR_S(6));
	}
	vring_close(&ring);
}

static void a_caller_is_told(void **state)
{
	uint8_t type[1] = { 0 };
	struct ecr_user_datagram datagram = { .command = ECR_CMD_BRD, .length = 1, .data = type };
	struct ecr_request request = { .kind = ECR_REQUEST_TRANSACT,
				       .datagrams = &datagram,
				       .count = 1,
				       .deadline = ECR_S(1000) };
	ecr_time began;

	(void)state;
	heal_open(&ring);
	ring.gone[0] = true;
	began = ring.now;
	assert_int_equal(vring_request(&ring, &request), ECR_ERR_TRANSPORT_UNAVAILABLE);
	assert_in_range(ring.now - began, 0, ECR_MS(10));
	ring.gone[0] = false;
	assert_int_equal(vring_request(&ring, &request), 0);
	heal_ends_clean(&ring, ECR_S(6));
	vring_close(&ring);
}

/* Also while it starts, whatever it is doing just then. */
static void while_it_starts(void **state)
{
	struct ecr_config config = vring_default_config();

	(void)state;
	for (ecr_time at = 0; at < ECR_MS(120); at += ECR_MS(7)) {
		vring_open(&ring, vring_default_names);
		assert_true(ecr_sim_wire(ring.sim, 2, 0, 1, 0, 16));
		assert_int_equal(vring_start(&ring, &config), 0);
		vring_run_until(&ring, ring.now + at);
		ring.gone[0] = true;
		ecr_sim_plug(ring.sim, ring.now, 0, false);
		vring_run_until(&ring, ring.now + UNNOTICED);
		ecr_core_link(ring.core, ring.now, 0, ECR_LINK_DOWN);
		vring_run_until(&ring, ring.now + ECR_S(2));
		give_back();
		heal_ends_clean(&ring, ECR_S(8));
		vring_close(&ring);
	}
}

static void with_two_ports_the_other_one_is_enough(void **state)
{
	(void)state;
	for (unsigned int port = 0; port < 2; port++) {
		uint64_t missed;

		tworing_open(&ring, ECR_MS(1), 0);
		tworing_come_up(&ring);
		ring.gone[port] = true;
		vring_run_until(&ring, ring.now + UNNOTICED);
		ecr_sim_plug(ring.sim, ring.now, port, false);
		vring_run_until(&ring, ring.now + ECR_MS(100));
		assert_true(heal_stays(&ring, tworing_sound, ECR_S(1)));
		missed = tworing_missed(&ring);
		ring.gone[port] = false;
		ecr_sim_plug(ring.sim, ring.now, port, true);
		vring_run_until(&ring, ring.now + ECR_MS(100));
		assert_true(heal_stays(&ring, tworing_sound, ECR_S(1)));
		assert_int_equal(tworing_missed(&ring), missed);
		assert_false(tworing_info(&ring).split);
		tworing_assert_sound(&ring);
		vring_close(&ring);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_comes_back),
		cmocka_unit_test(a_caller_is_told),
		cmocka_unit_test(while_it_starts),
		cmocka_unit_test(with_two_ports_the_other_one_is_enough),
	};

	return RUN(tests);
}
