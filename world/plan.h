/* SPDX-License-Identifier: Apache-2.0 */
/* What a seed means: the ring, its configuration, and what happens when. */
#ifndef WORLD_PLAN_H
#define WORLD_PLAN_H

#include "world/world.h"

#include <ecring/config.h>
#include <ecring/sim.h>

#define WORLD_FIXED 16 /* slaves that must be there, */
#define WORLD_TOOLS 4  /* that may be there or not, */
#define WORLD_SLAVES (WORLD_FIXED + WORLD_TOOLS)
#define WORLD_BEHIND 3 /* devices of which the session knows nothing, behind the others, */
#define WORLD_STRANGERS (1 + WORLD_BEHIND) /* and one that is plugged in where slaves come and go */
#define WORLD_DEVICES (WORLD_SLAVES + WORLD_STRANGERS)
#define WORLD_DOMAINS 3
#define WORLD_SII 4096

/* Swarm: each seed has only some of them, so that none hides another. */
enum world_feature {
	WORLD_NOISE = 1,	 /* frames lost, doubled, late, damaged */
	WORLD_REPLIES = 2,	 /* single replies spoiled */
	WORLD_CABLES = 4,	 /* slaves unplugged, cables cut */
	WORLD_POWER = 8,	 /* slaves without power */
	WORLD_SLAVE_STATES = 16, /* slaves that fall back, refuse, get stuck */
	WORLD_COUNTERS = 32,	 /* working counters that are wrong */
	WORLD_ACTIONS = 64,	 /* activate, deactivate, stop and start */
	WORLD_PERIODS = 128,	 /* other periods while cycling */
	WORLD_RING = 256,	 /* two ports */
	WORLD_TREE = 512,	 /* branches */
	WORLD_CLOCKS = 1024,	 /* distributed clocks */
	WORLD_MAILBOX = 2048,	 /* slaves that talk, and SDO traffic */
	WORLD_PAUSES = 4096,	 /* the host stands still */
	/* Drawn apart: a world without them is what it was before there were any. */
	WORLD_SPOILED = 8192,	 /* answers of mailboxes are lost, late or wrong */
	WORLD_STARTUP = 16384,	 /* objects are written before slaves operate */
	WORLD_HOT = 32768,	 /* slaves come and go */
	WORLD_OTHERS = 65536,	 /* other devices in the place of those that must be there */
	WORLD_WATCHED = 2097152, /* who is held in PREOP is looked after, too */
	WORLD_SAFE =
		1048576, /* outputs that are held, zero or at a value of their own on a fault */
	WORLD_BAD_CABLES = 262144, /* cables that damage what they carry */
	WORLD_EXTRAS = 524288,	   /* devices that nobody has configured behind the others */
	WORLD_INTERFACE =
		131072, /* interfaces are removed and come back, and the master knows its links */
	WORLD_CLOCK_OPTIONS = 4194304, /* who goes by SYNC, whose time it is, what a lock means */
};

enum world_entry_kind {
	WORLD_FAULT, /* of the simulator */
	WORLD_DISTURB,
	WORLD_UNPLUG, /* a port of the master */
	WORLD_PAUSE,
	WORLD_ACTIVATE,
	WORLD_DEACTIVATE, /* target */
	WORLD_RESTART,	  /* stop, and start again */
	WORLD_PERIOD,	  /* domain, period */
	WORLD_HABIT,	  /* fault.slave: late answers, a storm of emergencies */
	WORLD_JOIN,	  /* fault.slave is plugged into a socket, wherever it was before */
	WORLD_LEAVE,	  /* fault.slave */
	WORLD_STRANGER,	  /* in the place of fault.slave, or into the socket where that is absent */
	WORLD_REPLACE,	  /* spare `other` in the place of fault.slave */
	WORLD_CABLE,	  /* it damages what arrives at the socket, of a million frames `chance` */
	WORLD_REMOVE,	  /* the interface of a port, which is told after `gap` */
	WORLD_SWAP,	  /* fault.slave and slave `other` have changed places */
};

