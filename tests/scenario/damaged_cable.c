/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/longline.h"

#include "sim/controller.h"
#include "sim/sim.h"
#include "wire/registers.h"
#include "wire/sii.h"

#include <ecring/diag.h>

#include <stdio.h>
#include <string.h>

static struct vring ring;

/* What the report says of the cables; the number of those that are worth a word. */
static int bad_cables(char *text, size_t size)
{
	static struct ecr_link_report links[64];
	struct ecr_request request = { .kind = ECR_REQUEST_LINKS, .out = links, .room = 64 };
	int count = vring_request(&ring, &request);
	int bad = 0;

	for (int i = 0; i < count; i++) {
		char line[320];

		if (!ecr_link_text(&links[i], line, sizeof(line)))
			continue;
		bad++;
		snprintf(text, size, "%s", line);
	}
	return bad;
}

/* Every frame that comes through is damaged, for longer or shorter. */
static void one_cable_damages_what_passes(void **state)
{
	static const char *const spans[] = { "corrupt s5 for 1 frame", "corrupt s5 for 40ms",
					     "corrupt s5 for 2s" };

	(void)state;
	for (int i = 0; i < 3; i++) {
		char text[320] = "";

		longline_open(&ring, 10, ECR_MS(1));
		vring_run_until(&ring, ring.now + ECR_S(2)); /* counters are read once a second */
		assert_int_equal(bad_cables(text, sizeof(text)), 0);
		heal_say(&ring, spans[i]);
		vring_run_until(&ring, ring.now + ECR_MS(10));
		while (heal_pending(&ring))
			vring_run_until(&ring, ring.now + ECR_MS(10));
		vring_run_until(&ring, ring.now + ECR_MS(50));
		assert_true(heal_until(&ring, longline_sound, ECR_S(6)));
		vring_run_until(&ring, ring.now + ECR_S(3));
		assert_true(longline_sound(&ring));
		assert_int_equal(bad_cables(text, sizeof(text)), 1);
		assert_non_null(strstr(text, "between s4 (4) port 1 and s5 (5) port 0:"));
		assert_non_null(strstr(text, "CRC errors"));
		longline_loopback(&ring, 9);
		vring_close(&ring);
	}
}

/* From the first count on: nothing that happens while the session starts is taken for what was before. */
static void errors_of_the_start_count(void **state)
{
	static const int at_ms[] = { 5, 30, 60, 150, 400 };

	(void)state;
	for (size_t i = 0; i < sizeof(at_ms) / sizeof(at_ms[0]); i++) {
		struct ecr_config *config = longline_prepare(&ring, 10, ECR_MS(1));
		char sentence[60];
		char text[320] = "";

		/* Damaged before: that is nobody's. */
		ecr_sim_registers(ring.sim, 2)[ECR_REG_RX_INVALID(0)] = 200;
		ecr_sim_registers(ring.sim, 3)[ECR_REG_LOST_LINK + 1] = 7;
		config->scan_poll_ms = 10;
		config->scan_stable_ms = 50;
		snprintf(sentence, sizeof(sentence), "after %dms corrupt s5 for 1 frame", at_ms[i]);
		heal_say(&ring, sentence);
		assert_int_equal(vring_start(&ring, config), 0);
		assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
		assert_true(heal_until(&ring, longline_sound, ECR_S(6)));
		vring_run_until(&ring, ring.now + ECR_S(2));
		assert_int_equal(bad_cables(text, sizeof(text)), 1);
		assert_non_null(strstr(text, "between s4 (4) port 1 and s5 (5) port 0:"));
		vring_close(&ring);
	}
}

static unsigned int singles;

static void count(struct vring *unused, const struct ecr_datagram *datagram)
{
	(void)unused;
	singles += datagram->command == ECR_CMD_FPRD && datagram->address >> 16 == ECR_REG_ERRORS;
}

static unsigned int counted_for(ecr_time span)
{
	singles = 0;
	ring.each_datagram = count;
	vring_run_until(&ring, ring.now + span);
	ring.each_datagram = NULL;
	return singles;
}

