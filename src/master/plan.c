/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan: which SyncManager of which slave lies where in which domain, where each signal's bits
 * are, what is programmed into each slave, and which working counter every datagram must come back
 * with.
 */
#include "master/master.h"

#include "base/assert.h"
#include "base/text.h"
#include "slave/mapping.h"

#include <string.h>

#define LOGICAL_ALIGN 2048u
#define WATCHDOG_UNIT_NS ECR_US(100)

/* While the plan is made. */
struct drawing {
	struct ecr_core *core;
	struct ecr_arena *arena;
	uint32_t sizes[ECR_DOMAINS];
	uint32_t starts[ECR_DOMAINS]; /* of the slave being placed, for overlapping inputs and
					 outputs */
	uint32_t placement_room;
	uint32_t signal_room;
};

static int slave_error(struct ecr_core *core, struct ecr_slave *slave, int error,
		       const char *signal)
{
	slave->configuration_failure = (struct ecr_failure){ .error = error,
							     .position = slave->position,
							     .station = slave->station,
							     .phase = "plan",
							     .subject = signal ? signal : "",
							     .at = core->now };
	memcpy(slave->configuration_failure.slave, slave->name, sizeof(slave->name));
	return 0;
}

/* The domain that a signal is wanted in, by its place in the list of requests; -1 at the end. */
static int requested(struct ecr_core *core, const struct ecr_slave *slave,
		     const struct ecr_mapping *mapping, int number,
		     const struct ecr_signal_model **signal, const char **name)
{
	const struct ecr_process_data *data = &slave->config->process_data;
	const char *id = data->domain;
	struct ecr_domain *domain;

	if (data->kind == ECR_PROCESS_DATA_NONE)
		return -1;
	if (data->kind == ECR_PROCESS_DATA_ALL) {
		if (number >= mapping->signal_count)
			return -1;
		*signal = &mapping->signals[number];
	} else {
		if (!data->signals[number].signal)
			return -1;
		*name = data->signals[number].signal;
		*signal = ecr_mapping_signal(mapping, data->signals[number].signal);
		id = data->signals[number].domain;
	}
	domain = ecr_master_domain(core, id);
	return domain ? domain->index : -1;
}

/* Which SyncManagers go to which domains: one bit per domain. */
static int find_uses(struct ecr_core *core, struct ecr_slave *slave, struct ecr_mapping *mapping,
		     uint32_t uses[ECR_SLAVE_SMS])
{
	const struct ecr_signal_model *signal = NULL;
	const char *name = "";
	uint32_t bit;
	uint16_t bits;
	int domain;
	int sm;
	int error;

	for (int i = 0; (domain = requested(core, slave, mapping, i, &signal, &name)) >= 0; i++) {
		if (!signal) {
			mapping->culprit = name;
			return ECR_ERR_SIGNAL_NOT_IN_MODEL;
		}
		error = ecr_mapping_locate(mapping, signal, &sm, &bit, &bits);
		if (error)
			return error;
		uses[sm] |= 1u << domain;
	}
	return 0;
}

static struct ecr_placement *place(struct drawing *drawing, struct ecr_slave *slave,
				   const struct ecr_sm_layout *layout, int domain)
{
	struct ecr_plan *plan = &drawing->core->plan;
	struct ecr_placement *placement = &plan->placements[plan->placement_count];
	uint32_t size = (layout->bits + 7) / 8;
	bool overlap = drawing->core->domains[domain].config->overlap;
	uint32_t *end = &drawing->sizes[domain];
	uint32_t offset = *end;

	if (plan->placement_count == drawing->placement_room)
		return NULL;
	plan->placement_count++;
	if (overlap && layout->direction == ECR_INPUT) {
		offset = drawing->starts[domain];
		drawing->starts[domain] += size;
	}
	/* A SyncManager does not straddle two datagrams unless it is larger than one. */
	if (size <= ECR_DOMAIN_CHUNK &&
	    offset / ECR_DOMAIN_CHUNK != (offset + size - 1) / ECR_DOMAIN_CHUNK)
		offset = (offset + size - 1) / ECR_DOMAIN_CHUNK * ECR_DOMAIN_CHUNK;
	*placement = (struct ecr_placement){ .slave = slave,
					     .domain = domain,
					     .sm = layout->index,
					     .direction = layout->direction,
					     .offset = offset,
					     .size = size };
	*end = offset + size > *end ? offset + size : *end;
	return placement;
}

static int place_signals(struct drawing *drawing, struct ecr_slave *slave,
			 struct ecr_mapping *mapping, int sm, struct ecr_placement *placement)
{
	struct ecr_plan *plan = &drawing->core->plan;
	const struct ecr_signal_model *model = NULL;
	const char *name = "";
	uint32_t bit;
	uint16_t bits;
	int domain;
	int where;

