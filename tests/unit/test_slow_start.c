/* SPDX-License-Identifier: Apache-2.0 */
/* Rings that take longer for an answer than is usual for so many slaves: a machine that serves a simulated one beside much else. */
#include "support/check.h"
#include "support/vring.h"

#include "master/master.h"
#include "wire/frame.h"

static struct vring ring;
static struct ecr_config config; /* it lives as long as the ring */
static struct ecr_domain_config domains[] = { { .id = "main", .cycle_ns = ECR_MS(10) }, { 0 } };

static int open_ring(void **state)
{
	(void)state;
	config = vring_default_config();
	vring_open(&ring, vring_default_names);
	return 0;
}

static int close_ring(void **state)
{
	(void)state;
	vring_close(&ring);
	return 0;
}

/* Longer than the 5 ms that frames of three slaves are waited for, but not than the count of them bears. */
static void a_slow_ring_operates(void **state)
{
	(void)state;
	config.domains = domains;
	config.frame_timeout_ms = 0; /* as the number of slaves asks for */
	ring.line.late_at[0] = ECR_MS(15);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(5)), 0);
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_int_equal(vring_domain(&ring, "main").total_miss_count, 0);
}

static struct ecr_failure await_refused_reset(void)
{
	struct ecr_failure failure;
	struct ecr_request ask = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };

	assert_int_equal(vring_await_running(&ring, ECR_S(60)), ECR_ERR_CONFIGURATION_FAILED);
	assert_int_equal(vring_request(&ring, &ask), 0);
	assert_int_equal(failure.cause, ECR_ERR_INIT_RESET_FAILED);
	return failure;
}

/* A limit that somebody has set holds, whatever the ring takes. */
static void a_limit_that_was_set_stays(void **state)
{
	(void)state;
	config.frame_timeout_ms = 5;
	ring.line.late_at[0] = ECR_MS(15);
	assert_int_equal(vring_start(&ring, &config), 0);
	await_refused_reset();
}

/* The same once it is counted and reset: every slave fails at first, since its answers come when it was asked again. */
static void a_ring_that_becomes_slow_operates(void **state)
{
	(void)state;
	config.domains = domains;
	config.frame_timeout_ms = 0; /* as the number of slaves asks for */
	assert_int_equal(vring_start(&ring, &config), 0);
	while (ring.core->phase != ECR_PHASE_BRINGUP)
		vring_run_until(&ring, ring.now + ECR_US(100));
	ring.line.late_at[0] = ECR_MS(15);
	assert_int_equal(vring_await_operational(&ring, ECR_S(10)), 0);
}

static ecr_time patience(void)
{
	struct ecr_bus_info info;
	struct ecr_request ask = { .kind = ECR_REQUEST_BUS_INFO, .out = &info };

	assert_int_equal(vring_request(&ring, &ask), 0);
	return info.frame_timeout_ns;
}

/*
 * Answers were late once, the last of them after that was noticed; those that never come afterwards are no reason to wait
 * for longer still.
 */
static void a_ring_that_loses_frames_is_not_taken_for_slow(void **state)
{
	ecr_time usual;

	(void)state;
	config.frame_timeout_ms = 0;
	assert_int_equal(vring_start(&ring, &config), 0);
	while (ring.core->phase != ECR_PHASE_BRINGUP)
		vring_run_until(&ring, ring.now + ECR_US(100));
	usual = patience();
	ring.line.late_at[0] = ECR_MS(8);
	while (patience() == usual)
		vring_run_until(&ring, ring.now + ECR_US(100));
	ring.line.late_at[0] = 0;
	ring.lost_ppm = 1000000;
	vring_run_until(&ring, ring.now + ECR_S(2));
	ring.lost_ppm = 0;
	assert_int_equal(vring_await_operational(&ring, ECR_S(5)), 0);
	assert_in_range(patience(), 2 * usual, 4 * usual);
}

/* Whoever writes to all is answered long after it has given up. */
static void hold_writes_to_all(struct vring *held, const struct ecr_datagram *datagram)
{
	held->line.late_at[0] = datagram->command == ECR_CMD_BWR ? ECR_S(1) : 0;
}

static void a_ring_that_takes_no_reset_is_given_up(void **state)
{
	struct ecr_failure failure;

	(void)state;
	assert_int_equal(vring_start(&ring, &config), 0);
	vring_run_until(&ring, ring.now + ECR_MS(5)); /* error counters are cleared by then */
	ring.each_datagram = hold_writes_to_all;
	failure = await_refused_reset();
	assert_string_equal(failure.phase, "reset.init");
	assert_string_equal(failure.subject, "no answer");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_slow_ring_operates, open_ring, close_ring),
		cmocka_unit_test_setup_teardown(a_limit_that_was_set_stays, open_ring, close_ring),
		cmocka_unit_test_setup_teardown(a_ring_that_becomes_slow_operates, open_ring,
						close_ring),
		cmocka_unit_test_setup_teardown(a_ring_that_loses_frames_is_not_taken_for_slow,
						open_ring, close_ring),
		cmocka_unit_test_setup_teardown(a_ring_that_takes_no_reset_is_given_up, open_ring,
						close_ring),
	};

	return RUN(tests);
}
