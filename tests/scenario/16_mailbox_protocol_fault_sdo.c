/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/talker.h"

static struct vring ring;

/* ETG.1000.4, 6.7.3: the same counter again is a repetition, any other one a new message. */
static void a_counter_that_jumps_is_told_and_believed(void **state)
{
	struct ecr_sdo_result result;
	uint8_t data[16];

	(void)state;
	talker_open_pair(&ring);
	talker_spoil(&ring, ECR_SIM_MAILBOX_COUNTER, ECR_SIM_STAGE_UPLOAD, TALKER_TEXT_OBJECT, 0,
		     0);
	assert_int_equal(talker_upload(&ring, "mailbox", 0x2000, 1, data, 2).error, 0);
	assert_int_equal(ring.counts[ECR_EVENT_MAILBOX_COUNTER_JUMP], 0);
	result = talker_upload(&ring, "mailbox", 0x2001, 1, data, sizeof(data));
	assert_int_equal(result.error, 0);
	assert_int_equal(result.size, 12);
	assert_memory_equal(data, TALKER_TEXT, sizeof(TALKER_TEXT));
	assert_int_equal(ring.counts[ECR_EVENT_MAILBOX_COUNTER_JUMP], 1);
	for (int i = 0; i < ring.event_count; i++) {
		if (ring.events[i].kind != ECR_EVENT_MAILBOX_COUNTER_JUMP)
			continue;
		assert_int_equal(ring.events[i].slave, 1);
		assert_int_equal(ring.events[i].actual, ring.events[i].expected % 7 + 1);
	}
	talker_heals(&ring, TALKER_TEXT_OBJECT, TALKER_TEXT, sizeof(TALKER_TEXT));
	vring_close(&ring);
}

static void a_toggle_bit_that_does_not_alternate_ends_the_upload(void **state)
{
	struct ecr_sdo_result result =
		talker_spoiled(&ring, ECR_SIM_STAGE_UPLOAD_SEGMENT, ECR_SIM_MAILBOX_TOGGLE, 0);

	(void)state;
	assert_int_equal(result.error, ECR_ERR_TOGGLE_MISMATCH);
	assert_int_equal(result.expected, 0);
	assert_int_equal(result.actual, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_counter_that_jumps_is_told_and_believed),
		cmocka_unit_test(a_toggle_bit_that_does_not_alternate_ends_the_upload),
	};

	return RUN(tests);
}
