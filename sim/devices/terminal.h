/* SPDX-License-Identifier: Apache-2.0 */
/* A device with a mailbox as a table, from which its SII is written. */
#ifndef SIM_DEVICES_TERMINAL_H
#define SIM_DEVICES_TERMINAL_H

#include "wire/sii_write.h"

#include <ecring/sim.h>

#define SIM_VENDOR_BECKHOFF 2u
#define SIM_VENDOR_GENERIC 0x0ACEu
#define SIM_NOT_ASSIGNED 0xFFu
#define SIM_SM_TYPE_OUTPUTS 3u
#define SIM_SM_TYPE_INPUTS 4u

/* 128 bytes each way, for CoE. */
#define SIM_USUAL_MAILBOX \
	{ \
		.receive_offset = 0x1000, .receive_size = 128, .send_offset = 0x1080, \
		.send_size = 128, .protocols = ECR_SII_MAILBOX_COE, \
	}

struct sim_pdo_entry {
	uint16_t index; /* 0: padding */
	uint8_t subindex;
	uint8_t bits;
	uint8_t type; /* enum ecr_coe_type */
	const char *name;
};

struct sim_pdo {
	uint16_t index;
	uint8_t sm;
	uint8_t count;
	const struct sim_pdo_entry *entries;
	const char *name;
};

struct sim_terminal {
	const char *name;
	struct ecr_sii_identity identity;
	struct ecr_sii_mailbox mailbox;
	uint8_t coe_details; /* ECR_SII_COE_... */
	uint8_t sm_count;
	uint8_t pdo_count;
	const struct ecr_sii_sm *sms;
	const struct sim_pdo *pdos;  /* outputs are 0x1600 to 0x17FF */
	const struct ecr_sii_dc *dc; /* NULL: none */
};

/* An image with SYNC and latch units, for a device whose controller has clocks. */
void sim_begin_sii(struct ecr_sii_writer *writer, uint8_t *sii, size_t room, uint16_t kilobits);
/* The image's size, 0 when `room` is too small. */
size_t sim_terminal_sii(const struct sim_terminal *terminal, uint8_t *sii, size_t room);

/* Fills in what the device is made of; false when `room` is too small. */
bool sim_mailbox_device(struct ecr_sim_device *device, uint8_t *sii, size_t room);
bool sim_drive(struct ecr_sim_device *device, uint8_t *sii, size_t room);
bool sim_awkward(struct ecr_sim_device *device, uint8_t *sii, size_t room);
bool sim_el3202(struct ecr_sim_device *device, uint8_t *sii, size_t room);
bool sim_analog_coe(struct ecr_sim_device *device, uint8_t *sii, size_t room);

#endif
