/* SPDX-License-Identifier: Apache-2.0 */
/* What scenarios of faults and healing share: the default ring with outputs polled every 20 ms, faults
 * as sentences, and the end that each must come to. */
#ifndef TESTS_SUPPORT_HEAL_H
#define TESTS_SUPPORT_HEAL_H

#include "support/vring.h"

/* Coupler, inputs and outputs, all outputs wired to the inputs, operational. */
void heal_open(struct vring *ring);
/* The same with these slaves, which the caller may have changed. NULL: as above. */
void heal_open_with(struct vring *ring, const struct ecr_slave_config *slaves);
/* Breaks something; a sentence that is not understood fails the test. */
void heal_say(struct vring *ring, const char *sentence);
/* What may befall the ring of support/reconnect.h at any instant, and passes; ends with NULL. */
extern const char *const heal_troubles[];
/* Says one of them so long from now. */
void heal_trouble_after(struct vring *ring, ecr_time time, const char *trouble);
/* How many faults wait or last. */
int heal_pending(struct vring *ring);
/* Runs until it is true, at most so long. */
bool heal_until(struct vring *ring, bool (*reached)(struct vring *ring), ecr_time within);
/* As long as it runs, this must hold, looked at every millisecond. */
bool heal_stays(struct vring *ring, bool (*holds)(struct vring *ring), ecr_time time);
/* Operational within the time, and then for good: domain healthy, every slave in OP without fault and
 * configured, nothing pending; and the loopback. */
void heal_ends_clean(struct vring *ring, ecr_time within);
/* What is written to outputs is there, and is read at inputs, from a cycle since. */
void heal_loopback(struct vring *ring);
/* Whether such an event has come: of that slave (-1 any) and to that value (-1 any). */
bool heal_saw(const struct vring *ring, enum ecr_event_kind kind, int slave, int to);
/* The first such event from that number on: its number, -1 when there is none. */
int heal_find(const struct vring *ring, int from, enum ecr_event_kind kind, int slave, int to);
/* Says the sentence the first time such an event comes; of several calls each has its own. heal_struck:
 * how many have been said. */
void heal_when(struct vring *ring, enum ecr_event_kind kind, int slave, int to,
	       const char *sentence);
int heal_struck(void);

/* For heal_until. */
bool heal_operational(struct vring *ring);
bool heal_recovering(struct vring *ring);
bool heal_healthy(struct vring *ring); /* operational, and the last cycle of "main" was valid */
/* No slave of the default ring is said to suffer from anything. */
bool heal_nobody_blamed(struct vring *ring);
/* What slave 2, outputs, suffers from. */
bool heal_outputs_down(struct vring *ring);
bool heal_outputs_retreated(struct vring *ring);

#endif
