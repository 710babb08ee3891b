/* SPDX-License-Identifier: Apache-2.0 */
/* How often slaves are asked for their AL status: all at once, and one by one. */
#ifndef TESTS_SUPPORT_ASKED_H
#define TESTS_SUPPORT_ASKED_H

#include "support/vring.h"

extern unsigned int asked_all;
extern unsigned int asked_singly;

/* From now on, from zero; until ring->each_datagram is NULL. */
void asked_count(struct vring *ring);
/* So long. */
void asked_for(struct vring *ring, ecr_time time);

#endif
