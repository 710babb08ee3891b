/* SPDX-License-Identifier: Apache-2.0 */
/* A ring with two ports, broken and mended everywhere, at any time, with loops that move late. */
#include "support/check.h"
#include "support/heal.h"
#include "support/inputs.h"

#include <ecring/diag.h>

#include <string.h>

#define SLAVES 5
#define PERIOD ECR_MS(1)
#define PLACES (SLAVES + 1) /* cables: port 0 of the master, behind each slave */

static struct vring ring;
static uint8_t image[1024];
static struct ecr_sim_device devices[SLAVES];
static struct ecr_slave_config slaves[SLAVES + 1];
static struct ecr_config config;
static char names[SLAVES][8];

static void open_ring(uint32_t close_ns, uint32_t open_ns)
{
	static const struct ecr_domain_config domains[] = { { .id = "main", .cycle_ns = PERIOD },
							    { 0 } };
	size_t size = ecr_sim_digital_sii(image, sizeof(image), "digital", 8, 8);

	for (int i = 0; i < SLAVES; i++) {
		names[i][0] = (char)('a' + i);
		devices[i] = (struct ecr_sim_device){ .name = names[i],
						      .sii = image,
						      .sii_size = size,
						      .loop_close_ns = close_ns,
						      .loop_open_ns = open_ns };
		slaves[i] = (struct ecr_slave_config){ .name = names[i],
						       .process_data = ECR_ALL_TO("main"),
						       .on_fault = ECR_ON_FAULT_HOLD };
	}
	config = vring_default_config();
	config.domains = domains;
	config.slaves = slaves;
	config.scan_poll_ms = 2;
	config.scan_stable_ms = 10;
	config.backup_interface = "the simulator's second port";
	vring_open_devices(&ring, devices, SLAVES);
	ring.two_ports = true;
	assert_true(ecr_sim_close_ring(ring.sim, SLAVES - 1, -1));
}

/* Place 0 is the cable at the master's port 0, the last one that at port 1. */
static void cut(int place, bool out)
{
	struct ecr_sim_fault fault = { .kind = ECR_SIM_BREAK, .slave = place - 1, .value = 1 };

	if (place == 0 || place == SLAVES)
		ecr_sim_plug(ring.sim, ring.now, place ? 1 : 0, !out);
	else if (out)
		assert_true(ecr_sim_inject(ring.sim, ring.now, &fault));
	else
		ecr_sim_clear_faults(ring.sim);
}

static void check_inputs(void)
{
	inputs_watch(&ring, SLAVES, PERIOD);
	vring_run_until(&ring, ring.now + 10 * PERIOD);
	inputs_unwatch(&ring);
}

static uint64_t missed(void)
{
	return vring_domain(&ring, "main").total_miss_count;
}

static uint64_t allowed(ecr_time delay)
{
	return (uint64_t)((delay + PERIOD - 1) / PERIOD + 1);
}

static void assert_no_slave_suffers(void)
{
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
	assert_int_equal(vring_domain(&ring, "main").cycle_health.error, 0);
	for (int i = 0; i < SLAVES; i++) {
		assert_int_equal(vring_slave(&ring, names[i]).al_state, ECR_AL_OP);
		assert_int_equal(vring_slave(&ring, names[i]).fault.kind, ECR_FAULT_NONE);
	}
}

static void break_and_mend(int place, ecr_time close_ns, ecr_time open_ns)
{
	uint64_t before = missed();

	inputs_watch(&ring, SLAVES, PERIOD);
	cut(place, true);
	vring_run_until(&ring, ring.now + close_ns + ECR_MS(40));
	if (missed() - before > allowed(close_ns))
		fail_msg("a break at %d cost %llu cycles, closing in %lld us", place,
			 (unsigned long long)(missed() - before), (long long)close_ns / 1000);
	assert_int_equal(vring_domain(&ring, "main").cycle_health.error, 0);
	before = missed();
	cut(place, false);
	vring_run_until(&ring, ring.now + open_ns + ECR_MS(40));
	if (missed() - before > allowed(open_ns))
		fail_msg("a heal at %d cost %llu cycles, opening in %lld us", place,
			 (unsigned long long)(missed() - before), (long long)open_ns / 1000);
	inputs_unwatch(&ring);
	assert_no_slave_suffers();
}

/* At every cable, at several instants of the cycle. */
static void a_break_and_a_heal_cost_what_the_loops_cost(void **state)
{
	static const uint32_t delays[] = { 0, 20000, 300000, 1000000, 2500000, 6000000 };

	(void)state;
	for (size_t close = 0; close < 6; close++)
		for (size_t open = 0; open < 6; open++) {
			open_ring(delays[close], delays[open]);
			assert_int_equal(vring_start(&ring, &config), 0);
			assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
			for (int place = 0; place < PLACES; place++) {
				vring_run_until(&ring, ring.now + ECR_US(137 * (place + 3)));
				break_and_mend(place, delays[close], delays[open]);
			}
			assert_int_equal(ring.counts[ECR_EVENT_SLAVE_DOWN], 0);
			vring_close(&ring);
		}
}

/* The two ends of the cable do not move at the same time: one side hears nothing of its frames for a while. */
static void the_ends_of_a_cable_move_apart(void **state)
{
	static const uint32_t delays[] = { 0, 400000, 3000000 };

	(void)state;
	for (size_t a = 0; a < 3; a++)
		for (size_t b = 0; b < 3; b++)
			for (int at = 0; at < SLAVES - 1; at++) {
				uint32_t longer = delays[a] > delays[b] ? delays[a] : delays[b];

				open_ring(0, 0);
				assert_true(
					ecr_sim_loop_delay(ring.sim, at, 1, delays[a], delays[a]));
				assert_true(ecr_sim_loop_delay(ring.sim, at + 1, 0, delays[b],
							       delays[b]));
				assert_int_equal(vring_start(&ring, &config), 0);
				assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
				break_and_mend(at + 1, longer, longer);
				vring_close(&ring);
			}
}

