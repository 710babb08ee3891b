/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several rings in one process, each a session with a thread of its own on a CPU in turn, and two in a process each: do they
 * know of each other? And
 * a large ring for as long as BENCH_SECONDS says (3600: an hour): in process and over a veth pair without the delay of a
 * wire, since these are about CPU, and with it at the period that `ecring budget` gives. Last, sixteen rings as a calculation,
 * on figures of paper. With an argument, "large", only the large ones.
 */
#define _GNU_SOURCE 1
#include "base/prng.h"
#include "bench/common/bench.h"
#include "bench/common/far.h"
#include "bench/common/ring.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RINGS 16
#define SLAVES 10
#define PERIOD ECR_MS(1)
#define LARGE 1000
#define NO_DELAY 1u	 /* ns: 0 would be the simulator's own */
#define SLAVE_DELAY 500u /* each way */

struct session {
	struct bench_ring ring;
	struct bench_far far;
	struct ecr_master *master;
	struct ecr_domain_info before;
	uint64_t overruns; /* before */
};

static struct session sessions[RINGS];

static long seconds(void)
{
	const char *wanted = getenv("BENCH_SECONDS");

	return wanted ? strtol(wanted, NULL, 10) : bench_quick() ? 1 : 10;
}

/* What something takes, and what else does for comparison; us 0: nothing. */
struct floor {
	double us;
	const char *name;
};

static struct floor waking_alone(void)
{
	return (struct floor){ bench_waking_us(PERIOD), "waking alone" };
}

static void say(const char *name, double us, struct floor floor, const char *note)
{
	double ratio = floor.us > 0 ? us / floor.us : 0;
	struct bench_line line = { .bench = "rings",
				   .name = name,
				   .unit = "us",
				   .value = { us, us, us },
				   .floor = floor.us,
				   .floor_name = floor.name,
				   .ratio = { ratio, ratio, ratio },
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
	double p999;	 /* us, of the worst wake-up among them */
	double resident; /* MB */
	double grown;	 /* MB of it since the beginning */
};

static void begin(struct session *session)
{
	struct ecr_thread_info thread = { 0 };

	ecr_domain_info(session->master, "io", &session->before);
	ecr_thread_info(session->master, &thread);
	session->overruns = thread.overruns;
}

static struct outcome watch(int count)
{
	struct timespec pause = { seconds(), 0 };
	struct outcome sum = { .cpu = -bench_cpu_seconds(), .grown = -bench_resident_kb() / 1e3 };

	for (int i = 0; i < count; i++)
		begin(&sessions[i]);
	nanosleep(&pause, NULL);
	sum.cpu += bench_cpu_seconds();
	sum.resident = bench_resident_kb() / 1e3;
	sum.grown += sum.resident;
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
		sum.skipped += (double)(thread.overruns - sessions[i].overruns);
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

static double per_cycle_us(const struct outcome *sum)
{
	return sum->cycles > 0 ? sum->cpu * 1e6 / sum->cycles : 0;
}

/* One ring after the other; false when one of them does not come to OP. On a CPU of one's own there is time to spin before a
 * deadline. */
static bool run_several(int first, int count, bool spin, struct outcome *sum)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	bool good = true;

	for (int i = 0; i < count; i++) {
		struct session *session = &sessions[i];

		bench_ring_open(&session->ring, SLAVES, SLAVES * 8, PERIOD);
		session->ring.config.realtime =
			(struct ecr_realtime){ .cpu = (first + i) % (int)cpus + 1,
					       .no_spin = !spin };
		good = start(session, NULL) && good;
	}
	*sum = watch(count);
	end(count, false);
	return good;
}

static void say_several(int count, const char *how, const struct outcome *sum, struct floor floor)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	char name[80];
	char note[96];

	snprintf(name, sizeof(name), "%d ring%s on %ld CPUs%s: CPU per cycle", count,
		 count > 1 ? "s" : "", cpus, how);
	snprintf(note, sizeof(note),
		 "(%.0f cycles, %.0f missed, %.0f skipped; wake-up p99.9 %.3g us)", sum->cycles,
		 sum->missed, sum->skipped, sum->p999);
	say(name, per_cycle_us(sum), floor, note);
}

/* What each of them takes. */
static struct floor measure_several(int count, bool spin, struct floor floor)
{
	struct outcome sum;

	if (run_several(0, count, spin, &sum))
		say_several(count, spin ? "" : ", only sleeping", &sum, floor);
	else
		bench_skip("rings", "a ring does not come to OP");
	return (struct floor){ per_cycle_us(&sum), "one ring" };
}

/* Each ring in a process of its own. */
static pid_t begin_process(int number, int to)
{
	pid_t child = fork();
	struct outcome sum = { 0 };

	if (child)
		return child;
	if (!run_several(number, 1, true, &sum) || write(to, &sum, sizeof(sum)) != sizeof(sum))
		_exit(1);
	_exit(0);
}

