/* SPDX-License-Identifier: Apache-2.0 */
/* What the end of a conversation means for its slave. */
#include "master/master.h"

#include "base/text.h"

#include <string.h>

/* What was wrong over the mailbox: the object, and what refused it. */
static void remember_object(const struct ecr_slave *slave, struct ecr_failure *failure)
{
	const struct ecr_sdo_result *result = &slave->transfer.result;
	bool pdos = failure->error == ECR_ERR_PDO_MISMATCH || failure->error == ECR_ERR_PDO_FIXED ||
		    failure->error == ECR_ERR_PDO_EXCLUDED ||
		    (failure->error == ECR_ERR_LIMIT && slave->activity == ECR_ACTIVITY_PROVISION);

	if (failure->error == ECR_ERR_MAILBOX_CONFIG_FAILED)
		failure->cause = slave->startup.error;
	if (pdos) {
		failure->subject =
			failure->error == ECR_ERR_LIMIT ? "limits.pdos or pdo_entries" : "PDO";
		failure->index = slave->pdos.index;
		failure->subindex = slave->pdos.subindex;
		failure->expected = slave->pdos.expected;
		failure->actual = slave->pdos.actual;
		memcpy(failure->sides, slave->pdos.sides, sizeof(failure->sides));
	} else if (slave->activity == ECR_ACTIVITY_PROVISION ||
		   failure->error == ECR_ERR_MAILBOX_CONFIG_FAILED) {
		failure->index = result->index;
		failure->subindex = result->subindex;
		failure->abort_code = result->abort_code;
		failure->expected = result->expected;
		failure->actual = result->actual;
		failure->subject = "object";
	}
}

static void remember_failure(struct ecr_core *core, struct ecr_slave *slave, int error)
{
	struct ecr_failure *failure = &slave->configuration_failure;

	if (error == ECR_ERR_AWAITING_PREOP_TIMEOUT && failure->error)
		return; /* what it has failed with before says more */
	slave->renewed = false;
	*failure = ecr_master_failure_of(core, slave, &slave->job, error);
	remember_object(slave, failure);
	if (error == ECR_ERR_AL_ERROR || error == ECR_ERR_AL_TIMEOUT) {
		failure->al_status = slave->al.status;
		failure->al_code = slave->al.code;
		failure->expected = slave->al.target;
		failure->actual = slave->al.status & ECR_AL_STATE_MASK;
		failure->subject = "AL state";
	} else if (error == ECR_ERR_IDENTITY_MISMATCH && slave->mismatch.what) {
		failure->expected = slave->mismatch.expected;
		failure->actual = slave->mismatch.actual;
		failure->subject = slave->mismatch.what;
	} else if (error == ECR_ERR_IDENTITY_MISMATCH) {
		failure->expected = slave->config->presence.identification;
		failure->actual = slave->identify.shown;
		failure->subject = "identification";
	} else if (error == ECR_ERR_LIMIT && slave->activity == ECR_ACTIVITY_BRINGUP) {
		failure->subject = "limits.sii_bytes";
	} else if (error == ECR_ERR_UNEXPECTED_WKC || error == ECR_ERR_NO_RESPONSE) {
		failure->expected = slave->job.expected_wkc;
		failure->actual = slave->job.failed_wkc;
		failure->subject = "working counter";
	}
}

/* A walk that was refused, or not heeded in time, leaves the slave where its own status says. */
static void believe_status(struct ecr_core *core, struct ecr_slave *slave)
{
	uint16_t state = slave->al.status & ECR_AL_STATE_MASK;
	int result = slave->job.result;

	if ((result == ECR_ERR_AL_ERROR || result == ECR_ERR_AL_TIMEOUT) && state)
		ecr_master_found_in(core, slave, (enum ecr_al_state)state);
}

/* For its history: what it has said itself, and nothing when it was silent. */
static void note_state(struct ecr_core *core, struct ecr_slave *slave, int result)
{
	if (result == ECR_ERR_AL_ERROR)
		ecr_slave_note_al(slave, core->now, slave->al.status, slave->al.code);
	else if (!result)
		ecr_slave_note_al(slave, core->now, slave->al_state, 0);
}

/* An odd EEPROM is used as far as it goes, and told. */
static void warn_of_sii(struct ecr_core *core, const struct ecr_slave *slave)
{
	if (slave->sii.warnings)
		ecr_core_emit(core, (struct ecr_event){
					    .kind = ECR_EVENT_SLAVE_WARNING,
					    .slave = (int16_t)slave->index,
					    .domain = -1,
					    .actual = slave->sii.warnings,
					    .text = ecr_sii_warning_text(slave->sii.warnings) });
}

