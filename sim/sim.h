/* SPDX-License-Identifier: Apache-2.0 */
/* The ring: slaves and cables, wires between signals, faults that wait or last. */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include "sim/esc.h"

#define SIM_WIRES 64
#define SIM_FAULTS 64
#define SIM_REPLY_MAX 1500u

struct sim_station {
	int slave; /* SIM_NOBODY: a free place */
	uint16_t address;
};

struct sim_wire {
	int from;
	int to;
	uint32_t from_bit;
	uint32_t to_bit;
	uint32_t bits;
};

struct sim_fault {
	struct ecr_sim_fault fault;
	ecr_time begins;
	ecr_time ends;
	uint32_t healthy_left;
	uint32_t polls_left;
	uint32_t answers_left;
	uint32_t answers_seen;
	uint32_t frames_left;
	bool active;
};

/* A port of a slave. */
struct sim_end {
	int slave;
	uint8_t port;
};

struct sim_hop {
	struct sim_end end;
	int before;  /* visits before this */
	ecr_time at; /* since the frame has entered the ring */
};

/* The way of frames that enter at one port of the master. */
struct sim_route {
	int *visits; /* in the order of processing */
	int count;
	int *places;	      /* of each slave in it, SIM_NOBODY none */
	struct sim_hop *hops; /* every port at which they arrive */
	int hop_count;
	int circulates; /* visits before they pass port 0's closed loop, SIM_NOBODY: they do not */
	int exit;	/* port of the master where they come out, SIM_NOBODY none */
	ecr_time delay;
};

struct ecr_sim {
	int count;
	struct sim_news news;
	struct sim_face *faces;
	struct sim_station *stations; /* a hash table, filled anew when addresses have changed */
	uint32_t station_room;	      /* a power of two */
	struct sim_end entry[2];      /* where the master's ports are plugged in */
	bool unplugged[2];
	struct sim_route routes[2];
	bool settled;
	struct sim_wire wires[SIM_WIRES];
	int wire_count;
	struct sim_fault faults[SIM_FAULTS];
	int fault_count;
	/* What the active faults add up to. */
	struct sim_end corrupt; /* what arrives there is damaged; SIM_NOBODY none */
	int drops;
	int32_t wkc_offset;
	int32_t command_offset[16];
	int exit;      /* where the frame under way comes out, SIM_NOBODY nowhere, */
	ecr_time took; /* and how long it was in the ring */
	int disturbed; /* faults that make a frame unhealthy */
	int polled; /* slave whose AL status the frame has read with good result, or SIM_EVERYBODY */
	ecr_time reply_delay; /* of every reply, unless a fault says another */
	uint8_t last_reply[SIM_REPLY_MAX];
	size_t last_length;
	struct sim_esc slaves[];
};

#endif
