/* SPDX-License-Identifier: Apache-2.0 */
/* The whole master holds simulated clocks together: how near, how soon, and through what. */
#include "support/check.h"
#include "support/vring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WALL 800000000000000000LL /* the virtual clock's zero, ns since 2000 */
#define MOST 50
#define DRIFT_PPB 100000
#define JITTER_NS 20000

static struct vring ring;
static struct ecr_prng prng;
static uint8_t image[1024];
static struct ecr_sim_device devices[MOST];
static struct ecr_slave_config slaves[MOST + 1];
static char names[MOST][16];
static struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = ECR_MS(1) }, { 0 } };
static struct ecr_config config;
static int count;

static int32_t random_drift(void)
{
	return (int32_t)ecr_prng_below(&prng, 2 * DRIFT_PPB + 1) - DRIFT_PPB;
}

/* A line of clocks that are off by up to 100 ppm and started whenever. */
static void draw(int slaves_count, uint64_t seed)
{
	size_t size = ecr_sim_digital_sii(image, sizeof(image), "clock", 8, 8);

	count = slaves_count;
	prng = (struct ecr_prng){ seed };
	memset(devices, 0, sizeof(devices));
	memset(slaves, 0, sizeof(slaves));
	for (int i = 0; i < count; i++) {
		snprintf(names[i], sizeof(names[i]), "s%d", i);
		devices[i].name = names[i];
		devices[i].sii = image;
		devices[i].sii_size = size;
		devices[i].emulation = true;
		devices[i].cable_ns = ecr_prng_below(&prng, 700);
		devices[i].forward_ns = 2 * ecr_prng_between(&prng, 150, 500);
		devices[i].features = ECR_FEATURE_DC | ECR_FEATURE_DC_64;
		devices[i].clock.drift_ppb = random_drift();
		devices[i].clock.start_ns = ecr_prng_next(&prng) >> 8;
		slaves[i].name = names[i];
		slaves[i].process_data = (struct ecr_process_data)ECR_ALL_TO("io");
	}
	config = (struct ecr_config){
		.domains = domains, .slaves = slaves, .scan_poll_ms = 10, .scan_stable_ms = 20
	};
}

static void start(void)
{
	struct ecr_request request = { .kind = ECR_REQUEST_START, .config = &config, .wall = WALL };

	vring_open_devices(&ring, devices, count);
	ring.line.jitter_ns = JITTER_NS; /* frames leave when they can */
	ring.line.prng.state = 7;
	assert_int_equal(vring_request(&ring, &request), 0);
}

static void run(ecr_time duration)
{
	vring_run_until(&ring, ring.now + duration);
}

static uint64_t system_time(int slave)
{
	struct ecr_sim_time time = { 0 };

	assert_true(ecr_sim_clock(ring.sim, ring.now, slave, &time));
	return time.system_ns;
}

/* The largest difference of a clock to the reference, as they really are. */
static int64_t largest_difference(void)
{
	int64_t largest = 0;

	for (int i = 1; i < count; i++) {
		int64_t apart = llabs((int64_t)(system_time(i) - system_time(0)));

		largest = apart > largest ? apart : largest;
	}
	return largest;
}

/* ... and over a while. */
static int64_t worst(ecr_time duration)
{
	ecr_time end = ring.now + duration;
	int64_t largest = 0;

	while (ring.now < end) {
		int64_t now;

		run(ECR_US(730));
		now = largest_difference();
		largest = now > largest ? now : largest;
	}
	return largest;
}

static void below_100_ns_in_2_s_and_20_ns_in_10_s(void **state)
{
	static const int sizes[] = { 2, 5, 20, MOST };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		ecr_time began;
		int64_t soon;
		int64_t late;

		draw(sizes[i], 100 + i);
		/* Ticks of 10 ns add up over a long line, and average out. */
		config.dc.measure_ms = sizes[i] > 20 ? 200 : 0;
		start();
		began = ring.now;
		assert_int_equal(vring_await_operational(&ring, ECR_S(10)), 0);
		assert_true(ring.now < began + ECR_S(2));
		run(began + ECR_S(2) - ring.now);
		soon = worst(ECR_MS(500));
		run(began + ECR_S(10) - ring.now);
		late = worst(ECR_S(1));
		print_message("%d clocks: %lld ns after 2 s, %lld ns after 10 s\n", count,
			      (long long)soon, (long long)late);
		assert_in_range(soon, 0, 99);
		assert_in_range(late, 0, 19);
		vring_close(&ring);
	}
}

static void to_operational(int slaves_count, uint64_t seed)
{
	draw(slaves_count, seed);
	start();
	assert_int_equal(vring_await_operational(&ring, ECR_S(10)), 0);
	run(ECR_S(3));
	assert_in_range(largest_difference(), 0, 99);
}

static void held_through_losses(void **state)
{
	(void)state;
	to_operational(20, 7);
	ring.prng.state = 5;
	ring.lost_ppm = ring.lost_back_ppm = 5000;
	assert_in_range(worst(ECR_S(10)), 0, 99);
	vring_close(&ring);
}