static void measure_processes(int count, struct floor one)
{
	struct outcome all = { 0 };
	struct outcome sum;
	int good = 0;
	int ends[2];

	if (pipe(ends))
		return;
	for (int i = 0; i < count; i++)
		if (begin_process(i, ends[1]) < 0)
			bench_skip("rings", "no process of its own can be had");
	close(ends[1]);
	for (; read(ends[0], &sum, sizeof(sum)) == sizeof(sum); good++) {
		all.cpu += sum.cpu;
		all.cycles += sum.cycles;
		all.missed += sum.missed;
		all.skipped += sum.skipped;
		all.p999 = sum.p999 > all.p999 ? sum.p999 : all.p999;
	}
	close(ends[0]);
	while (wait(NULL) > 0)
		;
	if (good == count)
		say_several(count, ", a process each", &all, one);
	else
		bench_skip("rings", "a ring does not come to OP");
}

struct large {
	const char *name;
	const char *interface;
	ecr_time period;
	uint32_t delay_ns; /* of a slave, each way */
};

/* The far end keeps to the second CPU: each side has one. */
static void open_large(struct session *session, const struct large *large)
{
	bench_ring_open_delayed(&session->ring, LARGE, 2 * LARGE, large->period, large->delay_ns);
	session->ring.config.limits.slaves = LARGE;
	session->ring.config.realtime.cpu = 1;
}

static void say_missed(const struct large *large, double missed)
{
	char name[80];
	struct bench_line line = { .bench = "rings",
				   .name = name,
				   .unit = "",
				   .value = { missed, missed, missed },
				   .none = true };

	snprintf(name, sizeof(name), "%d slaves at %.4g ms %s: missed cycles", LARGE,
		 (double)large->period / 1e6, large->name);
	bench_print(&line);
}

/* What it takes. */
static struct floor measure_large(const struct large *large, struct floor floor)
{
	struct outcome sum;
	char name[80];
	char note[160];

	open_large(&sessions[0], large);
	if (!start(&sessions[0], large->interface)) {
		bench_skip("rings", "the large ring does not come to OP");
		if (sessions[0].master)
			ecr_report(sessions[0].master, stderr);
		end(1, large->interface);
		return (struct floor){ 0 };
	}
	sum = watch(1);
	snprintf(name, sizeof(name), "%d slaves at %.4g ms %s: CPU per cycle", LARGE,
		 (double)large->period / 1e6, large->name);
	snprintf(note, sizeof(note),
		 "(%ld s, %.0f cycles, %.0f missed, %.0f skipped; wake-up p99.9 %.3g us; %.0f MB, "
		 "%+.1f MB since the beginning)",
		 seconds(), sum.cycles, sum.missed, sum.skipped, sum.p999, sum.resident, sum.grown);
	say(name, per_cycle_us(&sum), floor, note);
	say_missed(large, sum.missed);
	end(1, large->interface);
	return (struct floor){ per_cycle_us(&sum), "in process" };
}

/* What `ecring budget` answers for the large ring and a cycle: the shortest one that it bears; 0: no answer. Which it refuses
 * is told by name. */
static ecr_time ask_budget(const char *program, ecr_time cycle)
{
	const char *slash = strrchr(program, '/');
	char command[512];
	char answer[1024];
	double shortest = 0;
	FILE *pipe;

	snprintf(command, sizeof(command),
		 "'%.*s/../ecring' budget 'digital:8:8*%d' --cycle %lldus --json 2>&1",
		 slash ? (int)(slash - program) : 1, slash ? program : ".", LARGE,
		 (long long)cycle / 1000);
	pipe = popen(command, "r");
	while (pipe && fgets(answer, sizeof(answer), pipe)) {
		const char *at = strstr(answer, "\"shortest_cycle_us\":");

		answer[strcspn(answer, "\n")] = '\0';
		if (at)
			shortest = strtod(strchr(at, ':') + 1, NULL);
		else
			bench_skip("rings", answer);
	}
	if (pipe)
		pclose(pipe);
	return ECR_US((ecr_time)ceil(shortest));
}

static void measure_all_large(const char *program)
{
	static const struct large in_process = { "in process", NULL, PERIOD, NO_DELAY };
	static const struct large over_veth = { "over veth, simulator included", "m0", PERIOD,
						NO_DELAY };
	struct large on_wire = { "in process, with a wire", NULL, ask_budget(program, PERIOD),
				 SLAVE_DELAY };
	struct floor one = measure_large(&in_process, waking_alone());

	if (on_wire.period)
		measure_large(&on_wire, one);
	else
		bench_skip("rings", "the program that knows the shortest cycle is not built");
	if (bench_veth())
		measure_large(&over_veth, one);
	else
		bench_skip("rings", "this system allows no network namespace, or no veth pair");
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
	say(name, bench_quantile(late, rounds, 0.5), (struct floor){ 0 }, note);
}

int main(int argc, char **argv)
{
	struct floor spinning;
	struct floor sleeping;

	if (argc > 1 && strcmp(argv[1], "large") == 0) {
		measure_all_large(argv[0]);
		return 0;
	}
	spinning = measure_several(1, true, waking_alone());
	measure_several(2, true, spinning);
	measure_processes(2, spinning);
	sleeping = measure_several(1, false, waking_alone());
	measure_several(4, false, sleeping);
	measure_several(RINGS, false, sleeping);
	measure_all_large(argv[0]);
	for (int cpus = 1; cpus <= RINGS; cpus *= 2)
		calculate(cpus);
	return 0;
}