#define WORLD_STARTUPS 5 /* objects written to a slave, with the end of the list */
#define WORLD_BLOCK 80	 /* bytes of the largest */

/* What is written to a slave at its start. */
struct world_startup {
	struct ecr_sdo_write writes[WORLD_STARTUPS];
	uint8_t blocks[WORLD_STARTUPS][WORLD_BLOCK];
};

#define WORLD_OUTPUTS 34     /* signals of a slave that is drawn, */
#define WORLD_OUTPUT_WORDS 3 /* and 64 bits each of them */

/* What becomes of the outputs of a slave on a fault. */
struct world_safe {
	struct ecr_safe_value values[WORLD_OUTPUTS + 1];
	char signals[WORLD_OUTPUTS][16];
	uint64_t held[WORLD_OUTPUT_WORDS];  /* bits that stay as they were written last, */
	uint64_t value[WORLD_OUTPUT_WORDS]; /* and what the others are set to */
	bool any_fault_value;
};

/* Chances per frame, ppm. */
struct world_noise {
	uint32_t lost;
	uint32_t lost_back;
	uint32_t duplicated;
	uint32_t late;
	uint32_t corrupt;
	ecr_time late_ns;
};

/* A port that nobody needs. */
struct world_socket {
	int slave;
	int port;
};

struct world_entry {
	enum world_entry_kind kind;
	ecr_time at;	/* since the world began */
	ecr_time lasts; /* 0: an instant */
	struct ecr_sim_fault fault;
	struct world_noise noise;
	unsigned int port;
	enum ecr_target target;
	int domain;
	ecr_time period;
	struct ecr_sim_habits habits;
	struct world_socket socket;
	int other;
	uint32_t chance;
	ecr_time
		gap; /* how long the place is without power while devices are changed; until it is told */
};

#define WORLD_SPARES 4

/* A device that somebody may put in the place of another. */
struct world_spare {
	const char *what;
	size_t size;
	uint8_t sii[WORLD_SII];
};

struct world_plan {
	uint64_t seed;
	uint32_t features;
	int fixed;     /* slaves that must be there: the first ones */
	int count;     /* of slaves */
	int strangers; /* devices that are not configured, numbered behind them */
	char names[WORLD_DEVICES][8];
	uint8_t sii[WORLD_DEVICES][WORLD_SII];
	struct ecr_sim_device devices[WORLD_DEVICES];
	int tools
		[WORLD_TOOLS]; /* slaves that are plugged in and out, each alone or with its group */
	int tool_count;
	struct world_socket sockets[3 * WORLD_FIXED];
	int socket_count;
	struct ecr_slave_config slaves[WORLD_SLAVES + 1];
	struct world_startup startups[WORLD_SLAVES];
	struct world_safe safe[WORLD_SLAVES];
	struct ecr_domain_config domains[WORLD_DOMAINS + 1];
	int domain_count;
	struct ecr_config config;
	struct world_spare spares[WORLD_SPARES];
	int spare_count;
	struct world_entry entries[WORLD_ENTRIES]; /* in the order of time */
	int entry_count;
	ecr_time chaos; /* how long things happen */
};

static inline bool world_has(const struct world_plan *plan, enum world_feature feature)
{
	return plan->features & feature;
}

/* Devices behind the configured ones; the first stranger of a world where slaves come and go is none of them. */
static inline int world_first_extra(const struct world_plan *plan)
{
	return plan->count + (world_has(plan, WORLD_HOT) ? 1 : 0);
}

static inline int world_extra_count(const struct world_plan *plan)
{
	return plan->count + plan->strangers - world_first_extra(plan);
}

/* In words (story.c). */
void world_tell_ring(const struct world_plan *plan, void (*tell)(void *context, const char *line),
		     void *context);
void world_tell_entry(const struct world_plan *plan, const struct ecr_sim *sim, int number,
		      char *text, size_t size);

#endif
