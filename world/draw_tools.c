/* SPDX-License-Identifier: Apache-2.0 */
/* Slaves that come and go: what they are, what they are known by, where they are plugged in, and when. */
#include "world/draw.h"

#include "wire/registers.h"

#include <stdio.h>

#define FIRST_MARK 40u /* what tools are known by, from there on */
#define STRANGE_MARK 99u
#define MEMORY_AT 0x0F18u

static bool is_ours(const struct world_plan *plan, int slave)
{
	return plan->slaves[slave].target_state == ECR_TARGET_OP;
}

static int parent_of(const struct world_plan *plan, int slave)
{
	return plan->devices[slave].parent ? plan->devices[slave].parent - 1 : slave - 1;
}

static int parent_port_of(const struct world_plan *plan, int slave)
{
	return plan->devices[slave].parent_port ? plan->devices[slave].parent_port : 1;
}

/* On a ring with two ports what hangs behind the way from one to the other is processed on the way back only: there is nobody. */
static void keep_way_free(const struct world_plan *plan, bool used[WORLD_FIXED][4])
{
	static const uint8_t order[] = { 3, 1, 2 };
	int port = 1;

	for (int i = plan->fixed - 1; i >= 0; i = parent_of(plan, i)) {
		bool behind = false;

		for (size_t k = 0; k < sizeof(order); k++) {
			behind = behind || order[k] == port;
			used[i][order[k]] = used[i][order[k]] || behind;
		}
		port = parent_port_of(plan, i);
	}
}

/* Ports of slaves that must be there which no cable of theirs needs. */
static void list_sockets(struct world_plan *plan)
{
	bool used[WORLD_FIXED][4] = { 0 };

	for (int i = 0; i < plan->fixed; i++) {
		used[i][0] = true;
		if (parent_of(plan, i) >= 0)
			used[parent_of(plan, i)][parent_port_of(plan, i)] = true;
	}
	if (world_has(plan, WORLD_RING))
		keep_way_free(plan, used);
	for (int i = 0; i < plan->fixed; i++)
		for (int port = 1; port < 4; port++)
			if (!used[i][port])
				plan->sockets[plan->socket_count++] =
					(struct world_socket){ i, port };
}

/* One that is known by its position must stand behind all others. */
static bool fits(const struct world_plan *plan, int tool, struct world_socket socket)
{
	return plan->slaves[tool].presence.by != ECR_BY_POSITION || socket.slave == plan->fixed - 1;
}

struct world_socket world_draw_socket(const struct world_plan *plan, struct ecr_prng *prng,
				      int tool)
{
	uint32_t count = (uint32_t)plan->socket_count;
	uint32_t at = ecr_prng_below(prng, count);

	for (uint32_t i = 0; i < count; i++)
		if (fits(plan, tool, plan->sockets[(at + i) % count]))
			return plan->sockets[(at + i) % count];
	return plan->sockets[at];
}

static bool is_home(const struct world_plan *plan, struct world_socket socket)
{
	for (int i = 0; i < plan->tool_count; i++) {
		const struct ecr_sim_device *device = &plan->devices[plan->tools[i]];

		if (device->parent - 1 == socket.slave && device->parent_port == socket.port)
			return true;
	}
	return false;
}

/* What was to be plugged in there is plugged in elsewhere. */
static void move_elsewhere(struct world_plan *plan, struct ecr_prng *prng,
			   struct world_socket socket)
{
	for (int i = 0; i < plan->entry_count; i++) {
		struct world_entry *entry = &plan->entries[i];
		bool plugs = entry->kind == WORLD_JOIN || entry->kind == WORLD_STRANGER;

		if (plugs && entry->socket.slave == socket.slave &&
		    entry->socket.port == socket.port)
			entry->socket = world_draw_socket(plan, prng, entry->fault.slave);
	}
}

bool world_take_socket(struct world_plan *plan, struct ecr_prng *prng, struct world_socket socket)
{
	int left = 0;

	if (is_home(plan, socket))
		return false;
	for (int i = 0; i < plan->socket_count; i++)
		if (plan->sockets[i].slave != socket.slave || plan->sockets[i].port != socket.port)
			plan->sockets[left++] = plan->sockets[i];
	plan->socket_count = left;
	move_elsewhere(plan, prng, socket);
	return true;
}

bool world_by_position(const struct world_plan *plan)
{
	for (int i = 0; i < plan->tool_count; i++)
		if (plan->slaves[plan->tools[i]].presence.by == ECR_BY_POSITION)
			return true;
	return false;
}

static void draw_mark(struct world_plan *plan, struct ecr_prng *prng, int i)
{
	struct ecr_presence_config *presence = &plan->slaves[i].presence;
	struct ecr_sim_device *device = &plan->devices[i];
	uint16_t mark = (uint16_t)(FIRST_MARK + (unsigned int)i);

	presence->by = (enum ecr_recognise)ecr_prng_below(prng, 4);
	if (presence->by == ECR_BY_POSITION && world_by_position(plan))
		presence->by = ECR_BY_ALIAS;
	/* Nothing tells it from others but what it is. */
	if (presence->by == ECR_BY_POSITION) {
		device->objects = NULL;
		device->object_count = 0;
		ecr_sim_shipped("EL2809", device, plan->sii[i], WORLD_SII);
	}
	presence->optional = true;
	presence->sii = device->sii;
	presence->sii_size = device->sii_size;
	if (presence->by == ECR_BY_POSITION)
		return;
	presence->identification = mark;
	presence->identification_address = MEMORY_AT;
	if (presence->by == ECR_BY_ALIAS)
		device->alias = mark;
	else
		device->identification = mark;
	if (presence->by == ECR_BY_MEMORY)
		device->identification_at = MEMORY_AT;
	if (presence->by == ECR_BY_REQUESTED)
		device->emulation = false;
}

