/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The drive's objects and PDOs. The field side has 0x2100: load in thousandths of the rated torque,
 * a jam, a fault that lasts until it is taken back (its error code), and the axis' place (only read).
 */
#include "sim/devices/drive.h"

#include "sim/devices/terminal.h"
#include "wire/coe_types.h"
#include "wire/esc.h"
#include "wire/sdo_abort.h"

#define PRODUCT 0x0402u
#define DEVICE_TYPE 0x00020192u /* servo drive, profile 402 */
#define LONGEST_GAP ECR_S(1)	/* of time without a frame that is simulated in full */
#define DETAILS \
	(ECR_SII_COE_SDO | ECR_SII_COE_SDO_INFO | ECR_SII_COE_PDO_ASSIGN | \
	 ECR_SII_COE_PDO_CONFIG | ECR_SII_COE_COMPLETE_ACCESS)
#define MODES_SUPPORTED 0x03A5u /* pp, pv, hm, csp, csv, cst */

#define CONTROL \
	{ \
		ECR_402_CONTROLWORD, 0, 16, ECR_COE_TYPE_UNSIGNED16, "Controlword" \
	}
#define STATUS \
	{ \
		ECR_402_STATUSWORD, 0, 16, ECR_COE_TYPE_UNSIGNED16, "Statusword" \
	}
#define TO_POSITION \
	{ \
		ECR_402_TARGET_POSITION, 0, 32, ECR_COE_TYPE_INTEGER32, "Target position" \
	}
#define TO_VELOCITY \
	{ \
		ECR_402_TARGET_VELOCITY, 0, 32, ECR_COE_TYPE_INTEGER32, "Target velocity" \
	}
#define TO_TORQUE \
	{ \
		ECR_402_TARGET_TORQUE, 0, 16, ECR_COE_TYPE_INTEGER16, "Target torque" \
	}
#define POSITION \
	{ \
		ECR_402_POSITION_ACTUAL, 0, 32, ECR_COE_TYPE_INTEGER32, "Position actual value" \
	}
#define VELOCITY \
	{ \
		ECR_402_VELOCITY_ACTUAL, 0, 32, ECR_COE_TYPE_INTEGER32, "Velocity actual value" \
	}
#define TORQUE \
	{ \
		ECR_402_TORQUE_ACTUAL, 0, 16, ECR_COE_TYPE_INTEGER16, "Torque actual value" \
	}
#define PADDING \
	{ \
		0, 0, 8, 0, NULL \
	}

static const struct sim_pdo_entry all_out[] = {
	CONTROL,
	TO_POSITION,
	TO_VELOCITY,
	TO_TORQUE,
	{ ECR_402_MODE, 0, 8, ECR_COE_TYPE_INTEGER8, "Modes of operation" },
	PADDING,
};
static const struct sim_pdo_entry all_in[] = {
	STATUS,
	POSITION,
	VELOCITY,
	TORQUE,
	{ ECR_402_MODE_DISPLAY, 0, 8, ECR_COE_TYPE_INTEGER8, "Modes of operation display" },
	PADDING,
};
static const struct sim_pdo_entry position_out[] = { CONTROL, TO_POSITION };
static const struct sim_pdo_entry position_in[] = { STATUS, POSITION };
static const struct sim_pdo_entry velocity_out[] = { CONTROL, TO_VELOCITY };
static const struct sim_pdo_entry velocity_in[] = { STATUS, POSITION, VELOCITY };
static const struct sim_pdo_entry torque_out[] = { CONTROL, TO_TORQUE };
static const struct sim_pdo_entry torque_in[] = { STATUS, POSITION, TORQUE };
static const struct sim_pdo pdos[] = {
	{ 0x1600, 2, 6, all_out, "Outputs" },
	{ 0x1601, SIM_NOT_ASSIGNED, 2, position_out, "Position outputs" },
	{ 0x1602, SIM_NOT_ASSIGNED, 2, velocity_out, "Velocity outputs" },
	{ 0x1603, SIM_NOT_ASSIGNED, 2, torque_out, "Torque outputs" },
	{ 0x1A00, 3, 6, all_in, "Inputs" },
	{ 0x1A01, SIM_NOT_ASSIGNED, 2, position_in, "Position inputs" },
	{ 0x1A02, SIM_NOT_ASSIGNED, 3, velocity_in, "Velocity inputs" },
	{ 0x1A03, SIM_NOT_ASSIGNED, 3, torque_in, "Torque inputs" },
};
static const struct ecr_sii_sm sms[] = {
	{ 0x1100, 14, ECR_SM_CONTROL_OUTPUTS, 0, 1, SIM_SM_TYPE_OUTPUTS },
	{ 0x1400, 14, ECR_SM_CONTROL_INPUTS, 0, 1, SIM_SM_TYPE_INPUTS },
};
static const struct ecr_sii_dc dc = { .assign_activate = (ECR_DC_ACTIVATE | ECR_DC_ACTIVATE_SYNC0)
							 << 8 };
