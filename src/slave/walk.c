/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walking to a goal state step by step, enabling OP-only SyncManagers before OP and disabling them
 * behind it: a device whose SyncManager is taken away while it is in OP reports an error. SYNC0 runs
 * before SAFEOP is asked for, until the slave is below it again: most drives look for it on the way to
 * OP, some already before.
 */
#include "slave/slave.h"

#include "base/le.h"

enum {
	WALK_ACKNOWLEDGE,
	WALK_ACKNOWLEDGED,
	WALK_NEXT,
	WALK_STARTUP,
	WALK_PARTED,
	WALK_STARTED,
	WALK_LINK,
	WALK_SYNC,
	WALK_SYNCED,
	WALK_FEED,
	WALK_SMS,
	WALK_CHANGE,
	WALK_CHANGED,
	WALK_SMS_OFF,
	WALK_SYNC_OFF,
};

#define FED_CYCLES 4 /* of SYNC0 with process data before OP is asked for */

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

/* What is written before this step; PREOP's is written elsewhere, and here stands for none. */
static enum ecr_sdo_when moment(const struct ecr_slave *slave)
{
	enum ecr_al_state next =
		ecr_al_next((enum ecr_al_state)slave->al_state, (enum ecr_al_state)slave->goal);

	if (slave->al_state == ECR_AL_PREOP && next == ECR_AL_SAFEOP)
		return ECR_AT_PS;
	if (slave->al_state == ECR_AL_SAFEOP && next == ECR_AL_OP)
		return ECR_AT_SO;
	if (slave->al_state == ECR_AL_OP && next >= ECR_AL_PREOP)
		return ECR_AT_OS;
	return slave->al_state == ECR_AL_SAFEOP && next == ECR_AL_PREOP ? ECR_AT_SP : ECR_AT_PREOP;
}

static bool startup_due(struct ecr_slave *slave)
{
	enum ecr_sdo_when when = moment(slave);

	return when != ECR_AT_PREOP && ecr_slave_speaks_coe(slave) &&
	       ecr_slave_has_startup(slave, when);
}

/* An error that the slave has latched makes it deaf to requests. */
static struct ecr_verdict walk_acknowledge(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);

	(void)answer;
	return slave->al_error ? ecr_call(ecr_slave_acknowledge(slave), WALK_ACKNOWLEDGED)
			       : ecr_goto(WALK_NEXT);
}

static struct ecr_verdict walk_acknowledged(struct ecr_job *job, const struct ecr_answer *answer)
{
	(void)answer;
	slave_of(job)->al_error = false;
	return ecr_goto(WALK_NEXT);
}

static struct ecr_verdict walk_next(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);

	(void)answer;
	if (ecr_slave_pulses_on(
		    slave)) /* it comes from SAFEOP, or a walk up that went no further */
		return ecr_goto(WALK_SYNC_OFF);
	if (slave->al_state == slave->goal)
		return ecr_done();
	return ecr_goto(startup_due(slave) ? WALK_STARTUP : WALK_STARTED);
}

static struct ecr_verdict walk_startup(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);
	struct ecr_job *list = ecr_slave_startup(slave, moment(slave));

	(void)answer;
	return slave->goal > slave->al_state ? ecr_call(list, WALK_STARTED)
					     : ecr_try(list, WALK_PARTED);
}

/* On the way down nothing holds it. */
static struct ecr_verdict walk_parted(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);

	(void)answer;
	if (slave->startup.job.result)
		ecr_mailbox_notice(&slave->mailbox, ECR_EVENT_SLAVE_WARNING,
				   "an object to be written on the way down was not",
				   slave->startup.write.index, slave->startup.write.subindex);
	return ecr_goto(WALK_STARTED);
}

static struct ecr_verdict walk_started(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);
	enum ecr_al_state next =
		ecr_al_next((enum ecr_al_state)slave->al_state, (enum ecr_al_state)slave->goal);

	(void)answer;
	if (next > slave->al_state && next >= ECR_AL_SAFEOP && ecr_slave_unlinked(slave) &&
	    slave->plan.fmmu_count && !slave->link_later)
		return ecr_goto(WALK_LINK);
	if (next == ECR_AL_SAFEOP && slave->al_state == ECR_AL_PREOP && ecr_slave_wants_sync(slave))
		return ecr_goto(WALK_SYNC);
	if (next == ECR_AL_OP && slave->sync.running && !slave->sync.fed)
		return ecr_goto(WALK_FEED);
	slave->sync.fed = false;
	if (has_op_only(slave) && next == ECR_AL_OP)
		return ecr_goto(WALK_SMS);
	return ecr_goto(WALK_CHANGE);
}

