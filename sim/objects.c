/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects as the master may see them: who may read and write in which state, how long values are, and
 * an object as a whole (complete access, ETG.1000.6, 5.6.2.1.3: subindex 0 takes 16 bits, values of
 * less than a byte are packed, others begin at a byte).
 */
#include "base/le.h"
#include "sim/app.h"
#include "sim/fmmu.h"
#include "wire/coe_types.h"
#include "wire/sdo_abort.h"

#include <string.h>

/* Bits for reading in PREOP, SAFEOP and OP; those for writing lie three higher. */
static uint16_t state_bit(const struct ecr_sim_app *app)
{
	switch (app->al_state) {
	case ECR_AL_PREOP:
		return ECR_ACCESS_READ_PREOP;
	case ECR_AL_SAFEOP:
		return ECR_ACCESS_READ_SAFEOP;
	case ECR_AL_OP:
		return ECR_ACCESS_READ_OP;
	default:
		return 0;
	}
}

static uint32_t check_read(const struct ecr_sim_app *app, const struct sim_slot *slot)
{
	uint16_t access = slot->entry->access;

	if (!(access & ECR_SIM_RO))
		return ECR_SDO_ABORT_WRITE_ONLY;
	return access & state_bit(app) ? 0 : ECR_SDO_ABORT_DEVICE_STATE;
}

static uint32_t check_write(const struct ecr_sim_app *app, const struct sim_slot *slot)
{
	uint16_t access = slot->entry->access;

	if (!(access & ECR_SIM_WO))
		return ECR_SDO_ABORT_READ_ONLY;
	return access & state_bit(app) << 3 ? 0 : ECR_SDO_ABORT_DEVICE_STATE;
}

static bool any_length(const struct sim_slot *slot)
{
	return !ecr_coe_type_bits(slot->entry->type);
}

static uint32_t check_length(const struct sim_slot *slot, uint32_t length)
{
	uint32_t size = sim_entry_size(slot->entry);

	if (length > size)
		return ECR_SDO_ABORT_TOO_LONG;
	return length < size && !any_length(slot) ? ECR_SDO_ABORT_TOO_SHORT : 0;
}

static uint32_t find(const struct ecr_sim_app *app, uint16_t index, uint8_t subindex,
		     struct sim_object **object, struct sim_slot **slot)
{
	*object = sim_dictionary_object(&app->dictionary, index);
	if (!*object)
		return ECR_SDO_ABORT_NO_OBJECT;
	*slot = sim_object_slot(&app->dictionary, *object, subindex);
	return *slot ? 0 : ECR_SDO_ABORT_NO_SUBINDEX;
}

/* Whether the object may be touched as a whole, beginning there. */
static uint32_t check_complete(const struct ecr_sim_app *app, const struct sim_object *object,
			       uint8_t subindex)
{
	struct ecr_sii_general general;

	ecr_sii_general(&app->esc->sii, &general);
	if (app->esc->device.habits.refuses_complete_access)
		return ECR_SDO_ABORT_NO_COMPLETE_ACCESS;
	if (!(general.coe_details & ECR_SII_COE_COMPLETE_ACCESS) ||
	    object->code == ECR_OBJECT_VARIABLE || !object->code || subindex > 1)
		return ECR_SDO_ABORT_UNSUPPORTED_ACCESS;
	return 0;
}

/* Where an entry lies in the object as a whole; `bit` goes on behind it. */
static uint32_t next_place(const struct sim_slot *slot, uint32_t *bit)
{
	uint32_t bits = slot->subindex ? sim_entry_bits(slot->entry) : 16;
	uint32_t at = bits < 8 ? *bit : (*bit + 7) / 8 * 8;

	*bit = at + bits;
	return at;
}

static uint8_t used_entries(const struct ecr_sim_app *app, const struct sim_object *object)
{
	const struct sim_slot *slot = sim_object_slot(&app->dictionary, object, 0);

	return slot ? (uint8_t)sim_slot_get(&app->dictionary, slot) : UINT8_MAX;
}

