/* SPDX-License-Identifier: Apache-2.0 */
/* From start to PREOP: count, memory, reset, every slave at once to PREOP, plan, SyncManagers and
 * FMMUs. */
#include "master/master.h"

#include "base/assert.h"
#include "base/text.h"

#include <string.h>

#define SCAN_POLL_MS 100
#define SCAN_STABLE_MS 1000
#define PREOP_MS 30000
#define MAILBOX_TIMEOUT_MS 1000
#define MAILBOX_POLL_MS 20
#define HEALTH_POLL_MS 250
#define AUTO_INCREMENT_MAX 32769u

static ecr_time option_ms(int32_t given, int32_t otherwise)
{
	return ECR_MS(given < 0 ? 0 : given ? given : otherwise);
}

static bool anything_to_operate(const struct ecr_config *config)
{
	if (config->each && config->each->target_state == ECR_TARGET_OP)
		return true;
	for (int i = 0; config->slaves && config->slaves[i].name; i++)
		if (config->slaves[i].target_state == ECR_TARGET_OP)
			return true;
	return false;
}

static void begin_scan(struct ecr_core *core)
{
	struct ecr_boot *boot = &core->boot;

	boot->poll = option_ms(core->config->scan_poll_ms, SCAN_POLL_MS);
	boot->stable = option_ms(core->config->scan_stable_ms, SCAN_STABLE_MS);
	boot->count = 0;
	boot->readings = 0;
	boot->job.context = NULL;
	boot->job.subject = -1;
	ecr_master_phase(core, ECR_PHASE_SCAN);
	ecr_job_start(&core->runner, &boot->job, ecr_scan_steps);
}

int ecr_master_start(struct ecr_core *core, const struct ecr_config *config, ecr_time wall)
{
	struct ecr_failure failure;
	int error = ecr_master_check_options(config, &failure);

	if (error) {
		failure.at = core->now;
		core->last_failure = failure;
		return error;
	}
	core->config = config;
	core->last_failure = (struct ecr_failure){ .position = -1, .phase = "", .subject = "" };
	core->domain_faults = 0;
	core->unlinked_at = core->bus.up ? ECR_NEVER : core->now;
	core->epoch = core->now;
	core->domain_count = 0;
	for (int i = 0; config->domains && config->domains[i].id; i++) {
		struct ecr_domain *domain = &core->domains[core->domain_count++];
		struct ecr_bus *bus = &core->bus;

		ecr_domain_init(domain, i, &config->domains[i]);
		domain->event = bus->event;
		domain->event_context = bus->event_context;
	}
	ecr_clocks_init(core, wall);
	core->target = anything_to_operate(config) ? ECR_TARGET_OP : ECR_TARGET_PREOP;
	ecr_bus_reset(&core->bus);
	core->bus.redundant = config->backup_interface != NULL;
	core->reach = (struct ecr_reach){ .edge = -1, .ends = { -1, -1 }, .behind = -1 };
	core->boot.refused = core->boot.cleared = core->boot.silent = 0;
	core->boot.late = 0;
	ecr_master_enter(core, ECR_LIFE_START);
	begin_scan(core);
	return 0;
}

/* The ring is another than was counted: it is counted again, and all that was found is forgotten. */
static void scan_again(struct ecr_core *core)
{
	ecr_master_forget_slaves(core, ECR_ERR_SLAVE_DOWN);
	begin_scan(core);
}

static size_t slave_block_size(const struct ecr_core *core, struct ecr_arena *arena, uint32_t count)
{
	struct ecr_dc clocks;

	/* Slaves, configurations of those found, timers of all conversations, EEPROM contents. */
	ECR_TAKE(arena, struct ecr_slave, count);
	ECR_TAKE(arena, struct ecr_slave_config, count);
	ECR_TAKE(arena, struct ecr_timer *, count * ECR_JOBS_PER_SLAVE + ECR_MASTER_TIMERS);
	ecr_arena_take(arena, count, core->limits.sii_bytes);
	ecr_arena_take(arena, (size_t)count * 2, core->limits.mailbox_bytes);
	/* As they are, and as they were planned. */
	ECR_TAKE(arena, struct ecr_known_pdo, (size_t)count * 2 * core->limits.pdos);
	ECR_TAKE(arena, struct ecr_pdo_mapped, (size_t)count * 2 * core->limits.pdo_entries);
	ecr_dc_build(&clocks, arena, (int)count, (int)count);
	ECR_TAKE(arena, struct ecr_node, count);
	ECR_TAKE(arena, uint16_t, count);
	ECR_TAKE(arena, uint16_t, count);
	ECR_TAKE(arena, struct ecr_attendant, count + ECR_ROLL_SPARE);
	return arena->used + 64;
}

