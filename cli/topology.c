/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of slaves as their ports tell it: as text, as JSON, and as a drawing. */
#include "cli/tree.h"
#include "cli/wanted.h"

#include <stdio.h>

static struct cli_survey survey = { .verb = "topology" };
static struct cli_layout wanted; /* by --compare */
static struct cli_tree tree;

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
	for (int i = 0; i < tree.count; i++) {
		printf("%s", i ? "," : "");
		print_link_json(&survey.links[tree.order[i]]);
	}
	printf("]");
	cli_tree_print_redundancy_json(&tree);
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
		result = cli_tree_draw(&tree, options->svg);
	else
		cli_tree_print(&tree);
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
		cli_tree_lay(&tree, &survey);
		result = show(options);
		if (!options->json)
			cli_survey_print_failures(&survey, stderr);
		result = result ? result : cli_survey_result(&survey);
	}
	cli_survey_close(&survey);
	cli_layout_free(&wanted);
	return result;
}
