/* SPDX-License-Identifier: Apache-2.0 */
/* Until everybody is in PREOP: who failed tries again, and the start's limit ends the session. */
#include "master/master.h"

#define RETRY_NS ECR_MS(200)
#define GRACE_NS ECR_S(1) /* what begins at the very end of the limit is not what it was spent on */

/* Another number of slaves than was counted, and as many as there must be. */
static bool bringup_met_others(const struct ecr_core *core)
{
	for (int i = 0; i < core->slave_count; i++) {
		const struct ecr_slave *slave = &core->slaves[i];

		if (slave->configuration_failure.error == ECR_ERR_NO_RESPONSE &&
		    slave->ring_count && slave->ring_seen &&
		    slave->ring_seen != slave->ring_count &&
		    slave->ring_seen >= ecr_master_needed(core->config))
			return true;
	}
	return false;
}

/* The ring does not stay as it is for long enough to be counted. */
static bool ended_late(struct ecr_core *core, ecr_time grace)
{
	if (core->now < core->preop_deadline + grace)
		return false;
	ecr_master_fail(core, ECR_ERR_AWAITING_PREOP_TIMEOUT, NULL, ECR_ERR_NO_RESPONSE);
	return true;
}

const struct ecr_slave *ecr_master_tarrying(const struct ecr_core *core)
{
	for (int i = 0; i < core->slave_count; i++) {
		const struct ecr_slave *slave = &core->slaves[i];

		if (slave->activity != ECR_ACTIVITY_NONE && slave->activity != ECR_ACTIVITY_CLOCK &&
		    core->now - core->phase_since >= slave->mailbox.timeout)
			return slave;
	}
	return NULL;
}

/* Who is under way when the limit is over has not come to PREOP; of a ring that was counted anew just before nobody is
 * blamed. */
static void give_up(struct ecr_core *core)
{
	if (core->recounted && core->now - core->phase_since < GRACE_NS) {
		ended_late(core, 0);
		return;
	}
	for (int i = 0; i < core->slave_count; i++)
		if (core->slaves[i].activity == ECR_ACTIVITY_BRINGUP)
			ecr_job_stop(&core->runner, &core->slaves[i].job,
				     ECR_ERR_AWAITING_PREOP_TIMEOUT);
}

/* Who need not be there comes later, while the others run. The first of those that are waited for; NULL: nobody is. */
static const struct ecr_slave *try_again(struct ecr_core *core)
{
	const struct ecr_slave *failed = NULL;
	bool lost = false;

	for (int i = 0; i < core->slave_count; i++) {
		struct ecr_slave *slave = &core->slaves[i];

		if (!slave->configuration_failure.error)
			continue;
		if (slave->optional) {
			slave->down = slave->arriving = true;
			continue;
		}
		failed = failed ? failed : slave;
		lost |= slave->configuration_failure.error == ECR_ERR_TIMEOUT;
		if (core->now >= slave->configuration_failure.at + RETRY_NS)
			ecr_master_begin(core, slave, ECR_ACTIVITY_BRINGUP, ECR_AL_PREOP);
	}
	if (lost)
		ecr_boot_be_patient(core);
	return failed;
}

/* Nobody has failed: all are there, unless more are when they are counted once more. */
static enum ecr_awaiting await_count(struct ecr_core *core)
{
	core->retry_at = core->now + ECR_MS(1);
	if (ecr_roll_checked(core))
		return ECR_AWAITING_NOBODY;
	ended_late(core, GRACE_NS);
	return ECR_AWAITING_SLAVES;
}

static bool heals(int error)
{
	return error != ECR_ERR_LIMIT && error != ECR_ERR_NO_BOOTSTRAP &&
	       error != ECR_ERR_IDENTITY_MISMATCH;
}

/* The session ends, begins anew, or waits for the next attempt. */
static enum ecr_awaiting await_failed(struct ecr_core *core, const struct ecr_slave *failed)
{
	if (!heals(failed->configuration_failure.error))
		ecr_master_fail(core, ECR_ERR_CONFIGURATION_FAILED, failed, 0);
	else if (core->now >= core->preop_deadline)
		ecr_master_fail(core, ECR_ERR_AWAITING_PREOP_TIMEOUT, failed, 0);
	else if (bringup_met_others(core))
		return ECR_AWAITING_COUNT;
	else if (core->retry_at <= core->now)
		core->retry_at = core->now + RETRY_NS / 4;
	return ECR_AWAITING_SLAVES;
}

static enum ecr_awaiting bringup_goes(struct ecr_core *core)
{
	const struct ecr_slave *failed;

	if (core->busy && core->bus.up && core->now >= core->preop_deadline)
		give_up(core);
	if (core->busy || core->phase != ECR_PHASE_BRINGUP)
		return ECR_AWAITING_SLAVES;
	failed = try_again(core);
	ecr_master_count(core, failed); /* it may be a cable that keeps them from it */
	return failed ? await_failed(core, failed) : await_count(core);
}

enum ecr_awaiting ecr_master_await_preop(struct ecr_core *core)
{
	if (core->roll.anew)
		return ended_late(core, 0) ? ECR_AWAITING_SLAVES : ECR_AWAITING_COUNT;
	return bringup_goes(core);
}
