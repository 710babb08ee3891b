/* SPDX-License-Identifier: Apache-2.0 */
/* What a session tells of itself: snapshots, copied to the caller. */
#ifndef ECRING_INFO_H
#define ECRING_INFO_H

#include <ecring/coe.h>
#include <ecring/config.h>
#include <ecring/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* X(symbol, name) */
#define ECR_STATES(X) \
	X(IDLE, "idle") \
	X(DISCOVERING, "discovering") \
	X(AWAITING_PREOP, "awaiting_preop") \
	X(PREOP_READY, "preop_ready") \
	X(DEACTIVATED, "deactivated") \
	X(OPERATIONAL, "operational") \
	X(ACTIVATION_BLOCKED, "activation_blocked") \
	X(RECOVERING, "recovering")

enum ecr_state {
	ECR_STATE_NONE_, /* no state: 0 in a transition table says "no such transition" */
#define ECR_STATE_ENUM(symbol, name) ECR_STATE_##symbol,
	ECR_STATES(ECR_STATE_ENUM)
#undef ECR_STATE_ENUM
		ECR_STATE_COUNT
};

ECR_API const char *ecr_state_name(enum ecr_state state);

enum ecr_freshness_state { ECR_NOT_READY, ECR_FRESH, ECR_STALE };

ECR_API const char *ecr_freshness_name(enum ecr_freshness_state state);

struct ecr_freshness {
	enum ecr_freshness_state state;
	int64_t refreshed_at_us; /* -1: never */
	int64_t age_us;		 /* -1: never refreshed */
	int64_t stale_after_us;
};

enum ecr_domain_state { ECR_DOMAIN_OPEN, ECR_DOMAIN_CYCLING, ECR_DOMAIN_STOPPED };

ECR_API const char *ecr_domain_state_name(enum ecr_domain_state state);

/* A pair of working counters and the error they make: health of a cycle. */
struct ecr_cycle_health {
	int error; /* ECR_OK, ECR_ERR_WKC_MISMATCH, ECR_ERR_TIMEOUT, ECR_ERR_TRANSPORT_UNAVAILABLE
		    */
	uint32_t expected;
	uint32_t actual;
};

struct ecr_domain_info {
	char id[ECR_NAME_SIZE];
	int64_t cycle_time_us;
	ecr_time cycle_ns;
	enum ecr_domain_state state;
	uint64_t cycle_count;	   /* valid cycles since the last start */
	uint64_t miss_count;	   /* consecutive transport misses */
	uint64_t total_miss_count; /* bad cycles of any kind since the last start */
	uint64_t invalid_streak;   /* consecutive bad cycles of any kind */
	uint64_t skipped;	   /* deadlines skipped because the host was late */
	struct ecr_cycle_health cycle_health;
	uint32_t logical_base;
	uint32_t image_size;
	uint32_t datagrams; /* per cycle */
	uint32_t expected_wkc;
	uint32_t actual_wkc;
	bool degraded;
	struct ecr_freshness freshness;
	int64_t last_cycle_started_at_us; /* -1: never, as below */
	int64_t last_cycle_completed_at_us;
	int64_t last_valid_cycle_at_us;
	int64_t last_invalid_cycle_at_us;
	struct ecr_cycle_health last_invalid_reason;
	uint32_t recovery_threshold; /* bad cycles in a row that make it degraded */
};

/* Of a domain only what tells how it fares; each as in ecr_domain_info. */
struct ecr_domain_stats {
	enum ecr_domain_state state;
	uint64_t cycle_count;
	uint64_t miss_count;
	uint64_t total_miss_count;
	uint64_t invalid_streak;
	uint32_t recovery_threshold;
	bool degraded;
	struct ecr_cycle_health cycle_health;
	uint32_t image_size;
	uint32_t expected_wkc;
	struct ecr_freshness freshness;
	int64_t last_valid_cycle_at_us;
	int64_t last_invalid_cycle_at_us;
	struct ecr_cycle_health last_invalid_reason;
};

enum ecr_fault_kind {
	ECR_FAULT_NONE,
	ECR_FAULT_DOWN,	     /* does not answer */
	ECR_FAULT_RETREATED, /* fell back to a lower state */
	ECR_FAULT_PREOP,     /* is back in PREOP and cannot be raised */
	ECR_FAULT_SAFEOP,    /* is in SAFEOP and cannot be raised */
	ECR_FAULT_LATCHED,   /* is where it should be, with an error that it has latched */
	ECR_FAULT_CLOCK,     /* is where it should be, and its clock or SYNC0 is to be set anew */
};

