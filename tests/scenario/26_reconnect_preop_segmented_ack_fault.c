/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/failing_list.h"

static struct vring ring;

static void an_acknowledgement_is_malformed(void **state)
{
	const struct failing_list how = {
		.sentence = "disconnect mailbox for 30 frames " FAILING_SEGMENT("payload"),
		.cause = ECR_ERR_INVALID_COE_RESPONSE
	};

	(void)state;
	failing_list_disturbs_nobody(&ring, &how);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_acknowledgement_is_malformed),
	};

	return RUN(tests);
}
