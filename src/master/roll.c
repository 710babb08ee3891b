/* SPDX-License-Identifier: Apache-2.0 */
#include "master/roll.h"

#include "base/le.h"
#include "master/master.h"

enum {
	ROLL_WAIT,
	ROLL_COUNT,
	ROLL_PLACES,
	ROLL_RETRACE,
	ROLL_RETURN,
	ROLL_SILENCE,
	ROLL_NAME,
	ROLL_WHOM,
	ROLL_REQUEST,
	ROLL_ANSWER,
	ROLL_MEMORY,
	ROLL_SURE
};

#define PERIOD_NS ECR_MS(100)
/* until all are asked anew when the ring has changed under the questions; doubled each time */
#define UNREST_NS ECR_MS(2)
#define POLL_NS ECR_MS(1)
#define PATIENCE_NS ECR_MS(20) /* until a slave has answered for its identification */
#define AT_ONCE 4u	       /* positions, so many questions each */
#define QUESTIONS 4u
#define SAMPLES 4u
#define AGAIN_FIRST_NS ECR_MS(200)
#define AGAIN_MAX_NS ECR_S(5)

static struct ecr_roll *roll_of(struct ecr_job *job)
{
	return ecr_container_of(job, struct ecr_roll, job);
}

static struct ecr_verdict roll_wait(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_roll *roll = roll_of(job);

	(void)answer;
	roll->waited = !roll->waited;
	return roll->waited ? ecr_wait(roll->unrest ? roll->unrest : PERIOD_NS)
			    : ecr_goto(ROLL_COUNT);
}

/*
 * The ring has changed under the questions: all over again, and soon, since whoever has come may take part in the cycles
 * until it is known. On a ring that does not come to rest that is tried less and less often.
 */
static struct ecr_verdict begin_again(struct ecr_roll *roll)
{
	roll->whole = roll->waited = false;
	roll->unrest = roll->unrest ? roll->unrest * 2 : UNREST_NS;
	if (roll->unrest > PERIOD_NS)
		roll->unrest = PERIOD_NS;
	return ecr_goto(ROLL_WAIT);
}

/* As many may be there as before, and stand elsewhere, or be others: some are looked at each time, one after the other. */
static void ask_samples(struct ecr_roll *roll)
{
	for (uint16_t i = 0; roll->whole && i < roll->count && i < SAMPLES; i++)
		ecr_job_read(&roll->job, ECR_CMD_APRD,
			     ecr_address_position((uint16_t)((roll->sample + i) % roll->count),
						  ECR_REG_STATION),
			     4);
}

/* It has the station that it had, or was given one since. */
static bool is_same(const struct ecr_roll *roll, uint16_t at, const struct ecr_ask *ask)
{
	const struct ecr_attendant *place = &roll->places[at];

	return ecr_attendant_shows(place, place->station, ask) ||
	       (place->slave != ECR_STRANGER &&
		ecr_attendant_shows(place, roll->core->slaves[place->slave].station, ask));
}

static bool all_same(struct ecr_roll *roll, const struct ecr_answer *answer)
{
	uint16_t first = roll->sample;

	for (uint16_t i = 1; i < answer->count; i++) {
		roll->sample = (uint16_t)((first + i) % roll->count);
		if (!is_same(roll, (uint16_t)((first + i - 1) % roll->count), &answer->asks[i]))
			return false;
	}
	return true;
}

static struct ecr_verdict roll_count(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_roll *roll = roll_of(job);

	if (!answer) {
		ecr_job_read(job, ECR_CMD_BRD, ecr_address_all(ECR_REG_TYPE), 1);
		ask_samples(roll);
		return ecr_ask();
	}
	roll->due = roll->open && job->now >= roll->again_at;
	if (roll->whole && answer->wkc == roll->count && all_same(roll, answer) && !roll->due) {
		roll->checked = roll->to_check;
		return ecr_goto(ROLL_WAIT);
	}
	if (answer->wkc != roll->count)
		roll->pause = 0;
	roll->whole = false;
	roll->count = answer->wkc < roll->room ? answer->wkc : roll->room;
	roll->at = 0;
	return ecr_goto(ROLL_PLACES);
}

static void take_place(struct ecr_attendant *place, const struct ecr_ask *asks, ecr_time now)
{
	*place = (struct ecr_attendant){
		.station = ecr_le16(asks[0].in),
		.alias = ecr_le16(asks[0].in + ECR_REG_ALIAS - ECR_REG_STATION),
		.dl_status = ecr_le16(asks[1].in),
		.mute = asks[2].in[0] & ECR_ESC_CONFIG_EMULATION,
		.al_status = ecr_le16(asks[3].in),
		.found = ECR_STRANGER,
		.slave = ECR_STRANGER,
		.read_at = now,
		.named = place->named,
	};
}

