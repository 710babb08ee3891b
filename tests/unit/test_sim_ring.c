/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated ring's cables: order of processing, loops, branches, breaks, two ports of the
 * master. What is right stands in ETG.1000.4, 5.1 and 6.2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/simring.h"

/* Marks every slave with its index and reads in which order a frame meets them. */
static void assert_order(struct simring *ring, const int *order, int count)
{
	for (int i = 0; i < ecr_sim_count(ring->sim); i++)
		ecr_sim_registers(ring->sim, i)[ECR_REG_PHYSICAL_OFFSET] = (uint8_t)i;
	for (int i = 0; i < count; i++)
		assert_int_equal(simring_read16(ring, i, ECR_REG_PHYSICAL_OFFSET), order[i]);
	assert_int_equal(simring_read16(ring, count, ECR_REG_PHYSICAL_OFFSET), 0xFFFF);
}

static void a_line_is_met_in_order(void **state)
{
	struct ecr_sim_device devices[3] = { 0 };
	struct simring ring;
	uint8_t data[2] = { 0 };

	(void)state;
	simring_open(&ring, devices, 3);
	assert_order(&ring, (int[]){ 0, 1, 2 }, 3);
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, ecr_address_all(ECR_REG_TYPE), data, 1),
			 3);
	assert_int_equal(ring.address & 0xFFFF, 3); /* each slave adds one */
	/* Links at ports 0 and 1, the rest closed; the last one has port 0 only. */
	assert_int_equal(simring_read16(&ring, 0, ECR_REG_DL_STATUS), 0x5A31);
	assert_int_equal(simring_read16(&ring, 2, ECR_REG_DL_STATUS), 0x5611);
	simring_close(&ring);
}

/* A junction with branches at ports 3, 1 and 2: a frame goes 3, then 1, then 2. */
static void branches_are_met_in_the_order_of_the_ports(void **state)
{
	struct ecr_sim_device devices[7] = {
		[2] = { .parent = 1, .parent_port = 1 },
		[1] = { .parent = 1, .parent_port = 2 },
		[3] = { .parent = 1, .parent_port = 3 },
		[4] = { .parent = 2 },
		[5] = { .parent = 3 },
		[6] = { .parent = 6 },
	};
	struct simring ring;

	(void)state;
	simring_open(&ring, devices, 7);
	assert_order(&ring, (int[]){ 0, 3, 2, 5, 6, 1, 4 }, 7);
	simring_close(&ring);
}

static void a_swapped_slave_acts_on_the_way_back(void **state)
{
	struct ecr_sim_device devices[3] = { [1] = { .entry_port = 1 } };
	struct simring ring;

	(void)state;
	simring_open(&ring, devices, 3);
	assert_order(&ring, (int[]){ 0, 2, 1 }, 3);
	simring_close(&ring);
}

static void an_unplugged_slave_cuts_what_is_behind_it(void **state)
{
	struct ecr_sim_device devices[4] = { 0 };
	struct ecr_sim_fault fault = { .kind = ECR_SIM_DISCONNECT, .slave = 2, .frames = 2 };
	struct simring ring;
	uint8_t data[1];
	uint8_t zero[ECR_REG_LOST_LINK_SIZE] = { 0 };

	(void)state;
	simring_open(&ring, devices, 4);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &fault));
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1), 2);
	assert_int_equal(simring_read16(&ring, 1, ECR_REG_DL_STATUS), 0x5611);
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1), 4);
	/* The neighbour's port 1 has lost its link once; anything written clears. */
	assert_int_equal(simring_read16(&ring, 1, ECR_REG_LOST_LINK), 0x0100);
	simring_write(&ring, 1, ECR_REG_LOST_LINK, zero, sizeof(zero));
	assert_int_equal(simring_read16(&ring, 1, ECR_REG_LOST_LINK), 0);
	simring_close(&ring);
}

