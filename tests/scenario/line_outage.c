/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/heal.h"

#include <stdio.h>

static struct vring ring;

static void open_ring(void)
{
	heal_open(&ring);
	vring_output(&ring, "outputs", "ch1", 1);
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_int_equal(vring_input(&ring, "inputs", "ch1"), 1);
}

static void assert_nobody_is_blamed(void)
{
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_DOWN], 0);
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_FAULT_CHANGED], 0);
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_HEALTH_FAULT], 0);
}

/* Not even a moment without outputs. */
static void hold_outputs(struct vring *unused)
{
	uint64_t value = 0;

	(void)unused;
	assert_true(ecr_sim_get_output(ring.sim, 2, 0, 1, &value));
	assert_int_equal(value, 1);
}

/* Whenever it begins between two polls. */
static void whoever_is_polled_meanwhile_is_not_down(void **state)
{
	static const int lasts_ms[] = { 15, 16, 31, 45, 80 };

	(void)state;
	open_ring();
	ring.each_tick = hold_outputs;
	for (size_t i = 0; i < sizeof(lasts_ms) / sizeof(lasts_ms[0]); i++)
		for (int at = 0; at < 20; at += 3) {
			char sentence[40];

			snprintf(sentence, sizeof(sentence), "drop for %dms", lasts_ms[i]);
			vring_run_until(&ring, ring.now + ECR_MS(300 + at));
			heal_say(&ring, sentence);
			vring_run_until(&ring, ring.now + ECR_MS(lasts_ms[i] + 30));
			assert_nobody_is_blamed();
			assert_true(heal_healthy(&ring));
		}
	ring.each_tick = NULL;
	assert_true(ring.counts[ECR_EVENT_DOMAIN_DEGRADED] > 0); /* that is told, of course */
	vring_close(&ring);
}

static void a_third_of_the_frames_is_too_few_to_blame_anybody(void **state)
{
	(void)state;
	open_ring();
	ring.prng.state = 3;
	ring.lost_ppm = 330000;
	vring_run_until(&ring, ring.now + ECR_S(2));
	ring.lost_ppm = 0;
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_DOWN], 0);
	assert_true(heal_until(&ring, heal_healthy, ECR_S(6)));
	vring_close(&ring);
}

/* Three frames that come back without it are enough, in the worst of noise. */
static void who_is_unplugged_in_the_noise_is_found(void **state)
{
	ecr_time cut;

	(void)state;
	open_ring();
	ring.prng.state = 3;
	ring.lost_ppm = 300000;
	vring_run_until(&ring, ring.now + ECR_S(1));
	cut = ring.now;
	heal_say(&ring, "disconnect outputs");
	assert_true(heal_until(&ring, heal_outputs_down, ECR_MS(100)));
	assert_int_equal(vring_slave(&ring, "inputs").fault.kind, ECR_FAULT_NONE);
	assert_true(ring.now - cut < ECR_MS(60)); /* a few frames, 10 ms each when they are lost */
	ring.lost_ppm = 0;
	ecr_sim_clear_faults(ring.sim);
	heal_ends_clean(&ring, ECR_S(6));
	vring_close(&ring);
}

static bool all_down(struct vring *unused)
{
	return vring_slave(unused, "coupler").down && vring_slave(unused, "inputs").down &&
	       vring_slave(unused, "outputs").down;
}

/* As long as a watchdog has by default. */
static void a_line_that_stays_dead_has_nobody_on_it(void **state)
{
	ecr_time cut;

	(void)state;
	open_ring();
	heal_say(&ring, "drop");
	cut = ring.now;
	assert_true(heal_until(&ring, all_down, ECR_MS(500)));
	assert_true(ring.now - cut >= ECR_MS(100));
	assert_true(ring.now - cut <= ECR_MS(150));
	ecr_sim_clear_faults(ring.sim);
	heal_ends_clean(&ring, ECR_S(6));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whoever_is_polled_meanwhile_is_not_down),
		cmocka_unit_test(a_third_of_the_frames_is_too_few_to_blame_anybody),
		cmocka_unit_test(who_is_unplugged_in_the_noise_is_found),
		cmocka_unit_test(a_line_that_stays_dead_has_nobody_on_it),
	};

	return RUN(tests);
}
