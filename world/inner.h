/* SPDX-License-Identifier: Apache-2.0 */
/* A world while it runs, and what its checkers remember. */
#ifndef WORLD_INNER_H
#define WORLD_INNER_H

#include "master/master.h"
#include "sim/sim.h"
#include "world/plan.h"
#include "world/vring.h"

#define WORLD_GENERATIONS 256 /* of values that are remembered */
#define WORLD_PIECES 512
#define WORLD_WALL 800000000000000000LL /* added to the world's time: some time in 2025 */
#define WORLD_REQUESTS 8
#define WORLD_TALKS 4  /* SDO requests at once */
#define WORLD_TALK 192 /* bytes of each */

/* Process data of one slave that lie side by side in a domain's image. */
struct world_piece {
	int slave;
	int domain;
	enum ecr_direction direction;
	uint32_t image_bit;
	uint32_t bit; /* as the simulator counts the slave's bits of that direction */
	uint32_t bits;
};

/* Values change as a whole, from one generation to the next. */
struct world_values {
	uint32_t generation; /* the present one; 0: nothing was set yet */
	ecr_time since[WORLD_GENERATIONS];
	ecr_time next_at;
};

/* What is remembered of a slave. */
struct world_slave {
	ecr_time trouble;   /* when anything was last wrong with it, or it changed its state, */
	ecr_time uncounted; /* when it last took part in cycles, and the session did not know it */
	ecr_time
		believed_ok; /* since when the session has been wrong about it: it believes more than is true */
	ecr_time proven;  /* when its inputs were last as the session said, or said to be stale */
	uint32_t least;	  /* generation of outputs that it may show when they change, */
	ecr_time lost_at; /* since then; the frame of that instant may still carry older ones */
	uint64_t writes;  /* of its outputs until then, or until the plan was made */
	uint32_t shown;	  /* the least that it can be showing */
	uint32_t
		mixture; /* generation of what is held beside fault values that it has shown, plus 1 */
	uint8_t al_state;			  /* that it was last in */
	ecr_time in_state[ECR_AL_STATE_MASK + 1]; /* when it was last in each of them */
	ecr_time
		mistaken; /* when another was last taken for it, or it for another: of two that were swapped; */
	bool stands_in;	   /* it was, and has not been itself since */
	ecr_time own_gone; /* when its own device was last not there, or another in its place */
	int taken_for;	   /* of whoever stands in its place: who, */
	bool operates;	   /* above PREOP, */
	bool operated;	   /* and all the time since before it was taken for that one, */
	ecr_time named;	   /* which was then */
	bool without;	   /* power, or an address since it came back */
	bool written[256]; /* what the first byte of its object may be */
	ecr_time
		in_time; /* when its SYNC signals were last as configured, or it had not to have any */
	ecr_time
		as_explained; /* when it was last where it should be, or something was said of it */
};

/* ... and of a device that nobody has configured. */
struct world_stranger {
	bool told;	  /* in this session, that it is nobody's: */
	ecr_time told_at; /* when last, */
	ecr_time gone;	  /* and when it was last not there, or may have been taken for another; */
	ecr_time single;  /* when nobody else who is there had its station */
	bool spare;	  /* a plan may have been made for it */
};

/* A request that the application has under way. */
struct world_request {
	struct ecr_request request;
	int completions;
	bool open;
};

/* One about an object, and what it carries. */
struct world_talk {
	struct ecr_sdo sdo;
	struct ecr_request request;
	int slave;
	bool open;
	bool good;
	uint8_t first;
	uint8_t data[WORLD_TALK];
};

struct world {
	struct vring ring; /* first */
	struct world_plan plan;
	const struct world_options *options;
	struct world_result *result;
	ecr_time began;
	uint64_t hash;
	struct ecr_prng draws;	    /* of the application */
	struct ecr_prng more_draws; /* of what came later */
	bool active[WORLD_ENTRIES];
	int next_entry;
	bool calm;	  /* everything that happens is over */
	char missing[64]; /* what keeps it from being well */
	bool only_clocks; /* ... is that they have not found together yet */
	bool strict;	  /* ... and the session is well: nothing may go wrong from here on */