ECR_API const char *ecr_fault_name(enum ecr_fault_kind kind);

struct ecr_fault {
	enum ecr_fault_kind kind;
	enum ecr_al_state al_state; /* for RETREATED: where it is */
	int error;		    /* why */
	uint16_t al_code;	    /* AL status code, 0 none */
};

struct ecr_slave_summary {
	char name[ECR_NAME_SIZE];
	uint16_t station;
	uint16_t position; /* the last one, of a slave that is absent */
	bool down;
	bool optional;
	bool absent; /* an optional slave that is not there: no fault */
	enum ecr_al_state al_state;
	struct ecr_fault fault;
	ecr_time next_attempt_ns; /* until it is tried again; -1: no attempt is waited for */
};

#define ECR_ATTACHMENTS 16 /* shown of one slave */

struct ecr_attachment {
	char domain[ECR_NAME_SIZE];
	uint8_t sm_index;
	enum ecr_direction direction;
	uint32_t logical_address;
	uint32_t sm_size;
	uint16_t first_signal; /* of ecr_slave_signal's numbering */
	uint16_t signal_count;
};

/* Who says so. */
enum ecr_pdo_source { ECR_PDO_OF_SII, ECR_PDO_OF_COE };

/* An entry of a slave's PDO; a PDO without entries has one of 0 bits. */
struct ecr_pdo_info {
	enum ecr_pdo_source source;
	enum ecr_direction direction;
	uint8_t sm; /* 0xFF: assigned to none */
	uint16_t pdo;
	char pdo_name[ECR_NAME_SIZE];
	uint16_t index; /* 0: a gap */
	uint8_t subindex;
	uint8_t data_type; /* 0 unknown */
	uint16_t bits;
	char name[ECR_NAME_SIZE];
};

struct ecr_signal_info {
	char name[ECR_NAME_SIZE];
	char domain[ECR_NAME_SIZE];
	enum ecr_direction direction;
	enum ecr_type type;
	uint8_t sm_index;
	uint32_t bit_offset; /* within the SyncManager's image */
	uint16_t bit_size;
};

enum ecr_pdo_health { ECR_PDO_UNATTACHED, ECR_PDO_STALE, ECR_PDO_NOT_READY, ECR_PDO_FRESH };

ECR_API const char *ecr_pdo_health_name(enum ecr_pdo_health health);

/* Freshness of a slave in one of its domains. */
struct ecr_pdo_domain {
	char id[ECR_NAME_SIZE];
	struct ecr_freshness freshness;
};

struct ecr_slave_info {
	char name[ECR_NAME_SIZE];
	char device[ECR_NAME_SIZE]; /* name in the EEPROM, "" when it has none */
	uint16_t station;
	uint16_t position;
	uint16_t alias;
	enum ecr_al_state al_state;
	bool down;
	bool optional;
	bool absent;
	bool identity_known;
	struct ecr_identity identity;
	uint8_t fmmu_count;
	uint8_t sm_count;
	bool emulation;
	bool lrw; /* can do LRW */
	bool dc;
	uint16_t dl_status;
	char driver[ECR_NAME_SIZE];
	bool coe;
	uint8_t available_fmmus;
	uint8_t used_fmmus;
	uint8_t attachment_count;
	uint8_t attachments_left_out; /* more than ECR_ATTACHMENTS; ecr_slave_signals has all signals */
	struct ecr_attachment attachments[ECR_ATTACHMENTS];
	enum ecr_pdo_health pdo_health; /* the worst of its domains */
	uint8_t domain_count;		/* of pdo_domains */
	struct ecr_pdo_domain pdo_domains[ECR_ATTACHMENTS];
	uint16_t signal_count;	 /* read them with ecr_slave_signal */
	int configuration_error; /* enum ecr_error; 0 none */
	struct ecr_failure configuration_failure;
	struct ecr_fault fault;
	ecr_time next_attempt_ns; /* until it is tried again; -1: no attempt is waited for */
	uint32_t sii_warnings;
	/* Where its objects have other PDOs than its EEPROM, which is no failure: EEPROM | objects, a
	 * line for each PDO as in ecr_failure; "" nowhere. */
	char pdo_sides[ECR_SIDES_SIZE];
	struct ecr_mailbox_counts mailbox; /* since the start */
};

