/* SPDX-License-Identifier: Apache-2.0 */
/* A packet socket's receive ring (TPACKET_V2): frames are read where the kernel put them, without a
 * system call. */
#ifndef PORT_RING_H
#define PORT_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct port_ring {
	uint8_t *memory; /* NULL: there is none */
	unsigned int slots;
	unsigned int next;
	bool hardware; /* only what the network card noted is a stamp */
	void *held;    /* the slot that the caller has; NULL none */
};

/* Gives the socket a ring of at least so many frames; without one it is received from as before. */
void port_ring_open(struct port_ring *ring, int fd, unsigned int frames);
void port_ring_close(struct port_ring *ring);
void port_ring_release(struct port_ring *ring);
bool port_ring_pending(const struct port_ring *ring);
/* The next frame, NULL when there is none. It may be changed, and stays until it is released, or the next call.
 * `stamp`: when the kernel had it, by the wall clock, or the card by its own; zeros: nobody noted it. */
uint8_t *port_ring_receive(struct port_ring *ring, size_t *length, struct timespec *stamp);

#endif
