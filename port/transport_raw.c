/* SPDX-License-Identifier: Apache-2.0 */
/* AF_PACKET on a network interface. */
#define _GNU_SOURCE
#include "port/packet.h"
#include "port/transport.h"
#include "wire/ethernet.h"
#include "wire/frame.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define BUFFER_SIZE 1600

struct raw_transport {
	struct port_transport base;
	int lock;
	struct ecr_ethernet header;
	uint8_t mac[ECR_MAC_SIZE];
};

static int raw_send(struct port_transport *transport, ecr_time now, const uint8_t *frame,
		    size_t length)
{
	struct raw_transport *raw = (struct raw_transport *)transport;
	uint8_t buffer[BUFFER_SIZE];
	size_t header = ecr_ethernet_write(buffer, sizeof(buffer), &raw->header);

	(void)now;
	memcpy(buffer + header, frame, length);
	length = ecr_ethernet_pad(buffer, header + length, sizeof(buffer));
	return send(raw->base.fd, buffer, length, MSG_DONTWAIT) == (ssize_t)length
		       ? 0
		       : ECR_ERR_TRANSPORT_UNAVAILABLE;
}

/* The first slave sets bit 0x02 of the source address of what it forwards. */
static enum ecr_origin origin_of(const struct raw_transport *raw, const uint8_t *source)
{
	bool own = ((source[0] ^ raw->mac[0]) & ~ECR_SOURCE_PASSED) == 0 &&
		   !memcmp(source + 1, raw->mac + 1, ECR_MAC_SIZE - 1);

	return own ? ECR_ORIGIN_OWN : ECR_ORIGIN_FOREIGN;
}

static size_t raw_receive(struct port_transport *transport, ecr_time now, uint8_t *frame,
			  size_t size, struct ecr_rx_meta *meta)
{
	struct raw_transport *raw = (struct raw_transport *)transport;
	uint8_t buffer[BUFFER_SIZE];
	struct ecr_ethernet header;
	ssize_t got;

	while ((got = recv(raw->base.fd, buffer, sizeof(buffer), MSG_DONTWAIT)) > 0) {
		size_t length = (size_t)got;

		if (!ecr_ethernet_read(buffer, length, &header) ||
		    header.ethertype != ECR_ETHERTYPE)
			continue;
		length -= header.payload;
		if (length > size)
			continue;
		memcpy(frame, buffer + header.payload, length);
		*meta = (struct ecr_rx_meta){ .origin = origin_of(raw, header.source), .at = now };
		return length;
	}
	return 0;
}

static ecr_time raw_next(struct port_transport *transport)
{
	(void)transport;
	return ECR_NEVER;
}

static void raw_close(struct port_transport *transport)
{
	struct raw_transport *raw = (struct raw_transport *)transport;

	close(raw->base.fd);
	if (raw->lock >= 0)
		close(raw->lock);
	free(raw);
}

/* An abstract socket, hence one per network namespace: held for as long as a master uses the
 * interface. */
int port_lock_interface(int index)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int length = snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1,
			      "ecring-interface-%d", index);

	if (fd >= 0 &&
	    bind(fd, (struct sockaddr *)&address,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

int port_open_raw(const struct ecr_config *config, struct port_transport **transport, char *text,
		  size_t size)
{
	struct raw_transport *raw = calloc(1, sizeof(*raw));
	struct port_interface interface;
	int error;

	if (!raw)
		return ECR_ERR_NO_MEMORY;
	error = port_packet_open(config->interface, &interface, text, size);
	if (error) {
		free(raw);
		return error;
	}
	raw->lock = port_lock_interface(interface.index);
	if (raw->lock < 0) {
		snprintf(text, size, "interface %s is used by another master of this machine",
			 config->interface);
		close(interface.fd);
		free(raw);
		return ECR_ERR_INTERFACE_IN_USE;
	}
	raw->base =
		(struct port_transport){ raw_send, raw_receive, raw_next, raw_close, interface.fd };
	memcpy(raw->mac, interface.mac, ECR_MAC_SIZE);
	memset(raw->header.destination, 0xFF, ECR_MAC_SIZE);
	memcpy(raw->header.source, interface.mac, ECR_MAC_SIZE);
	raw->header.ethertype = ECR_ETHERTYPE;
	raw->header.tagged = config->vlan;
	raw->header.vlan = config->vlan_tag;
	*transport = &raw->base;
	return 0;
}