static uint32_t configured_slaves(const struct ecr_config *config)
{
	uint32_t count = 0;

	while (config->slaves && config->slaves[count].name)
		count++;
	return count;
}

static void ask_memory(struct ecr_core *core, enum ecr_phase phase, int block, size_t bytes)
{
	ecr_master_phase(core, phase);
	ecr_core_emit(core, (struct ecr_event){ .kind = ECR_EVENT_MEMORY_NEEDED,
						.slave = -1,
						.domain = -1,
						.to = block,
						.count = bytes });
}

static int check_ring(struct ecr_core *core, struct ecr_failure *failure)
{
	uint32_t base = ecr_master_station(core, 0);

	failure->actual = core->found;
	failure->expected = ecr_master_needed(core->config);
	failure->subject = "number of slaves";
	if (failure->expected > core->found)
		return ECR_ERR_SLAVES_EXCEED_BUS;
	failure->actual = core->room;
	failure->expected = core->limits.slaves;
	if (core->room > core->limits.slaves) {
		failure->subject = "limits.slaves";
		return ECR_ERR_LIMIT;
	}
	failure->expected = AUTO_INCREMENT_MAX;
	if (core->room > AUTO_INCREMENT_MAX)
		return ECR_ERR_TOO_MANY_SLAVES;
	failure->subject = "base_station";
	failure->expected = 0xFFFF;
	failure->actual = base + core->room - 1;
	return failure->actual > 0xFFFF ? ECR_ERR_STATION_OVERFLOW : 0;
}

static void name_slave(struct ecr_slave_config *config, struct ecr_slave *slave, bool named)
{
	struct ecr_text name;

	ecr_text_init(&name, slave->name, sizeof(slave->name));
	if (named && config->name) {
		ecr_text_string(&name, config->name);
	} else {
		ecr_text_string(&name, "slave_");
		ecr_text_decimal(&name, slave->position);
	}
	config->name = slave->name;
}

/* The parts of the block that belong to slaves, one behind the other. */
struct slave_memory {
	uint8_t *eeproms;
	uint8_t *mailboxes;
	struct ecr_known_pdo *pdos;
	struct ecr_pdo_mapped *entries;
};

static void build_table(struct ecr_pdo_table *table, const struct ecr_limits *limits,
			const struct slave_memory *memory, size_t number)
{
	table->pdos = memory->pdos + number * limits->pdos;
	table->pdo_room = (uint16_t)limits->pdos;
	table->entries = memory->entries + number * limits->pdo_entries;
	table->entry_room = (uint16_t)limits->pdo_entries;
}

static void build_mailbox(struct ecr_core *core, struct ecr_slave *slave,
			  const struct slave_memory *memory)
{
	const struct ecr_limits *limits = &core->limits;
	struct ecr_mailbox *mailbox = &slave->mailbox;
	size_t number = (size_t)slave->index;

	mailbox->out = memory->mailboxes + number * 2 * limits->mailbox_bytes;
	mailbox->in = mailbox->out + limits->mailbox_bytes;
	mailbox->room = (uint16_t)limits->mailbox_bytes;
	mailbox->subject = slave->index;
	mailbox->notice = core->bus.event;
	mailbox->notice_context = core->bus.event_context;
	slave->transfer.mailbox = mailbox;
	slave->whole.transfer = &slave->transfer;
	slave->pdos.array.transfer = &slave->transfer;
	slave->pdos.array.whole = &slave->whole;
	slave->pdos.sii = &slave->sii;
	build_table(&slave->pdos.table, limits, memory, number * 2);
	build_table(&slave->planned_pdos, limits, memory, number * 2 + 1);
}

