/* SPDX-License-Identifier: Apache-2.0 */
/* Faults as sentences: the words, and how a fault is put in them. */
#include "sim/app.h"
#include "sim/sentence.h"
#include "sim/sentence_words.h"
#include "wire/frame.h"

const struct sim_verb sim_verbs[] = {
	{ "drop", ECR_SIM_DROP, WANTS_NOTHING },
	{ "wkc", ECR_SIM_WKC_OFFSET, WANTS_OFFSET },
	{ "disconnect", ECR_SIM_DISCONNECT, WANTS_SLAVE },
	{ "break", ECR_SIM_BREAK, WANTS_PORT },
	{ "unplug", ECR_SIM_UNPLUG, WANTS_SLAVE },
	{ "plug", ECR_SIM_PLUG, WANTS_SOCKET },
	{ "power-off", ECR_SIM_POWER_OFF, WANTS_SLAVE },
	{ "power-cycle", ECR_SIM_POWER_CYCLE, WANTS_SLAVE },
	{ "refuse", ECR_SIM_REFUSE, WANTS_STATE },
	{ "stick", ECR_SIM_STUCK, WANTS_SLAVE },
	{ "corrupt", ECR_SIM_CORRUPT, WANTS_PORT },
	{ "retreat", ECR_SIM_RETREAT, WANTS_LEVEL },
	{ "al-error", ECR_SIM_AL_ERROR, WANTS_CODE },
	{ "mailbox", ECR_SIM_MAILBOX, WANTS_ANSWER },
	{ "truncate", ECR_SIM_TRUNCATE, WANTS_NOTHING },
	{ "mistype", ECR_SIM_BAD_TYPE, WANTS_NOTHING },
	{ "misindex", ECR_SIM_WRONG_INDEX, WANTS_NOTHING },
	{ "replay", ECR_SIM_REPLAY, WANTS_NOTHING },
	{ "delay", ECR_SIM_DELAY, WANTS_TIME },
	{ "lose", ECR_SIM_LOSE, WANTS_NOTHING },
	{ NULL, ECR_SIM_DROP, WANTS_NOTHING },
};

const struct sim_state_word sim_state_words[] = {
	{ "init", ECR_AL_INIT },     { "preop", ECR_AL_PREOP }, { "boot", ECR_AL_BOOT },
	{ "safeop", ECR_AL_SAFEOP }, { "op", ECR_AL_OP },	{ NULL, ECR_AL_INIT },
};

const struct sim_unit sim_units[] = {
	{ "ns", 1 },	     { "us", 1000 },	     { "ms", 1000000 },
	{ "s", 1000000000 }, { "min", 60000000000 }, { NULL, 0 },
};

/* In the largest unit below minutes that leaves six decimals at most: so many are read back. */
static const struct sim_unit *unit_of(ecr_time time)
{
	const struct sim_unit *unit = sim_units;

	for (const struct sim_unit *other = sim_units; other->ns <= ECR_S(1); other++)
		if ((!time || other->ns <= time) &&
		    time % (other->ns > 1000000 ? other->ns / 1000000 : 1) == 0)
			unit = other;
	return unit;
}

void sim_sentence_put_time(struct ecr_text *text, ecr_time time)
{
	const struct sim_unit *unit = unit_of(time);
	ecr_time left = time % unit->ns;

	ecr_text_decimal(text, (uint64_t)(time / unit->ns));
	if (left)
		ecr_text_char(text, '.');
	for (ecr_time figure = unit->ns / 10; left; left %= figure, figure /= 10)
		ecr_text_char(text, (char)('0' + left / figure));
	ecr_text_string(text, unit->word);
}

