/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of slaves as their ports tell it: as text, and as a drawing. */
#include "cli/wanted.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define COLUMN 120
#define ROW 70
#define BOX_WIDTH 96
#define BOX_HEIGHT 40
#define MARGIN 20
#define LINE_PORT 1

static struct cli_survey survey = { .verb = "topology" };
static struct cli_layout wanted; /* by --compare */

/* Where a slave is drawn: the line goes on to the right, branches below. */
static struct {
	int column;
	int row;
} places[CLI_SURVEY_ROOM + 1];

/* The master is the last place. */
static int place_of(int position)
{
	return position < 0 ? CLI_SURVEY_ROOM : position;
}

static int lay_out(const struct cli_survey *ring, int *columns)
{
	int rows = 1;

	*columns = 1;
	for (int i = 0; i < ring->link_count; i++) {
		const struct ecr_link_report *link = &ring->links[i];
		int from = place_of(link->from);
		bool branch = link->from >= 0 && link->from_port != LINE_PORT && !link->swapped;

		if (link->to < 0 || link->to >= CLI_SURVEY_ROOM)
			continue;
		places[link->to].column = places[from].column + 1;
		places[link->to].row = branch ? rows++ : places[from].row;
		if (places[link->to].column >= *columns)
			*columns = places[link->to].column + 1;
	}
	return rows;
}

static bool is_bad(const struct ecr_link_report *link)
{
	char text[320];

	return ecr_link_text(link, text, sizeof(text));
}

/* Names come from a file or an EEPROM. */
static void draw_text(FILE *file, int x, int y, const char *text)
{
	fprintf(file, "<text x=\"%d\" y=\"%d\">", x, y);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '<' || c == '>' || c == '&' || c < 0x20 || c > 0x7E)
			fprintf(file, "&#%d;", c < 0x20 ? '?' : c);
		else
			fputc(c, file);
	}
	fprintf(file, "</text>\n");
}

static int left_of(int place)
{
	return MARGIN + places[place].column * COLUMN;
}

static int middle_of(int place)
{
	return MARGIN + places[place].row * ROW + BOX_HEIGHT / 2;
}

static void draw_box(FILE *file, int place, const char *name, const char *below)
{
	int x = left_of(place);
	int y = middle_of(place) - BOX_HEIGHT / 2;

	fprintf(file, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\"/>\n", x, y,
		BOX_WIDTH, BOX_HEIGHT);
	draw_text(file, x + BOX_WIDTH / 2, y + 17, name);
	draw_text(file, x + BOX_WIDTH / 2, y + 33, below);
}

static void draw_link(FILE *file, const struct ecr_link_report *link)
{
	int from = place_of(link->from);
	int to = place_of(link->to);
	int x = left_of(from) + BOX_WIDTH;
	int y = middle_of(from);

	if (link->to < 0) { /* back to the master's second port */
		fprintf(file, "<path d=\"M%d %d h12 v%d H%d v%d\"%s/>\n", x, y,
			-BOX_HEIGHT / 2 - 12, left_of(to) + BOX_WIDTH / 2, 12,
			is_bad(link) ? " class=\"bad\"" : "");
		return;
	}
	fprintf(file, "<path d=\"M%d %d h12 V%d H%d\"%s/>\n", x, y, middle_of(to), left_of(to),
		is_bad(link) ? " class=\"bad\"" : "");
}

static int draw(const char *path)
{
	FILE *file = fopen(path, "w");
	int columns;
	int rows = lay_out(&survey, &columns);
	char below[ECR_NAME_SIZE];

	if (!file) {
		fprintf(stderr, "ecring topology: %s: %s\n", path, strerror(errno));
		return CLI_SYSTEM;
	}
	fprintf(file,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\">\n<style>"
		"rect{fill:#eef3f8;stroke:#345}path{fill:none;stroke:#345;stroke-width:2}"
		".bad{stroke:#c00;stroke-width:4}text{font:12px sans-serif;text-anchor:middle}"
		"</style>\n",
		2 * MARGIN + columns * COLUMN, 2 * MARGIN + rows * ROW);
	for (int i = 0; i < survey.link_count; i++)
		draw_link(file, &survey.links[i]);
	draw_box(file, place_of(-1), "master", "");
	for (int i = 0; i < survey.slave_count; i++) {
		const struct ecr_slave_summary *slave = &survey.slaves[i];

		snprintf(below, sizeof(below), "%d: 0x%04x", slave->position, slave->station);
		draw_box(file, place_of(slave->position), slave->name, below);
	}
	fprintf(file, "</svg>\n");
	return fclose(file) ? CLI_SYSTEM : CLI_OK;
}

