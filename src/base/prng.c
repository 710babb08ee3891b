/* SPDX-License-Identifier: Apache-2.0 */
#include "base/prng.h"

uint64_t ecr_prng_next(struct ecr_prng *prng)
{
	uint64_t z = prng->state += 0x9E3779B97F4A7C15u;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	z = (z ^ z >> 27) * 0x94D049BB133111EBu;
	return z ^ z >> 31;
}

uint32_t ecr_prng_below(struct ecr_prng *prng, uint32_t bound)
{
	return (uint32_t)((ecr_prng_next(prng) >> 32) * bound >> 32);
}

uint32_t ecr_prng_between(struct ecr_prng *prng, uint32_t low, uint32_t high)
{
	if (high <= low)
		return low;
	if (low == 0 && high == UINT32_MAX)
		return (uint32_t)(ecr_prng_next(prng) >> 32);
	return low + ecr_prng_below(prng, high - low + 1);
}

bool ecr_prng_chance(struct ecr_prng *prng, uint32_t parts_per_million)
{
	return ecr_prng_below(prng, 1000000) < parts_per_million;
}
