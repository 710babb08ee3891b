/* SPDX-License-Identifier: Apache-2.0 */
/* Slaves that come and go while the others work. */
#include "support/check.h"
#include "support/echo.h"
#include "support/heal.h"
#include "support/simring.h"

#include "base/le.h"
#include "wire/registers.h"
#include "wire/sii.h"

#include <ecring/diag.h>

#include <string.h>

#define COUNT 6

static struct vring ring;
static uint8_t image[1024];
static struct ecr_sim_device devices[COUNT];
static struct ecr_slave_config slaves[COUNT + 1];
static struct ecr_config config;
static const char *const names[COUNT] = { "a", "b", "tool1", "tool2", "c", "d" };

/* a, b, c, d in a line; two tools of one kind that are told apart by what they answer. */
static void describe(enum ecr_recognise by)
{
	static const struct ecr_domain_config domains[] = { { .id = "main", .cycle_ns = ECR_MS(1) },
							    { 0 } };
	size_t size = ecr_sim_digital_sii(image, sizeof(image), "digital", 8, 8);

	memset(slaves, 0, sizeof(slaves));
	for (int i = 0; i < COUNT; i++) {
		bool tool = i == 2 || i == 3;

		devices[i] = (struct ecr_sim_device){
			.name = names[i], .sii = image, .sii_size = size, .absent = tool
		};
		slaves[i] = (struct ecr_slave_config){ .name = names[i],
						       .process_data = ECR_ALL_TO("main"),
						       .health_poll_ms = 20 };
		if (!tool)
			continue;
		devices[i].alias = by == ECR_BY_ALIAS ? (uint16_t)(40 + i) : 0;
		devices[i].identification = by > ECR_BY_ALIAS ? (uint16_t)(40 + i) : 0;
		devices[i].identification_at = by == ECR_BY_MEMORY ? 0x0F18 : 0;
		slaves[i].presence =
			(struct ecr_presence_config){ .optional = true,
						      .by = by,
						      .identification = (uint16_t)(40 + i),
						      .identification_address = 0x0F18,
						      .sii = image,
						      .sii_size = size };
	}
	config = vring_default_config();
	config.domains = domains;
	config.slaves = slaves;
}

static void open_ring(void)
{
	echo_open(&ring, devices, COUNT);
	ring.two_ports = config.backup_interface != NULL;
	if (ring.two_ports)
		assert_true(ecr_sim_close_ring(ring.sim, COUNT - 1, -1));
	assert_int_equal(vring_start(&ring, &config), 0);
}

static void come_up(enum ecr_recognise by)
{
	describe(by);
	open_ring();
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
}

static bool in_op(const char *name)
{
	return vring_slave(&ring, name).al_state == ECR_AL_OP;
}

static bool tool1_in_op(struct vring *unused)
{
	(void)unused;
	return in_op("tool1");
}

static bool both_in_op(struct vring *unused)
{
	(void)unused;
	return in_op("tool1") && in_op("tool2");
}

static bool tool1_absent(struct vring *unused)
{
	(void)unused;
	return vring_slave(&ring, "tool1").absent;
}

/* What is written to a slave comes back at its inputs. */
static void assert_works(const char *name)
{
	echo_works(&ring, name, ECR_MS(5));
}

static struct ecr_domain_info domain(void)
{
	return vring_domain(&ring, "main");
}

static void an_absent_slave_does_not_keep_the_others(void **state)
{
	struct ecr_slave_info tool;

	(void)state;
	come_up(ECR_BY_ALIAS);
	tool = vring_slave(&ring, "tool1");
	assert_true(tool.optional && tool.absent && tool.down);
	assert_int_equal(tool.fault.kind, ECR_FAULT_NONE);
	assert_int_equal(domain().expected_wkc, 4 * 3);
	assert_int_equal(domain().total_miss_count, 0);
	for (int i = 0; i < COUNT; i++)
		if (i != 2 && i != 3)
			assert_works(names[i]);
	assert_int_equal(vring_slave(&ring, "c").position, 2);
	vring_close(&ring);
}