static const struct sim_terminal terminal = {
	.name = "Servo drive",
	.identity = { SIM_VENDOR_GENERIC, PRODUCT, 1, 0 },
	.mailbox = SIM_USUAL_MAILBOX,
	.coe_details = DETAILS,
	.sm_count = 2,
	.pdo_count = sizeof(pdos) / sizeof(pdos[0]),
	.sms = sms,
	.pdos = pdos,
	.dc = &dc,
};

/* Objects of one value. What is mapped to PDOs only comes by itself. */
#define VALUE(number, kind, rights, text, first) \
	{ \
		.index = (number), .code = ECR_OBJECT_VARIABLE, .name = (text), \
		.entries = (const struct ecr_sim_entry[]){ { .type = ECR_COE_TYPE_##kind, \
							     .access = (rights), \
							     .name = (text), \
							     .value = (uint64_t)(first) } }, \
		.entry_count = 1 \
	}
#define ENTRIES(...) \
	.entries = (const struct ecr_sim_entry[]){ __VA_ARGS__ }, \
	.entry_count = sizeof((const struct ecr_sim_entry[]){ __VA_ARGS__ }) / \
		       sizeof(struct ecr_sim_entry)
#define ENTRY(number, kind, rights, text, first) \
	{ \
		.subindex = (number), .type = ECR_COE_TYPE_##kind, .access = (rights), \
		.name = (text), .value = (uint64_t)(first) \
	}
#define IN (ECR_SIM_RO | ECR_ACCESS_TXPDO)
#define OUT (ECR_SIM_RW | ECR_ACCESS_RXPDO)
#define RW ECR_SIM_RW
#define RO ECR_SIM_RO

