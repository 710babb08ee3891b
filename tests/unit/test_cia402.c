/* SPDX-License-Identifier: Apache-2.0 */
/* The helpers for drives against the tables of IEC 61800-7-201, written down here anew. */
#include "support/check.h"

#include <ecring/cia402.h>

#include <string.h>

/* Table of the status word: x is any bit. */
static const struct {
	const char *bits;
	enum ecr_402_state state;
} words[] = {
	{ "xxxxxxxxx0xx0000", ECR_402_NOT_READY },	{ "xxxxxxxxx1xx0000", ECR_402_DISABLED },
	{ "xxxxxxxxx01x0001", ECR_402_READY },		{ "xxxxxxxxx01x0011", ECR_402_SWITCHED_ON },
	{ "xxxxxxxxx01x0111", ECR_402_ENABLED },	{ "xxxxxxxxx00x0111", ECR_402_QUICK_STOP },
	{ "xxxxxxxxx0xx1111", ECR_402_FAULT_REACTION }, { "xxxxxxxxx0xx1000", ECR_402_FAULT },
};

static bool matches(const char *bits, uint32_t word)
{
	for (int i = 0; i < 16; i++)
		if (bits[i] != 'x' && (word >> (15 - i) & 1) != (uint32_t)(bits[i] - '0'))
			return false;
	return true;
}

static void every_status_word_is_one_state(void **state)
{
	(void)state;
	for (uint32_t word = 0; word <= 0xFFFF; word++) {
		enum ecr_402_state expected = ECR_402_NOT_READY;

		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (matches(words[i].bits, word))
				expected = words[i].state;
		assert_int_equal(ecr_402_state_of((uint16_t)word), expected);
	}
}

/* Table of the transitions: which command leads where. */
static const struct {
	enum ecr_402_state from;
	const char *command; /* bits 7, 3 to 0 of the control word */
	enum ecr_402_state to;
} transitions[] = {
	{ ECR_402_DISABLED, "0x110", ECR_402_READY },	   /* 2 */
	{ ECR_402_READY, "0x111", ECR_402_SWITCHED_ON },   /* 3 */
	{ ECR_402_SWITCHED_ON, "01111", ECR_402_ENABLED }, /* 4 */
	{ ECR_402_ENABLED, "00111", ECR_402_SWITCHED_ON }, /* 5 */
	{ ECR_402_SWITCHED_ON, "0x110", ECR_402_READY },   /* 6 */
	{ ECR_402_READY, "0xx0x", ECR_402_DISABLED },	   /* 7 */
	{ ECR_402_READY, "0x01x", ECR_402_DISABLED },
	{ ECR_402_ENABLED, "0x110", ECR_402_READY },	    /* 8 */
	{ ECR_402_ENABLED, "0xx0x", ECR_402_DISABLED },	    /* 9 */
	{ ECR_402_SWITCHED_ON, "0xx0x", ECR_402_DISABLED }, /* 10 */
	{ ECR_402_SWITCHED_ON, "0x01x", ECR_402_DISABLED },
	{ ECR_402_ENABLED, "0x01x", ECR_402_QUICK_STOP },  /* 11 */
	{ ECR_402_QUICK_STOP, "0xx0x", ECR_402_DISABLED }, /* 12 */
	{ ECR_402_QUICK_STOP, "01111", ECR_402_ENABLED },  /* 16 */
};

static bool commands(const char *bits, uint16_t word)
{
	char now[6] = { 0 };

	now[0] = word & 0x80 ? '1' : '0';
	for (int i = 0; i < 4; i++)
		now[i + 1] = word >> (3 - i) & 1 ? '1' : '0';
	for (int i = 0; i < 5; i++)
		if (bits[i] != 'x' && bits[i] != now[i])
			return false;
	return true;
}

static const uint16_t status_of[] = {
	[ECR_402_NOT_READY] = 0x0000,	   [ECR_402_DISABLED] = 0x0250,
	[ECR_402_READY] = 0x0231,	   [ECR_402_SWITCHED_ON] = 0x0233,
	[ECR_402_ENABLED] = 0x0637,	   [ECR_402_QUICK_STOP] = 0x0217,
	[ECR_402_FAULT_REACTION] = 0x021F, [ECR_402_FAULT] = 0x0218,
};

