/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing an object as a whole: with complete access (ETG.1000.6, 5.6.2.1.3), and entry by entry where the
 * slave refuses that. An abort that says that it has no complete access is remembered until the next
 * bring-up; a silence that only complete access meets, for as long as the slave is the same device, so that
 * it costs one time-out per session. After any other abort only this object is written entry by entry.
 */
#ifndef ECR_SLAVE_WHOLE_H
#define ECR_SLAVE_WHOLE_H

#include "mailbox/transfer.h"

#define ECR_WHOLE_HEAD 2u /* of the data from subindex 0 on: the count, and a byte of padding */

struct ecr_whole {
	struct ecr_job job;
	struct ecr_transfer *transfer;
	const uint8_t *data; /* as complete access has them */
	size_t size;
	size_t place; /* in the data, of the entry in work */
	uint16_t index;
	uint8_t subindex; /* where the data begin: 0 or 1 */
	uint8_t width;	  /* of every entry, bytes; 0: the slave is asked for each one's */
	uint8_t at;	  /* subindex in work */
	uint8_t last;	  /* that the data hold */
	uint8_t present;  /* count, as the slave has it before */
	bool complete;	  /* is tried */
	bool compare;	  /* what was written is read back */
	bool kept;	  /* subindex 0 cannot be written */
	uint8_t sizes[256];
	int error; /* of complete access, and more about it */
	struct ecr_sdo_result refusal;
};

extern const struct ecr_step ecr_whole_steps[];

/* Prepares the conversation. `complete` false: entry by entry at once. */
struct ecr_job *ecr_whole_write(struct ecr_whole *whole, uint16_t index, uint8_t subindex,
				const void *data, size_t size, bool complete);

/* After a transfer with complete access that failed: false when the failure is the answer (there is no
 * such object), else another way can be tried. */
bool ecr_whole_other_way(const struct ecr_transfer *transfer);

#endif
