/* SPDX-License-Identifier: Apache-2.0 */
/* Two things happen at the same instant, or one right after the other: every pair. */
#include "support/check.h"
#include "support/reconnect.h"

static struct vring ring;

static const ecr_time later[] = { 0, ECR_MS(25), ECR_MS(230) };

static void pair(const char *first, const char *second, ecr_time after)
{
	reconnect_open(&ring, &(struct reconnect){ .combined = true });
	heal_say(&ring, first);
	heal_trouble_after(&ring, after, second);
	while (heal_pending(&ring))
		vring_run_until(&ring, ring.now + ECR_MS(5));
	vring_run_until(&ring, ring.now + ECR_MS(50)); /* it is noticed */
	if (!heal_until(&ring, heal_healthy, ECR_S(6)))
		fail_msg("%s, and %lld ms later %s: %s", first, (long long)after / 1000000, second,
			 ecr_state_name(ecr_core_state(ring.core)));
	reconnect_ends_clean(&ring, ECR_S(6));
	vring_close(&ring);
}

static void every_pair(void **state)
{
	(void)state;
	for (int i = 0; heal_troubles[i]; i++)
		for (int k = 0; heal_troubles[k]; k++)
			for (int at = 0; at < 3; at++)
				pair(heal_troubles[i], heal_troubles[k], later[at]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair),
	};

	return RUN(tests);
}