/* By any mark; and those who were there have not missed a cycle. */
static void it_joins_without_a_lost_cycle(void **state)
{
	static const enum ecr_recognise marks[] = { ECR_BY_ALIAS, ECR_BY_REQUESTED, ECR_BY_MEMORY };

	(void)state;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		come_up(marks[i]);
		heal_say(&ring, "plug tool1");
		assert_true(heal_until(&ring, tool1_in_op, ECR_MS(800)));
		vring_run_until(&ring, ring.now + ECR_MS(20));
		assert_int_equal(domain().total_miss_count, 0);
		assert_int_equal(domain().expected_wkc, 5 * 3);
		assert_true(heal_saw(&ring, ECR_EVENT_SLAVE_JOINED, 2, -1));
		assert_true(vring_slave(&ring, "tool2").absent);
		assert_works("tool1");
		assert_works("d");
		assert_int_equal(ring.counts[ECR_EVENT_DOMAIN_DEGRADED], 0);
		assert_false(heal_saw(&ring, ECR_EVENT_SLAVE_STRANGER, -1, -1));
		vring_close(&ring);
	}
}

static void assert_last_status(const char *name, uint16_t status)
{
	struct ecr_al_entry entries[ECR_AL_HISTORY];
	struct ecr_request request = {
		.kind = ECR_REQUEST_AL_HISTORY, .name = name, .out = entries, .room = ECR_AL_HISTORY
	};
	int count = vring_request(&ring, &request);

	assert_true(count > 0);
	assert_int_equal(entries[count - 1].status, status);
	assert_int_equal(entries[count - 1].code, 0);
}

static bool tool2_in_op(struct vring *unused)
{
	(void)unused;
	return in_op("tool2");
}

/* As many as before, but another one: seen all the same. */
static void one_is_changed_for_another_at_once(void **state)
{
	(void)state;
	come_up(ECR_BY_ALIAS);
	heal_say(&ring, "plug tool1");
	assert_true(heal_until(&ring, tool1_in_op, ECR_MS(800)));
	for (int round = 0; round < 4; round++) {
		assert_true(ecr_sim_unplug(ring.sim, ring.now, round % 2 ? 3 : 2));
		assert_true(ecr_sim_plug_in(ring.sim, ring.now, round % 2 ? 2 : 3, 5, -1));
		assert_true(heal_until(&ring, round % 2 ? tool1_in_op : tool2_in_op, ECR_S(1)));
		assert_true(vring_slave(&ring, round % 2 ? "tool2" : "tool1").absent);
	}
	assert_works("tool1");
	vring_close(&ring);
}

/* It comes as it operated elsewhere, takes its time on the way to INIT, and says who it is only there. */
static void it_is_waited_for_until_it_says_who_it_is(void **state)
{
	(void)state;
	describe(ECR_BY_REQUESTED);
	devices[2].al_delay_ns = ECR_MS(5);
	open_ring();
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	heal_say(&ring, "plug tool1");
	assert_true(heal_until(&ring, tool1_in_op, ECR_S(1)));
	assert_true(ecr_sim_unplug(ring.sim, ring.now, 2));
	assert_true(heal_until(&ring, tool1_absent, ECR_MS(100)));
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, 2, 5, -1));
	assert_true(heal_until(&ring, tool1_in_op, ECR_S(1)));
	assert_false(heal_saw(&ring, ECR_EVENT_SLAVE_STRANGER, -1, -1));
	vring_close(&ring);
}

/* Another one is in the first one's place and has the station of its neighbour, which has not moved. */
static void the_station_of_a_neighbour_does_not_hide_who_comes(void **state)
{
	struct simring raw = { 0 };
	uint8_t station[2];

	(void)state;
	describe(ECR_BY_REQUESTED);
	devices[2].absent = false;
	open_ring();
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	assert_true(heal_until(&ring, tool1_in_op, ECR_S(1)));
	ecr_put_le16(station, vring_slave(&ring, "c").station);
	assert_true(ecr_sim_unplug(ring.sim, ring.now, 2));
	assert_true(ecr_sim_unplug(ring.sim, ring.now, 4));
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, 3, 1, -1));
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, 4, 3, -1));
	raw.sim = ring.sim;
	raw.now = ring.now;
	assert_int_equal(simring_write(&raw, 2, ECR_REG_STATION, station, 2), 1);
	assert_true(heal_until(&ring, tool2_in_op, ECR_S(1)));
	assert_true(vring_slave(&ring, "tool1").absent);
	assert_true(in_op("c"));
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_DOWN], 0);
	vring_close(&ring);
}

