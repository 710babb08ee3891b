/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An object whose subindex 0 counts equal entries behind it, as PDO assignment and mapping have:
 * read and written with complete access where the slave can, entry by entry otherwise.
 */
#ifndef ECR_SLAVE_OBJECT_ARRAY_H
#define ECR_SLAVE_OBJECT_ARRAY_H

#include "slave/whole.h"

#define ECR_ARRAY_MAX 254u

struct ecr_object_array {
	struct ecr_job job;
	struct ecr_transfer *transfer;
	struct ecr_whole *whole; /* for writing */
	uint16_t index;
	uint8_t width; /* of an entry, bytes: 1, 2 or 4 */
	uint8_t count;
	uint8_t at; /* subindex in work */
	bool may_complete;
	uint8_t bytes[2 + 4 * ECR_ARRAY_MAX]; /* as complete access brings them */
};

extern const struct ecr_step ecr_array_read_steps[];

struct ecr_job *ecr_array_read(struct ecr_object_array *array, uint16_t index, uint8_t width);
/* The entries and `count` have been put before. */
struct ecr_job *ecr_array_write(struct ecr_object_array *array, uint16_t index, uint8_t width);
/* Entry from 0 on. */
uint32_t ecr_array_get(const struct ecr_object_array *array, unsigned int number);
void ecr_array_put(struct ecr_object_array *array, uint8_t width, unsigned int number,
		   uint32_t value);

#endif