static bool all_answered(const struct ecr_answer *answer)
{
	for (uint16_t i = 0; i < answer->count; i++)
		if (answer->asks[i].wkc != 1)
			return false;
	return true;
}

static struct ecr_verdict roll_places(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_roll *roll = roll_of(job);
	uint16_t left = (uint16_t)(roll->count - roll->at);
	uint16_t batch = left < AT_ONCE ? left : AT_ONCE;

	if (!batch) {
		ecr_attend_known(roll->core);
		ecr_attend_recall(roll->core);
		ecr_strangers_known(roll);
		roll->at = 0;
		return ecr_goto(ROLL_RETRACE);
	}
	for (uint16_t i = 0; !answer && i < batch; i++) {
		uint16_t at = (uint16_t)(roll->at + i);

		ecr_job_read(job, ECR_CMD_APRD, ecr_address_position(at, ECR_REG_STATION), 4);
		ecr_job_read(job, ECR_CMD_APRD, ecr_address_position(at, ECR_REG_DL_STATUS), 2);
		ecr_job_read(job, ECR_CMD_APRD, ecr_address_position(at, ECR_REG_ESC_CONFIG), 1);
		ecr_job_read(job, ECR_CMD_APRD, ecr_address_position(at, ECR_REG_AL_STATUS), 2);
	}
	if (!answer)
		return ecr_ask();
	if (!all_answered(answer))
		return begin_again(roll);
	for (uint16_t i = 0; i < batch; i++)
		take_place(&roll->places[roll->at++], &answer->asks[QUESTIONS * i], job->now);
	return ecr_goto(ROLL_PLACES);
}

static struct ecr_verdict roll_retrace(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_roll *roll = roll_of(job);

	if (answer)
		return ecr_goto(ecr_retraced(roll, answer) ? ROLL_RETURN : ROLL_RETRACE);
	if (ecr_retrace(roll))
		return ecr_ask();
	roll->at = 0;
	roll->looked = roll->naming = false;
	return ecr_goto(ROLL_SILENCE);
}

static struct ecr_verdict roll_return(struct ecr_job *job, const struct ecr_answer *answer)
{
	if (answer)
		return begin_again(roll_of(job));
	ecr_return_stations(roll_of(job));
	return ecr_ask();
}

static struct ecr_verdict roll_silence(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_roll *roll = roll_of(job);

	if (answer)
		return ecr_silence_held(roll, answer) ? ecr_goto(ROLL_SILENCE) : begin_again(roll);
	if (ecr_silence(roll))
		return ecr_ask();
	roll->at = 0;
	return ecr_goto(ROLL_NAME);
}

static struct ecr_verdict roll_name(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_roll *roll = roll_of(job);

	roll->sought = -1;
	if (answer) {
		ecr_names_given(roll);
		return all_answered(answer) ? ecr_goto(ROLL_NAME) : begin_again(roll);
	}
	if (!ecr_name_newcomers(roll))
		return ecr_goto(ROLL_WHOM);
	roll->naming = true;
	return ecr_ask();
}

static uint32_t address_of(const struct ecr_roll *roll, uint16_t at, uint16_t offset)
{
	return ecr_address_station(roll->places[at].station, offset);
}

/* The next ones who are asked for their identification; when there are none, the next slave whose
 * identification is looked for in memories. */
static struct ecr_verdict roll_whom(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_roll *roll = roll_of(job);
	bool sought = ecr_attend_sought(roll->core, ECR_BY_REQUESTED, -1) >= 0;

	(void)answer;
	roll->batch_count = 0;
	for (uint16_t i = 0; sought && i < roll->count && roll->batch_count < ECR_ROLL_BATCH; i++)
		if (roll->places[i].newcomer && !roll->places[i].mute &&
		    !roll->places[i].identified && !roll->places[i].recalled)
			roll->batch[roll->batch_count++] = i;
	roll->until = job->now + PATIENCE_NS;
	if (roll->batch_count)
		return ecr_goto(ROLL_REQUEST);
	roll->sought = ecr_attend_sought(roll->core, ECR_BY_MEMORY, roll->sought);
	roll->at = 0;
	return ecr_goto(roll->sought < 0 ? ROLL_SURE : ROLL_MEMORY);
}

/* Explicit device identification (ETG.1020): asked for in INIT, where every newcomer is or goes. */
static struct ecr_verdict roll_request(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_roll *roll = roll_of(job);

	if (answer)
		return all_answered(answer) ? ecr_goto(ROLL_ANSWER) : begin_again(roll);
	for (uint16_t i = 0; i < roll->batch_count; i++)
		ecr_job_write16(job, ECR_CMD_FPWR,
				address_of(roll, roll->batch[i], ECR_REG_AL_CONTROL),
				ECR_AL_INIT | ECR_AL_ACKNOWLEDGE | ECR_AL_IDENTIFICATION);
	return ecr_ask();
}

