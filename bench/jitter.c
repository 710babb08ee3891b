/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How late the cyclic thread wakes, sleeping and then spinning and only sleeping, against cyclictest
 * in the same run: same priority, same periods, one after the other.
 */
#define _GNU_SOURCE 1
#include "bench/common/bench.h"
#include "bench/common/ring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROOM 10000 /* us of cyclictest's histogram */
#define PRIORITY 80

struct jitter {
	double p50;
	double p999;
	double max;
};

static bool run_ours(int period_us, bool spin, int seconds, struct jitter *jitter)
{
	struct timespec pause = { seconds, 0 };
	struct ecr_thread_info info = { 0 };
	struct ecr_master *master = ecr_open();
	struct bench_ring ring;
	bool good;

	bench_ring_open(&ring, 1, 8, ECR_US(period_us));
	ring.config.simulator = ring.sim;
	ring.config.realtime = (struct ecr_realtime){ .priority = PRIORITY, .no_spin = !spin };
	good = master && ecr_start(master, &ring.config) == 0 &&
	       ecr_await_operational(master, ECR_S(20)) == 0;
	if (good) {
		nanosleep(&pause, NULL);
		good = ecr_thread_info(master, &info) == 0;
	}
	ecr_close(master);
	bench_ring_close(&ring);
	*jitter = (struct jitter){ (double)ecr_histogram_at(&info.wakeup, 5000) / 1e3,
				   (double)ecr_histogram_at(&info.wakeup, 9990) / 1e3,
				   (double)info.wakeup.max_ns / 1e3 };
	return good;
}

static double share(const unsigned long *counts, unsigned long all, double part)
{
	unsigned long sum = 0;

	for (int i = 0; i < ROOM; i++) {
		sum += counts[i];
		if ((double)sum >= part * (double)all)
			return i;
	}
	return ROOM;
}

static bool run_cyclictest(int period_us, int seconds, struct jitter *jitter)
{
	static unsigned long counts[ROOM];
	unsigned long all = 0;
	char line[256];
	FILE *pipe;

	memset(counts, 0, sizeof(counts));
	snprintf(line, sizeof(line), "cyclictest -q -m -t 1 -p %d -i %d -D %d -h %d 2>/dev/null",
		 PRIORITY, period_us, seconds, ROOM);
	pipe = popen(line, "r");
	while (pipe && fgets(line, sizeof(line), pipe)) {
		unsigned int at;
		unsigned long count;

		if (line[0] != '#' && sscanf(line, "%u %lu", &at, &count) == 2 && at < ROOM) {
			counts[at] += count;
			all += count;
			jitter->max = count ? at : jitter->max;
		}
	}
	if (!pipe || pclose(pipe) || !all)
		return false;
	jitter->p50 = share(counts, all, 0.5);
	jitter->p999 = share(counts, all, 0.999);
	return true;
}

static void measure(int period_us, int seconds)
{
	struct jitter theirs = { 0 };
	struct jitter ours;
	bool floor = run_cyclictest(period_us, seconds, &theirs);
	char name[80];
	char note[80];

	for (int spin = 0; spin < 2; spin++) {
		struct bench_line line = { .bench = "jitter", .name = name, .unit = "us" };

		if (!run_ours(period_us, spin, seconds, &ours)) {
			bench_skip("jitter", "the ring does not come to OP");
			continue;
		}
		snprintf(name, sizeof(name), "p99.9 at %d us, %s", period_us,
			 spin ? "sleeping, then spinning" : "sleeping");
		snprintf(note, sizeof(note), "(p50 %.3g max %.3g; cyclictest's %.3g and %.3g)",
			 ours.p50, ours.max, theirs.p50, theirs.max);
		line.value = (struct bench_middle){ ours.p999, ours.p999, ours.p999 };
		line.note = note;
		if (floor) {
			line.floor = theirs.p999 > 0 ? theirs.p999 : 1;
			line.floor_name = "cyclictest";
			line.ratio.median = ours.p999 / line.floor;
			line.ratio.low = line.ratio.high = line.ratio.median;
			line.goal = spin ? 1 : 0;
		}
		bench_print(&line);
	}
}

int main(void)
{
	int seconds = bench_quick() ? 1 : 10;

	if (system("command -v cyclictest >/dev/null") != 0)
		bench_skip("cyclictest", "not installed (Debian: rt-tests)");
	measure(1000, seconds);
	measure(250, seconds);
	measure(100, seconds);
	return 0;
}