static uint32_t read_whole(struct ecr_sim_app *app, const struct sim_object *object,
			   uint8_t subindex, uint8_t *data, uint32_t room, uint32_t *length)
{
	uint8_t used = used_entries(app, object);
	uint32_t bit = 0;

	memset(data, 0, room);
	for (uint32_t i = 0; i < object->slots; i++) {
		const struct sim_slot *slot = &app->dictionary.slots[object->first + i];
		uint32_t at;

		if (slot->subindex < subindex || slot->subindex > used)
			continue;
		at = next_place(slot, &bit);
		if ((bit + 7) / 8 > room)
			return ECR_SDO_ABORT_OUT_OF_MEMORY;
		if (!check_read(app, slot))
			sim_copy_bits(data, at, sim_slot_value(&app->dictionary, slot), 0,
				      sim_entry_bits(slot->entry));
	}
	*length = (bit + 7) / 8;
	return 0;
}

uint32_t sim_object_read(struct ecr_sim_app *app, uint16_t index, uint8_t subindex, bool complete,
			 uint8_t *data, uint32_t room, uint32_t *length)
{
	struct sim_object *object;
	struct sim_slot *slot;
	uint32_t code = find(app, index, subindex, &object, &slot);

	if (!code && complete) {
		code = check_complete(app, object, subindex);
		return code ? code : read_whole(app, object, subindex, data, room, length);
	}
	if (!code)
		code = check_read(app, slot);
	if (code)
		return code;
	if (slot->length > room)
		return ECR_SDO_ABORT_OUT_OF_MEMORY;
	sim_synchronisation_show(app, index);
	if (!app->behaviour)
		sim_pdo_image_to_object(app, slot);
	memcpy(data, sim_slot_value(&app->dictionary, slot), slot->length);
	*length = slot->length;
	return 0;
}

/* The behaviour's word is the last one. */
static uint32_t tell_behaviour(struct ecr_sim_app *app, uint16_t index, uint8_t subindex)
{
	uint32_t code = sim_synchronisation_written(app, index);

	if (code)
		return code;
	if (!app->behaviour || !app->behaviour->written)
		return 0;
	return app->behaviour->written(app, app->state, index, subindex);
}

static uint64_t number(const uint8_t *data, uint32_t length)
{
	uint64_t value = 0;

	for (uint32_t i = 0; i < length && i < 8; i++)
		value |= (uint64_t)data[i] << 8 * i;
	return value;
}

static uint32_t write_slot(struct ecr_sim_app *app, uint16_t index, struct sim_slot *slot,
			   const uint8_t *data, uint32_t length)
{
	uint8_t *value = sim_slot_value(&app->dictionary, slot);
	uint32_t before = slot->length;
	uint32_t code = check_write(app, slot);

	if (!code)
		code = check_length(slot, length);
	if (!code && sim_pdo_concerns(index))
		code = sim_pdo_check(app, index, slot->subindex, number(data, length));
	if (code)
		return code;
	memcpy(app->coe.undo, value, before);
	if (length)
		memcpy(value, data, length);
	slot->length = length;
	code = tell_behaviour(app, index, slot->subindex);
	if (code) {
		memcpy(value, app->coe.undo, before);
		slot->length = before;
	}
	return code;
}

/* The entries of the data, those that cannot be written must be as they are. */
static uint32_t write_entries(struct ecr_sim_app *app, const struct sim_object *object,
			      uint8_t subindex, const uint8_t *data, uint32_t length)
{
	uint32_t bit = 0;

	for (uint32_t i = 0; i < object->slots; i++) {
		struct sim_slot *slot = &app->dictionary.slots[object->first + i];
		uint32_t bits = sim_entry_bits(slot->entry);
		uint8_t *value = sim_slot_value(&app->dictionary, slot);
		uint32_t at;
		uint32_t code = 0;

		if (slot->subindex < subindex)
			continue;
		at = next_place(slot, &bit);
		if (at >= length * 8)
			break;
		if (bit > length * 8)
			return ECR_SDO_ABORT_TOO_SHORT;
		if (!slot->subindex)
			continue; /* by the caller, before and behind the others */
		if (sim_pdo_concerns(object->index))
			code = sim_pdo_check(app, object->index, slot->subindex,
					     number(data + at / 8, bits / 8));
		if (!code && !(slot->entry->access & ECR_SIM_WO))
			continue;
		if (!code)
			code = check_write(app, slot);
		if (code)
			return code;
		sim_copy_bits(value, 0, data, at, bits);
	}
	return bit < length * 8 && (bit + 7) / 8 < length ? ECR_SDO_ABORT_TOO_LONG : 0;
}