static void it_leaves_and_nobody_is_at_fault(void **state)
{
	uint64_t missed = 0;

	(void)state;
	come_up(ECR_BY_REQUESTED);
	for (int round = 0; round < 3; round++) {
		heal_say(&ring, round ? "plug tool1 into d" : "plug tool1");
		assert_true(heal_until(&ring, tool1_in_op, ECR_MS(800)));
		assert_true(domain().total_miss_count - missed <= 1); /* the frame that was there */
		missed = domain().total_miss_count;
		heal_say(&ring, "unplug tool1");
		assert_true(heal_until(&ring, tool1_absent, ECR_MS(50)));
		vring_run_until(&ring, ring.now + ECR_MS(100));
		assert_last_status("tool1", 0);
		assert_true(domain().total_miss_count - missed <= 2);
		assert_int_equal(domain().cycle_health.error, 0);
		assert_int_equal(domain().expected_wkc, 4 * 3);
		assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
		assert_int_equal(vring_slave(&ring, "tool1").fault.kind, ECR_FAULT_NONE);
		ecr_sim_clear_faults(ring.sim);
		assert_true(ecr_sim_unplug(ring.sim, ring.now, 2));
		vring_run_until(&ring, ring.now + ECR_MS(300));
		missed = domain().total_miss_count;
	}
	assert_int_equal(ring.counts[ECR_EVENT_DOMAIN_DEGRADED], 0);
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_DOWN], 0);
	assert_false(heal_saw(&ring, ECR_EVENT_STATE_CHANGED, -1, ECR_STATE_RECOVERING));
	assert_true(heal_saw(&ring, ECR_EVENT_SLAVE_LEFT, 2, -1));
	assert_true(heal_saw(&ring, ECR_EVENT_SLAVE_MOVED, 2, -1));
	vring_close(&ring);
}

/* Eight come at once, as many as are asked together, and it is the last of them. */
static void the_last_of_eight_is_found_by_its_memory(void **state)
{
	static const char *const line[] = { "a", "b", "c", "d", "e", "f", "g", "tool1" };
	static struct ecr_slave_config wanted[9];
	static struct ecr_sim_device eight[8];

	(void)state;
	describe(ECR_BY_MEMORY);
	for (int i = 0; i < 8; i++) {
		eight[i] = devices[i < 7 ? 0 : 2];
		wanted[i] = slaves[i < 7 ? 0 : 2];
		eight[i].name = wanted[i].name = line[i];
		eight[i].absent = false;
	}
	config.slaves = wanted;
	echo_open(&ring, eight, 8);
	assert_int_equal(vring_start(&ring, &config), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	assert_true(heal_until(&ring, tool1_in_op, ECR_S(1)));
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_STRANGER], 0);
	assert_works("tool1");
	vring_close(&ring);
}

/* Two equal devices: each is who it says, wherever it stands. */
static void two_of_a_kind_are_told_apart(void **state)
{
	(void)state;
	for (int swapped = 0; swapped < 2; swapped++) {
		describe(ECR_BY_REQUESTED);
		devices[2].absent = devices[3].absent = false;
		devices[2].identification = (uint16_t)(swapped ? 43 : 42);
		devices[3].identification = (uint16_t)(swapped ? 42 : 43);
		open_ring();
		assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
		assert_true(both_in_op(&ring));
		assert_int_equal(vring_slave(&ring, "tool1").position, swapped ? 3 : 2);
		assert_int_equal(vring_slave(&ring, "tool2").position, swapped ? 2 : 3);
		vring_output(&ring, "tool1", "out3", 1);
		vring_run_until(&ring, ring.now + ECR_MS(5));
		assert_int_equal(vring_input(&ring, "tool1", "in3"), 1);
		assert_int_equal(vring_input(&ring, "tool2", "in3"), 0);
		vring_close(&ring);
	}
}

static struct ecr_difference differences[8];

static int look_at_differences(void)
{
	struct ecr_request request = { .kind = ECR_REQUEST_DIFFERENCES,
				       .out = differences,
				       .room = 8 };

	return vring_request(&ring, &request);
}

