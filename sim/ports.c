/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/ports.h"

#include "wire/frame.h"

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

/* The slave that it hangs on unless told otherwise: the one before that is not absent. */
static int default_parent(const struct ecr_sim *sim, int slave)
{
	int parent = slave - 1;

	while (parent >= 0 && sim->slaves[parent].device.absent)
		parent--;
	return parent;
}

static bool attach(struct ecr_sim *sim, int slave)
{
	const struct sim_esc *esc = &sim->slaves[slave];
	int port = esc->home.port;

	if (port < 0)
		port = free_port(&sim->slaves[esc->home.slave]);
	return port >= 0 &&
	       connect(sim, slave, esc->device.entry_port, esc->home.slave, (unsigned int)port);
}

bool sim_ports_lay(struct ecr_sim *sim)
{
	for (int i = 0; i < sim->count; i++) {
		struct sim_esc *esc = &sim->slaves[i];
		const struct ecr_sim_device *device = &esc->device;
		int parent = device->parent ? device->parent - 1 : default_parent(sim, i);

		if (device->entry_port >= ECR_PORT_COUNT || device->parent_port >= ECR_PORT_COUNT ||
		    parent >= i)
			return false;
		esc->home = (struct sim_home){ parent, device->parent_port ? device->parent_port
									   : SIM_NOBODY };
		if (parent < 0) {
			esc->ports[device->entry_port].master = 0;
			sim->entry[0] = (struct sim_end){ i, device->entry_port };
			continue;
		}
		if (!device->absent && !attach(sim, i))
			return false;
	}
	return true;
}

static bool exists(const struct ecr_sim *sim, int slave)
{
	return slave >= 0 && slave < sim->count;
}

bool ecr_sim_unplug(struct ecr_sim *sim, ecr_time now, int slave)
{
	struct sim_port *here;

	if (!exists(sim, slave))
		return false;
	here = &sim->slaves[slave].ports[sim->slaves[slave].device.entry_port];
	if (here->peer == SIM_NOBODY)
		return false;
	sim->slaves[slave].home = (struct sim_home){ here->peer, here->peer_port };
	sim->slaves[here->peer].ports[here->peer_port].peer = SIM_NOBODY;
	here->peer = SIM_NOBODY;
	sim_ports_settle(sim, now);
	return true;
}

/* A cable that closed a circle would leave both ends without the master. */
static bool hangs_behind(const struct ecr_sim *sim, int slave, int other)
{
	for (int at = other, left = sim->count; at >= 0 && left--;) {
		const struct sim_esc *esc = &sim->slaves[at];

		if (at == slave)
			return true;
		at = esc->ports[esc->device.entry_port].peer;
	}
	return false;
}

bool ecr_sim_plug_in(struct ecr_sim *sim, ecr_time now, int slave, int at, int port)
{
	struct sim_home before;
	struct sim_esc *esc;

	if (!exists(sim, slave) || (at >= 0 && !exists(sim, at)) || port >= (int)ECR_PORT_COUNT)
		return false;
	esc = &sim->slaves[slave];
	before = esc->home;
	if (at >= 0)
		esc->home = (struct sim_home){ at, port < 0 ? SIM_NOBODY : port };
	if (esc->home.slave < 0 || hangs_behind(sim, slave, esc->home.slave) ||
	    !attach(sim, slave)) {
		esc->home = before;
		return false;
	}
	sim_ports_settle(sim, now);
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
	sim_ports_settle(sim, sim->news.now);
	return true;
}

static struct sim_port *peer_of(struct ecr_sim *sim, const struct sim_port *port)
{
	return port->peer == SIM_NOBODY ? NULL : &sim->slaves[port->peer].ports[port->peer_port];
}

void sim_ports_cut(struct ecr_sim *sim, ecr_time now, int slave, unsigned int number, int by)
{
	struct sim_port *port = &sim->slaves[slave].ports[number];

	port->cuts = (uint8_t)(port->cuts + by);
	sim_ports_settle(sim, now);
}

