/* SPDX-License-Identifier: Apache-2.0 */
/* The master's data: everything a session knows. Files beside this one each own one part of what is
 * done with it. */
#ifndef ECR_MASTER_MASTER_H
#define ECR_MASTER_MASTER_H

#include "base/arena.h"
#include "bus/bus.h"
#include "core.h"
#include "dc/dc.h"
#include "domain/domain.h"
#include "job/job.h"
#include "master/lifecycle.h"
#include "master/roll.h"
#include "slave/slave.h"
#include "topology/tree.h"

#define ECR_JOBS_PER_SLAVE 15
#define ECR_MASTER_VALID_NS \
	ECR_S(2) /* longest wait for valid cycles before OP is asked for all the same */

/* Where within its public state the session is. */
enum ecr_phase {
	ECR_PHASE_IDLE,
	ECR_PHASE_SCAN,		/* counting slaves until the count is stable */
	ECR_PHASE_SLAVE_MEMORY, /* waiting for the block that holds the slaves */
	ECR_PHASE_RESET,	/* INIT for all, registers to defaults */
	ECR_PHASE_ROLL,		/* where slaves may be absent: who is there */
	ECR_PHASE_BRINGUP,	/* every slave to PREOP, at once */
	ECR_PHASE_CLOCKS,	/* distributed clocks are found and set */
	ECR_PHASE_PROVISION,	/* startup lists and PDOs over the mailbox, every slave at once */
	ECR_PHASE_PLAN_MEMORY,	/* waiting for the block that holds the plan */
	ECR_PHASE_CONFIGURE,	/* SyncManagers and FMMUs, every slave at once */
	ECR_PHASE_QUIESCE,	/* 2 ms without traffic */
	ECR_PHASE_ALIGN,	/* clocks are set once more, and taught their drift */
	ECR_PHASE_LOCK,		/* clocks run; waiting until the master follows, or for the lock */
	ECR_PHASE_SAFEOP,	/* domains cycle, every slave to SAFEOP */
	ECR_PHASE_VALID,	/* waiting for a valid cycle of every domain */
	ECR_PHASE_OP,
	ECR_PHASE_LOWER,    /* deactivation */
	ECR_PHASE_STEADY,   /* the public state says it all */
	ECR_PHASE_STOPPING, /* every slave to INIT */
};

/* Counting and resetting the ring (master/boot.c). */
struct ecr_boot {
	struct ecr_job job;
	ecr_time poll;
	ecr_time stable;
	uint16_t count;	   /* last reading */
	uint16_t readings; /* equal ones in a row */
	ecr_time since;	   /* of the first of them */
	ecr_time to_init;  /* patience with slaves on their way to INIT */
	ecr_time deadline;
	uint16_t status;  /* AL status of all, ORed */
	uint16_t refused; /* count with which the reset met others; 0: none */
	uint16_t silent;  /* how often the ring has proven to be slower than was thought */
	uint64_t late;	  /* answers that had come too late by the last time */
	uint16_t cleared; /* count of those whose error counters have been set to zero; 0: none */
	bool no_errors;	  /* all of them have: what they show is this session's */
	bool no_lost_links;
	bool keep_speed;     /* a slave's control loop is to be left alone */
	bool clear_stations; /* of former sessions: slaves are told apart by theirs */
};

/* One SyncManager of one slave in one domain. */
struct ecr_placement {
	struct ecr_slave *slave;
	int domain;
	uint8_t sm;
	enum ecr_direction direction;
	uint32_t offset;   /* in the domain's image */
	uint8_t start_bit; /* within its first byte: not 0 only where slaves share bytes */
	bool shared;	   /* its SyncManager is in other domains too */
	bool mail;	   /* no process data: the status of the mailbox */
	uint32_t size;	   /* bytes it touches */
	uint32_t bits;
	uint32_t first_signal;
	uint16_t signals;
};

struct ecr_plan {
	struct ecr_placement *placements;
	uint32_t placement_count;
	struct ecr_placed_signal *signals;
	uint32_t signal_count;
	ecr_time *
		withheld; /* per signal: since when an output has its fault value; ECR_NEVER: not */
	bool lacks; /* one that must be there, since nobody knew what it has to exchange: nobody is raised */
};

