/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/heal.h"

#define PERIOD ECR_MS(1)
#define POLL ECR_MS(1) /* of one slave: three questions at most, and their frames */

static struct vring ring;

/* Polled four times a second only. */
static const struct ecr_slave_config slaves[] = {
	{ .name = "coupler" },
	{ .name = "inputs", .process_data = ECR_ALL_TO("main") },
	{ .name = "outputs", .process_data = ECR_ALL_TO("main") },
	{ 0 },
};

static void open_ring(void)
{
	static const struct ecr_domain_config domains[] = { { .id = "main", .cycle_ns = PERIOD },
							    { 0 } };
	static struct ecr_config config;

	config = vring_default_config();
	config.slaves = slaves;
	config.domains = domains;
	vring_open(&ring, vring_default_names);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
	vring_run_until(&ring, ring.now + ECR_MS(37)); /* far from any poll */
}

static void a_lost_slave_is_named_within_two_cycles_and_a_poll(void **state)
{
	ecr_time cut;

	(void)state;
	open_ring();
	heal_say(&ring, "disconnect outputs");
	cut = ring.now;
	assert_true(heal_until(&ring, heal_outputs_down, ECR_MS(50)));
	assert_true(ring.now - cut <= 2 * PERIOD + POLL);
	ecr_sim_clear_faults(ring.sim);
	assert_true(heal_until(&ring, heal_healthy, ECR_S(6)));
	vring_close(&ring);
}

static bool outputs_in_fault(struct vring *unused)
{
	return vring_slave(unused, "outputs").fault.kind != ECR_FAULT_NONE;
}

static void a_restarted_slave_too(void **state)
{
	ecr_time cut;

	(void)state;
	open_ring();
	heal_say(&ring, "power-cycle outputs");
	cut = ring.now;
	assert_true(heal_until(&ring, outputs_in_fault, ECR_MS(50)));
	assert_true(ring.now - cut <= 2 * PERIOD + POLL);
	assert_true(heal_until(&ring, heal_healthy, ECR_S(6)));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lost_slave_is_named_within_two_cycles_and_a_poll),
		cmocka_unit_test(a_restarted_slave_too),
	};

	return RUN(tests);
}
