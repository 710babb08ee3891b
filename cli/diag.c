/* SPDX-License-Identifier: Apache-2.0 */
/* What one report that a person can read and paste is made of: the ring is listened to for a while, and looked at. */
#include "cli/diag.h"

static struct diag diag = { .survey = { .verb = "diag" } };

static void note_suspects(void)
{
	struct ecr_suspect suspects[DIAG_ROOM];
	int count = ecr_suspects(diag.survey.master, CLI_SURVEY_DOMAIN, suspects, DIAG_ROOM);

	if (count <= 0)
		return;
	diag.suspect_count = count < DIAG_ROOM ? count : DIAG_ROOM;
	diag.suspected_at = ecr_now();
	for (int i = 0; i < diag.suspect_count; i++)
		diag.suspects[i] = suspects[i];
}

static void listen(ecr_time duration)
{
	ecr_time end;

	if (diag.cycling)
		cli_await_operational(diag.survey.master, ECR_S(10));
	end = ecr_now() + duration;
	while (ecr_now() < end && !cli_interrupted()) {
		cli_survey_traffic(&diag.survey, CLI_SLICE);
		if (diag.cycling)
			note_suspects();
	}
}

static void look(void)
{
	cli_survey_look(&diag.survey);
	cli_tree_lay(&diag.tree, &diag.survey);
	if (diag.cycling)
		ecr_domain_info(diag.survey.master, CLI_SURVEY_DOMAIN, &diag.domain);
	diag.difference_count = ecr_differences(diag.survey.master, diag.differences, DIAG_ROOM);
	if (diag.difference_count > DIAG_ROOM)
		diag.difference_count = DIAG_ROOM;
}

int cli_diag(const struct cli_options *options)
{
	int result;

	diag.began = ecr_now();
	diag.cycling = options->cycle > 0;
	result = cli_wanted_load(&diag.wanted, diag.survey.verb, options);
	if (!result)
		result = cli_survey_open(&diag.survey, options);
	if (!result) {
		listen(options->duration ? options->duration : ECR_S(5));
		look();
		result = options->json ? diag_print_json(&diag, options)
				       : diag_print_text(&diag, options);
		result = result ? result : cli_survey_result(&diag.survey);
	}
	cli_survey_close(&diag.survey);
	cli_layout_free(&diag.wanted);
	return result;
}
