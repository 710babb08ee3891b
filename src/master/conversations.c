/* SPDX-License-Identifier: Apache-2.0 */
/* Which conversation each slave has, and how it is begun; endings.c says what its end means. */
#include "master/master.h"

#include "base/assert.h"
#include "base/text.h"

static const struct ecr_step *steps_of(enum ecr_slave_activity activity)
{
	switch (activity) {
	case ECR_ACTIVITY_BRINGUP:
		return ecr_bringup_steps;
	case ECR_ACTIVITY_PROVISION:
		return ecr_provision_steps;
	case ECR_ACTIVITY_CONFIGURE:
		return ecr_configure_steps;
	case ECR_ACTIVITY_LINK:
		return ecr_link_steps;
	case ECR_ACTIVITY_UNLINK:
		return ecr_unlink_steps;
	default:
		return ecr_walk_steps;
	}
}

/* It is not there; or, while the session is raised, nobody has heard of it yet. */
static bool is_missing(const struct ecr_core *core, const struct ecr_slave *slave)
{
	return slave->down ||
	       (core->phase == ECR_PHASE_BRINGUP && slave->configuration_failure.error);
}

/* Whether somebody before it is missing. */
static bool moved_up(const struct ecr_core *core, const struct ecr_slave *slave)
{
	for (int i = 0; i < slave->index; i++)
		if (is_missing(core, &core->slaves[i]))
			return true;
	return false;
}

/* Or may be, and stand in this one's place, while another has his station. */
static bool follows_a_guess(const struct ecr_core *core, const struct ecr_slave *slave)
{
	for (int i = 0; i < slave->index; i++)
		if (ecr_attend_guessed(&core->slaves[i]) &&
		    ecr_attend_alike(&core->slaves[i], slave))
			return true;
	return false;
}

static bool is_like(const struct ecr_identity *a, const struct ecr_identity *b)
{
	return a->vendor == b->vendor && a->product == b->product && a->revision == b->revision &&
	       a->serial == b->serial;
}

/*
 * Nothing would tell the other from it: anybody may be it who was never read. What was read in the slave's own stead may have
 * been the other one, whom the configuration or the plan refuses.
 */
static bool would_pass(const struct ecr_slave *other, const struct ecr_slave *slave)
{
	return !other->identity_known || (is_like(&other->identity, &slave->identity) &&
					  ecr_slave_would_be(slave, &other->identity));
}

/* Whether somebody behind it is missing who would pass for it. */
static bool double_missing(const struct ecr_core *core, const struct ecr_slave *slave)
{
	for (int i = slave->index + 1; i < core->slave_count; i++) {
		const struct ecr_slave *other = &core->slaves[i];

		if (is_missing(core, other) && would_pass(other, slave))
			return true;
	}
	return false;
}

/* While others cycle it takes part from SAFEOP on; until its FMMUs are known to be off it may add to counters. */
static void prepare_link(struct ecr_core *core, struct ecr_slave *slave,
			 enum ecr_slave_activity activity)
{
	bool rises = activity == ECR_ACTIVITY_WALK && slave->goal > ECR_AL_PREOP;

	slave->link_later = core->phase == ECR_PHASE_STEADY && core->target == ECR_TARGET_OP;
	if (activity == ECR_ACTIVITY_LINK || (rises && !slave->link_later))
		slave->may_count = slave->mapped;
}

