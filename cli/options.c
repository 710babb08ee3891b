/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE 1
#include "cli/cli.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST_MOST 32	/* of an option that may be repeated */
#define LONGEST_NS 9e18 /* that a time can be */

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	(void)number;
	interrupted = 1;
}

void cli_catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

bool cli_interrupted(void)
{
	return interrupted;
}

/* "250us", "1ms", "10s", "1.5s"; false when it is no duration, or none at all. */
static bool duration_of(const char *text, ecr_time *duration)
{
	static const struct {
		const char *unit;
		double ns;
	} units[] = { { "ns", 1 }, { "us", 1e3 },   { "ms", 1e6 },  { "s", 1e9 },
		      { "", 1e9 }, { "min", 60e9 }, { "h", 3600e9 } };
	char *end;
	double value = strtod(text, &end);

	if (end == text || !(value > 0))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].unit) == 0 && value * units[i].ns >= 1 &&
		    value * units[i].ns <= LONGEST_NS) {
			*duration = (ecr_time)(value * units[i].ns);
			return true;
		}
	}
	return false;
}

static int bad(const char *option, const char *value, const char *wanted)
{
	fprintf(stderr, "ecring: %s %s: %s\n", option, value ? value : "", wanted);
	return CLI_USAGE;
}

bool cli_number(const char *text, long least, long most, long *number)
{
	char *end;

	*number = strtol(text, &end, 0); /* saturates, which is outside every range */
	return end != text && !*end && *number >= least && *number <= most;
}

static int take_number(const char *option, const char *value, int *number)
{
	long parsed;

	if (!cli_number(value, 0, 65535, &parsed))
		return bad(option, value, "a number from 0 to 65535 is wanted");
	*number = (int)parsed;
	return CLI_OK;
}

static int take_scheduling(const char *option, const char *value, enum ecr_scheduling *scheduling)
{
	static const char *const names[] = { [ECR_SCHEDULING_FIFO] = "fifo",
					     [ECR_SCHEDULING_ROUND_ROBIN] = "rr",
					     [ECR_SCHEDULING_OTHER] = "other" };

	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(value, names[i]) == 0) {
			*scheduling = (enum ecr_scheduling)i;
			return CLI_OK;
		}
	}
	return bad(option, value, "fifo, rr or other is wanted");
}

static int take_stack(const char *option, const char *value, uint32_t *kib)
{
	long parsed;

	if (!cli_number(value, 8, 1024, &parsed))
		return bad(option, value, "8 to 1024 KiB are wanted");
	*kib = (uint32_t)parsed;
	return CLI_OK;
}

static int take_priority(const char *option, const char *value, int *priority)
{
	int error;

	*priority = -1;
	if (strcmp(value, "none") == 0)
		return CLI_OK;
	error = take_number(option, value, priority);
	if (!error && (*priority < 1 || *priority > 99))
		error = bad(option, value, "1 to 99 is wanted, or none");
	return error;
}

/* Counted from 0 here, from 1 in the configuration, where 0 means anywhere. */
static int take_cpu(const char *option, const char *value, int *cpu)
{
	int error = take_number(option, value, cpu);

	*cpu += !error;
	return error;
}

static int take_one_more(const char *option, const char *value, const char **list, int *count)
{
	if (*count == LIST_MOST)
		return bad(option, value, "no more than 32 of them");
	list[(*count)++] = value;
	return CLI_OK;
}

static int take(struct cli_options *options, const char *option, const char *value)
{
	if (strcmp(option, "-i") == 0 || strcmp(option, "--interface") == 0)
		options->interface = value;
	else if (strcmp(option, "--backup") == 0)
		options->backup = value;
	else if (strcmp(option, "--udp") == 0)
		options->udp = value;
	else if (strcmp(option, "--ring") == 0)
		options->ring = value;
	else if (strcmp(option, "--slave") == 0 || strcmp(option, "-p") == 0 ||
		 strcmp(option, "--position") == 0)
		return take_number(option, value, &options->slave);
	else if (strcmp(option, "-t") == 0 || strcmp(option, "--type") == 0)
		options->type = value;
	else if (strcmp(option, "--priority") == 0)
		return take_priority(option, value, &options->realtime.priority);
	else if (strcmp(option, "--scheduling") == 0)
		return take_scheduling(option, value, &options->realtime.scheduling);
	else if (strcmp(option, "--stack") == 0)
		return take_stack(option, value, &options->realtime.stack_kib);
	else if (strcmp(option, "--cpu") == 0)
		return take_cpu(option, value, &options->realtime.cpu);
	else if (strcmp(option, "--duration") == 0)
		return duration_of(value, &options->duration)
			       ? CLI_OK
			       : bad(option, value, "a time such as 10s is wanted");
	else if (strcmp(option, "--cycle") == 0)
		return duration_of(value, &options->cycle)
			       ? CLI_OK
			       : bad(option, value, "a time such as 1ms is wanted");
	else if (strcmp(option, "--svg") == 0)
		options->svg = value;
	else if (strcmp(option, "--compare") == 0)
		options->compare = value;
	else if (strcmp(option, "--record") == 0)
		options->record = value;
	else if (strcmp(option, "--plot") == 0)
		options->plot = value;
	else if (strcmp(option, "--seed") == 0)
		options->seed = value;
	else if (strcmp(option, "--count") == 0)
		options->count = value;
	else if (strcmp(option, "--only") == 0)
		options->only = value;
	else if (strcmp(option, "--wire") == 0)
		return take_one_more(option, value, options->wires, &options->wire_count);
	else if (strcmp(option, "--fault") == 0)
		return take_one_more(option, value, options->faults, &options->fault_count);
	else
		return bad(option, NULL, "no such option");
	return CLI_OK;
}

