/* SPDX-License-Identifier: Apache-2.0 */
/* How a device is told what its outputs and inputs go by: objects 0x1C32 and 0x1C33 (ETG.1020). */
#include "slave/slave.h"

#include "wire/coe.h"

#define OUTPUTS_SM 2
#define TYPE 1 /* subindexes */
#define CYCLE_TIME 2

int ecr_sync_objects(enum ecr_sync_type outputs, enum ecr_sync_type inputs, uint32_t cycle_ns,
		     int number, struct ecr_sdo_write *write)
{
	const enum ecr_sync_type types[] = { outputs, inputs };

	for (unsigned int i = 0; i < 2; i++) {
		int writes = types[i] == ECR_SYNC_TYPE_KEPT ? 0 : cycle_ns ? 2 : 1;

		if (number >= writes) {
			number -= writes;
			continue;
		}
		*write = (struct ecr_sdo_write){
			.index = (uint16_t)ECR_COE_SM_SYNC(OUTPUTS_SM + i),
			.subindex = number ? CYCLE_TIME : TYPE,
			.flags = ECR_SDO_IF_ALLOWED, /* many a device has them for reading */
			.type = number ? ECR_SDO_U32 : ECR_SDO_U16,
			.value = number ? cycle_ns : (uint64_t)types[i],
		};
		return 1;
	}
	return 0;
}
