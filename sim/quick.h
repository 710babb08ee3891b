/* SPDX-License-Identifier: Apache-2.0 */
/* The quick way of process data: known beforehand is what FMMUs and SyncManagers would find out again
 * with every frame. */
#ifndef SIM_QUICK_H
#define SIM_QUICK_H

#include "sim/esc.h"

/* After any change of FMMUs or SyncManagers: whether process data can take the quick way. */
void sim_quick_find(struct sim_esc *esc);

#endif
