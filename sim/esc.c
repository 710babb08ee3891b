/* SPDX-License-Identifier: Apache-2.0 */
/* Registers, memory and SyncManagers of one controller. */
#include "sim/esc.h"

#include "base/le.h"
#include "wire/al_status.h"

#include <string.h>

#define ESC_TYPE 0x11u
#define DEFAULT_CHANNELS 8u
#define RAM_KIB 8u

static void read_pdos(struct sim_esc *esc, uint16_t type, bool output)
{
	struct ecr_sii_pdo pdo = { 0 };

	while (ecr_sii_next_pdo(&esc->sii, type, &pdo)) {
		if (pdo.sm >= SIM_SMS)
			continue;
		esc->sm_bits[pdo.sm] += pdo.bits;
		esc->sm_output[pdo.sm] = output;
	}
}

void sim_esc_init(struct sim_esc *esc, const struct ecr_sim_device *device)
{
	size_t length = 0;

	memset(esc, 0, sizeof(*esc));
	while (device->name && device->name[length] && length < ECR_NAME_SIZE - 1) {
		esc->name[length] = device->name[length];
		length++;
	}
	esc->device = *device;
	if (!esc->device.fmmus || esc->device.fmmus > SIM_SMS)
		esc->device.fmmus = DEFAULT_CHANNELS;
	if (!esc->device.sms || esc->device.sms > SIM_SMS)
		esc->device.sms = DEFAULT_CHANNELS;
	ecr_sii_open(&esc->sii, device->sii, device->sii_size);
	read_pdos(esc, ECR_SII_RXPDO, true);
	read_pdos(esc, ECR_SII_TXPDO, false);
	sim_esc_power_on(esc);
}

void sim_esc_power_on(struct sim_esc *esc)
{
	memset(esc->memory, 0, sizeof(esc->memory));
	memset(esc->sms, 0, sizeof(esc->sms));
	esc->fmmu_count = 0;
	esc->station = 0;
	esc->mailbox_full[0] = esc->mailbox_full[1] = false;
	esc->al_pending = 0;
	esc->watchdog_at = ECR_NEVER;
	esc->watchdog_expired = false;
	esc->logical_low = UINT32_MAX;
	esc->logical_high = 0;
	esc->memory[ECR_REG_TYPE] = ESC_TYPE;
	esc->memory[ECR_REG_FMMU_COUNT] = esc->device.fmmus;
	esc->memory[ECR_REG_SM_COUNT] = esc->device.sms;
	esc->memory[ECR_REG_RAM_SIZE] = RAM_KIB;
	ecr_put_le16(esc->memory + ECR_REG_FEATURES, esc->device.features);
	esc->memory[ECR_REG_DL_CONTROL] = ECR_DL_CONTROL_FORWARDING;
	ecr_put_le16(esc->memory + ECR_REG_WATCHDOG_DIVIDER, ECR_WATCHDOG_DIVIDER_DEFAULT);
	ecr_put_le16(esc->memory + ECR_REG_WATCHDOG_SM, ECR_WATCHDOG_DEFAULT);
	ecr_put_le16(esc->memory + ECR_REG_WATCHDOG_PDI, ECR_WATCHDOG_DEFAULT);
	esc->memory[ECR_REG_WATCHDOG_STATUS] = ECR_WATCHDOG_STATUS_OK;
	esc->memory[ECR_REG_ESC_CONFIG] = esc->device.emulation ? ECR_ESC_CONFIG_EMULATION : 0;
	esc->memory[ECR_REG_AL_STATUS] = ECR_AL_INIT;
	esc->memory[ECR_REG_AL_CONTROL] = ECR_AL_INIT;
	sim_eeprom_load(esc);
}

int sim_sm_at(const struct sim_esc *esc, uint16_t address, uint16_t length)
{
	for (int i = 0; i < esc->device.sms; i++) {
		const struct ecr_sm *sm = &esc->sms[i];

		if ((sm->activate & ECR_SM_ACTIVATE_ENABLE) && sm->length && address >= sm->start &&
		    (uint32_t)address + length <= (uint32_t)sm->start + sm->length)
			return i;
	}
	return -1;
}

