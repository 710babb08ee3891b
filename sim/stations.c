/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/stations.h"

#define SPREAD 40503u /* odd, near 2^16 divided by the golden ratio */

/* Two addresses for each slave, and half of it stays free. */
uint32_t sim_stations_room(int count)
{
	uint32_t room = 4;

	while (room < 4 * (uint32_t)count)
		room *= 2;
	return room;
}

static uint32_t place_of(const struct ecr_sim *sim, uint16_t address)
{
	return address * SPREAD & (sim->station_room - 1);
}

static void enter(struct ecr_sim *sim, int slave, uint16_t address)
{
	uint32_t at = place_of(sim, address);

	if (!address)
		return;
	while (sim->stations[at].slave != SIM_NOBODY && sim->stations[at].address != address)
		at = (at + 1) & (sim->station_room - 1);
	if (sim->stations[at].slave != SIM_NOBODY && sim->stations[at].slave != slave)
		slave = SIM_SEVERAL;
	sim->stations[at] = (struct sim_station){ slave, address };
}

static void fill(struct ecr_sim *sim)
{
	for (uint32_t i = 0; i < sim->station_room; i++)
		sim->stations[i].slave = SIM_NOBODY;
	for (int i = 0; i < sim->count; i++) {
		enter(sim, i, sim->faces[i].station);
		enter(sim, i, sim->faces[i].alias);
	}
	sim->news.addressed = false;
}

int sim_stations_find(struct ecr_sim *sim, uint16_t address)
{
	uint32_t at = place_of(sim, address);

	if (sim->news.addressed)
		fill(sim);
	while (sim->stations[at].slave != SIM_NOBODY && sim->stations[at].address != address)
		at = (at + 1) & (sim->station_room - 1);
	return sim->stations[at].slave;
}
