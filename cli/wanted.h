/* SPDX-License-Identifier: Apache-2.0 */
/* The ring that is found beside the one that a file wants. */
#ifndef CLI_WANTED_H
#define CLI_WANTED_H

#include "cli/layout.h"

/* Of what the survey has found. False: no memory. */
bool cli_layout_take(struct cli_layout *layout, struct cli_survey *survey);

/* As --compare FILE says; empty without. To be known before the ring is touched. CLI_OK, or an exit status with a
 * message. Freed by cli_layout_free in any case. */
int cli_wanted_load(struct cli_layout *wanted, const char *verb, const struct cli_options *options);
/* Prints what is otherwise in what the survey has found, where --compare asks for it: as sentences, or as a further
 * member of a JSON object. CLI_OK, CLI_FAILED: there is something, or another status with a message. */
int cli_wanted_compare(const struct cli_layout *wanted, struct cli_survey *survey,
		       const struct cli_options *options);

#endif
