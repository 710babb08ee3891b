/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated clocks, as a master's datagrams see them, against the truth. */
#include "support/check.h"

#include "base/le.h"
#include "base/prng.h"
#include "dc/delay.h"
#include "sim/sim.h"
#include "wire/frame.h"

#include <stdlib.h>
#include <string.h>

#define SLAVES 200

static struct ecr_sim *sim;
static uint8_t image[1024];
static ecr_time now;

static void open_ring(const struct ecr_sim_device *devices, int count)
{
	size_t size = ecr_sim_size(devices, count);

	sim = ecr_sim_init(calloc(1, size), size, devices, count);
	assert_non_null(sim);
	now = ECR_S(1);
}

static void close_ring(void)
{
	free(sim);
}

static struct ecr_sim_device clock_device(int32_t drift_ppb, uint64_t start)
{
	struct ecr_sim_device device = { .sii = image, .emulation = true };

	device.sii_size = ecr_sim_digital_sii(image, sizeof(image), "clock", 8, 8);
	device.features = ECR_FEATURE_DC | ECR_FEATURE_DC_64;
	device.clock.drift_ppb = drift_ppb;
	device.clock.start_ns = start;
	return device;
}

/* One datagram in a frame of its own; its working counter. `data` is sent and replaced. */
static uint16_t send(uint8_t command, uint32_t address, uint16_t length, uint8_t *data)
{
	uint8_t frame[ECR_FRAME_MAX];
	struct ecr_frame_writer writer;
	struct ecr_frame_reader reader;
	struct ecr_datagram datagram = { .command = command, .address = address, .length = length };
	size_t size;

	ecr_frame_begin(&writer, frame, sizeof(frame));
	memcpy(ecr_frame_append(&writer, &datagram), data, length);
	size = ecr_frame_finish(&writer);
	if (!ecr_sim_process(sim, now, frame, size))
		return 0;
	ecr_frame_open(&reader, frame, size);
	assert_true(ecr_frame_next(&reader, &datagram));
	memcpy(data, datagram.data, length);
	return datagram.wkc;
}

static uint32_t at_slave(int slave, unsigned int reg)
{
	return (uint16_t)-slave | (uint32_t)reg << 16;
}

static uint64_t read_register(int slave, unsigned int reg, uint16_t length)
{
	uint8_t data[8] = { 0 };

	assert_int_equal(send(ECR_CMD_APRD, at_slave(slave, reg), length, data), 1);
	return ecr_le64(data);
}

static void write_register(int slave, unsigned int reg, uint16_t length, uint64_t value)
{
	uint8_t data[8];

	ecr_put_le64(data, value);
	assert_int_equal(send(ECR_CMD_APWR, at_slave(slave, reg), length, data), 1);
}

static struct ecr_sim_time truth(int slave)
{
	struct ecr_sim_time time = { 0 };

	assert_true(ecr_sim_clock(sim, now, slave, &time));
	return time;
}

static void latch_all(void)
{
	uint8_t zeros[4] = { 0 };

	send(ECR_CMD_BWR, (uint32_t)ECR_REG_DC_RECEIVE_TIMES << 16, 4, zeros);
}

static uint16_t dl_status[SLAVES];
static struct ecr_node nodes[SLAVES];
static struct ecr_tree tree;
static struct ecr_receive_times times[SLAVES];
static struct ecr_delay delays[SLAVES];

static void measure(int count)
{
	latch_all();
	for (int i = 0; i < count; i++) {
		const uint8_t *registers = ecr_sim_registers(sim, i);

		dl_status[i] = ecr_le16(registers + ECR_REG_DL_STATUS);
		times[i].valid = true;
		for (unsigned int port = 0; port < 4; port++)
			times[i].time[port] = ecr_le32(registers + ECR_REG_DC_RECEIVE_TIME(port));
	}
	assert_true(ecr_tree_build(&tree, nodes, dl_status, count));
	ecr_delays(&tree, times, delays);
}

/* Where slave `number` hangs: behind the one before it, or further up where a port is left that frames
 * visit later (0-3-1-2), so that the ring's order is that of the frame. */
