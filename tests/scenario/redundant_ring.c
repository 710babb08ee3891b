/* SPDX-License-Identifier: Apache-2.0 */
/* A line whose end comes back to a second port of the master. */
#include "support/check.h"
#include "support/heal.h"

#define SLAVES 6
#define PERIOD ECR_MS(1)
#define LOOP ECR_US(200) /* until a port has closed its loop, or opened it */

static struct vring ring;
static uint8_t image[1024];
static struct ecr_sim_device devices[SLAVES];
static struct ecr_slave_config slaves[SLAVES + 1];
static char names[SLAVES][8];

static void open_ring(uint32_t loop_ns)
{
	static const struct ecr_domain_config domains[] = { { .id = "main", .cycle_ns = PERIOD },
							    { 0 } };
	static struct ecr_config config;
	size_t size = ecr_sim_digital_sii(image, sizeof(image), "digital", 8, 8);

	for (int i = 0; i < SLAVES; i++) {
		names[i][0] = (char)('a' + i);
		devices[i] = (struct ecr_sim_device){ .name = names[i],
						      .sii = image,
						      .sii_size = size,
						      .loop_close_ns = loop_ns,
						      .loop_open_ns = loop_ns };
		slaves[i] = (struct ecr_slave_config){ .name = names[i],
						       .process_data = ECR_ALL_TO("main") };
	}
	config = vring_default_config();
	config.domains = domains;
	config.slaves = slaves;
	config.backup_interface = "the simulator's second port";
	vring_open_devices(&ring, devices, SLAVES);
	ring.two_ports = true;
	assert_true(ecr_sim_close_ring(ring.sim, SLAVES - 1, -1));
	for (int i = 0; i < SLAVES; i++)
		assert_true(ecr_sim_wire(ring.sim, i, 0, i, 0, 8));
	assert_int_equal(vring_start(&ring, &config), 0);
}

static void come_up(void)
{
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	vring_run_until(&ring, ring.now + ECR_MS(20));
}

static struct ecr_redundancy_info redundancy(void)
{
	struct ecr_bus_info info;
	struct ecr_request request = { .kind = ECR_REQUEST_BUS_INFO, .out = &info };

	assert_int_equal(vring_request(&ring, &request), 0);
	return info.redundancy;
}

/* Every slave takes what is written and shows it at its inputs. */
static void assert_loopback(void)
{
	static unsigned int round;

	round++;
	for (int i = 0; i < SLAVES; i++)
		vring_output(&ring, names[i], "out1", (round + (unsigned int)i) & 1);
	vring_run_until(&ring, ring.now + 4 * PERIOD);
	for (int i = 0; i < SLAVES; i++)
		assert_int_equal(vring_input(&ring, names[i], "in1"),
				 (round + (unsigned int)i) & 1);
}

static uint64_t missed(void)
{
	return vring_domain(&ring, "main").total_miss_count;
}

static void assert_sound(void)
{
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
	assert_int_equal(vring_domain(&ring, "main").cycle_health.error, 0);
	for (int i = 0; i < SLAVES; i++) {
		assert_int_equal(vring_slave(&ring, names[i]).al_state, ECR_AL_OP);
		assert_int_equal(vring_slave(&ring, names[i]).fault.kind, ECR_FAULT_NONE);
	}
	assert_loopback();
}

static void a_sound_ring_works_as_a_line_does(void **state)
{
	struct ecr_redundancy_info info;

	(void)state;
	open_ring(0);
	come_up();
	assert_sound();
	info = redundancy();
	assert_true(info.redundant && info.port_up[0] && info.port_up[1]);
	assert_false(info.split);
	assert_int_equal(missed(), 0);
	vring_close(&ring);
}

/* Whatever is published while outputs stay as they are is what the slaves have. */
static void check_inputs(struct vring *unused)
{
	for (int i = 0; i < SLAVES; i++)
		for (int k = 0; k < 8; k++) {
			char name[] = "in1";

			name[2] = (char)('1' + k);
			if (vring_input(unused, names[i], name) != ((unsigned int)(i + k) & 1))
				fail_msg("input %s of %s is wrong", name, names[i]);
		}
}

static void hold_outputs(void)
{
	for (int i = 0; i < SLAVES; i++)
		for (int k = 0; k < 8; k++) {
			char name[] = "out1";

			name[3] = (char)('1' + k);
			vring_output(&ring, names[i], name, (unsigned int)(i + k) & 1);
		}
	vring_run_until(&ring, ring.now + 4 * PERIOD);
	ring.each_tick = check_inputs;
}

