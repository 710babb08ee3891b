/* SPDX-License-Identifier: Apache-2.0 */
/* A device for trying a mailbox: objects of all lengths, and process data as small as can be. */
#include "sim/devices/terminal.h"
#include "wire/coe_types.h"
#include "wire/esc.h"

#define PRODUCT 0x1602u

static const struct sim_pdo_entry outputs[] = { { 0x7000, 1, 8, ECR_COE_TYPE_UNSIGNED8, "led0" },
						{ 0x7000, 2, 8, ECR_COE_TYPE_UNSIGNED8, "led1" } };
static const struct sim_pdo_entry inputs[] = { { 0x6000, 1, 8, ECR_COE_TYPE_UNSIGNED8,
						 "button1" } };
static const struct sim_pdo pdos[] = { { 0x1600, 2, 2, outputs, "Outputs" },
				       { 0x1A00, 3, 1, inputs, "Inputs" } };
static const struct ecr_sii_sm sms[] = {
	{ 0x1100, 2, ECR_SM_CONTROL_OUTPUTS, 0, 1, SIM_SM_TYPE_OUTPUTS },
	{ 0x1180, 1, ECR_SM_CONTROL_INPUTS, 0, 1, SIM_SM_TYPE_INPUTS },
};
static const struct sim_terminal terminal = {
	.name = "Mailbox device",
	.identity = { SIM_VENDOR_GENERIC, PRODUCT, 1, 0 },
	.mailbox = { .receive_offset = 0x1000,
		     .receive_size = 64,
		     .send_offset = 0x1040,
		     .send_size = 64,
		     .protocols = ECR_SII_MAILBOX_COE },
	.coe_details = ECR_SII_COE_SDO | ECR_SII_COE_SDO_INFO | ECR_SII_COE_COMPLETE_ACCESS,
	.sm_count = 2,
	.pdo_count = 2,
	.sms = sms,
	.pdos = pdos,
};

/* 0, 1, 2 ... */
#define EIGHT(n) (n), (n) + 1, (n) + 2, (n) + 3, (n) + 4, (n) + 5, (n) + 6, (n) + 7
#define SIXTY_FOUR(n) \
	EIGHT(n), EIGHT((n) + 8), EIGHT((n) + 16), EIGHT((n) + 24), EIGHT((n) + 32), \
		EIGHT((n) + 40), EIGHT((n) + 48), EIGHT((n) + 56)
static const uint8_t bytes[192] = { SIXTY_FOUR(0), SIXTY_FOUR(64), SIXTY_FOUR(128) };
static const uint8_t greeting[12] = "hello-sim";

static const struct ecr_sim_entry values[] = {
	{ .subindex = 1,
	  .type = ECR_COE_TYPE_UNSIGNED16,
	  .access = ECR_SIM_RW,
	  .name = "Word",
	  .value = 0x1234u },
	{ .subindex = 2, .type = ECR_COE_TYPE_UNSIGNED8, .access = ECR_SIM_RW, .name = "Byte" },
};
static const struct ecr_sim_entry text[] = {
	{ .subindex = 1,
	  .type = ECR_COE_TYPE_OCTET_STRING,
	  .access = ECR_SIM_RW,
	  .name = "Text",
	  .data = greeting,
	  .size = sizeof(greeting) },
};
static const struct ecr_sim_entry block[] = {
	{ .subindex = 1,
	  .type = ECR_COE_TYPE_OCTET_STRING,
	  .access = ECR_SIM_RW,
	  .name = "Block",
	  .data = bytes,
	  .size = 80 },
};
static const struct ecr_sim_entry large[] = {
	{ .subindex = 1,
	  .type = ECR_COE_TYPE_OCTET_STRING,
	  .access = ECR_SIM_RW,
	  .name = "Large block",
	  .data = bytes,
	  .size = 192 },
};
static const struct ecr_sim_object objects[] = {
	{ 0x2000, ECR_OBJECT_RECORD, 0, "Values", values, 2 },
	{ 0x2001, ECR_OBJECT_RECORD, 0, "Text", text, 1 },
	{ 0x2002, ECR_OBJECT_RECORD, 0, "Block", block, 1 },
	{ 0x2003, ECR_OBJECT_RECORD, 0, "Large block", large, 1 },
};

bool sim_mailbox_device(struct ecr_sim_device *device, uint8_t *sii, size_t room)
{
	device->sii = sii;
	device->sii_size = sim_terminal_sii(&terminal, sii, room);
	device->objects = objects;
	device->object_count = sizeof(objects) / sizeof(objects[0]);
	return device->sii_size > 0;
}
