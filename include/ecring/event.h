/* SPDX-License-Identifier: Apache-2.0 */
/* Telemetry: small records that any number of sinks can drain, and a counter for each kind. */
#ifndef ECRING_EVENT_H
#define ECRING_EVENT_H

#include <ecring/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* X(symbol, name); the names are stable */
#define ECR_EVENTS(X) \
	X(STATE_CHANGED, "master.state.changed") \
	X(BUS_STABLE, "master.startup.bus_stable") \
	X(CONFIGURATION_RESULT, "master.configuration.result") \
	X(ACTIVATION_RESULT, "master.activation.result") \
	X(SLAVE_FAULT_CHANGED, "master.slave_fault.changed") \
	X(SLAVE_STATE_CHANGED, "slave.state.changed") \
	X(SLAVE_HEALTH_FAULT, "slave.health.fault") \
	X(SLAVE_DOWN, "slave.down") \
	X(SLAVE_STARTUP_RETRY, "slave.startup.retry") \
	X(SLAVE_JOINED, "slave.joined") \
	X(SLAVE_LEFT, "slave.left") \
	X(SLAVE_MOVED, "slave.moved") \
	X(SLAVE_STRANGER, "slave.stranger") \
	X(SLAVE_WARNING, "slave.warning") \
	X(SLAVE_EMERGENCY, "slave.emergency") \
	X(MAILBOX_ASIDE, "mailbox.aside") \
	X(MAILBOX_COUNTER_JUMP, "mailbox.counter.jump") \
	X(DOMAIN_CYCLE_DONE, "domain.cycle.done") \
	X(DOMAIN_CYCLE_INVALID, "domain.cycle.invalid") \
	X(DOMAIN_TRANSPORT_MISS, "domain.cycle.transport_miss") \
	X(DOMAIN_STOPPED, "domain.stopped") \
	X(DOMAIN_STARTED, "domain.started") \
	X(DOMAIN_DEGRADED, "domain.degraded") \
	X(DOMAIN_RECOVERED, "domain.recovered") \
	X(DC_CLOCKS_SET, "dc.clocks.set") \
	X(DC_LOCK_CHANGED, "dc.lock.changed") \
	X(DC_SYNC_DIFF, "dc.sync_diff.observed") \
	X(DC_RUNTIME_CHANGED, "dc.runtime.state.changed") \
	X(DC_REFERENCE_CHANGED, "dc.reference.changed") \
	X(DC_LOCK_DECISION, "master.dc_lock.decision") \
	X(DC_LATCH, "dc.latch") \
	X(BUS_TRANSACT_START, "bus.transact.start") \
	X(BUS_TRANSACT_STOP, "bus.transact.stop") \
	X(BUS_SUBMISSION_ENQUEUED, "bus.submission.enqueued") \
	X(BUS_DISPATCH_SENT, "bus.dispatch.sent") \
	X(BUS_SUBMISSION_EXPIRED, "bus.submission.expired") \
	X(BUS_FRAME_SENT, "bus.frame.sent") \
	X(BUS_FRAME_RECEIVED, "bus.frame.received") \
	X(BUS_FRAME_DROPPED, "bus.frame.dropped") \
	X(BUS_TIMEOUT, "bus.link.exchange.timeout") \
	X(BUS_LINK_DOWN, "bus.link.down") \
	X(BUS_LINK_RECONNECTED, "bus.link.reconnected") \
	X(BUS_LINK_HEALTH, "bus.link.health.changed") \
	X(BUS_TOPOLOGY, "bus.topology.changed") \
	X(BUS_SECOND_MASTER, "bus.second_master") \
	X(JOB_STEP, "job.step") \
	X(MEMORY_NEEDED, "core.memory.needed") \
	X(REQUEST_COMPLETED, "core.request.completed") \
	X(SIGNAL, "signal.changed") \
	X(WARNING, "session.warning")

enum ecr_event_kind {
#define ECR_EVENT_ENUM(symbol, name) ECR_EVENT_##symbol,
	ECR_EVENTS(ECR_EVENT_ENUM)
#undef ECR_EVENT_ENUM
		ECR_EVENT_KINDS
};

#define ECR_EVENT_BIT(kind) ((uint64_t)1 << (kind))

/* Several for every frame or step: made, and counted, only while somebody asks for them. */
#define ECR_EVENTS_DETAILED \
	(ECR_EVENT_BIT(ECR_EVENT_BUS_TRANSACT_START) | \
	 ECR_EVENT_BIT(ECR_EVENT_BUS_TRANSACT_STOP) | \
	 ECR_EVENT_BIT(ECR_EVENT_BUS_SUBMISSION_ENQUEUED) | \
	 ECR_EVENT_BIT(ECR_EVENT_BUS_DISPATCH_SENT) | ECR_EVENT_BIT(ECR_EVENT_BUS_FRAME_SENT) | \
	 ECR_EVENT_BIT(ECR_EVENT_BUS_FRAME_RECEIVED) | ECR_EVENT_BIT(ECR_EVENT_JOB_STEP) | \
	 ECR_EVENT_BIT(ECR_EVENT_DC_SYNC_DIFF))
#define ECR_EVENTS_USUAL (~(uint64_t)ECR_EVENTS_DETAILED)
#define ECR_EVENTS_ALL (~(uint64_t)0)

ECR_API const char *ecr_event_name(enum ecr_event_kind kind);

/*
 * What the fields mean depends on the kind; unused ones are 0. Of the bus: from is the class of
 * work (0 realtime, 1 reliable), count the datagrams, the depth of the queue or the bytes of the
 * frame, to the port. Of a job: text names the step, slave whose it is. Of clocks: from and to are
 * states of the lock (or 1 healthy, 0 failing), actual the largest difference in ns; of a decision
 * to is enum ecr_dc_decision, from 1 for a lock that was lost; of a latch text is its name, to 1 for
 * a falling edge, count the time of the ring. Of a slave that joined or moved: to is its position, from
 * the one before (-1 none); of a stranger to is where it stands, count its identification or alias.
 * Of a slave.warning about an object: expected is its index, actual its subindex; about a device that
 * has taken another's place: what it was, and is; about one that may as well be another: the indices of
 * both.
 */
struct ecr_event {
	enum ecr_event_kind kind;
	ecr_time at;
	int16_t slave;	/* index in the configuration, -1 when none */
	int16_t domain; /* index in the configuration, -1 when none */
	int32_t from;
	int32_t to;
	int32_t error; /* enum ecr_error */
	uint32_t expected;
	uint32_t actual;
	uint64_t count;
	int64_t duration_ns;
	const char *text; /* static: a step's name, a reason; may be NULL */
	void *request;	  /* REQUEST_COMPLETED */
};

/*
 * What has happened in words, without the kind's name and without whose it is: "down (no_response)", "idle to
 * discovering"; empty where the kind says it all. Cut to `size`; returns its whole length as snprintf does. From any thread.
 */
ECR_API int ecr_event_text(const struct ecr_event *event, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
