/* SPDX-License-Identifier: Apache-2.0 */
#include <ecring/cia402.h>

/* Commands: the bits of a control word that say which state is wanted (IEC 61800-7-201, 6.4). */
#define DISABLE_VOLTAGE 0u
#define QUICK_STOP ECR_402_CONTROL_VOLTAGE
#define SHUTDOWN (ECR_402_CONTROL_VOLTAGE | ECR_402_CONTROL_NO_QUICK_STOP)
#define SWITCH_ON (SHUTDOWN | ECR_402_CONTROL_SWITCH_ON)
#define ENABLE (SWITCH_ON | ECR_402_CONTROL_ENABLE)

#define STATE_NO_QUICK_STOP \
	(ECR_402_STATUS_READY | ECR_402_STATUS_SWITCHED_ON | ECR_402_STATUS_ENABLED | \
	 ECR_402_STATUS_FAULT | ECR_402_STATUS_DISABLED)
#define STATE_ALL (STATE_NO_QUICK_STOP | ECR_402_STATUS_NO_QUICK_STOP)
#define READY (ECR_402_STATUS_READY | ECR_402_STATUS_NO_QUICK_STOP)
#define SWITCHED_ON (READY | ECR_402_STATUS_SWITCHED_ON)
#define ENABLED (SWITCHED_ON | ECR_402_STATUS_ENABLED)
#define QUICK (ENABLED & ~ECR_402_STATUS_NO_QUICK_STOP)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum ecr_402_state ecr_402_state_of(uint16_t statusword)
{
	static const struct {
		uint16_t mask;
		uint16_t value;
		enum ecr_402_state state;
	} words[] = {
		{ STATE_NO_QUICK_STOP, ECR_402_STATUS_DISABLED, ECR_402_DISABLED },
		{ STATE_ALL, READY, ECR_402_READY },
		{ STATE_ALL, SWITCHED_ON, ECR_402_SWITCHED_ON },
		{ STATE_ALL, ENABLED, ECR_402_ENABLED },
		{ STATE_ALL, QUICK, ECR_402_QUICK_STOP },
		{ STATE_NO_QUICK_STOP, QUICK | ECR_402_STATUS_FAULT, ECR_402_FAULT_REACTION },
		{ STATE_NO_QUICK_STOP, ECR_402_STATUS_FAULT, ECR_402_FAULT },
	};

	for (size_t i = 0; i < COUNT(words); i++)
		if ((statusword & words[i].mask) == words[i].value)
			return words[i].state;
	return ECR_402_NOT_READY;
}

const char *ecr_402_state_name(enum ecr_402_state state)
{
	static const char *const names[] = {
		[ECR_402_NOT_READY] = "not ready to switch on",
		[ECR_402_DISABLED] = "switch on disabled",
		[ECR_402_READY] = "ready to switch on",
		[ECR_402_SWITCHED_ON] = "switched on",
		[ECR_402_ENABLED] = "operation enabled",
		[ECR_402_QUICK_STOP] = "quick stop active",
		[ECR_402_FAULT_REACTION] = "fault reaction active",
		[ECR_402_FAULT] = "fault",
	};

	return (unsigned int)state < COUNT(names) ? names[state] : "unknown";
}

/* What leads on from a state without a fault. Out of a quick stop there is only enabling again, where
 * the drive allows it, and switching off. */
static uint16_t command(enum ecr_402_state state, enum ecr_402_state goal)
{
	static const uint8_t commands[ECR_402_QUICK_STOP + 1][ECR_402_QUICK_STOP + 1] = {
		[ECR_402_DISABLED] = { [ECR_402_READY] = SHUTDOWN,
				       [ECR_402_SWITCHED_ON] = SHUTDOWN,
				       [ECR_402_ENABLED] = SHUTDOWN },
		[ECR_402_READY] = { [ECR_402_READY] = SHUTDOWN,
				    [ECR_402_SWITCHED_ON] = SWITCH_ON,
				    [ECR_402_ENABLED] = SWITCH_ON,
				    [ECR_402_QUICK_STOP] = QUICK_STOP },
		[ECR_402_SWITCHED_ON] = { [ECR_402_READY] = SHUTDOWN,
					  [ECR_402_SWITCHED_ON] = SWITCH_ON,
					  [ECR_402_ENABLED] = ENABLE,
					  [ECR_402_QUICK_STOP] = QUICK_STOP },
		[ECR_402_ENABLED] = { [ECR_402_READY] = SHUTDOWN,
				      [ECR_402_SWITCHED_ON] = SWITCH_ON,
				      [ECR_402_ENABLED] = ENABLE,
				      [ECR_402_QUICK_STOP] = QUICK_STOP },
		[ECR_402_QUICK_STOP] = { [ECR_402_ENABLED] = ENABLE,
					 [ECR_402_QUICK_STOP] = QUICK_STOP },
	};

	if (state > ECR_402_QUICK_STOP || goal > ECR_402_QUICK_STOP)
		return DISABLE_VOLTAGE;
	return commands[state][goal];
}

