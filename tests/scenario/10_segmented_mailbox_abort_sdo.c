/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/talker.h"

static struct vring ring;

#define MIDDLE TALKER_OBJECT(0x2002, 1)

static void refused(const struct ecr_sdo_result *result)
{
	assert_int_equal(result->error, ECR_ERR_SDO_ABORT);
	assert_int_equal(result->index, 0x2002);
	assert_int_equal(result->subindex, 1);
	assert_int_equal(result->abort_code, 0x08000000);
}

static void an_upload_ends_in_its_segments(void **state)
{
	struct ecr_sdo_result result;
	uint8_t data[80];

	(void)state;
	talker_open_pair(&ring);
	talker_spoil(&ring, ECR_SIM_MAILBOX_ABORT, ECR_SIM_STAGE_UPLOAD_SEGMENT, MIDDLE,
		     (uint32_t)ECR_SDO_ABORT_GENERAL, 0);
	result = talker_upload(&ring, "mailbox", 0x2002, 1, data, sizeof(data));
	refused(&result);
	talker_heals(&ring, MIDDLE, talker_counting(0), 80);
	vring_close(&ring);
}

static void a_download_ends_in_its_segments(void **state)
{
	struct ecr_sdo_result result;

	(void)state;
	talker_open_pair(&ring);
	talker_spoil(&ring, ECR_SIM_MAILBOX_ABORT, ECR_SIM_STAGE_DOWNLOAD_SEGMENT, MIDDLE,
		     (uint32_t)ECR_SDO_ABORT_GENERAL, 0);
	result = talker_download(&ring, "mailbox", 0x2002, 1, talker_counting(100), 80);
	refused(&result);
	talker_heals(&ring, MIDDLE, talker_counting(0), 80);
	result = talker_download(&ring, "mailbox", 0x2002, 1, talker_counting(100), 80);
	assert_int_equal(result.error, 0);
	talker_holds(&ring, MIDDLE, talker_counting(100), 80);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_upload_ends_in_its_segments),
		cmocka_unit_test(a_download_ends_in_its_segments),
	};

	return RUN(tests);
}
