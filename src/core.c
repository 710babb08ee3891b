/* SPDX-License-Identifier: Apache-2.0 */
/* The seven verbs. */
#include "core.h"

#include "base/assert.h"
#include "master/master.h"

#define DEFAULT_SLAVES 1024
#define DEFAULT_SII 16384
#define DEFAULT_EVENTS 1024
#define DEFAULT_REQUESTS 256
#define DEFAULT_PDOS 32
#define DEFAULT_PDO_ENTRIES 256
#define WAIT_GRID ECR_US(250)
#define CLOCKS_WIRE_NS ECR_US(7) /* of a frame with the clocks' datagrams alone */

static uint32_t or_default(uint32_t given, uint32_t otherwise)
{
	return given ? given : otherwise;
}

static struct ecr_limits complete(const struct ecr_limits *limits)
{
	struct ecr_limits all = limits ? *limits : (struct ecr_limits){ 0 };

	all.slaves = or_default(all.slaves, DEFAULT_SLAVES);
	all.frames_in_flight = or_default(all.frames_in_flight, ECR_CORE_FLIGHTS);
	if (all.frames_in_flight > 128)
		all.frames_in_flight = 128;
	all.sii_bytes = or_default(all.sii_bytes, DEFAULT_SII);
	all.events = or_default(all.events, DEFAULT_EVENTS);
	all.requests = or_default(all.requests, DEFAULT_REQUESTS);
	all.mailbox_bytes = or_default(all.mailbox_bytes, ECR_MAILBOX_MAX);
	if (all.mailbox_bytes > ECR_MAILBOX_MAX)
		all.mailbox_bytes = ECR_MAILBOX_MAX;
	all.pdos = or_default(all.pdos, DEFAULT_PDOS);
	all.pdo_entries = or_default(all.pdo_entries, DEFAULT_PDO_ENTRIES);
	return all;
}

static struct ecr_core *build(struct ecr_arena *arena, const struct ecr_limits *limits)
{
	struct ecr_core *core = ECR_TAKE(arena, struct ecr_core, 1);
	struct ecr_event *events = ECR_TAKE(arena, struct ecr_event, limits->events);
	struct ecr_bus none;

	if (!core) {
		ecr_bus_init(&none, arena, (uint16_t)limits->frames_in_flight);
		return NULL;
	}
	core->limits = *limits;
	core->events = events;
	core->event_room = limits->events;
	core->state = ECR_STATE_IDLE;
	core->completed_tail = &core->completed;
	core->service_wake = ECR_NEVER;
	core->user_wake = ECR_NEVER;
	core->last_failure = (struct ecr_failure){ .position = -1, .phase = "", .subject = "" };
	core->unlinked_at = core->doubted_at = ECR_NEVER;
	ecr_bus_init(&core->bus, arena, (uint16_t)limits->frames_in_flight);
	ecr_runner_init(&core->runner, core->boot_timers, ECR_BOOT_TIMERS, WAIT_GRID);
	return core;
}

size_t ecr_core_size(const struct ecr_limits *limits)
{
	struct ecr_limits all = complete(limits);
	struct ecr_arena arena;

	ecr_arena_init(&arena, NULL, 0);
	build(&arena, &all);
	return arena.used + 64;
}

static void on_event(void *context, const struct ecr_event *event)
{
	ecr_core_note(context, event);
}

static void on_step(void *context, const struct ecr_job *job, const char *what, int error)
{
	struct ecr_core *core = context;

	ecr_core_emit(core,
		      (struct ecr_event){ .kind = ECR_EVENT_JOB_STEP,
					  .at = job->now,
					  .slave = (int16_t)(job->context ? job->subject : -1),
					  .domain = -1,
					  .error = error,
					  .text = what });
}

void ecr_core_listen(struct ecr_core *core, uint64_t kinds)
{
	bool steps = kinds & ECR_EVENT_BIT(ECR_EVENT_JOB_STEP);

	_Static_assert(ECR_EVENT_KINDS <= 64, "a bit for each kind");
	core->bus.listen = kinds;
	core->runner.trace = steps ? on_step : NULL;
	core->runner.trace_context = core;
}

struct ecr_core *ecr_core_init(void *memory, const struct ecr_limits *limits)
{
	struct ecr_limits all = complete(limits);
	struct ecr_arena arena;
	struct ecr_core *core;

	ecr_arena_init(&arena, memory, ecr_core_size(limits));
	core = build(&arena, &all);
	ECR_ASSERT(core && !arena.exhausted);
	core->bus.event = on_event;
	core->bus.event_context = core;
	return core;
}

