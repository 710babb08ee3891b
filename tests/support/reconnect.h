/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What scenarios of coming back share: coupler, inputs, outputs, and a device with a mailbox on a branch
 * of its own, so that losing any of them leaves the others. Its startup list is written each time it
 * comes back.
 */
#ifndef TESTS_SUPPORT_RECONNECT_H
#define TESTS_SUPPORT_RECONNECT_H

#include "support/heal.h"
#include "support/talker.h"

enum { RECONNECT_COUPLER, RECONNECT_INPUTS, RECONNECT_OUTPUTS, RECONNECT_MAILBOX };

#define RECONNECT_FIRST 7 /* the list writes the blob, counting from there */

struct reconnect {
	bool small;    /* its list is 2000:2 = 1 instead */
	bool combined; /* it has process data in "main" */
	bool thermo;   /* an EL3202, "rtd", is the last slave, with a list and process data */
	bool split;    /* ... in a domain of its own, "thermo" */
	bool polled;   /* inputs is polled every 20 ms as the others are */
	bool held;     /* the mailbox device is held in PREOP, */
	bool all_held; /* or everybody is */
};

#define RECONNECT_RTD (RECONNECT_MAILBOX) /* instead of the mailbox device */

/* Operational, or what else the configuration leads to. */
void reconnect_open(struct vring *ring, const struct reconnect *what);
/* ... without starting it: its configuration. */
const struct ecr_config *reconnect_prepare(struct vring *ring, const struct reconnect *what);
/* The configuration it was opened with; names of slaves and their order are fixed. */
const struct ecr_slave_config *reconnect_slave(int slave);
/* What slave 3 must suffer from for reconnect_refused: its startup list failed at this object. */
void reconnect_expect(int cause, uint32_t object, uint32_t abort_code);
/* It is in PREOP, and says so, and why. */
bool reconnect_refused(struct vring *ring);
/* ... while everything else operates. */
bool reconnect_rest_operates(struct vring *ring);
/* The list's blob, as a user reads it. */
void reconnect_reads_back(struct vring *ring);
/* Ends clean, and the device's object has what the list says. */
void reconnect_ends_clean(struct vring *ring, ecr_time within);

#endif
