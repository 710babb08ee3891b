/* SPDX-License-Identifier: Apache-2.0 */
/* Documentation/networking/timestamping.rst, and clock_getres(2) for dynamic clocks. */
#define _GNU_SOURCE 1
#include "port/hardware_stamp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define WANTED (SOF_TIMESTAMPING_RX_HARDWARE | SOF_TIMESTAMPING_RAW_HARDWARE)

/* The card's clock by number; -1 none. */
static int clock_number(struct ifreq *request, int fd)
{
	struct ethtool_ts_info info = { .cmd = ETHTOOL_GET_TS_INFO };

	request->ifr_data = (void *)&info;
	if (ioctl(fd, SIOCETHTOOL, request) || (info.so_timestamping & WANTED) != WANTED)
		return -1;
	return info.phc_index;
}

static bool switch_on(struct ifreq *request, int fd, bool ring)
{
	struct hwtstamp_config config = { .tx_type = HWTSTAMP_TX_OFF,
					  .rx_filter = HWTSTAMP_FILTER_ALL };
	int source = SOF_TIMESTAMPING_RAW_HARDWARE;
	int wanted = WANTED;

	request->ifr_data = (void *)&config;
	if (ioctl(fd, SIOCSHWTSTAMP, request))
		return false;
	return ring ? setsockopt(fd, SOL_PACKET, PACKET_TIMESTAMP, &source, sizeof(source)) == 0
		    : setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &wanted, sizeof(wanted)) == 0;
}

/* The kernel's encoding of a descriptor as a clock. */
static clockid_t clock_of(int fd)
{
	return (clockid_t)(~(unsigned int)fd << 3 | 3u);
}

int port_hardware_stamp_open(const char *interface, int fd, bool ring, clockid_t *clock, char *why,
			     size_t size)
{
	struct ifreq request = { 0 };
	struct timespec now;
	char path[32];
	int number;
	int opened;

	memcpy(request.ifr_name, interface, strnlen(interface, IFNAMSIZ - 1));
	number = clock_number(&request, fd);
	if (number < 0) {
		snprintf(why, size, "%s has no clock of its own", interface);
		return -1;
	}
	snprintf(path, sizeof(path), "/dev/ptp%d", number);
	opened = open(path, O_RDONLY | O_CLOEXEC);
	if (opened >= 0 && clock_gettime(clock_of(opened), &now) == 0 &&
	    switch_on(&request, fd, ring)) {
		*clock = clock_of(opened);
		return opened;
	}
	snprintf(why, size, "%s, the clock of %s: %s", path, interface, strerror(errno));
	if (opened >= 0)
		close(opened);
	return -1;
}
