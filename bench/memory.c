/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a session keeps in memory for 3, 100 and 1000 slaves, apart from the simulated ring that it runs against, and what it
 * allocates while it cycles: nothing, counted. Each size has a process of its own.
 */
#define _GNU_SOURCE 1
#include "bench/common/bench.h"
#include "bench/common/ring.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EEPROM 16384 /* bytes of each, as without a limit of one's own */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define COUNTING 0
#elif defined(__has_feature)
#define COUNTING !(__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define COUNTING 1
#endif

static atomic_ulong allocations;

#if COUNTING
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t nmemb, size_t size);
void *__libc_realloc(void *ptr, size_t size);

void *malloc(size_t size)
{
	atomic_fetch_add(&allocations, 1);
	return __libc_malloc(size);
}

void *calloc(size_t nmemb, size_t size)
{
	atomic_fetch_add(&allocations, 1);
	return __libc_calloc(nmemb, size);
}

void *realloc(void *ptr, size_t size)
{
	atomic_fetch_add(&allocations, 1);
	return __libc_realloc(ptr, size);
}
#endif

static void say(const char *what, int count, double kb)
{
	char name[80];
	double floor = count * EEPROM / 1e3;
	double ratio = kb / floor;
	struct bench_line line = { .bench = "memory",
				   .name = name,
				   .unit = "kB",
				   .value = { kb, kb, kb },
				   .floor = floor,
				   .floor_name = "what EEPROMs may hold",
				   .ratio = { ratio, ratio, ratio } };

	snprintf(name, sizeof(name), "%s, %d slaves", what, count);
	bench_print(&line);
}

/* The application's calls are among it. */
static void count_allocations(struct ecr_master *master, int count)
{
	struct timespec pause = { 0, 1000000 };
	struct ecr_domain_info before = { 0 };
	struct ecr_domain_info after = { 0 };
	unsigned long began;
	uint8_t byte = 0;
	char name[80];
	char note[64];
	struct bench_line line = {
		.bench = "memory", .name = name, .unit = "", .none = true, .note = note
	};

	ecr_domain_info(master, "io", &before);
	began = atomic_load(&allocations);
	for (int i = 0; i < (bench_quick() ? 200 : 3000); i++) {
		nanosleep(&pause, NULL);
		ecr_domain_write(master, "io", 0, &byte, 1);
		ecr_domain_read(master, "io", 0, &byte, 1);
	}
	began = atomic_load(&allocations) - began;
	ecr_domain_info(master, "io", &after);
	snprintf(note, sizeof(note), "(in %llu cycles)",
		 (unsigned long long)(after.cycle_count - before.cycle_count));
	snprintf(name, sizeof(name), "allocations while cycling, %d slaves", count);
	line.value.median = line.value.low = line.value.high = (double)began;
	if (COUNTING)
		bench_print(&line);
}

/* Otherwise the simulator's pages come into being while the session runs. */
static void touch(void *memory, size_t size)
{
	volatile uint8_t *bytes = memory;

	for (size_t i = 0; i < size; i += 4096)
		bytes[i] = bytes[i];
}

static void measure(int count)
{
	const struct bench_pattern digital = { 0 };
	struct bench_ring ring;
	struct ecr_master *master = NULL;
	double bare = bench_resident_kb();
	double simulated;

	bench_ring_open_equal(&ring, count, &digital, ECR_MS(1));
	touch(ring.sim, ecr_sim_size(ring.devices, count));
	simulated = bench_resident_kb();
	ring.config.simulator = ring.sim;
	ring.config.limits.slaves = (uint32_t)count;
	ring.config.limits.sii_bytes = EEPROM;
	master = ecr_open();
	if (!master || ecr_start(master, &ring.config) ||
	    ecr_await_operational(master, ECR_S(60))) {
		bench_skip("memory", "the ring does not come to OP");
		return;
	}
	say("resident, the session", count, bench_resident_kb() - simulated);
	say("resident, the simulated ring", count, simulated - bare);
	count_allocations(master, count);
	ecr_close(master);
	bench_ring_close(&ring);
}

int main(void)
{
	static const int counts[] = { 3, 100, 1000 };

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		pid_t child = fork();

		if (child == 0) {
			measure(counts[i]);
			_exit(0);
		}
		if (child < 0 || waitpid(child, NULL, 0) != child)
			bench_skip("memory", "no process of its own can be had");
	}
	return 0;
}
