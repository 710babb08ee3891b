/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/vring.h"

static struct vring ring;
static struct ecr_slave_config slaves[4];

static void open_ring(void)
{
	static struct ecr_config config;

	config = vring_default_config();
	for (int i = 0; i < 4; i++)
		slaves[i] = vring_default_slaves[i];
	slaves[2].health_poll_ms = 20;
	config.slaves = slaves;
	vring_open(&ring, vring_default_names);
	assert_true(ecr_sim_wire(ring.sim, 2, 0, 1, 0, 16));
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
}

static void ends_clean(void)
{
	assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(6)));
	vring_run_until(&ring, ring.now + ECR_S(6));
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
	assert_int_equal(vring_domain(&ring, "main").cycle_health.error, 0);
	assert_int_equal(vring_slave(&ring, "outputs").al_state, ECR_AL_OP);
	assert_int_equal(vring_slave(&ring, "outputs").fault.kind, ECR_FAULT_NONE);
	vring_output(&ring, "outputs", "ch1", 1);
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_int_equal(vring_input(&ring, "inputs", "ch1"), 1);
}

static void a_cut_line_heals(void **state)
{
	struct ecr_sim_fault cut = { .kind = ECR_SIM_DISCONNECT, .slave = 2, .frames = 30 };

	(void)state;
	open_ring();
	assert_true(ecr_sim_inject(ring.sim, ring.now, &cut));
	assert_true(vring_until_state(&ring, ECR_STATE_RECOVERING, ECR_MS(300)));
	ends_clean();
	vring_close(&ring);
}

/* Until it is proven who is missing, all inputs of the datagram age; then the missing slave's alone. */
static void the_missing_slaves_neighbours_stay_fresh(void **state)
{
	struct ecr_sim_fault cut = { .kind = ECR_SIM_DISCONNECT, .slave = 2, .frames = 120 };

	(void)state;
	open_ring();
	assert_true(ecr_sim_inject(ring.sim, ring.now, &cut));
	vring_run_until(&ring, ring.now + ECR_MS(100));
	assert_int_equal(vring_domain(&ring, "main").freshness.state, ECR_STALE);
	assert_int_equal(vring_slave(&ring, "outputs").pdo_health, ECR_PDO_STALE);
	assert_int_equal(vring_slave(&ring, "inputs").pdo_health, ECR_PDO_FRESH);
	assert_int_equal(vring_slave(&ring, "inputs").fault.kind, ECR_FAULT_NONE);
	ends_clean();
	vring_close(&ring);
}

static void a_power_cycled_slave_is_reclaimed(void **state)
{
	struct ecr_sim_fault cycle = { .kind = ECR_SIM_POWER_CYCLE, .slave = 2 };
	struct ecr_sim_state truth;

	(void)state;
	open_ring();
	assert_true(ecr_sim_inject(ring.sim, ring.now, &cycle));
	assert_true(vring_until_state(&ring, ECR_STATE_RECOVERING, ECR_MS(300)));
	ends_clean();
	ecr_sim_look(ring.sim, 2, &truth);
	assert_int_equal(truth.station, 0x1002);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cut_line_heals),
		cmocka_unit_test(the_missing_slaves_neighbours_stay_fresh),
		cmocka_unit_test(a_power_cycled_slave_is_reclaimed),
	};

	return RUN(tests);
}
