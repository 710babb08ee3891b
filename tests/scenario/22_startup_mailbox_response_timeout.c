/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/talker.h"

static struct vring ring;
static const struct ecr_config *config;

static void open_ring(void)
{
	config = talker_blocked_in_blob(&ring, ECR_SIM_MAILBOX_NO_ANSWER, ECR_ERR_RESPONSE_TIMEOUT);
}

static void a_restart_without_the_fault_works(void **state)
{
	(void)state;
	open_ring();
	talker_ends_by_restart(&ring, config, TALKER_BLOB_OBJECT, talker_counting(7), TALKER_BLOB);
}

static void without_the_fault_it_heals_by_itself(void **state)
{
	(void)state;
	open_ring();
	talker_ends_by_waiting(&ring, TALKER_BLOB_OBJECT, talker_counting(7), TALKER_BLOB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_restart_without_the_fault_works),
		cmocka_unit_test(without_the_fault_it_heals_by_itself),
	};

	return RUN(tests);
}
