/* SPDX-License-Identifier: Apache-2.0 */
/* Two bytes that belong together, each the complement of the other, counted on in every cycle while things happen. */
#include "support/check.h"
#include "support/reconnect.h"

#include <stdio.h>

#define CHANNELS 16

static struct vring ring;
static bool torn; /* something that was never written */

static bool belongs_together(uint64_t value)
{
	return !value || (value >> 8) == (~value & 0xFF);
}

/* What the terminals of outputs show, at every instant: zero when it is lost. */
static void check_outputs(struct vring *unused)
{
	uint64_t shown;

	torn = torn || !ecr_sim_get_output(unused->sim, RECONNECT_OUTPUTS, 0, CHANNELS, &shown) ||
	       !belongs_together(shown);
}

static char *channel(char name[8], int number)
{
	snprintf(name, 8, "ch%d", number + 1);
	return name;
}

static void write_all(uint64_t value)
{
	char name[8];

	for (int i = 0; i < CHANNELS; i++)
		vring_output(&ring, "outputs", channel(name, i), value >> i & 1);
}

static uint64_t read_all(void)
{
	uint64_t value = 0;
	char name[8];

	for (int i = 0; i < CHANNELS; i++)
		value |= vring_input(&ring, "inputs", channel(name, i)) << i;
	return value;
}

static void count_on(int cycles)
{
	static uint8_t counter;

	for (int i = 0; i < cycles; i++) {
		counter++;
		write_all((uint64_t)(uint8_t)~counter << 8 | counter);
		vring_run_until(&ring, ring.now + ECR_MS(10));
		torn = torn || !belongs_together(read_all());
	}
}

static void through(const char *trouble)
{
	reconnect_open(&ring, &(struct reconnect){ .combined = true });
	torn = false;
	ring.each_tick = check_outputs;
	count_on(20);
	heal_say(&ring, trouble);
	count_on(300);
	ring.each_tick = NULL;
	if (torn)
		fail_msg("%s: a value that nobody wrote", trouble);
	reconnect_ends_clean(&ring, ECR_S(6));
	vring_close(&ring);
}

static void nothing_is_torn(void **state)
{
	(void)state;
	for (int i = 0; heal_troubles[i]; i++)
		through(heal_troubles[i]);
	through("corrupt inputs for 200ms");
	through("delay 15ms for 300ms");
	through("delay 70ms for 300ms");
	through("replay for 20 frames");
	through("misindex for 20 frames");
	through("truncate for 20 frames");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_torn),
	};

	return RUN(tests);
}
