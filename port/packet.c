/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE 1
#include "port/packet.h"

#include "wire/ethernet.h"

#include <ecring/error.h>

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

static int fail(struct port_interface *interface, int error, const char *what, char *text,
		size_t size)
{
	snprintf(text, size, "%s %s: %s", what, interface->name, strerror(errno));
	return error;
}

struct found {
	int index;
	bool up;
	bool ethernet;
	uint8_t mac[6];
};

/* By ioctl, not sysfs, which shows the host's interfaces even inside a fresh network namespace. */
static bool look_up(const char *name, struct found *found)
{
	struct ifreq request = { 0 };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool there = false;

	memcpy(request.ifr_name, name, strlen(name));
	*found = (struct found){ 0 };
	if (fd >= 0 && ioctl(fd, SIOCGIFINDEX, &request) == 0) {
		found->index = request.ifr_ifindex;
		there = ioctl(fd, SIOCGIFHWADDR, &request) == 0;
		found->ethernet = request.ifr_hwaddr.sa_family == ARPHRD_ETHER;
		memcpy(found->mac, request.ifr_hwaddr.sa_data, sizeof(found->mac));
		there = there && ioctl(fd, SIOCGIFFLAGS, &request) == 0;
		found->up = (request.ifr_flags & IFF_UP) && (request.ifr_flags & IFF_RUNNING);
	}
	if (fd >= 0)
		close(fd);
	return there;
}

/* Only rings when a link changes; what has changed is looked up. */
static int open_watch(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static int bind_socket(struct port_interface *interface, const struct found *found)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
				       .sll_protocol = htons(ECR_ETHERTYPE),
				       .sll_ifindex = found->index };
	int on = 1;
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	/* Before it is bound: a bound socket that gets a ring while its interface is being switched
	 * on can miss that, and then never hears a frame. */
	if (interface->ring_frames)
		port_ring_open(&interface->ring, fd, interface->ring_frames);
	if (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address))) {
		port_ring_close(&interface->ring);
		close(fd);
		return -1;
	}
	interface->fd = fd;
	interface->index = found->index;
	interface->up = found->up;
	memcpy(interface->mac, found->mac, sizeof(interface->mac));
	return 0;
}

int port_packet_open(const char *name, unsigned int ring_frames, struct port_interface *interface,
		     char *text, size_t size)
{
	struct found found;

	*interface =
		(struct port_interface){ .fd = -1, .watch_fd = -1, .ring_frames = ring_frames };
	snprintf(interface->name, sizeof(interface->name), "%s", name);
	if (strcmp(interface->name, name) != 0) {
		errno = ENAMETOOLONG;
		return fail(interface, ECR_ERR_INTERFACE_NOT_FOUND, "interface", text, size);
	}
	if (!look_up(name, &found))
		return fail(interface, ECR_ERR_INTERFACE_NOT_FOUND, "interface", text, size);
	if (!found.ethernet) {
		snprintf(text, size, "interface %s is not an Ethernet interface", name);
		return ECR_ERR_INTERFACE_NOT_FOUND;
	}
	if (bind_socket(interface, &found))
		return fail(interface, errno == EPERM ? ECR_ERR_PERMISSION : ECR_ERR_SYSTEM,
			    "raw socket on interface", text, size);
	interface->watch_fd = open_watch();
	return 0;
}

static void forget(struct port_interface *interface)
{
	port_ring_close(&interface->ring);
	if (interface->fd >= 0)
		close(interface->fd);
	interface->fd = -1;
	interface->index = 0;
	interface->up = false;
}

/* A socket whose interface is switched off rings until its error is taken. */
static void take_error(int fd)
{
	int error;
	socklen_t size = sizeof(error);

	if (fd >= 0)
		(void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
}

static void drain(int fd)
{
	uint8_t messages[4096];

	/* ENOBUFS says that some were lost: they would have said "look", too. */
	while (fd >= 0 && (recv(fd, messages, sizeof(messages), MSG_DONTWAIT) > 0 ||
			   errno == ENOBUFS || errno == EINTR))
		;
}

bool port_packet_look(struct port_interface *interface)
{
	struct found found;

	drain(interface->watch_fd);
	take_error(interface->fd);
	if (!look_up(interface->name, &found)) {
		forget(interface);
		return false;
	}
	if (found.index != interface->index) {
		forget(interface);
		if (!found.ethernet || bind_socket(interface, &found))
			return false;
		interface->reopened++;
	}
	interface->up = found.up;
	return found.up;
}

void port_packet_close(struct port_interface *interface)
{
	forget(interface);
	if (interface->watch_fd >= 0)
		close(interface->watch_fd);
	interface->watch_fd = -1;
}