	placement->first_signal = plan->signal_count;
	for (int i = 0; (domain = requested(drawing->core, slave, mapping, i, &model, &name)) >= 0;
	     i++) {
		struct ecr_placed_signal *signal = &plan->signals[plan->signal_count];

		if (domain != placement->domain ||
		    ecr_mapping_locate(mapping, model, &where, &bit, &bits) || where != sm)
			continue;
		if (plan->signal_count == drawing->signal_room)
			return ECR_ERR_NO_MEMORY;
		*signal = (struct ecr_placed_signal){ .slave = slave->name,
						      .model = *model,
						      .driver = slave->driver,
						      .driver_config = slave->config->driver_config,
						      .domain = domain,
						      .direction = placement->direction,
						      .bit_offset = placement->offset * 8 + bit,
						      .bit_size = bits };
		plan->signal_count++;
		placement->signals++;
	}
	return 0;
}

static void plan_sm(struct ecr_slave *slave, const struct ecr_sm_layout *layout)
{
	struct ecr_slave_plan *plan = &slave->plan;
	struct ecr_sm *sm = &plan->sm[plan->sm_count];

	plan->sm_index[plan->sm_count] = layout->index;
	plan->op_only[plan->sm_count] = layout->sii.enable & ECR_SII_SM_OP_ONLY;
	*sm = (struct ecr_sm){ .start = layout->sii.start,
			       .length = (uint16_t)((layout->bits + 7) / 8),
			       .control = layout->sii.control };
	plan->sm_count++;
}

static int plan_fmmu(struct ecr_slave *slave, const struct ecr_sm_layout *layout,
		     const struct ecr_placement *placement)
{
	struct ecr_slave_plan *plan = &slave->plan;
	bool output = layout->direction == ECR_OUTPUT;

	if (plan->fmmu_count >= slave->fmmu_count || plan->fmmu_count >= ECR_SLAVE_FMMUS)
		return ECR_ERR_FMMU_LIMIT;
	plan->fmmu[plan->fmmu_count++] =
		(struct ecr_fmmu){ .logical = placement->offset, /* the base comes later */
				   .length = (uint16_t)placement->size,
				   .stop_bit = 7,
				   .physical = layout->sii.start,
				   .read = !output,
				   .write = output,
				   .enable = true };
	return 0;
}

static int plan_uses(struct drawing *drawing, struct ecr_slave *slave, struct ecr_mapping *mapping,
		     const uint32_t uses[ECR_SLAVE_SMS], enum ecr_direction direction)
{
	for (int sm = 0; sm < mapping->sm_count; sm++) {
		const struct ecr_sm_layout *layout = &mapping->sms[sm];

		if (!uses[sm] || layout->direction != direction)
			continue;
		plan_sm(slave, layout);
		for (int domain = 0; domain < drawing->core->domain_count; domain++) {
			struct ecr_placement *placement;
			int error;

			if (!(uses[sm] >> domain & 1))
				continue;
			placement = place(drawing, slave, layout, domain);
			if (!placement)
				return ECR_ERR_NO_MEMORY;
			error = plan_fmmu(slave, layout, placement);
			if (!error)
				error = place_signals(drawing, slave, mapping, sm, placement);
			if (error)
				return error;
		}
	}
	return 0;
}

static void plan_watchdog(struct ecr_core *core, struct ecr_slave *slave, uint32_t domains)
{
	ecr_time longest = ECR_MS(100);
	int32_t given = slave->config->watchdog_ms;
	ecr_time units;

	for (int i = 0; i < core->domain_count; i++)
		if ((domains >> i & 1) && core->domains[i].period * 10 > longest)
			longest = core->domains[i].period * 10;
	if (given > 0)
		longest = ECR_MS(given);
	units = longest / WATCHDOG_UNIT_NS;
	slave->plan.watchdog = given >= 0;
	slave->plan.watchdog_divider = ECR_WATCHDOG_DIVIDER_DEFAULT;
	slave->plan.watchdog_units = (uint16_t)(units > 0xFFFF ? 0xFFFF : units);
}

/* A watchdog that expires within two periods would take the slave out of OP at the first lost cycle. */
int ecr_plan_check_watchdogs(const struct ecr_core *core, int domain, ecr_time period)
{
	for (uint32_t i = 0; i < core->plan.placement_count; i++) {
		const struct ecr_placement *placement = &core->plan.placements[i];
		const struct ecr_slave_plan *plan = &placement->slave->plan;

		if (placement->domain == domain && placement->direction == ECR_OUTPUT &&
		    plan->watchdog && plan->watchdog_units &&
		    plan->watchdog_units * WATCHDOG_UNIT_NS < 2 * period)
			return ECR_ERR_WATCHDOG_TOO_SHORT;
	}
	return 0;
}

