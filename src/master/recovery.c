/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Health and healing. Every slave is brought from where it is to where it should be by the same few
 * steps, whatever the cause: bring-up when it was lost, configuration when it has none, a walk when
 * its state is another. Attempts back off up to 5 s. A session heals by itself and says what still
 * keeps it.
 */
#include "master/master.h"

#include "base/text.h"

#include <string.h>

#define RETRY_FIRST_NS ECR_MS(200)
#define RETRY_MAX_NS ECR_S(5)
#define DOMAIN_RETRY_NS ECR_S(1)
#define FRESH_PERIODS 3
#define PROOF_NS ECR_MS(1) /* between two looks whether those have answered who are asked */

static void back_off(struct ecr_core *core, struct ecr_slave *slave)
{
	slave->retry_delay = slave->retry_delay ? slave->retry_delay * 2 : RETRY_FIRST_NS;
	if (slave->retry_delay > RETRY_MAX_NS)
		slave->retry_delay = RETRY_MAX_NS;
	slave->retry_at = core->now + slave->retry_delay;
}

static bool in_place(const struct ecr_core *core, const struct ecr_slave *slave)
{
	enum ecr_al_state wanted = ecr_master_wanted(core, slave);

	if (slave->absent)
		return true;
	return !slave->down && !slave->al_error && slave->al_state == wanted &&
	       slave->provisioned && !(wanted != ECR_AL_BOOT && ecr_clocks_lack(core, slave)) &&
	       !(slave->mapped && !slave->planned) && !ecr_slave_lacks_sync(slave) &&
	       !ecr_slave_pulses_on(slave) &&
	       !(wanted > ECR_AL_PREOP && ecr_slave_unlinked(slave)) &&
	       !(wanted > ECR_AL_PREOP && slave->configuration_failure.error);
}

static int failed(const struct ecr_core *core)
{
	return core->target == ECR_TARGET_OP ? ECR_ERR_ACTIVATION_FAILED
					     : ECR_ERR_DEACTIVATION_FAILED;
}

/* Who keeps the session from where it should be; the first one stands. */
static void note_blocked(struct ecr_core *core, const struct ecr_slave *slave)
{
	if (core->blocked.error || slave->optional || slave->fault.kind == ECR_FAULT_NONE)
		return;
	core->blocked = slave->configuration_failure;
	core->blocked.cause = slave->fault.error;
	core->blocked.al_code = slave->fault.al_code;
	core->blocked.error = failed(core);
	core->blocked.position = slave->position;
	core->blocked.station = slave->station;
	core->blocked.at = core->now;
	memcpy(core->blocked.slave, slave->name, sizeof(core->blocked.slave));
}

/* Its state is what it should be, and its clock or SYNC0 is not: it has not fallen back. */
static bool lacks_time(const struct ecr_core *core, const struct ecr_slave *slave)
{
	enum ecr_al_state wanted = ecr_master_wanted(core, slave);

	return slave->al_state == wanted && wanted != ECR_AL_BOOT &&
	       (ecr_slave_lacks_sync(slave) || ecr_slave_pulses_on(slave) ||
		ecr_clocks_lack(core, slave));
}

/* What keeps it: shown while it lasts. */
static void blame(struct ecr_core *core, struct ecr_slave *slave)
{
	struct ecr_fault fault = { .error = slave->configuration_failure.error,
				   .al_code = slave->configuration_failure.al_code,
				   .al_state = (enum ecr_al_state)slave->al_state };

	if (slave->down)
		fault.kind = ECR_FAULT_DOWN;
	else if (!fault.error && lacks_time(core, slave))
		fault = (struct ecr_fault){ .kind = ECR_FAULT_CLOCK,
					    .al_state = fault.al_state,
					    .error = ECR_ERR_DC_LOCK_LOST };
	else if (!fault.error)
		fault.kind = ECR_FAULT_RETREATED;
	else if (slave->al_error && slave->al_state == ecr_master_wanted(core, slave))
		fault.kind = ECR_FAULT_LATCHED;
	else
		fault.kind = slave->al_state == ECR_AL_SAFEOP ? ECR_FAULT_SAFEOP : ECR_FAULT_PREOP;
	if (!fault.error)
		fault.error = slave->down ? ECR_ERR_NO_RESPONSE : ECR_ERR_RETREATED;
	ecr_master_set_fault(core, slave, fault);
	note_blocked(core, slave);
}

