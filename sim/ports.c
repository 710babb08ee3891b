/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/ports.h"

#include <string.h>

#define LINE_PORT 1u

static const uint8_t following[ECR_PORT_COUNT] = { 3, 2, 0, 1 };

static bool taken(const struct sim_port *port)
{
	return port->peer != SIM_NOBODY || port->master != SIM_NOBODY;
}

/* Port 1 goes on with the line; what else hangs on a slave takes port 3, then 2. Behind a slave whose
 * cables are swapped the line goes on at port 0. */
static int free_port(const struct sim_esc *esc)
{
	static const uint8_t order[] = { LINE_PORT, 0, 3, 2 };

	for (size_t i = 0; i < sizeof(order); i++)
		if (!taken(&esc->ports[order[i]]))
			return order[i];
	return SIM_NOBODY;
}

static bool connect(struct ecr_sim *sim, int slave, unsigned int entry, int parent,
		    unsigned int port)
{
	struct sim_port *here = &sim->slaves[slave].ports[entry];
	struct sim_port *there = &sim->slaves[parent].ports[port];

	if (taken(here) || taken(there))
		return false;
	here->peer = parent;
	here->peer_port = (uint8_t)port;
	there->peer = slave;
	there->peer_port = (uint8_t)entry;
	return true;
}

bool sim_ports_lay(struct ecr_sim *sim)
{
	for (int i = 0; i < sim->count; i++) {
		const struct ecr_sim_device *device = &sim->slaves[i].device;
		int parent = device->parent ? device->parent - 1 : i - 1;
		int port;

		if (device->entry_port >= ECR_PORT_COUNT || device->parent_port >= ECR_PORT_COUNT ||
		    parent >= i)
			return false;
		if (parent < 0) {
			sim->slaves[i].ports[device->entry_port].master = 0;
			sim->entry[0] = (struct sim_end){ i, device->entry_port };
			continue;
		}
		port = device->parent_port ? device->parent_port : free_port(&sim->slaves[parent]);
		if (port < 0 || !connect(sim, i, device->entry_port, parent, (unsigned int)port))
			return false;
	}
	return true;
}

bool ecr_sim_close_ring(struct ecr_sim *sim, int slave, int port)
{
	if (slave < 0 || slave >= sim->count || sim->entry[1].slave != SIM_NOBODY)
		return false;
	if (port < 0)
		port = free_port(&sim->slaves[slave]);
	if (port < 0 || port >= (int)ECR_PORT_COUNT || taken(&sim->slaves[slave].ports[port]))
		return false;
	sim->slaves[slave].ports[port].master = 1;
	sim->entry[1] = (struct sim_end){ slave, (uint8_t)port };
	sim->unplugged[1] = false;
	sim_ports_settle(sim, sim->now);
	return true;
}

static struct sim_port *peer_of(struct ecr_sim *sim, const struct sim_port *port)
{
	return port->peer == SIM_NOBODY ? NULL : &sim->slaves[port->peer].ports[port->peer_port];
}

void sim_ports_cut(struct ecr_sim *sim, ecr_time now, int slave, unsigned int number, int by)
{
	struct sim_port *port = &sim->slaves[slave].ports[number];
	struct sim_port *peer = peer_of(sim, port);

	port->cuts = (uint8_t)(port->cuts + by);
	if (peer)
		peer->cuts = (uint8_t)(peer->cuts + by);
	sim_ports_settle(sim, now);
}

static bool has_link(struct ecr_sim *sim, int slave, const struct sim_port *port)
{
	if (!taken(port) || port->cuts || sim->slaves[slave].off)
		return false;
	if (port->master != SIM_NOBODY)
		return !sim->unplugged[port->master];
	return !sim->slaves[port->peer].off;
}

static bool wants_open(const struct sim_esc *esc, unsigned int number, bool link)
{
	switch (esc->memory[ECR_REG_DL_PORTS] >> ECR_LOOP_SHIFT(number) & ECR_LOOP_MASK) {
	case ECR_LOOP_OPEN:
		return true;
	case ECR_LOOP_CLOSED:
		return false;
	default:
		return link;
	}
}

static void count_lost_link(struct sim_esc *esc, unsigned int number)
{
	uint8_t *counter = &esc->memory[ECR_REG_LOST_LINK + number];

	*counter = (uint8_t)(*counter + (*counter < 0xFF));
}

