/* SPDX-License-Identifier: Apache-2.0 */
/* One simulated device with a mailbox, talked to with single messages. */
#ifndef TESTS_SUPPORT_MAILRING_H
#define TESTS_SUPPORT_MAILRING_H

#include "support/simring.h"
#include "wire/coe.h"
#include "wire/sii.h"

struct mailring {
	struct simring ring;
	struct ecr_sim_device device;
	struct ecr_sii_mailbox area;
	uint8_t sii[4096];
	uint8_t counter;
	uint8_t answer[2048]; /* the last message that came */
	struct ecr_mailbox_message message;
	unsigned int jumps;  /* messages whose counter did not follow the one before */
	uint32_t abort_code; /* of the last transfer; 0 none, 1: something else went wrong */
};

/* A shipped device by name; `habits` may be NULL. It is in INIT. */
void mailring_open(struct mailring *mail, const char *device, const struct ecr_sim_habits *habits);
void mailring_close(struct mailring *mail);

/* Sets up the mailbox and goes there, step by step; the AL status, error bit included. */
uint16_t mailring_go(struct mailring *mail, enum ecr_al_state state);
uint16_t mailring_al_code(struct mailring *mail);
/* Writes a process data SyncManager as the SII has it, with that length; 0 switches it off. */
void mailring_set_sm(struct mailring *mail, unsigned int number, uint16_t length);

/* Puts a whole message into the mailbox with the next counter (mailbox full: false). */
bool mailring_send(struct mailring *mail, const uint8_t *bytes, size_t length);
bool mailring_send_again(struct mailring *mail, const uint8_t *bytes, size_t length);
/* Takes the next message, waiting up to that time; false when none comes. */
bool mailring_receive(struct mailring *mail, ecr_time wait);
bool mailring_full(struct mailring *mail, unsigned int sm);

/* Whole transfers. Upload: bytes, -1 on an abort. Download: whether it was done. */
int mailring_upload(struct mailring *mail, uint16_t index, uint8_t subindex, bool complete,
		    uint8_t *data, size_t room);
bool mailring_download(struct mailring *mail, uint16_t index, uint8_t subindex, bool complete,
		       const uint8_t *data, size_t length);
/* Numbers of one to four bytes. */
uint32_t mailring_get(struct mailring *mail, uint16_t index, uint8_t subindex);
bool mailring_set(struct mailring *mail, uint16_t index, uint8_t subindex, uint32_t value,
		  size_t size);

#endif
