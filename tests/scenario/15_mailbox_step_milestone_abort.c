/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/talker.h"

#include <string.h>

static struct vring ring;

static void armed(enum ecr_sim_stage stage)
{
	char text[256];

	talker_open_pair(&ring);
	talker_spoil(&ring, ECR_SIM_MAILBOX_ABORT, stage, TALKER_BLOB_OBJECT,
		     (uint32_t)ECR_SDO_ABORT_GENERAL, 2);
	assert_int_equal(ecr_sim_faults(ring.sim, text, sizeof(text)), 1);
	assert_non_null(strstr(text, "waiting: mailbox abort mailbox"));
	assert_non_null(strstr(text, "after answers 2"));
}

static void fired(const struct ecr_sdo_result *result, enum ecr_sim_stage stage)
{
	char text[256];

	assert_int_equal(result->error, ECR_ERR_SDO_ABORT);
	assert_int_equal(result->abort_code, 0x08000000);
	assert_int_equal(ecr_sim_mailbox_steps(ring.sim, 1, stage), 2);
	ecr_sim_faults(ring.sim, text, sizeof(text));
	assert_non_null(strstr(text, "active: mailbox abort mailbox"));
}

static void an_upload_fails_after_two_segments(void **state)
{
	struct ecr_sdo_result result;
	uint8_t data[TALKER_BLOB];

	(void)state;
	armed(ECR_SIM_STAGE_UPLOAD_SEGMENT);
	result = talker_upload(&ring, "mailbox", 0x2003, 1, data, sizeof(data));
	fired(&result, ECR_SIM_STAGE_UPLOAD_SEGMENT);
	talker_heals(&ring, TALKER_BLOB_OBJECT, talker_counting(0), TALKER_BLOB);
	vring_close(&ring);
}

static void a_download_fails_after_two_segments(void **state)
{
	struct ecr_sdo_result result;

	(void)state;
	armed(ECR_SIM_STAGE_DOWNLOAD_SEGMENT);
	result = talker_download(&ring, "mailbox", 0x2003, 1, talker_counting(7), TALKER_BLOB);
	fired(&result, ECR_SIM_STAGE_DOWNLOAD_SEGMENT);
	talker_heals(&ring, TALKER_BLOB_OBJECT, talker_counting(0), TALKER_BLOB);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_upload_fails_after_two_segments),
		cmocka_unit_test(a_download_fails_after_two_segments),
	};

	return RUN(tests);
}
