/* SPDX-License-Identifier: Apache-2.0 */
/* Faults as sentences: what each means, that it is read back as printed, and what wrong ones are told. */
#include "support/check.h"
#include "support/simring.h"
#include "sim/line.h"

#include <string.h>

#define ROOM 8

static struct ecr_sim_device devices[4] = {
	{ .name = "coupler" }, { .name = "inputs" }, { .name = "outputs" }, { .name = "my drive" }
};
static struct simring ring;
static struct ecr_sim_fault faults[ROOM];
static char error[512];

static int open_ring(void **state)
{
	(void)state;
	simring_open(&ring, devices, 4);
	return 0;
}

static int close_ring(void **state)
{
	(void)state;
	simring_close(&ring);
	return 0;
}

static int parse(const char *sentence)
{
	memset(faults, 0xEE, sizeof(faults));
	return ecr_sim_parse_fault(ring.sim, sentence, faults, ROOM, error, sizeof(error));
}

static void a_sentence_says_what_when_and_how_long(void **state)
{
	(void)state;
	assert_int_equal(parse("at 5s disconnect outputs for 2s"), 1);
	assert_int_equal(faults[0].kind, ECR_SIM_DISCONNECT);
	assert_int_equal(faults[0].slave, 2);
	assert_int_equal(faults[0].after, ECR_S(5));
	assert_int_equal(faults[0].lasts, ECR_S(2));
	assert_int_equal(faults[0].frames, 0);
	assert_int_equal(parse("after 12 polls of outputs, break #1 port 3 for 30 frames"), 1);
	assert_int_equal(faults[0].kind, ECR_SIM_BREAK);
	assert_int_equal(faults[0].slave, 1);
	assert_int_equal(faults[0].value, 3);
	assert_int_equal(faults[0].after_polls, 12);
	assert_int_equal(faults[0].poll_slave, 2);
	assert_int_equal(faults[0].frames, 30);
	assert_int_equal(parse("unplug outputs for 2s then plug inputs into #0 port 2"), 2);
	assert_int_equal(faults[0].kind, ECR_SIM_UNPLUG);
	assert_int_equal(faults[0].lasts, ECR_S(2));
	assert_int_equal(faults[1].kind, ECR_SIM_PLUG);
	assert_int_equal(faults[1].at_slave, 1);
	assert_int_equal(faults[1].value, 3);
	assert_int_equal(parse("wkc -1 of FPRD for 100 frames"), 1);
	assert_int_equal(faults[0].kind, ECR_SIM_COMMAND_WKC_OFFSET);
	assert_int_equal(faults[0].command, ECR_CMD_FPRD);
	assert_int_equal(faults[0].value, -1);
	assert_int_equal(parse("refuse outputs safeop with 0x001D"), 1);
	assert_int_equal(faults[0].command, ECR_AL_SAFEOP);
	assert_int_equal(faults[0].value, 0x1D);
	assert_int_equal(parse("at 1.5ms delay 250us once"), 1);
	assert_int_equal(faults[0].after, ECR_US(1500));
	assert_int_equal(faults[0].value, ECR_US(250));
	assert_int_equal(faults[0].frames, 1);
}

static void steps_follow_each_other(void **state)
{
	(void)state;
	assert_int_equal(parse("drop for 6 frames then wkc -1 for 4 frames then after 20ms retreat "
			       "outputs"),
			 3);
	assert_false(faults[0].script);
	assert_int_equal(faults[0].kind, ECR_SIM_DROP);
	assert_true(faults[1].script);
	assert_int_equal(faults[1].kind, ECR_SIM_WKC_OFFSET);
	assert_true(faults[2].script);
	assert_int_equal(faults[2].kind, ECR_SIM_RETREAT);
	assert_int_equal(faults[2].after, ECR_MS(20));
}

