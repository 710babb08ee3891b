/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "port/packet.h"

#include "wire/ethernet.h"

#include <ecring/error.h>

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

static int fail(int fd, int error, const char *what, const char *name, char *text, size_t size)
{
	snprintf(text, size, "%s %s: %s", what, name, strerror(errno));
	if (fd >= 0)
		close(fd);
	return error;
}

/* By ioctl, not sysfs, which shows the host's interfaces even inside a fresh network namespace. */
static int look_up(int fd, const char *name, struct port_interface *interface)
{
	struct ifreq request = { 0 };

	if (strlen(name) >= IFNAMSIZ) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(request.ifr_name, name, strlen(name));
	if (ioctl(fd, SIOCGIFINDEX, &request))
		return -1;
	interface->index = request.ifr_ifindex;
	if (ioctl(fd, SIOCGIFHWADDR, &request))
		return -1;
	memcpy(interface->mac, request.ifr_hwaddr.sa_data, sizeof(interface->mac));
	return 0;
}

int port_packet_open(const char *name, struct port_interface *interface, char *text, size_t size)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
				       .sll_protocol = htons(ECR_ETHERTYPE) };
	int on = 1;
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return fail(fd, errno == EPERM ? ECR_ERR_PERMISSION : ECR_ERR_SYSTEM,
			    "raw socket on", name, text, size);
	if (look_up(fd, name, interface))
		return fail(fd, ECR_ERR_INTERFACE_NOT_FOUND, "interface", name, text, size);
	if (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)))
		return fail(fd, ECR_ERR_SYSTEM, "PACKET_IGNORE_OUTGOING on", name, text, size);
	address.sll_ifindex = interface->index;
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)))
		return fail(fd, ECR_ERR_SYSTEM, "bind to", name, text, size);
	interface->fd = fd;
	return 0;
}
