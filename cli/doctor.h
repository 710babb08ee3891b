/* SPDX-License-Identifier: Apache-2.0 */
/* What stands between this machine and a quiet cycle, and the command that mends it. Nothing is changed. */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

struct doctor {
	const char *interface;
	int fd; /* any socket, to ask the driver by */
	int advised;
	bool absent;   /* there is no such interface */
	bool unusable; /* or this user may not use it */
};

/* One line each, and below a piece of advice the command, ready to be pasted. */
void doctor_good(const char *what, const char *found);
void doctor_unknown(const char *what, const char *why);
__attribute__((format(printf, 4, 5))) void
doctor_advise(struct doctor *doctor, const char *what, const char *found, const char *command, ...);

/* The first line of a file without its end; "" when there is none. */
const char *doctor_line(const char *path, char *line, size_t size);
/* "3" of "0-3": the last CPU, which the cyclic thread had best; interrupts go beside it. */
int doctor_last_cpu(void);

void doctor_look_at_interface(struct doctor *doctor);
void doctor_look_at_interrupts(struct doctor *doctor);
void doctor_look_at_process(struct doctor *doctor);
void doctor_look_at_kernel(struct doctor *doctor);

#endif