#define ECR_DROP_REASONS(X) \
	X(LATE, "late") \
	X(DUPLICATE, "duplicate") \
	X(FOREIGN, "foreign") \
	X(MISMATCH, "idx_mismatch") \
	X(DECODE, "decode_error") \
	X(NOT_ETHERCAT, "not_ethercat")

enum ecr_drop_reason {
#define ECR_DROP_ENUM(symbol, name) ECR_DROP_##symbol,
	ECR_DROP_REASONS(ECR_DROP_ENUM)
#undef ECR_DROP_ENUM
		ECR_DROP_REASON_COUNT
};

ECR_API const char *ecr_drop_name(enum ecr_drop_reason reason);

#define ECR_HISTOGRAM_BINS 64

/* Logarithmic: bin b counts values in [floor(b), floor(b+1)); four bins to an octave from 1 us on.
 */
struct ecr_histogram {
	uint64_t bins[ECR_HISTOGRAM_BINS];
	uint64_t count;
	int64_t min_ns;
	int64_t max_ns;
};

ECR_API void ecr_histogram_add(struct ecr_histogram *histogram, int64_t value_ns);
/* Upper end of the bin that holds the given share (per 10000: 5000 is the median), ns; 0 when
 * empty. */
ECR_API int64_t ecr_histogram_at(const struct ecr_histogram *histogram, uint32_t per_10000);
ECR_API int64_t ecr_histogram_floor(unsigned int bin); /* ns */

enum ecr_link_status {
	ECR_LINK_STATUS_UP,    /* frames can pass, as far as is known */
	ECR_LINK_STATUS_DOWN,  /* the interface is switched off or has no carrier */
	ECR_LINK_STATUS_GONE,  /* there is no such interface (any more) */
	ECR_LINK_STATUS_TAKEN, /* it came back, and another master took it */
};

ECR_API const char *ecr_link_status_name(enum ecr_link_status status);

/* What the transport knows of its side; zeroes where it cannot know. */
struct ecr_link_info {
	enum ecr_link_status status;
	uint32_t losses;	   /* how often the link went down */
	uint32_t reopened;	   /* how often the interface was removed and came back */
	bool ring;		   /* frames are received from memory shared with the kernel */
	bool hardware_stamps;	   /* arrival as the network card noted it */
	bool xdp;		   /* past the kernel's network stack: "xdp:" */
	bool bypass;		   /* sent past the queueing discipline, hidden from captures */
	uint64_t kernel_drops;	   /* frames that the kernel had no room for */
	uint64_t foreign_frames;   /* EtherCAT frames of another sender: a second master? */
	uint8_t foreign_source[6]; /* of the last of them */
	ecr_time foreign_at;	   /* its arrival, 0 never */
};

/* A ring with two ports of the master. */
struct ecr_redundancy_info {
	bool redundant;
	bool port_up[2];
	bool split;	  /* a break: each port reaches its part of the slaves */
	int32_t reach[2]; /* slaves that each port reaches while split; -1: not known yet */
	/* Positions of the slaves that the break is between; -1: the port of the master itself, or not
	 * known yet. */
	int32_t ends[2];
	uint32_t breaks;  /* how often it has split */
	uint64_t partial; /* exchanges of which one half did not come back */
};

struct ecr_bus_info {
	bool up;
	struct ecr_redundancy_info redundancy;
	struct ecr_link_info link;
	int32_t frame_timeout_ms;
	ecr_time frame_timeout_ns;
	uint64_t frames_sent;
	uint64_t frames_received;
	uint64_t frames_lost; /* timed out */
	uint64_t bytes_sent;
	uint64_t bytes_received;
	uint64_t realtime_frames;
	uint64_t datagrams_sent;
	uint64_t expired;
	uint64_t send_failures;
	uint64_t dropped[ECR_DROP_REASON_COUNT];
	uint64_t length_disagreements;
	uint32_t timeout_count; /* consecutive */
	uint32_t queue_realtime;
	uint32_t queue_reliable;
	uint32_t in_flight;
	struct ecr_histogram round_trip;
};

#ifdef __cplusplus
}
#endif
#endif
