/* SPDX-License-Identifier: Apache-2.0 */
/* What is told about the clocks. */
#include "master/master.h"

#include "base/text.h"

static void copy_name(char *to, const char *from)
{
	struct ecr_text text;

	ecr_text_init(&text, to, ECR_NAME_SIZE);
	ecr_text_string(&text, from);
}

static int count_clocks(const struct ecr_dc *dc)
{
	int count = 0;

	for (int i = 0; i < dc->count; i++)
		count += dc->clocks[i].kind >= ECR_CLOCK_32;
	return count;
}

int ecr_clocks_status(const struct ecr_core *core, struct ecr_dc_status *status)
{
	const struct ecr_dc *dc = &core->dc;
	const struct ecr_servo *servo = &dc->estimate.servo;

	*status = (struct ecr_dc_status){ .lock_state = ECR_DC_DISABLED,
					  .last_sync_check_at_us = -1 };
	if (!ecr_dc_enabled(dc))
		return 0;
	*status = (struct ecr_dc_status){
		.configured = true,
		.active = dc->running,
		.cycle_ns = dc->cycle,
		.await_lock = dc->config->await_lock,
		.lock_policy = dc->config->lock_policy,
		.substitute = dc->reference != dc->original,
		.lock_state = dc->lock.state,
		.max_sync_diff_known = dc->lock.known,
		.max_sync_diff_ns = dc->lock.max_difference_ns,
		.last_sync_check_at_us = dc->checked_at < 0 ? -1 : dc->checked_at / 1000,
		.monitor_failures = dc->failures,
		.clocks = count_clocks(dc),
		.cycles = dc->cycles,
		.lost = dc->lost,
		.reference_ns = dc->reference_ns,
		.servo_state = dc->running ? servo->state : ECR_DC_SERVO_UNLOCKED,
		.phase_ns = dc->phase,
		.rate_ppb = dc->estimate.rate / 1000,
		.outliers = servo->outliers,
		.shift_ns = dc->shift,
	};
	if (dc->reference != ECR_DC_NONE) {
		copy_name(status->reference_clock, core->slaves[dc->reference].name);
		status->reference_station = core->slaves[dc->reference].station;
	}
	return 0;
}

static void fill(const struct ecr_core *core, int index, struct ecr_dc_slave *info)
{
	const struct ecr_clock *clock = &core->dc.clocks[index];
	const struct ecr_slave *slave = &core->slaves[index];

	*info = (struct ecr_dc_slave){
		.position = slave->position,
		.station = slave->station,
		.kind = (enum ecr_clock_kind)clock->kind,
		.reference = core->dc.reference == index,
		.delay_guessed = core->dc.delays[index].guessed,
		.delay_ns = core->dc.delays[index].arrival_ns,
		.offset_ns = clock->offset,
		.difference_known = clock->difference_known,
		.difference_ns = clock->difference,
		.difference_min_ns = clock->difference_min,
		.difference_max_ns = clock->difference_max,
	};
	info->sync_running = slave->sync.running;
	info->sync_start = slave->sync.start;
	info->pulse_ns = slave->sync.pulse_ns;
	copy_name(info->name, slave->name);
}

int ecr_clocks_slaves(const struct ecr_core *core, struct ecr_dc_slave *slaves, int room)
{
	for (int i = 0; i < core->slave_count && core->dc.clocks && i < room; i++)
		fill(core, i, &slaves[i]);
	return core->slave_count;
}
