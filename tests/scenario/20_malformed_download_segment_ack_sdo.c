/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/talker.h"

static struct vring ring;

static struct ecr_sdo_result spoiled(enum ecr_sim_mailbox_fault_kind kind, uint32_t value,
				     uint32_t after)
{
	talker_open_pair(&ring);
	talker_spoil(&ring, kind, ECR_SIM_STAGE_DOWNLOAD_SEGMENT, TALKER_BLOB_OBJECT, value, after);
	return talker_download(&ring, "mailbox", 0x2003, 1, talker_counting(7), TALKER_BLOB);
}

static void in_the_middle_nothing_is_written(void **state)
{
	struct ecr_sdo_result result = spoiled(ECR_SIM_MAILBOX_PAYLOAD, 0, 1);

	(void)state;
	assert_int_equal(result.error, ECR_ERR_INVALID_COE_RESPONSE);
	assert_int_equal(ecr_sim_mailbox_steps(ring.sim, 1, ECR_SIM_STAGE_DOWNLOAD_SEGMENT), 1);
	talker_heals(&ring, TALKER_BLOB_OBJECT, talker_counting(0), TALKER_BLOB);
	vring_close(&ring);
}

/* An error does not say "not written": the last acknowledgement is spoiled after the deed. */
static void at_the_end_it_is_written_all_the_same(void **state)
{
	struct ecr_sdo_result result = spoiled(ECR_SIM_MAILBOX_SEGMENT_COMMAND, 0x60, 2);

	(void)state;
	assert_int_equal(result.error, ECR_ERR_UNEXPECTED_SDO_SEGMENT_COMMAND);
	assert_int_equal(result.actual, 0x60);
	talker_heals(&ring, TALKER_BLOB_OBJECT, talker_counting(7), TALKER_BLOB);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_the_middle_nothing_is_written),
		cmocka_unit_test(at_the_end_it_is_written_all_the_same),
	};

	return RUN(tests);
}
