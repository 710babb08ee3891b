/* SPDX-License-Identifier: Apache-2.0 */
/* The process data watchdog (ETG.1000.4, 6.7). */
#ifndef SIM_WATCHDOG_H
#define SIM_WATCHDOG_H

#include "sim/esc.h"

void sim_watchdog_kick(struct sim_esc *esc, ecr_time now);
void sim_watchdog_stop(struct sim_esc *esc);
/* True when it expires now. */
bool sim_watchdog_tick(struct sim_esc *esc, ecr_time now);

/* Its registers have been written. */
void sim_watchdog_set(struct sim_esc *esc);

#endif
