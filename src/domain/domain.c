/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/domain.h"

#include "base/text.h"
#include "domain/pack.h"
#include "domain/states.h"
#include "wire/ethernet.h"

#include <string.h>

#define DEFAULT_PERIOD ECR_MS(1)
#define REFUTED_NS ECR_MS(100) /* by then whoever is missing is known to be */
#define PATIENCE_PERIODS 8

void ecr_domain_init(struct ecr_domain *domain, int index, const struct ecr_domain_config *config)
{
	struct ecr_text id;

	*domain = (struct ecr_domain){ .index = index, .config = config };
	ecr_text_init(&id, domain->id, sizeof(domain->id));
	ecr_text_string(&id, config->id);
	domain->period = config->cycle_ns ? config->cycle_ns : DEFAULT_PERIOD;
	domain->last_started = domain->last_completed = domain->last_valid = domain->last_excess =
		domain->last_invalid_at = -1;
}

static void build_exchange(struct ecr_domain *domain, struct ecr_arena *arena,
			   struct ecr_exchange *exchange)
{
	*exchange = (struct ecr_exchange){ .domain = domain };
	exchange->in = ecr_arena_take(arena, domain->size, 1);
	exchange->parts = ECR_TAKE(arena, struct ecr_cycle_part, domain->chunk_count);
}

void ecr_domain_build(struct ecr_domain *domain, struct ecr_arena *arena, uint32_t size,
		      uint32_t chunks, uint32_t holes)
{
	domain->size = size;
	domain->chunk_count = chunks;
	domain->chunks = ECR_TAKE(arena, struct ecr_chunk, chunks);
	domain->holes = ECR_TAKE(arena, struct ecr_hole, holes);
	domain->hole_room = holes;
	domain->hole_count = 0;
	for (uint32_t i = 0; domain->chunks && i < chunks; i++)
		domain->chunks[i].refreshed = -1;
	domain->outputs = ecr_arena_take(arena, size, 1);
	domain->inputs = ecr_arena_take(arena, size, 1);
	for (int i = 0; i < ECR_DOMAIN_FLIGHTS; i++)
		build_exchange(domain, arena, &domain->exchanges[i]);
	domain->last_valid = domain->last_excess = -1;
	domain->valid_number = 0;
}

static void enter(struct ecr_domain *domain, enum ecr_domain_event event)
{
	domain->state = ecr_domain_next(domain->state, event);
}

void ecr_domain_forget(struct ecr_domain *domain)
{
	domain->size = 0;
	domain->chunk_count = 0;
	domain->hole_count = 0;
	enter(domain, ECR_DOMAIN_ON_FORGET);
	domain->outputs = domain->inputs = NULL;
	memset(domain->exchanges, 0, sizeof(domain->exchanges));
}

static ecr_time next_multiple(ecr_time now, ecr_time epoch, ecr_time period)
{
	return now < epoch ? epoch : epoch + ((now - epoch) / period + 1) * period;
}

static struct ecr_transaction question(struct ecr_exchange *exchange, struct ecr_ask *asks,
				       uint16_t count)
{
	struct ecr_transaction transaction = {
		.asks = asks,
		.count = count,
		.class = ECR_REALTIME,
		.owner = ECR_OWNER_CYCLE,
		.context = exchange,
	};

	transaction.size = (uint32_t)ecr_transaction_size(&transaction);
	return transaction;
}

/* So many bytes of datagrams, into one frame. */
static bool fit(size_t datagrams)
{
	return datagrams <= ECR_FRAME_MAX - ECR_FRAME_HEADER_SIZE;
}

/* Into as few frames as will do. */
static void divide(struct ecr_exchange *exchange, struct ecr_cycle_part *part)
{
	part->transaction = question(exchange, part->asks, part->count);
	part->frames = fit(part->transaction.size) ? 1 : 2;
	if (part->frames == 1)
		return;
	part->transaction = question(exchange, &part->asks[0], 1);
	part->second = question(exchange, &part->asks[1], 1);
}

static void prepare_part(struct ecr_exchange *exchange, const struct ecr_chunk *chunk,
			 struct ecr_cycle_part *part)
{
	struct ecr_domain *domain = exchange->domain;
	uint32_t address = domain->logical_base + chunk->offset;
	const uint8_t *out = domain->outputs + chunk->offset;
	uint8_t *in = exchange->in + chunk->offset;
	uint16_t count = 0;

