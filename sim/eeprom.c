/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/eeprom.h"

#define PDI_NS ECR_US(200) /* a processor that serves the EEPROM beside its work */
#define LARGE 2048u	   /* bytes from which on addresses of the EEPROM have two bytes */

static bool damaged(const struct sim_esc *esc)
{
	return esc->sii.warnings & (ECR_SII_WARN_CRC | ECR_SII_WARN_BLANK);
}

static uint16_t idle_status(const struct sim_esc *esc)
{
	uint16_t status = esc->device.eeprom_4 ? 0 : ECR_EEPROM_READ_8;

	if (esc->device.eeprom_by_pdi)
		status |= ECR_EEPROM_EMULATION;
	if (ecr_sii_size(&esc->sii) > LARGE)
		status |= ECR_EEPROM_TWO_ADDRESS_BYTES;
	if (damaged(esc))
		status |= ECR_EEPROM_ERROR_CHECKSUM;
	return status;
}

/* The header as the controller takes it over, unless its checksum is wrong (ETG.1000.6, 5.4). */
static void take_over(struct sim_esc *esc)
{
	uint16_t control;

	if (esc->device.eeprom)
		ecr_sii_open(&esc->sii, esc->device.eeprom, esc->device.eeprom_size);
	ecr_put_le16(esc->memory + ECR_REG_EEPROM_CONTROL, idle_status(esc));
	esc->eeprom_command = 0;
	if (damaged(esc))
		return;
	control = ecr_sii_word(&esc->sii, ECR_SII_WORD_PDI_CONTROL);
	esc->memory[ECR_REG_PDI_CONTROL] = (uint8_t)control;
	ecr_put_le16(esc->memory + ECR_REG_PDI_CONFIG,
		     ecr_sii_word(&esc->sii, ECR_SII_WORD_PDI_CONFIG));
	ecr_put_le16(esc->memory + ECR_REG_PDI_CONFIG_EXTENDED,
		     ecr_sii_word(&esc->sii, ECR_SII_WORD_PDI_CONFIG_EXTENDED));
}

void sim_eeprom_load(struct sim_esc *esc)
{
	take_over(esc);
	if (!damaged(esc))
		ecr_put_le16(esc->memory + ECR_REG_ALIAS,
			     esc->device.alias ? esc->device.alias : ecr_sii_alias(&esc->sii));
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

/* With emulation the command is an event for the PDI until it has answered (ETG.1000.4, 6.8.2). */
static void tell_pdi(struct sim_esc *esc, bool pending)
{
	uint32_t events = ecr_le32(esc->memory + ECR_REG_PDI_IRQ) & ~ECR_PDI_IRQ_EEPROM;

	if (esc->device.eeprom_by_pdi)
		ecr_put_le32(esc->memory + ECR_REG_PDI_IRQ,
			     pending ? events | ECR_PDI_IRQ_EEPROM : events);
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
		take_over(esc); /* but for the alias, which is taken at power-on only */
	else
		error = ECR_EEPROM_ERROR_ACKNOWLEDGE; /* no such command */
	esc->eeprom_command = 0;
	tell_pdi(esc, false);
	ecr_put_le16(esc->memory + ECR_REG_EEPROM_CONTROL, (uint16_t)(idle_status(esc) | error));
}

void sim_eeprom_tick(struct sim_esc *esc, ecr_time now)
{
	bool hangs = esc->stuck && esc->device.eeprom_by_pdi;

	if (esc->eeprom_command && now >= esc->eeprom_until && !hangs)
		finish(esc);
}

static bool pdi_owns(const struct sim_esc *esc)
{
	uint8_t config = esc->memory[ECR_REG_EEPROM_CONFIG];

	return (config & ECR_EEPROM_TO_PDI) && !(config & ECR_EEPROM_FORCE_MASTER);
}

bool sim_eeprom_locked(const struct sim_esc *esc)
{
	return esc->eeprom_command || pdi_owns(esc);
}

void sim_eeprom_command(struct sim_esc *esc, ecr_time now)
{
	uint16_t control = sim_register16(esc, ECR_REG_EEPROM_CONTROL);
	uint16_t command = control & ECR_EEPROM_COMMAND_MASK;
	uint16_t status = idle_status(esc);
	ecr_time busy_ns = esc->device.eeprom_busy_ns;

	if (!command) {
		ecr_put_le16(esc->memory + ECR_REG_EEPROM_CONTROL, status);
		return;
	}
	if (command == ECR_EEPROM_WRITE && !(control & ECR_EEPROM_WRITE_ENABLE)) {
		ecr_put_le16(esc->memory + ECR_REG_EEPROM_CONTROL,
			     (uint16_t)(status | ECR_EEPROM_ERROR_WRITE_ENABLE));
		return;
	}
	if (!busy_ns && esc->device.eeprom_by_pdi)
		busy_ns = PDI_NS;
	if (command == ECR_EEPROM_WRITE && esc->device.eeprom_write_ns)
		busy_ns = esc->device.eeprom_write_ns;
	tell_pdi(esc, true);
	esc->eeprom_command = command;
	esc->eeprom_until = now + busy_ns;
	ecr_put_le16(esc->memory + ECR_REG_EEPROM_CONTROL, (uint16_t)(status | ECR_EEPROM_BUSY));
}
