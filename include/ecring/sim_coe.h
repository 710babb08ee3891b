/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Simulated devices with a mailbox: an object dictionary as a table, a behaviour that works on the
 * objects as time passes, and habits that make a device hard to talk to. A device whose SII announces
 * CoE has its communication objects (0x1000, 0x1008, 0x1018, 0x1C00, PDO assignment and mapping, what
 * is mapped) by itself; a table adds to them or replaces them. Functions on a simulator: one thread
 * at a time.
 */
#ifndef ECRING_SIM_COE_H
#define ECRING_SIM_COE_H

#include <ecring/al.h>
#include <ecring/coe.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ecr_sim;
struct ecr_sim_app;

/* Access of an entry, beside the single ECR_ACCESS_... */
#define ECR_SIM_RO (ECR_ACCESS_READ_PREOP | ECR_ACCESS_READ_SAFEOP | ECR_ACCESS_READ_OP)
#define ECR_SIM_WO (ECR_ACCESS_WRITE_PREOP | ECR_ACCESS_WRITE_SAFEOP | ECR_ACCESS_WRITE_OP)
#define ECR_SIM_RW (ECR_SIM_RO | ECR_SIM_WO)
#define ECR_SIM_RW_PREOP (ECR_SIM_RO | ECR_ACCESS_WRITE_PREOP)

/* A subindex, or `count` alike ones in a row. */
struct ecr_sim_entry {
	uint8_t subindex;
	uint8_t count; /* 0: one */
	uint16_t type; /* data type number of ETG.1000.6: 5 is UNSIGNED8, 6 UNSIGNED16 ... */
	uint16_t access;
	const char *name;
	uint64_t value; /* after power-on, */
	const void
		*data; /* or these bytes, as many as the entry has; of a VISIBLE_STRING its text */
	uint32_t size; /* bytes, for types of any length; 0: the text's. Less may be written */
};

struct ecr_sim_object {
	uint16_t index;
	uint8_t code;  /* enum ecr_object_code; arrays and records count their entries themselves
			  when subindex 0 is not in the table */
	uint16_t type; /* of arrays and records; 0: that of the first entry */
	const char *name;
	const struct ecr_sim_entry *entries;
	uint16_t entry_count;
};

/*
 * What a device does with its objects. Before `step`, mapped outputs are copied into their objects
 * while the device is in OP; after it, mapped objects are copied into the inputs in SAFEOP and OP.
 */
struct ecr_sim_behaviour {
	size_t state_size; /* zeroed at power-on */
	void (*power_on)(struct ecr_sim_app *app, void *state);
	void (*step)(struct ecr_sim_app *app, void *state, ecr_time now);
	/* Before the change is granted: 0, or the AL status code of the refusal. */
	uint16_t (*change)(struct ecr_sim_app *app, void *state, enum ecr_al_state to);
	/* After an object was written over the mailbox: 0, or the abort code; then the old value
	 * comes back. */
	uint32_t (*written)(struct ecr_sim_app *app, void *state, uint16_t index, uint8_t subindex);
};

/* For behaviours. Objects that do not exist read as 0 and take nothing. Values beyond 64 bits: see
 * ecr_sim_read_object. */
ECR_API int64_t ecr_sim_app_get(const struct ecr_sim_app *app, uint16_t index, uint8_t subindex);
ECR_API void ecr_sim_app_set(struct ecr_sim_app *app, uint16_t index, uint8_t subindex,
			     int64_t value);
ECR_API enum ecr_al_state ecr_sim_app_state(const struct ecr_sim_app *app);
/* In OP, and its watchdog has not expired. */
ECR_API bool ecr_sim_app_outputs_valid(const struct ecr_sim_app *app);
ECR_API bool ecr_sim_app_emergency(struct ecr_sim_app *app, const struct ecr_emergency *emergency);

