/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The core without I/O and without the far side: the time of a cycle against three memcpys of the image, taken in turn with
 * it and between buffers as many and as cold as its own; beside it what the error counters of all slaves cost, which are
 * looked at once a second. "core --cycles N SLAVES BYTES" only runs N cycles: for a profiler, which then counts the
 * instructions of the verbs.
 */
#define _POSIX_C_SOURCE 200809L
#include "bench/common/bench.h"
#include "bench/common/still.h"
#include "port/view.h"
#include "wire/frame.h"
#include "wire/registers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAIRS 30
#define CYCLES 1000
#define MOST 16384 /* bytes of an image */
#define BLOCK 20
#define BLOCKS (CYCLES / BLOCK) /* most of them between two looks at the error counters */
#define QUIET 20		/* cycles, before error counters are looked at for the first time */
#define ADDED 1.01		/* an instruction for each of 349 slaves more would be a fifth */

static struct bench_still still;

static double cycles_ns(struct bench_still *of)
{
	int64_t start = bench_now();
	int64_t answering;

	bench_still_cycles(of, BLOCK);
	answering = bench_now();
	bench_still_answers(of, BLOCK);
	return (double)(answering - start - (bench_now() - answering)) / BLOCK;
}

/* Out of the image, out of the frame, and into the hands of somebody: four buffers, as a cycle has with its two of inputs.
 * They lie apart by no whole pages. */
static double copies_ns(size_t size)
{
	static _Alignas(64) uint8_t buffers[4][MOST + 5 * 64];
	int64_t start = bench_now();

	if (size > MOST)
		abort();
	for (int i = 0; i < BLOCK; i++)
		for (int k = 0; k < 3; k++) {
			memcpy(buffers[k + 1], buffers[k], size);
			__asm__ volatile("" : : "r"(buffers) : "memory");
		}
	return (double)(bench_now() - start) / BLOCK;
}

/* Blocks of cycles in turn with what they are measured against: blocks of copies, or of another core's cycles. */
struct turns {
	double cycle; /* medians */
	double other;
	double mean; /* of cycles, those that look at error counters included */
};

static struct turns take_turns(struct bench_still *other)
{
	uint64_t valid = bench_still_image(&still).valid_cycles;
	size_t size = bench_still_image(&still).size;
	double cycles[BLOCKS];
	double others[BLOCKS];
	double sum = 0;

	for (int i = 0; i < BLOCKS; i++) {
		others[i] = other ? cycles_ns(other) : copies_ns(size);
		cycles[i] = cycles_ns(&still);
		sum += cycles[i];
	}
	if (bench_still_image(&still).valid_cycles != valid + CYCLES)
		abort(); /* cycles that are not valid measure something else */
	return (struct turns){ bench_middle(cycles, BLOCKS).median,
			       bench_middle(others, BLOCKS).median, sum / BLOCKS };
}

static void print_ratio(struct bench_line *line, double *values, double *floors, double allowance)
{
	double ratios[PAIRS];

	for (int i = 0; i < PAIRS; i++)
		ratios[i] = values[i] / floors[i];
	line->value = bench_middle(values, PAIRS);
	line->floor = bench_middle(floors, PAIRS).median;
	line->ratio = bench_middle(ratios, PAIRS);
	if (allowance != 0)
		line->goal = 1 + allowance / line->floor;
	bench_print(line);
}

/* Of CYCLES cycles, which are so many seconds of the session's clock. A reading is a datagram of its own: its bytes are
 * copied as a cycle's are. */
static void print_health(int count, double *means, const double *cycles)
{
	double seconds = CYCLES * (double)bench_still_period() / 1e9;
	char name[64];
	double copies[PAIRS];
	struct bench_line line = {
		.bench = "core", .name = name, .unit = "ns", .floor_name = "three memcpys"
	};

	for (int i = 0; i < PAIRS; i++) {
		means[i] = (means[i] - cycles[i]) * CYCLES / seconds / count;
		copies[i] = copies_ns(ECR_DATAGRAM_OVERHEAD + ECR_REG_ERRORS_SIZE);
	}
	snprintf(name, sizeof(name), "error counters, 1 of %d slaves, once", count);
	bench_pairs(&line, means, copies, PAIRS);
	bench_print(&line);
}

/* At most three copies of the image and 300 ns. */
static void measure_cycle(int count)
{
	double values[PAIRS];
	double means[PAIRS];
	double in_order[PAIRS];
	double floors[PAIRS];
	char name[64];
	struct bench_line line = {
		.bench = "core", .name = name, .unit = "ns", .floor_name = "three memcpys"
	};

	take_turns(NULL);
	for (int i = 0; i < PAIRS; i++) {
		struct turns turns = take_turns(NULL);

		floors[i] = turns.other;
		values[i] = in_order[i] = turns.cycle;
		means[i] = turns.mean;
	}
	snprintf(name, sizeof(name), "cycle, %d slaves, %u bytes", count,
		 bench_still_image(&still).size);
	print_ratio(&line, values, floors, 300);
	print_health(count, means, in_order);
}

static double clock_ns(void)
{
	double values[BLOCKS];

	for (int i = 0; i < BLOCKS; i++) {
		int64_t start = bench_now();

		values[i] = (double)(bench_now() - start);
	}
	return bench_middle(values, BLOCKS).median;
}

static int64_t publish(struct port_view *view)
{
	int64_t start;

	bench_still_cycles(&still, 1);
	start = bench_now();
	port_view_publish(view, still.core);
	return bench_now() - start;
}

