/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Propagation delays from latched receive times (pure). Between two stamps of one slave's clock a
 * frame goes out to a neighbour and comes back; the neighbour's own stamps say how much of that it
 * spent behind it; half of the rest is the way. The model and its limits: docs/distributed-clocks.md.
 */
#ifndef ECR_DC_DELAY_H
#define ECR_DC_DELAY_H

#include "base/time32.h"
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

/*
 * The value of a slave's delay register, ns: what must be added to the time in a datagram when it
 * passes the slave. Slaves behind the reference get the reference's time; those before it get what
 * the master sent, which is the time at the first of them.
 */
uint32_t ecr_delay_register(const struct ecr_delay *slave, const struct ecr_delay *reference);

#endif
