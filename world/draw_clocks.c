/* SPDX-License-Identifier: Apache-2.0 */
/* How a session uses the clocks: whose time it is, what a lost lock means, who waits for one, and who goes by SYNC0 or SYNC1. */
#include "world/draw.h"

#include "wire/registers.h"
#include "wire/sii.h"

#define SHORTEST_CYCLE ECR_US(250)
#define DRIVE_BEARS 30 /* SYNC0 without new outputs count 3, with them -1 */
#define DRIVE_READY 8  /* its outputs must be there this part of the cycle before SYNC0 */

static bool has_clock(const struct world_plan *plan, int slave)
{
	return (plan->devices[slave].features & ECR_FEATURE_DC) &&
	       !plan->devices[slave].clock.times_only;
}

/* Of those who must be there, from any of them on; -1: none. */
static int draw_clock_of(const struct world_plan *plan, struct ecr_prng *prng)
{
	int first = (int)ecr_prng_below(prng, (uint32_t)plan->fixed);

	for (int i = 0; i < plan->fixed; i++)
		if (has_clock(plan, (first + i) % plan->fixed))
			return (first + i) % plan->fixed;
	return -1;
}

static void draw_reference(struct world_plan *plan, struct ecr_prng *prng, int slave)
{
	uint32_t kind = ecr_prng_below(prng, 8);

	plan->config.dc.master_clock = kind == 0;
	if (kind >= 1 && kind <= 3 && slave >= 0)
		plan->config.dc.reference = plan->names[slave];
}

/*
 * Where single breaks, or slaves that come and go, are to disturb nobody the lock has the usual time to come back before a
 * policy judges it; so has one whose loss is the end, or it would end before clocks have found together.
 */
static void draw_lock(struct world_plan *plan, struct ecr_prng *prng, bool any_clock)
{
	static const uint32_t thresholds[] = { 0, 0, 0, 200, 1000 };
	static const uint32_t warmups[] = { 0, 0, 50, 200 };
	static const int32_t timeouts[] = { 0, 3000, 8000, 300, 1000 };
	struct ecr_dc_config *dc = &plan->config.dc;
	bool usual;

	dc->lock_policy = (enum ecr_dc_lock_policy)ecr_prng_below(prng, ECR_DC_FATAL + 1);
	usual = dc->lock_policy == ECR_DC_FATAL ||
		(dc->lock_policy == ECR_DC_RECOVERING &&
		 (world_has(plan, WORLD_RING) || world_has(plan, WORLD_HOT)));
	dc->lock_timeout_ms = timeouts[ecr_prng_below(prng, usual ? 3 : 5)];
	dc->lock_threshold_ns = thresholds[ecr_prng_below(prng, 5)];
	dc->warmup_cycles = warmups[ecr_prng_below(prng, 4)];
	/* Without any clock it would wait for ever. */
	dc->await_lock = ecr_prng_below(prng, 2) && any_clock;
}

static ecr_time shortest_period(const struct world_plan *plan)
{
	ecr_time shortest = plan->domains[0].cycle_ns;

	for (int i = 1; i < plan->domain_count; i++)
		if (plan->domains[i].cycle_ns < shortest)
			shortest = plan->domains[i].cycle_ns;
	return shortest;
}

/* A control loop that goes by the mean of 16 differences swings where they come more slowly. */
static bool is_quick(const struct world_plan *plan)
{
	ecr_time cycle = plan->config.dc.cycle_ns;

	return (cycle ? cycle : shortest_period(plan)) <= ECR_MS(1);
}

static void draw_times(struct world_plan *plan, struct ecr_prng *prng)
{
	static const ecr_time cycles[] = { 0, 0, 0, ECR_US(500), ECR_MS(1), ECR_MS(2), ECR_MS(5) };
	static const uint32_t bursts[] = { 0, 0, 1, 600, 3000 };
	static const int32_t measures[] = { 0, 0, 100, 300, 1000 };
	struct ecr_dc_config *dc = &plan->config.dc;

	dc->cycle_ns = cycles[ecr_prng_below(prng, 7)];
	dc->shift_ns = ecr_prng_below(prng, 3) ? 0 : ECR_US(ecr_prng_between(prng, 1, 1000));
	dc->burst = bursts[ecr_prng_below(prng, 5)];
	dc->measure_ms = measures[ecr_prng_below(prng, 5)];
	dc->free_running = !ecr_prng_below(prng, 8);
	dc->always = !ecr_prng_below(prng, 4);
	if (ecr_prng_below(prng, 8))
		return;
	dc->filter_shift[0] = (uint8_t)ecr_prng_below(prng, is_quick(plan) ? 5 : 1);
	dc->filter_shift[1] = (uint8_t)ecr_prng_between(prng, 10, 13);
}

