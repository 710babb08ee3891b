/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is the matter now, for whoever asks: nothing is kept, so it is true as long as it is said, and gone
 * when it is healed. The cause that explains most comes first: without a link nobody answers, a slave that
 * does not answer makes its domain's counter wrong, and clocks suffer from all of them.
 */
#include "master/master.h"

#include "base/text.h"

#include <string.h>

static struct ecr_failure failure_of(const struct ecr_core *core, int error, int cause)
{
	return (struct ecr_failure){ .error = error,
				     .cause = cause == error ? 0 : cause,
				     .position = -1,
				     .phase = "",
				     .subject = "",
				     .at = core->now };
}

static void name(struct ecr_failure *failure, const char *text)
{
	struct ecr_text whose;

	ecr_text_init(&whose, failure->slave, sizeof(failure->slave));
	ecr_text_string(&whose, text);
}

/* What its last attempt ended with says more than that it is not where it should be. */
static struct ecr_failure of_slave(const struct ecr_core *core, const struct ecr_slave *slave,
				   int error)
{
	struct ecr_failure failure = slave->configuration_failure;
	int cause = failure.error ? failure.error : slave->fault.error;

	if (!failure.error) {
		failure = failure_of(core, error, cause);
		failure.al_code = slave->fault.al_code;
	}
	if (error && error != cause) {
		failure.cause = cause;
		failure.error = error;
	} else {
		failure.error = cause;
	}
	failure.position = slave->position;
	failure.station = slave->station;
	name(&failure, slave->name);
	return failure;
}

/* Those that keep the session from where it should be come before those that suffer alone. */
static const struct ecr_slave *worst(const struct ecr_core *core)
{
	const struct ecr_slave *any = NULL;

	for (int i = 0; i < core->slave_count; i++) {
		const struct ecr_slave *slave = &core->slaves[i];

		if (slave->fault.kind == ECR_FAULT_NONE || slave->absent)
			continue;
		if (slave->lost && slave->mapped && !slave->optional)
			return slave;
		any = any ? any : slave;
	}
	return any;
}

static struct ecr_failure of_domains(const struct ecr_core *core)
{
	const struct ecr_domain *domain = core->domains;
	struct ecr_failure failure;

	while (!(core->domain_faults & 1u << domain->index))
		domain++;
	failure = failure_of(core, ECR_ERR_RUNTIME_DEGRADED,
			     domain->health.error ? domain->health.error : ECR_ERR_WKC_MISMATCH);
	failure.subject = "working counter of the domain";
	failure.expected = domain->health.expected;
	failure.actual = domain->health.actual;
	name(&failure, domain->id);
	return failure;
}

static struct ecr_failure of_clocks(const struct ecr_core *core)
{
	struct ecr_failure failure;

	if (core->clocks_part)
		return ecr_clocks_failure(core, ECR_ERR_RUNTIME_DEGRADED, ECR_ERR_DC_LOCK_LOST);
	failure = failure_of(core, ECR_ERR_RUNTIME_DEGRADED, ECR_ERR_TIMEOUT);
	failure.subject = "time of the clocks";
	return failure;
}

/* The session runs, or has run. */
static struct ecr_failure while_settled(const struct ecr_core *core)
{
	bool recovering = core->state == ECR_STATE_RECOVERING;
	bool blocked = core->state == ECR_STATE_ACTIVATION_BLOCKED;
	const struct ecr_slave *slave = worst(core);

	if (blocked && core->blocked.error)
		return core->blocked;
	if (slave)
		return of_slave(core, slave, recovering ? ECR_ERR_RUNTIME_DEGRADED : 0);
	if (core->domain_faults)
		return of_domains(core);
	if (ecr_clocks_faulty(core))
		return of_clocks(core);
	/* Nothing is any more, and whether that is so is being asked. */
	return failure_of(core, recovering || blocked ? ECR_ERR_RECOVERY_IN_PROGRESS : 0, 0);
}

/* One that has not failed yet, and takes long. */
static struct ecr_failure of_tarrying(const struct ecr_core *core, const struct ecr_slave *slave)
{
	struct ecr_failure failure = failure_of(core, ECR_ERR_AWAITING_PREOP, 0);

	failure.position = slave->position;
	failure.station = slave->station;
	failure.phase = ecr_job_step_name(&slave->job);
	name(&failure, slave->name);
	return failure;
}

/* Those who have failed are tried again until the time is over; so are those who fall while all wait for the lock. */
static struct ecr_failure while_coming_up(const struct ecr_core *core)
{
	const struct ecr_slave *slave;

	for (int i = 0; i < core->slave_count; i++)
		if (core->slaves[i].configuration_failure.error ||
		    core->slaves[i].fault.kind != ECR_FAULT_NONE)
			return of_slave(core, &core->slaves[i], ECR_ERR_AWAITING_PREOP);
	slave = ecr_master_tarrying(core);
	return slave ? of_tarrying(core, slave) : failure_of(core, 0, 0);
}

#define SILENT_FRAMES 3 /* lost one after the other: that is no accident */

/* The ring is counted until the count stays. That takes a while, and is a fault where nothing comes back, or comes back as it
 * was sent. */
static struct ecr_failure while_counting(const struct ecr_core *core)
{
	const struct ecr_boot *boot = &core->boot;
	struct ecr_failure failure;
	int cause = 0;

	if (core->bus.info.timeout_count >= SILENT_FRAMES)
		cause = ECR_ERR_TIMEOUT;
	else if (core->phase == ECR_PHASE_SCAN && boot->readings && !boot->count &&
		 core->now - boot->since >= boot->stable)
		cause = ECR_ERR_NO_RESPONSE;
	failure = failure_of(core, cause ? ECR_ERR_DISCOVERING : 0, cause);
	failure.phase = cause ? "scan" : "";
	return failure;
}

struct ecr_failure ecr_master_trouble(const struct ecr_core *core)
{
	struct ecr_failure failure;

	if (core->state == ECR_STATE_IDLE)
		return core->last_failure;
	if (!core->bus.up) {
		failure = failure_of(core, ECR_ERR_LINK_DOWN, 0);
		failure.subject = core->bus.redundant ? "both ports" : "";
		return failure;
	}
	if (core->state == ECR_STATE_DISCOVERING)
		return while_counting(core);
	if (core->state == ECR_STATE_AWAITING_PREOP)
		return while_coming_up(core);
	return while_settled(core);
}
