/* SPDX-License-Identifier: Apache-2.0 */
/* A line of slaves "a", "b" ... whose end comes back to a second port of the master; each shows its outputs
 * at its inputs. */
#ifndef TESTS_SUPPORT_TWORING_H
#define TESTS_SUPPORT_TWORING_H

#include "support/heal.h"

#define TWORING_SLAVES 6

extern char tworing_names[TWORING_SLAVES][8];

/* Opened and started. `loop_ns`: until a port has closed its loop, or opened it. */
void tworing_open(struct vring *ring, ecr_time period, uint32_t loop_ns);
/* ... but not started: with what it is to be started, which the caller may change. */
struct ecr_config *tworing_prepare(struct vring *ring, ecr_time period, uint32_t loop_ns);
/* Operational, and a few cycles more. */
void tworing_come_up(struct vring *ring);
struct ecr_redundancy_info tworing_info(struct vring *ring);
uint64_t tworing_missed(struct vring *ring);
/* The cable behind a slave, until faults are cleared. */
void tworing_cut(struct vring *ring, int slave);
/* From now on wrong inputs fail the test at once, in whatever cycle; until ring->each_tick is NULL. */
void tworing_watch(struct vring *ring);
/* Operational, everybody in OP without a fault, and what is written is what is read. */
void tworing_assert_sound(struct vring *ring);
bool tworing_sound(struct vring *ring);

#endif