/* Of buffers that a cycle has displaced like those of the view. */
static int64_t compare(size_t size)
{
	static _Alignas(64) uint8_t from[MOST];
	static _Alignas(64) uint8_t to[MOST + 5 * 64];
	int64_t start;
	int differ;

	bench_still_cycles(&still, 1);
	start = bench_now();
	differ = memcmp(to, from, size);
	start = bench_now() - start;
	if (differ)
		abort();
	return start;
}

/* What the port adds to a cycle whose inputs are as they were: one comparison, taken in turn with a bare one. The
 * clock's own cost is taken off both. */
static void measure_publish(void)
{
	double values[PAIRS];
	double floors[PAIRS];
	char name[64];
	struct bench_line line = {
		.bench = "core", .name = name, .unit = "ns", .floor_name = "memcmp"
	};
	uint32_t size = bench_still_image(&still).size;
	struct port_view *view = port_view_make(still.core, NULL);

	if (!view)
		abort();
	publish(view);
	for (int i = 0; i < PAIRS; i++) {
		double publishing[CYCLES];
		double comparing[CYCLES];
		double clock = clock_ns();

		for (int k = 0; k < CYCLES; k++) {
			publishing[k] = (double)publish(view);
			comparing[k] = (double)compare(size);
		}
		values[i] = bench_middle(publishing, CYCLES).median - clock;
		floors[i] = bench_middle(comparing, CYCLES).median - clock;
		if (floors[i] < 1)
			floors[i] = 1;
	}
	snprintf(name, sizeof(name), "publish unchanged, %u bytes", size);
	print_ratio(&line, values, floors, 0);
	port_view_free(view);
}

static void measure(int count)
{
	if (!bench_still_open(&still, count, (uint32_t)count * 8)) {
		bench_skip("core", "the ring does not come to OP");
		return;
	}
	measure_cycle(count);
	measure_publish();
	bench_still_close(&still);
}

/* The same image of one slave and of many: a cycle must not know the difference. */
static void measure_added_slaves(void)
{
	static struct bench_still one;
	double values[PAIRS];
	double floors[PAIRS];
	struct bench_line line = { .bench = "core",
				   .name = "cycle, 350 slaves, 1400 bytes",
				   .unit = "ns",
				   .floor_name = "of one slave",
				   .goal = 1.02 };

	if (!bench_still_open(&still, 350, 1400) || !bench_still_open(&one, 1, 1400))
		return;
	take_turns(&one);
	for (int i = 0; i < PAIRS; i++) {
		struct turns turns = take_turns(&one);

		floors[i] = turns.other;
		values[i] = turns.cycle;
	}
	print_ratio(&line, values, floors, 0);
	bench_still_close(&still);
	bench_still_close(&one);
}

static double instructions(const char *program, int cycles, int count, uint32_t bytes)
{
	char command[512];
	char text[256];
	double found = -1;
	FILE *pipe;

	snprintf(command, sizeof(command),
		 "valgrind --tool=callgrind --callgrind-out-file=/dev/null "
		 "--toggle-collect=bench_still_cycles --toggle-collect=bench_answer "
		 "--collect-atstart=no "
		 "'%s' --cycles %d %d %u 2>&1",
		 program, cycles, count, bytes);
	pipe = popen(command, "r");
	while (pipe && fgets(text, sizeof(text), pipe)) {
		const char *at = strstr(text, "Collected : ");

		if (at)
			found = strtod(at + 12, NULL);
	}
	return pipe && pclose(pipe) == 0 ? found : -1;
}

/* Counted, not timed: the same on every run. Of two rings with one image the larger may take no more than the smaller. */
static void count_instructions(const char *program)
{
	static const struct {
		int slaves;
		uint32_t bytes;
		bool added; /* slaves to the case before */
	} cases[] = { { 3, 24, false },
		      { 100, 800, false },
		      { 1000, 8000, false },
		      { 1, 1400, false },
		      { 350, 1400, true } };
	double before = 0;

	if (system("command -v valgrind >/dev/null") != 0) {
		bench_skip("instructions", "valgrind is not installed");
		return;
	}
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char name[64];
		struct bench_line line = { .bench = "instructions", .name = name, .unit = "" };
		double all = instructions(program, QUIET, cases[i].slaves, cases[i].bytes);

		if (all < 0)
			continue;
		snprintf(name, sizeof(name), "cycle, %d slaves, %u bytes", cases[i].slaves,
			 cases[i].bytes);
		line.value.median = line.value.low = line.value.high = all / QUIET;
		if (cases[i].added && before > 0) {
			line.floor = before / QUIET;
			line.floor_name = "of one slave";
			line.ratio.median = line.ratio.low = line.ratio.high = all / before;
			line.goal = ADDED;
		}
		before = all;
		bench_print(&line);
	}
}

int main(int argc, char **argv)
{
	static const int counts[] = { 1, 3, 10, 100, 1000 };

	if (argc == 5 && strcmp(argv[1], "--cycles") == 0) {
		if (!bench_still_open(&still, atoi(argv[3]), (uint32_t)atoi(argv[4])))
			return 1;
		bench_still_cycles(&still, atoi(argv[2]));
		printf("%llu valid\n", (unsigned long long)bench_still_image(&still).valid_cycles);
		return 0;
	}
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		measure(counts[i]);
	measure_added_slaves();
	count_instructions(argv[0]);
	return 0;
}
