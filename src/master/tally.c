/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The error counters of all ports at once, every second. A broadcast brings them ORed, which would hide
 * that one has grown beside others; but whoever shows anything is read by itself and cleared
 * (slave/errors.c), so that nothing but zeroes from all who are there proves that nobody has counted
 * anything. Everything else has all slaves read by themselves at once: an error is known a second and
 * a round trip after it was counted, at the cost of one datagram for all. Who is nobody of the session
 * is cleared by its position, else what it has counted once would hide all that follows.
 */
#include "master/master.h"

#include "base/le.h"

enum { TALLY_WAIT, TALLY_ASK, TALLY_LOST, TALLY_CLEAR };

#define CLEARED_AT_ONCE 8 /* positions, two registers each */

static struct ecr_core *core_of(struct ecr_job *job)
{
	return ecr_container_of(job, struct ecr_core, tally.job);
}

static void read_everybody(struct ecr_core *core)
{
	for (int i = 0; i < core->slave_count; i++)
		ecr_job_hurry(&core->runner, &core->slaves[i].errors.job);
}

static struct ecr_verdict tally_wait(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_tally *tally = &core_of(job)->tally;

	(void)answer;
	tally->waited = !tally->waited;
	return tally->waited ? ecr_wait(ECR_ERRORS_PERIOD_NS) : ecr_goto(TALLY_ASK);
}

static bool is_nobodys(const struct ecr_core *core, uint16_t at)
{
	return core->hot ? at < core->roll.count && core->roll.places[at].slave == ECR_STRANGER
			 : at >= core->slave_count;
}

/* Those of the session have been read and cleared since errors were shown first: what is shown still is another's. */
static bool is_anothers(struct ecr_tally *tally, bool shown)
{
	bool still = shown && tally->shown;

	tally->shown = shown && !still;
	return still;
}

/* The links are ORed, too: a change that they hide is told by a lost-link counter or an event. */
static struct ecr_verdict tally_ask(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_core *core = core_of(job);
	struct ecr_tally *tally = &core->tally;
	uint16_t links;
	bool shown;

	if (!answer) {
		ecr_job_read(job, ECR_CMD_BRD, ecr_address_all(ECR_REG_ERRORS),
			     ECR_REG_ERRORS_SIZE);
		ecr_job_read(job, ECR_CMD_BRD, ecr_address_all(ECR_REG_DL_STATUS), 2);
		return ecr_ask();
	}
	links = ecr_le16(answer->asks[1].in);
	shown = ecr_errors_shown(answer->data);
	if (answer->wkc && answer->wkc == answer->asks[1].wkc && links == tally->links && !shown)
		tally->proof_at = job->now;
	else
		read_everybody(core);
	tally->links = links;
	tally->at = 0;
	tally->count = answer->wkc;
	return ecr_goto(is_anothers(tally, shown) ? TALLY_CLEAR : TALLY_WAIT);
}

static struct ecr_verdict tally_lost(struct ecr_job *job, const struct ecr_answer *answer)
{
	(void)answer;
	read_everybody(core_of(job));
	return ecr_goto(TALLY_WAIT);
}

static struct ecr_verdict tally_clear(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_core *core = core_of(job);
	struct ecr_tally *tally = &core->tally;
	unsigned int asked = 0;

	if (answer)
		return ecr_goto(TALLY_CLEAR);
	for (; tally->at < tally->count && asked < CLEARED_AT_ONCE; tally->at++) {
		if (!is_nobodys(core, tally->at))
			continue;
		ecr_job_write(job, ECR_CMD_APWR, ecr_address_position(tally->at, ECR_REG_RX_ERRORS),
			      1);
		ecr_job_write(job, ECR_CMD_APWR, ecr_address_position(tally->at, ECR_REG_LOST_LINK),
			      1);
		asked++;
	}
	return asked ? ecr_ask() : ecr_goto(TALLY_WAIT);
}

static const struct ecr_step steps[] = {
	[TALLY_WAIT] = { "tally.wait", tally_wait },
	[TALLY_ASK] = { "tally.ask", tally_ask, .wkc = ECR_WKC_ANY, .tries = 2,
			.on_loss = TALLY_LOST },
	[TALLY_LOST] = { "tally.lost", tally_lost },
	[TALLY_CLEAR] = { "tally.clear", tally_clear, .wkc = ECR_WKC_ANY, .tries = 2,
			  .on_loss = TALLY_WAIT },
};

void ecr_master_tally(struct ecr_core *core, bool on)
{
	struct ecr_tally *tally = &core->tally;

	if (ecr_job_running(&tally->job)) {
		if (!on)
			ecr_job_cancel(&core->runner, &tally->job);
		return;
	}
	if (!on)
		return;
	tally->job.context = core;
	tally->job.subject = -1;
	tally->waited = tally->shown = false;
	tally->proof_at = INT64_MIN / 2;
	ecr_job_start(&core->runner, &tally->job, steps);
}

/* Cables are looked after in every state. */
void ecr_master_read_errors(struct ecr_core *core, struct ecr_slave *slave, bool on)
{
	struct ecr_job *job = &slave->errors.job;

	if (ecr_job_running(job)) {
		if (!on)
			ecr_job_cancel(&core->runner, job);
		return;
	}
	if (!on || slave->down)
		return;
	job->context = slave;
	job->subject = slave->index;
	slave->errors.waited = true; /* the first time at once */
	slave->errors.proof = &core->tally.proof_at;
	ecr_job_start(&core->runner, job, ecr_errors_steps);
}

void ecr_master_count(struct ecr_core *core, bool on)
{
	ecr_master_tally(core, on);
	for (int i = 0; i < core->slave_count; i++)
		ecr_master_read_errors(core, &core->slaves[i], on);
}
