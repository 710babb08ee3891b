/* SPDX-License-Identifier: Apache-2.0 */
/* Of the interface: who else uses it, and what its driver does for throughput at the cost of time. */
#define _GNU_SOURCE 1
#include "cli/doctor.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define PROTOCOL_ALL 0x0003
#define PROTOCOL_ETHERCAT 0x88A4

static bool ask_driver(struct doctor *doctor, void *data)
{
	struct ifreq request = { .ifr_data = data };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", doctor->interface);
	return ioctl(doctor->fd, SIOCETHTOOL, &request) == 0;
}

static void look_at_permission(struct doctor *doctor)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd >= 0) {
		doctor_good("permission", "raw sockets can be opened");
		close(fd);
		return;
	}
	doctor_advise(doctor, "permission", "no raw sockets for this user",
		      "sudo setcap cap_net_raw,cap_sys_nice,cap_ipc_lock+ep $(command -v ecring)");
	doctor->unusable = true;
}

static void look_at_link(struct doctor *doctor)
{
	struct ifreq request = { 0 };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", doctor->interface);
	if (ioctl(doctor->fd, SIOCGIFFLAGS, &request)) {
		doctor_advise(doctor, "interface", "there is none of this name", "ip link");
		doctor->absent = doctor->unusable = true;
	} else if (!(request.ifr_flags & IFF_UP)) {
		doctor_advise(doctor, "link", "the interface is switched off",
			      "sudo ip link set %s up", doctor->interface);
	} else if (!(request.ifr_flags & IFF_RUNNING)) {
		doctor_advise(doctor, "link", "no carrier",
			      "ip link show %s   # the cable, and the first slave's power",
			      doctor->interface);
	} else {
		doctor_good("link", "up");
	}
}

/* Of /proc/net/if_inet6: address, index, length of the prefix, scope, flags, interface. */
static bool speaks_ipv6(const char *interface)
{
	FILE *file = fopen("/proc/net/if_inet6", "r");
	char line[200];
	char name[64];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = sscanf(line, "%*s %*s %*s %*s %*s %63s", name) == 1 &&
			strcmp(name, interface) == 0;
	if (file)
		fclose(file);
	return found;
}

static void look_at_addresses(struct doctor *doctor)
{
	struct ifreq request = { 0 };
	bool any = false;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", doctor->interface);
	if (ioctl(doctor->fd, SIOCGIFADDR, &request) == 0) {
		doctor_advise(doctor, "address",
			      "the interface has an IP address: others may send on it",
			      "sudo ip -4 addr flush dev %s", doctor->interface);
		any = true;
	}
	if (speaks_ipv6(doctor->interface)) {
		doctor_advise(doctor, "address", "the kernel sends IPv6 messages of its own on it",
			      "sudo sysctl net.ipv6.conf.%s.disable_ipv6=1", doctor->interface);
		any = true;
	}
	if (!any)
		doctor_good("address", "none");
}

/* A bridge or a bond, which takes the frames that arrive. */
static bool has_owner(struct doctor *doctor)
{
	char path[128];
	char target[256];
	char found[320];
	const char *name;
	long length;

	snprintf(path, sizeof(path), "/sys/class/net/%s/master", doctor->interface);
	length = readlink(path, target, sizeof(target) - 1);
	if (length <= 0)
		return false;
	target[length] = 0;
	name = strrchr(target, '/') ? strrchr(target, '/') + 1 : target;
	snprintf(found, sizeof(found), "it belongs to %s, which sends and takes frames", name);
	doctor_advise(doctor, "other users", found, "sudo ip link set %s nomaster",
		      doctor->interface);
	return true;
}

/* Of /proc/net/packet: sk RefCnt Type Proto Iface ... */
static void look_at_users(struct doctor *doctor)
{
	int index = (int)if_nametoindex(doctor->interface);
	FILE *file = fopen("/proc/net/packet", "r");
	bool owned = has_owner(doctor);
	char line[200];
	int users = 0;
	int captures = 0;

	while (file && fgets(line, sizeof(line), file)) {
		unsigned int protocol;
		int on;

		if (sscanf(line, "%*s %*s %*s %x %d", &protocol, &on) != 2 || (on && on != index))
			continue;
		users += protocol == PROTOCOL_ETHERCAT;
		captures += protocol == PROTOCOL_ALL;
	}
	if (file)
		fclose(file);
	if (users)
		doctor_advise(doctor, "other users", "somebody has an EtherCAT socket on it",
			      "sudo ss --packet -p");
	else if (captures)
		doctor_advise(doctor, "other users",
			      "a capture is running: each frame is copied to it",
			      "sudo ss --packet -p");
	else if (!owned)
		doctor_good("other users", "none");
}

static void look_at_coalescing(struct doctor *doctor)
{
	struct ethtool_coalesce coalesce = { .cmd = ETHTOOL_GCOALESCE };
	char found[80];

	if (!ask_driver(doctor, &coalesce)) {
		doctor_unknown("coalescing", errno == EOPNOTSUPP
						     ? "the driver has none that could be set"
						     : "the driver does not say");
		return;
	}
	snprintf(found, sizeof(found), "receive %u us, send %u us%s", coalesce.rx_coalesce_usecs,
		 coalesce.tx_coalesce_usecs, coalesce.use_adaptive_rx_coalesce ? ", adaptive" : "");
	if (coalesce.rx_coalesce_usecs || coalesce.tx_coalesce_usecs ||
	    coalesce.use_adaptive_rx_coalesce)
		doctor_advise(doctor, "coalescing", found, "sudo ethtool -C %s%s%s%s",
			      doctor->interface,
			      coalesce.use_adaptive_rx_coalesce ? " adaptive-rx off" : "",
			      coalesce.rx_coalesce_usecs ? " rx-usecs 0" : "",
			      coalesce.tx_coalesce_usecs ? " tx-usecs 0" : "");
	else
		doctor_good("coalescing", found);
}

static void look_at_offloads(struct doctor *doctor)
{
	static const struct {
		const char *name;
		uint32_t command;
		uint32_t flag;
	} offloads[] = { { "gro", ETHTOOL_GGRO, 1 },
			 { "gso", ETHTOOL_GGSO, 1 },
			 { "tso", ETHTOOL_GTSO, 1 },
			 { "lro", ETHTOOL_GFLAGS, ETH_FLAG_LRO } };
	char on[40] = "";
	char off[60] = "";
	int known = 0;

	for (size_t i = 0; i < sizeof(offloads) / sizeof(offloads[0]); i++) {
		struct ethtool_value value = { .cmd = offloads[i].command };
		bool said = ask_driver(doctor, &value);

		known += said;
		if (!said || !(value.data & offloads[i].flag))
			continue;
		snprintf(on + strlen(on), sizeof(on) - strlen(on), "%s%s", on[0] ? " " : "",
			 offloads[i].name);
		snprintf(off + strlen(off), sizeof(off) - strlen(off), " %s off", offloads[i].name);
	}
	if (on[0])
		doctor_advise(doctor, "offloads on", on, "sudo ethtool -K %s%s", doctor->interface,
			      off);
	else if (known)
		doctor_good("offloads", "off");
	else
		doctor_unknown("offloads", "the driver does not say");
}

void doctor_look_at_interface(struct doctor *doctor)
{
	look_at_link(doctor);
	look_at_permission(doctor);
	if (doctor->absent)
		return;
	look_at_addresses(doctor);
	look_at_users(doctor);
	look_at_coalescing(doctor);
	look_at_offloads(doctor);
}
