/* SPDX-License-Identifier: Apache-2.0 */
/* Times of clocks that count only 32 bits of nanoseconds, and so wrap every 4.3 s. */
#ifndef ECR_BASE_TIME32_H
#define ECR_BASE_TIME32_H

#include <stdint.h>

/* `a` - `b` of clocks that count 32 bits and are less than half of that apart. */
static inline int32_t ecr_time32_difference(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b);
}

/* The 64-bit time nearest to `near` whose low 32 bits are `low`. */
static inline uint64_t ecr_time64(uint32_t low, uint64_t near)
{
	return near + (uint64_t)(int64_t)ecr_time32_difference(low, (uint32_t)near);
}

#endif