	if (!chunk->separate) {
		part->asks[count++] = (struct ecr_ask){ .command = ECR_CMD_LRW,
							.length = chunk->length,
							.address = address,
							.out = out,
							.in = in };
	} else {
		if (chunk->any_input)
			part->asks[count++] = (struct ecr_ask){ .command = ECR_CMD_LRD,
								.length = chunk->length,
								.address = address,
								.in = in };
		if (chunk->any_output)
			part->asks[count++] = (struct ecr_ask){ .command = ECR_CMD_LWR,
								.length = chunk->length,
								.address = address,
								.out = out };
	}
	part->count = count;
	divide(exchange, part);
}

/* What is the same in every cycle. */
static void prepare(struct ecr_domain *domain)
{
	for (int i = 0; i < ECR_DOMAIN_FLIGHTS; i++)
		for (uint32_t k = 0; k < domain->chunk_count && !domain->exchanges[i].used; k++)
			prepare_part(&domain->exchanges[i], &domain->chunks[k],
				     &domain->exchanges[i].parts[k]);
	domain->wire_ns = ecr_domain_wire_time(domain);
	domain->frames = 0;
	for (uint32_t k = 0; k < domain->chunk_count; k++)
		domain->frames += domain->exchanges[0].parts[k].frames;
}

int ecr_domain_resume(struct ecr_domain *domain, ecr_time now, ecr_time epoch)
{
	if (!domain->size)
		return ECR_ERR_NOTHING_REGISTERED;
	if (domain->state == ECR_DOMAIN_CYCLING)
		return ECR_ERR_ALREADY_CYCLING;
	prepare(domain);
	enter(domain, ECR_DOMAIN_ON_START);
	domain->next_at = next_multiple(now, epoch, domain->period);
	domain->owed_at = ECR_NEVER;
	domain->miss_count = 0;
	domain->invalid_streak = 0;
	domain->health = (struct ecr_cycle_health){ 0 };
	return 0;
}

int ecr_domain_start(struct ecr_domain *domain, ecr_time now, ecr_time epoch)
{
	int error = ecr_domain_resume(domain, now, epoch);

	if (!error)
		domain->cycle_count = domain->total_miss_count = domain->skipped = 0;
	return error;
}

static void stop(struct ecr_domain *domain, enum ecr_domain_event why)
{
	enter(domain, why);
	domain->complete = false;
}

void ecr_domain_stop(struct ecr_domain *domain)
{
	stop(domain, ECR_DOMAIN_ON_STOP);
}

bool ecr_domain_awaits(const struct ecr_domain *domain)
{
	for (int i = 0; i < ECR_DOMAIN_FLIGHTS; i++)
		if (domain->exchanges[i].used)
			return true;
	return false;
}

static uint64_t frame_time(size_t datagrams)
{
	return ecr_wire_time_ns(ECR_ETHERNET_HEADER_SIZE + ECR_FRAME_HEADER_SIZE + datagrams);
}

ecr_time ecr_domain_wire_time(const struct ecr_domain *domain)
{
	uint64_t time = 0;

	for (uint32_t i = 0; i < domain->chunk_count; i++) {
		const struct ecr_chunk *chunk = &domain->chunks[i];
		size_t datagram = ECR_DATAGRAM_OVERHEAD + (size_t)chunk->length;

		if (!chunk->separate)
			time += frame_time(datagram);
		else if (fit(2 * datagram))
			time += frame_time(2 * datagram);
		else
			time += 2 * frame_time(datagram);
	}
	return (ecr_time)time;
}

bool ecr_domain_bears(ecr_time period)
{
	return period >= ECR_US(100) && period <= ECR_S(10);
}

static void hasten_part(const struct ecr_domain *domain, struct ecr_bus *bus,
			const struct ecr_cycle_part *part)
{
	ecr_bus_hasten(bus, &part->transaction, domain->period * PATIENCE_PERIODS);
	if (part->frames > 1)
		ecr_bus_hasten(bus, &part->second, domain->period * PATIENCE_PERIODS);
}

