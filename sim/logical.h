/* SPDX-License-Identifier: Apache-2.0 */
/* A logical datagram on its way through the slaves. */
#ifndef SIM_LOGICAL_H
#define SIM_LOGICAL_H

#include "sim/sim.h"
#include "wire/frame.h"

/* `reach`: how many slaves of the route act on it. What they add to the working counter. */
uint16_t sim_logical_pass(struct ecr_sim *sim, ecr_time now, const struct sim_route *route,
			  int reach, const struct ecr_datagram *datagram);

#endif