#define ECR_USERS 8

struct ecr_user {
	struct ecr_transaction transaction;
	struct ecr_ask asks[ECR_USER_DATAGRAMS];
	struct ecr_request *request; /* NULL: free */
	uint8_t repeats;
};

/* All slaves asked at once for their health (broadcast.c). */
struct ecr_round {
	struct ecr_job job;
	bool waited;
	uint16_t answered; /* slaves, the last time */
	ecr_time period;
	ecr_time proof_at; /* when everybody was last found where all should be */
	ecr_time asked_at; /* when the last answer came */
};

#define ECR_REACH_LOOKS 8

/* Where a ring with two ports is broken (redundancy.c): counts the slaves that each port reaches, and looks
 * at some about the break. */
struct ecr_reach {
	struct ecr_transaction transaction;
	struct ecr_ask asks[1 + ECR_REACH_LOOKS];
	uint16_t whom[ECR_REACH_LOOKS]; /* slaves */
	uint16_t looks;
	ecr_time at; /* of the next question */
	int32_t edge; /* so many of those that are there are thought to be in the first part; -1 no idea */
	int32_t ends[2]; /* positions of the slaves about the break; -1 none, or not known */
	bool known;
	bool split; /* of this break */
	int32_t behind; /* position of the first slave of the second part; -1 while the first one has all */
};

/* The error counters of all slaves at once (tally.c). */
struct ecr_tally {
	struct ecr_job job;
	bool waited;
	uint16_t links;	   /* DL status of all, ORed */
	ecr_time proof_at; /* when nobody was last found to have counted anything */
	bool shown;	   /* somebody had, the last time */
	uint16_t at;	   /* position in work, of those on the ring */
	uint16_t count;
};

#define ECR_MASTER_TIMERS 4u /* beside those of the slaves: boot, roll, round, tally */
#define ECR_BOOT_TIMERS 4    /* while there are no slaves yet */

/* Events that replies bring along (irq.c). */
struct ecr_irq {
	uint64_t frames_seen;
	ecr_time next_at; /* not before then are polls called forward again */
	ecr_time pause;
	bool links; /* a port was opened or closed while the clocks ran, and nobody has heeded it */
};

struct ecr_core {
	struct ecr_limits limits;
	struct ecr_bus bus;
	struct ecr_runner runner;
	struct ecr_boot boot;
	struct ecr_timer *boot_timers[ECR_BOOT_TIMERS];
	struct ecr_dc dc;

	enum ecr_state state;
	enum ecr_phase phase;
	enum ecr_target target; /* what the session is to reach */
	const struct ecr_config *config;
	ecr_time now;
	ecr_time epoch;
	ecr_time phase_since;
	ecr_time preop_deadline;
	bool recounted; /* slaves are brought up anew, since the ring was another than was counted */
	ecr_time retry_at;
	ecr_time restart_at; /* of domains that were stopped for their misses */

	void *slave_block;
	size_t slave_block_size;
	void *plan_block;
	size_t plan_block_size;
	size_t plan_wanted;
	uint32_t generation;
	uint32_t logical_end; /* of the windows of the plans so far */