static const struct ecr_sim_object objects[] = {
	VALUE(0x1000, UNSIGNED32, RO, "Device type", DEVICE_TYPE),
	VALUE(0x1001, UNSIGNED8, RO, "Error register", 0),
	{ .index = DRIVE_MACHINE,
	  .code = ECR_OBJECT_RECORD,
	  .name = "Machine",
	  ENTRIES(ENTRY(DRIVE_LOAD, INTEGER16, RO, "Load", 0),
		  ENTRY(DRIVE_BLOCKED, UNSIGNED8, RO, "Jam", 0),
		  ENTRY(DRIVE_INJECTED, UNSIGNED16, RO, "Lasting fault", 0),
		  ENTRY(DRIVE_PLACE, INTEGER32, RO, "Place of the axis", 0)) },
	VALUE(ECR_402_ERROR_CODE, UNSIGNED16, IN, "Error code", 0),
	VALUE(ECR_402_QUICK_STOP_OPTION, INTEGER16, RW, "Quick stop option code", 2),
	VALUE(ECR_402_MODE, INTEGER8, OUT, "Modes of operation", ECR_402_CSP),
	VALUE(ECR_402_POSITION_DEMAND, INTEGER32, IN, "Position demand value", 0),
	VALUE(ECR_402_FOLLOWING_WINDOW, UNSIGNED32, RW, "Following error window", 5000),
	VALUE(ECR_402_FOLLOWING_TIMEOUT, UNSIGNED16, RW, "Following error time out", 10),
	VALUE(ECR_402_POSITION_WINDOW, UNSIGNED32, RW, "Position window", 10),
	VALUE(ECR_402_POSITION_WINDOW_TIME, UNSIGNED16, RW, "Position window time", 5),
	VALUE(ECR_402_VELOCITY_DEMAND, INTEGER32, IN, "Velocity demand value", 0),
	VALUE(ECR_402_VELOCITY_WINDOW, UNSIGNED16, RW, "Velocity window", 500),
	VALUE(ECR_402_MAX_TORQUE, UNSIGNED16, OUT, "Max torque", 3000),
	VALUE(ECR_402_TORQUE_DEMAND, INTEGER16, IN, "Torque demand", 0),
	VALUE(ECR_402_HOME_OFFSET, INTEGER32, RW, "Home offset", 0),
	VALUE(ECR_402_PROFILE_VELOCITY, UNSIGNED32, OUT, "Profile velocity", 100000),
	VALUE(ECR_402_PROFILE_ACCELERATION, UNSIGNED32, OUT, "Profile acceleration", 1000000),
	VALUE(ECR_402_PROFILE_DECELERATION, UNSIGNED32, OUT, "Profile deceleration", 1000000),
	VALUE(ECR_402_QUICK_STOP_DECELERATION, UNSIGNED32, RW, "Quick stop deceleration", 5000000),
	{ .index = ECR_402_ENCODER_RESOLUTION,
	  .code = ECR_OBJECT_ARRAY,
	  .name = "Position encoder resolution",
	  ENTRIES(ENTRY(1, UNSIGNED32, RO, "Encoder increments", DRIVE_RESOLUTION),
		  ENTRY(2, UNSIGNED32, RO, "Motor revolutions", 1)) },
	VALUE(ECR_402_HOMING_METHOD, INTEGER8, OUT, "Homing method", 35),
	{ .index = ECR_402_HOMING_SPEEDS,
	  .code = ECR_OBJECT_ARRAY,
	  .name = "Homing speeds",
	  ENTRIES(ENTRY(1, UNSIGNED32, RW, "Speed during search for switch", 200000),
		  ENTRY(2, UNSIGNED32, RW, "Speed during search for zero", 20000)) },
	VALUE(ECR_402_HOMING_ACCELERATION, UNSIGNED32, RW, "Homing acceleration", 2000000),
	VALUE(ECR_402_VELOCITY_OFFSET, INTEGER32, OUT, "Velocity offset", 0),
	VALUE(ECR_402_TORQUE_OFFSET, INTEGER16, OUT, "Torque offset", 0),
	{ .index = ECR_402_INTERPOLATION_PERIOD,
	  .code = ECR_OBJECT_RECORD,
	  .name = "Interpolation time period",
	  ENTRIES(ENTRY(1, UNSIGNED8, RW, "Interpolation time period value", 1),
		  ENTRY(2, INTEGER8, RW, "Interpolation time index", -3)) },
	{ .index = ECR_402_HOMING_METHODS,
	  .code = ECR_OBJECT_ARRAY,
	  .name = "Supported homing methods",
	  ENTRIES(ENTRY(1, INTEGER8, RO, "1st supported", 17),
		  ENTRY(2, INTEGER8, RO, "2nd supported", 18),
		  ENTRY(3, INTEGER8, RO, "3rd supported", 33),
		  ENTRY(4, INTEGER8, RO, "4th supported", 34),
		  ENTRY(5, INTEGER8, RO, "5th supported", 35),
		  ENTRY(6, INTEGER8, RO, "6th supported", 37)) },
	VALUE(ECR_402_FOLLOWING_ERROR, INTEGER32, IN, "Following error actual value", 0),
	VALUE(ECR_402_DIGITAL_INPUTS, UNSIGNED32, IN, "Digital inputs", 0),
	VALUE(ECR_402_MODES_SUPPORTED, UNSIGNED32, RO, "Supported drive modes", MODES_SUPPORTED),
};

static void put(struct ecr_sim_app *app, uint16_t index, int64_t value)
{
	ecr_sim_app_set(app, index, 0, value);
}

static uint16_t status_of(const struct ecr_sim_app *app, const struct drive *drive)
{
	bool limit = drive->limited || drive_at_low_switch(drive) || drive_at_high_switch(drive);

	return (uint16_t)(drive_power_status(drive) | drive_mode_status(drive) |
			  (limit ? ECR_402_STATUS_LIMIT : 0) |
			  (ecr_sim_app_outputs_valid(app) ? ECR_402_STATUS_REMOTE : 0));
}

