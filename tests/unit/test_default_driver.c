/* SPDX-License-Identifier: Apache-2.0 */
/* What signals are called and of which type they are when nobody says so. */
#include "support/check.h"

#include <ecring/driver.h>

#include <string.h>

#define ENTRY(name_, bits, type) \
	{ \
		.index = 0x6000, .subindex = 1, .data_type = (type), .bit_size = (bits), \
		.name = name_ \
	}

enum { BOOLEAN = 1, INTEGER16 = 3, UNSIGNED16 = 6, REAL32 = 8 }; /* ETG.1000.6, data types */

static struct ecr_signal_model signals[16];

static int name_all(const struct ecr_pdo *pdos, uint16_t count)
{
	const struct ecr_pdo_list list = { pdos, count };
	int wanted = ecr_default_driver.signal_model(NULL, &list, NULL, 0);

	memset(signals, 0, sizeof(signals));
	assert_in_range(wanted, 0, 15);
	assert_int_equal(ecr_default_driver.signal_model(NULL, &list, signals, 16), wanted);
	assert_string_equal(signals[wanted].name, "");
	return wanted;
}

/* Small letters, digits and single underscores; the PDO's name in front when two are called the same, and
 * a number when that does not help. */
static void values_are_called_as_their_entries(void **state)
{
	static const struct ecr_pdo_entry entries[] = {
		ENTRY("Status__Limit 1", 1, BOOLEAN),
		ENTRY("Motor: speed [rpm]", 16, INTEGER16),
		{ .bit_size = 7, .name = "padding" },
		ENTRY("Motor: speed [rpm]", 16, UNSIGNED16),
		ENTRY("Motor: speed [rpm]", 32, REAL32),
		ENTRY("~~", 16, UNSIGNED16),
		ENTRY("", 16, UNSIGNED16),
	};
	static const struct ecr_pdo pdo[] = { { .index = 0x1A02,
						.sm = 3,
						.bit_size = 120,
						.name = "Axis@2",
						.entries = entries,
						.entry_count = 7 },
					      { .index = 0x1A03,
						.sm = 0xFF,
						.bit_size = 120,
						.name = "not assigned",
						.entries = entries,
						.entry_count = 7 } };

	(void)state;
	assert_int_equal(name_all(pdo, 2), 6);
	assert_string_equal(signals[0].name, "status_limit_1");
	assert_string_equal(signals[1].name, "motor_speed_rpm");
	assert_string_equal(signals[2].name, "axis_2_motor_speed_rpm");
	assert_string_equal(signals[3].name, "pdo_0x1a02_5");
	assert_int_equal(signals[0].type, ECR_TYPE_BOOL);
	assert_int_equal(signals[1].type, ECR_TYPE_SIGNED);
	assert_int_equal(signals[2].type, ECR_TYPE_UNSIGNED);
	assert_int_equal(signals[3].type, ECR_TYPE_FLOAT);
	assert_int_equal(signals[3].bit_size, 32);
	for (int i = 4; i < 6; i++) /* without a letter it still has a name of its own */
		for (int k = 0; k < i; k++)
			assert_string_not_equal(signals[i].name, signals[k].name);
}

static void single_bits_are_channels(void **state)
{
	static const struct ecr_pdo_entry bit[] = { ENTRY("Input", 1, BOOLEAN) };
	static const struct ecr_pdo pdos[] = {
		{ .index = 0x1A00, .bit_size = 1, .entries = bit, .entry_count = 1 },
		{ .index = 0x1A01, .bit_size = 1, .entries = bit, .entry_count = 1 },
		{ .index = 0x1600,
		  .direction = ECR_OUTPUT,
		  .sm = 1,
		  .bit_size = 1,
		  .entries = bit,
		  .entry_count = 1 },
	};

	(void)state;
	assert_int_equal(name_all(pdos, 2), 2);
	assert_string_equal(signals[0].name, "ch1");
	assert_string_equal(signals[1].name, "ch2");
	assert_int_equal(name_all(pdos, 3), 3);
	assert_string_equal(signals[1].name, "in2");
	assert_string_equal(signals[2].name, "out1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_called_as_their_entries),
		cmocka_unit_test(single_bits_are_channels),
	};

	return RUN(tests);
}