/* Absent is no difference; elsewhere, missing and unknown are. */
static void what_stands_otherwise_is_listed(void **state)
{
	(void)state;
	come_up(ECR_BY_ALIAS);
	assert_int_equal(look_at_differences(), 0);
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, 2, 5, -1));
	assert_true(heal_until(&ring, tool1_in_op, ECR_S(1)));
	assert_int_equal(look_at_differences(), 1);
	assert_int_equal(differences[0].kind, ECR_DIFFERENCE_MOVED);
	assert_string_equal(differences[0].slave, "tool1");
	assert_string_equal(differences[0].what, "d");
	assert_string_equal(differences[0].other, "b");
	assert_true(ecr_sim_unplug(ring.sim, ring.now, 5));
	vring_run_until(&ring, ring.now + ECR_MS(200));
	assert_int_equal(look_at_differences(), 1);
	assert_int_equal(differences[0].kind, ECR_DIFFERENCE_MISSING);
	assert_string_equal(differences[0].slave, "d");
	vring_close(&ring);
}

static uint32_t word(unsigned int at)
{
	return (uint32_t)(image[at * 2] | image[at * 2 + 1] << 8 | image[at * 2 + 2] << 16) |
	       (uint32_t)image[at * 2 + 3] << 24;
}

static struct ecr_event *last_guess(void)
{
	for (int i = ring.event_count - 1; i >= 0; i--)
		if (ring.events[i].kind == ECR_EVENT_SLAVE_WARNING)
			return &ring.events[i];
	return NULL;
}

/* It is to be of the kind of all, or of one so much further. */
static void check_kind(int slave, uint32_t further)
{
	slaves[slave].check = ECR_CHECK_VENDOR | ECR_CHECK_PRODUCT;
	slaves[slave].identity.vendor = word(ECR_SII_WORD_VENDOR);
	slaves[slave].identity.product = word(ECR_SII_WORD_PRODUCT) + further;
}

/* By their places alone: the first in the configured order is taken to be there, and that is told as long as it may be
 * the other. */
static void equal_neighbours_are_guessed_and_told(void **state)
{
	(void)state;
	for (int round = 0; round < 4; round++) {
		int there = 2 + round % 2; /* whichever it really is */

		describe(ECR_BY_POSITION);
		devices[there].absent = false;
		if (round >= 2) { /* what both are checked for is the same */
			check_kind(2, 0);
			check_kind(3, 0);
		}
		open_ring();
		assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
		assert_true(in_op("tool1"));
		assert_true(vring_slave(&ring, "tool2").absent);
		assert_non_null(last_guess());
		assert_int_equal(last_guess()->slave, 2);
		assert_int_equal(last_guess()->actual, 3);
		assert_int_equal(look_at_differences(), 1);
		assert_int_equal(differences[0].kind, ECR_DIFFERENCE_GUESSED);
		assert_string_equal(differences[0].slave, "tool1");
		assert_string_equal(differences[0].other, "tool2");
		vring_close(&ring);
	}
}

/* The first of the configuration may be such a one as well as any other. */
static void the_first_of_all_is_guessed_and_told_too(void **state)
{
	(void)state;
	describe(ECR_BY_POSITION);
	slaves[0].presence = slaves[1].presence = slaves[2].presence;
	devices[1].absent = true;
	devices[2].parent = devices[4].parent = 0;
	for (int tool = 2; tool < 4; tool++) {
		slaves[tool].presence = (struct ecr_presence_config){ 0 };
		devices[tool].absent = false;
	}
	open_ring();
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	assert_true(in_op("a"));
	assert_true(vring_slave(&ring, "b").absent);
	assert_true(heal_saw(&ring, ECR_EVENT_SLAVE_WARNING, 0, -1));
	assert_int_equal(look_at_differences(), 1);
	assert_int_equal(differences[0].kind, ECR_DIFFERENCE_GUESSED);
	assert_string_equal(differences[0].slave, "a");
	assert_string_equal(differences[0].other, "b");
	vring_close(&ring);
}

/* Whoever was guessed keeps its name: one that comes before it is nobody, one behind it the other. */
static void a_guess_stands_until_it_leaves(void **state)
{
	(void)state;
	for (int there = 2; there < 4; there++) {
		describe(ECR_BY_POSITION);
		devices[there].absent = false;
		if (there == 3)
			devices[3].parent = 2; /* it hangs on b */
		open_ring();
		assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
		assert_true(in_op("tool1"));
		assert_true(ecr_sim_plug_in(ring.sim, ring.now, there == 2 ? 3 : 2,
					    there == 2 ? 2 : 0, -1));
		vring_run_until(&ring, ring.now + ECR_S(1));
		assert_true(in_op("tool1"));
		assert_int_equal(in_op("tool2"), there == 2);
		assert_int_equal(heal_saw(&ring, ECR_EVENT_SLAVE_STRANGER, -1, -1), there == 3);
		assert_int_equal(domain().total_miss_count, 0);
		vring_close(&ring);
	}
}

