/* SPDX-License-Identifier: Apache-2.0 */
/* One station: what is known of it, what is planned for it, and its conversations. */
#ifndef ECR_SLAVE_SLAVE_H
#define ECR_SLAVE_SLAVE_H

#include "job/job.h"
#include "mailbox/transfer.h"
#include "slave/pdos.h"
#include "wire/esc.h"
#include "wire/sii.h"

#include <ecring/config.h>
#include <ecring/diag.h>
#include <ecring/event.h>
#include <ecring/info.h>

/* AL state change (slave/al.c). */
struct ecr_al_change {
	struct ecr_job job;
	uint16_t station;
	uint8_t target;	   /* enum ecr_al_state */
	bool emulation;	   /* never gets the acknowledge bit (ETG.1500 row 103) */
	bool acknowledges; /* a latched error, instead of asking for another state */
	ecr_time timeout;
	ecr_time deadline;
	ecr_time again_at; /* it is asked again, for it may not have noticed */
	ecr_time pause;	   /* until then */
	uint16_t status;   /* as last read */
	uint16_t code;	   /* AL status code of the refusal, 0 none */
};

/* Reading the SII (slave/eeprom.c). */
struct ecr_sii_read {
	struct ecr_job job;
	uint16_t station;
	uint8_t *bytes;
	uint32_t room;
	uint32_t have;	   /* bytes read */
	uint32_t want;	   /* bytes needed as far as known */
	ecr_time deadline; /* of the access under way */
	bool cut;	   /* the image is longer than the room */
	bool to_check;	   /* in the end it is looked at again whose it is: */
	bool checking;	   /* until then it may be of two devices */
	bool mixed; /* of what was there before and of another kind of device, as long as it is not whole */
};

/* Comparing the identification (slave/identify.c). */
struct ecr_identify {
	struct ecr_job job;
	uint16_t station;
	const struct ecr_presence_config *wanted;
	uint16_t shown; /* 0: none */
	ecr_time deadline;
};

/* What it has shown when it was asked for its identification by its station (master/shown.c). */
struct ecr_shown {
	bool asked;
	bool identified; /* it has answered */
	uint16_t identification;
};

/* Writing a startup list (slave/startup_list.c). */
struct ecr_startup {
	struct ecr_job job;
	uint8_t when; /* enum ecr_sdo_when */
	uint8_t list; /* of which list: the driver's two, then the configuration's, */
	int number;   /* and the place in it */
	struct ecr_sdo_write write;
	uint8_t value[8];
	const uint8_t *data;
	size_t size;
	bool failed; /* at `write`, with `error` */
	int error;
};

/* What the IRQ field of replies shows of a slave. */
#define ECR_SLAVE_EVENTS (ECR_IRQ_DL_STATUS | ECR_IRQ_AL_STATUS)

/* SYNC0, SYNC1 (slave/sync.c) and latches (slave/latch.c). */
struct ecr_sync {
	struct ecr_job job;
	const struct ecr_sync_config *config;
	const struct ecr_sii *sii;
	uint16_t station;
	uint16_t width;		   /* bytes of the slave's system time; 0: it has no clock */
	ecr_time cycle;		   /* of SYNC0 */
	const uint64_t *ring_time; /* about the present time of the ring */
	uint64_t start;		   /* of the first SYNC0 */
	ecr_time wait;
	uint8_t tries;
	bool waited;
	bool started; /* it was told to, and has not been stopped since, */
	bool running; /* and was seen to run */
	bool stepped; /* its clock was, since it was started: its signals may not come */
	bool fed;     /* with process data for a while */
	bool pulse_known;
	uint32_t pulse_ns; /* 0x0982 */
};

struct ecr_latch {
	struct ecr_job job;
	const struct ecr_sync_config *config;
	uint16_t station;
	uint16_t width;
	const uint64_t *ring_time;
	uint8_t status[2];
	uint8_t looked; /* bit per edge whose time is in `last` */
	uint64_t last[4];
	int number; /* in the configuration: whose time is asked for */
	bool waited;
	int subject;
	void (*notice)(void *context, const struct ecr_event *event);
	void *notice_context;
};

