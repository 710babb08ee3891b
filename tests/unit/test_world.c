/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Worlds: random rings of 1 to 64 slaves, frames lost, doubled, damaged and late, all drawn from one seed. Phase one,
 * safety: whatever happens, the checkers hold. Phase two, liveness: without faults the session becomes operational.
 * ECRING_WORLD_SEEDS says how many; ECRING_WORLD_SEED replays one.
 */
#include "support/check.h"
#include "support/vring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 64

static struct vring ring;
static uint8_t images[MOST][4096];
static struct ecr_sim_device devices[MOST];
static struct ecr_slave_config slaves[MOST + 1];
static char names[MOST][16];
static int count;
static uint64_t seed;
static uint64_t hash;
static uint8_t last_state;

static void must(bool good, const char *what)
{
	if (good)
		return;
	print_message("world %llu at %.3f ms: %s\n", (unsigned long long)seed,
		      (double)ring.now / 1e6, what);
	fail();
}

static void draw_ring(struct ecr_prng *prng)
{
	count = (int)ecr_prng_between(prng, 1, MOST);
	memset(devices, 0, sizeof(devices));
	memset(slaves, 0, sizeof(slaves));
	for (int i = 0; i < count; i++) {
		uint16_t outputs = (uint16_t)ecr_prng_below(prng, 20);
		uint16_t inputs = (uint16_t)ecr_prng_below(prng, 20);

		snprintf(names[i], sizeof(names[i]), "s%d", i);
		devices[i].name = names[i];
		devices[i].sii = images[i];
		devices[i].emulation = ecr_prng_below(prng, 2);
		devices[i].eeprom_4 = ecr_prng_below(prng, 2);
		devices[i].eeprom_busy_ns = ecr_prng_below(prng, 3) * 300000;
		devices[i].al_delay_ns = ecr_prng_below(prng, 2) * 2500000;
		devices[i].features = ecr_prng_below(prng, 8) ? 0 : ECR_FEATURE_NO_LRW;
		if (ecr_prng_below(prng, 3))
			devices[i].sii_size = ecr_sim_digital_sii(images[i], sizeof(images[i]),
								  names[i], outputs, inputs);
		else
			devices[i].sii_size = ecr_sim_analog_sii(images[i], sizeof(images[i]),
								 names[i], outputs / 4, inputs / 4);
		slaves[i].name = names[i];
		slaves[i].process_data = (struct ecr_process_data)ECR_ALL_TO("io");
		slaves[i].watchdog_ms = 500;
	}
}

static void draw_disturbance(struct ecr_prng *prng)
{
	ring.lost_ppm = ecr_prng_below(prng, 20000);
	ring.lost_back_ppm = ecr_prng_below(prng, 20000);
	ring.duplicated_ppm = ecr_prng_below(prng, 20000);
	ring.late_ppm = ecr_prng_below(prng, 20000);
	ring.late_ns = ECR_US(ecr_prng_between(prng, 50, 4000));
	ring.corrupt_ppm = ecr_prng_below(prng, 10000);
}

/* Only what the lifecycle's table allows is ever reported. */
static void check_event(struct vring *r, const struct ecr_event *event)
{
	hash = (hash ^ (uint64_t)event->kind ^ (uint64_t)(r->now << 8)) * 0x100000001B3u;
	if (event->kind != ECR_EVENT_STATE_CHANGED)
		return;
	must(event->from == last_state, "a state change does not start where the last one ended");
	last_state = (uint8_t)event->to;
}

/* Belief against truth: what was never driven is never seen, and a slave below SAFEOP shows no output. */
static void check_truth(struct vring *r)
{
	struct ecr_sim_state truth;

	if (ecr_core_state(r->core) != ECR_STATE_OPERATIONAL)
		return;
	must(r->line.overflows == 0, "more frames in flight than the wire holds");
	for (int i = 0; i < count; i++) {
		ecr_sim_look(r->sim, i, &truth);
		must(truth.station == 0x1000 + i, "a slave has lost its station address");
	}
}

