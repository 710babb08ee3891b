/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The core without I/O: the time of a cycle against one memcpy of the image, and beside it what the error counters of all
 * slaves cost, which are read once a second. "core --cycles N SLAVES BYTES" only runs N cycles: for a profiler, which then
 * counts the instructions of bench_still_cycles.
 */
#define _POSIX_C_SOURCE 200809L
#include "bench/common/bench.h"
#include "bench/common/still.h"
#include "port/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAIRS 30
#define CYCLES 1000
#define MOST (16384 + 2048) /* bytes of an image; two such lie apart by no whole pages */
#define BLOCK 20
#define BLOCKS (CYCLES / BLOCK) /* most of them between two looks at the error counters */
#define COPIES 20000
#define QUIET 20 /* cycles, before error counters are read for the first time */

static struct bench_still still;

/* The median of a cycle; `mean` of all, those that read error counters included; may be NULL. */
static double cycle_ns(double *mean)
{
	uint64_t valid = bench_still_image(&still).valid_cycles;
	double values[BLOCKS];
	double sum = 0;

	for (int i = 0; i < BLOCKS; i++) {
		int64_t start = bench_now();

		bench_still_cycles(&still, BLOCK);
		values[i] = (double)(bench_now() - start) / BLOCK;
		sum += values[i];
	}
	if (bench_still_image(&still).valid_cycles != valid + CYCLES)
		abort(); /* cycles that are not valid measure something else */
	if (mean)
		*mean = sum / BLOCKS;
	return bench_middle(values, BLOCKS).median;
}

static double memcpy_ns(size_t size)
{
	static _Alignas(64) uint8_t from[MOST];
	static _Alignas(64) uint8_t to[MOST];
	int64_t start = bench_now();

	if (size > MOST)
		abort();
	for (int i = 0; i < COPIES; i++) {
		memcpy(to, from, size);
		__asm__ volatile("" : : "r"(to), "r"(from) : "memory");
	}
	start = bench_now() - start;
	return (double)start / COPIES;
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
		line->goal = 3 + allowance / line->floor;
	bench_print(line);
}

/* Of CYCLES cycles, which are so many seconds of the session's clock. */
static void print_health(int count, double *means, const double *cycles)
{
	double seconds = CYCLES * (double)bench_still_period() / 1e9;
	char name[64];
	struct bench_line line = { .bench = "core", .name = name, .unit = "ns" };

	for (int i = 0; i < PAIRS; i++)
		means[i] = (means[i] - cycles[i]) * CYCLES / seconds / count;
	snprintf(name, sizeof(name), "error counters, 1 of %d slaves, once", count);
	line.value = bench_middle(means, PAIRS);
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
		.bench = "core", .name = name, .unit = "ns", .floor_name = "memcpy"
	};
	struct ecr_image image = bench_still_image(&still);

	cycle_ns(NULL);
	for (int i = 0; i < PAIRS; i++) {
		floors[i] = memcpy_ns(image.size);
		values[i] = in_order[i] = cycle_ns(&means[i]);
	}
	snprintf(name, sizeof(name), "cycle, %d slaves, %u bytes", count, image.size);
	print_ratio(&line, values, floors, 300);
	print_health(count, means, in_order);
}

static double publish_ns(struct port_view *view)
{
	double sum = 0;

	for (int i = 0; i < CYCLES; i++) {
		int64_t start;

		bench_still_cycles(&still, 1);
		start = bench_now();
		port_view_publish(view, still.core);
		sum += (double)(bench_now() - start);
	}
	return sum / CYCLES;
}

static double memcmp_ns(size_t size)
{
	uint8_t *from = calloc(1, size);
	uint8_t *to = calloc(1, size);
	int64_t start = bench_now();
	int differ = 0;

	if (!from || !to)
		abort();
	for (int i = 0; i < COPIES; i++) {
		__asm__ volatile("" : : "r"(to), "r"(from) : "memory");
		differ |= memcmp(to, from, size);
	}
	start = bench_now() - start;
	free(from);
	free(to);
	return differ ? 0 : (double)start / COPIES;
}

/* What the port adds to a cycle whose inputs are as they were: one comparison. The clock's own cost
 * is taken off. */
static void measure_publish(int count)
{
	double values[PAIRS];
	double floors[PAIRS];
	char name[64];
	struct bench_line line = {
		.bench = "core", .name = name, .unit = "ns", .floor_name = "memcmp"
	};
	struct ecr_image image = bench_still_image(&still);
	struct port_view *view = port_view_make(still.core, NULL);

	if (!view)
		abort();
	publish_ns(view);
	for (int i = 0; i < PAIRS; i++) {
		int64_t start = bench_now();

		for (int k = 0; k < CYCLES; k++)
			(void)bench_now();
		start = bench_now() - start;
		floors[i] = memcmp_ns(image.size);
		values[i] = publish_ns(view) - (double)start / CYCLES;
	}
	snprintf(name, sizeof(name), "publish unchanged, %u bytes", image.size);
	print_ratio(&line, values, floors, 0);
	port_view_free(view);
	(void)count;
}

static void measure(int count)
{
	if (!bench_still_open(&still, count, (uint32_t)count * 8)) {
		bench_skip("core", "the ring does not come to OP");
		return;
	}
	measure_cycle(count);
	measure_publish(count);
	bench_still_close(&still);
}

/* The same image of one slave and of many: a cycle must not know the difference. */
static void measure_added_slaves(void)
{
	static struct bench_still many;
	double values[PAIRS];
	double floors[PAIRS];
	struct bench_line line = { .bench = "core",
				   .name = "cycle, 350 slaves, 1400 bytes",
				   .unit = "ns",
				   .floor_name = "of one slave",
				   .goal = 1.02 };

	if (!bench_still_open(&still, 350, 1400))
		return;
	many = still;
	if (!bench_still_open(&still, 1, 1400))
		return;
	cycle_ns(NULL);
	for (int i = 0; i < PAIRS; i++) {
		struct bench_still one;

		floors[i] = cycle_ns(NULL);
		one = still;
		still = many;
		values[i] = cycle_ns(NULL);
		many = still;
		still = one;
	}
	print_ratio(&line, values, floors, 0);
	bench_still_close(&still);
	bench_still_close(&many);
}

static double instructions(const char *program, int cycles, int count, uint32_t bytes)
{
	char command[512];
	char text[256];
	double found = -1;
	FILE *pipe;

	snprintf(command, sizeof(command),
		 "valgrind --tool=callgrind --callgrind-out-file=/dev/null "
		 "--toggle-collect=bench_still_cycles '%s' --cycles %d %d %u 2>&1",
		 program, cycles, count, bytes);
	pipe = popen(command, "r");
	while (pipe && fgets(text, sizeof(text), pipe)) {
		const char *at = strstr(text, "Collected : ");

		if (at)
			found = strtod(at + 12, NULL);
	}
	return pipe && pclose(pipe) == 0 ? found : -1;
}

/* Counted, not timed: the same on every run. */
static void count_instructions(const char *program)
{
	static const struct {
		int slaves;
		uint32_t bytes;
	} cases[] = { { 3, 24 }, { 1, 1400 }, { 350, 1400 } };

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