static int plan_slave(struct drawing *drawing, struct ecr_slave *slave)
{
	struct ecr_core *core = drawing->core;
	struct ecr_plan before = core->plan;
	struct ecr_mapping mapping;
	uint32_t uses[ECR_SLAVE_SMS] = { 0 };
	uint32_t domains = 0;
	int error;

	slave->plan = (struct ecr_slave_plan){ 0 };
	slave->mapped = false;
	slave->unplannable = false;
	slave->planned = false;
	if (slave->config->process_data.kind == ECR_PROCESS_DATA_NONE)
		return 0;
	error = ecr_mapping_read(slave, drawing->arena, &mapping);
	if (!error)
		error = find_uses(core, slave, &mapping, uses);
	memcpy(drawing->starts, drawing->sizes, sizeof(drawing->starts));
	if (!error)
		error = plan_uses(drawing, slave, &mapping, uses, ECR_OUTPUT);
	if (!error)
		error = plan_uses(drawing, slave, &mapping, uses, ECR_INPUT);
	if (error == ECR_ERR_NO_MEMORY)
		return error;
	if (error) {
		core->plan = before;
		memcpy(drawing->sizes, drawing->starts, sizeof(drawing->sizes));
		slave->plan = (struct ecr_slave_plan){ 0 };
		slave->unplannable = true;
		return slave_error(core, slave, error, mapping.culprit);
	}
	for (int sm = 0; sm < mapping.sm_count; sm++)
		domains |= uses[sm];
	slave->mapped = domains != 0;
	if (slave->mapped)
		plan_watchdog(core, slave, domains);
	return 0;
}

/* Logical windows one behind the other, and the FMMUs moved to them. */
static void lay_out_domains(struct drawing *drawing)
{
	struct ecr_core *core = drawing->core;
	uint32_t base = 0;

	for (int i = 0; i < core->domain_count; i++) {
		uint32_t size = drawing->sizes[i];
		uint32_t chunks = (size + ECR_DOMAIN_CHUNK - 1) / ECR_DOMAIN_CHUNK;

		core->domains[i].logical_base = base;
		ecr_domain_build(&core->domains[i], drawing->arena, size, chunks);
		base += (size + LOGICAL_ALIGN) / LOGICAL_ALIGN * LOGICAL_ALIGN;
	}
}

static void move_fmmus(struct ecr_core *core)
{
	struct ecr_slave *slave = NULL;
	int number = 0;

	for (uint32_t i = 0; i < core->plan.placement_count; i++) {
		const struct ecr_placement *placement = &core->plan.placements[i];

		number = placement->slave == slave ? number + 1 : 0;
		slave = placement->slave;
		ECR_ASSERT(slave);
		slave->plan.fmmu[number].logical += core->domains[placement->domain].logical_base;
	}
}

/* An output mapped into several domains is written in all of them. */
static void link_twins(struct ecr_core *core)
{
	struct ecr_placed_signal *signals = core->plan.signals;

	for (uint32_t i = 0; i < core->plan.placement_count; i++) {
		const struct ecr_placement *a = &core->plan.placements[i];

		for (uint32_t k = i + 1; k < core->plan.placement_count; k++) {
			const struct ecr_placement *b = &core->plan.placements[k];

			if (b->slave != a->slave)
				break;
			if (b->sm != a->sm || a->direction != ECR_OUTPUT)
				continue;
			for (uint32_t s = 0; s < a->signals && s < b->signals; s++)
				signals[a->first_signal + s].twin = b->first_signal + s + 1;
			break;
		}
	}
}

static void set_chunks(struct ecr_core *core)
{
	for (int i = 0; i < core->domain_count; i++) {
		struct ecr_domain *domain = &core->domains[i];

		for (uint32_t k = 0; k < domain->chunk_count; k++) {
			uint32_t left = domain->size - k * ECR_DOMAIN_CHUNK;

			domain->chunks[k].offset = k * ECR_DOMAIN_CHUNK;
			domain->chunks[k].length =
				(uint16_t)(left < ECR_DOMAIN_CHUNK ? left : ECR_DOMAIN_CHUNK);
			domain->chunks[k].separate = domain->config->separate;
		}
	}
	for (uint32_t i = 0; i < core->plan.placement_count; i++) {
		const struct ecr_placement *placement = &core->plan.placements[i];
		struct ecr_domain *domain = &core->domains[placement->domain];
		uint32_t last = (placement->offset + placement->size - 1) / ECR_DOMAIN_CHUNK;

		for (uint32_t k = placement->offset / ECR_DOMAIN_CHUNK; k <= last; k++) {
			struct ecr_chunk *chunk = &domain->chunks[k];

			chunk->any_output = chunk->any_output || placement->direction == ECR_OUTPUT;
			chunk->any_input = chunk->any_input || placement->direction == ECR_INPUT;
			chunk->separate = chunk->separate ||
					  (placement->slave->features & ECR_FEATURE_NO_LRW) ||
					  placement->slave->not_lrw;
		}
	}
}

