/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE 1
#include "bench/common/far.h"

#include "port/clock.h"
#include "wire/ethernet.h"

#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void bench_pin(int cpu)
{
	struct sched_param param = { .sched_priority = 50 };
	cpu_set_t set;

	(void)pthread_setschedparam(pthread_self(), SCHED_FIFO, &param);
	CPU_ZERO(&set);
	CPU_SET((size_t)(cpu % (int)sysconf(_SC_NPROCESSORS_ONLN)), &set);
	(void)pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
}

bool bench_veth(void)
{
	return (unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0) &&
	       system("ip link add m0 type veth peer name s0 && ip link set m0 up && "
		      "ip link set s0 up") == 0;
}

static void keep(struct bench_far *far, const uint8_t *frame, size_t length, size_t header)
{
	int place = bench_place(&far->counters, frame + header, length - header);

	if (place < 0 || place >= BENCH_FAR_FRAMES)
		return;
	far->lengths[place] = length;
	memcpy(far->frames[place], frame, length);
}

static void answer(struct bench_far *far, uint8_t *buffer, size_t length)
{
	size_t payload = ECR_ETHERNET_HEADER_SIZE;
	bool reflect = atomic_load_explicit(&far->mode, memory_order_relaxed) == BENCH_REFLECT;

	if (!reflect || !bench_patch(&far->counters, buffer + payload, length - payload)) {
		if (!ecr_sim_process(far->sim, port_now(), buffer + payload, length - payload))
			return;
		bench_learn(&far->counters, buffer + payload, length - payload);
		keep(far, buffer, length, payload);
		atomic_fetch_add_explicit(&far->unknown, reflect, memory_order_relaxed);
	}
	buffer[ECR_MAC_SIZE] |= ECR_SOURCE_PASSED;
	(void)!send(far->interface.fd, buffer, length, 0);
}

static void *run(void *argument)
{
	struct bench_far *far = argument;
	uint8_t buffer[BENCH_FAR_BYTES];
	int mode;

	bench_pin(1);
	while ((mode = atomic_load_explicit(&far->mode, memory_order_relaxed)) != BENCH_END) {
		struct pollfd fd = { far->interface.fd, POLLIN, 0 };
		ssize_t got = recv(far->interface.fd, buffer, sizeof(buffer), MSG_DONTWAIT);

		if (got > (ssize_t)ECR_ETHERNET_HEADER_SIZE)
			answer(far, buffer, (size_t)got);
		else if (mode == BENCH_SERVE)
			poll(&fd, 1, 10);
	}
	return NULL;
}

bool bench_far_open(struct bench_far *far, struct ecr_sim *sim, const char *interface)
{
	char text[160];

	memset(far, 0, sizeof(*far));
	far->sim = sim;
	return port_packet_open(interface, 0, &far->interface, text, sizeof(text)) == 0 &&
	       pthread_create(&far->thread, NULL, run, far) == 0;
}

void bench_far_close(struct bench_far *far)
{
	atomic_store(&far->mode, BENCH_END);
	pthread_join(far->thread, NULL);
	port_packet_close(&far->interface);
}