static int random_parent(struct ecr_prng *prng, const struct ecr_sim_device *devices,
			 const uint8_t *used, int number)
{
	int at = number - 1;

	while (at && !ecr_prng_below(prng, 4))
		at = devices[at].parent - 1;
	return used[at] == 3 ? number - 1 : at;
}

static int random_ring(struct ecr_prng *prng, uint32_t tick)
{
	static const uint8_t order[] = { 0, 3, 1, 2 };
	static struct ecr_sim_device devices[SLAVES];
	uint8_t used[SLAVES] = { 0 };
	int count = 1 + (int)ecr_prng_below(prng, SLAVES);

	for (int i = 0; i < count; i++) {
		devices[i] = clock_device(0, ecr_prng_next(prng));
		devices[i].clock.tick_ns = tick;
		devices[i].forward_ns = 2 * ecr_prng_between(prng, 100, 800);
		devices[i].cable_ns = ecr_prng_between(prng, 0, 700);
		if (i) {
			int parent = random_parent(prng, devices, used, i);

			used[parent] = (uint8_t)(used[parent] + 1 +
						 ecr_prng_below(prng, 3u - used[parent]));
			devices[i].parent = parent + 1;
			devices[i].parent_port = order[used[parent]];
		}
	}
	open_ring(devices, count);
	return count;
}

static void delays_are_those_of_the_ring(void **state)
{
	struct ecr_prng prng = { 3 };
	int sizes = 0;

	(void)state;
	for (int round = 0; round < 60; round++) {
		bool exact = round % 2;

		int count = random_ring(&prng, exact ? 1 : 10);

		sizes = count > sizes ? count : sizes;
		measure(count);
		for (int i = 0; i < count; i++) {
			int64_t true_delay = truth(i).arrival_ns - truth(0).arrival_ns;
			int64_t error = delays[i].arrival_ns - true_delay;

			assert_true(delays[i].known);
			assert_true(exact ? error == 0 : error >= -10 * i && error <= 10 * i);
		}
		close_ring();
	}
	assert_true(sizes > 100);
}

static void time_runs_with_its_drift(void **state)
{
	struct ecr_sim_device devices[2] = { clock_device(100000, 5), clock_device(-50000, 77) };
	struct ecr_sim_time before[2];

	(void)state;
	open_ring(devices, 2);
	before[0] = truth(0);
	before[1] = truth(1);
	now += ECR_S(10);
	assert_in_range(truth(0).local_ns - before[0].local_ns - ECR_S(10), 999000, 1001000);
	assert_in_range(before[1].local_ns + (uint64_t)ECR_S(10) - truth(1).local_ns, 499000,
			501000);
	close_ring();
}

/* Offset, delay, and a reference's time every millisecond: the clocks come together. */
static void the_loop_pulls_a_clock_in(void **state)
{
	struct ecr_sim_device devices[2] = { clock_device(20000, 1000000007),
					     clock_device(-80000, 99) };
	uint8_t data[8] = { 0 };
	int64_t error = 0;

	(void)state;
	open_ring(devices, 2);
	measure(2);
	write_register(1, ECR_REG_DC_OFFSET, 8, truth(0).local_ns - truth(1).local_ns);
	write_register(1, ECR_REG_DC_DELAY, 4, (uint64_t)delays[1].arrival_ns);
	write_register(1, ECR_REG_DC_SPEED_START, 2, ECR_DC_SPEED_START_DEFAULT);
	for (int i = 0; i < 3000; i++) {
		now += ECR_MS(1);
		assert_int_equal(send(ECR_CMD_ARMW, at_slave(0, ECR_REG_DC_SYSTEM_TIME), 8, data),
				 2);
		error = (int64_t)(truth(1).system_ns - truth(0).system_ns);
		if (i > 1000)
			assert_in_range(error + 25, 0, 50);
	}
	assert_in_range(read_register(1, ECR_REG_DC_DIFFERENCE, 4) & 0x7FFFFFFF, 0, 25);
	/* 100 ppm: about 3200 of the speed counter's units */
	assert_in_range((int16_t)read_register(1, ECR_REG_DC_SPEED_DIFFERENCE, 2), 3000, 3400);
	now += ECR_MS(50); /* the master sleeps */
	error = (int64_t)(truth(1).system_ns - truth(0).system_ns);
	assert_in_range(error + 100, 0, 200);
	close_ring();
}