static void settle_port(struct ecr_sim *sim, ecr_time now, int slave, unsigned int number)
{
	struct sim_esc *esc = &sim->slaves[slave];
	struct sim_port *port = &esc->ports[number];
	bool link = has_link(sim, slave, port);
	bool open = wants_open(esc, number, link);
	ecr_time delay = open ? esc->device.loop_open_ns : esc->device.loop_close_ns;

	if (port->link && !link)
		count_lost_link(esc, number);
	port->link = link;
	if (open == port->open) {
		port->change_at = ECR_NEVER;
		return;
	}
	if (port->change_at == ECR_NEVER)
		port->change_at = sim->settled ? now + delay : now;
	if (now < port->change_at) {
		sim_esc_wake(esc, port->change_at);
		return;
	}
	port->open = open;
	port->change_at = ECR_NEVER;
}

static void set_dl_status(struct sim_esc *esc)
{
	uint16_t status = ECR_DL_STATUS_PDI_OPERATIONAL;
	uint16_t before = sim_register16(esc, ECR_REG_DL_STATUS);

	for (unsigned int i = 0; i < ECR_PORT_COUNT; i++) {
		const struct sim_port *port = &esc->ports[i];

		if (port->link)
			status |= ECR_DL_STATUS_LINK(i);
		if (!port->open)
			status |= (uint16_t)ECR_DL_STATUS_LOOP(i);
		if (port->link && port->open)
			status |= (uint16_t)ECR_DL_STATUS_SIGNAL(i);
	}
	ecr_put_le16(esc->memory + ECR_REG_DL_STATUS, status);
	if (status != before)
		sim_esc_events(esc, ECR_IRQ_DL_STATUS, 0);
}

/*
 * The way of a frame from one port of the master: who processes it in what order, and where it comes
 * out. It is lost where it is sent into a cable whose other end does not listen.
 */
static void find_route(struct ecr_sim *sim, unsigned int from, struct sim_route *route)
{
	struct sim_end at = sim->entry[from];
	uint32_t limit = (uint32_t)sim->count * 2 * ECR_PORT_COUNT + ECR_PORT_COUNT;

	route->count = 0;
	route->exit = SIM_NOBODY;
	route->delay = 0;
	if (at.slave == SIM_NOBODY || !sim->slaves[at.slave].ports[at.port].open ||
	    !sim->slaves[at.slave].ports[at.port].link)
		return;
	while (limit--) {
		struct sim_esc *esc = &sim->slaves[at.slave];
		const struct sim_port *port;

		if (at.port == 0) {
			if (route->count == sim->count) /* a second time: a circulating frame */
				return;
			route->visits[route->count++] = at.slave;
			route->delay += esc->device.forward_ns;
		} else {
			route->delay += esc->device.return_ns;
		}
		at.port = following[at.port];
		port = &esc->ports[at.port];
		if (!port->open)
			continue; /* the loop sends it on to the next port */
		if (!port->link)
			return;
		if (port->master != SIM_NOBODY) {
			route->exit = port->master;
			return;
		}
		if (!peer_of(sim, port)->open)
			return;
		route->delay +=
			sim->slaves[port->peer > at.slave ? port->peer : at.slave].device.cable_ns;
		at = (struct sim_end){ port->peer, port->peer_port };
	}
}

void sim_ports_settle(struct ecr_sim *sim, ecr_time now)
{
	for (int i = 0; i < sim->count; i++) {
		for (unsigned int port = 0; port < ECR_PORT_COUNT; port++)
			settle_port(sim, now, i, port);
		sim->slaves[i].reached = false;
		set_dl_status(&sim->slaves[i]);
	}
	for (unsigned int i = 0; i < 2; i++) {
		find_route(sim, i, &sim->routes[i]);
		for (int k = 0; k < sim->routes[i].count; k++)
			sim->slaves[sim->routes[i].visits[k]].reached = true;
	}
	sim->settled = true;
}

void ecr_sim_plug(struct ecr_sim *sim, ecr_time now, unsigned int port, bool plugged)
{
	if (port > 1)
		return;
	sim->unplugged[port] = !plugged;
	sim_ports_settle(sim, now);
}

bool ecr_sim_link(const struct ecr_sim *sim, unsigned int port)
{
	const struct sim_end *end = &sim->entry[port & 1];

	return end->slave != SIM_NOBODY && sim->slaves[end->slave].ports[end->port].link;
}
