/* SPDX-License-Identifier: Apache-2.0 */
/* Bits in and out of an image, and what becomes of a value on its way into them. */
#define _DEFAULT_SOURCE
#include "base/le.h"
#include "base/prng.h"
#include "domain/pack.h"
#include "support/check.h"

#include <ecring/error.h>

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const struct ecr_driver plain = { 0 };

static int bit_of(const uint8_t *bytes, uint32_t at)
{
	return bytes[at / 8] >> at % 8 & 1;
}

/* Every place and length of up to four bytes, against bits taken one by one. */
static void bits_lie_where_they_are_said_to(void **state)
{
	struct ecr_prng prng = { 1 };
	uint8_t image[8], before[8], bytes[8], other[8];

	(void)state;
	for (uint32_t offset = 0; offset < 16; offset++) {
		for (uint32_t bits = 1; bits <= 32; bits++) {
			for (int i = 0; i < 8; i++) {
				image[i] = (uint8_t)ecr_prng_below(&prng, 256);
				other[i] = (uint8_t)ecr_prng_below(&prng, 256);
			}
			memset(bytes, 0xAA, sizeof(bytes));
			ecr_bits_get(image, offset, bits, bytes);
			for (uint32_t i = 0; i < (bits + 7) / 8 * 8; i++)
				assert_int_equal(bit_of(bytes, i),
						 i < bits ? bit_of(image, offset + i) : 0);
			assert_int_equal(bytes[(bits + 7) / 8], 0xAA);
			memcpy(before, image, sizeof(image));
			ecr_bits_put(image, offset, bits, other);
			for (uint32_t i = 0; i < 64; i++)
				assert_int_equal(bit_of(image, i),
						 i >= offset && i < offset + bits
							 ? bit_of(other, i - offset)
							 : bit_of(before, i));
			memcpy(image, before, sizeof(image));
			ecr_bits_copy(image, other, offset, bits);
			for (uint32_t i = 0; i < 64; i++)
				assert_int_equal(bit_of(image, i), i >= offset && i < offset + bits
									   ? bit_of(other, i)
									   : bit_of(before, i));
		}
	}
}

/* An image may end where its memory does. */
static void nothing_behind_the_bits_is_read(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *pages =
		mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint8_t *image = pages + page - 4;
	uint8_t bytes[4];

	(void)state;
	assert_ptr_not_equal(pages, MAP_FAILED);
	assert_int_equal(mprotect(pages + page, page, PROT_NONE), 0);
	memset(image, 0xFF, 4);
	for (uint32_t bits = 1; bits <= 32; bits++) {
		ecr_bits_get(image, 32 - bits, bits, bytes);
		for (uint32_t i = 0; i < bits; i++)
			assert_int_equal(bit_of(bytes, i), 1);
		ecr_bits_put(image, 32 - bits, bits, bytes);
		ecr_bits_copy(image, image, 32 - bits, bits);
	}
	munmap(pages, 2 * page);
}

static int encode(enum ecr_type type, uint16_t bits, struct ecr_value value, uint64_t *raw)
{
	const struct ecr_signal_model signal = { .type = type };
	uint8_t bytes[ECR_VALUE_BYTES] = { 0 };
	int error = ecr_value_encode(&plain, NULL, &signal, bits, &value, bytes);

	*raw = ecr_le64(bytes);
	return error;
}

static struct ecr_value decoded(enum ecr_type type, uint16_t bits, const uint8_t *bytes)
{
	const struct ecr_signal_model signal = { .type = type };
	struct ecr_value value;

	assert_int_equal(ecr_value_decode(&plain, NULL, &signal, bits, bytes, &value), 0);
	assert_int_equal(value.type, type);
	return value;
}

struct encoding {
	enum ecr_type type;
	uint16_t bits;
	struct ecr_value value;
	int error;
	uint64_t raw;
};

static void integers_that_do_not_fit_are_refused(void **state)
{
	const struct encoding cases[] = {
		{ ECR_TYPE_BOOL, 1, ecr_bool(true), 0, 1 },
		{ ECR_TYPE_BOOL, 1, ecr_unsigned(2), ECR_ERR_INVALID_VALUE, 0 },
		{ ECR_TYPE_UNSIGNED, 3, ecr_unsigned(7), 0, 7 },
		{ ECR_TYPE_UNSIGNED, 3, ecr_unsigned(8), ECR_ERR_INVALID_VALUE, 0 },
		{ ECR_TYPE_UNSIGNED, 12, ecr_unsigned(0xFFF), 0, 0xFFF },
		{ ECR_TYPE_UNSIGNED, 16, ecr_signed(-1), ECR_ERR_INVALID_VALUE, 0 },
		{ ECR_TYPE_UNSIGNED, 16, ecr_signed(40000), 0, 40000 },
		{ ECR_TYPE_UNSIGNED, 16, ecr_real(1), ECR_ERR_INVALID_VALUE, 0 },
		{ ECR_TYPE_UNSIGNED, 64, ecr_unsigned(UINT64_MAX), 0, UINT64_MAX },
		{ ECR_TYPE_SIGNED, 8, ecr_signed(-128), 0, 0x80 },
		{ ECR_TYPE_SIGNED, 8, ecr_signed(-129), ECR_ERR_INVALID_VALUE, 0 },
		{ ECR_TYPE_SIGNED, 8, ecr_signed(127), 0, 127 },
		{ ECR_TYPE_SIGNED, 8, ecr_unsigned(128), ECR_ERR_INVALID_VALUE, 0 },
		{ ECR_TYPE_SIGNED, 12, ecr_signed(-2), 0, 0xFFE },
		{ ECR_TYPE_SIGNED, 64, ecr_signed(INT64_MIN), 0, (uint64_t)1 << 63 },
		{ ECR_TYPE_SIGNED, 64, ecr_unsigned((uint64_t)1 << 63), ECR_ERR_INVALID_VALUE, 0 },
	};
	uint64_t raw;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct encoding *each = &cases[i];
		uint64_t mask = each->bits < 64 ? ((uint64_t)1 << each->bits) - 1 : UINT64_MAX;

		assert_int_equal(encode(each->type, each->bits, each->value, &raw), each->error);
		if (!each->error)
			assert_int_equal(raw & mask, each->raw);
	}
}

