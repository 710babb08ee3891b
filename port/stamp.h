/* SPDX-License-Identifier: Apache-2.0 */
/* When a frame arrived, as the kernel noted it. */
#ifndef PORT_STAMP_H
#define PORT_STAMP_H

#include <ecring/api.h>

#include <stddef.h>
#include <stdint.h>

/* Asks for the notes; a socket that cannot give them goes on without. */
void port_stamp_enable(int fd);
/* Receives without blocking: the length, or what recv answers. `at` is the frame's arrival on the
 * session's clock, or `now` when nobody noted it. */
long port_stamp_receive(int fd, void *buffer, size_t size, ecr_time now, ecr_time *at);

#endif
