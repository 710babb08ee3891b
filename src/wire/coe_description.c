/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/coe_description.h"

#include "base/le.h"

#include <string.h>

#define OBJECT_HEAD 6u
#define ENTRY_HEAD 10u

bool ecr_coe_get_object_description(const uint8_t *data, size_t length,
				    struct ecr_coe_object_description *object)
{
	*object = (struct ecr_coe_object_description){ 0 };
	if (length < OBJECT_HEAD)
		return false;
	object->index = ecr_le16(data);
	object->data_type = ecr_le16(data + 2);
	object->max_subindex = data[4];
	object->object_code = data[5];
	object->name = (const char *)data + OBJECT_HEAD;
	object->name_length = length - OBJECT_HEAD;
	return true;
}

size_t ecr_coe_put_object_description(uint8_t *data, size_t size,
				      const struct ecr_coe_object_description *object)
{
	if (size < OBJECT_HEAD || object->name_length > size - OBJECT_HEAD)
		return 0;
	ecr_put_le16(data, object->index);
	ecr_put_le16(data + 2, object->data_type);
	data[4] = object->max_subindex;
	data[5] = object->object_code;
	if (object->name_length)
		memcpy(data + OBJECT_HEAD, object->name, object->name_length);
	return OBJECT_HEAD + object->name_length;
}

bool ecr_coe_get_entry_description(const uint8_t *data, size_t length,
				   struct ecr_coe_entry_description *entry)
{
	*entry = (struct ecr_coe_entry_description){ 0 };
	if (length < ENTRY_HEAD)
		return false;
	entry->index = ecr_le16(data);
	entry->subindex = data[2];
	entry->value_info = data[3];
	entry->data_type = ecr_le16(data + 4);
	entry->bit_length = ecr_le16(data + 6);
	entry->access = ecr_le16(data + 8);
	entry->name = (const char *)data + ENTRY_HEAD;
	entry->name_length = length - ENTRY_HEAD;
	return true;
}

size_t ecr_coe_put_entry_description(uint8_t *data, size_t size,
				     const struct ecr_coe_entry_description *entry)
{
	if (size < ENTRY_HEAD || entry->name_length > size - ENTRY_HEAD)
		return 0;
	ecr_put_le16(data, entry->index);
	data[2] = entry->subindex;
	data[3] = entry->value_info;
	ecr_put_le16(data + 4, entry->data_type);
	ecr_put_le16(data + 6, entry->bit_length);
	ecr_put_le16(data + 8, entry->access);
	if (entry->name_length)
		memcpy(data + ENTRY_HEAD, entry->name, entry->name_length);
	return ENTRY_HEAD + entry->name_length;
}