#define ECR_ERROR_BUCKETS 6 /* of ten seconds */

#define ECR_ERRORS_PERIOD_NS ECR_S(1)

/* Error counters of the ports (slave/errors.c). */
struct ecr_errors {
	struct ecr_job job;
	bool waited;
	bool known; /* `last` is what the registers showed, or zero since the count of slaves */
	bool links_known;      /* likewise of lost links */
	bool clearing;	       /* they have just been cleared */
	bool keeps;	       /* ... to no avail */
	const ecr_time *proof; /* when nobody was last found to have counted anything */
	uint8_t last[ECR_REG_ERRORS_SIZE];
	struct ecr_port_errors ports[ECR_PORT_COUNT];
	uint32_t recent[ECR_PORT_COUNT][ECR_ERROR_BUCKETS];
	unsigned int bucket;
	ecr_time bucket_at;
};

#define ECR_SLAVE_SMS ECR_SM_MAX
#define ECR_SLAVE_FMMUS ECR_FMMU_MAX
#define ECR_SLAVE_FIRST_FMMUS 3u /* that nearly every controller has */

/* What the plan wants programmed into the slave (slave/configure.c). */
struct ecr_slave_plan {
	uint8_t sm_count; /* process data SyncManagers */
	uint8_t fmmu_count;
	uint8_t sm_index[ECR_SLAVE_SMS];
	bool op_only[ECR_SLAVE_SMS]; /* enabled in OP only */
	struct ecr_sm sm[ECR_SLAVE_SMS];
	struct ecr_fmmu fmmu[ECR_SLAVE_FMMUS];
	uint8_t fmmu_domain[ECR_SLAVE_FMMUS];
	bool watchdog;
	uint16_t watchdog_divider;
	uint16_t watchdog_units;
	ecr_time watchdog_ns; /* that they make */
};

/* The device and its PDOs as the plan has them: another one in its place is not let in. */
struct ecr_planned_for {
	bool kept;	/* its PDOs, though it may have none, */
	bool known;	/* and what kind of device it is, since it takes part in cycles */
	bool needs_lrw; /* its inputs and outputs go with one datagram */
	bool outdated;	/* another device or other PDOs were found: a new plan may help */
	struct ecr_identity identity;
	uint32_t bits[ECR_SLAVE_SMS];
	uint32_t pdos[ECR_SLAVE_SMS]; /* a checksum over what is in the SyncManager */
};

/* Why the plan cannot have a slave: only another configuration, or another device, helps. */
struct ecr_refused {
	int error; /* 0: it can */
	const char *subject;
	uint32_t expected;
	uint32_t actual;
	ecr_time at;
};

/* A SyncManager mapped whole by hand, as its caller thinks it is. */
struct ecr_registering {
	uint8_t sm;
	int domain;
	enum ecr_direction direction;
	uint32_t size; /* bytes */
	bool fresh;    /* not known to be right: withdrawn when the plan cannot have it */
};

/* In what a device is another than it is to be. */
struct ecr_mismatch {
	const char *what;
	uint32_t expected;
	uint32_t actual;
};

enum ecr_slave_activity {
	ECR_ACTIVITY_NONE,
	ECR_ACTIVITY_BRINGUP,	/* to PREOP with SII read */
	ECR_ACTIVITY_PROVISION, /* startup list and PDOs over the mailbox */
	ECR_ACTIVITY_CONFIGURE, /* SyncManagers and FMMUs */
	ECR_ACTIVITY_LINK,	/* FMMUs of a slave that joins while others cycle, on, */
	ECR_ACTIVITY_UNLINK,	/* and of one that fell below SAFEOP, off */
	ECR_ACTIVITY_WALK,	/* AL state change */
	ECR_ACTIVITY_CLOCK,	/* its clock is set: a conversation of the clocks */
};

struct ecr_request;

