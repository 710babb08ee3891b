/* SPDX-License-Identifier: Apache-2.0 */
/* Access to a controller's registers and memory by the master's datagrams. */
#ifndef SIM_REGISTERS_H
#define SIM_REGISTERS_H

#include "sim/esc.h"

/* False: the access does not count. `merge`: what is there is ORed to the data, as BRD does. */
bool sim_read(struct sim_esc *esc, ecr_time now, uint16_t address, uint16_t length, uint8_t *data,
	      bool merge);
bool sim_write(struct sim_esc *esc, ecr_time now, uint16_t address, uint16_t length,
	       const uint8_t *data);

#endif
