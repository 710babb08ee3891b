/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bus owns every frame: two classes of work, packing, indices, several frames in flight,
 * time-outs, matching of replies. It does not know what a slave is.
 */
#ifndef ECR_BUS_BUS_H
#define ECR_BUS_BUS_H

#include "base/arena.h"
#include "base/container.h"
#include "job/transaction.h"
#include "wire/registers.h"

#include <ecring/event.h>
#include <ecring/info.h>

#define ECR_BUS_WINDOW 8u      /* reliable frames in flight at most */
#define ECR_BUS_GUARD_NS 20000 /* between a reliable frame's end and the next cyclic send */

#define ECR_BUS_TALLY_SIZE \
	(ECR_DATAGRAM_OVERHEAD + ECR_REG_TYPE_SIZE) /* a count of slaves beside positions */

#define ECR_BUS_FIRST_TIMEOUT ECR_MS(25) /* while nobody knows how many slaves there are */

/* One frame on the wire. */
struct ecr_flight {
	struct ecr_list transactions; /* in the order of their datagrams */
	ecr_time sent_at;
	ecr_time deadline;
	uint64_t head; /* of its datagram when it has a single one: what the answer begins with */
	uint16_t datagrams;
	uint16_t length; /* of the frame */
	uint8_t index;
	uint8_t class;
	bool used;
	/* With two ports; a bit for each. */
	uint8_t *sent;	 /* the frame as it was built: ECR_FRAME_MAX bytes */
	uint8_t copies;	 /* ports that it goes out on */
	uint8_t failed;	 /* those that could not send it: their copy is lost */
	uint8_t waiting; /* those that have not got it yet */
	uint8_t arrived; /* copies that have come back */
	bool answered;	 /* one of them has passed slaves */
	bool tally;	 /* ends with a count of the bus's own, since positions are in it */
	int32_t behind; /* positions from there on went to port 1; -1: all to the one that slaves process */
	int32_t counted; /* slaves that the copy of port 0 has passed in its part; -1 not known */
	int8_t passed;	 /* the copy that came out at the other port; -1 none */
	int8_t far;	 /* the copy with which the master tells its time; -1 none */
};

/* How a frame came. */
struct ecr_arrival {
	ecr_time at;
	unsigned int port; /* where it arrived, */
	bool crossed;	   /* and it was sent from the other one */
	bool foreign;
};

/* What became of an index, to tell a late reply from a foreign one. */
enum ecr_index_state { ECR_INDEX_UNUSED, ECR_INDEX_FLYING, ECR_INDEX_ANSWERED, ECR_INDEX_LOST };

struct ecr_bus {
	struct ecr_list queue[2]; /* by enum ecr_class */
	struct ecr_list finished;
	struct ecr_flight *flights;
	uint16_t flight_count;
	ecr_time stale_at; /* no later than the first end of the realtime work that waits */
	uint16_t flying;
	uint16_t flying_reliable;
	uint8_t next_index;
	uint8_t index_state[256];
	uint8_t index_flight[256];
	ecr_time stray_at[256]; /* when a reply with the index came last that nobody waited for, */
	uint8_t strays[256];	/* and how many since it was given */
	ecr_time frame_timeout;
	ecr_time next_cyclic; /* reliable frames must be over by then; ECR_NEVER: nothing cycles */
	ecr_time cyclic_gap; /* between two cyclic sends: reliable frames are no longer than that */
	ecr_time widest_gap; /* a reliable frame that is longer would never be sent */
	ecr_time hold_until; /* a partly filled reliable frame waits for more work until then */
	ecr_time wire_free;  /* when the last frame handed out has left the wire */
	ecr_time now;	     /* of the last verb */
	ecr_time last_traffic; /* when anything last came back */
	/*
	 * The line, as frames see it. Ports come and go by the port's word (ecr_bus_link); the rest is what
	 * copies tell that come back (redundant.c), and holds with two ports alone.
	 *
	 *   state            what happens                          then
	 *   ---------------  ------------------------------------  -----------------------------------
	 *   any              the last port goes down               down: nothing is sent, all waits
	 *   down             a port comes up                       up; whole or split is as it was
	 *   whole (!split)   a copy comes back to its own port     split, reach of both not known
	 *   split            a broadcast comes back to a port      reach of that port is its counter
	 *   split            nothing comes back to a port          reach of that port is 0
	 *   split            a copy comes out at the other port    whole
	 */
	bool up; /* of any port */
	bool redundant;
	bool port_up[2];
	bool split;	       /* the ring is broken: each port reaches its part, */
	int32_t reach[2];      /* of so many slaves; -1 not known */
	bool news;	       /* one of these has changed */
	ecr_time rest;	       /* how much later than one half of a frame the other may come */
	ecr_time silent_at[2]; /* since when no copy sent there comes back; ECR_NEVER: they do */
	uint8_t front;	       /* port whose frames the slaves of a sound ring process */
	bool reference_behind; /* the reference clock is in the part of port 1 */
	bool far_known;	       /* the other part can be told the time as well: */
	int64_t far_later;     /* what is sent there is so much later than here, ns */
	struct ecr_flight *handing; /* whose other copy waits to be taken; NULL none */
	uint8_t seen[256];	    /* copies that have come back of each index */
	bool foreign;		    /* frames of another sender have come, */
	ecr_time foreign_at;	    /* the last one then */
	bool closing;		    /* accepts no more work */
	uint8_t last_class;	    /* of the frame handed out last, for a send failure */
	int last_flight;
	struct ecr_bus_info info;
	uint16_t irq;	 /* IRQ fields of replies, ORed, until taken */
	uint64_t listen; /* ECR_EVENT_BIT of the detailed events that somebody wants */
	void (*event)(void *context, const struct ecr_event *event);
	void *event_context;
};

