/* SPDX-License-Identifier: Apache-2.0 */
/* A simulated ring of slaves with clocks: their registers, and the truth. */
#ifndef TESTS_SUPPORT_CLOCKRING_H
#define TESTS_SUPPORT_CLOCKRING_H

#include "dc/delay.h"
#include "support/simring.h"

#define CLOCKRING_SLAVES 200

/* A digital slave with a clock of 64 bits that is that wrong. */
struct ecr_sim_device clock_device(int32_t drift_ppb, uint64_t start_ns);
/* Little-endian registers of up to eight bytes; they fail the test when the slave does not answer. */
uint64_t clock_read(struct simring *ring, int slave, unsigned int reg, uint16_t length);
void clock_write(struct simring *ring, int slave, unsigned int reg, uint16_t length,
		 uint64_t value);
struct ecr_sim_time clock_truth(struct simring *ring, int slave);
/* One frame that makes all slaves latch their receive times. */
void clock_latch(struct simring *ring);
/* The delays as the master finds them: latches, reads the ports and the times of all slaves. */
void clock_measure(struct simring *ring, struct ecr_delay *delays);

#endif
