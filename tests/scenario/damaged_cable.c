/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/longline.h"

#include <ecring/diag.h>

#include <stdio.h>
#include <string.h>

static struct vring ring;

/* What the report says of the cables; the number of those that are worth a word. */
static int bad_cables(char *text, size_t size)
{
	static struct ecr_link_report links[64];
	struct ecr_request request = { .kind = ECR_REQUEST_LINKS, .out = links, .room = 64 };
	int count = vring_request(&ring, &request);
	int bad = 0;

	for (int i = 0; i < count; i++) {
		char line[320];

		if (!ecr_link_text(&links[i], line, sizeof(line)))
			continue;
		bad++;
		snprintf(text, size, "%s", line);
	}
	return bad;
}

/* Every frame that comes through is damaged, for longer or shorter. */
static void one_cable_damages_what_passes(void **state)
{
	static const char *const spans[] = { "corrupt s5 for 1 frame", "corrupt s5 for 40ms",
					     "corrupt s5 for 2s" };

	(void)state;
	for (int i = 0; i < 3; i++) {
		char text[320] = "";

		longline_open(&ring, 10, ECR_MS(1));
		vring_run_until(&ring, ring.now + ECR_S(2)); /* counters are read once a second */
		assert_int_equal(bad_cables(text, sizeof(text)), 0);
		heal_say(&ring, spans[i]);
		vring_run_until(&ring, ring.now + ECR_MS(10));
		while (heal_pending(&ring))
			vring_run_until(&ring, ring.now + ECR_MS(10));
		vring_run_until(&ring, ring.now + ECR_MS(50));
		assert_true(heal_until(&ring, longline_sound, ECR_S(6)));
		vring_run_until(&ring, ring.now + ECR_S(3));
		assert_true(longline_sound(&ring));
		assert_int_equal(bad_cables(text, sizeof(text)), 1);
		assert_non_null(strstr(text, "between s4 (4) port 1 and s5 (5) port 0:"));
		assert_non_null(strstr(text, "CRC errors"));
		longline_loopback(&ring, 9);
		vring_close(&ring);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_cable_damages_what_passes),
	};

	return RUN(tests);
}
