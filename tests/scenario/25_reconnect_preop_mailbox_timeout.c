/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/failing_list.h"

static struct vring ring;

static void no_answer_comes(void **state)
{
	const struct failing_list how = { .sentence = FAILING_SILENCE,
					  .cause = ECR_ERR_RESPONSE_TIMEOUT };

	(void)state;
	failing_list_disturbs_nobody(&ring, &how);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_answer_comes),
	};

	return RUN(tests);
}
