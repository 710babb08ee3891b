/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a session is told at start. Everything is copied by ecr_start but drivers and driver
 * configurations, which must live until ecr_stop. A field left 0 takes its default. What is outside its
 * range is refused by ecr_start with INVALID_OPTIONS, and ecr_last_failure names it; nothing is cut to fit.
 */
#ifndef ECRING_CONFIG_H
#define ECRING_CONFIG_H

#include <ecring/al.h>
#include <ecring/dc.h>
#include <ecring/driver.h>
#include <ecring/event.h>

#ifdef __cplusplus
extern "C" {
#endif

enum ecr_target {
	ECR_TARGET_OP,
	ECR_TARGET_SAFEOP,
	ECR_TARGET_PREOP,
	ECR_TARGET_BOOT, /* of a single slave only: held there, with its bootstrap mailbox */
};

/* What the outputs of a slave are set to when it was lost or has restarted, until the application
 * writes them again. A slave that only fell back to SAFEOP keeps its outputs. */
enum ecr_on_fault {
	ECR_ON_FAULT_DEFAULT, /* as the slave says, then as the domain says, then zero */
	ECR_ON_FAULT_ZERO,
	ECR_ON_FAULT_HOLD, /* what was written last */
	/* The signal's own value, see struct ecr_safe_value. Chosen for a slave or a domain: every signal that has one gets
	 * it unless its own `on_fault` says otherwise, and all others zero. */
	ECR_ON_FAULT_SAFE,
};

struct ecr_safe_value {
	const char *signal;
	enum ecr_on_fault on_fault; /* DEFAULT: as the slave or the domain says */
	struct ecr_value value;	    /* for SAFE */
};

#define ECR_DOMAINS_MAX 32 /* of a session */

struct ecr_domain_config {
	const char *id; /* required; an array of domains ends with an entry without */
	/* 100 us or more; default 1 ms. A slave's mailbox that takes the wire longer than what is left between two cycles
	 * (0.08 us a byte) delays the next one by the rest, each time it is used. */
	ecr_time cycle_ns;
	uint32_t miss_threshold; /* consecutive transport misses that stop the domain; default 1000
				  */
	uint32_t recovery_threshold; /* consecutive bad cycles that make the session recover;
					default 3 */
	bool separate;		     /* use LRD and LWR even where every slave can do LRW */
	bool overlap;		     /* inputs and outputs of one slave share logical addresses */
	bool all_or_nothing; /* no input is refreshed by a cycle that is not whole, even when it is
				proven which slave is missing */
	bool pack_bits; /* bits of several slaves share a byte where the slaves' hardware can; not
			   with overlap */
	enum ecr_on_fault on_fault; /* of its outputs: ZERO (default), HOLD or SAFE */
};

struct ecr_signal_map {
	const char *signal;
	const char *domain;
};

enum ecr_process_data_kind {
	ECR_PROCESS_DATA_NONE,
	ECR_PROCESS_DATA_ALL,
	ECR_PROCESS_DATA_SIGNALS
};

struct ecr_process_data {
	enum ecr_process_data_kind kind;
	const char *domain;		      /* for ALL */
	const struct ecr_signal_map *signals; /* for SIGNALS; ends with an entry without signal */
};

#ifdef __cplusplus
#define ECR_ALL_TO(id) \
	ecr_process_data \
	{ \
		ECR_PROCESS_DATA_ALL, id, NULL \
	}
#define ECR_SIGNALS(list) \
	ecr_process_data \
	{ \
		ECR_PROCESS_DATA_SIGNALS, NULL, list \
	}
#else
#define ECR_ALL_TO(id) \
	{ \
		ECR_PROCESS_DATA_ALL, id, NULL \
	}
#define ECR_SIGNALS(list) \
	{ \
		ECR_PROCESS_DATA_SIGNALS, NULL, list \
	}
#endif

/* Identity to be found at start, and of whoever comes back; a field is compared only when its bit is set in `check`. */
#define ECR_CHECK_VENDOR 1u
#define ECR_CHECK_PRODUCT 2u
#define ECR_CHECK_REVISION 4u
#define ECR_CHECK_SERIAL 8u
#define ECR_CHECK_REVISION_LEAST 16u /* this revision or a later one */

struct ecr_identity {
	uint32_t vendor;
	uint32_t product;
	uint32_t revision;
	uint32_t serial;
};

/* "Mailbox full" is asked for, or comes with the slave's inputs: a byte of the image and an FMMU. So are
 * messages sent unasked noticed, and answers to requests while the slave is in SAFEOP or OP. */
enum ecr_mailbox_watch {
	ECR_MAILBOX_AUTO, /* with the inputs when an FMMU is spare; answers, when the cycle is not
			     longer than 1 ms */
	ECR_MAILBOX_ASKED,
	ECR_MAILBOX_MAPPED, /* FMMU_LIMIT when none is spare, NO_MAILBOX, NO_COE, or MAILBOX_NOT_MAPPED
			       without process data, are the slave's configuration_failure */
};

/* What a slave is recognised by, beside or instead of its place. */
enum ecr_recognise {
	ECR_BY_POSITION,
	ECR_BY_ALIAS, /* the station alias out of its EEPROM (register 0x0012) */
	ECR_BY_REQUESTED, /* its explicit device identification, as it answers a request for it (bit 5 of
			     AL control): a switch on the device, mostly */
	ECR_BY_MEMORY, /* the same where it lies in the slave's memory, at `identification_address` */
};

/*
 * A slave that may be there or not, and come and go while the ring runs. It is looked for on the
 * whole ring by what it is recognised by; by its position alone where the configured order leaves
 * room for it. Slaves with the same group follow each other on the ring behind its first one, and
 * come and go with it: the first is recognised, the others are what stands behind it.
 *
 * A slave that must be there and has an identification is not looked for elsewhere: another value at
 * its place, two equal devices swapped, is IDENTITY_MISMATCH.
 */
struct ecr_presence_config {
	bool optional;
	const char *group; /* optional all of them; NULL: none */
	enum ecr_recognise by;
	uint16_t identification;
	uint16_t
		identification_address; /* for BY_MEMORY: IdentificationAdo of the device's description */
	/* The device's EEPROM, for the room that the process image keeps for it while it was not seen yet;
	 * without it the slave gets to PREOP, and takes part from the next plan on that is made while it
	 * is there. Must live until ecr_stop. */
	const uint8_t *sii;
	size_t sii_size;
};

struct ecr_slave_config {
	const char *name; /* required; an array of slaves ends with an entry without */
	const struct ecr_driver *driver; /* default: ecr_default_driver */
	const void *driver_config;
	struct ecr_process_data process_data;
	enum ecr_target target_state; /* ECR_TARGET_OP (default), PREOP, or BOOT */
	int32_t health_poll_ms;	      /* default 250; -1: never */
	int32_t watchdog_ms; /* SM watchdog, 1..6553; default max(100, 10 periods); -1: as the device has it
			      */
	/* Written beside the driver's list, after it; ends with index 0. NULL: none. */
	const struct ecr_sdo_write *startup;
	/* Instead of the driver's and the device's own; NULL: those. */
	const struct ecr_pdo_wanted *pdos;
	/* Rules for them beside the driver's and the EEPROM's. NULL: none. */
	const struct ecr_pdo_rule *pdo_rules;
	int32_t mailbox_timeout_ms; /* for an answer of the mailbox; default 1000 */
	int32_t mailbox_poll_ms;    /* looks for messages sent unasked; default 20; -1: never */
	enum ecr_mailbox_watch mailbox_watch; /* and where they are looked for while it cycles */
	enum ecr_on_fault on_fault; /* of its outputs: ZERO, HOLD, SAFE, or as the domain says */
	const struct ecr_safe_value
		*safe_values; /* of single outputs; ends with one without signal */
	uint32_t check;	      /* ECR_CHECK_... */
	struct ecr_identity identity;
	struct ecr_sync_config sync; /* SYNC0, SYNC1 and latches */
	struct ecr_presence_config presence;
};

/* Sizes fixed at open. A ring that needs more is refused with ECR_ERR_LIMIT and the limit's name.
 */
struct ecr_limits {
	uint32_t slaves;	   /* default 1024 */
	uint32_t frames_in_flight; /* default 64, at most 128 */
	uint32_t sii_bytes;	   /* read of each EEPROM at most; default 16384, 128 or more */
	uint32_t events;	   /* kept until drained; default 1024 */
	uint32_t requests;	   /* SDO requests waiting for all slaves; default 256 */
	uint32_t mailbox_bytes;	   /* of the largest mailbox; default and at most 1486 */
	uint32_t pdos;		   /* of each slave, as read over CoE; default 32 */
	uint32_t pdo_entries;	   /* in them; default 256 */
};

/* Time-outs of AL state changes in ms (defaults: ETG.1020, 3000, 10000, 10000, 5000, 200). */
struct ecr_al_timeouts {
	int32_t to_preop_ms;
	int32_t to_safeop_ms;
	int32_t to_op_ms;
	int32_t to_init_ms;
	int32_t back_to_safeop_ms;
};

/* The cyclic thread of a session. What cannot be had is said once as an event and the session goes
 * on. */
enum ecr_scheduling {
	ECR_SCHEDULING_FIFO,
	ECR_SCHEDULING_ROUND_ROBIN,
	ECR_SCHEDULING_OTHER, /* none of these: it is left alone */
};

/* Of the cyclic thread. Each is looked at again when it was set; ecr_thread_info tells what could not be had. */
struct ecr_realtime {
	enum ecr_scheduling scheduling;
	int priority;	    /* 1..99; 0: 80 where allowed; -1: leave the scheduling alone */
	uint32_t stack_kib; /* of its stack that are made present beforehand, 8 to 1024; 0: 64 */
	int cpu;	    /* pin to this CPU, counted from 1; 0: anywhere */
	bool no_spin;	    /* never spin before the deadline */
	bool spin_replies; /* spin, instead of sleeping, for what a cycle has sent, 200 us at most */
	bool no_lock;	   /* do not lock memory */
	bool no_sleep_states; /* keep the CPUs from sleeping deeply as long as the session lasts */
};

struct ecr_fast_path; /* see xdp.h */

/* How a network interface is used. */
struct ecr_raw_options {
	bool no_ring;	   /* receive with a system call per frame instead of from shared memory */
	bool bypass_qdisc; /* send past the queueing discipline: quicker, and a capture on this
			      machine does not show what is sent */
	bool hardware_stamps; /* the network card notes when a frame came, by its own clock; it is told to note
				 every frame, and left so */
	/* What opens "xdp:eth0": ecr_xdp_open of the library ecring_xdp. Without it, or when it fails, the
	 * session goes on with a packet socket and says so. */
	struct ecr_fast_path *(*xdp)(const char *interface, char *text, size_t size);
};

/* The flight recorder: the last frames and events, written as pcapng by a thread of its own when a fault
 * begins, and once more for each fault after it: the first 8 stay in the file, and of more the last, up to 8. */
struct ecr_record_config {
	const char *
		path; /* NULL: none; an existing file is replaced, but by a further start of the same
			     master it is gone on with */
	size_t bytes; /* of what is kept: 64 KiB to 1 GiB; default 4 MiB */
	/* Of what follows the fault, from 1 on; 0: 200. It ends before when half of what is kept is full of it. */
	int32_t after_ms;
};

struct ecr_cycle; /* see master.h */

struct ecr_config {
	const char
		*interface; /* "eth0"; "xdp:eth0"; "udp:HOST[:PORT]"; NULL with `simulator` set */
	/* The other end of the ring, at a second interface; with `simulator` any text: its second port. */
	const char *backup_interface;
	struct ecr_sim *simulator;		 /* run against a simulated ring in this process */
	const struct ecr_domain_config *domains; /* NULL: none */
	const struct ecr_slave_config
		*slaves; /* NULL or empty: every slave found, named slave_0, slave_1 ... */
	/* What each of those is configured as, but for its name; NULL: held in PREOP, to be configured while
	 * running. Refused together with `slaves`. */
	const struct ecr_slave_config *each;
	uint32_t base_station; /* of the first slave; default 0x1000 */
	int32_t frame_timeout_ms; /* default: from the number of slaves; longer where a reset shows that the ring is slower */
	int32_t scan_poll_ms;	   /* default 100 */
	int32_t scan_stable_ms;	   /* default 1000; -1: the first answer counts */
	int32_t awaiting_preop_ms; /* default 30000 */
	bool watch_held; /* poll slaves' health also where all are held in PREOP by `target_state`; default:
			    whoever configures such a ring may plug and unplug, and nobody is missed */
	bool vlan;	   /* send with an 802.1Q tag */
	uint16_t vlan_tag; /* its tag control information */
	struct ecr_al_timeouts al_timeouts;
	struct ecr_dc_config dc;
	struct ecr_limits limits;
	struct ecr_realtime realtime;
	struct ecr_raw_options raw;
	struct ecr_record_config record;
	/* Runs in the cyclic thread between receiving and sending; must not block. */
	void (*cyclic)(void *context, struct ecr_cycle *cycle);
	void *cyclic_context;
	/* An edge at a latch input (ECR_EVENT_DC_LATCH: slave, text its name, count the ring's time),
	 * in the cyclic thread; must not block. */
	void (*on_latch)(void *context, const struct ecr_event *event);
	void *on_latch_context;
};

#ifdef __cplusplus
}
#endif
#endif
