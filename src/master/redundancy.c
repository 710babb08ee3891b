/* SPDX-License-Identifier: Apache-2.0 */
/* While a ring with two ports is broken: where, looked at again and again, and told. */
#include "master/master.h"

#define REACH_NS ECR_MS(20)

static void ask(struct ecr_core *core)
{
	core->reach_at = core->now + REACH_NS;
	if (core->reach.queued)
		return;
	core->reach_ask = (struct ecr_ask){ .command = ECR_CMD_BRD,
					    .address = ecr_address_all(ECR_REG_AL_STATUS),
					    .length = 2 };
	core->reach = (struct ecr_transaction){ .asks = &core->reach_ask,
						.count = 1,
						.class = ECR_RELIABLE,
						.owner = ECR_OWNER_REACH };
	ecr_bus_submit(&core->bus, core->now, &core->reach);
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
	if (core->phase == ECR_PHASE_STEADY)
		ecr_master_hurry_polls(core, true);
}

/* The first slave that frames of the second port reach; -1 while those of the first one reach all. */
static int first_behind(const struct ecr_bus *bus)
{
	if (!bus->port_up[0])
		return 0;
	return bus->split && bus->port_up[1] ? bus->reach[0] : -1;
}

void ecr_master_redundancy(struct ecr_core *core)
{
	if (!core->bus.redundant)
		return;
	if (core->dc.reference >= 0)
		core->bus.reference = core->slaves[core->dc.reference].position;
	if (core->bus.news) {
		core->bus.news = false;
		core->reach_at = core->now;
		tell(core);
		if (!core->bus.split)
			ecr_clocks_mended(core);
	}
	if (core->dc.clocks)
		ecr_dc_route(&core->dc, first_behind(&core->bus));
	if (core->bus.split && core->now >= core->reach_at)
		ask(core);
}
