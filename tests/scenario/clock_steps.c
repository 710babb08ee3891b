/* SPDX-License-Identifier: Apache-2.0 */
/* The host's clock is set under a session: the notes of arrivals are wrong, everything else goes on. */
#include "support/check.h"
#include "support/clocksession.h"

#include <stdlib.h>

#define CLOCKS 4
#define PERIOD ECR_MS(1)
#define TOGETHER_NS 100

static const ecr_time steps[] = {
	ECR_S(3600), -ECR_S(3600), ECR_MS(333), -ECR_MS(333),
	ECR_MS(2),   -ECR_MS(2),   ECR_US(300), -ECR_US(300),
};

static struct ecr_domain_info domain;
static uint64_t ring_time;
static ecr_time ring_time_at;

/* Of every instant from now on. */
static void look_at_all(struct vring *ring)
{
	int64_t went = (int64_t)(cr_truth(0).system_ns - ring_time);

	assert_in_range(llabs(went - (ring->now - ring_time_at)), 0,
			(ring->now - ring_time_at) / 5000 + 1000);
	assert_in_range(cr_spread(CLOCKS), 0, TOGETHER_NS);
}

static void begin(void)
{
	cr_prepare(CLOCKS);
	cr_to_operational(CLOCKS);
	assert_int_equal(cr_await_locked(ECR_S(5)), 0);
	vring_run_until(&cr_ring, cr_ring.now + ECR_S(8));
	domain = vring_domain(&cr_ring, "io");
	ring_time = cr_truth(0).system_ns;
	ring_time_at = cr_ring.now;
	cr_ring.each_tick = look_at_all;
}

static void assert_undisturbed(void)
{
	struct ecr_domain_info info = vring_domain(&cr_ring, "io");

	assert_int_equal(info.total_miss_count, domain.total_miss_count);
	assert_int_equal(info.freshness.state, ECR_FRESH);
	assert_in_range(info.freshness.age_us, 0, 2 * PERIOD / 1000);
	assert_int_equal(ecr_core_state(cr_ring.core), ECR_STATE_OPERATIONAL);
	assert_int_equal(cr_status().lock_state, ECR_DC_LOCKED);
}

static void end(void)
{
	cr_ring.each_tick = NULL;
	vring_close(&cr_ring);
}

/* The port has not looked at that clock since it was set. */
static void for_a_few_frames(void **state)
{
	(void)state;
	begin();
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		cr_ring.stamp_error = steps[i];
		vring_run_until(&cr_ring, cr_ring.now + 2 * PERIOD);
		assert_undisturbed();
		cr_ring.stamp_error = 0;
		vring_run_until(&cr_ring, cr_ring.now + ECR_MS(100));
		assert_undisturbed();
	}
	end();
}

/* The clock that arrivals are noted by is simply another one. */
static void for_good(void **state)
{
	(void)state;
	begin();
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		cr_ring.stamp_error = steps[i];
		for (int k = 0; k < 20; k++) {
			vring_run_until(&cr_ring, cr_ring.now + ECR_MS(25));
			assert_undisturbed();
		}
	}
	end();
}

static void start_at(ecr_time wall)
{
	struct ecr_request request = { .kind = ECR_REQUEST_START,
				       .config = &cr_config,
				       .wall = wall };

	assert_int_equal(vring_request(&cr_ring, &request), 0);
	assert_int_equal(vring_await_operational(&cr_ring, ECR_S(20)), 0);
	assert_int_equal(cr_await_locked(ECR_S(5)), 0);
	cr_assert_together(CLOCKS, 1000);
	assert_in_range(llabs((int64_t)cr_truth(0).system_ns - (cr_ring.now + wall)), 0, ECR_MS(5));
}

static void the_next_start_goes_by_the_clock_as_it_is(void **state)
{
	static const ecr_time day = ECR_S(86400);

	(void)state;
	cr_prepare(CLOCKS);
	cr_start(CLOCKS);
	assert_int_equal(vring_stop(&cr_ring), 0);
	start_at(CR_WALL);
	assert_int_equal(vring_stop(&cr_ring), 0);
	start_at(CR_WALL - day);
	assert_int_equal(vring_stop(&cr_ring), 0);
	start_at(CR_WALL + day);
	vring_close(&cr_ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(for_a_few_frames),
		cmocka_unit_test(for_good),
		cmocka_unit_test(the_next_start_goes_by_the_clock_as_it_is),
	};

	return RUN(tests);
}
