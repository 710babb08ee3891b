/* SPDX-License-Identifier: Apache-2.0 */
/* Faults as data: what, where, when it begins, for how long. Counted in frames or in time, so that a
 * run repeats exactly. */
#ifndef SIM_FAULTS_H
#define SIM_FAULTS_H

#include "sim/sim.h"

/* Before a frame: starts and ends what is due. */
void sim_faults_begin(struct ecr_sim *sim, ecr_time now);
/* After it. */
void sim_faults_end(struct ecr_sim *sim, ecr_time now, bool healthy);
/* The frame has read the AL status of a slave that is in OP without error. */
void sim_faults_polled(struct ecr_sim *sim, int slave);
/* Ends what befalls that slave. */
void sim_faults_clear_of(struct ecr_sim *sim, int slave);
/* What reply faults do to the reply; its new length. *late: ns that it comes later. */
size_t sim_faults_reply(struct ecr_sim *sim, uint8_t *frame, size_t length, ecr_time *late);

#endif