/* What the standard's drive does with a control word after another one. */
static enum ecr_402_state obey(enum ecr_402_state state, uint16_t before, uint16_t word)
{
	if (state == ECR_402_FAULT_REACTION)
		return ECR_402_FAULT;
	if (state == ECR_402_FAULT)
		return word & 0x80 && !(before & 0x80) ? ECR_402_DISABLED : ECR_402_FAULT;
	for (size_t i = 0; i < sizeof(transitions) / sizeof(transitions[0]); i++)
		if (transitions[i].from == state && commands(transitions[i].command, word))
			return transitions[i].to;
	return state;
}

static void every_state_leads_to_every_goal_and_stays_there(void **state)
{
	(void)state;
	for (int from = ECR_402_DISABLED; from <= ECR_402_FAULT; from++) {
		for (int goal = ECR_402_DISABLED; goal <= ECR_402_ENABLED; goal++) {
			enum ecr_402_state now = (enum ecr_402_state)from;
			uint16_t word = 0x80; /* as if a reset had been tried before */

			for (int step = 0; step < 12; step++) {
				uint16_t next = ecr_402_walk(status_of[now], word,
							     (enum ecr_402_state)goal, true);

				now = obey(now, word, next);
				word = next;
			}
			assert_int_equal(now, goal);
		}
	}
}

/* No detour: power never goes off on the way from enabled to enabled or switched on. */
static void walking_goes_one_transition_at_a_time(void **state)
{
	(void)state;
	assert_int_equal(ecr_402_walk(0x0250, 0, ECR_402_ENABLED, false), 0x06);
	assert_int_equal(ecr_402_walk(0x0231, 6, ECR_402_ENABLED, false), 0x07);
	assert_int_equal(ecr_402_walk(0x0233, 7, ECR_402_ENABLED, false), 0x0F);
	assert_int_equal(ecr_402_walk(0x0237, 15, ECR_402_ENABLED, false), 0x0F);
	assert_int_equal(ecr_402_walk(0x0237, 15, ECR_402_SWITCHED_ON, false), 0x07);
	assert_int_equal(ecr_402_walk(0x0237, 15, ECR_402_READY, false), 0x06);
	assert_int_equal(ecr_402_walk(0x0237, 15, ECR_402_DISABLED, false), 0x00);
	assert_int_equal(ecr_402_walk(0x0237, 15, ECR_402_QUICK_STOP, false), 0x02);
	assert_int_equal(ecr_402_walk(0x0217, 2, ECR_402_QUICK_STOP, false), 0x02);
	assert_int_equal(ecr_402_walk(0x0000, 15, ECR_402_ENABLED, true), 0x00);
}

static void bits_of_the_mode_stay(void **state)
{
	(void)state;
	assert_int_equal(ecr_402_walk(0x0237, 0x0171 | 0x0E, ECR_402_ENABLED, false), 0x017F);
	assert_int_equal(ecr_402_walk(0x0208, 0x0170, ECR_402_ENABLED, true), 0x01F0);
}

static void a_fault_is_reset_on_request_and_by_edges(void **state)
{
	(void)state;
	assert_int_equal(ecr_402_walk(0x0208, 0x0F, ECR_402_ENABLED, false) & 0x80, 0);
	assert_int_equal(ecr_402_walk(0x0208, 0x0F, ECR_402_ENABLED, true), 0x80);
	assert_int_equal(ecr_402_walk(0x0208, 0x80, ECR_402_ENABLED, true), 0x00);
	assert_int_equal(ecr_402_walk(0x0208, 0x00, ECR_402_ENABLED, true), 0x80);
	assert_int_equal(ecr_402_walk(0x021F, 0x0F, ECR_402_ENABLED, true) & 0x80, 0);
}