/* Kept with their old patience, they would take the places of the cycles that come now. */
static void hasten(struct ecr_domain *domain, struct ecr_bus *bus)
{
	for (int i = 0; i < ECR_DOMAIN_FLIGHTS; i++)
		for (uint32_t k = 0; k < domain->chunk_count && domain->exchanges[i].used; k++)
			hasten_part(domain, bus, &domain->exchanges[i].parts[k]);
}

/* From the old grid to the new one it may be as long as both periods together: watchdogs and inputs do not wait so long. */
static void move_to_grid(struct ecr_domain *domain, ecr_time now, ecr_time epoch)
{
	ecr_time due = ecr_domain_due(domain);
	ecr_time latest = domain->last_started + domain->period;
	ecr_time grid = next_multiple(now, epoch, domain->period);

	/* Two that are no further apart than a frame is long would meet on the wire. */
	latest = (due > latest ? due : latest) + domain->wire_ns;
	domain->owed_at = grid > latest ? due : ECR_NEVER;
	domain->next_at = grid;
}

void ecr_domain_set_period(struct ecr_domain *domain, struct ecr_bus *bus, ecr_time now,
			   ecr_time epoch, ecr_time period)
{
	domain->period = period;
	hasten(domain, bus);
	if (domain->state == ECR_DOMAIN_CYCLING)
		move_to_grid(domain, now, epoch);
}

static struct ecr_exchange *free_exchange(struct ecr_domain *domain)
{
	for (int i = 0; i < ECR_DOMAIN_FLIGHTS; i++)
		if (!domain->exchanges[i].used)
			return &domain->exchanges[i];
	return NULL;
}

static void queue(struct ecr_transaction *transaction, ecr_time stale_at, ecr_time patience,
		  struct ecr_list *parts)
{
	transaction->stale_at = stale_at;
	transaction->patience = patience;
	ecr_list_push(parts, &transaction->link);
}

/* The place of what comes back changes with each exchange whose inputs are published. */
static void renew(struct ecr_exchange *exchange, struct ecr_list *parts)
{
	const struct ecr_domain *domain = exchange->domain;
	ecr_time stale_at = exchange->started_at + domain->period * 9 / 10;
	ecr_time patience = domain->period * PATIENCE_PERIODS;

	for (uint32_t i = 0; i < domain->chunk_count; i++) {
		struct ecr_cycle_part *part = &exchange->parts[i];

		/* Of two questions the one for inputs is the first. */
		if (part->asks[0].in)
			part->asks[0].in = exchange->in + domain->chunks[i].offset;
		queue(&part->transaction, stale_at, patience, parts);
		if (part->frames > 1)
			queue(&part->second, stale_at, patience, parts);
	}
}

static void send(struct ecr_domain *domain, struct ecr_bus *bus, ecr_time now)
{
	struct ecr_exchange *exchange = free_exchange(domain);
	struct ecr_list parts = { 0 };

	if (!exchange) {
		domain->skipped++;
		return;
	}
	exchange->used = true;
	exchange->number = ++domain->number;
	exchange->started_at = now;
	exchange->pending = domain->frames;
	domain->last_started = now;
	renew(exchange, &parts);
	ecr_bus_submit_cycle(bus, now, &parts);
}

void ecr_domain_tick(struct ecr_domain *domain, struct ecr_bus *bus, ecr_time now, ecr_time epoch)
{
	ecr_time next;

	if (domain->state != ECR_DOMAIN_CYCLING || now < ecr_domain_due(domain))
		return;
	send(domain, bus, now);
	domain->owed_at = ECR_NEVER;
	if (now < domain->next_at)
		return;
	next = domain->next_at + domain->period;
	if (now >= next) {
		next = next_multiple(now, epoch, domain->period);
		domain->skipped += (uint64_t)((next - domain->next_at) / domain->period - 1);
	}
	domain->next_at = next;
}

void ecr_domain_follow(struct ecr_domain *domain, ecr_time epoch)
{
	ecr_time past = (domain->next_at - epoch) % domain->period;

	if (past < 0)
		past += domain->period;
	if (past > domain->period / 2)
		past -= domain->period;
	domain->next_at -= past;
	if (domain->owed_at != ECR_NEVER)
		domain->owed_at -= past;
}