/*
 * A slave's life in a session: where it stands, what then happens, where that leads, and who sees to
 * it. It has one conversation at a time (`activity`); when one has ended or a poll brings news,
 * master/recovery.c begins the first one of these that is lacking. A failure is a pause, and another
 * attempt.
 *
 *   stands                  what happens              then stands             by
 *   ----------------------  ------------------------  ----------------------  -------------------
 *   PREOP, fallen, linked   UNLINK: FMMUs off         neither linked nor      slave/link.c
 *                                                       planned
 *   down, INIT, or beyond   BRINGUP: to INIT, all     PREOP, not linked       slave/bringup.c
 *     PREOP without a plan    off, EEPROM, to PREOP
 *   PREOP, not provisioned  PROVISION: startup list,  provisioned             slave/provision.c
 *                             PDOs
 *   clock not ready         CLOCK: delay and offset   clock ready             dc/clock.c
 *   PREOP, not planned      CONFIGURE: SyncManagers,  planned; linked, unless slave/configure.c
 *                             FMMUs                     it joins running ones
 *   SAFEOP, not linked      LINK: FMMUs on            linked                  slave/link.c
 *   in another AL state     WALK: a step at a time    in the state wanted     slave/walk.c
 *   arriving, nothing lacks -                         has joined              master/recovery.c
 *
 *   anywhere                polls get no answer       down, lost              master/recovery.c
 *   anywhere                polls show another state  in that state           master/recovery.c
 *   anywhere                a step is refused         where its status says   master/endings.c
 *   anywhere, optional      gone: poll or roll        absent                  master/attend.c
 *   absent                  the roll finds it         down, arriving          master/attend.c
 *   PREOP                   a plan is made            not planned             master/plan.c
 *   PREOP                   it is configured anew     not provisioned         master/reconfigure.c
 *
 * AL steps (ecr_al_next): up one by one, INIT - PREOP - SAFEOP - OP; down likewise, and to INIT from
 * everywhere at once. BOOT is entered from INIT and left for INIT.
 */
/* On a line that is dead for so long, as long as watchdogs have, nobody is there. */
#define ECR_SILENCE_NS ECR_MS(100)

struct ecr_slave {
	char name[ECR_NAME_SIZE];
	int index;
	uint16_t position;
	uint16_t station;
	uint16_t ring_count; /* slaves on the ring when all are there; 0: any number may be */
	uint16_t ring_seen;  /* slaves on the ring, when it was last tried */
	bool moved_up;	     /* somebody before it is missing: its position is not its own */
	bool follows_a_guess; /* nobody knows yet whether one like it, before it, is who it is to be */
	bool guessed;	      /* it was brought up while some were missing */
	bool by_order;	      /* ... and no neighbour behind it says that it stands in its place */
	bool double_missing;		       /* somebody like it, behind it, is missing, too */
	struct ecr_slave *all;		       /* of the session, */
	int all_count;			       /* so many */
	const struct ecr_slave_config *config; /* NULL: found, not configured */
	const struct ecr_driver *driver;
	enum ecr_target target;

	uint8_t activity; /* enum ecr_slave_activity: what `job` does */
	uint8_t step;	  /* scratch of the configuring conversation */
	struct ecr_job job;
	struct ecr_al_change al;
	struct ecr_sii_read eeprom;
	const struct ecr_al_timeouts *timeouts;
	uint8_t goal; /* enum ecr_al_state the walk leads to */

	struct ecr_mailbox mailbox;
	struct ecr_transfer transfer;
	struct ecr_whole whole; /* of startup list and PDOs */
	struct ecr_startup startup;
	struct ecr_pdo_job pdos;
	bool claimed;	  /* the slave's own conversation uses the mailbox: requests wait */
	bool provisioned; /* over the mailbox */
	struct ecr_job watch;
	bool watch_waited;
	ecr_time watch_period;	      /* 0: none */
	struct ecr_request *requests; /* of callers, waiting in their order */
	struct ecr_request *serving;

	struct ecr_sync sync;
	struct ecr_latch latch;
	struct ecr_identify identify;
	struct ecr_shown shown; /* by whoever has its station */

