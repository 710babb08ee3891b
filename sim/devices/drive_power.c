/* SPDX-License-Identifier: Apache-2.0 */
/* The power drive system's state machine (IEC 61800-7-201, 6.3), as a table. */
#include "sim/devices/drive.h"

#define POWER_UP_NS ECR_MS(10)
#define ERROR_REGISTER 0x1001u
#define ERROR_OF_PROFILE 0x21u /* generic, and specific to the device profile */

enum command {
	NO_COMMAND,
	SHUTDOWN,
	SWITCH_ON,
	ENABLE,
	DISABLE_VOLTAGE,
	QUICK_STOP,
	COMMANDS,
};

/* Quick stop option code, 0x605A */
enum { COAST = 0, RAMP_AND_STAY = 6 };

static const uint8_t next[DRIVE_FAULT + 1][COMMANDS] = {
	[DRIVE_DISABLED] = { [SHUTDOWN] = DRIVE_READY },
	[DRIVE_READY] = { [SWITCH_ON] = DRIVE_SWITCHED_ON,
			  [ENABLE] = DRIVE_SWITCHED_ON,
			  [DISABLE_VOLTAGE] = DRIVE_DISABLED,
			  [QUICK_STOP] = DRIVE_DISABLED },
	[DRIVE_SWITCHED_ON] = { [SHUTDOWN] = DRIVE_READY,
				[ENABLE] = DRIVE_ENABLED,
				[DISABLE_VOLTAGE] = DRIVE_DISABLED,
				[QUICK_STOP] = DRIVE_DISABLED },
	[DRIVE_ENABLED] = { [SHUTDOWN] = DRIVE_READY,
			    [SWITCH_ON] = DRIVE_SWITCHED_ON,
			    [DISABLE_VOLTAGE] = DRIVE_DISABLED,
			    [QUICK_STOP] = DRIVE_QUICK_STOP },
	[DRIVE_QUICK_STOP] = { [ENABLE] = DRIVE_ENABLED, [DISABLE_VOLTAGE] = DRIVE_DISABLED },
};

static enum command command_of(uint16_t word)
{
	if (word & ECR_402_CONTROL_FAULT_RESET)
		return NO_COMMAND;
	if (!(word & ECR_402_CONTROL_VOLTAGE))
		return DISABLE_VOLTAGE;
	if (!(word & ECR_402_CONTROL_NO_QUICK_STOP))
		return QUICK_STOP;
	if (!(word & ECR_402_CONTROL_SWITCH_ON))
		return SHUTDOWN;
	return word & ECR_402_CONTROL_ENABLE ? ENABLE : SWITCH_ON;
}

static void enter(struct ecr_sim_app *app, struct drive *drive, uint8_t state)
{
	if (state == drive->state)
		return;
	drive->state = state;
	drive->lag = drive->reached = false;
	switch (state) {
	case DRIVE_ENABLED:
		drive_mode_begin(app, drive, drive->mode);
		break;
	case DRIVE_QUICK_STOP:
	case DRIVE_REACTION:
		drive->control = DRIVE_BY_VELOCITY;
		drive->demand_speed = drive->speed;
		break;
	default:
		drive->control = DRIVE_BRAKE;
		break;
	}
}

void drive_fail(struct ecr_sim_app *app, struct drive *drive, uint16_t code)
{
	struct ecr_emergency emergency = { .code = code, .error_register = ERROR_OF_PROFILE };
	bool moving = drive->state == DRIVE_ENABLED || drive->state == DRIVE_QUICK_STOP;

	if (drive->state >= DRIVE_REACTION)
		return;
	drive->fault = code;
	ecr_sim_app_set(app, ECR_402_ERROR_CODE, 0, code);
	ecr_sim_app_set(app, ERROR_REGISTER, 0, ERROR_OF_PROFILE);
	ecr_sim_app_emergency(app, &emergency);
	enter(app, drive, moving ? DRIVE_REACTION : DRIVE_FAULT);
}