	uint16_t found; /* slaves on the ring, at first */
	uint16_t room;	/* for so many, or those that are configured */
	bool hot;	/* slaves may come and go */
	struct ecr_roll roll;
	int slave_count; /* slaves of the session */
	struct ecr_slave *slaves;
	struct ecr_slave_config
		*dynamic;	/* configurations of slaves found, or changed while running */
	struct ecr_node *nodes; /* scratch, for as many */
	uint16_t *statuses;
	uint16_t *order;
	int domain_count;
	struct ecr_domain domains[ECR_DOMAINS_MAX];
	uint32_t domain_faults; /* bit per domain: degraded or stopped */
	ecr_time
		healed_at; /* since when nothing is at fault: what is so is to be proven; ECR_NEVER: is not */
	ecr_time away_since; /* when any_away came true last, */
	ecr_time away_until; /* and was so still when it was last looked at */
	ecr_time
		doubted_at; /* since when counters prove nothing of who is there; ECR_NEVER: they do */
	bool any_away;	    /* somebody may count who is thought to be missing */
	bool clocks_fail;      /* the clocks' datagram does not come back */
	bool clocks_part;      /* the lock is lost, and the policy minds */
	bool clocks_end;       /* ... so much that it ends the session */
	bool clock_unread;     /* a slave was away when the clocks were read */
	bool clocks_hoped;     /* somebody may have one */
	bool clocks_again;     /* none could be set at the start: it is tried again, */
	ecr_time clocks_at;    /* then, */
	ecr_time clocks_pause; /* with longer and longer pauses */
	bool lock_unjudged;    /* lost while the session was not settled, or a clock came or went */
	ecr_time clocks_excuse; /* until then: one that came or went may cost the lock */
	ecr_time lock_since;	/* when it was had last, */
	ecr_time lock_lost_at;	/* and lost; */
	ecr_time
		lock_wanted_since; /* since when it has not been had for long; 0: it was never lost */
	bool gated;		   /* the lock did not come in time: everybody stays in PREOP */
	struct ecr_plan plan;
	bool expected_dirty;
	uint32_t withheld; /* outputs that have their fault value */
	uint32_t presence; /* counts changes of who is there */
	int busy;	   /* slaves with a conversation that leads somewhere */
	struct ecr_irq irq;
	struct ecr_round round;
	struct ecr_tally tally;
	struct ecr_reach reach;
	ecr_time
		unlinked_at; /* since when no port has a link; ECR_NEVER: one has, or it has been heeded */
	bool attention; /* something happened to a slave: look at all of them */

	struct ecr_failure last_failure;
	struct ecr_failure blocked; /* why the activation is blocked */

	struct ecr_request
		*waiting;  /* await, activate, deactivate, stop: answered by a change of state */
	uint32_t services; /* SDO requests under way or waiting */
	ecr_time service_wake;		  /* no later than the first of their deadlines */
	struct ecr_user users[ECR_USERS]; /* transactions of callers under way */
	ecr_time user_wake;		  /* no later than the first of their deadlines */
	struct ecr_request *completed;
	struct ecr_request **completed_tail;

	struct ecr_event *events;
	uint32_t event_room;
	uint32_t event_first;
	uint32_t event_count;
	uint64_t events_lost;
};

/* Events and completions (events.c). */
void ecr_core_note(struct ecr_core *core, const struct ecr_event *event);
static inline void ecr_core_emit(struct ecr_core *core, struct ecr_event event)
{
	ecr_core_note(core, &event);
}
void ecr_core_complete(struct ecr_core *core, struct ecr_request *request, int result);

/* The public state changes here and nowhere else; tells waiters (lifecycle.c, waiters.c). */
void ecr_master_enter(struct ecr_core *core, enum ecr_lifecycle_event event);
void ecr_master_wait(struct ecr_core *core, struct ecr_request *request);
void ecr_master_answer_waiters(struct ecr_core *core);
void ecr_master_expire_waiters(struct ecr_core *core);
ecr_time ecr_master_waiters_wake(const struct ecr_core *core);
/* Ends the session: by a failure, or because it was told to (NULL). */
void ecr_master_end(struct ecr_core *core, const struct ecr_failure *failure);
/* All that goes on with slaves ends, requests with this error; nothing is known of any. */
void ecr_master_forget_slaves(struct ecr_core *core, int error);
/* By a failure of the session itself, or of a slave, with its cause. */
void ecr_master_fail(struct ecr_core *core, int error, const struct ecr_slave *slave, int cause);

static inline bool ecr_config_is_optional(const struct ecr_slave_config *config)
{
	return config->presence.optional || config->presence.group;
}

/* How the session stands (session.c). */
/* So many slaves must be there. */
uint32_t ecr_master_needed(const struct ecr_config *config);
struct ecr_slave *ecr_master_slave(struct ecr_core *core, const char *name);
struct ecr_domain *ecr_master_domain(struct ecr_core *core, const char *id);
bool ecr_slave_activatable(const struct ecr_slave *slave);
void ecr_master_phase(struct ecr_core *core, enum ecr_phase phase);
/* Slaves are watched, and brought to where they should be: nothing else is done with them, be it since they wait for the lock. */
bool ecr_master_tends(const struct ecr_core *core);
/* One of its domains that was stopped by its misses, and begins anew by itself, later; NULL: none. */
const struct ecr_domain *ecr_master_cut_off(const struct ecr_core *core,
					    const struct ecr_slave *slave);
