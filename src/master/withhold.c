/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Outputs of a slave that was lost or has restarted: what the application said before it is not true
 * any more of a machine that stood still meanwhile. Each stays at its fault value until the
 * application writes it again, unless it was told to hold.
 */
#include "master/master.h"

#include "base/text.h"
#include "domain/pack.h"

#include <string.h>

static const struct ecr_safe_value *own_rule(const struct ecr_slave *slave,
					     const struct ecr_placed_signal *signal)
{
	const struct ecr_safe_value *rule = slave->config->safe_values;

	for (; rule && rule->signal; rule++)
		if (ecr_text_equal(rule->signal, signal->model.name))
			return rule;
	return NULL;
}

/* The signal's own way, else its slave's, else its domain's. */
static enum ecr_on_fault way_of(const struct ecr_core *core, const struct ecr_placed_signal *signal,
				const struct ecr_safe_value *own)
{
	const struct ecr_slave *slave = &core->slaves[signal->slave_index];

	if (own && own->on_fault != ECR_ON_FAULT_DEFAULT)
		return own->on_fault;
	if (slave->config->on_fault != ECR_ON_FAULT_DEFAULT)
		return slave->config->on_fault;
	return core->domains[signal->domain].config->on_fault;
}

static bool holds(const struct ecr_core *core, const struct ecr_slave *slave,
		  const struct ecr_placed_signal *signal)
{
	return way_of(core, signal, own_rule(slave, signal)) == ECR_ON_FAULT_HOLD;
}

void ecr_master_withhold(struct ecr_core *core, struct ecr_slave *slave)
{
	if (!slave->mapped || !slave->config)
		return;
	for (uint32_t i = 0; i < core->plan.signal_count; i++) {
		const struct ecr_placed_signal *signal = &core->plan.signals[i];

		if (signal->slave_index != slave->index || signal->direction != ECR_OUTPUT ||
		    holds(core, slave, signal))
			continue;
		core->withheld += core->plan.withheld[i] == ECR_NEVER;
		core->plan.withheld[i] = core->now;
	}
}

static void set_fault_value(struct ecr_core *core, const struct ecr_placed_signal *signal)
{
	const struct ecr_safe_value *own = own_rule(&core->slaves[signal->slave_index], signal);
	uint8_t bytes[ECR_VALUE_BYTES] = { 0 };

	if (own && way_of(core, signal, own) == ECR_ON_FAULT_SAFE &&
	    ecr_value_encode(signal->driver, signal->driver_config, &signal->model,
			     signal->bit_size, &own->value, bytes) < 0)
		memset(bytes, 0, sizeof(bytes));
	ecr_bits_put(core->domains[signal->domain].outputs, signal->bit_offset, signal->bit_size,
		     bytes);
}

void ecr_master_set_fault_values(struct ecr_core *core)
{
	for (uint32_t i = 0; core->withheld && i < core->plan.signal_count; i++)
		if (core->plan.withheld[i] != ECR_NEVER)
			set_fault_value(core, &core->plan.signals[i]);
}

uint32_t ecr_core_withheld_count(const struct ecr_core *core)
{
	return core->withheld;
}

ecr_time ecr_core_withheld_since(const struct ecr_core *core, uint32_t signal)
{
	return core->plan.withheld[signal];
}

void ecr_core_release(struct ecr_core *core, uint32_t signal)
{
	core->withheld -= core->plan.withheld[signal] != ECR_NEVER;
	core->plan.withheld[signal] = ECR_NEVER;
}
