/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulated ring's own speed: frames through a thousand digital slaves.
 */
#define _POSIX_C_SOURCE 200809L
#include "bench/common/bench.h"
#include "wire/esc.h"
#include "wire/frame.h"
#include "wire/registers.h"

#include <ecring/ecring.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SLAVES 1000
#define ROUNDS 500
#define REPEATS 15
#define OUTPUTS 0x1000
#define INPUTS 0x1800

static struct ecr_sim *sim;
static ecr_time now = ECR_S(1);

static uint16_t ask(uint8_t command, uint32_t address, const void *data, uint16_t length)
{
	struct ecr_datagram datagram = { .command = command, .address = address, .length = length };
	struct ecr_frame_writer writer;
	struct ecr_frame_reader reader;
	uint8_t bytes[ECR_DATAGRAM_DATA_MAX] = { 0 };
	uint8_t frame[ECR_FRAME_MAX];
	size_t size;

	if (data)
		memcpy(bytes, data, length);
	datagram.data = bytes;
	ecr_frame_begin(&writer, frame, sizeof(frame));
	ecr_frame_append(&writer, &datagram);
	size = ecr_frame_finish(&writer);
	now += ECR_US(100);
	ecr_sim_pass(sim, now, 0, frame, size);
	ecr_frame_open(&reader, frame, size);
	ecr_frame_next(&reader, &datagram);
	return datagram.wkc;
}

static void write_register(int slave, uint16_t offset, const void *data, uint16_t length)
{
	ask(ECR_CMD_APWR, ecr_address_position((uint16_t)slave, offset), data, length);
}

static void set_sm(int slave, unsigned int number, uint16_t start, uint8_t control)
{
	struct ecr_sm sm = {
		.start = start, .length = 1, .control = control, .activate = ECR_SM_ACTIVATE_ENABLE
	};
	uint8_t bytes[ECR_SM_SIZE];

	ecr_sm_encode(bytes, &sm);
	write_register(slave, (uint16_t)ECR_REG_SM(number), bytes, sizeof(bytes));
}

/* Outputs and inputs of a slave share one logical byte. */
static void map(int slave)
{
	struct ecr_fmmu out = { .logical = (uint32_t)slave,
				.length = 1,
				.stop_bit = 7,
				.physical = OUTPUTS,
				.write = true,
				.enable = true };
	struct ecr_fmmu in = { .logical = (uint32_t)slave,
			       .length = 1,
			       .stop_bit = 7,
			       .physical = INPUTS,
			       .read = true,
			       .enable = true };
	uint8_t bytes[2 * ECR_FMMU_SIZE];

	set_sm(slave, 0, OUTPUTS, ECR_SM_CONTROL_OUTPUTS);
	set_sm(slave, 1, INPUTS, ECR_SM_CONTROL_INPUTS);
	ecr_fmmu_encode(bytes, &out);
	ecr_fmmu_encode(bytes + ECR_FMMU_SIZE, &in);
	write_register(slave, (uint16_t)ECR_REG_FMMU(0), bytes, sizeof(bytes));
}

static void make_ring(void)
{
	static struct ecr_sim_device devices[SLAVES];
	static uint8_t image[1024];
	size_t size = ecr_sim_digital_sii(image, sizeof(image), "digital", 8, 8);
	size_t memory;

	for (int i = 0; i < SLAVES; i++)
		devices[i] = (struct ecr_sim_device){ .sii = image, .sii_size = size };
	memory = ecr_sim_size(devices, SLAVES);
	sim = ecr_sim_init(malloc(memory), memory, devices, SLAVES);
	if (!sim)
		abort();
}

static void climb(void)
{
	static const uint8_t states[] = { 2, 4, 8 }; /* PREOP, SAFEOP, OP */

	for (int i = 0; i < SLAVES; i++)
		map(i);
	for (size_t i = 0; i < sizeof(states); i++)
		ask(ECR_CMD_BWR, ecr_address_position(0, ECR_REG_AL_CONTROL), &states[i], 1);
}

/* Time of the processor: nothing here waits, and the machine may have other work. */
static int64_t cpu_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* One frame again and again, as a master in OP sends it. */
static double frame_ns(uint8_t command, uint32_t address, uint16_t length, uint16_t wkc)
{
	uint64_t rounds = bench_quick() ? ROUNDS / 10 : ROUNDS;
	int64_t start = cpu_now();

	for (uint64_t i = 0; i < rounds; i++)
		if (ask(command, address, NULL, length) != wkc)
			abort(); /* it measures something else */
	return (double)(cpu_now() - start) / (double)rounds;
}

/* What any ring of so many slaves has to do: a byte in and a byte out of the memory of each. */
static double visits_ns(void)
{
	static volatile uint8_t memories[SLAVES][2][64]; /* a line of the cache for each byte */
	static uint8_t bytes[SLAVES];
	uint64_t rounds = bench_quick() ? ROUNDS / 10 : ROUNDS;
	int64_t start = cpu_now();

	for (uint64_t i = 0; i < rounds; i++)
		for (int k = 0; k < SLAVES; k++) {
			memories[k][0][0] = bytes[k];
			bytes[k] = memories[k][1][0];
		}
	return (double)(cpu_now() - start) / (double)rounds;
}

static void say_visits(const double *frames_us)
{
	struct bench_line line = { .bench = "simulator",
				   .name = "visits of slaves, LRW",
				   .unit = "M/s",
				   .more_is_better = true };
	double rates[REPEATS];

	for (int i = 0; i < REPEATS; i++)
		rates[i] = SLAVES / frames_us[i];
	line.value = bench_middle(rates, REPEATS);
	bench_print(&line);
}

/* `most_us`: a whole frame at most; 0: no goal. */
static void measure(const char *name, uint8_t command, uint32_t address, uint16_t length,
		    uint16_t wkc, double most_us)
{
	double values[REPEATS];
	double floors[REPEATS];
	char note[40];
	struct bench_line line = {
		.bench = "simulator", .name = name, .unit = "us", .floor_name = "two bytes of each"
	};

	frame_ns(command, address, length, wkc);
	visits_ns();
	for (int i = 0; i < REPEATS; i++) {
		values[i] = frame_ns(command, address, length, wkc) / 1e3;
		floors[i] = visits_ns() / 1e3;
	}
	bench_pairs(&line, values, floors, REPEATS);
	line.goal = most_us / line.floor;
	snprintf(note, sizeof(note), "(at most %g us)", most_us);
	line.note = most_us > 0 ? note : NULL;
	bench_print(&line);
	if (command == ECR_CMD_LRW && wkc)
		say_visits(values);
}

int main(void)
{
	make_ring();
	measure("1000 idle slaves, one asked", ECR_CMD_APRD,
		ecr_address_position(SLAVES / 2, ECR_REG_AL_STATUS), 2, 1, 5);
	measure("1000 idle slaves, no one meant", ECR_CMD_LRW, 0, 1000, 0, 5);
	climb();
	measure("1000 digital slaves, LRW", ECR_CMD_LRW, 0, SLAVES, 3 * SLAVES, 60);
	measure("1000 slaves, broadcast read", ECR_CMD_BRD,
		ecr_address_position(0, ECR_REG_AL_STATUS), 2, SLAVES, 0);
	free(sim);
	return 0;
}