/* The state in which a slave should be now. */
enum ecr_al_state ecr_master_wanted(const struct ecr_core *core, const struct ecr_slave *slave);
bool ecr_master_faulty(const struct ecr_core *core);
/* Nobody may leave PREOP. */
bool ecr_master_nothing_activatable(const struct ecr_core *core);
/* Where the target has led: an activation without anybody who may leave PREOP ends there. */
enum ecr_lifecycle_event ecr_master_settled(const struct ecr_core *core);
/* The station address of the slave at a position. */
uint16_t ecr_master_station(const struct ecr_core *core, int position);

/* Startup (startup.c), its broadcast part (boot.c), options (options.c), the plan (plan.c,
 * place.c, expected.c). */
int ecr_master_check_options(const struct ecr_config *config, struct ecr_failure *failure);
/* Which option of a slave's configuration is impossible by itself; NULL when none is. */
const char *ecr_master_bad_slave_option(const struct ecr_slave_config *slave);
int ecr_master_start(struct ecr_core *core, const struct ecr_config *config, ecr_time wall);
/* What the slave's configuration says of itself, anew after it was replaced. */
void ecr_master_take_options(struct ecr_slave *slave);
void ecr_master_memory(struct ecr_core *core, void *memory, size_t size);
void ecr_master_startup(struct ecr_core *core);

/* Whom a start waits for (awaiting.c). */
enum ecr_awaiting {
	ECR_AWAITING_SLAVES, /* or the session has ended */
	ECR_AWAITING_NOBODY, /* all who must be are in PREOP */
	ECR_AWAITING_COUNT,  /* the ring is another than was counted */
};

/* While slaves are brought up. */
enum ecr_awaiting ecr_master_await_preop(struct ecr_core *core);
/* The first whose conversation has lasted since the phase began, for longer than its mailbox may take for one answer; NULL. */
const struct ecr_slave *ecr_master_tarrying(const struct ecr_core *core);
void ecr_master_provision(struct ecr_core *core);
/* How long frames are waited for once the ring is counted, and whether it is counted again after a reset that failed. */
ecr_time ecr_boot_patience(const struct ecr_core *core);
bool ecr_boot_again(struct ecr_core *core);
/* Slaves have failed since no answer came in time: frames are waited for longer when answers come too late. */
void ecr_boot_be_patient(struct ecr_core *core);
extern const struct ecr_step ecr_scan_steps[];
extern const struct ecr_step ecr_reset_steps[];
int ecr_plan_make(struct ecr_core *core);
/* The slave's failure is why the plan cannot have it, or none. */
void ecr_plan_explain(struct ecr_slave *slave);
/* The last cycles of the plan before are under way: their replies, or time-outs, come first. */
bool ecr_plan_held(const struct ecr_core *core);
void ecr_plan_expected(struct ecr_core *core);
/* A period has become another: what is not fresh whatever its age is not fresh in that one. */
void ecr_plan_keep_stale(struct ecr_core *core);
/* When these bits were last published while their slave was there; -1 never. */
ecr_time ecr_plan_refreshed(const struct ecr_core *core, const struct ecr_placement *placement);
int ecr_plan_check_watchdogs(const struct ecr_core *core, int domain, ecr_time period);

/* Activation and deactivation (activation.c), health (health.c) and healing (recovery.c). */
int ecr_master_activate(struct ecr_core *core);
/* The lock has come, be it after all: everybody who was tended in PREOP goes to SAFEOP. */
void ecr_master_raise(struct ecr_core *core);
int ecr_master_deactivate(struct ecr_core *core, enum ecr_target target);
/* In PREOP, where nothing cycles: asks slaves that are not provisioned, then plans for all. */
void ecr_master_plan_anew(struct ecr_core *core);
/* Nothing cycles that a new plan would disturb. */
bool ecr_master_may_plan(const struct ecr_core *core);
int ecr_master_configure(struct ecr_core *core, const char *name,
			 const struct ecr_slave_config *config);
