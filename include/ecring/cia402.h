/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drives by CiA 402 (IEC 61800-7-201): the objects' numbers, and small helpers for an application
 * that moves one: from status word to state, from a wanted state to the next control word, homing,
 * set-points, units. All functions are pure: no memory, no clock, any thread; call them in the cyclic
 * hook with what came and what is to be sent.
 */
#ifndef ECRING_CIA402_H
#define ECRING_CIA402_H

#include <ecring/driver.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Objects. */
#define ECR_402_ABORT_OPTION 0x6007u
#define ECR_402_ERROR_CODE 0x603Fu
#define ECR_402_CONTROLWORD 0x6040u
#define ECR_402_STATUSWORD 0x6041u
#define ECR_402_QUICK_STOP_OPTION 0x605Au
#define ECR_402_MODE 0x6060u
#define ECR_402_MODE_DISPLAY 0x6061u
#define ECR_402_POSITION_DEMAND 0x6062u
#define ECR_402_POSITION_ACTUAL 0x6064u
#define ECR_402_FOLLOWING_WINDOW 0x6065u
#define ECR_402_FOLLOWING_TIMEOUT 0x6066u
#define ECR_402_POSITION_WINDOW 0x6067u
#define ECR_402_POSITION_WINDOW_TIME 0x6068u
#define ECR_402_VELOCITY_DEMAND 0x606Bu
#define ECR_402_VELOCITY_ACTUAL 0x606Cu
#define ECR_402_VELOCITY_WINDOW 0x606Du
#define ECR_402_TARGET_TORQUE 0x6071u
#define ECR_402_MAX_TORQUE 0x6072u
#define ECR_402_TORQUE_DEMAND 0x6074u
#define ECR_402_TORQUE_ACTUAL 0x6077u
#define ECR_402_TARGET_POSITION 0x607Au
#define ECR_402_HOME_OFFSET 0x607Cu
#define ECR_402_MAX_MOTOR_SPEED 0x6080u
#define ECR_402_PROFILE_VELOCITY 0x6081u
#define ECR_402_PROFILE_ACCELERATION 0x6083u
#define ECR_402_PROFILE_DECELERATION 0x6084u
#define ECR_402_QUICK_STOP_DECELERATION 0x6085u
#define ECR_402_ENCODER_RESOLUTION 0x608Fu
#define ECR_402_HOMING_METHOD 0x6098u
#define ECR_402_HOMING_SPEEDS 0x6099u
#define ECR_402_HOMING_ACCELERATION 0x609Au
#define ECR_402_VELOCITY_OFFSET 0x60B1u
#define ECR_402_TORQUE_OFFSET 0x60B2u
#define ECR_402_INTERPOLATION_PERIOD 0x60C2u
#define ECR_402_HOMING_METHODS 0x60E3u
#define ECR_402_FOLLOWING_ERROR 0x60F4u
#define ECR_402_DIGITAL_INPUTS 0x60FDu
#define ECR_402_TARGET_VELOCITY 0x60FFu
#define ECR_402_MODES_SUPPORTED 0x6502u

/* Bits of the control word. */
#define ECR_402_CONTROL_SWITCH_ON 0x0001u
#define ECR_402_CONTROL_VOLTAGE 0x0002u
#define ECR_402_CONTROL_NO_QUICK_STOP 0x0004u
#define ECR_402_CONTROL_ENABLE 0x0008u
#define ECR_402_CONTROL_STATE_MASK 0x008Fu /* those that say which state is wanted */
#define ECR_402_CONTROL_START 0x0010u	   /* pp: new set-point; hm: homing starts */
#define ECR_402_CONTROL_AT_ONCE 0x0020u	   /* pp: the new set-point replaces the one under way */
#define ECR_402_CONTROL_RELATIVE 0x0040u   /* pp */
#define ECR_402_CONTROL_FAULT_RESET 0x0080u
#define ECR_402_CONTROL_HALT 0x0100u

/* Bits of the status word: those of the state, */
#define ECR_402_STATUS_READY 0x0001u
#define ECR_402_STATUS_SWITCHED_ON 0x0002u
#define ECR_402_STATUS_ENABLED 0x0004u
#define ECR_402_STATUS_FAULT 0x0008u
#define ECR_402_STATUS_NO_QUICK_STOP 0x0020u
#define ECR_402_STATUS_DISABLED 0x0040u /* switch on disabled */
/* and the others. */
#define ECR_402_STATUS_VOLTAGE 0x0010u
#define ECR_402_STATUS_WARNING 0x0080u
#define ECR_402_STATUS_REMOTE 0x0200u
#define ECR_402_STATUS_REACHED 0x0400u
#define ECR_402_STATUS_LIMIT 0x0800u
#define ECR_402_STATUS_ACKNOWLEDGED 0x1000u    /* pp: the set-point was taken */
#define ECR_402_STATUS_FOLLOWS 0x1000u	       /* csp, csv, cst: it does what is commanded */
#define ECR_402_STATUS_ATTAINED 0x1000u	       /* hm: it is at home */
#define ECR_402_STATUS_FOLLOWING_ERROR 0x2000u /* pp, csp */
#define ECR_402_STATUS_HOMING_ERROR 0x2000u

