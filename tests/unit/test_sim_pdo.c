/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PDO assignment and mapping of a simulated device: what is written there is what the process image
 * holds, and what cannot be is refused (ETG.1000.6, 5.6.7.4; AL status codes of ETG.1020).
 */
#include "support/check.h"
#include "support/mailring.h"
#include "wire/al_status.h"
#include "wire/sdo_abort.h"

#include <string.h>

#define OUTPUTS 0x1C12
#define INPUTS 0x1C13

static struct mailring mail;

static void begin(void)
{
	mailring_open(&mail, "analog_coe", NULL);
	assert_int_equal(mailring_go(&mail, ECR_AL_PREOP), ECR_AL_PREOP);
}

/* A list, as masters write it: emptied, filled, counted. False where the device says no. */
static bool write_list(uint16_t index, const uint32_t *values, uint8_t count, size_t size)
{
	bool good = mailring_set(&mail, index, 0, 0, 1);

	for (uint8_t i = 0; i < count && good; i++)
		good = mailring_set(&mail, index, (uint8_t)(i + 1), values[i], size);
	return good && mailring_set(&mail, index, 0, count, 1);
}

static uint16_t try_safeop(uint16_t outputs, uint16_t inputs)
{
	mailring_set_sm(&mail, 2, outputs);
	mailring_set_sm(&mail, 3, inputs);
	return mailring_go(&mail, ECR_AL_SAFEOP);
}

static void another_assignment_changes_the_image(void **state)
{
	static const uint32_t compact[] = { 0x1A03, 0x1A01 };
	uint8_t image[4];

	(void)state;
	begin();
	assert_int_equal(ecr_sim_bits(mail.ring.sim, 0, ECR_INPUT), 64);
	assert_true(write_list(INPUTS, compact, 2, 2));
	assert_int_equal(ecr_sim_bits(mail.ring.sim, 0, ECR_INPUT), 32);
	assert_int_equal(try_safeop(4, 8), ECR_AL_PREOP | ECR_AL_ERROR);
	assert_int_equal(mailring_al_code(&mail), ECR_AL_CODE_INPUTS);
	assert_int_equal(try_safeop(4, 4), ECR_AL_SAFEOP);
	assert_true(ecr_sim_set_input(mail.ring.sim, 0, 0, 16, 0x1122));
	assert_true(ecr_sim_set_input(mail.ring.sim, 0, 16, 16, 0x3344));
	assert_int_equal(simring_read(&mail.ring, 0, 0x1180, image, 4), 1);
	assert_memory_equal(image, "\x22\x11\x44\x33", 4);
	assert_int_equal(mailring_get(&mail, 0x6010, 17), 0x1122);
	assert_int_equal(mailring_get(&mail, 0x6000, 17), 0x3344);
	mailring_close(&mail);
}

static void nothing_assigned_is_a_device_without_inputs(void **state)
{
	(void)state;
	begin();
	assert_true(write_list(INPUTS, NULL, 0, 2));
	assert_int_equal(try_safeop(4, 0), ECR_AL_SAFEOP);
	mailring_close(&mail);
}

static void another_mapping_changes_the_image(void **state)
{
	static const uint32_t entries[] = { 0x60001110, 0x00000007, 0x60000101, 0x60101110 };
	static const uint32_t assigned[] = { 0x1A01 };

	(void)state;
	begin();
	assert_true(write_list(0x1A01, entries, 4, 4));
	assert_true(write_list(INPUTS, assigned, 1, 2));
	assert_int_equal(ecr_sim_bits(mail.ring.sim, 0, ECR_INPUT), 40);
	assert_int_equal(try_safeop(4, 5), ECR_AL_SAFEOP);
	assert_true(ecr_sim_set_input(mail.ring.sim, 0, 23, 1, 1));
	assert_true(ecr_sim_set_input(mail.ring.sim, 0, 24, 16, 0xABCD));
	assert_int_equal(mailring_get(&mail, 0x6000, 1), 1);
	assert_int_equal(mailring_get(&mail, 0x6010, 17), 0xABCD);
	mailring_close(&mail);
}

static void outputs_reach_their_objects(void **state)
{
	static const uint32_t swapped[] = { 0x1601, 0x1600 };
	static const uint8_t image[] = { 1, 0x10, 2, 0x20 };
	uint64_t value;

	(void)state;
	begin();
	assert_true(write_list(OUTPUTS, swapped, 2, 2));
	assert_int_equal(try_safeop(4, 8), ECR_AL_SAFEOP);
	assert_int_equal(mailring_go(&mail, ECR_AL_OP), ECR_AL_OP);
	assert_int_equal(simring_write(&mail.ring, 0, 0x1100, image, sizeof(image)), 1);
	assert_true(ecr_sim_get_output(mail.ring.sim, 0, 16, 16, &value));
	assert_int_equal(value, 0x2002);
	assert_int_equal(mailring_get(&mail, 0x7010, 1), 0x1001);
	assert_int_equal(mailring_get(&mail, 0x7000, 1), 0x2002);
	mailring_close(&mail);
}

static void wrong_assignments_are_refused(void **state)
{
	static const struct {
		uint16_t index;
		uint32_t values[2];
		uint8_t count;
		uint32_t code;
	} cases[] = {
		{ INPUTS, { 0x1A09 }, 1, ECR_SDO_ABORT_VALUE_RANGE }, /* no such PDO */
		{ INPUTS, { 0x1600 }, 1, ECR_SDO_ABORT_VALUE_RANGE }, /* the other way */
		{ OUTPUTS, { 0x1A00 }, 1, ECR_SDO_ABORT_VALUE_RANGE },
		{ INPUTS, { 0x1A00, 0x1A00 }, 2, ECR_SDO_ABORT_INCOMPATIBLE_PARAMETER },
	};

	(void)state;
	begin();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_false(write_list(cases[i].index, cases[i].values, cases[i].count, 2));
		assert_int_equal(mail.abort_code, cases[i].code);
	}
	assert_false(mailring_set(&mail, INPUTS, 0, 5, 1)); /* more than there are */
	assert_int_equal(mail.abort_code, ECR_SDO_ABORT_VALUE_TOO_HIGH);
	mailring_close(&mail);
}

