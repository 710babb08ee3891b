/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/coe_types.h"

#include <ecring/coe.h>

const char *ecr_coe_type_name(uint16_t data_type)
{
	switch (data_type) {
#define NAME(number, symbol, bits) \
	case number: \
		return #symbol;
		ECR_COE_TYPES(NAME)
#undef NAME
	default:
		return "";
	}
}

uint16_t ecr_coe_type_bits(uint16_t data_type)
{
	static const uint16_t sizes[] = {
#define BITS(number, symbol, bits) [number] = (bits),
		ECR_COE_TYPES(BITS)
#undef BITS
	};

	return data_type < sizeof(sizes) / sizeof(sizes[0]) ? sizes[data_type] : 0;
}
