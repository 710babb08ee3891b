/* SPDX-License-Identifier: Apache-2.0 */
/* What is true of the simulated ring, and how late the session may be to find it out. */
#include "world/inner.h"

ecr_time world_patience(const struct world *world)
{
	const struct ecr_bus *bus = &world->ring.core->bus;
	ecr_time poll = 0;
	ecr_time period = 0;

	for (int i = 0; i < world->plan.count; i++)
		if (ECR_MS(world->plan.slaves[i].health_poll_ms) > poll)
			poll = ECR_MS(world->plan.slaves[i].health_poll_ms);
	for (int i = 0; i < world->plan.domain_count; i++)
		period = world->period_was[i] > period ? world->period_was[i] : period;
	return 2 * poll + 12 * bus->frame_timeout + 16 * period + ECR_MS(50);
}

bool world_too_long(const struct world *world, ecr_time since, ecr_time more)
{
	return world->ring.now - (world->paused > since ? world->paused : since) >
	       world_patience(world) + more;
}

bool world_reachable(const struct world *world, int slave)
{
	const struct ecr_sim *sim = world->ring.sim;

	for (int port = 0; port < (world->ring.two_ports ? 2 : 1); port++)
		if (sim->routes[port].places[slave] != SIM_NOBODY &&
		    sim->routes[port].exit != SIM_NOBODY)
			return true;
	return false;
}

int world_position(const struct world *world, int slave)
{
	const struct sim_route *ways = world->ring.sim->routes;

	if (ways[0].places[slave] != SIM_NOBODY)
		return ways[0].places[slave];
	return world->ring.two_ports && ways[1].places[slave] != SIM_NOBODY
		       ? ways[0].count + ways[1].places[slave]
		       : SIM_NOBODY;
}

bool world_clock_there(const struct world *world, int slave)
{
	const struct ecr_sim_device *device = &world->plan.devices[slave];

	return (device->features & ECR_FEATURE_DC) && !device->clock.times_only &&
	       world_reachable(world, slave);
}

bool world_is_itself(const struct world *world, int slave)
{
	const struct ecr_core *core = world->ring.core;

	return slave < core->slave_count &&
	       core->slaves[slave].station == world->ring.sim->slaves[slave].face->station;
}

int world_taken_for(const struct world *world, int slave)
{
	const struct ecr_core *core = world->ring.core;
	uint16_t station = world->ring.sim->slaves[slave].face->station;

	for (int i = 0; i < core->slave_count && !world_is_itself(world, slave); i++)
		if (core->slaves[i].station == station)
			return i;
	return slave;
}

bool world_away(const struct world *world, int slave)
{
	return slave >= world->plan.fixed && !world_reachable(world, slave);
}

uint8_t world_truth(const struct world *world, int slave)
{
	const struct sim_esc *esc = &world->ring.sim->slaves[slave];

	if (esc->off || !world_reachable(world, slave))
		return 0;
	return (uint8_t)(sim_al_status(esc) & ECR_AL_STATE_MASK);
}
