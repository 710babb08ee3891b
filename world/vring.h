/* SPDX-License-Identifier: Apache-2.0 */
/* The whole master against a simulated ring on a virtual clock, in one thread. */
#ifndef WORLD_VRING_H
#define WORLD_VRING_H

#include "base/prng.h"
#include "core.h"
#include "sim/line.h"
#include "wire/frame.h"

#define VRING_EVENTS 4096
#define VRING_NOTED 64 /* slaves */

struct vring {
	struct ecr_sim *sim;
	struct sim_line line;
	struct ecr_core *core;
	void *core_memory;
	void *blocks[64];
	int block_count;
	ecr_time now;
	uint64_t frames;
	uint64_t counts[ECR_EVENT_KINDS];
	struct ecr_event events[VRING_EVENTS]; /* the first ones */
	int event_count;
	struct ecr_prng prng;
	uint32_t lost_ppm; /* chances per frame */
	uint32_t lost_back_ppm;
	uint32_t lost_at_ppm[2]; /* of those that leave by one port */
	uint32_t duplicated_ppm;
	uint32_t late_ppm;
	uint32_t corrupt_ppm;
	ecr_time late_ns;
	ecr_time
		stamp_error; /* of the port's notes of arrivals: the clock they are made by was set */
	bool gone[2];	     /* the interface was removed: nothing can be sent there */
	ecr_time blind_until[2]; /* before that nobody says what the link is */
	/* One cable damages what arrives at a port, by a chance per frame; and at whose ports anything ever was, a bit each. */
	struct ecr_sim_fault bad_cable;
	uint32_t bad_cable_ppm;
	uint8_t damaged[VRING_NOTED];
	bool watches_links; /* with one port, too */
	bool port_up[2];    /* as the core was told last */
	bool two_ports;	    /* the ring is closed at a second port of the master */
	bool trace;	    /* print events */
	/* Nothing goes on: the core is broken. NULL: the program aborts. */
	void (*stuck)(struct vring *ring, const char *what);
	bool broken; /* `stuck` was called: time stands still */
	void (*each_event)(struct vring *ring, const struct ecr_event *event);
	void (*each_tick)(struct vring *ring);
	/* After it was sent, at line.last_start. */
	void (*each_frame)(struct vring *ring, uint8_t *frame, size_t length);
	/* As it leaves the master. */
	void (*each_datagram)(struct vring *ring, const struct ecr_datagram *datagram);
};

void vring_open_devices(struct vring *ring, const struct ecr_sim_device *devices, int count);
void vring_close(struct vring *ring);

/* Without stopping it. */
void vring_discard(struct vring *ring);
/* What an idle core was given, for those who stop it by a request of their own. */
void vring_forget_memory(struct vring *ring);

void vring_run_until(struct vring *ring, ecr_time until);
/* Runs until the request has come back; its result. */
int vring_request(struct vring *ring, struct ecr_request *request);
int vring_start(struct vring *ring, const struct ecr_config *config);
int vring_await_operational(struct vring *ring, ecr_time timeout);
int vring_await_running(struct vring *ring, ecr_time timeout);
int vring_stop(struct vring *ring);
/* Runs until the state is reached: false when it is not within the time. */
bool vring_until_state(struct vring *ring, enum ecr_state state, ecr_time within);
struct ecr_domain_info vring_domain(struct vring *ring, const char *id);
struct ecr_slave_info vring_slave(struct vring *ring, const char *name);

#endif
