/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One slave's part of the plan: which of its SyncManagers go to which domains, where they lie in the
 * images, and the FMMUs that map them. The rules are the hardware's: a SyncManager is mapped whole
 * from its start address; outputs are mapped bit-wise in the digital output registers only; an ESC
 * that has a bit-wise FMMU needs three free logical bytes to the next one of that direction, so only
 * a direction with a single SyncManager is ever mapped bit-wise; windows of domains are further apart.
 */
#include "master/plan.h"

#include <string.h>

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

/* Neighbours in memory and in the same domains can share one FMMU. */
static bool adjoins(const struct ecr_sm_layout *a, const struct ecr_sm_layout *b)
{
	return a->direction == b->direction && a->bits % 8 == 0 &&
	       a->sii.start + a->bits / 8 == b->sii.start;
}

/* SyncManagers from `first` on that one FMMU maps: more than one only when `join` says so. */
static int group_length(const struct ecr_mapping *mapping, const uint32_t *uses, int first,
			bool join)
{
	int next = first + 1;

	while (join && next < mapping->sm_count && uses[next] == uses[first] &&
	       adjoins(&mapping->sms[next - 1], &mapping->sms[next]))
		next++;
	return next - first;
}

static int bits_set(uint32_t word)
{
	int count = 0;

	for (; word; word &= word - 1)
		count++;
	return count;
}

/* FMMUs that a direction needs. */
static int count_fmmus(const struct ecr_mapping *mapping, const uint32_t *uses,
		       enum ecr_direction direction, bool join)
{
	int count = 0;

	for (int sm = 0; sm < mapping->sm_count; sm += group_length(mapping, uses, sm, join))
		if (mapping->sms[sm].direction == direction)
			count += bits_set(uses[sm]);
	return count;
}

/* What an ESC with a fixed configuration uses an FMMU for: as its EEPROM says, else outputs first. */
static bool fixed_use(const struct ecr_slave *slave, int number, enum ecr_direction direction)
{
	uint8_t usage;

	if (!(slave->features & ECR_FEATURE_FIXED_FMMU_SM))
		return true;
	if (!ecr_sii_fmmu_usage(&slave->sii, (unsigned int)number, &usage))
		usage = (uint8_t)(number == 0 ? ECR_SII_FMMU_OUTPUTS : ECR_SII_FMMU_INPUTS);
	return usage == (direction == ECR_OUTPUT ? ECR_SII_FMMU_OUTPUTS : ECR_SII_FMMU_INPUTS);
}

static int fmmu_room(const struct ecr_slave *slave)
{
	return slave->fmmu_count < ECR_SLAVE_FMMUS ? slave->fmmu_count : (int)ECR_SLAVE_FMMUS;
}

static int room_for(const struct ecr_slave *slave, enum ecr_direction direction)
{
	int count = 0;

	for (int i = 0; i < fmmu_room(slave); i++)
		count += fixed_use(slave, i, direction);
	return count;
}

static bool enough(const struct ecr_slave *slave, int outputs, int inputs)
{
	return outputs + inputs <= fmmu_room(slave) && outputs <= room_for(slave, ECR_OUTPUT) &&
	       inputs <= room_for(slave, ECR_INPUT);
}

static bool must_see_mail(const struct ecr_slave *slave)
{
	return slave->config->mailbox_watch == ECR_MAILBOX_MAPPED;
}

/* Chooses between an FMMU for each SyncManager and shared ones; too few even then: says how many. */
static int choose_joining(struct ecr_placing *placing)
{
	const struct ecr_slave *slave = placing->slave;
	int outputs = count_fmmus(&placing->mapping, placing->uses, ECR_OUTPUT, false);
	int inputs = count_fmmus(&placing->mapping, placing->uses, ECR_INPUT, false);

	placing->join = !enough(slave, outputs, inputs) ||
			(must_see_mail(slave) && outputs + inputs == fmmu_room(slave));
	if (!placing->join)
		return 0;
	outputs = count_fmmus(&placing->mapping, placing->uses, ECR_OUTPUT, true);
	inputs = count_fmmus(&placing->mapping, placing->uses, ECR_INPUT, true);
	placing->needed = (uint32_t)(outputs + inputs);
	placing->had = (uint32_t)fmmu_room(slave);
	return enough(slave, outputs, inputs) ? 0 : ECR_ERR_FMMU_LIMIT;
}