/* What it brings is not in the plan, and may not be what the plan was made with: one made now may have it. */
static void wish_plan(struct ecr_slave *slave)
{
	if (slave->refused.error || (!slave->mapped && ecr_slave_has_process_data(slave)))
		slave->planned_for.outdated = true;
}

/*
 * Perhaps it stands elsewhere by now, or another in its place. And a plan is made anew only for who stands where a roll has
 * found it since it has its station.
 */
static bool wants_roll(const struct ecr_core *core, const struct ecr_slave *slave,
		       enum ecr_slave_activity activity, int result)
{
	bool up = activity == ECR_ACTIVITY_BRINGUP;

	return (result && up) || (activity == ECR_ACTIVITY_PROVISION && core->roll.one_by_one) ||
	       ecr_attend_doubts(slave, result) ||
	       ((up || activity == ECR_ACTIVITY_PROVISION) && slave->planned_for.outdated &&
		ecr_master_may_plan(core));
}

static bool was_not_found(const struct ecr_slave *slave)
{
	const struct ecr_failure *failure = &slave->configuration_failure;

	return slave->down && slave->activity == ECR_ACTIVITY_NONE && failure->error &&
	       ecr_text_equal(failure->phase, "slave.whose");
}

/* The next one in that direction that was not found in its place is looked for there at once. */
static void try_next(struct ecr_core *core, const struct ecr_slave *slave, int step)
{
	int at = slave->index + step;

	while (at >= 0 && at < core->slave_count && !was_not_found(&core->slaves[at]))
		at += step;
	if (at < 0 || at >= core->slave_count)
		return;
	core->slaves[at].retry_at = core->now;
	core->attention = true;
}

/*
 * It is where it should be: so its neighbours are known by it, or by the station that is theirs again. Else a row of them would
 * find that out one after the other, each after a pause of its own.
 */
static void try_neighbours(struct ecr_core *core, const struct ecr_slave *slave)
{
	try_next(core, slave, 1);
	try_next(core, slave, -1);
}

/* What was written for it between a loss that is known and one that nobody has seen is as old as what was written before both. */
static void note_restart(struct ecr_core *core, struct ecr_slave *slave)
{
	if (slave->restarted)
		ecr_master_withhold(core, slave);
	slave->restarted = false;
}

/* Its next attempt comes when it is due, as before. It fell: what else it has switched off nobody knows. */
static void unlink_ended(struct ecr_core *core, struct ecr_slave *slave)
{
	slave->activity = ECR_ACTIVITY_NONE;
	slave->planned = false;
	ecr_service_next(core, slave);
}

/* One that was lost, and falls silent before it is back in its place, is lost as before. */
static void stay_lost(struct ecr_core *core, struct ecr_slave *slave)
{
	bool silent =
		slave->job.result == ECR_ERR_NO_RESPONSE || slave->job.result == ECR_ERR_TIMEOUT;

	if (!slave->lost || !silent)
		return;
	slave->down = true;
	slave->another = false; /* nobody knows who stands there now */
	if (ecr_job_running(&slave->poll))
		ecr_job_cancel(&core->runner, &slave->poll);
}

/* It was found not to be who it should be, and that it does not answer now is no excuse: its station may be another's still. */
static void keep_doubt(const struct ecr_core *core, struct ecr_slave *slave)
{
	if (core->hot && slave->activity == ECR_ACTIVITY_BRINGUP &&
	    slave->job.result == ECR_ERR_NO_RESPONSE &&
	    ecr_attend_doubts(slave, slave->configuration_failure.error))
		slave->misplaced = true;
}

/* Whoever stands in its place is the right one, and who is behind it may be looked for, or is being looked for. */
static void no_other(struct ecr_core *core, struct ecr_slave *slave)
{
	if (!slave->another)
		return;
	slave->another = false;
	for (int i = slave->index + 1; i < core->slave_count; i++)
		core->slaves[i].contested = ecr_attend_contested(core, &core->slaves[i]);
	if (!core->hot)
		try_neighbours(core, slave);
}

/* The next one at once. Where nobody is polled it is brought up again for whatever it does not answer: then pauses go on growing. */
static void step_forward(const struct ecr_core *core, struct ecr_slave *slave,
			 enum ecr_slave_activity activity)
{
	bool polled = slave->poll_period && ecr_job_running(&core->round.job);

	slave->retry_at = 0;
	if (activity != ECR_ACTIVITY_BRINGUP || polled)
		slave->retry_delay = 0;
}

