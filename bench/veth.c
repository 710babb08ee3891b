/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cycle over a veth pair against a bare AF_PACKET echo of the same frames on the same pair, paced the same. Both are
 * measured from just before the first call that sends to their data: inputs published, frames in a buffer. What our cycle
 * does from its deadline to that call is told beside it. Until the next cycle both only look at the clock; a session would
 * sleep. The far side is the same reflector in both. Blocks alternate; each pair of blocks gives one ratio of medians. Frames
 * are received from the ring shared with the kernel; last, with a call per frame, and sent past the queueing discipline, for
 * comparison.
 */
#define _GNU_SOURCE 1
#include "bench/common/bench.h"
#include "bench/common/far.h"
#include "bench/common/ring.h"
#include "port/clock.h"
#include "port/session.h"
#include "wire/ethernet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define PAIRS 30
#define CYCLES 300
#define PERIOD ECR_US(250)
#define LARGE_PERIOD ECR_US(500) /* of what takes longer than that on a wire, and so is refused */
#define LARGE 2500u		 /* bytes */
#define FIRST_PERIOD ECR_MS(2)	 /* while the far side is a whole ring */
#define INDEX_AT (ECR_ETHERNET_HEADER_SIZE + 3) /* of the first datagram */
#define LOST ECR_MS(20)
#define OTHERS_BYTES 64

struct bench {
	struct bench_ring ring;
	struct bench_far far;
	struct ecr_master *master;
	struct port_interface bare;
	ecr_time period;
	bool spin;
	int frames;
	uint8_t index;
};

struct samples {
	double values[PAIRS * CYCLES];
	size_t count;
};

/* Only one of the two sockets listens to the ring; what the other hears never comes. */
static void listen_to(int fd, int index, bool on)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
				       .sll_protocol = htons(on ? ECR_ETHERTYPE : 0x88B5),
				       .sll_ifindex = index };

	if (bind(fd, (struct sockaddr *)&address, sizeof(address)))
		abort();
}

static uint64_t published(const struct bench *bench)
{
	struct ecr_image image;

	ecr_core_image(bench->master->core, 0, &image);
	return image.valid_cycles;
}

/* Notes when the first frame since `at` was cleared is handed to the transport. */
static struct {
	int (*send)(struct port_transport *transport, ecr_time now, size_t length);
	ecr_time at;
	double late[PAIRS * CYCLES]; /* behind the deadline, ns */
	size_t count;
} departure;

static int noted_send(struct port_transport *transport, ecr_time now, size_t length)
{
	if (!departure.at)
		departure.at = port_now();
	return departure.send(transport, now, length);
}

/* Waits for the deadline; what is due before it is done in the meantime. */
static ecr_time to_deadline(struct bench *bench)
{
	struct ecr_master *master = bench->master;
	ecr_time now;

	if (ecr_core_next_cycle(master->core) == ECR_NEVER)
		abort(); /* the domain has stopped: the machine is too busy for any of this */
	while ((now = port_now()) < ecr_core_next_cycle(master->core) - ECR_US(30))
		if (ecr_core_wake(master->core) <= now)
			port_session_turn(master, now);
	while ((now = port_now()) < ecr_core_next_cycle(master->core))
		;
	return now;
}

/* False when it does not come back. */
static bool cycle(struct bench *bench, double *took)
{
	uint64_t before = published(bench);
	ecr_time start = to_deadline(bench);

	departure.at = 0;
	port_session_work(bench->master, start);
	if (!departure.at)
		return false;
	do {
		port_session_receive(bench->master, port_session_wait(bench->master, start + LOST));
		*took = (double)(port_now() - departure.at);
	} while (published(bench) == before && *took < LOST);
	if (departure.count < sizeof(departure.late) / sizeof(departure.late[0]))
		departure.late[departure.count++] = (double)(departure.at - start);
	return published(bench) > before;
}

static bool echo(struct bench *bench, double *took)
{
	uint8_t buffer[BENCH_FAR_BYTES];
	ecr_time start;
	int left = bench->frames;

	bench->index++;
	for (int i = 0; i < bench->frames; i++)
		bench->far.frames[i][INDEX_AT] = bench->index;
	start = port_now();
	for (int i = 0; i < bench->frames; i++)
		if (send(bench->bare.fd, bench->far.frames[i], bench->far.lengths[i], 0) < 0)
			return false;
	while (left && port_now() - start < LOST) {
		struct timespec timeout = port_timespec(bench->period / 2);
		struct pollfd fd = { bench->bare.fd, POLLIN, 0 };

		if (!bench->spin)
			ppoll(&fd, 1, &timeout, NULL);
		while (left && recv(bench->bare.fd, buffer, sizeof(buffer), MSG_DONTWAIT) > 0)
			left -= buffer[INDEX_AT] == bench->index; /* not one of an echo before */
	}
	*took = (double)(port_now() - start);
	return !left;
}

static double block(struct bench *bench, bool ours, int cycles, struct samples *all)
{
	static double values[CYCLES];
	ecr_time next = port_now() + bench->period;
	size_t count = 0;

	listen_to(bench->master->transport->fd, bench->bare.index, ours);
	listen_to(bench->bare.fd, bench->bare.index, !ours);
	for (int i = 0; i < cycles; i++, next += bench->period) {
		while (!ours && port_now() < next)
			;
		count += ours ? cycle(bench, &values[count]) : echo(bench, &values[count]);
	}
	if (!count)
		return 0;
	memcpy(all->values + all->count, values, count * sizeof(values[0]));
	all->count += count;
	return bench_middle(values, count).median;
}