static void cut_behind(int slave)
{
	struct ecr_sim_fault fault = { .kind = ECR_SIM_BREAK, .slave = slave, .value = 1 };

	assert_true(ecr_sim_inject(ring.sim, ring.now, &fault));
}

/* A break costs the cycles that are under way while loops close, and no more; healing neither. */
static void a_break_anywhere_costs_hardly_a_cycle(void **state)
{
	(void)state;
	for (int at = 0; at < SLAVES - 1; at++) {
		uint64_t before;

		open_ring(LOOP);
		come_up();
		before = missed();
		hold_outputs();
		cut_behind(at);
		vring_run_until(&ring, ring.now + ECR_MS(50));
		ring.each_tick = NULL;
		assert_true(missed() - before <= LOOP / PERIOD + 2);
		assert_true(redundancy().split);
		assert_true(heal_saw(&ring, ECR_EVENT_BUS_TOPOLOGY, -1, true));
		assert_int_equal(redundancy().reach[0], at + 1);
		assert_int_equal(redundancy().reach[1], SLAVES - at - 1);
		assert_sound();
		before = missed();
		hold_outputs();
		ecr_sim_clear_faults(ring.sim);
		vring_run_until(&ring, ring.now + ECR_MS(50));
		ring.each_tick = NULL;
		assert_true(missed() - before <= LOOP / PERIOD + 2);
		assert_false(redundancy().split);
		assert_sound();
		assert_int_equal(ring.counts[ECR_EVENT_SLAVE_DOWN], 0);
		vring_close(&ring);
	}
}

static void either_port_of_the_master_may_be_unplugged(void **state)
{
	(void)state;
	for (unsigned int port = 0; port < 2; port++) {
		uint64_t before;

		open_ring(LOOP);
		come_up();
		before = missed();
		ecr_sim_plug(ring.sim, ring.now, port, false);
		vring_run_until(&ring, ring.now + ECR_MS(50));
		assert_true(missed() - before <= LOOP / PERIOD + 2);
		assert_false(redundancy().port_up[port]);
		assert_sound();
		ecr_sim_plug(ring.sim, ring.now, port, true);
		vring_run_until(&ring, ring.now + ECR_MS(50));
		assert_true(redundancy().port_up[port]);
		assert_false(redundancy().split);
		assert_sound();
		assert_int_equal(ring.counts[ECR_EVENT_SLAVE_DOWN], 0);
		vring_close(&ring);
	}
}

/* The ring is broken before anything begins: slaves of both parts are found in their order. */
static void a_broken_ring_comes_up(void **state)
{
	(void)state;
	for (int at = 0; at < SLAVES - 1; at++) {
		open_ring(0);
		cut_behind(at);
		come_up();
		assert_sound();
		for (int i = 0; i < SLAVES; i++)
			assert_int_equal(vring_slave(&ring, names[i]).station, 0x1000 + i);
		vring_close(&ring);
	}
}

/* A slave of the part behind the break restarts: it is found again by its position there. */
static void a_slave_behind_the_break_restarts(void **state)
{
	(void)state;
	open_ring(LOOP);
	come_up();
	cut_behind(1);
	vring_run_until(&ring, ring.now + ECR_MS(50));
	heal_say(&ring, "power-cycle e");
	assert_true(heal_until(&ring, heal_recovering, ECR_MS(500)));
	assert_true(heal_until(&ring, heal_healthy, ECR_S(6)));
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_sound();
	vring_close(&ring);
}

static void a_slave_without_power_splits_the_ring_around_it(void **state)
{
	(void)state;
	open_ring(LOOP);
	come_up();
	heal_say(&ring, "power-off c for 1s");
	vring_run_until(&ring, ring.now + ECR_MS(100));
	assert_true(redundancy().split);
	assert_int_equal(vring_slave(&ring, "c").fault.kind, ECR_FAULT_DOWN);
	assert_int_equal(vring_slave(&ring, "b").al_state, ECR_AL_OP);
	assert_int_equal(vring_slave(&ring, "d").al_state, ECR_AL_OP);
	assert_true(heal_until(&ring, heal_healthy, ECR_S(8)));
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_sound();
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_ring_works_as_a_line_does),
		cmocka_unit_test(a_break_anywhere_costs_hardly_a_cycle),
		cmocka_unit_test(either_port_of_the_master_may_be_unplugged),
		cmocka_unit_test(a_broken_ring_comes_up),
		cmocka_unit_test(a_slave_behind_the_break_restarts),
		cmocka_unit_test(a_slave_without_power_splits_the_ring_around_it),
	};

	return RUN(tests);
}
