/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The session: open, start, wait, read and write, stop, close. Unless said otherwise a function may
 * be called from any thread but the cyclic hook, and returns 0 or a negative enum ecr_error:
 * INVALID_ARGUMENT for a NULL that has no meaning of its own, NOT_STARTED without a session. Questions are
 * answered within a cycle; awaiting calls end with their time-out; activate, deactivate, configure_slave
 * and stop when it is decided, within the time-outs of the slaves (config.h: al_timeouts; stop within
 * 1.5 s). Several masters may live in one process.
 */
#ifndef ECRING_MASTER_H
#define ECRING_MASTER_H

#include <ecring/dc.h>
#include <ecring/event.h>
#include <ecring/info.h>

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ecr_master;

ECR_API const char *ecr_version_string(void);

/* A closed door to nothing yet; NULL only without memory. */
ECR_API struct ecr_master *ecr_open(void);
/* Stops if needed, and frees. Returns 0, or the error that ecr_last_failure tells then. Handles and
 * subscriptions die with it. */
ECR_API int ecr_close(struct ecr_master *master);

/* Opens the interface and begins to discover; returns at once. ALREADY_STARTED, INVALID_OPTIONS
 * (see last_failure), ... */
ECR_API int ecr_start(struct ecr_master *master, const struct ecr_config *config);
/* Takes every slave down to INIT in order, outputs safe first, and ends the session.
 * ALREADY_STOPPED. */
ECR_API int ecr_stop(struct ecr_master *master);

ECR_API enum ecr_state ecr_state(struct ecr_master *master);
ECR_API int ecr_await_running(struct ecr_master *master, ecr_time timeout_ns);
ECR_API int ecr_await_operational(struct ecr_master *master, ecr_time timeout_ns);

/* Drive to OP. Returns ok once decided, also when blocked: look at ecr_state or await. */
ECR_API int ecr_activate(struct ecr_master *master);
/* Back to SAFEOP or PREOP; the session stays. */
ECR_API int ecr_deactivate(struct ecr_master *master, enum ecr_target target);
/* Replace a slave's configuration while the session is in preop_ready. Returns ok once the plan is made
 * anew; what the slave refused is its configuration_error in ecr_slave_info. */
ECR_API int ecr_configure_slave(struct ecr_master *master, const char *name,
				const struct ecr_slave_config *config);
/*
 * Gives a domain another period, in ns, from 100 us to 10 s. At once, also while it cycles: no gap between two cycles is longer
 * than the longer one of both periods and the time that the domain's frames take on the wire. INVALID_ARGUMENT for another
 * period, UNKNOWN_DOMAIN, IMAGE_TOO_LARGE when its frames do not fit into the period, WATCHDOG_TOO_SHORT when a slave would not
 * wait so long for its outputs; the domain then keeps its period.
 */
ECR_API int ecr_update_domain_cycle_time(struct ecr_master *master, const char *domain,
					 ecr_time cycle_ns);

/* Fill up to `room` entries; return how many there are, or a negative error. */
ECR_API int ecr_slaves(struct ecr_master *master, struct ecr_slave_summary *slaves, int room);
ECR_API int ecr_domains(struct ecr_master *master, struct ecr_domain_info *domains, int room);
ECR_API int ecr_slave_info(struct ecr_master *master, const char *name,
			   struct ecr_slave_info *info);
ECR_API int ecr_slave_signals(struct ecr_master *master, const char *name,
			      struct ecr_signal_info *signals, int room);
/* Entry by entry in their order: first all of the EEPROM, then those that the slave's objects assign,
 * which are read when its process data are wanted. */
ECR_API int ecr_slave_pdos(struct ecr_master *master, const char *name, struct ecr_pdo_info *pdos,
			   int room);
ECR_API int ecr_domain_info(struct ecr_master *master, const char *id,
			    struct ecr_domain_info *info);
/* NOT_FOUND. */
ECR_API int ecr_domain_stats(struct ecr_master *master, const char *id,
			     struct ecr_domain_stats *stats);
/* Zeroes, with up = false, while idle. */
ECR_API int ecr_bus_info(struct ecr_master *master, struct ecr_bus_info *info);
/* What is the matter: while a session runs the fault that explains most (no link, a slave, a domain, the
 * clocks), until it is healed; without one the failure that ended the last session, or SYSTEM when its flight recorder
 * could not write the last fault (phase "record"), until the next start.
 * Error 0: nothing. */