void cli_survey_print_tree(const struct cli_survey *ring)
{
	int columns;
	char text[320];

	lay_out(ring, &columns);
	printf("master\n");
	for (int i = 0; i < ring->link_count; i++) {
		const struct ecr_link_report *link = &ring->links[i];

		if (link->to < 0) {
			printf("  back from %s (%d) port %u to the master\n", link->from_name,
			       link->from, link->from_port);
			continue;
		}
		printf("  %*s%3d  %-16s port %u <- %s", 2 * places[link->to].row, "", link->to,
		       link->to_name, link->to_port, link->from_name);
		if (link->from >= 0)
			printf(" (%d) port %u", link->from, link->from_port);
		if (ecr_link_text(link, text, sizeof(text)))
			printf("   !%s", strchr(text, ':') + 1);
		printf("\n");
	}
}

static void print_link_json(const struct ecr_link_report *link)
{
	char text[320];

	printf("{\"from\":%d,\"from_name\":", link->from);
	cli_json_string(link->from_name);
	printf(",\"from_port\":%u,\"to\":%d,\"to_name\":", link->from_port, link->to);
	cli_json_string(link->to_name);
	printf(",\"to_port\":%u,\"swapped\":%s,\"text\":", link->to_port,
	       link->swapped ? "true" : "false");
	ecr_link_text(link, text, sizeof(text));
	cli_json_string(text);
	printf("}");
}

static void print_slave_json(const struct ecr_slave_summary *slave)
{
	struct ecr_slave_info info = { 0 };

	ecr_slave_info(survey.master, slave->name, &info);
	printf("{\"position\":%u,\"station\":%u,\"name\":", slave->position, slave->station);
	cli_json_string(slave->name);
	printf(",\"device\":");
	cli_json_text(info.device);
	printf(",\"vendor\":%u,\"product\":%u,\"revision\":%u,\"serial\":%u,\"alias\":%u}",
	       info.identity.vendor, info.identity.product, info.identity.revision,
	       info.identity.serial, info.alias);
}

/* Positions of both ends, -1 the master. */
static int print_json(const struct cli_options *options)
{
	int result;

	printf("{\"slaves\":[");
	for (int i = 0; i < survey.slave_count; i++) {
		printf("%s", i ? "," : "");
		print_slave_json(&survey.slaves[i]);
	}
	printf("],\"links\":[");
	for (int i = 0; i < survey.link_count; i++) {
		printf("%s", i ? "," : "");
		print_link_json(&survey.links[i]);
	}
	printf("],\"redundant\":%s,\"split\":%s",
	       survey.bus.redundancy.redundant ? "true" : "false",
	       survey.bus.redundancy.split ? "true" : "false");
	cli_survey_failures_json(&survey);
	result = cli_wanted_compare(&wanted, &survey, options);
	printf("}\n");
	return result;
}

/* Without cables only the order can be compared, and only that. */
static int show(const struct cli_options *options)
{
	int result = CLI_OK;

	if (survey.link_count < 0)
		fprintf(stderr, "ecring topology: %s\n  try: %s\n",
			ecr_error_text(survey.link_count), ecr_error_hint(survey.link_count));
	if (survey.link_count < 0 && !options->compare)
		return CLI_FAILED;
	if (options->json)
		return print_json(options);
	if (options->svg)
		result = draw(options->svg);
	else
		cli_survey_print_tree(&survey);
	return result ? result : cli_wanted_compare(&wanted, &survey, options);
}

int cli_topology(const struct cli_options *options)
{
	int result = cli_wanted_load(&wanted, survey.verb, options);

	if (!result)
		result = cli_survey_open(&survey, options);
	if (!result) {
		cli_survey_traffic(&survey, options->duration);
		cli_survey_look(&survey);
		result = show(options);
		if (!options->json)
			cli_survey_print_failures(&survey, stderr);
		result = result ? result : cli_survey_result(&survey);
	}
	cli_survey_close(&survey);
	cli_layout_free(&wanted);
	return result;
}
