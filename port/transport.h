/* SPDX-License-Identifier: Apache-2.0 */
/* What carries frames: a raw socket, UDP, or a simulated ring in this process. Frames begin at the
 * EtherCAT header. All functions are called by the owner of the core. */
#ifndef PORT_TRANSPORT_H
#define PORT_TRANSPORT_H

#include "core.h"

struct port_transport {
	int (*send)(struct port_transport *transport, ecr_time now, const uint8_t *frame,
		    size_t length);
	/* Never blocks: the frame's length, 0 when there is none. */
	size_t (*receive)(struct port_transport *transport, ecr_time now, uint8_t *frame,
			  size_t size, struct ecr_rx_meta *meta);
	/* When the next frame arrives, as far as that is known; NULL: it is not. */
	ecr_time (*next)(struct port_transport *transport);
	/* Looks whether frames can pass, and opens anew what has gone. Wanted when watch_fd is
	 * readable, and once a second while the link is down. NULL: they always can. */
	bool (*look)(struct port_transport *transport);
	/* Adds what the core cannot know. NULL: nothing. */
	void (*info)(struct port_transport *transport, struct ecr_bus_info *info);
	void (*close)(struct port_transport *transport);
	int fd;	      /* readable when a frame waits; -1 none (now) */
	int watch_fd; /* readable when the link may have changed; -1 none */
};

/* 0, or an error with a text that says what the system answered. */
int port_open_raw(const struct ecr_config *config, struct port_transport **transport, char *text,
		  size_t size);
int port_open_udp(const struct ecr_config *config, struct port_transport **transport, char *text,
		  size_t size);
int port_open_sim(const struct ecr_config *config, struct port_transport **transport);
int port_open_transport(const struct ecr_config *config, struct port_transport **transport,
			char *text, size_t size);

#endif
