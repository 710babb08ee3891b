/* SPDX-License-Identifier: Apache-2.0 */
/* A terminal with two analog outputs and two inputs whose PDOs can be assigned and mapped at will. */
#include "sim/devices/terminal.h"
#include "wire/coe_types.h"
#include "wire/esc.h"

#define PRODUCT 0x1702u
#define DETAILS \
	(ECR_SII_COE_SDO | ECR_SII_COE_SDO_INFO | ECR_SII_COE_PDO_ASSIGN | \
	 ECR_SII_COE_PDO_CONFIG | ECR_SII_COE_COMPLETE_ACCESS)

static const struct sim_pdo_entry output1[] = { { 0x7000, 1, 16, ECR_COE_TYPE_INTEGER16,
						  "Output 1" } };
static const struct sim_pdo_entry output2[] = { { 0x7010, 1, 16, ECR_COE_TYPE_INTEGER16,
						  "Output 2" } };
static const struct sim_pdo_entry input1[] = {
	{ 0x6000, 1, 1, ECR_COE_TYPE_BOOLEAN, "Underrange" },
	{ 0x6000, 2, 1, ECR_COE_TYPE_BOOLEAN, "Overrange" },
	{ 0, 0, 14, 0, NULL },
	{ 0x6000, 17, 16, ECR_COE_TYPE_INTEGER16, "Value" },
};
static const struct sim_pdo_entry input2[] = {
	{ 0x6010, 1, 1, ECR_COE_TYPE_BOOLEAN, "Underrange" },
	{ 0x6010, 2, 1, ECR_COE_TYPE_BOOLEAN, "Overrange" },
	{ 0, 0, 14, 0, NULL },
	{ 0x6010, 17, 16, ECR_COE_TYPE_INTEGER16, "Value" },
};
/* The same inputs without their states. */
static const struct sim_pdo_entry compact1[] = { { 0x6000, 17, 16, ECR_COE_TYPE_INTEGER16,
						   "Value" } };
static const struct sim_pdo_entry compact2[] = { { 0x6010, 17, 16, ECR_COE_TYPE_INTEGER16,
						   "Value" } };
static const struct sim_pdo pdos[] = {
	{ 0x1600, 2, 1, output1, "Output 1" },
	{ 0x1601, 2, 1, output2, "Output 2" },
	{ 0x1A00, 3, 4, input1, "Input 1" },
	{ 0x1A01, SIM_NOT_ASSIGNED, 1, compact1, "Input 1 compact" },
	{ 0x1A02, 3, 4, input2, "Input 2" },
	{ 0x1A03, SIM_NOT_ASSIGNED, 1, compact2, "Input 2 compact" },
};
static const struct ecr_sii_sm sms[] = {
	{ 0x1100, 4, ECR_SM_CONTROL_OUTPUTS, 0, 1, SIM_SM_TYPE_OUTPUTS },
	{ 0x1180, 8, ECR_SM_CONTROL_INPUTS, 0, 1, SIM_SM_TYPE_INPUTS },
};
static const struct sim_terminal terminal = {
	.name = "Analog terminal",
	.identity = { SIM_VENDOR_GENERIC, PRODUCT, 1, 0 },
	.mailbox = SIM_USUAL_MAILBOX,
	.coe_details = DETAILS,
	.sm_count = 2,
	.pdo_count = 6,
	.sms = sms,
	.pdos = pdos,
};

bool sim_analog_coe(struct ecr_sim_device *device, uint8_t *sii, size_t room)
{
	device->sii = sii;
	device->sii_size = sim_terminal_sii(&terminal, sii, room);
	return device->sii_size > 0;
}
