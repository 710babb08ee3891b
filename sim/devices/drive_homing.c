/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Homing (IEC 61800-7-201, 11): to a limit switch and back until it opens (17, 18), to the next index
 * pulse (33, 34), or here (35, 37). Home is where the switch or the pulse is, however late it is seen.
 */
#include "sim/devices/drive.h"

enum way { TO_SWITCH, TO_INDEX, HERE };

struct method {
	int8_t number;
	int8_t direction;
	uint8_t way;
};

static const struct method methods[] = {
	{ 17, -1, TO_SWITCH }, { 18, 1, TO_SWITCH }, { 33, -1, TO_INDEX },
	{ 34, 1, TO_INDEX },   { 35, 0, HERE },	     { 37, 0, HERE },
};

static const struct method *method_of(int64_t number)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (methods[i].number == number)
			return &methods[i];
	return NULL;
}

bool drive_homing_known(int64_t method)
{
	return method_of(method) != NULL;
}

static int64_t speed_of(const struct ecr_sim_app *app, uint8_t subindex, int direction)
{
	return ecr_sim_app_get(app, ECR_402_HOMING_SPEEDS, subindex) * direction * DRIVE_Q16;
}

static int64_t rate_of(const struct ecr_sim_app *app)
{
	return ecr_sim_app_get(app, ECR_402_HOMING_ACCELERATION, 0);
}

/* From now on that place has the home offset as its position. */
static void found(struct ecr_sim_app *app, struct drive *drive, int64_t place)
{
	int64_t zero = ecr_sim_app_get(app, ECR_402_HOME_OFFSET, 0) * DRIVE_Q16 - place;

	drive->demand += zero - drive->zero;
	drive->zero = zero;
	drive->at_home = true;
	drive->homing = DRIVE_STOPPING;
}

static bool at_switch(const struct drive *drive, int direction)
{
	return direction < 0 ? drive_at_low_switch(drive) : drive_at_high_switch(drive);
}

/* The turn whose index pulse the axis has passed last. */
static int64_t turn(int64_t place)
{
	int64_t length = (int64_t)DRIVE_RESOLUTION * DRIVE_Q16;
	int64_t from = place - (int64_t)DRIVE_INDEX * DRIVE_Q16;

	return from < 0 ? -((length - 1 - from) / length) : from / length;
}

static void seek_index(struct ecr_sim_app *app, struct drive *drive, int direction)
{
	int64_t before = turn(drive->place - drive->speed / DRIVE_STEPS_PER_S);
	int64_t now = turn(drive->place);

	drive_ramp(drive, speed_of(app, 2, direction), rate_of(app));
	if (now != before)
		found(app, drive,
		      ((now > before ? now : before) * DRIVE_RESOLUTION + DRIVE_INDEX) * DRIVE_Q16);
}

static void begin(struct ecr_sim_app *app, struct drive *drive, const struct method *method)
{
	drive->at_home = false;
	drive->homing_failed = !method;
	if (!method)
		return;
	if (method->way == HERE)
		found(app, drive, drive->place);
	else
		drive->homing = method->way == TO_SWITCH ? DRIVE_SEARCH : DRIVE_INDEX_SEARCH;
}

void drive_homing_step(struct ecr_sim_app *app, struct drive *drive)
{
	const struct method *method = method_of(ecr_sim_app_get(app, ECR_402_HOMING_METHOD, 0));
	int direction = method ? method->direction : 0;

	if (drive->rising & ECR_402_CONTROL_START)
		begin(app, drive, method);
	else if (!(drive->word & ECR_402_CONTROL_START) || (drive->word & ECR_402_CONTROL_HALT))
		drive->homing = drive->homing == DRIVE_IDLE ? DRIVE_IDLE : DRIVE_STOPPING;
	switch (drive->homing) {
	case DRIVE_SEARCH:
		drive_ramp(drive, speed_of(app, 1, direction), rate_of(app));
		if (at_switch(drive, direction))
			drive->homing = DRIVE_BACK;
		break;
	case DRIVE_BACK:
		drive_ramp(drive, speed_of(app, 2, -direction), rate_of(app));
		if (!at_switch(drive, direction))
			found(app, drive, (int64_t)direction * DRIVE_TRAVEL * DRIVE_Q16);
		break;
	case DRIVE_INDEX_SEARCH:
		seek_index(app, drive, direction);
		break;
	case DRIVE_STOPPING:
		if (drive_ramp(drive, 0, rate_of(app)))
			drive->homing = DRIVE_IDLE;
		break;
	default:
		drive_ramp(drive, 0, rate_of(app));
		break;
	}
}