/* A cut at either end: whatever is plugged in meanwhile suffers from it no longer than it lasts. */
static bool has_link(struct ecr_sim *sim, int slave, const struct sim_port *port)
{
	const struct sim_port *peer = peer_of(sim, port);

	if (!taken(port) || port->cuts || (peer && peer->cuts) || sim->slaves[slave].off)
		return false;
	if (port->master != SIM_NOBODY)
		return !sim->unplugged[port->master];
	return !sim->slaves[port->peer].off;
}

static unsigned int setting(const struct sim_esc *esc, unsigned int number)
{
	return esc->memory[ECR_REG_DL_PORTS] >> ECR_LOOP_SHIFT(number) & ECR_LOOP_MASK;
}

static bool follows_link(const struct sim_esc *esc, unsigned int number)
{
	return setting(esc, number) <= ECR_LOOP_AUTO_CLOSE;
}

static bool wants_open(const struct sim_esc *esc, unsigned int number, bool link)
{
	switch (setting(esc, number)) {
	case ECR_LOOP_OPEN:
		return true;
	case ECR_LOOP_CLOSED:
		return false;
	case ECR_LOOP_AUTO_CLOSE:
		return link && !esc->ports[number].held;
	default:
		return link;
	}
}

static void lose_link(struct sim_esc *esc, unsigned int number)
{
	uint8_t *counter = &esc->memory[ECR_REG_LOST_LINK + number];

	esc->ports[number].held = setting(esc, number) == ECR_LOOP_AUTO_CLOSE;
	if (esc->off || !follows_link(esc, number))
		return;
	*counter = (uint8_t)(*counter + (*counter < 0xFF));
}

static void settle_at(struct sim_esc *esc, ecr_time at)
{
	if (at < esc->ports_due)
		esc->ports_due = at;
	sim_esc_wake(esc, at);
}

void sim_ports_written(struct sim_esc *esc, ecr_time now)
{
	for (unsigned int i = 0; i < ECR_PORT_COUNT; i++)
		esc->ports[i].held = false;
	settle_at(esc, now);
}

static void settle_port(struct ecr_sim *sim, ecr_time now, int slave, unsigned int number)
{
	struct sim_esc *esc = &sim->slaves[slave];
	struct sim_port *port = &esc->ports[number];
	bool link = has_link(sim, slave, port);
	bool open;

	if (port->link && !link)
		lose_link(esc, number);
	port->link = link;
	open = wants_open(esc, number, link);
	if (open == port->open) {
		port->change_at = ECR_NEVER;
		return;
	}
	if (port->change_at == ECR_NEVER)
		port->change_at =
			sim->settled ? now + (open ? port->open_ns : port->close_ns) : now;
	if (now < port->change_at) {
		settle_at(esc, port->change_at);
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
			status |= (uint16_t)ECR_DL_STATUS_LINK(i);
		if (!port->open)
			status |= (uint16_t)ECR_DL_STATUS_LOOP(i);
		if (port->link && port->open)
			status |= (uint16_t)ECR_DL_STATUS_SIGNAL(i);
	}
	ecr_put_le16(esc->memory + ECR_REG_DL_STATUS, status);
	if (status != before)
		sim_esc_events(esc, ECR_IRQ_DL_STATUS, 0);
}

static void arrive(struct sim_route *route, struct sim_end at)
{
	route->hops[route->hop_count++] =
		(struct sim_hop){ .end = at, .before = route->count, .at = route->delay };
}

/* From the port where the frame is to the one where it leaves the slave; false: it has been here
 * before, and would go round for ever. */