uint16_t ecr_402_walk(uint16_t statusword, uint16_t controlword, enum ecr_402_state goal,
		      bool reset)
{
	enum ecr_402_state state = ecr_402_state_of(statusword);
	uint16_t other = (uint16_t)(controlword & ~ECR_402_CONTROL_STATE_MASK);

	if (state == ECR_402_FAULT && reset && !(controlword & ECR_402_CONTROL_FAULT_RESET))
		return other | ECR_402_CONTROL_FAULT_RESET;
	return other | command(state, goal);
}

bool ecr_402_mode_supported(uint32_t modes, enum ecr_402_mode mode)
{
	return mode > 0 && mode <= 32 && (modes >> ((unsigned int)mode - 1) & 1);
}

const char *ecr_402_mode_name(int mode)
{
	static const char *const names[] = {
		[0] = "none",	       [ECR_402_PP] = "pp",   [ECR_402_PV] = "pv",
		[ECR_402_HM] = "hm",   [ECR_402_CSP] = "csp", [ECR_402_CSV] = "csv",
		[ECR_402_CST] = "cst",
	};

	return mode >= 0 && mode < (int)COUNT(names) && names[mode] ? names[mode] : "unknown";
}

/* The bit rises when nothing is acknowledged any more, and falls when this one is. */
bool ecr_402_set_point(uint16_t statusword, uint16_t *controlword, uint16_t how)
{
	const uint16_t hows = ECR_402_CONTROL_AT_ONCE | ECR_402_CONTROL_RELATIVE;
	bool asked = *controlword & ECR_402_CONTROL_START;
	bool acknowledged = statusword & ECR_402_STATUS_ACKNOWLEDGED;

	if (asked && acknowledged) {
		*controlword &= (uint16_t)~ECR_402_CONTROL_START;
		return true;
	}
	if (!asked && !acknowledged) {
		*controlword &= (uint16_t)~hows;
		*controlword |= (uint16_t)(ECR_402_CONTROL_START | (how & hows));
	}
	return false;
}

enum ecr_402_homing ecr_402_homing_of(uint16_t statusword)
{
	bool reached = statusword & ECR_402_STATUS_REACHED;

	if (statusword & ECR_402_STATUS_HOMING_ERROR)
		return ECR_402_HOMING_FAILED;
	if (statusword & ECR_402_STATUS_ATTAINED)
		return reached ? ECR_402_HOMING_DONE : ECR_402_HOMING_SLOWS;
	return reached ? ECR_402_HOMING_IDLE : ECR_402_HOMING_RUNS;
}

static double or_one(double value)
{
	return value > 0 || value < 0 ? value : 1;
}

static double per_unit(const struct ecr_402_units *units)
{
	return or_one(units->increments) / or_one(units->revolutions) * or_one(units->motor_turns) /
	       or_one(units->shaft_turns) / or_one(units->feed);
}

int32_t ecr_402_increments(const struct ecr_402_units *units, double value)
{
	double exact = value * per_unit(units);

	if (!(exact > INT32_MIN))
		return INT32_MIN;
	if (exact >= INT32_MAX)
		return INT32_MAX;
	return (int32_t)(exact < 0 ? exact - 0.5 : exact + 0.5);
}

double ecr_402_value(const struct ecr_402_units *units, int32_t increments)
{
	return increments / per_unit(units);
}

/* Codes, then classes: what is not among the codes is told by its leading digits. */
static const struct {
	uint16_t mask;
	uint16_t code;
	const char *text;
} errors[] = {
	{ 0xFFFF, 0x0000, "no error" },
	{ 0xFFFF, 0x2310, "continuous over-current" },
	{ 0xFFFF, 0x2320, "short circuit" },
	{ 0xFFFF, 0x2330, "earth leakage" },
	{ 0xFFFF, 0x3110, "mains over-voltage" },
	{ 0xFFFF, 0x3120, "mains under-voltage" },
	{ 0xFFFF, 0x3210, "DC link over-voltage" },
	{ 0xFFFF, 0x3220, "DC link under-voltage" },
	{ 0xFFFF, 0x4210, "the device is too hot" },
	{ 0xFFFF, 0x4310, "the drive is too hot" },
	{ 0xFFFF, 0x5441, "a contact at the device has opened" },
	{ 0xFFFF, 0x7120, "motor" },
	{ 0xFFFF, 0x7121, "the motor is blocked" },
	{ 0xFFFF, 0x7305, "incremental encoder" },
	{ 0xFFFF, 0x7500, "communication" },
	{ 0xFFFF, 0x8611, "following error" },
	{ 0xFF00, 0x2300, "current at the device's output" },
	{ 0xF000, 0x2000, "current" },
	{ 0xF000, 0x3000, "voltage" },
	{ 0xF000, 0x4000, "temperature" },
	{ 0xF000, 0x5000, "hardware of the device" },
	{ 0xF000, 0x6000, "software of the device" },
	{ 0xF000, 0x7000, "additional modules" },
	{ 0xFF00, 0x8500, "torque control" },
	{ 0xFF00, 0x8600, "position control" },
	{ 0xFF00, 0x8400, "velocity control" },
	{ 0xF000, 0x8000, "monitoring" },
	{ 0xF000, 0x9000, "an external error" },
	{ 0xF000, 0xF000, "additional functions" },
	{ 0x0000, 0x0000, "unknown" },
};

const char *ecr_402_error_text(uint16_t code)
{
	size_t i = 0;

	while ((code & errors[i].mask) != errors[i].code)
		i++;
	return errors[i].text;
}
