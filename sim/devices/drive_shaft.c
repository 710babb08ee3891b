/* SPDX-License-Identifier: Apache-2.0 */
/* Position and velocity controller, the motor, and the mass with its friction, load, brake and jam. */
#include "sim/devices/drive.h"

#define PROPORTIONAL 1000 /* velocity controller, 1/s */
#define INTEGRAL 50000	  /* 1/s^2 */
#define POSITION_GAIN 50  /* 1/s */
#define FRICTION 10	  /* 1/s: what the rated torque moves at 500000 inc/s */
#define BRAKE 20000000	  /* inc/s^2 */
#define TOP_SPEED 600000  /* inc/s */
#define PER_MILLE (DRIVE_RATED_ACCELERATION / 1000)

int32_t drive_wrap(int64_t value)
{
	uint32_t bits = (uint32_t)value;

	return bits <= INT32_MAX ? (int32_t)bits : -(int32_t)(UINT32_MAX - bits) - 1;
}

int64_t drive_whole(int64_t value)
{
	return value < 0 ? -((DRIVE_Q16 - 1 - value) / DRIVE_Q16) : value / DRIVE_Q16;
}

int64_t drive_actual(const struct drive *drive)
{
	return drive->place + drive->zero;
}

bool drive_at_low_switch(const struct drive *drive)
{
	return drive->place <= -(int64_t)DRIVE_TRAVEL * DRIVE_Q16;
}

bool drive_at_high_switch(const struct drive *drive)
{
	return drive->place >= (int64_t)DRIVE_TRAVEL * DRIVE_Q16;
}

static int64_t within(int64_t value, int64_t limit)
{
	if (value > limit)
		return limit;
	return value < -limit ? -limit : value;
}

bool drive_ramp(struct drive *drive, int64_t speed, int64_t rate)
{
	int64_t change = rate * DRIVE_Q16 / DRIVE_STEPS_PER_S;

	drive->demand_speed += within(speed - drive->demand_speed, change);
	return drive->demand_speed == speed;
}

/* Acceleration for that speed (Q16). What is out of the motor's reach is not summed up. */
static int64_t by_velocity(struct drive *drive, int64_t speed, int64_t limit)
{
	int64_t error = within(speed, (int64_t)TOP_SPEED * DRIVE_Q16) - drive->speed;
	int64_t wanted = (error * PROPORTIONAL + drive->sum) / DRIVE_Q16;
	int64_t given = within(wanted, limit);

	drive->limited = given != wanted;
	if (!drive->limited)
		drive->sum += error * INTEGRAL / DRIVE_STEPS_PER_S;
	return given;
}

static int64_t motor(struct ecr_sim_app *app, struct drive *drive)
{
	int64_t limit = ecr_sim_app_get(app, ECR_402_MAX_TORQUE, 0) * PER_MILLE;
	int64_t speed = drive->demand_speed;

	switch (drive->control) {
	case DRIVE_BY_POSITION:
		speed += (drive->demand - drive_actual(drive)) * POSITION_GAIN;
		return by_velocity(drive, speed, limit);
	case DRIVE_BY_VELOCITY:
		return by_velocity(drive, speed, limit);
	case DRIVE_BY_TORQUE:
		drive->sum = 0;
		drive->limited = within(drive->demand_push, limit) != drive->demand_push;
		return within(drive->demand_push, limit);
	default:
		drive->sum = 0;
		drive->limited = false;
		return 0;
	}
}

static void brake(struct drive *drive)
{
	int64_t change = (int64_t)BRAKE * DRIVE_Q16 / DRIVE_STEPS_PER_S;

	drive->speed -= within(drive->speed, change);
}

void drive_shaft_step(struct ecr_sim_app *app, struct drive *drive)
{
	int64_t load = ecr_sim_app_get(app, DRIVE_MACHINE, DRIVE_LOAD) * PER_MILLE;
	int64_t friction = drive->speed * FRICTION / DRIVE_Q16;

	drive->push = motor(app, drive);
	if (drive->control == DRIVE_BRAKE)
		brake(drive);
	else
		drive->speed += (drive->push + load - friction) * DRIVE_Q16 / DRIVE_STEPS_PER_S;
	if (ecr_sim_app_get(app, DRIVE_MACHINE, DRIVE_BLOCKED))
		drive->speed = 0;
	drive->place += drive->speed / DRIVE_STEPS_PER_S;
}
