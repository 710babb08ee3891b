/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How late the cyclic thread wakes, only sleeping, and sleeping and then spinning, against cyclictest in the same run: same
 * priority, same CPU, same period, memory locked and CPUs kept awake in all of them. They take turns, so that what the
 * machine does besides strikes all alike; a session that is not measured is in PREOP.
 */
#define _GNU_SOURCE 1
#include "bench/common/bench.h"
#include "bench/common/ring.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ROOM 20000 /* us of a histogram */
#define PRIORITY 80
#define BLOCKS 10
#define BLOCK_S 2

enum way { CYCLICTEST, SLEEPING, SPINNING, WAYS };

struct jitter {
	unsigned long counts[ROOM]; /* per us; the last is for all that is longer */
	unsigned long all;
};

struct session {
	struct bench_ring ring;
	struct ecr_master *master;
};

static struct jitter jitters[WAYS];
static struct jitter block;
static struct session sessions[WAYS]; /* but for cyclictest */
static int cpu;			      /* the last one: interrupts go to the first */

/* So many us are not reached by that share of them. */
static double share_of(const struct jitter *jitter, double part)
{
	unsigned long wanted = (unsigned long)ceil(part * (double)jitter->all);
	unsigned long sum = 0;

	for (int i = 0; i < ROOM; i++) {
		sum += jitter->counts[i];
		if (sum && sum >= wanted)
			return i + 1;
	}
	return ROOM;
}

static void add(struct jitter *to, const struct jitter *from)
{
	for (int i = 0; i < ROOM; i++)
		to->counts[i] += from->counts[i];
	to->all += from->all;
}

/* How late this cycle is, in whole us as cyclictest has it. */
static void on_cycle(void *context, struct ecr_cycle *cycle)
{
	ecr_time late = (cycle->now - cycle->deadline) / 1000;

	(void)context;
	if (ecr_state(cycle->master) != ECR_STATE_OPERATIONAL)
		return;
	block.counts[late < ROOM ? late : ROOM - 1]++;
	block.all++;
}

static bool open_session(struct session *session, int period_us, bool spin)
{
	struct ecr_config *config = &session->ring.config;

	bench_ring_open(&session->ring, 1, 8, ECR_US(period_us));
	config->simulator = session->ring.sim;
	config->realtime = (struct ecr_realtime){
		.priority = PRIORITY, .cpu = cpu + 1, .no_sleep_states = true, .no_spin = !spin
	};
	config->cyclic = on_cycle;
	session->master = ecr_open();
	return session->master && ecr_start(session->master, config) == 0 &&
	       ecr_await_operational(session->master, ECR_S(20)) == 0 &&
	       ecr_deactivate(session->master, ECR_TARGET_PREOP) == 0;
}

static void close_session(struct session *session)
{
	ecr_close(session->master);
	bench_ring_close(&session->ring);
}

static bool run_ours(struct session *session)
{
	struct timespec pause = { BLOCK_S, 0 };

	if (ecr_activate(session->master) || ecr_await_operational(session->master, ECR_S(20)))
		return false;
	nanosleep(&pause, NULL);
	return ecr_deactivate(session->master, ECR_TARGET_PREOP) == 0 && block.all;
}

static bool run_cyclictest(int period_us)
{
	char line[256];
	FILE *pipe;

	snprintf(line, sizeof(line),
		 "cyclictest -q -m -t 1 -a %d -p %d -i %d -D %d -h %d 2>/dev/null", cpu, PRIORITY,
		 period_us, BLOCK_S, ROOM);
	pipe = popen(line, "r");
	while (pipe && fgets(line, sizeof(line), pipe)) {
		unsigned int at;
		unsigned long count;

		if (line[0] != '#' && sscanf(line, "%u %lu", &at, &count) == 2 && at < ROOM) {
			block.counts[at] += count;
			block.all += count;
		} else if (sscanf(line, "# Histogram Overflows: %lu", &count) == 1) {
			block.counts[ROOM - 1] += count;
			block.all += count;
		}
	}
	return pipe && pclose(pipe) == 0 && block.all;
}

/* One block; its p99.9, negative when it does not run. */
static double run(enum way way, int period_us)
{
	bool good;

	memset(&block, 0, sizeof(block));
	good = way == CYCLICTEST ? run_cyclictest(period_us) : run_ours(&sessions[way]);
	if (!good)
		return -1;
	add(&jitters[way], &block);
	return share_of(&block, 0.999);
}

static void say(enum way way, int period_us, double values[WAYS][BLOCKS], size_t blocks)
{
	const struct jitter *jitter = &jitters[way];
	double floor = share_of(&jitters[CYCLICTEST], 0.999);
	double ratios[BLOCKS];
	char name[80];
	char note[80];
	struct bench_line line = { .bench = "jitter", .name = name, .unit = "us", .note = note };

	for (size_t i = 0; i < blocks; i++)
		ratios[i] = values[way][i] / values[CYCLICTEST][i];
	snprintf(name, sizeof(name), "p99.9 at %d us, %s", period_us,
		 way == SPINNING ? "sleeping, then spinning" : "sleeping");
	snprintf(note, sizeof(note), "(p50 %.0f; cyclictest's %.0f, p99 %.0f, max %.0f)",
		 share_of(jitter, 0.5), share_of(&jitters[CYCLICTEST], 0.5),
		 share_of(&jitters[CYCLICTEST], 0.99), share_of(&jitters[CYCLICTEST], 1));
	line.p99 = share_of(jitter, 0.99);
	line.p999 = share_of(jitter, 0.999);
	line.max = share_of(jitter, 1);
	line.value = (struct bench_middle){ line.p999, line.p999, line.p999 };
	if (jitters[CYCLICTEST].all) {
		line.ratio = bench_middle(ratios, blocks);
		line.floor = floor;
		line.floor_name = "cyclictest";
		line.goal = way == SPINNING ? 1 : 0;
	}
	bench_print(&line);
}

static bool open_all(int period_us)
{
	bool good = true;

	for (enum way way = SLEEPING; way < WAYS; way++)
		good = open_session(&sessions[way], period_us, way == SPINNING) && good;
	return good;
}

static void measure(int period_us)
{
	static double values[WAYS][BLOCKS];
	size_t blocks = bench_quick() ? 2 : BLOCKS;
	bool good = open_all(period_us);

	memset(jitters, 0, sizeof(jitters));
	for (size_t i = 0; good && i < blocks; i++)
		for (enum way way = CYCLICTEST; way < WAYS; way++)
			values[way][i] = run(way, period_us);
	for (enum way way = SLEEPING; way < WAYS; way++) {
		if (good && jitters[way].all)
			say(way, period_us, values, blocks);
		else
			bench_skip("jitter", "the ring does not come to OP");
		close_session(&sessions[way]);
	}
}

int main(void)
{
	if (system("command -v cyclictest >/dev/null") != 0)
		bench_skip("cyclictest", "not installed (Debian: rt-tests)");
	cpu = (int)sysconf(_SC_NPROCESSORS_ONLN) - 1;
	measure(1000);
	measure(250);
	measure(100);
	return 0;
}
