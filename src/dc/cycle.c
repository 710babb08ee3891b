/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Holding the clocks together: once in each period a datagram in the cycle's own frame reads the
 * reference and writes what it read to all others (ETG.1000.4, 6.7). Slaves that meet it before the
 * reference, or without one, take what the master has put into it: its estimate for the instant of
 * sending, so that no clock is ever told nonsense.
 */
#include "dc/dc.h"

#include "base/assert.h"
#include "base/le.h"

#define FAILING 3	  /* cycles in a row without an answer */
#define REFERENCE_GONE 50 /* ... without the reference */
#define BY_CHANCE 3	  /* ... in which the estimate may have been right to the nanosecond */
#define UNTOLD 3	  /* cycles in a row in which a clock has had no time */
#define PATIENCE_PERIODS 8

static const struct ecr_clock *reference_of(const struct ecr_dc *dc)
{
	return dc->reference == ECR_DC_NONE ? NULL : &dc->clocks[dc->reference];
}

/* What the clocks show when it passes the first of them. */
static uint64_t time_to_send(const struct ecr_dc *dc, ecr_time now)
{
	const struct ecr_clock *reference = reference_of(dc);

	return ecr_estimate_usual(&dc->estimate, now) - (reference ? reference->delay : 0);
}

/* Unequal steps: an estimate that swings between two values goes along with none of them for long. */
static uint64_t dither(uint64_t cycle)
{
	return (cycle ^ cycle >> 1) & 1;
}

/* A nanosecond to and fro: however good the estimate is, the reference's answer differs from it. */
void ecr_dc_stamp(struct ecr_dc *dc, ecr_time now)
{
	if (dc->stage == ECR_DC_BURST)
		ecr_put_le64(dc->payload, time_to_send(dc, now));
	if (dc->unsent)
		ecr_put_le64(dc->unsent->payload, time_to_send(dc, now) + dither(dc->cycles));
	dc->unsent = NULL;
}

static bool follows(const struct ecr_dc *dc)
{
	return !dc->config->free_running && dc->estimate.known;
}

static ecr_time epoch_now(const struct ecr_dc *dc, ecr_time now, ecr_time epoch)
{
	if (!follows(dc))
		return epoch;
	return ecr_estimate_epoch(&dc->estimate, now, dc->shift, dc->modulus, dc->cycle);
}

static ecr_time multiple_after(ecr_time at, ecr_time epoch, ecr_time period)
{
	ecr_time past = (at - epoch) % period;

	return at - past + (past < 0 ? 0 : period);
}

/* Another modulus moves the epoch by whole cycles: only they may not be whole periods of who is new to it. */
ecr_time ecr_dc_epoch(const struct ecr_dc *dc, ecr_time now, ecr_time epoch)
{
	ecr_time away = dc->running ? epoch_now(dc, now, epoch) - epoch : 0;

	return epoch + multiple_after(away - dc->cycle / 2, 0, dc->cycle);
}

void ecr_dc_start(struct ecr_dc *dc, ecr_time now, ecr_time epoch)
{
	dc->epoch = epoch;
	if (dc->running || !ecr_dc_enabled(dc))
		return;
	if (!ecr_dc_any(dc)) {
		ecr_lock_event(&dc->lock, ECR_LOCK_NO_CLOCK);
		return;
	}
	dc->running = true;
	dc->epoch = epoch_now(dc, now, epoch);
	dc->next_at = multiple_after(now, dc->epoch, dc->cycle);
	dc->failures = 0;
	dc->reference_missed = dc->untold = 0;
	dc->reference_shows = 0;
	dc->measure_at = now;
	dc->reference_ns = dc->ring_ns = ecr_estimate_at(&dc->estimate, now);
	ecr_dc_count(dc);
	ecr_lock_event(&dc->lock, ECR_LOCK_STARTED);
	ecr_dc_monitor(dc);
}

static struct ecr_dc_flight *free_flight(struct ecr_dc *dc)
{
	for (int i = 0; i < ECR_DC_FLIGHTS; i++)
		if (!dc->flights[i].used)
			return &dc->flights[i];
	return NULL;
}

/* One that has lost its time is not asked for it, lest all take what it shows: the master's estimate goes on. */
static const struct ecr_clock *teller_of(const struct ecr_dc *dc)
{
	const struct ecr_clock *reference = reference_of(dc);

	return reference && reference->ready ? reference : NULL;
}

/*
 * Without the reference the master tells the time; but when nobody is left who follows it nobody is told: whoever comes back first
 * would chase the time that went on without it, and lead the others at the rate that it has then.
 */
static uint8_t command_of(const struct ecr_dc *dc, const struct ecr_clock *teller)
{
	if (teller)
		return ECR_CMD_FRMW;
	return reference_of(dc) && !dc->expected ? ECR_CMD_BRD : ECR_CMD_BWR;
}

