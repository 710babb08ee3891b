/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The core: the whole master as state machines. Frames, time and requests come in as arguments;
 * frames, events and the next deadline come out. No clock, no thread, no socket, no allocation. All
 * verbs are called by one thread.
 *
 * A port's loop:  while rx: ecr_core_rx;  ecr_core_tick;  while event: handle;  while tx: send;
 * wait until wake.
 */
#ifndef ECR_CORE_H
#define ECR_CORE_H

#include <ecring/coe.h>
#include <ecring/event.h>
#include <ecring/info.h>
#include <ecring/master.h>

struct ecr_core;

#define ECR_CORE_FLIGHTS 64 /* frames in flight at most, unless limits say otherwise */

enum ecr_request_kind {
	ECR_REQUEST_START, /* wall, config: stays valid until the session is idle again */
	ECR_REQUEST_STOP,
	ECR_REQUEST_ACTIVATE,
	ECR_REQUEST_DEACTIVATE,	       /* target */
	ECR_REQUEST_AWAIT_RUNNING,     /* deadline */
	ECR_REQUEST_AWAIT_OPERATIONAL, /* deadline */
	ECR_REQUEST_CONFIGURE_SLAVE,   /* name, slave; completes when the plan is made anew */
	ECR_REQUEST_REGISTER_PDO,      /* name of the domain, out: struct ecr_registration */
	ECR_REQUEST_CYCLE_TIME,	       /* name of the domain, cycle_ns */
	ECR_REQUEST_DOMAIN_START,      /* name */
	ECR_REQUEST_DOMAIN_STOP,       /* name */
	ECR_REQUEST_TRANSACT,	   /* datagrams, count, stale_after, deadline while none is sent */
	ECR_REQUEST_MEMORY,	   /* memory, size: the answer to ECR_EVENT_MEMORY_NEEDED */
	ECR_REQUEST_SLAVE_INFO,	   /* name, out */
	ECR_REQUEST_DOMAIN_INFO,   /* name, out */
	ECR_REQUEST_SLAVES,	   /* out, room */
	ECR_REQUEST_DOMAINS,	   /* out, room */
	ECR_REQUEST_SLAVE_SIGNALS, /* name, out, room */
	ECR_REQUEST_SLAVE_PDOS,	   /* name, out, room */
	ECR_REQUEST_BUS_INFO,	   /* out */
	ECR_REQUEST_LAST_FAILURE,  /* out */
	ECR_REQUEST_SDO,	   /* name of the slave, out: struct ecr_sdo, deadline */
	ECR_REQUEST_SDO_CANCEL,	   /* out: struct ecr_sdo */
	ECR_REQUEST_EMERGENCIES,   /* name, out, room */
	ECR_REQUEST_LINKS,	   /* out, room */
	ECR_REQUEST_LOOSE_ENDS,	   /* out, room */
	ECR_REQUEST_DIFFERENCES,   /* out, room */
	ECR_REQUEST_SUSPECTS,	   /* name, out, room */
	ECR_REQUEST_AL_HISTORY,	   /* name, out, room */
	ECR_REQUEST_DC_STATUS,	   /* out */
	ECR_REQUEST_DC_SLAVES,	   /* out, room */
	ECR_REQUEST_AWAIT_DC_LOCKED, /* deadline */
};

/* A SyncManager that is wanted whole in a domain, and where it lies then. */
struct ecr_registration {
	const char *slave;
	uint8_t sm;
	enum ecr_direction direction;
	uint32_t size;	 /* bytes */
	uint32_t offset; /* out: from the domain's base */
};

/*
 * A request belongs to the caller and stays in place until it comes back as
 * ECR_EVENT_REQUEST_COMPLETED, exactly once. result: 0, a count, or a negative enum ecr_error.
 */
struct ecr_request {
	enum ecr_request_kind kind;
	int result;
	const char *name;
	enum ecr_target target;
	const struct ecr_config *config;
	const struct ecr_slave_config *slave;
	ecr_time deadline;
	ecr_time wall; /* START: added to `now` it is ns since 2000-01-01 00:00 */
	ecr_time cycle_ns;
	ecr_time stale_after;
	struct ecr_user_datagram *datagrams;
	int count;
	void *memory;
	size_t size;
	void *out;
	int room;
	void *context;		  /* the caller's own */
	struct ecr_request *next; /* the core's, while it has the request */
	void *work;		  /* the core's */
};

enum ecr_origin { ECR_ORIGIN_OWN, ECR_ORIGIN_OTHER_PORT, ECR_ORIGIN_FOREIGN };

struct ecr_rx_meta {
	unsigned int port; /* 0 primary, 1 backup */
	enum ecr_origin origin;
	ecr_time at; /* when it arrived */
};

enum ecr_link_state { ECR_LINK_UP, ECR_LINK_DOWN, ECR_LINK_SEND_FAILED };

/* Bytes of the fixed block for these limits (zero fields: defaults). */
size_t ecr_core_size(const struct ecr_limits *limits);
/* `memory`: ecr_core_size bytes, aligned to 16. Never fails. */
struct ecr_core *ecr_core_init(void *memory, const struct ecr_limits *limits);

/* With the defaults filled in. */
const struct ecr_limits *ecr_core_limits(const struct ecr_core *core);

