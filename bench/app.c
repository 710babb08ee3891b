/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The application's side of a session that cycles: signals read and written per second from one and
 * from four threads, torn reads, and the CPU that 1000 slaves at 1 ms take.
 */
#define _GNU_SOURCE 1
#include "bench/common/bench.h"
#include "bench/common/ring.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define THREADS 4
#define TORN_BYTES 64
#define TORN_READS 100000000u

struct session {
	struct bench_ring ring;
	struct ecr_master *master;
	struct ecr_signal input;
	struct ecr_signal output;
};

struct work {
	struct session *session;
	bool write;
	uint64_t wanted; /* reads that are looked at for torn ones */
	uint64_t done;
	uint64_t torn;
	uint64_t changes;
	int64_t until;
};

/* Every channel of a slave gets the same number in each cycle: what differs within is torn. */
static void on_cycle(void *context, struct ecr_cycle *cycle)
{
	uint8_t bytes[TORN_BYTES];

	(void)context;
	memset(bytes, (int)(cycle->number & 0x7F), sizeof(bytes));
	ecr_domain_write(cycle->master, "io", 0, bytes, sizeof(bytes));
}

static bool open_session(struct session *session, int count, uint32_t bytes, ecr_time period,
			 bool hook)
{
	struct ecr_config *config = &session->ring.config;

	bench_ring_open(&session->ring, count, bytes, period);
	config->simulator = session->ring.sim;
	config->limits.slaves = (uint32_t)count;
	config->cyclic = hook ? on_cycle : NULL;
	session->master = ecr_open();
	return session->master && ecr_start(session->master, config) == 0 &&
	       ecr_await_operational(session->master, ECR_S(60)) == 0;
}

static void close_session(struct session *session)
{
	ecr_close(session->master);
	bench_ring_close(&session->ring);
}

static void *hammer(void *argument)
{
	struct work *work = argument;
	struct ecr_master *master = work->session->master;
	struct ecr_value value = { .type = ECR_TYPE_SIGNED };
	struct ecr_sample sample;

	while (bench_now() < work->until) {
		for (int i = 0; i < 1000; i++) {
			value.i = i;
			if (work->write)
				ecr_signal_write(master, work->session->output, &value);
			else
				ecr_signal_read(master, work->session->input, &sample);
		}
		work->done += 1000;
	}
	return NULL;
}

/* The least that could be done: a value under a version counter read, and written under the lock that writers share. */
static struct {
	atomic_uint version;
	_Atomic uint64_t value;
	pthread_mutex_t writers;
} bare = { .writers = PTHREAD_MUTEX_INITIALIZER };

static void bare_read(void)
{
	unsigned int version;

	do {
		version = atomic_load_explicit(&bare.version, memory_order_acquire);
		(void)atomic_load_explicit(&bare.value, memory_order_acquire);
	} while (atomic_load_explicit(&bare.version, memory_order_acquire) != version);
}

static void bare_write(uint64_t value)
{
	pthread_mutex_lock(&bare.writers);
	atomic_store_explicit(&bare.value, value, memory_order_release);
	pthread_mutex_unlock(&bare.writers);
}

static void *hammer_bare(void *argument)
{
	struct work *work = argument;

	while (bench_now() < work->until) {
		for (uint64_t i = 0; i < 1000; i++) {
			if (work->write)
				bare_write(i);
			else
				bare_read();
		}
		work->done += 1000;
	}
	return NULL;
}

static void *look_for_torn(void *argument)
{
	struct work *work = argument;
	uint8_t bytes[TORN_BYTES];
	uint8_t last = 0;

	while (work->done < work->wanted && bench_now() < work->until) {
		for (int i = 0; i < 1000; i++) {
			ecr_domain_read(work->session->master, "io", 0, bytes, sizeof(bytes));
			work->torn += memcmp(bytes, bytes + 1, sizeof(bytes) - 1) != 0;
			work->changes += bytes[0] != last;
			last = bytes[0];
		}
		work->done += 1000;
	}
	return NULL;
}

static struct work run(struct session *session, void *(*what)(void *), int threads, bool write,
		       int64_t duration)
{
	struct work works[THREADS] = { 0 };
	pthread_t ids[THREADS];
	struct work sum = { 0 };

	for (int i = 0; i < threads; i++) {
		works[i] = (struct work){ .session = session,
					  .write = write,
					  .wanted = TORN_READS / (uint64_t)threads,
					  .until = bench_now() + duration };
		pthread_create(&ids[i], NULL, what, &works[i]);
	}
	for (int i = 0; i < threads; i++) {
		pthread_join(ids[i], NULL);
		sum.done += works[i].done;
		sum.torn += works[i].torn;
		sum.changes += works[i].changes;
	}
	return sum;
}

