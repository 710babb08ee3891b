/* SPDX-License-Identifier: Apache-2.0 */
/* EtherCAT over UDP (ETG.1000.4, 5.2.2): to one address, "udp:HOST[:PORT]". */
#define _GNU_SOURCE 1
#include "port/address.h"
#include "port/claim.h"
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
	int claim; /* on the address: one master of this machine at a time */
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
	close(((struct udp_transport *)transport)->claim);
	free(transport);
}

static int claim_address(const struct addrinfo *address)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)address->ai_addr;
	char host[INET_ADDRSTRLEN];
	char name[64];

	inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
	snprintf(name, sizeof(name), "udp-%s:%u", host, ntohs(in->sin_port));
	return port_claim(name);
}

/* Takes over the address that was found: 0 or an error, with a text. */
static int open_to(const struct addrinfo *address, const char *interface, struct udp_transport *udp,
		   char *text, size_t size)
{
	int fd;

	udp->claim = claim_address(address);
	if (udp->claim < 0) {
		snprintf(text, size, "%s is used by another master of this machine", interface);
		return ECR_ERR_INTERFACE_IN_USE;
	}
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connect(fd, address->ai_addr, address->ai_addrlen)) {
		snprintf(text, size, "%s: %s", interface, strerror(errno));
		close(udp->claim);
		if (fd >= 0)
			close(fd);
		return ECR_ERR_SYSTEM;
	}
	port_stamp_enable(fd);
	udp->base = (struct port_transport){ .send = udp_send,
					     .receive = udp_receive,
					     .close = udp_close,
					     .out = udp->out,
					     .fd = fd,
					     .watch_fd = -1 };
	return 0;
}

static int resolve(const char *interface, struct addrinfo **found, char *text, size_t size)
{
	struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_DGRAM };
	unsigned int number;
	char host[128];
	char port[16];

	if (!port_address(interface + 4, host, sizeof(host), &number) || !number) {
		snprintf(text, size, "%s: wanted is udp:HOST[:PORT] with a port from 1 to 65535",
			 interface);
		return ECR_ERR_INVALID_OPTIONS;
	}
	snprintf(port, sizeof(port), "%u", number);
	if (getaddrinfo(host, port, &hints, found)) {
		snprintf(text, size, "no such address: %s", interface);
		return ECR_ERR_INTERFACE_NOT_FOUND;
	}
	return 0;
}

int port_open_udp(const struct ecr_config *config, struct port_transport **transport, char *text,
		  size_t size)
{
	struct addrinfo *found = NULL;
	struct udp_transport *udp;
	int error = resolve(config->interface, &found, text, size);

	if (error)
		return error;
	udp = calloc(1, sizeof(*udp));
	error = udp ? open_to(found, config->interface, udp, text, size) : ECR_ERR_NO_MEMORY;
	freeaddrinfo(found);
	if (error)
		free(udp);
	else
		*transport = &udp->base;
	return error;
}
