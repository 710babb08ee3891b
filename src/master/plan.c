/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan: which SyncManager of which slave lies where in which domain, where each signal's bits
 * are, and what is programmed into each slave. Slaves are placed one behind the other
 * (master/place.c), then the domains get their logical windows.
 */
#include "master/plan.h"

#include <string.h>

#define LOGICAL_ALIGN 2048u
#define LOGICAL_HALF 0x80000000u
#define WATCHDOG_TICK_NS 40

void ecr_plan_explain(struct ecr_slave *slave)
{
	const struct ecr_refused *refused = &slave->refused;
	struct ecr_failure *failure = &slave->configuration_failure;

	*failure = (struct ecr_failure){ .position = -1, .phase = "", .subject = "" };
	slave->renewed = false;
	if (!refused->error)
		return;
	*failure = (struct ecr_failure){ .error = refused->error,
					 .position = slave->position,
					 .station = slave->station,
					 .phase = "plan",
					 .subject = refused->subject,
					 .expected = refused->expected,
					 .actual = refused->actual,
					 .at = refused->at };
	memcpy(failure->slave, slave->name, sizeof(slave->name));
}

static void refuse(struct ecr_placing *placing, int error)
{
	struct ecr_slave *slave = placing->slave;
	bool fmmus = error == ECR_ERR_FMMU_LIMIT;

	slave->refused =
		(struct ecr_refused){ .error = error,
				      .subject = fmmus ? "FMMUs" : placing->mapping.culprit,
				      .expected = placing->needed,
				      .actual = placing->had,
				      .at = placing->core->now };
	ecr_plan_explain(slave);
	slave->plan = (struct ecr_slave_plan){ 0 };
	if (slave->registering.size && slave->registering.fresh)
		slave->registered[slave->registering.sm] &= ~(1u << slave->registering.domain);
	slave->registering.size = 0;
}

/* The usual unit is 100 us; with long periods it grows until the count fits (ETG.1000.4, 6.3). */
static void set_watchdog(struct ecr_slave_plan *plan, ecr_time time)
{
	ecr_time ticks = (time / 0xFFFF + WATCHDOG_TICK_NS) / WATCHDOG_TICK_NS;
	ecr_time usual = ECR_WATCHDOG_DIVIDER_DEFAULT + 2;

	if (ticks < usual)
		ticks = usual;
	plan->watchdog_divider = (uint16_t)(ticks - 2);
	plan->watchdog_units = (uint16_t)(time / (ticks * WATCHDOG_TICK_NS));
	plan->watchdog_ns = plan->watchdog_units * ticks * WATCHDOG_TICK_NS;
}

/* A watchdog that expires within two periods would take the slave out of OP at the first lost cycle. */
static bool expires_within(const struct ecr_placement *placement, ecr_time period)
{
	const struct ecr_slave_plan *plan = &placement->slave->plan;

	return placement->direction == ECR_OUTPUT && plan->watchdog && plan->watchdog_ns &&
	       plan->watchdog_ns < 2 * period;
}

static int plan_watchdog(struct ecr_placing *placing)
{
	struct ecr_core *core = placing->core;
	struct ecr_slave *slave = placing->slave;
	int32_t given = slave->config->watchdog_ms;
	ecr_time longest = ECR_MS(100);
	ecr_time period;

	for (uint32_t i = slave->first_placement; i < core->plan.placement_count; i++) {
		period = core->domains[core->plan.placements[i].domain].period;
		longest = period * 10 > longest ? period * 10 : longest;
	}
	slave->plan.watchdog = given >= 0;
	set_watchdog(&slave->plan, given > 0 ? ECR_MS(given) : longest);
	for (uint32_t i = slave->first_placement; i < core->plan.placement_count; i++) {
		period = core->domains[core->plan.placements[i].domain].period;
		if (!expires_within(&core->plan.placements[i], period))
			continue;
		placing->mapping.culprit = "watchdog_ms";
		placing->needed = (uint32_t)(2 * period / ECR_MS(1));
		placing->had = (uint32_t)given;
		return ECR_ERR_WATCHDOG_TOO_SHORT;
	}
	return 0;
}

