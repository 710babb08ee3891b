/* SPDX-License-Identifier: Apache-2.0 */
/* Answers to questions about the session: snapshots copied into the caller's structures. */
#include "master/master.h"

#include "base/text.h"

#include <string.h>

static void copy_name(char *to, const char *from)
{
	struct ecr_text text;

	ecr_text_init(&text, to, ECR_NAME_SIZE);
	ecr_text_string(&text, from ? from : "");
}

/* Of bringing the slave where it should be, after the pause that follows a failure. */
static ecr_time next_attempt(const struct ecr_core *core, const struct ecr_slave *slave)
{
	if (slave->fault.kind == ECR_FAULT_NONE || slave->activity != ECR_ACTIVITY_NONE ||
	    !ecr_master_tends(core) || slave->retry_at <= core->now)
		return -1;
	return slave->retry_at - core->now;
}

static int fill_summaries(struct ecr_core *core, struct ecr_request *request)
{
	struct ecr_slave_summary *out = request->out;

	for (int i = 0; i < core->slave_count && i < request->room; i++) {
		const struct ecr_slave *slave = &core->slaves[i];

		out[i] = (struct ecr_slave_summary){ .station = slave->station,
						     .position = slave->position,
						     .down = slave->down,
						     .optional = slave->optional,
						     .absent = slave->absent,
						     .al_state = (enum ecr_al_state)slave->al_state,
						     .fault = slave->fault,
						     .next_attempt_ns = next_attempt(core, slave) };
		copy_name(out[i].name, slave->name);
	}
	return core->slave_count;
}

static int fill_domains(struct ecr_core *core, struct ecr_request *request)
{
	struct ecr_domain_info *out = request->out;

	for (int i = 0; i < core->domain_count && i < request->room; i++)
		ecr_domain_fill_info(&core->domains[i], core->now, &out[i]);
	return core->domain_count;
}

static enum ecr_pdo_health worse(enum ecr_pdo_health health, const struct ecr_freshness *freshness)
{
	enum ecr_pdo_health here = freshness->state == ECR_STALE       ? ECR_PDO_STALE
				   : freshness->state == ECR_NOT_READY ? ECR_PDO_NOT_READY
								       : ECR_PDO_FRESH;

	return health == ECR_PDO_UNATTACHED || here < health ? here : health;
}

/* The domain's entry is that of its oldest part. */
static void fill_freshness(struct ecr_core *core, const struct ecr_placement *placement,
			   struct ecr_slave_info *info)
{
	const struct ecr_domain *domain = &core->domains[placement->domain];
	struct ecr_freshness freshness;
	int at = 0;

	ecr_domain_freshness(domain, ecr_plan_refreshed(core, placement), core->now, &freshness);
	info->pdo_health = worse(info->pdo_health, &freshness);
	while (at < info->domain_count && !ecr_text_equal(info->pdo_domains[at].id, domain->id))
		at++;
	if (at == ECR_ATTACHMENTS)
		return;
	if (at == info->domain_count) {
		info->domain_count++;
		copy_name(info->pdo_domains[at].id, domain->id);
	} else if (info->pdo_domains[at].freshness.refreshed_at_us <= freshness.refreshed_at_us) {
		return;
	}
	info->pdo_domains[at].freshness = freshness;
}

static void fill_attachments(struct ecr_core *core, const struct ecr_slave *slave,
			     struct ecr_slave_info *info)
{
	for (uint32_t i = 0; i < slave->placements; i++) {
		const struct ecr_placement *placement =
			&core->plan.placements[slave->first_placement + i];
		const struct ecr_domain *domain = &core->domains[placement->domain];
		struct ecr_attachment *attachment = &info->attachments[info->attachment_count];

		if (placement->mail)
			continue;
		fill_freshness(core, placement, info);
		if (info->attachment_count == ECR_ATTACHMENTS) {
			info->signal_count = (uint16_t)(info->signal_count + placement->signals);
			info->attachments_left_out++;
			continue;
		}
		copy_name(attachment->domain, domain->id);
		attachment->sm_index = placement->sm;
		attachment->direction = placement->direction;
		attachment->logical_address = domain->logical_base + placement->offset;
		attachment->sm_size = placement->size;
		attachment->signal_count = placement->signals;
		attachment->first_signal = info->signal_count;
		info->signal_count = (uint16_t)(info->signal_count + placement->signals);
		info->attachment_count++;
	}
}

