/* SPDX-License-Identifier: Apache-2.0 */
/* What keeps a verb from its work, on standard error: the same again and again is said once. */
#define _POSIX_C_SOURCE 200809L
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *last;

/* In a terminal a view has been drawn over it meanwhile. */
static bool still_stands(void)
{
	return !isatty(STDERR_FILENO) || !isatty(STDOUT_FILENO);
}

void cli_tell(const char *text)
{
	if (last && still_stands() && strcmp(text, last) == 0)
		return;
	fputs(text, stderr);
	free(last);
	last = strdup(text);
}

void cli_tell_failure(const struct ecr_failure *failure)
{
	char *text = NULL;
	size_t size;
	FILE *memory = open_memstream(&text, &size);

	if (!memory) {
		ecr_failure_print(failure, stderr);
		return;
	}
	ecr_failure_print(failure, memory);
	fclose(memory);
	cli_tell(text);
	free(text);
}

void cli_tell_anew(void)
{
	free(last);
	last = NULL;
}
