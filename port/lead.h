/* SPDX-License-Identifier: Apache-2.0 */
/* How long before a deadline the cyclic thread stops sleeping. */
#ifndef PORT_LEAD_H
#define PORT_LEAD_H

#include <ecring/api.h>

/*
 * It follows what sleeps overshoot by on this machine: up by a step when one ends too late, or nearly, and down by
 * a ten-thousandth of it when one does not. So it comes to rest where one sleep in ten thousand is too long: short on a
 * quiet machine, where spinning would be a waste, and long enough on a busy one. A pause that no lead could bridge teaches nothing.
 */
struct port_lead {
	ecr_time ns;
};

void port_lead_init(struct port_lead *lead);
/* A sleep has ended so long after the instant that was asked for; negative counts as 0. */
void port_lead_note(struct port_lead *lead, ecr_time overshoot);
/* How long to sleep when something is due so long from now; 0: it is too near. At least half of it is slept where any is,
 * since a thread that never sleeps is stopped by the kernel for 50 ms of a second. */
ecr_time port_lead_sleep(const struct port_lead *lead, ecr_time ahead);

#endif
