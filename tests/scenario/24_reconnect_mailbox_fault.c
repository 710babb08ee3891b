/* SPDX-License-Identifier: Apache-2.0 */
/* Scenarios 24, 25, 26 and 27: a slave without process data comes back, and its startup list fails. */
#include "support/check.h"
#include "support/reconnect.h"

static struct vring ring;

struct how {
	const char *sentence;
	bool small;
	int cause;
	uint32_t object;
	uint32_t abort_code;
	bool written_all_the_same;
};

static void come_back_badly(const struct how *how)
{
	reconnect_open(&ring, &(struct reconnect){ .small = how->small });
	if (how->written_all_the_same) /* else it would be there from the start */
		assert_int_equal(talker_download(&ring, "mailbox", 0x2003, 1, talker_counting(9),
						 TALKER_BLOB)
					 .error,
				 0);
	reconnect_expect(how->cause, how->object, how->abort_code);
	heal_say(&ring, how->sentence);
	assert_true(heal_until(&ring, reconnect_refused, ECR_MS(4400)));
	assert_true(reconnect_rest_operates(&ring));
	reconnect_loopback(&ring);
	/* It tries again and again, to no avail, and disturbs nobody. */
	assert_true(heal_stays(&ring, reconnect_rest_operates, ECR_S(1)));
	if (how->written_all_the_same)
		talker_other_holds(&ring, RECONNECT_MAILBOX, how->object,
				   talker_counting(RECONNECT_FIRST), TALKER_BLOB);
	ecr_sim_clear_faults(ring.sim);
	reconnect_ends_clean(&ring, ECR_MS(6500));
	assert_false(heal_saw(&ring, ECR_EVENT_STATE_CHANGED, -1, ECR_STATE_RECOVERING));
	vring_close(&ring);
}

static void the_list_is_refused(void **state)
{
	const struct how how = { "disconnect mailbox for 30 frames "
				 "then mailbox abort mailbox with 0x06010002 object 0x2000 sub 2",
				 true,
				 ECR_ERR_SDO_ABORT,
				 TALKER_OBJECT(0x2000, 2),
				 0x06010002,
				 false };

	(void)state;
	come_back_badly(&how);
}

static void no_answer_comes(void **state)
{
	const struct how how = { "disconnect mailbox for 30 frames then after 1 download-segment "
				 "of mailbox mailbox silence mailbox in download-segment",
				 false,
				 ECR_ERR_RESPONSE_TIMEOUT,
				 RECONNECT_BLOB,
				 0,
				 false };

	(void)state;
	come_back_badly(&how);
}

static void an_acknowledgement_is_malformed(void **state)
{
	const struct how how = { "disconnect mailbox for 30 frames then after 1 download-segment "
				 "of mailbox mailbox payload mailbox in download-segment",
				 false,
				 ECR_ERR_INVALID_COE_RESPONSE,
				 RECONNECT_BLOB,
				 0,
				 false };

	(void)state;
	come_back_badly(&how);
}

/* An error does not mean that nothing was written. */
static void the_last_acknowledgement_is_malformed(void **state)
{
	const struct how how = {
		"disconnect mailbox for 30 frames then after 2 download-segment of mailbox "
		"mailbox segment-command mailbox with 0x60 in download-segment",
		false,
		ECR_ERR_UNEXPECTED_SDO_SEGMENT_COMMAND,
		RECONNECT_BLOB,
		0,
		true
	};

	(void)state;
	come_back_badly(&how);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_list_is_refused),
		cmocka_unit_test(no_answer_comes),
		cmocka_unit_test(an_acknowledgement_is_malformed),
		cmocka_unit_test(the_last_acknowledgement_is_malformed),
	};

	return RUN(tests);
}