static int cycle_time(struct ecr_core *core, const struct ecr_request *request)
{
	struct ecr_domain *domain = ecr_master_domain(core, request->name);
	int error;

	if (core->state == ECR_STATE_IDLE)
		return ECR_ERR_NOT_STARTED;
	if (!domain)
		return ECR_ERR_UNKNOWN_DOMAIN;
	if (!ecr_domain_bears(request->cycle_ns))
		return ECR_ERR_INVALID_ARGUMENT;
	if (ecr_domain_wire_time(domain) > request->cycle_ns)
		return ECR_ERR_IMAGE_TOO_LARGE;
	error = ecr_plan_check_watchdogs(core, domain->index, request->cycle_ns);
	if (error)
		return error;
	domain->period = request->cycle_ns; /* the clocks' cycle is that of the shortest one */
	ecr_plan_keep_stale(core);
	core->presence++;
	ecr_clocks_modulus(core);
	core->epoch = ecr_dc_epoch(&core->dc, core->now, core->epoch);
	ecr_domain_set_period(domain, &core->bus, core->now, core->epoch, request->cycle_ns);
	return 0;
}

static int switch_domain(struct ecr_core *core, const struct ecr_request *request)
{
	struct ecr_domain *domain = ecr_master_domain(core, request->name);

	if (core->state == ECR_STATE_IDLE)
		return ECR_ERR_NOT_STARTED;
	if (!domain)
		return ECR_ERR_NOT_FOUND;
	core->expected_dirty = true;
	if (request->kind == ECR_REQUEST_DOMAIN_START)
		return ecr_domain_start(domain, core->now, core->epoch);
	ecr_domain_stop(domain);
	core->domain_faults &= ~(1u << domain->index); /* it is not to begin anew */
	core->attention = true;
	return 0;
}

/* Requests that a later change of state answers; a negative result answers at once. */
static int begin_waiting(struct ecr_core *core, struct ecr_request *request)
{
	bool idle = core->state == ECR_STATE_IDLE;

	switch (request->kind) {
	case ECR_REQUEST_STOP:
		if (idle)
			return ECR_ERR_ALREADY_STOPPED;
		if (core->phase != ECR_PHASE_STOPPING)
			ecr_master_stop(core);
		return 0;
	case ECR_REQUEST_ACTIVATE:
		return ecr_master_activate(core);
	case ECR_REQUEST_DEACTIVATE:
		if (request->target != ECR_TARGET_SAFEOP && request->target != ECR_TARGET_PREOP)
			return ECR_ERR_INVALID_DEACTIVATE_TARGET;
		return ecr_master_deactivate(core, request->target);
	default:
		return idle ? ECR_ERR_NOT_STARTED : 0;
	}
}

int ecr_core_check(const struct ecr_config *config, struct ecr_failure *failure)
{
	return ecr_master_check_options(config, failure);
}

int ecr_core_submit(struct ecr_core *core, ecr_time now, struct ecr_request *request)
{
	int result = 0;

	core->now = now;
	request->next = NULL;
	switch (request->kind) {
	case ECR_REQUEST_START:
		result = core->state == ECR_STATE_IDLE
				 ? ecr_master_start(core, request->config, request->wall)
				 : ECR_ERR_ALREADY_STARTED;
		break;
	case ECR_REQUEST_STOP:
	case ECR_REQUEST_ACTIVATE:
	case ECR_REQUEST_DEACTIVATE:
	case ECR_REQUEST_AWAIT_RUNNING:
	case ECR_REQUEST_AWAIT_OPERATIONAL:
	case ECR_REQUEST_AWAIT_DC_LOCKED:
		result = begin_waiting(core, request);
		if (result < 0)
			break;
		ecr_master_wait(core, request);
		return 0;
	case ECR_REQUEST_CONFIGURE_SLAVE:
		result = ecr_master_configure(core, request->name, request->slave);
		if (result)
			break;
		ecr_master_wait(core, request);
		return 0;
	case ECR_REQUEST_REGISTER_PDO:
		result = ecr_master_register(core, request);
		if (result)
			break;
		ecr_master_wait(core, request);
		return 0;
	case ECR_REQUEST_CYCLE_TIME:
		result = cycle_time(core, request);
		break;
	case ECR_REQUEST_DOMAIN_START:
	case ECR_REQUEST_DOMAIN_STOP:
		result = switch_domain(core, request);
		break;
	case ECR_REQUEST_SDO:
		result = ecr_service_begin(core, request);
		if (!result)
			return 0;
		break;
	case ECR_REQUEST_SDO_CANCEL:
		result = ecr_service_cancel(core, request->out);
		break;
	case ECR_REQUEST_TRANSACT:
		result = ecr_user_begin(core, request);
		if (!result)
			return 0;
		break;
	case ECR_REQUEST_MEMORY:
		ecr_master_memory(core, request->memory, request->size);
		break;
	default:
		result = ecr_master_info(core, request);
		break;
	}
	ecr_core_complete(core, request, result);
	return 0;
}

