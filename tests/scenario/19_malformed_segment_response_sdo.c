/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/talker.h"

static struct vring ring;

static void more_padding_than_segment(void **state)
{
	struct ecr_sdo_result result =
		talker_spoiled(&ring, ECR_SIM_STAGE_UPLOAD_SEGMENT, ECR_SIM_MAILBOX_PADDING, 0);

	(void)state;
	assert_int_equal(result.error, ECR_ERR_INVALID_SEGMENT_PADDING);
	assert_int_equal(result.actual, 7);
}

static void another_command(void **state)
{
	struct ecr_sdo_result result = talker_spoiled(&ring, ECR_SIM_STAGE_UPLOAD_SEGMENT,
						      ECR_SIM_MAILBOX_SEGMENT_COMMAND, 0x20);

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
