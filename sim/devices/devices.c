/* SPDX-License-Identifier: Apache-2.0 */
/* EEPROM images of devices, generated from public facts: identity, PDOs, SyncManagers. */
#include "base/text.h"
#include "sim/devices/terminal.h"
#include "wire/esc.h"
#include "wire/sii_write.h"

#include <ecring/sim.h>

#include <string.h>

#define VENDOR_BECKHOFF 2u
#define VENDOR_GENERIC 0x0ACEu
#define PRODUCT_DIGITAL 0x1601u
#define PRODUCT_ANALOG 0x1701u
#define NAME_ROOM 32
#define TYPE_BOOL 0x01u
#define TYPE_INT 0x03u
#define INPUT_SM_START 0x1000u
#define GENERIC_OUTPUT_START 0x1000u
#define GENERIC_INPUT_START 0x1800u
#define SM_TYPE_OUTPUTS 3u
#define SM_TYPE_INPUTS 4u
#define EK1100_SII 256u
#define TERMINAL_SII 1024u

/* One signal per PDO: index, subindex 1. */
static void put_channels(struct ecr_sii_writer *writer, uint16_t type, uint16_t count, uint8_t sm,
			 uint8_t channels_per_sm, uint8_t data_type, uint8_t bits)
{
	uint16_t pdo = type == ECR_SII_TXPDO ? 0x1A00 : 0x1600;
	uint16_t object = type == ECR_SII_TXPDO ? 0x6000 : 0x7000;

	if (!count)
		return;
	ecr_sii_open_category(writer, type);
	for (uint16_t i = 0; i < count; i++) {
		struct ecr_sii_entry entry = {
			(uint16_t)(object + 0x10u * i), 1, 3, data_type, bits, 0
		};
		uint8_t number = (uint8_t)(channels_per_sm ? sm + i / channels_per_sm : sm);

		ecr_sii_put_pdo(writer, (uint16_t)(pdo + i), 1, number, 2);
		ecr_sii_put_entry(writer, &entry);
	}
	ecr_sii_close_category(writer);
}

static void put_names(struct ecr_sii_writer *writer, const char *name, const char *entry)
{
	const char *const strings[] = { name, "Channel", entry };
	struct ecr_sii_general general = { .name = 1, .order = 1 };

	ecr_sii_put_strings(writer, strings, 3);
	ecr_sii_put_general(writer, &general);
}

static size_t coupler_sii(uint8_t *sii, size_t room)
{
	struct ecr_sii_identity identity = { VENDOR_BECKHOFF, 0x044C2C52, 0x00120000, 0 };
	struct ecr_sii_writer writer;

	sim_begin_sii(&writer, sii, room, 16);
	ecr_sii_put_identity(&writer, &identity);
	put_names(&writer, "EK1100", "");
	return ecr_sii_finish(&writer);
}

/* 16 inputs in one SyncManager of two bytes. */
static size_t el1809_sii(uint8_t *sii, size_t room)
{
	struct ecr_sii_identity identity = { VENDOR_BECKHOFF, 0x07113052, 0x00120000, 0 };
	struct ecr_sii_sm sm = { INPUT_SM_START, 2, ECR_SM_CONTROL_INPUTS, 0, 1, SM_TYPE_INPUTS };
	struct ecr_sii_writer writer;

	sim_begin_sii(&writer, sii, room, 16);
	ecr_sii_put_identity(&writer, &identity);
	put_names(&writer, "EL1809", "Input");
	ecr_sii_open_category(&writer, ECR_SII_SM);
	ecr_sii_put_sm(&writer, &sm);
	ecr_sii_close_category(&writer);
	put_channels(&writer, ECR_SII_TXPDO, 16, 0, 0, TYPE_BOOL, 1);
	return ecr_sii_finish(&writer);
}

/* 16 outputs in two SyncManagers of one byte each, in the digital output registers. */
static size_t el2809_sii(uint8_t *sii, size_t room)
{
	struct ecr_sii_identity identity = { VENDOR_BECKHOFF, 0x0AF93052, 0x00120000, 0 };
	struct ecr_sii_writer writer;

	sim_begin_sii(&writer, sii, room, 16);
	ecr_sii_put_identity(&writer, &identity);
	put_names(&writer, "EL2809", "Output");
	ecr_sii_open_category(&writer, ECR_SII_SM);
	for (uint16_t i = 0; i < 2; i++) {
		struct ecr_sii_sm sm = {
			(uint16_t)(ECR_REG_DIGITAL_OUTPUTS + i), 1, 0x44, 0, 1, SM_TYPE_OUTPUTS
		};

		ecr_sii_put_sm(&writer, &sm);
	}
	ecr_sii_close_category(&writer);
	put_channels(&writer, ECR_SII_RXPDO, 16, 0, 8, TYPE_BOOL, 1);
	return ecr_sii_finish(&writer);
}

