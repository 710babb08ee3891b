/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/registers.h"

#include "sim/eeprom.h"
#include "sim/esm.h"
#include "sim/fmmu.h"
#include "sim/ports.h"
#include "sim/quick.h"
#include "sim/syncmanager.h"
#include "sim/watchdog.h"

#include <string.h>

#define EEPROM_INTERFACE_SIZE \
	(ECR_REG_EEPROM_DATA + ECR_REG_EEPROM_DATA_SIZE - ECR_REG_EEPROM_CONTROL)

static bool within(uint16_t address, uint32_t reg, uint32_t size)
{
	return address >= reg && address < reg + size;
}

/* What this kind of controller does not have: it neither answers nor takes it. */
static bool missing(const struct sim_esc *esc, uint16_t at)
{
	if (within(at, ECR_REG_FMMUS, ECR_REG_FMMUS_SIZE))
		return (at - ECR_REG_FMMUS) / ECR_FMMU_SIZE >= esc->device.fmmus;
	if (within(at, ECR_REG_SMS, ECR_REG_SMS_SIZE))
		return (at - ECR_REG_SMS) / ECR_SM_SIZE >= esc->device.sms;
	return within(at, ECR_REG_DC, ECR_REG_POWER_ON - ECR_REG_DC) && !sim_clock_exists(esc, at);
}

static bool touches(uint16_t address, uint16_t length, uint32_t reg, uint32_t size)
{
	return address < reg + size && (uint32_t)address + length > reg;
}

/* Reading takes an event away. */
static void seen(struct sim_esc *esc, uint16_t address, uint16_t length)
{
	uint16_t events = 0;

	if (touches(address, length, ECR_REG_AL_STATUS, 1))
		events |= ECR_IRQ_AL_STATUS;
	if (touches(address, length, ECR_REG_DL_STATUS, 1))
		events |= ECR_IRQ_DL_STATUS;
	if (events)
		sim_esc_events(esc, 0, events);
	if (touches(address, length, ECR_REG_DC, ECR_REG_DC_SIZE))
		sim_clock_was_read(esc, address, length);
}

/* The parts that may be missing all lie behind the FMMUs' first register. */
static bool missing_whole(const struct sim_esc *esc, uint16_t address, uint16_t length)
{
	if (address < ECR_REG_FMMUS || !length)
		return false;
	for (uint32_t i = 0; i < length; i++)
		if (!missing(esc, (uint16_t)(address + i)))
			return false;
	return true;
}

bool sim_read(struct sim_esc *esc, ecr_time now, uint16_t address, uint16_t length, uint8_t *data,
	      bool merge)
{
	if ((uint32_t)address + length > SIM_MEMORY)
		return false;
	if (address >= ECR_REG_DIGITAL_OUTPUTS)
		return sim_sm_read(esc, address, length, data, merge);
	if (missing_whole(esc, address, length))
		return false;
	sim_eeprom_tick(esc, now);
	if (touches(address, length, ECR_REG_SMS, ECR_REG_SMS_SIZE))
		sim_quick_show(esc);
	if (touches(address, length, ECR_REG_DC, ECR_REG_DC_SIZE))
		sim_clock_read(esc, now, address, length);
	for (uint16_t i = 0; i < length; i++)
		data[i] = (uint8_t)(merge ? data[i] | esc->memory[address + i]
					  : esc->memory[address + i]);
	seen(esc, address, length);
	return true;
}

static bool read_only(uint16_t address)
{
	return address < ECR_REG_STATION || within(address, ECR_REG_ALIAS, ECR_REG_ALIAS_SIZE) ||
	       within(address, ECR_REG_DL_STATUS, ECR_REG_DL_STATUS_SIZE) ||
	       within(address, ECR_REG_AL_STATUS, 8) || address == ECR_REG_ESC_CONFIG ||
	       within(address, ECR_REG_IRQ, ECR_REG_IRQ_SIZE) ||
	       within(address, ECR_REG_PDI_IRQ, ECR_REG_PDI_IRQ_SIZE) ||
	       within(address, ECR_REG_WATCHDOG_STATUS, ECR_REG_WATCHDOG_STATUS_SIZE) ||
	       address == ECR_REG_EEPROM_PDI_ACCESS || sim_clock_read_only(address) ||
	       (within(address, ECR_REG_SMS, ECR_REG_SMS_SIZE) &&
		((address & 7u) == ECR_SM_STATUS || (address & 7u) == ECR_SM_PDI_CONTROL));
}

/* Where and how a SyncManager works is changed only while it is switched off; the EEPROM's interface
 * is its owner's. */
static bool locked(const struct sim_esc *esc, uint16_t at)
{
	unsigned int number = (at - ECR_REG_SMS) / ECR_SM_SIZE;

	if (within(at, ECR_REG_EEPROM_CONTROL, EEPROM_INTERFACE_SIZE))
		return sim_eeprom_locked(esc);
	return within(at, ECR_REG_SMS, ECR_REG_SMS_SIZE) && (at & 7u) <= ECR_SM_CONTROL &&
	       ecr_sm_enabled(&esc->sms[number]);
}