	enum ecr_target target; /* what the application wants */
	struct world_request requests[WORLD_REQUESTS];
	struct world_talk talks[WORLD_TALKS];
	ecr_time asked; /* when it last asked for something, or cycles began */
	bool stopping;
	bool restart;	      /* when it has stopped */
	bool last;	      /* it is stopped for good */
	enum ecr_state state; /* as the session has told */
	ecr_time state_since;
	ecr_time first_up; /* how long it took to operate for the first time; 0: it has not yet */

	struct world_piece pieces[WORLD_PIECES];
	int piece_count;
	uint32_t generation; /* of the plan that they were made for */
	struct world_values inputs;
	struct world_values outputs;
	ecr_time excused_until; /* stale inputs, by the same chance */
	ecr_time looked;	/* at outputs, */
	ecr_time look_at;	/* and when the slow checkers look next */
	uint64_t published[WORLD_DOMAINS];
	uint32_t presence;
	ecr_time period_was[WORLD_DOMAINS]; /* the longest of the last while */

	struct world_slave slaves[WORLD_SLAVES];
	struct world_stranger strangers[WORLD_STRANGERS];
	ecr_time unlinked; /* when the master last had no link at all, */
	ecr_time silent;   /* and when nothing could come back to it */
	ecr_time
		reference_since; /* when another clock became the reference, or the lock has come */
	bool lock_came;		 /* since the clocks run, */
	ecr_time lock_since;	 /* the last one */
	bool lock_ends;		 /* a lost one is to end the session, */
	uint32_t endings;	 /* sessions that were, */
	ecr_time clocks_upset;	 /* when anything happened that gives a lock time to come back, */
	ecr_time lock_lost;	 /* since when one that was had is; ECR_NEVER: it is not */
	ecr_time disturbed; /* when frames were last lost, late or spoiled; or cables changed */
	uint64_t way;	    /* that frames took, as a number */
	ecr_time unlike;    /* since when the state has been more than is true */
	ecr_time split_unlike;
	ecr_time paused;     /* when the host last stood still */
	ecr_time deadline;   /* of the cycle that is sent now, */
	ecr_time next_cycle; /* and of the one after */
	bool plan_in_doubt; /* it may have been made for a device that stood in the place of another */
	bool plan_to_be_new; /* the application waits for that */
	uint32_t own_bits[WORLD_SLAVES][2];
	uint64_t skipped[WORLD_DOMAINS]; /* cycles left out until now */
};

static inline struct world *world_of(struct vring *ring)
{
	return (struct world *)(void *)ring;
}

/* Telling (tell.c): lines of the story, the hash; the first complaint ends the world. */
void world_say(struct world *world, const char *format, ...);
void world_tell_event(struct world *world, const struct ecr_event *event);
void world_mix(struct world *world, uint64_t value);
void world_complain(struct world *world, const char *format, ...);
static inline bool world_over(const struct world *world)
{
	return world->result->failed;
}

/* The truth (truth.c). What may go wrong unnoticed, and for how long: the longest of polls, tries and thresholds. */
ecr_time world_patience(const struct world *world);
/* Longer than that, and than `more`; nobody finds anything out while the host stands still. */
bool world_too_long(const struct world *world, ecr_time since, ecr_time more);
/* Frames come to the slave, from one port or the other. */
bool world_reachable(const struct world *world, int slave);
/* ... and it has a clock that can be set. */
bool world_clock_there(const struct world *world, int slave);
/* It needs not be there, and is not. */
bool world_away(const struct world *world, int slave);
/* Where it stands on the ring, be that broken: those that the second port reaches come behind the others; -1: nowhere. */
int world_position(const struct world *world, int slave);
/* It has its own station. */
bool world_is_itself(const struct world *world, int slave);
/* What stands in a place, be it a stranger's, is what the slave is configured to be, and of its kind. */
bool world_passes_for(const struct world *world, int place, int slave);
/* The slave whose station it has; itself where that is nobody's. */
int world_taken_for(const struct world *world, int slave);
/* The AL state that it is in; 0: nobody can ask it. */
uint8_t world_truth(const struct world *world, int slave);