static size_t generic_sii(uint8_t *sii, size_t room, const char *name, uint16_t outputs,
			  uint16_t inputs, uint32_t product, uint8_t type, uint8_t bits)
{
	struct ecr_sii_identity identity = { VENDOR_GENERIC, product, 1, 0 };
	struct ecr_sii_sm sms[] = {
		{ GENERIC_OUTPUT_START, (uint16_t)((outputs * bits + 7) / 8),
		  ECR_SM_CONTROL_OUTPUTS, 0, 1, SM_TYPE_OUTPUTS },
		{ GENERIC_INPUT_START, (uint16_t)((inputs * bits + 7) / 8), ECR_SM_CONTROL_INPUTS,
		  0, 1, SM_TYPE_INPUTS },
	};
	struct ecr_sii_writer writer;

	if (sms[0].length > 0x800 || sms[1].length > 0x800)
		return 0;
	sim_begin_sii(&writer, sii, room, 64);
	ecr_sii_put_identity(&writer, &identity);
	put_names(&writer, name, "Value");
	ecr_sii_open_category(&writer, ECR_SII_SM);
	ecr_sii_put_sm(&writer, &sms[0]);
	ecr_sii_put_sm(&writer, &sms[1]);
	ecr_sii_close_category(&writer);
	put_channels(&writer, ECR_SII_RXPDO, outputs, 0, 0, type, bits);
	put_channels(&writer, ECR_SII_TXPDO, inputs, 1, 0, type, bits);
	return ecr_sii_finish(&writer);
}

size_t ecr_sim_digital_sii(uint8_t *sii, size_t room, const char *name, uint16_t outputs,
			   uint16_t inputs)
{
	return generic_sii(sii, room, name, outputs, inputs, PRODUCT_DIGITAL, TYPE_BOOL, 1);
}

size_t ecr_sim_analog_sii(uint8_t *sii, size_t room, const char *name, uint16_t outputs,
			  uint16_t inputs)
{
	return generic_sii(sii, room, name, outputs, inputs, PRODUCT_ANALOG, TYPE_INT, 16);
}

size_t ecr_sim_shipped_sii(const char *name, uint8_t *sii, size_t room)
{
	if (ecr_text_equal(name, "EK1100"))
		return coupler_sii(sii, room);
	if (ecr_text_equal(name, "EL1809"))
		return el1809_sii(sii, room);
	if (ecr_text_equal(name, "EL2809"))
		return el2809_sii(sii, room);
	return 0;
}

static bool make(const char *name, struct ecr_sim_device *device, uint8_t *sii, size_t room)
{
	static const struct {
		const char *name;
		bool (*make)(struct ecr_sim_device *device, uint8_t *sii, size_t room);
	} devices[] = {
		{ "EL3202", sim_el3202 },	   { "analog_coe", sim_analog_coe },
		{ "mailbox", sim_mailbox_device }, { "drive", sim_drive },
		{ "awkward", sim_awkward },
	};

	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		if (ecr_text_equal(name, devices[i].name))
			return devices[i].make(device, sii, room);
	device->sii = sii;
	device->sii_size = ecr_sim_shipped_sii(name, sii, room);
	device->emulation = true; /* terminals without a processor */
	return device->sii_size > 0;
}

/* The text up to the next plus; what is behind it, NULL at the end. */
static const char *split(const char *text, char part[NAME_ROOM])
{
	struct ecr_text out;

	ecr_text_init(&out, part, NAME_ROOM);
	while (*text && *text != '+')
		ecr_text_char(&out, *text++);
	return *text ? text + 1 : NULL;
}

bool ecr_sim_shipped(const char *name, struct ecr_sim_device *device, uint8_t *sii, size_t room)
{
	char part[NAME_ROOM];
	const char *habits = split(name, part);

	if (!make(part, device, sii, room))
		return false;
	while (habits) {
		habits = split(habits, part);
		if (!ecr_sim_add_habit(device, part))
			return false;
	}
	return true;
}