static uint8_t used_fmmus(const struct ecr_slave *slave)
{
	uint8_t used = 0;

	for (int i = 0; i < slave->plan.fmmu_count; i++)
		used = (uint8_t)(used + slave->plan.fmmu[i].enable);
	return used;
}

static int fill_slave(struct ecr_core *core, struct ecr_request *request)
{
	struct ecr_slave *slave = ecr_master_slave(core, request->name);
	struct ecr_slave_info *info = request->out;
	struct ecr_sii_mailbox mailbox;

	if (!slave)
		return ECR_ERR_NOT_FOUND;
	*info = (struct ecr_slave_info){ .station = slave->station,
					 .position = slave->position,
					 .al_state = (enum ecr_al_state)slave->al_state,
					 .down = slave->down,
					 .optional = slave->optional,
					 .absent = slave->absent,
					 .identity_known = slave->identity_known,
					 .identity = slave->identity,
					 .fmmu_count = slave->fmmu_count,
					 .sm_count = slave->sm_count,
					 .emulation = slave->emulation,
					 .lrw = ecr_slave_does_lrw(slave),
					 .dc = slave->features & ECR_FEATURE_DC,
					 .dl_status = slave->dl_status,
					 .available_fmmus = slave->fmmu_count,
					 .used_fmmus = used_fmmus(slave),
					 .configuration_error = slave->configuration_failure.error,
					 .configuration_failure = slave->configuration_failure,
					 .fault = slave->fault,
					 .next_attempt_ns = next_attempt(core, slave),
					 .mailbox = slave->mailbox.counts };
	copy_name(info->name, slave->name);
	copy_name(info->driver, slave->driver->name);
	memcpy(info->pdo_sides, slave->pdos.otherwise, sizeof(info->pdo_sides));
	if (slave->identity_known) {
		ecr_sii_mailbox(&slave->sii, &mailbox);
		info->coe = mailbox.receive_size && mailbox.protocols & ECR_SII_MAILBOX_COE;
		info->alias = ecr_sii_alias(&slave->sii);
		info->sii_warnings = slave->sii.warnings;
		ecr_sii_device_name(&slave->sii, info->device, sizeof(info->device));
	}
	fill_attachments(core, slave, info);
	return 0;
}

/* The last ones, oldest first; how many are kept. */
static int fill_emergencies(struct ecr_core *core, struct ecr_request *request)
{
	struct ecr_slave *slave = ecr_master_slave(core, request->name);
	struct ecr_emergency *out = request->out;
	uint64_t count;
	int kept;

	if (!slave)
		return ECR_ERR_NOT_FOUND;
	count = slave->mailbox.emergency_count;
	kept = count < ECR_EMERGENCIES ? (int)count : ECR_EMERGENCIES;
	for (int i = 0; i < kept && i < request->room; i++)
		out[i] = slave->mailbox.emergencies[(count - (uint64_t)kept + (uint64_t)i) %
						    ECR_EMERGENCIES];
	return kept;
}

static int fill_signals(struct ecr_core *core, struct ecr_request *request)
{
	struct ecr_slave *slave = ecr_master_slave(core, request->name);
	struct ecr_signal_info *out = request->out;
	int count = 0;

	if (!slave)
		return ECR_ERR_NOT_FOUND;
	for (uint32_t i = 0; i < core->plan.placement_count; i++) {
		const struct ecr_placement *placement = &core->plan.placements[i];

		if (placement->slave != slave)
			continue;
		for (uint32_t k = 0; k < placement->signals; k++, count++) {
			const struct ecr_placed_signal *signal =
				&core->plan.signals[placement->first_signal + k];

			if (count >= request->room)
				continue;
			out[count] = (struct ecr_signal_info){ .direction = signal->direction,
							       .type = signal->model.type,
							       .sm_index = placement->sm,
							       .bit_offset = signal->bit_offset -
									     placement->offset * 8 -
									     placement->start_bit,
							       .bit_size = signal->bit_size };
			copy_name(out[count].name, signal->model.name);
			copy_name(out[count].domain, core->domains[placement->domain].id);
		}
	}
	return count;
}

