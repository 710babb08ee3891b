/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/talker.h"
#include "wire/coe.h"

static struct vring ring;

static void an_answer_of_another_protocol(void **state)
{
	struct ecr_sdo_result result =
		talker_spoiled(&ring, ECR_SIM_STAGE_UPLOAD, ECR_SIM_MAILBOX_TYPE, ECR_MAILBOX_FOE);

	(void)state;
	assert_int_equal(result.error, ECR_ERR_UNEXPECTED_MAILBOX_TYPE);
	assert_int_equal(result.expected, ECR_MAILBOX_COE);
	assert_int_equal(result.actual, 4);
}

static void an_answer_of_another_service(void **state)
{
	struct ecr_sdo_result result = talker_spoiled(&ring, ECR_SIM_STAGE_UPLOAD,
						      ECR_SIM_MAILBOX_SERVICE, ECR_COE_SDO_REQUEST);

	(void)state;
	assert_int_equal(result.error, ECR_ERR_UNEXPECTED_COE_SERVICE);
	assert_int_equal(result.expected, 3);
	assert_int_equal(result.actual, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_of_another_protocol),
		cmocka_unit_test(an_answer_of_another_service),
	};

	return RUN(tests);
}
