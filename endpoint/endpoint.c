/* SPDX-License-Identifier: Apache-2.0 */
/* Frames in, through the simulated ring, and back to the sender. */
#define _GNU_SOURCE 1
#include <ecring/endpoint.h>

#include "port/address.h"
#include "port/clock.h"
#include "port/packet.h"
#include "sim/faults.h"
#include "wire/ethernet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_SIZE 2048
#define LOOK_NS ECR_S(1)
#define TICK_NS ECR_MS(1) /* watchdogs are looked at so often when nothing comes */

struct ecr_endpoint {
	struct ecr_sim *sim;
	struct port_interface interfaces[2]; /* unless udp; the second at the ring's other end */
	int fd;				     /* of UDP */
	bool udp;
	bool backup;
	ecr_time look_at; /* when to look at an interface that is away */
	unsigned int port;
	uint64_t frames;
};

static int open_udp(struct ecr_endpoint *endpoint, const char *where, char *text, size_t size)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof(address);
	unsigned int port;
	char host[64];

	if (!port_address(where, host, sizeof(host), &port) ||
	    inet_pton(AF_INET, host, &address.sin_addr) != 1) {
		snprintf(text, size,
			 "%s is not an address: wanted is ADDR[:PORT] with an IPv4 address", where);
		return ECR_ERR_INVALID_OPTIONS;
	}
	address.sin_port = htons((uint16_t)port);
	endpoint->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (endpoint->fd < 0 || bind(endpoint->fd, (struct sockaddr *)&address, sizeof(address)) ||
	    getsockname(endpoint->fd, (struct sockaddr *)&address, &length)) {
		snprintf(text, size, "udp %s: %s", where, strerror(errno));
		return ECR_ERR_SYSTEM;
	}
	endpoint->udp = true;
	endpoint->port = ntohs(address.sin_port);
	return 0;
}

struct ecr_endpoint *ecr_endpoint_open(struct ecr_sim *sim, const char *where, int *error,
				       char *text, size_t size)
{
	struct ecr_endpoint *endpoint;

	*error = sim && where ? ECR_ERR_NO_MEMORY : ECR_ERR_INVALID_ARGUMENT;
	endpoint = sim && where ? calloc(1, sizeof(*endpoint)) : NULL;
	if (!endpoint) {
		snprintf(text, size, "%s", ecr_error_text(*error));
		return NULL;
	}
	endpoint->sim = sim;
	endpoint->fd = -1;
	endpoint->look_at = ECR_NEVER;
	for (int i = 0; i < 2; i++)
		endpoint->interfaces[i] = (struct port_interface){ .fd = -1, .watch_fd = -1 };
	if (strncmp(where, "udp:", 4) == 0)
		*error = open_udp(endpoint, where + 4, text, size);
	else
		*error = port_packet_open(where, 0, &endpoint->interfaces[0], text, size);
	if (!*error)
		return endpoint;
	ecr_endpoint_close(endpoint);
	return NULL;
}

/* A delayed reply holds up those behind it. */
static size_t reply_faults(struct ecr_sim *sim, uint8_t *frame, size_t length)
{
	ecr_time late;

	length = sim_faults_reply(sim, frame, length, &late);
	if (late > 0) {
		struct timespec time = port_timespec(late);

		nanosleep(&time, NULL);
	}
	return length;
}

static void serve_udp(struct ecr_endpoint *endpoint, uint8_t *buffer)
{
	struct sockaddr_in from;
	socklen_t from_length = sizeof(from);
	ssize_t got;

	while ((got = recvfrom(endpoint->fd, buffer, BUFFER_SIZE, 0, (struct sockaddr *)&from,
			       &from_length)) > 0) {
		size_t length = (size_t)got;

		endpoint->frames++;
		if (!ecr_sim_process(endpoint->sim, port_now(), buffer, length))
			continue;
		length = reply_faults(endpoint->sim, buffer, length);
		if (length)
			sendto(endpoint->fd, buffer, length, 0, (struct sockaddr *)&from,
			       from_length);
		from_length = sizeof(from);
	}
}