static void a_closed_ring_passes_from_port_to_port(void **state)
{
	struct ecr_sim_device devices[3] = { 0 };
	struct simring ring;
	uint8_t data[1];

	(void)state;
	simring_open(&ring, devices, 3);
	assert_true(ecr_sim_close_ring(ring.sim, 2, -1));
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1), 3);
	assert_int_equal(ring.exit, 1);
	/* The other way round nobody acts. */
	assert_int_equal(simring_ask(&ring, 1, ECR_CMD_BRD, 0, data, 1), 0);
	assert_int_equal(ring.exit, 0);
	simring_close(&ring);
}

static void a_broken_ring_is_two_lines(void **state)
{
	struct ecr_sim_device devices[4] = { 0 };
	struct ecr_sim_fault fault = { .kind = ECR_SIM_BREAK, .slave = 0, .value = 1 };
	struct simring ring;
	uint8_t data[1];

	(void)state;
	simring_open(&ring, devices, 4);
	assert_true(ecr_sim_close_ring(ring.sim, 3, 1));
	assert_true(ecr_sim_inject(ring.sim, ring.now, &fault));
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1), 1);
	assert_int_equal(ring.exit, 0);
	assert_int_equal(simring_ask(&ring, 1, ECR_CMD_BRD, 0, data, 1), 3);
	assert_int_equal(ring.exit, 1);
	ecr_sim_clear_faults(ring.sim);
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1), 4);
	ecr_sim_plug(ring.sim, ring.now, 1, false);
	assert_false(ecr_sim_link(ring.sim, 1));
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1), 4);
	assert_int_equal(ring.exit, 0);
	simring_close(&ring);
}

static uint16_t counted(struct simring *ring)
{
	uint8_t data[1];

	return simring_ask(ring, 0, ECR_CMD_BRD, 0, data, 1);
}

/* b is away at first: c hangs on a. Plugged in, b is a branch of a, since its line port is taken. */
static void a_slave_is_plugged_in_and_pulled_out(void **state)
{
	struct ecr_sim_device devices[4] = { { .name = "a" },
					     { .name = "b", .absent = true, .alias = 7 },
					     { .name = "c" },
					     { .name = "d" } };
	struct simring ring;

	(void)state;
	simring_open(&ring, devices, 4);
	assert_int_equal(counted(&ring), 3);
	assert_int_equal(ecr_sim_position(ring.sim, 1), -1);
	assert_false(ecr_sim_unplug(ring.sim, ring.now, 1));
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, 1, -1, -1));
	assert_false(ecr_sim_plug_in(ring.sim, ring.now, 1, 3, -1));
	assert_int_equal(counted(&ring), 4);
	assert_int_equal(ecr_sim_position(ring.sim, 1), 1);
	assert_int_equal(simring_read16(&ring, 1, ECR_REG_ALIAS), 7);
	/* What hangs on a slave goes with it, and comes back where it was. */
	assert_true(ecr_sim_unplug(ring.sim, ring.now, 2));
	assert_int_equal(counted(&ring), 2);
	assert_true(ecr_sim_unplug(ring.sim, ring.now, 1));
	assert_false(ecr_sim_plug_in(ring.sim, ring.now, 2, 3, -1));
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, 2, -1, -1));
	assert_int_equal(counted(&ring), 3);
	/* Into another slave: behind the end of the line. */
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, 1, 3, -1));
	assert_int_equal(ecr_sim_position(ring.sim, 1), 3);
	assert_false(ecr_sim_unplug(ring.sim, ring.now, 0));
	simring_close(&ring);
}

/* Until both ends have noticed, frames disappear into the cut cable. */
static void loops_take_their_time(void **state)
{
	struct ecr_sim_device devices[3] = { { .loop_close_ns = 100000 },
					     { .loop_close_ns = 100000, .loop_open_ns = 300000 } };
	struct ecr_sim_fault fault = {
		.kind = ECR_SIM_BREAK, .slave = 1, .value = 1, .lasts = ECR_MS(1)
	};
	struct simring ring;
	uint8_t data[1];

	(void)state;
	simring_open(&ring, devices, 3);
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1), 3);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &fault));
	simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1);
	assert_int_equal(ring.exit, -1);
	ring.now += 100000;
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1), 2);
	ring.now += ECR_MS(1);
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1), 2);
	ring.now += 300000;
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1), 3);
	simring_close(&ring);
}