static void publish(struct ecr_sim_app *app, const struct drive *drive)
{
	int64_t actual = drive_actual(drive);
	bool powered = drive->control != DRIVE_BRAKE;
	int64_t torque = drive->push / (DRIVE_RATED_ACCELERATION / 1000);

	put(app, ECR_402_STATUSWORD, status_of(app, drive));
	put(app, ECR_402_POSITION_ACTUAL, drive_wrap(drive_whole(actual)));
	put(app, ECR_402_VELOCITY_ACTUAL, drive->speed / DRIVE_Q16);
	put(app, ECR_402_TORQUE_ACTUAL, torque);
	put(app, ECR_402_TORQUE_DEMAND, torque);
	put(app, ECR_402_POSITION_DEMAND,
	    drive_wrap(drive_whole(powered ? drive->demand : actual)));
	put(app, ECR_402_VELOCITY_DEMAND, powered ? drive->demand_speed / DRIVE_Q16 : 0);
	put(app, ECR_402_FOLLOWING_ERROR,
	    drive->control == DRIVE_BY_POSITION ? (drive->demand - actual) / DRIVE_Q16 : 0);
	put(app, ECR_402_DIGITAL_INPUTS,
	    drive_at_low_switch(drive) | drive_at_high_switch(drive) << 1);
	ecr_sim_app_set(app, DRIVE_MACHINE, DRIVE_PLACE, drive_wrap(drive_whole(drive->place)));
}

static bool mode_known(int64_t mode)
{
	return mode == 0 || (mode > 0 && mode <= 32 && (MODES_SUPPORTED >> (mode - 1) & 1));
}

/* The mode can be changed at any time, under power too. */
static void select_mode(struct ecr_sim_app *app, struct drive *drive)
{
	int64_t mode = ecr_sim_app_get(app, ECR_402_MODE, 0);

	if (mode != drive->mode && mode_known(mode))
		drive_mode_begin(app, drive, (int8_t)mode);
}

static void drive_step(struct ecr_sim_app *app, void *state, ecr_time now)
{
	struct drive *drive = state;
	uint16_t word = ecr_sim_app_outputs_valid(app)
				? (uint16_t)ecr_sim_app_get(app, ECR_402_CONTROLWORD, 0)
				: 0;

	if (!drive->at || now - drive->at > LONGEST_GAP)
		drive->at = now;
	drive->rising |= (uint16_t)(word & ~drive->word);
	drive->word = word;
	for (; drive->at + DRIVE_STEP_NS <= now; drive->at += DRIVE_STEP_NS) {
		select_mode(app, drive);
		drive_power_step(app, drive);
		if (drive->state == DRIVE_ENABLED && drive_mode_step(app, drive))
			drive_fail(app, drive, DRIVE_FAULT_FOLLOWING);
		drive_shaft_step(app, drive);
		drive->rising = 0;
	}
	publish(app, drive);
}

/* What the drive does not know it does not take. */
static uint32_t drive_written(struct ecr_sim_app *app, void *state, uint16_t index,
			      uint8_t subindex)
{
	int64_t value = ecr_sim_app_get(app, index, subindex);
	bool good = true;

	(void)state;
	if (index == ECR_402_MODE)
		good = mode_known(value);
	else if (index == ECR_402_HOMING_METHOD)
		good = drive_homing_known(value);
	else if (index == ECR_402_QUICK_STOP_OPTION)
		good = value == 0 || value == 2 || value == 6;
	return good ? 0 : ECR_SDO_ABORT_VALUE_RANGE;
}

static const struct ecr_sim_behaviour behaviour = { .state_size = sizeof(struct drive),
						    .step = drive_step,
						    .written = drive_written };

bool sim_drive(struct ecr_sim_device *device, uint8_t *sii, size_t room)
{
	device->sii = sii;
	device->sii_size = sim_terminal_sii(&terminal, sii, room);
	device->features |= ECR_FEATURE_DC | ECR_FEATURE_DC_64;
	device->objects = objects;
	device->object_count = sizeof(objects) / sizeof(objects[0]);
	device->behaviour = &behaviour;
	return device->sii_size > 0;
}
