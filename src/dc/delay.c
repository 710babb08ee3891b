/* SPDX-License-Identifier: Apache-2.0 */
#include "dc/delay.h"

#define ASSUMED_WAY_NS 500	/* between two slaves where nothing at all is known */
#define COPIES_APART_NS 1000000 /* two copies of one frame are sent no further apart */

/* A frame has just arrived at this port of this slave. */
struct place {
	int node;
	uint8_t port;
};

struct walk {
	const struct ecr_tree *tree;
	const struct ecr_receive_times *times;
	struct ecr_delay *delays;
};

/*
 * The ways from one port of a slave that knows times (or from the master) to the nearest slaves
 * that do; those in between do not.
 */
struct patch {
	int from; /* ECR_NO_NODE: the master */
	int first;
	int64_t base;  /* when the frame leaves, from the first slave on */
	int64_t ways;  /* there and back over all of them, ns */
	int64_t known; /* spent behind the far ends, and in processing units */
	int edges;
	bool guessed; /* when the frame leaves is */
	bool branches; /* more than one line, or the way to a second port: the ways are known as a sum only */
};

static uint8_t next_branch(const struct ecr_node *node, uint8_t port)
{
	do
		port = ecr_port_after(port);
	while (port != node->entry && node->child[port] == ECR_NO_NODE);
	return port;
}

static struct place back(const struct ecr_node *node)
{
	return (struct place){ node->parent, node->parent_port };
}

/* On to the next slave: down a branch, or back to the one before. */
static struct place onward(const struct ecr_tree *tree, struct place at)
{
	const struct ecr_node *node = &tree->nodes[at.node];
	uint8_t port = next_branch(node, at.port);

	if (port == node->entry)
		return back(node);
	at.node = node->child[port];
	at.port = tree->nodes[at.node].entry;
	return at;
}

/* Where frames come back last, or the copy from the master's second port comes: behind it there may be somebody who is none
 * of those slaves. */
static uint8_t last_port(const struct ecr_tree *tree, int number)
{
	const struct ecr_node *node = &tree->nodes[number];

	return number == tree->back ? tree->back_port : ecr_tree_previous_port(node, node->entry);
}

/*
 * From a frame's arrival at a slave to its last return from behind it, by the slave's own clock. Where
 * the line ends at a second port it is the arrival of the other copy: how much later that was sent
 * is the same everywhere, and falls out of the difference of two neighbours.
 */
static int64_t time_behind(const struct walk *walk, int number)
{
	const struct ecr_node *node = &walk->tree->nodes[number];
	const uint32_t *time = walk->times[number].time;
	uint8_t last = last_port(walk->tree, number);

	return last == node->entry ? walk->times[number].extra_ns
				   : ecr_time32_difference(time[last], time[node->entry]);
}

/* To the nearest, halves to the even one: rounding must not add up along a line. */
static int64_t nearest(int64_t value, int64_t divisor)
{
	int64_t whole = value / divisor;
	int64_t rest = value % divisor * 2;

	if (rest > divisor || (rest == divisor && whole % 2))
		whole++;
	return whole;
}

/* Turns a patch's slaves in the order of the frame: sums first, then, with the sums, arrivals. */
static void follow(struct walk *walk, struct patch *patch, bool place)
{
	struct place at = { patch->first, walk->tree->nodes[patch->first].entry };
	int64_t spent = 0;
	int passed = 0;

	while (at.node != patch->from) {
		const struct ecr_node *node = &walk->tree->nodes[at.node];
		struct ecr_delay *delay = &walk->delays[at.node];

		passed++;
		if (!walk->times[at.node].valid) {
			spent += at.port == 0 ? walk->times[at.node].extra_ns : 0;
			patch->branches |=
				next_branch(node, node->entry) != last_port(walk->tree, at.node);
			at = onward(walk->tree, at);
			continue;
		}
		if (place)
			*delay = (struct ecr_delay){
				.known = true,
				.guessed = patch->branches || patch->guessed,
				.arrival_ns =
					patch->base + spent +
					nearest(patch->ways * passed, 2 * (int64_t)patch->edges),
			};
		spent += time_behind(walk, at.node);
		at = back(node);
	}
	patch->known = spent;
	patch->edges = passed < 2 ? 1 : (passed + 1) / 2;
}

/* The branch at `port` of a slave that knows; `before` is the port from which frames go there. */
static void measure(struct walk *walk, int from, uint8_t before, uint8_t port)
{
	const struct ecr_node *node = &walk->tree->nodes[from];
	const struct ecr_receive_times *times = &walk->times[from];
	int64_t extra = before == 0 ? times->extra_ns : 0;
	struct patch patch = {
		.from = from,
		.first = node->child[port],
		.guessed = walk->delays[from].guessed,
		.base = walk->delays[from].arrival_ns + extra +
			ecr_time32_difference(times->time[before], times->time[node->entry]),
	};

	follow(walk, &patch, false);
	patch.ways =
		ecr_time32_difference(times->time[port], times->time[before]) - extra - patch.known;
	if (patch.ways < 0)
		patch.ways = 0;
	follow(walk, &patch, true);
}