int ecr_plan_check_watchdogs(const struct ecr_core *core, int domain, ecr_time period)
{
	for (uint32_t i = 0; i < core->plan.placement_count; i++)
		if (core->plan.placements[i].domain == domain &&
		    expires_within(&core->plan.placements[i], period))
			return ECR_ERR_WATCHDOG_TOO_SHORT;
	return 0;
}

static int check_safe_values(struct ecr_placing *placing)
{
	const struct ecr_safe_value *value = placing->slave->config->safe_values;

	for (; value && value->signal; value++) {
		if (ecr_mapping_signal(&placing->mapping, value->signal))
			continue;
		placing->mapping.culprit = value->signal;
		return ECR_ERR_SIGNAL_NOT_IN_MODEL;
	}
	return 0;
}

/* Nobody writes its outputs: no watchdog waits for them. */
static void plan_no_watchdog(struct ecr_slave *slave)
{
	slave->plan.watchdog = slave->plan.sm_count && slave->config->watchdog_ms >= 0;
	set_watchdog(&slave->plan, 0);
}

static int plan_unmapped(struct ecr_placing *placing)
{
	int error = ecr_plan_place_unmapped(placing);

	if (error == ECR_ERR_NO_MEMORY)
		return error;
	if (error)
		refuse(placing, error);
	else
		plan_no_watchdog(placing->slave);
	return 0;
}

/* It was never seen, or the reading of its EEPROM was cut short: half of what is known may be another's. */
static bool is_unread(const struct ecr_slave *slave)
{
	return !slave->reserved && (slave->eeprom.mixed || (slave->down && !slave->identity_known));
}

/* A slave that cannot be mapped keeps its reason and takes no room. */
static int plan_slave(struct ecr_drawing *drawing, struct ecr_slave *slave)
{
	struct ecr_core *core = drawing->core;
	struct ecr_plan before = core->plan;
	struct ecr_sketch sketches[ECR_DOMAINS_MAX];
	struct ecr_placing placing = { .core = core, .drawing = drawing, .slave = slave };
	uint32_t domains = 0;
	int error;

	slave->plan = (struct ecr_slave_plan){ 0 };
	slave->first_placement = core->plan.placement_count;
	slave->placements = 0;
	slave->present_since = ECR_NEVER;
	slave->frozen_at = -1;
	slave->unfed_since = ECR_NEVER;
	slave->mapped = false;
	slave->refused.error = 0;
	slave->planned = slave->may_count = false; /* its FMMUs are where the last plan had them */
	slave->planned_for = (struct ecr_planned_for){ 0 };
	slave->no_room = false;
	if (slave->activity == ECR_ACTIVITY_NONE)
		ecr_slave_presume_again(slave);
	if (!ecr_slave_has_process_data(slave))
		return plan_unmapped(&placing);
	if (is_unread(slave)) {
		slave->no_room = true;
		core->plan.lacks |= !slave->optional && ecr_slave_activatable(slave);
		return 0;
	}
	if (!slave->pdos.whole) /* half a list would never be found again */
		ecr_pdo_forget(&slave->pdos);
	memcpy(sketches, drawing->sketches, sizeof(sketches));
	error = ecr_plan_place(&placing);
	if (!error)
		error = check_safe_values(&placing);
	if (!error)
		error = plan_watchdog(&placing);
	if (error == ECR_ERR_NO_MEMORY)
		return error;
	if (error) {
		core->plan = before;
		memcpy(drawing->sketches, sketches, sizeof(sketches));
		refuse(&placing, error);
		slave->no_room = slave->optional && slave->down; /* told when it comes */
		if (slave->no_room)
			slave->refused.error = 0;
		return 0;
	}
	for (int sm = 0; sm < placing.mapping.sm_count; sm++)
		domains |= placing.uses[sm];
	slave->mapped = domains != 0;
	slave->placements = core->plan.placement_count - slave->first_placement;
	ecr_slave_keep_planned(slave);
	if (!slave->mapped)
		plan_no_watchdog(slave);
	for (int i = 0; i < slave->plan.fmmu_count && !ecr_slave_activatable(slave); i++)
		slave->plan.fmmu[i].enable = false; /* held in PREOP: takes no part */
	return 0;
}

