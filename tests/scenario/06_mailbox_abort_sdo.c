/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/talker.h"

static struct vring ring;

#define NUMBER TALKER_OBJECT(0x2000, 1)

static void the_slave_says_no(void **state)
{
	static const uint8_t number[] = { 0x34, 0x12 };
	struct ecr_sdo_result result;
	uint8_t data[4];

	(void)state;
	talker_open_pair(&ring);
	talker_spoil(&ring, ECR_SIM_MAILBOX_ABORT, ECR_SIM_STAGE_REQUEST, NUMBER,
		     (uint32_t)ECR_SDO_ABORT_READ_ONLY, 0);
	result = talker_upload(&ring, "mailbox", 0x2000, 1, data, sizeof(data));
	assert_int_equal(result.error, ECR_ERR_SDO_ABORT);
	assert_int_equal(result.index, 0x2000);
	assert_int_equal(result.subindex, 1);
	assert_int_equal(result.abort_code, 0x06010002);
	assert_string_equal(ecr_sdo_abort_text(result.abort_code), "the object can only be read");
	result = talker_download(&ring, "mailbox", 0x2000, 1, data, 2);
	assert_int_equal(result.error, ECR_ERR_SDO_ABORT);
	assert_int_equal(result.abort_code, 0x06010002);
	talker_heals(&ring, NUMBER, number, sizeof(number));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_slave_says_no),
	};

	return RUN(tests);
}