ECR_API int ecr_last_failure(struct ecr_master *master, struct ecr_failure *failure);
/* Prints the failure for a person: which slave, what, why, what to try. Returns 0. */
ECR_API int ecr_report(struct ecr_master *master, FILE *stream);
ECR_API int ecr_failure_print(const struct ecr_failure *failure, FILE *stream);

/* A sample with its time stamps (us of the monotonic clock; -1 never) and freshness. */
struct ecr_sample {
	struct ecr_value value;
	int64_t updated_at_us;
	int64_t changed_at_us;
	struct ecr_freshness freshness;
};

/* By name. STALE still fills the sample, so that a caller may look at it. */
ECR_API int ecr_read_input(struct ecr_master *master, const char *slave, const char *signal,
			   struct ecr_sample *sample);
/* Staged for the next cycle: success does not prove that the slave has applied it. */
ECR_API int ecr_write_output(struct ecr_master *master, const char *slave, const char *signal,
			     struct ecr_value value);

/* By handle, looked up once per session, for the hot path: no lock, no search, callable from any
 * thread and the hook. */
struct ecr_signal {
	uint32_t number;
	uint32_t generation;
};

ECR_API int ecr_signal_find(struct ecr_master *master, const char *slave, const char *signal,
			    struct ecr_signal *handle);
ECR_API int ecr_signal_read(struct ecr_master *master, struct ecr_signal handle,
			    struct ecr_sample *sample);
ECR_API int ecr_signal_write(struct ecr_master *master, struct ecr_signal handle,
			     const struct ecr_value *value);

/* What the cyclic hook gets; valid during the call only. */
struct ecr_cycle {
	struct ecr_master *master;
	ecr_time now;
	ecr_time deadline; /* of this cycle */
	uint64_t number;
	uint64_t dc_time_ns; /* of the ring, when this cycle's frame passes the reference clock; 0
				without clocks */
};

/* Domain images, for those who want bytes: offset from the domain's base. */
/* INVALID_ARGUMENT beyond the image, NOT_READY before the first valid cycle, NOT_FOUND. Reads what the
 * last valid cycle brought; writes are staged for the next one. Any thread, and the hook. */
ECR_API int ecr_domain_read(struct ecr_master *master, const char *id, uint32_t offset, void *bytes,
			    uint32_t size);
ECR_API int ecr_domain_write(struct ecr_master *master, const char *id, uint32_t offset,
			     const void *bytes, uint32_t size);
/*
 * Maps a slave's SyncManager whole into a domain, beside what its process_data ask for, and tells its
 * offset from the domain's base; one that lies there already keeps its place. `size`: bytes of the
 * SyncManager's PDOs. For a session in PREOP; later registrations may move the earlier offsets, and
 * ecr_configure_slave of this slave ends them. NOT_FOUND: domain, slave, or no process data there;
 * NOT_OPEN; DISCOVERING, AWAITING_PREOP, ACTIVATION_IN_PROGRESS. SM_SIZE (expected and actual bytes),
 * SM_DIRECTION, FMMU_LIMIT, ... are the slave's configuration_failure, until it is configured or registered
 * anew: then nothing of it is mapped. Returns when the plan is made anew.
 */
ECR_API int ecr_domain_register_pdo(struct ecr_master *master, const char *id, const char *slave,
				    uint8_t sm_index, uint32_t size, enum ecr_direction direction,
				    uint32_t *offset);

/* Times in us of the monotonic clock, -1 never; of an output both are those of its last write. */
struct ecr_image_sample {
	int64_t updated_at_us;
	int64_t changed_at_us;
	struct ecr_freshness freshness;
};

/* The bytes of a slave's SyncManager in a domain (`size`: room for all of them, else INVALID_ARGUMENT), inputs
 * as the last valid cycle brought them, outputs as staged. NOT_READY before an input has come or an output
 * was written; STALE with bytes and sample filled; NOT_FOUND. Any thread, and the hook. */
ECR_API int ecr_domain_sample(struct ecr_master *master, const char *id, const char *slave,
			      uint8_t sm_index, void *bytes, uint32_t size,
			      struct ecr_image_sample *sample);
/* One domain by hand, while the session goes on. NOTHING_REGISTERED, ALREADY_CYCLING, NOT_FOUND; stopping
 * one that does not cycle is no error. */
