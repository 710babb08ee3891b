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

/* Slaves lie in the order of their positions in `slaves`. */
static void fill_link(const struct ecr_core *core, const struct ecr_node *node, int number,
		      struct ecr_link_report *link)
{
	const struct ecr_slave *slave = &core->slaves[number];

	*link = (struct ecr_link_report){ .from = node->parent,
					  .to = slave->position,
					  .from_port = node->parent_port,
					  .to_port = node->entry,
					  .swapped = node->entry != 0 };
	copy_name(link->to_name, slave->name);
	copy_name(link->from_name, node->parent < 0 ? "master" : core->slaves[node->parent].name);
	ecr_slave_errors(slave, node->entry, &link->at_to);
	if (node->parent < 0)
		link->from_port = 0;
	else
		ecr_slave_errors(&core->slaves[node->parent], node->parent_port, &link->at_from);
}

/* The open port behind which no slave is leads to the master's second port. */
static int fill_return(const struct ecr_core *core, const struct ecr_tree *tree,
		       struct ecr_link_report *link)
{
	if (!core->bus.redundant || tree->fault != ECR_TREE_DANGLING)
		return 0;
	*link = (struct ecr_link_report){
		.from = tree->at, .to = -1, .from_port = tree->port, .to_port = 1
	};
	copy_name(link->from_name, core->slaves[tree->at].name);
	copy_name(link->to_name, "master");
	ecr_slave_errors(&core->slaves[tree->at], tree->port, &link->at_from);
	return 1;
}

int ecr_master_links(struct ecr_core *core, struct ecr_request *request)
{
	struct ecr_link_report *out = request->out;
	struct ecr_link_report extra;
	struct ecr_tree tree;
	int count = core->slave_count;

	for (int i = 0; i < count; i++)
		core->statuses[i] = core->slaves[i].dl_status;
	if (!ecr_tree_build(&tree, core->nodes, core->statuses, count))
		return ECR_ERR_UNKNOWN_TOPOLOGY;
	for (int i = 0; i < count && i < request->room; i++)
		fill_link(core, &tree.nodes[i], i, &out[i]);
	if (fill_return(core, &tree, &extra)) {
		if (count < request->room)
			out[count] = extra;
		count++;
	}
	return count;
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
