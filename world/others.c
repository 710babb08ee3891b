/* SPDX-License-Identifier: Apache-2.0 */
/* Other devices in the places of those that must be there: who is there now, and that nobody operates who should not. */
#include "world/inner.h"

#include "sim/controller.h"

static const uint8_t *own_image(const struct world *world, int slave)
{
	return world->plan.sii[slave];
}

bool world_is_own(const struct world *world, int slave)
{
	return world->ring.sim->slaves[slave].device.sii == own_image(world, slave);
}

/* What stands in a place against a slave that it may be taken for. */
static bool is_own_kind(const struct world *world, int place, int slave)
{
	struct ecr_sim *sim = world->ring.sim;
	struct ecr_sii_identity found;
	struct ecr_sii_identity own;
	struct ecr_sii sii;

	ecr_sii_open(&sii, own_image(world, slave), world->plan.devices[slave].sii_size);
	ecr_sii_identity(&sii, &own);
	ecr_sii_identity(&sim->slaves[place].sii, &found);
	return own.vendor == found.vendor && own.product == found.product &&
	       ecr_sim_bits(sim, place, ECR_OUTPUT) == world->own_bits[slave][ECR_OUTPUT] &&
	       ecr_sim_bits(sim, place, ECR_INPUT) == world->own_bits[slave][ECR_INPUT];
}

/* What the configuration wants it to be. */
static bool is_as_configured(const struct world *world, int place, int slave)
{
	const struct ecr_slave_config *config = &world->plan.slaves[slave];
	const struct ecr_identity *want = &config->identity;
	struct ecr_sii_identity found;

	ecr_sii_identity(&world->ring.sim->slaves[place].sii, &found);
	return (!(config->check & ECR_CHECK_VENDOR) || found.vendor == want->vendor) &&
	       (!(config->check & ECR_CHECK_PRODUCT) || found.product == want->product) &&
	       (!(config->check & ECR_CHECK_REVISION) || found.revision == want->revision) &&
	       (!(config->check & ECR_CHECK_REVISION_LEAST) || found.revision >= want->revision) &&
	       (!(config->check & ECR_CHECK_SERIAL) || found.serial == want->serial);
}

void world_know_devices(struct world *world)
{
	for (int i = 0; i < world->plan.count; i++)
		for (int k = 0; k < 2; k++)
			world->own_bits[i][k] =
				ecr_sim_bits(world->ring.sim, i, (enum ecr_direction)k);
}

/* Whose image it is: of the last that was put there. */
static void find_image(const struct world *world, int slave, const uint8_t **sii, size_t *size)
{
	const struct world_plan *plan = &world->plan;

	*sii = own_image(world, slave);
	*size = plan->devices[slave].sii_size;
	for (int i = 0; i < plan->entry_count; i++) {
		const struct world_entry *entry = &plan->entries[i];
		bool swap = entry->kind == WORLD_SWAP;
		int other = swap && entry->other == slave ? entry->fault.slave : entry->other;

		if (!world->active[i] || (!swap && entry->kind != WORLD_REPLACE) ||
		    (entry->fault.slave != slave && (!swap || entry->other != slave)))
			continue;
		*sii = swap ? plan->sii[other] : plan->spares[other].sii;
		*size = swap ? plan->devices[other].sii_size : plan->spares[other].size;
	}
}

void world_put_devices(struct world *world, ecr_time gap)
{
	struct ecr_sim_fault off = { .kind = ECR_SIM_POWER_OFF, .lasts = gap };

	for (int i = 0; i < world->plan.fixed; i++) {
		struct sim_esc *esc = &world->ring.sim->slaves[i];
		const uint8_t *sii;
		size_t size;

		find_image(world, i, &sii, &size);
		if (sii == esc->device.sii)
			continue;
		sim_controller_replace(esc, sii, size);
		off.slave = i;
		if (gap)
			ecr_sim_inject(world->ring.sim, world->ring.now, &off);
	}
}

