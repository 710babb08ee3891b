/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/heal.h"

static struct vring ring;

static bool told(struct vring *unused)
{
	struct ecr_domain_info info = vring_domain(unused, "main");

	return info.last_invalid_reason.error == ECR_ERR_TIMEOUT && info.total_miss_count > 0;
}

static void thirty_lost_frames_heal(void **state)
{
	(void)state;
	heal_open_with(&ring, vring_default_slaves);
	heal_say(&ring, "drop for 30 frames");
	assert_true(heal_until(&ring, told, ECR_MS(400)));
	heal_ends_clean(&ring, ECR_MS(1600));
	assert_true(told(&ring)); /* for good */
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(thirty_lost_frames_heal) };

	return RUN(tests);
}
