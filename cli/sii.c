/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int refuse(const char *path, const char *why)
{
	fprintf(stderr, "ecring sii: %s: %s\n", path, why);
	return -1;
}

/* The length, -1 with a message. */
static int read_file(const char *path, uint8_t *bytes, size_t room)
{
	FILE *file = fopen(path, "rb");
	size_t length;
	int error;

	if (!file)
		return refuse(path, strerror(errno));
	errno = 0;
	length = fread(bytes, 1, room, file);
	error = ferror(file) ? errno : 0;
	fclose(file);
	if (error)
		return refuse(path, strerror(error));
	if (!length)
		return refuse(path, "the file is empty");
	if (length == room)
		return refuse(path, "too large for an EEPROM image");
	return (int)length;
}

int cli_sii(const struct cli_options *options)
{
	static uint8_t bytes[131072];
	char text[200] = "";
	int length;

	if (!options->words[0] && (!options->interface || options->slave < 0)) {
		fprintf(stderr, "ecring sii: a FILE, or -i IF and --slave N are wanted\n");
		return CLI_USAGE;
	}
	if (options->words[0]) {
		length = read_file(options->words[0], bytes, sizeof(bytes));
	} else {
		length = ecr_scan_sii(options->interface, options->slave, bytes, sizeof(bytes),
				      text, sizeof(text));
		if (length < 0)
			fprintf(stderr, "ecring sii: %s\n  try: %s\n", text,
				length == ECR_ERR_UNKNOWN_SLAVE ? "ecring scan -i IF"
								: ecr_error_hint(length));
	}
	if (length < 0)
		return CLI_SYSTEM;
	ecr_sii_print(bytes, (size_t)length, options->json, stdout);
	return CLI_OK;
}
