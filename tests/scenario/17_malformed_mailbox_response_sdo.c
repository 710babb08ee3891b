/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/talker.h"
#include "wire/coe.h"

static struct vring ring;

#define TEXT TALKER_OBJECT(0x2001, 1)

static struct ecr_sdo_result spoiled(enum ecr_sim_mailbox_fault_kind kind, uint32_t value)
{
	struct ecr_sdo_result result;
	uint8_t data[16];

	talker_open_pair(&ring);
	talker_spoil(&ring, kind, ECR_SIM_STAGE_UPLOAD, TEXT, value, 0);
	result = talker_upload(&ring, "mailbox", 0x2001, 1, data, sizeof(data));
	talker_heals(&ring, TEXT, "hello-sim\0\0", 12);
	vring_close(&ring);
	return result;
}

static void an_answer_of_another_protocol(void **state)
{
	struct ecr_sdo_result result = spoiled(ECR_SIM_MAILBOX_TYPE, ECR_MAILBOX_FOE);

	(void)state;
	assert_int_equal(result.error, ECR_ERR_UNEXPECTED_MAILBOX_TYPE);
	assert_int_equal(result.expected, ECR_MAILBOX_COE);
	assert_int_equal(result.actual, 4);
}

static void an_answer_of_another_service(void **state)
{
	struct ecr_sdo_result result = spoiled(ECR_SIM_MAILBOX_SERVICE, ECR_COE_SDO_REQUEST);

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
