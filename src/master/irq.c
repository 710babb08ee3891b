/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every controller adds its events to the IRQ field of each datagram that passes (ETG.1000.4, 5.4). An event of health
 * calls the next health poll forward. It stays until its register is read, so what nobody reads is looked for less and
 * less often.
 */
#include "master/master.h"

#define PAUSE_FIRST_NS ECR_MS(2)
#define PAUSE_MAX_NS ECR_MS(100)

void ecr_master_hurry_poll(struct ecr_core *core, struct ecr_slave *slave, bool links)
{
	slave->poll_links = slave->poll_links || links;
	slave->poll_now = true;
	ecr_job_hurry(&core->runner, &slave->poll);
}

void ecr_master_hurry_polls(struct ecr_core *core, bool links)
{
	for (int i = 0; i < core->slave_count; i++)
		ecr_master_hurry_poll(core, &core->slaves[i], links);
}

void ecr_master_heed_irq(struct ecr_core *core)
{
	struct ecr_irq *irq = &core->irq;
	uint16_t events = core->bus.irq & ECR_SLAVE_EVENTS;

	if (irq->frames_seen == core->bus.info.frames_received)
		return;
	irq->frames_seen = core->bus.info.frames_received;
	core->bus.irq = 0;
	/* Others read the ports, too, which takes the event away before it can be heeded. */
	irq->links = (events & ECR_IRQ_DL_STATUS) || (irq->links && core->dc.running);
	if (!events)
		irq->pause = PAUSE_FIRST_NS;
	if ((!events && !irq->links) || !ecr_master_tends(core) || core->now < irq->next_at)
		return;
	ecr_master_hurry_polls(core, irq->links);
	if (core->hot && irq->links) {
		ecr_roll_hurry(core);
		core->clock_unread = true; /* as many as before, but maybe elsewhere */
	}
	irq->links = false;
	irq->next_at = core->now + irq->pause;
	irq->pause = irq->pause < PAUSE_MAX_NS / 2 ? irq->pause * 2 : PAUSE_MAX_NS;
}
