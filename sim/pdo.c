/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PDO assignment and mapping (ETG.1000.6, 5.6.7.4): what the objects say is what the SyncManagers
 * carry, and how long they must be. A list is changed by writing 0 into its subindex 0, then the
 * entries, then their number.
 */
#include "sim/app.h"
#include "sim/fmmu.h"

#include "wire/al_status.h"
#include "wire/coe.h"
#include "wire/sdo_abort.h"

#include <string.h>

#define SM_TYPE_OUTPUTS 3u
#define SM_TYPE_INPUTS 4u

static bool is_assignment(uint16_t index)
{
	return index >= ECR_COE_SM_ASSIGN(0) && index < ECR_COE_SM_ASSIGN(SIM_SMS);
}

bool sim_pdo_concerns(uint16_t index)
{
	return is_assignment(index) || sim_is_rxpdo(index) || sim_is_txpdo(index);
}

static uint64_t get(const struct ecr_sim_app *app, uint16_t index, uint8_t subindex)
{
	const struct sim_slot *slot = sim_dictionary_find(&app->dictionary, index, subindex);

	return slot ? sim_slot_get(&app->dictionary, slot) : 0;
}

static uint32_t mapping_bits(const struct ecr_sim_app *app, uint16_t pdo)
{
	uint8_t count = (uint8_t)get(app, pdo, 0);
	uint32_t bits = 0;

	for (unsigned int i = 1; i <= count; i++)
		bits += (uint32_t)get(app, pdo, (uint8_t)i) & 0xFF;
	return bits;
}

/* How many bits the SyncManager's memory can hold: up to the next one, three times if buffered. */
static uint32_t sm_room(const struct ecr_sim_app *app, unsigned int number)
{
	uint32_t end = SIM_MEMORY;
	struct ecr_sii_sm sm;
	struct ecr_sii_sm other;

	if (!ecr_sii_sm(&app->esc->sii, number, &sm))
		return 0;
	for (unsigned int i = 0; ecr_sii_sm(&app->esc->sii, i, &other); i++)
		if (other.start > sm.start && other.start < end)
			end = other.start;
	end -= sm.start;
	if ((sm.control & ECR_SM_CONTROL_MODE_MASK) == ECR_SM_CONTROL_BUFFERED)
		end /= 3;
	return end * 8;
}

static void map_pdo(struct ecr_sim_app *app, unsigned int sm, uint16_t pdo)
{
	uint8_t count = (uint8_t)get(app, pdo, 0);

	for (unsigned int i = 1; i <= count; i++) {
		uint32_t entry = (uint32_t)get(app, pdo, (uint8_t)i);
		struct sim_slot *slot = sim_dictionary_find(
			&app->dictionary, (uint16_t)(entry >> 16), (uint8_t)(entry >> 8));

		if (slot && app->mapped_count < app->mapped_room)
			app->mapped[app->mapped_count++] =
				(struct sim_mapped){ slot, app->esc->sm_bits[sm],
						     (uint16_t)(entry & 0xFF), (uint8_t)sm };
		app->esc->sm_bits[sm] += entry & 0xFF;
	}
}

void sim_pdo_refresh(struct ecr_sim_app *app)
{
	app->mapped_count = 0;
	for (unsigned int sm = 0; sm < SIM_SMS; sm++) {
		uint16_t index = (uint16_t)ECR_COE_SM_ASSIGN(sm);
		uint8_t count = (uint8_t)get(app, index, 0);

		if (!sim_dictionary_object(&app->dictionary, index))
			continue;
		app->esc->sm_bits[sm] = 0;
		for (unsigned int i = 1; i <= count; i++)
			map_pdo(app, sm, (uint16_t)get(app, index, (uint8_t)i));
	}
}

/* Whether the PDO exists and goes the SyncManager's way. */
static bool fits(const struct ecr_sim_app *app, uint16_t assignment, uint16_t pdo)
{
	struct ecr_sii_sm sm;

	if (!ecr_sii_sm(&app->esc->sii, assignment - ECR_COE_SM_ASSIGN(0), &sm))
		return false;
	if (sm.type == SM_TYPE_OUTPUTS ? !sim_is_rxpdo(pdo) : !sim_is_txpdo(pdo))
		return false;
	return sim_dictionary_object(&app->dictionary, pdo) != NULL;
}

static uint32_t check_assigned(const struct ecr_sim_app *app, uint16_t index, uint8_t count)
{
	uint32_t bits = 0;

	for (unsigned int i = 1; i <= count; i++) {
		uint16_t pdo = (uint16_t)get(app, index, (uint8_t)i);

		if (!fits(app, index, pdo))
			return ECR_SDO_ABORT_VALUE_RANGE;
		for (unsigned int k = 1; k < i; k++)
			if (get(app, index, (uint8_t)k) == pdo)
				return ECR_SDO_ABORT_INCOMPATIBLE_PARAMETER;
		bits += mapping_bits(app, pdo);
	}
	return bits > sm_room(app, index - ECR_COE_SM_ASSIGN(0)) ? ECR_SDO_ABORT_PDO_LENGTH : 0;
}

