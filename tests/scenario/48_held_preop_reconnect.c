/* SPDX-License-Identifier: Apache-2.0 */
/* Scenarios 48, 49 and 50: a slave that is held in PREOP while the others operate, and one that is let go. */
#include "support/check.h"
#include "support/reconnect.h"

static struct vring ring;

static bool mailbox_down(struct vring *unused)
{
	return vring_slave(unused, "mailbox").fault.kind == ECR_FAULT_DOWN;
}

static bool mailbox_back_in_preop(struct vring *unused)
{
	struct ecr_slave_info info = vring_slave(unused, "mailbox");

	return info.fault.kind == ECR_FAULT_NONE && !info.down && info.al_state == ECR_AL_PREOP &&
	       info.configuration_error == 0;
}

static void assert_list_reads_back(void)
{
	uint8_t data[TALKER_BLOB];

	assert_int_equal(talker_upload(&ring, "mailbox", 0x2003, 1, data, sizeof(data)).error, 0);
	assert_memory_equal(data, talker_counting(RECONNECT_FIRST), TALKER_BLOB);
}

/* Told, but no reason to stop. */
static void lose_mailbox(void)
{
	heal_say(&ring, "disconnect mailbox for 40 frames");
	assert_true(heal_until(&ring, mailbox_down, ECR_MS(2400)));
	assert_int_equal(vring_slave(&ring, "mailbox").fault.error, ECR_ERR_NO_RESPONSE);
	assert_true(heal_operational(&ring));
}

static void assert_held(void)
{
	assert_true(mailbox_back_in_preop(&ring));
	assert_list_reads_back();
	lose_mailbox();
	assert_true(heal_until(&ring, mailbox_back_in_preop, ECR_MS(7200)));
	assert_true(heal_stays(&ring, mailbox_back_in_preop, ECR_MS(500)));
	assert_list_reads_back();
	assert_false(heal_saw(&ring, ECR_EVENT_STATE_CHANGED, -1, ECR_STATE_RECOVERING));
	assert_true(heal_healthy(&ring));
	vring_close(&ring);
}

static void a_held_slave_comes_back_to_preop(void **state)
{
	(void)state;
	reconnect_open(&ring, &(struct reconnect){ .held = true });
	assert_held();
}

/* Everybody is held at first, and given another target one by one; the last one perhaps not. */
static void activate_all_but(int held)
{
	struct ecr_request activate = { .kind = ECR_REQUEST_ACTIVATE };

	reconnect_open(&ring, &(struct reconnect){ .all_held = true });
	assert_int_equal(ecr_core_state(ring.core), ECR_STATE_PREOP_READY);
	for (int i = 0; i < 4; i++) {
		struct ecr_slave_config config = *reconnect_slave(i);
		struct ecr_request request = { .kind = ECR_REQUEST_CONFIGURE_SLAVE,
					       .name = config.name,
					       .slave = &config };

		config.target_state = i == held ? ECR_TARGET_PREOP : ECR_TARGET_OP;
		assert_int_equal(vring_request(&ring, &request), 0);
	}
	assert_int_equal(vring_request(&ring, &activate), 0);
	assert_int_equal(vring_await_operational(&ring, ECR_MS(2500)), 0);
}

static void who_is_let_go_is_polled_and_healed(void **state)
{
	(void)state;
	activate_all_but(-1);
	assert_int_equal(vring_slave(&ring, "mailbox").al_state, ECR_AL_OP);
	lose_mailbox();
	reconnect_ends_clean(&ring, ECR_MS(7200));
	assert_false(heal_saw(&ring, ECR_EVENT_STATE_CHANGED, -1, ECR_STATE_RECOVERING));
	vring_close(&ring);
}

static void who_is_kept_is_polled_too(void **state)
{
	(void)state;
	activate_all_but(RECONNECT_MAILBOX);
	assert_held();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_held_slave_comes_back_to_preop),
		cmocka_unit_test(who_is_let_go_is_polled_and_healed),
		cmocka_unit_test(who_is_kept_is_polled_too),
	};

	return RUN(tests);
}