/* A SyncManager is wanted in a domain (0: the plan is made anew, or is as wanted), and where it lies. */
int ecr_master_register(struct ecr_core *core, const struct ecr_request *request);
int ecr_master_registered(const struct ecr_core *core, const struct ecr_request *request);
const struct ecr_placement *
ecr_master_placement(const struct ecr_core *core, const char *domain,
		     const struct ecr_registration *wanted); /* registered.c */
void ecr_master_activation(struct ecr_core *core);
void ecr_master_stop(struct ecr_core *core);
/* Brings every slave a step nearer to where it should be; true when all are there. */
bool ecr_master_reconcile(struct ecr_core *core);
/* While nobody looks at all of them: a conversation may have brought it there, and what kept it is over. */
void ecr_master_raised(struct ecr_core *core, struct ecr_slave *slave);
void ecr_master_recovery(struct ecr_core *core);
void ecr_master_poll(struct ecr_core *core, bool on);
/* Of these the mailboxes alone, on: slaves on their way, too, have something to say. */
void ecr_master_watch(struct ecr_core *core);
/* The broadcast before them. */
void ecr_master_round(struct ecr_core *core, bool on);
/* The broadcast before the reading of error counters. */
void ecr_master_tally(struct ecr_core *core, bool on);
/* Those of a slave by itself, where it answers. */
void ecr_master_read_errors(struct ecr_core *core, struct ecr_slave *slave, bool on);
/* The error counters alone, for as long as slaves do not come to PREOP. */
void ecr_master_count(struct ecr_core *core, bool on);
void ecr_master_heed_irq(struct ecr_core *core);
/* Without any link for a while: whoever is polled does not answer (unlinked.c). When that is so next; ECR_NEVER. */
void ecr_master_heed_link(struct ecr_core *core);
/* A port has a link: the time without any is not the start's. */
void ecr_master_linked(struct ecr_core *core);
void ecr_master_heed_link_anew(struct ecr_core *core);
ecr_time ecr_master_link_wake(const struct ecr_core *core);
/* Every slave is polled now; with `links` its ports are read too. */
void ecr_master_hurry_poll(struct ecr_core *core, struct ecr_slave *slave, bool links);
void ecr_master_hurry_polls(struct ecr_core *core, bool links);
/* When the session itself must look again. */
ecr_time ecr_master_wake(const struct ecr_core *core);
void ecr_master_domain_news(struct ecr_core *core, struct ecr_domain *domain,
			    enum ecr_domain_news news);
/* Somebody may have gone while another has come, unseen: until everybody was asked a counter proves nothing (doubt.c). */
void ecr_master_doubt(struct ecr_core *core);
/* Ends the doubt when everybody who is thought to be there has been found since. */
void ecr_master_settle_doubt(struct ecr_core *core);
/* A ring with two ports that is broken (redundancy.c). */
void ecr_master_redundancy(struct ecr_core *core);
/* When it next asks, unless something else happens; never while others do. */
ecr_time ecr_master_redundancy_wake(const struct ecr_core *core);
/* Its question has come back. */
void ecr_master_reached(struct ecr_core *core);
/* Slaves that are there, as frames pass them; and how many of them are in the first part. */
int ecr_master_order(const struct ecr_core *core, uint16_t *order);
int ecr_master_in_first_part(const struct ecr_core *core, const uint16_t *order, int count);
/* Outputs of slaves that were lost (withhold.c). */
void ecr_master_withhold(struct ecr_core *core, struct ecr_slave *slave);
/* Before a cycle. */
void ecr_master_set_fault_values(struct ecr_core *core);
void ecr_master_poll_ended(struct ecr_core *core, struct ecr_slave *slave);
/* The state that it has taken by itself. Fallen below SAFEOP it is configured anew: what of its SyncManagers and FMMUs it
 * has switched off nobody knows; below PREOP what its outputs were is void. */
void ecr_master_found_in(struct ecr_core *core, struct ecr_slave *slave, enum ecr_al_state state);

