/* SPDX-License-Identifier: Apache-2.0 */
/* The cables of a slave the wrong way round: it is found, and named. */
#include "support/check.h"
#include "support/heal.h"

#include <ecring/diag.h>

#include <string.h>

#define ROOM 8
#define LINE 5

static struct vring ring;
static uint8_t siis[LINE][2048];
static struct ecr_sim_device devices[LINE];
static struct ecr_difference differences[ROOM];

static void make_line(const char *const *shipped, int count, int swapped)
{
	for (int i = 0; i < count; i++) {
		devices[i] = (struct ecr_sim_device){ .entry_port = i == swapped };
		assert_true(ecr_sim_shipped(shipped[i], &devices[i], siis[i], sizeof(siis[i])));
	}
	vring_open_devices(&ring, devices, count);
}

static int look(void)
{
	struct ecr_request request = { .kind = ECR_REQUEST_DIFFERENCES,
				       .out = differences,
				       .room = ROOM };

	return vring_request(&ring, &request);
}

static int look_at_cables(struct ecr_link_report *links)
{
	struct ecr_request request = { .kind = ECR_REQUEST_LINKS, .out = links, .room = ROOM };

	return vring_request(&ring, &request);
}

/* Outputs in its place or the wrong way round; operational in either case. */
static void start_default(int swapped)
{
	static struct ecr_config config;

	config = vring_default_config();
	make_line(vring_default_names, 3, swapped);
	assert_true(ecr_sim_wire(ring.sim, 2, 0, 1, 0, 16));
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(2)), 0);
}

static void the_last_one_is_named(void **state)
{
	struct ecr_link_report links[ROOM];
	char text[200];

	(void)state;
	start_default(2);
	assert_int_equal(look(), 1);
	ecr_difference_text(&differences[0], text, sizeof(text));
	assert_string_equal(text, "outputs (2): IN and OUT are exchanged, it is entered at port 1");
	assert_int_equal(look_at_cables(links), 3);
	assert_true(ecr_link_text(&links[2], text, sizeof(text)));
	assert_string_equal(
		text, "between inputs (1) port 1 and outputs (2) port 1: IN and OUT are exchanged");
	assert_false(links[0].swapped || links[1].swapped);
	heal_ends_clean(&ring, ECR_S(1));
	vring_close(&ring);
}

static void the_right_way_round_there_is_nothing_to_say(void **state)
{
	(void)state;
	start_default(-1);
	assert_int_equal(look(), 0);
	vring_close(&ring);
}

/* Whichever it is, frames process it when all behind it are done. */
static void each_of_a_line(void **state)
{
	static const char *const equal[LINE] = { "EL1809", "EL1809", "EL1809", "EL1809", "EL1809" };
	const struct ecr_config config = { .scan_poll_ms = 10, .scan_stable_ms = 20 };

	(void)state;
	for (int swapped = 0; swapped < LINE; swapped++) {
		make_line(equal, LINE, swapped);
		assert_int_equal(vring_start(&ring, &config), 0);
		assert_int_equal(vring_await_running(&ring, ECR_S(2)), 0);
		vring_run_until(&ring, ring.now + ECR_MS(1500)); /* ports have been read */
		assert_int_equal(look(), 1);
		assert_int_equal(differences[0].kind, ECR_DIFFERENCE_SWAPPED);
		assert_int_equal(differences[0].position, LINE - 1);
		assert_int_equal(differences[0].actual, 1);
		vring_close(&ring);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_one_is_named),
		cmocka_unit_test(the_right_way_round_there_is_nothing_to_say),
		cmocka_unit_test(each_of_a_line),
	};

	return RUN(tests);
}
