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
#define KEPT (4u << 20) /* as the recorder keeps */

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

/* The same frames into the same stretch of memory, and nothing beside. */
static double copies_ns(size_t length)
{
	static uint8_t block[KEPT];
	size_t at = 0;
	int64_t start = bench_now();

	for (int i = 0; i < 2 * CYCLES; i++) {
		if (at + length > sizeof(block))
			at = 0;
		memcpy(block + at, frame, length);
		__asm__ volatile("" : : "r"(block) : "memory");
		at += length;
	}
	return (double)(bench_now() - start) / CYCLES;
}

/* At most `most_us` in all, which is told as so many times the floor. */
static void measure(const char *name, size_t length, double most_us)
{
	struct bench_line line = {
		.bench = "recorder", .name = name, .unit = "us", .floor_name = "two memcpys"
	};
	double values[REPEATS];
	double floors[REPEATS];
	char note[40];

	line.note = note;
	cycle_ns(length);
	copies_ns(length);
	for (int i = 0; i < REPEATS; i++) {
		values[i] = cycle_ns(length) / 1e3;
		floors[i] = copies_ns(length) / 1e3;
	}
	bench_pairs(&line, values, floors, REPEATS);
	line.goal = most_us / line.floor;
	snprintf(note, sizeof(note), "(at most %g us)", most_us);
	bench_print(&line);
}

int main(void)
{
	char path[] = "/tmp/ecring-bench-XXXXXX";
	struct ecr_config config = { .record = { .path = path } };
	static struct port_record_file file;
	char text[160];
	int fd = mkstemp(path);

	if (fd < 0 || port_recorder_open(&config, &file, &recorder, text, sizeof(text))) {
		bench_skip("recorder", "no file can be made");
		return 0;
	}
	close(fd);
	measure("cycle of 100 bytes", 100, 0.5);
	measure("cycle of 1500 bytes", sizeof(frame), 1);
	port_recorder_close(recorder);
	port_record_file_forget(&file);
	unlink(path);
	return 0;
}
