/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A simulated ring: EtherCAT slave controllers with registers, SyncManagers, FMMUs, AL state
 * machine, EEPROM and watchdog, built from SII images. It reads no clock: time comes in, memory is
 * the caller's. One thread at a time.
 */
#ifndef ECRING_SIM_H
#define ECRING_SIM_H

#include <ecring/api.h>
#include <ecring/driver.h>
#include <ecring/sim_coe.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ecr_sim;

/* A slave's distributed clock; `features` (ECR_FEATURE_DC, DC_64) say whether it has one. */
struct ecr_sim_clock {
	int32_t drift_ppb; /* of its oscillator against true time */
	uint64_t start_ns; /* local time at true time 0 */
	uint32_t tick_ns;  /* what its time grows by; default 10 */
	bool times_only;   /* latches receive times, has no clock to set */
	bool needs_sync;   /* its application works with SYNC0 and complains without */
	/* What it bears: SYNC0 without new outputs count 3, with them -1; more is an error. */
	uint16_t missed_limit;
	uint32_t ready_ns;     /* outputs must be there so long before SYNC0 */
	uint32_t min_cycle_ns; /* shortest SYNC0 cycle */
	bool dislikes_control; /* no SAFEOP after 0x0980 was written */
};

/* What a slave of the ring is made of. Zero fields take the defaults. `sii` must outlive the
 * simulator. */
struct ecr_sim_device {
	const char *name;
	const uint8_t *sii;
	size_t sii_size;
	/* Memory for an EEPROM that can be written, at least sii_size: it starts with the SII. NULL:
	 * writes are not acknowledged. */
	uint8_t *eeprom;
	size_t eeprom_size;
	uint8_t fmmus;	   /* default 8 */
	uint8_t sms;	   /* default 8 */
	uint16_t features; /* register 0x0008 */
	bool emulation; /* AL control is echoed into AL status, as terminals without a processor do
			 */
	bool eeprom_4;	/* four bytes per EEPROM read instead of eight */
	/* The processor behind the controller emulates the EEPROM: each access takes it
	 * eeprom_busy_ns, default 200 us, and forever while it is stuck. */
	bool eeprom_by_pdi;
	uint32_t eeprom_busy_ns;  /* per access; default 0 */
	uint32_t eeprom_write_ns; /* per write; 0: as any access */
	uint32_t al_delay_ns;	  /* until a change of state is done */
	uint16_t identification;  /* explicit device identification; 0: the slave has none */
	/* ... and where in its memory it also lies, 0: nowhere but behind the request in AL control. */
	uint16_t identification_at;
	uint16_t alias;	     /* instead of the one in the EEPROM; 0: that */
	bool absent;	     /* not plugged in at first; what hangs on it is away with it */
	uint32_t forward_ns; /* delay of a frame through the processing unit; default 500 */
	uint32_t return_ns;  /* delay from port to port without it; default: the same */
	uint32_t cable_ns;   /* delay of the cable to the slave before; default 0 */
	/* Where it hangs: index of the slave plus 1; 0: the one before. And at which of its ports;
	 * 0: the first that is free of 3, 1 and 2 where a slave hangs on it already, else 1. */
	int parent;
	uint8_t parent_port;
	uint8_t entry_port; /* of its own, looking to the parent; 0 is right, 1 a swapped cable */
	struct ecr_sim_clock clock;
	uint32_t loop_close_ns; /* from a link's loss until its ports send frames back */
	uint32_t loop_open_ns;	/* from a link's return until its ports let frames out */
	/* With a mailbox (the SII says so), see sim_coe.h: objects beside those that the SII brings,
	 * what the device does with them, and how it misbehaves. */
	const struct ecr_sim_object *objects;
	size_t object_count;
	const struct ecr_sim_behaviour *behaviour;
	struct ecr_sim_habits habits;
};

/* SII of a device shipped with ecring, "EK1100", "EL1809" or "EL2809": its size, 0 when unknown or
 * too large. */
ECR_API size_t ecr_sim_shipped_sii(const char *name, uint8_t *sii, size_t room);
/*
 * The same and all else that the device is made of: its SII is written into `sii`, its dictionary and
 * behaviour are set; name, habits and place are left alone. Beside those above: "EL3202", "analog_coe"
 * (two analog outputs and inputs with PDOs to choose from), "drive" (a servo drive by CiA 402 with an
 * axis), "mailbox" (objects of all lengths), and "awkward", the same with all habits at once. Habits
 * may follow any name, each behind a plus: "EL3202+slow+twice"; see ecr_sim_add_habit. False when it
 * is unknown or `room` too small; 2048 bytes are enough.
 */
