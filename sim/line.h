/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtual wire between a master's port and a simulated ring: 100 Mbit/s serialisation, delay
 * per slave, loss, duplication and lateness. Frames are processed at the instant they pass, and
 * come out at the instant they return.
 */
#ifndef SIM_LINE_H
#define SIM_LINE_H

#include "base/prng.h"
#include "sim/sim.h"

#define SIM_LINE_FRAMES \
	288 /* as many as a bus has in flight, on both ports, and those that come late or twice */
#define SIM_LINE_FRAME_SIZE 1504u

struct sim_line_frame {
	ecr_time at;	   /* when it is back, */
	unsigned int port; /* and at which port of the master; */
	unsigned int from; /* it was sent from this one */
	size_t length;
	uint64_t order;
	uint8_t bytes[SIM_LINE_FRAME_SIZE];
};

struct sim_line {
	struct ecr_sim *sim;
	ecr_time free_at[2];	    /* when each wire has sent what was given to it */
	ecr_time last_start;	    /* when the last frame began to leave: for checkers */
	unsigned int received_from; /* where the frame received last was sent */
	uint64_t order;
	uint64_t overflows;
	int count;
	ecr_time late_at[2]; /* how much later frames are told of that come back at each port */
	uint32_t jitter_ns;  /* of the master's sending: each frame starts up to so much later */
	struct ecr_prng prng;
	struct sim_line_frame frames[SIM_LINE_FRAMES];
};

enum sim_line_fate { SIM_LINE_NORMAL, SIM_LINE_LOST, SIM_LINE_LOST_BACK, SIM_LINE_DUPLICATED };

void sim_line_init(struct sim_line *line, struct ecr_sim *sim);
/* `late` is added to the way back. */
void sim_line_send(struct sim_line *line, ecr_time now, unsigned int port, const uint8_t *frame,
		   size_t length, enum sim_line_fate fate, ecr_time late);
/* The earliest frame that is back by now: its length, 0 none. */
size_t sim_line_receive(struct sim_line *line, ecr_time now, uint8_t *frame, size_t size,
			unsigned int *port, ecr_time *at);
ecr_time sim_line_next(const struct sim_line *line);

#endif