/*
 * Logical windows one behind the other, and the FMMUs moved to them. They begin where those of the plan before end: who was
 * lost in OP and comes back has its FMMUs from then, and must take nothing that is another's now.
 */
static uint32_t lay_out_domains(struct ecr_drawing *drawing)
{
	struct ecr_core *core = drawing->core;
	uint32_t base = core->logical_end < LOGICAL_HALF ? core->logical_end : 0;

	for (int i = 0; i < core->domain_count; i++) {
		uint32_t size = drawing->sketches[i].size;
		uint32_t chunks = (size + ECR_DOMAIN_CHUNK - 1) / ECR_DOMAIN_CHUNK;

		core->domains[i].logical_base = base;
		ecr_domain_build(&core->domains[i], drawing->arena, size, chunks,
				 core->plan.placement_count);
		base += (size + LOGICAL_GAP + LOGICAL_ALIGN - 1) / LOGICAL_ALIGN * LOGICAL_ALIGN;
	}
	return base;
}

static void move_fmmus(struct ecr_core *core)
{
	for (int i = 0; i < core->slave_count; i++) {
		struct ecr_slave_plan *plan = &core->slaves[i].plan;

		for (int k = 0; k < plan->fmmu_count; k++)
			if (plan->fmmu[k].enable)
				plan->fmmu[k].logical +=
					core->domains[plan->fmmu_domain[k]].logical_base;
	}
}

static uint32_t bit_in_sm(const struct ecr_placement *placement,
			  const struct ecr_placed_signal *signal)
{
	return signal->bit_offset - placement->offset * 8 - placement->start_bit;
}

/* Where the bits of `signal` lie in another placement of its SyncManager: a signal of that domain,
 * or a new one that is only written through the first; 0 without room. */
static uint32_t counterpart(struct ecr_drawing *drawing, const struct ecr_placement *there,
			    const struct ecr_placed_signal *signal, uint32_t bit)
{
	struct ecr_plan *plan = &drawing->core->plan;
	struct ecr_placed_signal *copy;

	for (uint32_t i = there->first_signal; i < there->first_signal + there->signals; i++)
		if (!plan->signals[i].twin && bit_in_sm(there, &plan->signals[i]) == bit &&
		    plan->signals[i].bit_size == signal->bit_size)
			return i + 1;
	if (plan->signal_count == drawing->signal_room)
		return 0;
	copy = &plan->signals[plan->signal_count++];
	*copy = *signal;
	copy->twin = 0;
	copy->domain = there->domain;
	copy->bit_offset = there->offset * 8 + there->start_bit + bit;
	return plan->signal_count;
}

static bool link_signal(struct ecr_drawing *drawing, const struct ecr_placement *here,
			uint32_t first)
{
	struct ecr_plan *plan = &drawing->core->plan;
	uint32_t bit = bit_in_sm(here, &plan->signals[first]);
	uint32_t last = first;

	for (uint32_t i = 0; i < plan->placement_count; i++) {
		const struct ecr_placement *there = &plan->placements[i];
		uint32_t twin;

		if (there == here || there->slave != here->slave || there->sm != here->sm)
			continue;
		twin = counterpart(drawing, there, &plan->signals[first], bit);
		if (!twin)
			return false;
		plan->signals[last].twin = twin;
		last = twin - 1;
	}
	if (last != first)
		plan->signals[last].twin = first + 1;
	return true;
}

/* A SyncManager is mapped whole: an output in one of its domains is written in all of them, in a
 * circle. */