static void sync0_starts_when_asked_and_not_in_the_past(void **state)
{
	struct ecr_sim_device device = clock_device(0, 12345678);
	uint64_t start;

	(void)state;
	open_ring(&device, 1);
	start = truth(0).system_ns + 1000000;
	write_register(0, ECR_REG_DC_SYNC0_CYCLE, 4, 500000);
	write_register(0, ECR_REG_DC_SYNC1_CYCLE, 4, 100000);
	write_register(0, ECR_REG_DC_START_TIME, 8, start);
	write_register(0, ECR_REG_DC_ACTIVATION, 1, 7);
	now += 999000;
	assert_int_equal(truth(0).sync0_pulses, 0);
	assert_int_equal(read_register(0, ECR_REG_DC_ACTIVATION_STATUS, 1), 3);
	now += 2000;
	assert_int_equal(truth(0).sync0_pulses, 1);
	assert_int_equal(read_register(0, ECR_REG_DC_ACTIVATION_STATUS, 1), 2);
	assert_int_equal(read_register(0, ECR_REG_DC_SYNC0_STATUS, 1), 1);
	assert_int_equal(read_register(0, ECR_REG_DC_SYNC0_STATUS, 1), 0);
	now += ECR_MS(100);
	assert_int_equal(truth(0).sync0_pulses, 201);
	assert_int_equal(truth(0).sync1_pulses, 200);
	assert_int_equal((read_register(0, ECR_REG_DC_START_TIME, 8) - start) % 500000, 0);
	write_register(0, ECR_REG_DC_ACTIVATION, 1, 0);
	write_register(0, ECR_REG_DC_START_TIME, 8, truth(0).system_ns - 1000000);
	write_register(0, ECR_REG_DC_ACTIVATION, 1, 3);
	now += ECR_S(2);
	assert_int_equal(truth(0).sync0_pulses, 0);
	close_ring();
}

static void latches_keep_or_overwrite(void **state)
{
	struct ecr_sim_device device = clock_device(0, 5000);
	uint64_t first;

	(void)state;
	open_ring(&device, 1);
	write_register(0, ECR_REG_DC_LATCH0_CONTROL, 1, ECR_DC_LATCH_POSITIVE_SINGLE);
	first = truth(0).system_ns;
	ecr_sim_edge(sim, now, 0, 0, false);
	now += 500000;
	ecr_sim_edge(sim, now, 0, 0, false);
	ecr_sim_edge(sim, now, 0, 1, true);
	now += 500000;
	ecr_sim_edge(sim, now, 0, 1, true);
	assert_int_equal(read_register(0, ECR_REG_DC_LATCH0_STATUS, 2), 0x0201);
	assert_true(read_register(0, ECR_REG_DC_LATCH0_POSITIVE, 8) == first);
	assert_true(read_register(0, ECR_REG_DC_LATCH1_NEGATIVE, 8) == truth(0).system_ns);
	assert_int_equal(read_register(0, ECR_REG_DC_LATCH0_STATUS, 2), 0);
	close_ring();
}

static void a_slave_with_receive_times_only(void **state)
{
	struct ecr_sim_device devices[2] = { clock_device(0, 0), clock_device(0, 0) };
	uint8_t data[8] = { 0 };

	(void)state;
	devices[1].clock.times_only = true;
	open_ring(devices, 2);
	latch_all();
	assert_true(read_register(1, ECR_REG_DC_RECEIVE_TIME(0), 4) != 0);
	assert_int_equal(send(ECR_CMD_APRD, at_slave(1, ECR_REG_DC_SYSTEM_TIME), 8, data), 0);
	assert_int_equal(send(ECR_CMD_ARMW, at_slave(0, ECR_REG_DC_SYSTEM_TIME), 8, data), 1);
	close_ring();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delays_are_those_of_the_ring),
		cmocka_unit_test(time_runs_with_its_drift),
		cmocka_unit_test(the_loop_pulls_a_clock_in),
		cmocka_unit_test(sync0_starts_when_asked_and_not_in_the_past),
		cmocka_unit_test(latches_keep_or_overwrite),
		cmocka_unit_test(a_slave_with_receive_times_only),
	};

	return RUN(tests);
}
