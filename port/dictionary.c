/* SPDX-License-Identifier: Apache-2.0 */
/* A slave's dictionary as it describes it itself (ETG.1000.6, 5.6.3). */
#include <ecring/coe.h>

#include <stdlib.h>
#include <string.h>

#define LIST_ROOM 65536

int ecr_object_list(struct ecr_master *master, const char *slave, enum ecr_object_list list,
		    uint16_t *indices, int room)
{
	struct ecr_sdo sdo = { .slave = slave,
			       .kind = ECR_SDO_OBJECT_LIST,
			       .index = (uint16_t)list,
			       .size = room > 0 ? (size_t)room * sizeof(*indices) : 0 };
	int error;

	sdo.data = indices;
	error = ecr_sdo_run(master, &sdo);
	if (error && error != ECR_ERR_BUFFER_TOO_SMALL)
		return error;
	return (int)(sdo.result.size / sizeof(*indices));
}

int ecr_object_describe(struct ecr_master *master, const char *slave, uint16_t index,
			struct ecr_object *object)
{
	struct ecr_sdo sdo = { .slave = slave,
			       .kind = ECR_SDO_OBJECT,
			       .index = index,
			       .data = object,
			       .size = sizeof(*object) };

	return ecr_sdo_run(master, &sdo);
}

int ecr_object_entry_describe(struct ecr_master *master, const char *slave, uint16_t index,
			      uint8_t subindex, struct ecr_object_entry *entry)
{
	struct ecr_sdo sdo = { .slave = slave,
			       .kind = ECR_SDO_ENTRY,
			       .index = index,
			       .subindex = subindex,
			       .data = entry,
			       .size = sizeof(*entry) };

	return ecr_sdo_run(master, &sdo);
}

/* A gap is refused, or described as nothing. */
static bool exists(const struct ecr_object_entry *entry)
{
	return entry->data_type || entry->bit_length;
}

static int read_entries(struct ecr_master *master, const char *slave,
			struct ecr_dictionary_object *object)
{
	int last =
		object->object.object_code == ECR_OBJECT_VARIABLE ? 0 : object->object.max_subindex;

	object->entries = calloc((size_t)last + 1, sizeof(*object->entries));
	if (!object->entries)
		return ECR_ERR_NO_MEMORY;
	for (int subindex = 0; subindex <= last; subindex++) {
		struct ecr_object_entry *entry = &object->entries[object->entry_count];
		int error = ecr_object_entry_describe(master, slave, object->object.index,
						      (uint8_t)subindex, entry);

		if (error && error != ECR_ERR_SDO_ABORT)
			return error;
		object->entry_count += !error && exists(entry);
	}
	return 0;
}

static int describe(struct ecr_master *master, const char *slave, uint16_t index,
		    struct ecr_dictionary_object *object)
{
	struct ecr_sdo sdo = { .slave = slave,
			       .kind = ECR_SDO_OBJECT,
			       .index = index,
			       .data = &object->object,
			       .size = sizeof(object->object) };
	int error = ecr_sdo_run(master, &sdo);

	if (error == ECR_ERR_SDO_ABORT) {
		object->error = error;
		object->abort_code = sdo.result.abort_code;
	}
	return error;
}

static int read_objects(struct ecr_master *master, const char *slave, const uint16_t *indices,
			int count, struct ecr_dictionary *dictionary)
{
	int error;

	dictionary->objects = calloc((size_t)count + 1, sizeof(*dictionary->objects));
	if (!dictionary->objects)
		return ECR_ERR_NO_MEMORY;
	for (int i = 0; i < count; i++) {
		struct ecr_dictionary_object *object = &dictionary->objects[i];

		dictionary->object_count++;
		error = describe(master, slave, indices[i], object);
		if (!error)
			error = read_entries(master, slave, object);
		object->object.index = indices[i];
		if (error && !object->error)
			return error;
	}
	return 0;
}

int ecr_dictionary_read(struct ecr_master *master, const char *slave,
			struct ecr_dictionary **dictionary)
{
	uint16_t *indices = calloc(LIST_ROOM, sizeof(*indices));
	struct ecr_dictionary *found = calloc(1, sizeof(*found));
	int result = ECR_ERR_NO_MEMORY;

	if (!dictionary) {
		free(indices);
		free(found);
		return ECR_ERR_INVALID_ARGUMENT;
	}
	*dictionary = NULL;
	if (indices && found)
		result = ecr_object_list(master, slave, ECR_OBJECTS_ALL, indices, LIST_ROOM);
	if (result > LIST_ROOM)
		result = ECR_ERR_LIMIT;
	if (result >= 0)
		result = read_objects(master, slave, indices, result, found);
	free(indices);
	if (result) {
		ecr_dictionary_free(found);
		return result;
	}
	*dictionary = found;
	return 0;
}

void ecr_dictionary_free(struct ecr_dictionary *dictionary)
{
	if (!dictionary)
		return;
	for (int i = 0; i < dictionary->object_count; i++)
		free(dictionary->objects[i].entries);
	free(dictionary->objects);
	free(dictionary);
}
