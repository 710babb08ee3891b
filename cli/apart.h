/* SPDX-License-Identifier: Apache-2.0 */
/* Worlds in processes of their own: one that crashes, or has no end, fails like any other. */
#ifndef CLI_APART_H
#define CLI_APART_H

#include "world/world.h"

/* As world_run. */
bool cli_apart_run(const struct world_options *options, struct world_result *result);
/* As world_shrink. */
uint64_t cli_apart_shrink(uint64_t seed, uint64_t left_out, int *runs);

#endif
