/* SPDX-License-Identifier: Apache-2.0 */
/* The slave's side of the AL state machine, with the code for every refusal (ETG.1000.6, 6.4;
 * ETG.1020). */
#ifndef SIM_ESM_H
#define SIM_ESM_H

#include "sim/esc.h"

/* The master has written AL control. */
void sim_esm_request(struct sim_esc *esc, ecr_time now, uint16_t control);
/* SyncManagers have been written: the slave falls back from a state that they no longer allow. */
void sim_esm_settings(struct sim_esc *esc);
/* A change that takes time is done. */
void sim_esm_tick(struct sim_esc *esc, ecr_time now);

#endif
