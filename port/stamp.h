/* SPDX-License-Identifier: Apache-2.0 */
/* When a frame arrived, as the kernel noted it. */
#ifndef PORT_STAMP_H
#define PORT_STAMP_H

#include <ecring/api.h>

#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* How far the clock by which is noted (CLOCK_REALTIME; a network card's) is before the session's. Somebody may set
 * it at any time, so that a distance must not grow old. */
ecr_time port_stamp_offset(clockid_t clock);
/* A note on the session's clock; `now` when it cannot be true, or is none.
 * Somewhat later than `now` is true: that may have been read before. */
ecr_time port_stamp_at(const struct timespec *stamp, ecr_time offset, ecr_time now);

/* Asks for the notes; a socket that cannot give them goes on without. */
void port_stamp_enable(int fd);
/* Receives without blocking: the length, or what recv answers. `at` is the frame's arrival on the
 * session's clock, or `now` when nobody noted it. */
long port_stamp_receive(int fd, void *buffer, size_t size, ecr_time now, ecr_time *at);

/* The same, with the note as it is; zeros without one. */
long port_stamp_read(int fd, void *buffer, size_t size, struct timespec *stamp);

#endif
