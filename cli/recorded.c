/* SPDX-License-Identifier: Apache-2.0 */
/* A ring as `topology --json` has printed it, read again. */
#include "cli/layout.h"

#include <stdlib.h>
#include <string.h>

#define DEEPEST 8
#define WORD 128

/* Where in the text: behind what was read, in the nth entry of an array of the outermost object. */
struct reader {
	const char *at;
	const char *begin;
	const char *wanted; /* what lacks there; NULL: nothing yet */
	struct cli_layout *layout;
	struct ecr_link_report link;
	char list[WORD];
	int number;
};

static void skip_space(struct reader *reader)
{
	reader->at += strspn(reader->at, " \t\r\n");
}

static bool fail(struct reader *reader, const char *wanted)
{
	if (!reader->wanted)
		reader->wanted = wanted;
	return false;
}

static bool take(struct reader *reader, char c)
{
	skip_space(reader);
	if (*reader->at != c)
		return false;
	reader->at++;
	return true;
}

/* What is longer than the room is cut. */
static bool take_string(struct reader *reader, char *to)
{
	size_t used = 0;

	if (!take(reader, '"'))
		return fail(reader, "a \" is wanted");
	for (; *reader->at != '"'; reader->at++) {
		if (*reader->at == '\\' && reader->at[1])
			reader->at++;
		if (!*reader->at)
			return fail(reader, "a string has no end");
		if (used + 1 < WORD)
			to[used++] = *reader->at;
	}
	reader->at++;
	to[used] = '\0';
	return true;
}

static bool is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static void copy_name(char *to, const char *from)
{
	snprintf(to, ECR_NAME_SIZE, "%.*s", ECR_NAME_SIZE - 1, from);
}

static void keep_of_slave(struct cli_stand *slave, const char *key, const char *word, double value)
{
	uint32_t number = value >= 0 && value <= UINT32_MAX ? (uint32_t)value : 0;

	if (is(key, "name"))
		copy_name(slave->name, word);
	else if (is(key, "device"))
		copy_name(slave->device, word);
	else if (is(key, "position"))
		slave->position = (int32_t)(number & INT32_MAX);
	else if (is(key, "vendor"))
		slave->identity.vendor = number;
	else if (is(key, "product"))
		slave->identity.product = number;
	else if (is(key, "revision"))
		slave->identity.revision = number;
	else if (is(key, "serial"))
		slave->identity.serial = number;
	else if (is(key, "alias"))
		slave->alias = (uint16_t)number;
	else if (is(key, "optional"))
		slave->optional = is(word, "true");
}

static void keep_of_link(struct ecr_link_report *link, const char *key, double value)
{
	int32_t number = value >= 0 && value < CLI_SURVEY_ROOM ? (int32_t)value : -1;

	if (is(key, "from"))
		link->from = number;
	else if (is(key, "to"))
		link->to = number;
	else if (is(key, "from_port"))
		link->from_port = (uint8_t)(number & 3);
	else if (is(key, "to_port"))
		link->to_port = (uint8_t)(number & 3);
}

/* What nobody asks for is passed over. */
static void keep(struct reader *reader, const char *key, const char *word)
{
	double value = strtod(word, NULL);

	if (is(reader->list, "slaves") && reader->number >= 0 && reader->number < CLI_SURVEY_ROOM)
		keep_of_slave(&reader->layout->slaves[reader->number], key, word, value);
	else if (is(reader->list, "links"))
		keep_of_link(&reader->link, key, value);
}

static bool connect(struct reader *reader)
{
	struct cli_layout *layout = reader->layout;
	const struct ecr_link_report *link = &reader->link;

	if (link->to < 0) {
		layout->ring = true;
		return true;
	}
	if (link->to >= layout->count || link->from >= layout->count ||
	    layout->slaves[link->to].position != link->to)
		return fail(reader, "a cable leads to a slave that is not there");
	layout->slaves[link->to].parent = link->from;
	layout->slaves[link->to].port = link->from_port;
	layout->slaves[link->to].entry = link->to_port;
	layout->slaves[link->to].connected = true;
	return true;
}

static bool begin_entry(struct reader *reader)
{
	if (is(reader->list, "links")) {
		reader->link = (struct ecr_link_report){ .from = -1, .to = -1 };
	} else if (is(reader->list, "slaves")) {
		if (reader->number >= CLI_SURVEY_ROOM)
			return fail(reader, "no ring has so many slaves");
		reader->layout->slaves[reader->number].parent = -1;
		reader->layout->slaves[reader->number].position = reader->number;
	}
	return true;
}

static bool end_entry(struct reader *reader)
{
	if (is(reader->list, "slaves"))
		reader->layout->count = reader->number + 1;
	return !is(reader->list, "links") || connect(reader);
}

static bool take_value(struct reader *reader, int depth, const char *key);

static bool take_members(struct reader *reader, int depth)
{
	char key[WORD];

	if (take(reader, '}'))
		return true;
	do {
		if (!take_string(reader, key) ||
		    (!take(reader, ':') && !fail(reader, "a : is wanted")) ||
		    !take_value(reader, depth + 1, key))
			return false;
	} while (take(reader, ','));
	return take(reader, '}') || fail(reader, "a } is wanted");
}

/* Its entries are numbered when it is one of the outermost object. */
static bool take_elements(struct reader *reader, int depth, const char *key)
{
	bool outer = depth == 1;

	if (outer) {
		snprintf(reader->list, sizeof(reader->list), "%s", key);
		reader->number = 0;
	}
	if (take(reader, ']'))
		return true;
	do {
		if ((outer && !begin_entry(reader)) || !take_value(reader, depth + 1, key) ||
		    (outer && !end_entry(reader)))
			return false;
		reader->number += outer;
	} while (take(reader, ','));
	if (outer)
		reader->list[0] = '\0';
	return take(reader, ']') || fail(reader, "a ] is wanted");
}

static bool take_word(struct reader *reader, char *word)
{
	size_t length = strspn(reader->at, "+-.0123456789abcdefghijklmnopqrstuvwxyzE");

	if (!length || length >= WORD)
		return fail(reader, "a value is wanted");
	memcpy(word, reader->at, length);
	word[length] = '\0';
	reader->at += length;
	return true;
}

static bool take_value(struct reader *reader, int depth, const char *key)
{
	char word[WORD];
	bool good;

	if (depth > DEEPEST)
		return fail(reader, "this is too deep");
	if (take(reader, '{'))
		return take_members(reader, depth);
	if (take(reader, '['))
		return take_elements(reader, depth, key);
	good = *reader->at == '"' ? take_string(reader, word) : take_word(reader, word);
	if (good && depth == 3)
		keep(reader, key, word);
	return good;
}

bool cli_layout_read(struct cli_layout *layout, const char *path, const char *text)
{
	struct reader reader = { .at = text, .begin = text, .layout = layout };

	*layout = (struct cli_layout){ .cabled = true };
	layout->slaves = calloc(CLI_SURVEY_ROOM, sizeof(*layout->slaves));
	if (layout->slaves && take_value(&reader, 0, "") && !layout->count)
		fail(&reader, "there are no slaves, as topology --json lists them");
	if (reader.wanted)
		fprintf(stderr, "ecring: %s, at byte %zu: %s\n", path,
			(size_t)(reader.at - reader.begin), reader.wanted);
	return layout->slaves && !reader.wanted && cli_layout_arrange(layout);
}
