/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/heal.h"

static struct vring ring;

static const struct ecr_slave_config slaves[] = {
	{ .name = "coupler" },
	{ .name = "inputs", .process_data = ECR_ALL_TO("main") },
	{ .name = "outputs", .process_data = ECR_ALL_TO("main"), .health_poll_ms = 20 },
	{ 0 },
};

static struct ecr_freshness of_inputs(void)
{
	return vring_slave(&ring, "inputs").pdo_domains[0].freshness;
}

static bool inputs_stale(struct vring *unused)
{
	(void)unused;
	return of_inputs().state == ECR_STALE;
}

static void a_cut_line_heals(void **state)
{
	(void)state;
	heal_open(&ring);
	heal_say(&ring, "disconnect outputs for 30 frames");
	assert_true(heal_until(&ring, heal_recovering, ECR_MS(300)));
	heal_ends_clean(&ring, ECR_S(4));
	vring_close(&ring);
}

/* Until it is proven who is missing, all inputs of the datagram age; then the missing slave's alone. */
static void the_missing_slaves_neighbours_stay_fresh(void **state)
{
	(void)state;
	heal_open(&ring);
	heal_loopback(&ring);
	heal_say(&ring, "disconnect outputs for 120 frames");
	vring_run_until(&ring, ring.now + ECR_MS(100));
	assert_int_equal(vring_domain(&ring, "main").freshness.state, ECR_STALE);
	assert_int_equal(vring_slave(&ring, "outputs").pdo_health, ECR_PDO_STALE);
	assert_int_equal(vring_slave(&ring, "inputs").pdo_health, ECR_PDO_FRESH);
	assert_int_equal(vring_slave(&ring, "inputs").fault.kind, ECR_FAULT_NONE);
	heal_ends_clean(&ring, ECR_S(6));
	vring_close(&ring);
}

static void asked_for_all_or_nothing_the_whole_domain_is_stale(void **state)
{
	static struct ecr_config config;
	static struct ecr_domain_config domains[2];
	int64_t last;

	(void)state;
	domains[0] = vring_default_domains[0];
	domains[0].all_or_nothing = true;
	config = vring_default_config();
	config.domains = domains;
	config.slaves = slaves;
	vring_open(&ring, vring_default_names);
	assert_true(ecr_sim_wire(ring.sim, 2, 0, 1, 0, 16));
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_MS(2500)), 0);
	heal_loopback(&ring);
	last = of_inputs().refreshed_at_us;
	heal_say(&ring, "disconnect outputs for 120 frames");
	assert_true(heal_until(&ring, inputs_stale, ECR_MS(1600)));
	assert_true(of_inputs().age_us > of_inputs().stale_after_us);
	assert_in_range(of_inputs().refreshed_at_us, last, last + 10000);
	assert_int_equal(vring_slave(&ring, "inputs").fault.kind, ECR_FAULT_NONE);
	assert_true(heal_stays(&ring, inputs_stale, ECR_MS(100)));
	heal_ends_clean(&ring, ECR_S(6));
	vring_close(&ring);
}

static void a_power_cycled_slave_is_reclaimed(void **state)
{
	struct ecr_sim_state truth;

	(void)state;
	heal_open(&ring);
	heal_say(&ring, "power-cycle outputs");
	assert_true(heal_until(&ring, heal_recovering, ECR_MS(300)));
	heal_ends_clean(&ring, ECR_S(6));
	ecr_sim_look(ring.sim, 2, &truth);
	assert_int_equal(truth.station, 0x1002);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cut_line_heals),
		cmocka_unit_test(the_missing_slaves_neighbours_stay_fresh),
		cmocka_unit_test(asked_for_all_or_nothing_the_whole_domain_is_stale),
		cmocka_unit_test(a_power_cycled_slave_is_reclaimed),
	};

	return RUN(tests);
}