void ecr_master_take_options(struct ecr_slave *slave)
{
	const struct ecr_slave_config *config = slave->config;

	slave->driver = config->driver ? config->driver : &ecr_default_driver;
	slave->target = config->target_state;
	slave->poll_period =
		config->health_poll_ms < 0 ? 0 : option_ms(config->health_poll_ms, HEALTH_POLL_MS);
	slave->watch_period = config->mailbox_poll_ms < 0
				      ? 0
				      : option_ms(config->mailbox_poll_ms, MAILBOX_POLL_MS);
	slave->mailbox.timeout = option_ms(config->mailbox_timeout_ms, MAILBOX_TIMEOUT_MS);
}

static void build_slave(struct ecr_core *core, int index, const struct slave_memory *memory)
{
	struct ecr_slave *slave = &core->slaves[index];
	struct ecr_slave_config *config = &core->dynamic[index];

	if (configured_slaves(core->config))
		*config = core->config->slaves[index];
	else if (core->config->each)
		*config = *core->config->each;
	else
		*config = (struct ecr_slave_config){ .target_state = ECR_TARGET_PREOP };
	slave->index = index;
	slave->all = core->slaves;
	slave->all_count = core->slave_count;
	slave->naming = &core->roll.naming;
	slave->position = (uint16_t)index;
	slave->station = ecr_master_station(core, index);
	name_slave(config, slave, !core->config->each);
	slave->config = config;
	ecr_master_take_options(slave);
	slave->timeouts = &core->config->al_timeouts;
	slave->eeprom.bytes = memory->eeproms + (size_t)index * core->limits.sii_bytes;
	slave->eeprom.room = core->limits.sii_bytes;
	slave->configuration_failure =
		(struct ecr_failure){ .position = -1, .phase = "", .subject = "" };
	build_mailbox(core, slave, memory);
	slave->optional = ecr_config_is_optional(config);
	slave->errors.known = !slave->optional && core->boot.no_errors;
	slave->errors.links_known = !slave->optional && core->boot.no_lost_links;
	slave->neighbour = slave->place = slave->twin = ECR_STRANGER;
	ecr_slave_presume(slave);
}

static void build_slaves(struct ecr_core *core)
{
	struct ecr_arena arena;
	struct ecr_timer **timers;
	struct slave_memory memory;
	uint32_t configured = configured_slaves(core->config);

	ecr_arena_init(&arena, core->slave_block, core->slave_block_size);
	core->slaves = ECR_TAKE(&arena, struct ecr_slave, core->room);
	core->dynamic = ECR_TAKE(&arena, struct ecr_slave_config, core->room);
	timers = ECR_TAKE(&arena, struct ecr_timer *,
			  core->room * ECR_JOBS_PER_SLAVE + ECR_MASTER_TIMERS);
	memory.eeproms = ecr_arena_take(&arena, core->room, core->limits.sii_bytes);
	memory.mailboxes =
		ecr_arena_take(&arena, (size_t)core->room * 2, core->limits.mailbox_bytes);
	memory.pdos = ECR_TAKE(&arena, struct ecr_known_pdo, core->room * 2 * core->limits.pdos);
	memory.entries =
		ECR_TAKE(&arena, struct ecr_pdo_mapped, core->room * 2 * core->limits.pdo_entries);
	core->slave_count = configured ? (int)configured : core->found;
	ecr_clocks_build(core, &arena, core->room);
	core->nodes = ECR_TAKE(&arena, struct ecr_node, core->room);
	core->statuses = ECR_TAKE(&arena, uint16_t, core->room);
	core->order = ECR_TAKE(&arena, uint16_t, core->room);
	core->roll =
		(struct ecr_roll){ .core = core, .room = (uint16_t)(core->room + ECR_ROLL_SPARE) };
	core->roll.places = ECR_TAKE(&arena, struct ecr_attendant, core->roll.room);
	ECR_ASSERT(!arena.exhausted);
	ecr_timers_init(&core->runner.timers, timers,
			core->room * ECR_JOBS_PER_SLAVE + ECR_MASTER_TIMERS);
	core->hot = false;
	for (int i = 0; i < core->slave_count; i++) {
		build_slave(core, i, &memory);
		core->hot |= core->slaves[i].optional;
	}
	for (int i = 0; i < core->slave_count; i++)
		core->slaves[i].ring_count = core->hot ? 0 : core->found;
	core->boot.clear_stations = core->hot;
	core->boot.job.wkc = core->found;
	core->boot.to_init =
		ecr_slave_al_timeout(&core->config->al_timeouts, ECR_AL_OP, ECR_AL_INIT);
	core->boot.keep_speed = false;
	for (int i = 0; i < core->slave_count; i++)
		core->boot.keep_speed |=
			(core->slaves[i].config->sync.keep & ECR_SYNC_KEEP_SPEED) != 0;
	ecr_master_phase(core, ECR_PHASE_RESET);
	ecr_job_start(&core->runner, &core->boot.job, ecr_reset_steps);
}

