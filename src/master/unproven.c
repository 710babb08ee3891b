/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slaves that nothing but their position tells from others. Where one is away and a stranger has come, each behind him
 * may be taken for the next one, and only what is read of the stranger shows that. So whoever was given its station for its
 * position is read at once, but told nothing until those before it that it may be as well have been read, too. When one of
 * them is refused nobody knows who stands behind it, and those are placed anew when all are there.
 */
#include "master/master.h"

#define PATIENCE_NS \
	ECR_S(5) /* with one before it that cannot be read: as long as the longest pause between attempts */

/* A stranger was read where it is looked for now. */
static bool is_settled(const struct ecr_core *core, const struct ecr_slave *slave)
{
	if (slave->renewed || !slave->another)
		return false;
	return !core->hot || core->roll.places[slave->place].known.met_known;
}

/* It was in its place with its own station when those behind it were given theirs; or it has answered since. */
static bool was_seen(const struct ecr_core *core, const struct ecr_slave *slave, ecr_time since)
{
	const struct ecr_slave *behind = &core->slaves[slave->index + 1];
	bool there = core->hot ? !core->roll.places[slave->place].newcomer
			       : behind->unproven && behind->follows;

	return there || slave->met_at > since || slave->found_at > since ||
	       !ecr_job_running(&slave->poll);
}

/* It has no part in the order now. */
static bool is_apart(const struct ecr_core *core, const struct ecr_slave *slave)
{
	return slave->absent || !ecr_attend_by_order(core, slave->index) ||
	       (core->hot && slave->place == ECR_STRANGER);
}

/* It is one before the slave, and whoever is taken for that may be it. */
static bool may_be_before(const struct ecr_core *core, const struct ecr_slave *slave, int number)
{
	const struct ecr_slave *other = &core->slaves[number];

	return number < slave->index && !is_apart(core, other) && !is_settled(core, other) &&
	       ecr_attend_may_be(slave, other);
}

/* It may have restarted unseen: its poll tells. */
static bool must_answer(struct ecr_core *core, const struct ecr_slave *slave, int number)
{
	struct ecr_slave *other = &core->slaves[number];

	if (was_seen(core, other, slave->taken_at))
		return false;
	if (!other->poll_now)
		ecr_master_hurry_poll(core, other, false);
	return true;
}

/* It waits for this one. */
static bool is_held_by(struct ecr_core *core, const struct ecr_slave *slave, int number)
{
	const struct ecr_slave *other = &core->slaves[number];

	if (!may_be_before(core, slave, number))
		return false;
	return !ecr_attend_is_read(other) || (!other->unproven && must_answer(core, slave, number));
}

/* One before it that it may be is not known yet: the same as when that was looked for last, in most cases. */
static bool follows_unknown(struct ecr_core *core, struct ecr_slave *slave)
{
	int i = slave->index - 1;

	if (is_held_by(core, slave, slave->held_by))
		return true;
	/* Those who wait themselves say nothing; the next one does. */
	while (i >= 0 && (!may_be_before(core, slave, i) ||
			  (ecr_attend_is_read(&core->slaves[i]) && core->slaves[i].unproven)))
		i--;
	slave->held_by = i < 0 ? 0 : i;
	return i >= 0 && is_held_by(core, slave, i);
}

/* For a while, since one before it may never be read; and as long as it is being asked where they stand. */
static bool must_wait(struct ecr_core *core, struct ecr_slave *slave)
{
	return core->now - slave->taken_at < PATIENCE_NS &&
	       ((core->hot && !core->roll.whole) || follows_unknown(core, slave));
}

/* Whoever has its station may be another. */
static void displace(struct ecr_core *core, struct ecr_slave *slave)
{
	slave->misplaced = true;
	ecr_master_lose(core, slave, ECR_ERR_IDENTITY_MISMATCH);
	if (core->hot)
		ecr_roll_hurry(core);
}

/* One that should stand before it was found behind it since: both are looked for anew. */
static bool stands_crosswise(struct ecr_core *core, const struct ecr_slave *slave)
{
	bool any = false;

	for (int i = 0; core->hot && slave->place != ECR_STRANGER && i < slave->index; i++) {
		struct ecr_slave *other = &core->slaves[i];

		if (is_apart(core, other) || other->place < slave->place ||
		    other->taken_at < slave->taken_at || !ecr_attend_may_be(slave, other))
			continue;
		displace(core, other);
		any = true;
	}
	return any;
}

/* It is told what its configuration says, placed anew, or waits: true. */
static bool settle(struct ecr_core *core, struct ecr_slave *slave)
{
	bool certain = !ecr_attend_by_order(core, slave->index) ||
		       (slave->met_known && /* who is refused is told nothing */
			!ecr_slave_would_be(slave, &slave->met));

	bool contested = !certain && ecr_attend_contested(core, slave);

	/* Where a roll tells who stands where the others are waited for all the same. */
	if (!certain && (core->hot || !contested) && must_wait(core, slave))
		return true;
	if (contested || (!certain && stands_crosswise(core, slave)))
		displace(core, slave);
	else
		slave->unproven = slave->contested = false;
	return false;
}

bool ecr_unproven_settle(struct ecr_core *core)
{
	bool any = false;

	for (int i = 0; i < core->slave_count; i++) {
		struct ecr_slave *slave = &core->slaves[i];

		if (slave->unproven && !slave->down && slave->asked &&
		    slave->activity == ECR_ACTIVITY_NONE)
			any |= settle(core, slave);
	}
	return any;
}

/* Whoever was in its own place when the stranger was found stays who it is, also when it restarts; and so those behind it. */
void ecr_unproven_refused(struct ecr_core *core, struct ecr_slave *slave)
{
	if (!ecr_master_tends(core) || slave->another)
		return;
	slave->another = true;
	for (int i = slave->index + 1; i < core->slave_count; i++) {
		struct ecr_slave *other = &core->slaves[i];

		if (other->absent || !ecr_attend_by_order(core, i))
			continue;
		if (ecr_attend_is_read(other) && !other->unproven)
			return;
		other->contested = true;
	}
}
