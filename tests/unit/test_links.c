/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of cables and of AL states: counters of both ends, their minute, histories. */
#include "support/check.h"
#include "support/heal.h"

#include "wire/registers.h"

#include <ecring/diag.h>

#include <string.h>

#define ROOM 8

static struct vring ring;
static struct ecr_link_report links[ROOM];

static int look(void)
{
	struct ecr_request request = { .kind = ECR_REQUEST_LINKS, .out = links, .room = ROOM };

	return vring_request(&ring, &request);
}

static void every_cable_has_two_ends(void **state)
{
	char text[200];

	(void)state;
	heal_open(&ring);
	assert_int_equal(look(), 3);
	assert_int_equal(links[0].from, -1);
	assert_string_equal(links[0].from_name, "master");
	assert_string_equal(links[0].to_name, "coupler");
	assert_string_equal(links[2].from_name, "inputs");
	assert_int_equal(links[2].from_port, 1);
	assert_string_equal(links[2].to_name, "outputs");
	assert_int_equal(links[2].to_port, 0);
	assert_false(ecr_link_text(&links[2], text, sizeof(text)));
	vring_close(&ring);
}

static void damaged_frames_are_counted_where_they_are_damaged(void **state)
{
	char text[200];

	(void)state;
	heal_open(&ring);
	vring_run_until(&ring, ring.now + ECR_S(3));
	heal_say(&ring, "corrupt outputs for 14 frames");
	vring_run_until(&ring, ring.now + ECR_S(3));
	assert_int_equal(look(), 3);
	assert_int_equal(links[2].at_to.crc, 14);
	assert_int_equal(links[2].at_to.recent, 14);
	assert_int_equal(links[1].at_to.crc, 0);
	assert_int_equal(links[0].at_to.crc, 0);
	assert_true(ecr_link_text(&links[2], text, sizeof(text)));
	assert_string_equal(text, "between inputs (1) port 1 and outputs (2) port 0: 14 CRC errors "
				  "in 60 s, 14 in all");
	vring_run_until(&ring, ring.now + ECR_S(70));
	look();
	assert_int_equal(links[2].at_to.recent, 0);
	assert_int_equal(links[2].at_to.crc, 14);
	vring_close(&ring);
}

/* The registers stop at 255. */
static void counters_go_on_beyond_their_registers(void **state)
{
	(void)state;
	heal_open(&ring);
	vring_run_until(&ring, ring.now + ECR_S(3));
	for (int i = 0; i < 4; i++) {
		heal_say(&ring, "corrupt outputs for 130 frames");
		vring_run_until(&ring, ring.now + ECR_S(4));
	}
	look();
	assert_int_equal(links[2].at_to.crc, 4 * 130);
	vring_close(&ring);
}

static void a_lost_link_is_counted_at_its_cable(void **state)
{
	char text[200];

	(void)state;
	heal_open(&ring);
	vring_run_until(&ring, ring.now + ECR_S(3));
	heal_say(&ring, "break outputs for 30 frames");
	heal_ends_clean(&ring, ECR_S(6));
	vring_run_until(&ring, ring.now + ECR_S(2));
	assert_int_equal(look(), 3);
	assert_int_equal(links[2].at_from.lost_links, 1);
	assert_int_equal(links[1].at_from.lost_links, 0);
	assert_true(ecr_link_text(&links[2], text, sizeof(text)));
	assert_non_null(strstr(text, "link lost 1 times"));
	vring_close(&ring);
}

/* A cable that is out is told at the end that still answers. */
static void a_cable_that_is_out_is_a_loose_end(void **state)
{
	struct ecr_request ends = { .kind = ECR_REQUEST_LOOSE_ENDS, .out = links, .room = ROOM };
	char text[200];

	(void)state;
	heal_open(&ring);
	vring_run_until(&ring, ring.now + ECR_S(3));
	assert_int_equal(vring_request(&ring, &ends), 0);
	heal_say(&ring, "disconnect outputs for 60s");
	vring_run_until(&ring, ring.now + ECR_S(4));
	assert_int_equal(vring_request(&ring, &ends), 1);
	assert_true(ecr_link_text(&links[0], text, sizeof(text)));
	assert_string_equal(text, "between inputs (1) port 1 and nobody: link lost 1 times");
	assert_int_equal(look(), 2);
	vring_close(&ring);
}

static unsigned int readings[2]; /* of error counters: of one slave, of all at once */

static void count_reading(struct vring *of, const struct ecr_datagram *datagram)
{
	(void)of;
	if (datagram->address >> 16 == ECR_REG_ERRORS && ecr_command_reads(datagram->command))
		readings[ecr_command_is_broadcast(datagram->command)]++;
}

/* Whoever has counted nothing is asked with all others, and by itself now and then. */
static void sound_cables_cost_one_question_a_second(void **state)
{
	(void)state;
	heal_open(&ring);
	vring_run_until(&ring, ring.now + ECR_S(15));
	memset(readings, 0, sizeof(readings));
	ring.each_datagram = count_reading;
	vring_run_until(&ring, ring.now + ECR_S(20));
	assert_in_range(readings[1], 19, 21);
	assert_in_range(readings[0], 3, 2 * 3);
	vring_close(&ring);
}

