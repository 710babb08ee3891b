/* SPDX-License-Identifier: Apache-2.0 */
/* What carries frames: a raw socket, UDP, or a simulated ring in this process. Frames begin at the
 * EtherCAT header. */
#ifndef PORT_TRANSPORT_H
#define PORT_TRANSPORT_H

#include "core.h"

struct port_transport {
	int (*send)(struct port_transport *transport, ecr_time now, const uint8_t *frame,
		    size_t length);
	/* Never blocks: the frame's length, 0 when there is none. */
	size_t (*receive)(struct port_transport *transport, ecr_time now, uint8_t *frame,
			  size_t size, struct ecr_rx_meta *meta);
	/* When the next frame arrives, as far as that is known; else ECR_NEVER. */
	ecr_time (*next)(struct port_transport *transport);
	void (*close)(struct port_transport *transport);
	int fd; /* readable when a frame waits; -1 none */
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
