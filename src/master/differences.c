/* SPDX-License-Identifier: Apache-2.0 */
/* What stands on the ring against what is configured. */
#include "master/master.h"

#include "base/text.h"

#include <ecring/diag.h>

struct list {
	struct ecr_difference *out;
	int room;
	int count;
};

static void copy_name(char *to, const char *from)
{
	struct ecr_text text;

	ecr_text_init(&text, to, ECR_NAME_SIZE);
	ecr_text_string(&text, from ? from : "");
}

static void add(struct list *list, struct ecr_difference difference, const char *slave,
		const char *other)
{
	copy_name(difference.slave, slave);
	copy_name(difference.other, other);
	if (list->count < list->room)
		list->out[list->count] = difference;
	list->count++;
}

/* Whose identification it is. */
static const char *owner_of(const struct ecr_core *core, const struct ecr_slave *asking,
			    uint32_t identification)
{
	for (int i = 0; i < core->slave_count; i++) {
		const struct ecr_slave *slave = &core->slaves[i];

		if (slave != asking && slave->config->presence.by == asking->config->presence.by &&
		    slave->config->presence.identification == identification)
			return slave->name;
	}
	return NULL;
}

static void add_identity(const struct ecr_core *core, const struct ecr_slave *slave,
			 struct list *list)
{
	const struct ecr_failure *failure = &slave->configuration_failure;
	bool identification = slave->config->presence.by != ECR_BY_POSITION &&
			      ecr_text_equal(failure->subject, "identification");

	add(list,
	    (struct ecr_difference){ .kind = ECR_DIFFERENCE_IDENTITY,
				     .position = slave->position,
				     .what = failure->subject,
				     .expected = failure->expected,
				     .actual = failure->actual },
	    slave->name, identification ? owner_of(core, slave, failure->actual) : NULL);
}

/* Who stands before it, as configured or as found; NULL: the master. */
static const struct ecr_slave *before(const struct ecr_core *core, const struct ecr_slave *slave,
				      bool configured)
{
	const struct ecr_slave *found = NULL;

	for (int i = 0; i < core->slave_count; i++) {
		const struct ecr_slave *other = &core->slaves[i];

		if (other->down || other == slave)
			continue;
		if (configured ? other->index < slave->index
			       : other->position < slave->position &&
					 (!found || other->position > found->position))
			found = other;
	}
	return found;
}

/* Only one that is recognised can stand elsewhere and be known. */
static void add_moved(const struct ecr_core *core, const struct ecr_slave *slave, struct list *list)
{
	const struct ecr_slave *wanted = before(core, slave, true);
	const struct ecr_slave *found = before(core, slave, false);

	if (wanted != found)
		add(list,
		    (struct ecr_difference){ .kind = ECR_DIFFERENCE_MOVED,
					     .position = slave->position,
					     .expected = wanted ? wanted->position : 0,
					     .what = found ? found->name : "the master" },
		    slave->name, wanted ? wanted->name : "the master");
}

static void add_slave(const struct ecr_core *core, const struct ecr_slave *slave, struct list *list)
{
	if (slave->absent)
		return;
	if (slave->configuration_failure.error == ECR_ERR_IDENTITY_MISMATCH)
		add_identity(core, slave, list);
	else if (slave->down)
		add(list,
		    (struct ecr_difference){ .kind = ECR_DIFFERENCE_MISSING,
					     .position = slave->position },
		    slave->name, NULL);
	else if (slave->optional && slave->config->presence.by != ECR_BY_POSITION)
		add_moved(core, slave, list);
	if (!slave->down && slave->twin != ECR_STRANGER)
		add(list,
		    (struct ecr_difference){ .kind = ECR_DIFFERENCE_GUESSED,
					     .position = slave->position },
		    slave->name, core->slaves[slave->twin].name);
}

static void add_stranger(struct list *list, int position)
{
	add(list, (struct ecr_difference){ .kind = ECR_DIFFERENCE_ADDED, .position = position },
	    NULL, NULL);
}

/* Those that were there at the start and stand behind the configured ones, as far as so many answer still. */
static int strangers_behind(const struct ecr_core *core)
{
	int behind = core->found - core->slave_count;
	int more = core->round.answered;

	if (!more) /* nobody has counted yet, or the frame was lost */
		return behind;
	for (int i = 0; i < core->slave_count; i++)
		more -= !core->slaves[i].down;
	return more < behind ? more : behind;
}

/* Nobody's place is known before somebody has come or gone, or may. */
static void add_strangers(const struct ecr_core *core, struct list *list)
{
	int behind = core->hot || core->roll.count ? 0 : strangers_behind(core);

	for (int i = 0; i < core->roll.count; i++)
		if (core->roll.places[i].slave == ECR_STRANGER)
			add_stranger(list, i);
	for (int i = 0; i < behind; i++)
		add_stranger(list, core->slave_count + i);
}

static void add_swapped(struct ecr_core *core, struct list *list)
{
	int count = ecr_master_line(core);

	for (int i = 0; i < count; i++) {
		const struct ecr_slave *slave = &core->slaves[core->order[i]];
		uint8_t entry = core->nodes[i].entry;

		if (entry)
			add(list,
			    (struct ecr_difference){ .kind = ECR_DIFFERENCE_SWAPPED,
						     .position = slave->position,
						     .what = "",
						     .actual = entry },
			    slave->name, NULL);
	}
}

int ecr_master_differences(struct ecr_core *core, struct ecr_request *request)
{
	struct list list = { .out = request->out, .room = request->room };

	for (int i = 0; i < core->slave_count; i++)
		add_slave(core, &core->slaves[i], &list);
	add_strangers(core, &list);
	add_swapped(core, &list);
	return list.count;
}
