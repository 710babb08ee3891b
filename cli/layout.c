/* SPDX-License-Identifier: Apache-2.0 */
/* How a ring is laid: as found, and as a file says. */
#include "cli/layout.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MOST (4u << 20)

void cli_layout_free(struct cli_layout *layout)
{
	free(layout->slaves);
	*layout = (struct cli_layout){ 0 };
}

/* The next port in the order of frames. */
static uint8_t port_after(uint8_t port)
{
	static const uint8_t after[4] = { 3, 2, 0, 1 };

	return after[port & 3];
}

/* Whom frames meet next along the cables when they have come by this port: down, else up and on. */
static int next_along(const struct cli_layout *layout, int at)
{
	uint8_t port = layout->slaves[at].entry;

	for (int left = 4 * layout->count + 4; at >= 0 && left--;) {
		const struct cli_stand *slave = &layout->slaves[at];

		port = port_after(port);
		if (port == slave->entry) {
			port = slave->port;
			at = slave->parent;
		} else if (slave->children[port] >= 0) {
			return slave->children[port];
		}
	}
	return -1;
}

/* Each at a port of its own, nobody behind himself; the one at the master. */
static int hang(struct cli_layout *layout)
{
	int first = -1;

	for (int i = 0; i < layout->count; i++)
		for (int port = 0; port < 4; port++)
			layout->slaves[i].children[port] = -1;
	for (int i = 0; i < layout->count; i++) {
		const struct cli_stand *slave = &layout->slaves[i];
		int *place = slave->parent < 0
				     ? &first
				     : &layout->slaves[slave->parent].children[slave->port & 3];

		if (!slave->connected || *place >= 0 ||
		    (slave->parent >= 0 && slave->port == layout->slaves[slave->parent].entry))
			return -1;
		*place = i;
	}
	return first;
}

static int by_position(const void *a, const void *b)
{
	const struct cli_stand *one = a;
	const struct cli_stand *other = b;

	return (one->position > other->position) - (one->position < other->position);
}

/* Numbers of the slaves in the order of the cables; false: they make no tree. */
static bool order_along(struct cli_layout *layout, int *order)
{
	int count = 0;

	for (int at = hang(layout); at >= 0 && count < layout->count; at = next_along(layout, at))
		order[count++] = at;
	return count == layout->count;
}

static void reorder(struct cli_layout *layout, struct cli_stand *to, const int *order, int *places)
{
	for (int i = 0; i < layout->count; i++)
		places[order[i]] = i;
	for (int i = 0; i < layout->count; i++) {
		to[i] = layout->slaves[order[i]];
		if (to[i].parent >= 0)
			to[i].parent = places[to[i].parent];
	}
}

bool cli_layout_arrange(struct cli_layout *layout)
{
	size_t count = (size_t)layout->count;
	int *order = calloc(2 * count + 1, sizeof(*order));
	struct cli_stand *to = calloc(count + 1, sizeof(*to));

	if (!order || !to) {
		free(order);
		free(to);
		return false;
	}
	layout->cabled = layout->cabled && order_along(layout, order);
	if (layout->cabled) {
		reorder(layout, to, order, order + count);
		free(layout->slaves);
		layout->slaves = to;
	} else {
		free(to);
		qsort(layout->slaves, count, sizeof(*layout->slaves), by_position);
	}
	free(order);
	return true;
}

static int at_position(const struct cli_layout *layout, int32_t position)
{
	for (int i = 0; i < layout->count; i++)
		if (layout->slaves[i].position == position)
			return i;
	return -1;
}

static void take_slave(struct cli_survey *survey, const struct ecr_slave_summary *summary,
		       struct cli_stand *slave)
{
	struct ecr_slave_info info = { 0 };

	ecr_slave_info(survey->master, summary->name, &info);
	*slave = (struct cli_stand){ .identity = info.identity,
				     .alias = info.alias,
				     .position = summary->position,
				     .parent = -1 };
	memcpy(slave->name, summary->name, sizeof(slave->name));
	memcpy(slave->device, info.device, sizeof(slave->device));
}

static void take_link(struct cli_layout *layout, const struct ecr_link_report *link)
{
	int to = link->to < 0 ? -1 : at_position(layout, link->to);
	int from = link->from < 0 ? -1 : at_position(layout, link->from);

	layout->ring = layout->ring || link->to < 0;
	if (to < 0 || (from < 0 && link->from >= 0))
		return;
	layout->slaves[to].parent = from;
	layout->slaves[to].port = link->from_port;
	layout->slaves[to].entry = link->to_port;
	layout->slaves[to].connected = true;
}

bool cli_layout_take(struct cli_layout *layout, struct cli_survey *survey)
{
	*layout = (struct cli_layout){ .cabled = survey->link_count >= 0 &&
						 !survey->bus.redundancy.split };
	layout->slaves = calloc((size_t)survey->slave_count + 1, sizeof(*layout->slaves));
	if (!layout->slaves)
		return false;
	for (int i = 0; i < survey->slave_count; i++)
		if (!survey->slaves[i].down && !survey->slaves[i].absent)
			take_slave(survey, &survey->slaves[i], &layout->slaves[layout->count++]);
	for (int i = 0; i < survey->link_count; i++)
		take_link(layout, &survey->links[i]);
	return cli_layout_arrange(layout);
}

