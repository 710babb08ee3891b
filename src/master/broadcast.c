/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Health of all slaves at once. A broadcast brings the AL states of everybody ORed, and how many have
 * answered: while all should be in one and the same state, nothing but that state and the full count
 * proves that all are. Then no slave is asked by itself. Anything else calls the single polls forward,
 * which say who it is.
 */
#include "master/master.h"

#include "base/le.h"

#define SURE_NS ECR_MS(1)

enum { ROUND_ASK, ROUND_LOST, ROUND_WAIT };

#define NO_PROOF (INT64_MIN / 2)
#define NOT_ASKED UINT16_MAX

static struct ecr_core *core_of(struct ecr_job *job)
{
	return ecr_container_of(job, struct ecr_core, round.job);
}

/* The state that all on the ring should be in, and how many they are; NONE: a broadcast proves nothing. */
static enum ecr_al_state common_state(const struct ecr_core *core, uint16_t *count)
{
	uint8_t state = ECR_AL_NONE;

	*count = 0;
	if (core->hot ? ecr_attend_strangers(core) : core->slave_count != core->found)
		return ECR_AL_NONE; /* some are nobody's: their states are not known */
	for (int i = 0; i < core->slave_count; i++) {
		const struct ecr_slave *slave = &core->slaves[i];

		if (slave->down)
			continue;
		if (slave->activity != ECR_ACTIVITY_NONE || (state && slave->al_state != state))
			return ECR_AL_NONE;
		state = slave->al_state;
		++*count;
	}
	return state == ECR_AL_BOOT ? ECR_AL_NONE
				    : (enum ecr_al_state)state; /* BOOT is INIT | PREOP */
}

/* More answer than before: who was lost is tried at once instead of when its pause is over. */
static void try_the_lost(struct ecr_core *core)
{
	for (int i = 0; i < core->slave_count; i++) {
		struct ecr_slave *slave = &core->slaves[i];

		if (!slave->down || slave->activity != ECR_ACTIVITY_NONE)
			continue;
		slave->retry_at = core->now;
		slave->retry_delay = 0;
		core->attention = true;
	}
}

/* How many answer where nobody comes and goes, if everybody is where the session believes. */
static int known(const struct ecr_core *core)
{
	int count = core->found - core->slave_count;

	for (int i = 0; i < core->slave_count; i++)
		count += !core->slaves[i].down;
	return count;
}

/* More than before; or, after a while in which nobody asked, than the session knows of. */
static bool are_more(const struct ecr_core *core, uint16_t answered)
{
	if (core->round.answered != NOT_ASKED)
		return answered > core->round.answered;
	return !core->hot && answered > known(core);
}

/*
 * Where nobody comes and goes: whether more answer than are known, or strangers were seen and have gone. While a cable
 * is plugged in a frame may pass slaves twice, so that this is asked once more.
 */
static bool is_crowd(const struct ecr_core *core, uint16_t answered)
{
	return !core->hot && answered != core->roll.count &&
	       (answered > known(core) || core->roll.count > known(core));
}

/* Nobody rests on what was proven before, however often the count changes. */
static struct ecr_verdict ask_again(struct ecr_core *core, bool was_proven)
{
	core->round.proof_at = NO_PROOF;
	if (was_proven)
		ecr_master_hurry_polls(core, false);
	return ecr_wait(SURE_NS);
}

static struct ecr_verdict round_ask(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_core *core = core_of(job);
	struct ecr_round *round = &core->round;
	bool was_proven = round->proof_at == round->asked_at;
	enum ecr_al_state state;
	uint16_t count;
	bool same;

	if (!answer) {
		ecr_job_read(job, ECR_CMD_BRD, ecr_address_all(ECR_REG_AL_STATUS), 2);
		return ecr_ask();
	}
	if (are_more(core, answer->wkc))
		try_the_lost(core);
	if (core->hot && answer->wkc != round->answered)
		ecr_roll_hurry(core);
	same = answer->wkc == round->answered;
	round->answered = answer->wkc;
	if (is_crowd(core, answer->wkc)) {
		if (!same)
			return ask_again(core, was_proven);
		ecr_roll_look(core);
	}
	round->asked_at = job->now;
	state = common_state(core, &count);
	if (state != ECR_AL_NONE && answer->wkc == count && ecr_le16(answer->data) == state) {
		round->proof_at = job->now;
		return ecr_goto(ROUND_WAIT);
	}
	round->proof_at = NO_PROOF; /* nobody rests on the last one */
	if (state != ECR_AL_NONE || was_proven)
		ecr_master_hurry_polls(core, false);
	return ecr_goto(ROUND_WAIT);
}

/* It may be the frame, it may be the ring. */
static struct ecr_verdict round_lost(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_core *core = core_of(job);

	(void)answer;
	core->round.answered = 0;
	ecr_master_hurry_polls(core, false);
	return ecr_goto(ROUND_WAIT);
}

static struct ecr_verdict round_wait(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_round *round = &core_of(job)->round;

	(void)answer;
	round->waited = !round->waited;
	return round->waited ? ecr_wait(round->period) : ecr_goto(ROUND_ASK);
}

static const struct ecr_step steps[] = {
	[ROUND_ASK] = { "health.all", round_ask, .wkc = ECR_WKC_ANY, .tries = 2,
			.on_loss = ROUND_LOST },
	[ROUND_LOST] = { "health.lost", round_lost },
	[ROUND_WAIT] = { "health.wait", round_wait },
};

/* The shortest period of all; 0: nobody is polled. */
static ecr_time period(const struct ecr_core *core)
{
	ecr_time shortest = 0;

	for (int i = 0; i < core->slave_count; i++) {
		ecr_time own = core->slaves[i].poll_period;

		if (own && (!shortest || own < shortest))
			shortest = own;
	}
	return shortest;
}

void ecr_master_round(struct ecr_core *core, bool on)
{
	struct ecr_round *round = &core->round;

	if (ecr_job_running(&round->job)) {
		if (!on)
			ecr_job_cancel(&core->runner, &round->job);
		return;
	}
	round->period = period(core);
	if (!on || !round->period)
		return;
	round->job.context = core;
	round->job.subject = -1;
	round->waited = false;
	round->answered = NOT_ASKED;
	round->proof_at = NO_PROOF;
	round->asked_at = 0;
	ecr_job_start(&core->runner, &round->job, steps);
}