static bool is_silence(int error)
{
	return error == ECR_ERR_NO_RESPONSE || error == ECR_ERR_TIMEOUT ||
	       error == ECR_ERR_RESPONSE_TIMEOUT || error == ECR_ERR_MAILBOX_FULL;
}

/* It did not answer, to whatever question, be it since it fell to INIT, and no poll finds out where it is. */
static bool is_unknown(const struct ecr_slave *slave)
{
	return !ecr_job_running(&slave->poll) && (is_silence(slave->configuration_failure.error) ||
						  is_silence(slave->configuration_failure.cause));
}

/* What is done in PREOP was not done, and it is beyond: it begins anew. */
static bool is_beyond(const struct ecr_slave *slave)
{
	return slave->al_state >= ECR_AL_SAFEOP &&
	       (!slave->provisioned || (slave->mapped && !slave->planned));
}

/* Its outputs arrive before OP: in SAFEOP it waits for them. */
static bool can_be_fed(const struct ecr_slave *slave)
{
	for (int i = 0; i < slave->plan.sm_count; i++)
		if (slave->plan.op_only[i])
			return false;
	return slave->mapped && slave->planned;
}

/* One that joins while others cycle takes part from SAFEOP on, before OP. */
static void walk(struct ecr_core *core, struct ecr_slave *slave)
{
	enum ecr_al_state wanted = ecr_master_wanted(core, slave);
	bool unlinked = ecr_slave_unlinked(slave);
	bool halt = unlinked || (slave->al_state < ECR_AL_SAFEOP && can_be_fed(slave));

	if (ecr_slave_lacks_sync(slave))
		ecr_master_begin(core, slave, ECR_ACTIVITY_WALK, ECR_AL_PREOP);
	else if (unlinked && slave->al_state == ECR_AL_SAFEOP)
		ecr_master_begin(core, slave, ECR_ACTIVITY_LINK, ECR_AL_SAFEOP);
	else
		ecr_master_begin(core, slave, ECR_ACTIVITY_WALK,
				 halt && wanted > ECR_AL_SAFEOP ? ECR_AL_SAFEOP : wanted);
}

/* Of one that a cycle has not reached lately, in the state in which it is: when to look again; ECR_NEVER: none. */
static ecr_time fed_at(const struct ecr_core *core, const struct ecr_slave *slave)
{
	for (uint32_t i = 0; i < slave->placements; i++) {
		const struct ecr_placement *placement =
			&core->plan.placements[slave->first_placement + i];
		const struct ecr_domain *domain = &core->domains[placement->domain];
		ecr_time at = ecr_plan_refreshed(core, placement);

		if (domain->state != ECR_DOMAIN_CYCLING || at < slave->present_since ||
		    core->now - at > FRESH_PERIODS * domain->period)
			return core->now + domain->period;
	}
	return ECR_NEVER;
}

const struct ecr_domain *ecr_master_cut_off(const struct ecr_core *core,
					    const struct ecr_slave *slave)
{
	for (uint32_t i = 0; i < slave->placements; i++) {
		int domain = core->plan.placements[slave->first_placement + i].domain;

		if (core->domains[domain].state == ECR_DOMAIN_STOPPED &&
		    (core->domain_faults & 1u << domain))
			return &core->domains[domain];
	}
	return NULL;
}

/*
 * What reached a slave before it was lost is not what the application says now, and without cycles it
 * would fall out of OP: as in an activation, OP is asked for behind a valid cycle, or when none comes.
 */
