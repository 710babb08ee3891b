/* SPDX-License-Identifier: Apache-2.0 */
/* What outputs are set to when their slave is lost: by domain, by slave, by signal. */
#include "world/draw.h"

#include "base/text.h"
#include "wire/sii.h"

#include <stdio.h>

#define ANALOG_BITS 16u

static uint32_t bits_of(const struct world_plan *plan, int slave, uint16_t category,
			uint32_t *first)
{
	struct ecr_sii_pdo pdo = { 0 };
	struct ecr_sii sii;
	uint32_t bits = 0;

	ecr_sii_open(&sii, plan->devices[slave].sii, plan->devices[slave].sii_size);
	while (ecr_sii_next_pdo(&sii, category, &pdo)) {
		*first = bits ? *first : pdo.bits;
		bits += pdo.bits;
	}
	return bits;
}

static enum ecr_on_fault draw_rule(struct ecr_prng *prng)
{
	return (enum ecr_on_fault)ecr_prng_below(prng, ECR_ON_FAULT_HOLD + 1);
}

static bool domain_holds(const struct world_plan *plan, int slave)
{
	for (int i = 0; i < plan->domain_count; i++)
		if (plan->slaves[slave].process_data.domain &&
		    ecr_text_equal(plan->slaves[slave].process_data.domain, plan->domains[i].id))
			return plan->domains[i].on_fault == ECR_ON_FAULT_HOLD;
	return false;
}

static bool slave_holds(const struct world_plan *plan, int slave)
{
	enum ecr_on_fault rule = plan->slaves[slave].on_fault;

	return rule == ECR_ON_FAULT_DEFAULT ? domain_holds(plan, slave) : rule == ECR_ON_FAULT_HOLD;
}

static void set_bits(uint64_t *words, uint32_t at, uint32_t bits, uint64_t value)
{
	for (uint32_t i = 0; i < bits; i++)
		words[(at + i) / 64] |= (value >> i & 1) << (at + i) % 64;
}

static void set_safe(struct world_safe *safe, struct ecr_prng *prng, struct ecr_safe_value *value,
		     uint32_t at, uint32_t width)
{
	int64_t number = (int64_t)ecr_prng_below(prng, 65536) - 32768;

	value->value = width == 1 ? ecr_bool(number & 1) : ecr_signed(number);
	set_bits(safe->value, at, width, (uint64_t)number);
}

/* As the default driver names them: channels of bits by number, others by their entry as long as that is free. */
static void put_name(char name[16], bool inputs, uint32_t width, uint32_t number)
{
	if (width == 1)
		snprintf(name, 16, "%s%u", inputs ? "out" : "ch", (unsigned int)number + 1);
	else if (number < 2)
		snprintf(name, 16, "%s", number ? "channel_value" : "value");
	else
		snprintf(name, 16, "pdo_0x16%02x_1", (unsigned int)number & 0xFF);
}

static void draw_signals(struct world_plan *plan, struct ecr_prng *prng, int slave)
{
	struct world_safe *safe = &plan->safe[slave];
	uint32_t width = 1;
	uint32_t ignored;
	uint32_t inputs = bits_of(plan, slave, ECR_SII_TXPDO, &ignored);
	uint32_t outputs = bits_of(plan, slave, ECR_SII_RXPDO, &width);
	/* Another device's signals would have other names: none of these where others are put in their places. */
	bool own = !world_has(plan, WORLD_OTHERS) && slave < plan->fixed &&
		   !plan->devices[slave].objects && plan->slaves[slave].process_data.domain &&
		   ecr_prng_below(prng, 2);
	int used = 0;

	for (uint32_t k = 0; k < outputs / width && k < WORLD_OUTPUTS; k++) {
		struct ecr_safe_value *value = &safe->values[used];
		bool holds = slave_holds(plan, slave);

		if (own && !ecr_prng_below(prng, 3)) {
			put_name(safe->signals[used], inputs > 0, width, k % WORLD_OUTPUTS);
			value->signal = safe->signals[used++];
			value->on_fault =
				(enum ecr_on_fault)ecr_prng_below(prng, ECR_ON_FAULT_SAFE + 1);
			if (value->on_fault != ECR_ON_FAULT_DEFAULT)
				holds = value->on_fault == ECR_ON_FAULT_HOLD;
			if (value->on_fault == ECR_ON_FAULT_SAFE)
				set_safe(safe, prng, value, k * width, width);
		}
		if (holds)
			set_bits(safe->held, k * width, width, UINT64_MAX);
		safe->any_fault_value = safe->any_fault_value || !holds;
	}
	if (used)
		plan->slaves[slave].safe_values = safe->values;
}

void world_draw_safe(struct world_plan *plan, struct ecr_prng *prng)
{
	plan->features |= WORLD_SAFE;
	for (int i = 0; i < plan->domain_count; i++)
		plan->domains[i].on_fault = draw_rule(prng);
	for (int i = 0; i < plan->count; i++) {
		plan->slaves[i].on_fault = draw_rule(prng);
		draw_signals(plan, prng, i);
	}
}
