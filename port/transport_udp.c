/* SPDX-License-Identifier: Apache-2.0 */
/* EtherCAT over UDP (ETG.1000.4, 5.2.2): to one address, "udp:HOST[:PORT]". */
#define _GNU_SOURCE 1
#include "port/address.h"
#include "port/stamp.h"
#include "port/transport.h"
#include "wire/frame.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_SIZE 1600

struct udp_transport {
	struct port_transport base;
	uint8_t out[ECR_FRAME_MAX];
	uint8_t in[BUFFER_SIZE];
};

static int udp_send(struct port_transport *transport, ecr_time now, size_t length)
{
	(void)now;
	return send(transport->fd, transport->out, length, MSG_DONTWAIT) == (ssize_t)length
		       ? 0
		       : ECR_ERR_TRANSPORT_UNAVAILABLE;
}

static uint8_t *udp_receive(struct port_transport *transport, ecr_time now, size_t *length,
			    struct ecr_rx_meta *meta)
{
	struct udp_transport *udp = (struct udp_transport *)transport;
	long got;

	*meta = (struct ecr_rx_meta){ .origin = ECR_ORIGIN_OWN };
	got = port_stamp_receive(transport->fd, udp->in, sizeof(udp->in), now, &meta->at);
	*length = got > 0 ? (size_t)got : 0;
	return got > 0 ? udp->in : NULL;
}

static void udp_close(struct port_transport *transport)
{
	close(transport->fd);
	free(transport);
}

int port_open_udp(const struct ecr_config *config, struct port_transport **transport, char *text,
		  size_t size)
{
	struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_DGRAM };
	struct addrinfo *found = NULL;
	struct udp_transport *udp;
	unsigned int number;
	char host[128];
	char port[16];
	int fd;

	if (!port_address(config->interface + 4, host, sizeof(host), &number) || !number) {
		snprintf(text, size, "%s: wanted is udp:HOST[:PORT] with a port from 1 to 65535",
			 config->interface);
		return ECR_ERR_INVALID_OPTIONS;
	}
	snprintf(port, sizeof(port), "%u", number);
	if (getaddrinfo(host, port, &hints, &found)) {
		snprintf(text, size, "no such address: %s", config->interface);
		return ECR_ERR_INTERFACE_NOT_FOUND;
	}
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	udp = calloc(1, sizeof(*udp));
	if (fd < 0 || !udp || connect(fd, found->ai_addr, found->ai_addrlen)) {
		snprintf(text, size, "%s: %s", config->interface, strerror(errno));
		freeaddrinfo(found);
		if (fd >= 0)
			close(fd);
		free(udp);
		return ECR_ERR_SYSTEM;
	}
	freeaddrinfo(found);
	port_stamp_enable(fd);
	udp->base = (struct port_transport){ .send = udp_send,
					     .receive = udp_receive,
					     .close = udp_close,
					     .out = udp->out,
					     .fd = fd,
					     .watch_fd = -1 };
	*transport = &udp->base;
	return 0;
}
