/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <string.h>

/* In builds that look for mistakes nonsense for one element more lies behind each array. */
static size_t gap(size_t size)
{
#ifdef ECR_ARENA_GAPS
	return size;
#else
	(void)size;
	return 0;
#endif
}

void ecr_arena_init(struct ecr_arena *arena, void *base, size_t size)
{
	size_t skip =
		base ? (ECR_ARENA_ALIGN - (uintptr_t)base % ECR_ARENA_ALIGN) % ECR_ARENA_ALIGN : 0;

	*arena = (struct ecr_arena){ .base = base, .size = size, .used = skip };
	arena->exhausted = base && skip > size;
}

void *ecr_arena_take(struct ecr_arena *arena, size_t count, size_t size)
{
	size_t bytes;
	void *memory;

	if (size != 0 && count > (SIZE_MAX / 2 - ECR_ARENA_ALIGN) / size) {
		arena->exhausted = true;
		return NULL;
	}
	bytes = (count * size + gap(size) + ECR_ARENA_ALIGN - 1) / ECR_ARENA_ALIGN *
		ECR_ARENA_ALIGN;
	if (!arena->base) {
		arena->used += bytes;
		return NULL;
	}
	if (arena->exhausted || bytes > arena->size - arena->used) {
		arena->exhausted = true;
		return NULL;
	}
	memory = arena->base + arena->used;
	arena->used += bytes;
	memset(memory, 0, bytes);
	memset((uint8_t *)memory + count * size, 0xA5, gap(size));
	return memory;
}