/* Distributed clocks (clocks.c, clock_news.c, clock_excuse.c, clock_info.c). */
void ecr_clocks_init(struct ecr_core *core, ecr_time wall);
void ecr_clocks_build(struct ecr_core *core, struct ecr_arena *arena, int slaves);
/* Begins to set them; false when there is nothing to do. */
bool ecr_clocks_set(struct ecr_core *core, bool with_burst);
void ecr_clocks_run(struct ecr_core *core);
/* Whether the activation may go on, or has waited too long: then `gated` stays. */
bool ecr_clocks_settled(struct ecr_core *core);
/* Everybody is held in PREOP because the clocks do not agree: true, and why when nothing else is. */
bool ecr_clocks_blame(struct ecr_core *core);
/* The clocks do not agree: by how much. */
struct ecr_failure ecr_clocks_failure(const struct ecr_core *core, int error, int cause);
/* A lock that was lost on the way is judged when the session has settled, and those who came and went had time. */
void ecr_clocks_judge(struct ecr_core *core);
/* The slave's clock comes, or goes as it may: for as long as a lock is waited for it may cost the lock. */
void ecr_clocks_excuse(struct ecr_core *core, const struct ecr_slave *slave);
/* All slaves whose clocks ran have left, as they may, and are not back yet: that nobody answers for the clocks is no fault. */
bool ecr_clocks_have_left(const struct ecr_core *core);
/* Nobody answers for the clocks, or their lock is lost and the policy minds. */
bool ecr_clocks_faulty(const struct ecr_core *core);
/*
 * A lost lock is judged when the session has settled, since on its way there the lock may come and go; and when clocks that
 * have come, or have only just found together, have had the time to agree.
 */
bool ecr_clocks_ripe(const struct ecr_core *core);
/* The lock was lost or regained. */
void ecr_clocks_note_lock(struct ecr_core *core, unsigned int news);
/* How long the lock is waited for. */
ecr_time ecr_clocks_patience(const struct ecr_core *core);
/* A substitute reference gives way to the one that is back. */
void ecr_clocks_return(struct ecr_core *core);
/* They could not be set: the session ends. */
void ecr_clocks_refuse(struct ecr_core *core);
/* The next frame, with the time in the clocks' datagram that waits. */
size_t ecr_clocks_send(struct ecr_core *core, unsigned int port, uint8_t *frame, size_t size);
/* While they run. */
void ecr_clocks_tick(struct ecr_core *core);
/* A ring with two ports has broken, or is whole again. */
void ecr_clocks_parted(struct ecr_core *core);
void ecr_clocks_news(struct ecr_core *core, unsigned int news);
/* The lock's state may have changed: says so, and answers who waits for it. */
void ecr_clocks_look(struct ecr_core *core);
/* This slave's clock is there, and not set. */
bool ecr_clocks_lack(const struct ecr_core *core, const struct ecr_slave *slave);
void ecr_clocks_gone(struct ecr_core *core, const struct ecr_slave *slave);
/* It may have been away when the clocks were read. */
void ecr_clocks_brought_up(struct ecr_core *core, const struct ecr_slave *slave);
/* Whether it is there, and where in the ring. */
void ecr_clocks_away(struct ecr_core *core, const struct ecr_slave *slave);
void ecr_clocks_set_one(struct ecr_core *core, struct ecr_slave *slave);
/* What a walk needs to know of the clocks; what it has found of the slave's SYNC0. */
void ecr_clocks_prepare_sync(struct ecr_core *core, struct ecr_slave *slave);
void ecr_clocks_synced(struct ecr_core *core, const struct ecr_slave *slave);
/* Edges at the slave's latch inputs are looked for, or not. */
void ecr_clocks_latch(struct ecr_core *core, struct ecr_slave *slave, bool on);
void ecr_clocks_job_ended(struct ecr_core *core, struct ecr_job *job);
void ecr_clocks_modulus(struct ecr_core *core);
int ecr_clocks_status(const struct ecr_core *core, struct ecr_dc_status *status);
int ecr_clocks_slaves(const struct ecr_core *core, struct ecr_dc_slave *slaves, int room);

/* Slaves that come and go (roll.c, attend.c). */
void ecr_roll_call(struct ecr_core *core, bool on);
void ecr_roll_hurry(struct ecr_core *core);
/* Whether nobody has come or gone unseen when all were brought up; asks for it. */
bool ecr_roll_checked(struct ecr_core *core);
/* One roll, where nobody comes and goes and somebody has come. */
void ecr_roll_look(struct ecr_core *core);
/* The slave of the session whose station it is; NULL: nobody's. */
struct ecr_slave *ecr_attend_owner(const struct ecr_core *core, uint16_t station);
/* Steps of a roll: who is known by the station; the next slave behind `behind` that is looked for by such an
 * identification, -1 none. */