/* The master closes a port by register 0x0101. */
static void a_port_can_be_closed_by_the_master(void **state)
{
	struct ecr_sim_device devices[3] = { 0 };
	struct simring ring;
	uint8_t data[1];

	(void)state;
	simring_open(&ring, devices, 3);
	simring_write8(&ring, 1, ECR_REG_DL_PORTS, ECR_LOOP_CLOSED << ECR_LOOP_SHIFT(1));
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1), 2);
	simring_write8(&ring, 1, ECR_REG_DL_PORTS, 0);
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1), 3);
	simring_close(&ring);
}

static void power_comes_back_with_everything_forgotten(void **state)
{
	struct ecr_sim_device devices[2] = { 0 };
	struct ecr_sim_fault fault = { .kind = ECR_SIM_POWER_OFF, .slave = 1, .lasts = ECR_MS(2) };
	struct simring ring;
	uint8_t station[2] = { 0x34, 0x12 };
	uint8_t data[1];

	(void)state;
	simring_open(&ring, devices, 2);
	assert_int_equal(simring_write(&ring, 1, ECR_REG_STATION, station, 2), 1);
	assert_int_equal(
		simring_ask(&ring, 0, ECR_CMD_FPRD, ecr_address_station(0x1234, 0), data, 1), 1);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &fault));
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1), 1);
	ring.now += ECR_MS(2);
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1), 2);
	assert_int_equal(
		simring_ask(&ring, 0, ECR_CMD_FPRD, ecr_address_station(0x1234, 0), data, 1), 0);
	simring_close(&ring);
}

/* Slaves before a damaged link have acted; the first behind counts a bad frame, the next a forwarded
 * error; the network card drops the frame. */
static void a_damaged_frame_is_not_acted_on_behind_the_damage(void **state)
{
	struct ecr_sim_device devices[3] = { 0 };
	struct ecr_sim_fault fault = { .kind = ECR_SIM_CORRUPT, .slave = 1, .frames = 1 };
	struct simring ring;
	uint8_t value = 0x55;

	(void)state;
	simring_open(&ring, devices, 3);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &fault));
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BWR, ecr_address_all(0x1000), &value, 1), 0);
	assert_int_equal(ring.exit, -1);
	assert_int_equal(ecr_sim_registers(ring.sim, 0)[0x1000], 0x55);
	assert_int_equal(ecr_sim_registers(ring.sim, 1)[0x1000], 0);
	assert_int_equal(ecr_sim_registers(ring.sim, 1)[ECR_REG_RX_INVALID(0)], 1);
	assert_int_equal(ecr_sim_registers(ring.sim, 2)[ECR_REG_FORWARDED_ERRORS], 1);
	simring_close(&ring);
}