/* Whether the hardware can map this SyncManager bit-wise, and the domain asks for it. */
static bool bit_wise(const struct ecr_placing *placing, const struct ecr_sm_layout *layout,
		     int domain)
{
	uint32_t end = layout->sii.start + (layout->bits + 7) / 8;
	int same = 0;

	for (int i = 0; i < placing->mapping.sm_count; i++)
		same += placing->uses[i] && placing->mapping.sms[i].direction == layout->direction;
	if (!placing->core->domains[domain].config->pack_bits || same != 1 ||
	    layout->bits % 8 == 0 || (placing->slave->features & ECR_FEATURE_BIT_FMMU_NOT))
		return false;
	return layout->direction == ECR_INPUT ||
	       (layout->sii.start >= ECR_REG_DIGITAL_OUTPUTS &&
		end <= ECR_REG_DIGITAL_OUTPUTS + ECR_REG_DIGITAL_OUTPUTS_SIZE);
}

/* A SyncManager does not straddle two datagrams unless it is larger than one. */
static uint32_t past_boundary(uint32_t offset, uint32_t size)
{
	uint32_t last = (offset + size - 1) / ECR_DOMAIN_CHUNK;

	return size <= ECR_DOMAIN_CHUNK && offset / ECR_DOMAIN_CHUNK != last
		       ? last * ECR_DOMAIN_CHUNK
		       : offset;
}

static struct ecr_spot place_bytes(struct ecr_sketch *sketch,
				   const struct ecr_domain_config *config,
				   enum ecr_direction direction, uint32_t size)
{
	bool overlap = config->overlap && direction == ECR_INPUT;
	uint32_t offset = past_boundary(overlap ? sketch->start : sketch->size, size);

	if (overlap)
		sketch->start = offset + size;
	if (offset + size > sketch->size)
		sketch->size = offset + size;
	return (struct ecr_spot){ .byte = offset };
}

/* Behind the last bits of this direction when their byte has room, else in a byte of its own. */
static struct ecr_spot place_bits(struct ecr_sketch *sketch, enum ecr_direction direction,
				  uint32_t bits)
{
	struct ecr_spot spot = sketch->open[direction];
	uint32_t bytes = (spot.bit + bits + 7) / 8;

	if (spot.bit == 0 || (bytes > 1 && spot.byte + 1 != sketch->size) ||
	    past_boundary(spot.byte, bytes) != spot.byte) {
		spot = (struct ecr_spot){ .byte = past_boundary(sketch->size, (bits + 7) / 8) };
		bytes = (bits + 7) / 8;
	}
	if (spot.byte + bytes > sketch->size)
		sketch->size = spot.byte + bytes;
	sketch->open[direction] = (struct ecr_spot){ .byte = spot.byte + (spot.bit + bits) / 8,
						     .bit = (uint8_t)((spot.bit + bits) % 8) };
	return spot;
}

static int every(const struct ecr_placing *placing, int number, int domain,
		 const struct ecr_signal_model **model)
{
	if (number >= placing->mapping.signal_count)
		return -1;
	*model = &placing->mapping.signals[number];
	return domain;
}