static void real_numbers_have_32_or_64_bits(void **state)
{
	static const uint8_t half[] = { 0, 0, 0, 0x3F };
	static const uint8_t wide[] = { 0, 0, 0, 0, 0, 0, 0xF8, 0xBF };
	uint64_t raw;

	(void)state;
	assert_int_equal(encode(ECR_TYPE_FLOAT, 32, ecr_real(0.5), &raw), 0);
	assert_int_equal(raw, 0x3F000000);
	assert_int_equal(encode(ECR_TYPE_FLOAT, 64, ecr_real(-1.5), &raw), 0);
	assert_int_equal(raw, 0xBFF8000000000000);
	assert_int_equal(encode(ECR_TYPE_FLOAT, 32, ecr_signed(-2), &raw), 0);
	assert_int_equal(raw, 0xC0000000);
	assert_int_equal(encode(ECR_TYPE_FLOAT, 32, ecr_unsigned(2), &raw), 0);
	assert_int_equal(raw, 0x40000000);
	assert_int_equal(encode(ECR_TYPE_FLOAT, 16, ecr_real(1), &raw), ECR_ERR_INVALID_VALUE);
	assert_int_equal(encode(ECR_TYPE_FLOAT, 32, ecr_bool(true), &raw), ECR_ERR_INVALID_VALUE);
	assert_true(decoded(ECR_TYPE_FLOAT, 32, half).real == 0.5);
	assert_true(decoded(ECR_TYPE_FLOAT, 64, wide).real == -1.5);
}

static void bytes_go_as_they_are(void **state)
{
	static const struct ecr_value word = { .type = ECR_TYPE_BYTES,
					       .size = 2,
					       .bytes = { 1, 2 } };
	static const struct ecr_value nothing = { .type = ECR_TYPE_BYTES };
	static const uint8_t many[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
	struct ecr_value back;
	uint64_t raw;

	(void)state;
	assert_int_equal(encode(ECR_TYPE_BYTES, 32, word, &raw), 0);
	assert_int_equal(raw, 0x0201);
	assert_int_equal(encode(ECR_TYPE_BYTES, 9, word, &raw), 0);
	assert_int_equal(encode(ECR_TYPE_BYTES, 8, word, &raw), ECR_ERR_INVALID_VALUE);
	assert_int_equal(encode(ECR_TYPE_BYTES, 16, ecr_unsigned(1), &raw), ECR_ERR_INVALID_VALUE);
	assert_int_equal(encode(ECR_TYPE_BYTES, 16, nothing, &raw),
			 1); /* leaves what was written */
	back = decoded(ECR_TYPE_BYTES, 12, word.bytes);
	assert_int_equal(back.size, 2);
	assert_memory_equal(back.bytes, word.bytes, 2);
	back = decoded(ECR_TYPE_BYTES, 128, many);
	assert_int_equal(back.size, 16);
	assert_memory_equal(back.bytes, many, 16);
}

static void integers_come_back(void **state)
{
	static const uint8_t bytes[8] = { 0xFE, 0x0F, 0x80, 0, 0, 0, 0, 0x80 };

	(void)state;
	assert_true(decoded(ECR_TYPE_BOOL, 1, (const uint8_t[8]){ 1 }).boolean);
	assert_false(decoded(ECR_TYPE_BOOL, 1, (const uint8_t[8]){ 0 }).boolean);
	assert_int_equal(decoded(ECR_TYPE_UNSIGNED, 12, bytes).u, 0xFFE);
	assert_int_equal(decoded(ECR_TYPE_SIGNED, 12, bytes).i, -2);
	assert_int_equal(decoded(ECR_TYPE_SIGNED, 16, bytes).i, 0x0FFE);
	assert_int_equal(decoded(ECR_TYPE_UNSIGNED, 64, bytes).u, 0x8000000000800FFE);
	assert_true(decoded(ECR_TYPE_SIGNED, 64, bytes).i < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bits_lie_where_they_are_said_to),
		cmocka_unit_test(nothing_behind_the_bits_is_read),
		cmocka_unit_test(integers_that_do_not_fit_are_refused),
		cmocka_unit_test(real_numbers_have_32_or_64_bits),
		cmocka_unit_test(bytes_go_as_they_are),
		cmocka_unit_test(integers_come_back),
	};

	return RUN(tests);
}