/* Clocks that are told the time rarely take their time. */
static void draw_patience(struct world_plan *plan)
{
	struct ecr_dc_config *dc = &plan->config.dc;

	if (dc->lock_policy != ECR_DC_ADVISORY && dc->lock_timeout_ms == 3000 && !is_quick(plan))
		dc->lock_timeout_ms = 8000;
}

static ecr_time period_of(const struct world_plan *plan, int slave)
{
	for (int i = 0; i < plan->domain_count; i++)
		if (plan->slaves[slave].process_data.domain == plan->domains[i].id)
			return plan->domains[i].cycle_ns;
	return 0;
}

static bool has_outputs(const struct world_plan *plan, int slave)
{
	struct ecr_sii_pdo pdo = { 0 };
	struct ecr_sii sii;

	ecr_sii_open(&sii, plan->devices[slave].sii, plan->devices[slave].sii_size);
	return ecr_sii_next_pdo(&sii, ECR_SII_RXPDO, &pdo) && pdo.bits;
}

/* New outputs come half a cycle before each SYNC0, and their period stays what it is. */
static bool may_be_drive(const struct world_plan *plan, int slave)
{
	const struct ecr_dc_config *dc = &plan->config.dc;

	return !plan->devices[slave].objects && !dc->free_running && !dc->cycle_ns &&
	       !dc->shift_ns && !world_has(plan, WORLD_PERIODS) && has_outputs(plan, slave);
}

/* Its application works with SYNC0, and complains of each that comes without outputs. */
static void draw_drive(struct world_plan *plan, struct ecr_prng *prng, int slave)
{
	struct ecr_sim_device *device = &plan->devices[slave];
	struct ecr_sync_config *sync = &plan->slaves[slave].sync;

	device->emulation = false;
	device->clock.needs_sync = true;
	device->clock.missed_limit = DRIVE_BEARS;
	device->clock.ready_ns = (uint32_t)(shortest_period(plan) / DRIVE_READY);
	sync->mode = ECR_SYNC_SYNC0;
	sync->sync0_cycle_ns = period_of(plan, slave) * ecr_prng_between(prng, 1, 2);
	sync->sync0_shift_ns = shortest_period(plan) / DRIVE_READY * ecr_prng_below(prng, 2);
}

/* Any cycle and shift that a terminal may be given; SYNC1 behind SYNC0, or slower. */
static void draw_signals(struct ecr_prng *prng, struct ecr_sync_config *sync)
{
	ecr_time cycle = ecr_prng_below(prng, 3)
				 ? SHORTEST_CYCLE * ecr_prng_between(prng, 1, 16)
				 : SHORTEST_CYCLE + (ecr_time)ecr_prng_below(prng, 5000000);
	uint32_t spread = (uint32_t)cycle;

	sync->mode = ecr_prng_below(prng, 3) ? ECR_SYNC_SYNC0 : ECR_SYNC_SYNC1;
	sync->sync0_cycle_ns = ecr_prng_below(prng, 3) ? cycle : 0;
	sync->sync0_shift_ns = ecr_prng_below(prng, 3)
				       ? (ecr_time)ecr_prng_below(prng, 4 * spread) - 2 * cycle
				       : 0;
	sync->sync1_ns = sync->mode == ECR_SYNC_SYNC1 ? ecr_prng_below(prng, 4 * spread) : 0;
}

/* One that was told a wrong time before it was set goes on with what its control loop made of that: as the reference for good. */
static bool may_restart(const struct world_plan *plan)
{
	return plan->features & (WORLD_POWER | WORLD_HOT | WORLD_OTHERS);
}

static void draw_sync(struct world_plan *plan, struct ecr_prng *prng, int slave)
{
	struct ecr_sync_config *sync = &plan->slaves[slave].sync;
	uint32_t kind = ecr_prng_below(prng, 6);

	if (kind < 2 && may_be_drive(plan, slave))
		draw_drive(plan, prng, slave);
	else if (kind < 4)
		draw_signals(prng, sync);
	if (!ecr_prng_below(prng, 6) && is_quick(plan) && !may_restart(plan))
		sync->keep |= ECR_SYNC_KEEP_SPEED;
	if (!ecr_prng_below(prng, 6))
		sync->keep |= ECR_SYNC_KEEP_CONTROL;
}

void world_draw_clocks(struct world_plan *plan, struct ecr_prng *prng)
{
	int slave = draw_clock_of(plan, prng);

	plan->features |= WORLD_CLOCK_OPTIONS;
	draw_reference(plan, prng, slave);
	draw_lock(plan, prng, slave >= 0);
	draw_times(plan, prng);
	draw_patience(plan);
	for (int i = 0; i < plan->count; i++)
		if (has_clock(plan, i) && plan->slaves[i].target_state == ECR_TARGET_OP)
			draw_sync(plan, prng, i);
}