	/* Where slaves may come and go (master/attend.c). */
	bool optional;
	bool absent;   /* not there, and needs not be: down, too */
	bool arriving; /* there again, and on its way to where it should be */
	bool seated;   /* has been there */
	bool reserved; /* the plan keeps room for it though nobody has seen it: as its EEPROM image says */
	bool no_room; /* it was not known when the plan was made */
	bool link_later;
	bool linked;	   /* its FMMUs are on, */
	uint8_t fmmus_set; /* so many, when it was configured last */
	bool unmapped; /* whoever stands there can have no FMMUs on: the reset of all slaves has just cleared them */
	bool may_count; /* or may be: it may add to working counters */
	int place;	/* of the last roll; -1: nowhere */
	bool unsure;  /* it or another may stand where somebody has come: more are missing there, */
	bool by_kind; /* of other kinds: who is not of the kind that it had is one of those */
	int twin; /* an absent slave that it may be as well: known by its place alone; -1: none */
	int neighbour;	       /* who stood before it; -1: nobody */
	uint16_t seen_station; /* at its place, before it was brought up */
	bool seen_owned; /* that one is another slave's of the session, who may get it back at any instant */
	uint16_t before
		[2]; /* stations of the one before its place: as it was seen there, and as it is to have */
	uint16_t
		called; /* slaves on the ring at the roll that has seen it; 0: the last one has not */

	struct ecr_job poll; /* health */
	uint16_t poll_status;
	uint16_t poll_code;
	bool poll_waited;
	bool poll_paused;
	uint8_t poll_unanswered;    /* frames in a row that came back without its answer */
	ecr_time poll_silent_since; /* no frame comes back; ECR_NEVER: they do */
	bool poll_now;		    /* whatever is proven */
	const bool *naming;	    /* newcomers are given stations by their positions */
	const ecr_time *poll_proof; /* when all slaves were last found in place */
	ecr_time found_at;	    /* in place, by its own poll */
	bool poll_links;      /* the next one reads the ports too, which takes their event away */
	ecr_time poll_period; /* 0: none */

	struct ecr_errors errors;
	struct ecr_al_entry history[ECR_AL_HISTORY]; /* a circle */
	uint32_t history_count;			     /* ever */

	uint8_t al_state; /* enum ecr_al_state, last confirmed */
	bool al_error;	  /* it has latched an error that is not acknowledged yet */
	bool down;
	bool lost; /* was down, and is not back in its place yet */
	bool identity_known;
	bool stationed; /* it was given its station, */
	bool taken;	/* ... for its position, and is not known yet to be who it is to be */
	bool gated;	/* ... while the session is steady: */
	bool unproven; /* what it is told waits until those before it are known (master/unproven.c), */
	int held_by; /* and this one last */
	ecr_time taken_at;
	bool follows;	/* its neighbour stood before it just then, with its own station */
	bool another;	/* a stranger was found where it should be, and nobody else since */
	bool contested; /* ... where one before it should be, who may stand in its place instead */
	uint16_t had;	/* the station of whoever stood in its place before */
	bool owns;	/* it alone has its station, and stands where it was looked for */
	bool there;	/* it has had its station since it was lost last; */
	bool restarted; /* and when it was brought up again it had none */
	bool renewed; /* ... and whoever failed last had it before: nothing is known against this one */
	bool misplaced; /* its station went to a position, and nobody knows who stood there */
	bool displaced; /* in its place stands another, who is not lost */
	bool astray;	/* who has its station was refused, and does not stand where it should */
	bool named;	/* and has one already that is nobody else's */
	bool asked;	/* whoever was given its station was asked who it is */
	bool emulation;
	uint8_t fmmu_count;
	uint8_t sm_count;
	uint16_t features;
	uint16_t dl_status;
	struct ecr_identity identity;
	uint16_t alias; /* in its EEPROM */
	struct ecr_mismatch mismatch;
	struct ecr_identity met; /* whoever it is that has its station, as read last */
	bool met_known;
	ecr_time met_at;
	bool was_told; /* whoever is taken for it was told to be nobody of the session before */
	struct ecr_sii sii;
	struct ecr_planned_for planned_for;
	struct ecr_pdo_table planned_pdos; /* to be shown beside others, as far as there was room */
	bool planned;			   /* its plan is programmed */
	bool not_lrw;			   /* its EEPROM says so */
	struct ecr_refused refused;
	bool mapped;			    /* its process data are in a domain */
	uint32_t registered[ECR_SLAVE_SMS]; /* whole, by hand: bit per domain */
	struct ecr_registering registering; /* the last of them, to be checked; size 0: none */
	struct ecr_slave_plan plan;
	uint32_t first_placement; /* of the plan */
	uint32_t placements;
	ecr_time present_since; /* in SAFEOP or OP; ECR_NEVER: not now */
	ecr_time frozen_at;	/* of its inputs before that, -1 never */
	bool anothers;		/* those may have been another's */
	struct ecr_fault fault;
	struct ecr_failure configuration_failure; /* error 0: none */
	ecr_time retry_at;
	ecr_time retry_delay;
	ecr_time unfed_since; /* in SAFEOP without a cycle, and OP waits for one; ECR_NEVER: not */
};

