/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The core without I/O: frames from start to OP, time per cycle against one memcpy of the image in the same run, and
 * the simulated ring's speed. Ratios only: absolute times on shared machines mean little.
 */
#define _POSIX_C_SOURCE 200809L
#include "core.h"
#include "sim/line.h"
#include "wire/frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BLOCKS 30

static uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

struct bench {
	struct ecr_sim *sim;
	struct sim_line line;
	struct ecr_core *core;
	struct ecr_slave_config *slaves;
	struct ecr_sim_device *devices;
	void *blocks[32];
	struct ecr_request memory[32];
	int block_count;
	ecr_time now;
	uint64_t frames;
	uint64_t sim_ns;
	uint64_t core_ns;
	uint64_t visits;
};

static void drain(struct bench *bench)
{
	struct ecr_event event;

	while (ecr_core_event(bench->core, &event)) {
		struct ecr_request *request = &bench->memory[bench->block_count];

		if (event.kind != ECR_EVENT_MEMORY_NEEDED)
			continue;
		bench->blocks[bench->block_count] = calloc(1, event.count);
		*request = (struct ecr_request){ .kind = ECR_REQUEST_MEMORY,
						 .memory = bench->blocks[bench->block_count++],
						 .size = event.count };
		ecr_core_submit(bench->core, bench->now, request);
	}
}

static void turn(struct bench *bench)
{
	uint8_t frame[SIM_LINE_FRAME_SIZE];
	struct ecr_rx_meta meta = { 0 };
	uint64_t start = clock_ns();
	ecr_time wake;
	size_t length;

	while ((length = sim_line_receive(&bench->line, bench->now, frame, sizeof(frame),
					  &meta.port, &meta.at)))
		ecr_core_rx(bench->core, bench->now, frame, length, &meta);
	ecr_core_tick(bench->core, bench->now);
	drain(bench);
	bench->core_ns += clock_ns() - start;
	while ((length = ecr_core_tx(bench->core, bench->now, 0, frame, ECR_FRAME_MAX))) {
		start = clock_ns();
		sim_line_send(&bench->line, bench->now, 0, frame, length, SIM_LINE_NORMAL, 0);
		bench->sim_ns += clock_ns() - start;
		bench->visits += (uint64_t)ecr_sim_count(bench->sim);
		bench->frames++;
	}
	drain(bench);
	wake = ecr_core_wake(bench->core);
	if (sim_line_next(&bench->line) < wake)
		wake = sim_line_next(&bench->line);
	if (wake > bench->now)
		bench->now = wake > bench->now + ECR_MS(10) ? bench->now + ECR_MS(10) : wake;
}

static void open_bench(struct bench *bench, int count, struct ecr_config *config)
{
	struct ecr_limits limits = { .slaves = (uint32_t)count, .sii_bytes = 4096 };
	static uint8_t image[4096];
	size_t size = ecr_sim_digital_sii(image, sizeof(image), "digital", 32, 32);

	memset(bench, 0, sizeof(*bench));
	bench->devices = calloc((size_t)count, sizeof(*bench->devices));
	bench->slaves = calloc((size_t)count + 1, sizeof(*bench->slaves));
	for (int i = 0; i < count; i++) {
		char *name = calloc(1, 16);

		snprintf(name, 16, "s%d", i);
		bench->devices[i] = (struct ecr_sim_device){
			.name = name, .sii = image, .sii_size = size, .emulation = true
		};
		bench->slaves[i] =
			(struct ecr_slave_config){ .name = name, .process_data = ECR_ALL_TO("io") };
	}
	config->slaves = bench->slaves;
	bench->sim = ecr_sim_init(malloc(ecr_sim_size(bench->devices, count)),
				  ecr_sim_size(bench->devices, count), bench->devices, count);
	sim_line_init(&bench->line, bench->sim);
	bench->core = ecr_core_init(calloc(1, ecr_core_size(&limits)), &limits);
	bench->now = ECR_S(1);
}

static double memcpy_ns(size_t size)
{
	uint8_t *from = calloc(1, size);
	uint8_t *to = calloc(1, size);
	uint64_t start = clock_ns();

	for (int i = 0; i < 10000; i++) {
		memcpy(to, from, size);
		from[0] = (uint8_t)(to[size - 1] + i);
	}
	start = clock_ns() - start;
	free(from);
	free(to);
	return (double)start / 10000;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

static void measure(int count)
{
	const struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = ECR_MS(10) },
						     { 0 } };
	struct ecr_config config = { .domains = domains, .scan_poll_ms = 10, .scan_stable_ms = 20 };
	struct ecr_request start = { .kind = ECR_REQUEST_START, .config = &config };
	static struct bench bench;
	struct ecr_image image;
	double ratios[BLOCKS];
	double cycles_ns = 0;
	uint64_t frames;

	open_bench(&bench, count, &config);
	ecr_core_submit(bench.core, bench.now, &start);
	while (ecr_core_state(bench.core) != ECR_STATE_OPERATIONAL && bench.now < ECR_S(120))
		turn(&bench);
	frames = bench.frames;
	ecr_core_image(bench.core, 0, &image);
	bench.visits = bench.sim_ns = 0;
	for (int block = 0; block < BLOCKS; block++) {
		uint64_t cycles = image.valid_cycles;
		double floor = memcpy_ns(image.size);

		bench.core_ns = 0;
		for (ecr_time end = bench.now + ECR_MS(500); bench.now < end;)
			turn(&bench);
		ecr_core_image(bench.core, 0, &image);
		cycles_ns = (double)bench.core_ns / (double)(image.valid_cycles - cycles);
		ratios[block] = cycles_ns / floor;
	}
	qsort(ratios, BLOCKS, sizeof(ratios[0]), compare);
	printf("%5d slaves  %6llu frames to OP  image %5u B  core per cycle / memcpy of the image: "
	       "%8.1f (%.1f to %.1f)  "
	       "%.1f M slave visits/s\n",
	       count, (unsigned long long)frames, image.size, ratios[BLOCKS / 2], ratios[2],
	       ratios[BLOCKS - 3], (double)bench.visits * 1e3 / (double)bench.sim_ns);
}

int main(void)
{
	static const int counts[] = { 1, 3, 10, 100, 1000 };

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		measure(counts[i]);
	return 0;
}
