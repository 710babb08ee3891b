/* SPDX-License-Identifier: Apache-2.0 */
/* The information service (ETG.1000.6, 5.6.3): lists of objects, descriptions of objects and entries,
 * in as many messages as it takes. */
#include "base/le.h"
#include "sim/app.h"
#include "wire/coe_description.h"
#include "wire/sdo_abort.h"

#include <string.h>

/* About the object in coe.info_index and info_subindex. */
static bool answer(struct ecr_sim_app *app, enum ecr_coe_info_kind kind, uint16_t fragments,
		   const uint8_t *data, size_t length, bool refused)
{
	size_t size;
	uint8_t *bytes = sim_mailbox_room(app, &size);

	return bytes &&
	       sim_mailbox_answer(app, ecr_coe_put_info(bytes, size, kind, fragments, data, length),
				  ECR_SIM_STAGE_INFO, app->coe.info_index, app->coe.info_subindex,
				  refused);
}

static void refuse(struct ecr_sim_app *app, uint32_t code)
{
	uint8_t bytes[4];

	ecr_put_le32(bytes, code);
	app->coe.info_kind = 0;
	answer(app, ECR_COE_INFO_ERROR, 0, bytes, sizeof(bytes), true);
}

void sim_coe_continue(struct ecr_sim_app *app)
{
	struct sim_coe *coe = &app->coe;
	uint32_t left = coe->info_total - coe->info_done;
	uint32_t part;
	uint32_t code;
	size_t size;

	if (!coe->info_kind || !sim_mailbox_room(app, &size))
		return;
	code = sim_mailbox_abort_wanted(&app->mailbox, ECR_SIM_STAGE_INFO, coe->info_index,
					coe->info_subindex);
	if (code) {
		refuse(app, code);
		return;
	}
	if (size < ECR_COE_INFO_HEADER + 2) {
		coe->info_kind = 0;
		return;
	}
	part = (uint32_t)(size - ECR_COE_INFO_HEADER) & ~1u;
	if (!answer(app, (enum ecr_coe_info_kind)coe->info_kind,
		    (uint16_t)(left ? (left - 1) / part : 0), coe->info + coe->info_done,
		    left < part ? left : part, false) ||
	    left <= part)
		coe->info_kind = 0;
	coe->info_done += left < part ? left : part;
}

static void begin(struct ecr_sim_app *app, enum ecr_coe_info_kind kind, size_t length)
{
	app->coe.info_kind = (uint8_t)kind;
	app->coe.info_total = (uint32_t)length;
	app->coe.info_done = 0;
	sim_coe_continue(app);
}

static bool object_has(const struct ecr_sim_app *app, const struct sim_object *object,
		       uint16_t access)
{
	for (uint32_t i = 0; i < object->slots; i++)
		if (app->dictionary.slots[object->first + i].entry->access & access)
			return true;
	return false;
}

static bool in_list(const struct ecr_sim_app *app, const struct sim_object *object, uint16_t list)
{
	switch (list) {
	case ECR_OBJECTS_ALL:
		return true;
	case ECR_OBJECTS_RXPDO_MAPPABLE:
		return object_has(app, object, ECR_ACCESS_RXPDO);
	case ECR_OBJECTS_TXPDO_MAPPABLE:
		return object_has(app, object, ECR_ACCESS_TXPDO);
	case ECR_OBJECTS_STORED:
		return object_has(app, object, ECR_ACCESS_BACKUP);
	default:
		return object_has(app, object, ECR_ACCESS_SETTING);
	}
}

static uint16_t count_list(const struct ecr_sim_app *app, uint16_t list)
{
	uint16_t count = 0;

	for (uint32_t i = 0; i < app->dictionary.object_count; i++)
		count = (uint16_t)(count + in_list(app, &app->dictionary.objects[i], list));
	return count;
}

