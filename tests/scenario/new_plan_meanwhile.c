/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/heal.h"

static struct vring ring;
static uint64_t seen; /* channels that far has shown since it came back */

static const char *const names[] = { "EK1100", "EL2809", "EL2809", NULL };

enum { NEAR = 1, FAR = 2 };

static uint64_t shown(int slave)
{
	uint64_t value;

	assert_true(ecr_sim_get_output(ring.sim, slave, 0, 16, &value));
	return value;
}

static void look(struct vring *there)
{
	(void)there;
	seen |= shown(FAR);
}

/* Only far has process data, and a patient watchdog: its first channel is on, and it is lost in OP. */
static void lose_far(void)
{
	static const struct ecr_slave_config slaves[] = {
		{ .name = "coupler" },
		{ .name = "near", .health_poll_ms = 20 },
		{ .name = "far",
		  .process_data = ECR_ALL_TO("main"),
		  .health_poll_ms = 20,
		  .watchdog_ms = 5000 },
		{ 0 },
	};
	static struct ecr_config config; /* it is looked at as long as the ring runs */

	config = vring_default_config();
	config.slaves = slaves;
	vring_open(&ring, names);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	vring_output(&ring, "far", "ch1", 1);
	vring_run_until(&ring, ring.now + ECR_MS(50));
	ecr_sim_unplug(ring.sim, ring.now, FAR);
	assert_true(heal_until(&ring, heal_recovering, ECR_MS(500)));
}

/* Near takes part now, and lies where far was. */
static void plan_near(void)
{
	static const struct ecr_slave_config with_data = { .process_data = ECR_ALL_TO("main"),
							   .health_poll_ms = 20 };
	struct ecr_request lower = { .kind = ECR_REQUEST_DEACTIVATE, .target = ECR_TARGET_PREOP };
	struct ecr_request configure = { .kind = ECR_REQUEST_CONFIGURE_SLAVE,
					 .name = "near",
					 .slave = &with_data };
	struct ecr_request raise = { .kind = ECR_REQUEST_ACTIVATE };

	vring_request(&ring, &lower);
	assert_int_equal(vring_request(&ring, &configure), 0);
	vring_run_until(&ring, ring.now + ECR_MS(500));
	vring_request(&ring, &raise);
	vring_run_until(&ring, ring.now + ECR_MS(500));
	vring_output(&ring, "near", "ch5", 1);
	vring_run_until(&ring, ring.now + ECR_MS(50));
}

static void a_lost_slave_takes_nothing_of_a_later_plan(void **state)
{
	(void)state;
	lose_far();
	plan_near();
	assert_int_equal(shown(NEAR), 0x10);
	assert_int_equal(shown(FAR), 1); /* it is in OP still */
	seen = 0;
	ring.each_tick = look;
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, FAR, SIM_NOBODY, SIM_NOBODY));
	assert_true(heal_until(&ring, heal_healthy, ECR_S(6)));
	vring_run_until(&ring, ring.now + ECR_MS(100));
	assert_int_equal(seen & ~(uint64_t)1, 0);
	vring_output(&ring, "far", "ch2", 1);
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_int_equal(shown(FAR), 2);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lost_slave_takes_nothing_of_a_later_plan),
	};

	return RUN(tests);
}
