/* SPDX-License-Identifier: Apache-2.0 */
/* What a report of diag consists of. */
#ifndef CLI_DIAG_H
#define CLI_DIAG_H

#include "cli/tree.h"
#include "cli/wanted.h"

#define DIAG_ROOM 256

struct diag {
	struct cli_survey survey;
	struct cli_tree tree;
	struct cli_layout wanted; /* by --compare */
	ecr_time began;
	bool cycling; /* --cycle */
	struct ecr_domain_info domain;
	struct ecr_suspect suspects[DIAG_ROOM]; /* the last ones that there were */
	int suspect_count;
	ecr_time suspected_at;
	struct ecr_difference differences[DIAG_ROOM];
	int difference_count; /* shown */
};

/* The report, as sentences and as a JSON object; as cli_wanted_compare. */
int diag_print_text(struct diag *diag, const struct cli_options *options);
int diag_print_json(struct diag *diag, const struct cli_options *options);

#endif
