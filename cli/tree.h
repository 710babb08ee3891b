/* SPDX-License-Identifier: Apache-2.0 */
/* A survey's cables in the order that they lead away from the master, and where each slave is drawn. */
#ifndef CLI_TREE_H
#define CLI_TREE_H

#include "cli/cli.h"

#define CLI_TREE_MASTER CLI_SURVEY_ROOM /* its place */

struct cli_place {
	int column;
	int row;
};

struct cli_tree {
	const struct cli_survey *survey;
	int order
		[CLI_SURVEY_ROOM]; /* numbers of links; a slave comes behind the one that it hangs on */
	int count;
	struct cli_place places[CLI_SURVEY_ROOM + 1]; /* by position */
	int columns;
	int rows;
	int second_row; /* where the part begins that hangs on the second port; 0: there is none */
	/* For the making: by position, then by link. */
	uint8_t entry[CLI_SURVEY_ROOM];
	int first_child[CLI_SURVEY_ROOM + 1];
	int next_child[CLI_SURVEY_ROOM];
};

/* The line goes on to the right, branches below it; each part of a broken ring has a row of its own. */
void cli_tree_lay(struct cli_tree *tree, const struct cli_survey *survey);
/* The place of a position; -1 the master's. */
int cli_tree_place(int position);
/* The port of an end of the break behind which the line would go on; -1: that is not known. */
int cli_tree_open_port(const struct cli_tree *tree, int position);

void cli_tree_print(const struct cli_tree *tree);
/* "slave_1 (1) port 1 and slave_2 (2) port 0" */
void cli_tree_print_break(const struct cli_tree *tree);
/* ",\"redundant\":..." and where it is broken. */
void cli_tree_print_redundancy_json(const struct cli_tree *tree);
/* CLI_OK, or CLI_SYSTEM with a message. */
int cli_tree_draw(const struct cli_tree *tree, const char *path);

#endif