static void emit(const struct ecr_domain *domain, struct ecr_event event)
{
	event.slave = -1;
	event.domain = (int16_t)domain->index;
	if (domain->event)
		domain->event(domain->event_context, &event);
}

/* The transport's part of the judgement: an error, or 0 when the datagrams have come back. */
static int transport_error(enum ecr_outcome outcome)
{
	switch (outcome) {
	case ECR_OUTCOME_ANSWERED:
		return 0;
	case ECR_OUTCOME_SEND_FAILED:
		return ECR_ERR_TRANSPORT_UNAVAILABLE;
	case ECR_OUTCOME_CANCELLED:
		return ECR_ERR_CANCELLED;
	default:
		return ECR_ERR_TIMEOUT;
	}
}

static uint32_t wanted(const uint32_t counters[2], const struct ecr_ask *ask)
{
	return counters[ask->command == ECR_CMD_LWR];
}

/* Every datagram must carry exactly its own counter: two wrong ones that add up are still wrong. */
static bool part_matches(const struct ecr_cycle_part *part, const uint32_t counters[2])
{
	for (uint16_t i = 0; i < part->count; i++)
		if (part->asks[i].wkc != wanted(counters, &part->asks[i]))
			return false;
	return true;
}

/* Once per cycle that is wrong, for who asks which slave it may be. */
static void note_wrong(const struct ecr_exchange *exchange)
{
	for (uint32_t i = 0; i < exchange->domain->chunk_count; i++) {
		struct ecr_chunk *chunk = &exchange->domain->chunks[i];
		const struct ecr_cycle_part *part = &exchange->parts[i];

		chunk->wrong = !part_matches(part, chunk->present);
		for (uint16_t k = 0; k < part->count; k++)
			chunk->actual[part->asks[k].command == ECR_CMD_LWR] = part->asks[k].wkc;
	}
}

/* While FMMUs are switched on a cycle may be before that moment or behind it. */
static bool part_is_whole(const struct ecr_cycle_part *part, const struct ecr_chunk *chunk)
{
	const uint32_t *joining = chunk->joining;
	uint32_t joined[2] = { chunk->expected[0] + joining[0], chunk->expected[1] + joining[1] };

	if (chunk->doubtful && !part_matches(part, chunk->full))
		return false;
	return part_matches(part, chunk->expected) ||
	       ((joining[0] || joining[1]) && part_matches(part, joined));
}

/* Of two frames the first that was lost. */
static enum ecr_outcome outcome_of(const struct ecr_cycle_part *part)
{
	enum ecr_outcome first = (enum ecr_outcome)part->transaction.outcome;

	if (first != ECR_OUTCOME_ANSWERED || part->frames == 1)
		return first;
	return (enum ecr_outcome)part->second.outcome;
}

/* Of all parts: 0, or what is wrong with the first of which the transport has lost something, else with the counters. */
static struct ecr_cycle_health look(const struct ecr_exchange *exchange)
{
	struct ecr_cycle_health health = { 0 };
	bool whole = true;

	for (uint32_t i = 0; i < exchange->domain->chunk_count; i++) {
		const struct ecr_chunk *chunk = &exchange->domain->chunks[i];
		const struct ecr_cycle_part *part = &exchange->parts[i];
		bool usual = !chunk->doubtful;

		if (outcome_of(part) != ECR_OUTCOME_ANSWERED)
			return (struct ecr_cycle_health){ .error = transport_error(
								  outcome_of(part)) };
		for (uint16_t k = 0; k < part->count; k++) {
			uint32_t expected = wanted(chunk->expected, &part->asks[k]);

			health.expected += expected;
			health.actual += part->asks[k].wkc;
			usual = usual && part->asks[k].wkc == expected;
		}
		whole = whole && (usual || part_is_whole(part, chunk));
	}
	health.error = whole ? 0 : ECR_ERR_WKC_MISMATCH;
	return health;
}

/* Bits of slaves that are not there stay as they were: what comes back in their place is what was sent. */
static void publish(struct ecr_domain *domain, struct ecr_exchange *exchange)
{
	uint8_t *old = domain->inputs;

	for (uint32_t i = 0; i < domain->hole_count; i++)
		ecr_bits_copy(exchange->in, old, domain->holes[i].bit, domain->holes[i].bits);
	domain->inputs = exchange->in;
	exchange->in = old;
	domain->valid_number = exchange->number;
	domain->published++;
}

