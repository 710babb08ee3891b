/* SPDX-License-Identifier: Apache-2.0 */
/* The ground floor: arena, queue, little-endian, random numbers, text, histogram, timers. */
#include "support/check.h"

#include "base/arena.h"
#include "base/le.h"
#include "base/list.h"
#include "base/prng.h"
#include "base/text.h"
#include "job/timers.h"

#include <ecring/info.h>

#include <string.h>

static void an_arena_hands_out_aligned_zeros(void **state)
{
	uint8_t block[256];
	struct ecr_arena arena;
	uint8_t *a;
	uint8_t *b;

	(void)state;
	memset(block, 0xFF, sizeof(block));
	ecr_arena_init(&arena, block + 1, sizeof(block) - 1);
	a = ECR_TAKE(&arena, uint8_t, 5);
	b = ECR_TAKE(&arena, uint8_t, 20);
	assert_non_null(a);
	assert_int_equal((uintptr_t)a % 16, 0);
	assert_int_equal(b - a, 16);
	for (int i = 0; i < 20; i++)
		assert_int_equal(b[i], 0);
	assert_false(arena.exhausted);
	assert_null(ECR_TAKE(&arena, uint8_t, 256));
	assert_true(arena.exhausted);
	assert_null(ECR_TAKE(&arena, uint8_t, 1)); /* stays so: nobody builds on half a plan */
}

/* What is counted without a block fits into a block of that size, and not into one byte less. */
static void an_arena_counts_what_it_needs(void **state)
{
	static _Alignas(16) uint8_t block[512];
	const size_t sizes[] = { 1, 16, 17, 100, 0, 64 };
	struct ecr_arena counting;
	struct ecr_arena arena;

	(void)state;
	ecr_arena_init(&counting, NULL, 0);
	for (size_t i = 0; i < 6; i++)
		assert_null(ecr_arena_take(&counting, 1, sizes[i]));
	assert_false(counting.exhausted);
	for (int less = 0; less < 2; less++) {
		ecr_arena_init(&arena, block, counting.used - (size_t)less);
		for (size_t i = 0; i < 6; i++)
			ecr_arena_take(&arena, 1, sizes[i]);
		assert_int_equal(arena.exhausted, less);
	}
	ecr_arena_init(&arena, block, sizeof(block));
	assert_null(ecr_arena_take(&arena, SIZE_MAX / 2, 3)); /* the product does not wrap */
	assert_true(arena.exhausted);
}

static void a_queue_keeps_its_order(void **state)
{
	struct ecr_link links[3];
	struct ecr_list list = { 0 };

	(void)state;
	assert_true(ecr_list_empty(&list));
	assert_null(ecr_list_pop(&list));
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 3; i++)
			ecr_list_push(&list, &links[i]);
		assert_int_equal(ecr_list_count(&list), 3);
		for (int i = 0; i < 3; i++)
			assert_ptr_equal(ecr_list_pop(&list), &links[i]);
		assert_true(ecr_list_empty(&list));
		assert_int_equal(ecr_list_count(&list), 0);
	}
}

static void little_endian_at_any_address(void **state)
{
	const uint8_t wanted[] = { 0, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11 };
	uint8_t bytes[9] = { 0 };

	(void)state;
	assert_int_equal(ecr_le16(wanted + 1), 0x7788);
	assert_int_equal(ecr_le32(wanted + 1), 0x55667788);
	assert_true(ecr_le64(wanted + 1) == 0x1122334455667788u);
	ecr_put_le64(bytes + 1, 0x1122334455667788u);
	assert_memory_equal(bytes, wanted, sizeof(wanted));
	memset(bytes, 0, sizeof(bytes));
	ecr_put_le16(bytes + 1, 0x7788);
	ecr_put_le32(bytes + 3, 0x33445566);
	assert_memory_equal(bytes, wanted, 7);
	assert_int_equal(bytes[7], 0);
}

/* The published first values of splitmix64 from 1234567: a seed means the same sequence everywhere. */
static void random_numbers_are_the_published_ones(void **state)
{
	const uint64_t wanted[] = { 6457827717110365317u, 3203168211198807973u,
				    9817491932198370423u, 4593380528125082431u };
	struct ecr_prng prng = { 1234567 };

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_true(ecr_prng_next(&prng) == wanted[i]);
}

static void random_numbers_stay_in_their_range(void **state)
{
	struct ecr_prng prng = { 3 };
	unsigned int seen[6] = { 0 };
	unsigned int hits = 0;

	(void)state;
	assert_int_equal(ecr_prng_below(&prng, 0), 0);
	assert_int_equal(ecr_prng_between(&prng, 9, 3), 9);
	for (int i = 0; i < 6000; i++) {
		uint32_t value = ecr_prng_between(&prng, 10, 15);

		assert_in_range(value, 10, 15);
		seen[value - 10]++;
		assert_false(ecr_prng_chance(&prng, 0));
		assert_true(ecr_prng_chance(&prng, 1000000));
		hits += ecr_prng_chance(&prng, 250000);
	}
	for (int i = 0; i < 6; i++)
		assert_in_range(seen[i], 800, 1200);
	assert_in_range(hits, 1300, 1700);
}