void ecr_master_begin(struct ecr_core *core, struct ecr_slave *slave,
		      enum ecr_slave_activity activity, enum ecr_al_state goal)
{
	if (ecr_job_running(&slave->job))
		ecr_job_cancel(&core->runner, &slave->job);
	slave->claimed = false;
	if (activity == ECR_ACTIVITY_BRINGUP) {
		slave->provisioned = slave->al_error = false;
		ecr_clocks_gone(core, slave);
		slave->sync.running = false;
		slave->moved_up = moved_up(core, slave);
		slave->follows_a_guess = follows_a_guess(core, slave);
		slave->double_missing = double_missing(core, slave);
		slave->contested = ecr_attend_contested(core, slave);
		slave->gated = ecr_master_tends(core);
		slave->unmapped = core->phase == ECR_PHASE_BRINGUP && !slave->optional;
		ecr_service_end_all(core, slave, ECR_ERR_SLAVE_DOWN);
	}
	if (activity == ECR_ACTIVITY_WALK || activity == ECR_ACTIVITY_PROVISION)
		ecr_clocks_prepare_sync(core, slave);
	core->busy += slave->activity == ECR_ACTIVITY_NONE;
	slave->activity = (uint8_t)activity;
	slave->goal = (uint8_t)goal;
	prepare_link(core, slave, activity);
	if (activity == ECR_ACTIVITY_LINK)
		ecr_plan_expected(core);
	slave->step = 0;
	slave->job.context = slave;
	slave->job.subject = slave->index;
	ecr_job_start(&core->runner, &slave->job, steps_of(activity));
}

void ecr_master_set_fault(struct ecr_core *core, struct ecr_slave *slave, struct ecr_fault fault)
{
	struct ecr_fault old = slave->fault;

	slave->fault = fault;
	if (old.kind == fault.kind && old.error == fault.error && old.al_state == fault.al_state)
		return;
	ecr_core_emit(core, (struct ecr_event){ .kind = ECR_EVENT_SLAVE_FAULT_CHANGED,
						.slave = (int16_t)slave->index,
						.domain = -1,
						.from = (int32_t)old.kind,
						.to = (int32_t)fault.kind,
						.error = fault.error,
						.actual = fault.al_code });
}

void ecr_master_lose(struct ecr_core *core, struct ecr_slave *slave, int error)
{
	ecr_job_cancel(&core->runner, &slave->poll);
	slave->down = slave->lost = true;
	slave->there = slave->another = false;
	slave->configuration_failure.error = 0; /* that is not what keeps it now */
	core->attention = core->expected_dirty = true;
	ecr_slave_note_al(slave, core->now, 0, 0);
	ecr_master_withhold(core, slave);
	ecr_clocks_gone(core, slave);
	ecr_core_emit(core, (struct ecr_event){ .kind = ECR_EVENT_SLAVE_DOWN,
						.slave = (int16_t)slave->index,
						.domain = -1,
						.error = error });
	ecr_master_set_fault(core, slave,
			     (struct ecr_fault){ ECR_FAULT_DOWN, ECR_AL_NONE, error, 0 });
}

bool ecr_master_is_up(const struct ecr_slave *slave)
{
	return !slave->down && slave->al_state >= ECR_AL_PREOP &&
	       (slave->activity == ECR_ACTIVITY_NONE || slave->activity == ECR_ACTIVITY_WALK);
}

/* What is missing of it comes first, when the session is steady. */
static bool can_walk(const struct ecr_slave *slave, enum ecr_al_state wanted)
{
	if (wanted == ECR_AL_INIT)
		return !slave->down;
	if (!ecr_master_is_up(slave))
		return false;
	return wanted == ECR_AL_PREOP || (!slave->configuration_failure.error &&
					  slave->provisioned && (slave->planned || !slave->mapped));
}

void ecr_master_walk_all(struct ecr_core *core, enum ecr_phase phase)
{
	ecr_master_phase(core, phase);
	for (int i = 0; i < core->slave_count; i++) {
		struct ecr_slave *slave = &core->slaves[i];
		enum ecr_al_state wanted = ecr_master_wanted(core, slave);

		if (!can_walk(slave, wanted))
			continue;
		if (slave->al_state != wanted || slave->activity != ECR_ACTIVITY_NONE ||
		    ecr_slave_pulses_on(slave))
			ecr_master_begin(core, slave, ECR_ACTIVITY_WALK, wanted);
	}
}
