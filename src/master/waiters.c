/* SPDX-License-Identifier: Apache-2.0 */
/* The one place where the public state changes, and the requests that wait for such changes. */
#include "master/master.h"

#include "base/assert.h"

#include <string.h>

static bool lock_answers(const struct ecr_core *core, int *result)
{
	static const int refusals[ECR_DC_LOCK_STATES] = {
		[ECR_DC_DISABLED] = ECR_ERR_DC_DISABLED,
		[ECR_DC_INACTIVE] = ECR_ERR_DC_INACTIVE,
		[ECR_DC_UNAVAILABLE] = ECR_ERR_DC_LOCK_UNAVAILABLE,
	};

	*result = refusals[core->dc.lock.state];
	return *result || core->dc.lock.state == ECR_DC_LOCKED;
}

static bool is_await(const struct ecr_request *request)
{
	return request->kind == ECR_REQUEST_AWAIT_OPERATIONAL ||
	       request->kind == ECR_REQUEST_AWAIT_RUNNING;
}

/* The state is the last one in which the session had settled: on the way down it is true of nobody any more. */
static bool is_leaving(const struct ecr_core *core)
{
	return core->phase == ECR_PHASE_LOWER || core->phase == ECR_PHASE_STOPPING;
}

/* Whether the state answers this request, and with what. */
static bool answers(const struct ecr_core *core, const struct ecr_request *request, int *result)
{
	bool fault =
		core->state == ECR_STATE_ACTIVATION_BLOCKED || core->state == ECR_STATE_RECOVERING;

	*result = 0;
	if (core->state == ECR_STATE_IDLE) {
		*result = core->last_failure.error ? core->last_failure.error : ECR_ERR_STOPPED;
		if (request->kind == ECR_REQUEST_STOP)
			*result = 0;
		return true;
	}
	if (request->kind == ECR_REQUEST_STOP)
		return false;
	if (is_await(request) && is_leaving(core))
		return false;
	if (request->kind == ECR_REQUEST_AWAIT_DC_LOCKED)
		return lock_answers(core, result);
	if (request->kind == ECR_REQUEST_REGISTER_PDO && core->phase == ECR_PHASE_STEADY)
		*result = ecr_master_registered(core, request);
	if (request->kind == ECR_REQUEST_ACTIVATE || request->kind == ECR_REQUEST_DEACTIVATE ||
	    request->kind == ECR_REQUEST_CONFIGURE_SLAVE ||
	    request->kind == ECR_REQUEST_REGISTER_PDO)
		return core->phase == ECR_PHASE_STEADY;
	if (fault) {
		*result = core->state == ECR_STATE_RECOVERING ? ECR_ERR_RUNTIME_DEGRADED
			  : core->blocked.error		      ? core->blocked.error
							      : ECR_ERR_ACTIVATION_BLOCKED;
		return true;
	}
	if (core->state == ECR_STATE_OPERATIONAL)
		return true;
	return request->kind == ECR_REQUEST_AWAIT_RUNNING &&
	       (core->state == ECR_STATE_PREOP_READY || core->state == ECR_STATE_DEACTIVATED) &&
	       core->phase == ECR_PHASE_STEADY;
}

void ecr_master_wait(struct ecr_core *core, struct ecr_request *request)
{
	int result;

	if (answers(core, request, &result)) {
		ecr_core_complete(core, request, result);
		return;
	}
	request->next = core->waiting;
	core->waiting = request;
}

static void sweep(struct ecr_core *core, bool expired_only)
{
	struct ecr_request **link = &core->waiting;

	while (*link) {
		struct ecr_request *request = *link;
		int result;

		if (expired_only) {
			if (!request->deadline || request->deadline > core->now) {
				link = &request->next;
				continue;
			}
			result = ECR_ERR_TIMEOUT;
		} else if (!answers(core, request, &result)) {
			link = &request->next;
			continue;
		}
		*link = request->next;
		ecr_core_complete(core, request, result);
	}
}

void ecr_master_answer_waiters(struct ecr_core *core)
{
	sweep(core, false);
}

void ecr_master_expire_waiters(struct ecr_core *core)
{
	sweep(core, true);
}

ecr_time ecr_master_waiters_wake(const struct ecr_core *core)
{
	ecr_time wake = ECR_NEVER;

	for (const struct ecr_request *request = core->waiting; request; request = request->next)
		if (request->deadline && request->deadline < wake)
			wake = request->deadline;
	return wake;
}

