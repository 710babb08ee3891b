/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Up: domains cycle first, then every slave at once to SAFEOP, a valid cycle of every domain, then
 * every slave to OP. Down: slaves first, then the domains stop. Settling is told to the lifecycle,
 * which alone changes the public state.
 */
#include "master/master.h"

#define QUIET_NS ECR_MS(2)
#define QUIESCE_NS ECR_MS(100) /* longest wait for silence: callers may talk without a pause */
#define STOP_NS ECR_MS(1500)   /* longest wait for slaves that are going down at stop */

/* Somebody is to leave PREOP. */
static bool raises(const struct ecr_core *core)
{
	return core->target == ECR_TARGET_OP && !core->plan.lacks &&
	       !ecr_master_nothing_activatable(core);
}

/* A frame that left while nothing cycled delays no deadline: the first one comes when it is over. */
static void start_domains(struct ecr_core *core)
{
	ecr_time from = ecr_bus_free_at(&core->bus, core->now);

	for (int i = 0; i < core->domain_count; i++) {
		struct ecr_domain *domain = &core->domains[i];

		if (ecr_domain_start(domain, from, core->epoch) == 0)
			ecr_core_emit(core, (struct ecr_event){ .kind = ECR_EVENT_DOMAIN_STARTED,
								.slave = -1,
								.domain = (int16_t)i });
	}
	core->expected_dirty = true;
}

static void stop_domains(struct ecr_core *core)
{
	for (int i = 0; i < core->domain_count; i++)
		ecr_domain_stop(&core->domains[i]);
	core->domain_faults = 0;
	core->clocks_fail = core->clocks_part = core->gated = false;
	if ((core->target == ECR_TARGET_PREOP && !core->config->dc.always) ||
	    core->phase == ECR_PHASE_STOPPING)
		ecr_dc_stop(&core->dc); /* in SAFEOP they are still held together */
	ecr_clocks_look(core);
}

static void tell_result(struct ecr_core *core, int error)
{
	ecr_core_emit(core, (struct ecr_event){ .kind = ECR_EVENT_ACTIVATION_RESULT,
						.slave = -1,
						.domain = -1,
						.to = (int32_t)core->target,
						.error = error });
}

/* All conversations of the last phase have ended: settled, or blocked by the first slave that is
 * not there. */
static void conclude(struct ecr_core *core)
{
	enum ecr_lifecycle_event event = ecr_master_settled(core);

	ecr_master_phase(core, ECR_PHASE_STEADY);
	core->attention = true;
	core->healed_at = ECR_NEVER;
	if (!ecr_master_reconcile(core) || ecr_clocks_blame(core))
		event = ECR_LIFE_BLOCKED;
	core->attention = core->attention || ecr_master_faulty(core); /* a domain, on the way */
	tell_result(core, event == ECR_LIFE_BLOCKED ? core->blocked.error : 0);
	ecr_master_poll(core, true);
	ecr_master_doubt(core); /* on the way nobody was polled */
	ecr_master_enter(core, event);
}

/* Everything cycles; slaves stay where they are until the clocks have settled. */
static void start_cycles(struct ecr_core *core)
{
	ecr_clocks_run(core);
	if (raises(core))
		start_domains(core);
	ecr_master_watch(core);
	ecr_master_phase(core, ECR_PHASE_LOCK);
	if (!ecr_master_tends(core))
		return;
	ecr_master_walk_all(core, ECR_PHASE_LOCK); /* some may be on their way to SAFEOP */
	core->attention = true;
	ecr_master_poll(core, true);
}

static void clocks_settled(struct ecr_core *core)
{
	if (core->gated || !raises(core))
		conclude(core);
	else if (core->config->dc.await_lock)
		ecr_master_raise(core);
	else
		ecr_master_walk_all(core, ECR_PHASE_SAFEOP);
}

static void begin_raising(struct ecr_core *core)
{
	if (!raises(core) && !core->config->dc.always) {
		conclude(core);
		return;
	}
	if (ecr_clocks_set(core, true))
		ecr_master_phase(core, ECR_PHASE_ALIGN);
	else
		start_cycles(core);
}

