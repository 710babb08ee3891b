/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/talker.h"

static struct vring ring;

static void silent(enum ecr_sim_stage stage, uint32_t after)
{
	talker_open_pair(&ring);
	talker_spoil(&ring, ECR_SIM_MAILBOX_NO_ANSWER, stage, TALKER_BLOB_OBJECT, 0, after);
}

static void waited(ecr_time since, int error)
{
	assert_int_equal(error, ECR_ERR_RESPONSE_TIMEOUT);
	assert_true(ring.now - since >= ECR_MS(1000));
	assert_true(ring.now - since < ECR_MS(1200));
}

static void an_upload_waits_a_second(void **state)
{
	uint8_t data[TALKER_BLOB];
	ecr_time since;

	(void)state;
	silent(ECR_SIM_STAGE_UPLOAD_SEGMENT, 2);
	since = ring.now;
	waited(since, talker_upload(&ring, "mailbox", 0x2003, 1, data, sizeof(data)).error);
	talker_heals(&ring, TALKER_BLOB_OBJECT, talker_counting(0), TALKER_BLOB);
	vring_close(&ring);
}

static void a_download_waits_a_second_and_writes_nothing(void **state)
{
	ecr_time since;

	(void)state;
	silent(ECR_SIM_STAGE_DOWNLOAD_SEGMENT, 1);
	since = ring.now;
	waited(since,
	       talker_download(&ring, "mailbox", 0x2003, 1, talker_counting(7), TALKER_BLOB).error);
	talker_heals(&ring, TALKER_BLOB_OBJECT, talker_counting(0), TALKER_BLOB);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_upload_waits_a_second),
		cmocka_unit_test(a_download_waits_a_second_and_writes_nothing),
	};

	return RUN(tests);
}
