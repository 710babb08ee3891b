/* SPDX-License-Identifier: Apache-2.0 */
/* A controller's life: made from its device, powered, looked after as time passes. */
#ifndef SIM_CONTROLLER_H
#define SIM_CONTROLLER_H

#include "sim/esc.h"

void sim_controller_init(struct sim_esc *esc, const struct ecr_sim_device *device,
			 struct sim_face *face, struct sim_news *news);
/* All volatile memory is as after power-on; ports and cables stay. */
void sim_controller_power_on(struct sim_esc *esc);
/* Another device is in its place from now on, as its EEPROM says, and is switched on; one with objects keeps those. */
void sim_controller_replace(struct sim_esc *esc, const uint8_t *sii, size_t size);
void sim_controller_tick(struct sim_esc *esc, ecr_time now);

#endif