static void wrong_mappings_are_refused(void **state)
{
	static const struct {
		uint32_t entry;
		uint32_t code;
	} cases[] = {
		{ 0x65000110, ECR_SDO_ABORT_NO_OBJECT },
		{ 0x60001210, ECR_SDO_ABORT_NO_OBJECT },    /* no such subindex */
		{ 0x60001108, ECR_SDO_ABORT_NOT_MAPPABLE }, /* not so long */
		{ 0x70000110, ECR_SDO_ABORT_NOT_MAPPABLE }, /* an output */
		{ 0x10180120, ECR_SDO_ABORT_NOT_MAPPABLE },
	};

	(void)state;
	begin();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_false(write_list(0x1A01, &cases[i].entry, 1, 4));
		assert_int_equal(mail.abort_code, cases[i].code);
	}
	mailring_close(&mail);
}

static void a_list_in_use_and_a_device_in_use_are_left_alone(void **state)
{
	(void)state;
	begin();
	assert_false(mailring_set(&mail, INPUTS, 1, 0x1A01, 2));
	assert_int_equal(mail.abort_code, ECR_SDO_ABORT_SUBINDEX_ZERO);
	assert_int_equal(try_safeop(4, 8), ECR_AL_SAFEOP);
	assert_false(mailring_set(&mail, INPUTS, 0, 0, 1));
	assert_int_equal(mail.abort_code, ECR_SDO_ABORT_DEVICE_STATE);
	assert_int_equal(mailring_get(&mail, INPUTS, 0), 2);
	mailring_close(&mail);
}

/* Fixed PDOs cannot be changed in any state. */
static void fixed_pdos_are_read_only(void **state)
{
	(void)state;
	mailring_open(&mail, "EL3202", NULL);
	assert_int_equal(mailring_go(&mail, ECR_AL_PREOP), ECR_AL_PREOP);
	assert_false(mailring_set(&mail, INPUTS, 0, 0, 1));
	assert_int_equal(mail.abort_code, ECR_SDO_ABORT_READ_ONLY);
	assert_false(mailring_set(&mail, 0x1A00, 0, 0, 1));
	assert_int_equal(mail.abort_code, ECR_SDO_ABORT_READ_ONLY);
	mailring_close(&mail);
}

/* 32 x 16 bits are more than the third of the memory between 0x1100 and 0x1180. */
static void what_does_not_fit_is_refused_where_it_shows(void **state)
{
	static const uint32_t one[] = { 0x1600 };
	static const uint32_t two[] = { 0x1600, 0x1601 };
	uint32_t entries[32];

	(void)state;
	begin();
	for (size_t i = 0; i < 32; i++)
		entries[i] = 0x70000110;
	assert_true(write_list(OUTPUTS, one, 1, 2));
	assert_true(write_list(0x1601, entries, 32, 4)); /* fits nowhere, but is not assigned */
	assert_false(write_list(OUTPUTS, two, 2, 2));
	assert_int_equal(mail.abort_code, ECR_SDO_ABORT_PDO_LENGTH);
	assert_true(write_list(OUTPUTS, one, 1, 2));
	assert_true(write_list(0x1600, entries, 32, 4)); /* grows under its assignment */
	assert_int_equal(try_safeop(64, 8), ECR_AL_PREOP | ECR_AL_ERROR);
	assert_int_equal(mailring_al_code(&mail), ECR_AL_CODE_OUTPUT_MAPPING);
	mailring_close(&mail);
}

static void an_assignment_can_be_written_as_a_whole(void **state)
{
	static const uint8_t good[] = { 2, 0, 0x01, 0x1A, 0x03, 0x1A };
	static const uint8_t bad[] = { 2, 0, 0x01, 0x1A, 0x09, 0x1A };
	uint8_t bytes[16];

	(void)state;
	begin();
	assert_true(mailring_download(&mail, INPUTS, 0, true, good, sizeof(good)));
	assert_int_equal(ecr_sim_bits(mail.ring.sim, 0, ECR_INPUT), 32);
	assert_false(mailring_download(&mail, INPUTS, 0, true, bad, sizeof(bad)));
	assert_int_equal(mail.abort_code, ECR_SDO_ABORT_VALUE_RANGE);
	assert_int_equal(mailring_upload(&mail, INPUTS, 0, true, bytes, sizeof(bytes)), 6);
	assert_memory_equal(bytes, good, sizeof(good));
	assert_int_equal(ecr_sim_bits(mail.ring.sim, 0, ECR_INPUT), 32);
	mailring_close(&mail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_assignment_changes_the_image),
		cmocka_unit_test(nothing_assigned_is_a_device_without_inputs),
		cmocka_unit_test(another_mapping_changes_the_image),
		cmocka_unit_test(outputs_reach_their_objects),
		cmocka_unit_test(wrong_assignments_are_refused),
		cmocka_unit_test(wrong_mappings_are_refused),
		cmocka_unit_test(a_list_in_use_and_a_device_in_use_are_left_alone),
		cmocka_unit_test(fixed_pdos_are_read_only),
		cmocka_unit_test(what_does_not_fit_is_refused_where_it_shows),
		cmocka_unit_test(an_assignment_can_be_written_as_a_whole),
	};

	return RUN(tests);
}
