/* SPDX-License-Identifier: Apache-2.0 */
/* Devices with a mailbox for tests: the shipped one, freely made ones, and SDO requests to them in
 * virtual time. */
#ifndef TESTS_SUPPORT_TALKER_H
#define TESTS_SUPPORT_TALKER_H

#include "support/vring.h"
#include "wire/coe_types.h"
#include "wire/sdo_abort.h"

#define TALKER_SII 1024

struct talker {
	uint16_t receive_size; /* of the mailbox, as the slave sees it */
	uint16_t send_size;
	uint8_t coe; /* ECR_SII_COE_... */
	uint16_t protocols;
	uint8_t outputs; /* bytes of process data */
	uint8_t inputs;
};

/* Its SII; the size, 0 when it does not fit. */
size_t talker_sii(uint8_t *sii, size_t room, const char *name, const struct talker *talker);

#define TALKER_OBJECT(index, subindex) ((uint32_t)(index) << 8 | (subindex))
#define TALKER_BLOB 192 /* bytes of object 0x2003:1 of the shipped mailbox device, 0, 1, 2 ... */
#define TALKER_BLOB_OBJECT TALKER_OBJECT(0x2003, 1)
#define TALKER_TEXT_OBJECT TALKER_OBJECT(0x2001, 1)
#define TALKER_TEXT "hello-sim\0\0" /* 12 bytes with the last zero */

/* Coupler and mailbox device (slave 1), and a session without domains that can be started: `mailbox`
 * configures the device, whose target is the coupler's too. */
const struct ecr_config *talker_open(struct vring *ring, const struct ecr_slave_config *mailbox);
/* Both held in PREOP, named "coupler" and "mailbox", and the session started. */
void talker_open_pair(struct vring *ring);

/* A request as the core takes it; filled and submitted, it comes back in done. */
struct talker_request {
	struct ecr_sdo sdo;
	struct ecr_request request;
	bool done;
};

/* 0 when it was accepted. `timeout` 0: none. */
int talker_submit(struct vring *ring, struct talker_request *request, const char *slave,
		  ecr_time timeout);
/* Runs until it is done; its result. */
int talker_run(struct vring *ring, struct talker_request *request, const char *slave);
/* Of an object of the slave; the whole result. */
struct ecr_sdo_result talker_upload(struct vring *ring, const char *slave, uint16_t index,
				    uint8_t subindex, void *data, size_t room);
struct ecr_sdo_result talker_download(struct vring *ring, const char *slave, uint16_t index,
				      uint8_t subindex, const void *data, size_t size);

/* A mailbox fault of slave 1 at an object, until cleared; `after` so many good answers of the stage. */
void talker_spoil(struct vring *ring, enum ecr_sim_mailbox_fault_kind kind,
		  enum ecr_sim_stage stage, uint32_t object, uint32_t value, uint32_t after);
/* The pair's upload of the text (an answer) or the blob (a segment) with such a fault: its result. Without it
 * the same upload works. */
struct ecr_sdo_result talker_spoiled(struct vring *ring, enum ecr_sim_stage stage,
				     enum ecr_sim_mailbox_fault_kind kind, uint32_t value);
/* The session never left PREOP, and without faults the object reads as expected. */
void talker_heals(struct vring *ring, uint32_t object, const void *expected, size_t size);
/* The object as the device has it, not over the mailbox; of slave 1, or of another. */
void talker_holds(struct vring *ring, uint32_t object, const void *expected, size_t size);
void talker_other_holds(struct vring *ring, int slave, uint32_t object, const void *expected,
			size_t size);
/* The session is blocked by "mailbox", which is in PREOP and says why: its startup list, this object. */
void talker_blocked_by(struct vring *ring, int cause, uint16_t index, uint8_t subindex,
		       uint32_t abort_code);
/* A session whose startup list writes the blob, counting from 7, and that is blocked since this fault meets every
 * segment after the first: its configuration. The blob is as it was. */
const struct ecr_config *talker_blocked_in_blob(struct vring *ring,
						enum ecr_sim_mailbox_fault_kind kind, int cause);
/* The two ways out when the fault is over: stop and start, or wait. The device then operates, and the
 * object reads as expected. The ring is closed. */
void talker_ends_by_restart(struct vring *ring, const struct ecr_config *config, uint32_t object,
			    const void *expected, size_t size);
void talker_ends_by_waiting(struct vring *ring, uint32_t object, const void *expected, size_t size);
/* 192 bytes that count from there on */
const uint8_t *talker_counting(uint8_t first);

#endif