/* Modes of operation (0x6060, 0x6061); the bit of a mode in 0x6502 is its number less one. */
enum ecr_402_mode {
	ECR_402_PP = 1,	  /* profile position */
	ECR_402_PV = 3,	  /* profile velocity */
	ECR_402_HM = 6,	  /* homing */
	ECR_402_CSP = 8,  /* cyclic synchronous position, */
	ECR_402_CSV = 9,  /* velocity, */
	ECR_402_CST = 10, /* torque */
};

/*
 * Signals by the default driver; at PREOP the drive is told how it is synchronised, with SYNC0 or SYNC1
 * as the slave's sync configuration has it, else with the SyncManager's event (0x1C32, 0x1C33), and
 * that a set-point comes every cycle (0x60C2). What a drive does not let be written is left out, and told
 * unless it has that value already.
 */
ECR_API extern const struct ecr_driver ecr_402_driver;

/* The power state machine. */
enum ecr_402_state {
	ECR_402_NOT_READY, /* to switch on; also any status word that no state has */
	ECR_402_DISABLED,  /* switch on disabled */
	ECR_402_READY,	   /* to switch on */
	ECR_402_SWITCHED_ON,
	ECR_402_ENABLED,	/* operation enabled: it moves */
	ECR_402_QUICK_STOP,	/* active */
	ECR_402_FAULT_REACTION, /* active */
	ECR_402_FAULT,
};

ECR_API enum ecr_402_state ecr_402_state_of(uint16_t statusword);
ECR_API const char *ecr_402_state_name(enum ecr_402_state state);

/*
 * The next control word on the way to `goal` (DISABLED, READY, SWITCHED_ON, ENABLED or QUICK_STOP),
 * from the latest status word and the control word sent last; bits that do not say which state is
 * wanted stay as they are. A fault is reset only when `reset` is set, by an edge of its bit: called
 * again in each cycle it tries in every second one. Otherwise a drive in fault stays there.
 */
ECR_API uint16_t ecr_402_walk(uint16_t statusword, uint16_t controlword, enum ecr_402_state goal,
			      bool reset);

/* By 0x6502. */
ECR_API bool ecr_402_mode_supported(uint32_t modes, enum ecr_402_mode mode);
ECR_API const char *ecr_402_mode_name(int mode); /* "csp"; "none" for 0, "unknown" */

/*
 * Profile position: hands a set-point over. Call it in each cycle, with the target already among the
 * outputs, until it returns true; `how` is ECR_402_CONTROL_AT_ONCE, ECR_402_CONTROL_RELATIVE, both or 0.
 */
ECR_API bool ecr_402_set_point(uint16_t statusword, uint16_t *controlword, uint16_t how);

/* Homing starts when ECR_402_CONTROL_START rises in mode hm and goes on while it is set. */
enum ecr_402_homing {
	ECR_402_HOMING_RUNS,
	ECR_402_HOMING_IDLE,  /* not started, or interrupted */
	ECR_402_HOMING_SLOWS, /* home is found, the axis still moves */
	ECR_402_HOMING_DONE,
	ECR_402_HOMING_FAILED,
};

ECR_API enum ecr_402_homing ecr_402_homing_of(uint16_t statusword);

/* What a drive's increments are in the user's units. A field of 0 counts as 1. */
struct ecr_402_units {
	uint32_t increments;  /* of the encoder (0x608F:1) */
	uint32_t revolutions; /* of the motor, in which they are counted (0x608F:2) */
	uint32_t motor_turns; /* of the gear: so many turns of the motor */
	uint32_t shaft_turns; /* are so many of the shaft */
	double feed;	      /* user units a turn of the shaft: 5 mm, 360 degrees */
};

/* Rounded to the nearest; what 32 bits cannot hold becomes the end of their range. */
ECR_API int32_t ecr_402_increments(const struct ecr_402_units *units, double value);
ECR_API double ecr_402_value(const struct ecr_402_units *units, int32_t increments);

/* What an error code (0x603F, and of emergencies) means, its class where the code is not known. */
ECR_API const char *ecr_402_error_text(uint16_t code);

#ifdef __cplusplus
}
#endif
#endif
