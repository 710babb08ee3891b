/* SPDX-License-Identifier: Apache-2.0 */
/* Something happens at any instant of a start, from the first count to OP. */
#include "support/check.h"
#include "support/reconnect.h"

#define LAST ECR_MS(64) /* it operates long before that */
#define STEP ECR_US(733)

static struct vring ring;
static int started_twice;

static bool settled(struct vring *unused)
{
	enum ecr_state state = ecr_core_state(unused->core);

	return state == ECR_STATE_OPERATIONAL || state == ECR_STATE_IDLE;
}

static void start_again(const struct ecr_config *config)
{
	struct ecr_failure failure;
	struct ecr_request ask = { .kind = ECR_REQUEST_LAST_FAILURE, .out = &failure };

	vring_request(&ring, &ask);
	assert_int_equal(failure.error, ECR_ERR_CONFIGURATION_FAILED);
	assert_true(failure.cause == ECR_ERR_SLAVES_EXCEED_BUS ||
		    failure.cause == ECR_ERR_INIT_RESET_FAILED);
	vring_stop(&ring);
	vring_run_until(&ring, ring.now + ECR_S(2)); /* it is over */
	assert_int_equal(vring_start(&ring, config), 0);
	assert_true(vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(3)));
	started_twice++;
}

static void once(const char *trouble, ecr_time at)
{
	const struct reconnect what = { .combined = true };
	const struct ecr_config *config = reconnect_prepare(&ring, &what);

	assert_int_equal(vring_start(&ring, config), 0);
	heal_trouble_after(&ring, at, trouble);
	if (!heal_until(&ring, settled, ECR_S(12)))
		fail_msg("%s after %lld us: %s", trouble, (long long)at / 1000,
			 ecr_state_name(ecr_core_state(ring.core)));
	if (!heal_operational(&ring))
		start_again(config);
	vring_run_until(&ring, ring.now + ECR_MS(100)); /* what came last is noticed */
	reconnect_ends_clean(&ring, ECR_S(8));
	vring_close(&ring);
}

static void at_any_instant(void **state)
{
	(void)state;
	started_twice = 0;
	for (int i = 0; heal_troubles[i]; i++)
		for (ecr_time at = 0; at < LAST; at += STEP)
			once(heal_troubles[i], at);
	assert_in_range(started_twice, 1, 150); /* of 880: while slaves are counted and reset */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_any_instant),
	};

	return RUN(tests);
}