static void activity_ended(struct ecr_core *core, struct ecr_slave *slave)
{
	enum ecr_slave_activity activity = (enum ecr_slave_activity)slave->activity;
	int result = slave->job.result;
	bool strays = activity == ECR_ACTIVITY_PROVISION && slave->astray;

	core->busy--;
	core->expected_dirty = true;
	core->attention = true;
	slave->claimed = false;
	if (activity == ECR_ACTIVITY_UNLINK) {
		unlink_ended(core, slave);
		return;
	}
	keep_doubt(core, slave);
	if (result == ECR_ERR_IDENTITY_MISMATCH)
		ecr_unproven_refused(core, slave);
	else if (!result && activity == ECR_ACTIVITY_PROVISION)
		no_other(core, slave);
	if (result)
		remember_failure(core, slave, result);
	/* After a failure a pause, however long the attempt took; else, or when it has found out that who was refused is gone,
	 * the next step follows at once. */
	slave->retry_at = result && !strays ? core->now + slave->retry_delay : 0;
	if (!result && activity != ECR_ACTIVITY_WALK)
		ecr_plan_explain(slave);
	if (result && activity == ECR_ACTIVITY_WALK)
		believe_status(core, slave);
	if (activity == ECR_ACTIVITY_BRINGUP) {
		stay_lost(core, slave);
		note_restart(core, slave);
	}
	note_state(core, slave, result);
	slave->activity = ECR_ACTIVITY_NONE;
	if (activity == ECR_ACTIVITY_WALK && slave->sync.pulse_known) {
		ecr_clocks_synced(core, slave);
		slave->sync.pulse_known = false; /* told once */
	}
	if (!result && activity == ECR_ACTIVITY_BRINGUP) {
		warn_of_sii(core, slave);
		wish_plan(slave);
		ecr_clocks_brought_up(core, slave);
		if (!core->hot) /* else a roll tells where everybody stands */
			try_neighbours(core, slave);
	}
	if (core->hot && wants_roll(core, slave, activity, result))
		ecr_roll_hurry(core);
	/* Another device, with another past: what it counts from now on is this session's. */
	if (activity == ECR_ACTIVITY_BRINGUP && !slave->errors.known)
		ecr_job_hurry(&core->runner, &slave->errors.job);
	if (!result && activity != ECR_ACTIVITY_WALK)
		step_forward(core, slave, activity);
	ecr_service_next(core, slave);
	ecr_core_emit(core,
		      (struct ecr_event){ .kind = result ? ECR_EVENT_SLAVE_STARTUP_RETRY
							 : ECR_EVENT_SLAVE_STATE_CHANGED,
					  .slave = (int16_t)slave->index,
					  .domain = -1,
					  .to = slave->al_state,
					  .error = result,
					  .actual = result == ECR_ERR_AL_ERROR ? slave->al.code : 0,
					  .text = slave->job.failed_step });
	ecr_master_raised(core, slave);
}

/* Who was asked for its identification was sent to INIT for it. */
static void note_asked(struct ecr_core *core)
{
	for (int i = 0; i < core->slave_count; i++) {
		struct ecr_slave *slave = &core->slaves[i];

		if (ecr_attend_remember(core, slave) && !slave->down &&
		    slave->activity == ECR_ACTIVITY_NONE)
			ecr_master_found_in(core, slave, ECR_AL_INIT);
	}
}

/*
 * While slaves are brought up their places must be known. While the session is raised or lowered whoever comes is kept
 * from operating, and waits; what the roll has found of places is not what it will be.
 */
static void roll_ended(struct ecr_core *core)
{
	if (core->phase == ECR_PHASE_ROLL) /* the startup looks at it itself */
		return;
	if (!core->hot) {
		ecr_attend_newcomers(core);
		return;
	}
	core->roll.unheeded = !ecr_master_tends(core) && core->phase != ECR_PHASE_BRINGUP;
	if (!core->roll.unheeded) {
		ecr_attend(core, false);
		note_asked(core);
		core->attention = true;
	}
	ecr_roll_call(core, true);
}

void ecr_master_job_ended(struct ecr_core *core, struct ecr_job *job)
{
	struct ecr_slave *slave = job->context;

	if (job == &core->boot.job || !slave)
		return; /* the startup looks at it itself */
	if (job == &core->round.job || job == &core->tally.job)
		return; /* never ends by itself */
	if (job == &core->roll.job) {
		roll_ended(core);
		return;
	}
	if (job->context == &core->dc) {
		ecr_clocks_job_ended(core, job);
		return;
	}
	if (job == &slave->poll)
		ecr_master_poll_ended(core, slave);
	else if (job == &slave->transfer.job)
		ecr_service_ended(core, slave);
	else if (job == &slave->watch || job == &slave->latch.job || job == &slave->errors.job)
		core->attention = true; /* the health poll finds out what is the matter */
	else
		activity_ended(core, slave);
}
