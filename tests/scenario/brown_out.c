/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/longline.h"

#include <stdio.h>

#define SLAVES 12
#define HALF 6

static struct vring ring;

static bool near_half_operates(struct vring *unused)
{
	return longline_in_op(unused, 0, HALF);
}

static int fallen; /* times that one of the near half did not have its outputs on */

static void watch_near_half(struct vring *unused)
{
	uint64_t raw;

	for (int i = 0; i < HALF; i++) {
		assert_true(ecr_sim_get_output(unused->sim, i, 0, 1, &raw));
		fallen += !raw; /* nor is it in OP then */
	}
}

static void open_switched_on(void)
{
	longline_open(&ring, SLAVES, ECR_MS(1));
	for (int i = 0; i < HALF; i++)
		vring_output(&ring, longline_name(i), "out1", 1);
	vring_run_until(&ring, ring.now + ECR_MS(5));
	fallen = 0;
	ring.each_tick = watch_near_half;
}

static void say_each(int from, int step, const char *what)
{
	char sentence[80];

	for (int i = from; i < SLAVES; i += step) {
		snprintf(sentence, sizeof(sentence), what, longline_name(i));
		heal_say(&ring, sentence);
	}
}

static void ends_sound(void)
{
	assert_true(heal_until(&ring, longline_sound, ECR_S(6)));
	assert_true(heal_stays(&ring, longline_sound, ECR_MS(300)));
	longline_loopback(&ring, 0);
	longline_loopback(&ring, SLAVES - 1);
	assert_int_equal(fallen, 0);
	ring.each_tick = NULL;
	vring_close(&ring);
}

static bool is_pending_and_operates(struct vring *unused)
{
	return heal_pending(unused) && near_half_operates(unused);
}

static bool is_sound_or_falls(struct vring *unused)
{
	return longline_sound(unused) || !near_half_operates(unused);
}

/* As long as the power is off, and until all is well again. */
static void near_half_operates_till_the_end(void)
{
	assert_true(heal_until(&ring, heal_recovering, ECR_MS(50)));
	while (is_pending_and_operates(&ring))
		vring_run_until(&ring, ring.now + ECR_MS(1));
	assert_true(heal_until(&ring, is_sound_or_falls, ECR_S(6)));
	assert_true(near_half_operates(&ring));
	ends_sound();
}

/* All of them lose their power at the same instant, for a moment or for long. */
static void the_far_half(void **state)
{
	static const char *const spans[] = { "power-off %s for 5ms", "power-off %s for 60ms",
					     "power-off %s for 900ms", "power-off %s for 9s" };

	(void)state;
	for (int i = 0; i < 4; i++) {
		open_switched_on();
		say_each(HALF, 1, spans[i]);
		near_half_operates_till_the_end();
	}
}

/* Its inputs, too, are those of now when it is known who is missing. */
static void the_near_half_is_read_on(void **state)
{
	(void)state;
	longline_open(&ring, SLAVES, ECR_MS(1));
	say_each(HALF, 1, "power-off %s for 3s");
	vring_run_until(&ring, ring.now + ECR_MS(300));
	for (int i = 0; i < HALF; i++)
		longline_loopback(&ring, i);
	assert_true(heal_recovering(&ring));
	vring_run_until(&ring, ring.now + ECR_S(3));
	ends_sound();
}

/* Too short for the power, long enough for the controllers: all restart, nobody is unplugged. */
static void every_second_one_restarts(void **state)
{
	(void)state;
	longline_open(&ring, SLAVES, ECR_MS(1));
	say_each(1, 2, "power-cycle %s");
	assert_true(heal_until(&ring, heal_recovering, ECR_MS(50)));
	ends_sound();
}

/* They come back one after the other, each a little later than the one before. */
static void one_after_the_other(void **state)
{
	char sentence[80];

	(void)state;
	open_switched_on();
	for (int i = HALF; i < SLAVES; i++) {
		snprintf(sentence, sizeof(sentence), "power-off %s for %dms", longline_name(i),
			 100 + 130 * (i - HALF));
		heal_say(&ring, sentence);
	}
	near_half_operates_till_the_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_far_half),
		cmocka_unit_test(the_near_half_is_read_on),
		cmocka_unit_test(every_second_one_restarts),
		cmocka_unit_test(one_after_the_other),
	};

	return RUN(tests);
}
