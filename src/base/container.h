/* SPDX-License-Identifier: Apache-2.0 */
/* From a pointer to a member to the structure that holds it. */
#ifndef ECR_BASE_CONTAINER_H
#define ECR_BASE_CONTAINER_H

#include <stddef.h>

#define ecr_container_of(pointer, type, member) \
	((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#endif