static void a_set_point_is_handed_over_once(void **state)
{
	uint16_t control = 0x0F;

	(void)state;
	assert_false(ecr_402_set_point(0x1237, &control, 0)); /* the last one still shows */
	assert_int_equal(control, 0x0F);
	assert_false(ecr_402_set_point(0x0237, &control, ECR_402_CONTROL_RELATIVE));
	assert_int_equal(control, 0x5F);
	assert_false(ecr_402_set_point(0x0237, &control, ECR_402_CONTROL_RELATIVE));
	assert_int_equal(control, 0x5F);
	assert_true(ecr_402_set_point(0x1237, &control, ECR_402_CONTROL_RELATIVE));
	assert_int_equal(control & ECR_402_CONTROL_START, 0);
	assert_false(ecr_402_set_point(0x0237, &control, ECR_402_CONTROL_AT_ONCE));
	assert_int_equal(control, 0x3F);
}

/* Bits 13, 12 and 10. */
static void homing_is_read_off_three_bits(void **state)
{
	(void)state;
	assert_int_equal(ecr_402_homing_of(0x0237), ECR_402_HOMING_RUNS);
	assert_int_equal(ecr_402_homing_of(0x0637), ECR_402_HOMING_IDLE);
	assert_int_equal(ecr_402_homing_of(0x1237), ECR_402_HOMING_SLOWS);
	assert_int_equal(ecr_402_homing_of(0x1637), ECR_402_HOMING_DONE);
	assert_int_equal(ecr_402_homing_of(0x2237), ECR_402_HOMING_FAILED);
	assert_int_equal(ecr_402_homing_of(0x2637), ECR_402_HOMING_FAILED);
}

static void units_are_scaled_and_rounded(void **state)
{
	/* A spindle of 5 mm behind a gear of 3:1, an encoder of 2^20. */
	struct ecr_402_units spindle = {
		.increments = 1048576, .motor_turns = 3, .shaft_turns = 1, .feed = 5
	};
	struct ecr_402_units plain = { .increments = 0 };

	(void)state;
	assert_int_equal(ecr_402_increments(&spindle, 5), 3145728);
	assert_int_equal(ecr_402_increments(&spindle, -2.5), -1572864);
	assert_true(ecr_402_value(&spindle, 3145728) > 4.999999 &&
		    ecr_402_value(&spindle, 3145728) < 5.000001);
	assert_int_equal(ecr_402_increments(&spindle, 1e9), INT32_MAX);
	assert_int_equal(ecr_402_increments(&spindle, -1e9), INT32_MIN);
	assert_int_equal(ecr_402_increments(&plain, 2.5), 3);
	assert_int_equal(ecr_402_increments(&plain, -2.5), -3);
}

static void names_and_texts(void **state)
{
	(void)state;
	assert_string_equal(ecr_402_state_name(ECR_402_ENABLED), "operation enabled");
	assert_string_equal(ecr_402_state_name((enum ecr_402_state)99), "unknown");
	assert_string_equal(ecr_402_mode_name(8), "csp");
	assert_string_equal(ecr_402_mode_name(2), "unknown");
	assert_string_equal(ecr_402_mode_name(-1), "unknown");
	assert_true(ecr_402_mode_supported(0x3A5, ECR_402_CSP));
	assert_false(ecr_402_mode_supported(0x21, ECR_402_CSP));
	assert_string_equal(ecr_402_error_text(0x8611), "following error");
	assert_string_equal(ecr_402_error_text(0x8612), "position control");
	assert_string_equal(ecr_402_error_text(0x4321), "temperature");
	assert_string_equal(ecr_402_error_text(0x1000), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_status_word_is_one_state),
		cmocka_unit_test(every_state_leads_to_every_goal_and_stays_there),
		cmocka_unit_test(walking_goes_one_transition_at_a_time),
		cmocka_unit_test(bits_of_the_mode_stay),
		cmocka_unit_test(a_fault_is_reset_on_request_and_by_edges),
		cmocka_unit_test(a_set_point_is_handed_over_once),
		cmocka_unit_test(homing_is_read_off_three_bits),
		cmocka_unit_test(units_are_scaled_and_rounded),
		cmocka_unit_test(names_and_texts),
	};

	return RUN(tests);
}