struct way {
	const char *name;
	struct ecr_raw_options raw;
	double goal;
};

static bool open_bench(struct bench *bench, uint32_t bytes, bool spin, const struct way *way)
{
	struct ecr_config *config = &bench->ring.config;
	char text[160];

	bench_ring_open(&bench->ring, 1 + (int)bytes / 200, bytes, FIRST_PERIOD);
	bench->period = bytes < LARGE ? PERIOD : LARGE_PERIOD;
	config->interface = "m0";
	config->realtime.spin_replies = bench->spin = spin;
	config->raw = way->raw;
	bench->master = ecr_open();
	return bench->master && bench_far_open(&bench->far, bench->ring.sim, "s0") &&
	       ecr_start_manual(bench->master, config) == 0 &&
	       ecr_await_operational(bench->master, ECR_S(20)) == 0 &&
	       port_packet_open("m0", 0, &bench->bare, text, sizeof(text)) == 0;
}

static void close_bench(struct bench *bench)
{
	listen_to(bench->master->transport->fd, bench->bare.index, true);
	port_packet_close(&bench->bare);
	atomic_store(&bench->far.mode, BENCH_SERVE);
	ecr_close(bench->master);
	bench_far_close(&bench->far);
	bench_ring_close(&bench->ring);
}

/* Some cycles with the whole ring, for the counters, then the reflector alone. */
static void learn(struct bench *bench)
{
	static struct samples none;

	none.count = 0;
	block(bench, true, 20, &none);
	bench->frames = bench->far.counters.count;
	departure.send = bench->master->transport->send;
	bench->master->transport->send = noted_send;
	atomic_store(&bench->far.mode, BENCH_REFLECT);
	if (ecr_update_domain_cycle_time(bench->master, "io", bench->period))
		abort(); /* both sides must keep the same pace: a slower one has colder caches */
	block(bench, true, 100, &none);
	block(bench, false, 100, &none);
	departure.count = 0;
}

static void print(struct samples *ours, struct samples *floor, struct bench_line *line)
{
	static char note[80];

	bench_sort(ours->values, ours->count);
	bench_sort(floor->values, floor->count);
	line->p99 = bench_quantile(ours->values, ours->count, 0.99) / 1000;
	line->p999 = bench_quantile(ours->values, ours->count, 0.999) / 1000;
	line->max = ours->values[ours->count - 1] / 1000;
	snprintf(note, sizeof(note), "(echo's p99 %.3g; sent %.2f us behind the deadline)",
		 bench_quantile(floor->values, floor->count, 0.99) / 1000,
		 bench_middle(departure.late, departure.count).median / 1000);
	line->note = note;
	bench_print(line);
}

static void measure(uint32_t bytes, bool spin, const struct way *way)
{
	static struct bench bench;
	static struct samples ours;
	static struct samples floor;
	int pairs = bench_quick() ? 6 : PAIRS;
	double values[PAIRS];
	double floors[PAIRS];
	double ratios[PAIRS];
	char name[64];
	struct bench_line line = {
		.bench = "veth", .name = name, .unit = "us", .floor_name = "echo", .goal = way->goal
	};

	memset(&bench, 0, sizeof(bench));
	ours.count = floor.count = 0;
	snprintf(name, sizeof(name), "cycle, %u bytes, %s%s", bytes, spin ? "spinning" : "blocking",
		 way->name);
	if (!open_bench(&bench, bytes, spin, way)) {
		bench_skip("veth", "the ring does not come to OP");
		return;
	}
	learn(&bench);
	for (int i = 0; i < pairs; i++) {
		floors[i] = block(&bench, false, CYCLES, &floor) / 1000;
		values[i] = block(&bench, true, CYCLES, &ours) / 1000;
		ratios[i] = floors[i] > 0 ? values[i] / floors[i] : 0;
	}
	line.value = bench_middle(values, (size_t)pairs);
	line.floor = bench_middle(floors, (size_t)pairs).median;
	line.ratio = bench_middle(ratios, (size_t)pairs);
	if (ours.count && floor.count)
		print(&ours, &floor, &line);
	close_bench(&bench);
}

int main(int argc, char **argv)
{
	static const uint32_t sizes[] = { 8, 64, 486, 1486, 4000 };
	static const struct way usual = { "", { 0 }, 1.05 };
	static const struct way others[] = {
		{ ", a call per frame", { .no_ring = true }, 0 },
		{ ", past the qdisc", { .bypass_qdisc = true }, 0 },
	};
	uint32_t only = argc > 1 ? (uint32_t)atoi(argv[1]) : 0;

	if (!bench_veth()) {
		bench_skip("veth", "this system allows no network namespace, or no veth pair");
		return 0;
	}
	bench_pin(0);
	for (int spin = 0; spin < 2; spin++)
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
			if (!only || only == sizes[i])
				measure(sizes[i], spin, &usual);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		for (int spin = 0; spin < 2; spin++)
			if (!only || only == OTHERS_BYTES)
				measure(OTHERS_BYTES, spin, &others[i]);
	return 0;
}
