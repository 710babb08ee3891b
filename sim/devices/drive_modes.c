/* SPDX-License-Identifier: Apache-2.0 */
/* Modes of operation: where the demand goes, step by step (IEC 61800-7-201, 9 to 14). */
#include "sim/devices/drive.h"

#define NO_WINDOW 0xFFFFFFFF

static int64_t get(const struct ecr_sim_app *app, uint16_t index)
{
	return ecr_sim_app_get(app, index, 0);
}

static int64_t magnitude(int64_t value)
{
	return value < 0 ? -value : value;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* From the demand to a position as the master counts it, the short way round (Q16). */
static int64_t way_to(const struct drive *drive, int64_t position)
{
	int64_t whole = drive_whole(drive->demand);

	return (int64_t)drive_wrap(position - whole) * DRIVE_Q16 -
	       (drive->demand - whole * DRIVE_Q16);
}

void drive_mode_begin(struct ecr_sim_app *app, struct drive *drive, int8_t mode)
{
	drive->mode = mode;
	drive->demand = drive_actual(drive);
	drive->demand_speed = drive->speed;
	drive->last_target = drive_wrap(drive_whole(drive->demand));
	drive->steps_left = 0;
	drive->moves = drive->has_next = drive->taken = false;
	drive->goal = drive->demand;
	drive->homing = DRIVE_IDLE;
	drive->lagging = drive->settled = 0;
	drive->reached = false;
	drive->sum = 0;
	ecr_sim_app_set(app, ECR_402_MODE_DISPLAY, 0, mode);
}

/* Interpolation time period: subindex 1 in units of ten to the power of subindex 2 seconds. */
static uint32_t steps_per_target(const struct ecr_sim_app *app)
{
	int64_t units = ecr_sim_app_get(app, ECR_402_INTERPOLATION_PERIOD, 1);
	int64_t power = ecr_sim_app_get(app, ECR_402_INTERPOLATION_PERIOD, 2);
	int64_t ns = units * ECR_S(1);

	for (; power < 0; power++)
		ns /= 10;
	return ns < 2 * DRIVE_STEP_NS ? 1 : (uint32_t)least(ns / DRIVE_STEP_NS, 4096);
}

static void cyclic_position(struct ecr_sim_app *app, struct drive *drive)
{
	int32_t target = (int32_t)get(app, ECR_402_TARGET_POSITION);
	int64_t part;

	drive->control = DRIVE_BY_POSITION;
	if (target != drive->last_target) {
		drive->last_target = target;
		drive->steps_left = steps_per_target(app);
	}
	if (!drive->steps_left) {
		drive->demand_speed = 0;
		return;
	}
	part = way_to(drive, target) / drive->steps_left--;
	drive->demand += part;
	drive->demand_speed = part * DRIVE_STEPS_PER_S;
}

static void cyclic_velocity(struct ecr_sim_app *app, struct drive *drive)
{
	drive->control = DRIVE_BY_VELOCITY;
	drive->demand_speed =
		(get(app, ECR_402_TARGET_VELOCITY) + get(app, ECR_402_VELOCITY_OFFSET)) * DRIVE_Q16;
	drive->demand = drive_actual(drive);
}

static void cyclic_torque(struct ecr_sim_app *app, struct drive *drive)
{
	drive->control = DRIVE_BY_TORQUE;
	drive->demand_push = (get(app, ECR_402_TARGET_TORQUE) + get(app, ECR_402_TORQUE_OFFSET)) *
			     (DRIVE_RATED_ACCELERATION / 1000);
	drive->demand_speed = drive->speed;
	drive->demand = drive_actual(drive);
}

static void profile_velocity(struct ecr_sim_app *app, struct drive *drive)
{
	bool halt = drive->word & ECR_402_CONTROL_HALT;
	int64_t target = halt ? 0 : get(app, ECR_402_TARGET_VELOCITY) * DRIVE_Q16;
	bool brakes = magnitude(target) < magnitude(drive->demand_speed);

	drive->control = DRIVE_BY_VELOCITY;
	drive_ramp(drive, target,
		   get(app, brakes ? ECR_402_PROFILE_DECELERATION : ECR_402_PROFILE_ACCELERATION));
	drive->demand = drive_actual(drive);
	drive->reached =
		magnitude(drive->speed - target) <= get(app, ECR_402_VELOCITY_WINDOW) * DRIVE_Q16;
}

static int64_t square_root(uint64_t value)
{
	uint64_t root = 0;

	for (uint64_t bit = 1ull << 31; bit; bit >>= 1)
		if ((root | bit) * (root | bit) <= value)
			root |= bit;
	return (int64_t)root;
}

/* A set-point is taken on the edge of its bit, at once or behind the one under way, for which there
 * is room for one; it stays acknowledged as long as the bit is set. */
static void take_set_point(struct ecr_sim_app *app, struct drive *drive)
{
	bool at_once = !drive->moves || (drive->word & ECR_402_CONTROL_AT_ONCE);
	int64_t target = get(app, ECR_402_TARGET_POSITION);
	int64_t from = drive->has_next ? drive->next_goal : drive->goal;
	int64_t goal = drive->word & ECR_402_CONTROL_RELATIVE
			       ? from + target * DRIVE_Q16
			       : drive->demand + way_to(drive, target);

	if (!(drive->word & ECR_402_CONTROL_START))
		drive->taken = false;
	if (!(drive->rising & ECR_402_CONTROL_START) || (drive->has_next && !at_once))
		return;
	drive->taken = true;
	drive->reached = false;
	drive->settled = 0;
	if (at_once) {
		drive->goal = goal;
		drive->has_next = false;
		drive->moves = true;
	} else {
		drive->next_goal = goal;
		drive->has_next = true;
	}
}

static void arrive(struct drive *drive)
{
	drive->demand = drive->goal;
	drive->demand_speed = 0;
	drive->moves = drive->has_next;
	if (drive->has_next)
		drive->goal = drive->next_goal;
	drive->has_next = false;
}

/* As fast as the profile allows, and as it can still stop at the goal. */
static void approach(struct ecr_sim_app *app, struct drive *drive)
{
	int64_t slow_down = get(app, ECR_402_PROFILE_DECELERATION);
	int64_t way = drive->goal - drive->demand;
	uint64_t whole = (uint64_t)least((magnitude(way) + DRIVE_Q16 - 1) / DRIVE_Q16, INT32_MAX);
	int64_t speed = least(get(app, ECR_402_PROFILE_VELOCITY),
			      square_root(2 * (uint64_t)slow_down * whole)) *
			DRIVE_Q16;
	int64_t target = way < 0 ? -speed : speed;
	bool brakes = magnitude(drive->demand_speed) > speed;

	drive_ramp(drive, target, brakes ? 2 * slow_down : get(app, ECR_402_PROFILE_ACCELERATION));
	if (magnitude(way) <= magnitude(drive->demand_speed / DRIVE_STEPS_PER_S) &&
	    (way < 0) == (drive->demand_speed < 0))
		arrive(drive);
	else
		drive->demand += drive->demand_speed / DRIVE_STEPS_PER_S;
}

static void profile_position(struct ecr_sim_app *app, struct drive *drive)
{
	int64_t away = magnitude(drive->goal - drive_actual(drive)) / DRIVE_Q16;
	bool halt = drive->word & ECR_402_CONTROL_HALT;

	drive->control = DRIVE_BY_POSITION;
	take_set_point(app, drive);
	if (halt || !drive->moves) {
		drive_ramp(drive, 0, get(app, ECR_402_PROFILE_DECELERATION));
		drive->demand += drive->demand_speed / DRIVE_STEPS_PER_S;
	} else {
		approach(app, drive);
	}
	if (drive->moves || away > get(app, ECR_402_POSITION_WINDOW))
		drive->settled = 0;
	else
		drive->settled += DRIVE_STEP_NS;
	drive->reached = halt ? drive->demand_speed == 0
			      : drive->settled > ECR_MS(get(app, ECR_402_POSITION_WINDOW_TIME));
}

/* Too far from the demand for too long is a fault (IEC 61800-7-201, following error). */
static bool watch_following(struct ecr_sim_app *app, struct drive *drive)
{
	int64_t window = get(app, ECR_402_FOLLOWING_WINDOW);
	int64_t error = magnitude(drive->demand - drive_actual(drive)) / DRIVE_Q16;

	drive->lag = drive->control == DRIVE_BY_POSITION && window != NO_WINDOW && error > window;
	drive->lagging = drive->lag ? drive->lagging + DRIVE_STEP_NS : 0;
	return drive->lag && drive->lagging > ECR_MS(get(app, ECR_402_FOLLOWING_TIMEOUT));
}

bool drive_mode_step(struct ecr_sim_app *app, struct drive *drive)
{
	switch (drive->mode) {
	case ECR_402_PP:
		profile_position(app, drive);
		break;
	case ECR_402_PV:
		profile_velocity(app, drive);
		break;
	case ECR_402_HM:
		drive->control = DRIVE_BY_POSITION;
		drive_homing_step(app, drive);
		drive->demand += drive->demand_speed / DRIVE_STEPS_PER_S;
		break;
	case ECR_402_CSP:
		cyclic_position(app, drive);
		break;
	case ECR_402_CSV:
		cyclic_velocity(app, drive);
		break;
	case ECR_402_CST:
		cyclic_torque(app, drive);
		break;
	default:
		drive->control = DRIVE_BY_VELOCITY;
		drive->demand_speed = 0;
		break;
	}
	return watch_following(app, drive);
}

uint16_t drive_mode_status(const struct drive *drive)
{
	uint16_t reached = drive->reached ? ECR_402_STATUS_REACHED : 0;
	uint16_t lag = drive->lag ? ECR_402_STATUS_FOLLOWING_ERROR : 0;

	if (drive->mode == ECR_402_HM)
		return (uint16_t)((drive->homing == DRIVE_IDLE ? ECR_402_STATUS_REACHED : 0) |
				  (drive->at_home ? ECR_402_STATUS_ATTAINED : 0) |
				  (drive->homing_failed ? ECR_402_STATUS_HOMING_ERROR : 0));
	if (drive->state != DRIVE_ENABLED)
		return 0;
	switch (drive->mode) {
	case ECR_402_PP:
		return (uint16_t)(reached | lag | (drive->taken ? ECR_402_STATUS_ACKNOWLEDGED : 0));
	case ECR_402_PV:
		return reached;
	case ECR_402_CSP:
	case ECR_402_CSV:
	case ECR_402_CST:
		return (uint16_t)(lag | ECR_402_STATUS_FOLLOWS);
	default:
		return 0;
	}
}
