/* SPDX-License-Identifier: Apache-2.0 */
/* A world from its first frame to its last. */
#include "world/course.h"
#include "world/draw.h"
#include "world/inner.h"

#include "base/container.h"
#include "wire/registers.h"

#include <stdlib.h>
#include <string.h>

#define COUNTED ECR_S(3)  /* until errors of cables are read, at the latest */
#define PROVE ECR_MS(250) /* so long nothing may go wrong */

static void on_event(struct vring *ring, const struct ecr_event *event)
{
	struct world *world = world_of(ring);

	world_check_event(world, event);
	if (world->options->tell && event->kind != ECR_EVENT_DOMAIN_CYCLE_DONE &&
	    event->kind != ECR_EVENT_REQUEST_COMPLETED && event->kind != ECR_EVENT_MEMORY_NEEDED)
		world_tell_event(world, event);
}

static void on_tick(struct vring *ring)
{
	struct world *world = world_of(ring);

	if (world_over(world))
		return;
	if (world->next_cycle <= ring->now)
		world->deadline = world->next_cycle;
	world->next_cycle = ecr_core_next_cycle(ring->core);
	for (int i = 0; i < ring->core->domain_count; i++)
		if (ring->core->domains[i].period > world->period_was[i])
			world->period_was[i] = ring->core->domains[i].period;
	world_check_truth(world);
	world_check_devices(world);
	world_values_tick(world);
	world_talk_tick(world);
	if (ring->now >= world->look_at && !world_over(world)) {
		world->look_at = ring->now + WORLD_LOOK;
		world_look(world);
	}
}

static void on_frame(struct vring *ring, uint8_t *frame, size_t length)
{
	world_check_frame(world_of(ring), frame, length);
	world_check_requests(world_of(ring), frame, length);
}

static void on_stuck(struct vring *ring, const char *what)
{
	world_complain(world_of(ring), "%s", what);
}

static void open_world(struct world *world)
{
	struct vring *ring = &world->ring;

	vring_open_devices(ring, world->plan.devices, world->plan.count + world->plan.strangers);
	ring->prng = world_prng(world->plan.seed, 4);
	ring->line.prng = world_prng(world->plan.seed, 5);
	world->draws = world_prng(world->plan.seed, 6);
	world->more_draws = world_prng(world->plan.seed, 8);
	ring->two_ports = world_has(&world->plan, WORLD_RING);
	if (ring->two_ports)
		ecr_sim_close_ring(ring->sim,
				   world_has(&world->plan, WORLD_EXTRAS)
					   ? world->plan.count + world->plan.strangers - 1
					   : world->plan.fixed - 1,
				   -1);
	ring->watches_links = world_has(&world->plan, WORLD_INTERFACE);
	ring->each_event = on_event;
	ring->each_tick = on_tick;
	ring->each_frame = on_frame;
	ring->stuck = on_stuck;
	world_know_devices(world);
	world->began = ring->now;
	world->state = ECR_STATE_IDLE;
	world->disturbed = world->paused = world->unlinked = world->silent =
		ring->now - ECR_S(1000);
	world->unlike = world->split_unlike = ring->now;
	world->next_cycle = world->deadline = ECR_NEVER;
	for (int i = 0; i < world->plan.count; i++)
		world->slaves[i].trouble = world->slaves[i].believed_ok =
			world->slaves[i].as_explained = ring->now;
	for (int i = 0; i < world->plan.count; i++)
		world->slaves[i].uncounted = world->slaves[i].mistaken = ring->now - ECR_S(1000);
}

static void end_chaos(struct world *world)
{
	ecr_time calm = world->ring.now;

	world_end_all(world);
	world->calm = true;
	world_say(world, "-- all that was wrong is right again");
	world_come_back(world);
	world->result->back = world->ring.now - calm;
}

/* Until each was tried for a slave that is away. */
static void try_strangers(struct world *world)
{
	for (int i = 0; i < world->plan.strangers && world_strangers_are_tried(world); i++)
		world_go_on_until(world, world->ring.now + WORLD_TRIED);
}

