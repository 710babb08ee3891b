/* SPDX-License-Identifier: Apache-2.0 */
/* A packet socket for EtherCAT on one network interface. */
#ifndef PORT_PACKET_H
#define PORT_PACKET_H

#include <stddef.h>
#include <stdint.h>

struct port_interface {
	int fd;
	int index;
	uint8_t mac[6];
};

/* INTERFACE_NOT_FOUND, PERMISSION or SYSTEM, with a text. */
int port_packet_open(const char *name, struct port_interface *interface, char *text, size_t size);
/* A descriptor that holds the interface for one master; -1 when another holds it. */
int port_lock_interface(int index);

#endif