/* The master stands still: nothing is sent and nothing received. */
static void held_through_a_pause_of_the_master(void **state)
{
	(void)state;
	to_operational(20, 8);
	for (int i = 0; i < 5; i++) {
		ring.now += ECR_MS(50);
		assert_in_range(largest_difference(), 0, 99);
		assert_in_range(worst(ECR_MS(500)), 0, 99);
	}
	vring_close(&ring);
}

/* Oscillators warm up and cool down: 1 ppm per step, twice in a second, each in its own direction. */
static void held_through_changes_of_drift(void **state)
{
	(void)state;
	to_operational(20, 9);
	for (int i = 0; i < 20; i++) {
		for (int k = 0; k < count; k++) {
			devices[k].clock.drift_ppb += k % 2 ? 1000 : -1000;
			assert_true(ecr_sim_set_drift(ring.sim, ring.now, k,
						      devices[k].clock.drift_ppb));
		}
		assert_in_range(worst(ECR_MS(500)), 0, 99);
	}
	/* All at once elsewhere. */
	for (int k = 0; k < count; k++)
		assert_true(ecr_sim_set_drift(ring.sim, ring.now, k, random_drift()));
	run(ECR_S(2));
	assert_in_range(worst(ECR_MS(500)), 0, 99);
	vring_close(&ring);
}

#define LINE 8
#define SLICE ECR_US(500)
#define STEP_NS 1000

static uint64_t before[LINE];
static uint64_t ring_time; /* when all was well */
static ecr_time ring_time_at;
static int64_t ring_drift; /* of the reference, ppb */

/*
 * Where the ring's time would be if nothing had happened: everybody follows the reference's oscillator, or
 * goes on at the rate that was learned of it. A wrong time in a datagram draws a clock away from there
 * without any step.
 */
static int64_t away(int slave)
{
	ecr_time past = ring.now - ring_time_at;

	return (int64_t)(system_time(slave) - ring_time) - past -
	       past / 1000 * ring_drift / 1000000;
}

/* No clock goes otherwise than time itself does, but for its rate. */
static void run_without_steps(ecr_time duration, const char *where)
{
	for (ecr_time end = ring.now + duration; ring.now < end;) {
		for (int i = 0; i < count; i++)
			before[i] = system_time(i);
		run(SLICE);
		for (int i = 0; i < count; i++) {
			int64_t step = (int64_t)(system_time(i) - before[i]) - SLICE;

			if (step > STEP_NS || step < -STEP_NS)
				fail_msg("%s: clock %d steps by %lld ns", where, i,
					 (long long)step);
			if (llabs(away(i)) > STEP_NS)
				fail_msg("%s: clock %d is away by %lld ns", where, i,
					 (long long)away(i));
		}
	}
}

static void split(int reference, int at)
{
	const struct ecr_sim_fault fault = { .kind = ECR_SIM_BREAK, .slave = at };
	char where[64];

	snprintf(where, sizeof(where), "reference %d, split before %d", reference, at);
	ring_time = system_time(reference);
	ring_time_at = ring.now;
	ring_drift = devices[reference].clock.drift_ppb;
	run_without_steps(ECR_MS(20), where);
	assert_true(ecr_sim_inject(ring.sim, ring.now, &fault));
	run_without_steps(ECR_MS(300), where);
	ecr_sim_clear_faults(ring.sim);
	run_without_steps(ECR_S(2), where);
	assert_in_range(largest_difference(), 0, 99);
}

static void a_split_makes_no_clock_step(void **state)
{
	static const int references[] = { 0, LINE / 2, LINE - 1 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		draw(LINE, 20 + i);
		config.dc.reference = names[references[i]];
		start();
		/* Clocks before the reference are as good as the master's sending. */
		ring.line.jitter_ns = references[i] ? 0 : JITTER_NS;
		assert_int_equal(vring_await_operational(&ring, ECR_S(10)), 0);
		run(ECR_S(3));
		for (int at = 1; at < LINE; at++)
			split(references[i], at);
		vring_close(&ring);
	}
}

/* Clocks before the reference go by when frames leave: as far off as that jitters, but to both sides. */
static void clocks_before_the_reference_are_not_drawn_to_one_side(void **state)
{
	int64_t sum = 0;

	(void)state;
	draw(4, 31);
	config.dc.reference = names[3];
	start();
	assert_int_equal(vring_await_operational(&ring, ECR_S(10)), 0);
	run(ECR_S(5));
	for (int i = 0; i < 4000; i++) {
		run(ECR_MS(1));
		sum += (int64_t)(system_time(0) - system_time(3));
	}
	print_message("ahead by %lld ns on average\n", (long long)(sum / 4000));
	assert_in_range(sum / 4000 + JITTER_NS / 10, 0, JITTER_NS / 5);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(below_100_ns_in_2_s_and_20_ns_in_10_s),
		cmocka_unit_test(held_through_losses),
		cmocka_unit_test(held_through_a_pause_of_the_master),
		cmocka_unit_test(held_through_changes_of_drift),
		cmocka_unit_test(a_split_makes_no_clock_step),
		cmocka_unit_test(clocks_before_the_reference_are_not_drawn_to_one_side),
	};

	return RUN(tests);
}
