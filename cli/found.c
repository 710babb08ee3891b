/* SPDX-License-Identifier: Apache-2.0 */
/* How the ring is laid that a survey has looked at. */
#include "cli/wanted.h"

#include <stdlib.h>
#include <string.h>

static int at_position(const struct cli_layout *layout, int32_t position)
{
	for (int i = 0; i < layout->count; i++)
		if (layout->slaves[i].position == position)
			return i;
	return -1;
}

static void take_slave(struct cli_survey *survey, const struct ecr_slave_summary *summary,
		       struct cli_stand *slave)
{
	struct ecr_slave_info info = { 0 };

	ecr_slave_info(survey->master, summary->name, &info);
	*slave = (struct cli_stand){ .identity = info.identity,
				     .alias = info.alias,
				     .position = summary->position,
				     .parent = -1 };
	memcpy(slave->name, summary->name, sizeof(slave->name));
	memcpy(slave->device, info.device, sizeof(slave->device));
}

static void take_link(struct cli_layout *layout, const struct ecr_link_report *link)
{
	int to = link->to < 0 ? -1 : at_position(layout, link->to);
	int from = link->from < 0 ? -1 : at_position(layout, link->from);

	layout->ring = layout->ring || link->to < 0;
	if (to < 0 || (from < 0 && link->from >= 0))
		return;
	layout->slaves[to].parent = from;
	layout->slaves[to].port = link->from_port;
	layout->slaves[to].entry = link->to_port;
	layout->slaves[to].connected = true;
}

bool cli_layout_take(struct cli_layout *layout, struct cli_survey *survey)
{
	*layout = (struct cli_layout){ .cabled = survey->link_count >= 0 &&
						 !survey->bus.redundancy.split };
	layout->slaves = calloc((size_t)survey->slave_count + 1, sizeof(*layout->slaves));
	if (!layout->slaves)
		return false;
	for (int i = 0; i < survey->slave_count; i++)
		if (!survey->slaves[i].down && !survey->slaves[i].absent)
			take_slave(survey, &survey->slaves[i], &layout->slaves[layout->count++]);
	for (int i = 0; i < survey->link_count; i++)
		take_link(layout, &survey->links[i]);
	return cli_layout_arrange(layout);
}
