/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Propagation delays from latched receive times (pure). Between two stamps of one slave's clock a
 * frame goes out to a neighbour and comes back; the neighbour's own stamps say how much of that it
 * spent behind it; half of the rest is the way. The model and its limits: docs/distributed-clocks.md.
 */
#ifndef ECR_DC_DELAY_H
#define ECR_DC_DELAY_H

#include "base/time32.h"
#include <ecring/api.h>
#include "topology/tree.h"

/* What one slave has latched. */
struct ecr_receive_times {
	bool valid;		       /* the slave has receive times */
	uint32_t time[ECR_PORT_COUNT]; /* ns, wraps; those of closed ports mean nothing */
	uint16_t extra_ns; /* how much longer the way through the processing unit takes than one
			      from port to port; 0 when unknown */
};

struct ecr_delay {
	bool known;
	bool guessed; /* rests on an even split, because slaves without receive times branch */
	int64_t arrival_ns; /* from the first slave with receive times, in the frame's order */
};

/*
 * Delays of every slave of the tree that has receive times. Where slaves without them branch, only
 * the sum of the ways between is known, and is split evenly over them.
 */
void ecr_delays(const struct ecr_tree *tree, const struct ecr_receive_times *times,
		struct ecr_delay *delays);

/* A line with a port of the master at each end: whole, or broken in two. */
struct ecr_two_ports {
	struct ecr_node *nodes; /* room */
	uint16_t *dl_status;	/* where the line is broken the closed port is opened in it */
	struct ecr_receive_times *times;
	int count;
};

/*
 * The same for a line with two ports. In a whole one a frame that is latched comes from both ends:
 * port by port its copies leave the stamps that otherwise come from the way there and back. Each part
 * of a broken one is measured by itself, the way across the break is the `old` one, or assumed.
 * False when stamps are missing or not of one frame (a copy was lost): measure again, no sooner than
 * ECR_DELAY_PAUSE later.
 */
bool ecr_delays_two_ports(const struct ecr_two_ports *ring, const struct ecr_delay *old,
			  struct ecr_delay *delays);

#define ECR_DELAY_PAUSE ECR_MS(5)

#endif