static bool pass_slave(struct ecr_sim *sim, struct sim_route *route, struct sim_end *at)
{
	struct sim_esc *esc = &sim->slaves[at->slave];

	route->delay += esc->device.return_ns;
	do {
		if (at->port == 0) {
			if (route->count == sim->count)
				return false;
			route->visits[route->count++] = at->slave;
			sim_clock_route(esc, (unsigned int)(route - sim->routes),
					route->delay - esc->device.return_ns / 2);
			route->delay += esc->device.forward_ns;
			route->delay -= esc->device.return_ns;
		}
		at->port = following[at->port];
		if (at->port == 0 && !esc->ports[0].open && follows_link(esc, 0) &&
		    route->circulates == SIM_NOBODY)
			route->circulates = route->count;
	} while (!esc->ports[at->port].open);
	return true;
}

static ecr_time cable_delay(const struct ecr_sim *sim, int slave, int peer)
{
	return sim->slaves[peer > slave ? peer : slave].device.cable_ns;
}

/*
 * The way of a frame from one port of the master: who processes it in what order, and where it comes
 * out. It is lost where it is sent into a cable whose other end does not listen.
 */
static void find_route(struct ecr_sim *sim, unsigned int from, struct sim_route *route)
{
	struct sim_end at = sim->entry[from];

	*route = (struct sim_route){ .visits = route->visits,
				     .places = route->places,
				     .hops = route->hops,
				     .circulates = SIM_NOBODY,
				     .exit = SIM_NOBODY };
	if (at.slave == SIM_NOBODY || !sim->slaves[at.slave].ports[at.port].link)
		return;
	while (sim->slaves[at.slave].ports[at.port].open) {
		const struct sim_port *port;

		arrive(route, at);
		if (!pass_slave(sim, route, &at))
			return;
		port = &sim->slaves[at.slave].ports[at.port];
		if (!port->link)
			return;
		if (port->master != SIM_NOBODY) {
			route->exit = port->master;
			return;
		}
		route->delay += cable_delay(sim, at.slave, port->peer);
		at = (struct sim_end){ port->peer, port->peer_port };
	}
}

bool sim_ports_circulates(const struct sim_route *route, uint8_t *frame, size_t length)
{
	struct ecr_frame_reader reader;
	struct ecr_datagram datagram;
	bool marked = false;

	if (route->circulates == SIM_NOBODY)
		return false;
	ecr_frame_open(&reader, frame, length);
	while (ecr_frame_next(&reader, &datagram)) {
		marked = marked || datagram.circulating;
		ecr_datagram_set_circulating(&datagram);
	}
	return marked;
}

void sim_ports_settle(struct ecr_sim *sim, ecr_time now)
{
	for (int i = 0; i < sim->count; i++) {
		sim->slaves[i].ports_due = ECR_NEVER;
		for (unsigned int port = 0; port < ECR_PORT_COUNT; port++)
			settle_port(sim, now, i, port);
		sim->slaves[i].reached = false;
		set_dl_status(&sim->slaves[i]);
	}
	for (unsigned int i = 0; i < 2; i++) {
		struct sim_route *route = &sim->routes[i];

		find_route(sim, i, route);
		for (int k = 0; k < sim->count; k++)
			route->places[k] = SIM_NOBODY;
		for (int k = 0; k < route->count; k++) {
			route->places[route->visits[k]] = k;
			sim->slaves[route->visits[k]].reached = true;
		}
	}
	sim->settled = true;
}

bool ecr_sim_loop_delay(struct ecr_sim *sim, int slave, int port, uint32_t close_ns,
			uint32_t open_ns)
{
	if (slave < 0 || slave >= sim->count || port < 0 || port >= (int)ECR_PORT_COUNT)
		return false;
	sim->slaves[slave].ports[port].close_ns = close_ns;
	sim->slaves[slave].ports[port].open_ns = open_ns;
	return true;
}

int ecr_sim_position(const struct ecr_sim *sim, int slave)
{
	for (int i = 0; i < sim->routes[0].count; i++)
		if (sim->routes[0].visits[i] == slave)
			return i;
	return SIM_NOBODY;
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
