/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/longline.h"

#define SLAVES 100

static struct vring ring;

static bool all_down(struct vring *unused)
{
	for (int i = 0; i < SLAVES; i += 33)
		if (vring_slave(unused, longline_name(i)).fault.kind != ECR_FAULT_DOWN)
			return false;
	return true;
}

/* The cable between the master and the first slave, while the interface keeps its link. */
static void everybody_is_lost_and_comes_back(void **state)
{
	static const char *const spans[] = { "break s0 port 0 for 200ms", "break s0 port 0 for 4s",
					     "break s0 port 0 for 25s" };

	(void)state;
	for (int i = 0; i < 3; i++) {
		ecr_time back;
		uint64_t frames;

		longline_open(&ring, SLAVES, ECR_MS(2));
		heal_say(&ring, spans[i]);
		assert_true(heal_until(&ring, all_down, ECR_MS(150)));
		assert_true(heal_recovering(&ring));
		while (heal_pending(&ring))
			vring_run_until(&ring, ring.now + ECR_MS(1));
		back = ring.now;
		frames = ring.frames;
		assert_true(heal_until(&ring, longline_sound, ECR_S(6)));
		/* All at once: hardly longer than one of them takes. */
		assert_true(ring.now - back < ECR_MS(500));
		assert_true(ring.frames - frames < 3000);
		longline_loopback(&ring, 63);
		vring_close(&ring);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everybody_is_lost_and_comes_back),
	};

	return RUN(tests);
}
