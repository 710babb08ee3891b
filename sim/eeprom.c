/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/eeprom.h"

#define LARGE 2048u /* bytes from which on addresses of the EEPROM have two bytes */

static uint16_t idle_status(const struct sim_esc *esc)
{
	uint16_t status = esc->device.eeprom_4 ? 0 : ECR_EEPROM_READ_8;

	if (ecr_sii_size(&esc->sii) > LARGE)
		status |= ECR_EEPROM_TWO_ADDRESS_BYTES;
	if (esc->sii.warnings & (ECR_SII_WARN_CRC | ECR_SII_WARN_BLANK))
		status |= ECR_EEPROM_ERROR_CHECKSUM;
	return status;
}

void sim_eeprom_load(struct sim_esc *esc)
{
	if (esc->device.eeprom)
		ecr_sii_open(&esc->sii, esc->device.eeprom, esc->device.eeprom_size);
	ecr_put_le16(esc->memory + ECR_REG_EEPROM_CONTROL, idle_status(esc));
	ecr_put_le16(esc->memory + ECR_REG_ALIAS, ecr_sii_alias(&esc->sii));
	esc->eeprom_command = 0;
}

static void read_words(struct sim_esc *esc, uint64_t at)
{
	uint32_t bytes = esc->device.eeprom_4 ? 4 : 8;

	for (uint32_t i = 0; i < bytes; i++)
		esc->memory[ECR_REG_EEPROM_DATA + i] =
			at + i < esc->sii.length ? esc->sii.bytes[at + i] : 0xFF;
}

/* False: no such word, or it cannot be written: the EEPROM does not acknowledge. */
static bool write_word(struct sim_esc *esc, uint64_t at)
{
	if (!esc->device.eeprom || at + 2 > esc->device.eeprom_size)
		return false;
	esc->device.eeprom[at] = esc->memory[ECR_REG_EEPROM_DATA];
	esc->device.eeprom[at + 1] = esc->memory[ECR_REG_EEPROM_DATA + 1];
	return true;
}

static void finish(struct sim_esc *esc)
{
	uint64_t at = (uint64_t)ecr_le32(esc->memory + ECR_REG_EEPROM_ADDRESS) * 2;
	uint16_t error = 0;

	if (esc->eeprom_command == ECR_EEPROM_READ)
		read_words(esc, at);
	else if (esc->eeprom_command == ECR_EEPROM_WRITE)
		error = write_word(esc, at) ? 0 : ECR_EEPROM_ERROR_ACKNOWLEDGE;
	else if (esc->eeprom_command == ECR_EEPROM_RELOAD)
		sim_eeprom_load(esc);
	else
		error = ECR_EEPROM_ERROR_ACKNOWLEDGE; /* no such command */
	esc->eeprom_command = 0;
	ecr_put_le16(esc->memory + ECR_REG_EEPROM_CONTROL, (uint16_t)(idle_status(esc) | error));
}

void sim_eeprom_tick(struct sim_esc *esc, ecr_time now)
{
	if (esc->eeprom_command && now >= esc->eeprom_until)
		finish(esc);
}

static bool pdi_owns(const struct sim_esc *esc)
{
	uint8_t config = esc->memory[ECR_REG_EEPROM_CONFIG];

	return (config & ECR_EEPROM_TO_PDI) && !(config & ECR_EEPROM_FORCE_MASTER);
}

void sim_eeprom_command(struct sim_esc *esc, ecr_time now)
{
	uint16_t control = sim_register16(esc, ECR_REG_EEPROM_CONTROL);
	uint16_t command = control & ECR_EEPROM_COMMAND_MASK;
	uint16_t status = idle_status(esc);

	if (esc->eeprom_command) { /* busy: not even looked at */
		ecr_put_le16(esc->memory + ECR_REG_EEPROM_CONTROL,
			     (uint16_t)(status | ECR_EEPROM_BUSY));
		return;
	}
	if (pdi_owns(esc) || !command) {
		ecr_put_le16(esc->memory + ECR_REG_EEPROM_CONTROL, status);
		return;
	}
	if (command == ECR_EEPROM_WRITE && !(control & ECR_EEPROM_WRITE_ENABLE)) {
		ecr_put_le16(esc->memory + ECR_REG_EEPROM_CONTROL,
			     (uint16_t)(status | ECR_EEPROM_ERROR_WRITE_ENABLE));
		return;
	}
	esc->eeprom_command = command;
	esc->eeprom_until = now + esc->device.eeprom_busy_ns;
	ecr_put_le16(esc->memory + ECR_REG_EEPROM_CONTROL, (uint16_t)(status | ECR_EEPROM_BUSY));
}
