/* SPDX-License-Identifier: Apache-2.0 */
/* The EEPROM interface: commands with a busy time, four or eight bytes a read, one word a write,
 * ownership (ETG.1000.4, 6.8). */
#ifndef SIM_EEPROM_H
#define SIM_EEPROM_H

#include "sim/esc.h"

/* At power-on, and by command: the SII is looked at again, and the alias register filled from it. */
void sim_eeprom_load(struct sim_esc *esc);
/* The master has written the control register. */
/* The master's writes to the interface have no effect: it is busy, or the PDI has it. */
bool sim_eeprom_locked(const struct sim_esc *esc);
void sim_eeprom_command(struct sim_esc *esc, ecr_time now);
void sim_eeprom_tick(struct sim_esc *esc, ecr_time now);

#endif
