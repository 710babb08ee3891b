/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EL3202: two resistance thermometers. What each element means is said at start-up, 0x8000:19 and
 * 0x8010:19 (hexadecimal): temperature in 0.1 degrees, or resistance. The field side is the resistance
 * in milliohms, 0x9000:2 and 0x9010:2.
 */
#include "sim/devices/terminal.h"
#include "wire/coe_types.h"
#include "wire/esc.h"

#define PRODUCT 0x0C823052u
#define DETAILS (ECR_SII_COE_SDO | ECR_SII_COE_SDO_INFO | ECR_SII_COE_COMPLETE_ACCESS)
#define CONVERSION_NS ECR_MS(10)
#define LEAST_MILLIOHMS 10000
#define MOST_MILLIOHMS 5000000

/* What the element is, of 0x8000:19. */
enum { PT100 = 0, PT1000 = 2, PT500 = 3, OHMS_16 = 8, OHMS_64 = 9 };

/* Subindexes */
enum { UNDERRANGE = 1, OVERRANGE = 2, FAULT = 7, STATE = 15, TOGGLE = 16, VALUE = 17 };
enum { ELEMENT = 0x19, RESISTANCE = 2 };

#define CHANNEL(index) \
	{ \
		{ (index), UNDERRANGE, 1, ECR_COE_TYPE_BOOLEAN, "Underrange" }, \
			{ (index), OVERRANGE, 1, ECR_COE_TYPE_BOOLEAN, "Overrange" }, \
			{ (index), 3, 2, ECR_COE_TYPE_BIT2, "Limit 1" }, \
			{ (index), 5, 2, ECR_COE_TYPE_BIT2, "Limit 2" }, \
			{ (index), FAULT, 1, ECR_COE_TYPE_BOOLEAN, "Error" }, \
			{ 0, 0, 7, 0, NULL }, \
			{ (index), STATE, 1, ECR_COE_TYPE_BOOLEAN, "TxPDO State" }, \
			{ (index), TOGGLE, 1, ECR_COE_TYPE_BOOLEAN, "TxPDO Toggle" }, \
			{ (index), VALUE, 16, ECR_COE_TYPE_INTEGER16, "Value" }, \
	}

static const struct sim_pdo_entry channel1[] = CHANNEL(0x6000);
static const struct sim_pdo_entry channel2[] = CHANNEL(0x6010);
static const struct sim_pdo pdos[] = { { 0x1A00, 3, 9, channel1, "RTD Inputs Channel 1" },
				       { 0x1A01, 3, 9, channel2, "RTD Inputs Channel 2" } };
static const struct ecr_sii_sm sms[] = {
	{ 0x1100, 0, ECR_SM_CONTROL_WRITE, 0, 0, SIM_SM_TYPE_OUTPUTS },
	{ 0x1180, 8, ECR_SM_CONTROL_INPUTS, 0, 1, SIM_SM_TYPE_INPUTS },
};
static const struct sim_terminal terminal = {
	.name = "EL3202",
	.identity = { SIM_VENDOR_BECKHOFF, PRODUCT, 0x00160000, 0 },
	.mailbox = { .receive_offset = 0x1000,
		     .receive_size = 128,
		     .send_offset = 0x1080,
		     .send_size = 128,
		     .boot_receive_offset = 0x1000,
		     .boot_receive_size = 244,
		     .boot_send_offset = 0x1100,
		     .boot_send_size = 244,
		     .protocols = ECR_SII_MAILBOX_COE | ECR_SII_MAILBOX_FOE },
	.coe_details = DETAILS,
	.sm_count = 2,
	.pdo_count = 2,
	.sms = sms,
	.pdos = pdos,
};

#define SETTING(number, kind, first, text) \
	{ \
		.subindex = (number), .type = ECR_COE_TYPE_##kind, \
		.access = ECR_SIM_RW | ECR_ACCESS_BACKUP | ECR_ACCESS_SETTING, .name = (text), \
		.value = (first) \
	}

