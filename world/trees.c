/* SPDX-License-Identifier: Apache-2.0 */
#include "world/trees.h"

static int draw_parent(struct ecr_prng *prng, const struct ecr_sim_device *devices,
		       const uint8_t *used, int number)
{
	int at = number - 1;

	while (at && !ecr_prng_below(prng, 4))
		at = devices[at].parent - 1;
	return used[at] == 3 ? number - 1 : at;
}

void tree_draw(struct ecr_prng *prng, struct ecr_sim_device *devices, int count, int *hops)
{
	static const uint8_t order[] = { 0, 3, 1, 2 };
	uint8_t used[TREE_MOST] = { 0 };

	for (int i = 1; i < count; i++) {
		int parent = draw_parent(prng, devices, used, i);

		used[parent] =
			(uint8_t)(used[parent] + 1 + ecr_prng_below(prng, 3u - used[parent]));
		devices[i].parent = parent + 1;
		devices[i].parent_port = order[used[parent]];
		if (hops)
			hops[i] = hops[parent] + 1;
	}
}
