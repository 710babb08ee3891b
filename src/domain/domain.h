/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One logical process image and its cyclic exchange. Several cycles may be in flight: a late frame
 * is not a lost frame. The work of a cycle does not depend on the number of slaves.
 */
#ifndef ECR_DOMAIN_DOMAIN_H
#define ECR_DOMAIN_DOMAIN_H

#include "base/arena.h"
#include "base/assert.h"
#include "bus/bus.h"

#include <ecring/config.h>
#include <ecring/info.h>

#define ECR_DOMAIN_FLIGHTS 10	   /* cycles in flight at most */
#define ECR_DOMAIN_STALE_PERIODS 3 /* until inputs are stale */
#define ECR_DOMAIN_CHUNK \
	1474u /* image bytes per datagram: two datagrams of a smaller image still share a frame */

/* A part of the image that one frame carries, and the counters it must come back with. */
struct ecr_chunk {
	uint32_t offset;
	uint16_t length;
	bool any_output;
	bool any_input;
	bool separate;	      /* LRD and LWR, because a slave of it cannot do LRW */
	uint32_t expected[2]; /* LRW, or LRD and LWR */
	uint32_t full[2];     /* with every mapped slave in SAFEOP or OP */
	uint32_t present[2];  /* without those that are proven not to be there */
	uint32_t actual[2];   /* what came instead in the last cycle with a wrong counter, */
	bool wrong;	      /* which was this datagram's */
	bool doubtful;	      /* one that is not counted may add to the counter all the same */
	uint32_t joining[2];  /* what a slave adds whose FMMUs are just being switched on */
	bool unsure;	      /* one that is thought to be missing may be back unseen: counters */
	uint32_t away[2];     /* prove nothing, and optional ones of them would add this */
	ecr_time refreshed;   /* when its inputs were last published; -1 never */
};

/* Bits of the image that belong to a slave which is proven not to be there. */
struct ecr_hole {
	uint32_t bit;
	uint32_t bits;
};

/* What is asked for a chunk. LRD and LWR that do not fit into one frame go in two. What is rare is last: the rest of all
 * parts is gone through in every cycle. */
struct ecr_cycle_part {
	struct ecr_transaction transaction;
	uint16_t frames; /* with the second one */
	uint16_t count;	 /* of these: */
	struct ecr_ask asks[2];
	struct ecr_transaction second;
};

/* One exchange under way. */
struct ecr_exchange {
	struct ecr_domain *domain;
	struct ecr_cycle_part *parts; /* one per chunk */
	uint8_t *in;	  /* what comes back: becomes the inputs when the whole exchange is valid */
	uint32_t pending; /* transactions under way */
	uint64_t number;
	ecr_time started_at;
	bool used;
};

enum ecr_domain_news {
	ECR_DOMAIN_NO_NEWS,
	ECR_DOMAIN_VALID,
	ECR_DOMAIN_NOW_SUSPICIOUS, /* the first cycle with a wrong counter after good ones */
	ECR_DOMAIN_NOW_DEGRADED,
	ECR_DOMAIN_NOW_RECOVERED,
	ECR_DOMAIN_NOW_STOPPED,
};

struct ecr_domain {
	char id[ECR_NAME_SIZE];
	int index;
	const struct ecr_domain_config *config;
	enum ecr_domain_state state;
	ecr_time period;
	ecr_time next_at; /* on the grid of its period */
	ecr_time owed_at; /* off it: what was due when the period was changed; ECR_NEVER: nothing */
	uint32_t logical_base;
	uint32_t size;
	struct ecr_chunk *chunks;
	uint32_t chunk_count;
	uint32_t frames;  /* of an exchange, */
	ecr_time wire_ns; /* which take so long at 100 Mbit/s */
	struct ecr_exchange exchanges[ECR_DOMAIN_FLIGHTS];
	uint8_t *outputs;
	uint8_t *inputs; /* as of the last valid cycle */
	uint8_t *mask;	 /* which bytes are inputs: NULL unless inputs and outputs overlap */
	bool complete;	 /* every mapped slave has reached SAFEOP since the start: degradation is
			    judged */
	bool degraded;
	uint64_t number;	/* of the last exchange sent */
	uint64_t valid_number;	/* of the exchange that the inputs are from */
	ecr_time answered_from; /* when the last exchange was sent that was answered */
	bool unsure;	     /* an optional slave may be back unseen: a whole cycle is no proof */
	uint64_t published;  /* grows whenever inputs are published, whole or in part */
	ecr_time counted_at; /* when the counters of those who are there changed last */
	struct ecr_hole *holes;
	uint32_t hole_count;
	uint32_t hole_room;
	uint64_t cycle_count;
	uint64_t miss_count;
	uint64_t total_miss_count;
	uint64_t invalid_streak;
	uint64_t skipped;
	uint32_t actual_wkc;
	struct ecr_cycle_health health;
	struct ecr_cycle_health last_invalid;
	ecr_time last_started; /* -1 never */
	ecr_time last_completed;
	ecr_time last_valid;
	ecr_time last_excess; /* when more have counted than are thought to be there */
	ecr_time last_invalid_at;
	void (*event)(void *context, const struct ecr_event *event);
	void *event_context;
};

