/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/faults.h"
#include "sim/sentence.h"

#include "sim/app.h"
#include "sim/sentence_words.h"
#include "wire/frame.h"

#include <string.h>

#define WORD_MAX 64
#define STEPS 16
#define TIME_MAX ECR_S(1000000)

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

static void next_word(struct reader *reader)
{
	size_t length = 0;

	while (sim_is_space(*reader->at))
		reader->at++;
	reader->from = reader->at;
	while (*reader->at && !sim_is_space(*reader->at)) {
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
	for (size_t i = 0; sim_units[i].word; i++) {
		if (!ecr_text_equal(rest, sim_units[i].word))
			continue;
		if ((ecr_time)whole > TIME_MAX / sim_units[i].ns)
			return false;
		*time = (ecr_time)whole * sim_units[i].ns + fraction * sim_units[i].ns / scale;
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

/* plug SLAVE [into SLAVE [port N]]: both counted from 1, 0 says nothing. */
static bool take_socket(struct reader *reader, struct ecr_sim_fault *fault)
{
	uint32_t port;
	int at;

	if (!take_slave(reader, &fault->slave))
		return false;
	if (!take_word(reader, "into"))
		return true;
	if (find_slave(reader) == fault->slave)
		return fail(reader, "a slave cannot be plugged into itself");
	if (!take_slave(reader, &at))
		return false;
	fault->at_slave = at + 1;
	if (!take_word(reader, "port"))
		return true;
	if (!take_number(reader, 0, ECR_PORT_COUNT - 1, "a port is 0, 1, 2 or 3", &port))
		return false;
	fault->value = (int32_t)port + 1;
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

static bool take_level(struct reader *reader, struct ecr_sim_fault *fault)
{
	if (!take_slave(reader, &fault->slave))
		return false;
	for (size_t i = 0; sim_state_words[i].word; i++)
		if (take_word(reader, sim_state_words[i].word)) {
			fault->command = (uint8_t)sim_state_words[i].state;
			break;
		}
	return true;
}

static bool take_state(struct reader *reader, struct ecr_sim_fault *fault)
{
	return take_level(reader, fault) && take_code(reader, fault);
}

/* Nobody falls to where only a master leads. */
static bool take_fall(struct reader *reader, struct ecr_sim_fault *fault)
{
	if (!take_level(reader, fault))
		return false;
	return (fault->command != ECR_AL_OP && fault->command != ECR_AL_BOOT) ||
	       fail(reader, "a slave falls back to safeop, preop or init");
}

/* of LRW, of outputs */
static bool take_whose(struct reader *reader, struct ecr_sim_fault *fault)
{
	for (unsigned int command = ECR_CMD_APRD; command < ECR_CMD_COUNT; command++)
		if (take_word(reader, ecr_command_name((uint8_t)command))) {
			fault->kind = ECR_SIM_COMMAND_WKC_OFFSET;
			fault->command = (uint8_t)command;
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

/* One of the words that are numbered from 0; the complaint lists them. */
static bool take_numbered(struct reader *reader, const char *(*word)(unsigned int number),
			  const char *wanted, unsigned int *number)
{
	for (*number = 0; word(*number); ++*number)
		if (take_word(reader, word(*number)))
			return true;
	if (reader->failed)
		return false;
	fail(reader, wanted);
	for (unsigned int i = 0; word(i); i++) {
		ecr_text_string(&reader->error, i ? ", " : "");
		ecr_text_string(&reader->error, word(i));
	}
	return false;
}

static bool take_stage(struct reader *reader, enum ecr_sim_stage *stage)
{
	unsigned int number;

	if (!take_numbered(reader, sim_mailbox_stage_word, "wanted is a stage: ", &number))
		return false;
	*stage = (enum ecr_sim_stage)number;
	return true;
}

static bool take_talker(struct reader *reader, int *slave)
{
	int found = find_slave(reader);

	if (found >= 0 && !reader->sim->slaves[found].app)
		return fail(reader, "this slave has no mailbox");
	return take_slave(reader, slave);
}

static bool take_object(struct reader *reader, struct ecr_sim_mailbox_fault *fault)
{
	uint32_t index;
	uint32_t subindex = 0;

	if (!take_number(reader, 1, UINT16_MAX, "wanted is an object, like 0x2000", &index))
		return false;
	if (take_word(reader, "sub") &&
	    !take_number(reader, 0, UINT8_MAX, "a subindex is 0 to 255", &subindex))
		return false;
	fault->index = (uint16_t)index;
	fault->subindex = (uint8_t)subindex;
	return true;
}

static bool take_answer(struct reader *reader, struct ecr_sim_fault *fault)
{
	struct ecr_sim_mailbox_fault *mailbox = &fault->mailbox;
	unsigned int kind;

	if (!take_numbered(reader, sim_mailbox_kind_word,
			   "wanted is what befalls the answer: ", &kind) ||
	    !take_talker(reader, &fault->slave))
		return false;
	mailbox->kind = (enum ecr_sim_mailbox_fault_kind)kind;
	if (take_word(reader, "with") &&
	    !take_number(reader, 0, UINT32_MAX, "wanted is a number, like 0x06010002",
			 &mailbox->value))
		return false;
	if (take_word(reader, "in") && !take_stage(reader, &mailbox->stage))
		return false;
	return !take_word(reader, "object") || take_object(reader, mailbox);
}

static bool take_details(struct reader *reader, const struct sim_verb *verb,
			 struct ecr_sim_fault *fault)
{
	fault->kind = verb->kind;
	switch (verb->wants) {
	case WANTS_SLAVE:
		return take_slave(reader, &fault->slave);
	case WANTS_PORT:
		return take_port(reader, fault);
	case WANTS_SOCKET:
		return take_socket(reader, fault);
	case WANTS_CODE:
		return take_slave(reader, &fault->slave) && take_code(reader, fault);
	case WANTS_STATE:
		return take_state(reader, fault);
	case WANTS_LEVEL:
		return take_fall(reader, fault);
	case WANTS_OFFSET:
		return take_offset(reader, fault);
	case WANTS_TIME:
		return take_delay(reader, fault);
	case WANTS_ANSWER:
		return take_answer(reader, fault);
	default:
		return true;
	}
}

static bool take_fault(struct reader *reader, struct ecr_sim_fault *fault)
{
	for (size_t i = 0; sim_verbs[i].word; i++)
		if (take_word(reader, sim_verbs[i].word))
			return take_details(reader, &sim_verbs[i], fault);
	if (reader->failed)
		return false;
	fail(reader, "wanted is when (at, after) or what happens: ");
	for (size_t i = 0; sim_verbs[i].word; i++) {
		ecr_text_string(&reader->error, i ? ", " : "");
		ecr_text_string(&reader->error, sim_verbs[i].word);
	}
	return false;
}

static bool take_of(struct reader *reader)
{
	return take_word(reader, "of") || fail(reader, "wanted is \"of SLAVE\"");
}

static bool take_stage_count(struct reader *reader, struct ecr_sim_fault *fault)
{
	for (unsigned int i = 0; sim_mailbox_stage_word(i); i++)
		if (take_word(reader, sim_mailbox_stage_word(i))) {
			fault->answer_stage = (enum ecr_sim_stage)i;
			return true;
		}
	return false;
}

/* Behind "at" or "after". */
static bool take_condition(struct reader *reader, struct ecr_sim_fault *fault)
{
	uint32_t count = 0;

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
	if (take_word(reader, "polls") || take_word(reader, "poll")) {
		fault->after_polls = count;
		return take_of(reader) && take_slave(reader, &fault->poll_slave);
	}
	if (!take_stage_count(reader, fault))
		return fail(reader, "wanted is \"frames\" or \"polls of SLAVE\"");
	fault->after_answers = count;
	return take_of(reader) && take_talker(reader, &fault->answer_slave);
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
	       (fault->kind == ECR_SIM_MAILBOX && take_word(reader, "times")) ||
	       fail(reader, "wanted is a unit: s, ms, us or frames");
}

static bool take_duration(struct reader *reader, struct ecr_sim_fault *fault)
{
	if (take_word(reader, "once"))
		fault->frames = 1;
	while (take_word(reader, "for"))
		if (!take_end(reader, fault))
			return false;
	if (fault->kind == ECR_SIM_MAILBOX) { /* it counts answers of its own */
		fault->mailbox.count = fault->frames;
		fault->frames = 0;
	}
	return true;
}

static bool take_step(struct reader *reader, struct ecr_sim_fault *fault)
{
	while (take_word(reader, "at") || take_word(reader, "after"))
		if (!take_condition(reader, fault))
			return false;
	return take_fault(reader, fault) && take_duration(reader, fault);
}

static void begin(struct reader *reader, const struct ecr_sim *sim, const char *sentence,
		  char *error, size_t size)
{
	*reader = (struct reader){ .sim = sim, .begin = sentence, .at = sentence };
	ecr_text_init(&reader->error, error, size);
	next_word(reader);
}

int ecr_sim_parse_fault(const struct ecr_sim *sim, const char *sentence,
			struct ecr_sim_fault *faults, int room, char *error, size_t error_size)
{
	struct reader reader;
	int count = 0;

	begin(&reader, sim, sentence, error, error_size);
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

/* All, or what befalls one slave. */
static bool heal(struct ecr_sim *sim, struct reader *reader)
{
	int slave = -1;

	if (reader->word[0] && !take_slave(reader, &slave))
		return false;
	if (reader->word[0])
		return fail(reader, "wanted is the end");
	if (slave < 0)
		ecr_sim_clear_faults(sim);
	else
		sim_faults_clear_of(sim, slave);
	return true;
}

bool ecr_sim_say(struct ecr_sim *sim, ecr_time now, const char *sentence, char *error, size_t size)
{
	struct ecr_sim_fault faults[STEPS];
	struct reader reader;
	struct ecr_text text;
	int count;

	begin(&reader, sim, sentence, error, size);
	if (take_word(&reader, "heal"))
		return heal(sim, &reader);
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
