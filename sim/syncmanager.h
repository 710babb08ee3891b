/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SyncManagers as the hardware arbitrates them (ETG.1000.4, 6.11). A buffer is entered at its first
 * byte and handed over with its last one. Three buffers: the reader always gets the last one that is
 * complete. One buffer (mailbox): the writer is refused while it is full, the reader while it is
 * empty. Nobody enters from the wrong side.
 */
#ifndef SIM_SYNCMANAGER_H
#define SIM_SYNCMANAGER_H

#include "sim/esc.h"

/* The registers have been written. */
void sim_sm_decode(struct sim_esc *esc);

/* Memory from ECR_REG_DIGITAL_OUTPUTS on, by the master; false: refused, nothing has happened. */
bool sim_sm_read(struct sim_esc *esc, uint16_t address, uint16_t length, uint8_t *data, bool merge);
bool sim_sm_write(struct sim_esc *esc, ecr_time now, uint16_t address, uint16_t length,
		  const uint8_t *data);

/* The status after the other side's last byte: with the next of the three buffers, */
static inline uint8_t sim_sm_next_buffer(uint8_t status)
{
	static const uint8_t next[] = { 1, 2, 0, 1 };
	unsigned int buffer = next[status >> ECR_SM_STATUS_BUFFER_SHIFT & 3u];

	return (uint8_t)((status & ~ECR_SM_STATUS_BUFFER_MASK) |
			 buffer << ECR_SM_STATUS_BUFFER_SHIFT);
}

/* when the master has written process data, */
static inline uint8_t sim_sm_written(uint8_t status)
{
	return (uint8_t)((sim_sm_next_buffer(status) & ~ECR_SM_STATUS_READ_IRQ) |
			 ECR_SM_STATUS_WRITE_IRQ);
}

/* and when it has read some. */
static inline uint8_t sim_sm_read_out(uint8_t status)
{
	return (uint8_t)((status & ~ECR_SM_STATUS_WRITE_IRQ) | ECR_SM_STATUS_READ_IRQ);
}

/* The slave's own side of a mailbox. */
bool sim_sm_full(const struct sim_esc *esc, int sm);
void sim_sm_take(struct sim_esc *esc, int sm); /* what the master wrote has been read */
void sim_sm_give(struct sim_esc *esc, int sm); /* memory holds a message for the master */

#endif