static bool exists(const struct sim_esc *esc, uint32_t address, uint32_t length)
{
	if (address + length > SIM_MEMORY)
		return false;
	if (!(esc->device.features & ECR_FEATURE_DC) && address + length > ECR_REG_DC &&
	    address < ECR_REG_DC + ECR_REG_DC_SIZE)
		return false;
	return true;
}

/* A mailbox (one buffer) is handed over by the access to its last byte; it must be entered at its
 * start. */
static bool mailbox_read(struct sim_esc *esc, int number, uint16_t address, uint16_t length)
{
	const struct ecr_sm *sm = &esc->sms[number];

	if (ecr_sm_master_writes(sm) ||
	    !(esc->memory[ECR_REG_SM_STATUS(number)] & ECR_SM_STATUS_FULL))
		return false;
	if (address + length == sm->start + sm->length)
		esc->memory[ECR_REG_SM_STATUS(number)] &= (uint8_t)~ECR_SM_STATUS_FULL;
	return true;
}

static bool mailbox_write(struct sim_esc *esc, int number, uint16_t address, uint16_t length)
{
	const struct ecr_sm *sm = &esc->sms[number];

	if (!ecr_sm_master_writes(sm) ||
	    (esc->memory[ECR_REG_SM_STATUS(number)] & ECR_SM_STATUS_FULL))
		return false;
	if (address + length == sm->start + sm->length)
		esc->memory[ECR_REG_SM_STATUS(number)] |= ECR_SM_STATUS_FULL;
	return true;
}

bool sim_esc_read(struct sim_esc *esc, ecr_time now, uint16_t address, uint16_t length,
		  uint8_t *data, bool merge)
{
	int sm;

	if (!exists(esc, address, length))
		return false;
	sim_eeprom_tick(esc, now);
	sm = address >= ECR_RAM_START ? sim_sm_at(esc, address, length) : -1;
	if (sm >= 0 && ecr_sm_is_mailbox(&esc->sms[sm]) && !mailbox_read(esc, sm, address, length))
		return false;
	for (uint16_t i = 0; i < length; i++)
		data[i] = (uint8_t)(merge ? data[i] | esc->memory[address + i]
					  : esc->memory[address + i]);
	return true;
}

static bool touches(uint16_t address, uint16_t length, uint32_t reg, uint32_t size)
{
	return address < reg + size && (uint32_t)address + length > reg;
}

static bool read_only(uint16_t address)
{
	return address < ECR_REG_STATION || address == ECR_REG_ALIAS ||
	       address == ECR_REG_ALIAS + 1 ||
	       (address >= ECR_REG_DL_STATUS && address < ECR_REG_DL_STATUS + 2) ||
	       (address >= ECR_REG_AL_STATUS && address < ECR_REG_AL_STATUS + 8) ||
	       address == ECR_REG_ESC_CONFIG ||
	       (address >= ECR_REG_IRQ && address < ECR_REG_IRQ + 2) ||
	       (address >= ECR_REG_WATCHDOG_STATUS && address < ECR_REG_WATCHDOG_STATUS + 2) ||
	       address == ECR_REG_EEPROM_PDI_ACCESS;
}

static void store(struct sim_esc *esc, uint16_t address, uint16_t length, const uint8_t *data)
{
	for (uint32_t i = 0; i < length; i++) {
		uint16_t at = (uint16_t)(address + i);
		bool sm = at >= ECR_REG_SMS && at < ECR_REG_SMS + ECR_REG_SMS_SIZE;

		if (at < ECR_RAM_START && read_only(at))
			continue;
		if (sm && ((at & 7u) == ECR_SM_STATUS || (at & 7u) == ECR_SM_PDI_CONTROL))
			continue;
		if (sm && (at - ECR_REG_SMS) / ECR_SM_SIZE >= esc->device.sms)
			continue;
		if (at >= ECR_REG_FMMUS && at < ECR_REG_FMMUS + ECR_REG_FMMUS_SIZE &&
		    (at - ECR_REG_FMMUS) / ECR_FMMU_SIZE >= esc->device.fmmus)
			continue;
		if (at >= ECR_REG_RX_ERRORS && at < ECR_REG_LOST_LINK + ECR_REG_LOST_LINK_SIZE)
			esc->memory[at] = 0; /* writing anything clears */
		else
			esc->memory[at] = data[i];
	}
}

