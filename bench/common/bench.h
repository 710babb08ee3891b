/* SPDX-License-Identifier: Apache-2.0 */
/* Measuring: a clock, medians with their intervals, one line per result for a reader and one for
 * the report. */
#ifndef BENCH_COMMON_BENCH_H
#define BENCH_COMMON_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int64_t bench_now(void); /* monotonic, ns */

/* A median with the interval that holds the true one in 95 of 100 runs. */
struct bench_middle {
	double median;
	double low;
	double high;
};

/* The values are sorted in place; count at least 1. */
struct bench_middle bench_middle(double *values, size_t count);
/* Of sorted values: the one that `share` (0..1) of them do not exceed. */
double bench_quantile(const double *sorted, size_t count, double share);
void bench_sort(double *values, size_t count);

#define BENCH_PAIRS 64 /* of measurements, at most */

/* One result. Fields that do not apply stay 0. */
struct bench_line {
	const char *bench;
	const char *name;
	const char *unit;
	struct bench_middle value;
	double p99;
	double p999;
	double max;
	double floor; /* the same work without us, of the same run */
	const char *floor_name;
	struct bench_middle ratio; /* of value to floor, pair by pair */
	double goal; /* of the ratio when there is a floor, else of the value; 0: no goal */
	bool none;   /* the goal is a value of 0 */
	bool more_is_better;
	const char *note;
};

/* Fills in value, floor and ratio from `count` measurements, each with its floor; they are sorted in place. */
void bench_pairs(struct bench_line *line, double *values, double *floors, size_t count);
/* What this process has taken of CPUs, all threads together. */
double bench_cpu_seconds(void);
/* The same, in us, of a thread that does nothing but wake once a period, for a wake-up: the floor of whoever has to. */
double bench_waking_us(int64_t period);
/* What this process keeps in memory. */
double bench_resident_kb(void);

/* Prints the line, and appends it to the file that BENCH_RECORDS names. */
void bench_print(const struct bench_line *line);
/* A bench that cannot run here says so. */
void bench_skip(const char *bench, const char *why);
/* BENCH_QUICK in the environment: a tenth of the rounds, to see that everything runs. */
bool bench_quick(void);

#endif