static int place_signals(struct ecr_placing *placing, int sm, struct ecr_placement *placement)
{
	struct ecr_drawing *drawing = placing->drawing;
	struct ecr_plan *plan = &placing->core->plan;
	const struct ecr_signal_model *model = NULL;
	bool whole = placing->slave->registered[placement->sm] >> placement->domain & 1;
	const char *name = "";
	uint32_t bit;
	uint16_t bits;
	int domain;
	int where;

	placement->first_signal = plan->signal_count;
	for (int i = 0;; i++) {
		domain = whole ? every(placing, i, placement->domain, &model)
			       : requested(placing->core, placing->slave, &placing->mapping, i,
					   &model, &name);
		if (domain < 0)
			return 0;
		if (domain != placement->domain ||
		    ecr_mapping_locate(&placing->mapping, model, &where, &bit, &bits) ||
		    where != sm)
			continue;
		if (plan->signal_count == drawing->signal_room)
			return ECR_ERR_NO_MEMORY;
		plan->signals[plan->signal_count++] = (struct ecr_placed_signal){
			.slave = placing->slave->name,
			.slave_index = placing->slave->index,
			.model = *model,
			.driver = placing->slave->driver,
			.driver_config = placing->slave->config->driver_config,
			.domain = domain,
			.direction = placement->direction,
			.bit_offset = placement->offset * 8 + placement->start_bit + bit,
			.bit_size = bits
		};
		placement->signals++;
	}
}

static int place_member(struct ecr_placing *placing, int sm, int domain, struct ecr_spot spot)
{
	const struct ecr_sm_layout *layout = &placing->mapping.sms[sm];
	struct ecr_plan *plan = &placing->core->plan;
	struct ecr_placement *placement = &plan->placements[plan->placement_count];

	if (plan->placement_count == placing->drawing->placement_room)
		return ECR_ERR_NO_MEMORY;
	plan->placement_count++;
	*placement = (struct ecr_placement){ .slave = placing->slave,
					     .domain = domain,
					     .sm = layout->index,
					     .direction = layout->direction,
					     .offset = spot.byte,
					     .start_bit = spot.bit,
					     .shared = bits_set(placing->uses[sm]) > 1,
					     .size = (spot.bit + layout->bits + 7) / 8,
					     .bits = layout->bits };
	return place_signals(placing, sm, placement);
}

static void plan_fmmu(struct ecr_placing *placing, int first, int domain, struct ecr_spot spot,
		      uint32_t bits, bool by_bits)
{
	const struct ecr_sm_layout *layout = &placing->mapping.sms[first];
	struct ecr_slave_plan *plan = &placing->slave->plan;
	bool output = layout->direction == ECR_OUTPUT;
	int number = 0;

	while (plan->fmmu[number].enable || !fixed_use(placing->slave, number, layout->direction))
		number++;
	plan->fmmu[number] =
		(struct ecr_fmmu){ .logical = spot.byte, /* the base comes later */
				   .length = (uint16_t)((spot.bit + bits + 7) / 8),
				   .start_bit = spot.bit,
				   .stop_bit = (uint8_t)(by_bits ? (spot.bit + bits - 1) % 8 : 7),
				   .physical = layout->sii.start,
				   .read = !output,
				   .write = output,
				   .enable = true };
	plan->fmmu_domain[number] = (uint8_t)domain;
	if (number >= plan->fmmu_count)
		plan->fmmu_count = (uint8_t)(number + 1);
}

/* The number of an FMMU that is neither used nor fixed to something else; -1: there is none. */
static int spare_fmmu(const struct ecr_slave *slave)
{
	uint8_t usage = 0;

	for (int i = 0; i < fmmu_room(slave); i++) {
		bool fixed = slave->features & ECR_FEATURE_FIXED_FMMU_SM;

		if (slave->plan.fmmu[i].enable)
			continue;
		if (!fixed || (ecr_sii_fmmu_usage(&slave->sii, (unsigned int)i, &usage) &&
			       usage == ECR_SII_FMMU_MAILBOX))
			return i;
	}
	return -1;
}