/* While the session starts: whatever it was about, it gets there, and nobody sees a wrong input. */
static void a_break_while_it_starts_is_no_end(void **state)
{
	(void)state;
	for (int place = 0; place < PLACES; place++)
		for (int step = 0; step < 24; step++) {
			ecr_time at = ECR_US(700) * step;

			open_ring(300000, 300000);
			assert_int_equal(vring_start(&ring, &config), 0);
			vring_run_until(&ring, ring.now + at);
			cut(place, true);
			vring_run_until(&ring, ring.now + ECR_MS(step % 7 * 3));
			cut(place, false);
			if (!vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(8)))
				fail_msg("place %d, broken %lld us after the start", place,
					 (long long)at / 1000);
			vring_run_until(&ring, ring.now + ECR_MS(200));
			assert_no_slave_suffers();
			check_inputs();
			vring_close(&ring);
		}
}

/* Broken for good at some time of the start: it comes up in halves. */
static void a_break_while_it_starts_may_stay(void **state)
{
	(void)state;
	for (int place = 0; place < PLACES; place++)
		for (int step = 0; step < 24; step++) {
			ecr_time at = ECR_US(700) * step;

			open_ring(300000, 300000);
			assert_int_equal(vring_start(&ring, &config), 0);
			vring_run_until(&ring, ring.now + at);
			cut(place, true);
			if (!vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(8)))
				fail_msg("place %d, broken %lld us after the start", place,
					 (long long)at / 1000);
			vring_run_until(&ring, ring.now + ECR_MS(200));
			assert_no_slave_suffers();
			check_inputs();
			vring_close(&ring);
		}
}

/* On the way down and up again. */
static void a_break_while_states_change_is_no_end(void **state)
{
	struct ecr_request lower = { .kind = ECR_REQUEST_DEACTIVATE };
	struct ecr_request raise = { .kind = ECR_REQUEST_ACTIVATE };

	(void)state;
	open_ring(300000, 300000);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	for (int place = 0; place < PLACES; place++)
		for (int step = 0; step < 12; step++) {
			bool first;

			lower.target = step % 2 ? ECR_TARGET_PREOP : ECR_TARGET_SAFEOP;
			assert_int_equal(vring_request(&ring, &lower), 0);
			cut(place, true);
			vring_run_until(&ring, ring.now + ECR_US(150 * step));
			first = vring_request(&ring, &raise) == 0;
			vring_run_until(&ring, ring.now + ECR_US(90 * step));
			cut(place, false);
			vring_run_until(&ring, ring.now + ECR_MS(100));
			if (!first && ecr_core_state(ring.core) != ECR_STATE_OPERATIONAL)
				vring_request(&ring, &raise);
			if (!vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(8)))
				fail_msg("place %d, step %d", place, step);
			vring_run_until(&ring, ring.now + ECR_MS(100));
			assert_no_slave_suffers();
		}
	vring_close(&ring);
}

static struct ecr_link_report links[16];

static int look_at_links(void)
{
	struct ecr_request request = { .kind = ECR_REQUEST_LINKS, .out = links, .room = 16 };

	return vring_request(&ring, &request);
}

/* Each half is told by itself while the ring is broken, and the whole again when it is mended. */
static void both_halves_are_drawn(void **state)
{
	(void)state;
	open_ring(300000, 300000);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	for (int place = 1; place < SLAVES; place++) {
		assert_int_equal(look_at_links(), SLAVES + 1);
		assert_int_equal(links[SLAVES].to, -1);
		cut(place, true);
		vring_run_until(&ring, ring.now + ECR_MS(300));
		assert_int_equal(look_at_links(), SLAVES);
		for (int i = 0, masters = 0; i < SLAVES; i++) {
			masters += links[i].from < 0;
			assert_false(links[i].swapped);
			assert_false(links[i].from == place - 1 && links[i].to == place);
			assert_true(i + 1 < SLAVES || masters == 2);
		}
		cut(place, false);
		vring_run_until(&ring, ring.now + ECR_MS(300));
	}
	vring_close(&ring);
}

/* What is lost on the side that carries nothing costs nothing. */
static void frames_lost_at_the_second_port_cost_nothing(void **state)
{
	(void)state;
	open_ring(0, 0);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	inputs_watch(&ring, SLAVES, PERIOD);
	ring.lost_at_ppm[1] = 700000;
	vring_run_until(&ring, ring.now + ECR_MS(500));
	assert_int_equal(missed(), 0);
	/* In a broken ring that half is seen now and then: stale, but never wrong. */
	ring.lost_at_ppm[1] = 100000;
	cut(2, true);
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_DOWN], 0);
	ring.lost_at_ppm[1] = 0;
	assert_true(heal_until(&ring, heal_healthy, ECR_S(8)));
	inputs_unwatch(&ring);
	vring_run_until(&ring, ring.now + ECR_MS(200));
	assert_no_slave_suffers();
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_break_and_a_heal_cost_what_the_loops_cost),
		cmocka_unit_test(the_ends_of_a_cable_move_apart),
		cmocka_unit_test(a_break_while_it_starts_is_no_end),
		cmocka_unit_test(a_break_while_it_starts_may_stay),
		cmocka_unit_test(a_break_while_states_change_is_no_end),
		cmocka_unit_test(both_halves_are_drawn),
		cmocka_unit_test(frames_lost_at_the_second_port_cost_nothing),
	};

	return RUN(tests);
}
