/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the state diagrams from the tables that the code runs on: diagrams FOLDER (docs/generated). */
#include "dc/lock.h"
#include "domain/states.h"
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

static void print_lock(FILE *to)
{
	fprintf(to, "# The lock of the distributed clocks\n\nGenerated from src/dc/lock.c by "
		    "tools/diagrams; do not edit.\n\n"
		    "```mermaid\nstateDiagram-v2\n    [*] --> disabled\n");
	for (int state = ECR_DC_DISABLED; state < ECR_DC_LOCK_STATES; state++)
		for (int event = 0; event < ECR_LOCK_EVENT_COUNT; event++) {
			enum ecr_dc_lock_state next = ecr_lock_next((enum ecr_dc_lock_state)state,
								    (enum ecr_lock_event)event);

			if ((int)next != state)
				fprintf(to, "    %s --> %s: %s\n",
					ecr_dc_lock_name((enum ecr_dc_lock_state)state),
					ecr_dc_lock_name(next),
					ecr_lock_event_text((enum ecr_lock_event)event));
		}
	fprintf(to, "```\n");
}

static void print_domain(FILE *to)
{
	fprintf(to, "# The states of a domain\n\nGenerated from src/domain/states.c by "
		    "tools/diagrams; do not edit.\n\n"
		    "```mermaid\nstateDiagram-v2\n    [*] --> open\n");
	for (int state = ECR_DOMAIN_OPEN; state <= ECR_DOMAIN_STOPPED; state++)
		for (int event = 0; event < ECR_DOMAIN_EVENT_COUNT; event++) {
			enum ecr_domain_state next = ecr_domain_next((enum ecr_domain_state)state,
								     (enum ecr_domain_event)event);

			if ((int)next != state)
				fprintf(to, "    %s --> %s: %s\n",
					ecr_domain_state_name((enum ecr_domain_state)state),
					ecr_domain_state_name(next),
					ecr_domain_event_text((enum ecr_domain_event)event));
		}
	fprintf(to, "```\n");
}

static int write_file(const char *folder, const char *name, void (*print)(FILE *to))
{
	char path[1024];
	FILE *to;

	snprintf(path, sizeof(path), "%s/%s.md", folder, name);
	to = fopen(path, "w");
	if (!to) {
		perror(path);
		return 1;
	}
	print(to);
	return fclose(to) ? 1 : 0;
}

int main(int argc, char **argv)
{
	const char *folder = argc > 1 ? argv[1] : "docs/generated";

	return write_file(folder, "lifecycle", print_lifecycle) |
	       write_file(folder, "domain", print_domain) |
	       write_file(folder, "dc_lock", print_lock);
}
