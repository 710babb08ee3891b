/* SPDX-License-Identifier: Apache-2.0 */
/* The quick way of process data: known beforehand is what FMMUs and SyncManagers would find out again
 * with every frame. Of a slave that goes this way a frame touches its face and its bytes, no more. */
#ifndef SIM_QUICK_H
#define SIM_QUICK_H

#include "sim/esc.h"

/* Before and after any change of FMMUs or SyncManagers: no quick way; whether there is one. */
void sim_quick_drop(struct sim_esc *esc);
void sim_quick_find(struct sim_esc *esc);
/* Before somebody looks at the registers: they have what quick ways have changed. */
void sim_quick_show(struct sim_esc *esc);
/* The status of a SyncManager, wherever it stands. */
uint8_t *sim_quick_status(struct sim_esc *esc, int sm);

#endif
