/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/reconnect.h"

static struct vring ring;

static ecr_time next_attempt(void)
{
	return vring_slave(&ring, "mailbox").next_attempt_ns;
}

static int attempts(void)
{
	int count = 0;

	for (int i = 0; i < ring.event_count; i++)
		count += ring.events[i].kind == ECR_EVENT_SLAVE_STARTUP_RETRY &&
			 ring.events[i].slave == RECONNECT_MAILBOX;
	return count;
}

/* The next attempt comes when it was announced, and each pause is longer than the one before. */
static void each_attempt_is_announced(void **state)
{
	ecr_time last = 0;

	(void)state;
	reconnect_open(&ring, &(struct reconnect){ .small = true });
	assert_int_equal(next_attempt(), -1);
	heal_say(&ring, "mailbox abort mailbox with 0x06010002 object 0x2000 sub 2");
	heal_say(&ring, "disconnect mailbox for 20 frames");
	reconnect_expect(ECR_ERR_SDO_ABORT, TALKER_OBJECT(0x2000, 2), 0x06010002);
	assert_true(heal_until(&ring, reconnect_refused, ECR_S(2)));
	for (int i = 0; i < 8; i++) {
		ecr_time pause = next_attempt();
		int before = attempts();

		assert_true(pause > 0 && pause <= ECR_S(5));
		assert_true(pause + ECR_MS(20) >= last);
		last = pause;
		vring_run_until(&ring, ring.now + pause - ECR_MS(5));
		assert_int_equal(attempts(), before);
		vring_run_until(&ring, ring.now + ECR_MS(15));
		assert_int_equal(attempts(), before + 1);
	}
	assert_true(last > ECR_MS(4900)); /* that is the longest */
	ecr_sim_clear_faults(ring.sim);
	reconnect_ends_clean(&ring, ECR_MS(5500));
	assert_int_equal(next_attempt(), -1);
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_attempt_is_announced),
	};

	return RUN(tests);
}
