/* SPDX-License-Identifier: Apache-2.0 */
/* Random trees of simulated slaves. */
#ifndef WORLD_TREES_H
#define WORLD_TREES_H

#include "base/prng.h"

#include <ecring/sim.h>

#define TREE_MOST 200

/* Hangs slave after slave behind the one before it or further up, at ports in the order in which frames
 * visit them (0-3-1-2), so that the ring's order is that of the array. `hops`, from the first slave on,
 * may be NULL. */
void tree_draw(struct ecr_prng *prng, struct ecr_sim_device *devices, int count, int *hops);

#endif