static void scan_ended(struct ecr_core *core)
{
	struct ecr_failure failure = { .position = -1, .phase = "scan", .at = core->now };
	uint32_t configured = configured_slaves(core->config);
	struct ecr_arena arena;
	size_t bytes;

	if (core->boot.job.result) { /* a lost reading empties the window */
		if (core->now - core->phase_since < core->boot.poll)
			return;
		begin_scan(core);
		return;
	}
	core->found = core->boot.count;
	core->room = core->found > configured ? core->found : (uint16_t)configured;
	ecr_core_emit(core, (struct ecr_event){ .kind = ECR_EVENT_BUS_STABLE,
						.slave = -1,
						.domain = -1,
						.count = core->found });
	failure.cause = check_ring(core, &failure);
	if (failure.cause) {
		failure.error = ECR_ERR_CONFIGURATION_FAILED;
		ecr_master_end(core, &failure);
		return;
	}
	core->bus.frame_timeout = ecr_boot_patience(core);
	core->bus.rest = ecr_bus_tuned_rest(core->found);
	ecr_arena_init(&arena, NULL, 0);
	bytes = slave_block_size(core, &arena, core->room);
	if (core->slave_block && core->slave_block_size >= bytes)
		build_slaves(core);
	else
		ask_memory(core, ECR_PHASE_SLAVE_MEMORY, 0, bytes);
}

void ecr_master_memory(struct ecr_core *core, void *memory, size_t size)
{
	if (core->phase == ECR_PHASE_SLAVE_MEMORY) {
		struct ecr_arena arena;

		ecr_arena_init(&arena, NULL, 0);
		if (!memory || size < slave_block_size(core, &arena, core->room)) {
			ecr_master_fail(core, ECR_ERR_NO_MEMORY, NULL, 0);
			return;
		}
		core->slave_block = memory;
		core->slave_block_size = size;
		build_slaves(core);
	} else if (core->phase == ECR_PHASE_PLAN_MEMORY) {
		if (!memory || size < core->plan_wanted) {
			ecr_master_fail(core, ECR_ERR_NO_MEMORY, NULL, 0);
			return;
		}
		core->plan_block = memory;
		core->plan_block_size = size;
	}
}

static void begin_bringup(struct ecr_core *core)
{
	ecr_master_phase(core, ECR_PHASE_BRINGUP);
	core->recounted = core->state != ECR_STATE_DISCOVERING;
	if (!core->recounted) /* else patience is not renewed */
		core->preop_deadline =
			core->now + option_ms(core->config->awaiting_preop_ms, PREOP_MS);
	for (int i = 0; i < core->slave_count; i++)
		if (!core->slaves[i].absent)
			ecr_master_begin(core, &core->slaves[i], ECR_ACTIVITY_BRINGUP,
					 ECR_AL_PREOP);
	core->roll.checked = core->roll.to_check = false;
	ecr_roll_call(core, true);
	if (core->state == ECR_STATE_DISCOVERING)
		ecr_master_enter(core, ECR_LIFE_SLAVES_STARTED);
}