static int fill_domain(struct ecr_core *core, struct ecr_request *request)
{
	struct ecr_domain *domain = ecr_master_domain(core, request->name);

	if (!domain)
		return ECR_ERR_NOT_FOUND;
	ecr_domain_fill_info(domain, core->now, request->out);
	return 0;
}

static void fill_redundancy(const struct ecr_core *core, struct ecr_redundancy_info *info)
{
	const struct ecr_bus *bus = &core->bus;

	info->redundant = bus->redundant;
	info->breaks = bus->info.redundancy.breaks;
	info->partial = bus->info.redundancy.partial;
	info->split = bus->split;
	for (int i = 0; i < 2; i++) {
		info->port_up[i] = bus->port_up[i] && (i == 0 || bus->redundant);
		info->reach[i] = bus->reach[i];
		info->ends[i] = bus->split ? core->reach.ends[i] : -1;
	}
}

static int fill_bus(struct ecr_core *core, struct ecr_request *request)
{
	struct ecr_bus_info *info = request->out;

	if (core->state == ECR_STATE_IDLE) {
		memset(info, 0, sizeof(*info));
		return 0;
	}
	*info = core->bus.info;
	info->up = core->bus.up;
	fill_redundancy(core, &info->redundancy);
	info->frame_timeout_ns = core->bus.frame_timeout;
	info->frame_timeout_ms = (int32_t)(core->bus.frame_timeout / ECR_MS(1));
	info->queue_realtime = (uint32_t)ecr_list_count(&core->bus.queue[ECR_REALTIME]);
	info->queue_reliable = (uint32_t)ecr_list_count(&core->bus.queue[ECR_RELIABLE]);
	info->in_flight = core->bus.flying;
	return 0;
}

static int fill_failure(struct ecr_core *core, struct ecr_request *request)
{
	struct ecr_failure *failure = request->out;

	*failure = ecr_master_trouble(core);
	return 0;
}

/* What there is to tell of slaves and domains while a session lasts. */
static int session_info(struct ecr_core *core, struct ecr_request *request)
{
	switch (request->kind) {
	case ECR_REQUEST_DC_SLAVES:
		return ecr_clocks_slaves(core, request->out, request->room);
	case ECR_REQUEST_SLAVES:
		return fill_summaries(core, request);
	case ECR_REQUEST_DOMAINS:
		return fill_domains(core, request);
	case ECR_REQUEST_SLAVE_INFO:
		return fill_slave(core, request);
	case ECR_REQUEST_EMERGENCIES:
		return fill_emergencies(core, request);
	case ECR_REQUEST_SLAVE_PDOS:
		return ecr_master_pdos(core, request);
	case ECR_REQUEST_SUSPECTS:
		return ecr_master_suspects(core, request);
	case ECR_REQUEST_DIFFERENCES:
		return ecr_master_differences(core, request);
	case ECR_REQUEST_LINKS:
		return ecr_master_links(core, request);
	case ECR_REQUEST_LOOSE_ENDS:
		return ecr_master_loose_ends(core, request);
	case ECR_REQUEST_AL_HISTORY:
		return ecr_master_al_history(core, request);
	case ECR_REQUEST_SLAVE_SIGNALS:
		return fill_signals(core, request);
	default:
		return fill_domain(core, request);
	}
}

int ecr_master_info(struct ecr_core *core, struct ecr_request *request)
{
	switch (request->kind) {
	case ECR_REQUEST_LAST_FAILURE:
		return fill_failure(core, request);
	case ECR_REQUEST_BUS_INFO:
		return fill_bus(core, request);
	case ECR_REQUEST_DC_STATUS:
		return ecr_clocks_status(core, request->out);
	default:
		return core->state == ECR_STATE_IDLE ? ECR_ERR_NOT_STARTED
						     : session_info(core, request);
	}
}
