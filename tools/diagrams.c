/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the state diagrams from the tables that the code runs on: diagrams FOLDER (docs/generated). */
#include "master/lifecycle.h"

#include <stdio.h>

static void print_lifecycle(FILE *to)
{
	fprintf(to, "# The session's lifecycle\n\nGenerated from src/master/lifecycle.c by "
		    "tools/diagrams; do not edit.\n\n"
		    "```mermaid\nstateDiagram-v2\n    [*] --> idle\n");
	for (int state = ECR_STATE_IDLE; state < ECR_STATE_COUNT; state++)
		for (int event = 0; event < ECR_LIFE_COUNT; event++) {
			enum ecr_state next = ecr_lifecycle_next((enum ecr_state)state,
								 (enum ecr_lifecycle_event)event);

			if (next != ECR_STATE_NONE_ && (int)next != state)
				fprintf(to, "    %s --> %s: %s\n",
					ecr_state_name((enum ecr_state)state), ecr_state_name(next),
					ecr_lifecycle_event_text((enum ecr_lifecycle_event)event));
		}
	fprintf(to, "```\n");
}

int main(int argc, char **argv)
{
	char path[1024];
	FILE *to;

	snprintf(path, sizeof(path), "%s/lifecycle.md", argc > 1 ? argv[1] : "docs/generated");
	to = fopen(path, "w");
	if (!to) {
		perror(path);
		return 1;
	}
	print_lifecycle(to);
	return fclose(to) ? 1 : 0;
}