/* A frame that the last fault has taken is missed when its time is over, however well all is by then. */
static void prove(struct world *world)
{
	world_say(world, "-- the session is well");
	world_go_on_until(world,
			  world->ring.now + 3 * WORLD_LOOK + world->ring.core->bus.frame_timeout);
	world_go_on_until(world, world_lock_is_firm_at(world));
	/* If that was the last question of a poll, a slave was lost just now that cycles had back already. */
	if (!world_over(world) && !world_settled(world)) {
		world_settle(world, world->ring.now, world->ring.now + WORLD_COME_BACK);
		world_go_on_until(world, world->ring.now + 6 * WORLD_LOOK);
	}
	try_strangers(world);
	world->strict = true;
	world_go_on_until(world, world->ring.now + PROVE);
	world_talk_prove(world);
	world->strict = false;
	world_check_listed(world);
}

/* What hangs beside the way from one port of the master to the other has one cable alone. */
static void move_to_way(const struct world *world, struct ecr_sim_fault *cut)
{
	int at = world->plan.fixed - 1;

	while (at > cut->slave + 1)
		at = world->plan.devices[at].parent - 1;
	cut->slave = at;
	cut->value = 0;
}

static void must_be_told(struct world *world, bool broken)
{
	if (!world_over(world) && world->ring.core->bus.split != broken)
		world_complain(world, broken ? "a break is not told while cycles go on"
					     : "a break that has healed is still told");
}

/* One break of a sound ring with two ports takes nothing away, and neither does its end. */
static void prove_ring(struct world *world)
{
	struct ecr_sim_fault cut = { .kind = ECR_SIM_BREAK, .value = 1 };

	if (!world->ring.two_ports || world->plan.fixed < 2 ||
	    world->state != ECR_STATE_OPERATIONAL)
		return;
	cut.slave = (int)ecr_prng_below(&world->draws, (uint32_t)world->plan.fixed - 1);
	if (world_has(&world->plan, WORLD_TREE))
		move_to_way(world, &cut);
	ecr_sim_inject(world->ring.sim, world->ring.now, &cut);
	world_say(world, "-- the ring is broken at port %d of %s", (int)cut.value,
		  world->plan.names[cut.slave]);
	world_must_be_well(world, "from a single break");
	must_be_told(world, true);
	ecr_sim_clear_faults(world->ring.sim);
	world_say(world, "-- and whole again");
	world_must_be_well(world, "after a break has healed");
	must_be_told(world, false);
}

/* Nobody else is lost, and no more than the cycles that it takes to see who. */
static void prove_leave(struct world *world, int tool)
{
	world_say(world, "-- %s is pulled out", world->plan.names[tool]);
	ecr_sim_unplug(world->ring.sim, world->ring.now, tool);
	world_go_on_until(world, world->ring.now + ECR_MS(200));
	world_must_be_well(world, "from a slave that leaves");
	try_strangers(world);
	if (!world_over(world) && !world->ring.core->slaves[tool].absent)
		world_complain(world, "%s has left, and nobody has noticed",
			       world->plan.names[tool]);
}

static void prove_join(struct world *world, int tool)
{
	struct world_socket socket = world_draw_socket(&world->plan, &world->more_draws, tool);
	ecr_time end = world->ring.now + WORLD_JOINED;

	if (!ecr_sim_plug_in(world->ring.sim, world->ring.now, tool, socket.slave, socket.port))
		return;
	world_say(world, "-- %s is plugged into %s port %d", world->plan.names[tool],
		  world->plan.names[socket.slave], socket.port);
	world_go_on_until(world, world->ring.now + WORLD_BREAK);
	while (!world_over(world) && !world_settled(world)) {
		world_must_be_well(world, "from a slave that joins");
		if (world->ring.now > end + (world->only_clocks ? WORLD_CLOCKS_AGREE : 0))
			world_complain(world, "%s has joined, and does not operate",
				       world->plan.names[tool]);
	}
}

/* A tool that comes and goes disturbs nobody. */
static void prove_tools(struct world *world)
{
	int tool;

	if (!world->plan.tool_count || world->state != ECR_STATE_OPERATIONAL)
		return;
	tool = world->plan
		       .tools[ecr_prng_below(&world->more_draws, (uint32_t)world->plan.tool_count)];
	if (world_reachable(world, tool))
		prove_leave(world, tool);
	if (!world_over(world))
		prove_join(world, tool);
}