/* Where the slave's inputs are, else where it is at all: there it is counted already. */
static int domain_of_mail(const struct ecr_placing *placing)
{
	const struct ecr_plan *plan = &placing->core->plan;
	int found = -1;

	for (uint32_t i = placing->slave->first_placement; i < plan->placement_count; i++) {
		if (plan->placements[i].direction == ECR_INPUT)
			return plan->placements[i].domain;
		found = plan->placements[i].domain;
	}
	return found;
}

static bool wants_mail(const struct ecr_slave *slave)
{
	return must_see_mail(slave) || (ecr_slave_speaks_coe(slave) && slave->watch_period &&
					slave->config->mailbox_watch != ECR_MAILBOX_ASKED);
}

/* Why the status cannot be in the image, where it is asked for; 0 when it can, or need not. */
static int mail_refusal(struct ecr_placing *placing, int domain, int fmmu)
{
	const struct ecr_slave *slave = placing->slave;

	if (!must_see_mail(slave))
		return 0;
	placing->mapping.culprit = "mailbox_watch";
	if (!ecr_slave_speaks_coe(slave))
		return ecr_slave_lacks_coe(slave);
	if (domain < 0)
		return ECR_ERR_MAILBOX_NOT_MAPPED;
	placing->had = (uint32_t)fmmu_room(slave);
	placing->needed = placing->had + 1;
	return fmmu < 0 ? ECR_ERR_FMMU_LIMIT : 0;
}

/* The status of SyncManager 1 as a byte of the image. Bit-wise FMMUs of the slave's are kept away from. */
static int place_mail(struct ecr_placing *placing)
{
	struct ecr_slave *slave = placing->slave;
	struct ecr_plan *plan = &placing->core->plan;
	int domain = domain_of_mail(placing);
	int number = spare_fmmu(slave);
	uint32_t gap;
	struct ecr_spot spot;
	int error = mail_refusal(placing, domain, number);

	if (error || domain < 0 || number < 0 || !wants_mail(slave))
		return error;
	if (plan->placement_count == placing->drawing->placement_room)
		return ECR_ERR_NO_MEMORY;
	gap = placing->core->domains[domain].config->pack_bits ? LOGICAL_GAP : 0;
	spot = place_bytes(&placing->drawing->sketches[domain],
			   placing->core->domains[domain].config, ECR_INPUT, 1 + 2 * gap);
	spot.byte += gap;
	plan->placements[plan->placement_count++] = (struct ecr_placement){ .slave = slave,
									    .domain = domain,
									    .sm = 1,
									    .direction = ECR_INPUT,
									    .offset = spot.byte,
									    .mail = true,
									    .size = 1,
									    .bits = 8 };
	slave->plan.fmmu[number] = (struct ecr_fmmu){ .logical = spot.byte,
						      .length = 1,
						      .stop_bit = 7,
						      .physical = ECR_REG_SM_STATUS(1),
						      .read = true,
						      .enable = true };
	slave->plan.fmmu_domain[number] = (uint8_t)domain;
	if (number >= slave->plan.fmmu_count)
		slave->plan.fmmu_count = (uint8_t)(number + 1);
	return 0;
}

static uint32_t bytes_of(const struct ecr_sm_layout *layout)
{
	return (layout->bits + 7) / 8;
}

/* Adjoining SyncManagers in one domain, behind one FMMU. */
static int place_group(struct ecr_placing *placing, int first, int length, int domain)
{
	const struct ecr_sm_layout *sms = placing->mapping.sms;
	struct ecr_sketch *sketch = &placing->drawing->sketches[domain];
	bool by_bits = length == 1 && bit_wise(placing, &sms[first], domain);
	struct ecr_spot spot;
	uint32_t bytes = 0;
	int error;

	for (int i = 0; i < length; i++)
		bytes += bytes_of(&sms[first + i]);
	spot = by_bits ? place_bits(sketch, sms[first].direction, sms[first].bits)
		       : place_bytes(sketch, placing->core->domains[domain].config,
				     sms[first].direction, bytes);
	plan_fmmu(placing, first, domain, spot, by_bits ? sms[first].bits : bytes * 8, by_bits);
	for (int i = 0; i < length; i++) {
		error = place_member(placing, first + i, domain, spot);
		if (error)
			return error;
		spot.byte += bytes_of(&sms[first + i]);
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
			       .length = (uint16_t)bytes_of(layout),
			       .control = layout->sii.control };
	plan->sm_count++;
}

