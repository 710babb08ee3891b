/* SPDX-License-Identifier: Apache-2.0 */
/* What the flight recorder costs a cycle: a frame sent and one received, kept in a full block of 4 MiB. */
#define _POSIX_C_SOURCE 200809L
#include "bench/common/bench.h"
#include "port/recorder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REPEATS 30
#define CYCLES 20000

static struct port_recorder *recorder;
static uint8_t frame[1500];

static double cycle_ns(size_t length)
{
	int64_t start = bench_now();

	for (int i = 0; i < CYCLES; i++) {
		port_recorder_frame(recorder, start + i, 0, 0, true, frame, length);
		port_recorder_frame(recorder, start + i, 0, 0, false, frame, length);
	}
	return (double)(bench_now() - start) / CYCLES;
}

static void measure(const char *name, size_t length, double goal)
{
	struct bench_line line = { .bench = "recorder", .name = name, .unit = "us", .goal = goal };
	double values[REPEATS];

	cycle_ns(length);
	for (int i = 0; i < REPEATS; i++)
		values[i] = cycle_ns(length) / 1e3;
	line.value = bench_middle(values, REPEATS);
	bench_print(&line);
}

int main(void)
{
	char path[] = "/tmp/ecring-bench-XXXXXX";
	struct ecr_config config = { .record = { .path = path } };
	char text[160];
	int fd = mkstemp(path);

	if (fd < 0 || port_recorder_open(&config, &recorder, text, sizeof(text))) {
		bench_skip("recorder", "no file can be made");
		return 0;
	}
	close(fd);
	measure("cycle of 100 bytes", 100, 0.5);
	measure("cycle of 1500 bytes", sizeof(frame), 1);
	port_recorder_close(recorder);
	unlink(path);
	return 0;
}
