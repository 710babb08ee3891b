/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/talker.h"

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

static void one_byte_of_payload(void **state)
{
	(void)state;
	assert_int_equal(spoiled(ECR_SIM_MAILBOX_PAYLOAD, 0).error, ECR_ERR_INVALID_COE_RESPONSE);
}

static void the_answer_to_a_download(void **state)
{
	struct ecr_sdo_result result = spoiled(ECR_SIM_MAILBOX_COMMAND, 0x60);

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
