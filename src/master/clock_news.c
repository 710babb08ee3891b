/* SPDX-License-Identifier: Apache-2.0 */
/* What the clocks' cycle brings: failures, a lost or regained lock, a reference that is gone; and
 * what the session makes of it. */
#include "master/master.h"

#define RETURN_NS ECR_S(1) /* how long the reference that should be is back before it is again */
/* Before the reference it goes by the master's sending: that alone may keep the lock away. */
#define LATE_RETURN_NS ECR_S(3)

static void tell_lock(struct ecr_core *core, enum ecr_dc_lock_state from)
{
	ecr_core_emit(core, (struct ecr_event){ .kind = ECR_EVENT_DC_LOCK_CHANGED,
						.slave = -1,
						.domain = -1,
						.from = (int32_t)from,
						.to = (int32_t)core->dc.lock.state,
						.expected = core->dc.lock.threshold_ns,
						.actual = core->dc.lock.max_difference_ns });
}

void ecr_clocks_look(struct ecr_core *core)
{
	enum ecr_dc_lock_state before = core->dc.lock_told;

	if (core->dc.lock.state == before)
		return;
	core->dc.lock_told = core->dc.lock.state;
	core->attention = true;
	tell_lock(core, before);
	ecr_master_answer_waiters(core);
}

static void end_session(struct ecr_core *core)
{
	core->clocks_end = true;
	core->attention = true;
}

static void decide(struct ecr_core *core, bool lost)
{
	enum ecr_dc_lock_policy policy = core->config->dc.lock_policy;
	bool recovering = core->state == ECR_STATE_RECOVERING;
	bool others;
	enum ecr_dc_decision decision;

	core->lock_unjudged = lost;
	if (lost ? !ecr_clocks_ripe(core)
		 : core->phase != ECR_PHASE_STEADY || core->target != ECR_TARGET_OP)
		return;
	core->lock_unjudged = false;
	core->clocks_part = false;
	others = ecr_master_faulty(core);
	core->clocks_part = lost && policy == ECR_DC_RECOVERING;
	decision = ecr_lock_decide(policy, lost, recovering, others);
	if (decision == ECR_DC_STOP_SESSION)
		end_session(core);
	core->attention = true;
	ecr_core_emit(core, (struct ecr_event){ .kind = ECR_EVENT_DC_LOCK_DECISION,
						.slave = -1,
						.domain = -1,
						.from = lost,
						.to = (int32_t)decision,
						.actual = core->dc.lock.max_difference_ns,
						.count = policy });
}

static void tell_runtime(struct ecr_core *core, bool healthy)
{
	core->clocks_fail = !healthy;
	core->attention = true;
	ecr_core_emit(core, (struct ecr_event){ .kind = ECR_EVENT_DC_RUNTIME_CHANGED,
						.slave = -1,
						.domain = -1,
						.from = !healthy,
						.to = healthy,
						.count = core->dc.failures });
}

static void make_reference(struct ecr_core *core, int next)
{
	struct ecr_dc *dc = &core->dc;
	int before = dc->reference;

	if (!ecr_dc_substitute(dc, next))
		return;
	core->attention = true;
	ecr_core_emit(core, (struct ecr_event){ .kind = ECR_EVENT_DC_REFERENCE_CHANGED,
						.slave = (int16_t)next,
						.domain = -1,
						.from = before,
						.to = next });
}

/* Who stands before it will go by what the master believes, which is near enough to the time for the lock to stay. */
static bool leaves_no_one_astray(const struct ecr_dc *dc)
{
	int64_t most = dc->lock.threshold_ns / 2;

	for (int i = 0; i < dc->own; i++)
		if (dc->clocks[i].ready && dc->clocks[i].place < dc->clocks[dc->original].place)
			return dc->strayed <= most && dc->strayed >= -most;
	return true;
}

/* The reference that should be is back, has had the time for a while, and agrees: nothing jumps. */
void ecr_clocks_return(struct ecr_core *core)
{
	const struct ecr_dc *dc = &core->dc;
	const struct ecr_clock *clock;
	bool locked;

	if (dc->original == dc->reference || dc->original == ECR_DC_NONE || ecr_dc_setting(dc))
		return;
	clock = &dc->clocks[dc->original];
	locked = dc->lock.state == ECR_DC_LOCKED && leaves_no_one_astray(dc);
	if (clock->ready && clock->difference_known &&
	    core->now >= clock->since + (locked ? RETURN_NS : LATE_RETURN_NS)) {
		/* It went by the master's sending, and others may from now on. */
		core->clocks_excuse = core->now + ecr_clocks_patience(core);
		make_reference(core, dc->original);
	}
}

/* The first clock that is still there; the one that is gone is set anew when it comes back. */
static void replace_reference(struct ecr_core *core)
{
	struct ecr_dc *dc = &core->dc;
	int gone = dc->reference;
	int next = 0;

	if (gone != ECR_DC_NONE)
		dc->clocks[gone].ready = false;
	ecr_dc_count(dc);
	core->attention = true;
	while (next < dc->own && !dc->clocks[next].ready)
		next++;
	if (next < dc->own)
		make_reference(core, next);
}

/* As the reference it is replaced at once: its own loop would go on with what the master's sending does to it, and it would
 * come back with a rate that is not its own. */
void ecr_clocks_gone(struct ecr_core *core, const struct ecr_slave *slave)
{
	if (!core->dc.clocks)
		return;
	core->dc.clocks[slave->index].ready = false;
	ecr_dc_count(&core->dc);
	if (core->dc.running && slave->index == core->dc.reference)
		replace_reference(core);
}

void ecr_clocks_judge(struct ecr_core *core)
{
	core->lock_unjudged = core->lock_unjudged && core->dc.lock.lost;
	if (core->lock_unjudged)
		decide(core, true);
}

void ecr_clocks_news(struct ecr_core *core, unsigned int news)
{
	ecr_clocks_look(core);
	if (news & (ECR_DC_FAILING | ECR_DC_HEALTHY))
		tell_runtime(core, news & ECR_DC_HEALTHY);
	ecr_clocks_note_lock(core, news);
	if (news & (ECR_DC_LOST_LOCK | ECR_DC_REGAINED_LOCK))
		decide(core, news & ECR_DC_LOST_LOCK);
	if (news & ECR_DC_ASTRAY)
		core->attention = true;
	if (news & ECR_DC_NO_REFERENCE)
		replace_reference(core);
	if (core->dc.lock.known && ecr_bus_heard(&core->bus, ECR_EVENT_DC_SYNC_DIFF))
		ecr_core_emit(core, (struct ecr_event){ .kind = ECR_EVENT_DC_SYNC_DIFF,
							.slave = -1,
							.domain = -1,
							.actual = core->dc.lock.max_difference_ns,
							.count = core->dc.cycles });
}
