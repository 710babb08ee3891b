/* SPDX-License-Identifier: Apache-2.0 */
/* A session whose frames carry an 802.1Q tag, over a pair of interfaces of its own: the tag is on every frame, and the ring
 * comes up all the same. */
#define _GNU_SOURCE 1
#include "support/check.h"

#include <ecring/ecring.h>
#include <ecring/endpoint.h>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SKIPPED 77
#define TAG 0xE005 /* priority 7, VLAN 5 */
#define ETHERCAT 0x88A4

static const struct ecr_domain_config domains[] = { { .id = "io", .cycle_ns = ECR_MS(2) }, { 0 } };
static const struct ecr_slave_config slaves[] = {
	{ .name = "coupler" },
	{ .name = "inputs", .process_data = ECR_ALL_TO("io") },
	{ .name = "outputs", .process_data = ECR_ALL_TO("io") },
	{ 0 },
};

static struct ecr_endpoint *endpoint;
static atomic_bool over;

static struct ecr_sim *make_sim(void)
{
	static const char *const names[] = { "EK1100", "EL1809", "EL2809" };
	static uint8_t images[3][1024];
	struct ecr_sim_device devices[3] = { 0 };
	size_t size;

	for (int i = 0; i < 3; i++) {
		devices[i].sii = images[i];
		devices[i].sii_size = ecr_sim_shipped_sii(names[i], images[i], sizeof(images[i]));
		devices[i].emulation = true;
	}
	size = ecr_sim_size(devices, 3);
	return ecr_sim_init(malloc(size), size, devices, 3);
}

static void *serve(void *unused)
{
	while (!atomic_load(&over))
		ecr_endpoint_serve(endpoint, ecr_now() + ECR_MS(50));
	return unused;
}

static int listen_on(const char *interface)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
				       .sll_protocol = htons(ETH_P_ALL),
				       .sll_ifindex = (int)if_nametoindex(interface) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_ALL));
	int on = 1;

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* The kernel takes a tag out of the frame and says it beside, before the tag is forgotten for those who listen to one type
 * only. */
static void count_tags(int fd, unsigned int *tagged, unsigned int *others)
{
	struct sockaddr_ll from;
	uint8_t frame[2048];
	_Alignas(struct cmsghdr) uint8_t control[256];
	struct iovec part = { frame, sizeof(frame) };
	struct msghdr message = { .msg_name = &from,
				  .msg_namelen = sizeof(from),
				  .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = control,
				  .msg_controllen = sizeof(control) };

	while (recvmsg(fd, &message, 0) > 0) {
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		struct tpacket_auxdata aux;
		bool ours = from.sll_pkttype != PACKET_OUTGOING && frame[12] == ETHERCAT >> 8 &&
			    frame[13] == (ETHERCAT & 0xFF);

		assert_non_null(header);
		memcpy(&aux, CMSG_DATA(header), sizeof(aux));
		if ((aux.tp_status & TP_STATUS_VLAN_VALID) && aux.tp_vlan_tci == TAG)
			*tagged += ours;
		else
			*others += ours;
		message.msg_namelen = sizeof(from);
		message.msg_controllen = sizeof(control);
	}
}

/* The first slave sets the bit of a locally administered address in the source of what it sends on (ETG.1000.4, 5.2):
 * so the master tells its own frames from those that have passed the ring. */
static void count_passed(int fd, unsigned int *passed, unsigned int *others)
{
	struct sockaddr_ll from;
	socklen_t size = sizeof(from);
	uint8_t frame[2048];

	while (recvfrom(fd, frame, sizeof(frame), 0, (struct sockaddr *)&from, &size) > 0) {
		if (from.sll_pkttype != PACKET_OUTGOING && frame[12] == ETHERCAT >> 8 &&
		    frame[13] == (ETHERCAT & 0xFF)) {
			*passed += (frame[6] & 2) != 0;
			*others += (frame[6] & 2) == 0;
		}
		size = sizeof(from);
	}
}

static void every_frame_carries_the_tag(void **state)
{
	struct ecr_config config = { .interface = "m0",
				     .domains = domains,
				     .slaves = slaves,
				     .vlan = true,
				     .vlan_tag = TAG,
				     .scan_poll_ms = 10,
				     .scan_stable_ms = 20 };
	struct ecr_sim *sim = make_sim();
	struct ecr_master *master = ecr_open();
	unsigned int tagged = 0;
	unsigned int others = 0;
	char text[200] = "";
	pthread_t thread;
	int error = 0;
	unsigned int passed = 0;
	unsigned int unpassed = 0;
	int fd = listen_on("s0");
	int back = listen_on("m0");

	(void)state;
	endpoint = ecr_endpoint_open(sim, "s0", &error, text, sizeof(text));
	if (!endpoint)
		fail_msg("%s", text);
	assert_int_equal(pthread_create(&thread, NULL, serve, NULL), 0);
	assert_int_equal(ecr_start(master, &config), 0);
	assert_int_equal(ecr_await_operational(master, ECR_S(20)), 0);
	count_tags(fd, &tagged, &others);
	assert_true(tagged > 50);
	assert_int_equal(others, 0);
	count_passed(back, &passed, &unpassed);
	assert_true(passed > 50);
	assert_int_equal(unpassed, 0);
	assert_int_equal(ecr_close(master), 0);
	atomic_store(&over, true);
	pthread_join(thread, NULL);
	ecr_endpoint_close(endpoint);
	close(fd);
	close(back);
	free(sim);
}

static bool own_network(void)
{
	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return false;
	return system("ip link add m0 address 00:11:22:33:44:55 type veth peer name s0 &&"
		      " ip link set m0 up &&"
		      " ip link set s0 up && ip link set lo up") == 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_frame_carries_the_tag),
	};

	if (!own_network()) {
		printf("skipped: this system allows no network namespace\n");
		return SKIPPED;
	}
	return RUN(tests);
}