static void decode_sms(struct sim_esc *esc)
{
	for (unsigned int i = 0; i < esc->device.sms; i++) {
		bool was = esc->sms[i].activate & ECR_SM_ACTIVATE_ENABLE;

		ecr_sm_decode(esc->memory + ECR_REG_SM(i), &esc->sms[i]);
		if (!was && (esc->sms[i].activate & ECR_SM_ACTIVATE_ENABLE))
			esc->memory[ECR_REG_SM_STATUS(i)] = 0;
	}
}

static void decode_fmmus(struct sim_esc *esc)
{
	esc->fmmu_count = 0;
	esc->logical_low = UINT32_MAX;
	esc->logical_high = 0;
	for (unsigned int i = 0; i < esc->device.fmmus; i++) {
		struct ecr_fmmu *fmmu = &esc->fmmus[esc->fmmu_count];

		ecr_fmmu_decode(esc->memory + ECR_REG_FMMU(i), fmmu);
		if (!fmmu->enable || !fmmu->length || !sim_fmmu_works(esc, i, fmmu))
			continue;
		if (fmmu->logical < esc->logical_low)
			esc->logical_low = fmmu->logical;
		if (fmmu->logical + fmmu->length > esc->logical_high)
			esc->logical_high = fmmu->logical + fmmu->length;
		esc->fmmu_count++;
	}
}

static void side_effects(struct sim_esc *esc, ecr_time now, uint16_t address, uint16_t length)
{
	if (touches(address, length, ECR_REG_STATION, 2))
		esc->station = ecr_le16(esc->memory + ECR_REG_STATION);
	if (touches(address, length, ECR_REG_SMS, ECR_REG_SMS_SIZE))
		decode_sms(esc);
	if (touches(address, length, ECR_REG_FMMUS, ECR_REG_FMMUS_SIZE))
		decode_fmmus(esc);
	if (touches(address, length, ECR_REG_EEPROM_CONTROL + 1, 1))
		sim_eeprom_command(esc, now);
	if (touches(address, length, ECR_REG_AL_CONTROL, 1))
		sim_esm_request(esc, now, ecr_le16(esc->memory + ECR_REG_AL_CONTROL));
}

bool sim_esc_write(struct sim_esc *esc, ecr_time now, uint16_t address, uint16_t length,
		   const uint8_t *data)
{
	int sm;

	if (!exists(esc, address, length))
		return false;
	sm = address >= ECR_REG_DIGITAL_OUTPUTS ? sim_sm_at(esc, address, length) : -1;
	if (sm >= 0 && ecr_sm_is_mailbox(&esc->sms[sm]) && !mailbox_write(esc, sm, address, length))
		return false;
	if (sm >= 0 && !ecr_sm_master_writes(&esc->sms[sm]))
		return false;
	store(esc, address, length, data);
	if (address < ECR_RAM_START)
		side_effects(esc, now, address, length);
	return true;
}

void sim_watchdog_kick(struct sim_esc *esc, ecr_time now)
{
	ecr_time unit = (ecr_time)(ecr_le16(esc->memory + ECR_REG_WATCHDOG_DIVIDER) + 2) * 40;
	ecr_time units = ecr_le16(esc->memory + ECR_REG_WATCHDOG_SM);

	esc->watchdog_at = units ? now + unit * units : ECR_NEVER;
	esc->watchdog_expired = false;
	esc->memory[ECR_REG_WATCHDOG_STATUS] = ECR_WATCHDOG_STATUS_OK;
}

void sim_esc_tick(struct sim_esc *esc, ecr_time now)
{
	if (esc->al_pending && now >= esc->al_until) {
		uint8_t state = esc->al_pending;

		esc->al_pending = 0;
		sim_esm_enter(esc, (enum ecr_al_state)state);
	}
	if (now < esc->watchdog_at)
		return;
	esc->watchdog_at = ECR_NEVER;
	esc->watchdog_expired = true;
	esc->memory[ECR_REG_WATCHDOG_STATUS] = 0;
	if (esc->memory[ECR_REG_WATCHDOG_SM_COUNT] < 0xFF)
		esc->memory[ECR_REG_WATCHDOG_SM_COUNT]++;
	if (!esc->device.emulation && (sim_al_status(esc) & ECR_AL_STATE_MASK) == ECR_AL_OP)
		sim_esm_fail(esc, ECR_AL_SAFEOP, ECR_AL_CODE_WATCHDOG);
}