static void send(struct ecr_dc *dc, struct ecr_bus *bus, ecr_time now)
{
	const struct ecr_clock *reference = teller_of(dc);
	struct ecr_dc_flight *flight = free_flight(dc);

	dc->cycles++;
	dc->ring_ns = ecr_estimate_at(&dc->estimate, now);
	ecr_lock_cycle(&dc->lock);
	if (!flight) {
		dc->lost++;
		return;
	}
	flight->used = true;
	flight->reference = dc->reference;
	flight->asks[0] = (struct ecr_ask){
		.command = command_of(dc, reference),
		.address = reference
				   ? ecr_address_station(reference->station, ECR_REG_DC_SYSTEM_TIME)
				   : ecr_address_all(ECR_REG_DC_SYSTEM_TIME),
		.length = reference ? ecr_clock_width(reference) : 8,
		.out = flight->payload,
		.in = flight->time,
	};
	flight->asks[1] = (struct ecr_ask){
		.command = ECR_CMD_BRD,
		.address = ecr_address_all(ECR_REG_DC_DIFFERENCE),
		.length = ECR_REG_DC_DIFFERENCE_SIZE,
		.in = flight->difference,
	};
	flight->transaction = (struct ecr_transaction){
		.asks = flight->asks,
		.count = 2,
		.class = ECR_REALTIME,
		.owner = ECR_OWNER_CLOCK,
		.stale_at = now + dc->cycle * 9 / 10,
		.patience = dc->cycle * PATIENCE_PERIODS,
		.context = flight,
	};
	dc->unsent = flight;
	ecr_bus_submit(bus, now, &flight->transaction);
}

bool ecr_dc_tick(struct ecr_dc *dc, struct ecr_bus *bus, ecr_time now, ecr_time epoch)
{
	ecr_time half = dc->cycle / 2;

	if (!dc->running || now < dc->next_at)
		return false;
	dc->epoch = epoch_now(dc, now, epoch);
	send(dc, bus, now);
	/* The grid has moved a little: the next deadline is the one nearest to a period on. */
	dc->next_at = multiple_after(dc->next_at + half, dc->epoch, dc->cycle);
	if (dc->next_at <= now)
		dc->next_at = multiple_after(now, dc->epoch, dc->cycle);
	return dc->epoch != epoch;
}

/* Other bytes than were sent: the reference has put its time in. The counter tells nothing: one that has
 * forgotten its station address takes the time like all others, and counts the same. */
static bool reference_answered(const struct ecr_dc_flight *flight)
{
	for (uint16_t i = 0; i < flight->asks[0].length; i++)
		if (flight->time[i] != flight->payload[i])
			return true;
	return false;
}

static void take_time(struct ecr_dc *dc, uint64_t time, ecr_time sent_at)
{
	uint64_t passed = (time + (uint64_t)dc->shift) % (uint64_t)dc->cycle;

	dc->reference_ns = time;
	dc->strayed = (int64_t)(time - ecr_estimate_usual(&dc->estimate, sent_at));
	dc->phase = (int64_t)passed;
	if (dc->phase > dc->cycle / 2)
		dc->phase -= dc->cycle;
	ecr_estimate_sample(&dc->estimate, time, sent_at);
}

/*
 * Told again and again while it lasts: another clock may be ready by then. The estimate goes on as it is while the answer may
 * have been just what was sent: it was right, and would be thrown off its line.
 */
static unsigned int miss_reference(struct ecr_dc *dc)
{
	if (++dc->reference_missed > BY_CHANCE)
		ecr_estimate_miss(&dc->estimate);
	return dc->reference_missed % REFERENCE_GONE ? 0 : ECR_DC_NO_REFERENCE;
}

static unsigned int read_time(struct ecr_dc *dc, const struct ecr_dc_flight *flight)
{
	const struct ecr_clock *reference = reference_of(dc);
	ecr_time sent_at = flight->transaction.sent_at;

	if (!reference) {
		take_time(dc, ecr_estimate_at(&dc->estimate, sent_at), sent_at);
		return 0;
	}
	if (flight->asks[0].command != ECR_CMD_FRMW)
		return reference->ready ? 0 : miss_reference(dc);
	if (reference_answered(flight)) {
		dc->reference_missed = 0;
		if (dc->clocks[dc->reference].hasty)
			ecr_dc_calm(dc, &dc->clocks[dc->reference]);
		take_time(dc, ecr_dc_passed(dc, reference, flight->time, sent_at), sent_at);
		return 0;
	}
	return miss_reference(dc);
}

static unsigned int news_of_lock(enum ecr_lock_news news)
{
	return news == ECR_LOCK_LOST	   ? ECR_DC_LOST_LOCK
	       : news == ECR_LOCK_REGAINED ? ECR_DC_REGAINED_LOCK
					   : 0u;
}

/* A clock that is there (it has answered the broadcast) and has not had the time runs away unseen: what it
 * shows is the difference of long ago. */
