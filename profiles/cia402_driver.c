/* SPDX-License-Identifier: Apache-2.0 */
#include <ecring/cia402.h>

#define SYNC_WRITES 4 /* type and cycle time, of outputs and inputs */
#define LARGEST 255   /* of 0x60C2:1 */

static int signals(const void *config, const struct ecr_pdo_list *pdos,
		   struct ecr_signal_model *models, int room)
{
	return ecr_default_driver.signal_model(config, pdos, models, room);
}

/* Interpolation time period: subindex 1 in units of ten to the power of subindex 2 seconds. */
static int period_write(ecr_time cycle_ns, int number, struct ecr_sdo_write *write)
{
	int power = -9;

	if (number > 1 || cycle_ns <= 0)
		return 0;
	for (; cycle_ns > LARGEST || cycle_ns % 10 == 0; power++)
		cycle_ns = (cycle_ns + 5) / 10;
	*write = (struct ecr_sdo_write){
		.index = ECR_402_INTERPOLATION_PERIOD,
		.subindex = (uint8_t)(number + 1),
		.flags = ECR_SDO_IF_ALLOWED,
		.type = number ? ECR_SDO_I8 : ECR_SDO_U8,
		.value = number ? (uint64_t)(int64_t)power : (uint64_t)cycle_ns,
	};
	return 1;
}

static int sync_mode(const void *config, const struct ecr_sync_config *sync, int number,
		     struct ecr_sdo_write *write)
{
	enum ecr_sync_type outputs = ECR_SYNC_TYPE_SM_EVENT;
	enum ecr_sync_type inputs = ECR_SYNC_TYPE_OUTPUTS_EVENT;

	(void)config;
	if (sync->mode != ECR_SYNC_FREE_RUN)
		outputs = inputs =
			sync->mode == ECR_SYNC_SYNC1 ? ECR_SYNC_TYPE_SYNC1 : ECR_SYNC_TYPE_SYNC0;
	if (number < SYNC_WRITES)
		return ecr_sync_objects(outputs, inputs, (uint32_t)sync->sync0_cycle_ns, number,
					write);
	return period_write(sync->sync0_cycle_ns, number - SYNC_WRITES, write);
}

const struct ecr_driver ecr_402_driver = {
	.name = "cia402",
	.signal_model = signals,
	.sync_mode = sync_mode,
};
