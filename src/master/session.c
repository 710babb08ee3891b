/* SPDX-License-Identifier: Apache-2.0 */
/* How the session stands: who is who, the phase, what is wanted of a slave, whether anything is at fault. */
#include "master/master.h"

#include "base/text.h"

#define BASE_STATION 0x1000u

struct ecr_slave *ecr_master_slave(struct ecr_core *core, const char *name)
{
	for (int i = 0; name && i < core->slave_count; i++)
		if (ecr_text_equal(core->slaves[i].name, name))
			return &core->slaves[i];
	return NULL;
}

struct ecr_domain *ecr_master_domain(struct ecr_core *core, const char *id)
{
	for (int i = 0; id && i < core->domain_count; i++)
		if (ecr_text_equal(core->domains[i].id, id))
			return &core->domains[i];
	return NULL;
}

uint32_t ecr_master_needed(const struct ecr_config *config)
{
	const struct ecr_slave_config *slave = config->slaves;
	uint32_t count = 0;

	for (; slave && slave->name; slave++)
		count += !ecr_config_is_optional(slave);
	return count;
}

bool ecr_slave_activatable(const struct ecr_slave *slave)
{
	return slave->target == ECR_TARGET_OP;
}

void ecr_master_phase(struct ecr_core *core, enum ecr_phase phase)
{
	core->phase = phase;
	core->phase_since = core->now;
	core->expected_dirty = true;
}

bool ecr_master_tends(const struct ecr_core *core)
{
	return core->phase == ECR_PHASE_STEADY || (core->phase == ECR_PHASE_LOCK && core->gated);
}

enum ecr_al_state ecr_master_wanted(const struct ecr_core *core, const struct ecr_slave *slave)
{
	if (core->phase == ECR_PHASE_STOPPING)
		return ECR_AL_INIT;
	if (slave->target == ECR_TARGET_BOOT)
		return ECR_AL_BOOT;
	if (!ecr_slave_activatable(slave) || core->target == ECR_TARGET_PREOP || core->gated ||
	    core->plan.lacks)
		return ECR_AL_PREOP;
	if (core->target == ECR_TARGET_SAFEOP || core->phase == ECR_PHASE_SAFEOP ||
	    core->phase == ECR_PHASE_VALID)
		return ECR_AL_SAFEOP;
	return ECR_AL_OP;
}

/* Told to stay lower than OP, it is lower still: in OP that stays its own fault, because the others exchange data. */
static bool has_fallen(const struct ecr_core *core, const struct ecr_slave *slave)
{
	return core->target != ECR_TARGET_OP && slave->fault.kind != ECR_FAULT_NONE &&
	       !slave->absent && slave->al_state < ecr_master_wanted(core, slave);
}

bool ecr_master_faulty(const struct ecr_core *core)
{
	if (core->domain_faults)
		return true;
	if (ecr_clocks_faulty(core))
		return true;
	for (int i = 0; i < core->slave_count; i++) {
		const struct ecr_slave *slave = &core->slaves[i];

		if (slave->optional)
			continue;
		if ((slave->lost && (slave->mapped || core->target != ECR_TARGET_OP)) ||
		    has_fallen(core, slave))
			return true;
	}
	return false;
}

bool ecr_master_nothing_activatable(const struct ecr_core *core)
{
	for (int i = 0; i < core->slave_count; i++)
		if (ecr_slave_activatable(&core->slaves[i]))
			return false;
	return true;
}

enum ecr_lifecycle_event ecr_master_settled(const struct ecr_core *core)
{
	static const enum ecr_lifecycle_event settled[] = {
		[ECR_TARGET_OP] = ECR_LIFE_SETTLED_OP,
		[ECR_TARGET_SAFEOP] = ECR_LIFE_SETTLED_SAFEOP,
		[ECR_TARGET_PREOP] = ECR_LIFE_SETTLED_PREOP,
	};

	return core->target == ECR_TARGET_OP && ecr_master_nothing_activatable(core)
		       ? ECR_LIFE_SETTLED_PREOP
		       : settled[core->target];
}

uint16_t ecr_master_station(const struct ecr_core *core, int position)
{
	uint32_t base = core->config->base_station ? core->config->base_station : BASE_STATION;

	return (uint16_t)(base + (uint32_t)position);
}