/* Ways of being difficult. All zero: none. */
struct ecr_sim_habits {
	ecr_time take_ns;      /* a request lies in the mailbox so long before it is taken out, */
	ecr_time answer_ns;    /* and so long goes by until its answer is there */
	ecr_time al_pause_ns;  /* after a change of state nothing is taken out for so long */
	ecr_time emergency_ns; /* an emergency comes that often */
	uint8_t counter_step;  /* what the counter of messages grows by; 0: 1 */
	bool stale_at_preop;   /* an answer to nobody lies in the mailbox at PREOP */
	bool answers_twice;    /* every answer comes again, with the same counter */
	bool refuses_complete_access;
	bool ignores_complete_access; /* no answer at all */
};

/* Where in an SDO transfer, or in information about the dictionary, a mailbox fault strikes, and what
 * milestones count. */
enum ecr_sim_stage {
	ECR_SIM_STAGE_REQUEST, /* the answer to an initiation, upload or download */
	ECR_SIM_STAGE_UPLOAD,
	ECR_SIM_STAGE_UPLOAD_SEGMENT,
	ECR_SIM_STAGE_DOWNLOAD,
	ECR_SIM_STAGE_DOWNLOAD_SEGMENT,
	ECR_SIM_STAGE_INFO,
};

enum ecr_sim_mailbox_fault_kind {
	ECR_SIM_MAILBOX_ABORT,	   /* the service is refused with `value` and not done; the rest
					    spoil the answer to a service that is done: */
	ECR_SIM_MAILBOX_NO_ANSWER, /* none comes, */
	ECR_SIM_MAILBOX_COUNTER,   /* its counter is one too many, */
	ECR_SIM_MAILBOX_TOGGLE,	   /* its toggle bit is wrong, */
	ECR_SIM_MAILBOX_TYPE,	   /* its mailbox type is `value`, */
	ECR_SIM_MAILBOX_SERVICE,   /* its CoE service is `value`, */
	ECR_SIM_MAILBOX_PAYLOAD,   /* it has one byte of CoE only, */
	ECR_SIM_MAILBOX_COMMAND,   /* its SDO command is `value`, */
	ECR_SIM_MAILBOX_PADDING,   /* it is an empty segment with seven bytes of padding, */
	ECR_SIM_MAILBOX_SEGMENT_COMMAND, /* it has nothing but the command `value`. */
};

struct ecr_sim_mailbox_fault {
	enum ecr_sim_mailbox_fault_kind kind;
	enum ecr_sim_stage stage;
	uint16_t index; /* 0: any object */
	uint8_t subindex;
	uint32_t value;
	uint32_t count; /* how often; 0: until cleared */
	uint32_t after; /* first the master reads so many more good answers of that stage */
};

/* One for the same object and stage replaces another. False when there are too many, or no such slave
 * or mailbox. ecr_sim_clear_faults clears them too, ecr_sim_faults names them. */
ECR_API bool ecr_sim_inject_mailbox(struct ecr_sim *sim, int slave,
				    const struct ecr_sim_mailbox_fault *fault);
/* How many good answers of a stage the master has read since power-on. */
ECR_API uint32_t ecr_sim_mailbox_steps(const struct ecr_sim *sim, int slave,
				       enum ecr_sim_stage stage);

/* Objects from the field side, whatever their access. The bytes that the object has, or -1 when it
 * does not exist; at most `size` are copied. */
ECR_API int ecr_sim_read_object(const struct ecr_sim *sim, int slave, uint16_t index,
				uint8_t subindex, void *data, size_t size);
/* False: no such object, or too many bytes. */
ECR_API bool ecr_sim_write_object(struct ecr_sim *sim, int slave, uint16_t index, uint8_t subindex,
				  const void *data, size_t size);
/* False when the slave has no CoE, or no room for another message. */
ECR_API bool ecr_sim_emergency(struct ecr_sim *sim, int slave,
			       const struct ecr_emergency *emergency);

#ifdef __cplusplus
}
#endif
#endif
