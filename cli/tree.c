/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/tree.h"

#include <stdio.h>
#include <string.h>

int cli_tree_place(int position)
{
	return position < 0 ? CLI_TREE_MASTER : position;
}

static bool fits(const struct ecr_link_report *link)
{
	return link->from < CLI_SURVEY_ROOM && link->to < CLI_SURVEY_ROOM;
}

/* Backwards, so that the first one comes to stand first. */
static void hang(struct cli_tree *tree)
{
	const struct cli_survey *survey = tree->survey;

	for (int i = 0; i <= CLI_SURVEY_ROOM; i++)
		tree->first_child[i] = -1;
	for (int i = survey->link_count - 1; i >= 0; i--) {
		const struct ecr_link_report *link = &survey->links[i];
		int from = cli_tree_place(link->from);

		if (!fits(link) || link->to < 0)
			continue;
		tree->next_child[i] = tree->first_child[from];
		tree->first_child[from] = i;
		tree->entry[link->to] = link->to_port;
	}
}

static uint8_t through(uint8_t entry)
{
	return entry ? 0 : 1;
}

static bool is_branch(const struct cli_tree *tree, const struct ecr_link_report *link)
{
	return link->from >= 0 && !link->swapped &&
	       link->from_port != through(tree->entry[link->from]);
}

static void place(struct cli_tree *tree, const struct ecr_link_report *link)
{
	const struct cli_place *from = &tree->places[cli_tree_place(link->from)];
	struct cli_place *to = &tree->places[link->to];
	bool second = link->from < 0 && link->from_port;

	to->column = from->column + 1;
	to->row = second || is_branch(tree, link) ? tree->rows++ : from->row;
	if (second)
		tree->second_row = to->row;
	if (to->column >= tree->columns)
		tree->columns = to->column + 1;
}

/* Down to the last one, then back to where a branch is left. */
static void follow(struct cli_tree *tree, int link)
{
	static int waiting[CLI_SURVEY_ROOM]; /* links, whose siblings wait with them */
	int depth = 0;

	while (link >= 0 || depth) {
		if (link < 0) {
			link = tree->next_child[waiting[--depth]];
			continue;
		}
		place(tree, &tree->survey->links[link]);
		tree->order[tree->count++] = link;
		waiting[depth++] = link;
		link = tree->first_child[tree->survey->links[link].to];
	}
}

void cli_tree_lay(struct cli_tree *tree, const struct cli_survey *survey)
{
	memset(tree, 0, sizeof(*tree));
	tree->survey = survey;
	tree->rows = tree->columns = 1;
	hang(tree);
	follow(tree, tree->first_child[CLI_TREE_MASTER]);
	for (int i = 0; i < survey->link_count; i++)
		if (survey->links[i].to < 0 && fits(&survey->links[i]))
			tree->order[tree->count++] = i;
}

int cli_tree_open_port(const struct cli_tree *tree, int position)
{
	uint8_t port = through(tree->entry[position]);

	for (int i = tree->first_child[position]; i >= 0; i = tree->next_child[i])
		if (tree->survey->links[i].from_port == port)
			return -1;
	return port;
}

static void print_link(const struct cli_tree *tree, const struct ecr_link_report *link)
{
	int row = tree->places[link->to].row;
	char text[320];

	if (tree->second_row && row >= tree->second_row)
		row -= tree->second_row;
	printf("  %*s%3d  %-16s port %u <- %s", 2 * row, "", link->to, link->to_name, link->to_port,
	       link->from_name);
	if (link->from >= 0)
		printf(" (%d)", link->from);
	if (link->from >= 0 || link->from_port)
		printf(" port %u", link->from_port);
	if (ecr_link_text(link, text, sizeof(text)))
		printf("   !%s", strchr(text, ':') + 1);
	printf("\n");
}

void cli_tree_print(const struct cli_tree *tree)
{
	printf("master\n");
	for (int i = 0; i < tree->count; i++) {
		const struct ecr_link_report *link = &tree->survey->links[tree->order[i]];

		if (link->from < 0 && link->from_port)
			printf("master, port %u\n", link->from_port);
		if (link->to >= 0)
			print_link(tree, link);
		else
			printf("  back from %s (%d) port %u to the master\n", link->from_name,
			       link->from, link->from_port);
	}
	if (tree->survey->bus.redundancy.split) {
		printf("  broken between ");
		cli_tree_print_break(tree);
		printf("\n");
	}
}

static const char *name_at(const struct cli_survey *survey, int position)
{
	for (int i = 0; i < survey->slave_count; i++)
		if (survey->slaves[i].position == position && !survey->slaves[i].absent)
			return survey->slaves[i].name;
	return "?";
}

static void print_end(const struct cli_tree *tree, int end)
{
	int position = tree->survey->bus.redundancy.ends[end];
	int port;

	if (position < 0 || position >= CLI_SURVEY_ROOM) {
		if (tree->survey->bus.redundancy.reach[end])
			printf("(not known yet)");
		else
			printf("master port %d", end);
		return;
	}
	port = cli_tree_open_port(tree, position);
	printf("%s (%d)", name_at(tree->survey, position), position);
	if (port >= 0)
		printf(" port %d", port);
}

void cli_tree_print_break(const struct cli_tree *tree)
{
	print_end(tree, 0);
	printf(" and ");
	print_end(tree, 1);
}

static void print_end_json(const struct cli_tree *tree, int end)
{
	int position = tree->survey->bus.redundancy.ends[end];
	bool master = position < 0 || position >= CLI_SURVEY_ROOM;

	if (master && tree->survey->bus.redundancy.reach[end]) {
		printf("%snull", end ? "," : "");
		return;
	}
	printf("%s{\"position\":%d,\"name\":", end ? "," : "", position);
	cli_json_string(master ? "master" : name_at(tree->survey, position));
	printf(",\"port\":%d}", master ? end : cli_tree_open_port(tree, position));
}

void cli_tree_print_redundancy_json(const struct cli_tree *tree)
{
	const struct ecr_redundancy_info *info = &tree->survey->bus.redundancy;

	printf(",\"redundant\":%s,\"split\":%s", info->redundant ? "true" : "false",
	       info->split ? "true" : "false");
	if (info->redundant)
		printf(",\"port_up\":[%s,%s]", info->port_up[0] ? "true" : "false",
		       info->port_up[1] ? "true" : "false");
	if (!info->split)
		return;
	printf(",\"reach\":[%d,%d],\"ends\":[", info->reach[0], info->reach[1]);
	print_end_json(tree, 0);
	print_end_json(tree, 1);
	printf("]");
}
