/* SPDX-License-Identifier: Apache-2.0 */
/* Cables, with the errors of both their ends: the tree of ports as the slaves' DL status tells it. */
#include "master/master.h"

#include "base/text.h"
#include "topology/tree.h"

#include <ecring/diag.h>

static void copy_name(char *to, const char *from)
{
	struct ecr_text text;

	ecr_text_init(&text, to, ECR_NAME_SIZE);
	ecr_text_string(&text, from);
}

/* One line of slaves, as frames from one port of the master pass them. */
struct half {
	struct ecr_core *core;
	const uint16_t *order; /* indices of slaves */
	int count;
	unsigned int port; /* of the master */
	struct ecr_tree tree;
};

static struct ecr_slave *slave_of(const struct half *half, int number)
{
	return &half->core->slaves[half->order[number]];
}

/* A half that is reached from its end is entered at the slaves' OUT: nothing is swapped there. */
static void fill_link(const struct half *half, int number, struct ecr_link_report *link)
{
	const struct ecr_node *node = &half->tree.nodes[number];
	struct ecr_slave *slave = slave_of(half, number);
	struct ecr_slave *parent = node->parent < 0 ? NULL : slave_of(half, node->parent);

	*link = (struct ecr_link_report){ .from = parent ? parent->position : -1,
					  .to = slave->position,
					  .from_port =
						  parent ? node->parent_port : (uint8_t)half->port,
					  .to_port = node->entry,
					  .swapped = node->entry != 0 && !half->port };
	copy_name(link->to_name, slave->name);
	copy_name(link->from_name, parent ? parent->name : "master");
	ecr_slave_errors(slave, half->core->now, node->entry, &link->at_to);
	if (parent)
		ecr_slave_errors(parent, half->core->now, node->parent_port, &link->at_from);
}

/* The open port behind which no slave is leads to the master's second port. */
static int fill_return(const struct half *half, struct ecr_link_report *link)
{
	const struct ecr_tree *tree = &half->tree;
	struct ecr_slave *slave;

	if (!half->core->bus.redundant || tree->fault != ECR_TREE_DANGLING)
		return 0;
	slave = slave_of(half, tree->at);
	*link = (struct ecr_link_report){
		.from = slave->position, .to = -1, .from_port = tree->port, .to_port = 1
	};
	copy_name(link->from_name, slave->name);
	copy_name(link->to_name, "master");
	ecr_slave_errors(slave, half->core->now, tree->port, &link->at_from);
	return 1;
}

static bool build(struct half *half)
{
	struct ecr_core *core = half->core;

	for (int i = 0; i < half->count; i++)
		core->statuses[i] = slave_of(half, i)->dl_status;
	return ecr_tree_build(&half->tree, core->nodes, core->statuses, half->count);
}

static bool leads_somewhere(const struct half *half, int number, unsigned int port)
{
	const struct ecr_node *node = &half->tree.nodes[number];

	return port == node->entry || node->child[port] != ECR_NO_NODE || node->ports & 1u << port;
}

static int add_loose_ends(const struct half *half, int number, struct ecr_request *request,
			  int count)
{
	struct ecr_slave *slave = slave_of(half, number);
	struct ecr_link_report *out = request->out;
	struct ecr_link_report end = { .from = slave->position, .to = -1 };

	copy_name(end.from_name, slave->name);
	for (unsigned int port = 0; port < ECR_PORT_COUNT; port++) {
		if (leads_somewhere(half, number, port))
			continue;
		end.from_port = (uint8_t)port;
		ecr_slave_errors(slave, half->core->now, port, &end.at_from);
		if (!end.at_from.lost_links && !end.at_from.crc && !end.at_from.physical)
			continue;
		if (count < request->room)
			out[count] = end;
		count++;
	}
	return count;
}

static int loose_ends_of_half(struct half *half, struct ecr_request *request, int count)
{
	if (half->count && !build(half))
		return ECR_ERR_UNKNOWN_TOPOLOGY;
	for (int i = 0; i < half->count; i++)
		count = add_loose_ends(half, i, request, count);
	return count;
}

/* Appends the links of a half; negative: its ports make no tree. */
static int links_of_half(struct half *half, struct ecr_request *request, int count)
{
	struct ecr_link_report *out = request->out;
	struct ecr_link_report extra;

	if (!half->count)
		return count;
	if (!build(half))
		return ECR_ERR_UNKNOWN_TOPOLOGY;
	for (int i = 0; i < half->count; i++, count++)
		if (count < request->room)
			fill_link(half, i, &out[count]);
	if (!half->core->bus.split && fill_return(half, &extra)) {
		if (count < request->room)
			out[count] = extra;
		count++;
	}
	return count;
}

/* A ring that is broken is two lines. */
static int both_halves(struct ecr_core *core, struct ecr_request *request,
		       int (*add)(struct half *half, struct ecr_request *request, int count))
{
	struct half first = { .core = core, .order = core->order };
	struct half second = { .core = core, .port = 1 };
	int found = ecr_master_order(core, core->order);
	int count;

	first.count = ecr_master_in_first_part(core, core->order, found);
	second.order = core->order + first.count;
	second.count = found - first.count;
	count = add(&first, request, 0);
	return count < 0 ? count : add(&second, request, count);
}

int ecr_master_links(struct ecr_core *core, struct ecr_request *request)
{
	return both_halves(core, request, links_of_half);
}

int ecr_master_loose_ends(struct ecr_core *core, struct ecr_request *request)
{
	return both_halves(core, request, loose_ends_of_half);
}

int ecr_master_line(struct ecr_core *core)
{
	struct half first = { .core = core, .order = core->order };
	int found = ecr_master_order(core, core->order);

	first.count = ecr_master_in_first_part(core, core->order, found);
	return first.count && build(&first) ? first.count : 0;
}

int ecr_master_al_history(struct ecr_core *core, struct ecr_request *request)
{
	struct ecr_slave *slave = ecr_master_slave(core, request->name);
	struct ecr_al_entry *out = request->out;
	uint32_t kept;

	if (!slave)
		return ECR_ERR_NOT_FOUND;
	kept = slave->history_count < ECR_AL_HISTORY ? slave->history_count : ECR_AL_HISTORY;
	for (uint32_t i = 0; i < kept && (int)i < request->room; i++)
		out[i] = slave->history[(slave->history_count - kept + i) % ECR_AL_HISTORY];
	return (int)kept;
}
