/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/esc.h"

#include <string.h>

#include "base/le.h"

void ecr_fmmu_encode(uint8_t bytes[ECR_FMMU_SIZE], const struct ecr_fmmu *fmmu)
{
	unsigned int type =
		(fmmu->read ? ECR_FMMU_TYPE_READ : 0) | (fmmu->write ? ECR_FMMU_TYPE_WRITE : 0);

	memset(bytes, 0, ECR_FMMU_SIZE);
	ecr_put_le32(bytes + ECR_FMMU_LOGICAL, fmmu->logical);
	ecr_put_le16(bytes + ECR_FMMU_LENGTH, fmmu->length);
	bytes[ECR_FMMU_START_BIT] = fmmu->start_bit & ECR_FMMU_BIT_MASK;
	bytes[ECR_FMMU_STOP_BIT] = fmmu->stop_bit & ECR_FMMU_BIT_MASK;
	ecr_put_le16(bytes + ECR_FMMU_PHYSICAL, fmmu->physical);
	bytes[ECR_FMMU_PHYSICAL_BIT] = fmmu->physical_bit & ECR_FMMU_BIT_MASK;
	bytes[ECR_FMMU_TYPE] = (uint8_t)type;
	bytes[ECR_FMMU_ACTIVATE] = fmmu->enable ? ECR_FMMU_ENABLE : 0;
}

void ecr_fmmu_decode(const uint8_t bytes[ECR_FMMU_SIZE], struct ecr_fmmu *fmmu)
{
	*fmmu = (struct ecr_fmmu){
		.logical = ecr_le32(bytes + ECR_FMMU_LOGICAL),
		.length = ecr_le16(bytes + ECR_FMMU_LENGTH),
		.start_bit = bytes[ECR_FMMU_START_BIT] & ECR_FMMU_BIT_MASK,
		.stop_bit = bytes[ECR_FMMU_STOP_BIT] & ECR_FMMU_BIT_MASK,
		.physical = ecr_le16(bytes + ECR_FMMU_PHYSICAL),
		.physical_bit = bytes[ECR_FMMU_PHYSICAL_BIT] & ECR_FMMU_BIT_MASK,
		.read = bytes[ECR_FMMU_TYPE] & ECR_FMMU_TYPE_READ,
		.write = bytes[ECR_FMMU_TYPE] & ECR_FMMU_TYPE_WRITE,
		.enable = bytes[ECR_FMMU_ACTIVATE] & ECR_FMMU_ENABLE,
	};
}

uint32_t ecr_fmmu_bits(const struct ecr_fmmu *fmmu)
{
	int32_t bits = (int32_t)fmmu->length * 8 - fmmu->start_bit - (7 - fmmu->stop_bit);

	return fmmu->length && bits > 0 ? (uint32_t)bits : 0;
}

void ecr_sm_encode(uint8_t bytes[ECR_SM_SIZE], const struct ecr_sm *sm)
{
	ecr_put_le16(bytes + ECR_SM_START, sm->start);
	ecr_put_le16(bytes + ECR_SM_LENGTH, sm->length);
	bytes[ECR_SM_CONTROL] = sm->control;
	bytes[ECR_SM_STATUS] = sm->status;
	bytes[ECR_SM_ACTIVATE] = sm->activate;
	bytes[ECR_SM_PDI_CONTROL] = sm->pdi_control;
}

void ecr_sm_decode(const uint8_t bytes[ECR_SM_SIZE], struct ecr_sm *sm)
{
	*sm = (struct ecr_sm){
		.start = ecr_le16(bytes + ECR_SM_START),
		.length = ecr_le16(bytes + ECR_SM_LENGTH),
		.control = bytes[ECR_SM_CONTROL],
		.status = bytes[ECR_SM_STATUS],
		.activate = bytes[ECR_SM_ACTIVATE],
		.pdi_control = bytes[ECR_SM_PDI_CONTROL],
	};
}

bool ecr_sm_is_mailbox(const struct ecr_sm *sm)
{
	return (sm->control & ECR_SM_CONTROL_MODE_MASK) == ECR_SM_CONTROL_MAILBOX;
}

bool ecr_sm_master_writes(const struct ecr_sm *sm)
{
	return (sm->control & ECR_SM_CONTROL_DIRECTION_MASK) == ECR_SM_CONTROL_WRITE;
}

bool ecr_sm_enabled(const struct ecr_sm *sm)
{
	return sm->activate & ECR_SM_ACTIVATE_ENABLE;
}

const char *ecr_al_state_name(uint16_t state)
{
	switch (state & ECR_AL_STATE_MASK) {
	case ECR_AL_INIT:
		return "INIT";
	case ECR_AL_PREOP:
		return "PREOP";
	case ECR_AL_BOOT:
		return "BOOT";
	case ECR_AL_SAFEOP:
		return "SAFEOP";
	case ECR_AL_OP:
		return "OP";
	default:
		return "?";
	}
}

bool ecr_fmmu_is_bitwise(const struct ecr_fmmu *fmmu)
{
	return fmmu->start_bit != 0 || fmmu->stop_bit != 7 || fmmu->physical_bit != 0;
}
