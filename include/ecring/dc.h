/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Distributed clocks: one time for all slaves that have a clock, and a master whose cycle follows
 * it. Times of the ring are nanoseconds since 2000-01-01 00:00. The model: docs/distributed-clocks.md.
 */
#ifndef ECRING_DC_H
#define ECRING_DC_H

#include <ecring/api.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ecr_master;

/* What the session does when the clocks drift apart. */
enum ecr_dc_lock_policy {
	ECR_DC_ADVISORY,   /* says so */
	ECR_DC_RECOVERING, /* recovers until they agree again */
	ECR_DC_FATAL,	   /* ends */
};

/* A field left 0 takes its default. */
struct ecr_dc_config {
	bool disabled;	   /* leave all clocks alone */
	bool free_running; /* the master's cycle does not follow the reference clock */
	bool always;	   /* the clocks are held together in PREOP too, without an activation */
	bool await_lock;   /* slaves go to SAFEOP only after the clocks agree */
	bool master_clock; /* the master's estimate is the reference: no slave's clock is */
	ecr_time cycle_ns; /* of the compensation and of SYNC0; default: the shortest period of a
			      domain, 1 ms without any */
	ecr_time shift_ns; /* frames pass the reference so long before SYNC0 without shift; default
			       half a cycle */
	enum ecr_dc_lock_policy lock_policy;
	uint32_t lock_threshold_ns; /* largest difference that counts as locked; default 100 */
	int32_t lock_timeout_ms;    /* longest wait for await_lock; default 5000 */
	uint32_t warmup_cycles;	    /* before the clocks may count as locked */
	const char *reference;	    /* slave whose clock is the reference; default: the first one */
	uint32_t burst;		 /* frames that teach the clocks their drift at the start; default
				    15000, ends early once they agree */
	int32_t measure_ms;	 /* measure the delays again so often; 0: never */
	uint8_t filter_shift[2]; /* depths written to 0x0934 and 0x0935; both 0: 0 and 12 */
};

/* How a slave uses SYNC0 and SYNC1. */
enum ecr_sync_mode { ECR_SYNC_FREE_RUN, ECR_SYNC_SYNC0, ECR_SYNC_SYNC1 };

struct ecr_latch_config {
	const char *name; /* of its events; an array of latches ends with an entry without */
	uint8_t unit;	  /* 0 or 1 */
	bool falling;	  /* the falling edge instead of the rising one */
	bool continuous;  /* every edge overwrites the last; else the first one stays until read */
};

#define ECR_SYNC_KEEP_CONTROL 1u /* 0x0980 is left alone */
#define ECR_SYNC_KEEP_LATCHES 2u /* 0x09A8 and 0x09A9 are left alone */
#define ECR_SYNC_KEEP_SPEED 4u	 /* 0x0930 and the filters are left alone */

struct ecr_sync_config {
	enum ecr_sync_mode mode;
	ecr_time sync0_cycle_ns; /* default: dc.cycle_ns */
	ecr_time sync0_shift_ns; /* against the multiples of its cycle, any sign */
	uint32_t sync1_ns;	 /* 0x09A4: behind SYNC0; from sync0_cycle_ns on a slower SYNC1 (see
			      docs/distributed-clocks.md) */
	uint32_t pulse_ns;	 /* what the EEPROM should have set; a difference is told; 0: any */
	uint32_t keep;		 /* ECR_SYNC_KEEP_...: registers the device wants left alone */
	uint16_t
		extra_ns; /* how much longer a frame takes through the device's processing unit than from
			      port to port, as its maker may tell: no measurement sees it */
	const struct ecr_latch_config *latches;
};

/* What a device's outputs (0x1C32) and inputs (0x1C33) go by (ETG.1020, synchronization type). */
enum ecr_sync_type {
	ECR_SYNC_TYPE_FREE_RUN = 0,
	ECR_SYNC_TYPE_SM_EVENT = 1, /* of the own SyncManager */
	ECR_SYNC_TYPE_SYNC0 = 2,
	ECR_SYNC_TYPE_SYNC1 = 3,
	ECR_SYNC_TYPE_OUTPUTS_EVENT = 0x22, /* inputs only: with that of the outputs */
	ECR_SYNC_TYPE_KEPT = 0xFFFF,	    /* nothing is written there */
};

struct ecr_sdo_write;

/*
 * The usual writes for a driver's sync_mode: the number-th (from 0) that tells these types, and the
 * cycle time where it is not 0; 1, or 0 behind the last one. With ECR_SDO_IF_ALLOWED, since many a
 * device has these objects for reading only. Any thread.
 */
ECR_API int ecr_sync_objects(enum ecr_sync_type outputs, enum ecr_sync_type inputs,
			     uint32_t cycle_ns, int number, struct ecr_sdo_write *write);