/* Its outputs arrive: a cycle was right, though it may prove nothing of who is there. */
static bool is_fed(const struct ecr_core *core, const struct ecr_domain *domain)
{
	ecr_time at = domain->unsure && !domain->health.error ? domain->answered_from
							      : domain->last_valid;

	return domain->complete && at >= core->phase_since;
}

static bool domains_valid(const struct ecr_core *core)
{
	for (int i = 0; i < core->domain_count; i++)
		if (core->domains[i].state == ECR_DOMAIN_CYCLING &&
		    !is_fed(core, &core->domains[i]))
			return false;
	return true;
}

/*
 * Whether anybody's domain has been stopped by its misses. A request for OP that has waited as long as that may arrive before the
 * cycles do, and in OP a slave shows what was written long ago. It is asked again when its domain cycles, as one that has retreated is.
 */
static bool stop_cut_off(struct ecr_core *core)
{
	bool any = false;

	for (int i = 0; i < core->slave_count; i++) {
		struct ecr_slave *slave = &core->slaves[i];
		const struct ecr_domain *domain = ecr_master_cut_off(core, slave);

		any = any || domain;
		if (domain && slave->activity == ECR_ACTIVITY_WALK)
			ecr_job_stop(&core->runner, &slave->job, domain->last_invalid.error);
	}
	return any;
}

int ecr_master_activate(struct ecr_core *core)
{
	switch (core->state) {
	case ECR_STATE_DISCOVERING:
		return ECR_ERR_DISCOVERING;
	case ECR_STATE_AWAITING_PREOP:
		return ECR_ERR_AWAITING_PREOP;
	case ECR_STATE_OPERATIONAL:
		return ECR_ERR_ALREADY_ACTIVATED;
	case ECR_STATE_ACTIVATION_BLOCKED:
		if (core->target == ECR_TARGET_OP)
			return ECR_ERR_ACTIVATION_IN_PROGRESS;
		break;
	case ECR_STATE_RECOVERING:
		if (core->target == ECR_TARGET_OP)
			return ECR_ERR_RECOVERY_IN_PROGRESS;
		break;
	case ECR_STATE_PREOP_READY:
	case ECR_STATE_DEACTIVATED:
		break;
	default:
		return ECR_ERR_NOT_STARTED;
	}
	if (core->phase != ECR_PHASE_STEADY)
		return ECR_ERR_ACTIVATION_IN_PROGRESS;
	core->target = ECR_TARGET_OP;
	ecr_master_heed_link_anew(core);
	ecr_master_poll(core, false);
	ecr_master_phase(core, ECR_PHASE_QUIESCE);
	return 0;
}

int ecr_master_deactivate(struct ecr_core *core, enum ecr_target target)
{
	if (core->state == ECR_STATE_IDLE)
		return ECR_ERR_NOT_STARTED;
	if (core->state == ECR_STATE_DISCOVERING)
		return ECR_ERR_DISCOVERING;
	if (core->state == ECR_STATE_AWAITING_PREOP)
		return ECR_ERR_AWAITING_PREOP;
	if (core->phase == ECR_PHASE_STOPPING)
		return ECR_ERR_STOPPED;
	if (target == ECR_TARGET_SAFEOP && core->state == ECR_STATE_PREOP_READY)
		return ECR_ERR_NOT_OPERATIONAL;
	core->target = target;
	if (core->phase >= ECR_PHASE_PROVISION && core->phase <= ECR_PHASE_CONFIGURE)
		return 0; /* what is being configured is finished; it leads no higher */
	ecr_master_poll(core, false);
	ecr_master_watch(core);
	ecr_master_walk_all(core, ECR_PHASE_LOWER);
	return 0;
}

void ecr_master_stop(struct ecr_core *core)
{
	ecr_master_poll(core, false);
	ecr_roll_call(core, false);
	if (core->phase < ECR_PHASE_BRINGUP) {
		ecr_master_end(core, NULL);
		return;
	}
	ecr_master_phase(core, ECR_PHASE_STOPPING);
	ecr_master_walk_all(core, ECR_PHASE_STOPPING);
}

