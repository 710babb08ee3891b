/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/sdo_abort.h"

#include <ecring/coe.h>

const char *ecr_sdo_abort_text(uint32_t abort_code)
{
	switch (abort_code) {
#define TEXT(code, symbol, text) \
	case code: \
		return text;
		ECR_SDO_ABORTS(TEXT)
#undef TEXT
	default:
		return "unknown abort code";
	}
}