/* SDO requests (traffic.c): true when the request was one of them. */
bool world_talk_completed(struct world *world, const void *request);
void world_talk_tick(struct world *world);
bool world_talk_open(const struct world *world);
void world_talk_prove(struct world *world);

/* The application (application.c). */
int world_start(struct world *world);
/* 0, or why it was refused. */
int world_ask(struct world *world, struct ecr_request request);
void world_application_tick(struct world *world);
void world_completed(struct world *world, const void *request);
/* All is well, and the application has what it wants. */
bool world_settled(struct world *world);

/* What happens (happen.c). */
void world_happen(struct world *world);
void world_end_all(struct world *world);
ecr_time world_next_happening(const struct world *world);

/* Cables (cables.c): nobody is blamed that has carried all as it was; and one that is bad is found. */
void world_check_cables(struct world *world);
bool world_cable_told(struct world *world, struct world_socket end, uint32_t *crc);

/* One fault in a ring that is well (prove.c), in some of the worlds: told in time, and over with its cause. */
void world_prove_faults(struct world *world);

/* Other devices in the places of the right ones (others.c). */
/* What stands there is the device that was there first. */
bool world_is_own(const struct world *world, int slave);
void world_know_devices(struct world *world);
void world_put_devices(struct world *world, ecr_time gap);
void world_check_devices(struct world *world);
/* Nothing cycles that a new plan would disturb, or the first one is being made. */
bool world_may_be_planned(const struct world *world);
/* It is taken for one that goes with any device, and stands where the order has that one: nothing tells it from a spare part. */
bool world_is_spare(const struct world *world, int place);
/* The plan stands for another device than the one that is there again: the application has to have it made anew, */
bool world_wants_new_plan(const struct world *world);
/* ... and waits until it is. */
bool world_awaits_new_plan(const struct world *world);

/* Values (values.c): changes them when it is time; compares what is seen with what was set. */
void world_values_tick(struct world *world);
void world_note_down(struct world *world, int slave);

/* Checkers (check.c). */
void world_check_event(struct world *world, const struct ecr_event *event);
void world_check_truth(struct world *world);
void world_check_frame(struct world *world, const uint8_t *frame, size_t length);
void world_check_end(struct world *world);
/* Steps of the EtherCAT state machine (steps.c). */
void world_note_states(struct world *world);
void world_check_requests(struct world *world, uint8_t *frame, size_t length);
/* Now and then (look.c): objects, explanations. */
void world_look(struct world *world);
/* Devices of which the session knows nothing (strangers.c). */
void world_note_strangers(struct world *world);
void world_check_strangers(struct world *world);
void world_check_stranger_event(struct world *world, const struct ecr_event *event);
/* As many as are there. */
void world_check_listed(struct world *world);
/* One may stand where a tool would that only its place makes known: each of them is taken for that once. */
bool world_strangers_are_tried(const struct world *world);
/* All who are there were told. */
bool world_strangers_told(const struct world *world);
/* When a session begins, all are told anew; else those who are not there, once they come. */
void world_forget_strangers(struct world *world, bool all);
/* One leaves, and comes again (prove_strangers.c). */
void world_prove_strangers(struct world *world);
/* Clocks, their lock, and SYNC0 (clocks.c). */
void world_check_clocks(struct world *world);
void world_check_lock(struct world *world, const struct ecr_event *event);
/* Where a lost lock means something: when the one that is there has been had for so long that it stays. */
ecr_time world_lock_is_firm_at(const struct world *world);
/* Nobody is asked to leave PREOP before the lock that is awaited. */
void world_check_gate(struct world *world, unsigned int to);
/* The session has ended, and has said that it is a lost lock that ends it, as it was told to: not where nothing happens, nor
 * again and again. */
bool world_ended_by_lock(struct world *world);
/* The clocks of those who are not configured show the time, where all who are there were counted. */
bool world_strangers_agree(const struct world *world);

#endif