static uint32_t write_count(struct ecr_sim_app *app, const struct sim_object *object,
			    struct sim_slot *slot, uint8_t count)
{
	uint32_t code = 0;

	if (sim_slot_get(&app->dictionary, slot) == count)
		return 0;
	code = check_write(app, slot);
	if (!code && sim_pdo_concerns(object->index))
		code = sim_pdo_check(app, object->index, 0, count);
	if (!code)
		sim_slot_set(&app->dictionary, slot, count);
	return code;
}

static uint32_t write_list(struct ecr_sim_app *app, const struct sim_object *object,
			   uint8_t subindex, const uint8_t *data, uint32_t length)
{
	struct sim_slot *count =
		subindex == 0 ? sim_object_slot(&app->dictionary, object, 0) : NULL;
	uint32_t code = 0;

	if (count && length < 2)
		return ECR_SDO_ABORT_TOO_SHORT;
	if (count && sim_pdo_concerns(object->index))
		code = write_count(app, object, count, 0);
	if (!code)
		code = write_entries(app, object, subindex, data, length);
	if (!code && count)
		code = write_count(app, object, count, data[0]);
	return code ? code : tell_behaviour(app, object->index, subindex);
}

/* An object of which nothing can be written, now. */
static uint32_t check_any_writable(const struct ecr_sim_app *app, const struct sim_object *object)
{
	uint32_t code = ECR_SDO_ABORT_READ_ONLY;

	for (uint32_t i = 0; i < object->slots && code; i++) {
		uint32_t found = check_write(app, &app->dictionary.slots[object->first + i]);

		code = found == ECR_SDO_ABORT_READ_ONLY ? code : found;
	}
	return code;
}

static uint32_t write_whole(struct ecr_sim_app *app, const struct sim_object *object,
			    uint8_t subindex, const uint8_t *data, uint32_t length)
{
	const struct sim_slot *first = &app->dictionary.slots[object->first];
	const struct sim_slot *last = first + object->slots - 1;
	uint32_t bytes = last->offset + sim_entry_size(last->entry) - first->offset;
	uint8_t *values = sim_slot_value(&app->dictionary, first);
	uint32_t code = check_any_writable(app, object);

	if (code)
		return code;
	memcpy(app->coe.undo, values, bytes);
	code = write_list(app, object, subindex, data, length);
	if (code)
		memcpy(values, app->coe.undo, bytes);
	return code;
}

uint32_t sim_object_write(struct ecr_sim_app *app, uint16_t index, uint8_t subindex, bool complete,
			  const uint8_t *data, uint32_t length)
{
	struct sim_object *object;
	struct sim_slot *slot;
	uint32_t code = find(app, index, subindex, &object, &slot);

	if (!code && complete)
		code = check_complete(app, object, subindex);
	if (!code)
		code = complete ? write_whole(app, object, subindex, data, length)
				: write_slot(app, index, slot, data, length);
	if (!code && sim_pdo_concerns(index))
		sim_pdo_refresh(app);
	return code;
}

uint32_t sim_object_writable(struct ecr_sim_app *app, uint16_t index, uint8_t subindex,
			     bool complete, uint32_t length)
{
	struct sim_object *object;
	struct sim_slot *slot;
	uint32_t code = find(app, index, subindex, &object, &slot);

	if (code)
		return code;
	if (complete)
		return check_complete(app, object, subindex);
	code = check_write(app, slot);
	return code ? code : check_length(slot, length);
}
