/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/sentence.h"

#include "wire/frame.h"

#include <string.h>

#define WORD_MAX 64
#define STEPS 16
#define TIME_MAX ECR_S(1000000)

enum wants {
	WANTS_NOTHING,
	WANTS_SLAVE,
	WANTS_PORT,   /* a slave, and perhaps one of its ports */
	WANTS_CODE,   /* a slave and an AL status code */
	WANTS_STATE,  /* a slave, perhaps an AL state, and a code */
	WANTS_OFFSET, /* a number with its sign, and perhaps whose */
	WANTS_TIME,
};

static const struct verb {
	const char *word;
	enum ecr_sim_fault_kind kind;
	enum wants wants;
} verbs[] = {
	{ "drop", ECR_SIM_DROP, WANTS_NOTHING },
	{ "wkc", ECR_SIM_WKC_OFFSET, WANTS_OFFSET },
	{ "disconnect", ECR_SIM_DISCONNECT, WANTS_SLAVE },
	{ "break", ECR_SIM_BREAK, WANTS_PORT },
	{ "power-off", ECR_SIM_POWER_OFF, WANTS_SLAVE },
	{ "power-cycle", ECR_SIM_POWER_CYCLE, WANTS_SLAVE },
	{ "refuse", ECR_SIM_REFUSE, WANTS_STATE },
	{ "stick", ECR_SIM_STUCK, WANTS_SLAVE },
	{ "corrupt", ECR_SIM_CORRUPT, WANTS_PORT },
	{ "retreat", ECR_SIM_RETREAT, WANTS_SLAVE },
	{ "al-error", ECR_SIM_AL_ERROR, WANTS_CODE },
	{ "truncate", ECR_SIM_TRUNCATE, WANTS_NOTHING },
	{ "mistype", ECR_SIM_BAD_TYPE, WANTS_NOTHING },
	{ "misindex", ECR_SIM_WRONG_INDEX, WANTS_NOTHING },
	{ "replay", ECR_SIM_REPLAY, WANTS_NOTHING },
	{ "delay", ECR_SIM_DELAY, WANTS_TIME },
	{ "lose", ECR_SIM_LOSE, WANTS_NOTHING },
};

static const struct {
	const char *word;
	enum ecr_al_state state;
} states[] = {
	{ "init", ECR_AL_INIT },     { "preop", ECR_AL_PREOP }, { "boot", ECR_AL_BOOT },
	{ "safeop", ECR_AL_SAFEOP }, { "op", ECR_AL_OP },
};

