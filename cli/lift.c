/* SPDX-License-Identifier: Apache-2.0 */
/* Where a slave hangs that frames enter by its OUT: they pass it when they have passed all behind it, so that from the ports
 * alone the slaves before it could as well be behind it. */
#include "cli/layout.h"

#include <stdlib.h>
#include <string.h>

/* In the order of frames, from the port where they enter. */
static const uint8_t after_zero[3] = { 3, 1, 2 };

static int child_of(const struct cli_stand *slave)
{
	for (int port = 0; port < 4; port++)
		if (slave->children[port] >= 0)
			return slave->children[port];
	return -1;
}

static bool is_last_child(const struct cli_stand *parent, int child)
{
	int last = -1;

	for (int i = 0; i < 3; i++)
		if (parent->children[after_zero[i]] >= 0)
			last = parent->children[after_zero[i]];
	return last == child;
}

/* It changes places with the slave it hangs on: frames do not notice. */
static bool lift(struct cli_layout *layout, int number)
{
	struct cli_stand *slave = &layout->slaves[number];
	struct cli_stand *parent = slave->parent < 0 ? NULL : &layout->slaves[slave->parent];
	int below = child_of(slave);
	int above = slave->parent;
	uint8_t port = slave->port;

	if (!parent || parent->entry || below < 0 || !is_last_child(parent, number))
		return false;
	slave->parent = parent->parent;
	slave->port = parent->port;
	parent->parent = number;
	parent->port = layout->slaves[below].port;
	layout->slaves[below].parent = above;
	layout->slaves[below].port = port;
	return true;
}

static bool same_parent(const struct cli_layout *one, int a, const struct cli_layout *other, int b)
{
	int here = one->slaves[a].parent;
	int there = other->slaves[b].parent;

	if (here < 0 || there < 0)
		return here < 0 && there < 0;
	return cli_stand_same(&one->slaves[here], &other->slaves[there]);
}

static bool fits(const struct cli_layout *found, int number, const struct cli_layout *wanted)
{
	for (int i = 0; i < wanted->count; i++)
		if (cli_stand_same(&found->slaves[number], &wanted->slaves[i]) &&
		    same_parent(found, number, wanted, i))
			return true;
	return false;
}

/* The children's places, after parents have changed. */
static void hang(struct cli_layout *layout)
{
	for (int i = 0; i < layout->count; i++)
		for (int port = 0; port < 4; port++)
			layout->slaves[i].children[port] = -1;
	for (int i = 0; i < layout->count; i++)
		if (layout->slaves[i].parent >= 0)
			layout->slaves[layout->slaves[i].parent]
				.children[layout->slaves[i].port & 3] = i;
}

/* As far up as is wanted; as it was when it is wanted nowhere. */
static void lift_one(struct cli_layout *found, int number, const struct cli_layout *wanted,
		     struct cli_stand *before)
{
	size_t size = (size_t)found->count * sizeof(*before);

	memcpy(before, found->slaves, size);
	while (!fits(found, number, wanted)) {
		if (!lift(found, number)) {
			memcpy(found->slaves, before, size);
			hang(found);
			return;
		}
		hang(found);
	}
}

bool cli_layout_lift(struct cli_layout *found, const struct cli_layout *wanted)
{
	struct cli_stand *before;

	if (!found->cabled || !wanted->cabled)
		return true;
	before = malloc((size_t)found->count * sizeof(*before) + 1);
	if (!before)
		return false;
	hang(found);
	for (int i = 0; i < found->count; i++)
		if (found->slaves[i].entry)
			lift_one(found, i, wanted, before);
	free(before);
	return cli_layout_arrange(found);
}
