/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/al_status.h"

#include <stddef.h>

static const struct {
	uint16_t code;
	const char *name;
	const char *cause;
} codes[] = {
	{ 0x0000, "no error", "nothing is wrong" },
	{ 0x0001, "unspecified error", "the device gives no reason; look at its own diagnosis" },
	{ 0x0002, "no memory", "the device's application is out of memory" },
	{ 0x0003, "invalid device setup",
	  "modules or slots differ from what the device is set up for" },
	{ 0x0004, "invalid revision", "outputs or inputs do not match the device's revision" },
	{ 0x0006, "SII/EEPROM information does not match firmware",
	  "firmware was updated without its EEPROM image" },
	{ 0x0007, "firmware update not successful", "the update was interrupted; repeat it" },
	{ 0x000E, "license error", "the device lacks a licence for this function" },
	{ 0x0011, "invalid requested state change", "a state was skipped; go step by step" },
	{ 0x0012, "unknown requested state", "the requested state does not exist" },
	{ 0x0013, "bootstrap not supported", "this device has no BOOT state" },
	{ 0x0014, "no valid firmware", "the device holds no runnable firmware" },
	{ 0x0015, "invalid mailbox configuration (BOOT)",
	  "SM0/SM1 differ from the EEPROM's bootstrap mailbox" },
	{ 0x0016, "invalid mailbox configuration (PREOP)",
	  "SM0/SM1 differ from the EEPROM's mailbox" },
	{ 0x0017, "invalid sync manager configuration",
	  "a SyncManager's start, length or control is not as expected" },
	{ 0x0018, "no valid inputs available", "the device's inputs are not ready yet" },
	{ 0x0019, "no valid outputs", "no cyclic frame has brought outputs yet" },
	{ 0x001A, "synchronization error", "cyclic frames are late or irregular against SYNC0" },
	{ 0x001B, "sync manager watchdog", "no output frame came within the watchdog time" },
	{ 0x001C, "invalid sync manager types", "a SyncManager is used in the wrong direction" },
	{ 0x001D, "invalid output configuration",
	  "the output SyncManager's length or control is not what the PDOs need" },
	{ 0x001E, "invalid input configuration",
	  "the input SyncManager's length or control is not what the PDOs need" },
	{ 0x001F, "invalid watchdog configuration",
	  "the watchdog time is outside the device's range" },
	{ 0x0020, "slave needs cold start", "power-cycle the device" },
	{ 0x0021, "slave needs INIT", "take the device to INIT first" },
	{ 0x0022, "slave needs PREOP",
	  "take the device to PREOP first; another master may be running" },
	{ 0x0023, "slave needs SAFEOP", "take the device to SAFEOP first" },
	{ 0x0024, "invalid input mapping", "the input PDO mapping is not possible" },
	{ 0x0025, "invalid output mapping", "the output PDO mapping is not possible" },
	{ 0x0026, "inconsistent settings", "parameters contradict each other" },
	{ 0x0027, "free run not supported", "the device needs a synchronous mode" },
	{ 0x0028, "synchronization not supported", "the device runs freely only" },
	{ 0x0029, "free run needs three buffer mode", "set the SyncManager to buffered mode" },
	{ 0x002A, "background watchdog", "the device's application hung" },
	{ 0x002B, "no valid inputs and outputs", "no cyclic exchange takes place" },
	{ 0x002C, "fatal SYNC error", "SYNC0 is missing; it must run before OP" },
	{ 0x002D, "no SYNC error", "SYNC0 was never seen; check that it is activated" },
	{ 0x002E, "cycle time too small", "the cycle is shorter than the device can follow" },
	{ 0x0030, "invalid DC SYNC configuration",
	  "SYNC0/SYNC1 times are not what the device expects" },
	{ 0x0031, "invalid DC latch configuration", "the latch settings are not possible" },
	{ 0x0032, "PLL error", "the device's clock does not lock; distribute the time before OP" },
	{ 0x0033, "DC SYNC IO error", "multiple synchronization faults" },
	{ 0x0034, "DC SYNC timeout", "too many SYNC events without process data" },
	{ 0x0035, "DC invalid SYNC cycle time", "the SYNC0 cycle is not supported" },
	{ 0x0036, "DC SYNC0 cycle time", "the SYNC0 cycle does not fit the application" },
	{ 0x0037, "DC SYNC1 cycle time", "the SYNC1 cycle does not fit the application" },
	{ 0x0041, "mailbox AoE", "an AoE mailbox fault" },
	{ 0x0042, "mailbox EoE", "an EoE mailbox fault" },
	{ 0x0043, "mailbox CoE", "a CoE mailbox fault" },
	{ 0x0044, "mailbox FoE", "an FoE mailbox fault" },
	{ 0x0045, "mailbox SoE", "an SoE mailbox fault" },
	{ 0x004F, "mailbox VoE", "a VoE mailbox fault" },
	{ 0x0050, "EEPROM no access", "the EEPROM is assigned to the master; release it" },
	{ 0x0051, "EEPROM error", "the device cannot read its EEPROM" },
	{ 0x0052, "external hardware not ready", "power or wiring of the device's field side" },
	{ 0x0060, "slave restarted locally",
	  "the device restarted by itself: brown-out or firmware fault" },
	{ 0x0061, "device identification value updated", "the identification switch was changed" },
	{ 0x0070, "detected module list does not match",
	  "modules differ from the configured list" },
	{ 0x0080, "supply voltage too low", "the device's supply is below its range" },
	{ 0x0081, "supply voltage too high", "the device's supply is above its range" },
	{ 0x0082, "temperature too low", "the device is colder than its range" },
	{ 0x0083, "temperature too high", "the device is hotter than its range; see to cooling" },
	{ 0x00F0, "application controller available", "the device's processor came back" },
};

static size_t find(uint16_t code)
{
	size_t i = 0;

	while (i < sizeof(codes) / sizeof(codes[0]) && codes[i].code != code)
		i++;
	return i;
}

const char *ecr_al_code_name(uint16_t code)
{
	size_t i = find(code);

	if (i < sizeof(codes) / sizeof(codes[0]))
		return codes[i].name;
	return code >= 0x8000 ? "vendor specific" : "unknown";
}

const char *ecr_al_code_cause(uint16_t code)
{
	size_t i = find(code);

	return i < sizeof(codes) / sizeof(codes[0]) ? codes[i].cause : "see the device's manual";
}