ECR_API bool ecr_sim_shipped(const char *name, struct ecr_sim_device *device, uint8_t *sii,
			     size_t room);
/*
 * "slow" (2 ms until it takes a request, 50 ms until its answer), "twice" (answers come twice), "counter"
 * (answers count by three), "storm" (an emergency every 5 ms), "full" (an answer to nobody lies in the
 * mailbox at PREOP), "no_complete" (aborts complete access), "pause" (deaf for 100 ms after a change of
 * state), "eeprom_by_pdi", "mute_complete" (does not answer complete access at all). False: no such habit.
 */
ECR_API bool ecr_sim_add_habit(struct ecr_sim_device *device, const char *habit);
/* Writes the SII of a digital terminal with that many outputs and inputs; its size, 0 when `room`
 * is too small. */
ECR_API size_t ecr_sim_digital_sii(uint8_t *sii, size_t room, const char *name, uint16_t outputs,
				   uint16_t inputs);
/* The same for 16-bit analog channels. */
ECR_API size_t ecr_sim_analog_sii(uint8_t *sii, size_t room, const char *name, uint16_t outputs,
				  uint16_t inputs);

/* Bytes that a simulator of these devices needs. */
ECR_API size_t ecr_sim_size(const struct ecr_sim_device *devices, int count);
/* NULL when the memory is too small or a device has no SII. */
ECR_API struct ecr_sim *ecr_sim_init(void *memory, size_t size,
				     const struct ecr_sim_device *devices, int count);
ECR_API int ecr_sim_count(const struct ecr_sim *sim);

/*
 * A second port of the master at a slave's free port: a ring that survives a break. -1 for the port
 * takes the one that a next slave of the line would get. False when it is taken.
 */
ECR_API bool ecr_sim_close_ring(struct ecr_sim *sim, int slave, int port);
/* The cable that leads to a slave is pulled out: what hangs behind it goes with it. It keeps its power.
 * False for the slave at the master, and for one that is not plugged in. */
ECR_API bool ecr_sim_unplug(struct ecr_sim *sim, ecr_time now, int slave);
/* It is plugged in at a port of another slave: -1 for the port takes the first free one, -1 for the
 * slave the place where it was or, at first, where it was to be. False when it is plugged in already,
 * or the port is taken. */
ECR_API bool ecr_sim_plug_in(struct ecr_sim *sim, ecr_time now, int slave, int at, int port);
/* The cable at a port of the master, plugged or not; and whether it has a link. */
ECR_API void ecr_sim_plug(struct ecr_sim *sim, ecr_time now, unsigned int port, bool plugged);
ECR_API bool ecr_sim_link(const struct ecr_sim *sim, unsigned int port);

/* How long one port takes to close its loop when its link is lost, and to open it again; until then
 * what is sent there is lost. False when there is no such port. */
ECR_API bool ecr_sim_loop_delay(struct ecr_sim *sim, int slave, int port, uint32_t close_ns,
				uint32_t open_ns);
/* A slave's place, from 0, in the order in which frames from port 0 are processed; -1: they do not
 * come there. */
ECR_API int ecr_sim_position(const struct ecr_sim *sim, int slave);

/* A frame from the EtherCAT header on enters at a port of the master (0 or 1), passes the ring and is
 * changed in place. The port where it comes out, -1 when it does not. */
ECR_API int ecr_sim_pass(struct ecr_sim *sim, ecr_time now, unsigned int port, uint8_t *frame,
			 size_t length);
/* With one port: false when it does not come back. */
ECR_API bool ecr_sim_process(struct ecr_sim *sim, ecr_time now, uint8_t *frame, size_t length);
/* Watchdogs and delayed things; also done by every frame. */
ECR_API void ecr_sim_tick(struct ecr_sim *sim, ecr_time now);

/* Process data by slave and bit, counted over all its SyncManagers of that direction in the SII's
 * order. */