void ecr_attend_known(struct ecr_core *core);
int ecr_attend_sought(const struct ecr_core *core, enum ecr_recognise by, int behind);
bool ecr_attend_operates(const struct ecr_attendant *place);
/* Asked for station and alias one has answered, who has this station and the place's alias (silence.c). */
bool ecr_attendant_shows(const struct ecr_attendant *place, uint16_t station,
			 const struct ecr_ask *who);
/* Asks those from roll->at on who operate with a station that is not theirs for their FMMUs, some at once; false: none is left.
 * Whether some are slaves of the session; and gives these their own stations back (retrace.c). */
bool ecr_retrace(struct ecr_roll *roll);
bool ecr_retraced(struct ecr_roll *roll, const struct ecr_answer *answer);
void ecr_return_stations(struct ecr_roll *roll);
/* Asks newcomers from roll->at on not to operate, some at once; false: none is left. */
bool ecr_silence(struct ecr_roll *roll);
/* Whether those that were reached by their position were who stood there; else the ring has changed, and a slave of the
 * session that was reached instead is brought up anew. */
bool ecr_silence_held(struct ecr_roll *roll, const struct ecr_answer *answer);
/* Gives newcomers from roll->at on stations of their own, some at once; false: all have them. */
bool ecr_name_newcomers(struct ecr_roll *roll);
/* What was read of whoever gets one goes with it only where nobody can have taken its place since it was looked at. */
void ecr_names_given(struct ecr_roll *roll);
/* Another has the same station. */
bool ecr_shares_station(const struct ecr_roll *roll, uint16_t at);
/* What is known of those strangers who were seen before; ahead of the names that they are given now. */
void ecr_strangers_known(struct ecr_roll *roll);
/* The roll has ended. */
void ecr_attend(struct ecr_core *core, bool starting);
/* The same where nobody comes and goes: strangers are told. */
void ecr_attend_newcomers(struct ecr_core *core);
/* Whether a slave may be who stands there, as far as the kinds of both are known. */
bool ecr_attend_fits(const struct ecr_slave *slave, const struct ecr_attendant *place);
/* The same of a device with this identity. */
bool ecr_attend_is_kind(const struct ecr_slave *slave, const struct ecr_identity *met);
/* Whether one device may be either of them, as far as their kinds are known. */
bool ecr_attend_alike(const struct ecr_slave *a, const struct ecr_slave *b);
/* Whoever stands in the slave's place, as far as he is known, may be the other one (guess.c). */
bool ecr_attend_may_be(const struct ecr_slave *slave, const struct ecr_slave *other);
/* Whoever has its station was read, and is of its kind (guess.c). */
bool ecr_attend_is_read(const struct ecr_slave *slave);
/* A stranger stands where one before it should be, who may stand in its place instead (guess.c). */
bool ecr_attend_contested(const struct ecr_core *core, const struct ecr_slave *slave);
/* Who is taken for one of several that cannot be told apart (guess.c). */
void ecr_attend_guesses(struct ecr_core *core);
/* Some stand in another order than they should, and none in its own place: true when they are asked anew (order.c). */
bool ecr_attend_disorder(struct ecr_core *core);
/* It stands where the order leaves no place for it. */
bool ecr_attend_crosswise(const struct ecr_core *core, const struct ecr_slave *slave);
/* What those in doubt have shown when a roll asked for their identification is known to the next one (shown.c). */
void ecr_attend_recall(struct ecr_core *core);
/* Keeps what whoever has the slave's station has shown in this roll; false: it was not asked. */
bool ecr_attend_remember(const struct ecr_core *core, struct ecr_slave *slave);
/* What a conversation ended with makes doubtful who the slave is (guess.c). */
bool ecr_attend_doubts(const struct ecr_slave *slave, int error);
/* Whoever has its station now made that doubtful (guess.c). */
bool ecr_attend_doubted(const struct ecr_slave *slave);
/* It has its station for its position alone, and who it is will be known, or is known not to be it (guess.c). */
bool ecr_attend_guessed(const struct ecr_slave *slave);
/* The configured order alone tells where it stands. */
bool ecr_attend_by_order(const struct ecr_core *core, int number);
/* Lets those go on who were placed for their position alone, as far as those before them are known; true: somebody waits
 * (unproven.c). */
