/* SPDX-License-Identifier: Apache-2.0 */
/* One frame is lost, each in turn: on its way there, or on its way back. */
#include "support/check.h"
#include "support/reconnect.h"

#include <stdio.h>

static struct vring ring;

static const char *const ways[] = { "drop", "lose" };

static void lose_frame(int number, const char *way)
{
	char sentence[80];

	if (number)
		snprintf(sentence, sizeof(sentence), "after %d frames %s for 1 frame", number, way);
	else
		snprintf(sentence, sizeof(sentence), "%s for 1 frame", way);
	heal_say(&ring, sentence);
}

static void start_without(int number, const char *way)
{
	const struct reconnect what = { .combined = true };
	const struct ecr_config *config = reconnect_prepare(&ring, &what);

	lose_frame(number, way);
	assert_int_equal(vring_start(&ring, config), 0);
	if (!vring_until_state(&ring, ECR_STATE_OPERATIONAL, ECR_S(4)))
		fail_msg("%s of frame %d: %s", way, number,
			 ecr_state_name(ecr_core_state(ring.core)));
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_FAULT_CHANGED], 0);
	assert_int_equal(ring.counts[ECR_EVENT_SLAVE_STARTUP_RETRY], 0);
}

/* Nobody notices: no slave fails, nothing is tried again from the beginning. */
static void of_a_start(void **state)
{
	uint64_t frames = 1;

	(void)state;
	for (int way = 0; way < 2; way++)
		for (int i = 0; (uint64_t)i < frames; i++) {
			start_without(i, ways[way]);
			frames = ring.frames;
			vring_close(&ring);
		}
	assert_true(frames > 100);
}

static bool mailbox_is_back(struct vring *unused)
{
	return heal_healthy(unused) &&
	       heal_saw(unused, ECR_EVENT_SLAVE_FAULT_CHANGED, RECONNECT_MAILBOX, ECR_FAULT_NONE);
}

/* A slave has restarted and is brought up again. */
static void of_a_recovery(void **state)
{
	uint64_t frames = 1;

	(void)state;
	for (int way = 0; way < 2; way++)
		for (int i = 0; (uint64_t)i < frames; i++) {
			uint64_t before;

			reconnect_open(&ring, &(struct reconnect){ .combined = true });
			before = ring.frames;
			heal_say(&ring, "power-cycle mailbox");
			lose_frame(i, ways[way]);
			assert_true(heal_until(&ring, mailbox_is_back, ECR_S(2)));
			if (!way || i)
				frames = ring.frames - before;
			assert_int_equal(ring.counts[ECR_EVENT_SLAVE_STARTUP_RETRY], 0);
			vring_run_until(&ring, ring.now + ECR_MS(100));
			assert_true(heal_healthy(&ring));
			vring_close(&ring);
		}
	assert_true(frames > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_a_start),
		cmocka_unit_test(of_a_recovery),
	};

	return RUN(tests);
}
