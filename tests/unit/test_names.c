/* SPDX-License-Identifier: Apache-2.0 */
/* Every number of the public headers has a name of its own; numbers that are none have a name that says so. */
#include "support/check.h"

#include <ecring/ecring.h>

#include <string.h>

#define MOST 64

/* As many different names as there are numbers, and "?" behind the last. */
#define NAMED(function, type, first, count) \
	do { \
		const char *names[MOST]; \
		int wanted = (int)(count); \
\
		assert_true(wanted <= MOST); \
		for (int i = (first); i < wanted; i++) { \
			names[i] = function((type)i); \
			assert_string_not_equal(names[i], "?"); \
			for (int k = (first); k < i; k++) \
				assert_string_not_equal(names[i], names[k]); \
		} \
		assert_string_equal(function((type)wanted), "?"); \
		assert_string_equal(function((type)100000), "?"); \
	} while (0)

static void every_number_has_a_name(void **state)
{
	(void)state;
	NAMED(ecr_state_name, enum ecr_state, ECR_STATE_IDLE, ECR_STATE_COUNT);
	NAMED(ecr_event_name, enum ecr_event_kind, 0, ECR_EVENT_KINDS);
	NAMED(ecr_drop_name, enum ecr_drop_reason, 0, ECR_DROP_REASON_COUNT);
	NAMED(ecr_freshness_name, enum ecr_freshness_state, 0, ECR_STALE + 1);
	NAMED(ecr_domain_state_name, enum ecr_domain_state, 0, ECR_DOMAIN_STOPPED + 1);
	NAMED(ecr_pdo_health_name, enum ecr_pdo_health, 0, ECR_PDO_FRESH + 1);
	NAMED(ecr_link_status_name, enum ecr_link_status, 0, ECR_LINK_STATUS_TAKEN + 1);
	NAMED(ecr_dc_lock_name, enum ecr_dc_lock_state, ECR_DC_DISABLED, ECR_DC_LOCK_STATES);
	NAMED(ecr_dc_decision_name, enum ecr_dc_decision, 0, ECR_DC_DECISION_COUNT);
	NAMED(ecr_dc_policy_name, enum ecr_dc_lock_policy, 0, ECR_DC_FATAL + 1);
	NAMED(ecr_dc_servo_name, enum ecr_dc_servo_state, 0, ECR_DC_SERVO_LOCKED + 1);
	NAMED(ecr_clock_kind_name, enum ecr_clock_kind, 0, ECR_CLOCK_64 + 1);
}

static void every_error_says_what_and_what_to_try(void **state)
{
	int last = ECR_ERR_FIRST_;

	(void)state;
	while (strcmp(ecr_error_name(last + 1), "unknown") != 0) {
		last++;
		assert_true(ecr_error_text(last)[0] != '\0');
		assert_true(ecr_error_hint(last)[0] != '\0');
		for (int other = ECR_ERR_FIRST_ + 1; other < last; other++)
			assert_string_not_equal(ecr_error_name(last), ecr_error_name(other));
	}
	assert_true(last > ECR_ERR_FIRST_ + 80);
	assert_string_equal(ecr_error_name(0), "ok");
	assert_string_equal(ecr_error_name(-1), "unknown");
	assert_string_equal(ecr_error_name(INT32_MAX), "unknown");
	assert_string_equal(ecr_error_name(INT32_MIN), "unknown");
	assert_true(ecr_error_text(-1)[0] != '\0');
	assert_true(ecr_error_hint(-1)[0] != '\0');
}

static const char *text_of(struct ecr_event event)
{
	static char text[120];
	int length = ecr_event_text(&event, text, sizeof(text));

	assert_int_equal(length, strlen(text));
	return text;
}

static void events_have_words(void **state)
{
	char little[5];

	(void)state;
	assert_string_equal(text_of((struct ecr_event){ .kind = ECR_EVENT_STATE_CHANGED,
							.from = ECR_STATE_IDLE,
							.to = ECR_STATE_DISCOVERING }),
			    "idle to discovering");
	assert_string_equal(
		text_of((struct ecr_event){ .kind = ECR_EVENT_SLAVE_STATE_CHANGED, .to = 4 }),
		"SAFEOP");
	assert_string_equal(text_of((struct ecr_event){ .kind = ECR_EVENT_SLAVE_FAULT_CHANGED,
							.to = ECR_FAULT_DOWN,
							.error = ECR_ERR_NO_RESPONSE }),
			    "down (no_response)");
	assert_string_equal(text_of((struct ecr_event){ .kind = ECR_EVENT_SLAVE_FAULT_CHANGED }),
			    "none");
	assert_string_equal(
		text_of((struct ecr_event){
			.kind = ECR_EVENT_BUS_TOPOLOGY, .to = 1, .expected = 2, .actual = 3 }),
		"broken, 2 and 3 slaves");
	assert_string_equal(text_of((struct ecr_event){ .kind = ECR_EVENT_BUS_TOPOLOGY,
							.to = 1,
							.expected = UINT32_MAX,
							.actual = 3 }),
			    "broken");
	assert_string_equal(text_of((struct ecr_event){ .kind = ECR_EVENT_BUS_TOPOLOGY }), "whole");
	assert_string_equal(text_of((struct ecr_event){ .kind = ECR_EVENT_BUS_FRAME_DROPPED,
							.from = ECR_DROP_LATE }),
			    "late");
	assert_string_equal(text_of((struct ecr_event){ .kind = ECR_EVENT_DC_LOCK_CHANGED,
							.from = ECR_DC_LOCKING,
							.to = ECR_DC_LOCKED,
							.actual = 56 }),
			    "locking to locked, 56 ns apart");
	assert_string_equal(text_of((struct ecr_event){ .kind = ECR_EVENT_DOMAIN_CYCLE_INVALID,
							.error = ECR_ERR_WKC_MISMATCH,
							.expected = 3,
							.actual = 2 }),
			    "wkc_mismatch (3 wanted, 2 came)");
	assert_string_equal(text_of((struct ecr_event){ .kind = ECR_EVENT_SLAVE_STARTUP_RETRY,
							.error = ECR_ERR_NO_RESPONSE,
							.text = "slave.whose" }),
			    "no_response, slave.whose");
	assert_string_equal(text_of((struct ecr_event){ .kind = ECR_EVENT_SLAVE_STARTUP_RETRY,
							.error = ECR_ERR_AL_ERROR,
							.actual = 0x16,
							.text = "al.poll" }),
			    "al_error (0x0016 invalid mailbox configuration (PREOP)), al.poll");
	assert_string_equal(text_of((struct ecr_event){ .kind = ECR_EVENT_SLAVE_STARTUP_RETRY,
							.error = ECR_ERR_AL_ERROR,
							.text = "al.poll" }),
			    "al_error, al.poll");
	assert_string_equal(text_of((struct ecr_event){ .kind = ECR_EVENT_DOMAIN_STARTED }), "");
	assert_int_equal(ecr_event_text(&(struct ecr_event){ .kind = ECR_EVENT_STATE_CHANGED,
							     .from = ECR_STATE_IDLE,
							     .to = ECR_STATE_DISCOVERING },
					little, sizeof(little)),
			 19);
	assert_string_equal(little, "idle");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_has_a_name),
		cmocka_unit_test(events_have_words),
		cmocka_unit_test(every_error_says_what_and_what_to_try),
	};

	return RUN(tests);
}