static void text_is_cut_and_terminated(void **state)
{
	char buffer[32];
	struct ecr_text text;

	(void)state;
	ecr_text_init(&text, buffer, sizeof(buffer));
	ecr_text_string(&text, "slave ");
	ecr_text_decimal(&text, 0);
	ecr_text_char(&text, ' ');
	ecr_text_decimal(&text, UINT64_MAX);
	assert_string_equal(buffer, "slave 0 18446744073709551615");
	assert_false(text.cut);
	ecr_text_hex(&text, 0xBEEF, 4);
	assert_string_equal(buffer, "slave 0 18446744073709551615bee");
	assert_true(text.cut);
	ecr_text_init(&text, buffer, 1);
	ecr_text_string(&text, "x");
	assert_string_equal(buffer, "");
	assert_true(text.cut);
	ecr_text_init(&text, NULL, 0);
	ecr_text_hex(&text, 1, 2);
	assert_true(text.cut);
	assert_true(ecr_text_equal("ab", "ab") && ecr_text_equal("", ""));
	assert_false(ecr_text_equal("ab", "abc") || ecr_text_equal("abc", "ab"));
}

static void a_histogram_answers_within_a_quarter_octave(void **state)
{
	struct ecr_histogram histogram = { 0 };

	(void)state;
	assert_int_equal(ecr_histogram_at(&histogram, 5000), 0);
	assert_int_equal(ecr_histogram_floor(0), 0);
	assert_int_equal(ecr_histogram_floor(1), 1000);
	assert_int_equal(ecr_histogram_floor(2), 1250);
	assert_int_equal(ecr_histogram_floor(5), 2000);
	for (int64_t us = 1; us <= 1000; us++)
		ecr_histogram_add(&histogram, us * 1000);
	assert_int_equal(histogram.count, 1000);
	assert_int_equal(histogram.min_ns, 1000);
	assert_int_equal(histogram.max_ns, 1000000);
	assert_in_range(ecr_histogram_at(&histogram, 5000), 500000, 625000);
	assert_in_range(ecr_histogram_at(&histogram, 9900), 990000, 1000000);
	assert_int_equal(ecr_histogram_at(&histogram, 10000), 1000000);
}

static void a_histogram_has_room_for_the_extremes(void **state)
{
	struct ecr_histogram histogram = { 0 };

	(void)state;
	ecr_histogram_add(&histogram, -5);
	ecr_histogram_add(&histogram, INT64_MAX);
	assert_int_equal(histogram.bins[0], 1);
	assert_int_equal(histogram.bins[ECR_HISTOGRAM_BINS - 1], 1);
	assert_true(ecr_histogram_at(&histogram, 10000) == INT64_MAX);
}

static void timers_fire_in_order(void **state)
{
	struct ecr_timer *heap[8];
	struct ecr_timer timer[8] = { 0 };
	struct ecr_timers timers;
	const ecr_time at[8] = { 50, 20, 20, 90, 10, 20, 70, 10 };
	const int order[8] = { 4, 7, 1, 2, 5, 0, 6, 3 };

	(void)state;
	ecr_timers_init(&timers, heap, 8);
	assert_true(ecr_timers_next(&timers) == ECR_NEVER);
	for (int i = 0; i < 8; i++)
		ecr_timer_set(&timers, &timer[i], at[i]);
	assert_null(ecr_timers_due(&timers, 9));
	for (int i = 0; i < 8; i++) {
		assert_true(ecr_timers_next(&timers) == at[order[i]]);
		assert_ptr_equal(ecr_timers_due(&timers, 100), &timer[order[i]]);
	}
	assert_null(ecr_timers_due(&timers, 100));
}

/* Random setting, moving and clearing against a plain table. */
static void timers_agree_with_a_table(void **state)
{
	enum { COUNT = 20 };
	struct ecr_timer *heap[COUNT];
	struct ecr_timer timer[COUNT] = { 0 };
	ecr_time set[COUNT];
	struct ecr_timers timers;
	struct ecr_prng prng = { 11 };

	(void)state;
	ecr_timers_init(&timers, heap, COUNT);
	for (int i = 0; i < COUNT; i++)
		set[i] = ECR_NEVER;
	for (int round = 0; round < 20000; round++) {
		uint32_t i = ecr_prng_below(&prng, COUNT);
		ecr_time first = ECR_NEVER;
		struct ecr_timer *due;

		if (ecr_prng_below(&prng, 3)) {
			set[i] = (ecr_time)ecr_prng_below(&prng, 1000);
			ecr_timer_set(&timers, &timer[i], set[i]);
		} else {
			set[i] = ECR_NEVER;
			ecr_timer_clear(&timers, &timer[i]);
		}
		for (int k = 0; k < COUNT; k++)
			if (set[k] < first)
				first = set[k];
		assert_true(ecr_timers_next(&timers) == first);
		due = ecr_timers_due(&timers, 200);
		assert_true(!!due == (first <= 200));
		if (due) {
			assert_true(set[due - timer] == first);
			set[due - timer] = ECR_NEVER;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_arena_hands_out_aligned_zeros),
		cmocka_unit_test(an_arena_counts_what_it_needs),
		cmocka_unit_test(a_queue_keeps_its_order),
		cmocka_unit_test(little_endian_at_any_address),
		cmocka_unit_test(random_numbers_are_the_published_ones),
		cmocka_unit_test(random_numbers_stay_in_their_range),
		cmocka_unit_test(text_is_cut_and_terminated),
		cmocka_unit_test(a_histogram_answers_within_a_quarter_octave),
		cmocka_unit_test(a_histogram_has_room_for_the_extremes),
		cmocka_unit_test(timers_fire_in_order),
		cmocka_unit_test(timers_agree_with_a_table),
	};

	return RUN(tests);
}