/* X(symbol, name) */
#define ECR_DC_LOCKS(X) \
	X(DISABLED, "disabled") \
	X(INACTIVE, "inactive") \
	X(UNAVAILABLE, "unavailable") \
	X(LOCKING, "locking") \
	X(LOCKED, "locked")

enum ecr_dc_lock_state {
	ECR_DC_LOCK_NONE_, /* 0 in a transition table says "no such transition" */
#define ECR_DC_LOCK_ENUM(symbol, name) ECR_DC_##symbol,
	ECR_DC_LOCKS(ECR_DC_LOCK_ENUM)
#undef ECR_DC_LOCK_ENUM
		ECR_DC_LOCK_STATES
};

/* X(symbol, name): what the policy made of a lost or regained lock */
#define ECR_DC_DECISIONS(X) \
	X(CONTINUE, "continue") \
	X(ENTER_RECOVERY, "enter_recovery") \
	X(KEEP_RECOVERING, "keep_recovering") \
	X(RESUME_RUNNING, "resume_running") \
	X(STOP_SESSION, "stop_session")

enum ecr_dc_decision {
#define ECR_DC_DECISION_ENUM(symbol, name) ECR_DC_##symbol,
	ECR_DC_DECISIONS(ECR_DC_DECISION_ENUM)
#undef ECR_DC_DECISION_ENUM
		ECR_DC_DECISION_COUNT
};

/* How the master's cycle follows. */
enum ecr_dc_servo_state { ECR_DC_SERVO_UNLOCKED, ECR_DC_SERVO_JUMP, ECR_DC_SERVO_LOCKED };

enum ecr_clock_kind {
	ECR_CLOCK_NONE,
	ECR_CLOCK_TIMES_ONLY, /* latches receive times but has no clock to set */
	ECR_CLOCK_32,
	ECR_CLOCK_64,
};

ECR_API const char *ecr_dc_lock_name(enum ecr_dc_lock_state state);
ECR_API const char *ecr_dc_decision_name(enum ecr_dc_decision decision);
ECR_API const char *ecr_dc_policy_name(enum ecr_dc_lock_policy policy);
ECR_API const char *ecr_dc_servo_name(enum ecr_dc_servo_state state);
ECR_API const char *ecr_clock_kind_name(enum ecr_clock_kind kind);

struct ecr_dc_status {
	bool configured;
	bool active;
	ecr_time cycle_ns;
	bool await_lock;
	enum ecr_dc_lock_policy lock_policy;
	char reference_clock[ECR_NAME_SIZE]; /* "" when none */
	uint16_t reference_station;
	bool substitute; /* the reference is not the one that was chosen at first */
	enum ecr_dc_lock_state lock_state;
	bool max_sync_diff_known;
	uint32_t max_sync_diff_ns;
	int64_t last_sync_check_at_us; /* -1 never */
	uint32_t monitor_failures;     /* in a row */
	int clocks;		       /* slaves with a clock */
	uint64_t cycles;
	uint64_t lost;	       /* cycles whose answer did not come */
	uint64_t reference_ns; /* time of the ring as of the last answer; 0 unknown */
	enum ecr_dc_servo_state servo_state;
	int64_t phase_ns; /* how late the master's frames pass the reference */
	int64_t rate_ppb; /* by how much the master's cycle runs faster than its own clock */
	uint64_t outliers;
	ecr_time shift_ns;
};

struct ecr_dc_slave {
	char name[ECR_NAME_SIZE];
	uint16_t position;
	uint16_t station;
	enum ecr_clock_kind kind;
	bool reference;
	bool delay_guessed; /* slaves without receive times branch before it */
	int64_t delay_ns;   /* from the first clock */
	int64_t offset_ns;  /* 0x0920 */
	bool difference_known;
	int32_t difference_ns;	   /* 0x092C; positive: the slave's clock is ahead */
	int32_t difference_min_ns; /* the extremes since the clocks have locked last */
	int32_t difference_max_ns;
	bool sync_running;   /* SYNC0 is generated */
	uint64_t sync_start; /* of the first SYNC0 */
	uint32_t pulse_ns;   /* 0x0982 */
};

/*
 * Blocks until the clocks agree. DC_DISABLED, DC_INACTIVE (nothing is activated), DC_LOCK_UNAVAILABLE
 * (no slave has a clock), TIMEOUT.
 */
ECR_API int ecr_await_dc_locked(struct ecr_master *master, ecr_time timeout_ns);
ECR_API int ecr_dc_status(struct ecr_master *master, struct ecr_dc_status *status);
/* Name (ECR_NAME_SIZE bytes; may be NULL) and station (may be NULL). DC_DISABLED,
 * NO_REFERENCE_CLOCK. */
ECR_API int ecr_reference_clock(struct ecr_master *master, char *name, uint16_t *station);
/* Fills up to `room` entries, one for every slave; returns how many there are. */
ECR_API int ecr_dc_slaves(struct ecr_master *master, struct ecr_dc_slave *slaves, int room);

#ifdef __cplusplus
}
#endif
#endif