bool world_may_be_planned(const struct world *world)
{
	return world->ring.core->target == ECR_TARGET_PREOP ||
	       (world->state != ECR_STATE_OPERATIONAL && world->state != ECR_STATE_RECOVERING &&
		world->state != ECR_STATE_ACTIVATION_BLOCKED);
}

static void note_operation(struct world *world, int place)
{
	const struct sim_esc *esc = &world->ring.sim->slaves[place];
	struct world_slave *known = &world->slaves[place];
	bool operates = (sim_al_status(esc) & ECR_AL_STATE_MASK) > ECR_AL_PREOP;
	int slave = world_taken_for(world, place);

	known->operated =
		operates && (slave == known->taken_for ? known->operated : known->operates);
	known->operates = operates;
	if (slave != known->taken_for)
		known->named = world->ring.now;
	known->taken_for = slave;
}

/*
 * Whoever operates where another is missing gets that one's station first, by its position, and goes to INIT, or has its
 * own back when it was met by mistake: until then, and no longer than anything may go unnoticed, the slave is at fault.
 */
static bool is_only_named(const struct world *world, int place, int slave)
{
	const struct ecr_core *core = world->ring.core;

	return world->slaves[place].operated && slave < core->slave_count &&
	       core->slaves[slave].fault.kind != ECR_FAULT_NONE &&
	       !world_too_long(world, world->slaves[place].named, 0);
}

/* Nobody who is who he should be stands on the wrong side of it. */
static bool is_in_order(const struct world *world, int place, int slave)
{
	int at = world_position(world, place);

	for (int i = 0; i < world->plan.fixed; i++) {
		int other = world_position(world, i);

		if (i != slave && other >= 0 && world_is_itself(world, i) &&
		    (i < slave) != (other < at))
			return false;
	}
	return true;
}

bool world_is_spare(const struct world *world, int place)
{
	int slave = world_taken_for(world, place);

	return slave < world->plan.fixed && is_as_configured(world, place, slave) &&
	       is_in_order(world, place, slave);
}

bool world_passes_for(const struct world *world, int place, int slave)
{
	return is_as_configured(world, place, slave) && is_own_kind(world, place, slave);
}

/* Of two that were swapped the one that is there alone may be taken for itself: nothing but the order speaks against it. */
static void check_device(struct world *world, int place)
{
	const struct world_slave *known = &world->slaves[place];
	int slave = known->taken_for;
	bool welcome = is_as_configured(world, place, slave) &&
		       (world->plan_in_doubt || is_own_kind(world, place, slave));

	if (!welcome && known->operates && !is_only_named(world, place, slave))
		world_complain(world, "%s is brought up, and is not who it is to be",
			       world->plan.names[place]);
}

void world_check_devices(struct world *world)
{
	if (!world_has(&world->plan, WORLD_OTHERS))
		return;
	for (int i = 0; i < world->plan.fixed && !world_over(world); i++) {
		note_operation(world, i);
		if (world_is_own(world, i) && world->slaves[i].taken_for == i)
			continue;
		world->plan_in_doubt = world->plan_in_doubt || world_may_be_planned(world);
		check_device(world, i);
	}
}

/* Who is not there is not refused: somebody else is tried in its stead, whom no plan would be made for. */
static bool any_refused(const struct world *world)
{
	const struct ecr_core *core = world->ring.core;

	for (int i = 0; i < core->slave_count; i++) {
		int error = core->slaves[i].configuration_failure.error;

		if (core->slaves[i].fault.kind != ECR_FAULT_NONE && !world_away(world, i) &&
		    (error == ECR_ERR_IDENTITY_MISMATCH || error == ECR_ERR_PDO_MISMATCH ||
		     error == ECR_ERR_FMMU_LIMIT || error == ECR_ERR_NOT_RESERVED))
			return true;
	}
	return false;
}

bool world_wants_new_plan(const struct world *world)
{
	return world->plan_in_doubt && world->ring.core->phase == ECR_PHASE_STEADY &&
	       any_refused(world);
}

bool world_awaits_new_plan(const struct world *world)
{
	return world->plan_to_be_new && any_refused(world);
}
