/* SPDX-License-Identifier: Apache-2.0 */
/* A ring in the order of its cables. */
#include "cli/layout.h"

#include <stdlib.h>

void cli_layout_free(struct cli_layout *layout)
{
	free(layout->slaves);
	*layout = (struct cli_layout){ 0 };
}

/* The next port in the order of frames. */
static uint8_t port_after(uint8_t port)
{
	static const uint8_t after[4] = { 3, 2, 0, 1 };

	return after[port & 3];
}

/* Whom frames meet next along the cables when they have come by this port: down, else up and on. */
static int next_along(const struct cli_layout *layout, int at)
{
	uint8_t port = layout->slaves[at].entry;

	for (int left = 4 * layout->count + 4; at >= 0 && left--;) {
		const struct cli_stand *slave = &layout->slaves[at];

		port = port_after(port);
		if (port == slave->entry) {
			port = slave->port;
			at = slave->parent;
		} else if (slave->children[port] >= 0) {
			return slave->children[port];
		}
	}
	return -1;
}

/* Each at a port of its own, nobody behind himself; the one at the master. */
static int hang(struct cli_layout *layout)
{
	int first = -1;

	for (int i = 0; i < layout->count; i++)
		for (int port = 0; port < 4; port++)
			layout->slaves[i].children[port] = -1;
	for (int i = 0; i < layout->count; i++) {
		const struct cli_stand *slave = &layout->slaves[i];
		int *place = slave->parent < 0
				     ? &first
				     : &layout->slaves[slave->parent].children[slave->port & 3];

		if (!slave->connected || *place >= 0 ||
		    (slave->parent >= 0 && slave->port == layout->slaves[slave->parent].entry))
			return -1;
		*place = i;
	}
	return first;
}

static int by_position(const void *a, const void *b)
{
	const struct cli_stand *one = a;
	const struct cli_stand *other = b;

	return (one->position > other->position) - (one->position < other->position);
}

/* Numbers of the slaves in the order of the cables; false: they make no tree. */
static bool order_along(struct cli_layout *layout, int *order)
{
	int count = 0;

	for (int at = hang(layout); at >= 0 && count < layout->count; at = next_along(layout, at))
		order[count++] = at;
	return count == layout->count;
}

static void reorder(struct cli_layout *layout, struct cli_stand *to, const int *order, int *places)
{
	for (int i = 0; i < layout->count; i++)
		places[order[i]] = i;
	for (int i = 0; i < layout->count; i++) {
		to[i] = layout->slaves[order[i]];
		if (to[i].parent >= 0)
			to[i].parent = places[to[i].parent];
	}
}

bool cli_layout_arrange(struct cli_layout *layout)
{
	size_t count = (size_t)layout->count;
	int *order = calloc(2 * count + 1, sizeof(*order));
	struct cli_stand *to = calloc(count + 1, sizeof(*to));

	if (!order || !to) {
		free(order);
		free(to);
		return false;
	}
	layout->cabled = layout->cabled && order_along(layout, order);
	if (layout->cabled) {
		reorder(layout, to, order, order + count);
		free(layout->slaves);
		layout->slaves = to;
	} else {
		free(to);
		qsort(layout->slaves, count, sizeof(*layout->slaves), by_position);
	}
	free(order);
	return true;
}