static void reset_ended(struct ecr_core *core)
{
	if (ecr_boot_again(core)) {
		scan_again(core);
		return;
	}
	if (core->boot.job.result) {
		struct ecr_failure failure = { .error = ECR_ERR_CONFIGURATION_FAILED,
					       .cause = ECR_ERR_INIT_RESET_FAILED,
					       .position = -1,
					       .phase = core->boot.job.failed_step,
					       .subject = core->boot.job.result == ECR_ERR_TIMEOUT
								  ? "no answer"
								  : "working counter",
					       .expected = core->boot.job.expected_wkc,
					       .actual = core->boot.job.failed_wkc,
					       .at = core->now };

		ecr_master_end(core, &failure);
		return;
	}
	if (core->hot) {
		ecr_master_phase(core, ECR_PHASE_ROLL);
		ecr_roll_call(core, true);
	} else {
		begin_bringup(core);
	}
}

/* A ring that changes under the questions is asked again, until there is no patience left. */
static void roll_ended(struct ecr_core *core)
{
	const struct ecr_slave *missing;

	if (core->roll.job.result) {
		if (core->now - core->phase_since > PREOP_MS * ECR_MS(1))
			ecr_master_fail(core, ECR_ERR_CONFIGURATION_FAILED, NULL,
					core->roll.job.result);
		else
			ecr_roll_call(core, true);
		return;
	}
	ecr_attend(core, true);
	missing = ecr_attend_missing(core);
	if (missing)
		ecr_master_fail(core, ECR_ERR_CONFIGURATION_FAILED, missing,
				ECR_ERR_SLAVES_EXCEED_BUS);
	else
		begin_bringup(core);
}

static int check_identity(const struct ecr_core *core, struct ecr_slave *slave)
{
	struct ecr_failure *failure = &slave->configuration_failure;
	int error = ecr_slave_check_identity(slave);

	if (!error)
		return 0;
	*failure = ecr_master_failure_in(core, slave, "identity", error);
	failure->subject = slave->mismatch.what;
	failure->expected = slave->mismatch.expected;
	failure->actual = slave->mismatch.actual;
	return error;
}

/* Without a common time nothing that was asked for holds: the session ends. */
static void clocks_ended(struct ecr_core *core)
{
	if (core->dc.error)
		ecr_clocks_refuse(core);
	else
		ecr_master_provision(core);
}

static void after_bringup(struct ecr_core *core)
{
	for (int i = 0; i < core->slave_count; i++) {
		if (!core->slaves[i].down && check_identity(core, &core->slaves[i])) {
			if (core->slaves[i].optional) {
				core->slaves[i].down = core->slaves[i].arriving = true;
				continue;
			}
			ecr_master_fail(core, ECR_ERR_CONFIGURATION_FAILED, &core->slaves[i], 0);
			return;
		}
	}
	if (ecr_clocks_set(core, false))
		ecr_master_phase(core, ECR_PHASE_CLOCKS);
	else
		clocks_ended(core);
}

static void await_preop(struct ecr_core *core)
{
	switch (ecr_master_await_preop(core)) {
	case ECR_AWAITING_NOBODY:
		after_bringup(core);
		break;
	case ECR_AWAITING_COUNT:
		scan_again(core);
		break;
	default:
		break;
	}
}

/* It is there, and nobody doubts that it is who it should be. */
static bool may_be_told(const struct ecr_slave *slave)
{
	return ecr_master_is_up(slave) && !slave->unproven;
}

/* Every slave that is new or configured anew is spoken to over its mailbox; one that fails is told and stays in PREOP. */
void ecr_master_provision(struct ecr_core *core)
{
	ecr_master_phase(core, ECR_PHASE_PROVISION);
	for (int i = 0; i < core->slave_count; i++)
		if (!core->slaves[i].provisioned && may_be_told(&core->slaves[i]))
			ecr_master_begin(core, &core->slaves[i], ECR_ACTIVITY_PROVISION,
					 ECR_AL_PREOP);
}