static void reset_fault(struct ecr_sim_app *app, struct drive *drive)
{
	struct ecr_emergency emergency = { 0 };

	drive->fault = 0;
	ecr_sim_app_set(app, ECR_402_ERROR_CODE, 0, 0);
	ecr_sim_app_set(app, ERROR_REGISTER, 0, 0);
	ecr_sim_app_emergency(app, &emergency);
	enter(app, drive, DRIVE_DISABLED);
}

/* Down to rest, and then to `after`. */
static void stop(struct ecr_sim_app *app, struct drive *drive, uint8_t after)
{
	int64_t rate = ecr_sim_app_get(app, ECR_402_QUICK_STOP_DECELERATION, 0);

	if (drive_ramp(drive, 0, rate))
		enter(app, drive, after);
}

static void stop_quickly(struct ecr_sim_app *app, struct drive *drive)
{
	int64_t option = ecr_sim_app_get(app, ECR_402_QUICK_STOP_OPTION, 0);

	if (option == COAST)
		enter(app, drive, DRIVE_DISABLED);
	else
		stop(app, drive, option == RAMP_AND_STAY ? DRIVE_QUICK_STOP : DRIVE_DISABLED);
}

/* Without valid outputs nobody commands: a drive under power stops with a fault. */
static void lose_master(struct ecr_sim_app *app, struct drive *drive)
{
	if (drive->state == DRIVE_ENABLED || drive->state == DRIVE_QUICK_STOP)
		drive_fail(app, drive, DRIVE_FAULT_COMMUNICATION);
	else if (drive->state < DRIVE_REACTION)
		enter(app, drive, DRIVE_DISABLED);
}

static void obey(struct ecr_sim_app *app, struct drive *drive)
{
	uint8_t state = next[drive->state][command_of(drive->word)];

	/* Back from a quick stop only where it is made to stay. */
	if (drive->state == DRIVE_QUICK_STOP && state == DRIVE_ENABLED &&
	    ecr_sim_app_get(app, ECR_402_QUICK_STOP_OPTION, 0) != RAMP_AND_STAY)
		return;
	if (state)
		enter(app, drive, state);
}

void drive_power_step(struct ecr_sim_app *app, struct drive *drive)
{
	int64_t injected = ecr_sim_app_get(app, DRIVE_MACHINE, DRIVE_INJECTED);

	if (drive->state == DRIVE_NOT_READY) {
		drive->up += DRIVE_STEP_NS;
		if (drive->up >= POWER_UP_NS)
			enter(app, drive, DRIVE_DISABLED);
		return;
	}
	if (injected)
		drive_fail(app, drive, (uint16_t)injected);
	if (drive->state == DRIVE_REACTION)
		stop(app, drive, DRIVE_FAULT);
	else if (drive->state == DRIVE_FAULT && (drive->rising & ECR_402_CONTROL_FAULT_RESET) &&
		 !injected)
		reset_fault(app, drive);
	else if (!ecr_sim_app_outputs_valid(app))
		lose_master(app, drive);
	else
		obey(app, drive);
	if (drive->state == DRIVE_QUICK_STOP)
		stop_quickly(app, drive);
}

#define READY (ECR_402_STATUS_READY | ECR_402_STATUS_VOLTAGE)
#define SWITCHED_ON (READY | ECR_402_STATUS_SWITCHED_ON)
#define ENABLED (SWITCHED_ON | ECR_402_STATUS_ENABLED)

uint16_t drive_power_status(const struct drive *drive)
{
	static const uint16_t words[] = {
		[DRIVE_NOT_READY] = 0,
		[DRIVE_DISABLED] = ECR_402_STATUS_DISABLED,
		[DRIVE_READY] = READY | ECR_402_STATUS_NO_QUICK_STOP,
		[DRIVE_SWITCHED_ON] = SWITCHED_ON | ECR_402_STATUS_NO_QUICK_STOP,
		[DRIVE_ENABLED] = ENABLED | ECR_402_STATUS_NO_QUICK_STOP,
		[DRIVE_QUICK_STOP] = ENABLED,
		[DRIVE_REACTION] = ENABLED | ECR_402_STATUS_FAULT,
		[DRIVE_FAULT] = ECR_402_STATUS_FAULT,
	};

	return words[drive->state];
}