ECR_API int ecr_sim_find(const struct ecr_sim *sim, const char *name); /* -1: no such slave */
ECR_API uint32_t ecr_sim_bits(const struct ecr_sim *sim, int slave, enum ecr_direction direction);
ECR_API bool ecr_sim_set_input(struct ecr_sim *sim, int slave, uint32_t bit, uint32_t bits,
			       uint64_t value);
ECR_API bool ecr_sim_get_input(const struct ecr_sim *sim, int slave, uint32_t bit, uint32_t bits,
			       uint64_t *value);
/* As the slave's terminals show it: zero unless it is in OP. */
ECR_API bool ecr_sim_get_output(const struct ecr_sim *sim, int slave, uint32_t bit, uint32_t bits,
				uint64_t *value);
/* Connects outputs to inputs for good; false when the bits do not exist or 64 wires are laid. */
ECR_API bool ecr_sim_wire(struct ecr_sim *sim, int from, uint32_t from_bit, int to, uint32_t to_bit,
			  uint32_t bits);

/* A slave's truth, for checkers. */
struct ecr_sim_state {
	uint16_t station;
	uint16_t al_status;
	uint16_t al_code;
	bool connected;
	uint64_t output_writes;
};

ECR_API void ecr_sim_look(const struct ecr_sim *sim, int slave, struct ecr_sim_state *state);
ECR_API uint8_t *ecr_sim_registers(struct ecr_sim *sim, int slave);

/* Distributed clocks: truth, and what happens to them. False for a slave without a clock. */
struct ecr_sim_time {
	uint64_t local_ns;
	uint64_t system_ns;  /* with the offset that the master has written */
	ecr_time arrival_ns; /* when a frame is stamped, since it entered the ring */
	uint64_t sync0_pulses;
	uint64_t sync1_pulses;
	uint64_t next_sync0_ns;
	bool sync_running;
};

ECR_API bool ecr_sim_clock(struct ecr_sim *sim, ecr_time now, int slave, struct ecr_sim_time *time);
ECR_API bool ecr_sim_set_drift(struct ecr_sim *sim, ecr_time now, int slave, int32_t drift_ppb);
/* The application acknowledges SYNC0 or SYNC1 (unit 0 or 1), as it must where the EEPROM gives pulses no
 * length; false when there is none. One that needs SYNC does so by itself. */
ECR_API bool ecr_sim_acknowledge(struct ecr_sim *sim, ecr_time now, int slave, int unit);
/* An edge at a latch input. */
ECR_API bool ecr_sim_edge(struct ecr_sim *sim, ecr_time now, int slave, int unit, bool falling);

/* Faults. */
enum ecr_sim_fault_kind {
	ECR_SIM_DROP,		    /* the frame is lost before it reaches the ring */
	ECR_SIM_WKC_OFFSET,	    /* value is added to every working counter */
	ECR_SIM_COMMAND_WKC_OFFSET, /* ... of one command */
	ECR_SIM_LOGICAL_WKC_OFFSET, /* ... of what one slave adds to logical datagrams */
	ECR_SIM_DISCONNECT,	    /* the slave is unplugged at all its ports */
	ECR_SIM_BREAK,		    /* the cable at the slave's port `value` is cut */
	ECR_SIM_UNPLUG,		    /* the cable that leads to the slave is pulled out */
	ECR_SIM_POWER_OFF,	    /* without power, which comes back at the end */
	ECR_SIM_REFUSE,	 /* slave: changes to the AL state `command` (0: any but INIT) fail with the
			   code `value` */
	ECR_SIM_STUCK,	 /* slave: AL control is not answered */
	ECR_SIM_CORRUPT, /* what arrives at the slave's port `value` is damaged; 0: at
				       the one that looks to its parent */
	ECR_SIM_RETREAT, /* slave: by itself down to the AL state `command` (0: SAFEOP) */
	ECR_SIM_POWER_CYCLE,
	ECR_SIM_AL_ERROR, /* slave: the error bit with the code `value` */
	ECR_SIM_PLUG,	 /* slave: plugged in at slave `at_slave` - 1 (0: where it was), at its port
				`value` - 1 (0: the first free one) */
	ECR_SIM_MAILBOX, /* slave: `mailbox`, as by ecr_sim_inject_mailbox */
	ECR_SIM_TRUNCATE,    /* reply faults: the last byte is cut, */
	ECR_SIM_BAD_TYPE,    /* the EtherCAT type is 0, */
	ECR_SIM_WRONG_INDEX, /* the first index is another, */
	ECR_SIM_REPLAY,	     /* the reply before is sent again instead, */
	ECR_SIM_DELAY,	     /* the reply comes `value` ns later, */
	ECR_SIM_LOSE,	     /* the reply is lost on its way back */
};

