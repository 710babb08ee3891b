/* SPDX-License-Identifier: Apache-2.0 */
/* Files that come with the sources or lie beside them. */
#ifndef TESTS_SUPPORT_DATA_H
#define TESTS_SUPPORT_DATA_H

#include <stddef.h>
#include <stdint.h>

/* A file under the shared data's folder: its length, 0 when it is not there. */
size_t data_load(const char *path, uint8_t *bytes, size_t room);
/* A file of the sources as text, terminated; its absence fails the program. */
size_t source_load(const char *path, char *text, size_t room);
/* Cuts the next line off at its end and its fields at tabs; the number of fields, 0 for an empty
 * line or one that begins with '#', -1 at the end. */
int table_row(char **text, char **fields, int room);

#endif
