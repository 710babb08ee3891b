/* SPDX-License-Identifier: Apache-2.0 */
/* A session: the core, its transport, its thread, and what others may touch of it. */
#ifndef PORT_SESSION_H
#define PORT_SESSION_H

#include "port/lead.h"
#include "port/recorder.h"
#include "port/transport.h"
#include "port/view.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#define PORT_SUBSCRIPTIONS 64
#define PORT_RING 256 /* events kept per subscription */

/* A request on its way to the owner of the core and back. */
struct port_call {
	struct ecr_request request;
	void (*run)(struct ecr_master *master, struct port_call *call); /* instead of a request */
	void *argument;
	/* By the owner of the core, instead of waking who waits for `done`. */
	void (*ended)(struct ecr_master *master, struct port_call *call);
	struct port_call *next;
	sem_t done;
};

/* An SDO request that nobody waits for. */
struct port_sdo {
	struct port_call call;
	struct ecr_sdo *sdo;
	struct port_sdo *next;
};

/* What is submitted takes a record of its own until it is done; then it stands in a list that runs
 * through the requests themselves, so that there is always room for it. */
struct port_sdos {
	pthread_mutex_t lock; /* of callers: the owner of the core never takes it */
	struct port_sdo *records;
	_Atomic(struct port_sdo *) unused;
	atomic_uint limit;
	atomic_uint open;		/* under way, also those that are waited for */
	_Atomic(struct ecr_sdo *) done; /* newest first */
	struct ecr_sdo *taken;		/* oldest first */
	int fd;
};

/* A slave's configuration that came while running. */
struct port_kept {
	struct ecr_slave_config *slave;
	struct port_kept *next;
};

struct ecr_subscription {
	struct ecr_master *master;
	uint64_t kinds; /* of events; 0: the changes of a signal */
	uint32_t signal;
	uint32_t generation;
	struct ecr_value last;
	bool seen;
	int fd;
	atomic_uint head; /* written by the owner of the core */
	atomic_uint tail; /* written by the reader */
	atomic_ullong dropped;
	struct ecr_event events[PORT_RING];
	struct ecr_sample samples[PORT_RING];
};

struct ecr_master {
	pthread_mutex_t lifecycle; /* start, stop, close */
	pthread_t thread;
	bool threaded;
	bool alive; /* a core exists */
	atomic_bool quit;
	struct ecr_config *config;
	struct port_transport *transport;
	struct port_transport *backup;	/* at the other end of the ring; NULL none */
	struct port_recorder *recorder; /* NULL none */
	struct port_record_file record_file;
	struct ecr_core *core;
	void *core_memory;
	void *blocks[2];
	size_t block_sizes[2];
	struct port_call memory[2];	   /* requests that hand blocks over */
	struct port_kept *kept;		   /* configurations of slaves, until the next start */
	_Atomic(struct port_call *) calls; /* newest first; CLOSED when nobody takes any */
	atomic_bool sleeping;
	int wake_fd;
	_Atomic(struct port_view *) view;
	struct port_view *all_views;
	atomic_int state;
	atomic_ullong counts[ECR_EVENT_KINDS];
	_Atomic(struct ecr_subscription *) subscriptions[PORT_SUBSCRIPTIONS];
	atomic_int subscription_top; /* no place from there on has ever been taken */
	_Atomic uint64_t listen;     /* the kinds of all subscriptions */
	struct ecr_failure failure;  /* kept after the end; under lifecycle */
	char system_text[160];
	ecr_time next_cycle; /* deadline of the cycle to come */
	uint64_t cycle_number;
	struct ecr_thread_info info; /* the owner's */
	struct port_sdos sdos;
	void *stack; /* what is locked of the thread's */
	size_t stack_size;
	bool lock_failed;
	int latency_fd;	  /* the request that CPUs stay awake; -1 none */
	bool link_rang;	  /* something about the link may have changed */
	bool frames_rang; /* a frame waits, though none may be under way */
	ecr_time sent_at;
	ecr_time received_at; /* the last frame */
	ecr_time polled_at;   /* when descriptors were looked at last */
	ecr_time look_at;     /* when to look at a link that is down */
	struct port_lead lead;
};

#define PORT_CLOSED ((struct port_call *)1)

/* To the owner of the core (handover.c); false when nobody takes any. */
bool port_hand_in(struct ecr_master *master, struct port_call *call);
/* Its end, by the owner of the core: the call is not to be touched any more. */
void port_end_call(struct ecr_master *master, struct port_call *call);

/* The two halves of a turn: frames in and their inputs published; hook, tick, frames out, events,
 * calls. `now`: as read last, at most some microseconds ago, since reading a clock has its cost. */
void port_session_receive(struct ecr_master *master, ecr_time now);
void port_session_work(struct ecr_master *master, ecr_time now);
/* One turn of the loop. */
void port_session_turn(struct ecr_master *master, ecr_time now);
/* Sleeps until something is due, at most until `until`; spins for the last part unless told not to. The time
 * then. */
ecr_time port_session_wait(struct ecr_master *master, ecr_time until);
/* By the owner of the core, who alone counts. */
static inline void port_count(struct ecr_master *master, enum ecr_event_kind kind)
{
	unsigned long long count =
		atomic_load_explicit(&master->counts[kind], memory_order_relaxed);

	atomic_store_explicit(&master->counts[kind], count + 1, memory_order_relaxed);
}

void port_subscriptions_changed(struct ecr_master *master);
/* Those that nobody has ended. */
void port_subscriptions_free(struct ecr_master *master);
void port_subscriptions_event(struct ecr_master *master, const struct ecr_event *event);
/* The cyclic thread, on a stack that is large enough; an error number. */
int port_realtime_start(struct ecr_master *master, void *(*run)(void *));
/* Thread attributes: what could not be had becomes a warning, once. */
void port_realtime_enter(struct ecr_master *master);
/* The same thread, at its end. */
void port_realtime_leave_thread(struct ecr_master *master);
/* Whoever ends the session, before its memory is freed. */
void port_realtime_leave(struct ecr_master *master);
void port_realtime_lock(struct ecr_master *master, void *memory, size_t size);
/* Hands a call over and waits for its end (await.c); its result. */
int port_call(struct ecr_master *master, struct port_call *call);
/* So long from now: at once when it is not positive, ECR_NEVER when it is beyond all times. */
ecr_time port_deadline(ecr_time timeout);
/* Room for SDO requests: for a master's life, and for a session. Negative: no memory. */
int port_sdos_open(struct port_sdos *sdos);
void port_sdos_close(struct port_sdos *sdos);
int port_sdos_begin(struct port_sdos *sdos, uint32_t limit);
void port_sdos_end(struct port_sdos *sdos);

#endif