/* One more beside those of others, and of one's own, as soon as any. */
static void each_single_error_is_known_after_a_second(void **state)
{
	static const char *const damages[] = { "corrupt outputs for 1 frames",
					       "corrupt inputs for 1 frames" };
	uint32_t wanted[] = { 0, 0 };

	(void)state;
	heal_open(&ring);
	vring_run_until(&ring, ring.now + ECR_S(15));
	for (unsigned int i = 0; i < 9; i++) {
		unsigned int where = i % 4 == 1;

		heal_say(&ring, damages[where]);
		wanted[where]++;
		vring_run_until(&ring, ring.now + ECR_MS(1050));
		assert_int_equal(look(), 3);
		assert_int_equal(links[2].at_to.crc, wanted[0]);
		assert_int_equal(links[1].at_to.crc, wanted[1]);
	}
	assert_int_equal(links[2].at_to.recent, wanted[0]);
	vring_close(&ring);
}

/* Once they are added up nothing hides what comes later. */
static void what_was_counted_is_cleared(void **state)
{
	(void)state;
	heal_open(&ring);
	vring_run_until(&ring, ring.now + ECR_S(15));
	heal_say(&ring, "corrupt outputs for 3 frames");
	vring_run_until(&ring, ring.now + ECR_S(3));
	memset(readings, 0, sizeof(readings));
	ring.each_datagram = count_reading;
	vring_run_until(&ring, ring.now + ECR_S(5));
	assert_in_range(readings[0], 0, 3);
	look();
	assert_int_equal(links[2].at_to.crc, 3);
	vring_close(&ring);
}

static void a_history_of_the_al_status_is_kept(void **state)
{
	struct ecr_al_entry entries[ECR_AL_HISTORY];
	struct ecr_request request = { .kind = ECR_REQUEST_AL_HISTORY,
				       .name = "outputs",
				       .out = entries,
				       .room = ECR_AL_HISTORY };
	int count;

	(void)state;
	heal_open(&ring);
	heal_say(&ring, "al-error outputs with 0x001D");
	vring_run_until(&ring, ring.now + ECR_S(2));
	heal_say(&ring, "disconnect outputs for 20 frames");
	heal_ends_clean(&ring, ECR_S(6));
	count = vring_request(&ring, &request);
	assert_true(count > 3);
	for (int i = 1; i < count; i++) {
		assert_true(entries[i].at >= entries[i - 1].at);
		assert_true(entries[i].status != entries[i - 1].status ||
			    entries[i].code != entries[i - 1].code);
	}
	assert_int_equal(entries[count - 1].status, ECR_AL_OP);
	for (int wanted = 0; wanted < 2; wanted++) {
		bool found = false;

		for (int i = 0; i < count; i++)
			found = found ||
				(wanted ? entries[i].status == 0
					: entries[i].status == (ECR_AL_OP | ECR_AL_ERROR) &&
						  entries[i].code == 0x1D);
		assert_true(found);
	}
	request.name = "nobody";
	assert_int_equal(vring_request(&ring, &request), ECR_ERR_NOT_FOUND);
	vring_close(&ring);
}

/* Also where nothing else is going on. */
static void a_lost_reading_is_not_the_last_one(void **state)
{
	const struct ecr_config config = { .scan_poll_ms = 10, .scan_stable_ms = 20 };

	(void)state;
	vring_open(&ring, vring_default_names);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_running(&ring, ECR_S(2)), 0);
	vring_run_until(&ring, ring.now + ECR_S(3));
	heal_say(&ring, "drop for 3 frames");
	vring_run_until(&ring, ring.now + ECR_S(8));
	assert_int_equal(heal_pending(&ring), 0);
	heal_say(&ring, "corrupt outputs for 2 frames");
	vring_run_until(&ring, ring.now + ECR_S(8));
	assert_int_equal(look(), 3);
	assert_int_equal(links[2].at_to.crc, 2);
	vring_close(&ring);
}

/* However often it is tried again. */
static void who_is_lost_stays_lost_in_its_history(void **state)
{
	struct ecr_al_entry entries[ECR_AL_HISTORY];
	struct ecr_request request = { .kind = ECR_REQUEST_AL_HISTORY,
				       .name = "outputs",
				       .out = entries,
				       .room = ECR_AL_HISTORY };
	int count;

	(void)state;
	heal_open(&ring);
	heal_say(&ring, "disconnect outputs for 12s");
	vring_run_until(&ring, ring.now + ECR_S(10));
	count = vring_request(&ring, &request);
	assert_true(count > 1);
	assert_int_equal(entries[count - 1].status, 0);
	assert_int_equal(entries[count - 2].status, ECR_AL_OP);
	heal_ends_clean(&ring, ECR_S(8));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cable_has_two_ends),
		cmocka_unit_test(damaged_frames_are_counted_where_they_are_damaged),
		cmocka_unit_test(counters_go_on_beyond_their_registers),
		cmocka_unit_test(a_lost_link_is_counted_at_its_cable),
		cmocka_unit_test(a_cable_that_is_out_is_a_loose_end),
		cmocka_unit_test(sound_cables_cost_one_question_a_second),
		cmocka_unit_test(each_single_error_is_known_after_a_second),
		cmocka_unit_test(what_was_counted_is_cleared),
		cmocka_unit_test(a_history_of_the_al_status_is_kept),
		cmocka_unit_test(a_lost_reading_is_not_the_last_one),
		cmocka_unit_test(who_is_lost_stays_lost_in_its_history),
	};

	return RUN(tests);
}
