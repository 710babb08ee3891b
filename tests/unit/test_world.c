/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Worlds: ring, session, application and faults drawn from seeds, judged by the checkers of world/. ECRING_WORLD_SEEDS says
 * how many; ECRING_WORLD_SEED replays one. And worlds themselves: a seed is one story, which is told, and shrunk.
 */
#include "support/check.h"
#include "support/seeds.h"

#include "world/world.h"

#include <string.h>

#define FEW 25 /* without the environment */
#define SEED 77

static struct world_result run(uint64_t seed, uint64_t left_out)
{
	const struct world_options options = { .seed = seed, .left_out = left_out };
	struct world_result result;

	assert_true(world_run(&options, &result));
	return result;
}

static uint64_t count(void)
{
	if (getenv("ECRING_WORLD_SEED"))
		return 1;
	return seeds_number("ECRING_WORLD_SEEDS", FEW * 2 / 5) * 5 / 2;
}

static void worlds_are_safe_and_come_back(void **state)
{
	uint64_t all = 0;
	uint64_t worlds = 0;
	uint64_t excused = 0;

	(void)state;
	for (uint64_t number = seeds_first(); number < seeds_first() + count(); number++) {
		struct world_result result = run(number, 0);

		if (result.failed)
			fail_msg("world %llu at %.3f ms: %s", (unsigned long long)number,
				 (double)result.at / 1e6, result.complaint);
		all = all * 31 + result.hash;
		excused += result.excused;
		worlds++;
	}
	assert_true(excused <= world_excusable(worlds));
	print_message("%llu worlds, hash %016llx\n", (unsigned long long)worlds,
		      (unsigned long long)all);
}

/* Seeds of worlds that have failed: one a line, so that those who add some do not meet. */
/* clang-format off */
static const uint64_t failed_once[] = {
	1334,
	2242,
	4469,
	5642,
	6404,
	6776,
	6859,
	7083,
	7863,
	7904,
	8048,
	8115,
	8353,
	10386,
	10741,
	13566,
	16480,
	16825,
	17465,
	17575,
	17987,
	20742,
	26363,
	27249,
	29027,
	31917,
	32631,
	34168,
	34323,
	34365,
	34497,
	35353,
	38869,
	40491,
	40607,
	41143,
	41451,
	43815,
	47494,
	49233,
	51712,
	52482,
	53015,
	54632,
	55908,
	56296,
	58546,
	58780,
	60457,
	61610,
	62106,
	63216,
	64270,
	64561,
	64666,
	67001,
	67713,
	70683,
	70951,
	71244,
	74017,
	77954,
	78276,
	80771,
	83591,
	84343,
	87218,
	89655,
	90967,
	92746,
	94496,
	95631,
	96599,
	96652,
	99155,
	100765,
	101419,
	101473,
	115263,
	119071,
	122409,
	128013,
	129150,
	133118,
	133235,
	161555,
	163102,
	179269,
	200476,
	226410,
	233660,
	249338,
	302272,
	313770,
	314897,
	333796,
	335071,
	335161,
	389378,
};
/* clang-format on */

/* What was found by many more seeds than are run each time, and takes too long a story to be told in another test. */
static void worlds_that_have_failed_do_not_again(void **state)
{

	(void)state;
	for (size_t i = 0; i < sizeof(failed_once) / sizeof(failed_once[0]); i++) {
		struct world_result result = run(failed_once[i], 0);

		if (result.failed)
			fail_msg("world %llu at %.3f ms: %s", (unsigned long long)failed_once[i],
				 (double)result.at / 1e6, result.complaint);
	}
}

static void the_same_seed_gives_the_same_story(void **state)
{
	(void)state;
	assert_true(run(SEED, 0).hash == run(SEED, 0).hash);
	assert_true(run(SEED, 0).hash != run(SEED + 1, 0).hash);
}

static void what_is_left_out_does_not_happen(void **state)
{
	struct world_result whole = run(SEED, 0);
	struct world_result nothing = run(SEED, UINT64_MAX);

	(void)state;
	assert_true(whole.entries > 0);
	assert_true(whole.hash != nothing.hash);
	assert_false(nothing.failed);
}

static void count_lines(void *context, const char *line)
{
	int *lines = context;

	*lines += strstr(line, "operational") != NULL;
}

static void a_story_is_told(void **state)
{
	char text[300];
	int lines = 0;
	int entries = 0;
	const struct world_options options = { .seed = SEED,
					       .tell = count_lines,
					       .context = &lines };
	struct world_result result;

	(void)state;
	while (world_entry(SEED, entries, text, sizeof(text)))
		entries++;
	assert_true(world_run(&options, &result));
	assert_int_equal(entries, result.entries);
	assert_true(lines > 0);
	assert_true(result.hash == run(SEED, 0).hash);
}

/* A world that does not fail is left as it is. */
static void nothing_is_shrunk_that_holds(void **state)
{
	int runs = 0;

	(void)state;
	assert_true(world_shrink(SEED, 0, &runs) == 0);
	assert_int_equal(runs, 1);
}

/* A story of thirty entries that fails while all of `needed` happen. */
static bool fails_by(void *context, uint64_t left_out, int *entries)
{
	const uint64_t *needed = context;

	*entries = 30;
	return !(left_out & *needed);
}

/* Each of what is left is needed, and it takes far fewer runs than there are ways to leave things out. */
static void a_story_is_shrunk_to_what_is_needed(void **state)
{
	static const uint64_t needed[] = { 1, 1u << 29, 1u << 3 | 1u << 17,
					   1u << 14 | 1u << 15 | 1u << 16, (1u << 30) - 1 };
	const uint64_t all = (1u << 30) - 1;

	(void)state;
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		uint64_t which = needed[i];
		int runs = 0;

		assert_int_equal(world_shrink_by(fails_by, &which, 0, &runs) & all, all & ~which);
		assert_in_range(runs, 2, 100);
		/* what was left out before stays out */
		if (!(which & 2))
			assert_true(world_shrink_by(fails_by, &which, 2, &runs) & 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(worlds_are_safe_and_come_back),
		cmocka_unit_test(worlds_that_have_failed_do_not_again),
		cmocka_unit_test(the_same_seed_gives_the_same_story),
		cmocka_unit_test(what_is_left_out_does_not_happen),
		cmocka_unit_test(a_story_is_told),
		cmocka_unit_test(nothing_is_shrunk_that_holds),
		cmocka_unit_test(a_story_is_shrunk_to_what_is_needed),
	};

	return RUN(tests);
}
