/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cables between ports, and the loops that the ports close when a link is gone. The ports of a
 * controller follow each other 0, 3, 1, 2; its processing unit lies between 0 and 3 (ETG.1000.4,
 * 5.1).
 */
#ifndef SIM_PORTS_H
#define SIM_PORTS_H

#include "sim/sim.h"

/* Lays the cables that the devices ask for; false when a port is taken or does not exist. */
bool sim_ports_lay(struct ecr_sim *sim);
/* A fault cuts the cable at one port, or heals it. */
void sim_ports_cut(struct ecr_sim *sim, ecr_time now, int slave, unsigned int number, int by);
/* The master has written the settings of the loops. */
void sim_ports_written(struct sim_esc *esc, ecr_time now);
/* Whether a frame that has entered there has been round already; else it is marked where it passes
 * port 0 whose loop closed by itself (ETG.1000.4, 5.3.2). */
bool sim_ports_circulates(const struct sim_route *route, uint8_t *frame, size_t length);
/* Everything that follows from a change of links, loops or port settings. */
void sim_ports_settle(struct ecr_sim *sim, ecr_time now);

#endif
