/* SPDX-License-Identifier: Apache-2.0 */
/* How fast worlds are told: worlds per minute of one core, and virtual seconds per second. */
#include "bench/common/bench.h"
#include "world/world.h"

#include <stdio.h>

#define BLOCKS 15
#define EACH 10 /* worlds of a block */

int main(void)
{
	size_t blocks = bench_quick() ? BLOCKS / 5 : BLOCKS;
	double per_minute[BLOCKS];
	double virtual_seconds[BLOCKS];
	struct bench_line line = { .bench = "worlds", .more_is_better = true };

	for (size_t i = 0; i < blocks; i++) {
		int64_t begin = bench_now();
		ecr_time lasted = 0;
		double took;

		for (unsigned int k = 0; k < EACH; k++) {
			const struct world_options options = { .seed = 1001 + i * EACH + k };
			struct world_result result;

			if (!world_run(&options, &result)) {
				bench_skip("worlds", "no memory");
				return 0;
			}
			lasted += result.lasted;
		}
		took = (double)(bench_now() - begin) / 1e9;
		per_minute[i] = EACH * 60 / took;
		virtual_seconds[i] = (double)lasted / 1e9 / took;
	}
	line.name = "worlds per minute";
	line.unit = "1/min";
	line.value = bench_middle(per_minute, blocks);
	bench_print(&line);
	line.name = "virtual seconds per second";
	line.unit = "s/s";
	line.value = line.ratio = bench_middle(virtual_seconds, blocks);
	line.floor = 1;
	line.floor_name = "real time";
	bench_print(&line);
	return 0;
}