/* A frame leaves at the port of the master that its way through the ring leads to. */
static void serve_packets(struct ecr_endpoint *endpoint, unsigned int port, uint8_t *buffer)
{
	struct ecr_ethernet header;
	ssize_t got;

	while ((got = recv(endpoint->interfaces[port].fd, buffer, BUFFER_SIZE, 0)) > 0) {
		size_t length = (size_t)got;
		int exit;

		if (!ecr_ethernet_read(buffer, length, &header) ||
		    header.ethertype != ECR_ETHERTYPE)
			continue;
		endpoint->frames++;
		exit = ecr_sim_pass(endpoint->sim, port_now(), port, buffer + header.payload,
				    length - header.payload);
		if (exit < 0)
			continue;
		length = reply_faults(endpoint->sim, buffer + header.payload,
				      length - header.payload);
		buffer[ECR_MAC_SIZE] |= ECR_SOURCE_PASSED;
		if (length)
			(void)!send(endpoint->interfaces[exit].fd, buffer, header.payload + length,
				    0);
	}
}

/* An interface that was removed is served again when it comes back; its link is the ring's. */
static void look(struct ecr_endpoint *endpoint, ecr_time now)
{
	bool there = true;

	for (unsigned int port = 0; port < (endpoint->backup ? 2u : 1u); port++) {
		struct port_interface *interface = &endpoint->interfaces[port];
		bool up = port_packet_look(interface);

		if (endpoint->backup)
			ecr_sim_plug(endpoint->sim, now, port, up);
		there = there && (up || interface->fd >= 0);
	}
	endpoint->look_at = there ? ECR_NEVER : now + LOOK_NS;
}

static bool rings(const struct pollfd *fds)
{
	return fds[1].revents || (fds[0].revents & POLLERR);
}

int ecr_endpoint_serve(struct ecr_endpoint *endpoint, ecr_time until)
{
	uint8_t buffer[BUFFER_SIZE];

	for (ecr_time now = port_now(); now < until; now = port_now()) {
		struct pollfd fds[5] = { { endpoint->interfaces[0].fd, POLLIN, 0 },
					 { endpoint->interfaces[0].watch_fd, POLLIN, 0 },
					 { endpoint->interfaces[1].fd, POLLIN, 0 },
					 { endpoint->interfaces[1].watch_fd, POLLIN, 0 },
					 { endpoint->fd, POLLIN, 0 } };
		struct timespec timeout =
			port_timespec(until - now < TICK_NS ? until - now : TICK_NS);

		if (ppoll(fds, 5, &timeout, NULL) < 0 && errno != EINTR)
			return ECR_ERR_SYSTEM;
		if (fds[4].revents)
			serve_udp(endpoint, buffer);
		for (unsigned int port = 0; port < 2; port++)
			if (fds[2 * port].revents)
				serve_packets(endpoint, port, buffer);
		if (rings(&fds[0]) || rings(&fds[2]) || now >= endpoint->look_at)
			look(endpoint, now);
		ecr_sim_tick(endpoint->sim, port_now());
	}
	return 0;
}

int ecr_endpoint_close_ring(struct ecr_endpoint *endpoint, const char *interface, char *text,
			    size_t size)
{
	int error;

	if (endpoint->udp || endpoint->backup) {
		snprintf(text, size,
			 "the other end of a ring needs a network interface beside one");
		return ECR_ERR_REDUNDANT_REQUIRES_RAW;
	}
	if (!ecr_sim_close_ring(endpoint->sim, ecr_sim_count(endpoint->sim) - 1, -1)) {
		snprintf(text, size, "the last slave has no free port");
		return ECR_ERR_INVALID_ARGUMENT;
	}
	error = port_packet_open(interface, 0, &endpoint->interfaces[1], text, size);
	endpoint->backup = !error;
	return error;
}

unsigned int ecr_endpoint_port(const struct ecr_endpoint *endpoint)
{
	return endpoint->port;
}

uint64_t ecr_endpoint_frames(const struct ecr_endpoint *endpoint)
{
	return endpoint->frames;
}

void ecr_endpoint_close(struct ecr_endpoint *endpoint)
{
	if (!endpoint)
		return;
	if (endpoint->fd >= 0)
		close(endpoint->fd);
	for (int i = 0; i < 2; i++)
		port_packet_close(&endpoint->interfaces[i]);
	free(endpoint);
}
