/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/pack.h"

#include "base/le.h"

#include <ecring/error.h>

#include <string.h>

void ecr_bits_get(const uint8_t *image, uint32_t bit_offset, uint32_t bits, uint8_t *bytes)
{
	const uint8_t *from = image + bit_offset / 8;
	uint32_t shift = bit_offset % 8;
	uint32_t count = (bits + 7) / 8;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t left = bits - i * 8;
		unsigned int value = from[i] >> shift;

		if (shift && left > 8 - shift)
			value |= (unsigned int)from[i + 1] << (8 - shift);
		if (left < 8)
			value &= (1u << left) - 1;
		bytes[i] = (uint8_t)value;
	}
}

void ecr_bits_put(uint8_t *image, uint32_t bit_offset, uint32_t bits, const uint8_t *bytes)
{
	if (bit_offset % 8 == 0 && bits % 8 == 0) {
		memcpy(image + bit_offset / 8, bytes, bits / 8);
		return;
	}
	for (uint32_t i = 0; i < bits; i++) {
		uint32_t at = bit_offset + i;
		unsigned int bit = bytes[i / 8] >> i % 8 & 1;

		image[at / 8] = (uint8_t)((image[at / 8] & ~(1u << at % 8)) | bit << at % 8);
	}
}

static void copy_masked(uint8_t *to, uint8_t from, unsigned int mask)
{
	*to = (uint8_t)((*to & ~mask) | (from & mask));
}

void ecr_bits_copy(uint8_t *to, const uint8_t *from, uint32_t bit_offset, uint32_t bits)
{
	uint32_t first = bit_offset / 8;
	uint32_t last = (bit_offset + bits - 1) / 8;
	unsigned int head = 0xFFu << bit_offset % 8;
	unsigned int tail = 0xFFu >> (7 - (bit_offset + bits - 1) % 8);

	if (!bits)
		return;
	if (first == last) {
		copy_masked(&to[first], from[first], head & tail & 0xFFu);
		return;
	}
	copy_masked(&to[first], from[first], head & 0xFFu);
	memcpy(to + first + 1, from + first + 1, last - first - 1);
	copy_masked(&to[last], from[last], tail);
}

static int encode_integer(const struct ecr_signal_model *signal, uint16_t bits,
			  const struct ecr_value *value, uint64_t *raw)
{
	bool negative = value->type == ECR_TYPE_SIGNED && value->i < 0;
	uint64_t magnitude = value->type == ECR_TYPE_BOOL ? value->boolean : value->u;
	int64_t lowest = bits >= 64 ? INT64_MIN : -((int64_t)1 << (bits - 1));

	if (value->type < ECR_TYPE_BOOL || value->type > ECR_TYPE_SIGNED)
		return ECR_ERR_INVALID_VALUE;
	if (negative && (signal->type != ECR_TYPE_SIGNED || value->i < lowest))
		return ECR_ERR_INVALID_VALUE;
	if (!negative && signal->type == ECR_TYPE_SIGNED && bits < 65 && magnitude >> (bits - 1))
		return ECR_ERR_INVALID_VALUE;
	if (!negative && bits < 64 && magnitude >> bits)
		return ECR_ERR_INVALID_VALUE;
	*raw = magnitude;
	return 0;
}

static void put_raw(uint64_t raw, uint16_t bits, uint8_t *bytes)
{
	for (uint16_t i = 0; i < (bits + 7) / 8 && i < 8; i++)
		bytes[i] = (uint8_t)(raw >> 8 * i);
}

static int encode_float(uint16_t bits, const struct ecr_value *value, uint8_t *bytes)
{
	double real = value->type == ECR_TYPE_FLOAT    ? value->real
		      : value->type == ECR_TYPE_SIGNED ? (double)value->i
						       : (double)value->u;
	float single = (float)real;
	uint32_t raw32;
	uint64_t raw64;

	if (value->type < ECR_TYPE_UNSIGNED || value->type > ECR_TYPE_FLOAT ||
	    (bits != 32 && bits != 64))
		return ECR_ERR_INVALID_VALUE;
	memcpy(&raw32, &single, sizeof(raw32));
	memcpy(&raw64, &real, sizeof(raw64));
	put_raw(bits == 32 ? raw32 : raw64, bits, bytes);
	return 0;
}

static int encode_by_type(const struct ecr_signal_model *signal, uint16_t bits,
			  const struct ecr_value *value, uint8_t *bytes)
{
	uint64_t raw;
	int error;

	if (signal->type == ECR_TYPE_FLOAT)
		return encode_float(bits, value, bytes);
	if (signal->type == ECR_TYPE_BYTES) {
		if (value->type != ECR_TYPE_BYTES || value->size > (bits + 7) / 8)
			return ECR_ERR_INVALID_VALUE;
		memcpy(bytes, value->bytes, value->size);
		return value->size ? 0 : 1;
	}
	error = encode_integer(signal, bits, value, &raw);
	if (!error)
		put_raw(raw, bits, bytes);
	return error;
}

int ecr_value_encode(const struct ecr_driver *driver, const void *config,
		     const struct ecr_signal_model *signal, uint16_t bit_size,
		     const struct ecr_value *value, uint8_t *bytes)
{
	memset(bytes, 0, (bit_size + 7u) / 8);
	if (driver->encode)
		return driver->encode(config, signal, value, bytes);
	return encode_by_type(signal, bit_size, value, bytes);
}

static uint64_t get_raw(const uint8_t *bytes, uint16_t bits)
{
	uint64_t raw = 0;

	for (uint16_t i = 0; i < (bits + 7) / 8 && i < 8; i++)
		raw |= (uint64_t)bytes[i] << 8 * i;
	return raw;
}

static void decode_float(uint64_t raw, uint16_t bits, struct ecr_value *value)
{
	uint32_t raw32 = (uint32_t)raw;
	float single;

	if (bits == 32) {
		memcpy(&single, &raw32, sizeof(single));
		value->real = (double)single;
	} else {
		memcpy(&value->real, &raw, sizeof(value->real));
	}
}

int ecr_value_decode(const struct ecr_driver *driver, const void *config,
		     const struct ecr_signal_model *signal, uint16_t bit_size, const uint8_t *bytes,
		     struct ecr_value *value)
{
	uint64_t raw = get_raw(bytes, bit_size);

	*value = (struct ecr_value){ .type = signal->type };
	if (driver->decode)
		return driver->decode(config, signal, bytes, value);
	switch (signal->type) {
	case ECR_TYPE_BOOL:
		value->boolean = raw != 0;
		break;
	case ECR_TYPE_UNSIGNED:
		value->u = raw;
		break;
	case ECR_TYPE_SIGNED:
		if (bit_size < 64 && (raw >> (bit_size - 1) & 1))
			raw |= ~(uint64_t)0 << bit_size;
		memcpy(&value->i, &raw, sizeof(raw));
		break;
	case ECR_TYPE_FLOAT:
		decode_float(raw, bit_size, value);
		break;
	default:
		value->size = (uint16_t)((bit_size + 7) / 8 < ECR_VALUE_BYTES ? (bit_size + 7) / 8
									      : ECR_VALUE_BYTES);
		memcpy(value->bytes, bytes, value->size);
		break;
	}
	return 0;
}