ECR_API int ecr_domain_start_cycling(struct ecr_master *master, const char *id);
ECR_API int ecr_domain_stop_cycling(struct ecr_master *master, const char *id);

/* Changes of a signal, or with NULL names the usual events, by a pollable descriptor; the last 256 are
 * kept. BUSY beyond 64 subscriptions of a master. */
struct ecr_subscription;

ECR_API int ecr_subscribe(struct ecr_master *master, const char *slave, const char *signal,
			  struct ecr_subscription **subscription);
/* The events of these kinds (ECR_EVENT_BIT of each, ECR_EVENTS_ALL): also those of
 * ECR_EVENTS_DETAILED, which are not made while nobody subscribes to them. */
ECR_API int ecr_subscribe_events(struct ecr_master *master, uint64_t kinds,
				 struct ecr_subscription **subscription);
ECR_API int ecr_subscription_fd(const struct ecr_subscription *subscription);
/* 1 and an event, 0 when none waits. For a signal the sample holds its new value; it may be NULL.
 */
ECR_API int ecr_subscription_next(struct ecr_subscription *subscription, struct ecr_event *event,
				  struct ecr_sample *sample);
ECR_API uint64_t ecr_subscription_dropped(const struct ecr_subscription *subscription);
ECR_API void ecr_unsubscribe(struct ecr_subscription *subscription);

/* How often each kind of event has happened in this session. */
ECR_API int ecr_event_counts(struct ecr_master *master, uint64_t counts[ECR_EVENT_KINDS]);

/* Wake-up jitter of the cyclic thread, and its deadlines. */
struct ecr_thread_info {
	struct ecr_histogram wakeup;
	uint64_t cycles;
	uint64_t
		overruns; /* deadlines that were skipped because they had passed; none is caught up */
	/* These as the system says they are. */
	enum ecr_scheduling scheduling;
	bool pinned;
	bool locked; /* its stack, and what it works on but for subscriptions and the flight recorder */
	bool no_sleep_states;
	uint32_t stack_kib; /* of its stack that are present */
	int priority;	    /* 0 without real-time scheduling */
	char lacking[320];  /* what was wanted and could not be had, and what to do; "" nothing */
};

ECR_API int ecr_thread_info(struct ecr_master *master, struct ecr_thread_info *info);

/* One datagram of a caller's own. `data` is sent and replaced by what came back. */
struct ecr_user_datagram {
	uint8_t command; /* ETG.1000.4: 0 NOP .. 14 FRMW */
	uint16_t length;
	uint32_t address; /* ADP low word, ADO high word; or logical */
	uint8_t *data;
	uint16_t wkc; /* out */
};

#define ECR_USER_DATAGRAMS 16 /* of one call, at most */

/*
 * Sends 1 to ECR_USER_DATAGRAMS datagrams in one frame and waits for it. stale_after_ns 0: reliable,
 * TIMEOUT when it could not be sent for 5 s; more: realtime, EXPIRED when not sent by then. TIMEOUT also when
 * the frame did not come back, FRAME_TOO_LARGE beyond 1486 bytes of data in one datagram (12 less for
 * each further one; with two ports 13 less when a position is asked) or, if reliable, when the shortest
 * period leaves no time for such a frame, BUSY when eight callers are waiting, TRANSPORT_UNAVAILABLE, INVALID_ARGUMENT.
 * A working counter is no error: see `wkc` of each. With two ports a position is asked of one slave, whether the ring is broken or
 * not; TIMEOUT when the ring broke elsewhere under a write, which another slave may have taken.
 */
ECR_API int ecr_transact(struct ecr_master *master, struct ecr_user_datagram *datagrams, int count,
			 ecr_time stale_after_ns);

/*
 * Without a thread: after ecr_start_manual the caller calls ecr_run_once from one thread of its
 * own; it waits until the next deadline or arrival, at most until `until` (monotonic ns), and does
 * what is due. All other functions then belong to that same thread too; awaiting functions run the
 * loop themselves.
 */
ECR_API int ecr_start_manual(struct ecr_master *master, const struct ecr_config *config);
ECR_API int ecr_run_once(struct ecr_master *master, ecr_time until);
ECR_API ecr_time ecr_now(void);

#ifdef __cplusplus
}
#endif
#endif