static void say(const char *name, const char *unit, double value, double floor,
		const char *floor_name)
{
	double ratio = value / floor;
	struct bench_line line = { .bench = "app",
				   .name = name,
				   .unit = unit,
				   .value = { value, value, value },
				   .floor = floor,
				   .floor_name = floor_name,
				   .ratio = { ratio, ratio, ratio },
				   .more_is_better = unit[strlen(unit) - 1] == 's' };

	bench_print(&line);
}

static void say_none(const char *name, double value, const char *note)
{
	struct bench_line line = { .bench = "app",
				   .name = name,
				   .unit = "",
				   .value = { value, value, value },
				   .none = true,
				   .note = note };

	bench_print(&line);
}

static void measure_access(struct session *session)
{
	int64_t duration = bench_quick() ? 200000000 : 2000000000;
	double per = (double)duration / 1e9 * 1e6;
	char name[80];

	for (int threads = 1; threads <= THREADS; threads += THREADS - 1) {
		for (int write = 0; write < 2; write++) {
			struct work work = run(session, hammer, threads, write, duration);
			struct work floor = run(session, hammer_bare, threads, write, duration);

			snprintf(name, sizeof(name), "signal %s, %d thread%s",
				 write ? "writes" : "reads", threads, threads > 1 ? "s" : "");
			say(name, "M/s", (double)work.done / per, (double)floor.done / per,
			    "a bare one");
		}
	}
}

/* The outputs are echoed into the image of the inputs by LRW, so that what is read changes. */
static void measure_torn(int threads)
{
	struct session session = { 0 };
	int64_t patience = bench_quick() ? 200000000 : 60000000000;
	char name[80];
	char note[96];
	struct work work;

	if (!open_session(&session, 1, 2 * TORN_BYTES, ECR_US(100), true)) {
		bench_skip("app", "the ring does not come to OP");
		return;
	}
	work = run(&session, look_for_torn, threads, false, patience);
	snprintf(name, sizeof(name), "torn reads of 64 bytes, %d thread%s", threads,
		 threads > 1 ? "s" : "");
	snprintf(note, sizeof(note), "in %.3g reads that saw %.3g changes", (double)work.done,
		 (double)work.changes);
	say_none(name, (double)work.torn, note);
	close_session(&session);
}

/* An output and an input of the ring, whatever they are called. */
static bool find_signals(struct session *session)
{
	struct ecr_signal_info signals[16];
	bool found[2] = { false, false };

	for (int i = 0; i < session->ring.count; i++) {
		const char *name = session->ring.devices[i].name;
		int count = ecr_slave_signals(session->master, name, signals, 16);

		for (int k = 0; k < count && k < 16; k++) {
			bool output = signals[k].direction == ECR_OUTPUT;

			found[output] =
				ecr_signal_find(session->master, name, signals[k].name,
						output ? &session->output : &session->input) == 0;
		}
	}
	return found[0] && found[1];
}

/* Without a wire that could be waited for this is about CPU: master and simulator in one thread. */
static void measure_ring(int count, bool hammering)
{
	struct session session = { 0 };
	struct timespec pause = { bench_quick() ? 1 : 5, 0 };
	struct ecr_domain_info before = { 0 };
	struct ecr_domain_info after = { 0 };
	double waking = bench_waking_us(ECR_MS(1)) / 10; /* in percent */
	char name[80];
	double cpu;

	if (!open_session(&session, count, (uint32_t)count * (hammering ? 8 : 2), ECR_MS(1),
			  false)) {
		bench_skip("app", "the ring does not come to OP");
		return;
	}
	ecr_domain_info(session.master, "io", &before);
	cpu = bench_cpu_seconds();
	nanosleep(&pause, NULL);
	cpu = bench_cpu_seconds() - cpu;
	ecr_domain_info(session.master, "io", &after);
	snprintf(name, sizeof(name), "%d slaves at 1 ms: CPU", count);
	say(name, "%", cpu * 100 / (double)pause.tv_sec, waking, "waking alone");
	snprintf(name, sizeof(name), "%d slaves at 1 ms: cycles", count);
	say(name, "1/s", (double)(after.cycle_count - before.cycle_count) / (double)pause.tv_sec,
	    1000, "periods");
	snprintf(name, sizeof(name), "%d slaves at 1 ms: missed", count);
	say_none(name, (double)(after.total_miss_count - before.total_miss_count), NULL);
	if (hammering && find_signals(&session))
		measure_access(&session);
	close_session(&session);
}

int main(void)
{
	measure_ring(3, true);
	measure_ring(100, false);
	if (!bench_quick())
		measure_ring(1000, false);
	measure_torn(1);
	measure_torn(THREADS);
	return 0;
}