static void what_is_printed_is_read_back(void **state)
{
	static const char *const sentences[] = {
		"drop for 6 frames",
		"wkc +2",
		"wkc -1 of outputs for 12 frames",
		"wkc -3 of LRW for 1.5ms",
		"mistype for 8.283506ms for 93 frames",
		"power-off inputs for 1.234567s",
		"lose for 1234.567891ms",
		"after 100.003s drop for 999ns",
		"delay 1.007us",
		"after 5s disconnect outputs for 2s",
		"break inputs",
		"unplug outputs for 2s",
		"plug outputs",
		"plug outputs into inputs",
		"plug outputs into coupler port 2",
		"break inputs port 1",
		"power-off #3 for 20s",
		"power-cycle coupler",
		"refuse outputs with 0x0011",
		"refuse outputs op with 0x0011",
		"stick inputs",
		"corrupt inputs port 1 for 3 frames",
		"after 600ms after 3 frames after 2 polls of inputs retreat outputs",
		"retreat outputs preop",
		"retreat outputs init",
		"al-error outputs with 0x001d",
		"truncate for 2 frames",
		"mistype",
		"misindex",
		"replay",
		"delay 75ms for 1 frames",
		"lose for 10ms for 3 frames",
	};
	char text[200];

	(void)state;
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		assert_int_equal(parse(sentences[i]), 1);
		assert_true(ecr_sim_print_fault(ring.sim, &faults[0], text, sizeof(text)));
		assert_string_equal(text, sentences[i]);
	}
	assert_false(ecr_sim_print_fault(ring.sim, &faults[0], text, 4));
}

static void wrong_sentences_are_told_what_is_wanted(void **state)
{
	static const struct {
		const char *sentence;
		const char *says;
	} wrong[] = {
		{ "", "the sentence ends too early: wanted is when" },
		{ "at 5s explode", "at character 7, \"explode\": wanted is when (at, after)" },
		{ "disconnect outputz", "at character 12, \"outputz\": wanted is a slave, one of "
					"coupler, inputs, outputs" },
		{ "at 5 disconnect outputs", "\"disconnect\": wanted is \"frames\"" },
		{ "at 5h drop", "\"5h\": wanted is a time like 5s" },
		{ "drop for 2", "the sentence ends too early: wanted is a unit" },
		{ "drop for 0s", "greater than 0" },
		{ "drop for 2s 3s", "\"3s\": wanted is \"for\", \"then\" or the end" },
		{ "wkc 1", "like -1 or +2" },
		{ "wkc -1 of nobody", "wanted is a slave" },
		{ "break outputs port 4", "a port is 0, 1, 2 or 3" },
		{ "al-error outputs", "wanted is an AL status code" },
		{ "retreat outputs op", "a slave falls back to safeop, preop or init" },
		{ "delay 3s", "two seconds at most" },
		{ "disconnect #4", "wanted is a slave" },
		{ "drop for 1s then", "too early" },
		{ "mailbox abort outputs", "\"outputs\": this slave has no mailbox" },
		{ "mailbox refuse outputs", "wanted is what befalls the answer: abort, silence" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(parse(wrong[i].sentence), -1);
		if (!strstr(error, wrong[i].says))
			fail_msg("\"%s\" is told: %s", wrong[i].sentence, error);
	}
	assert_int_equal(parse("drop then drop then drop then drop then drop then drop then drop "
			       "then drop then drop"),
			 -1);
}

static void what_is_said_happens_and_is_listed(void **state)
{
	char text[400];
	uint8_t data[1];

	(void)state;
	assert_true(ecr_sim_say(ring.sim, ring.now,
				"after 1ms disconnect outputs for 2 frames then retreat inputs",
				error, sizeof(error)));
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1), 4);
	assert_int_equal(ecr_sim_faults(ring.sim, text, sizeof(text)), 2);
	assert_non_null(strstr(text, "waiting: disconnect outputs, begins in "));
	assert_non_null(strstr(text, "waiting: retreat inputs, behind the step before"));
	ring.now += ECR_MS(1);
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1), 2);
	ecr_sim_faults(ring.sim, text, sizeof(text));
	assert_non_null(strstr(text, "active: disconnect outputs, frames left 1"));
	assert_true(ecr_sim_say(ring.sim, ring.now, "heal", error, sizeof(error)));
	assert_int_equal(ecr_sim_faults(ring.sim, text, sizeof(text)), 0);
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1), 4);
	assert_false(ecr_sim_say(ring.sim, ring.now, "heal now", error, sizeof(error)));
	assert_non_null(strstr(error, "wanted is a slave"));
	assert_false(ecr_sim_say(ring.sim, ring.now, "heal outputs now", error, sizeof(error)));
	assert_non_null(strstr(error, "wanted is the end"));
}