/* Nobody who may be absent decides how far the session goes. */
static void draw_tool_slave(struct world_plan *plan, struct ecr_prng *prng, int i)
{
	bool any = false;

	world_draw_device(plan, prng, i);
	world_draw_slave(plan, prng, i);
	/* Nobody knows before it is seen: it would wait for the next plan. */
	plan->devices[i].features &= (uint16_t)~ECR_FEATURE_NO_LRW;
	snprintf(plan->names[i], sizeof(plan->names[i]), "t%u", (unsigned int)(i - plan->fixed));
	for (int k = 0; k < plan->fixed; k++)
		any = any || is_ours(plan, k);
	if (any)
		return;
	plan->slaves[i].process_data = (struct ecr_process_data){ 0 };
	plan->slaves[i].target_state = ECR_TARGET_PREOP;
}

/* The second of a group stands behind the first, and is known by that. */
static void draw_follower(struct world_plan *plan, struct ecr_prng *prng, int first)
{
	static const char group[] = "head";
	int i = plan->count++;

	draw_tool_slave(plan, prng, i);
	plan->devices[i].parent = first + 1;
	plan->devices[i].parent_port = 1;
	plan->slaves[first].presence.group = plan->slaves[i].presence.group = group;
	plan->slaves[i].presence.optional = true;
	plan->slaves[i].presence.sii = plan->devices[i].sii;
	plan->slaves[i].presence.sii_size = plan->devices[i].sii_size;
}

static void draw_tool(struct world_plan *plan, struct ecr_prng *prng)
{
	struct world_socket socket;
	int i = plan->count;

	draw_tool_slave(plan, prng, i);
	draw_mark(plan, prng, i);
	socket = world_draw_socket(plan, prng, i);
	if (is_home(plan, socket)) { /* it is left out */
		plan->slaves[i] = (struct ecr_slave_config){ 0 };
		plan->devices[i] = (struct ecr_sim_device){ 0 };
		return;
	}
	plan->devices[i].parent = socket.slave + 1;
	plan->devices[i].parent_port = (uint8_t)socket.port;
	plan->devices[i].absent = ecr_prng_below(prng, 2);
	plan->tools[plan->tool_count++] = i;
	plan->count++;
}

/* A device like one of the tools but for its mark; another one where a position is all that tools are known by. */
static void draw_stranger(struct world_plan *plan, struct ecr_prng *prng)
{
	int i = plan->count;
	int like = plan->tools[ecr_prng_below(prng, (uint32_t)plan->tool_count)];
	struct ecr_sim_device *device = &plan->devices[i];

	plan->strangers = 1;
	*device = plan->devices[like];
	snprintf(plan->names[i], sizeof(plan->names[i]), "x");
	device->name = plan->names[i];
	device->absent = true;
	device->alias = device->identification = STRANGE_MARK;
	if (!world_by_position(plan))
		return;
	*device = (struct ecr_sim_device){ .name = plan->names[i],
					   .sii = plan->sii[i],
					   .absent = true };
	ecr_sim_shipped("EL1809", device, plan->sii[i], WORLD_SII);
	device->parent = plan->devices[like].parent;
	device->parent_port = plan->devices[like].parent_port;
}

static void draw_trouble(struct ecr_prng *prng, struct world_entry *entry)
{
	static const enum ecr_sim_fault_kind kinds[] = { ECR_SIM_POWER_CYCLE, ECR_SIM_POWER_OFF,
							 ECR_SIM_RETREAT, ECR_SIM_DISCONNECT };

	entry->kind = WORLD_FAULT;
	entry->fault.kind = kinds[ecr_prng_below(prng, 4)];
	entry->fault.lasts = entry->lasts;
}

static void draw_happenings(struct world_plan *plan, struct ecr_prng *prng)
{
	static const enum world_entry_kind kinds[] = { WORLD_JOIN,  WORLD_JOIN,	 WORLD_JOIN,
						       WORLD_LEAVE, WORLD_LEAVE, WORLD_STRANGER,
						       WORLD_FAULT };
	int wanted = (int)ecr_prng_between(prng, 0, 10);

	for (int i = 0; i < wanted; i++) {
		struct world_entry entry = { .kind = kinds[ecr_prng_below(prng, 7)] };

		entry.fault.slave = plan->tools[ecr_prng_below(prng, (uint32_t)plan->tool_count)];
		entry.socket = world_draw_socket(plan, prng, entry.fault.slave);
		world_draw_when(plan, prng, &entry);
		if (entry.kind == WORLD_FAULT)
			draw_trouble(prng, &entry);
		world_add_entry(plan, &entry);
	}
}

void world_draw_tools(struct world_plan *plan, struct ecr_prng *prng)
{
	int wanted = (int)ecr_prng_between(prng, 1, 3);

	list_sockets(plan);
	if (!plan->socket_count)
		return;
	for (int i = 0; i < wanted; i++)
		draw_tool(plan, prng);
	if (plan->tool_count && !ecr_prng_below(prng, 3) &&
	    plan->slaves[plan->tools[plan->tool_count - 1]].presence.by != ECR_BY_POSITION)
		draw_follower(plan, prng, plan->tools[plan->tool_count - 1]);
	if (!plan->tool_count)
		return;
	plan->features |= WORLD_HOT;
	draw_stranger(plan, prng);
	draw_happenings(plan, prng);
}
