/* SPDX-License-Identifier: Apache-2.0 */
/*
 * While a ring with two ports is broken: where, looked at again and again, and told. How many slaves each
 * port reaches is counted; which ones they are is another matter, since slaves may be missing, or answer
 * without being known. So those about the break are asked by their stations: by whose frame each was
 * answered says in which part it is.
 *
 * That it is broken is seen by any frame. Only while a start rests until those who failed try again is none sent, and
 * one is for the sake of it.
 */
#include "master/master.h"

#include "bus/redundant.h"

#define REACH_NS ECR_MS(20)

int ecr_master_order(const struct ecr_core *core, uint16_t *order)
{
	int count = 0;

	for (int i = 0; i < core->slave_count; i++) {
		int at = count;

		if (core->slaves[i].down)
			continue;
		for (; at && core->slaves[order[at - 1]].position > core->slaves[i].position; at--)
			order[at] = order[at - 1];
		order[at] = (uint16_t)i;
		count++;
	}
	return count;
}

int ecr_master_in_first_part(const struct ecr_core *core, const uint16_t *order, int count)
{
	const struct ecr_reach *reach = &core->reach;
	int32_t counted = core->bus.reach[0];
	int first = count;

	if (!core->bus.redundant)
		return count;
	if (!core->bus.port_up[0])
		return 0;
	if (!core->bus.split || !core->bus.port_up[1])
		return count;
	if (!reach->known)
		return counted < 0 || counted > count ? count : counted;
	while (first && core->slaves[order[first - 1]].position > reach->ends[0])
		first--;
	return first;
}

/* The first of those who are asked about a break behind so many. */
static int first_asked(int edge)
{
	return edge < ECR_REACH_LOOKS / 2 ? 0 : edge - ECR_REACH_LOOKS / 2;
}

/* Some on both sides of where the break is thought to be. */
static void choose(struct ecr_core *core)
{
	struct ecr_reach *reach = &core->reach;
	int count = ecr_master_order(core, core->order);

	if (reach->edge < 0)
		reach->edge = core->bus.reach[0];
	if (reach->edge < 0 || reach->edge > count)
		reach->edge = count;
	reach->looks = 0;
	for (int i = first_asked(reach->edge); i < count && reach->looks < ECR_REACH_LOOKS; i++)
		reach->whom[reach->looks++] = core->order[i];
}

static void ask(struct ecr_core *core)
{
	struct ecr_reach *reach = &core->reach;

	reach->at = core->now + REACH_NS;
	if (reach->transaction.queued)
		return;
	reach->looks = 0;
	if (core->bus.split)
		choose(core);
	reach->asks[0] = (struct ecr_ask){ .command = ECR_CMD_BRD,
					   .address = ecr_address_all(ECR_REG_AL_STATUS),
					   .length = 2 };
	for (uint16_t i = 0; i < reach->looks; i++)
		reach->asks[1 + i] = (struct ecr_ask){ .command = ECR_CMD_FPRD,
						       .address = ecr_address_station(
							       core->slaves[reach->whom[i]].station,
							       ECR_REG_AL_STATUS),
						       .length = 2 };
	reach->transaction = (struct ecr_transaction){ .asks = reach->asks,
						       .count = (uint16_t)(1 + reach->looks),
						       .class = ECR_RELIABLE,
						       .owner = ECR_OWNER_REACH };
	ecr_bus_submit(&core->bus, core->now, &reach->transaction);
}

/* The slaves about the break have been asked: the last one of the first part and the first of the second; -1: none. */
static void find_ends(const struct ecr_core *core, int32_t ends[2])
{
	const struct ecr_reach *reach = &core->reach;

	ends[0] = ends[1] = -1;
	for (uint16_t i = 0; i < reach->looks; i++) {
		int32_t position = core->slaves[reach->whom[i]].position;

		if (reach->asks[1 + i].by == 1)
			ends[0] = position;
		else if (reach->asks[1 + i].by == 2 && ends[1] < 0)
			ends[1] = position;
	}
}

