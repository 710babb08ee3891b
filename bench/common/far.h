/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The far end of a veth pair, in a thread that never sleeps while it reflects: a simulated ring
 * while the session comes up, then a reflector. Both speak through the same socket.
 */
#ifndef BENCH_COMMON_FAR_H
#define BENCH_COMMON_FAR_H

#include "bench/common/reflect.h"
#include "port/packet.h"

#include <ecring/ecring.h>
#include <pthread.h>
#include <stdatomic.h>

#define BENCH_FAR_FRAMES 8
#define BENCH_FAR_BYTES 1600

enum bench_far_mode { BENCH_SERVE, BENCH_REFLECT, BENCH_END };

struct bench_far {
	struct port_interface interface;
	struct ecr_sim *sim;
	struct bench_counters counters;
	atomic_int mode;
	atomic_ullong unknown; /* frames that the ring had to answer while reflecting */
	pthread_t thread;
	/* The frames of a cycle as they came in last, by their first datagram. */
	uint8_t frames[BENCH_FAR_FRAMES][BENCH_FAR_BYTES];
	size_t lengths[BENCH_FAR_FRAMES];
};

/* Moves this process into a network of its own, with the pair m0 and s0. False when the system
 * allows none. */
bool bench_veth(void);
bool bench_far_open(struct bench_far *far, struct ecr_sim *sim, const char *interface);
void bench_far_close(struct bench_far *far);
/* Keeps the calling thread on a CPU, counted from 0, as far as there are that many, before others
 * where that is allowed. */
void bench_pin(int cpu);

#endif