/* Inputs are as old as the frame that brought them, however late it is looked at. */
static void refresh(struct ecr_chunk *chunk, const struct ecr_cycle_part *part)
{
	chunk->refreshed = part->transaction.received_at;
}

static void publish_all(struct ecr_domain *domain, struct ecr_exchange *exchange)
{
	if (exchange->number < domain->valid_number)
		return;
	publish(domain, exchange);
	for (uint32_t i = 0; i < domain->chunk_count; i++)
		refresh(&domain->chunks[i], &exchange->parts[i]);
}

/* Where somebody may add to the counter who is not counted, only everybody together is beyond doubt. */
static bool part_proves(const struct ecr_cycle_part *part, const struct ecr_chunk *chunk,
			bool recent)
{
	uint32_t all[2] = { chunk->full[0] + chunk->away[0], chunk->full[1] + chunk->away[1] };

	if (chunk->doubtful || chunk->unsure)
		return part_matches(part, all);
	return part_matches(part, chunk->expected) ||
	       (recent && part_matches(part, chunk->present));
}

/* More than are thought to be there have counted: one of those thought to be missing does. */
static bool counts_too_many(const struct ecr_cycle_part *part, const struct ecr_chunk *chunk)
{
	for (uint16_t i = 0; i < part->count; i++)
		if (part->asks[i].wkc > wanted(chunk->present, &part->asks[i]))
			return outcome_of(part) == ECR_OUTCOME_ANSWERED;
	return false;
}

static void note_excess(struct ecr_domain *domain, const struct ecr_exchange *exchange)
{
	for (uint32_t i = 0; i < domain->chunk_count; i++)
		if (counts_too_many(&exchange->parts[i], &domain->chunks[i]))
			domain->last_excess = exchange->started_at;
}

/* A whole cycle has come meanwhile, or one too full: somebody counts who is thought to be missing, and may stand for another. */
static bool is_refuted(const struct ecr_domain *domain, const struct ecr_exchange *exchange)
{
	ecr_time at =
		domain->last_valid > domain->last_excess ? domain->last_valid : domain->last_excess;

	return at >= domain->counted_at && exchange->started_at - at < REFUTED_NS;
}

/*
 * A cycle that is not whole still brings what is beyond doubt: datagrams with the full counter, and
 * those with exactly the counter of the slaves that are there, once the missing ones are proven. All
 * other bytes stay as they were.
 */
static void publish_proven(struct ecr_domain *domain, struct ecr_exchange *exchange)
{
	/* What was sent before somebody came or went may have been answered by others. */
	bool recent = exchange->started_at >= domain->counted_at;
	bool any = false;

	if (recent)
		note_excess(domain, exchange);
	recent = recent && !is_refuted(domain, exchange);
	if (domain->config->all_or_nothing || exchange->number < domain->valid_number)
		return;
	for (uint32_t i = 0; i < domain->chunk_count; i++) {
		struct ecr_chunk *chunk = &domain->chunks[i];
		const struct ecr_cycle_part *part = &exchange->parts[i];

		if (outcome_of(part) == ECR_OUTCOME_ANSWERED && part_proves(part, chunk, recent)) {
			refresh(chunk, part);
			any = true;
		} else {
			memcpy(exchange->in + chunk->offset, domain->inputs + chunk->offset,
			       chunk->length);
		}
	}
	if (any)
		publish(domain, exchange);
}

static enum ecr_domain_news judge_valid(struct ecr_domain *domain, struct ecr_exchange *exchange,
					ecr_time at, ecr_time now)
{
	publish_all(domain, exchange);
	domain->cycle_count++;
	domain->miss_count = 0;
	domain->invalid_streak = 0;
	domain->last_completed = now;
	domain->last_valid = at;
	emit(domain, (struct ecr_event){ .kind = ECR_EVENT_DOMAIN_CYCLE_DONE,
					 .at = now,
					 .duration_ns = now - exchange->started_at,
					 .count = domain->cycle_count });
	if (!domain->degraded)
		return ECR_DOMAIN_VALID;
	domain->degraded = false;
	return ECR_DOMAIN_NOW_RECOVERED;
}

