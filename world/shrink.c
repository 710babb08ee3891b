/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the things that happen are needed for a world to fail: halves are left out, then quarters, then single ones. */
#include "world/world.h"

#include <string.h>

struct failing_world {
	uint64_t seed;
	const char *checker;
};

/* By the same checker as before, once there is one. */
static bool world_fails(void *context, uint64_t left_out, int *entries)
{
	struct failing_world *world = context;
	struct world_options options = { .seed = world->seed, .left_out = left_out };
	struct world_result result = { 0 };

	if (!world_run(&options, &result))
		return false;
	*entries = result.entries;
	if (result.failed && !world->checker)
		world->checker = result.checker;
	return result.failed && strcmp(result.checker, world->checker) == 0;
}

/* `count` entries from `first` on that are not left out yet. */
static uint64_t next_part(uint64_t left_out, int *first, int count, int entries)
{
	uint64_t part = 0;

	for (; *first < entries && count; ++*first) {
		uint64_t bit = (uint64_t)1 << *first;

		count -= !(left_out & bit);
		part |= bit & ~left_out;
	}
	return part;
}

uint64_t world_shrink_by(world_fails_fn *fails, void *context, uint64_t left_out, int *runs)
{
	int entries = 0;
	int count;

	*runs = 1;
	if (!fails(context, left_out, &entries))
		return left_out;
	count = (entries + 1) / 2;
	while (count > 0) {
		bool any = false;

		for (int first = 0; first < entries;) {
			uint64_t part = next_part(left_out, &first, count, entries);

			*runs += part != 0;
			if (!part || !fails(context, left_out | part, &entries))
				continue;
			left_out |= part;
			any = true;
		}
		if (count == 1 && !any)
			break;
		count = count > 1 ? count / 2 : 1;
	}
	return left_out;
}

uint64_t world_shrink(uint64_t seed, uint64_t left_out, int *runs)
{
	struct failing_world world = { .seed = seed };
	int ignored;

	return world_shrink_by(world_fails, &world, left_out, runs ? runs : &ignored);
}