int ecr_plan_make(struct ecr_core *core)
{
	struct ecr_arena arena;
	struct drawing drawing = { .core = core, .arena = &arena };
	int error = 0;

	ecr_arena_init(&arena, core->plan_block, core->plan_block_size);
	drawing.placement_room = (uint32_t)core->slave_count * 4 + 16;
	drawing.signal_room =
		(uint32_t)(core->plan_block_size / 4 / sizeof(struct ecr_placed_signal));
	core->plan = (struct ecr_plan){ 0 };
	core->plan.placements = ECR_TAKE(&arena, struct ecr_placement, drawing.placement_room);
	core->plan.signals = ECR_TAKE(&arena, struct ecr_placed_signal, drawing.signal_room);
	for (int i = 0; i < core->slave_count && !error && !arena.exhausted; i++)
		error = plan_slave(&drawing, &core->slaves[i]);
	if (error || arena.exhausted)
		return ECR_ERR_NO_MEMORY;
	lay_out_domains(&drawing);
	if (arena.exhausted)
		return ECR_ERR_NO_MEMORY;
	move_fmmus(core);
	link_twins(core);
	set_chunks(core);
	core->expected_dirty = true;
	return 0;
}

/*
 * What each datagram must come back with, counting the slaves that are in SAFEOP or OP now: per
 * slave and datagram +1 for inputs, +2 for outputs with LRW, +1 with LRD and LWR, however many
 * FMMUs match (ETG.1000.4, 5.4.3). Once every mapped slave has been there the full count holds, so
 * that one that leaves is noticed.
 */
static void count_placement(struct ecr_domain *domain, const struct ecr_placement *placement,
			    bool ready, const struct ecr_placement *before)
{
	bool output = placement->direction == ECR_OUTPUT;

	for (uint32_t k = placement->offset / ECR_DOMAIN_CHUNK;
	     k <= (placement->offset + placement->size - 1) / ECR_DOMAIN_CHUNK; k++) {
		struct ecr_chunk *chunk = &domain->chunks[k];
		int at = chunk->separate && output;
		uint32_t worth = output && !chunk->separate ? 2 : 1;

		/* The slave's other SyncManagers of this direction in this datagram count already.
		 */
		if (before && (before->offset + before->size - 1) / ECR_DOMAIN_CHUNK >= k)
			continue;
		chunk->full[at] += worth;
		chunk->expected[at] += ready ? worth : 0;
	}
}

static const struct ecr_placement *same_before(const struct ecr_plan *plan, uint32_t number)
{
	const struct ecr_placement *placement = &plan->placements[number];

	while (number-- && plan->placements[number].slave == placement->slave)
		if (plan->placements[number].domain == placement->domain &&
		    plan->placements[number].direction == placement->direction)
			return &plan->placements[number];
	return NULL;
}

void ecr_plan_expected(struct ecr_core *core)
{
	bool all[ECR_DOMAINS];

	core->expected_dirty = false;
	for (int i = 0; i < core->domain_count; i++) {
		all[i] = true;
		for (uint32_t k = 0; k < core->domains[i].chunk_count; k++) {
			memset(core->domains[i].chunks[k].full, 0,
			       sizeof(core->domains[i].chunks[k].full));
			memset(core->domains[i].chunks[k].expected, 0,
			       sizeof(core->domains[i].chunks[k].expected));
		}
	}
	for (uint32_t i = 0; i < core->plan.placement_count; i++) {
		const struct ecr_placement *placement = &core->plan.placements[i];
		bool ready = placement->slave->al_state >= ECR_AL_SAFEOP && !placement->slave->down;

		all[placement->domain] = all[placement->domain] &&
					 (ready || !ecr_slave_activatable(placement->slave));
		count_placement(&core->domains[placement->domain], placement, ready,
				same_before(&core->plan, i));
	}
	for (int i = 0; i < core->domain_count; i++) {
		struct ecr_domain *domain = &core->domains[i];

		domain->complete =
			domain->complete || (all[i] && domain->state == ECR_DOMAIN_CYCLING);
		for (uint32_t k = 0; domain->complete && k < domain->chunk_count; k++)
			memcpy(domain->chunks[k].expected, domain->chunks[k].full,
			       sizeof(domain->chunks[k].full));
	}
}
