/* SPDX-License-Identifier: Apache-2.0 */
/* The state that a slave shows: AL status and its code. Who decides on it stands above: esm.c at the
 * master's word, clock_sync.c and the watchdog without one. */
#ifndef SIM_AL_H
#define SIM_AL_H

#include "sim/esc.h"

void sim_al_set(struct sim_esc *esc, uint16_t status, uint16_t code);
/* Falls to, or stays in, a state with an error. */
void sim_al_fail(struct sim_esc *esc, enum ecr_al_state state, uint16_t code);
void sim_al_enter(struct sim_esc *esc, enum ecr_al_state state);
bool sim_outputs_active(const struct sim_esc *esc);

#endif