static bool take_answers(struct ecr_roll *roll, const struct ecr_answer *answer)
{
	bool all = true;

	for (uint16_t i = 0; i < roll->batch_count; i++) {
		struct ecr_attendant *place = &roll->places[roll->batch[i]];
		const uint8_t *block = answer->asks[i].in;

		place->asked = true;
		place->identified = ecr_le16(block) & ECR_AL_IDENTIFICATION;
		place->identification = ecr_le16(block + ECR_REG_AL_STATUS_CODE - ECR_REG_AL_BLOCK);
		all = all && place->identified;
	}
	return all;
}

static struct ecr_verdict roll_answer(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_roll *roll = roll_of(job);

	for (uint16_t i = 0; !answer && i < roll->batch_count; i++)
		ecr_job_read(job, ECR_CMD_FPRD, address_of(roll, roll->batch[i], ECR_REG_AL_BLOCK),
			     ECR_REG_AL_BLOCK_SIZE);
	if (!answer)
		return ecr_ask();
	if (!all_answered(answer))
		return begin_again(roll);
	if (!take_answers(roll, answer) && job->now < roll->until)
		return ecr_wait(POLL_NS);
	for (uint16_t i = 0; i < roll->batch_count; i++)
		roll->places[roll->batch[i]].mute = !roll->places[roll->batch[i]].identified;
	return ecr_goto(ROLL_WHOM);
}

/* Who answers for its station and not there has no memory there. */
static bool memories_read(const struct ecr_roll *roll, const struct ecr_answer *answer)
{
	for (uint16_t i = 0; i < roll->batch_count; i++)
		if (answer->asks[2 * i].wkc != 1)
			return false;
	return true;
}

static struct ecr_verdict take_memories(struct ecr_roll *roll, const struct ecr_answer *answer,
					const struct ecr_presence_config *wanted)
{
	if (!memories_read(roll, answer))
		return begin_again(roll);
	for (uint16_t i = 0; i < roll->batch_count; i++)
		if (answer->asks[2 * i + 1].wkc == 1 &&
		    ecr_le16(answer->asks[2 * i + 1].in) == wanted->identification)
			roll->places[roll->batch[i]].found = (int16_t)roll->sought;
	return ecr_goto(ROLL_MEMORY);
}

static struct ecr_verdict roll_memory(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_roll *roll = roll_of(job);
	const struct ecr_presence_config *wanted =
		&roll->core->slaves[roll->sought].config->presence;

	if (answer)
		return take_memories(roll, answer, wanted);
	roll->batch_count = 0;
	for (; roll->at < roll->count && roll->batch_count < ECR_ROLL_BATCH; roll->at++) {
		if (!roll->places[roll->at].newcomer)
			continue;
		roll->batch[roll->batch_count++] = roll->at;
		ecr_job_read(job, ECR_CMD_FPRD, address_of(roll, roll->at, ECR_REG_STATION), 2);
		ecr_job_read(job, ECR_CMD_FPRD,
			     address_of(roll, roll->at, wanted->identification_address), 2);
	}
	return roll->batch_count ? ecr_ask() : ecr_goto(ROLL_WHOM);
}

/*
 * A device may be slow, stuck, or still at its own start: it is asked again, with longer and longer pauses from when it was
 * asked last.
 */
static void plan_again(struct ecr_roll *roll, ecr_time now)
{
	bool asked = false;

	roll->open = false;
	for (uint16_t i = 0; i < roll->count; i++) {
		const struct ecr_attendant *place = &roll->places[i];

		asked |= place->asked && !place->identified;
		roll->open |= (place->asked || place->recalled) && !place->identified;
	}
	if (!roll->open)
		roll->pause = 0;
	if (!asked)
		return;
	roll->pause = roll->pause ? roll->pause * 2 : AGAIN_FIRST_NS;
	if (roll->pause > AGAIN_MAX_NS)
		roll->pause = AGAIN_MAX_NS;
	roll->again_at = now + roll->pause;
}

static bool batch_same(const struct ecr_roll *roll, const struct ecr_answer *answer)
{
	for (uint16_t i = 0; i < roll->batch_count; i++)
		if (!is_same(roll, roll->batch[i], &answer->asks[1 + i]))
			return false;
	return true;
}