static bool awaits_cycle(struct ecr_core *core, struct ecr_slave *slave)
{
	ecr_time again = ECR_NEVER;

	if (!slave->down && slave->linked && slave->al_state == ECR_AL_SAFEOP &&
	    ecr_master_wanted(core, slave) == ECR_AL_OP && can_be_fed(slave))
		again = fed_at(core, slave);
	if (again == ECR_NEVER) {
		slave->unfed_since = ECR_NEVER;
		return false;
	}
	if (slave->unfed_since == ECR_NEVER || ecr_master_cut_off(core, slave))
		slave->unfed_since = core->now;
	if (core->now - slave->unfed_since >= ECR_MASTER_VALID_NS)
		return false;
	core->retry_at = again < core->retry_at ? again : core->retry_at;
	return true;
}

/* It fell below SAFEOP: it takes part in no cycle until it is back there, and is configured anew. */
static bool is_fallen(const struct ecr_core *core, const struct ecr_slave *slave)
{
	return core->target == ECR_TARGET_OP && slave->may_count && slave->planned &&
	       !slave->down && slave->al_state < ECR_AL_SAFEOP &&
	       ecr_master_wanted(core, slave) > ECR_AL_PREOP;
}

/* It is not there, or another may have been brought up in its place while some were missing: who is there is asked anew. */
static bool is_another(const struct ecr_slave *slave)
{
	return slave->astray ||
	       (slave->guessed && ecr_attend_doubts(slave, slave->configuration_failure.error));
}

/* To BOOT and from there it goes by INIT, with another mailbox. */
static bool in_wrong_mailbox(const struct ecr_core *core, const struct ecr_slave *slave)
{
	return (slave->al_state == ECR_AL_BOOT) != (ecr_master_wanted(core, slave) == ECR_AL_BOOT);
}

/*
 * Its error was acknowledged and is still there: it may be another that has the station, and acknowledges in another way. From
 * INIT on it is asked.
 */
static bool is_stuck(const struct ecr_slave *slave)
{
	const struct ecr_failure *failure = &slave->configuration_failure;

	return slave->al_error && slave->al_state <= ECR_AL_PREOP &&
	       failure->error == ECR_ERR_AL_ERROR && failure->phase &&
	       ecr_text_equal(failure->phase, "al.acknowledge");
}

/* Whoever was given its station and was not read to the end may have been another; what state it shows says nothing. */
static bool needs_bringup(const struct ecr_core *core, const struct ecr_slave *slave)
{
	return slave->down || slave->al_state < ECR_AL_PREOP || !slave->asked ||
	       is_unknown(slave) || is_beyond(slave) || is_another(slave) || is_stuck(slave) ||
	       in_wrong_mailbox(core, slave);
}

static void next_attempt(struct ecr_core *core, struct ecr_slave *slave)
{
	if (needs_bringup(core, slave)) {
		if (slave->planned && !slave->lost) /* what was written since it was lost counts */
			ecr_master_withhold(core, slave);
		slave->planned = false;
		ecr_master_begin(core, slave, ECR_ACTIVITY_BRINGUP, ECR_AL_PREOP);
	} else if (!slave->provisioned && slave->al_state <= ECR_AL_BOOT) {
		ecr_master_begin(core, slave, ECR_ACTIVITY_PROVISION, ECR_AL_PREOP);
	} else if (ecr_clocks_lack(core, slave)) {
		ecr_clocks_set_one(core, slave);
	} else if (slave->mapped && !slave->planned && slave->al_state == ECR_AL_PREOP) {
		ecr_master_begin(core, slave, ECR_ACTIVITY_CONFIGURE, ECR_AL_PREOP);
	} else {
		slave->configuration_failure.error = 0;
		walk(core, slave);
	}
}

static void tell_joined(struct ecr_core *core, struct ecr_slave *slave)
{
	if (!slave->arriving || slave->absent)
		return;
	slave->arriving = false;
	ecr_core_emit(core, (struct ecr_event){ .kind = ECR_EVENT_SLAVE_JOINED,
						.slave = (int16_t)slave->index,
						.domain = -1,
						.from = -1,
						.to = slave->position });
}