bool ecr_unproven_settle(struct ecr_core *core);
/* It was found to be another: whoever is brought up behind it may be the one that belongs there. */
void ecr_unproven_refused(struct ecr_core *core, struct ecr_slave *slave);
/* Somebody on the ring is nobody of the session. */
bool ecr_attend_strangers(const struct ecr_core *core);
/* One who must be there and is not; NULL none. */
const struct ecr_slave *ecr_attend_missing(const struct ecr_core *core);
void ecr_slave_leave(struct ecr_core *core, struct ecr_slave *slave);

/* What is the matter, or has ended the last session (trouble.c); error 0: nothing. */
struct ecr_failure ecr_master_trouble(const struct ecr_core *core);

/* Slaves' conversations as the master starts them (conversations.c). */
void ecr_master_begin(struct ecr_core *core, struct ecr_slave *slave,
		      enum ecr_slave_activity activity, enum ecr_al_state goal);
/* In PREOP at least, and not on its way there. */
bool ecr_master_is_up(const struct ecr_slave *slave);
/* Every slave that is there walks to the state that the phase wants of it. */
void ecr_master_walk_all(struct ecr_core *core, enum ecr_phase phase);
void ecr_master_set_fault(struct ecr_core *core, struct ecr_slave *slave, struct ecr_fault fault);
/* It is lost: its station does not answer, or is another's. */
void ecr_master_lose(struct ecr_core *core, struct ecr_slave *slave, int error);

/* Whose, where, when, and what was being done: as far as can be told of every slave with which something fails (failure.c). */
struct ecr_failure ecr_master_failure_in(const struct ecr_core *core, const struct ecr_slave *slave,
					 const char *phase, int error);
/* ... the step of a conversation about it. */
struct ecr_failure ecr_master_failure_of(const struct ecr_core *core, const struct ecr_slave *slave,
					 const struct ecr_job *job, int error);

/* What the end of a conversation means for its slave (endings.c). */
void ecr_master_job_ended(struct ecr_core *core, struct ecr_job *job);

/* SDO requests of callers: a queue for each slave (services.c). Negative: refused. */
int ecr_service_begin(struct ecr_core *core, struct ecr_request *request);
int ecr_service_cancel(struct ecr_core *core, const struct ecr_sdo *sdo);
/* The slave's mailbox has become free. */
void ecr_service_next(struct ecr_core *core, struct ecr_slave *slave);
void ecr_service_ended(struct ecr_core *core, struct ecr_slave *slave);
/* Everything that the slave has to do for callers comes back with this error. */
void ecr_service_end_all(struct ecr_core *core, struct ecr_slave *slave, int error);
void ecr_service_expire(struct ecr_core *core);

/* Datagrams of callers (user.c). Negative: refused. */
int ecr_user_begin(struct ecr_core *core, struct ecr_request *request);
void ecr_user_finished(struct ecr_core *core, struct ecr_transaction *transaction);
void ecr_user_expire(struct ecr_core *core);

/* Cables and histories (links.c). */
int ecr_master_suspects(struct ecr_core *core, struct ecr_request *request); /* suspects.c */
int ecr_master_differences(struct ecr_core *core, struct ecr_request *request);
int ecr_master_links(struct ecr_core *core, struct ecr_request *request);
int ecr_master_loose_ends(struct ecr_core *core, struct ecr_request *request);
/* The tree of those that the first port reaches: how many, in core->order and core->nodes; 0: there is none. */
int ecr_master_line(struct ecr_core *core);
int ecr_master_al_history(struct ecr_core *core, struct ecr_request *request);
/* Answers to questions about the session (info.c). */
int ecr_master_info(struct ecr_core *core, struct ecr_request *request);
int ecr_master_pdos(struct ecr_core *core, struct ecr_request *request); /* pdo_info.c */

#endif