void ecr_master_enter(struct ecr_core *core, enum ecr_lifecycle_event event)
{
	enum ecr_state from = core->state;
	enum ecr_state to = ecr_lifecycle_next(from, event);

	ECR_ASSERT(to != ECR_STATE_NONE_);
	core->state = to;
	if (from != to)
		ecr_core_emit(core, (struct ecr_event){ .kind = ECR_EVENT_STATE_CHANGED,
							.slave = -1,
							.domain = -1,
							.from = (int32_t)from,
							.to = (int32_t)to,
							.error = to == ECR_STATE_IDLE
									 ? core->last_failure.error
									 : 0,
							.count = core->target });
	ecr_master_answer_waiters(core);
}

static void cancel_jobs(struct ecr_core *core, int error)
{
	ecr_job_cancel(&core->runner, &core->boot.job);
	ecr_job_cancel(&core->runner, &core->round.job);
	ecr_job_cancel(&core->runner, &core->tally.job);
	ecr_job_cancel(&core->runner, &core->roll.job);
	if (core->dc.runner)
		ecr_dc_cancel(&core->dc);
	for (int i = 0; i < core->slave_count; i++) {
		ecr_service_end_all(core, &core->slaves[i], error);
		ecr_job_cancel(&core->runner, &core->slaves[i].watch);
		ecr_job_cancel(&core->runner, &core->slaves[i].errors.job);
		ecr_job_cancel(&core->runner, &core->slaves[i].latch.job);
		ecr_job_cancel(&core->runner, &core->slaves[i].job);
		ecr_job_cancel(&core->runner, &core->slaves[i].poll);
	}
}

static void take_cancelled(struct ecr_core *core)
{
	struct ecr_transaction *transaction;

	ecr_bus_cancel_all(&core->bus, core->now);
	while ((transaction = ecr_bus_finished(&core->bus))) {
		struct ecr_exchange *exchange = transaction->owner == ECR_OWNER_CYCLE
							? ecr_domain_gather(transaction)
							: NULL;

		if (exchange)
			ecr_domain_finished(exchange, transaction->received_at, core->now);
		else if (transaction->owner == ECR_OWNER_USER)
			ecr_user_finished(core, transaction);
		else if (transaction->owner == ECR_OWNER_CLOCK)
			ecr_dc_finished(&core->dc, transaction);
	}
}

void ecr_master_forget_slaves(struct ecr_core *core, int error)
{
	cancel_jobs(core, error);
	take_cancelled(core);
	core->runner.ready = core->runner.ended = core->runner.outbox = (struct ecr_list){ 0 };
	core->boot.job.listed = false;
	core->boot.job.transaction.queued = core->round.job.transaction.queued = false;
	core->tally.job.transaction.queued = false;
	core->round.job.listed = core->tally.job.listed = false;
	core->busy = 0;
	core->slave_count = 0;
	core->slaves = NULL;
	core->dc.clocks = NULL;
	core->dc.count = 0;
	core->roll = (struct ecr_roll){ 0 };
	core->generation++;
	/* Those of the slaves went with them. */
	ecr_timers_init(&core->runner.timers, core->boot_timers, ECR_BOOT_TIMERS);
	core->boot.job.timer.slot = core->round.job.timer.slot = core->tally.job.timer.slot = 0;
}

/* The end of a session, by stop (no failure) or by a failure. The port frees the blocks when it
 * sees the idle state. */
void ecr_master_end(struct ecr_core *core, const struct ecr_failure *failure)
{
	if (failure)
		core->last_failure = *failure;
	ecr_master_forget_slaves(core, ECR_ERR_STOPPED);
	for (int i = 0; i < core->domain_count; i++)
		ecr_domain_forget(&core->domains[i]);
	core->domain_count = 0;
	core->domain_faults = 0;
	core->plan = (struct ecr_plan){ 0 };
	ecr_dc_forget(&core->dc);
	core->slave_block = core->plan_block = NULL;
	core->plan_wanted = 0;
	core->phase = ECR_PHASE_IDLE;
	ecr_master_enter(core, ECR_LIFE_ENDED);
	core->config = NULL;
}

/* A failure that ends the session. */
void ecr_master_fail(struct ecr_core *core, int error, const struct ecr_slave *slave, int cause)
{
	struct ecr_failure failure = { .error = error,
				       .cause = cause,
				       .position = -1,
				       .phase = "startup",
				       .subject = "",
				       .at = core->now };

	if (slave) {
		failure = slave->configuration_failure;
		failure.cause = cause ? cause : failure.error == error ? 0 : failure.error;
		failure.error = error;
		failure.position = slave->position;
		failure.station = slave->station;
		memcpy(failure.slave, slave->name, sizeof(failure.slave));
	}
	ecr_master_end(core, &failure);
}