/* Counters that are cleared together when anything is written to one of them. */
static const struct {
	uint16_t at;
	uint16_t size;
} counters[] = {
	{ ECR_REG_RX_ERRORS, ECR_REG_RX_ERRORS_SIZE + ECR_REG_FORWARDED_ERRORS_SIZE },
	{ ECR_REG_PROCESSING_ERRORS, ECR_REG_PROCESSING_ERRORS_SIZE },
	{ ECR_REG_PDI_ERRORS, ECR_REG_PDI_ERRORS_SIZE },
	{ ECR_REG_LOST_LINK, ECR_REG_LOST_LINK_SIZE },
	{ ECR_REG_WATCHDOG_SM_COUNT,
	  ECR_REG_WATCHDOG_SM_COUNT_SIZE + ECR_REG_WATCHDOG_PDI_COUNT_SIZE },
};

static void clear_counters(struct sim_esc *esc, uint16_t address, uint16_t length)
{
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		if (touches(address, length, counters[i].at, counters[i].size))
			memset(esc->memory + counters[i].at, 0, counters[i].size);
}

static bool inside(uint16_t address, uint16_t length, uint32_t reg, uint32_t size)
{
	return address >= reg && (uint32_t)address + length <= reg + size;
}

/* As far as there are any. */
static bool store_fmmus(struct sim_esc *esc, uint16_t address, uint16_t length, const uint8_t *data)
{
	uint32_t end = ECR_REG_FMMUS + esc->device.fmmus * (uint32_t)ECR_FMMU_SIZE;
	uint32_t room = address < end ? end - address : 0;

	memcpy(esc->memory + address, data, length < room ? length : room);
	return room && length;
}

/* False: not one of the bytes can be written. */
static bool store(struct sim_esc *esc, uint16_t address, uint16_t length, const uint8_t *data)
{
	bool taken = false;

	if (inside(address, length, ECR_REG_FMMUS, ECR_REG_FMMUS_SIZE))
		return store_fmmus(esc, address, length, data);
	for (uint32_t i = 0; i < length; i++) {
		uint16_t at = (uint16_t)(address + i);

		if (read_only(at) || missing(esc, at))
			continue;
		taken = true;
		if (!locked(esc, at))
			esc->memory[at] = data[i];
	}
	return taken;
}

static void set_station(struct sim_esc *esc)
{
	esc->face->station = sim_register16(esc, ECR_REG_STATION);
	esc->news->addressed = true;
}

static void set_alias(struct sim_esc *esc)
{
	bool enabled = esc->memory[ECR_REG_DL_ALIAS] & ECR_DL_ALIAS_ENABLE;

	esc->face->alias = enabled ? sim_register16(esc, ECR_REG_ALIAS) : 0;
	esc->news->addressed = true;
}

static void side_effects(struct sim_esc *esc, ecr_time now, uint16_t address, uint16_t length)
{
	if (touches(address, length, ECR_REG_RX_ERRORS, ECR_REG_EEPROM - ECR_REG_RX_ERRORS))
		clear_counters(esc, address, length);
	if (touches(address, length, ECR_REG_STATION, ECR_REG_STATION_SIZE))
		set_station(esc);
	if (touches(address, length, ECR_REG_DL_ALIAS, 1))
		set_alias(esc);
	if (touches(address, length, ECR_REG_DL_PORTS, 1))
		sim_ports_written(esc, now);
	if (touches(address, length, ECR_REG_IRQ_MASK, ECR_REG_IRQ_MASK_SIZE))
		sim_esc_events(esc, 0, 0);
	if (touches(address, length, ECR_REG_SMS, ECR_REG_SMS_SIZE)) {
		sim_sm_decode(esc);
		sim_esm_settings(esc);
		sim_esc_wake(esc, now);
	}
	if (touches(address, length, ECR_REG_FMMUS, ECR_REG_FMMUS_SIZE))
		sim_fmmu_decode(esc);
	if (touches(address, length, ECR_REG_WATCHDOG_DIVIDER,
		    ECR_REG_WATCHDOG_STATUS - ECR_REG_WATCHDOG_DIVIDER))
		sim_watchdog_set(esc);
	if (touches(address, length, ECR_REG_AL_CONTROL, 1))
		sim_esm_request(esc, now, sim_register16(esc, ECR_REG_AL_CONTROL));
	if (touches(address, length, ECR_REG_DC, ECR_REG_DC_SIZE))
		sim_clock_written(esc, now, address, length);
}

bool sim_write(struct sim_esc *esc, ecr_time now, uint16_t address, uint16_t length,
	       const uint8_t *data)
{
	bool eeprom;

	if ((uint32_t)address + length > SIM_MEMORY)
		return false;
	if (address >= ECR_REG_DIGITAL_OUTPUTS)
		return sim_sm_write(esc, now, address, length, data);
	sim_eeprom_tick(esc, now);
	eeprom = touches(address, length, ECR_REG_EEPROM_CONTROL + 1, 1) && !sim_eeprom_locked(esc);
	if (!store(esc, address, length, data))
		return false;
	if (eeprom)
		sim_eeprom_command(esc, now);
	side_effects(esc, now, address, length);
	return true;
}