/* Every signal carries its value: inputs as the terminals have them, outputs as the application wrote them. */
static void check_signals(struct ecr_prng *prng)
{
	static uint64_t values[8192];
	uint32_t signals = ecr_core_signal_count(ring.core);
	uint32_t bit[MOST][2] = { 0 };
	uint64_t raw;

	must(signals <= 8192, "more signals than this test holds");
	for (int pass = 0; pass < 2; pass++) {
		memset(bit, 0, sizeof(bit));
		for (uint32_t i = 0; i < signals; i++) {
			const struct ecr_placed_signal *signal = ecr_core_signal(ring.core, i);
			int slave = atoi(signal->slave + 1);
			uint32_t *at = &bit[slave][signal->direction == ECR_OUTPUT];

			if (!pass)
				values[i] = ecr_prng_below(prng, signal->bit_size == 1 ? 2 : 30000);
			if (!pass && signal->direction == ECR_INPUT)
				ecr_sim_set_input(ring.sim, slave, *at, signal->bit_size,
						  values[i]);
			if (!pass && signal->direction == ECR_OUTPUT)
				vring_output(&ring, signal->slave, signal->model.name, values[i]);
			if (pass && signal->direction == ECR_INPUT)
				must(vring_input(&ring, signal->slave, signal->model.name) ==
					     values[i],
				     "an input is wrong");
			if (pass && signal->direction == ECR_OUTPUT) {
				ecr_sim_get_output(ring.sim, slave, *at, signal->bit_size, &raw);
				must(raw == values[i], "an output did not arrive");
			}
			*at += signal->bit_size;
		}
		vring_run_until(&ring, ring.now + ECR_MS(45));
	}
}

static void run_world(uint64_t number, uint64_t *result)
{
	static const ecr_time periods[] = { ECR_US(500), ECR_MS(1), ECR_MS(2), ECR_MS(10) };
	struct ecr_domain_config domains[] = { { .id = "io" }, { 0 } };
	struct ecr_config config = {
		.domains = domains, .slaves = slaves, .scan_poll_ms = 10, .scan_stable_ms = 20
	};
	struct ecr_prng prng = { number * 0x9E3779B97F4A7C15u + 1 };
	ecr_time end;

	seed = number;
	hash = 0xCBF29CE484222325u;
	last_state = ECR_STATE_IDLE;
	draw_ring(&prng);
	domains[0].cycle_ns = periods[ecr_prng_below(&prng, 4)];
	domains[0].overlap = ecr_prng_below(&prng, 2);
	domains[0].separate = !ecr_prng_below(&prng, 4);
	vring_open_devices(&ring, devices, count);
	ring.prng = prng;
	ring.each_event = check_event;
	ring.each_tick = check_truth;
	draw_disturbance(&prng);
	must(vring_start(&ring, &config) == 0, "start was refused");
	vring_run_until(&ring, ring.now + ECR_MS(400));
	/* Safety is over; from here on the ring is sound and must come up, or be started again when it gave up. */
	ring.lost_ppm = ring.lost_back_ppm = ring.duplicated_ppm = ring.late_ppm =
		ring.corrupt_ppm = 0;
	ecr_sim_clear_faults(ring.sim);
	if (ecr_core_state(ring.core) == ECR_STATE_IDLE)
		must(vring_start(&ring, &config) == 0, "a second start was refused");
	end = ring.now + ECR_S(20);
	while (ring.now < end && !(ecr_core_state(ring.core) == ECR_STATE_OPERATIONAL))
		vring_run_until(&ring, ring.now + ECR_MS(10));
	bool anything = vring_domain(&ring, "io").image_size > 0;

	must(ecr_core_state(ring.core) == ECR_STATE_OPERATIONAL,
	     "not operational 20 s after the last fault");
	vring_run_until(&ring, ring.now + ECR_MS(30));
	must(!anything || vring_domain(&ring, "io").cycle_health.error == 0,
	     "cycles are not healthy at the end");
	check_signals(&prng);
	must(vring_stop(&ring) == 0, "stop failed");
	vring_close(&ring);
	*result = hash;
}

static uint64_t number_from(const char *variable, uint64_t otherwise)
{
	const char *text = getenv(variable);

	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

static void worlds_are_safe_and_live(void **state)
{
	uint64_t first = number_from("ECRING_WORLD_SEED", 1);
	uint64_t seeds = getenv("ECRING_WORLD_SEED") ? 1 : number_from("ECRING_WORLD_SEEDS", 50);
	uint64_t all = 0;
	uint64_t one;

	(void)state;
	for (uint64_t i = first; i < first + seeds; i++) {
		run_world(i, &one);
		all = all * 31 + one;
	}
	print_message("%llu worlds, hash %016llx\n", (unsigned long long)seeds,
		      (unsigned long long)all);
}

static void the_same_seed_gives_the_same_story(void **state)
{
	uint64_t a;
	uint64_t b;

	(void)state;
	run_world(77, &a);
	run_world(77, &b);
	assert_true(a == b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(worlds_are_safe_and_live),
		cmocka_unit_test(the_same_seed_gives_the_same_story),
	};

	return RUN(tests);
}