static const struct ecr_sim_entry settings[] = {
	SETTING(0x01, BOOLEAN, 0, "Enable user scale"),
	SETTING(0x02, BIT3, 0, "Presentation"),
	SETTING(0x05, BOOLEAN, 0, "Siemens bits"),
	SETTING(0x06, BOOLEAN, 1, "Enable filter"),
	SETTING(0x07, BOOLEAN, 0, "Enable limit 1"),
	SETTING(0x08, BOOLEAN, 0, "Enable limit 2"),
	SETTING(0x0A, BOOLEAN, 0, "Enable user calibration"),
	SETTING(0x0B, BOOLEAN, 1, "Enable vendor calibration"),
	SETTING(0x11, INTEGER16, 0, "User scale offset"),
	SETTING(0x12, INTEGER32, 65536, "User scale gain"),
	SETTING(0x13, INTEGER16, 0, "Limit 1"),
	SETTING(0x14, INTEGER16, 0, "Limit 2"),
	SETTING(0x15, UNSIGNED16, 0, "Filter settings"),
	SETTING(0x17, INTEGER16, 0, "User calibration offset"),
	SETTING(0x18, UNSIGNED16, 16384, "User calibration gain"),
	SETTING(ELEMENT, UNSIGNED16, PT100, "RTD element"),
	SETTING(0x1A, UNSIGNED16, 0, "Connection technology"),
	SETTING(0x1B, INTEGER16, 0, "Wire calibration 1/32 Ohm"),
};
static const struct ecr_sim_entry field[] = {
	{ .subindex = 1, .type = ECR_COE_TYPE_INTEGER32, .access = ECR_SIM_RO, .name = "ADC raw" },
	{ .subindex = RESISTANCE,
	  .type = ECR_COE_TYPE_UNSIGNED32,
	  .access = ECR_SIM_RO,
	  .name = "Resistance",
	  .value = 100000 },
};

#define COUNT(array) (uint16_t)(sizeof(array) / sizeof((array)[0]))

static const struct ecr_sim_object objects[] = {
	{ 0x8000, ECR_OBJECT_RECORD, 0, "RTD settings channel 1", settings, COUNT(settings) },
	{ 0x8010, ECR_OBJECT_RECORD, 0, "RTD settings channel 2", settings, COUNT(settings) },
	{ 0x9000, ECR_OBJECT_RECORD, 0, "RTD info data channel 1", field, COUNT(field) },
	{ 0x9010, ECR_OBJECT_RECORD, 0, "RTD info data channel 2", field, COUNT(field) },
};

struct el3202 {
	ecr_time next;
	bool toggle;
};

/* Resistance of a platinum element at a temperature in 0.1 degrees (IEC 60751 above 0 degrees; its
 * curve goes on below, which is off by less than a degree down to -100). */
static int64_t platinum(int64_t nominal_milliohms, int64_t tenths)
{
	int64_t factor = 1000000000 + 390830 * tenths - 5775 * tenths * tenths / 1000;

	return nominal_milliohms * factor / 1000000000;
}

static int64_t temperature(int64_t nominal_milliohms, int64_t milliohms)
{
	int64_t low = -2000;
	int64_t high = 8500;

	while (low < high) {
		int64_t middle = low + (high - low) / 2;

		if (platinum(nominal_milliohms, middle) < milliohms)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int64_t presented(int64_t element, int64_t milliohms)
{
	switch (element) {
	case OHMS_16:
		return milliohms * 16 / 1000;
	case OHMS_64:
		return milliohms * 64 / 1000;
	case PT500:
		return temperature(500000, milliohms);
	case PT1000:
		return temperature(1000000, milliohms);
	default:
		return temperature(100000, milliohms);
	}
}

static void convert(struct ecr_sim_app *app, uint16_t offset, bool toggle)
{
	uint16_t input = (uint16_t)(channel1[0].index + offset);
	int64_t milliohms = ecr_sim_app_get(app, (uint16_t)(objects[2].index + offset), RESISTANCE);
	int64_t element = ecr_sim_app_get(app, (uint16_t)(objects[0].index + offset), ELEMENT);
	bool under = milliohms < LEAST_MILLIOHMS;
	bool over = milliohms > MOST_MILLIOHMS;

	ecr_sim_app_set(app, input, UNDERRANGE, under);
	ecr_sim_app_set(app, input, OVERRANGE, over);
	ecr_sim_app_set(app, input, FAULT, under || over);
	ecr_sim_app_set(app, input, STATE, under || over);
	ecr_sim_app_set(app, input, TOGGLE, toggle);
	ecr_sim_app_set(app, input, VALUE, presented(element, milliohms));
}

static void step(struct ecr_sim_app *app, void *state, ecr_time now)
{
	struct el3202 *el3202 = state;

	if (now < el3202->next)
		return;
	el3202->next = now + CONVERSION_NS;
	el3202->toggle = !el3202->toggle;
	convert(app, 0, el3202->toggle);
	convert(app, (uint16_t)(channel2[0].index - channel1[0].index), el3202->toggle);
}

static const struct ecr_sim_behaviour behaviour = { .state_size = sizeof(struct el3202),
						    .step = step };

bool sim_el3202(struct ecr_sim_device *device, uint8_t *sii, size_t room)
{
	device->sii = sii;
	device->sii_size = sim_terminal_sii(&terminal, sii, room);
	device->objects = objects;
	device->object_count = COUNT(objects);
	device->behaviour = &behaviour;
	return device->sii_size > 0;
}
