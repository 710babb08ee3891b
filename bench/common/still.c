/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/common/still.h"

#include "sim/line.h"
#include "wire/frame.h"

#include <stdlib.h>
#include <string.h>

#define CYCLE ECR_MS(10)

static void drain(struct bench_still *still)
{
	struct ecr_event event;

	while (ecr_core_event(still->core, &event)) {
		struct ecr_request *request = &still->memory[still->block_count];

		if (event.kind != ECR_EVENT_MEMORY_NEEDED)
			continue;
		if (still->block_count == BENCH_BLOCKS)
			abort();
		still->blocks[still->block_count] = calloc(1, event.count);
		*request = (struct ecr_request){ .kind = ECR_REQUEST_MEMORY,
						 .memory = still->blocks[still->block_count++],
						 .size = event.count };
		ecr_core_submit(still->core, still->now, request);
	}
}

static void turn(struct bench_still *still, struct sim_line *line)
{
	uint8_t frame[SIM_LINE_FRAME_SIZE];
	struct ecr_rx_meta meta = { 0 };
	ecr_time wake;
	size_t length;

	while ((length = sim_line_receive(line, still->now, frame, sizeof(frame), &meta.port,
					  &meta.at))) {
		if (ecr_core_state(still->core) == ECR_STATE_OPERATIONAL)
			bench_learn(&still->counters, frame, length);
		ecr_core_rx(still->core, still->now, frame, length, &meta);
	}
	ecr_core_tick(still->core, still->now);
	drain(still);
	while ((length = ecr_core_tx(still->core, still->now, 0, frame, ECR_FRAME_MAX))) {
		sim_line_send(line, still->now, 0, frame, length, SIM_LINE_NORMAL, 0);
		still->frames_to_op++;
		still->bytes_to_op += length;
	}
	drain(still);
	wake = ecr_core_wake(still->core);
	if (sim_line_next(line) < wake)
		wake = sim_line_next(line);
	if (wake > still->now)
		still->now = wake > still->now + CYCLE ? still->now + CYCLE : wake;
}

static bool bring_up(struct bench_still *still)
{
	struct ecr_request start = { .kind = ECR_REQUEST_START, .config = &still->ring.config };
	struct sim_line *line = calloc(1, sizeof(*line));
	ecr_time began = still->now;
	ecr_time until = ECR_NEVER;
	bool up;

	sim_line_init(line, still->ring.sim);
	ecr_core_submit(still->core, still->now, &start);
	while (ecr_core_state(still->core) != still->wanted && still->now < began + ECR_S(300))
		turn(still, line);
	up = ecr_core_state(still->core) == still->wanted;
	still->time_to_op = still->now - began;
	/* Two periods more: the counters are learned and nothing is under way. */
	for (uint64_t frames = still->frames_to_op, bytes = still->bytes_to_op;
	     up && until == ECR_NEVER; still->frames_to_op = frames, still->bytes_to_op = bytes)
		for (until = still->now + 4 * CYCLE; still->now < until;)
			turn(still, line);
	free(line);
	return up;
}

static bool start(struct bench_still *still, int count, enum ecr_state wanted)
{
	struct ecr_limits *limits = &still->ring.config.limits;

	limits->slaves = (uint32_t)count;
	still->counters.slaves = (uint16_t)count;
	still->wanted = wanted;
	still->core_memory = calloc(1, ecr_core_size(limits));
	if (!still->core_memory)
		abort();
	still->core = ecr_core_init(still->core_memory, limits);
	still->now = ECR_S(1);
	return bring_up(still);
}

bool bench_still_open(struct bench_still *still, int count, uint32_t bytes)
{
	memset(still, 0, sizeof(*still));
	bench_ring_open(&still->ring, count, bytes, CYCLE);
	return start(still, count, ECR_STATE_OPERATIONAL);
}

bool bench_still_start(struct bench_still *still, int count, const struct bench_pattern *pattern,
		       enum ecr_state wanted)
{
	memset(still, 0, sizeof(*still));
	bench_ring_open_equal(&still->ring, count, pattern, CYCLE);
	return start(still, count, wanted);
}

/* Of the cycle under way. */
static uint8_t frames[BENCH_FRAMES][ECR_FRAME_MAX];
static size_t lengths[BENCH_FRAMES];
static size_t frame_count;

void bench_still_answers(const struct bench_still *still, int cycles)
{
	for (int i = 0; i < cycles; i++)
		for (size_t k = 0; k < frame_count; k++)
			bench_answer(&still->counters, frames[k], lengths[k]);
}

__attribute__((noinline)) void bench_still_cycles(struct bench_still *still, int cycles)
{
	struct ecr_rx_meta meta = { 0 };
	struct ecr_event event;

	for (int i = 0; i < cycles; i++) {
		size_t count = 0;

		still->now = ecr_core_next_cycle(still->core);
		ecr_core_tick(still->core, still->now);
		while (count < BENCH_FRAMES &&
		       (lengths[count] = ecr_core_tx(still->core, still->now, 0, frames[count],
						     ECR_FRAME_MAX)))
			count++;
		meta.at = still->now + ECR_US(100);
		for (size_t k = 0; k < count; k++) {
			bench_answer(&still->counters, frames[k], lengths[k]);
			ecr_core_rx(still->core, meta.at, frames[k], lengths[k], &meta);
		}
		frame_count = count;
		while (ecr_core_event(still->core, &event))
			;
		(void)ecr_core_wake(still->core);
	}
}

ecr_time bench_still_period(void)
{
	return CYCLE;
}

struct ecr_image bench_still_image(const struct bench_still *still)
{
	struct ecr_image image;

	ecr_core_image(still->core, 0, &image);
	return image;
}

void bench_still_close(struct bench_still *still)
{
	for (int i = 0; i < still->block_count; i++)
		free(still->blocks[i]);
	free(still->core_memory);
	bench_ring_close(&still->ring);
}
