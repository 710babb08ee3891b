/* SPDX-License-Identifier: Apache-2.0 */
#include "world/vring.h"

#include "wire/frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *allocate(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		abort();
	return memory;
}

void vring_open_devices(struct vring *ring, const struct ecr_sim_device *devices, int count)
{
	size_t size = ecr_sim_size(devices, count);

	memset(ring, 0, sizeof(*ring));
	ring->now = ECR_S(1);
	ring->sim = ecr_sim_init(allocate(size), size, devices, count);
	if (!ring->sim)
		abort();
	ring->port_up[0] = ring->port_up[1] = true;
	sim_line_init(&ring->line, ring->sim);
	ring->core_memory = allocate(ecr_core_size(NULL));
	ring->core = ecr_core_init(ring->core_memory, NULL);
}

void vring_forget_memory(struct vring *ring)
{
	while (ring->block_count)
		free(ring->blocks[--ring->block_count]);
}

void vring_close(struct vring *ring)
{
	if (ecr_core_state(ring->core) != ECR_STATE_IDLE)
		vring_stop(ring);
	vring_discard(ring);
}

void vring_discard(struct vring *ring)
{
	vring_forget_memory(ring);
	free(ring->core_memory);
	free(ring->sim);
}

static void give_memory(struct vring *ring, const struct ecr_event *event)
{
	struct ecr_request *request = allocate(sizeof(*request) + 16 + event->count);

	if (ring->block_count == 64)
		abort();
	ring->blocks[ring->block_count++] = request;
	request->kind = ECR_REQUEST_MEMORY;
	request->memory = request + 1;
	request->size = event->count;
	request->context = NULL;
	ecr_core_submit(ring->core, ring->now, request);
}

static void drain(struct vring *ring)
{
	struct ecr_event event;

	while (ecr_core_event(ring->core, &event)) {
		ring->counts[event.kind]++;
		if (ring->event_count < VRING_EVENTS && event.kind != ECR_EVENT_DOMAIN_CYCLE_DONE)
			ring->events[ring->event_count++] = event;
		if (ring->trace && event.kind != ECR_EVENT_DOMAIN_CYCLE_DONE)
			printf("%10.3f ms %s slave %d domain %d %d -> %d error %d (%u/%u) n %llu "
			       "%s\n",
			       (double)ring->now / 1e6, ecr_event_name(event.kind), event.slave,
			       event.domain, event.from, event.to, event.error, event.expected,
			       event.actual, (unsigned long long)event.count,
			       event.text ? event.text : "");
		if (event.kind == ECR_EVENT_MEMORY_NEEDED)
			give_memory(ring, &event);
		if (event.kind == ECR_EVENT_REQUEST_COMPLETED) {
			struct ecr_request *request = event.request;

			if (request->context)
				*(bool *)request->context = true;
		}
		if (ring->each_event)
			ring->each_event(ring, &event);
	}
}

static enum sim_line_fate draw_fate(struct vring *ring, unsigned int port)
{
	if (ecr_prng_chance(&ring->prng, ring->lost_ppm) ||
	    (ring->lost_at_ppm[port] && ecr_prng_chance(&ring->prng, ring->lost_at_ppm[port])))
		return SIM_LINE_LOST;
	if (ecr_prng_chance(&ring->prng, ring->lost_back_ppm))
		return SIM_LINE_LOST_BACK;
	if (ecr_prng_chance(&ring->prng, ring->duplicated_ppm))
		return SIM_LINE_DUPLICATED;
	return SIM_LINE_NORMAL;
}

static void show_datagrams(struct vring *ring, uint8_t *frame, size_t length)
{
	struct ecr_frame_reader reader;
	struct ecr_datagram datagram;

	ecr_frame_open(&reader, frame, length);
	while (ecr_frame_next(&reader, &datagram))
		ring->each_datagram(ring, &datagram);
}

static void corrupt(struct vring *ring, struct ecr_sim_fault fault)
{
	fault.kind = ECR_SIM_CORRUPT;
	fault.frames = 1;
	if (fault.slave < VRING_NOTED)
		ring->damaged[fault.slave] |= (uint8_t)(1u << fault.value);
	ecr_sim_inject(ring->sim, ring->now, &fault);
}

static void maybe_corrupt(struct vring *ring)
{
	struct ecr_sim_fault fault = { 0 };

	if (ring->bad_cable_ppm && ecr_prng_chance(&ring->prng, ring->bad_cable_ppm)) {
		corrupt(ring, ring->bad_cable);
		return;
	}
	if (!ecr_prng_chance(&ring->prng, ring->corrupt_ppm))
		return;
	fault.slave = (int)ecr_prng_below(&ring->prng, (uint32_t)ecr_sim_count(ring->sim));
	corrupt(ring, fault);
}

static bool transmit_at(struct vring *ring, unsigned int port)
{
	uint8_t frame[ECR_FRAME_MAX];
	size_t length = ecr_core_tx(ring->core, ring->now, port, frame, sizeof(frame));
	enum sim_line_fate fate;
	ecr_time late;

	if (!length)
		return false;
	if (ring->gone[port]) {
		ecr_core_link(ring->core, ring->now, port, ECR_LINK_SEND_FAILED);
		return true;
	}
	fate = draw_fate(ring, port);
	late = ecr_prng_chance(&ring->prng, ring->late_ppm) ? ring->late_ns : 0;
	maybe_corrupt(ring);
	ring->frames++;
	if (ring->each_datagram)
		show_datagrams(ring, frame, length);
	sim_line_send(&ring->line, ring->now, port, frame, length, fate, late);
	if (ring->each_frame)
		ring->each_frame(ring, frame, length);
	return true;
}