size_t ecr_core_tx(struct ecr_core *core, ecr_time now, unsigned int port, uint8_t *frame,
		   size_t size)
{
	core->now = now;
	if (ecr_dc_awaits_stamp(&core->dc))
		return ecr_clocks_send(core, port, frame, size);
	return port > 1 ? 0 : ecr_bus_tx(&core->bus, now, port, frame, size);
}

static void take_cyclic(struct ecr_core *core, const struct ecr_transaction *transaction)
{
	struct ecr_exchange *exchange = ecr_domain_gather(transaction);
	enum ecr_domain_news news;

	if (!exchange)
		return;
	/* With nobody missing nobody can be back unseen. */
	if ((core->any_away || core->expected_dirty) && ecr_domain_breaks_off(exchange))
		ecr_master_doubt(core);
	news = ecr_domain_finished(exchange, transaction->received_at, core->now);
	if (news > ECR_DOMAIN_VALID)
		ecr_master_domain_news(core, exchange->domain, news);
}

static void take_finished(struct ecr_core *core)
{
	struct ecr_transaction *transaction;

	while ((transaction = ecr_bus_finished(&core->bus))) {
		switch ((enum ecr_owner)transaction->owner) {
		case ECR_OWNER_JOB:
			ecr_runner_answer(&core->runner, core->now, transaction);
			break;
		case ECR_OWNER_CYCLE:
			take_cyclic(core, transaction);
			break;
		case ECR_OWNER_USER:
			ecr_user_finished(core, transaction);
			break;
		case ECR_OWNER_CLOCK:
			ecr_clocks_news(core, ecr_dc_finished(&core->dc, transaction));
			break;
		case ECR_OWNER_REACH:
			ecr_master_reached(core);
			break;
		}
	}
}

static void run_jobs(struct ecr_core *core)
{
	struct ecr_link *link;
	struct ecr_job *job;

	ecr_runner_run(&core->runner, core->now);
	while ((job = ecr_runner_ended(&core->runner)))
		ecr_master_job_ended(core, job);
	while ((link = ecr_list_pop(&core->runner.outbox)))
		ecr_bus_submit(&core->bus, core->now,
			       ecr_container_of(link, struct ecr_transaction, link));
}

/* In most cycles nobody has anything to do. */
static bool jobs_rest(const struct ecr_core *core)
{
	return ecr_runner_rests(&core->runner, core->now);
}

void ecr_core_rx(struct ecr_core *core, ecr_time now, uint8_t *frame, size_t length,
		 const struct ecr_rx_meta *meta)
{
	struct ecr_arrival arrival = { .at = meta->at,
				       .port = meta->port & 1,
				       .crossed = meta->origin == ECR_ORIGIN_OTHER_PORT,
				       .foreign = meta->origin == ECR_ORIGIN_FOREIGN };

	core->now = now;
	ecr_bus_rx(&core->bus, now, &arrival, frame, length);
	take_finished(core);
}

static void tell_link(struct ecr_core *core, unsigned int port, bool was_up)
{
	struct ecr_event event = { .slave = -1, .domain = -1, .count = port, .from = was_up };

	event.kind = was_up ? ECR_EVENT_BUS_LINK_DOWN : ECR_EVENT_BUS_LINK_RECONNECTED;
	ecr_core_emit(core, event);
	event.kind = ECR_EVENT_BUS_LINK_HEALTH;
	event.to = !was_up;
	ecr_core_emit(core, event);
}

void ecr_core_link(struct ecr_core *core, ecr_time now, unsigned int port,
		   enum ecr_link_state state)
{
	bool was_up;

