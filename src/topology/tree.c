/* SPDX-License-Identifier: Apache-2.0 */
#include "topology/tree.h"

#include <stddef.h>

uint8_t ecr_port_after(uint8_t port)
{
	static const uint8_t after[ECR_PORT_COUNT] = { 3, 2, 0, 1 };

	return after[port & 3];
}

uint8_t ecr_tree_next_port(const struct ecr_node *node, uint8_t port)
{
	uint8_t next = ecr_port_after(port);

	while (next != port && !(node->ports & 1u << next))
		next = ecr_port_after(next);
	return next;
}

uint8_t ecr_tree_previous_port(const struct ecr_node *node, uint8_t port)
{
	uint8_t previous = port;

	for (uint8_t next = ecr_tree_next_port(node, port); next != port;
	     next = ecr_tree_next_port(node, next))
		previous = next;
	return previous;
}

uint8_t ecr_tree_open_ports(uint16_t dl_status)
{
	uint8_t ports = 0;

	for (unsigned int port = 0; port < ECR_PORT_COUNT; port++)
		if ((dl_status & (ECR_DL_STATUS_SIGNAL(port) | ECR_DL_STATUS_LINK(port))) &&
		    !(dl_status & ECR_DL_STATUS_LOOP(port)))
			ports = (uint8_t)(ports | 1u << port);
	return ports;
}

static void note(struct ecr_tree *tree, enum ecr_tree_fault fault, int at, uint8_t port)
{
	if (fault <= tree->fault)
		return;
	tree->fault = fault;
	tree->at = at;
	tree->port = port;
}

/* The first open port behind which nothing hangs yet, in the order of frames from the entry on. */
static uint8_t free_port(const struct ecr_node *node)
{
	for (uint8_t port = ecr_tree_next_port(node, node->entry); port != node->entry;
	     port = ecr_tree_next_port(node, port))
		if (node->child[port] == ECR_NO_NODE)
			return port;
	return ECR_NO_PORT;
}

static void hang(struct ecr_tree *tree, int number, int parent, uint8_t port)
{
	tree->nodes[number].parent = (int16_t)parent;
	tree->nodes[number].parent_port = port;
	if (parent != ECR_NO_NODE)
		tree->nodes[parent].child[port] = (int16_t)number;
}

/* The nearest slave towards the master, beginning with the last one, that has room. */
static bool hang_below(struct ecr_tree *tree, int number)
{
	for (int at = number - 1; at != ECR_NO_NODE; at = tree->nodes[at].parent) {
		uint8_t port = free_port(&tree->nodes[at]);

		if (port == ECR_NO_PORT)
			continue;
		hang(tree, number, at, port);
		return true;
	}
	return number == 0;
}

/* How many branches a frame visits before it is processed, when it enters by this port. */
static int branches_before(const struct ecr_node *node, uint8_t entry)
{
	int branches = 0;

	for (uint8_t port = ecr_port_after(entry); port != 0 && entry; port = ecr_port_after(port))
		branches += node->ports >> port & 1;
	return branches + (entry && (node->ports & 1));
}

/*
 * A slave that is entered by port 1 processes the frame after everything behind its ports 2 and 0
 * has: what was thought to hang beside it hangs behind it.
 */
static bool take_over(struct ecr_tree *tree, int number, uint8_t entry)
{
	struct ecr_node *node = &tree->nodes[number];
	int top = number - 1;
	int parent = tree->nodes[top].parent;
	uint8_t port = tree->nodes[top].parent_port;

	if (branches_before(node, entry) != 1)
		return false;
	node->entry = entry;
	hang(tree, number, parent, port);
	port = ecr_tree_next_port(node, entry);
	hang(tree, top, number, port);
	return true;
}

/* Tries one entry: behind the slaves before it, or with the last of them behind it. */
static bool hang_by(struct ecr_tree *tree, int number, uint8_t entry, bool over)
{
	struct ecr_node *node = &tree->nodes[number];

	if (!(node->ports >> entry & 1))
		return false;
	node->entry = entry;
	if (over ? !number || !take_over(tree, number, entry)
		 : branches_before(node, entry) || !hang_below(tree, number))
		return false;
	tree->swapped++;
	note(tree, ECR_TREE_SWAPPED, number, entry);
	return true;
}

static bool hang_swapped(struct ecr_tree *tree, int number)
{
	for (int over = 0; over < 2; over++)
		for (uint8_t entry = 1; entry < ECR_PORT_COUNT; entry++)
			if (hang_by(tree, number, entry, over))
				return true;
	tree->nodes[number].entry = 0;
	return false;
}

static bool add(struct ecr_tree *tree, int number)
{
	struct ecr_node *node = &tree->nodes[number];

	if (!node->ports) {
		note(tree, ECR_TREE_CLOSED, number, ECR_NO_PORT);
		return false;
	}
	if ((node->ports & 1) && hang_below(tree, number))
		return true;
	if (hang_swapped(tree, number))
		return true;
	note(tree, ECR_TREE_ORPHAN, number, ECR_NO_PORT);
	return false;
}

static void find_dangling(struct ecr_tree *tree)
{
	for (int i = 0; i < tree->count; i++) {
		const struct ecr_node *node = &tree->nodes[i];

		for (uint8_t port = 0; port < ECR_PORT_COUNT; port++) {
			if (!(node->ports >> port & 1) || port == node->entry ||
			    node->child[port] != ECR_NO_NODE)
				continue;
			tree->dangling++;
			note(tree, ECR_TREE_DANGLING, i, port);
		}
	}
}

bool ecr_tree_build(struct ecr_tree *tree, struct ecr_node *nodes, const uint16_t *dl_status,
		    int count)
{
	*tree = (struct ecr_tree){
		.nodes = nodes, .count = count, .at = ECR_NO_NODE, .back = ECR_NO_NODE
	};
	for (int i = 0; i < count; i++) {
		nodes[i] = (struct ecr_node){
			.parent = ECR_NO_NODE,
			.parent_port = ECR_NO_PORT,
			.ports = ecr_tree_open_ports(dl_status[i]),
			.child = { ECR_NO_NODE, ECR_NO_NODE, ECR_NO_NODE, ECR_NO_NODE },
		};
	}
	for (int i = 0; i < count; i++)
		if (!add(tree, i))
			return false;
	find_dangling(tree);
	return true;
}
