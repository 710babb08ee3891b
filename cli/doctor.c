/* SPDX-License-Identifier: Apache-2.0 */
/* Interface advice: what stands between this machine and a quiet cycle, and the command that mends
 * it. Nothing is changed. */
#define _GNU_SOURCE 1
#include "cli/cli.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#define PROTOCOL_ALL 0x0003
#define PROTOCOL_ETHERCAT 0x88A4

struct doctor {
	const char *interface;
	int fd;
	int advised;
	bool unusable;
};

static void good(const char *what, const char *found)
{
	printf("  ok      %-20s %s\n", what, found);
}

static void advise(struct doctor *doctor, const char *what, const char *found, const char *command)
{
	printf("  advice  %-20s %s\n          %-20s   %s\n", what, found, "", command);
	doctor->advised++;
}

static void unknown(const char *what, const char *why)
{
	printf("  unknown %-20s %s\n", what, why);
}

/* The first line of a file without its end; "" when there is none. */
static const char *line_of(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "r");

	line[0] = 0;
	if (file && !fgets(line, (int)size, file))
		line[0] = 0;
	if (file)
		fclose(file);
	line[strcspn(line, "\n")] = 0;
	return line;
}

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
		good("permission", "raw sockets can be opened");
		close(fd);
		return;
	}
	advise(doctor, "permission", "no raw sockets for this user",
	       "sudo setcap cap_net_raw,cap_sys_nice,cap_ipc_lock+ep $(command -v ecring)");
	doctor->unusable = true;
}

static void look_at_link(struct doctor *doctor)
{
	struct ifreq request = { 0 };
	char command[80];

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", doctor->interface);
	if (ioctl(doctor->fd, SIOCGIFFLAGS, &request)) {
		advise(doctor, "interface", "there is none of this name", "ip link");
		doctor->unusable = true;
		return;
	}
	snprintf(command, sizeof(command), "sudo ip link set %s up", doctor->interface);
	if (!(request.ifr_flags & IFF_UP))
		advise(doctor, "link", "the interface is switched off", command);
	else if (!(request.ifr_flags & IFF_RUNNING))
		advise(doctor, "link", "no carrier", "check the cable and the first slave's power");
	else
		good("link", "up");
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
	char command[120];
	bool any = false;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", doctor->interface);
	if (ioctl(doctor->fd, SIOCGIFADDR, &request) == 0) {
		snprintf(command, sizeof(command), "sudo ip -4 addr flush dev %s",
			 doctor->interface);
		advise(doctor, "address", "the interface has an IP address: others may send on it",
		       command);
		any = true;
	}
	if (speaks_ipv6(doctor->interface)) {
		snprintf(command, sizeof(command), "sudo sysctl net.ipv6.conf.%s.disable_ipv6=1",
			 doctor->interface);
		advise(doctor, "address", "the kernel sends IPv6 messages of its own on it",
		       command);
		any = true;
	}
	if (!any)
		good("address", "none");
}

/* Of /proc/net/packet: sk RefCnt Type Proto Iface ... */
static void look_at_users(struct doctor *doctor)
{
	int index = (int)if_nametoindex(doctor->interface);
	FILE *file = fopen("/proc/net/packet", "r");
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
		advise(doctor, "other users", "somebody has an EtherCAT socket on it",
		       "ss --packet -p");
	else if (captures)
		advise(doctor, "other users", "a capture is running: each frame is copied to it",
		       "ss --packet -p");
	else
		good("other users", "none");
}

static void look_at_coalescing(struct doctor *doctor)
{
	struct ethtool_coalesce coalesce = { .cmd = ETHTOOL_GCOALESCE };
	char found[80];
	char command[120];

	if (!ask_driver(doctor, &coalesce)) {
		unknown("coalescing", "the driver does not say");
		return;
	}
	snprintf(found, sizeof(found), "receive %u us, send %u us%s", coalesce.rx_coalesce_usecs,
		 coalesce.tx_coalesce_usecs, coalesce.use_adaptive_rx_coalesce ? ", adaptive" : "");
	snprintf(command, sizeof(command),
		 "sudo ethtool -C %s adaptive-rx off rx-usecs 0 tx-usecs 0", doctor->interface);
	if (coalesce.rx_coalesce_usecs || coalesce.tx_coalesce_usecs ||
	    coalesce.use_adaptive_rx_coalesce)
		advise(doctor, "coalescing", found, command);
	else
		good("coalescing", found);
}

