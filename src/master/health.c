/* SPDX-License-Identifier: Apache-2.0 */
/* What watches the slaves of a session, on and off: health polls, mailboxes, cables, latches. */
#include "master/master.h"

/* Messages sent unasked are looked for while the slave is polled. */
static void watch(struct ecr_core *core, struct ecr_slave *slave, bool on)
{
	if (ecr_job_running(&slave->watch)) {
		if (!on)
			ecr_job_cancel(&core->runner, &slave->watch);
	} else if (on && slave->watch_period && !slave->down && ecr_slave_speaks_coe(slave)) {
		slave->watch.context = slave;
		slave->watch.subject = slave->index;
		slave->watch_waited = false;
		ecr_job_start(&core->runner, &slave->watch, ecr_watch_steps);
	}
}

void ecr_master_watch(struct ecr_core *core)
{
	for (int i = 0; i < core->slave_count; i++)
		watch(core, &core->slaves[i], true);
}

/* A session that nobody is to leave PREOP in is being configured, with plugs in and out: it is asked for. */
static bool watches(const struct ecr_core *core)
{
	return core->target != ECR_TARGET_PREOP || core->config->watch_held || core->gated ||
	       !ecr_master_nothing_activatable(core);
}

void ecr_master_poll(struct ecr_core *core, bool on)
{
	bool watched = watches(core);

	if (on)
		ecr_roll_call(core, true);
	ecr_master_tally(core, on);
	ecr_master_round(core, on && watched);
	for (int i = 0; i < core->slave_count; i++) {
		struct ecr_slave *slave = &core->slaves[i];

		watch(core, slave, on);
		ecr_master_read_errors(core, slave, on);
		if (on && !watched)
			continue;
		if (ecr_job_running(&slave->poll)) {
			if (!on)
				ecr_job_cancel(&core->runner, &slave->poll);
		} else if (on && slave->poll_period && !slave->down) {
			ecr_slave_begin_polls(slave, &core->round.proof_at);
			ecr_job_start(&core->runner, &slave->poll, ecr_poll_steps);
		}
		ecr_clocks_latch(core, slave, on);
	}
}
