/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L
#include "bench/common/bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define WAKES 1000
#define NOISY 0.1 /* an interval wider than this share of its median */

int64_t bench_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

bool bench_quick(void)
{
	return getenv("BENCH_QUICK") != NULL;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

void bench_sort(double *values, size_t count)
{
	qsort(values, count, sizeof(values[0]), compare);
}

double bench_quantile(const double *sorted, size_t count, double share)
{
	size_t at = (size_t)(share * (double)count);

	return sorted[at < count ? at : count - 1];
}

/* Ranks by the binomial distribution, approximated: n/2 -+ 0.98 sqrt(n). */
struct bench_middle bench_middle(double *values, size_t count)
{
	size_t reach = (size_t)ceil(0.98 * sqrt((double)count));
	size_t half = count / 2;

	bench_sort(values, count);
	return (struct bench_middle){ values[half], values[half > reach ? half - reach : 0],
				      values[half + reach < count ? half + reach : count - 1] };
}

void bench_pairs(struct bench_line *line, double *values, double *floors, size_t count)
{
	double ratios[BENCH_PAIRS];

	if (count > BENCH_PAIRS)
		abort();
	for (size_t i = 0; i < count; i++)
		ratios[i] = values[i] / floors[i];
	line->value = bench_middle(values, count);
	line->floor = bench_middle(floors, count).median;
	line->ratio = bench_middle(ratios, count);
}

double bench_cpu_seconds(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

double bench_waking_us(int64_t period)
{
	struct timespec at;
	double cpu = bench_cpu_seconds();

	clock_gettime(CLOCK_MONOTONIC, &at);
	for (int i = 0; i < WAKES; i++) {
		at.tv_nsec += period;
		if (at.tv_nsec >= 1000000000) {
			at.tv_nsec -= 1000000000;
			at.tv_sec++;
		}
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
	}
	return (bench_cpu_seconds() - cpu) * 1e6 / WAKES;
}

double bench_resident_kb(void)
{
	long pages = 0;
	long resident = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	if (!file || fscanf(file, "%ld %ld", &pages, &resident) != 2)
		resident = 0;
	if (file)
		fclose(file);
	return (double)resident * (double)sysconf(_SC_PAGESIZE) / 1e3;
}

static bool is_noisy(const struct bench_line *line)
{
	const struct bench_middle *judged = line->floor != 0 ? &line->ratio : &line->value;

	return judged->high - judged->low > NOISY * judged->median;
}

static bool misses_goal(const struct bench_line *line)
{
	double reached = line->floor != 0 ? line->ratio.median : line->value.median;

	if (line->none)
		return line->value.median > 0;
	if (line->goal == 0)
		return false;
	return line->more_is_better ? reached < line->goal : reached > line->goal;
}

static void print_text(const struct bench_line *line)
{
	double value = line->value.median;

	printf(value < 1e4 || value >= 1e7 ? "%-12s %-34s %10.4g %-4s" : "%-12s %-34s %10.0f %-4s",
	       line->bench, line->name, value, line->unit);
	if (line->floor != 0)
		printf("  %s %.4g, ratio %.3f (%.3f to %.3f)", line->floor_name, line->floor,
		       line->ratio.median, line->ratio.low, line->ratio.high);
	else if (line->value.high > line->value.low)
		printf("  (%.4g to %.4g)", line->value.low, line->value.high);
	if (line->max != 0)
		printf("  p99 %.4g p99.9 %.4g max %.4g", line->p99, line->p999, line->max);
	if (line->goal != 0 || line->none)
		printf("  goal %.4g %s", line->goal, misses_goal(line) ? "MISSED" : "met");
	if (line->note)
		printf("  %s", line->note);
	printf("%s\n", is_noisy(line) ? "  NOISY" : "");
	fflush(stdout);
}

static void record(const struct bench_line *line)
{
	const char *path = getenv("BENCH_RECORDS");
	FILE *file = path ? fopen(path, "a") : NULL;

	if (!file)
		return;
	fprintf(file,
		"{\"bench\":\"%s\",\"name\":\"%s\",\"unit\":\"%s\",\"value\":%.6g,\"low\":%.6g,"
		"\"high\":%.6g,\"p99\":%.6g,\"p999\":%.6g,\"max\":%.6g,\"floor\":%.6g,\"floor_"
		"name\":\"%s\","
		"\"ratio\":%.6g,\"ratio_low\":%.6g,\"ratio_high\":%.6g,\"goal\":%.6g,\"more_is_"
		"better\":%d,\"none\":%d,"
		"\"noisy\":%d,\"note\":\"%s\"}\n",
		line->bench, line->name, line->unit, line->value.median, line->value.low,
		line->value.high, line->p99, line->p999, line->max, line->floor,
		line->floor_name ? line->floor_name : "", line->ratio.median, line->ratio.low,
		line->ratio.high, line->goal, line->more_is_better, line->none, is_noisy(line),
		line->note ? line->note : "");
	fclose(file);
}

void bench_print(const struct bench_line *line)
{
	print_text(line);
	record(line);
}

void bench_skip(const char *bench, const char *why)
{
	printf("%-12s skipped: %s\n", bench, why);
	fflush(stdout);
}
