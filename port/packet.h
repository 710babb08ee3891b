/* SPDX-License-Identifier: Apache-2.0 */
/* A packet socket for EtherCAT on one network interface, which may go away and come back. */
#ifndef PORT_PACKET_H
#define PORT_PACKET_H

#include "port/ring.h"

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct port_interface {
	char name[IFNAMSIZ];
	int fd;	      /* the packet socket; -1 while there is no such interface */
	int watch_fd; /* readable when the link may have changed; -1: look once a second */
	int index;    /* 0 while there is no such interface */
	uint8_t mac[6];
	bool up;		  /* switched on and with a carrier */
	unsigned int ring_frames; /* that a ring is wanted for; 0: none is */
	struct port_ring ring;	  /* without memory: there is none */
	uint32_t reopened;	  /* how often the interface has come back as another */
};

/* With a receive ring for so many frames (0: none is wanted) when it can be had. INTERFACE_NOT_FOUND, PERMISSION,
 * INVALID_OPTIONS (not Ethernet) or SYSTEM, with a text. */
int port_packet_open(const char *name, unsigned int ring_frames, struct port_interface *interface,
		     char *text, size_t size);
/* Looks the interface up again, by name: closes the socket of one that has gone, opens one on what
 * came in its place. True when frames can pass. */
bool port_packet_look(struct port_interface *interface);
void port_packet_close(struct port_interface *interface);

#endif
