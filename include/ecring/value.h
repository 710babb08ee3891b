/* SPDX-License-Identifier: Apache-2.0 */
/* The value of a signal. */
#ifndef ECRING_VALUE_H
#define ECRING_VALUE_H

#include <ecring/api.h>

enum ecr_type {
	ECR_TYPE_BYTES, /* up to ECR_VALUE_BYTES; in the process image as they are */
	ECR_TYPE_BOOL,
	ECR_TYPE_UNSIGNED,
	ECR_TYPE_SIGNED,
	ECR_TYPE_FLOAT, /* 32 or 64 bits in the process image */
};

#define ECR_VALUE_BYTES 64

struct ecr_value {
	enum ecr_type type;
	uint16_t size; /* of bytes */
	union {
		bool boolean;
		uint64_t u;
		int64_t i;
		double real;
		uint8_t bytes[ECR_VALUE_BYTES];
	};
};

static inline struct ecr_value ecr_bool(bool value)
{
	struct ecr_value v = { ECR_TYPE_BOOL, 0, { 0 } };

	v.boolean = value;
	return v;
}

static inline struct ecr_value ecr_unsigned(uint64_t value)
{
	struct ecr_value v = { ECR_TYPE_UNSIGNED, 0, { 0 } };

	v.u = value;
	return v;
}

static inline struct ecr_value ecr_signed(int64_t value)
{
	struct ecr_value v = { ECR_TYPE_SIGNED, 0, { 0 } };

	v.i = value;
	return v;
}

static inline struct ecr_value ecr_real(double value)
{
	struct ecr_value v = { ECR_TYPE_FLOAT, 0, { 0 } };

	v.real = value;
	return v;
}

#endif
