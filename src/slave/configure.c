/* SPDX-License-Identifier: Apache-2.0 */
/* Programming the plan in PREOP: watchdog, process data SyncManagers, FMMUs; what the plan does not
 * use is cleared. */
#include "slave/slave.h"

enum { SET_SMS, SET_FMMUS, SET_WATCHDOG, SET_DONE };

#define SMS_PER_QUESTION 8
#define FMMUS_PER_QUESTION 8

static struct ecr_slave *slave_of(struct ecr_job *job)
{
	return ecr_container_of(job, struct ecr_slave, job);
}

/* SMx is inactive while it is set up: one write of the whole channel carries the enable bit last.
 */
static struct ecr_verdict set_sms(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);
	const struct ecr_slave_plan *plan = &slave->plan;
	int end;

	if (answer)
		slave->step = (uint8_t)(slave->step + SMS_PER_QUESTION);
	if (slave->step >= plan->sm_count) {
		slave->step = 0;
		return ecr_goto(SET_FMMUS);
	}
	if (answer)
		return ecr_goto(SET_SMS);
	end = slave->step + SMS_PER_QUESTION < plan->sm_count ? slave->step + SMS_PER_QUESTION
							      : plan->sm_count;
	for (int i = slave->step; i < end; i++) {
		struct ecr_sm sm = plan->sm[i];
		uint32_t address = ecr_address_station(slave->station,
						       (uint16_t)ECR_REG_SM(plan->sm_index[i]));

		sm.activate =
			(uint8_t)(plan->op_only[i] || !sm.length ? 0 : ECR_SM_ACTIVATE_ENABLE);
		ecr_sm_encode(ecr_job_write(job, ECR_CMD_FPWR, address, ECR_SM_SIZE), &sm);
	}
	return ecr_ask();
}

/* From now on it counts, even should what is left to be done fail. */
static struct ecr_verdict fmmus_are_set(struct ecr_slave *slave)
{
	slave->fmmus_set = slave->plan.fmmu_count;
	slave->linked = slave->may_count = !slave->link_later;
	return ecr_goto(SET_WATCHDOG);
}

static struct ecr_verdict set_fmmus(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);
	const struct ecr_slave_plan *plan = &slave->plan;
	/* Those of a former plan would go on counting. */
	int count = plan->fmmu_count > slave->fmmus_set ? plan->fmmu_count : slave->fmmus_set;
	int end;

	if (answer)
		slave->step = (uint8_t)(slave->step + FMMUS_PER_QUESTION);
	if (slave->step >= count)
		return fmmus_are_set(slave);
	if (answer)
		return ecr_goto(SET_FMMUS);
	/* Whether the answer comes back or not, and whatever becomes of the rest. */
	slave->may_count = slave->may_count || !slave->link_later;
	end = slave->step + FMMUS_PER_QUESTION < count ? slave->step + FMMUS_PER_QUESTION : count;
	for (int i = slave->step; i < end; i++) {
		uint32_t address = ecr_address_station(slave->station, (uint16_t)ECR_REG_FMMU(i));
		struct ecr_fmmu fmmu = { 0 };

		if (i < plan->fmmu_count)
			fmmu = plan->fmmu[i];
		fmmu.enable = fmmu.enable && !slave->link_later;
		ecr_fmmu_encode(ecr_job_write(job, ECR_CMD_FPWR, address, ECR_FMMU_SIZE), &fmmu);
	}
	return ecr_ask();
}

static struct ecr_verdict set_watchdog(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);
	uint32_t divider = ecr_address_station(slave->station, ECR_REG_WATCHDOG_DIVIDER);
	uint32_t units = ecr_address_station(slave->station, ECR_REG_WATCHDOG_SM);

	if (answer || !slave->plan.watchdog)
		return ecr_goto(SET_DONE);
	ecr_job_write16(job, ECR_CMD_FPWR, divider, slave->plan.watchdog_divider);
	ecr_job_write16(job, ECR_CMD_FPWR, units, slave->plan.watchdog_units);
	return ecr_ask();
}

static struct ecr_verdict set_done(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);

	(void)answer;
	slave->planned = true;
	return ecr_done();
}

const struct ecr_step ecr_configure_steps[] = {
	[SET_SMS] = { "configure.sync_managers", set_sms, .wkc = 1, .tries = 3,
		      .on_loss = ECR_ASK_AGAIN },
	[SET_FMMUS] = { "configure.fmmus", set_fmmus, .wkc = 1, .tries = 3,
			.on_loss = ECR_ASK_AGAIN },
	[SET_WATCHDOG] = { "configure.watchdog", set_watchdog, .wkc = 1, .tries = 3,
			   .on_loss = ECR_ASK_AGAIN },
	[SET_DONE] = { "configure.done", set_done },
};
