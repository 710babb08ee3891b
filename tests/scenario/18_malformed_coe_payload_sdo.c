/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/talker.h"

static struct vring ring;

static void one_byte_of_payload(void **state)
{
	(void)state;
	assert_int_equal(
		talker_spoiled(&ring, ECR_SIM_STAGE_UPLOAD, ECR_SIM_MAILBOX_PAYLOAD, 0).error,
		ECR_ERR_INVALID_COE_RESPONSE);
}

static void the_answer_to_a_download(void **state)
{
	struct ecr_sdo_result result =
		talker_spoiled(&ring, ECR_SIM_STAGE_UPLOAD, ECR_SIM_MAILBOX_COMMAND, 0x60);

	(void)state;
	assert_int_equal(result.error, ECR_ERR_UNEXPECTED_SDO_COMMAND);
	assert_int_equal(result.actual, 0x60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_byte_of_payload),
		cmocka_unit_test(the_answer_to_a_download),
	};

	return RUN(tests);
}
