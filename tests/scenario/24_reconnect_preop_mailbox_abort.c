/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/failing_list.h"

static struct vring ring;

static void the_list_is_refused(void **state)
{
	const struct failing_list how = {
		.sentence = "disconnect mailbox for 30 frames then mailbox abort "
			    "mailbox with 0x06010002 object 0x2000 sub 2",
		.small = true,
		.cause = ECR_ERR_SDO_ABORT,
		.abort_code = 0x06010002
	};

	(void)state;
	failing_list_disturbs_nobody(&ring, &how);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_list_is_refused),
	};

	return RUN(tests);
}