/* Both there, in their order: that is certain, and the one that stays keeps its name. */
static void two_neighbours_in_their_order_are_no_guess(void **state)
{
	(void)state;
	describe(ECR_BY_POSITION);
	devices[2].absent = devices[3].absent = false;
	open_ring();
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	assert_int_equal(look_at_differences(), 0);
	assert_null(last_guess());
	heal_say(&ring, "unplug tool2"); /* c and d hang on it */
	vring_run_until(&ring, ring.now + ECR_MS(300));
	assert_true(in_op("tool1"));
	assert_null(last_guess());
	vring_close(&ring);
}

/* Their kinds differ, and are known. */
static void neighbours_of_two_kinds_are_no_guess(void **state)
{
	(void)state;
	describe(ECR_BY_POSITION);
	devices[2].absent = false;
	check_kind(2, 0);
	check_kind(3, 1);
	open_ring();
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	assert_true(in_op("tool1"));
	assert_null(last_guess());
	assert_int_equal(look_at_differences(), 0);
	vring_close(&ring);
}

static void a_stranger_is_told(void **state)
{
	(void)state;
	describe(ECR_BY_ALIAS);
	devices[3].alias = 99;
	open_ring();
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	heal_say(&ring, "plug tool2");
	vring_run_until(&ring, ring.now + ECR_MS(300));
	assert_true(heal_saw(&ring, ECR_EVENT_SLAVE_STRANGER, -1, 2));
	assert_int_equal(look_at_differences(), 1);
	assert_int_equal(differences[0].kind, ECR_DIFFERENCE_ADDED);
	assert_int_equal(differences[0].position, 2);
	assert_int_equal(domain().total_miss_count, 0);
	assert_works("d");
	vring_close(&ring);
}

/* Where a slave must be there its place counts: equal ones that are swapped are no start. */
static void swapped_ones_that_must_be_there_are_refused(void **state)
{
	struct ecr_failure failure;
	struct ecr_request request = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };

	(void)state;
	describe(ECR_BY_REQUESTED);
	for (int i = 2; i < 4; i++) {
		devices[i].absent = false;
		devices[i].identification = (uint16_t)(i == 2 ? 43 : 42);
		slaves[i].presence.optional = false;
	}
	open_ring();
	assert_int_not_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	vring_request(&ring, &request);
	assert_int_equal(failure.cause, ECR_ERR_IDENTITY_MISMATCH);
	assert_string_equal(failure.slave, "tool1");
	assert_string_equal(failure.subject, "identification");
	assert_int_equal(failure.expected, 42);
	assert_int_equal(failure.actual, 43);
	vring_close(&ring);
}

static void plan_again(void)
{
	struct ecr_request lower = { .kind = ECR_REQUEST_DEACTIVATE, .target = ECR_TARGET_PREOP };
	struct ecr_request raise = { .kind = ECR_REQUEST_ACTIVATE };

	assert_int_equal(vring_request(&ring, &lower), 0);
	assert_true(vring_until_state(&ring, ECR_STATE_PREOP_READY, ECR_S(2)));
	vring_run_until(&ring, ring.now + ECR_S(6));
	assert_int_equal(vring_request(&ring, &raise), 0);
}

/* Whoever comes while the others are raised waits until they are, and no longer; whether health is polled or not. */
static void one_that_comes_while_others_are_raised_joins_then(void **state)
{
	struct ecr_request lower = { .kind = ECR_REQUEST_DEACTIVATE, .target = ECR_TARGET_PREOP };
	struct ecr_request raise = { .kind = ECR_REQUEST_ACTIVATE };

	(void)state;
	for (int polled = 0; polled < 2; polled++) {
		describe(ECR_BY_ALIAS);
		for (int i = 0; i < COUNT && !polled; i++)
			slaves[i].health_poll_ms = -1;
		devices[5].al_delay_ns = ECR_MS(150);
		open_ring();
		assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
		assert_int_equal(vring_request(&ring, &lower), 0);
		assert_true(vring_until_state(&ring, ECR_STATE_PREOP_READY, ECR_S(2)));
		heal_say(&ring, "after 20ms plug tool1");
		assert_int_equal(vring_request(&ring, &raise), 0);
		assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(1)));
		assert_true(vring_slave(&ring, "tool1").absent);
		assert_true(heal_until(&ring, tool1_in_op, ECR_MS(200)));
		assert_works("tool1");
		vring_close(&ring);
	}
}

