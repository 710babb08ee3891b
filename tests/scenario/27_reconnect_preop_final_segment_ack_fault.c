/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/failing_list.h"

static struct vring ring;

/* An error does not mean that nothing was written. */
static void the_last_acknowledgement_is_malformed(void **state)
{
	const struct failing_list how = {
		.sentence =
			"disconnect mailbox for 30 frames then after 2 download-segment of mailbox "
			"mailbox segment-command mailbox with 0x60 in download-segment",
		.cause = ECR_ERR_UNEXPECTED_SDO_SEGMENT_COMMAND,
		.written_all_the_same = true
	};

	(void)state;
	failing_list_disturbs_nobody(&ring, &how);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_acknowledgement_is_malformed),
	};

	return RUN(tests);
}