/* Who may be absent is there as well, to be looked at. */
static bool plug_all_in(struct cli_survey *survey)
{
	struct ecr_presence_config presence;
	char sentence[64];

	for (int i = 0; cli_ring_name(survey->ring, i); i++) {
		presence = (struct ecr_presence_config){ 0 };
		cli_ring_presence(survey->ring, i, &presence);
		snprintf(sentence, sizeof(sentence), "plug #%d", i);
		if (presence.optional &&
		    !ecr_sim_say(cli_ring_sim(survey->ring), ecr_now(), sentence, NULL, 0))
			return false;
	}
	return true;
}

static void name_all(struct cli_layout *layout, const struct cli_ring *ring)
{
	for (int i = 0; i < layout->count; i++) {
		struct ecr_presence_config presence = { 0 };
		struct cli_stand *slave = &layout->slaves[i];

		if (!cli_ring_name(ring, slave->position))
			continue;
		cli_ring_presence(ring, slave->position, &presence);
		slave->optional = presence.optional;
		snprintf(slave->name, sizeof(slave->name), "%s",
			 cli_ring_name(ring, slave->position));
	}
}

/* The ring is simulated, and looked at like any other. */
static int simulate(struct cli_layout *layout, const char *verb, const char *list)
{
	static struct cli_survey survey;
	const struct cli_options options = { .ring = list };
	int result;

	survey = (struct cli_survey){ .verb = verb, .prepare = plug_all_in };
	result = cli_survey_open(&survey, &options);
	if (!result) {
		cli_survey_look(&survey);
		result = cli_layout_take(layout, &survey) ? CLI_OK : CLI_SYSTEM;
		name_all(layout, survey.ring);
	}
	cli_survey_close(&survey);
	return result;
}

/* Comments go, elements on several lines are joined. */
static void flatten(char *text)
{
	char *begin = text;
	char *to = text;
	bool comment = false;
	bool between = true;

	for (; *text; text++) {
		comment = (comment || *text == '#') && *text != '\n';
		if (comment)
			continue;
		if (*text != ',' && !isspace((unsigned char)*text)) {
			*to++ = *text;
			between = false;
		} else if (!between) {
			*to++ = ',';
			between = true;
		}
	}
	if (between && to > begin)
		to--;
	*to = '\0';
}

static char *read_text(const char *verb, const char *path)
{
	FILE *file = fopen(path, "rb");
	char *text = malloc(FILE_MOST + 1);
	size_t length = 0;

	if (file && text)
		length = fread(text, 1, FILE_MOST, file);
	if (!file || !text || !length || ferror(file) || !feof(file)) {
		fprintf(stderr, "ecring %s: %s: %s\n", verb, path,
			!file || !text || ferror(file) ? strerror(errno)
			: length		       ? "no ring is as long as this file"
						       : "the file is empty");
		free(text);
		text = NULL;
	} else {
		text[length] = '\0';
	}
	if (file)
		fclose(file);
	return text;
}

int cli_layout_load(struct cli_layout *layout, const char *verb, const char *path)
{
	char *text = read_text(verb, path);
	const char *first = text;
	int result;

	*layout = (struct cli_layout){ 0 };
	if (!text)
		return CLI_SYSTEM;
	while (isspace((unsigned char)*first))
		first++;
	if (*first == '{') {
		result = cli_layout_read(layout, path, first) ? CLI_OK : CLI_SYSTEM;
	} else {
		flatten(text);
		result = simulate(layout, verb, text);
	}
	free(text);
	return result;
}

struct teller {
	const char *before; /* NULL: in JSON */
	int count;
};

static void tell(void *context, const char *sentence)
{
	struct teller *teller = context;

	if (teller->before) {
		printf("%s%s\n", teller->before, sentence);
	} else {
		printf("%s", teller->count ? "," : "");
		cli_json_text(sentence);
	}
	teller->count++;
}

static int compare(struct cli_survey *survey, const struct cli_layout *wanted,
		   struct teller *teller)
{
	struct cli_layout found = { 0 };
	int count = -1;

	if (cli_layout_take(&found, survey) && cli_layout_lift(&found, wanted))
		count = cli_layout_compare(wanted, &found, tell, teller);
	if (count < 0)
		fprintf(stderr, "ecring %s: no memory to compare two rings\n", survey->verb);
	else if (teller->before && wanted->cabled && !found.cabled)
		printf("how the slaves hang together is not known: only their order is compared\n");
	cli_layout_free(&found);
	return count;
}

int cli_survey_compare(struct cli_survey *survey, const struct cli_options *options)
{
	struct teller teller = { .before = options->json ? NULL : "otherwise than wanted: " };
	int count;

	if (!options->compare)
		return CLI_OK;
	printf("%s", options->json ? ",\"differences\":[" : "");
	count = compare(survey, survey->wanted, &teller);
	printf("%s", options->json ? "]" : "");
	if (!options->json && !count)
		printf("all is as wanted by %s\n", options->compare);
	return count < 0 ? CLI_SYSTEM : count ? CLI_FAILED : CLI_OK;
}
