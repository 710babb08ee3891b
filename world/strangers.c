/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices of which the session knows nothing: it leaves each of them alone; and where slaves come and go it tells of each, and
 * lists it for as long as it is there.
 */
#include "world/draw.h"
#include "world/inner.h"

#include <ecring/diag.h>

#define NOBODY (-1)

/*
 * Nothing but the order tells it from one whose own place another is in: that slave's device may have come and gone meanwhile.
 * When it is back to stay the stranger is found out, no later than anything else; but for one that was planned with.
 */
static bool stands_in(const struct world *world, int number)
{
	int slave = world_taken_for(world, number);

	return world->strangers[number - world->plan.count].spare ||
	       (slave < world->plan.fixed && world_has(&world->plan, WORLD_OTHERS) &&
		!world_is_itself(world, slave) && world_passes_for(world, number, slave) &&
		!world_too_long(world, world->slaves[slave].own_gone, 0));
}

/* The bits that it shows; its firmware may be as much as PREOP, since whoever is there may be asked who it is. */
static void check_left_alone(struct world *world, int number)
{
	struct ecr_sim *sim = world->ring.sim;
	uint16_t state = sim_al_status(&sim->slaves[number]) & ECR_AL_STATE_MASK;
	uint32_t bits = ecr_sim_bits(sim, number, ECR_OUTPUT);
	uint64_t outputs = 0;

	for (uint32_t bit = 0; bit < bits && !outputs; bit += 64)
		ecr_sim_get_output(sim, number, bit, bits - bit < 64 ? bits - bit : 64, &outputs);
	if ((state > ECR_AL_PREOP || outputs) && !stands_in(world, number))
		world_complain(world, "the stranger %s is brought up", world->plan.names[number]);
}

static bool is_there(const struct world *world, int number)
{
	return !world->ring.sim->slaves[number].off && world_reachable(world, number);
}

static void check_told(struct world *world, int number)
{
	if (world_has(&world->plan, WORLD_HOT) && world->strict && is_there(world, number) &&
	    !world->strangers[number - world->plan.count].told)
		world_complain(world, "nobody is told that %s is a stranger",
			       world->plan.names[number]);
}

void world_check_strangers(struct world *world)
{
	for (int i = 0; i < world->plan.strangers && !world_over(world); i++) {
		check_left_alone(world, world->plan.count + i);
		check_told(world, world->plan.count + i);
	}
}

/* One that left with its station is back, and another has got that meanwhile: nobody knows who is who. */
static bool has_double(const struct world *world, int number)
{
	const struct ecr_sim *sim = world->ring.sim;

	for (int i = 0; i < world->plan.count + world->plan.strangers; i++)
		if (i != number && is_there(world, i) &&
		    sim->slaves[i].face->station == sim->slaves[number].face->station)
			return true;
	return false;
}

/* ... no longer than anything may go unnoticed. */
static bool is_in_doubt(const struct world *world, int stranger)
{
	return has_double(world, world->plan.count + stranger) &&
	       !world_too_long(world, world->strangers[stranger].single, 0);
}

/*
 * Nothing but its kind told it from one that goes with any device, and that was not there: in PREOP it is planned with as a spare
 * part would be, and stays that slave as long as it is there.
 */
static void note_spare(struct world *world, int number)
{
	bool *spare = &world->strangers[number - world->plan.count].spare;
	int slave = world_taken_for(world, number);
	bool missing =
		slave != number && !(is_there(world, slave) && world_is_itself(world, slave));
	bool may_plan = missing && world_may_be_planned(world);

	if (!is_there(world, number))
		return; /* it stays as it was left: nobody can silence it */
	*spare = (*spare || may_plan) && world_is_spare(world, number);
	world->plan_in_doubt = world->plan_in_doubt || (*spare && may_plan);
}

/* Since when each slave's own device has been back, and when a stranger may last have been another. */
void world_note_strangers(struct world *world)
{
	for (int i = 0; i < world->plan.count; i++)
		if (!is_there(world, i) || !world_is_own(world, i))
			world->slaves[i].own_gone = world->ring.now;
	for (int i = 0; i < world->plan.strangers; i++) {
		int number = world->plan.count + i;
		uint16_t station = world->ring.sim->slaves[number].face->station;

		note_spare(world, number);
		if (!has_double(world, number))
			world->strangers[i].single = world->ring.now;
		if (!is_there(world, number) || !station ||
		    world_taken_for(world, number) != number || is_in_doubt(world, i))
			world->strangers[i].gone = world->ring.now;
	}
}

static int who_stands_at(const struct world *world, int position)
{
	for (int i = 0; i < world->plan.count + world->plan.strangers; i++)
		if (world_position(world, i) == position)
			return i;
	return NOBODY;
}

void world_check_stranger_event(struct world *world, const struct ecr_event *event)
{
	int number = who_stands_at(world, event->to);
	struct world_stranger *stranger;

	if (world->calm && number >= 0 && number < world->plan.count &&
	    world_is_itself(world, number))
		world_complain(world, "%s is said to be a stranger", world->plan.names[number]);
	if (number < world->plan.count || !world_has(&world->plan, WORLD_HOT))
		return;
	stranger = &world->strangers[number - world->plan.count];
	if (world->calm && stranger->told && stranger->gone < stranger->told_at)
		world_complain(world, "%s is told twice, and has been there all the time",
			       world->plan.names[number]);
	stranger->told = true;
	stranger->told_at = world->ring.now;
}

static int strangers_there(const struct world *world)
{
	int count = 0;

	for (int i = 0; i < world->plan.strangers; i++)
		count += is_there(world, world->plan.count + i);
	return count;
}

static int strangers_listed(struct world *world)
{
	struct ecr_difference list[WORLD_DEVICES];
	struct ecr_request request = { .kind = ECR_REQUEST_DIFFERENCES,
				       .out = list,
				       .room = WORLD_DEVICES };
	int count = vring_request(&world->ring, &request);
	int listed = 0;

	for (int i = 0; i < count && i < WORLD_DEVICES; i++)
		listed += list[i].kind == ECR_DIFFERENCE_ADDED;
	return listed;
}

void world_check_listed(struct world *world)
{
	int listed;

	if (!world_has(&world->plan, WORLD_HOT) || !world_has(&world->plan, WORLD_EXTRAS) ||
	    world_over(world))
		return;
	listed = strangers_listed(world);
	if (listed != strangers_there(world))
		world_complain(world, "%d strangers are listed, and %d are there", listed,
			       strangers_there(world));
}

bool world_strangers_are_tried(const struct world *world)
{
	return world_has(&world->plan, WORLD_EXTRAS) && world_by_position(&world->plan);
}

bool world_strangers_told(const struct world *world)
{
	for (int i = 0; i < world->plan.strangers; i++)
		if (is_there(world, world->plan.count + i) && !world->strangers[i].told)
			return false;
	return true;
}

void world_forget_strangers(struct world *world, bool all)
{
	for (int i = 0; i < world->plan.strangers; i++)
		if (all || !is_there(world, world->plan.count + i))
			world->strangers[i].told = false;
}