static const struct {
	const char *word;
	ecr_time ns;
} units[] = {
	{ "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 }, { "min", 60000000000 },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The sentence, one word ahead. */
struct reader {
	const struct ecr_sim *sim;
	const char *begin;
	const char *from; /* of the word */
	const char *at;	  /* behind it */
	char word[WORD_MAX];
	struct ecr_text error;
	bool failed;
};

static bool space(char c)
{
	return c == ' ' || c == '\t' || c == ',';
}

static void next_word(struct reader *reader)
{
	size_t length = 0;

	while (space(*reader->at))
		reader->at++;
	reader->from = reader->at;
	while (*reader->at && !space(*reader->at)) {
		if (length + 1 < WORD_MAX)
			reader->word[length++] = *reader->at;
		reader->at++;
	}
	reader->word[length] = '\0';
}

/* The first complaint stands. */
static bool fail(struct reader *reader, const char *wanted)
{
	if (reader->failed)
		return false;
	reader->failed = true;
	if (reader->word[0]) {
		ecr_text_string(&reader->error, "at character ");
		ecr_text_decimal(&reader->error, (uint64_t)(reader->from - reader->begin) + 1);
		ecr_text_string(&reader->error, ", \"");
		ecr_text_string(&reader->error, reader->word);
		ecr_text_string(&reader->error, "\": ");
	} else {
		ecr_text_string(&reader->error, "the sentence ends too early: ");
	}
	ecr_text_string(&reader->error, wanted);
	return false;
}

static bool is_word(const struct reader *reader, const char *word)
{
	return ecr_text_equal(reader->word, word);
}

static bool take_word(struct reader *reader, const char *word)
{
	if (!is_word(reader, word))
		return false;
	next_word(reader);
	return true;
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Decimal, or hexadecimal with 0x; the rest of the word. False: no number, or one beyond 32 bits. */
static bool read_number(const char *word, uint64_t *value, const char **rest)
{
	unsigned int base = word[0] == '0' && word[1] == 'x' ? 16 : 10;
	const char *at = base == 16 ? word + 2 : word;
	const char *first = at;

	*value = 0;
	for (;; at++) {
		char low = (char)(*at | ('a' - 'A'));
		unsigned int figure = digit(*at) ? (unsigned int)(*at - '0')
				      : base == 16 && low >= 'a' && low <= 'f'
					      ? (unsigned int)(low - 'a') + 10
					      : 99;

		if (figure >= base || *value > UINT32_MAX)
			break;
		*value = *value * base + figure;
	}
	*rest = at;
	return at > first && *value <= UINT32_MAX;
}

static bool take_number(struct reader *reader, uint32_t least, uint32_t most, const char *wanted,
			uint32_t *value)
{
	const char *rest;
	uint64_t number;

	if (!read_number(reader->word, &number, &rest) || *rest || number < least || number > most)
		return fail(reader, wanted);
	*value = (uint32_t)number;
	next_word(reader);
	return true;
}

/* 5s, 20ms, 1.5s */
static bool is_time(const struct reader *reader, ecr_time *time)
{
	const char *rest;
	uint64_t whole;
	ecr_time fraction = 0;
	ecr_time scale = 1;

	if (!read_number(reader->word, &whole, &rest))
		return false;
	if (*rest == '.')
		for (rest++; digit(*rest) && scale < 1000000; rest++, scale *= 10)
			fraction = fraction * 10 + (*rest - '0');
	for (size_t i = 0; i < COUNT(units); i++) {
		if (!ecr_text_equal(rest, units[i].word))
			continue;
		if ((ecr_time)whole > TIME_MAX / units[i].ns)
			return false;
		*time = (ecr_time)whole * units[i].ns + fraction * units[i].ns / scale;
		return true;
	}
	return false;
}

static bool take_time(struct reader *reader, ecr_time *time)
{
	if (!is_time(reader, time))
		return fail(reader, "wanted is a time with its unit, like 5s, 20ms or 1.5ms");
	next_word(reader);
	return true;
}

static void list_slaves(struct reader *reader)
{
	const struct ecr_sim *sim = reader->sim;
	int shown = sim->count < 8 ? sim->count : 8;

	for (int i = 0; i < shown; i++) {
		ecr_text_string(&reader->error, i ? ", " : "");
		ecr_text_string(&reader->error, sim->slaves[i].name);
	}
	if (sim->count > shown)
		ecr_text_string(&reader->error, ", ...");
}

/* By name, or by number from 0 with a # before it. */
static int find_slave(const struct reader *reader)
{
	const char *rest;
	uint64_t number;

	if (reader->word[0] != '#')
		return reader->word[0] ? ecr_sim_find(reader->sim, reader->word) : -1;
	if (!read_number(reader->word + 1, &number, &rest) || *rest ||
	    number >= (uint64_t)reader->sim->count)
		return -1;
	return (int)number;
}

static bool take_slave(struct reader *reader, int *slave)
{
	int found = find_slave(reader);

	if (found < 0) {
		if (!reader->failed) {
			fail(reader, "wanted is a slave, one of ");
			list_slaves(reader);
		}
		return false;
	}
	*slave = found;
	next_word(reader);
	return true;
}

static bool take_port(struct reader *reader, struct ecr_sim_fault *fault)
{
	uint32_t port = 0;

	if (!take_slave(reader, &fault->slave))
		return false;
	if (take_word(reader, "port") &&
	    !take_number(reader, 0, ECR_PORT_COUNT - 1, "a port is 0, 1, 2 or 3", &port))
		return false;
	fault->value = (int32_t)port;
	return true;
}

static bool take_code(struct reader *reader, struct ecr_sim_fault *fault)
{
	uint32_t code;

	take_word(reader, "with");
	if (!take_number(reader, 1, 0xFFFF, "wanted is an AL status code, like 0x001D", &code))
		return false;
	fault->value = (int32_t)code;
	return true;
}

static bool take_state(struct reader *reader, struct ecr_sim_fault *fault)
{
	if (!take_slave(reader, &fault->slave))
		return false;
	for (size_t i = 0; i < COUNT(states); i++)
		if (take_word(reader, states[i].word)) {
			fault->command = (uint8_t)states[i].state;
			break;
		}
	return take_code(reader, fault);
}

/* of LRW, of outputs */
static bool take_whose(struct reader *reader, struct ecr_sim_fault *fault)
{
	for (uint8_t command = ECR_CMD_APRD; command < ECR_CMD_COUNT; command++)
		if (take_word(reader, ecr_command_name(command))) {
			fault->kind = ECR_SIM_COMMAND_WKC_OFFSET;
			fault->command = command;
			return true;
		}
	fault->kind = ECR_SIM_LOGICAL_WKC_OFFSET;
	return take_slave(reader, &fault->slave);
}

static bool take_offset(struct reader *reader, struct ecr_sim_fault *fault)
{
	const char *word = reader->word;
	bool minus = *word == '-';
	const char *rest;
	uint64_t number;

	if ((!minus && *word != '+') || !read_number(word + 1, &number, &rest) || *rest ||
	    !number || number > 0xFFFF)
		return fail(reader, "wanted is what is added to the counter, like -1 or +2");
	fault->value = minus ? -(int32_t)number : (int32_t)number;
	next_word(reader);
	return !take_word(reader, "of") || take_whose(reader, fault);
}

static bool take_delay(struct reader *reader, struct ecr_sim_fault *fault)
{
	ecr_time time;

	if (!take_time(reader, &time))
		return false;
	if (time > INT32_MAX)
		return fail(reader, "a reply is delayed by two seconds at most");
	fault->value = (int32_t)time;
	return true;
}

static bool take_details(struct reader *reader, const struct verb *verb,
			 struct ecr_sim_fault *fault)
{
	fault->kind = verb->kind;
	switch (verb->wants) {
	case WANTS_SLAVE:
		return take_slave(reader, &fault->slave);
	case WANTS_PORT:
		return take_port(reader, fault);
	case WANTS_CODE:
		return take_slave(reader, &fault->slave) && take_code(reader, fault);
	case WANTS_STATE:
		return take_state(reader, fault);
	case WANTS_OFFSET:
		return take_offset(reader, fault);
	case WANTS_TIME:
		return take_delay(reader, fault);
	default:
		return true;
	}
}

static bool take_fault(struct reader *reader, struct ecr_sim_fault *fault)
{
	for (size_t i = 0; i < COUNT(verbs); i++)
		if (take_word(reader, verbs[i].word))
			return take_details(reader, &verbs[i], fault);
	if (reader->failed)
		return false;
	fail(reader, "wanted is when (at, after) or what happens: ");
	for (size_t i = 0; i < COUNT(verbs); i++) {
		ecr_text_string(&reader->error, i ? ", " : "");
		ecr_text_string(&reader->error, verbs[i].word);
	}
	return false;
}

/* Behind "at" or "after". */
static bool take_condition(struct reader *reader, struct ecr_sim_fault *fault)
{
	uint32_t count;

	if (is_time(reader, &fault->after)) {
		next_word(reader);
		return true;
	}
	if (!take_number(reader, 1, UINT32_MAX,
			 "wanted is a time like 5s, or a number of frames or polls", &count))
		return false;
	if (take_word(reader, "frames") || take_word(reader, "frame")) {
		fault->after_frames = count;
		return true;
	}
	if (!take_word(reader, "polls") && !take_word(reader, "poll"))
		return fail(reader, "wanted is \"frames\" or \"polls of SLAVE\"");
	fault->after_polls = count;
	if (!take_word(reader, "of"))
		return fail(reader, "wanted is \"of SLAVE\"");
	return take_slave(reader, &fault->poll_slave);
}

/* Behind "for". */
static bool take_end(struct reader *reader, struct ecr_sim_fault *fault)
{
	if (is_time(reader, &fault->lasts)) {
		if (!fault->lasts)
			return fail(reader, "wanted is a time greater than 0");
		next_word(reader);
		return true;
	}
	if (!take_number(reader, 1, UINT32_MAX, "wanted is a time like 2s, or a number of frames",
			 &fault->frames))
		return false;
	return take_word(reader, "frames") || take_word(reader, "frame") ||
	       fail(reader, "wanted is a unit: s, ms, us or frames");
}

static bool take_duration(struct reader *reader, struct ecr_sim_fault *fault)
{
	if (take_word(reader, "once"))
		fault->frames = 1;
	while (take_word(reader, "for"))
		if (!take_end(reader, fault))
			return false;
	return true;
}

static bool take_step(struct reader *reader, struct ecr_sim_fault *fault)
{
	while (take_word(reader, "at") || take_word(reader, "after"))
		if (!take_condition(reader, fault))
			return false;
	return take_fault(reader, fault) && take_duration(reader, fault);
}

int ecr_sim_parse_fault(const struct ecr_sim *sim, const char *sentence,
			struct ecr_sim_fault *faults, int room, char *error, size_t error_size)
{
	struct reader reader = { .sim = sim, .begin = sentence, .at = sentence };
	int count = 0;

	ecr_text_init(&reader.error, error, error_size);
	next_word(&reader);
	do {
		if (count == room) {
			fail(&reader, "too many steps");
			return -1;
		}
		faults[count] = (struct ecr_sim_fault){ .script = count > 0 };
		if (!take_step(&reader, &faults[count++]))
			return -1;
	} while (take_word(&reader, "then"));
	if (!reader.word[0])
		return count;
	fail(&reader, "wanted is \"for\", \"then\" or the end");
	return -1;
}

void sim_sentence_put_time(struct ecr_text *text, ecr_time time)
{
	size_t unit = COUNT(units) - 2; /* seconds */

	while (unit && time % units[unit].ns)
		unit--;
	ecr_text_decimal(text, (uint64_t)(time / units[unit].ns));
	ecr_text_string(text, units[unit].word);
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
		if (space(*at))
			return true;
	for (uint8_t command = ECR_CMD_APRD; command < ECR_CMD_COUNT; command++)
		if (ecr_text_equal(name, ecr_command_name(command)))
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
	for (size_t i = 0; i < COUNT(states); i++)
		if (states[i].state == state) {
			ecr_text_char(text, ' ');
			ecr_text_string(text, states[i].word);
		}
}

static const struct verb *verb_of(enum ecr_sim_fault_kind kind)
{
	if (kind == ECR_SIM_COMMAND_WKC_OFFSET || kind == ECR_SIM_LOGICAL_WKC_OFFSET)
		kind = ECR_SIM_WKC_OFFSET;
	for (size_t i = 0; i < COUNT(verbs); i++)
		if (verbs[i].kind == kind)
			return &verbs[i];
	return &verbs[0];
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

void sim_sentence_put(struct ecr_text *text, const struct ecr_sim *sim,
		      const struct ecr_sim_fault *fault)
{
	const struct verb *verb = verb_of(fault->kind);

	ecr_text_string(text, verb->word);
	if (verb->wants >= WANTS_SLAVE && verb->wants <= WANTS_STATE)
		put_slave(text, sim, fault->slave);
	if (verb->wants == WANTS_STATE)
		put_state(text, fault->command);
	if (verb->wants == WANTS_CODE || verb->wants == WANTS_STATE)
		put_code(text, fault->value);
	if (verb->wants == WANTS_PORT && fault->value) {
		ecr_text_string(text, " port ");
		ecr_text_decimal(text, (uint64_t)fault->value);
	}
	if (verb->wants == WANTS_OFFSET) {
		put_offset(text, fault->value);
		put_whose(text, sim, fault);
	}
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

bool ecr_sim_say(struct ecr_sim *sim, ecr_time now, const char *sentence, char *error, size_t size)
{
	struct ecr_sim_fault faults[STEPS];
	struct ecr_text text;
	int count;

	if (ecr_text_equal(sentence, "heal")) {
		ecr_sim_clear_faults(sim);
		return true;
	}
	count = ecr_sim_parse_fault(sim, sentence, faults, STEPS, error, size);
	if (count > SIM_FAULTS - sim->fault_count) {
		ecr_text_init(&text, error, size);
		ecr_text_string(&text, "too many faults wait or last: say heal first");
		return false;
	}
	for (int i = 0; i < count; i++)
		ecr_sim_inject(sim, now, &faults[i]);
	return count > 0;
}
