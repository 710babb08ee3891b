/* SPDX-License-Identifier: Apache-2.0 */
/* What the seed says happens at its time, and ends at its time. */
#include "world/inner.h"

#include "sim/app.h"

static bool left_out(const struct world *world, int number)
{
	return world->options->left_out >> number & 1;
}

/* Noises that last add up. */
static void settle_noise(struct world *world)
{
	struct vring *ring = &world->ring;
	struct world_noise sum = { 0 };

	for (int i = 0; i < world->plan.entry_count; i++) {
		const struct world_noise *noise = &world->plan.entries[i].noise;

		if (!world->active[i] || world->plan.entries[i].kind != WORLD_DISTURB)
			continue;
		sum.lost += noise->lost;
		sum.lost_back += noise->lost_back;
		sum.duplicated += noise->duplicated;
		sum.late += noise->late;
		sum.corrupt += noise->corrupt;
		sum.late_ns = noise->late_ns > sum.late_ns ? noise->late_ns : sum.late_ns;
	}
	ring->lost_ppm = sum.lost;
	ring->lost_back_ppm = sum.lost_back;
	ring->duplicated_ppm = sum.duplicated;
	ring->late_ppm = sum.late;
	ring->corrupt_ppm = sum.corrupt;
	ring->late_ns = sum.late_ns;
}

/* One at a time: the last that has begun. */
static void settle_cables(struct world *world)
{
	struct vring *ring = &world->ring;

	ring->bad_cable_ppm = 0;
	for (int i = 0; i < world->plan.entry_count; i++) {
		const struct world_entry *entry = &world->plan.entries[i];

		if (!world->active[i] || entry->kind != WORLD_CABLE)
			continue;
		ring->bad_cable.slave = entry->socket.slave;
		ring->bad_cable.value = entry->socket.port;
		ring->bad_cable_ppm = entry->chance;
	}
}

static bool any_at(const struct world *world, enum world_entry_kind kind, unsigned int port)
{
	for (int i = 0; i < world->plan.entry_count; i++)
		if (world->active[i] && world->plan.entries[i].kind == kind &&
		    world->plan.entries[i].port == port)
			return true;
	return false;
}

static void settle_plugs(struct world *world)
{
	for (unsigned int port = 0; port < 2; port++) {
		world->ring.gone[port] = any_at(world, WORLD_REMOVE, port);
		if (world->ring.two_ports || world->ring.watches_links)
			ecr_sim_plug(world->ring.sim, world->ring.now, port,
				     !world->ring.gone[port] && !any_at(world, WORLD_UNPLUG, port));
	}
}

/* Whoever watches the link is told of it later than what is sent there fails. */
static void settle_removal(struct world *world, const struct world_entry *entry, bool on)
{
	world->ring.blind_until[entry->port] = on ? world->ring.now + entry->gap : world->ring.now;
	settle_plugs(world);
}

/* What the device always does, or what it does now. */
static void settle_habits(struct world *world, int slave)
{
	struct sim_esc *esc = &world->ring.sim->slaves[slave];
	struct ecr_sim_habits habits = world->plan.devices[slave].habits;

	for (int i = 0; i < world->plan.entry_count; i++) {
		const struct world_entry *entry = &world->plan.entries[i];

		if (!world->active[i] || entry->kind != WORLD_HABIT || entry->fault.slave != slave)
			continue;
		if (entry->habits.emergency_ns)
			habits.emergency_ns = entry->habits.emergency_ns;
		else
			habits.answer_ns = entry->habits.answer_ns;
	}
	esc->device.habits = habits;
	esc->app->mailbox.emergency_at = habits.emergency_ns ? world->ring.now : ECR_NEVER;
	sim_esc_wake(esc, world->ring.now);
}

/* Whatever hangs on it goes with it. */
static void plug(struct world *world, int slave, struct world_socket socket)
{
	ecr_sim_unplug(world->ring.sim, world->ring.now, slave);
	ecr_sim_plug_in(world->ring.sim, world->ring.now, slave, socket.slave, socket.port);
}

/*
 * Until all have been brought up those who must be there are known by the order alone: a stranger among them
 * would take the place of one of them, and nobody could tell.
 */
static bool places_are_known(const struct world *world)
{
	return world->state != ECR_STATE_IDLE && world->state != ECR_STATE_DISCOVERING &&
	       world->state != ECR_STATE_AWAITING_PREOP;
}

static bool any_missing(const struct world *world)
{
	for (int i = 0; i < world->plan.fixed; i++)
		if (world->ring.sim->slaves[i].off || !world_reachable(world, i))
			return true;
	return false;
}

/* Nor could anybody tell one that only its place makes known from one that is missing before it. */
static void pull_out_stand_ins(struct world *world)
{
	if (places_are_known(world) || !any_missing(world))
		return;
	for (int i = 0; i < world->plan.tool_count; i++) {
		int tool = world->plan.tools[i];

		if (world->plan.slaves[tool].presence.by == ECR_BY_POSITION &&
		    ecr_sim_unplug(world->ring.sim, world->ring.now, tool))
			world_say(world, "-- %s would stand for who is missing: it is pulled out",
				  world->plan.names[tool]);
	}
}

