/* SPDX-License-Identifier: Apache-2.0 */
/* How the ring should be laid, as a file says, and what is otherwise. */
#include "cli/wanted.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MOST (4u << 20)

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

/* What `topology --json` has printed, or a LIST as --ring has it, whose elements may stand on lines of their own, with
 * comments behind a #. */
static int load(struct cli_layout *layout, const char *verb, const char *path)
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

int cli_wanted_load(struct cli_layout *wanted, const char *verb, const struct cli_options *options)
{
	return options->compare ? load(wanted, verb, options->compare) : CLI_OK;
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

static int compare(const struct cli_layout *wanted, struct cli_survey *survey,
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

int cli_wanted_compare(const struct cli_layout *wanted, struct cli_survey *survey,
		       const struct cli_options *options)
{
	struct teller teller = { .before = options->json ? NULL : "otherwise than wanted: " };
	int count;

	if (!options->compare)
		return CLI_OK;
	printf("%s", options->json ? ",\"differences\":[" : "");
	count = compare(wanted, survey, &teller);
	printf("%s", options->json ? "]" : "");
	if (!options->json && !count)
		printf("all is as wanted by %s\n", options->compare);
	return count < 0 ? CLI_SYSTEM : count ? CLI_FAILED : CLI_OK;
}
