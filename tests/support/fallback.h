/* SPDX-License-Identifier: Apache-2.0 */
/* Cyclic faults that heal, and one slave that falls back to SAFEOP when that is over. */
#ifndef TESTS_SUPPORT_FALLBACK_H
#define TESTS_SUPPORT_FALLBACK_H

#include "support/heal.h"

#define FALLBACK_CYCLIC "drop for 6 frames then wkc -1 for 4 frames"
#define FALLBACK_POLLS 12 /* good ones of outputs, in a sentence: */
#define FALLBACK_LATER "after 12 polls of outputs retreat outputs"

/* Recovering, and then operational without any fault while the fallback is still to come, as the simulator lists:
 * in these words. */
void fallback_comes_last(struct vring *ring, const char *listed);
/* How many good polls the simulator still waits for. */
unsigned int fallback_polls_left(struct vring *ring);
/* The fault of outputs alone; and the end of all. */
void fallback_heals(struct vring *ring);

#endif
