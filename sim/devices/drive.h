/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A servo drive by CiA 402 and the axis on its shaft. All is integer arithmetic in steps of a fixed
 * length, so that every machine and compiler computes the same motion. Positions are encoder
 * increments, 10000 a turn; what needs fractions of them has 16 binary places (Q16).
 */
#ifndef SIM_DEVICES_DRIVE_H
#define SIM_DEVICES_DRIVE_H

#include <ecring/cia402.h>
#include <ecring/sim.h>

#define DRIVE_STEPS_PER_S 4000
#define DRIVE_STEP_NS (ECR_S(1) / DRIVE_STEPS_PER_S)
#define DRIVE_Q16 65536
#define DRIVE_RESOLUTION 10000
#define DRIVE_RATED_ACCELERATION 5000000 /* inc/s^2 that the rated torque gives to the mass */
#define DRIVE_TRAVEL 1000000		 /* limit switches, either side of where it starts */
#define DRIVE_INDEX 1234		 /* place of the index pulse in a turn */

#define DRIVE_FAULT_FOLLOWING 0x8611u
#define DRIVE_FAULT_COMMUNICATION 0x7500u

/* Objects of the machine, for the field side: see drive.c. */
#define DRIVE_MACHINE 0x2100u
enum { DRIVE_LOAD = 1, DRIVE_BLOCKED = 2, DRIVE_INJECTED = 3, DRIVE_PLACE = 4 };

enum drive_state {
	DRIVE_NOT_READY,
	DRIVE_DISABLED, /* switch on disabled */
	DRIVE_READY,
	DRIVE_SWITCHED_ON,
	DRIVE_ENABLED,
	DRIVE_QUICK_STOP,
	DRIVE_REACTION,
	DRIVE_FAULT,
};

/* What the shaft is told. */
enum drive_control { DRIVE_BRAKE, DRIVE_BY_POSITION, DRIVE_BY_VELOCITY, DRIVE_BY_TORQUE };

enum drive_homing { DRIVE_IDLE, DRIVE_SEARCH, DRIVE_BACK, DRIVE_INDEX_SEARCH, DRIVE_STOPPING };

struct drive {
	ecr_time at;	      /* simulated up to */
	int64_t place;	      /* of the axis, Q16, from where it was at power-on */
	int64_t speed;	      /* Q16 inc/s */
	int64_t zero;	      /* actual position = place + zero, Q16 */
	int64_t sum;	      /* of the velocity controller, Q16 inc/s^2 */
	int64_t push;	      /* acceleration that the motor gives, inc/s^2 */
	int64_t demand;	      /* position, Q16, in the same coordinates as the actual one */
	int64_t demand_speed; /* Q16 inc/s */
	int64_t demand_push;  /* inc/s^2, DRIVE_BY_TORQUE */
	int64_t goal;	      /* pp: Q16 */
	int64_t next_goal;    /* pp: the one behind it */
	ecr_time lagging;     /* how long the following error has been too large, */
	ecr_time settled;     /* and how long the target has been reached */
	int32_t last_target;  /* csp */
	uint32_t steps_left;  /* csp: until the target is to be reached */
	ecr_time up;	      /* time since power-on, while it is not ready */
	uint16_t word;	      /* control word, */
	uint16_t rising;      /* bits of it that have come since the last step */
	uint16_t fault;
	uint8_t state;	 /* enum drive_state */
	uint8_t control; /* enum drive_control */
	uint8_t homing;	 /* enum drive_homing */
	int8_t mode;
	bool moves;    /* pp: a goal is under way */
	bool has_next; /* pp */
	bool taken;    /* pp: acknowledged */
	bool lag;
	bool reached;
	bool at_home;
	bool homing_failed;
	bool limited; /* the torque is */
};

/* Helpers (drive_shaft.c). */
int32_t drive_wrap(int64_t value);  /* as 32 bits hold it */
int64_t drive_whole(int64_t value); /* increments of a Q16, rounded down */
int64_t drive_actual(const struct drive *drive);
bool drive_at_low_switch(const struct drive *drive);
bool drive_at_high_switch(const struct drive *drive);
/* The demanded speed goes towards `speed` (Q16) by at most `rate` (inc/s^2); true when it is there. */
bool drive_ramp(struct drive *drive, int64_t speed, int64_t rate);
/* Motor and mass go on by a step. */
void drive_shaft_step(struct ecr_sim_app *app, struct drive *drive);

/* Where the demand goes in a step (drive_modes.c, drive_homing.c). */
void drive_mode_begin(struct ecr_sim_app *app, struct drive *drive, int8_t mode);
/* True: the axis has been too far from the demand for too long. */
bool drive_mode_step(struct ecr_sim_app *app, struct drive *drive);
void drive_homing_step(struct ecr_sim_app *app, struct drive *drive);
bool drive_homing_known(int64_t method);
uint16_t drive_mode_status(const struct drive *drive);

/* The power state machine (drive_power.c). */
void drive_power_step(struct ecr_sim_app *app, struct drive *drive);
void drive_fail(struct ecr_sim_app *app, struct drive *drive, uint16_t code);
uint16_t drive_power_status(const struct drive *drive);

#endif
