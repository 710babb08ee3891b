/* SPDX-License-Identifier: Apache-2.0 */
/* The whole master against a simulated ring on a virtual clock, in one thread. */
#ifndef TESTS_SUPPORT_VRING_H
#define TESTS_SUPPORT_VRING_H

#include "base/prng.h"
#include "core.h"
#include "sim/line.h"
#include "wire/frame.h"

#define VRING_EVENTS 4096

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
	uint32_t duplicated_ppm;
	uint32_t late_ppm;
	uint32_t corrupt_ppm;
	ecr_time late_ns;
	bool port_up[2]; /* as the core was told last */
	bool two_ports;	 /* the ring is closed at a second port of the master */
	bool trace;	 /* print events */
	void (*each_event)(struct vring *ring, const struct ecr_event *event);
	void (*each_tick)(struct vring *ring);
	/* After it was sent, at line.last_start. */
	void (*each_frame)(struct vring *ring, uint8_t *frame, size_t length);
	/* As it leaves the master. */
	void (*each_datagram)(struct vring *ring, const struct ecr_datagram *datagram);
};

/* A ring of shipped devices by name, ends with NULL. */
void vring_open(struct vring *ring, const char *const *names);
void vring_open_devices(struct vring *ring, const struct ecr_sim_device *devices, int count);
void vring_close(struct vring *ring);

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

/* Signals by name; they fail the test when the name is unknown. */
uint64_t vring_input(struct vring *ring, const char *slave, const char *signal);
void vring_output(struct vring *ring, const char *slave, const char *signal, uint64_t value);

/* The default ring of the scenarios: coupler, inputs, outputs, one domain "main". */
extern const char *const vring_default_names[];
extern const struct ecr_domain_config vring_default_domains[];
extern const struct ecr_slave_config vring_default_slaves[];
struct ecr_config vring_default_config(void);

#endif