static void serve_list(struct ecr_sim_app *app, uint16_t list)
{
	uint8_t *data = app->coe.info;
	size_t length = 2;

	if (list > ECR_OBJECTS_STARTUP) {
		refuse(app, ECR_SDO_ABORT_UNSUPPORTED_ACCESS);
		return;
	}
	ecr_put_le16(data, list);
	for (uint16_t i = ECR_OBJECTS_ALL; list == ECR_OBJECTS_COUNTS && i <= ECR_OBJECTS_STARTUP;
	     i++, length += 2)
		ecr_put_le16(data + length, count_list(app, i));
	for (uint32_t i = 0; list && i < app->dictionary.object_count; i++) {
		const struct sim_object *object = &app->dictionary.objects[i];

		if (!in_list(app, object, list))
			continue;
		ecr_put_le16(data + length, object->index);
		length += 2;
	}
	begin(app, ECR_COE_INFO_LIST_ANSWER, length);
}

/* A name in what its description leaves of the room. */
static size_t name_length(const struct ecr_sim_app *app, const char *name, size_t head)
{
	size_t length = strlen(name);

	return length < app->coe.info_room - head ? length : app->coe.info_room - head;
}

static void serve_object(struct ecr_sim_app *app, uint16_t index)
{
	const struct sim_object *object = sim_dictionary_object(&app->dictionary, index);
	struct ecr_coe_object_description description;

	if (!object) {
		refuse(app, ECR_SDO_ABORT_NO_OBJECT);
		return;
	}
	description = (struct ecr_coe_object_description){
		.index = index,
		.data_type = object->type,
		.max_subindex = object->max_subindex,
		.object_code = object->code ? object->code : (uint8_t)ECR_OBJECT_VARIABLE,
		.name = object->name,
		.name_length = name_length(app, object->name, 6)
	};
	begin(app, ECR_COE_INFO_OBJECT_ANSWER,
	      ecr_coe_put_object_description(app->coe.info, app->coe.info_room, &description));
}

static void serve_entry(struct ecr_sim_app *app, uint16_t index, uint8_t subindex)
{
	const struct sim_object *object = sim_dictionary_object(&app->dictionary, index);
	const struct sim_slot *slot =
		object ? sim_object_slot(&app->dictionary, object, subindex) : NULL;
	struct ecr_coe_entry_description description;
	const char *name;

	if (!slot) {
		refuse(app, object ? ECR_SDO_ABORT_NO_SUBINDEX : ECR_SDO_ABORT_NO_OBJECT);
		return;
	}
	name = slot->entry->name ? slot->entry->name : object->name;
	description =
		(struct ecr_coe_entry_description){ .index = index,
						    .subindex = subindex,
						    .data_type = slot->entry->type,
						    .bit_length =
							    (uint16_t)sim_entry_bits(slot->entry),
						    .access = slot->entry->access,
						    .name = name,
						    .name_length = name_length(app, name, 10) };
	begin(app, ECR_COE_INFO_ENTRY_ANSWER,
	      ecr_coe_put_entry_description(app->coe.info, app->coe.info_room, &description));
}

bool sim_info_serve(struct ecr_sim_app *app, const struct ecr_mailbox_message *message)
{
	struct ecr_sii_general general;
	struct ecr_coe_info info;

	ecr_sii_general(&app->esc->sii, &general);
	if (!(general.coe_details & ECR_SII_COE_SDO_INFO))
		return false;
	if (!ecr_coe_get_info(message, &info) || info.length < 2)
		return false;
	app->coe.info_index = info.kind == ECR_COE_INFO_LIST ? 0 : ecr_le16(info.data);
	app->coe.info_subindex =
		info.kind == ECR_COE_INFO_ENTRY && info.length >= 3 ? info.data[2] : 0;
	if (info.kind == ECR_COE_INFO_LIST)
		serve_list(app, ecr_le16(info.data));
	else if (info.kind == ECR_COE_INFO_OBJECT)
		serve_object(app, ecr_le16(info.data));
	else if (info.kind == ECR_COE_INFO_ENTRY && info.length >= 3)
		serve_entry(app, ecr_le16(info.data), info.data[2]);
	else
		refuse(app, ECR_SDO_ABORT_COMMAND);
	return true;
}