/* Delays that are being measured come to their end first: the clocks are set by the same conversations. */
static bool quiet(const struct ecr_core *core)
{
	if (core->dc.running)
		return true;
	if (ecr_dc_setting(&core->dc))
		return false;
	if (core->now - core->phase_since >= QUIESCE_NS)
		return true;
	return ecr_bus_idle(&core->bus) && core->now - core->bus.last_traffic >= QUIET_NS;
}

/* When to look again: the end of what is on the wire is seen by itself. */
static ecr_time quiet_at(const struct ecr_core *core)
{
	ecr_time at = core->phase_since + QUIESCE_NS;

	if (core->dc.running)
		return core->now;
	if (ecr_dc_setting(&core->dc))
		return ECR_NEVER;
	if (ecr_bus_idle(&core->bus) && core->bus.last_traffic < at - QUIET_NS)
		at = core->bus.last_traffic + QUIET_NS;
	return at > core->now ? at : core->now;
}

void ecr_master_activation(struct ecr_core *core)
{
	switch (core->phase) {
	case ECR_PHASE_QUIESCE:
		if (quiet(core))
			begin_raising(core);
		break;
	case ECR_PHASE_ALIGN:
		if (!ecr_dc_setting(&core->dc))
			start_cycles(core);
		break;
	case ECR_PHASE_LOCK:
		if (ecr_clocks_settled(core))
			clocks_settled(core);
		break;
	case ECR_PHASE_SAFEOP:
		if (!core->busy)
			ecr_master_phase(core, ECR_PHASE_VALID);
		break;
	case ECR_PHASE_VALID:
		if (stop_cut_off(core))
			conclude(core);
		else if (domains_valid(core) ||
			 core->now - core->phase_since >= ECR_MASTER_VALID_NS)
			ecr_master_walk_all(core, ECR_PHASE_OP);
		break;
	case ECR_PHASE_OP:
		stop_cut_off(core);
		if (!core->busy)
			conclude(core);
		break;
	case ECR_PHASE_LOWER:
		if (core->busy)
			break;
		stop_domains(core);
		conclude(core);
		break;
	case ECR_PHASE_STOPPING:
		if (core->busy && core->now - core->phase_since < STOP_NS)
			break;
		stop_domains(core);
		ecr_master_end(core, NULL);
		break;
	default:
		break;
	}
}

static ecr_time tending_wake(const struct ecr_core *core)
{
	if (!ecr_master_tends(core))
		return ECR_NEVER;
	return core->attention ? core->now : core->retry_at;
}

ecr_time ecr_master_wake(const struct ecr_core *core)
{
	switch (core->phase) {
	case ECR_PHASE_SCAN:
	case ECR_PHASE_RESET:
		if (ecr_job_running(&core->boot.job))
			return ECR_NEVER;
		return core->phase_since + core->boot.poll;
	case ECR_PHASE_BRINGUP:
		if (core->busy)
			return core->bus.up && core->now < core->preop_deadline
				       ? core->preop_deadline
				       : ECR_NEVER;
		return core->retry_at > core->now ? core->retry_at : core->now;
	case ECR_PHASE_PLAN_MEMORY:
		return core->plan_block && !ecr_plan_held(core) ? core->now : ECR_NEVER;
	case ECR_PHASE_PROVISION:
	case ECR_PHASE_CONFIGURE:
	case ECR_PHASE_SAFEOP:
	case ECR_PHASE_OP:
	case ECR_PHASE_LOWER:
		return core->busy ? ECR_NEVER : core->now;
	case ECR_PHASE_CLOCKS:
	case ECR_PHASE_ALIGN:
		return ecr_dc_setting(&core->dc) ? ECR_NEVER : core->now;
	case ECR_PHASE_LOCK:
		return core->dc.running ? tending_wake(core) : core->now; /* each cycle looks */
	case ECR_PHASE_QUIESCE:
		return quiet_at(core);
	case ECR_PHASE_VALID:
		return core->phase_since + ECR_MASTER_VALID_NS;
	case ECR_PHASE_STOPPING:
		return core->busy ? core->phase_since + STOP_NS : core->now;
	case ECR_PHASE_STEADY:
		return tending_wake(core);
	default:
		return ECR_NEVER;
	}
}