/* On the way back everybody has acted already: only the port that sees it counts. */
static void damage_is_counted_at_the_port_where_it_arrives(void **state)
{
	struct ecr_sim_device devices[3] = { 0 };
	struct ecr_sim_fault fault = {
		.kind = ECR_SIM_CORRUPT, .slave = 1, .value = 1, .frames = 2
	};
	struct simring ring;
	uint8_t value = 0x55;

	(void)state;
	simring_open(&ring, devices, 3);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &fault));
	simring_ask(&ring, 0, ECR_CMD_BWR, ecr_address_all(0x1000), &value, 1);
	assert_int_equal(ring.exit, -1);
	simring_ask(&ring, 0, ECR_CMD_BWR, ecr_address_all(0x1000), &value, 1);
	for (int i = 0; i < 3; i++)
		assert_int_equal(ecr_sim_registers(ring.sim, i)[0x1000], 0x55);
	assert_int_equal(simring_read16(&ring, 1, ECR_REG_RX_INVALID(1)), 2);
	assert_int_equal(simring_read16(&ring, 1, ECR_REG_RX_INVALID(0)), 0);
	assert_int_equal(simring_read16(&ring, 2, ECR_REG_RX_INVALID(0)), 0);
	assert_int_equal(simring_read16(&ring, 0, ECR_REG_FORWARDED_ERRORS), 0x0200);
	/* Writing to one of the group clears all of it. */
	simring_write8(&ring, 1, ECR_REG_RX_ERRORS, 1);
	assert_int_equal(simring_read16(&ring, 1, ECR_REG_RX_INVALID(1)), 0);
	fault.value = 4;
	assert_false(ecr_sim_inject(ring.sim, ring.now, &fault));
	simring_close(&ring);
}

/* Port 0 with a loop that closed by itself marks what passes, and takes off what is marked. */
static void no_frame_goes_round_for_ever(void **state)
{
	struct ecr_sim_device devices[3] = { 0 };
	struct ecr_sim_fault fault = { .kind = ECR_SIM_BREAK, .slave = 1 };
	struct simring ring;
	uint8_t fresh[] = { 0x0E, 0x10, ECR_CMD_BRD, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0 };
	uint8_t marked[] = { 0x0E, 0x10, ECR_CMD_BRD, 1, 0, 0, 0, 0, 2, 0x40, 0, 0, 0, 0, 0, 0 };

	(void)state;
	simring_open(&ring, devices, 3);
	assert_true(ecr_sim_close_ring(ring.sim, 2, 1));
	assert_true(ecr_sim_inject(ring.sim, ring.now, &fault));
	ecr_sim_tick(ring.sim, ring.now);
	assert_int_equal(ecr_sim_pass(ring.sim, ring.now, 0, fresh, sizeof(fresh)), 0);
	assert_int_equal(fresh[9] & 0x40, 0);
	assert_int_equal(ecr_sim_pass(ring.sim, ring.now, 1, fresh, sizeof(fresh)), 1);
	assert_int_equal(fresh[9] & 0x40, 0x40);
	assert_int_equal(ecr_sim_pass(ring.sim, ring.now, 1, marked, sizeof(marked)), -1);
	assert_int_equal(marked[14], 0); /* nobody has acted on it */
	simring_close(&ring);
}

/* "Auto close" opens only when it is written again; "open" loses frames without a link. */
static void loops_are_as_the_master_sets_them(void **state)
{
	struct ecr_sim_device devices[3] = { 0 };
	struct ecr_sim_fault fault = { .kind = ECR_SIM_BREAK, .slave = 0, .value = 1, .frames = 1 };
	uint8_t hold = ECR_LOOP_AUTO_CLOSE << ECR_LOOP_SHIFT(1);
	struct simring ring;
	uint8_t data[1];

	(void)state;
	simring_open(&ring, devices, 3);
	simring_write8(&ring, 0, ECR_REG_DL_PORTS, hold);
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1), 3);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &fault));
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1), 1);
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1), 1);
	assert_int_equal(simring_read16(&ring, 0, ECR_REG_DL_STATUS) & 0x0C20, 0x0420);
	simring_write8(&ring, 0, ECR_REG_DL_PORTS, hold);
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1), 3);
	simring_write8(&ring, 0, ECR_REG_DL_PORTS, ECR_LOOP_OPEN << ECR_LOOP_SHIFT(1));
	assert_true(ecr_sim_inject(ring.sim, ring.now, &fault));
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1), 0);
	assert_int_equal(ring.exit, -1);
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1), 3);
	simring_close(&ring);
}