/* Nothing is known of it when the process image is laid out: it waits in PREOP, says why, and takes part
 * from the next plan on. */
static void waits_for_the_next_plan(void)
{
	struct ecr_slave_info tool;

	open_ring();
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	heal_say(&ring, "plug tool1");
	vring_run_until(&ring, ring.now + ECR_S(1));
	tool = vring_slave(&ring, "tool1");
	assert_int_equal(tool.al_state, ECR_AL_PREOP);
	assert_int_equal(tool.fault.error, ECR_ERR_NOT_RESERVED);
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
	assert_int_equal(domain().total_miss_count, 0);
	plan_again();
	assert_true(heal_until(&ring, tool1_in_op, ECR_S(2)));
	assert_works("tool1");
	vring_close(&ring);
}

static void without_its_eeprom_it_waits_for_the_next_plan(void **state)
{
	(void)state;
	describe(ECR_BY_ALIAS);
	slaves[2].presence.sii = NULL;
	waits_for_the_next_plan();
}

static bool is_operational(struct vring *of)
{
	return ecr_core_state(of->core) == ECR_STATE_OPERATIONAL;
}

/* While c and d are without power the order alone tells who is there first: it is d. */
static void one_that_was_taken_for_another_is_asked_anew(void **state)
{
	static uint8_t other[1024];

	(void)state;
	describe(ECR_BY_ALIAS);
	devices[2].absent = devices[3].absent = false;
	devices[5].sii = other;
	devices[5].sii_size = ecr_sim_digital_sii(other, sizeof(other), "another", 16, 16);
	config.backup_interface = "second";
	open_ring();
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	heal_say(&ring, "power-off c for 900ms");
	heal_say(&ring, "power-off d for 300ms");
	vring_run_until(&ring, ring.now + ECR_S(1));
	assert_true(heal_until(&ring, is_operational, ECR_S(10)));
	assert_works("c");
	assert_works("d");
	vring_close(&ring);
}

/* Its EEPROM does not tell that its controller cannot do LRW: it keeps nobody from working, and says what it waits for. */
static void without_lrw_it_waits_for_the_next_plan(void **state)
{
	(void)state;
	describe(ECR_BY_ALIAS);
	devices[2].features = 0x0200;
	waits_for_the_next_plan();
}

/* What it would exchange is not what the plan has room for: it stays in PREOP, and nobody sends it to INIT again and again. */
static void with_other_process_data_it_stays_in_preop(void **state)
{
	static uint8_t other[1024];
	struct ecr_sim_state truth;

	(void)state;
	describe(ECR_BY_ALIAS);
	devices[2].sii = other;
	devices[2].sii_size = ecr_sim_digital_sii(other, sizeof(other), "another", 16, 16);
	devices[3].alias = devices[2].alias; /* what it was to be */
	open_ring();
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	heal_say(&ring, "plug tool1");
	vring_run_until(&ring, ring.now + ECR_S(1));
	for (int ms = 0; ms < 20000; ms++) {
		vring_run_until(&ring, ring.now + ECR_MS(1));
		ecr_sim_look(ring.sim, 2, &truth);
		assert_int_equal(truth.al_status, ECR_AL_PREOP);
	}
	assert_int_equal(vring_slave(&ring, "tool1").fault.error, ECR_ERR_PDO_MISMATCH);
	assert_int_equal(domain().total_miss_count, 0);
	assert_true(ecr_sim_unplug(ring.sim, ring.now, 2));
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, 3, 1, -1));
	assert_true(heal_until(&ring, tool1_in_op, ECR_S(1)));
	assert_works("tool1");
	vring_close(&ring);
}

