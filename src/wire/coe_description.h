/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the SDO information service says about an object and its entries (ETG.1000.6, 5.6.3.6 and
 * 5.6.3.8): the data behind the information header.
 */
#ifndef ECR_WIRE_COE_DESCRIPTION_H
#define ECR_WIRE_COE_DESCRIPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ecr_coe_object_description {
	uint16_t index;
	uint16_t data_type; /* enum ecr_coe_type */
	uint8_t max_subindex;
	uint8_t object_code;
	const char *name; /* not terminated when it was read */
	size_t name_length;
};

struct ecr_coe_entry_description {
	uint16_t index;
	uint8_t subindex;
	uint8_t value_info; /* which values stand before the name */
	uint16_t data_type;
	uint16_t bit_length;
	uint16_t access;
	const char *name; /* behind the values, if any were asked for */
	size_t name_length;
};

/* Readers: false when the data are too short. Builders: bytes, 0 when they do not fit. */
bool ecr_coe_get_object_description(const uint8_t *data, size_t length,
				    struct ecr_coe_object_description *object);
size_t ecr_coe_put_object_description(uint8_t *data, size_t size,
				      const struct ecr_coe_object_description *object);
bool ecr_coe_get_entry_description(const uint8_t *data, size_t length,
				   struct ecr_coe_entry_description *entry);
size_t ecr_coe_put_entry_description(uint8_t *data, size_t size,
				     const struct ecr_coe_entry_description *entry);

#endif