/* Nobody else is to blame, and who was is on its way with the same fault: so long that is the reason still. */
static void keep_reason(struct ecr_core *core)
{
	for (int i = 0; i < core->slave_count && !core->blocked.error; i++) {
		const struct ecr_slave *slave = &core->slaves[i];

		if (slave->position == core->blocked.position && !slave->optional &&
		    !in_place(core, slave) && slave->fault.error == core->blocked.cause)
			core->blocked.error = failed(core);
	}
}

/* Found at fault, and being tried for the first time: nothing else is known of it yet. */
static void name_somebody(struct ecr_core *core)
{
	for (int i = 0; i < core->slave_count; i++)
		if (!in_place(core, &core->slaves[i]))
			note_blocked(core, &core->slaves[i]);
}

static void look_soon(struct ecr_core *core)
{
	if (core->retry_at > core->now + PROOF_NS)
		core->retry_at = core->now + PROOF_NS;
}

bool ecr_master_reconcile(struct ecr_core *core)
{
	bool all = true;
	bool reason = core->blocked.error;

	core->attention = false;
	core->retry_at = ECR_NEVER;
	core->blocked.error = 0;
	for (int i = 0; i < core->slave_count; i++) {
		struct ecr_slave *slave = &core->slaves[i];

		if (in_place(core, slave)) {
			slave->lost = false;
			slave->unfed_since = ECR_NEVER;
			slave->retry_delay = 0;
			slave->retry_at = 0;
			ecr_master_set_fault(core, slave, (struct ecr_fault){ 0 });
			tell_joined(core, slave);
			continue;
		}
		all = all && slave->optional;
		if (slave->activity != ECR_ACTIVITY_NONE)
			continue;
		if ((slave->fault.kind == ECR_FAULT_NONE && !slave->arriving) ||
		    slave->configuration_failure.error)
			blame(core, slave);
		if (is_fallen(core, slave)) {
			ecr_master_begin(core, slave, ECR_ACTIVITY_UNLINK, ECR_AL_PREOP);
			continue;
		}
		if (slave->refused.error && !slave->down && slave->al_state == ECR_AL_PREOP)
			continue; /* stays, and says why, until it is configured otherwise */
		if (slave->retry_at > core->now) {
			core->retry_at =
				slave->retry_at < core->retry_at ? slave->retry_at : core->retry_at;
			continue;
		}
		if (awaits_cycle(core, slave))
			continue;
		if (slave->unproven && !needs_bringup(core, slave)) {
			look_soon(core); /* who stands before it is being read */
			continue;
		}
		if (core->hot && !core->roll.whole && needs_bringup(core, slave))
			continue; /* where it stands is being asked */
		back_off(core, slave);
		next_attempt(core, slave);
	}
	if (reason)
		keep_reason(core);
	name_somebody(core);
	return all;
}

void ecr_master_raised(struct ecr_core *core, struct ecr_slave *slave)
{
	if (!ecr_master_tends(core) && in_place(core, slave))
		ecr_master_set_fault(core, slave, (struct ecr_fault){ 0 });
}

void ecr_master_found_in(struct ecr_core *core, struct ecr_slave *slave, enum ecr_al_state state)
{
	bool falls = slave->al_state >= ECR_AL_SAFEOP && state < ECR_AL_SAFEOP;

	slave->al_state = (uint8_t)state;
	if (!falls)
		return;
	if (state < ECR_AL_PREOP)
		ecr_master_withhold(core, slave);
	slave->planned = is_fallen(core, slave); /* else its FMMUs come first */
}

