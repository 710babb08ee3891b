/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of the flight recorder: it outlives a session, so that a start behind a failed one goes on in it, and is
 * bounded: the first faults stay, since they say how it began, and of the later ones the last.
 */
#ifndef PORT_RECORD_FILE_H
#define PORT_RECORD_FILE_H

#include "port/pcapng.h"

#include <ecring/config.h>

#include <sys/types.h>

#define PORT_RECORD_FIRST 8u /* faults that stay, */
#define PORT_RECORD_LAST 8u  /* and that are left out together when there are more behind those */

struct port_record_file {
	const struct ecr_config *config; /* of the session */
	char *path;			 /* NULL: none has been begun */
	struct port_pcapng pcapng;
	dev_t device; /* which file it is: another may come to stand at the path */
	ino_t inode;
	bool passing;	   /* a pipe or the like: nothing is taken back, left out or gone on with */
	bool section;	   /* of this session has been begun */
	long end;	   /* of the last fault that is whole in it */
	long first_end;	   /* of the last one that stays */
	uint32_t faults;   /* in it */
	uint32_t left_out; /* that were, and are no longer */
};

/* Begun anew, or gone on with when it is the one that was left. False: it cannot be written (errno). `config` must outlive it. */
bool port_record_file_open(struct port_record_file *file, const struct ecr_config *config);
/* A fault comes. Begun anew when the file is no longer ours, or no longer there. False as above. */
bool port_record_file_begin(struct port_record_file *file);
/* It has come; or not, and the file is as it was before. False: then, or when it could not be written to its end. */
bool port_record_file_end(struct port_record_file *file, bool good);
void port_record_file_close(struct port_record_file *file);
void port_record_file_forget(struct port_record_file *file);

#endif
