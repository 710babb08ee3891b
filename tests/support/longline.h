/* SPDX-License-Identifier: Apache-2.0 */
/* A line of equal digital slaves "s0", "s1" ..., each with eight outputs that it shows at its inputs, in domain
 * "main". */
#ifndef TESTS_SUPPORT_LONGLINE_H
#define TESTS_SUPPORT_LONGLINE_H

#include "support/heal.h"

#define LONGLINE_MOST 1000

/* Ready to be started, with what the caller may change. */
struct ecr_config *longline_prepare(struct vring *ring, int count, ecr_time period);
/* Operational. */
void longline_open(struct vring *ring, int count, ecr_time period);
const char *longline_name(int slave);
/* Operational, everybody in OP and without a fault, the last cycle valid. */
bool longline_sound(struct vring *ring);
/* These slaves answer as if nothing were the matter. */
bool longline_in_op(struct vring *ring, int from, int end);
/* Of one of the first 64 slaves: what is written is read. */
void longline_loopback(struct vring *ring, int slave);

#endif