/* All of them are in the second part, since the first one counts some whom nobody knows: on to those before. */
static bool move_on(struct ecr_reach *reach, const int32_t ends[2])
{
	if (ends[0] >= 0 || ends[1] < 0 || !reach->edge)
		return false;
	reach->edge = first_asked(reach->edge);
	return true;
}

/* The position of the first slave that frames of the second port reach; -1 while those of the first one reach all. */
static int first_behind(const struct ecr_core *core)
{
	int count;
	int first;

	if (!core->bus.port_up[0])
		return 0;
	if (!core->bus.split || !core->bus.port_up[1])
		return -1;
	count = ecr_master_order(core, core->order);
	first = ecr_master_in_first_part(core, core->order, count);
	return first < count ? core->slaves[core->order[first]].position : -1;
}

void ecr_master_reached(struct ecr_core *core)
{
	struct ecr_reach *reach = &core->reach;
	int32_t ends[2];

	if (!core->bus.split || reach->transaction.outcome != ECR_OUTCOME_ANSWERED)
		return;
	find_ends(core, ends);
	if (move_on(reach, ends)) {
		reach->at = core->now;
		return;
	}
	reach->ends[0] = ends[0];
	reach->ends[1] = ends[1];
	reach->known = ends[0] >= 0 || ends[1] >= 0;
	reach->edge = -1;
	reach->behind = first_behind(core);
}

/* Each of the two numbers is -1 while it is not known. */
static void tell(struct ecr_core *core)
{
	ecr_core_emit(core, (struct ecr_event){ .kind = ECR_EVENT_BUS_TOPOLOGY,
						.slave = -1,
						.domain = -1,
						.to = core->bus.split,
						.expected = (uint32_t)core->bus.reach[0],
						.actual = (uint32_t)core->bus.reach[1] });
	if (ecr_master_tends(core))
		ecr_master_hurry_polls(core, true);
}

/* The reference's time is read and written in its own part; where frames pass it depends on that. */
static void route_time(struct ecr_core *core)
{
	int32_t behind = core->reach.behind;

	core->bus.reference_behind = core->dc.reference >= 0 && behind >= 0 &&
				     core->slaves[core->dc.reference].position >= behind;
	ecr_dc_route(&core->dc, behind);
	core->bus.far_known = core->bus.split && behind > 0 && core->dc.running;
	core->bus.far_later = core->dc.far_later;
}

static void heed_news(struct ecr_core *core)
{
	struct ecr_reach *reach = &core->reach;
	bool was_split = reach->split;

	core->bus.news = false;
	reach->at = core->now;
	reach->edge = -1;
	if (reach->split != core->bus.split) {
		reach->split = core->bus.split;
		reach->known = false;
		reach->ends[0] = reach->ends[1] = -1;
	}
	reach->behind = first_behind(core);
	tell(core);
	if (was_split != core->bus.split || !core->bus.split)
		ecr_clocks_parted(core);
}

/* The start rests: until the next attempt nobody asks anybody. */
static bool rests(const struct ecr_core *core)
{
	return core->phase == ECR_PHASE_BRINGUP && !core->busy && core->bus.port_up[0] &&
	       core->bus.port_up[1];
}

ecr_time ecr_master_redundancy_wake(const struct ecr_core *core)
{
	return core->bus.redundant && (core->bus.split || rests(core)) ? core->reach.at : ECR_NEVER;
}

void ecr_master_redundancy(struct ecr_core *core)
{
	if (!core->bus.redundant)
		return;
	if (core->bus.news)
		heed_news(core);
	if (core->dc.clocks)
		route_time(core);
	if (!core->bus.split && !rests(core))
		core->reach.at = core->now + REACH_NS;
	else if (core->now >= core->reach.at)
		ask(core);
}
