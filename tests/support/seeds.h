/* SPDX-License-Identifier: Apache-2.0 */
/* How many seeds a test draws: ECRING_WORLD_SEEDS, as many of them for each test as it has for
 * 50 worlds; ECRING_WORLD_SEED replays a single one. */
#ifndef TESTS_SUPPORT_SEEDS_H
#define TESTS_SUPPORT_SEEDS_H

#include "base/prng.h"

#include <stdlib.h>

#define SEEDS_WORLDS 50u /* of test_world without the environment */

static inline uint64_t seeds_number(const char *variable, uint64_t otherwise)
{
	const char *text = getenv(variable);

	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

static inline uint64_t seeds_first(void)
{
	return seeds_number("ECRING_WORLD_SEED", 1);
}

static inline uint64_t seeds_end(uint64_t usual)
{
	uint64_t worlds = seeds_number("ECRING_WORLD_SEEDS", SEEDS_WORLDS);
	uint64_t count = usual * worlds / SEEDS_WORLDS;

	if (getenv("ECRING_WORLD_SEED"))
		return seeds_first() + 1;
	return seeds_first() + (count ? count : 1);
}

static inline struct ecr_prng seeds_prng(uint64_t number)
{
	return (struct ecr_prng){ number * 0x9E3779B97F4A7C15u + 1 };
}

/* A loop over the seeds; `usual` of them for 50 worlds. */
#define SEEDS_EACH(number, usual) \
	for (uint64_t number = seeds_first(), end_ = seeds_end(usual); number < end_; number++)

#endif
