/* SPDX-License-Identifier: Apache-2.0 */
/* HOST[:PORT] of UDP. */
#ifndef PORT_ADDRESS_H
#define PORT_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

/* Splits it; the usual port where none is given. False when it has no host, when the host is too long, or
 * the port is no number up to 65535. */
bool port_address(const char *text, char *host, size_t size, unsigned int *port);

#endif
