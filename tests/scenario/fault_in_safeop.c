/* SPDX-License-Identifier: Apache-2.0 */
/* A session that was deactivated to SAFEOP: whatever happens, its slaves come back to SAFEOP and no further. */
#include "support/check.h"
#include "support/reconnect.h"

static struct vring ring;

static bool all_in_safeop(struct vring *unused)
{
	static const char *const names[] = { "coupler", "inputs", "outputs", "mailbox" };

	for (int i = 0; i < 4; i++) {
		struct ecr_slave_info info = vring_slave(unused, names[i]);

		if (info.al_state != ECR_AL_SAFEOP || info.fault.kind != ECR_FAULT_NONE)
			return false;
	}
	return ecr_core_state(unused->core) == ECR_STATE_DEACTIVATED;
}

static bool in_op(struct vring *unused)
{
	struct ecr_sim_state state;

	for (int i = 0; i < 4; i++) {
		ecr_sim_look(unused->sim, i, &state);
		if ((state.al_status & ECR_AL_STATE_MASK) == ECR_AL_OP)
			return true;
	}
	return false;
}

static bool never_in_op(struct vring *unused)
{
	return !in_op(unused);
}

static void suffer(const char *trouble)
{
	struct ecr_request lower = { .kind = ECR_REQUEST_DEACTIVATE, .target = ECR_TARGET_SAFEOP };
	struct ecr_request activate = { .kind = ECR_REQUEST_ACTIVATE };

	reconnect_open(&ring, &(struct reconnect){ .combined = true });
	assert_int_equal(vring_request(&ring, &lower), 0);
	assert_true(all_in_safeop(&ring));
	heal_say(&ring, trouble);
	assert_true(heal_stays(&ring, never_in_op, ECR_S(2)));
	if (!heal_until(&ring, all_in_safeop, ECR_S(6)))
		fail_msg("%s: %s", trouble, ecr_state_name(ecr_core_state(ring.core)));
	assert_true(heal_stays(&ring, all_in_safeop, ECR_MS(600)));
	assert_int_equal(vring_request(&ring, &activate), 0);
	reconnect_ends_clean(&ring, ECR_S(2));
	vring_close(&ring);
}

static void all_come_back_to_safeop(void **state)
{
	(void)state;
	for (int i = 0; heal_troubles[i]; i++)
		suffer(heal_troubles[i]);
	suffer("al-error outputs 0x001D");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_come_back_to_safeop),
	};

	return RUN(tests);
}
