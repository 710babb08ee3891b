/* SPDX-License-Identifier: Apache-2.0 */
/* Who answers to a station address or alias: found without asking every slave. */
#ifndef SIM_STATIONS_H
#define SIM_STATIONS_H

#include "sim/sim.h"

#define SIM_SEVERAL (-2)

uint32_t sim_stations_room(int count);
/* The slave, SIM_NOBODY, or SIM_SEVERAL. */
int sim_stations_find(struct ecr_sim *sim, uint16_t address);

static inline bool sim_station_is(const struct sim_face *face, uint16_t address)
{
	return (address && face->station == address) || (face->alias && face->alias == address);
}

#endif
