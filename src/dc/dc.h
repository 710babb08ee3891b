/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clocks of a ring: who has one, how they are set, how they are held together, and what the
 * master's cycle makes of it. Slaves are numbered as in the session. Changes no AL state.
 *
 * Setting them (dc/setup.c): latch, read, compute, write, burst; all clocks at once. Holding them
 * together (dc/cycle.c): a datagram of the cycle's own frame carries the reference's time to all.
 * Watching them (dc/monitor.c): a few at a time, in the background.
 */
#ifndef ECR_DC_DC_H
#define ECR_DC_DC_H

#include "base/arena.h"
#include "bus/bus.h"
#include "dc/delay.h"
#include "dc/estimate.h"
#include "dc/lock.h"
#include "job/job.h"

#define ECR_DC_FLIGHTS 8  /* cycles in flight at most */
#define ECR_DC_AT_ONCE 16 /* clocks asked for their difference in one question */
#define ECR_DC_NONE (-1)
#define ECR_DC_NO_STEP_NS \
	500000 /* the control loop makes up for it within a second, in steps of 1 ns */

struct ecr_dc;

/* One slave's part. */
struct ecr_clock {
	struct ecr_job job; /* what is asked of this slave alone */
	struct ecr_dc *dc;
	int index;
	uint16_t station;
	uint16_t features;
	bool keep_speed; /* its control loop's registers are left alone */
	bool keeps_on;	 /* its time was right all along: the control loop goes on as it is */
	bool stepped;	 /* else it is another since */
	bool away;	 /* it is not expected to answer, */
	uint16_t place;	 /* else here in the order of frames */
	bool placed;	 /* has its station address */
	bool present;	 /* answered last time */
	bool ready;	 /* set, and not gone since */
	ecr_time since;	 /* when it became ready */
	bool asked;	 /* its job runs, or has ended and was not looked at yet */
	bool awaited;	 /* ... and is a part of the stage */
	const struct ecr_step
		*next; /* the stage's part, when what it is asked now has ended; then */
	bool wanted;   /* it is to be set, */
	bool hasty;    /* or its control loop to begin anew */
	uint8_t kind;  /* enum ecr_clock_kind */
	int compared; /* with this one's time it is being set; ECR_DC_NONE: with the master's estimate */
	int64_t offset; /* 0x0920 */
	uint32_t delay; /* 0x0928 */
	uint8_t missed; /* questions in a row, of one that is not configured */
	bool difference_known;
	int32_t difference; /* 0x092C, positive: ahead */
	int32_t difference_min;
	int32_t difference_max;
	uint32_t era; /* of the extremes: they begin anew with each lock */
};

#define ECR_DC_STRANGERS 16 /* at most that are taken into account */

/* One that is none of the session's slaves, but has a part in the way of frames. */
struct ecr_dc_stranger {
	uint16_t place;
	uint16_t dl_status;
};

/* How far clocks may be from the time where the line is broken and the master tells it, as well as it sends. */
#define ECR_DC_FAR_NS 10000

/* Setting the clocks, or measuring the delays again. */
enum ecr_dc_stage {
	ECR_DC_IDLE,
	ECR_DC_LATCH,
	ECR_DC_READ,
	ECR_DC_SET_REFERENCE,
	ECR_DC_SET,
	ECR_DC_BURST,
	ECR_DC_DELAYS, /* only these, while the clocks run */
};

struct ecr_dc_flight {
	struct ecr_transaction transaction;
	struct ecr_ask asks[2];
	uint8_t payload[8]; /* the estimate for the instant of sending */
	uint8_t time[8];
	uint8_t difference[4];
	int reference; /* at that time */
	bool used;
};

enum ecr_dc_news {
	ECR_DC_FAILING = 1 << 0, /* several cycles in a row have not come back */
	ECR_DC_HEALTHY = 1 << 1,
	ECR_DC_LOST_LOCK = 1 << 2,
	ECR_DC_REGAINED_LOCK = 1 << 3,
	ECR_DC_NO_REFERENCE = 1 << 4, /* the others answer, it does not: for a while now */
	ECR_DC_ASTRAY = 1 << 5,	      /* a clock is so far off that it is to be set anew */
};

