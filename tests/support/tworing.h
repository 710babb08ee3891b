/* SPDX-License-Identifier: Apache-2.0 */
/* A line of slaves "a", "b" ... whose end comes back to a second port of the master; each shows its first
 * output at its first input. */
#ifndef TESTS_SUPPORT_TWORING_H
#define TESTS_SUPPORT_TWORING_H

#include "support/heal.h"
#include "support/inputs.h"

#define TWORING_SLAVES 6

extern char tworing_names[TWORING_SLAVES][8];

/* Opened and started. `loop_ns`: until a port has closed its loop, or opened it. */
void tworing_open(struct vring *ring, ecr_time period, uint32_t loop_ns);
/* ... but not started: with what it is to be started, which the caller may change. */
struct ecr_config *tworing_prepare(struct vring *ring, ecr_time period, uint32_t loop_ns);
/* Operational, and a few cycles more. */
void tworing_come_up(struct vring *ring);
/* Everybody is found, and held in PREOP: a bus to ask by single datagrams. */
void tworing_open_held(struct vring *ring, int32_t frame_timeout_ms);
/* All in one transaction; its result. */
int tworing_transact(struct vring *ring, struct ecr_user_datagram *datagrams, int count);
/* Two bytes of a register. */
int tworing_read(struct vring *ring, uint8_t command, uint32_t address, uint16_t *wkc);
/* A ring with this period and a frame time-out of 10 ms operates without that port and with it again, and what
 * comes back costs nothing. */
void tworing_port_goes_and_comes(struct vring *ring, unsigned int port, ecr_time period);
struct ecr_redundancy_info tworing_info(struct vring *ring);
uint64_t tworing_missed(struct vring *ring);
/* The cable behind a slave, until faults are cleared. */
void tworing_cut(struct vring *ring, int slave);
/* All of its inputs, until inputs_unwatch. */
void tworing_watch(struct vring *ring);
/* Operational, everybody in OP without a fault, and what is written is what is read. */
void tworing_assert_sound(struct vring *ring);
bool tworing_sound(struct vring *ring);

#endif
