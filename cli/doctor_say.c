/* SPDX-License-Identifier: Apache-2.0 */
/* How the doctor speaks, and reads what the kernel says of itself. */
#include "cli/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void doctor_good(const char *what, const char *found)
{
	printf("  ok      %-20s %s\n", what, found);
}

void doctor_unknown(const char *what, const char *why)
{
	printf("  unknown %-20s %s\n", what, why);
}

void doctor_advise(struct doctor *doctor, const char *what, const char *found, const char *command,
		   ...)
{
	va_list arguments;

	printf("  advice  %-20s %s\n          %-20s   ", what, found, "");
	va_start(arguments, command);
	vprintf(command, arguments);
	va_end(arguments);
	printf("\n");
	doctor->advised++;
}

const char *doctor_line(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "r");

	line[0] = 0;
	if (file && !fgets(line, (int)size, file))
		line[0] = 0;
	if (file)
		fclose(file);
	line[strcspn(line, "\n")] = 0;
	return line;
}

int doctor_last_cpu(void)
{
	return (int)sysconf(_SC_NPROCESSORS_ONLN) - 1;
}