	core->now = now;
	if (port > 1 || (port && !core->bus.redundant))
		return;
	was_up = core->bus.port_up[port];
	if (state == ECR_LINK_SEND_FAILED) {
		ecr_bus_send_failed(&core->bus, now, port);
		take_finished(core);
		return;
	}
	ecr_bus_link(&core->bus, port, state == ECR_LINK_UP);
	if (core->bus.up)
		ecr_master_linked(core);
	else if (was_up != core->bus.port_up[port])
		core->unlinked_at = now;
	if (was_up != core->bus.port_up[port])
		tell_link(core, port, was_up);
}

uint64_t ecr_core_skipped(const struct ecr_core *core)
{
	uint64_t skipped = 0;

	for (int i = 0; i < core->domain_count; i++)
		skipped += core->domains[i].skipped;
	return skipped;
}

bool ecr_core_awaits(const struct ecr_core *core)
{
	return core->bus.flying > 0;
}

ecr_time ecr_core_next_cycle(const struct ecr_core *core)
{
	ecr_time next = ECR_NEVER;

	for (int i = 0; i < core->domain_count; i++)
		if (core->domains[i].state == ECR_DOMAIN_CYCLING &&
		    ecr_domain_due(&core->domains[i]) < next)
			next = ecr_domain_due(&core->domains[i]);
	return next;
}

uint64_t ecr_core_ring_time(const struct ecr_core *core, ecr_time at)
{
	return core->dc.estimate.known ? ecr_estimate_at(&core->dc.estimate, at) : 0;
}

/* Of domains and clocks: reliable frames keep away from it. */
static ecr_time next_cyclic(const struct ecr_core *core)
{
	ecr_time next = ecr_core_next_cycle(core);

	return core->dc.running && core->dc.next_at < next ? core->dc.next_at : next;
}

static ecr_time shortest_period(const struct ecr_core *core)
{
	ecr_time shortest = core->dc.running ? core->dc.cycle : ECR_NEVER;

	for (int i = 0; i < core->domain_count; i++)
		if (core->domains[i].state == ECR_DOMAIN_CYCLING &&
		    core->domains[i].period < shortest)
			shortest = core->domains[i].period;
	return shortest;
}

/* How long what cycles with no longer period than this takes the wire. */
static ecr_time taken_by(const struct ecr_core *core, ecr_time period)
{
	ecr_time taken = core->dc.running && core->dc.cycle <= period ? CLOCKS_WIRE_NS : 0;

	for (int i = 0; i < core->domain_count; i++)
		if (core->domains[i].state == ECR_DOMAIN_CYCLING &&
		    core->domains[i].period <= period)
			taken += core->domains[i].wire_ns;
	return taken;
}

/*
 * What is left of the shortest period: where those meet that have it, and where all do. If there nothing is
 * left beside the guard, reliable frames wait for an instant with fewer.
 */
static void note_gaps(struct ecr_core *core)
{
	ecr_time shortest = shortest_period(core);
	ecr_time narrow = shortest - taken_by(core, ECR_NEVER);

	core->bus.widest_gap = core->bus.cyclic_gap = ECR_NEVER;
	if (shortest == ECR_NEVER)
		return;
	core->bus.widest_gap = shortest - taken_by(core, shortest);
	core->bus.cyclic_gap = narrow > 2 * ECR_BUS_GUARD_NS ? narrow : core->bus.widest_gap;
}

/* Clocks go first, so that their datagram shares the domains' frame; all keep to one epoch. */
static void tick_cycles(struct ecr_core *core, ecr_time now)
{
	bool moved = core->dc.running && ecr_dc_tick(&core->dc, &core->bus, now, core->epoch);

	if (core->withheld)
		ecr_master_set_fault_values(core);
	for (int i = 0; i < core->domain_count; i++)
		ecr_domain_tick(&core->domains[i], &core->bus, now, core->epoch);
	if (moved)
		core->epoch = core->dc.epoch;
	/* One that a jump has made due before now goes at once, in the frame of the others. */
	for (int i = 0; moved && i < core->domain_count; i++) {
		ecr_domain_follow(&core->domains[i], core->epoch);
		ecr_domain_tick(&core->domains[i], &core->bus, now, core->epoch);
	}
}

/* What a session does when it is where it should be, once it has slaves. */
static void tick_session(struct ecr_core *core)
{
	if (core->phase != ECR_PHASE_STEADY) {
		ecr_master_startup(core);
		ecr_master_activation(core);
	}
	ecr_master_recovery(core);
	if (core->phase == ECR_PHASE_IDLE)
		return; /* just now: what is left of the session asks nothing any more */
	if (core->bus.redundant)
		ecr_master_redundancy(core);
	if (ecr_dc_enabled(&core->dc))
		ecr_clocks_tick(core);
	if (!jobs_rest(core))
		run_jobs(core);
}

