/* SPDX-License-Identifier: Apache-2.0 */
/* What a report of diag consists of. */
#ifndef CLI_DIAG_H
#define CLI_DIAG_H

#include "cli/cli.h"

#define DIAG_ROOM 256

struct diag {
	struct cli_survey survey;
	ecr_time began;
	bool cycling; /* --cycle */
	enum ecr_state state;
	struct ecr_domain_info domain;
	struct ecr_suspect suspects[DIAG_ROOM]; /* the last ones that there were */
	int suspect_count;
	ecr_time suspected_at;
	struct ecr_difference differences[DIAG_ROOM];
	int difference_count; /* shown */
};

/* "OP", "absent", or "-" for one that does not answer. */
const char *diag_state_name(const struct ecr_slave_summary *slave);
/* The report as a JSON object; as cli_survey_compare. */
int diag_print_json(struct diag *diag, const struct cli_options *options);

#endif
