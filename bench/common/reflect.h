/* SPDX-License-Identifier: Apache-2.0 */
/* The far side without slaves: a frame comes back as it was, but for its working counters. */
#ifndef BENCH_COMMON_REFLECT_H
#define BENCH_COMMON_REFLECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_DATAGRAMS 16

/* What working counter the datagram to a logical address came back with from a real ring. */
struct bench_counters {
	uint32_t address[BENCH_DATAGRAMS];
	uint16_t wkc[BENCH_DATAGRAMS];
	int count;
	uint16_t slaves; /* who answer broadcasts */
};

/* Frames begin at the EtherCAT header. */
void bench_learn(struct bench_counters *counters, const uint8_t *frame, size_t length);
/* False when the frame holds anything but logical datagrams that were learned. */
bool bench_patch(const struct bench_counters *counters, uint8_t *frame, size_t length);

/* What was learned, and of all else what sound slaves count; their data are as they were. */
void bench_answer(const struct bench_counters *counters, uint8_t *frame, size_t length);

/* Which of the learned datagrams comes first in the frame; -1 none of them. */
int bench_place(const struct bench_counters *counters, const uint8_t *frame, size_t length);

#endif
