/* SPDX-License-Identifier: Apache-2.0 */
/* A failure in words: which slave, what, where, why, what to try. */
#include <ecring/ecring.h>

#include "wire/al_status.h"

static void print_slave(const struct ecr_failure *failure, FILE *stream)
{
	if (failure->position >= 0)
		fprintf(stream, "slave %s (position %d, station 0x%04x): ", failure->slave,
			failure->position, failure->station);
	else if (failure->slave[0])
		fprintf(stream, "%s: ", failure->slave);
}

int ecr_failure_print(const struct ecr_failure *failure, FILE *stream)
{
	int cause = failure->cause ? failure->cause : failure->error;

	if (!failure->error) {
		fprintf(stream, "no failure\n");
		return 0;
	}
	print_slave(failure, stream);
	fprintf(stream, "%s (%s)", ecr_error_text(failure->error), ecr_error_name(failure->error));
	if (failure->cause && failure->cause != failure->error)
		fprintf(stream, ": %s (%s)", ecr_error_text(cause), ecr_error_name(cause));
	if (failure->subject[0])
		fprintf(stream, "; %s", failure->subject);
	if (failure->expected != failure->actual)
		fprintf(stream, ": expected 0x%x, found 0x%x", failure->expected, failure->actual);
	if (failure->phase[0])
		fprintf(stream, " [%s]", failure->phase);
	fputc('\n', stream);
	if (failure->al_code)
		fprintf(stream, "  AL status code 0x%04x: %s\n  likely: %s\n", failure->al_code,
			ecr_al_code_name(failure->al_code), ecr_al_code_cause(failure->al_code));
	fprintf(stream, "  try: %s\n", ecr_error_hint(cause));
	return 0;
}

int ecr_report(struct ecr_master *master, FILE *stream)
{
	struct ecr_failure failure;

	ecr_last_failure(master, &failure);
	return ecr_failure_print(&failure, stream);
}
