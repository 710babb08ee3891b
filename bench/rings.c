/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several rings in one process, each a session with a thread of its own on a CPU in turn: do they know of each other? And
 * a large ring for as long as BENCH_SECONDS says (3600: an hour), in process and over a veth pair. Last, sixteen rings as
 * a calculation, on figures of paper.
 */
#define _GNU_SOURCE 1
#include "base/prng.h"
#include "bench/common/bench.h"
#include "bench/common/far.h"
#include "bench/common/ring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define RINGS 16
#define SLAVES 10
#define PERIOD ECR_MS(1)
#define LARGE 1000

struct session {
	struct bench_ring ring;
	struct bench_far far;
	struct ecr_master *master;
	struct ecr_domain_info before;
};

static struct session sessions[RINGS];

static double cpu_seconds(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

static double peak_mb(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_maxrss / 1e3;
}

static long seconds(void)
{
	const char *wanted = getenv("BENCH_SECONDS");

	return wanted ? strtol(wanted, NULL, 10) : bench_quick() ? 1 : 10;
}

static void say(const char *name, const char *unit, double value, const char *note)
{
	struct bench_line line = { .bench = "rings",
				   .name = name,
				   .unit = unit,
				   .value = { value, value, value },
				   .note = note };

	bench_print(&line);
}

static bool start(struct session *session, const char *interface)
{
	struct ecr_config *config = &session->ring.config;

	if (interface && !bench_far_open(&session->far, session->ring.sim, "s0"))
		return false;
	config->interface = interface;
	config->simulator = interface ? NULL : session->ring.sim;
	session->master = ecr_open();
	return session->master && ecr_start(session->master, config) == 0 &&
	       ecr_await_operational(session->master, ECR_S(60)) == 0;
}

/* Sums over the sessions, as they ran together. */
struct outcome {
	double cpu; /* seconds */
	double cycles;
	double missed;
	double skipped;
	double p999; /* us, of the worst wake-up among them */
};

static struct outcome watch(int count)
{
	struct timespec pause = { seconds(), 0 };
	struct outcome sum = { .cpu = -cpu_seconds() };

	for (int i = 0; i < count; i++)
		ecr_domain_info(sessions[i].master, "io", &sessions[i].before);
	nanosleep(&pause, NULL);
	sum.cpu += cpu_seconds();
	for (int i = 0; i < count; i++) {
		const struct ecr_domain_info *before = &sessions[i].before;
		struct ecr_domain_info after = { 0 };
		struct ecr_thread_info thread = { 0 };
		double p999;

		ecr_domain_info(sessions[i].master, "io", &after);
		ecr_thread_info(sessions[i].master, &thread);
		p999 = (double)ecr_histogram_at(&thread.wakeup, 9990) / 1e3;
		sum.cycles += (double)(after.cycle_count - before->cycle_count);
		sum.missed += (double)(after.total_miss_count - before->total_miss_count);
		sum.skipped += (double)thread.overruns;
		sum.p999 = p999 > sum.p999 ? p999 : sum.p999;
	}
	return sum;
}

static void end(int count, bool far)
{
	for (int i = 0; i < count; i++) {
		ecr_close(sessions[i].master);
		if (far)
			bench_far_close(&sessions[i].far);
		bench_ring_close(&sessions[i].ring);
		sessions[i].master = NULL;
	}
}

static void measure_several(int count)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	bool good = true;
	struct outcome sum;
	char name[80];
	char note[96];

	for (int i = 0; i < count; i++) {
		struct session *session = &sessions[i];

		bench_ring_open(&session->ring, SLAVES, SLAVES * 8, PERIOD);
		/* On a CPU of one's own there is time to spin before a deadline. */
		session->ring.config.realtime =
			(struct ecr_realtime){ .cpu = i % (int)cpus + 1, .no_spin = count > cpus };
		good = start(session, NULL) && good;
	}
	sum = watch(count);
	snprintf(name, sizeof(name), "%d ring%s on %ld CPUs: CPU per cycle", count,
		 count > 1 ? "s" : "", cpus);
	snprintf(note, sizeof(note),
		 "(%.0f cycles, %.0f missed, %.0f skipped; wake-up p99.9 %.3g us)", sum.cycles,
		 sum.missed, sum.skipped, sum.p999);
	if (good)
		say(name, "us", sum.cpu * 1e6 / sum.cycles, note);
	else
		bench_skip("rings", "a ring does not come to OP");
	end(count, false);
}

static void measure_large(const char *interface)
{
	struct outcome sum;
	char name[80];
	char note[96];

	bench_ring_open(&sessions[0].ring, LARGE, 2 * LARGE, PERIOD);
	sessions[0].ring.config.limits.slaves = LARGE;
	if (!start(&sessions[0], interface)) {
		bench_skip("rings", "the large ring does not come to OP");
		end(1, interface);
		return;
	}
	sum = watch(1);
	snprintf(name, sizeof(name), "%d slaves at 1 ms %s: CPU per cycle", LARGE,
		 interface ? "over veth, simulator included" : "in process");
	snprintf(note, sizeof(note), "(%ld s, %.0f cycles, %.0f missed, %.0f skipped; %.0f MB)",
		 seconds(), sum.cycles, sum.missed, sum.skipped, peak_mb());
	say(name, "us", sum.cpu * 1e6 / sum.cycles, note);
	end(1, interface);
}

/*
 * Sixteen rings whose deadlines coincide, so many of them on each CPU, one behind the other. Each cycle takes 15 us on
 * paper, and one in a hundred 45: how late is the last one's frame?
 */
static void calculate(int cpus)
{
	static double late[100000];
	struct ecr_prng prng = { 16 };
	size_t rounds = sizeof(late) / sizeof(late[0]);
	int queue = RINGS / cpus;
	char name[80];
	char note[64];

	for (size_t i = 0; i < rounds; i++) {
		late[i] = 0;
		for (int k = 0; k < queue - 1; k++)
			late[i] += ecr_prng_below(&prng, 100) ? 15 : 45;
	}
	bench_sort(late, rounds);
	snprintf(name, sizeof(name), "16 rings on %d CPU%s, on paper: the last is late by", cpus,
		 cpus > 1 ? "s" : "");
	snprintf(note, sizeof(note), "(p99.9 %.0f us, CPUs %.1f %% busy)",
		 bench_quantile(late, rounds, 0.999), (15.3 * queue) / 10);
	say(name, "us", bench_quantile(late, rounds, 0.5), note);
}

int main(void)
{
	static const int counts[] = { 1, 2, 4, 16 };

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		measure_several(counts[i]);
	measure_large(NULL);
	if (bench_veth())
		measure_large("m0");
	else
		bench_skip("rings", "this system allows no network namespace, or no veth pair");
	for (int cpus = 1; cpus <= RINGS; cpus *= 2)
		calculate(cpus);
	return 0;
}
