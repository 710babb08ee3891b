/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/tworing.h"

static struct vring ring;

static void prepare(void)
{
	vring_open(&ring, vring_default_names);
	assert_true(ecr_sim_wire(ring.sim, 2, 0, 1, 0, 16));
}

static void start(struct ecr_config *config)
{
	assert_int_equal(vring_start(&ring, config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
}

static void assert_everybody_operates(void)
{
	struct ecr_slave_summary slaves[3];
	struct ecr_request list = { .kind = ECR_REQUEST_SLAVES, .out = slaves, .room = 3 };
	struct ecr_domain_info info = vring_domain(&ring, "main");

	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
	assert_int_equal(vring_request(&ring, &list), 3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(slaves[i].station, 0x1000 + i);
		assert_int_equal(slaves[i].al_state, ECR_AL_OP);
		assert_int_equal(slaves[i].fault.kind, ECR_FAULT_NONE);
	}
	assert_int_equal(info.cycle_health.error, 0);
	assert_int_equal(info.expected_wkc, 3);
	assert_int_equal(info.actual_wkc, 3);
	assert_int_equal(info.freshness.state, ECR_FRESH);
}

static void assert_both_wires_work(void)
{
	uint64_t raw;

	heal_loopback(&ring);
	vring_output(&ring, "outputs", "ch1", 1);
	vring_output(&ring, "outputs", "ch16", 1);
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_int_equal(vring_input(&ring, "inputs", "ch1"), 1);
	assert_int_equal(vring_input(&ring, "inputs", "ch2"), 0);
	assert_int_equal(vring_input(&ring, "inputs", "ch16"), 1);
	assert_true(ecr_sim_get_output(ring.sim, 2, 0, 1, &raw));
	assert_int_equal(raw, 1);
	assert_true(ecr_sim_get_output(ring.sim, 2, 15, 1, &raw));
	assert_int_equal(raw, 1);
}

static void one_port(void **state)
{
	struct ecr_config config = vring_default_config();

	(void)state;
	prepare();
	start(&config);
	assert_everybody_operates();
	assert_both_wires_work();
	assert_false(tworing_info(&ring).redundant);
	vring_close(&ring);
}

static void open_with_two_ports(void)
{
	static struct ecr_config config;

	config = vring_default_config();
	prepare();
	ring.two_ports = true;
	assert_true(ecr_sim_close_ring(ring.sim, 2, -1));
	config.backup_interface = "the simulator's second port";
	config.frame_timeout_ms = 100;
	start(&config);
	assert_true(tworing_info(&ring).redundant);
}

/* Behind the second slave, and mended. */
static void two_ports_and_a_break(void **state)
{
	struct ecr_redundancy_info info;

	(void)state;
	open_with_two_ports();
	assert_false(tworing_info(&ring).split);
	assert_both_wires_work();
	heal_say(&ring, "break inputs port 1");
	vring_run_until(&ring, ring.now + ECR_MS(500));
	info = tworing_info(&ring);
	assert_true(info.split);
	assert_int_equal(info.reach[0], 2);
	assert_int_equal(info.reach[1], 1);
	assert_int_equal(info.ends[0], 1);
	assert_int_equal(info.ends[1], 2);
	assert_everybody_operates();
	assert_both_wires_work();
	ecr_sim_clear_faults(ring.sim);
	vring_run_until(&ring, ring.now + ECR_MS(500));
	assert_false(tworing_info(&ring).split);
	assert_everybody_operates();
	assert_both_wires_work();
	vring_close(&ring);
}

static void stopping_leaves_every_slave_in_init(void **state)
{
	struct ecr_config config = vring_default_config();
	struct ecr_sim_state truth;

	(void)state;
	prepare();
	start(&config);
	assert_int_equal(vring_stop(&ring), 0);
	for (int i = 0; i < 3; i++) {
		ecr_sim_look(ring.sim, i, &truth);
		assert_int_equal(truth.al_status, ECR_AL_INIT);
	}
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_port),
		cmocka_unit_test(two_ports_and_a_break),
		cmocka_unit_test(stopping_leaves_every_slave_in_init),
	};

	return RUN(tests);
}
