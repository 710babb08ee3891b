/* SPDX-License-Identifier: Apache-2.0 */
/* Objects as numbers and texts. */
#include <ecring/coe.h>

#include "base/le.h"

#include <stdlib.h>
#include <string.h>

/* An object of exactly this size, little-endian, in the low bytes of the value. */
static int read_exactly(struct ecr_master *master, const char *slave, uint16_t index,
			uint8_t subindex, size_t size, uint64_t *value)
{
	uint8_t bytes[8] = { 0 };
	size_t got = size;
	int error = ecr_upload_sdo(master, slave, index, subindex, bytes, &got);

	*value = ecr_le64(bytes);
	if (error == ECR_ERR_BUFFER_TOO_SMALL || (!error && got != size))
		return ECR_ERR_TYPE_MISMATCH;
	return error;
}

static int write_exactly(struct ecr_master *master, const char *slave, uint16_t index,
			 uint8_t subindex, size_t size, uint64_t value)
{
	uint8_t bytes[8];

	ecr_put_le64(bytes, value);
	return ecr_download_sdo(master, slave, index, subindex, bytes, size);
}

/* `bits`: the unsigned type of the same size. */
#define ACCESS(name, type, bits) \
	int ecr_sdo_read_##name(struct ecr_master *master, const char *slave, uint16_t index, \
				uint8_t subindex, \
				type *value) /* NOLINT(bugprone-macro-parentheses): a type */ \
	{ \
		uint64_t raw; \
		int error = read_exactly(master, slave, index, subindex, sizeof(type), &raw); \
		bits cut = (bits)raw; \
\
		if (!error && value) \
			memcpy(value, &cut, sizeof(cut)); \
		return error || value ? error : ECR_ERR_INVALID_ARGUMENT; \
	} \
\
	int ecr_sdo_write_##name(struct ecr_master *master, const char *slave, uint16_t index, \
				 uint8_t subindex, type value) \
	{ \
		bits raw; \
\
		memcpy(&raw, &value, sizeof(raw)); \
		return write_exactly(master, slave, index, subindex, sizeof(type), raw); \
	}

ACCESS(u8, uint8_t, uint8_t)
ACCESS(u16, uint16_t, uint16_t)
ACCESS(u32, uint32_t, uint32_t)
ACCESS(u64, uint64_t, uint64_t)
ACCESS(i8, int8_t, uint8_t)
ACCESS(i16, int16_t, uint16_t)
ACCESS(i32, int32_t, uint32_t)
ACCESS(i64, int64_t, uint64_t)
ACCESS(f32, float, uint32_t)
ACCESS(f64, double, uint64_t)

/* A text that is longer than its announced room is read whole first: a slave sends all or nothing. */
static int read_cut(struct ecr_master *master, const char *slave, uint16_t index, uint8_t subindex,
		    char *text, size_t room, size_t size)
{
	char *whole = malloc(size);
	int error = whole ? ecr_upload_sdo(master, slave, index, subindex, whole, &size)
			  : ECR_ERR_NO_MEMORY;

	if (!error)
		memcpy(text, whole, size < room ? size : room);
	free(whole);
	return error ? error : ECR_ERR_BUFFER_TOO_SMALL;
}

int ecr_sdo_read_string(struct ecr_master *master, const char *slave, uint16_t index,
			uint8_t subindex, char *text, size_t room)
{
	size_t size;
	int error;

	if (!text || !room)
		return ECR_ERR_INVALID_ARGUMENT;
	memset(text, 0, room);
	size = room - 1;
	error = ecr_upload_sdo(master, slave, index, subindex, text, &size);
	if (error == ECR_ERR_BUFFER_TOO_SMALL)
		error = read_cut(master, slave, index, subindex, text, room - 1, size);
	return error;
}

int ecr_sdo_write_string(struct ecr_master *master, const char *slave, uint16_t index,
			 uint8_t subindex, const char *text)
{
	return ecr_download_sdo(master, slave, index, subindex, text, text ? strlen(text) : 1);
}