void ecr_master_poll_ended(struct ecr_core *core, struct ecr_slave *slave)
{
	uint16_t state = slave->poll_status & ECR_AL_STATE_MASK;

	core->attention = true;
	core->expected_dirty = true;
	if (slave->poll.result && slave->optional) {
		ecr_slave_leave(core, slave);
		ecr_roll_hurry(core);
		return;
	}
	if (slave->fault.kind == ECR_FAULT_NONE) /* else the next attempt is due when it is */
		slave->retry_at = core->now + RETRY_FIRST_NS;
	slave->al_error = !slave->poll.result && (slave->poll_status & ECR_AL_ERROR);
	if (slave->poll.result) {
		ecr_master_lose(core, slave, slave->poll.result);
		return;
	}
	ecr_core_emit(core, (struct ecr_event){ .kind = ECR_EVENT_SLAVE_HEALTH_FAULT,
						.slave = (int16_t)slave->index,
						.domain = -1,
						.to = state,
						.actual = slave->poll_code });
	if (slave->al_state != state)
		ecr_master_set_fault(core, slave,
				     (struct ecr_fault){ ECR_FAULT_RETREATED,
							 (enum ecr_al_state)state,
							 ECR_ERR_RETREATED, slave->poll_code });
	else if (slave->al_error)
		ecr_master_set_fault(core, slave,
				     (struct ecr_fault){ ECR_FAULT_LATCHED,
							 (enum ecr_al_state)state, ECR_ERR_AL_ERROR,
							 slave->poll_code });
	ecr_master_found_in(core, slave, (enum ecr_al_state)state);
}

void ecr_master_domain_news(struct ecr_core *core, struct ecr_domain *domain,
			    enum ecr_domain_news news)
{
	uint32_t bit = 1u << domain->index;
	enum ecr_event_kind kind;

	/* Who is missing is known one poll later. */
	if (ecr_master_tends(core) &&
	    (news == ECR_DOMAIN_NOW_SUSPICIOUS || news == ECR_DOMAIN_NOW_DEGRADED))
		ecr_master_hurry_polls(core, false);
	switch (news) {
	case ECR_DOMAIN_NOW_DEGRADED:
		core->domain_faults |= bit;
		kind = ECR_EVENT_DOMAIN_DEGRADED;
		break;
	case ECR_DOMAIN_NOW_STOPPED:
		core->domain_faults |= bit;
		kind = ECR_EVENT_DOMAIN_STOPPED;
		core->restart_at = core->now + DOMAIN_RETRY_NS;
		break;
	case ECR_DOMAIN_NOW_RECOVERED:
		core->domain_faults &= ~bit;
		kind = ECR_EVENT_DOMAIN_RECOVERED;
		break;
	default:
		return;
	}
	core->attention = true;
	ecr_core_emit(core, (struct ecr_event){ .kind = kind,
						.slave = -1,
						.domain = (int16_t)domain->index,
						.error = domain->health.error,
						.expected = domain->health.expected,
						.actual = domain->health.actual });
}

static void restart_domains(struct ecr_core *core)
{
	ecr_time from = ecr_bus_free_at(&core->bus, core->now);

	if (core->now < core->restart_at) {
		if (core->restart_at < core->retry_at)
			core->retry_at = core->restart_at;
		return;
	}
	for (int i = 0; i < core->domain_count; i++) {
		struct ecr_domain *domain = &core->domains[i];

		if (domain->state == ECR_DOMAIN_STOPPED && (core->domain_faults & 1u << i)) {
			domain->degraded = true; /* the first valid cycle then says "recovered" */
			ecr_domain_resume(domain, from, core->epoch);
			core->expected_dirty = true;
		}
	}
}

/* The policy says that a lost lock is the end. */
static void end_unlocked(struct ecr_core *core)
{
	struct ecr_failure failure = ecr_clocks_failure(core, ECR_ERR_DC_LOCK_LOST, 0);

	ecr_master_end(core, &failure);
}

/*
 * Where slaves come and go: whoever was found there is taken for it still, now that all were asked, and another device stands
 * where it should.
 */
static bool is_placed(const struct ecr_core *core, const struct ecr_slave *slave)
{
	return !core->hot || (core->roll.whole && slave->place != ECR_STRANGER &&
			      core->roll.places[slave->place].station == slave->station &&
			      !(ecr_attend_doubted(slave) && ecr_attend_crosswise(core, slave)));
}

