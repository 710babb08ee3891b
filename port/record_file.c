/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L
#include "port/record_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool begin_section(struct port_record_file *file)
{
	const struct ecr_config *config = file->config;
	const char *interfaces[] = { config->interface ? config->interface : "simulator",
				     config->backup_interface };

	if (!file->section)
		file->section = port_pcapng_begin(&file->pcapng, file->pcapng.file, interfaces,
						  config->backup_interface ? 2 : 1);
	return file->section;
}

/* What somebody else has put in its place, or moved away, is none of ours any more. */
static bool is_ours(const struct port_record_file *file, const char *path)
{
	struct stat status;

	return file->path && strcmp(file->path, path) == 0 && file->seekable &&
	       stat(path, &status) == 0 && status.st_size == file->end;
}

static bool go_on(struct port_record_file *file)
{
	file->pcapng.file = fopen(file->path, "r+b");
	return file->pcapng.file && fseek(file->pcapng.file, file->end, SEEK_SET) == 0;
}

bool port_record_file_open(struct port_record_file *file, const struct ecr_config *config)
{
	const char *path = config->record.path;

	file->config = config;
	file->section = false;
	if (is_ours(file, path))
		return go_on(file); /* a session without a fault leaves no trace in it */
	port_record_file_forget(file);
	file->config = config;
	file->path = strdup(path);
	file->pcapng.file = file->path ? fopen(path, "wb") : NULL;
	if (!file->pcapng.file || !begin_section(file))
		return false;
	file->end = ftell(file->pcapng.file);
	file->seekable = file->end >= 0;
	return true;
}

static bool leave_out(struct port_record_file *file)
{
	char text[80];

	if (ftruncate(fileno(file->pcapng.file), file->first_end) ||
	    fseek(file->pcapng.file, file->first_end, SEEK_SET))
		return false;
	file->end = file->first_end;
	file->section = false;
	file->faults -= PORT_RECORD_LAST;
	file->left_out += PORT_RECORD_LAST;
	snprintf(text, sizeof(text), "%u faults that were recorded before this one are left out",
		 file->left_out);
	return begin_section(file) && port_pcapng_comment(&file->pcapng, text);
}

bool port_record_file_begin(struct port_record_file *file)
{
	file->pcapng.comment_bytes = 0;
	if (!file->pcapng.file && !go_on(file))
		return false;
	if (file->seekable && file->faults == PORT_RECORD_FIRST + PORT_RECORD_LAST)
		return leave_out(file);
	return begin_section(file);
}

/* Part of a fault would make all that follows unreadable. */
static void take_back(struct port_record_file *file)
{
	int error = errno;

	port_record_file_close(file);
	file->section = false;
	if (file->seekable)
		(void)!truncate(file->path, file->end);
	errno = error;
}

bool port_record_file_end(struct port_record_file *file, bool good)
{
	if (!good || fflush(file->pcapng.file)) {
		take_back(file);
		return false;
	}
	file->end = ftell(file->pcapng.file);
	if (++file->faults == PORT_RECORD_FIRST)
		file->first_end = file->end;
	return true;
}

void port_record_file_close(struct port_record_file *file)
{
	if (file->pcapng.file)
		fclose(file->pcapng.file);
	file->pcapng.file = NULL;
}

void port_record_file_forget(struct port_record_file *file)
{
	port_record_file_close(file);
	free(file->path);
	*file = (struct port_record_file){ 0 };
}
