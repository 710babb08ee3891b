/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The slave's side of the AL state machine (ETG.1000.6, 6.4), and the code for every refusal (ETG.1020).
 * A device without a processor grants whatever it is asked for, by copying it.
 *
 *   from    to INIT   PREOP     BOOT      SAFEOP    OP
 *   ------  --------  --------  --------  --------  --------
 *   INIT    granted   mailbox   boot      -         -
 *   PREOP   granted   mailbox   -         data      -
 *   BOOT    granted   -         boot      -         -
 *   SAFEOP  granted   mailbox   -         data      all
 *   OP      granted   mailbox   -         data      all
 *
 * -        no such step: INVALID_CHANGE; a state of another number: UNKNOWN_STATE
 * mailbox  SyncManagers 0 and 1 as the EEPROM has them, or MAILBOX_PREOP; then the application's word
 * boot     likewise for the bootstrap mailbox: NO_BOOTSTRAP, MAILBOX_BOOT
 * data     as mailbox, and process data SyncManagers as EEPROM and PDOs have them (OUTPUTS, INPUTS), and
 *          SYNC0 as the application needs it
 * all      as data, those too that are enabled in OP only, and SYNC0 is running
 *
 * An error stays until it is acknowledged: nothing but INIT is granted before. By itself a slave falls from
 * OP to SAFEOP when the watchdog expires or SYNC0 is missed, to PREOP when process data SyncManagers are
 * changed under it, to INIT when the mailbox's are.
 */
#ifndef SIM_ESM_H
#define SIM_ESM_H

#include "sim/esc.h"

/* The master has written AL control. */
void sim_esm_request(struct sim_esc *esc, ecr_time now, uint16_t control);
/* SyncManagers have been written: the slave falls back from a state that they no longer allow. */
void sim_esm_settings(struct sim_esc *esc);
/* A change that takes time is done. */
void sim_esm_tick(struct sim_esc *esc, ecr_time now);

#endif
