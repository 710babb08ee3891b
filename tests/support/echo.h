/* SPDX-License-Identifier: Apache-2.0 */
/* Rings of slaves with eight outputs and eight inputs, each of which shows at its inputs what its outputs are. */
#ifndef TESTS_SUPPORT_ECHO_H
#define TESTS_SUPPORT_ECHO_H

#include "support/vring.h"

/* Opened and wired, not started. */
void echo_open(struct vring *ring, const struct ecr_sim_device *devices, int count);
/* ... the first of each alone: the other inputs are anybody's to set. */
void echo_open_first(struct vring *ring, const struct ecr_sim_device *devices, int count);
/* Started and operational. */
void echo_come_up(struct vring *ring, const struct ecr_config *config);
/* What a device shows at its outputs. */
uint64_t echo_outputs(struct vring *ring, int device);
/* What is written to the slave comes back so much later. */
void echo_works(struct vring *ring, const char *slave, ecr_time later);

#endif
