/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/controller.h"

#include "sim/al.h"
#include "sim/app.h"
#include "sim/eeprom.h"
#include "sim/esm.h"
#include "sim/fmmu.h"
#include "sim/watchdog.h"
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

static void read_sii(struct sim_esc *esc)
{
	struct ecr_sii_sm sm;

	memset(esc->sm_bits, 0, sizeof(esc->sm_bits));
	memset(esc->sm_start, 0, sizeof(esc->sm_start));
	memset(esc->sm_output, 0, sizeof(esc->sm_output));
	ecr_sii_open(&esc->sii, esc->device.sii, esc->device.sii_size);
	read_pdos(esc, ECR_SII_RXPDO, true);
	read_pdos(esc, ECR_SII_TXPDO, false);
	for (unsigned int i = 0; i < SIM_SMS; i++)
		if (ecr_sii_sm(&esc->sii, i, &sm))
			esc->sm_start[i] = sm.start;
}

/* The EEPROM of a device that can be written starts with the SII. */
static void fill_eeprom(struct ecr_sim_device *device)
{
	if (!device->eeprom || device->eeprom_size < device->sii_size) {
		device->eeprom = NULL;
		return;
	}
	memset(device->eeprom, 0xFF, device->eeprom_size);
	memcpy(device->eeprom, device->sii, device->sii_size);
}

void sim_controller_init(struct sim_esc *esc, const struct ecr_sim_device *device,
			 struct sim_face *face, struct sim_news *news)
{
	size_t length = 0;

	memset(esc, 0, sizeof(*esc));
	while (device->name && device->name[length] && length < ECR_NAME_SIZE - 1) {
		esc->name[length] = device->name[length];
		length++;
	}
	esc->device = *device;
	esc->face = face;
	esc->news = news;
	fill_eeprom(&esc->device);
	if (!esc->device.fmmus || esc->device.fmmus > SIM_SMS)
		esc->device.fmmus = DEFAULT_CHANNELS;
	if (!esc->device.sms || esc->device.sms > SIM_SMS)
		esc->device.sms = DEFAULT_CHANNELS;
	for (unsigned int port = 0; port < ECR_PORT_COUNT; port++)
		esc->ports[port] = (struct sim_port){ .peer = SIM_NOBODY,
						      .master = SIM_NOBODY,
						      .change_at = ECR_NEVER,
						      .open_ns = device->loop_open_ns,
						      .close_ns = device->loop_close_ns };
	read_sii(esc);
}

/* What the EEPROM says of the ports; one that says nothing has E-bus at 0 and 1, and where else a
 * cable is. */
static uint8_t port_descriptor(const struct sim_esc *esc)
{
	struct ecr_sii_general general = { 0 };
	unsigned int descriptor = 0;

	ecr_sii_general(&esc->sii, &general);
	for (unsigned int i = 0; i < ECR_PORT_COUNT; i++) {
		unsigned int said = (unsigned int)general.ports >> 4 * i & 15u;
		bool used = esc->ports[i].peer != SIM_NOBODY || esc->ports[i].master != SIM_NOBODY;
		unsigned int kind = ECR_PORT_KIND_NONE;

		if (said == ECR_SII_PORT_MII)
			kind = ECR_PORT_KIND_MII;
		else if (said || used || (!general.ports && i < 2))
			kind = ECR_PORT_KIND_EBUS;
		descriptor |= kind << 2 * i;
	}
	return (uint8_t)descriptor;
}

/* Loaded from the EEPROM when its checksum is right (ETG.2010, word 0). */
static uint8_t configuration(const struct sim_esc *esc)
{
	uint8_t said = (uint8_t)(ecr_sii_word(&esc->sii, ECR_SII_WORD_PDI_CONTROL) >> 8);

	if (esc->sii.warnings & (ECR_SII_WARN_CRC | ECR_SII_WARN_BLANK))
		said = 0;
	said &= (uint8_t)~ECR_ESC_CONFIG_EMULATION;
	return esc->device.emulation ? said | ECR_ESC_CONFIG_EMULATION : said;
}

static void default_registers(struct sim_esc *esc)
{
	uint8_t *memory = esc->memory;

	memory[ECR_REG_TYPE] = ESC_TYPE;
	memory[ECR_REG_FMMU_COUNT] = esc->device.fmmus;
	memory[ECR_REG_SM_COUNT] = esc->device.sms;
	memory[ECR_REG_RAM_SIZE] = RAM_KIB;
	memory[ECR_REG_PORT_DESCRIPTOR] = port_descriptor(esc);
	ecr_put_le16(memory + ECR_REG_FEATURES, esc->device.features);
	memory[ECR_REG_DL_CONTROL] = ECR_DL_CONTROL_FORWARDING;
	ecr_put_le16(memory + ECR_REG_WATCHDOG_DIVIDER, ECR_WATCHDOG_DIVIDER_DEFAULT);
	ecr_put_le16(memory + ECR_REG_WATCHDOG_SM, ECR_WATCHDOG_DEFAULT);
	ecr_put_le16(memory + ECR_REG_WATCHDOG_PDI, ECR_WATCHDOG_DEFAULT);
	memory[ECR_REG_WATCHDOG_STATUS] = ECR_WATCHDOG_STATUS_OK;
	memory[ECR_REG_ESC_CONFIG] = configuration(esc);
	memory[ECR_REG_AL_STATUS] = ECR_AL_INIT;
	memory[ECR_REG_AL_CONTROL] = ECR_AL_INIT;
	if (esc->device.identification_at && esc->device.identification_at < SIM_MEMORY - 1)
		ecr_put_le16(memory + esc->device.identification_at, esc->device.identification);
}

static void reset_face(struct sim_esc *esc)
{
	struct sim_face *face = esc->face;

	esc->news->irqs -= face->irq != 0;
	esc->news->addressed = true;
	*face = (struct sim_face){ .due = ECR_NEVER,
				   .watchdog_at = ECR_NEVER,
				   .watchdog_shown = true,
				   .logical_offset = face->logical_offset,
				   .output_writes = face->output_writes };
}

void sim_controller_power_on(struct sim_esc *esc)
{
	uint16_t dl_status = sim_register16(esc, ECR_REG_DL_STATUS);

	memset(esc->memory, 0, sizeof(esc->memory));
	memset(esc->sms, 0, sizeof(esc->sms));
	reset_face(esc);
	sim_esc_wake(esc, 0);
	sim_fmmu_decode(esc);
	esc->al_pending = 0;
	esc->off = false;
	default_registers(esc);
	sim_watchdog_set(esc);
	ecr_put_le16(esc->memory + ECR_REG_DL_STATUS, dl_status);
	sim_eeprom_load(esc);
	sim_clock_power_on(esc);
	if (esc->app)
		sim_app_power_on(esc->app);
}

void sim_controller_replace(struct sim_esc *esc, const uint8_t *sii, size_t size)
{
	bool off = esc->off;

	esc->device.sii = sii;
	esc->device.sii_size = size;
	read_sii(esc);
	sim_controller_power_on(esc);
	esc->off = off;
}

void sim_controller_tick(struct sim_esc *esc, ecr_time now)
{
	bool expired = false;

	sim_esm_tick(esc, now);
	sim_sync_tick(esc, now);
	expired = sim_watchdog_tick(esc, now);
	if (esc->app)
		sim_app_tick(esc->app, now);
	if (!expired)
		return;
	if (!esc->device.emulation && (sim_al_status(esc) & ECR_AL_STATE_MASK) == ECR_AL_OP)
		sim_al_fail(esc, ECR_AL_SAFEOP, ECR_AL_CODE_WATCHDOG);
}
