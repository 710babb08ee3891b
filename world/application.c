/* SPDX-License-Identifier: Apache-2.0 */
/* What the application asks of the session, and what it makes of the answers. */
#include "world/inner.h"

#include <stdio.h>

int world_start(struct world *world)
{
	struct ecr_request request = { .kind = ECR_REQUEST_START,
				       .config = &world->plan.config,
				       .wall = WORLD_WALL };

	if (world_has(&world->plan, WORLD_HOT))
		ecr_sim_unplug(world->ring.sim, world->ring.now,
			       world->plan.count); /* the stranger */
	world->plan_in_doubt = world->plan_to_be_new = false;
	world->lock_came = world->lock_ends = false;
	world->lock_lost = ECR_NEVER;
	return world_ask(world, request);
}

static struct world_request *free_request(struct world *world)
{
	for (int i = 0; i < WORLD_REQUESTS; i++)
		if (!world->requests[i].open)
			return &world->requests[i];
	return NULL;
}

int world_ask(struct world *world, struct ecr_request request)
{
	struct world_request *mine = free_request(world);
	int refused;

	if (!mine)
		return ECR_ERR_BUSY;
	mine->request = request;
	mine->open = true;
	world->asked = world->ring.now;
	world->stopping = world->stopping || request.kind == ECR_REQUEST_STOP;
	refused = ecr_core_submit(world->ring.core, world->ring.now, &mine->request);
	if (refused) {
		mine->open = false;
		world_say(world, "   refused: %s", ecr_error_name(refused));
	}
	world->deadline = world->next_cycle = ecr_core_next_cycle(world->ring.core);
	return refused;
}

/* Each request comes back once. */
void world_completed(struct world *world, const void *request)
{
	if (world_talk_completed(world, request))
		return;
	for (int i = 0; i < WORLD_REQUESTS; i++) {
		struct world_request *mine = &world->requests[i];

		if (request != &mine->request)
			continue;
		if (!mine->open)
			world_complain(world, "a request comes back twice");
		mine->open = false;
		world_mix(world,
			  (uint64_t)mine->request.kind << 32 | (uint32_t)mine->request.result);
		world_say(world, "   request %d comes back: %s", (int)mine->request.kind,
			  mine->request.result < 0 ? ecr_error_name(mine->request.result) : "ok");
		if (mine->request.kind == ECR_REQUEST_STOP && mine->request.result == 0)
			world->restart = true;
	}
}

static bool any_open(const struct world *world)
{
	for (int i = 0; i < WORLD_REQUESTS; i++)
		if (world->requests[i].open)
			return true;
	return false;
}

/* What has stopped is started again; at the end what has given up, too, and what is deactivated is activated. */
void world_application_tick(struct world *world)
{
	const struct ecr_core *core = world->ring.core;
	struct ecr_request request = { .kind = ECR_REQUEST_ACTIVATE };

	if (ecr_core_state(core) == ECR_STATE_IDLE && !any_open(world)) {
		vring_forget_memory(&world->ring);
		if ((world->restart || world->calm) && !world->last)
			world_start(world);
		world->stopping = world->restart = false;
		return;
	}
	if (world->calm && !any_open(world) && world_wants_new_plan(world)) {
		request.kind = ECR_REQUEST_DEACTIVATE;
		request.target = ECR_TARGET_PREOP;
		world->plan_in_doubt = false;
		world->plan_to_be_new = true;
		world_ask(world, request);
		return;
	}
	if (world->calm && core->target != ECR_TARGET_OP && !any_open(world) &&
	    !world_awaits_new_plan(world) &&
	    (world->state == ECR_STATE_PREOP_READY || world->state == ECR_STATE_DEACTIVATED))
		world_ask(world, request);
}

/* Where the slave is when all is well. */
static uint16_t target_of(const struct world *world, int slave)
{
	return world->plan.slaves[slave].target_state == ECR_TARGET_PREOP ? ECR_AL_PREOP
									  : ECR_AL_OP;
}

/* What is not well yet, for the complaint. */
static bool not_yet(struct world *world, const char *format, const char *what)
{
	snprintf(world->missing, sizeof(world->missing), format, what);
	return false;
}

static bool slave_settled(const struct world *world, const struct ecr_slave_summary *slave, int i)
{
	const struct sim_esc *esc = &world->ring.sim->slaves[i];

	uint16_t wanted = target_of(world, i);

	if (world_away(world, i))
		return slave->absent && slave->fault.kind == ECR_FAULT_NONE;
	/* It may come as it operated elsewhere, and is on its way to INIT. */
	if (world->ring.core->slaves[i].arriving)
		return false;
	return !slave->down && slave->al_state == wanted && slave->fault.kind == ECR_FAULT_NONE &&
	       sim_al_status(esc) == wanted && slave->station == esc->face->station;
}

static bool any_clock(const struct world *world)
{
	for (int i = 0; i < world->plan.count; i++)
		if (world_clock_there(world, i))
			return true;
	return false;
}

static bool clocks_settled(struct world *world)
{
	struct ecr_dc_status status = { 0 };
	struct ecr_request request = { .kind = ECR_REQUEST_DC_STATUS, .out = &status };

	if (!world_has(&world->plan, WORLD_CLOCKS) || world->state != ECR_STATE_OPERATIONAL)
		return true;
	if (vring_request(&world->ring, &request) != 0 || !status.clocks)
		return true;
	return status.lock_state == (any_clock(world) ? ECR_DC_LOCKED : ECR_DC_UNAVAILABLE) &&
	       world_strangers_agree(world);
}

/* Nobody is to leave PREOP: then that is where an activation leads. */
static enum ecr_state end_state(const struct world *world)
{
	for (int i = 0; i < world->plan.fixed; i++)
		if (target_of(world, i) == ECR_AL_OP)
			return ECR_STATE_OPERATIONAL;
	return ECR_STATE_PREOP_READY;
}

bool world_settled(struct world *world)
{
	struct ecr_slave_summary slaves[WORLD_SLAVES];
	struct ecr_request request = { .kind = ECR_REQUEST_SLAVES,
				       .out = slaves,
				       .room = WORLD_SLAVES };
	int count;

	world->only_clocks = false;
	if (world->state != end_state(world))
		return not_yet(world, "%s", "it is not in its state");
	if (any_open(world) || world_talk_open(world))
		return not_yet(world, "%s", "a request does not come back");
	count = vring_request(&world->ring, &request);
	if (world->state != end_state(world)) /* it has ended just now */
		return not_yet(world, "%s", "it is not in its state");
	for (int i = 0; i < count; i++)
		if (!slave_settled(world, &slaves[i], i))
			return not_yet(world, "%s is not well", world->plan.names[i]);
	for (int i = 0; i < world->plan.domain_count; i++) {
		struct ecr_domain_info info = vring_domain(&world->ring, world->plan.domains[i].id);

		if (info.image_size &&
		    (info.cycle_health.error || info.state != ECR_DOMAIN_CYCLING))
			return not_yet(world, "domain %s is not well", world->plan.domains[i].id);
	}
	if (count != world->plan.count)
		return not_yet(world, "%s", "slaves are missing");
	world->only_clocks = !clocks_settled(world);
	return !world->only_clocks || not_yet(world, "%s", "the clocks do not agree");
}