struct ecr_sim_fault {
	enum ecr_sim_fault_kind kind;
	int slave;
	int at_slave;
	int32_t value;
	uint8_t command;
	uint32_t frames; /* how many frames it lasts; 0: until cleared */
	ecr_time after;	 /* begins so long after it was injected; with a script, after the step
			    before has ended */
	uint32_t after_frames; /* and after so many healthy frames, */
	uint32_t after_polls;  /* and so many good readings of the AL status of poll_slave in OP */
	int poll_slave;
	uint32_t after_answers; /* and so many good answers of a stage out of a slave's mailbox */
	int answer_slave;
	enum ecr_sim_stage answer_stage;
	struct ecr_sim_mailbox_fault mailbox;
	ecr_time lasts; /* ends after that time; 0: by `frames` */
	bool script;	/* begins only when the fault injected before it has ended */
};

/* False when too many wait, or a field is out of range. */
ECR_API bool ecr_sim_inject(struct ecr_sim *sim, ecr_time now, const struct ecr_sim_fault *fault);
ECR_API void ecr_sim_clear_faults(struct ecr_sim *sim);
/* How much later every reply comes, for good; a fault may say another time while it lasts. */
ECR_API void ecr_sim_set_reply_delay(struct ecr_sim *sim, ecr_time delay_ns);
/* ... as it is now. */
ECR_API ecr_time ecr_sim_reply_delay(const struct ecr_sim *sim);
/* Number of faults that last or wait; the text says which, one a line. */
ECR_API int ecr_sim_faults(const struct ecr_sim *sim, char *text, size_t size);

/*
 * Faults as sentences:
 *
 *   [at TIME | after TIME | after N frames | after N polls of SLAVE | after N STAGE of SLAVE]... FAULT
 *   [for TIME | for N frames | once] [then ...]
 *
 * FAULT is one of: drop, wkc +N|-N [of COMMAND|SLAVE], disconnect SLAVE, break SLAVE [port N],
 * unplug SLAVE, plug SLAVE [into SLAVE [port N]],
 * power-off SLAVE, power-cycle SLAVE, retreat SLAVE, al-error SLAVE CODE, refuse SLAVE [STATE] CODE,
 * stick SLAVE, corrupt SLAVE [port N], and for replies lose, truncate, mistype, misindex, replay,
 * delay TIME; and `mailbox KIND SLAVE [with VALUE] [in STAGE] [object INDEX [sub N]] [for N times]`, of
 * KIND abort, silence, counter, toggle, type, service, payload, command, padding or segment-command,
 * and STAGE request, upload, upload-segment, download, download-segment or info. A slave is a name or #N from 0. Without an end a fault lasts until it is cleared.
 * `at` and `after` count from now, behind `then` from the end of the step before.
 */
/* The sentence's steps, for ecr_sim_inject one after the other; -1 when it cannot be understood: the
 * error says what, where and what is wanted. */
ECR_API int ecr_sim_parse_fault(const struct ecr_sim *sim, const char *sentence,
				struct ecr_sim_fault *faults, int room, char *error, size_t size);
/* One step as a sentence that is read back as the same fault. False when it did not fit. */
ECR_API bool ecr_sim_print_fault(const struct ecr_sim *sim, const struct ecr_sim_fault *fault,
				 char *text, size_t size);
/* Reads and injects all steps, or none; also "heal", which clears all faults, and
 * "heal SLAVE", which clears those of one slave. */
ECR_API bool ecr_sim_say(struct ecr_sim *sim, ecr_time now, const char *sentence, char *error,
			 size_t size);

struct ecr_master;
/* ecr_sim_say to the ring that a session runs against (ecr_config.simulator), in its own thread.
 * INVALID_ARGUMENT: the text says why. With NULL for the sentence the text is the listing of
 * ecr_sim_faults and the result their number. NOT_STARTED; INVALID_OPTIONS without a simulator. */
ECR_API int ecr_tell_simulator(struct ecr_master *master, const char *sentence, char *text,
			       size_t size);

#ifdef __cplusplus
}
#endif
#endif