static void watch_links(struct vring *ring)
{
	for (unsigned int port = 0; port < 2; port++) {
		bool up = ecr_sim_link(ring->sim, port);

		if (up == ring->port_up[port] || ring->now < ring->blind_until[port] ||
		    (port && !ring->two_ports))
			continue;
		ring->port_up[port] = up;
		ecr_core_link(ring->core, ring->now, port, up ? ECR_LINK_UP : ECR_LINK_DOWN);
	}
}

static void transmit(struct vring *ring)
{
	bool any = true;

	if (ring->two_ports || ring->watches_links)
		watch_links(ring);
	while (any) {
		any = transmit_at(ring, 0);
		any = (ring->two_ports && transmit_at(ring, 1)) || any;
	}
}

static void receive(struct vring *ring)
{
	uint8_t frame[SIM_LINE_FRAME_SIZE];
	struct ecr_rx_meta meta = { 0 };
	size_t length;

	while ((length = sim_line_receive(&ring->line, ring->now, frame, sizeof(frame), &meta.port,
					  &meta.at))) {
		meta.origin = meta.port == ring->line.received_from ? ECR_ORIGIN_OWN
								    : ECR_ORIGIN_OTHER_PORT;
		meta.at += ring->stamp_error;
		ecr_core_rx(ring->core, ring->now, frame, length, &meta);
	}
}

/* Slaves go on where no frame reaches them, too. */
static void turn(struct vring *ring)
{
	ecr_sim_tick(ring->sim, ring->now);
	receive(ring);
	ecr_core_tick(ring->core, ring->now);
	drain(ring);
	if (ring->each_tick)
		ring->each_tick(ring);
	transmit(ring);
	drain(ring);
}

/* The next instant at which anything happens. */
static ecr_time next_instant(struct vring *ring)
{
	ecr_time wake = ecr_core_wake(ring->core);
	ecr_time arrival = sim_line_next(&ring->line);

	return wake < arrival ? wake : arrival;
}

static void advance(struct vring *ring, ecr_time limit)
{
	ecr_time next = next_instant(ring);

	if (next > limit)
		next = limit;
	if (next > ring->now)
		ring->now = next;
}

static void give_up(struct vring *ring, const char *what)
{
	if (!ring->stuck) {
		fprintf(stderr, "%s\n", what);
		abort();
	}
	ring->broken = true;
	ring->stuck(ring, what);
}

void vring_run_until(struct vring *ring, ecr_time until)
{
	int stuck = 0;
	ecr_time before;

	do {
		before = ring->now;
		turn(ring);
		advance(ring, until);
		stuck = ring->now == before ? stuck + 1 : 0;
		if (stuck > 1000)
			give_up(ring, "the core wants to run again and again at one instant");
	} while (ring->now < until && !ring->broken);
	turn(ring);
}

int vring_request(struct vring *ring, struct ecr_request *request)
{
	bool done = false;
	int stuck = 0;
	int refused;

	request->context = &done;
	refused = ecr_core_submit(ring->core, ring->now, request);
	if (refused)
		return refused;
	while (!done && !ring->broken) {
		ecr_time before = ring->now;

		turn(ring);
		if (!done)
			advance(ring, ring->now + ECR_MS(100));
		stuck = ring->now == before ? stuck + 1 : 0;
		if (stuck > 1000)
			give_up(ring, "a request never completes");
	}
	return done ? request->result : ECR_ERR_TIMEOUT;
}

int vring_start(struct vring *ring, const struct ecr_config *config)
{
	struct ecr_request request = { .kind = ECR_REQUEST_START, .config = config };

	return vring_request(ring, &request);
}

int vring_stop(struct vring *ring)
{
	struct ecr_request request = { .kind = ECR_REQUEST_STOP };
	int result = vring_request(ring, &request);

	vring_forget_memory(ring);
	return result;
}

int vring_await_operational(struct vring *ring, ecr_time timeout)
{
	struct ecr_request request = { .kind = ECR_REQUEST_AWAIT_OPERATIONAL,
				       .deadline = ring->now + timeout };

	return vring_request(ring, &request);
}

int vring_await_running(struct vring *ring, ecr_time timeout)
{
	struct ecr_request request = { .kind = ECR_REQUEST_AWAIT_RUNNING,
				       .deadline = ring->now + timeout };

	return vring_request(ring, &request);
}

bool vring_until_state(struct vring *ring, enum ecr_state state, ecr_time within)
{
	ecr_time end = ring->now + within;

	while (ecr_core_state(ring->core) != state && ring->now < end)
		vring_run_until(ring, ring->now + ECR_MS(1) < end ? ring->now + ECR_MS(1) : end);
	return ecr_core_state(ring->core) == state;
}

struct ecr_domain_info vring_domain(struct vring *ring, const char *id)
{
	struct ecr_domain_info info = { 0 };
	struct ecr_request request = { .kind = ECR_REQUEST_DOMAIN_INFO, .name = id, .out = &info };

	vring_request(ring, &request);
	return info;
}

struct ecr_slave_info vring_slave(struct vring *ring, const char *name)
{
	struct ecr_slave_info info = { 0 };
	struct ecr_request request = { .kind = ECR_REQUEST_SLAVE_INFO, .name = name, .out = &info };

	vring_request(ring, &request);
	return info;
}
