/* SPDX-License-Identifier: Apache-2.0 */
/* Objects' values by their numbers, as behaviours read and write them. */
#include "sim/app.h"
#include "wire/coe_types.h"

static bool is_signed(uint16_t type)
{
	return (type >= ECR_COE_TYPE_INTEGER8 && type <= ECR_COE_TYPE_INTEGER32) ||
	       type == ECR_COE_TYPE_INTEGER24 ||
	       (type >= ECR_COE_TYPE_INTEGER40 && type <= ECR_COE_TYPE_INTEGER64);
}

int64_t ecr_sim_app_get(const struct ecr_sim_app *app, uint16_t index, uint8_t subindex)
{
	const struct sim_slot *slot = sim_dictionary_find(&app->dictionary, index, subindex);
	uint64_t value = slot ? sim_slot_get(&app->dictionary, slot) : 0;
	uint32_t bits = slot ? sim_entry_bits(slot->entry) : 64;

	if (slot && is_signed(slot->entry->type) && bits < 64 && value >> (bits - 1) & 1)
		value |= ~0ull << bits;
	return (int64_t)value;
}

void ecr_sim_app_set(struct ecr_sim_app *app, uint16_t index, uint8_t subindex, int64_t value)
{
	struct sim_slot *slot = sim_dictionary_find(&app->dictionary, index, subindex);

	if (slot)
		sim_slot_set(&app->dictionary, slot, (uint64_t)value);
}
