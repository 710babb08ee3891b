/* SPDX-License-Identifier: Apache-2.0 */
#include "support/data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t load(const char *folder, const char *path, void *bytes, size_t room)
{
	char whole[1024];
	FILE *file;
	size_t length;

	snprintf(whole, sizeof(whole), "%s/%s", folder, path);
	file = fopen(whole, "rb");
	if (!file)
		return 0;
	length = fread(bytes, 1, room, file);
	fclose(file);
	return length;
}

size_t data_load(const char *path, uint8_t *bytes, size_t room)
{
	return load(ECRING_SHARED_DATA, path, bytes, room);
}

size_t source_load(const char *path, char *text, size_t room)
{
	size_t length = load(ECRING_SOURCE_DIR, path, text, room - 1);

	if (!length || length == room - 1) {
		fprintf(stderr, "%s is not there or larger than expected\n", path);
		abort();
	}
	text[length] = '\0';
	return length;
}

int table_row(char **text, char **fields, int room)
{
	char *line = *text;
	int count = 1;

	if (!*line)
		return -1;
	*text = line + strcspn(line, "\n");
	if (**text)
		*(*text)++ = '\0';
	if (!*line || *line == '#')
		return 0;
	fields[0] = line;
	while (count < room && (line = strchr(line, '\t'))) {
		*line++ = '\0';
		fields[count++] = line;
	}
	return count;
}
