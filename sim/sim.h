/* SPDX-License-Identifier: Apache-2.0 */
/* The ring: slaves in a line, wires between signals, faults that wait or last. */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include "sim/esc.h"

#define SIM_WIRES 64
#define SIM_FAULTS 64
#define SIM_REPLY_MAX 1500u

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
	uint32_t healthy_left;
	uint32_t frames_left;
	bool active;
};

struct ecr_sim {
	int count;
	struct sim_wire wires[SIM_WIRES];
	int wire_count;
	struct sim_fault faults[SIM_FAULTS];
	int fault_count;
	/* Of the frame under way, from the active faults. */
	int cut;     /* slaves before this one are reached */
	int corrupt; /* the link before this one damages the frame; -1 none */
	bool drop;
	int32_t wkc_offset;
	int32_t command_offset[16];
	uint8_t last_reply[SIM_REPLY_MAX];
	size_t last_length;
	struct sim_esc slaves[];
};

/* Starts what is due, applies what is active to the frame, and afterwards counts it (sim/faults.c).
 */
void sim_faults_begin(struct ecr_sim *sim, ecr_time now);
void sim_faults_end(struct ecr_sim *sim, ecr_time now, bool healthy);
/* What reply faults do to the reply; its new length. */
size_t sim_faults_reply(struct ecr_sim *sim, uint8_t *frame, size_t length);
void sim_links(struct ecr_sim *sim);

#endif
