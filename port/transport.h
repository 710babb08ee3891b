/* SPDX-License-Identifier: Apache-2.0 */
/* What carries frames: a raw socket, UDP, or a simulated ring in this process. Frames begin at the
 * EtherCAT header. All functions are called by the owner of the core. */
#ifndef PORT_TRANSPORT_H
#define PORT_TRANSPORT_H

#include "core.h"

struct port_transport {
	/* Sends the frame that was built at `out`. */
	int (*send)(struct port_transport *transport, ecr_time now, size_t length);
	/* Never blocks: the frame, NULL when there is none. It may be changed, and stays until the
	 * next call. */
	uint8_t *(*receive)(struct port_transport *transport, ecr_time now, size_t *length,
			    struct ecr_rx_meta *meta);
	/* Gives back what receive lent, so that `fd` rings for other frames only. NULL: no need. */
	void (*release)(struct port_transport *transport);
	/* Whether a frame waits, without a system call. NULL: only receive can tell. */
	bool (*pending)(struct port_transport *transport);
	/* When the next frame arrives, as far as that is known; NULL: it is not. */
	ecr_time (*next)(struct port_transport *transport);
	/* Looks whether frames can pass, and opens anew what has gone. Wanted when watch_fd is
	 * readable, and once a second while the link is down. NULL: they always can. */
	bool (*look)(struct port_transport *transport);
	/* Adds what the core cannot know. NULL: nothing. */
	void (*info)(struct port_transport *transport, struct ecr_bus_info *info);
	void (*close)(struct port_transport *transport);
	const char *lacking;	     /* what was wanted and could not be had; NULL nothing */
	uint8_t *out;		     /* ECR_FRAME_MAX bytes */
	int fd;			     /* readable when a frame waits; -1 none (now) */
	int watch_fd;		     /* readable when the link may have changed; -1 none */
	unsigned int port;	     /* of the core: 0, or 1 at the other end of the ring */
	const uint8_t *other_source; /* address that the other port sends from; NULL none */
};

/* 0, or an error with a text that says what the system answered. */
int port_open_raw(const struct ecr_config *config, struct port_transport **transport, char *text,
		  size_t size);
int port_open_udp(const struct ecr_config *config, struct port_transport **transport, char *text,
		  size_t size);
int port_open_sim(const struct ecr_config *config, struct port_transport **transport);
/* The other end of the ring: the configuration's backup_interface. */
int port_open_backup(const struct ecr_config *config, struct port_transport *primary,
		     struct port_transport **backup, char *text, size_t size);
int port_open_sim_backup(struct port_transport *primary, struct port_transport **backup);
void port_raw_pair(struct port_transport *primary, struct port_transport *backup);
int port_open_transport(const struct ecr_config *config, struct port_transport **transport,
			char *text, size_t size);

#endif
