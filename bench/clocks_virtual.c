/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Distributed clocks in virtual time: how far they truly are apart, and how far the master's frames truly are from
 * where they should pass the reference, without this machine's own jitter. The same numbers on every machine. The floors are
 * what nobody can better: of two clocks that tick, their ticks; of frames, how much later than wanted they were sent, at random,
 * and the reference's ticks.
 */
#include "bench/common/bench.h"
#include "world/vring.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 100
#define WALL 800000000000000000LL
#define SHIFT_NS 300000
#define SAMPLES 20000
#define TICK_RMS (10 / sqrt(12)) /* of what a tick of 10 ns cuts off */

struct samples {
	double values[SAMPLES];
	size_t count;
};

static struct vring ring;
static uint8_t image[1024];
static struct ecr_sim_device devices[MOST];
static struct ecr_slave_config slaves[MOST + 1];
static char names[MOST][16];
static const struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = ECR_MS(1) }, { 0 } };
static struct ecr_config config;
static struct samples differences;
static struct samples phases;
static struct samples delays; /* from the deadline to the sending, ns */
static ecr_time deadline;
static ecr_time sent_at;

/* Oscillators off by up to 100 ppm, ticks of 10 ns. */
static void lay(int count)
{
	size_t size = ecr_sim_digital_sii(image, sizeof(image), "clock", 8, 8);
	struct ecr_prng prng = { 4 };

	memset(devices, 0, sizeof(devices));
	memset(slaves, 0, sizeof(slaves));
	for (int i = 0; i < count; i++) {
		snprintf(names[i], sizeof(names[i]), "s%d", i);
		devices[i] =
			(struct ecr_sim_device){ .name = names[i],
						 .sii = image,
						 .sii_size = size,
						 .emulation = true,
						 .cable_ns = ecr_prng_below(&prng, 700),
						 .features = ECR_FEATURE_DC | ECR_FEATURE_DC_64 };
		devices[i].clock.drift_ppb = (int32_t)ecr_prng_below(&prng, 200001) - 100000;
		devices[i].clock.start_ns = ecr_prng_next(&prng) >> 8;
		slaves[i] = (struct ecr_slave_config){ .name = names[i],
						       .process_data = ECR_ALL_TO("io") };
	}
	config = (struct ecr_config){ .domains = domains,
				      .slaves = slaves,
				      .scan_poll_ms = 10,
				      .scan_stable_ms = 20,
				      .dc = { .shift_ns = SHIFT_NS, .measure_ms = 200 } };
}

static struct ecr_sim_time clock_of(int slave)
{
	struct ecr_sim_time time = { 0 };

	ecr_sim_clock(ring.sim, ring.now, slave, &time);
	return time;
}

static void add(struct samples *samples, double value)
{
	if (samples->count < SAMPLES)
		samples->values[samples->count++] = fabs(value);
}

/* The first frame from the deadline on is the cycle's; others may follow it. */
static void note_start(struct vring *from, uint8_t *frame, size_t length)
{
	(void)frame;
	(void)length;
	if (!sent_at && from->now >= deadline)
		sent_at = from->line.last_start;
}

/* At the instant of a cycle: every clock against the reference, and the frame against its place. */
static void look(int count)
{
	uint64_t reference;
	int64_t phase;

	deadline = ecr_core_next_cycle(ring.core);
	sent_at = 0;
	vring_run_until(&ring, deadline);
	reference = clock_of(0).system_ns;
	for (int i = 1; i < count; i++)
		add(&differences, (double)(int64_t)(clock_of(i).system_ns - reference));
	phase = (int64_t)((reference + (uint64_t)(sent_at - ring.now) +
			   (uint64_t)clock_of(0).arrival_ns + SHIFT_NS) %
			  ECR_MS(1));
	add(&phases, (double)(phase > ECR_US(500) ? phase - ECR_MS(1) : phase));
	add(&delays, (double)(sent_at - deadline));
}

static double root_mean_square(const struct samples *samples, double around)
{
	double sum = 0;

	for (size_t i = 0; i < samples->count; i++)
		sum += (samples->values[i] - around) * (samples->values[i] - around);
	return sqrt(sum / (double)samples->count);
}

static double mean(const struct samples *samples)
{
	double sum = 0;

	for (size_t i = 0; i < samples->count; i++)
		sum += samples->values[i];
	return sum / (double)samples->count;
}

static void print(const char *name, int count, uint32_t jitter_ns, struct samples *samples,
		  double floor, const char *floor_name)
{
	char text[96];
	double root = root_mean_square(samples, 0);
	struct bench_line line = { .bench = "clocks_virtual",
				   .name = text,
				   .unit = "ns",
				   .value = { root, root, root },
				   .floor = floor,
				   .floor_name = floor_name,
				   .ratio = { root / floor, root / floor, root / floor } };

	snprintf(text, sizeof(text), "%s, RMS: %d clocks, sending jitters by %u us", name, count,
		 jitter_ns / 1000);
	bench_sort(samples->values, samples->count);
	line.p99 = bench_quantile(samples->values, samples->count, 0.99);
	line.p999 = bench_quantile(samples->values, samples->count, 0.999);
	line.max = samples->values[samples->count - 1];
	bench_print(&line);
}

static void run(int count, uint32_t jitter_ns)
{
	struct ecr_request request = { .kind = ECR_REQUEST_START, .config = &config, .wall = WALL };
	ecr_time settled = ECR_S(10);
	int cycles = bench_quick() ? 200 : SAMPLES / count;

	lay(count);
	vring_open_devices(&ring, devices, count);
	ring.line.jitter_ns = jitter_ns;
	ring.line.prng.state = 7;
	ring.each_frame = note_start;
	differences.count = phases.count = delays.count = 0;
	if (vring_request(&ring, &request) || vring_await_operational(&ring, ECR_S(20))) {
		bench_skip("clocks_virtual", "the ring does not come to OP");
		exit(1);
	}
	vring_run_until(&ring, ring.now + settled);
	for (int i = 0; i < cycles; i++)
		look(count);
	print("difference of the clocks", count, jitter_ns, &differences, sqrt(2) * TICK_RMS,
	      "of ticks");
	print("master's phase", count, jitter_ns, &phases,
	      hypot(TICK_RMS, root_mean_square(&delays, mean(&delays))), "of sending");
	vring_close(&ring);
}

int main(void)
{
	run(10, 0);
	run(10, 20000);
	run(MOST, 20000);
	return 0;
}
