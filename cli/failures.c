/* SPDX-License-Identifier: Apache-2.0 */
/* What keeps slaves of a survey from where they should be: which one, what, why, what to try. */
#define _POSIX_C_SOURCE 200809L
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>

#define MOST_TOLD 8 /* in words; the report has all of them */

bool cli_survey_failure(const struct cli_survey *survey, int slave, struct ecr_failure *failure)
{
	struct ecr_slave_info info;

	if (survey->slaves[slave].absent ||
	    ecr_slave_info(survey->master, survey->slaves[slave].name, &info))
		return false;
	*failure = info.configuration_failure;
	return failure->error != 0;
}

/* What holds the session, where it is no slave. */
static bool session_failure(const struct cli_survey *survey, struct ecr_failure *failure)
{
	return survey->state != ECR_STATE_OPERATIONAL && survey->state != ECR_STATE_PREOP_READY &&
	       ecr_last_failure(survey->master, failure) == 0 && failure->error;
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
