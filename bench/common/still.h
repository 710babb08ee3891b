/* SPDX-License-Identifier: Apache-2.0 */
/* A core in OP whose far side is a reflector: cycles without I/O and without a clock. */
#ifndef BENCH_COMMON_STILL_H
#define BENCH_COMMON_STILL_H

#include "bench/common/reflect.h"
#include "bench/common/ring.h"
#include "core.h"

#define BENCH_BLOCKS 64
#define BENCH_FRAMES 16

struct bench_still {
	struct bench_ring ring;
	struct ecr_core *core;
	void *core_memory;
	void *blocks[BENCH_BLOCKS];
	struct ecr_request memory[BENCH_BLOCKS];
	int block_count;
	ecr_time now;
	uint64_t frames_to_op;
	uint64_t bytes_to_op;
	ecr_time time_to_op;
	struct bench_counters counters;
	enum ecr_state wanted;
};

/* Brings the ring up on a virtual wire. False when it does not come to OP. */
bool bench_still_open(struct bench_still *still, int count, uint32_t bytes);
/* The same with a ring of equal slaves, to any state. */
bool bench_still_start(struct bench_still *still, int count, const struct bench_pattern *pattern,
		       enum ecr_state wanted);
/* Cycles: deadline, send, reflected, received, events drained, the next deadline. */
void bench_still_cycles(struct bench_still *still, int cycles);
/* What the far side did in the last cycle, done again: it is none of the core's. */
void bench_still_answers(const struct bench_still *still, int cycles);
ecr_time bench_still_period(void); /* of the session's clock */
struct ecr_image bench_still_image(const struct bench_still *still);
void bench_still_close(struct bench_still *still);

#endif