static uint32_t check_entry(const struct ecr_sim_app *app, uint16_t index, uint32_t value)
{
	uint16_t wanted = sim_is_rxpdo(index) ? ECR_ACCESS_RXPDO : ECR_ACCESS_TXPDO;
	uint16_t object = (uint16_t)(value >> 16);
	const struct sim_slot *slot;

	if (!object) /* padding */
		return 0;
	slot = sim_dictionary_find(&app->dictionary, object, (uint8_t)(value >> 8));
	if (!slot)
		return ECR_SDO_ABORT_NO_OBJECT;
	if (!(slot->entry->access & wanted) || sim_entry_bits(slot->entry) != (value & 0xFF))
		return ECR_SDO_ABORT_NOT_MAPPABLE;
	return 0;
}

static uint32_t check_count(const struct ecr_sim_app *app, uint16_t index, uint64_t count)
{
	const struct sim_object *object = sim_dictionary_object(&app->dictionary, index);

	if (!object || count > object->max_subindex)
		return ECR_SDO_ABORT_VALUE_TOO_HIGH;
	if (is_assignment(index))
		return check_assigned(app, index, (uint8_t)count);
	for (unsigned int i = 1; i <= count; i++) {
		uint32_t code = check_entry(app, index, (uint32_t)get(app, index, (uint8_t)i));

		if (code)
			return code;
	}
	return 0;
}

uint32_t sim_pdo_check(const struct ecr_sim_app *app, uint16_t index, uint8_t subindex,
		       uint64_t value)
{
	if (subindex == 0)
		return check_count(app, index, value);
	if (get(app, index, 0))
		return ECR_SDO_ABORT_SUBINDEX_ZERO;
	if (is_assignment(index))
		return fits(app, index, (uint16_t)value) ? 0 : ECR_SDO_ABORT_VALUE_RANGE;
	return check_entry(app, index, (uint32_t)value);
}

/* A mapping can grow after its PDO was assigned: then the way up is closed (ETG.1020, 0x0024 and
 * 0x0025). */
uint16_t sim_pdo_refusal(const struct ecr_sim_app *app)
{
	for (unsigned int sm = 0; sm < SIM_SMS; sm++)
		if (app->esc->sm_bits[sm] && app->esc->sm_bits[sm] > sm_room(app, sm))
			return app->esc->sm_output[sm] ? ECR_AL_CODE_OUTPUT_MAPPING
						       : ECR_AL_CODE_INPUT_MAPPING;
	return 0;
}

/* First bit of a mapped entry in the controller's memory; false when it is beyond it. */
static bool locate(const struct ecr_sim_app *app, const struct sim_mapped *mapped, uint32_t *at)
{
	struct ecr_sii_sm sm;

	if (!ecr_sii_sm(&app->esc->sii, mapped->sm, &sm))
		return false;
	*at = sm.start * 8u + mapped->bit;
	return *at + mapped->bits <= SIM_MEMORY * 8u;
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static void to_object(struct ecr_sim_app *app, const struct sim_mapped *mapped)
{
	uint32_t at;

	if (locate(app, mapped, &at))
		sim_copy_bits(sim_slot_value(&app->dictionary, mapped->slot), 0, app->esc->memory,
			      at, least(mapped->bits, mapped->slot->length * 8));
}

void sim_pdo_outputs_to_objects(struct ecr_sim_app *app)
{
	for (uint32_t i = 0; i < app->mapped_count; i++)
		if (app->esc->sm_output[app->mapped[i].sm])
			to_object(app, &app->mapped[i]);
}

void sim_pdo_objects_to_inputs(struct ecr_sim_app *app)
{
	for (uint32_t i = 0; i < app->mapped_count; i++) {
		const struct sim_mapped *mapped = &app->mapped[i];
		uint32_t at;

		if (!app->esc->sm_output[mapped->sm] && locate(app, mapped, &at))
			sim_copy_bits(app->esc->memory, at,
				      sim_slot_value(&app->dictionary, mapped->slot), 0,
				      least(mapped->bits, mapped->slot->length * 8));
	}
}

void sim_pdo_image_to_object(struct ecr_sim_app *app, const struct sim_slot *slot)
{
	for (uint32_t i = 0; i < app->mapped_count; i++)
		if (app->mapped[i].slot == slot)
			to_object(app, &app->mapped[i]);
}
