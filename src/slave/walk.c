/* SPDX-License-Identifier: Apache-2.0 */
/* Walking to a goal state step by step, enabling OP-only SyncManagers on the way up and disabling
 * them on the way down. */
#include "slave/slave.h"

#include "base/le.h"

enum { WALK_NEXT, WALK_SMS, WALK_CHANGE, WALK_CHANGED };

static struct ecr_slave *slave_of(struct ecr_job *job)
{
	return ecr_container_of(job, struct ecr_slave, job);
}

static bool has_op_only(const struct ecr_slave *slave)
{
	for (int i = 0; i < slave->plan.sm_count; i++)
		if (slave->plan.op_only[i])
			return true;
	return false;
}

static struct ecr_verdict walk_next(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);
	enum ecr_al_state next =
		ecr_al_next((enum ecr_al_state)slave->al_state, (enum ecr_al_state)slave->goal);

	(void)answer;
	if (slave->al_state == slave->goal)
		return ecr_done();
	if (has_op_only(slave) && (next == ECR_AL_OP || slave->al_state == ECR_AL_OP))
		return ecr_goto(WALK_SMS);
	return ecr_goto(WALK_CHANGE);
}

static struct ecr_verdict walk_sms(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);
	bool up = slave->goal == ECR_AL_OP;

	if (answer)
		return ecr_goto(WALK_CHANGE);
	for (int i = 0; i < slave->plan.sm_count; i++) {
		uint32_t address = ecr_address_station(
			slave->station, (uint16_t)ECR_REG_SM_ACTIVATE(slave->plan.sm_index[i]));

		if (slave->plan.op_only[i])
			ecr_job_write(job, ECR_CMD_FPWR, address, 1)[0] =
				up ? ECR_SM_ACTIVATE_ENABLE : 0;
	}
	return ecr_ask();
}

static struct ecr_verdict walk_change(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);

	(void)answer;
	return ecr_call(ecr_slave_al(slave, ecr_al_next((enum ecr_al_state)slave->al_state,
							(enum ecr_al_state)slave->goal)),
			WALK_CHANGED);
}

static struct ecr_verdict walk_changed(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);

	(void)answer;
	slave->al_state = slave->al.target;
	return ecr_goto(WALK_NEXT);
}

const struct ecr_step ecr_walk_steps[] = {
	[WALK_NEXT] = { "walk.next", walk_next },
	[WALK_SMS] = { "walk.sync_managers", walk_sms, .wkc = 1, .tries = 3,
		       .on_loss = ECR_ASK_AGAIN },
	[WALK_CHANGE] = { "walk.change", walk_change },
	[WALK_CHANGED] = { "walk.changed", walk_changed },
};
