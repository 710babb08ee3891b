/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/reconnect.h"

static struct vring ring;

static bool still_down(struct vring *unused)
{
	struct ecr_slave_info info = vring_slave(unused, "mailbox");

	return info.fault.kind == ECR_FAULT_DOWN && info.next_attempt_ns <= ECR_S(5) &&
	       vring_slave(unused, "outputs").al_state == ECR_AL_OP;
}

static int attempts(void)
{
	int count = 0;

	for (int i = 0; i < ring.event_count; i++)
		count += ring.events[i].kind == ECR_EVENT_SLAVE_STARTUP_RETRY;
	return count;
}

/* As a drive does whose firmware is loaded. */
static void a_slave_is_away_for_twenty_seconds(void **state)
{
	ecr_time back;

	(void)state;
	reconnect_open(&ring, &(struct reconnect){ .combined = true });
	heal_say(&ring, "power-off mailbox for 20s");
	assert_true(heal_until(&ring, heal_recovering, ECR_MS(200)));
	vring_run_until(&ring, ring.now + ECR_MS(50));
	assert_true(heal_stays(&ring, still_down, ECR_S(19)));
	assert_in_range(attempts(), 4, 12);
	heal_loopback(&ring);
	while (heal_pending(&ring))
		vring_run_until(&ring, ring.now + ECR_MS(1));
	back = ring.now;
	assert_true(heal_until(&ring, heal_healthy, ECR_S(6)));
	assert_true(ring.now - back < ECR_MS(300)); /* a poll of 20 ms sees it */
	reconnect_ends_clean(&ring, ECR_S(1));
	vring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slave_is_away_for_twenty_seconds),
	};

	return RUN(tests);
}
