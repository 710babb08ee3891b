/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From start to OP in virtual time, on a wire of 100 Mbit/s: frames, bytes and time for 1, 10, 100
 * and 1000 slaves. Realistic: an EEPROM that takes 1 ms for eight bytes, and 1 us of delay per slave.
 * These figures are the same on every run and machine. Last, 10000 slaves to PREOP.
 */
#include "bench/common/bench.h"
#include "bench/common/still.h"

#include <stdio.h>
#include <string.h>

static struct bench_still still;

static const struct variant {
	const char *name;
	struct bench_pattern pattern;
	double frames_goal; /* of 100 slaves to one */
	double time_goal;
} variants[] = {
	{ "digital", { .forward_ns = 500 }, 3, 0 },
	{ "CoE, 20 SDOs", { .coe = true, .forward_ns = 500 }, 0, 0 },
	{ "clocks locked", { .clocks = true, .forward_ns = 500 }, 0, 0 },
	{ "digital, realistic", { .eeprom_ns = 1000000, .forward_ns = 1000 }, 0, 0 },
	{ "CoE, 20 SDOs, realistic",
	  { .coe = true, .eeprom_ns = 1000000, .forward_ns = 1000 },
	  0,
	  2 },
	{ "clocks locked, realistic",
	  { .clocks = true, .eeprom_ns = 1000000, .forward_ns = 1000 },
	  0,
	  0 },
};

static double of_one_frames;
static double of_one_bytes;
static double of_one_time;

static void say(const char *name, const char *unit, double value, double one, double goal)
{
	struct bench_line line = {
		.bench = "start", .name = name, .unit = unit, .value = { value, value, value }
	};

	if (one > 0) {
		line.floor = one;
		line.floor_name = "of one slave";
		line.ratio.median = line.ratio.low = line.ratio.high = value / one;
		line.goal = goal;
	}
	bench_print(&line);
}

static void measure(const struct variant *variant, int count)
{
	bool hundred = count == 100;
	char name[80];

	if (!bench_still_start(&still, count, &variant->pattern, ECR_STATE_OPERATIONAL)) {
		bench_skip("start", "the ring does not come to OP");
		return;
	}
	if (count == 1) {
		of_one_frames = (double)still.frames_to_op;
		of_one_bytes = (double)still.bytes_to_op / 1000;
		of_one_time = (double)still.time_to_op / 1e6;
	}
	snprintf(name, sizeof(name), "%s, %d slave%s: frames", variant->name, count,
		 count > 1 ? "s" : "");
	say(name, "", (double)still.frames_to_op, count > 1 ? of_one_frames : 0,
	    hundred ? variant->frames_goal : 0);
	snprintf(name, sizeof(name), "%s, %d slave%s: bytes", variant->name, count,
		 count > 1 ? "s" : "");
	say(name, "kB", (double)still.bytes_to_op / 1000, count > 1 ? of_one_bytes : 0, 0);
	snprintf(name, sizeof(name), "%s, %d slave%s: time", variant->name, count,
		 count > 1 ? "s" : "");
	say(name, "ms", (double)still.time_to_op / 1e6, count > 1 ? of_one_time : 0,
	    hundred ? variant->time_goal : 0);
	bench_still_close(&still);
}

static void measure_many(int count)
{
	struct bench_pattern pattern = { .unmapped = true };
	int64_t began = bench_now();

	if (!bench_still_start(&still, count, &pattern, ECR_STATE_PREOP_READY)) {
		bench_skip("start", "10000 slaves do not come to PREOP");
		return;
	}
	say("10000 slaves to PREOP: frames", "", (double)still.frames_to_op, 0, 0);
	say("10000 slaves to PREOP: time", "ms", (double)still.time_to_op / 1e6, 0, 0);
	say("10000 slaves to PREOP: time of this machine", "s", (double)(bench_now() - began) / 1e9,
	    0, 0);
	bench_still_close(&still);
}

int main(void)
{
	static const int counts[] = { 1, 10, 100, 1000 };

	for (size_t v = 0; v < sizeof(variants) / sizeof(variants[0]); v++)
		for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
			if (!bench_quick() || counts[i] < 1000)
				measure(&variants[v], counts[i]);
	if (!bench_quick())
		measure_many(10000);
	return 0;
}