static bool someone_untold(struct ecr_dc *dc, const struct ecr_dc_flight *flight)
{
	uint16_t told = flight->asks[0].wkc;

	if (told >= dc->expected || told >= flight->asks[1].wkc)
		dc->untold = 0;
	else
		dc->untold++;
	return dc->untold >= UNTOLD;
}

static unsigned int read_differences(struct ecr_dc *dc, const struct ecr_dc_flight *flight)
{
	uint32_t ored = ecr_dc_magnitude(ecr_le32(flight->difference));
	enum ecr_lock_news news;
	/* Clocks that were not set or are not configured spoil the sum, and so do those whose limit is wider, and what the
	 * reference showed when it last was none. */
	bool others = flight->asks[1].wkc > dc->ours ||
		      dc->reference_shows > dc->lock.threshold_ns || dc->behind > 0;
	uint32_t largest =
		others ? dc->polled : ecr_lock_window(ored, dc->lock.threshold_ns, dc->polled);

	if (!flight->asks[1].wkc || !dc->ours) /* of no clock that was set */
		return 0;
	if (someone_untold(dc, flight))
		return news_of_lock(ecr_lock_event(&dc->lock, ECR_LOCK_BEYOND));
	dc->checked_at = flight->transaction.received_at;
	news = ecr_lock_sample(&dc->lock, largest);
	dc->era += news == ECR_LOCK_REGAINED;
	return news_of_lock(news);
}

static unsigned int missed(struct ecr_dc *dc)
{
	dc->lost++;
	ecr_estimate_miss(&dc->estimate);
	if (++dc->failures != FAILING)
		return 0;
	return ECR_DC_FAILING | news_of_lock(ecr_lock_event(&dc->lock, ECR_LOCK_BEYOND));
}

unsigned int ecr_dc_finished(struct ecr_dc *dc, struct ecr_transaction *transaction)
{
	struct ecr_dc_flight *flight = transaction->context;
	unsigned int news = 0;

	ECR_ASSERT(flight->used);
	flight->used = false;
	if (dc->unsent == flight)
		dc->unsent = NULL;
	if (!dc->running || transaction->outcome == ECR_OUTCOME_CANCELLED)
		return 0;
	if (transaction->outcome != ECR_OUTCOME_ANSWERED || !flight->asks[0].wkc)
		return missed(dc);
	if (dc->failures >= FAILING)
		news |= ECR_DC_HEALTHY;
	dc->failures = 0;
	news |= dc->astray ? ECR_DC_ASTRAY : 0u;
	dc->astray = false;
	news |= read_time(dc, flight);
	/* Asked before another took its place: who led until then showed a difference of long ago. */
	return flight->reference == dc->reference ? news | read_differences(dc, flight) : news;
}

/* When the frame comes to the first clock from a place in the ring on; `last`: to the last one. */
static int64_t arrival_from(const struct ecr_dc *dc, int place, bool last)
{
	int64_t best = 0;
	bool any = false;

	for (int i = 0; i < dc->count; i++) {
		int64_t arrival = dc->delays[i].arrival_ns;

		if (!dc->delays[i].known || dc->clocks[i].away || dc->clocks[i].place < place)
			continue;
		best = !any || (arrival > best) == last ? arrival : best;
		any = true;
	}
	return best;
}

void ecr_dc_route(struct ecr_dc *dc, int behind)
{
	bool there =
		behind >= 0 && dc->reference != ECR_DC_NONE && reference_of(dc)->place >= behind;
	ecr_time turned;
	ecr_time way;

	if (!dc->ways_changed && behind == dc->behind && dc->reference == dc->routed)
		return;
	turned = behind < 0 ? 0 : arrival_from(dc, 0, true) - 2 * arrival_from(dc, behind, false);
	way = there ? turned : 0;
	dc->ways_changed = false;
	dc->routed = dc->reference;
	dc->behind = behind;
	dc->far_later = turned - 2 * way;
	if (way != dc->way && dc->running)
		ecr_estimate_shift(&dc->estimate, way - dc->way);
	dc->way = way;
}

/*
 * It has been held to the time like all others: nothing jumps but the instant at which frames pass it. Where they have not
 * found together yet it may run at any rate, until its loop begins anew: as soon as it answers, for it may not be there yet.
 */
bool ecr_dc_substitute(struct ecr_dc *dc, int index)
{
	const struct ecr_clock *before = reference_of(dc);

	dc->reference_missed = 0;
	if (index == dc->reference || !dc->clocks[index].ready)
		return false;
	if (before)
		dc->clocks[dc->reference].hasty = false;
	dc->reference = index;
	dc->reference_shows = 0; /* until it is read */
	dc->monitored_count = 0; /* what is being read was asked before */
	dc->clocks[index].hasty = dc->lock.state != ECR_DC_LOCKED;
	ecr_estimate_shift(&dc->estimate,
			   (ecr_time)dc->clocks[index].delay - (before ? before->delay : 0));
	return true;
}