/* Conversations: steps of ecr_job and how each is begun. */
extern const struct ecr_step ecr_al_steps[];
extern const struct ecr_step ecr_sii_read_steps[];
extern const struct ecr_step ecr_bringup_steps[];
extern const struct ecr_step ecr_identify_steps[];
extern const struct ecr_step ecr_configure_steps[];
extern const struct ecr_step ecr_link_steps[];
extern const struct ecr_step ecr_unlink_steps[];
extern const struct ecr_step ecr_walk_steps[];
extern const struct ecr_step ecr_poll_steps[];
extern const struct ecr_step ecr_startup_steps[];
extern const struct ecr_step ecr_provision_steps[];
extern const struct ecr_step ecr_watch_steps[];
extern const struct ecr_step ecr_errors_steps[];
extern const struct ecr_step ecr_sync_steps[];
extern const struct ecr_step ecr_latch_steps[];

/* Prepares the polls. `proof`: when all slaves were last found in place. */
void ecr_slave_begin_polls(struct ecr_slave *slave, const ecr_time *proof);
/* It has process data, and does not take part in cycles until its FMMUs are switched on. */
static inline bool ecr_slave_unlinked(const struct ecr_slave *slave)
{
	return slave->mapped && !slave->linked;
}
/* Whose station it is; NULL: nobody's, and so is 0. */
static inline struct ecr_slave *ecr_slave_of_station(struct ecr_slave *slaves, int count,
						     uint16_t station)
{
	int number = station - slaves[0].station;

	return station && number >= 0 && number < count ? &slaves[number] : NULL;
}
/* Whose FMMUs these registers of the first one are, of those that take part in cycles; NULL: nobody's. */
struct ecr_slave *ecr_slave_of_fmmu(struct ecr_slave *slaves, int count,
				    const uint8_t registers[ECR_FMMU_SIZE]);
/* Asks for its FMMUs on or off. */
struct ecr_verdict ecr_slave_switch_fmmus(struct ecr_slave *slave, struct ecr_job *job, bool on);

/* Neither the controller's features nor the EEPROM rule LRW out. */
static inline bool ecr_slave_does_lrw(const struct ecr_slave *slave)
{
	return !(slave->features & ECR_FEATURE_NO_LRW) && !slave->not_lrw;
}

