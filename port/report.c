/* SPDX-License-Identifier: Apache-2.0 */
/* A failure in words: which slave, what, where, why, what to try. */
#include <ecring/ecring.h>

#include "wire/al_status.h"
#include "wire/mailbox.h"

#include <string.h>

static void print_slave(const struct ecr_failure *failure, FILE *stream)
{
	if (failure->position >= 0)
		fprintf(stream, "slave %s (position %d, station 0x%04x): ", failure->slave,
			failure->position, failure->station);
	else if (failure->slave[0])
		fprintf(stream, "%s: ", failure->slave);
}

static void print_error(int error, FILE *stream)
{
	fprintf(stream, "%s (%s)", ecr_error_text(error), ecr_error_name(error));
}

static void print_object(uint16_t index, uint8_t subindex, FILE *stream)
{
	fprintf(stream, " 0x%04x:0x%02x", index, subindex);
}

static void print_abort(uint32_t abort_code, FILE *stream)
{
	if (abort_code)
		fprintf(stream, "  abort code 0x%08x: %s\n", abort_code,
			ecr_sdo_abort_text(abort_code));
}

/* What was wanted and what was there; of a mailbox error reply its code in words. */
static void print_difference(int error, uint32_t expected, uint32_t actual, FILE *stream)
{
	if (error == ECR_ERR_MAILBOX_ERROR)
		fprintf(stream, ": code 0x%04x, %s", actual,
			ecr_mailbox_error_text((uint16_t)actual));
	else if (expected != actual)
		fprintf(stream, ": expected 0x%x, found 0x%x", expected, actual);
}

static void print_sides(const char *sides, FILE *stream)
{
	if (sides[0])
		fprintf(stream, "  what was to be | what is:\n");
	while (*sides) {
		int length = (int)strcspn(sides, "\n");

		fprintf(stream, "    %.*s\n", length, sides);
		sides += length + (sides[length] == '\n');
	}
}

int ecr_failure_print(const struct ecr_failure *failure, FILE *stream)
{
	int cause;

	if (!failure || !stream)
		return ECR_ERR_INVALID_ARGUMENT;
	cause = failure->cause ? failure->cause : failure->error;
	if (!failure->error) {
		fprintf(stream, "no failure\n");
		return 0;
	}
	print_slave(failure, stream);
	print_error(failure->error, stream);
	if (failure->cause && failure->cause != failure->error) {
		fprintf(stream, ": ");
		print_error(cause, stream);
	}
	if (failure->subject[0])
		fprintf(stream, "; %s", failure->subject);
	if (failure->index)
		print_object(failure->index, failure->subindex, stream);
	print_difference(cause, failure->expected, failure->actual, stream);
	if (failure->phase[0])
		fprintf(stream, " [%s]", failure->phase);
	fputc('\n', stream);
	print_sides(failure->sides, stream);
	if (failure->al_code)
		fprintf(stream, "  AL status code 0x%04x: %s\n  likely: %s\n", failure->al_code,
			ecr_al_code_name(failure->al_code), ecr_al_code_cause(failure->al_code));
	print_abort(failure->abort_code, stream);
	fprintf(stream, "  try: %s\n", ecr_error_hint(cause));
	return 0;
}

int ecr_sdo_report(const struct ecr_sdo *sdo, FILE *stream)
{
	static const char *const kinds[] = { "upload of object", "download to object",
					     "object list", "description of object",
					     "description of entry" };
	const struct ecr_sdo_result *result;

	if (!sdo || !stream)
		return ECR_ERR_INVALID_ARGUMENT;
	result = &sdo->result;
	fprintf(stream, "slave %s: %s", sdo->slave ? sdo->slave : "?",
		sdo->kind <= ECR_SDO_ENTRY ? kinds[sdo->kind] : "request for object");
	if (sdo->kind != ECR_SDO_OBJECT_LIST)
		print_object(sdo->index, sdo->subindex, stream);
	fprintf(stream, ": ");
	if (!result->error) {
		fprintf(stream, "done, %zu bytes\n",
			sdo->kind == ECR_SDO_DOWNLOAD ? sdo->size : result->size);
		return 0;
	}
	print_error(result->error, stream);
	if (result->error == ECR_ERR_BUFFER_TOO_SMALL)
		fprintf(stream, ": %zu bytes of room, the object has %zu", sdo->size, result->size);
	else
		print_difference(result->error, result->expected, result->actual, stream);
	fputc('\n', stream);
	print_abort(result->abort_code, stream);
	fprintf(stream, "  try: %s\n", ecr_error_hint(result->error));
	return 0;
}

int ecr_report(struct ecr_master *master, FILE *stream)
{
	struct ecr_failure failure;

	if (!stream || ecr_last_failure(master, &failure))
		return ECR_ERR_INVALID_ARGUMENT;
	return ecr_failure_print(&failure, stream);
}