/* A cable that is bad for a while is named, and no other one. */
static void prove_cable(struct world *world)
{
	struct ecr_prng prng = world_prng(world->plan.seed, 18);
	int slave = (int)ecr_prng_below(&prng, (uint32_t)world->plan.fixed);
	struct world_socket end = world_cable_end(&world->plan, slave, ecr_prng_below(&prng, 2));
	const uint8_t *registers = ecr_sim_registers(world->ring.sim, end.slave);
	bool counted;
	ecr_time until;
	uint32_t before;
	uint32_t after;

	uint32_t endings = world->endings;

	if (!world_cable_told(world, end, &before))
		return;
	world_say(world, "-- the cable at %s port %d damages frames", world->plan.names[end.slave],
		  end.port);
	world->ring.bad_cable.slave = end.slave;
	world->ring.bad_cable.value = end.port;
	world->ring.bad_cable_ppm = 300000;
	world_go_on_until(world, world->ring.now + WORLD_BREAK);
	world->ring.bad_cable_ppm = 0;
	/* Of a ring's two copies of a frame one may not have come that way. */
	counted = registers[ECR_REG_RX_INVALID(end.port)];
	world_settle(world, world->ring.now, world->ring.now + WORLD_COME_BACK + WORLD_START_UP);
	until = world->ring.now + COUNTED;
	/* Another session counts anew. */
	while (!world_over(world) && counted && world->endings == endings &&
	       !(world_cable_told(world, end, &after) && after > before)) {
		world_go_on_until(world, world->ring.now + 10 * WORLD_LOOK);
		if (world->ring.now > until)
			world_complain(world, "the cable at %s was bad, and is not told",
				       world->plan.names[end.slave]);
	}
	if (!world_over(world))
		world_check_cables(world);
}

static void stop(struct world *world)
{
	struct ecr_request request = { .kind = ECR_REQUEST_STOP };
	ecr_time end = world->ring.now + ECR_S(3);

	world->last = true;
	world_ask(world, request);
	while (!world_over(world) && world->state != ECR_STATE_IDLE) {
		vring_run_until(&world->ring, world->ring.now + WORLD_LOOK);
		if (world->ring.now > end)
			world_complain(world, "it does not stop");
	}
	vring_run_until(&world->ring, world->ring.now + WORLD_LOOK);
	if (!world_over(world))
		world_check_end(world);
}

static void tell_line(void *context, const char *line)
{
	const struct world *world = context;

	world->options->tell(world->options->context, line);
}

static void live(struct world *world)
{
	int refused;

	if (world->options->tell)
		world_tell_ring(&world->plan, tell_line, world);
	open_world(world);
	refused = world_start(world);
	if (refused)
		world_complain(world, "the start is refused: %s", ecr_error_name(refused));
	world_go_on_until(world, world->began + world->plan.chaos);
	if (!world_over(world))
		end_chaos(world);
	if (!world_over(world))
		prove(world);
	if (!world_over(world) && world_has(&world->plan, WORLD_BAD_CABLES))
		world_check_cables(world);
	if (!world_over(world) && world_has(&world->plan, WORLD_BAD_CABLES))
		prove_cable(world);
	if (!world_over(world))
		prove_ring(world);
	if (!world_over(world))
		prove_tools(world);
	if (!world_over(world))
		world_prove_strangers(world);
	if (!world_over(world))
		world_prove_faults(world);
	if (!world_over(world))
		stop(world);
}

bool world_run(const struct world_options *options, struct world_result *result)
{
	struct world *world = calloc(1, sizeof(*world));

	if (!world)
		return false;
	memset(result, 0, sizeof(*result));
	world->options = options;
	world->result = result;
	world->hash = 0xCBF29CE484222325u;
	world_draw_plan(&world->plan, options->seed);
	live(world);
	result->hash = world->hash;
	result->frames = world->ring.frames;
	result->lasted = world->ring.now - world->began;
	result->entries = world->plan.entry_count;
	vring_discard(&world->ring);
	free(world);
	return true;
}
