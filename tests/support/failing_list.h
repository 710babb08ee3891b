/* SPDX-License-Identifier: Apache-2.0 */
/* A device with a mailbox is unplugged for thirty frames, and when it is back its startup list fails. */
#ifndef TESTS_SUPPORT_FAILING_LIST_H
#define TESTS_SUPPORT_FAILING_LIST_H

#include "support/reconnect.h"

#define FAILING_SEGMENT(fault) \
	"then after 1 download-segment of mailbox mailbox " fault " mailbox in download-segment"
#define FAILING_SILENCE "disconnect mailbox for 30 frames " FAILING_SEGMENT("silence")
#define FAILING_ONCE FAILING_SILENCE " once"

struct failing_list {
	const char *sentence; /* what befalls it */
	bool small;	      /* the list is 2000:2 = 1, not the blob */
	int cause;
	uint32_t abort_code;
	bool written_all_the_same;
};

/* It is refused as said again and again, and everybody else operates, until faults are cleared; then it is
 * well. The session never recovers, for it never had to. */
void failing_list_disturbs_nobody(struct vring *ring, const struct failing_list *how);
/* The ring operates, and the list will fail by silence in the blob. */
void failing_list_open(struct vring *ring, const struct reconnect *what, const char *script);
/* Until it has failed by silence. */
void failing_list_fails(struct vring *ring);
/* Whether such a fault of it was told after it was told that it is back in PREOP, unable to go on. */
bool failing_list_then(struct vring *ring, int slave, int fault);
/* The mailbox device's fault was told first, then that of another; both are over. */
void failing_list_both_healed(struct vring *ring, int other, int fault);

#endif