static void settle_stranger(struct world *world, const struct world_entry *entry, bool on)
{
	struct ecr_sim *sim = world->ring.sim;
	struct world_socket socket = entry->socket;

	if (!on) {
		ecr_sim_unplug(sim, world->ring.now, world->plan.count);
		return;
	}
	if (!places_are_known(world))
		return;
	if (ecr_sim_unplug(sim, world->ring.now, entry->fault.slave))
		socket = (struct world_socket){ sim->slaves[entry->fault.slave].home.slave,
						sim->slaves[entry->fault.slave].home.port };
	plug(world, world->plan.count, socket);
}

static void switch_entry(struct world *world, int number, bool on)
{
	world->active[number] = on;
	if (world->plan.entries[number].kind == WORLD_DISTURB)
		settle_noise(world);
	if (world->plan.entries[number].kind == WORLD_UNPLUG)
		settle_plugs(world);
	if (world->plan.entries[number].kind == WORLD_CABLE)
		settle_cables(world);
	if (world->plan.entries[number].kind == WORLD_REMOVE)
		settle_removal(world, &world->plan.entries[number], on);
	if (world->plan.entries[number].kind == WORLD_HABIT)
		settle_habits(world, world->plan.entries[number].fault.slave);
	if (world->plan.entries[number].kind == WORLD_STRANGER)
		settle_stranger(world, &world->plan.entries[number], on);
	if (world->plan.entries[number].kind == WORLD_REPLACE ||
	    world->plan.entries[number].kind == WORLD_SWAP)
		world_put_devices(world, world->plan.entries[number].gap);
}

static void pause_host(struct world *world, ecr_time lasts)
{
	world->ring.now += lasts;
	world->paused = world->ring.now;
}

static void begin(struct world *world, int number)
{
	const struct world_entry *entry = &world->plan.entries[number];
	struct ecr_request request = { 0 };
	char text[300];

	if (world->options->tell) {
		world_tell_entry(&world->plan, world->ring.sim, number, text, sizeof(text));
		world_say(world, "-- %s", text);
	}
	switch (entry->kind) {
	case WORLD_FAULT:
		ecr_sim_inject(world->ring.sim, world->ring.now, &entry->fault);
		break;
	case WORLD_DISTURB:
	case WORLD_UNPLUG:
	case WORLD_HABIT:
	case WORLD_STRANGER:
	case WORLD_CABLE:
	case WORLD_REMOVE:
	case WORLD_REPLACE:
	case WORLD_SWAP:
		switch_entry(world, number, true);
		break;
	case WORLD_JOIN:
		plug(world, entry->fault.slave, entry->socket);
		break;
	case WORLD_LEAVE:
		ecr_sim_unplug(world->ring.sim, world->ring.now, entry->fault.slave);
		break;
	case WORLD_PAUSE:
		pause_host(world, entry->lasts);
		break;
	case WORLD_ACTIVATE:
		request.kind = ECR_REQUEST_ACTIVATE;
		world_ask(world, request);
		break;
	case WORLD_DEACTIVATE:
		request.kind = ECR_REQUEST_DEACTIVATE;
		request.target = entry->target;
		world_ask(world, request);
		break;
	case WORLD_RESTART:
		request.kind = ECR_REQUEST_STOP;
		world_ask(world, request);
		break;
	case WORLD_PERIOD:
		request.kind = ECR_REQUEST_CYCLE_TIME;
		request.name = world->plan.domains[entry->domain].id;
		request.cycle_ns = entry->period;
		world_ask(world, request);
		break;
	}
}

static ecr_time end_of(const struct world *world, int number)
{
	return world->began + world->plan.entries[number].at + world->plan.entries[number].lasts;
}

void world_happen(struct world *world)
{
	const struct world_plan *plan = &world->plan;

	for (int i = 0; i < plan->entry_count; i++)
		if (world->active[i] && end_of(world, i) <= world->ring.now)
			switch_entry(world, i, false);
	while (world->next_entry < plan->entry_count && !world_over(world) &&
	       world->began + plan->entries[world->next_entry].at <= world->ring.now) {
		int number = world->next_entry++;

		if (!left_out(world, number))
			begin(world, number);
	}
	pull_out_stand_ins(world);
}

ecr_time world_next_happening(const struct world *world)
{
	const struct world_plan *plan = &world->plan;
	ecr_time next = ECR_NEVER;

	if (world->next_entry < plan->entry_count)
		next = world->began + plan->entries[world->next_entry].at;
	for (int i = 0; i < plan->entry_count; i++)
		if (world->active[i] && end_of(world, i) < next)
			next = end_of(world, i);
	return next;
}

void world_end_all(struct world *world)
{
	for (int i = 0; i < world->plan.entry_count; i++)
		if (world->active[i])
			switch_entry(world, i, false);
	world->disturbed = world->ring.now;
	world->next_entry = world->plan.entry_count;
	ecr_sim_clear_faults(world->ring.sim);
}
