/* SPDX-License-Identifier: Apache-2.0 */
/* Slaves that are held in PREOP: all of them, or one while the others operate. */
#ifndef TESTS_SUPPORT_HELD_H
#define TESTS_SUPPORT_HELD_H

#include "support/reconnect.h"

/* The default ring, everybody held. */
void held_open(struct vring *ring);
/* outputs is unplugged for good, and for 400 ms nothing happens: preop_ready, no fault, in PREOP as far as is known. */
void held_undisturbed(struct vring *ring);
/* The mailbox device's ring, everybody held at first, then configured anew for OP (but for `held`, -1 none) and
 * activated: operational. */
void held_activate_all_but(struct vring *ring, int held);
/* The mailbox device is unplugged for forty frames: it is told to be down, and the session operates. */
void held_lose_mailbox(struct vring *ring);
/* It is in PREOP with its list written, is lost, and is back there and no further, with its list written again. */
void held_comes_back_to_preop(struct vring *ring);

#endif
