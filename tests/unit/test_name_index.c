/* SPDX-License-Identifier: Apache-2.0 */
/* Signals found by name: every one of a large ring, no other, the first of several alike. */
#include "support/check.h"

#include "port/view.h"

#include <stdio.h>
#include <stdlib.h>

#define SLAVES 300u
#define SIGNALS 16u

static struct port_signal *signals;
static struct port_name_index names;

static void name(uint32_t number, const char *slave, const char *signal)
{
	snprintf(signals[number].slave, sizeof(signals[0].slave), "%s", slave);
	snprintf(signals[number].placed.model.name, sizeof(signals[0].placed.model.name), "%s",
		 signal);
}

static uint32_t find(const char *slave, const char *signal)
{
	uint32_t number = UINT32_MAX;

	return port_name_index_find(&names, slave, signal, &number) ? number : UINT32_MAX;
}

static void begin(uint32_t count)
{
	signals = calloc(count + 1, sizeof(*signals));
	assert_non_null(signals);
}

static void end(void)
{
	port_name_index_free(&names);
	free(signals);
}

static void each_of_a_large_ring_is_found(void **state)
{
	char slave[16];
	char signal[16];

	(void)state;
	begin(SLAVES * SIGNALS);
	for (uint32_t i = 0; i < SLAVES * SIGNALS; i++) {
		snprintf(slave, sizeof(slave), "slave%u", i / SIGNALS);
		snprintf(signal, sizeof(signal), "ch%u", i % SIGNALS + 1);
		name(i, slave, signal);
	}
	assert_true(port_name_index_make(&names, signals, SLAVES * SIGNALS));
	for (uint32_t i = 0; i < SLAVES * SIGNALS; i++)
		assert_int_equal(find(signals[i].slave, signals[i].placed.model.name), i);
	assert_int_equal(find("slave7", "ch17"), UINT32_MAX);
	assert_int_equal(find("slave300", "ch1"), UINT32_MAX);
	end();
}

static void the_names_do_not_run_together(void **state)
{
	(void)state;
	begin(3);
	name(0, "ab", "c");
	name(1, "a", "bc");
	name(2, "", "abc");
	assert_true(port_name_index_make(&names, signals, 3));
	assert_int_equal(find("ab", "c"), 0);
	assert_int_equal(find("a", "bc"), 1);
	assert_int_equal(find("", "abc"), 2);
	assert_int_equal(find("abc", ""), UINT32_MAX);
	end();
}

static void of_several_alike_it_is_the_first(void **state)
{
	(void)state;
	begin(3);
	name(0, "drive", "status");
	name(1, "drive", "position");
	name(2, "drive", "position");
	assert_true(port_name_index_make(&names, signals, 3));
	assert_int_equal(find("drive", "position"), 1);
	end();
}

static void without_signals_nothing_is_found(void **state)
{
	(void)state;
	begin(0);
	assert_true(port_name_index_make(&names, signals, 0));
	assert_int_equal(find("drive", "position"), UINT32_MAX);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_of_a_large_ring_is_found),
		cmocka_unit_test(the_names_do_not_run_together),
		cmocka_unit_test(of_several_alike_it_is_the_first),
		cmocka_unit_test(without_signals_nothing_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
