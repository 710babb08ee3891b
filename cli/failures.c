/* SPDX-License-Identifier: Apache-2.0 */
/* What keeps slaves of a survey from where they should be: which one, what, why, what to try. */
#define _POSIX_C_SOURCE 200809L
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>

#define MOST_TOLD 8 /* in words; the report has all of them */

/* What has happened to it while it ran. */
static struct ecr_failure failure_of(const struct ecr_slave_summary *slave)
{
	struct ecr_failure failure = { .position = slave->position,
				       .station = slave->station,
				       .phase = "",
				       .subject = "",
				       .error = slave->fault.error,
				       .al_code = slave->fault.al_code,
				       .at = ecr_now() };

	snprintf(failure.slave, sizeof(failure.slave), "%s", slave->name);
	return failure;
}

bool cli_survey_failure(const struct cli_survey *survey, int slave, struct ecr_failure *failure)
{
	const struct ecr_slave_summary *summary = &survey->slaves[slave];
	struct ecr_slave_info info;

	if (summary->absent || ecr_slave_info(survey->master, summary->name, &info))
		return false;
	*failure =
		info.configuration_failure.error ? info.configuration_failure : failure_of(summary);
	return failure->error != 0;
}

/* What holds the session, where it is no slave. */
static bool session_failure(const struct cli_survey *survey, struct ecr_failure *failure)
{
	return ecr_last_failure(survey->master, failure) == 0 && failure->error;
}

void cli_survey_print_failures(const struct cli_survey *survey, FILE *to)
{
	struct ecr_failure failure;
	int count = 0;

	for (int i = 0; i < survey->slave_count; i++)
		if (cli_survey_failure(survey, i, &failure) && count++ < MOST_TOLD)
			ecr_failure_print(&failure, to);
	if (count > MOST_TOLD)
		fprintf(to, "and %d more slaves\n", count - MOST_TOLD);
	if (!count && session_failure(survey, &failure))
		ecr_failure_print(&failure, to);
}

bool cli_survey_fails(const struct cli_survey *survey)
{
	struct ecr_failure failure;
	bool fails = survey->state == ECR_STATE_AWAITING_PREOP || session_failure(survey, &failure);

	for (int i = 0; i < survey->slave_count && !fails; i++)
		fails = cli_survey_failure(survey, i, &failure);
	return fails;
}

static void print_json(const struct ecr_failure *failure)
{
	char *text = NULL;
	size_t size;
	FILE *memory = open_memstream(&text, &size);

	printf("{\"slave\":");
	cli_json_string(failure->slave);
	printf(",\"position\":%d,\"error\":\"%s\",\"cause\":\"%s\",\"phase\":\"%s\",\"al_code\":%u",
	       failure->position, ecr_error_name(failure->error),
	       failure->cause ? ecr_error_name(failure->cause) : "", failure->phase,
	       failure->al_code);
	if (memory) {
		ecr_failure_print(failure, memory);
		fclose(memory);
		printf(",\"text\":");
		cli_json_text(text);
		free(text);
	}
	printf("}");
}

void cli_survey_failures_json(const struct cli_survey *survey)
{
	struct ecr_failure failure;
	int count = 0;

	printf(",\"failures\":[");
	for (int i = 0; i < survey->slave_count; i++) {
		if (!cli_survey_failure(survey, i, &failure))
			continue;
		printf("%s", count++ ? "," : "");
		print_json(&failure);
	}
	if (!count && session_failure(survey, &failure))
		print_json(&failure);
	printf("]");
}
