/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From ecr_signal_write in the application's thread to the frame that carries the value, as the far end of a veth pair has
 * it. A write waits for the next cycle: half a period on average, which is the floor. Writes come at equal distances all over
 * the cycle, in mixed order, and each block's lie between those of the others: chosen at random, fifty would by themselves move the
 * median by a tenth. The cyclic thread has a CPU of its own,
 * since where it spins before a deadline nobody else writes, and such writes would come a whole period later.
 */
#define _GNU_SOURCE 1
#include "bench/common/bench.h"
#include "bench/common/far.h"
#include "bench/common/ring.h"
#include "port/clock.h"
#include "port/stamp.h"
#include "wire/ethernet.h"
#include "wire/frame.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BLOCKS 20
#define WRITES 50 /* per block, at every phase of the cycle alike: */
#define STRIDE 31 /* of their order; has no divisor with WRITES */
#define PATIENCE ECR_MS(100)
#define COMMAND_AT (ECR_ETHERNET_HEADER_SIZE + ECR_FRAME_HEADER_SIZE)
#define DATA_AT (COMMAND_AT + ECR_DATAGRAM_HEADER_SIZE)
#define BYTES 8u /* of the image: outputs first, the inputs' part goes out as zeros */

static struct bench_ring ring;
static struct bench_far far;
static struct port_interface wire;
static struct ecr_master *master;
static struct ecr_signal output;

static bool find_output(void)
{
	struct ecr_signal_info signals[16];
	const char *name = ring.devices[0].name;
	int count = ecr_slave_signals(master, name, signals, 16);

	for (int i = 0; i < count && i < 16; i++)
		if (signals[i].direction == ECR_OUTPUT)
			return ecr_signal_find(master, name, signals[i].name, &output) == 0;
	return false;
}

/* When the first frame came whose image is another one than `last`, which it becomes. */
static bool await_change(uint8_t *last, ecr_time *at)
{
	uint8_t frame[BENCH_FAR_BYTES];
	ecr_time end = port_now() + PATIENCE;

	while (port_now() < end) {
		struct pollfd fd = { wire.fd, POLLIN, 0 };
		long got = port_stamp_receive(wire.fd, frame, sizeof(frame), port_now(), at);

		if (got <= 0)
			poll(&fd, 1, 1);
		if (got < (long)(DATA_AT + BYTES) || frame[COMMAND_AT] != ECR_CMD_LRW ||
		    memcmp(last, frame + DATA_AT, BYTES) == 0)
			continue;
		memcpy(last, frame + DATA_AT, BYTES);
		return true;
	}
	return false;
}

static void drain(uint8_t *last)
{
	uint8_t frame[BENCH_FAR_BYTES];
	ecr_time at;
	long got;

	while ((got = port_stamp_receive(wire.fd, frame, sizeof(frame), port_now(), &at)) > 0)
		if (got >= (long)(DATA_AT + BYTES) && frame[COMMAND_AT] == ECR_CMD_LRW)
			memcpy(last, frame + DATA_AT, BYTES);
}

/* Behind the last cycle's frame, which was waited for. */
static struct timespec pause_of(size_t write, size_t block, size_t blocks, ecr_time period)
{
	size_t place = write * STRIDE % WRITES * blocks + block;

	return port_timespec(3 * period + period * (ecr_time)place / (ecr_time)(WRITES * blocks));
}

/* So many of the writes reached the wire. */
static size_t run_block(size_t block, size_t blocks, ecr_time period, double *values)
{
	uint8_t last[BYTES] = { 0 };
	size_t count = 0;

	for (size_t i = 0; i < WRITES; i++) {
		struct ecr_value value = { .type = ECR_TYPE_SIGNED, .i = 1 + (int)(i & 63) };
		struct timespec pause = pause_of(i, block, blocks, period);
		ecr_time start;
		ecr_time at;

		nanosleep(&pause, NULL);
		drain(last);
		start = port_now();
		if (ecr_signal_write(master, output, &value) == 0 && await_change(last, &at))
			values[count++] = (double)(at - start) / 1e3;
	}
	return count;
}

static void measure(ecr_time period)
{
	static double values[BLOCKS * WRITES];
	double middles[BLOCKS];
	size_t blocks = bench_quick() ? BLOCKS / 4 : BLOCKS;
	size_t count = 0;
	struct bench_line line = { .bench = "latency",
				   .name = "write_output to wire, 1 ms",
				   .unit = "us",
				   .floor = (double)period / 2e3,
				   .floor_name = "half a period",
				   .goal = 1.1 };

	for (size_t i = 0; i < blocks; i++) {
		double block[WRITES];
		size_t got = run_block(i, blocks, period, block);

		if (got < WRITES / 2) {
			bench_skip("latency", "what is written does not reach the wire");
			return;
		}
		memcpy(values + count, block, got * sizeof(block[0]));
		count += got;
		middles[i] = bench_middle(block, got).median;
	}
	line.value = bench_middle(middles, blocks);
	line.ratio =
		(struct bench_middle){ line.value.median / line.floor, line.value.low / line.floor,
				       line.value.high / line.floor };
	bench_sort(values, count);
	line.p99 = bench_quantile(values, count, 0.99);
	line.p999 = bench_quantile(values, count, 0.999);
	line.max = values[count - 1];
	bench_print(&line);
}

int main(void)
{
	char text[160];

	if (!bench_veth()) {
		bench_skip("latency", "this system allows no network namespace, or no veth pair");
		return 0;
	}
	bench_ring_open(&ring, 1, BYTES, ECR_MS(1));
	ring.config.interface = "m0";
	ring.config.realtime.cpu = 1;
	bench_pin(1);
	master = ecr_open();
	if (!master || !bench_far_open(&far, ring.sim, "s0") ||
	    port_packet_open("s0", 0, &wire, text, sizeof(text)) ||
	    ecr_start(master, &ring.config) || ecr_await_operational(master, ECR_S(20)) ||
	    !find_output()) {
		bench_skip("latency", "the ring does not come to OP");
		return 0;
	}
	port_stamp_enable(wire.fd);
	measure(ECR_MS(1));
	ecr_close(master);
	bench_far_close(&far);
	port_packet_close(&wire);
	bench_ring_close(&ring);
	return 0;
}