/* All SyncManagers are programmed, whether mapped or not: devices refuse SAFEOP when one is missing. */
static int place_direction(struct ecr_placing *placing, enum ecr_direction direction)
{
	const struct ecr_mapping *mapping = &placing->mapping;
	int length;
	int error;

	for (int sm = 0; sm < mapping->sm_count; sm += length) {
		length = group_length(mapping, placing->uses, sm, placing->join);
		if (mapping->sms[sm].direction != direction)
			continue;
		for (int i = 0; i < length; i++)
			plan_sm(placing->slave, &mapping->sms[sm + i]);
		for (int domain = 0; domain < placing->core->domain_count; domain++) {
			if (!(placing->uses[sm] >> domain & 1))
				continue;
			error = place_group(placing, sm, length, domain);
			if (error)
				return error;
		}
	}
	return 0;
}

int ecr_plan_place_unmapped(struct ecr_placing *placing)
{
	struct ecr_mapping *mapping = &placing->mapping;
	int error = mail_refusal(placing, -1, -1);

	if (error || !ecr_slave_activatable(placing->slave))
		return error;
	error = ecr_mapping_read(placing->slave, placing->drawing->arena, mapping);
	for (int sm = 0; sm < mapping->sm_count && !error; sm++)
		plan_sm(placing->slave, &mapping->sms[sm]);
	return error == ECR_ERR_NO_MEMORY ? error : 0;
}

/* Whether a SyncManager that is mapped by hand is what its caller thinks. */
static int check_registering(struct ecr_placing *placing)
{
	const struct ecr_registering *wanted = &placing->slave->registering;
	struct ecr_mapping *mapping = &placing->mapping;
	int sm = 0;

	while (sm < mapping->sm_count && mapping->sms[sm].index != wanted->sm)
		sm++;
	mapping->culprit = "SyncManager";
	if (sm == mapping->sm_count)
		return ECR_ERR_NOT_FOUND;
	if (mapping->sms[sm].direction != wanted->direction)
		return ECR_ERR_SM_DIRECTION;
	placing->needed = wanted->size;
	placing->had = bytes_of(&mapping->sms[sm]);
	return placing->needed == placing->had ? 0 : ECR_ERR_SM_SIZE;
}

static int use_registered(struct ecr_placing *placing)
{
	const struct ecr_slave *slave = placing->slave;

	for (int sm = 0; sm < placing->mapping.sm_count; sm++)
		placing->uses[sm] |= slave->registered[placing->mapping.sms[sm].index];
	return slave->registering.size ? check_registering(placing) : 0;
}

int ecr_plan_place(struct ecr_placing *placing)
{
	struct ecr_drawing *drawing = placing->drawing;
	int error = ecr_mapping_read(placing->slave, drawing->arena, &placing->mapping);

	if (!error)
		error = find_uses(placing->core, placing->slave, &placing->mapping, placing->uses);
	if (!error)
		error = use_registered(placing);
	if (!error)
		error = choose_joining(placing);
	for (int i = 0; i < ECR_DOMAINS_MAX; i++)
		drawing->sketches[i].start = drawing->sketches[i].size;
	if (!error)
		error = place_direction(placing, ECR_OUTPUT);
	if (!error)
		error = place_direction(placing, ECR_INPUT);
	if (!error)
		error = place_mail(placing);
	return error;
}
