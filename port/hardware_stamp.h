/* SPDX-License-Identifier: Apache-2.0 */
/* A network card that notes by its own clock when a frame came. */
#ifndef PORT_HARDWARE_STAMP_H
#define PORT_HARDWARE_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* Has the card note every frame and the socket hand the notes over, with its ring or without: a descriptor to be closed,
 * which keeps `clock` readable. -1 with the reason. The card's setting stays. */
int port_hardware_stamp_open(const char *interface, int fd, bool ring, clockid_t *clock, char *why,
			     size_t size);

#endif