static void look_at_offloads(struct doctor *doctor)
{
	static const struct {
		const char *name;
		uint32_t command;
	} offloads[] = { { "gro", ETHTOOL_GGRO },
			 { "gso", ETHTOOL_GGSO },
			 { "tso", ETHTOOL_GTSO } };
	char found[40] = "";
	char command[120];

	for (size_t i = 0; i < sizeof(offloads) / sizeof(offloads[0]); i++) {
		struct ethtool_value value = { .cmd = offloads[i].command };

		if (ask_driver(doctor, &value) && value.data)
			snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s%s",
				 found[0] ? " " : "", offloads[i].name);
	}
	snprintf(command, sizeof(command), "sudo ethtool -K %s gro off gso off tso off",
		 doctor->interface);
	if (found[0])
		advise(doctor, "offloads on", found, command);
	else
		good("offloads", "off");
}

static void look_at_interrupts(struct doctor *doctor)
{
	FILE *file = fopen("/proc/interrupts", "r");
	char line[1024];
	char path[64];
	char command[200];
	char affinity[80];
	char found[200];
	bool any = false;

	while (file && fgets(line, sizeof(line), file)) {
		int number = atoi(line);

		if (!number || !strstr(line, doctor->interface))
			continue;
		any = true;
		snprintf(path, sizeof(path), "/proc/irq/%d/smp_affinity_list", number);
		snprintf(found, sizeof(found), "%d runs on CPUs %s", number,
			 line_of(path, affinity, sizeof(affinity)));
		snprintf(command, sizeof(command),
			 "echo CPU | sudo tee %s: one next to the cyclic thread's", path);
		if (strpbrk(affinity, "-,"))
			advise(doctor, "interrupt", found, command);
		else
			good("interrupt", found);
	}
	if (file)
		fclose(file);
	if (!any)
		unknown("interrupt", "none bears the interface's name");
}

static void look_at_kernel(struct doctor *doctor)
{
	struct utsname name;
	char line[256];

	if (uname(&name) == 0 && strstr(name.version, "PREEMPT_RT"))
		good("kernel", "fully preemptible");
	else
		advise(doctor, "kernel", name.version,
		       "a PREEMPT_RT kernel (Debian: linux-image-rt-amd64), or preempt=full");
	line_of("/proc/sys/kernel/sched_rt_runtime_us", line, sizeof(line));
	if (strcmp(line, "-1") == 0 || !line[0])
		good("throttling", "real-time threads are not throttled");
	else
		advise(doctor, "throttling",
		       "a real-time thread that runs for 950 ms is stopped "
		       "for 50 ms",
		       "only for programs that spin for good: sudo sysctl "
		       "kernel.sched_rt_runtime_us=-1");
	if (line_of("/sys/devices/system/cpu/isolated", line, sizeof(line))[0])
		good("isolated CPUs", line);
	else
		advise(doctor, "isolated CPUs", "none",
		       "kernel command line: isolcpus=N nohz_full=N rcu_nocbs=N; then --cpu N");
	line_of("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", line, sizeof(line));
	if (!line[0])
		unknown("governor", "this machine's clock is not the kernel's to set");
	else if (strcmp(line, "performance") != 0)
		advise(doctor, "governor", line, "sudo cpupower frequency-set -g performance");
	else
		good("governor", line);
}

static void look_at_limits(struct doctor *doctor)
{
	struct sched_param param = { .sched_priority = 80 };
	struct sched_param before;
	int policy = sched_getscheduler(0);
	struct rlimit limit = { 0 };

	sched_getparam(0, &before);
	if (sched_setscheduler(0, SCHED_FIFO, &param) == 0) {
		sched_setscheduler(0, policy, &before);
		good("scheduling", "SCHED_FIFO 80 is allowed");
	} else {
		advise(doctor, "scheduling", "SCHED_FIFO is not allowed",
		       "/etc/security/limits.d/ecring.conf: USER - rtprio 95");
	}
	getrlimit(RLIMIT_MEMLOCK, &limit);
	if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= (64u << 20) || geteuid() == 0)
		good("memory", "can be locked");
	else
		advise(doctor, "memory", "little may be locked",
		       "/etc/security/limits.d/ecring.conf: USER - memlock unlimited");
}

int cli_doctor(const struct cli_options *options)
{
	struct doctor doctor = { .interface = options->interface };

	if (!options->interface) {
		fprintf(stderr, "ecring doctor: -i IF is missing\n");
		return CLI_USAGE;
	}
	doctor.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	printf("%s\n", options->interface);
	look_at_link(&doctor);
	look_at_permission(&doctor);
	if (!doctor.unusable) {
		look_at_addresses(&doctor);
		look_at_users(&doctor);
		look_at_coalescing(&doctor);
		look_at_offloads(&doctor);
		look_at_interrupts(&doctor);
	}
	printf("this machine\n");
	look_at_limits(&doctor);
	look_at_kernel(&doctor);
	printf("%d pieces of advice; nothing was changed\n", doctor.advised);
	if (doctor.fd >= 0)
		close(doctor.fd);
	return doctor.unusable ? CLI_SYSTEM : CLI_OK;
}