/* What START would refuse of the options, for whoever has something to do before: INVALID_OPTIONS and which, or 0. */
int ecr_core_check(const struct ecr_config *config, struct ecr_failure *failure);
/* Accepts a request (0) or refuses it (negative; then it does not come back). */
int ecr_core_submit(struct ecr_core *core, ecr_time now, struct ecr_request *request);
/* The next frame to send on a port, from the EtherCAT header on: its length, 0 when there is none
 * now. */
size_t ecr_core_tx(struct ecr_core *core, ecr_time now, unsigned int port, uint8_t *frame,
		   size_t size);
/* A frame that arrived, from the EtherCAT header on. The bytes may be changed. */
void ecr_core_rx(struct ecr_core *core, ecr_time now, uint8_t *frame, size_t length,
		 const struct ecr_rx_meta *meta);
void ecr_core_link(struct ecr_core *core, ecr_time now, unsigned int port,
		   enum ecr_link_state state);
/* Does what is due: time-outs, waits, cycles. */
void ecr_core_tick(struct ecr_core *core, ecr_time now);
/* The latest time at which tick and tx must run again. */
ecr_time ecr_core_wake(const struct ecr_core *core);
/* Drains one record; false when there is none. */
bool ecr_core_event(struct ecr_core *core, struct ecr_event *event);

/* Which events are made: ECR_EVENT_BIT of each kind, ECR_EVENTS_USUAL at first. Those outside
 * ECR_EVENTS_DETAILED are made always. */
void ecr_core_listen(struct ecr_core *core, uint64_t kinds);

/* What the port may look at between verbs, without a request. */

enum ecr_state ecr_core_state(const struct ecr_core *core);
/* Deadlines of domains that were left out because they had passed; since they began to cycle. */
uint64_t ecr_core_skipped(const struct ecr_core *core);
/* Whether frames are under way. */
bool ecr_core_awaits(const struct ecr_core *core);
/* The next cyclic deadline of a domain, ECR_NEVER when nothing cycles. */
ecr_time ecr_core_next_cycle(const struct ecr_core *core);
/* The time of the ring (ns since 2000) when a frame sent at `at` passes the reference clock; 0 when
 * there is none. */
uint64_t ecr_core_ring_time(const struct ecr_core *core, ecr_time at);

/*
 * Process images. `generation` changes when the plan changes (handles die with it). Inputs are as
 * of the last valid cycle; outputs are what the next cycle sends: the port writes them between rx
 * and tick.
 */
struct ecr_image {
	const char *id;
	uint8_t *outputs;      /* `size` bytes */
	const uint8_t *inputs; /* `size` bytes */
	uint32_t size;
	uint64_t valid_cycles; /* grows whenever inputs are published */
	uint32_t parts;	       /* datagrams that carry it */
	uint32_t part_bytes;   /* of all but the last */
	ecr_time stale_after;
};

uint32_t ecr_core_generation(const struct ecr_core *core);
int ecr_core_image_count(const struct ecr_core *core);
void ecr_core_image(const struct ecr_core *core, int number, struct ecr_image *image);

/* When a part of an image was last refreshed; -1 never. */
ecr_time ecr_core_refreshed(const struct ecr_core *core, int image, uint32_t part);
/*
 * Whose inputs are what they seem: those of a slave are as old as their part, when that was
 * refreshed since the slave is there, else as old as `frozen_at`. The number changes when anything of
 * it changes, and when a period does.
 */
struct ecr_presence {
	ecr_time since; /* ECR_NEVER: not there */
	ecr_time frozen_at;
};

/* Of all images together: how often inputs have been published. */
uint64_t ecr_core_published(const struct ecr_core *core);
uint32_t ecr_core_presence_number(const struct ecr_core *core);
int ecr_core_slave_count(const struct ecr_core *core);
struct ecr_presence ecr_core_presence(const struct ecr_core *core, int slave);

/* A signal as the plan placed it; number 0..count-1. bit_offset counts from the start of the
 * domain's image. */
struct ecr_placed_signal {
	const char *slave;
	int slave_index;
	struct ecr_signal_model model;
	const struct ecr_driver *driver;
	const void *driver_config;
	int domain;
	enum ecr_direction direction;
	uint32_t bit_offset;
	uint16_t bit_size;
	/* The same output also lies elsewhere when its SyncManager is mapped into several domains:
	 * the places form a circle. */
	uint32_t twin; /* number of the next placement + 1, 0 none */
};

/* One SyncManager of one slave in one domain; bit_offset as of signals. False: no more. */
struct ecr_share {
	const char *slave;
	int slave_index;
	uint8_t sm;
	int domain;
	enum ecr_direction direction;
	uint32_t bit_offset;
	uint32_t bits;
};

bool ecr_core_share(const struct ecr_core *core, uint32_t number, struct ecr_share *share);

/*
 * Outputs that have their fault value because their slave was lost: how many; since when (ECR_NEVER:
 * it has not); and the application has written it since.
 */
uint32_t ecr_core_withheld_count(const struct ecr_core *core);
ecr_time ecr_core_withheld_since(const struct ecr_core *core, uint32_t signal);
void ecr_core_release(struct ecr_core *core, uint32_t signal);

uint32_t ecr_core_signal_count(const struct ecr_core *core);
const struct ecr_placed_signal *ecr_core_signal(const struct ecr_core *core, uint32_t number);

#endif