struct ecr_dc {
	const struct ecr_dc_config *config; /* NULL: none */
	struct ecr_runner *runner;
	ecr_time cycle;
	ecr_time shift;
	ecr_time modulus;   /* common multiple of all periods */
	ecr_time wall;	    /* added to the local clock: ns since 2000 */
	struct ecr_job job; /* to all: latch, burst */
	struct ecr_clock *clocks;
	uint16_t *dl_status;
	struct ecr_node *nodes;
	struct ecr_receive_times *times;
	struct ecr_delay *delays;
	struct ecr_delay *fresh; /* of the last measurement alone, in the order of frames, */
	uint16_t *order;	 /* which is this; */
	struct ecr_receive_times *in_order; /* and what was read in it, and known before */
	struct ecr_delay *known;
	uint16_t *statuses;
	struct ecr_dc_stranger strangers[ECR_DC_STRANGERS];
	int stranger_count;
	int count; /* of the ring: who is not configured has a part in the delays, and in the time */
	int own;   /* configured: one of these is the reference */
	bool two_ports;	 /* of the master: the ring's end comes back to the second one */
	bool paused;	 /* before the latch */
	uint8_t latches; /* that did not tell the delays */
	bool unmeasured; /* nor did the last attempt as a whole */
	int first;	 /* with a clock in ring order */
	int reference;	 /* ECR_DC_NONE: the master, or nobody */
	int chosen;	 /* by the configuration; ECR_DC_NONE: the first one */
	int original;	 /* the one that should be: a substitute goes when it is back */
	enum ecr_dc_stage stage;
	int pending; /* conversations of the stage */
	bool with_burst;
	bool measuring; /* delays only */
	int error;
	uint32_t burst_left;
	uint32_t burst_good;
	uint8_t payload[8];

	struct ecr_estimate estimate;
	struct ecr_dc_lock lock;
	enum ecr_dc_lock_state lock_told; /* the state that was told last */
	bool running;
	uint16_t expected; /* clocks that take the time, */
	uint16_t ours;	   /* and of these who are configured: the lock is theirs */
	ecr_time next_at;
	ecr_time epoch;
	struct ecr_dc_flight flights[ECR_DC_FLIGHTS];
	struct ecr_dc_flight *unsent;
	uint64_t cycles;
	uint64_t lost;
	uint32_t failures;	   /* in a row */
	uint32_t reference_missed; /* in a row */
	uint32_t reference_shows;  /* as a difference, of long ago: nobody tells it the time */
	bool astray;		   /* some clock is, and nobody was told yet */
	uint32_t untold;	   /* cycles in a row in which not every clock had the time */
	uint64_t reference_ns;	   /* as of the last answer; 0 unknown */
	uint64_t
		ring_ns; /* and of the last cycle, whoever has answered: no more than half a turn of 32 bits ago */
	ecr_time way;	    /* to the reference, longer than usual */
	int behind;	    /* place of the first clock of the second part; -1: there is one part */
	int routed;	    /* the reference then, */
	bool ways_changed;  /* and since then delays, or who stands where */
	ecr_time far_later; /* so much later is what is sent to the part without the reference */
	int64_t phase;	    /* how late the last frame passed the reference */
	int64_t strayed;    /* how far the reference was from what clocks before it were told */
	ecr_time checked_at; /* when differences were seen last; -1 never */

	struct ecr_job monitor;
	bool monitor_waited;
	int monitor_next;
	struct ecr_clock *monitored[ECR_DC_AT_ONCE]; /* in the question under way */
	int monitored_count;
	uint32_t round_max; /* of the round under way */
	uint32_t polled;    /* of the last whole round */
	uint32_t rounds;
	uint32_t era;
	ecr_time measure_at;
};

/* Room for the clocks of so many slaves; `own` of them, the first ones, are configured. */
void ecr_dc_build(struct ecr_dc *dc, struct ecr_arena *arena, int slaves, int own);
/* A session begins; config NULL or disabled: no clocks. `cycle` when the configuration has none. */
void ecr_dc_init(struct ecr_dc *dc, const struct ecr_dc_config *config, struct ecr_runner *runner,
		 ecr_time cycle, ecr_time modulus, ecr_time wall);
void ecr_dc_forget(struct ecr_dc *dc);

static inline bool ecr_dc_enabled(const struct ecr_dc *dc)
{
	return dc->config && !dc->config->disabled;
}

/* Some slave has a clock that can be set. */
static inline bool ecr_dc_any(const struct ecr_dc *dc)
{
	return ecr_dc_enabled(dc) && dc->first != ECR_DC_NONE;
}

/* Latches, reads, computes, writes; ends when ecr_dc_setting turns false, with dc->error. */
void ecr_dc_set(struct ecr_dc *dc, ecr_time now, bool with_burst);
/* One slave that came back; its end is seen by `ready`. */
void ecr_dc_set_one(struct ecr_dc *dc, struct ecr_clock *clock);
/* Its control loop gives up what it was about to correct: the reference goes on at the rate that it has just then. */
void ecr_dc_calm(struct ecr_dc *dc, struct ecr_clock *clock);
/* Latches, reads and computes the delays again, while the clocks run (continuous propagation delay measurement,
 * ETG.1500 feature 1102): each result moves what was known by a quarter, and is written to all that are set. */