static enum ecr_domain_news judge_bad(struct ecr_domain *domain, ecr_time now)
{
	const struct ecr_domain_config *config = domain->config;
	bool transport = domain->health.error != ECR_ERR_WKC_MISMATCH;
	uint32_t miss_threshold = config->miss_threshold ? config->miss_threshold : 1000;

	domain->last_invalid = domain->health;
	domain->last_invalid_at = now;
	if (!domain->complete && !transport)
		return ECR_DOMAIN_NO_NEWS; /* slaves are still on their way to SAFEOP */
	domain->total_miss_count++;
	domain->invalid_streak++;
	domain->miss_count = transport ? domain->miss_count + 1 : 0;
	emit(domain, (struct ecr_event){ .kind = transport ? ECR_EVENT_DOMAIN_TRANSPORT_MISS
							   : ECR_EVENT_DOMAIN_CYCLE_INVALID,
					 .at = now,
					 .error = domain->health.error,
					 .expected = domain->health.expected,
					 .actual = domain->health.actual,
					 .count = domain->total_miss_count });
	if (domain->miss_count >= miss_threshold) {
		stop(domain, ECR_DOMAIN_ON_MISSED);
		return ECR_DOMAIN_NOW_STOPPED;
	}
	if (domain->degraded || !domain->complete)
		return ECR_DOMAIN_NO_NEWS;
	if (domain->invalid_streak < ecr_domain_recovery_threshold(domain))
		return domain->invalid_streak == 1 && !transport ? ECR_DOMAIN_NOW_SUSPICIOUS
								 : ECR_DOMAIN_NO_NEWS;
	domain->degraded = true;
	return ECR_DOMAIN_NOW_DEGRADED;
}

static bool is_half(const struct ecr_cycle_part *part)
{
	return part->transaction.half || (part->frames > 1 && part->second.half);
}

/* Somebody did not add to its counter, and now as many do as were thought to be there then: they may be others. */
static bool is_right_again(const struct ecr_domain *domain, struct ecr_chunk *chunk,
			   const struct ecr_cycle_part *part)
{
	if (!chunk->wrong || domain->last_invalid_at < domain->counted_at ||
	    outcome_of(part) != ECR_OUTCOME_ANSWERED || !part_matches(part, chunk->present))
		return false;
	chunk->wrong = false;
	return true;
}

bool ecr_domain_breaks_off(const struct ecr_exchange *exchange)
{
	const struct ecr_domain *domain = exchange->domain;
	ecr_time gap = exchange->started_at - domain->answered_from;
	bool broken = gap > ECR_DOMAIN_STALE_PERIODS * domain->period;
	bool answered = false;

	for (uint32_t i = 0; i < domain->chunk_count; i++) {
		const struct ecr_cycle_part *part = &exchange->parts[i];

		answered = answered || outcome_of(part) == ECR_OUTCOME_ANSWERED;
		broken =
			is_half(part) || is_right_again(domain, &domain->chunks[i], part) || broken;
	}
	return answered && broken;
}

enum ecr_domain_news ecr_domain_finished(struct ecr_exchange *exchange, ecr_time at, ecr_time now)
{
	struct ecr_domain *domain = exchange->domain;
	struct ecr_cycle_health health;

	exchange->used = false;
	health = look(exchange);
	if ((!health.error || health.error == ECR_ERR_WKC_MISMATCH) &&
	    domain->answered_from < exchange->started_at)
		domain->answered_from = exchange->started_at;
	if (domain->state != ECR_DOMAIN_CYCLING || health.error == ECR_ERR_CANCELLED)
		return ECR_DOMAIN_NO_NEWS;
	domain->health = health;
	if (!health.error || health.error == ECR_ERR_WKC_MISMATCH)
		domain->actual_wkc = health.actual;
	if (health.error == ECR_ERR_WKC_MISMATCH)
		note_wrong(exchange);
	if (health.error) {
		publish_proven(domain, exchange);
		return judge_bad(domain, now);
	}
	/* Nobody is in SAFEOP yet; or everybody may be absent, and is: then nothing is missing. */
	if ((!health.actual && !domain->complete) || domain->unsure)
		return ECR_DOMAIN_NO_NEWS;
	return judge_valid(domain, exchange, at, now);
}
