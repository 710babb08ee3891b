/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logical addressing: FMMUs bit by bit, with the hardware's own limits: outputs are mapped by bits
 * into the digital output registers only; of two bit-wise entries of a direction that are less than
 * three bytes apart the second does nothing; a controller may map whole bytes only.
 */
#ifndef SIM_FMMU_H
#define SIM_FMMU_H

#include "sim/esc.h"

/* The registers have been written. */
void sim_fmmu_decode(struct sim_esc *esc);
/*
 * What the slave adds to the working counter: at most 1 for reading and 1 (LWR) or 2 (LRW) for
 * writing, however many entries match (ETG.1000.4, 5.4.3). `sent` may be `data`.
 */
uint16_t sim_fmmu_access(struct sim_esc *esc, ecr_time now, uint8_t command, uint32_t address,
			 uint16_t length, const uint8_t *sent, uint8_t *data);

/* Bit 0 is the lowest of a byte. */
void sim_copy_bits(uint8_t *to, uint32_t to_bit, const uint8_t *from, uint32_t from_bit,
		   uint32_t bits);

#endif