static void measure_branches(struct walk *walk, int number)
{
	const struct ecr_node *node = &walk->tree->nodes[number];
	uint8_t before = node->entry;

	for (uint8_t port = next_branch(node, before); port != node->entry;
	     port = next_branch(node, port)) {
		measure(walk, number, before, port);
		before = port;
	}
}

/* No slave has seen how long the ways between the master and the first ones take. */
static void assume_first_ways(struct walk *walk, int root)
{
	struct patch patch = { .from = ECR_NO_NODE, .first = root };

	follow(walk, &patch, false);
	patch.ways = (int64_t)2 * patch.edges * ASSUMED_WAY_NS;
	follow(walk, &patch, true);
}

static int root_of(const struct ecr_tree *tree)
{
	for (int i = 0; i < tree->count; i++)
		if (tree->nodes[i].parent == ECR_NO_NODE)
			return i;
	return ECR_NO_NODE;
}

void ecr_delays(const struct ecr_tree *tree, const struct ecr_receive_times *times,
		struct ecr_delay *delays)
{
	struct walk walk = { tree, times, delays };
	int root = root_of(tree);
	struct place at = { root, 0 };
	int64_t first = 0;
	bool found = false;

	for (int i = 0; i < tree->count; i++)
		delays[i] = (struct ecr_delay){ 0 };
	if (root == ECR_NO_NODE)
		return;
	at.port = tree->nodes[root].entry;
	assume_first_ways(&walk, root);
	for (; at.node != ECR_NO_NODE; at = onward(tree, at)) {
		if (!times[at.node].valid || at.port != tree->nodes[at.node].entry)
			continue;
		first = found ? first : delays[at.node].arrival_ns;
		found = true;
		measure_branches(&walk, at.node);
	}
	for (int i = 0; i < tree->count; i++)
		delays[i].arrival_ns -= delays[i].known ? first : 0;
}

/* Both copies have left their stamps, those of now: no other one was as near. */
static bool stamped(const struct ecr_tree *tree, const struct ecr_receive_times *times)
{
	for (int i = 0; i < tree->count; i++) {
		uint8_t last = last_port(tree, i);
		int32_t apart = ecr_time32_difference(times[i].time[last],
						      times[i].time[tree->nodes[i].entry]);

		if (times[i].valid && (apart > COPIES_APART_NS || apart < -COPIES_APART_NS))
			return false;
	}
	return true;
}

/* `turned`: it begins where the line is broken, not at a port of the master. */
static bool measure_part(const struct ecr_two_ports *ring, int from, int to, bool turned,
			 struct ecr_delay *delays)
{
	struct ecr_tree tree;
	struct ecr_receive_times *times = ring->times + from;

	if (from == to)
		return true;
	if (!ecr_tree_build(&tree, ring->nodes + from, ring->dl_status + from, to - from) ||
	    tree.dangling > 1)
		return false;
	if (tree.dangling) {
		tree.back = tree.at;
		tree.back_port = tree.port;
	}
	if (turned) /* turns back there, with one stamp for arrival and return */
		times[0].time[0] = times[0].time[last_port(&tree, 0)];
	if (!stamped(&tree, times))
		return false;
	ecr_delays(&tree, times, delays + from);
	return true;
}

/* The first slave of the part that only the second port reaches. */
static int first_behind(const struct ecr_two_ports *ring)
{
	int at = 0;

	while (at < ring->count && (ecr_tree_open_ports(ring->dl_status[at]) & 1))
		at++;
	return at;
}

/* The way across the break cannot be measured: it is what it was, or assumed. */
static void join(const struct ecr_two_ports *ring, int behind, const struct ecr_delay *old,
		 struct ecr_delay *delays)
{
	int64_t base = 0;
	int first = behind;
	bool guessed = false;

	for (int i = 0; i < behind; i++) {
		guessed = guessed || delays[i].known;
		base = delays[i].known ? delays[i].arrival_ns + ASSUMED_WAY_NS : base;
	}
	while (first < ring->count && !delays[first].known)
		first++;
	if (!guessed || first == ring->count)
		return;
	if (old[first].known) {
		base = old[first].arrival_ns;
		guessed = old[first].guessed;
	}
	for (int i = first; i < ring->count; i++) {
		delays[i].arrival_ns += delays[i].known ? base : 0;
		delays[i].guessed = delays[i].guessed || (delays[i].known && guessed);
	}
}

bool ecr_delays_two_ports(const struct ecr_two_ports *ring, const struct ecr_delay *old,
			  struct ecr_delay *delays)
{
	int behind = first_behind(ring);

	if (!measure_part(ring, 0, behind, false, delays))
		return false;
	if (behind == ring->count)
		return true;
	ring->dl_status[behind] = (uint16_t)((ring->dl_status[behind] | ECR_DL_STATUS_SIGNAL(0)) &
					     ~(unsigned int)ECR_DL_STATUS_LOOP(0));
	if (!measure_part(ring, behind, ring->count, true, delays))
		return false;
	join(ring, behind, old, delays);
	return true;
}