static bool link_twins(struct ecr_drawing *drawing)
{
	struct ecr_plan *plan = &drawing->core->plan;

	for (uint32_t i = 0; i < plan->placement_count; i++) {
		const struct ecr_placement *here = &plan->placements[i];

		if (here->direction != ECR_OUTPUT || !here->shared)
			continue;
		for (uint32_t s = 0; s < here->signals; s++)
			if (!plan->signals[here->first_signal + s].twin &&
			    !link_signal(drawing, here, here->first_signal + s))
				return false;
	}
	return true;
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
			chunk->separate = chunk->separate || !ecr_slave_does_lrw(placement->slave);
		}
	}
}

/* Whoever cannot do LRW takes no part in these: one that was not seen yet may turn out to be such a one. */
static void note_lrw(struct ecr_core *core)
{
	for (uint32_t i = 0; i < core->plan.placement_count; i++) {
		const struct ecr_placement *placement = &core->plan.placements[i];
		const struct ecr_chunk *chunks = core->domains[placement->domain].chunks;
		uint32_t last = (placement->offset + placement->size - 1) / ECR_DOMAIN_CHUNK;

		for (uint32_t k = placement->offset / ECR_DOMAIN_CHUNK; k <= last; k++)
			placement->slave->planned_for.needs_lrw |=
				chunks[k].any_output && chunks[k].any_input && !chunks[k].separate;
	}
}

/* Where the mailboxes' status bytes are to be seen. */
static void show_mail(struct ecr_core *core)
{
	for (uint32_t i = 0; i < core->plan.placement_count; i++) {
		const struct ecr_placement *placement = &core->plan.placements[i];
		struct ecr_domain *domain = &core->domains[placement->domain];
		struct ecr_slave *slave = placement->slave;

		if (!placement->mail || !ecr_slave_activatable(slave))
			continue;
		slave->mailbox.status = (struct ecr_mail_status){
			.mapped = true,
			.always = slave->config->mailbox_watch == ECR_MAILBOX_MAPPED,
			.offset = placement->offset,
			.image = (const uint8_t *const *)&domain->inputs,
			.refreshed =
				&domain->chunks[placement->offset / ECR_DOMAIN_CHUNK].refreshed,
			.since = &slave->present_since,
			.period = &domain->period,
			.seen = -1
		};
	}
}

int ecr_plan_make(struct ecr_core *core)
{
	struct ecr_arena arena;
	struct ecr_drawing drawing = { .core = core, .arena = &arena };
	uint32_t end;
	int error = 0;

	ecr_arena_init(&arena, core->plan_block, core->plan_block_size);
	drawing.placement_room =
		(uint32_t)(core->plan_block_size / 8 / sizeof(struct ecr_placement));
	drawing.signal_room =
		(uint32_t)(core->plan_block_size / 4 / sizeof(struct ecr_placed_signal));
	core->plan = (struct ecr_plan){ 0 };
	core->plan.placements = ECR_TAKE(&arena, struct ecr_placement, drawing.placement_room);
	core->plan.signals = ECR_TAKE(&arena, struct ecr_placed_signal, drawing.signal_room);
	core->plan.withheld = ECR_TAKE(&arena, ecr_time, drawing.signal_room);
	core->withheld = 0;
	for (int i = 0; i < core->slave_count; i++) {
		core->slaves[i].mailbox.status.mapped = false;
		if (!error && !arena.exhausted)
			error = plan_slave(&drawing, &core->slaves[i]);
	}
	if (error || arena.exhausted)
		return ECR_ERR_NO_MEMORY;
	end = lay_out_domains(&drawing);
	if (arena.exhausted)
		return ECR_ERR_NO_MEMORY;
	if (!link_twins(&drawing))
		return ECR_ERR_NO_MEMORY;
	core->logical_end = end;
	move_fmmus(core);
	set_chunks(core);
	note_lrw(core);
	show_mail(core);
	for (uint32_t i = 0; i < core->plan.signal_count; i++)
		core->plan.withheld[i] = ECR_NEVER;
	core->expected_dirty = true;
	return 0;
}
