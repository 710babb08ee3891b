/* SPDX-License-Identifier: Apache-2.0 */
/* Where the clocks and a slave's SYNC0 and latches meet. */
#include "master/master.h"

static uint16_t width_of(const struct ecr_core *core, const struct ecr_slave *slave)
{
	const struct ecr_clock *clock = &core->dc.clocks[slave->index];

	return clock->kind < ECR_CLOCK_32 ? 0 : ecr_clock_width(clock);
}

void ecr_clocks_prepare_sync(struct ecr_core *core, struct ecr_slave *slave)
{
	ecr_time given = slave->config->sync.sync0_cycle_ns;

	slave->sync.cycle = given ? given : core->dc.cycle;
	slave->sync.ring_time = &core->dc.ring_ns;
	slave->sync.waited = slave->sync.fed = false;
	slave->sync.width = width_of(core, slave);
}

/* The EEPROM has set another pulse than the configuration expects: told, and left as it is. */
void ecr_clocks_synced(struct ecr_core *core, const struct ecr_slave *slave)
{
	uint32_t wanted = slave->config->sync.pulse_ns;

	if (!slave->sync.pulse_known || !wanted || wanted == slave->sync.pulse_ns)
		return;
	ecr_core_emit(core, (struct ecr_event){ .kind = ECR_EVENT_SLAVE_WARNING,
						.slave = (int16_t)slave->index,
						.domain = -1,
						.expected = wanted,
						.actual = slave->sync.pulse_ns,
						.text = "length of the SYNC pulses (ns)" });
}

void ecr_clocks_latch(struct ecr_core *core, struct ecr_slave *slave, bool on)
{
	struct ecr_latch *latch = &slave->latch;

	if (ecr_job_running(&latch->job)) {
		if (!on)
			ecr_job_cancel(&core->runner, &latch->job);
		return;
	}
	if (!on || slave->down || !slave->config->sync.latches || !core->dc.running ||
	    !width_of(core, slave))
		return;
	latch->config = &slave->config->sync;
	latch->station = slave->station;
	latch->width = width_of(core, slave);
	latch->ring_time = &core->dc.ring_ns;
	latch->waited = false;
	latch->looked = 0;
	latch->subject = slave->index;
	latch->notice = core->bus.event;
	latch->notice_context = core->bus.event_context;
	latch->job.context = slave;
	latch->job.subject = slave->index;
	ecr_job_start(&core->runner, &latch->job, ecr_latch_steps);
}