static void put_offset(struct ecr_text *text, int32_t value)
{
	ecr_text_char(text, ' ');
	ecr_text_char(text, value < 0 ? '-' : '+');
	ecr_text_decimal(text, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

static void put_code(struct ecr_text *text, int32_t code)
{
	ecr_text_string(text, " with 0x");
	ecr_text_hex(text, (uint16_t)code, 4);
}

/* A name that could not be read back as this slave's. */
static bool ambiguous(const struct ecr_sim *sim, int slave)
{
	const char *name = sim->slaves[slave].name;

	for (const char *at = name; *at; at++)
		if (sim_is_space(*at))
			return true;
	for (unsigned int command = ECR_CMD_APRD; command < ECR_CMD_COUNT; command++)
		if (ecr_text_equal(name, ecr_command_name((uint8_t)command)))
			return true;
	return !name[0] || name[0] == '#' || ecr_sim_find(sim, name) != slave;
}

static void put_slave(struct ecr_text *text, const struct ecr_sim *sim, int slave)
{
	ecr_text_char(text, ' ');
	if (!ambiguous(sim, slave)) {
		ecr_text_string(text, sim->slaves[slave].name);
		return;
	}
	ecr_text_char(text, '#');
	ecr_text_decimal(text, (uint64_t)slave);
}

static void put_state(struct ecr_text *text, uint8_t state)
{
	for (size_t i = 0; sim_state_words[i].word; i++)
		if (sim_state_words[i].state == state) {
			ecr_text_char(text, ' ');
			ecr_text_string(text, sim_state_words[i].word);
		}
}

static const struct sim_verb *verb_of(enum ecr_sim_fault_kind kind)
{
	if (kind == ECR_SIM_COMMAND_WKC_OFFSET || kind == ECR_SIM_LOGICAL_WKC_OFFSET)
		kind = ECR_SIM_WKC_OFFSET;
	for (size_t i = 0; sim_verbs[i].word; i++)
		if (sim_verbs[i].kind == kind)
			return &sim_verbs[i];
	return &sim_verbs[0];
}

static void put_whose(struct ecr_text *text, const struct ecr_sim *sim,
		      const struct ecr_sim_fault *fault)
{
	if (fault->kind == ECR_SIM_WKC_OFFSET)
		return;
	ecr_text_string(text, " of");
	if (fault->kind == ECR_SIM_LOGICAL_WKC_OFFSET) {
		put_slave(text, sim, fault->slave);
		return;
	}
	ecr_text_char(text, ' ');
	ecr_text_string(text, ecr_command_name(fault->command));
}

static void put_answer(struct ecr_text *text, const struct ecr_sim *sim,
		       const struct ecr_sim_fault *fault)
{
	const struct ecr_sim_mailbox_fault *mailbox = &fault->mailbox;

	ecr_text_char(text, ' ');
	ecr_text_string(text, sim_mailbox_kind_word(mailbox->kind));
	put_slave(text, sim, fault->slave);
	if (mailbox->value) {
		ecr_text_string(text, " with 0x");
		ecr_text_hex(text, mailbox->value, 8);
	}
	ecr_text_string(text, " in ");
	ecr_text_string(text, sim_mailbox_stage_word(mailbox->stage));
	if (mailbox->index) {
		ecr_text_string(text, " object 0x");
		ecr_text_hex(text, mailbox->index, 4);
		ecr_text_string(text, " sub ");
		ecr_text_decimal(text, mailbox->subindex);
	}
	if (mailbox->count) {
		ecr_text_string(text, " for ");
		ecr_text_decimal(text, mailbox->count);
		ecr_text_string(text, " times");
	}
}

void sim_sentence_put(struct ecr_text *text, const struct ecr_sim *sim,
		      const struct ecr_sim_fault *fault)
{
	const struct sim_verb *verb = verb_of(fault->kind);

	ecr_text_string(text, verb->word);
	if (verb->wants >= WANTS_SLAVE && verb->wants <= WANTS_LEVEL)
		put_slave(text, sim, fault->slave);
	if (verb->wants == WANTS_STATE || verb->wants == WANTS_LEVEL)
		put_state(text, fault->command);
	if (verb->wants == WANTS_CODE || verb->wants == WANTS_STATE)
		put_code(text, fault->value);
	if (verb->wants == WANTS_PORT && fault->value) {
		ecr_text_string(text, " port ");
		ecr_text_decimal(text, (uint64_t)fault->value);
	}
	if (verb->wants == WANTS_SOCKET && fault->at_slave) {
		ecr_text_string(text, " into");
		put_slave(text, sim, fault->at_slave - 1);
	}
	if (verb->wants == WANTS_SOCKET && fault->at_slave && fault->value) {
		ecr_text_string(text, " port ");
		ecr_text_decimal(text, (uint64_t)fault->value - 1);
	}
	if (verb->wants == WANTS_OFFSET) {
		put_offset(text, fault->value);
		put_whose(text, sim, fault);
	}
	if (verb->wants == WANTS_ANSWER)
		put_answer(text, sim, fault);
	if (verb->wants == WANTS_TIME) {
		ecr_text_char(text, ' ');
		sim_sentence_put_time(text, fault->value);
	}
}

static void put_conditions(struct ecr_text *text, const struct ecr_sim *sim,
			   const struct ecr_sim_fault *fault)
{
	if (fault->after) {
		ecr_text_string(text, "after ");
		sim_sentence_put_time(text, fault->after);
		ecr_text_char(text, ' ');
	}
	if (fault->after_frames) {
		ecr_text_string(text, "after ");
		ecr_text_decimal(text, fault->after_frames);
		ecr_text_string(text, " frames ");
	}
	if (fault->after_polls) {
		ecr_text_string(text, "after ");
		ecr_text_decimal(text, fault->after_polls);
		ecr_text_string(text, " polls of");
		put_slave(text, sim, fault->poll_slave);
		ecr_text_char(text, ' ');
	}
	if (fault->after_answers) {
		ecr_text_string(text, "after ");
		ecr_text_decimal(text, fault->after_answers);
		ecr_text_char(text, ' ');
		ecr_text_string(text, sim_mailbox_stage_word(fault->answer_stage));
		ecr_text_string(text, " of");
		put_slave(text, sim, fault->answer_slave);
		ecr_text_char(text, ' ');
	}
}

bool ecr_sim_print_fault(const struct ecr_sim *sim, const struct ecr_sim_fault *fault, char *text,
			 size_t size)
{
	struct ecr_text out;

	ecr_text_init(&out, text, size);
	put_conditions(&out, sim, fault);
	sim_sentence_put(&out, sim, fault);
	if (fault->lasts) {
		ecr_text_string(&out, " for ");
		sim_sentence_put_time(&out, fault->lasts);
	}
	if (fault->frames) {
		ecr_text_string(&out, " for ");
		ecr_text_decimal(&out, fault->frames);
		ecr_text_string(&out, " frames");
	}
	return !out.cut;
}
