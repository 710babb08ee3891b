/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/talker.h"

static struct vring ring;

#define BLOB TALKER_OBJECT(0x2003, 1)

static struct ecr_sdo_result spoiled(enum ecr_sim_mailbox_fault_kind kind, uint32_t value)
{
	struct ecr_sdo_result result;
	uint8_t data[TALKER_BLOB];

	talker_open_pair(&ring);
	talker_spoil(&ring, kind, ECR_SIM_STAGE_UPLOAD_SEGMENT, BLOB, value, 0);
	result = talker_upload(&ring, "mailbox", 0x2003, 1, data, sizeof(data));
	talker_heals(&ring, BLOB, talker_counting(0), TALKER_BLOB);
	vring_close(&ring);
	return result;
}

static void more_padding_than_segment(void **state)
{
	struct ecr_sdo_result result = spoiled(ECR_SIM_MAILBOX_PADDING, 0);

	(void)state;
	assert_int_equal(result.error, ECR_ERR_INVALID_SEGMENT_PADDING);
	assert_int_equal(result.actual, 7);
}

static void another_command(void **state)
{
	struct ecr_sdo_result result = spoiled(ECR_SIM_MAILBOX_SEGMENT_COMMAND, 0x20);

	(void)state;
	assert_int_equal(result.error, ECR_ERR_UNEXPECTED_SDO_SEGMENT_COMMAND);
	assert_int_equal(result.actual, 0x20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(more_padding_than_segment),
		cmocka_unit_test(another_command),
	};

	return RUN(tests);
}