/* A plan that is made again uses the block it has. */
static void after_provision(struct ecr_core *core)
{
	if (core->plan_block) {
		ecr_master_phase(core, ECR_PHASE_PLAN_MEMORY);
		return;
	}
	if (!core->plan_wanted)
		core->plan_wanted = 65536 + (size_t)core->slave_count * 1024;
	ask_memory(core, ECR_PHASE_PLAN_MEMORY, 1, core->plan_wanted);
}

/* More bytes than a wire carries in a period: no cycle would ever be over in time. */
static bool end_of_large_image(struct ecr_core *core)
{
	struct ecr_failure failure = { .error = ECR_ERR_CONFIGURATION_FAILED,
				       .cause = ECR_ERR_IMAGE_TOO_LARGE,
				       .position = -1,
				       .phase = "plan",
				       .subject = "period in us that the domain needs, and has",
				       .at = core->now };

	for (int i = 0; i < core->domain_count; i++) {
		const struct ecr_domain *domain = &core->domains[i];
		ecr_time needed = ecr_domain_wire_time(domain);

		if (needed <= domain->period)
			continue;
		failure.expected = (uint32_t)(needed / 1000);
		failure.actual = (uint32_t)(domain->period / 1000);
		memcpy(failure.slave, domain->id, sizeof(failure.slave));
		ecr_master_end(core, &failure);
		return true;
	}
	return false;
}

bool ecr_plan_held(const struct ecr_core *core)
{
	for (int i = 0; i < core->domain_count; i++)
		if (ecr_domain_awaits(&core->domains[i]))
			return true;
	return false;
}

/* The plan is made in the block at hand; when that is too small, a larger one is asked for. */
static void make_plan(struct ecr_core *core)
{
	if (!core->plan_block || ecr_plan_held(core))
		return;
	if (ecr_plan_make(core) == ECR_ERR_NO_MEMORY) {
		for (int i = 0; i < core->domain_count; i++)
			ecr_domain_forget(&core->domains[i]);
		core->plan = (struct ecr_plan){ 0 };
		core->generation++;
		core->plan_block = NULL;
		core->plan_wanted *= 2;
		ask_memory(core, ECR_PHASE_PLAN_MEMORY, 1, core->plan_wanted);
		return;
	}
	core->generation++;
	if (end_of_large_image(core))
		return;
	ecr_master_phase(core, ECR_PHASE_CONFIGURE);
	for (int i = 0; i < core->slave_count; i++)
		if (!core->slaves[i].configuration_failure.error && may_be_told(&core->slaves[i]))
			ecr_master_begin(core, &core->slaves[i], ECR_ACTIVITY_CONFIGURE,
					 ECR_AL_PREOP);
}

void ecr_master_startup(struct ecr_core *core)
{
	switch (core->phase) {
	case ECR_PHASE_SCAN:
		if (!ecr_job_running(&core->boot.job))
			scan_ended(core);
		break;
	case ECR_PHASE_RESET:
		if (!ecr_job_running(&core->boot.job))
			reset_ended(core);
		break;
	case ECR_PHASE_ROLL:
		if (!ecr_job_running(&core->roll.job))
			roll_ended(core);
		break;
	case ECR_PHASE_BRINGUP:
		await_preop(core);
		break;
	case ECR_PHASE_CLOCKS:
		if (!ecr_dc_setting(&core->dc))
			clocks_ended(core);
		break;
	case ECR_PHASE_PROVISION:
		if (!core->busy)
			after_provision(core);
		break;
	case ECR_PHASE_PLAN_MEMORY:
		make_plan(core);
		break;
	case ECR_PHASE_CONFIGURE:
		if (!core->busy) {
			ecr_core_emit(core,
				      (struct ecr_event){ .kind = ECR_EVENT_CONFIGURATION_RESULT,
							  .slave = -1,
							  .domain = -1,
							  .count = (uint64_t)core->slave_count });
			ecr_master_phase(core, ECR_PHASE_QUIESCE);
		}
		break;
	default:
		break;
	}
}