bool ecr_master_may_plan(const struct ecr_core *core)
{
	return core->target == ECR_TARGET_PREOP || core->plan.lacks;
}

/* A slave that came back as another device or with other PDOs, or that the plan could not have as it was read then. */
static bool wants_new_plan(const struct ecr_core *core)
{
	for (int i = 0; ecr_master_may_plan(core) && i < core->slave_count; i++) {
		const struct ecr_slave *slave = &core->slaves[i];

		if (slave->planned_for.outdated && slave->activity == ECR_ACTIVITY_NONE &&
		    !slave->down && slave->al_state == ECR_AL_PREOP && is_placed(core, slave))
			return true;
	}
	return false;
}

void ecr_master_raise(struct ecr_core *core)
{
	core->gated = false;
	ecr_master_poll(core, false);
	ecr_master_watch(core);
	ecr_master_walk_all(core, ECR_PHASE_SAFEOP);
}

static bool is_proven(const struct ecr_core *core, const struct ecr_slave *slave)
{
	return !ecr_job_running(&slave->poll) || slave->down ||
	       slave->activity != ECR_ACTIVITY_NONE || slave->fault.kind != ECR_FAULT_NONE ||
	       slave->found_at > core->healed_at || core->round.proof_at > core->healed_at;
}

/*
 * A full counter says that all take part in the cycles again, which they do in SAFEOP, too: after a pause of the host
 * all may have fallen back. So everybody is asked before the session says that it is well.
 */
static bool all_proven(struct ecr_core *core)
{
	if (core->healed_at == ECR_NEVER) {
		core->healed_at = core->now;
		ecr_master_hurry_polls(core, false);
	}
	for (int i = 0; i < core->slave_count; i++) {
		if (is_proven(core, &core->slaves[i]))
			continue;
		look_soon(core);
		return false;
	}
	return true;
}

/* Says it when the session is no longer what it was. */
static void tell_state(struct ecr_core *core, bool all)
{
	bool recovering = core->state == ECR_STATE_RECOVERING;
	bool blocked = core->state == ECR_STATE_ACTIVATION_BLOCKED;
	bool faulty = ecr_master_faulty(core);

	if (faulty || (blocked && !all))
		core->healed_at = ECR_NEVER;
	if (faulty && !recovering && !blocked)
		ecr_master_enter(core, ECR_LIFE_FAULT);
	else if (!faulty && (recovering || (blocked && all)) && all_proven(core))
		ecr_master_enter(core, ecr_master_settled(core));
}

/* Everybody waits for the lock, and whoever falls meanwhile is brought back; what the session is then said to be comes at its end. */
static void tend_waiting(struct ecr_core *core)
{
	ecr_master_reconcile(core);
	if (core->target == ECR_TARGET_OP)
		restart_domains(core);
	ecr_master_poll(core, true);
}

/* Looks only when something happened or an attempt is due. */
void ecr_master_recovery(struct ecr_core *core)
{
	bool held;
	bool all;

	if (!ecr_master_tends(core) || (!core->attention && core->now < core->retry_at))
		return;
	held = ecr_unproven_settle(core);
	if (core->phase == ECR_PHASE_LOCK) {
		tend_waiting(core);
		return;
	}
	if (core->clocks_end) {
		end_unlocked(core);
		return;
	}
	if (core->gated && core->dc.lock.state == ECR_DC_LOCKED) {
		ecr_master_raise(core);
		return;
	}
	if (!held && wants_new_plan(core)) {
		ecr_master_plan_anew(core);
		return;
	}
	all = ecr_master_reconcile(core);
	if (ecr_clocks_blame(core))
		all = false;
	if (core->target == ECR_TARGET_OP)
		restart_domains(core);
	ecr_master_poll(core, true);
	ecr_master_settle_doubt(core);
	tell_state(core, all);
}