/* What was damaged is cleared where it was counted, so that one question to all tells again that nothing is new. */
static void afterwards_slaves_are_asked_seldom_again(void **state)
{
	(void)state;
	longline_open(&ring, 10, ECR_MS(1));
	vring_run_until(&ring, ring.now + ECR_S(12));
	assert_in_range(counted_for(ECR_S(10)), 5, 20);
	for (int i = 0; i < 3; i++) {
		heal_say(&ring, "corrupt s5 for 40ms");
		vring_run_until(&ring, ring.now + ECR_S(12));
	}
	assert_true(longline_sound(&ring));
	assert_in_range(counted_for(ECR_S(10)), 5, 20);
	vring_close(&ring);
}

/* The last of them is not configured; what it has counted once does not have the others read for ever. */
static void one_that_nobody_has_configured_is_cleared_too(void **state)
{
	struct ecr_config *config = longline_prepare(&ring, 10, ECR_MS(1));
	static struct ecr_slave_config nine[10];

	(void)state;
	memcpy(nine, config->slaves, 9 * sizeof(nine[0]));
	config->slaves = nine;
	assert_int_equal(vring_start(&ring, config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(10)), 0);
	vring_run_until(&ring, ring.now + ECR_S(2));
	ecr_sim_registers(ring.sim, 9)[ECR_REG_RX_INVALID(0)] = 1;
	vring_run_until(&ring, ring.now + ECR_S(14));
	assert_int_equal(ecr_sim_registers(ring.sim, 9)[ECR_REG_RX_INVALID(0)], 0);
	assert_in_range(counted_for(ECR_S(10)), 5, 20);
	vring_close(&ring);
}

/* All but one are there, and somebody behind them: nobody is asked more than while the ring operates. */
static void a_start_that_waits_asks_seldom(void **state)
{
	struct ecr_config *config = longline_prepare(&ring, 12, ECR_MS(1));
	struct ecr_slave_config *last = (struct ecr_slave_config *)&config->slaves[11];

	(void)state;
	last->name = NULL;
	heal_say(&ring, "refuse s10 preop 0x0016 for 40s");
	config->awaiting_preop_ms = 60000;
	assert_int_equal(vring_start(&ring, config), 0);
	vring_run_until(&ring, ring.now + ECR_S(12));
	assert_in_range(counted_for(ECR_S(10)), 5, 25);
	ecr_sim_registers(ring.sim, 11)[ECR_REG_RX_INVALID(0)] = 7;
	vring_run_until(&ring, ring.now + ECR_S(4));
	assert_int_equal(ecr_sim_registers(ring.sim, 11)[ECR_REG_RX_INVALID(0)], 0);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_AWAITING_PREOP);
	vring_close(&ring);
}

/* Its own past is nobody's; what it counts as soon as it operates is. */
static void what_a_spare_part_counts_is_told(void **state)
{
	static uint8_t spare[2048];
	char text[320] = "";

	(void)state;
	longline_open(&ring, 10, ECR_MS(1));
	vring_run_until(&ring, ring.now + ECR_S(12));
	memcpy(spare, ring.sim->slaves[5].device.sii, ring.sim->slaves[5].device.sii_size);
	spare[ECR_SII_WORD_SERIAL * 2] ^= 0x55;
	sim_controller_replace(&ring.sim->slaves[5], spare, ring.sim->slaves[5].device.sii_size);
	ecr_sim_registers(ring.sim, 5)[ECR_REG_RX_INVALID(0)] = 7;
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_true(heal_until(&ring, longline_sound, ECR_S(6)));
	assert_int_equal(bad_cables(text, sizeof(text)), 0);
	heal_say(&ring, "corrupt s5 for 40ms");
	vring_run_until(&ring, ring.now + ECR_S(3));
	assert_int_equal(bad_cables(text, sizeof(text)), 1);
	assert_non_null(strstr(text, "between s4 (4) port 1 and s5 (5) port 0:"));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_cable_damages_what_passes),
		cmocka_unit_test(errors_of_the_start_count),
		cmocka_unit_test(afterwards_slaves_are_asked_seldom_again),
		cmocka_unit_test(one_that_nobody_has_configured_is_cleared_too),
		cmocka_unit_test(a_start_that_waits_asks_seldom),
		cmocka_unit_test(what_a_spare_part_counts_is_told),
	};

	return RUN(tests);
}
