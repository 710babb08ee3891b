/* SPDX-License-Identifier: Apache-2.0 */
/* A simulated ring alone, asked with single datagrams. */
#ifndef TESTS_SUPPORT_SIMRING_H
#define TESTS_SUPPORT_SIMRING_H

#include "wire/frame.h"
#include "wire/registers.h"

#include <ecring/sim.h>

struct simring {
	struct ecr_sim *sim;
	ecr_time now;
	int exit; /* port where the last frame came out, -1 none */
	uint16_t irq;
	uint32_t address; /* as it came back */
};

/* Digital slaves of 8 outputs and 8 inputs; each device may say more than its SII. */
void simring_open(struct simring *ring, struct ecr_sim_device *devices, int count);
void simring_close(struct simring *ring);
/* One datagram from one port of the master; its working counter, 0 when it is lost. */
uint16_t simring_ask(struct simring *ring, unsigned int port, uint8_t command, uint32_t address,
		     void *data, uint16_t length);
uint16_t simring_read(struct simring *ring, int position, uint16_t offset, void *data,
		      uint16_t length);
uint16_t simring_write(struct simring *ring, int position, uint16_t offset, const void *data,
		       uint16_t length);
uint16_t simring_read16(struct simring *ring, int position, uint16_t offset);
void simring_write8(struct simring *ring, int position, uint16_t offset, uint8_t value);

#endif
