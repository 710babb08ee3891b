/* SPDX-License-Identifier: Apache-2.0 */
/* The EEPROM interface: commands with a busy time, four or eight bytes a read, ownership
 * (ETG.1000.4, 6.8). */
#include "sim/esc.h"

#include "base/le.h"

#include <string.h>

static uint16_t idle_status(const struct sim_esc *esc)
{
	uint16_t status = esc->device.eeprom_4 ? 0 : ECR_EEPROM_READ_8;

	if (esc->sii.warnings & (ECR_SII_WARN_CRC | ECR_SII_WARN_BLANK))
		status |= ECR_EEPROM_ERROR_CHECKSUM;
	return status;
}

void sim_eeprom_load(struct sim_esc *esc)
{
	ecr_put_le16(esc->memory + ECR_REG_EEPROM_CONTROL, idle_status(esc));
	ecr_put_le16(esc->memory + ECR_REG_ALIAS, ecr_sii_alias(&esc->sii));
	esc->eeprom_command = 0;
}

static void finish(struct sim_esc *esc)
{
	uint32_t word = ecr_le32(esc->memory + ECR_REG_EEPROM_ADDRESS);
	uint32_t bytes = esc->device.eeprom_4 ? 4 : 8;
	uint16_t status = idle_status(esc);

	if (esc->eeprom_command == ECR_EEPROM_READ) {
		for (uint32_t i = 0; i < bytes; i++) {
			uint64_t at = (uint64_t)word * 2 + i;

			esc->memory[ECR_REG_EEPROM_DATA + i] =
				at < esc->sii.length ? esc->sii.bytes[at] : 0xFF;
		}
	} else if (esc->eeprom_command == ECR_EEPROM_WRITE) {
		status |= ECR_EEPROM_ERROR_ACKNOWLEDGE; /* the image belongs to the caller: write
							   protected */
	}
	esc->eeprom_command = 0;
	ecr_put_le16(esc->memory + ECR_REG_EEPROM_CONTROL, status);
}

void sim_eeprom_tick(struct sim_esc *esc, ecr_time now)
{
	if (esc->eeprom_command && now >= esc->eeprom_until)
		finish(esc);
}

void sim_eeprom_command(struct sim_esc *esc, ecr_time now)
{
	uint16_t control = ecr_le16(esc->memory + ECR_REG_EEPROM_CONTROL);
	uint16_t command = control & ECR_EEPROM_COMMAND_MASK;

	if (esc->memory[ECR_REG_EEPROM_CONFIG] & ECR_EEPROM_TO_PDI || !command) {
		ecr_put_le16(esc->memory + ECR_REG_EEPROM_CONTROL, idle_status(esc));
		return;
	}
	if (command == ECR_EEPROM_WRITE && !(control & ECR_EEPROM_WRITE_ENABLE)) {
		ecr_put_le16(esc->memory + ECR_REG_EEPROM_CONTROL,
			     (uint16_t)(idle_status(esc) | ECR_EEPROM_ERROR_WRITE_ENABLE));
		return;
	}
	esc->eeprom_command = command;
	esc->eeprom_until = now + esc->device.eeprom_busy_ns;
	ecr_put_le16(esc->memory + ECR_REG_EEPROM_CONTROL,
		     (uint16_t)(idle_status(esc) | ECR_EEPROM_BUSY));
}
