/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of slaves as an SVG. */
#include "cli/tree.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define COLUMN 120
#define ROW 70
#define BOX_WIDTH 96
#define BOX_HEIGHT 40
#define MARGIN 20
#define OPEN 16 /* of a line that leads to nobody */

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

static int left_of(const struct cli_tree *tree, int place)
{
	return MARGIN + tree->places[place].column * COLUMN;
}

static int middle_of(const struct cli_tree *tree, int place)
{
	return MARGIN + tree->places[place].row * ROW + BOX_HEIGHT / 2;
}

static void draw_box(FILE *file, const struct cli_tree *tree, int place, const char *name,
		     const char *below)
{
	int x = left_of(tree, place);
	int y = middle_of(tree, place) - BOX_HEIGHT / 2;

	fprintf(file, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\"/>\n", x, y,
		BOX_WIDTH, BOX_HEIGHT);
	draw_text(file, x + BOX_WIDTH / 2, y + 17, name);
	if (*below)
		draw_text(file, x + BOX_WIDTH / 2, y + 33, below);
}

/* The master's second port is at the bottom of its box. */
static void draw_link(FILE *file, const struct cli_tree *tree, const struct ecr_link_report *link)
{
	int from = cli_tree_place(link->from);
	int x = left_of(tree, from) + BOX_WIDTH;
	int y = middle_of(tree, from);
	const char *class = is_bad(link) ? " class=\"bad\"" : "";

	if (link->to < 0) /* back to the second port */
		fprintf(file, "<path d=\"M%d %d h12 V%d H%d V%d\"%s/>\n", x, y,
			2 * MARGIN + tree->rows * ROW - ROW + BOX_HEIGHT,
			left_of(tree, CLI_TREE_MASTER) + BOX_WIDTH / 2, MARGIN + BOX_HEIGHT, class);
	else if (link->from < 0 && link->from_port)
		fprintf(file, "<path d=\"M%d %d V%d H%d\"%s/>\n", x - BOX_WIDTH / 2,
			y + BOX_HEIGHT / 2, middle_of(tree, link->to), left_of(tree, link->to),
			class);
	else
		fprintf(file, "<path d=\"M%d %d h12 V%d H%d\"%s/>\n", x, y,
			middle_of(tree, link->to), left_of(tree, link->to), class);
}

/* A line that ends in a bar. */
static void draw_end(FILE *file, const struct cli_tree *tree, int end)
{
	int position = tree->survey->bus.redundancy.ends[end];
	int place = cli_tree_place(position < CLI_SURVEY_ROOM ? position : -1);
	int x = left_of(tree, place) + BOX_WIDTH;
	int y = middle_of(tree, place);

	if (place == CLI_TREE_MASTER && tree->survey->bus.redundancy.reach[end])
		return; /* not known yet */
	if (place == CLI_TREE_MASTER && end)
		fprintf(file, "<path class=\"broken\" d=\"M%d %d v%d m-6 0 h12\"/>\n",
			x - BOX_WIDTH / 2, y + BOX_HEIGHT / 2, OPEN);
	else
		fprintf(file, "<path class=\"broken\" d=\"M%d %d h%d m0 -6 v12\"/>\n", x, y, OPEN);
}

static void draw_slave(FILE *file, const struct cli_tree *tree,
		       const struct ecr_slave_summary *slave)
{
	char below[ECR_NAME_SIZE];

	if (slave->absent || slave->down || slave->position >= CLI_SURVEY_ROOM)
		return;
	snprintf(below, sizeof(below), "%d: 0x%04x", slave->position, slave->station);
	draw_box(file, tree, slave->position, slave->name, below);
}

int cli_tree_draw(const struct cli_tree *tree, const char *path)
{
	const struct cli_survey *survey = tree->survey;
	FILE *file = fopen(path, "w");

	if (!file) {
		fprintf(stderr, "ecring %s: %s: %s\n", survey->verb, path, strerror(errno));
		return CLI_SYSTEM;
	}
	fprintf(file,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\">\n<style>"
		"rect{fill:#eef3f8;stroke:#345}path{fill:none;stroke:#345;stroke-width:2}"
		".bad{stroke:#c00;stroke-width:4}.broken{stroke:#c00}"
		"text{font:12px sans-serif;text-anchor:middle}</style>\n",
		2 * MARGIN + tree->columns * COLUMN, 2 * MARGIN + tree->rows * ROW);
	for (int i = 0; i < tree->count; i++)
		draw_link(file, tree, &survey->links[tree->order[i]]);
	for (int end = 0; end < 2 && survey->bus.redundancy.split; end++)
		draw_end(file, tree, end);
	draw_box(file, tree, CLI_TREE_MASTER, "master", "");
	for (int i = 0; i < survey->slave_count; i++)
		draw_slave(file, tree, &survey->slaves[i]);
	fprintf(file, "</svg>\n");
	return fclose(file) ? CLI_SYSTEM : CLI_OK;
}
