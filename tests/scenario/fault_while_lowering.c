/* SPDX-License-Identifier: Apache-2.0 */
/* Something happens at any instant of a deactivation, or of a stop. */
#include "support/check.h"
#include "support/reconnect.h"

#define LAST ECR_MS(4)
#define STEP ECR_US(97)

static struct vring ring;

static const struct {
	enum ecr_target target;
	enum ecr_state state;
	enum ecr_al_state al_state;
} lower[] = { { ECR_TARGET_SAFEOP, ECR_STATE_DEACTIVATED, ECR_AL_SAFEOP },
	      { ECR_TARGET_PREOP, ECR_STATE_PREOP_READY, ECR_AL_PREOP } };

static int activate(void)
{
	struct ecr_request request = { .kind = ECR_REQUEST_ACTIVATE };

	return vring_request(&ring, &request);
}

static void assert_everybody_in(enum ecr_al_state al_state)
{
	static const char *const names[] = { "coupler", "inputs", "outputs", "mailbox" };

	for (int i = 0; i < 4; i++) {
		assert_int_equal(vring_slave(&ring, names[i]).al_state, al_state);
		assert_int_equal(vring_slave(&ring, names[i]).fault.kind, ECR_FAULT_NONE);
	}
}

static void once(const char *trouble, ecr_time at, int to)
{
	struct ecr_request request = { .kind = ECR_REQUEST_DEACTIVATE, .target = lower[to].target };

	reconnect_open(&ring, &(struct reconnect){ .combined = true });
	heal_trouble_after(&ring, at, trouble);
	assert_int_equal(vring_request(&ring, &request), 0);
	if (!vring_until_state(&ring, lower[to].state, ECR_S(12)))
		fail_msg("%s after %lld us: %s", trouble, (long long)at / 1000,
			 ecr_state_name(ecr_core_state(ring.core)));
	vring_run_until(&ring, ring.now + ECR_S(3)); /* what was still to come is over */
	if (!vring_until_state(&ring, lower[to].state, ECR_S(12)))
		fail_msg("%s after %lld us: stays %s", trouble, (long long)at / 1000,
			 ecr_state_name(ecr_core_state(ring.core)));
	if (lower[to].target == ECR_TARGET_SAFEOP)
		assert_everybody_in(lower[to].al_state);
	assert_int_equal(activate(), 0);
	reconnect_ends_clean(&ring, ECR_S(8));
	vring_close(&ring);
}

static void while_it_is_deactivated(void **state)
{
	(void)state;
	for (int to = 0; to < 2; to++)
		for (int i = 0; heal_troubles[i]; i++)
			for (ecr_time at = 0; at < LAST; at += STEP)
				once(heal_troubles[i], at, to);
}

/* Whoever is missing: a stop ends, and soon. */
static void while_it_is_stopped(void **state)
{
	(void)state;
	for (int i = 0; heal_troubles[i]; i++)
		for (ecr_time at = 0; at < LAST; at += STEP) {
			ecr_time asked;

			reconnect_open(&ring, &(struct reconnect){ .combined = true });
			heal_trouble_after(&ring, at, heal_troubles[i]);
			asked = ring.now;
			assert_int_equal(vring_stop(&ring), 0);
			assert_true(ring.now - asked <= ECR_MS(1600));
			assert_int_equal(ecr_core_state(ring.core), ECR_STATE_IDLE);
			vring_close(&ring);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(while_it_is_deactivated),
		cmocka_unit_test(while_it_is_stopped),
	};

	return RUN(tests);
}