void ecr_core_tick(struct ecr_core *core, ecr_time now)
{
	core->now = now;
	if (core->expected_dirty)
		ecr_plan_expected(core);
	tick_cycles(core, now);
	ecr_bus_tick(&core->bus, now);
	if (core->now >= core->user_wake)
		ecr_user_expire(core);
	if (!ecr_list_empty(&core->bus.finished))
		take_finished(core);
	ecr_master_heed_irq(core);
	ecr_master_heed_link(core);
	if (core->waiting)
		ecr_master_expire_waiters(core);
	if (core->now >= core->service_wake)
		ecr_service_expire(core);
	if (!jobs_rest(core))
		run_jobs(core);
	if (core->phase != ECR_PHASE_IDLE)
		tick_session(core);
	note_gaps(core);
	core->bus.next_cyclic = next_cyclic(core); /* of what was begun just now, too */
}

static ecr_time earlier(ecr_time a, ecr_time b)
{
	return a < b ? a : b;
}

ecr_time ecr_core_wake(const struct ecr_core *core)
{
	ecr_time wake;

	if (core->event_count || core->completed)
		return INT64_MIN;
	wake = earlier(next_cyclic(core), ecr_bus_wake(&core->bus));
	wake = earlier(wake, ecr_runner_wake(&core->runner));
	wake = earlier(wake, ecr_master_wake(core));
	wake = earlier(wake, core->service_wake);
	wake = earlier(wake, core->user_wake);
	wake = earlier(wake, ecr_master_link_wake(core));
	if (core->waiting)
		wake = earlier(wake, ecr_master_waiters_wake(core));
	if (core->phase != ECR_PHASE_IDLE)
		wake = earlier(wake, ecr_master_redundancy_wake(core));
	return wake;
}

const struct ecr_limits *ecr_core_limits(const struct ecr_core *core)
{
	return &core->limits;
}

enum ecr_state ecr_core_state(const struct ecr_core *core)
{
	return core->state;
}

uint32_t ecr_core_generation(const struct ecr_core *core)
{
	return core->generation;
}

int ecr_core_image_count(const struct ecr_core *core)
{
	return core->domain_count;
}

void ecr_core_image(const struct ecr_core *core, int number, struct ecr_image *image)
{
	const struct ecr_domain *domain = &core->domains[number];

	*image = (struct ecr_image){ .id = domain->id,
				     .outputs = domain->outputs,
				     .inputs = domain->inputs,
				     .size = domain->size,
				     .valid_cycles = domain->published,
				     .parts = domain->chunk_count,
				     .part_bytes = ECR_DOMAIN_CHUNK,
				     .stale_after = domain->period * 3 };
}

ecr_time ecr_core_refreshed(const struct ecr_core *core, int image, uint32_t part)
{
	return core->domains[image].chunks[part].refreshed;
}

uint64_t ecr_core_published(const struct ecr_core *core)
{
	uint64_t published = 0;

	for (int i = 0; i < core->domain_count; i++)
		published += core->domains[i].published;
	return published;
}

uint32_t ecr_core_presence_number(const struct ecr_core *core)
{
	return core->presence;
}

int ecr_core_slave_count(const struct ecr_core *core)
{
	return core->slave_count;
}

struct ecr_presence ecr_core_presence(const struct ecr_core *core, int slave)
{
	return (struct ecr_presence){ core->slaves[slave].present_since,
				      core->slaves[slave].frozen_at };
}

bool ecr_core_share(const struct ecr_core *core, uint32_t number, struct ecr_share *share)
{
	for (uint32_t i = 0; i < core->plan.placement_count; i++) {
		const struct ecr_placement *placement = &core->plan.placements[i];

		if (placement->mail || number--)
			continue;
		*share = (struct ecr_share){ .slave = placement->slave->name,
					     .slave_index = placement->slave->index,
					     .sm = placement->sm,
					     .domain = placement->domain,
					     .direction = placement->direction,
					     .bit_offset =
						     placement->offset * 8 + placement->start_bit,
					     .bits = placement->bits };
		return true;
	}
	return false;
}

uint32_t ecr_core_signal_count(const struct ecr_core *core)
{
	return core->plan.signal_count;
}

const struct ecr_placed_signal *ecr_core_signal(const struct ecr_core *core, uint32_t number)
{
	return number < core->plan.signal_count ? &core->plan.signals[number] : NULL;
}
