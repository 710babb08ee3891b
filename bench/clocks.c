/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Distributed clocks in real time over a veth pair: how far the clocks are apart, and how far the
 * master's frames are from where they should pass the reference, beside the jitter with which the
 * cyclic thread woke in the same run. The clocks are simulated ones behind the pair. The floors: two clocks that tick every
 * 10 ns, and the root mean square of the wake-ups around their mean, which moves each frame as much.
 */
#define _GNU_SOURCE 1
#include "bench/common/bench.h"
#include "bench/common/far.h"
#include "bench/common/ring.h"
#include "wire/registers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SLAVES 10
#define SECONDS 20
#define SAMPLES 20000

struct samples {
	double values[SAMPLES];
	size_t count;
};

static struct samples differences;
static struct samples phases;
static struct bench_ring ring;
static struct bench_far far;

/* Oscillators as they come: off by up to 50 ppm, either way. */
static void give_clocks(void)
{
	size_t size;

	for (int i = 0; i < SLAVES; i++) {
		struct ecr_sim_device *device = &ring.devices[i];

		device->features = ECR_FEATURE_DC | ECR_FEATURE_DC_64;
		device->clock.drift_ppb = (i % 2 ? 1 : -1) * (50000 - 4000 * i);
		device->clock.start_ns = 1000000007ull * (unsigned int)(i + 1);
		device->cable_ns = 100;
	}
	free(ring.sim);
	size = ecr_sim_size(ring.devices, SLAVES);
	ring.sim = ecr_sim_init(calloc(1, size), size, ring.devices, SLAVES);
	if (!ring.sim)
		abort();
}

static void add(struct samples *samples, double value)
{
	if (samples->count < SAMPLES)
		samples->values[samples->count++] = fabs(value);
}

static void watch(struct ecr_master *master, int seconds)
{
	static struct ecr_dc_slave slaves[SLAVES];
	struct ecr_dc_status status;

	for (int i = 0; i < seconds * 100; i++) {
		nanosleep(&(struct timespec){ 0, 10000000 }, NULL);
		if (ecr_dc_slaves(master, slaves, SLAVES) != SLAVES ||
		    ecr_dc_status(master, &status))
			continue;
		for (int k = 1; k < SLAVES; k++)
			add(&differences, slaves[k].difference_ns);
		add(&phases, (double)status.phase_ns);
	}
}

static double root_mean_square(const struct samples *samples)
{
	double sum = 0;

	for (size_t i = 0; i < samples->count; i++)
		sum += samples->values[i] * samples->values[i];
	return samples->count ? sqrt(sum / (double)samples->count) : 0;
}

/* Of wake-ups between two looks at the histogram, ns: each in the middle of its bin. */
static double wakeups_root_mean_square(const struct ecr_histogram *before,
				       const struct ecr_histogram *after)
{
	double count = (double)(after->count - before->count);
	double sum = 0;
	double squares = 0;

	for (unsigned int bin = 0; bin + 1 < ECR_HISTOGRAM_BINS; bin++) {
		double middle =
			(double)(ecr_histogram_floor(bin) + ecr_histogram_floor(bin + 1)) / 2;
		double share = (double)(after->bins[bin] - before->bins[bin]) / count;

		sum += middle * share;
		squares += middle * middle * share;
	}
	return sqrt(squares - sum * sum);
}

/* Fields of the line that the samples tell, in its unit of so many ns. */
static void print(struct bench_line *line, struct samples *samples, double unit)
{
	double middle;

	if (!samples->count)
		return;
	middle = root_mean_square(samples) / unit;
	line->bench = "clocks";
	line->value = (struct bench_middle){ middle, middle, middle };
	line->ratio = (struct bench_middle){ middle / line->floor, middle / line->floor,
					     middle / line->floor };
	bench_sort(samples->values, samples->count);
	line->p99 = bench_quantile(samples->values, samples->count, 0.99) / unit;
	line->p999 = bench_quantile(samples->values, samples->count, 0.999) / unit;
	line->max = samples->values[samples->count - 1] / unit;
	bench_print(line);
}

static void print_all(const struct ecr_thread_info *before, const struct ecr_thread_info *after)
{
	char note[96];
	struct bench_line difference = { .name = "difference of the clocks, RMS",
					 .unit = "ns",
					 .floor = sqrt(2) * 10 / sqrt(12),
					 .floor_name = "of ticks" };
	struct bench_line phase = {
		.name = "master's phase, RMS",
		.unit = "us",
		.floor = wakeups_root_mean_square(&before->wakeup, &after->wakeup) / 1000,
		.floor_name = "of wake-ups",
		.note = note
	};

	snprintf(note, sizeof(note),
		 "(wake-up jitter of the run: p50 %.1f us, p99 %.1f us, max %.1f us)",
		 (double)ecr_histogram_at(&after->wakeup, 5000) / 1e3,
		 (double)ecr_histogram_at(&after->wakeup, 9900) / 1e3,
		 (double)after->wakeup.max_ns / 1e3);
	difference.goal = 100 / difference.floor; /* ns */
	print(&difference, &differences, 1);
	print(&phase, &phases, 1000);
}

int main(void)
{
	struct ecr_thread_info before = { 0 };
	struct ecr_thread_info after = { 0 };
	struct ecr_master *master = NULL;
	int seconds = bench_quick() ? 3 : SECONDS;

	if (!bench_veth()) {
		bench_skip("clocks", "this system allows no network namespace, or no veth pair");
		return 0;
	}
	bench_ring_open(&ring, SLAVES, 64, ECR_MS(1));
	give_clocks();
	ring.config.interface = "m0";
	ring.config.dc.await_lock = true;
	master = ecr_open();
	if (!master || !bench_far_open(&far, ring.sim, "s0") || ecr_start(master, &ring.config) ||
	    ecr_await_operational(master, ECR_S(30))) {
		bench_skip("clocks", "the ring does not come to OP with its clocks locked");
		return 0;
	}
	nanosleep(&(struct timespec){ 2, 0 }, NULL);
	ecr_thread_info(master, &before);
	watch(master, seconds);
	ecr_thread_info(master, &after);
	print_all(&before, &after);
	ecr_close(master);
	bench_far_close(&far);
	bench_ring_close(&ring);
	return 0;
}