static void one_is_healed_alone(void **state)
{
	static const char *const said[] = { "break inputs port 1", "stick outputs", "drop",
					    "retreat inputs" };
	uint8_t data[1];

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_true(ecr_sim_say(ring.sim, ring.now, said[i], error, sizeof(error)));
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1), 2);
	assert_true(ecr_sim_say(ring.sim, ring.now, "heal inputs", error, sizeof(error)));
	assert_int_equal(simring_ask(&ring, 0, ECR_CMD_BRD, 0, data, 1), 4);
	assert_int_equal(ecr_sim_faults(ring.sim, error, sizeof(error)), 1);
	assert_non_null(strstr(error, "stick outputs"));
	for (int i = 2; i < 4; i++)
		assert_true(ecr_sim_say(ring.sim, ring.now, said[i], error, sizeof(error)));
	assert_true(ecr_sim_say(ring.sim, ring.now, "heal #0", error, sizeof(error)));
	assert_int_equal(ecr_sim_faults(ring.sim, error, sizeof(error)), 3);
	assert_true(ecr_sim_say(ring.sim, ring.now, "heal", error, sizeof(error)));
	assert_int_equal(ecr_sim_faults(ring.sim, error, sizeof(error)), 0);
}

static void all_steps_are_injected_or_none(void **state)
{
	(void)state;
	while (ecr_sim_say(ring.sim, ring.now, "at 10min drop then drop then drop", error,
			   sizeof(error)))
		;
	assert_non_null(strstr(error, "too many"));
	assert_int_equal(ecr_sim_faults(ring.sim, error, sizeof(error)) % 3, 0);
	ecr_sim_clear_faults(ring.sim);
}

static void a_lost_reply_has_been_acted_upon(void **state)
{
	static struct sim_line line;
	struct ecr_datagram datagram = { .command = ECR_CMD_APWR,
					 .address = ecr_address_position(2, ECR_REG_STATION),
					 .length = 2,
					 .data = (uint8_t[]){ 0x05, 0x10 } };
	struct ecr_frame_writer writer;
	struct ecr_sim_state truth;
	uint8_t frame[ECR_FRAME_MAX];
	size_t length;

	(void)state;
	ecr_frame_begin(&writer, frame, sizeof(frame));
	ecr_frame_append(&writer, &datagram);
	length = ecr_frame_finish(&writer);
	sim_line_init(&line, ring.sim);
	assert_true(ecr_sim_say(ring.sim, ring.now, "lose once", error, sizeof(error)));
	sim_line_send(&line, ring.now, 0, frame, length, SIM_LINE_NORMAL, 0);
	assert_int_equal(sim_line_next(&line), ECR_NEVER);
	ecr_sim_look(ring.sim, 2, &truth);
	assert_int_equal(truth.station, 0x1005);
	sim_line_send(&line, ring.now, 0, frame, length, SIM_LINE_NORMAL, 0);
	assert_true(sim_line_next(&line) < ECR_NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sentence_says_what_when_and_how_long),
		cmocka_unit_test(steps_follow_each_other),
		cmocka_unit_test(what_is_printed_is_read_back),
		cmocka_unit_test(wrong_sentences_are_told_what_is_wanted),
		cmocka_unit_test(what_is_said_happens_and_is_listed),
		cmocka_unit_test(one_is_healed_alone),
		cmocka_unit_test(all_steps_are_injected_or_none),
		cmocka_unit_test(a_lost_reply_has_been_acted_upon),
	};

	return cmocka_run_group_tests(tests, open_ring, close_ring);
}
