/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One SDO service with a slave (ETG.1000.6, 5.6.2 and 5.6.3): upload, download, or information about
 * the dictionary. The data are the caller's, in both directions.
 */
#ifndef ECR_MAILBOX_TRANSFER_H
#define ECR_MAILBOX_TRANSFER_H

#include "mailbox/mailbox.h"
#include "wire/coe.h"
#include "wire/sdo_abort.h"

/* What was passed over because it seemed to be of before the slave was brought up: what it is told as
 * when nothing else comes. */
struct ecr_past_answer {
	int error; /* 0: none */
	uint32_t expected;
	uint32_t actual;
	uint8_t count;
};

struct ecr_transfer {
	struct ecr_job job;
	struct ecr_mailbox *mailbox;
	uint8_t kind; /* enum ecr_sdo_kind */
	uint8_t subindex;
	uint16_t index;
	bool complete;
	bool toggle;
	bool open;	     /* the slave holds a segmented transfer */
	const uint8_t *from; /* download, and what an upload is compared with */
	uint8_t *to;	     /* upload; NULL: compare */
	size_t size;	     /* to send, room, or to compare */
	size_t done;	     /* bytes sent or received */
	size_t total;	     /* upload: as announced; 0 unknown */
	bool differs;	     /* from what it is compared with */
	int error;	     /* why the transfer is aborted */
	uint32_t abort_out;
	bool begun;	    /* information: a fragment has come */
	uint16_t fragments; /* information: still to come; answers of the past so far */
	struct ecr_past_answer past;
	struct ecr_sdo_result result;
};

extern const struct ecr_step ecr_transfer_steps[];

/* Each prepares the conversation. `complete`: complete access. */
struct ecr_job *ecr_transfer_upload(struct ecr_transfer *transfer, uint16_t index, uint8_t subindex,
				    bool complete, void *to, size_t room);
struct ecr_job *ecr_transfer_download(struct ecr_transfer *transfer, uint16_t index,
				      uint8_t subindex, bool complete, const void *from,
				      size_t size);
/* Uploads and compares: fails with COMPARE_FAILED. */
struct ecr_job *ecr_transfer_compare(struct ecr_transfer *transfer, uint16_t index,
				     uint8_t subindex, bool complete, const void *with,
				     size_t size);
/* kind: OBJECT_LIST (index: which list), OBJECT or ENTRY. */
struct ecr_job *ecr_transfer_info(struct ecr_transfer *transfer, enum ecr_sdo_kind kind,
				  uint16_t index, uint8_t subindex, void *to, size_t room);

#endif
