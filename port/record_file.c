/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L
#include "port/record_file.h"

#include <errno.h>
#include <fcntl.h>
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

static bool is_same(const struct port_record_file *file, const struct stat *status)
{
	return status->st_dev == file->device && status->st_ino == file->inode;
}

/* What somebody else has put in its place, moved away or cut is none of ours any more. */
static bool is_ours(const struct port_record_file *file)
{
	struct stat status;

	return file->path && strcmp(file->path, file->config->record.path) == 0 && file->end > 0 &&
	       stat(file->path, &status) == 0 && is_same(file, &status) &&
	       status.st_size == file->end;
}

static bool go_on(struct port_record_file *file)
{
	file->pcapng.file = fopen(file->path, "r+b");
	return file->pcapng.file && fseek(file->pcapng.file, file->end, SEEK_SET) == 0;
}

static bool begin_anew(struct port_record_file *file)
{
	const struct ecr_config *config = file->config;
	struct stat status;

	port_record_file_forget(file);
	file->config = config;
	file->path = strdup(config->record.path);
	file->pcapng.file = file->path ? fopen(file->path, "wb") : NULL;
	if (!file->pcapng.file || fstat(fileno(file->pcapng.file), &status))
		return false;
	file->device = status.st_dev;
	file->inode = status.st_ino;
	file->passing = ftell(file->pcapng.file) < 0;
	if (!begin_section(file))
		return false;
	file->end = file->passing ? 0 : ftell(file->pcapng.file);
	return true;
}

bool port_record_file_open(struct port_record_file *file, const struct ecr_config *config)
{
	file->config = config;
	file->section = false;
	/* A session without a fault leaves no trace in it. */
	return is_ours(file) ? go_on(file) : begin_anew(file);
}

static bool is_full(const struct port_record_file *file)
{
	return !file->passing && file->faults == PORT_RECORD_FIRST + PORT_RECORD_LAST;
}

static bool tell_left_out(struct port_record_file *file, uint32_t count)
{
	char text[80];

	snprintf(text, sizeof(text), "%u faults that were recorded before this one are left out",
		 count);
	return port_pcapng_comment(&file->pcapng, text);
}

/* Somebody who wants room may have taken it away since the last fault. */
static bool take_up(struct port_record_file *file)
{
	if (!file->passing && !is_ours(file))
		return begin_anew(file);
	return file->pcapng.file || go_on(file);
}

bool port_record_file_begin(struct port_record_file *file)
{
	uint32_t left_out;

	if (!take_up(file))
		return false;
	file->pcapng.comment_bytes = 0;
	left_out = file->left_out;
	if (is_full(file)) {
		file->section = false; /* it will stand behind the first ones */
		left_out += PORT_RECORD_LAST;
	}
	if (!begin_section(file))
		return false;
	return !left_out || (!is_full(file) && file->faults != PORT_RECORD_FIRST) ||
	       tell_left_out(file, left_out);
}

static bool copy_down(int from, int to, off_t at, off_t target)
{
	char bytes[4096];
	ssize_t count = pread(from, bytes, sizeof(bytes), at);

	for (; count > 0; count = pread(from, bytes, sizeof(bytes), at)) {
		if (pwrite(to, bytes, (size_t)count, target) != count)
			return false;
		at += count;
		target += count;
	}
	return count == 0 && ftruncate(to, target) == 0;
}

/* The new one has been written behind the last ones, and takes their place: had it found no room, they would still be there. */
static bool leave_out(struct port_record_file *file)
{
	int to = fileno(file->pcapng.file);
	int from = open(file->path, O_RDONLY | O_CLOEXEC);
	long last = file->end;
	struct stat status;
	bool good = from >= 0 && fstat(from, &status) == 0 && is_same(file, &status);

	if (good) {
		file->end = file->first_end;
		file->faults -= PORT_RECORD_LAST;
		file->left_out += PORT_RECORD_LAST;
		good = copy_down(from, to, last, file->first_end) &&
		       fseek(file->pcapng.file, 0, SEEK_END) == 0;
	}
	if (from >= 0)
		close(from);
	return good;
}

/* Part of a fault would make all that follows unreadable. What waits in the stream is written as it is closed. */
static void take_back(struct port_record_file *file)
{
	int error = errno;
	int fd = file->pcapng.file ? dup(fileno(file->pcapng.file)) : -1;

	port_record_file_close(file);
	file->section = false;
	if (fd >= 0) {
		if (!file->passing)
			(void)!ftruncate(fd, file->end);
		close(fd);
	}
	errno = error;
}

bool port_record_file_end(struct port_record_file *file, bool good)
{
	if (!good || fflush(file->pcapng.file) || (is_full(file) && !leave_out(file))) {
		take_back(file);
		return false;
	}
	if (!file->passing)
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
