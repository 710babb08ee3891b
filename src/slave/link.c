/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A slave that joins while others cycle reaches SAFEOP with its FMMUs switched off; they are switched
 * on together, in one frame, so that the working counter grows at a known moment. Those of one that
 * fell below SAFEOP are switched off: what it adds would stand for another that has just gone.
 */
#include "slave/slave.h"

enum { LINK_FMMUS };

struct ecr_verdict ecr_slave_switch_fmmus(struct ecr_slave *slave, struct ecr_job *job, bool on)
{
	for (int i = 0; i < slave->plan.fmmu_count; i++) {
		uint32_t address = ecr_address_station(
			slave->station, (uint16_t)(ECR_REG_FMMU(i) + ECR_FMMU_ACTIVATE));

		ecr_job_write(job, ECR_CMD_FPWR, address, 1)[0] =
			(uint8_t)(on ? slave->plan.fmmu[i].enable : 0);
	}
	return ecr_ask();
}

static struct ecr_verdict link_fmmus(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = ecr_container_of(job, struct ecr_slave, job);

	if (!answer && slave->plan.fmmu_count)
		return ecr_slave_switch_fmmus(slave, job, true);
	slave->linked = true;
	return ecr_done();
}

static bool is_set_as(const struct ecr_fmmu *fmmu, const struct ecr_slave *slave)
{
	const struct ecr_fmmu *wanted = &slave->plan.fmmu[0];

	return slave->linked && slave->plan.fmmu_count && wanted->enable && fmmu->enable &&
	       fmmu->logical == wanted->logical && fmmu->length == wanted->length &&
	       fmmu->start_bit == wanted->start_bit && fmmu->write == wanted->write &&
	       fmmu->read == wanted->read;
}

/* No two have the same part of an image, and a device keeps its own until it restarts or is brought up. */
struct ecr_slave *ecr_slave_of_fmmu(struct ecr_slave *slaves, int count,
				    const uint8_t registers[ECR_FMMU_SIZE])
{
	struct ecr_fmmu fmmu;

	ecr_fmmu_decode(registers, &fmmu);
	for (int i = 0; i < count; i++)
		if (is_set_as(&fmmu, &slaves[i]))
			return &slaves[i];
	return NULL;
}

const struct ecr_step ecr_link_steps[] = {
	[LINK_FMMUS] = { "link.fmmus", link_fmmus, .wkc = 1, .tries = 3, .on_loss = ECR_ASK_AGAIN },
};

static struct ecr_verdict unlink_fmmus(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = ecr_container_of(job, struct ecr_slave, job);

	if (!answer && slave->plan.fmmu_count)
		return ecr_slave_switch_fmmus(slave, job, false);
	slave->linked = slave->may_count = false;
	return ecr_done();
}

const struct ecr_step ecr_unlink_steps[] = {
	[LINK_FMMUS] = { "unlink.fmmus", unlink_fmmus, .wkc = 1, .tries = 3,
			 .on_loss = ECR_ASK_AGAIN },
};