/* As many as before the questions, and each where it was: nothing has moved meanwhile. */
static struct ecr_verdict roll_sure(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_roll *roll = roll_of(job);

	if (answer && (answer->wkc != roll->count || !batch_same(roll, answer)))
		return begin_again(roll);
	if (answer && roll->at < roll->count)
		return ecr_goto(ROLL_SURE);
	roll->batch_count = 0;
	if (!answer)
		ecr_job_read(job, ECR_CMD_BRD, ecr_address_all(ECR_REG_TYPE), 1);
	for (; !answer && roll->at < roll->count && roll->batch_count < ECR_ROLL_BATCH;
	     roll->at++) {
		if (!roll->places[roll->at].newcomer)
			continue;
		roll->batch[roll->batch_count++] = roll->at;
		ecr_job_read(job, ECR_CMD_APRD, ecr_address_position(roll->at, ECR_REG_STATION), 4);
	}
	if (!answer)
		return ecr_ask();
	roll->whole = true;
	roll->naming = false;
	roll->unrest = 0;
	plan_again(roll, job->now);
	return ecr_done();
}

/* Whoever answers or not says who is there: any counter will do. */
static const struct ecr_step steps[] = {
	[ROLL_WAIT] = { "roll.wait", roll_wait },
	[ROLL_COUNT] = { "roll.count", roll_count, .wkc = ECR_WKC_ANY, .tries = 3,
			 .on_loss = ECR_ASK_AGAIN },
	[ROLL_PLACES] = { "roll.places", roll_places, .wkc = ECR_WKC_ANY, .tries = 3,
			  .on_loss = ECR_ASK_AGAIN },
	[ROLL_RETRACE] = { "roll.retrace", roll_retrace, .wkc = ECR_WKC_ANY, .tries = 3,
			   .on_loss = ECR_ASK_AGAIN },
	[ROLL_RETURN] = { "roll.return", roll_return, .wkc = ECR_WKC_ANY, .tries = 3,
			  .on_loss = ECR_ASK_AGAIN },
	[ROLL_SILENCE] = { "roll.silence", roll_silence, .wkc = ECR_WKC_ANY, .tries = 3,
			   .on_loss = ECR_ASK_AGAIN },
	[ROLL_NAME] = { "roll.name", roll_name, .wkc = ECR_WKC_ANY, .tries = 3,
			.on_loss = ECR_ASK_AGAIN },
	[ROLL_WHOM] = { "roll.whom", roll_whom },
	[ROLL_REQUEST] = { "roll.request", roll_request, .wkc = ECR_WKC_ANY, .tries = 3,
			   .on_loss = ECR_ASK_AGAIN },
	[ROLL_ANSWER] = { "roll.answer", roll_answer, .wkc = ECR_WKC_ANY, .tries = 3,
			  .on_loss = ECR_ASK_AGAIN },
	[ROLL_MEMORY] = { "roll.memory", roll_memory, .wkc = ECR_WKC_ANY, .tries = 3,
			  .on_loss = ECR_ASK_AGAIN },
	[ROLL_SURE] = { "roll.sure", roll_sure, .wkc = ECR_WKC_ANY, .tries = 3,
			.on_loss = ECR_ASK_AGAIN },
};

static void begin(struct ecr_core *core)
{
	struct ecr_roll *roll = &core->roll;

	roll->core = core;
	roll->job.context = core;
	roll->job.subject = -1;
	roll->waited = !roll->whole; /* the first one is made at once */
	ecr_job_start(&core->runner, &roll->job, steps);
}

void ecr_roll_call(struct ecr_core *core, bool on)
{
	struct ecr_roll *roll = &core->roll;

	if (!on)
		ecr_job_cancel(&core->runner, &roll->job);
	if (!on || !core->hot)
		return;
	if (roll->unheeded && ecr_master_tends(core)) {
		roll->unheeded = false;
		ecr_roll_hurry(core);
	}
	if (!ecr_job_running(&roll->job))
		begin(core);
}

void ecr_roll_hurry(struct ecr_core *core)
{
	core->roll.whole = false;
	ecr_job_hurry(&core->runner, &core->roll.job);
}

bool ecr_roll_checked(struct ecr_core *core)
{
	struct ecr_roll *roll = &core->roll;

	if (!core->hot || roll->checked)
		return true;
	if (!roll->to_check && roll->whole)
		ecr_job_hurry(&core->runner, &roll->job);
	roll->to_check = true;
	return false;
}

/* Those beyond the configured ones were there when the slaves were counted: no news. */
static void know_the_rest(struct ecr_core *core)
{
	for (int i = core->slave_count; i < core->found; i++)
		core->roll.places[i].named = (struct ecr_acquaintance){
			.told = true, .behind = (int16_t)(core->slave_count - 1), .alias = -1
		};
}

void ecr_roll_look(struct ecr_core *core)
{
	if (!core->roll.count)
		know_the_rest(core);
	ecr_roll_hurry(core);
	if (!ecr_job_running(&core->roll.job))
		begin(core);
}
