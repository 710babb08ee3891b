/* SPDX-License-Identifier: Apache-2.0 */
/* A small deterministic generator (splitmix64): same seed, same sequence, on every machine. */
#ifndef ECR_BASE_PRNG_H
#define ECR_BASE_PRNG_H

#include <stdbool.h>
#include <stdint.h>

struct ecr_prng {
	uint64_t state;
};

uint64_t ecr_prng_next(struct ecr_prng *prng);

/* Uniform in 0..bound-1; bound 0 gives 0. */
uint32_t ecr_prng_below(struct ecr_prng *prng, uint32_t bound);

/* Uniform in low..high, both included. */
uint32_t ecr_prng_between(struct ecr_prng *prng, uint32_t low, uint32_t high);

/* True in `parts` of a million cases. */
bool ecr_prng_chance(struct ecr_prng *prng, uint32_t parts_per_million);

#endif
