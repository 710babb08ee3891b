/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slaves that must be there, whom nothing but the configured order makes known, and that stand in another order: while some of
 * them had no station a stranger stood among them, was taken for one, and each behind it for the one before. When one of
 * them is not who it should be, and all would be if they stood in their order, they are asked anew who they are.
 */
#include "master/master.h"

struct row {
	int first; /* slaves, by their numbers */
	int last;
};

static bool has_place(const struct ecr_slave *slave)
{
	return !slave->optional && slave->place != ECR_STRANGER;
}

/* One is before the other in the configuration, and behind it on the ring. */
static bool stand_crosswise(const struct ecr_slave *a, const struct ecr_slave *b)
{
	return has_place(a) && has_place(b) && (a->index < b->index) != (a->place < b->place) &&
	       a != b;
}

/*
 * One behind it in the configuration, who is who it should be, is before it on the ring, or the other way round: whoever stands
 * there was taken for it because nobody else is missing.
 */
bool ecr_attend_crosswise(const struct ecr_core *core, const struct ecr_slave *slave)
{
	for (int i = 0; i < core->slave_count; i++)
		if (!ecr_attend_doubted(&core->slaves[i]) &&
		    stand_crosswise(slave, &core->slaves[i]))
			return true;
	return false;
}

/* Everybody who stands crosswise to one of the row, or between two of it, belongs to it. */
static bool widen(const struct ecr_core *core, struct row *row)
{
	struct row before = *row;

	for (int i = 0; i < core->slave_count; i++)
		for (int k = before.first; k <= before.last; k++)
			if (stand_crosswise(&core->slaves[i], &core->slaves[k])) {
				row->first = i < row->first ? i : row->first;
				row->last = i > row->last ? i : row->last;
			}
	return row->first != before.first || row->last != before.last;
}

/* The next place behind `place` that one of the row has. */
static int next_place(const struct ecr_core *core, const struct row *row, int place)
{
	int next = core->roll.count;

	for (int i = row->first; i <= row->last; i++)
		if (has_place(&core->slaves[i]) && core->slaves[i].place > place &&
		    core->slaves[i].place < next)
			next = core->slaves[i].place;
	return next;
}

/* What is known of whoever stands there allows it to be this slave. */
static bool may_be(const struct ecr_core *core, const struct ecr_slave *slave, int place)
{
	const struct ecr_slave *there = &core->slaves[core->roll.places[place].slave];

	return there == slave || (there->met_known && ecr_slave_would_be(slave, &there->met));
}

static bool would_fit(const struct ecr_core *core, const struct row *row)
{
	int place = ECR_STRANGER;

	for (int i = row->first; i <= row->last; i++) {
		if (!has_place(&core->slaves[i]))
			continue;
		place = next_place(core, row, place);
		if (!may_be(core, &core->slaves[i], place))
			return false;
	}
	return true;
}

/*
 * Whoever has its station by mistake is a newcomer in the next roll, in INIT and without a place. That is all of the row: one
 * that was known by its station is in its place where they would fit, and those whom the order has seated crosswise over
 * another are in two lots, each in its order, with nobody who stands right between them.
 */
static void doubt(struct ecr_core *core, const struct row *row)
{
	for (int i = row->first; i <= row->last; i++) {
		struct ecr_slave *slave = &core->slaves[i];

		if (!has_place(slave))
			continue;
		slave->misplaced = true;
		ecr_master_lose(core, slave, ECR_ERR_IDENTITY_MISMATCH);
	}
}

bool ecr_attend_disorder(struct ecr_core *core)
{
	for (int i = 0; i < core->slave_count; i++) {
		const struct ecr_slave *slave = &core->slaves[i];
		struct row row = { i, i };

		if (!has_place(slave) || slave->down || !ecr_attend_doubted(slave))
			continue;
		while (widen(core, &row))
			;
		if (row.first == row.last || !would_fit(core, &row))
			continue;
		doubt(core, &row);
		core->roll.whole = false; /* the next one begins at once */
		return true;
	}
	return false;
}