/* With all others, it did not take part while the session was up last. */
static struct ecr_verdict walk_link(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);

	if (!answer)
		return ecr_slave_switch_fmmus(slave, job, true);
	slave->linked = true;
	return ecr_goto(WALK_STARTED);
}

static struct ecr_verdict walk_sync(struct ecr_job *job, const struct ecr_answer *answer)
{
	(void)answer;
	return ecr_call(ecr_slave_sync(slave_of(job)), WALK_SYNCED);
}

static struct ecr_verdict walk_synced(struct ecr_job *job, const struct ecr_answer *answer)
{
	(void)job;
	(void)answer;
	return ecr_goto(WALK_CHANGE);
}

/* Process data come with the cycles meanwhile: a drive looks back over the last SYNC0. */
static struct ecr_verdict walk_feed(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);

	(void)answer;
	slave->sync.waited = !slave->sync.waited;
	if (slave->sync.waited)
		return ecr_wait(FED_CYCLES * slave->sync.cycle);
	slave->sync.fed = true;
	return ecr_goto(WALK_STARTED);
}

static struct ecr_verdict switch_op_only(struct ecr_job *job, uint8_t activate)
{
	const struct ecr_slave *slave = slave_of(job);

	for (int i = 0; i < slave->plan.sm_count; i++) {
		uint32_t address = ecr_address_station(
			slave->station, (uint16_t)ECR_REG_SM_ACTIVATE(slave->plan.sm_index[i]));

		if (slave->plan.op_only[i])
			ecr_job_write(job, ECR_CMD_FPWR, address, 1)[0] = activate;
	}
	return ecr_ask();
}

static struct ecr_verdict walk_sms(struct ecr_job *job, const struct ecr_answer *answer)
{
	return answer ? ecr_goto(WALK_CHANGE) : switch_op_only(job, ECR_SM_ACTIVATE_ENABLE);
}

static struct ecr_verdict walk_sms_off(struct ecr_job *job, const struct ecr_answer *answer)
{
	return answer ? ecr_goto(WALK_NEXT) : switch_op_only(job, 0);
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
	bool left_op = slave->al_state == ECR_AL_OP;

	(void)answer;
	slave->al_state = slave->al.target;
	return ecr_goto(left_op && has_op_only(slave) ? WALK_SMS_OFF : WALK_NEXT);
}

static struct ecr_verdict walk_sync_off(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_slave *slave = slave_of(job);

	if (!answer) {
		ecr_job_write(job, ECR_CMD_FPWR,
			      ecr_address_station(slave->station, ECR_REG_DC_ACTIVATION),
			      ECR_REG_DC_ACTIVATION_SIZE);
		return ecr_ask();
	}
	slave->sync.started = slave->sync.running = false;
	return ecr_goto(WALK_NEXT);
}

const struct ecr_step ecr_walk_steps[] = {
	[WALK_ACKNOWLEDGE] = { "walk.acknowledge", walk_acknowledge },
	[WALK_ACKNOWLEDGED] = { "walk.acknowledged", walk_acknowledged },
	[WALK_NEXT] = { "walk.next", walk_next },
	[WALK_STARTUP] = { "walk.startup", walk_startup },
	[WALK_PARTED] = { "walk.parted", walk_parted },
	[WALK_STARTED] = { "walk.started", walk_started },
	[WALK_LINK] = { "walk.link", walk_link, .wkc = 1, .tries = 3, .on_loss = ECR_ASK_AGAIN },
	[WALK_SMS] = { "walk.sync_managers", walk_sms, .wkc = 1, .tries = 3,
		       .on_loss = ECR_ASK_AGAIN },
	[WALK_SMS_OFF] = { "walk.sync_managers_off", walk_sms_off, .wkc = 1, .tries = 3,
			   .on_loss = ECR_ASK_AGAIN },
	[WALK_CHANGE] = { "walk.change", walk_change },
	[WALK_CHANGED] = { "walk.changed", walk_changed },
	[WALK_SYNC] = { "walk.sync", walk_sync },
	[WALK_SYNCED] = { "walk.synced", walk_synced },
	[WALK_FEED] = { "walk.feed", walk_feed },
	[WALK_SYNC_OFF] = { "walk.sync_off", walk_sync_off, .wkc = 1, .tries = 3,
			    .on_loss = ECR_ASK_AGAIN },
};