/* A negative number is one, too. */
static bool is_word(const char *text)
{
	return text[0] != '-' || (text[1] >= '0' && text[1] <= '9') || text[1] == '.';
}

static bool take_flag(struct cli_options *options, const char *option)
{
	const struct {
		const char *name;
		bool *flag;
	} flags[] = {
		{ "--json", &options->json },
		{ "--wait", &options->wait },
		{ "--redundant", &options->redundant },
		{ "--shrink", &options->shrink },
		{ "--trace", &options->trace },
		{ "--complete", &options->complete },
		{ "--no-spin", &options->realtime.no_spin },
		{ "--spin-replies", &options->realtime.spin_replies },
		{ "--no-lock", &options->realtime.no_lock },
		{ "--no-sleep-states", &options->realtime.no_sleep_states },
		{ "--no-ring", &options->raw.no_ring },
		{ "--bypass-qdisc", &options->raw.bypass_qdisc },
		{ "--hardware-stamps", &options->raw.hardware_stamps },
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (strcmp(flags[i].name, option) == 0) {
			*flags[i].flag = true;
			return true;
		}
	}
	return false;
}

/* As a word of its own. */
static bool names(const char *usage, const char *option)
{
	size_t length = strlen(option);

	for (const char *at = usage; (at = strstr(at, option)); at += length)
		if ((at == usage || strchr(" [\n|", at[-1])) && strchr(" ]\n", at[length]))
			return true;
	return false;
}

/* What the verb has no use for is a mistake, not to be passed over. */
static bool is_of_verb(const struct cli_verb *verb, const char *option)
{
	static const char *const same[][2] = { { "--interface", "-i" },	    { "--type", "-t" },
					       { "--position", "-p" },	    { "--slave", "-p" },
					       { "--position", "--slave" }, { "-p", "--slave" } };

	if (names(verb->usage, option))
		return true;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (strcmp(same[i][0], option) == 0 && names(verb->usage, same[i][1]))
			return true;
	return false;
}

/* "--type=uint32" and "-tuint32" apart: the option's name, and its value; NULL: it is the next word. */
static const char *part(const char *text, char name[], size_t room)
{
	const char *equal = strchr(text, '=');
	size_t length = strlen(text);
	const char *value = NULL;

	if (text[1] == '-' && equal) {
		length = (size_t)(equal - text);
		value = equal + 1;
	} else if (text[1] != '-' && length > 2) {
		length = 2;
		value = text + 2;
	}
	snprintf(name, room, "%.*s", (int)length, text);
	return value;
}

/* How many arguments an option took: 0 and a message when there is no such. */
static int take_option(struct cli_options *options, const struct cli_verb *verb,
		       const char *argument, const char *next)
{
	char name[32];
	const char *value = part(argument, name, sizeof(name));
	int count = value ? 1 : 2;

	if (!is_of_verb(verb, name)) {
		bad(argument, NULL, "this verb has no such option");
		return 0;
	}
	if (!value && take_flag(options, name))
		return 1;
	if (!value)
		value = next;
	if (!value)
		bad(argument, NULL, "a value is missing");
	return value && take(options, name, value) == CLI_OK ? count : 0;
}

/* Behind "--" there are words only. */
int cli_parse(int argc, char **argv, const struct cli_verb *verb, struct cli_options *options)
{
	bool words_only = false;
	int taken;

	options->slave = -1;
	for (int i = 0; i < argc; i += taken) {
		taken = 1;
		if (words_only || is_word(argv[i])) {
			if (options->word_count == verb->words)
				return bad(argv[i], NULL, "one too many");
			options->words[options->word_count++] = argv[i];
		} else if (strcmp(argv[i], "--") == 0) {
			words_only = true;
		} else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			options->help = true;
		} else {
			taken = take_option(options, verb, argv[i],
					    i + 1 < argc ? argv[i + 1] : NULL);
			if (!taken)
				return CLI_USAGE;
		}
	}
	if (options->interface && options->ring && strstr(verb->usage, "| --ring"))
		return bad("-i", options->interface, "that, or --ring, but not both");
	return CLI_OK;
}

void cli_json_string(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

void cli_print_value(const struct ecr_value *value, bool json)
{
	switch (value->type) {
	case ECR_TYPE_BOOL:
		printf("%s",
		       json ? (value->boolean ? "true" : "false") : (value->boolean ? "1" : "0"));
		break;
	case ECR_TYPE_UNSIGNED:
		printf("%llu", (unsigned long long)value->u);
		break;
	case ECR_TYPE_SIGNED:
		printf("%lld", (long long)value->i);
		break;
	case ECR_TYPE_FLOAT:
		printf(json && !isfinite(value->real) ? "null" : "%g", value->real);
		break;
	default:
		printf(json ? "\"" : "");
		for (uint16_t i = 0; i < value->size; i++)
			printf("%02x", value->bytes[i]);
		printf(json ? "\"" : "");
		break;
	}
}
