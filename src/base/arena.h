/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A block of memory handed out front to back and released whole. Without a block (base NULL) an
 * arena only counts, so that one planning function both measures and builds.
 */
#ifndef ECR_BASE_ARENA_H
#define ECR_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ECR_ARENA_ALIGN 16u

struct ecr_arena {
	uint8_t *base; /* NULL: count only */
	size_t size;
	size_t used;
	bool exhausted; /* an allocation did not fit */
};

void ecr_arena_init(struct ecr_arena *arena, void *base, size_t size);

/* Zeroed memory aligned to 16 bytes, or NULL when counting or exhausted. */
void *ecr_arena_take(struct ecr_arena *arena, size_t count, size_t size);

#define ECR_TAKE(arena, type, count) ((type *)ecr_arena_take(arena, count, sizeof(type)))

#endif