/* Whether the device is who it is to be: 0, or IDENTITY_MISMATCH and `mismatch`. */
int ecr_slave_check_identity(struct ecr_slave *slave);
/* The same of one that need not be there, before anything that was read of it is believed. */
int ecr_slave_check_found(struct ecr_slave *slave, const struct ecr_identity *found);
/* Whether a device with this identity would be taken for it: as configured, and, where it must be there, as the plan was made for. */
bool ecr_slave_would_be(const struct ecr_slave *slave, const struct ecr_identity *have);
/* Whether what is checked of both keeps any device from being either of them. */
bool ecr_slave_told_apart(const struct ecr_slave *a, const struct ecr_slave *b);
/* What the EEPROM says of it, anew; told when it is another one of its kind. */
void ecr_slave_take_identity(struct ecr_slave *slave);
/* Keeps what the plan is made for; and 0, or what is different now, side by side in slave->pdos. */
void ecr_slave_keep_planned(struct ecr_slave *slave);
int ecr_slave_as_planned(struct ecr_slave *slave);
/* Whether registers of ECR_REG_ERRORS_SIZE bytes count anything about a port. */
bool ecr_errors_shown(const uint8_t *registers);
/* What has arrived damaged at a port; and a change of the AL status, kept when it is one. */
void ecr_slave_errors(struct ecr_slave *slave, ecr_time now, unsigned int port,
		      struct ecr_port_errors *errors);
void ecr_slave_note_al(struct ecr_slave *slave, ecr_time at, uint16_t status, uint16_t code);

/* 0 when it does, else NO_MAILBOX, NO_MAILBOX_SIZES or NO_COE. */
int ecr_slave_lacks_coe(const struct ecr_slave *slave);
static inline bool ecr_slave_speaks_coe(const struct ecr_slave *slave)
{
	return !ecr_slave_lacks_coe(slave);
}
/* Prepares the child conversation that writes what is due at a change of state. */
struct ecr_job *ecr_slave_startup(struct ecr_slave *slave, enum ecr_sdo_when when);
bool ecr_slave_has_startup(struct ecr_slave *slave, enum ecr_sdo_when when);
/* Some of them are to be in a domain. */
bool ecr_slave_has_process_data(const struct ecr_slave *slave);

/* Prepares the child conversation that sets the latches, starts SYNC0 and sees it started. */
struct ecr_job *ecr_slave_sync(struct ecr_slave *slave);
static inline bool ecr_slave_wants_sync(const struct ecr_slave *slave)
{
	return slave->config->sync.mode != ECR_SYNC_FREE_RUN || slave->config->sync.latches;
}

/* Its signals went when its clock was set anew: they are started in PREOP. */
static inline bool ecr_slave_lacks_sync(const struct ecr_slave *slave)
{
	return slave->config->sync.mode != ECR_SYNC_FREE_RUN && slave->al_state >= ECR_AL_SAFEOP &&
	       (!slave->sync.running || slave->sync.stepped);
}

/* Its signals were started on a way to SAFEOP that went no further, or nobody has stopped them behind it. */
static inline bool ecr_slave_pulses_on(const struct ecr_slave *slave)
{
	return slave->sync.started && slave->al_state < ECR_AL_SAFEOP &&
	       (slave->features & ECR_FEATURE_DC);
}

/* From the image of its EEPROM in the configuration, when there is one; and whether a device is of that kind. */
void ecr_slave_presume(struct ecr_slave *slave);
/* Of one that went while its EEPROM was read: that part may be another device's, and the image holds again. */
void ecr_slave_presume_again(struct ecr_slave *slave);
bool ecr_slave_presumed(const struct ecr_slave *slave, struct ecr_identity *identity);
/* Prepares the child conversation that compares the identification. */
struct ecr_job *ecr_slave_identify(struct ecr_slave *slave);
/* Prepares the child conversation for one AL state change. */
struct ecr_job *ecr_slave_al(struct ecr_slave *slave, enum ecr_al_state target);
/* ... for acknowledging the error that it has latched, in the state in which it is: ends when the error is gone. */
struct ecr_job *ecr_slave_acknowledge(struct ecr_slave *slave);
/* Time-out of the step from one state to another, ETG.1020 unless overridden. */
ecr_time ecr_slave_al_timeout(const struct ecr_al_timeouts *timeouts, enum ecr_al_state from,
			      enum ecr_al_state to);
/* The next state on the way, the same when there. */
enum ecr_al_state ecr_al_next(enum ecr_al_state from, enum ecr_al_state to);

#endif