/* Each end of a cable has its own delays: one sends already while the other does not listen. */
static void an_end_that_opens_late_loses_what_is_sent_to_it(void **state)
{
	struct ecr_sim_device devices[3] = { 0 };
	struct ecr_sim_fault fault = { .kind = ECR_SIM_BREAK, .slave = 1, .value = 1, .frames = 1 };
	struct simring ring;
	uint8_t data[1];

	(void)state;
	simring_open(&ring, devices, 3);
	assert_true(ecr_sim_loop_delay(ring.sim, 2, 0, 0, ECR_MS(1)));
	assert_false(ecr_sim_loop_delay(ring.sim, 3, 0, 0, 0));
	assert_int_equal(ecr_sim_position(ring.sim, 2), 2);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &fault));
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1), 2);
	simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1);
	assert_int_equal(ring.exit, -1);
	assert_int_equal(ecr_sim_position(ring.sim, 2), -1);
	ring.now += ECR_MS(1);
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1), 3);
	simring_close(&ring);
}

static void ports_are_described(void **state)
{
	struct ecr_sim_device devices[3] = { [2] = { .parent = 1, .parent_port = 3 } };
	struct simring ring;
	uint8_t kinds;

	(void)state;
	simring_open(&ring, devices, 3);
	assert_int_equal(simring_read(&ring, 0, ECR_REG_PORT_DESCRIPTOR, &kinds, 1), 1);
	assert_int_equal(kinds, 0x8A); /* E-bus at 0, 1 and 3 */
	assert_int_equal(simring_read(&ring, 1, ECR_REG_PORT_DESCRIPTOR, &kinds, 1), 1);
	assert_int_equal(kinds, 0x0A);
	simring_close(&ring);
}

static void milestones_count_good_polls_of_one_slave(void **state)
{
	struct ecr_sim_device devices[2] = { { .emulation = true }, { .emulation = true } };
	struct ecr_sim_fault fault = {
		.kind = ECR_SIM_DROP, .frames = 1, .after_polls = 2, .poll_slave = 1
	};
	struct simring ring;
	uint8_t station[2] = { 7, 0 };
	uint8_t data[2];
	uint32_t al = ecr_address_station(7, ECR_REG_AL_STATUS);

	(void)state;
	simring_open(&ring, devices, 2);
	simring_write(&ring, 1, ECR_REG_STATION, station, 2);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &fault));
	simring_ask(&ring, 0, ECR_CMD_FPRD, al, data, 2); /* not in OP: does not count */
	simring_write8(&ring, 1, ECR_REG_AL_CONTROL, ECR_AL_OP);
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_FPRD, al, data, 2), 1);
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_FPRD, al, data, 2), 1);
	simring_ask(&ring, 0, ECR_CMD_FPRD, al, data, 2);
	assert_int_equal(ring.exit, -1);
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_FPRD, al, data, 2), 1);
	simring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_met_in_order),
		cmocka_unit_test(branches_are_met_in_the_order_of_the_ports),
		cmocka_unit_test(a_swapped_slave_acts_on_the_way_back),
		cmocka_unit_test(an_unplugged_slave_cuts_what_is_behind_it),
		cmocka_unit_test(a_closed_ring_passes_from_port_to_port),
		cmocka_unit_test(a_broken_ring_is_two_lines),
		cmocka_unit_test(a_slave_is_plugged_in_and_pulled_out),
		cmocka_unit_test(loops_take_their_time),
		cmocka_unit_test(a_port_can_be_closed_by_the_master),
		cmocka_unit_test(power_comes_back_with_everything_forgotten),
		cmocka_unit_test(a_damaged_frame_is_not_acted_on_behind_the_damage),
		cmocka_unit_test(damage_is_counted_at_the_port_where_it_arrives),
		cmocka_unit_test(no_frame_goes_round_for_ever),
		cmocka_unit_test(loops_are_as_the_master_sets_them),
		cmocka_unit_test(an_end_that_opens_late_loses_what_is_sent_to_it),
		cmocka_unit_test(ports_are_described),
		cmocka_unit_test(milestones_count_good_polls_of_one_slave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