void ecr_dc_measure(struct ecr_dc *dc, ecr_time now);
/* Somebody who is not configured has no address, or has lost it: the next measurement gives it one, and sets its clock. */
bool ecr_dc_lacks_place(const struct ecr_dc *dc);
/* ... or has one, and a clock that is not set: so does the next measurement. */
bool ecr_dc_lacks_time(const struct ecr_dc *dc);
static inline bool ecr_dc_setting(const struct ecr_dc *dc)
{
	return dc->stage != ECR_DC_IDLE;
}
/* A conversation with the context `dc` has ended. True when it was that of a single slave. */
bool ecr_dc_job_ended(struct ecr_dc *dc, ecr_time now, struct ecr_job *job);
void ecr_dc_cancel(struct ecr_dc *dc);

/* The cycle. */
void ecr_dc_start(struct ecr_dc *dc, ecr_time now, ecr_time epoch);
void ecr_dc_stop(struct ecr_dc *dc);
/* Of a modulus that has changed; what cycles already keeps its instants with it. */
ecr_time ecr_dc_epoch(const struct ecr_dc *dc, ecr_time now, ecr_time epoch);
/* Sends what is due. True when `dc->epoch` has moved, for all that cycles to follow. */
bool ecr_dc_tick(struct ecr_dc *dc, struct ecr_bus *bus, ecr_time now, ecr_time epoch);
static inline bool ecr_dc_awaits_stamp(const struct ecr_dc *dc)
{
	return dc->unsent || dc->stage == ECR_DC_BURST;
}

/* A frame is about to be sent: the datagram that waits gets its time. */
void ecr_dc_stamp(struct ecr_dc *dc, ecr_time now);
/* The bus has finished a transaction of owner ECR_OWNER_CLOCK; ECR_DC_xxx bits. */
unsigned int ecr_dc_finished(struct ecr_dc *dc, struct ecr_transaction *transaction);
/* Another slave's clock is the reference from now on; false when it cannot be. */
bool ecr_dc_substitute(struct ecr_dc *dc, int index);
/* With two ports, in each tick: frames of the second one come to the slaves from `behind` on, after they have turned
 * there; -1 when the first port reaches all. The master's estimate takes the other way into account. */
void ecr_dc_route(struct ecr_dc *dc, int behind);
/* Of one who is not configured: it counts no more, and has no address. */
void ecr_dc_misplace(struct ecr_clock *clock);
/* Whose clock is ready has changed. */
void ecr_dc_count(struct ecr_dc *dc);

/* The line is broken, and the reference is in the other part. */
static inline bool ecr_dc_is_far(const struct ecr_dc *dc, const struct ecr_clock *clock)
{
	bool there = dc->reference != ECR_DC_NONE && dc->clocks[dc->reference].place >= dc->behind;

	return dc->behind > 0 && (clock->place >= dc->behind) != there;
}

/* Begins to read the differences slave by slave, until cancelled: with the broadcast of each cycle the sync
 * window monitoring of ETG.1500, feature 1103. */
void ecr_dc_monitor(struct ecr_dc *dc);

extern const struct ecr_step ecr_dc_setup_steps[];
extern const struct ecr_step ecr_clock_read_steps[];
extern const struct ecr_step ecr_clock_set_steps[];
extern const struct ecr_step ecr_clock_delay_steps[];
extern const struct ecr_step ecr_clock_calm_steps[];
extern const struct ecr_step ecr_dc_monitor_steps[];

/* Bytes of its system time. */
static inline uint16_t ecr_clock_width(const struct ecr_clock *clock)
{
	return clock->kind == ECR_CLOCK_32 ? 4 : 8;
}

/* A time as the clock showed it about `local`, made whole. */
uint64_t ecr_dc_time_of(const struct ecr_dc *dc, const struct ecr_clock *clock,
			const uint8_t *bytes, ecr_time local);

/* When a frame passed it, from what it then showed: its delay is taken off there. */
uint64_t ecr_dc_passed(const struct ecr_dc *dc, const struct ecr_clock *clock, const uint8_t *bytes,
		       ecr_time local);

static inline uint32_t ecr_dc_magnitude(uint32_t difference)
{
	return difference & 0x7FFFFFFFu;
}

#endif