static inline bool ecr_bus_heard(const struct ecr_bus *bus, enum ecr_event_kind kind)
{
	return bus->listen & ECR_EVENT_BIT(kind);
}

void ecr_bus_emit(struct ecr_bus *bus, struct ecr_event event);
/* An event of ECR_EVENTS_DETAILED: costs one test while nobody listens. */
void ecr_bus_tell_heard(struct ecr_bus *bus, ecr_time now, enum ecr_event_kind kind, int32_t class,
			uint64_t count);
static inline void ecr_bus_tell(struct ecr_bus *bus, ecr_time now, enum ecr_event_kind kind,
				int32_t class, uint64_t count)
{
	if (ecr_bus_heard(bus, kind))
		ecr_bus_tell_heard(bus, now, kind, class, count);
}

void ecr_bus_init(struct ecr_bus *bus, struct ecr_arena *arena, uint16_t flights);
void ecr_bus_reset(struct ecr_bus *bus);

/* Queues a transaction; it comes back through ecr_bus_finished, exactly once. */
void ecr_bus_submit(struct ecr_bus *bus, ecr_time now, struct ecr_transaction *transaction);
/* The realtime work of a cycle in its order, all stale at once; its sizes are set and fit into a frame each. */
void ecr_bus_submit_cycle(struct ecr_bus *bus, ecr_time now, struct ecr_list *transactions);
static inline struct ecr_transaction *ecr_bus_finished(struct ecr_bus *bus)
{
	struct ecr_link *link = ecr_list_pop(&bus->finished);
	struct ecr_transaction *transaction =
		link ? ecr_container_of(link, struct ecr_transaction, link) : NULL;

	if (transaction)
		transaction->queued = false;
	return transaction;
}
/* Work that has not been sent yet ends as timed out; false when it is under way or has ended. */
bool ecr_bus_withdraw(struct ecr_bus *bus, ecr_time now, struct ecr_transaction *transaction);
/* Work under way is waited for no longer than this, from its sending on. */
void ecr_bus_hasten(struct ecr_bus *bus, const struct ecr_transaction *transaction,
		    ecr_time patience);

/* The next frame of the work that waits: its length, 0 when none may go. Without a buffer of the port (NULL) it is kept
 * with its flight. */
size_t ecr_bus_launch(struct ecr_bus *bus, ecr_time now, uint8_t *frame);
/* Of one port or two, after a look at what is stale. Frame NULL: a buffer that is too small. */
size_t ecr_bus_tx_rare(struct ecr_bus *bus, ecr_time now, unsigned int port, uint8_t *frame);
/* With two ports each frame is handed out twice, to the one that asks first and then to the other. */
static inline size_t ecr_bus_tx(struct ecr_bus *bus, ecr_time now, unsigned int port,
				uint8_t *frame, size_t size)
{
	bus->now = now;
	if (size >= ECR_FRAME_MAX && !port && bus->port_up[0] && !bus->redundant &&
	    bus->stale_at >= now)
		return ecr_bus_launch(bus, now, frame);
	return ecr_bus_tx_rare(bus, now, port, size >= ECR_FRAME_MAX ? frame : NULL);
}
/* Of the arrival's time `now` is taken when it lies outside sending and now. */
void ecr_bus_rx(struct ecr_bus *bus, ecr_time now, const struct ecr_arrival *arrival,
		uint8_t *frame, size_t length);
void ecr_bus_link(struct ecr_bus *bus, unsigned int port, bool up);
/* The frame handed out last could not be sent. */
void ecr_bus_send_failed(struct ecr_bus *bus, ecr_time now, unsigned int port);
void ecr_bus_tick(struct ecr_bus *bus, ecr_time now);
ecr_time ecr_bus_wake(const struct ecr_bus *bus);
/* Reliable work of so many bytes finds a gap between two cyclic sends. */
bool ecr_bus_bears(const struct ecr_bus *bus, size_t size);
/* When a frame that is handed out now would begin: behind those that are still leaving. */
ecr_time ecr_bus_free_at(const struct ecr_bus *bus, ecr_time now);
/* Everything queued and in flight comes back as cancelled. */
void ecr_bus_cancel_all(struct ecr_bus *bus, ecr_time now);

bool ecr_bus_idle(const struct ecr_bus *bus);

/* clamp(ceil((200 + 40 n) us to ms), 5 ms, 10 ms); grows beyond with rings whose round trip needs
 * it. */
ecr_time ecr_bus_tuned_timeout(uint32_t slaves);
/* With two ports, of a broken ring: all slaves may be in the half that comes later. */
ecr_time ecr_bus_tuned_rest(uint32_t slaves);

#endif
