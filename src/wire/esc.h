/* SPDX-License-Identifier: Apache-2.0 */
/* Structured registers of an EtherCAT slave controller: FMMU entries and SyncManager channels
 * (ETG.1000.4, 6.10, 6.11). */
#ifndef ECR_WIRE_ESC_H
#define ECR_WIRE_ESC_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/registers.h"

/* Maps `length` logical bytes, from `start_bit` of the first to `stop_bit` of the last, to physical
 * memory. */
struct ecr_fmmu {
	uint32_t logical;
	uint16_t length;
	uint8_t start_bit; /* 0..7 */
	uint8_t stop_bit;  /* 0..7, included */
	uint16_t physical;
	uint8_t physical_bit; /* 0..7 */
	bool read;	      /* used by the master's reads: inputs */
	bool write;	      /* used by the master's writes: outputs */
	bool enable;
};

void ecr_fmmu_encode(uint8_t bytes[ECR_FMMU_SIZE], const struct ecr_fmmu *fmmu);
void ecr_fmmu_decode(const uint8_t bytes[ECR_FMMU_SIZE], struct ecr_fmmu *fmmu);

/* How many bits the entry maps: 0 when its length is 0 or its bits are out of order. */
uint32_t ecr_fmmu_bits(const struct ecr_fmmu *fmmu);
/* Not all of it are whole bytes. */
bool ecr_fmmu_is_bitwise(const struct ecr_fmmu *fmmu);

struct ecr_sm {
	uint16_t start;
	uint16_t length;
	uint8_t control;     /* ECR_SM_CONTROL_xxx */
	uint8_t status;	     /* ECR_SM_STATUS_xxx, written as it is: slaves ignore it */
	uint8_t activate;    /* ECR_SM_ACTIVATE_xxx */
	uint8_t pdi_control; /* ECR_SM_PDI_xxx */
};

void ecr_sm_encode(uint8_t bytes[ECR_SM_SIZE], const struct ecr_sm *sm);
void ecr_sm_decode(const uint8_t bytes[ECR_SM_SIZE], struct ecr_sm *sm);
bool ecr_sm_is_mailbox(const struct ecr_sm *sm);
bool ecr_sm_master_writes(const struct ecr_sm *sm);
bool ecr_sm_enabled(const struct ecr_sm *sm);

#endif