/* The first of a group is recognised, the second is what stands behind it. */
static void a_group_comes_and_goes_together(void **state)
{
	(void)state;
	describe(ECR_BY_REQUESTED);
	slaves[2].presence.group = slaves[3].presence.group = "head";
	slaves[3].presence.by = ECR_BY_POSITION;
	devices[3].identification = 0;
	open_ring();
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	/* The second alone is nobody, where the configured order would have it too. */
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, 3, 1, -1));
	vring_run_until(&ring, ring.now + ECR_MS(500));
	assert_true(vring_slave(&ring, "tool2").absent);
	assert_true(heal_saw(&ring, ECR_EVENT_SLAVE_STRANGER, -1, 2));
	assert_true(ecr_sim_unplug(ring.sim, ring.now, 3));
	vring_run_until(&ring, ring.now + ECR_MS(300));
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, 3, 2, -1));
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, 2, 5, -1));
	assert_true(heal_until(&ring, both_in_op, ECR_S(1)));
	assert_int_equal(vring_slave(&ring, "tool1").position, 4);
	assert_int_equal(vring_slave(&ring, "tool2").position, 5);
	assert_works("tool2");
	assert_int_equal(domain().total_miss_count, 0);
	assert_true(ecr_sim_unplug(ring.sim, ring.now, 2));
	assert_true(heal_until(&ring, tool1_absent, ECR_MS(50)));
	vring_run_until(&ring, ring.now + ECR_MS(100));
	assert_true(vring_slave(&ring, "tool2").absent);
	assert_int_equal(ring.counts[ECR_EVENT_DOMAIN_DEGRADED], 0);
	/* The second without the first is nobody, when it has forgotten who it was. */
	assert_true(ecr_sim_unplug(ring.sim, ring.now, 3));
	heal_say(&ring, "power-cycle tool2");
	vring_run_until(&ring, ring.now + ECR_MS(300));
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, 3, 5, -1));
	vring_run_until(&ring, ring.now + ECR_MS(500));
	assert_true(vring_slave(&ring, "tool2").absent);
	assert_true(heal_saw(&ring, ECR_EVENT_SLAVE_STRANGER, -1, 4));
	assert_true(ecr_sim_unplug(ring.sim, ring.now, 3));
	vring_run_until(&ring, ring.now + ECR_MS(300));
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, 3, 2, -1));
	assert_true(ecr_sim_plug_in(ring.sim, ring.now, 2, 5, -1));
	assert_true(heal_until(&ring, both_in_op, ECR_S(1)));
	vring_close(&ring);
}

/* Its second one is no place for those who are found by the configured order. */
static void a_group_may_stand_before_those_of_the_configured_order(void **state)
{
	struct ecr_slave_config last[2];

	(void)state;
	describe(ECR_BY_ALIAS);
	slaves[2].presence.group = slaves[3].presence.group = "head";
	slaves[3].presence.by = ECR_BY_POSITION;
	devices[2].absent = devices[3].absent = false;
	last[0] = slaves[2];
	last[1] = slaves[3];
	slaves[2] = slaves[4];
	slaves[3] = slaves[5];
	slaves[4] = last[0];
	slaves[5] = last[1];
	open_ring();
	assert_int_equal(vring_await_operational(&ring, ECR_S(3)), 0);
	assert_int_equal(vring_slave(&ring, "tool2").position, 3);
	assert_int_equal(vring_slave(&ring, "c").position, 4);
	assert_works("tool2");
	assert_works("c");
	vring_close(&ring);
}

/* It comes back without what it knew: after a loss of power, and while frames are lost. */
static void it_comes_back_whatever_has_happened_to_it(void **state)
{
	static const int places[] = { 0, 1, 4, 5 };

	(void)state;
	come_up(ECR_BY_ALIAS);
	for (int round = 0; round < 20; round++) {
		ring.lost_ppm = round % 2 ? 20000 : 0;
		heal_say(&ring, round % 3 ? "power-cycle tool1" : "retreat tool1");
		assert_true(ecr_sim_plug_in(ring.sim, ring.now, 2, places[round % 4], -1));
		assert_true(heal_until(&ring, tool1_in_op, ECR_S(12)));
		vring_run_until(&ring, ring.now + ECR_MS(3 * round));
		assert_true(ecr_sim_unplug(ring.sim, ring.now, 2));
		assert_true(heal_until(&ring, tool1_absent, ECR_S(2)));
	}
	ring.lost_ppm = 0;
	vring_run_until(&ring, ring.now + ECR_S(2));
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_OPERATIONAL);
	for (int i = 0; i < COUNT; i++)
		if (i != 2 && i != 3)
			assert_works(names[i]);
	vring_close(&ring);
}