void ecr_domain_init(struct ecr_domain *domain, int index, const struct ecr_domain_config *config);
/* Takes the buffers for an image of `size` bytes; chunks are filled by the planner. */
void ecr_domain_build(struct ecr_domain *domain, struct ecr_arena *arena, uint32_t size,
		      uint32_t chunks, uint32_t holes);
void ecr_domain_forget(struct ecr_domain *domain);

/* NOTHING_REGISTERED, ALREADY_CYCLING. `epoch` is shared by all domains. */
int ecr_domain_start(struct ecr_domain *domain, ecr_time now, ecr_time epoch);
/* The same after it was stopped by its misses: the counters go on. */
int ecr_domain_resume(struct ecr_domain *domain, ecr_time now, ecr_time epoch);
void ecr_domain_stop(struct ecr_domain *domain);
/* Cycles are under way: what they bring goes to the domain's memory. */
bool ecr_domain_awaits(const struct ecr_domain *domain);
/* How long its frames take at 100 Mbit/s, one after the other. */
ecr_time ecr_domain_wire_time(const struct ecr_domain *domain);
/* 100 us to 10 s. */
bool ecr_domain_bears(ecr_time period);
/*
 * Cycles under way are waited for no longer than those of the new period will be. What was due stays due where else there
 * would be no cycle for longer than either period.
 */
void ecr_domain_set_period(struct ecr_domain *domain, struct ecr_bus *bus, ecr_time now,
			   ecr_time epoch, ecr_time period);

/* When it sends next. */
static inline ecr_time ecr_domain_due(const struct ecr_domain *domain)
{
	return domain->owed_at < domain->next_at ? domain->owed_at : domain->next_at;
}

/* The epoch has moved a little: so does the next deadline. */
void ecr_domain_follow(struct ecr_domain *domain, ecr_time epoch);
/* Sends what is due. */
void ecr_domain_tick(struct ecr_domain *domain, struct ecr_bus *bus, ecr_time now, ecr_time epoch);
/* The bus has finished a transaction of owner ECR_OWNER_CYCLE: its exchange when it was the last of it, else NULL. */
static inline struct ecr_exchange *ecr_domain_gather(const struct ecr_transaction *transaction)
{
	struct ecr_exchange *exchange = transaction->context;

	ECR_ASSERT(exchange->used && exchange->pending > 0);
	return --exchange->pending ? NULL : exchange;
}

/*
 * What has come back is the first behind a silence or behind a wrong counter, or of one part of a broken ring alone:
 * somebody may have gone while another has come, unseen. A wrong counter is said to be behind once: what it makes doubtful is
 * asked from then on, and the counter is the right one meanwhile.
 */
bool ecr_domain_breaks_off(const struct ecr_exchange *exchange);
/* So many bad cycles in a row make it degraded. */
static inline uint32_t ecr_domain_recovery_threshold(const struct ecr_domain *domain)
{
	return domain->config->recovery_threshold ? domain->config->recovery_threshold : 3;
}

/* An exchange is over; its last frame has come then. */
enum ecr_domain_news ecr_domain_finished(struct ecr_exchange *exchange, ecr_time at, ecr_time now);

/* Of what was refreshed then (-1 never). */
void ecr_domain_freshness(const struct ecr_domain *domain, ecr_time refreshed, ecr_time now,
			  struct ecr_freshness *freshness);
void ecr_domain_fill_info(const struct ecr_domain *domain, ecr_time now,
			  struct ecr_domain_info *info);

#endif
