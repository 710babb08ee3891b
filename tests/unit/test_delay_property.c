/* SPDX-License-Identifier: Apache-2.0 */
/* Random trees in the simulator: the delays computed from what its slaves latch are its true ones. */
#include "support/check.h"
#include "support/clockring.h"
#include "world/trees.h"

#include "base/prng.h"

#define ROUNDS 100

static struct simring ring;
static struct ecr_delay delays[CLOCKRING_SLAVES];
static struct ecr_sim_device devices[CLOCKRING_SLAVES];
static int hops[CLOCKRING_SLAVES]; /* from the first slave */

static int random_ring(struct ecr_prng *prng, uint32_t tick, uint32_t without_percent)
{
	int count = 1 + (int)ecr_prng_below(prng, CLOCKRING_SLAVES);

	for (int i = 0; i < count; i++) {
		devices[i] = clock_device(0, ecr_prng_next(prng));
		devices[i].clock.tick_ns = tick;
		devices[i].forward_ns = 2 * ecr_prng_between(prng, 100, 800);
		devices[i].cable_ns = ecr_prng_between(prng, 0, 700);
		if (ecr_prng_below(prng, 100) < without_percent)
			devices[i].features = 0;
	}
	tree_draw(prng, devices, count, hops);
	simring_open(&ring, devices, count);
	return count;
}

static int64_t true_delay(int slave, int first)
{
	return clock_truth(&ring, slave).arrival_ns - clock_truth(&ring, first).arrival_ns;
}

static void delays_are_those_of_the_ring(void **state)
{
	struct ecr_prng prng = { 3 };
	int largest = 0;
	int deepest = 0;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		bool exact = round % 2;
		int count = random_ring(&prng, exact ? 1 : 10, 0);

		clock_measure(&ring, delays);
		for (int i = 0; i < count; i++) {
			int64_t error = delays[i].arrival_ns - true_delay(i, 0);
			int64_t allowed = exact ? 0 : 10 * hops[i];

			assert_true(delays[i].known && !delays[i].guessed);
			assert_in_range(error + allowed, 0, 2 * allowed);
			deepest = hops[i] > deepest ? hops[i] : deepest;
		}
		largest = count > largest ? count : largest;
		simring_close(&ring);
	}
	assert_true(largest > 150 && deepest > 40);
}

static int first_with_clock(int count)
{
	int i = 0;

	while (i < count && !(devices[i].features & ECR_FEATURE_DC))
		i++;
	return i;
}

/* Slaves without receive times in lines between others change nothing; where they branch, only sums
 * are known, and it is said. */
static void slaves_without_clocks_in_between(void **state)
{
	struct ecr_prng prng = { 5 };
	int exact = 0;
	int guessed = 0;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		int count = random_ring(&prng, 1, 30);
		int first = first_with_clock(count);

		clock_measure(&ring, delays);
		for (int i = 0; i < count; i++) {
			int64_t error;

			assert_int_equal(delays[i].known,
					 (devices[i].features & ECR_FEATURE_DC) != 0);
			if (!delays[i].known)
				continue;
			error = delays[i].arrival_ns - true_delay(i, first);
			if (delays[i].guessed)
				guessed++;
			else if (error >= -1 && error <= 1)
				exact++;
			else
				fail_msg("round %d, slave %d: off by %lld ns", round, i,
					 (long long)error);
		}
		simring_close(&ring);
	}
	assert_true(exact > 1000 && guessed > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delays_are_those_of_the_ring),
		cmocka_unit_test(slaves_without_clocks_in_between),
	};

	return RUN(tests);
}