/* Outputs that were written before it came are those of another machine. */
static void its_outputs_wait_to_be_written(void **state)
{
	uint64_t value = 1;

	(void)state;
	come_up(ECR_BY_ALIAS);
	vring_output(&ring, "tool1", "out1", 1);
	heal_say(&ring, "plug tool1");
	assert_true(heal_until(&ring, tool1_in_op, ECR_S(1)));
	vring_run_until(&ring, ring.now + ECR_MS(10));
	assert_true(ecr_sim_get_output(ring.sim, 2, 0, 1, &value));
	assert_int_equal(value, 0);
	assert_works("tool1");
	vring_close(&ring);
}

static void clocks_of_those_who_join_are_set(void **state)
{
	struct ecr_dc_status status;
	struct ecr_request request = { .kind = ECR_REQUEST_DC_STATUS, .out = &status };
	struct ecr_sim_time times[2];

	(void)state;
	describe(ECR_BY_ALIAS);
	for (int i = 0; i < COUNT; i++) {
		devices[i].features = 0x000C;
		devices[i].cable_ns = 100;
		devices[i].clock =
			(struct ecr_sim_clock){ .drift_ppb = 1000 * (i - 2),
						.start_ns = 1000000007ull * (unsigned int)i };
	}
	open_ring();
	assert_int_equal(vring_await_operational(&ring, ECR_S(9)), 0);
	heal_say(&ring, "plug tool1");
	assert_true(heal_until(&ring, tool1_in_op, ECR_S(2)));
	vring_run_until(&ring, ring.now + ECR_S(2));
	assert_true(ecr_sim_clock(ring.sim, ring.now, 0, &times[0]));
	assert_true(ecr_sim_clock(ring.sim, ring.now, 2, &times[1]));
	assert_in_range((int64_t)(times[1].system_ns - times[0].system_ns) + 200, 0, 400);
	assert_int_equal(vring_request(&ring, &request), 0);
	assert_int_equal(domain().cycle_health.error, 0);
	vring_close(&ring);
}

/* For a while nobody answers: that says nothing of what lies in its memory. */
static void one_that_is_not_heard_while_its_memory_is_read_is_recognised(void **state)
{
	(void)state;
	come_up(ECR_BY_MEMORY);
	heal_say(&ring, "plug tool1");
	heal_say(&ring, "wkc -1 of FPRD for 50ms");
	assert_true(heal_until(&ring, tool1_in_op, ECR_S(2)));
	assert_true(heal_until(&ring, heal_operational, ECR_S(2)));
	assert_works("tool1");
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_absent_slave_does_not_keep_the_others),
		cmocka_unit_test(it_joins_without_a_lost_cycle),
		cmocka_unit_test(it_is_waited_for_until_it_says_who_it_is),
		cmocka_unit_test(the_station_of_a_neighbour_does_not_hide_who_comes),
		cmocka_unit_test(it_leaves_and_nobody_is_at_fault),
		cmocka_unit_test(one_is_changed_for_another_at_once),
		cmocka_unit_test(one_that_comes_while_others_are_raised_joins_then),
		cmocka_unit_test(without_its_eeprom_it_waits_for_the_next_plan),
		cmocka_unit_test(one_that_was_taken_for_another_is_asked_anew),
		cmocka_unit_test(without_lrw_it_waits_for_the_next_plan),
		cmocka_unit_test(with_other_process_data_it_stays_in_preop),
		cmocka_unit_test(a_group_comes_and_goes_together),
		cmocka_unit_test(a_group_may_stand_before_those_of_the_configured_order),
		cmocka_unit_test(it_comes_back_whatever_has_happened_to_it),
		cmocka_unit_test(its_outputs_wait_to_be_written),
		cmocka_unit_test(clocks_of_those_who_join_are_set),
		cmocka_unit_test(one_that_is_not_heard_while_its_memory_is_read_is_recognised),
		cmocka_unit_test(the_last_of_eight_is_found_by_its_memory),
		cmocka_unit_test(two_of_a_kind_are_told_apart),
		cmocka_unit_test(what_stands_otherwise_is_listed),
		cmocka_unit_test(equal_neighbours_are_guessed_and_told),
		cmocka_unit_test(the_first_of_all_is_guessed_and_told_too),
		cmocka_unit_test(a_guess_stands_until_it_leaves),
		cmocka_unit_test(two_neighbours_in_their_order_are_no_guess),
		cmocka_unit_test(neighbours_of_two_kinds_are_no_guess),
		cmocka_unit_test(a_stranger_is_told),
		cmocka_unit_test(swapped_ones_that_must_be_there_are_refused),
	};

	return RUN(tests);
}
