/* SPDX-License-Identifier: Apache-2.0 */
/* The ring that a seed means, and what the session is told of it. */
#include "world/draw.h"

#include "wire/registers.h"
#include "world/trees.h"

#include <stdio.h>

static const ecr_time periods[] = { ECR_US(500), ECR_MS(1), ECR_MS(1), ECR_MS(2),
				    ECR_MS(2),	 ECR_MS(4), ECR_MS(10) };

static void draw_domains(struct world_plan *plan, struct ecr_prng *prng)
{
	static const char *const ids[WORLD_DOMAINS] = { "fast", "slow", "rest" };

	plan->domain_count = ecr_prng_below(prng, 2) ? 1 : (int)ecr_prng_between(prng, 1, 3);
	for (int i = 0; i < plan->domain_count; i++)
		plan->domains[i] = (struct ecr_domain_config){
			.id = ids[i],
			.cycle_ns = periods[ecr_prng_below(prng, 7)],
			.separate = !ecr_prng_below(prng, 4),
			.overlap = !ecr_prng_below(prng, 4),
			.all_or_nothing = !ecr_prng_below(prng, 6),
			.miss_threshold =
				ecr_prng_below(prng, 4) ? 0 : ecr_prng_between(prng, 5, 40),
			.on_fault =
				ecr_prng_below(prng, 6) ? ECR_ON_FAULT_DEFAULT : ECR_ON_FAULT_HOLD,
		};
}

static void draw_clock(const struct world_plan *plan, struct ecr_prng *prng,
		       struct ecr_sim_device *device)
{
	static const uint16_t kinds[] = { 0, ECR_FEATURE_DC, ECR_FEATURE_DC | ECR_FEATURE_DC_64,
					  ECR_FEATURE_DC | ECR_FEATURE_DC_64 };

	if (!world_has(plan, WORLD_CLOCKS))
		return;
	device->features |= kinds[ecr_prng_below(prng, 4)];
	device->clock.drift_ppb = (int32_t)ecr_prng_below(prng, 200001) - 100000;
	device->clock.start_ns = ecr_prng_next(prng) >> 8;
	device->cable_ns = ecr_prng_below(prng, 700);
}

static void draw_image(struct world_plan *plan, struct ecr_prng *prng, int i)
{
	uint16_t outputs = (uint16_t)ecr_prng_below(prng, 34);
	uint16_t inputs = (uint16_t)ecr_prng_below(prng, 34);

	plan->devices[i].sii = plan->sii[i];
	if (world_has(plan, WORLD_MAILBOX) && !ecr_prng_below(prng, 3) &&
	    ecr_sim_shipped("mailbox", &plan->devices[i], plan->sii[i], WORLD_SII))
		return;
	if (ecr_prng_below(prng, 3))
		plan->devices[i].sii_size = ecr_sim_digital_sii(plan->sii[i], WORLD_SII,
								plan->names[i], outputs, inputs);
	else
		plan->devices[i].sii_size =
			ecr_sim_analog_sii(plan->sii[i], WORLD_SII, plan->names[i],
					   (uint16_t)(outputs / 4), (uint16_t)(inputs / 4));
}

void world_draw_device(struct world_plan *plan, struct ecr_prng *prng, int i)
{
	struct ecr_sim_device *device = &plan->devices[i];
	uint32_t loop = ecr_prng_below(prng, 3) ? 0 : ecr_prng_below(prng, 400) * 1000;

	snprintf(plan->names[i], sizeof(plan->names[i]), "s%u", (unsigned int)i % 1000);
	draw_image(plan, prng, i);
	device->name = plan->names[i];
	device->emulation = ecr_prng_below(prng, 2) && !device->objects;
	device->eeprom_4 = ecr_prng_below(prng, 2);
	device->eeprom_busy_ns = ecr_prng_below(prng, 3) * 300000;
	device->al_delay_ns = ecr_prng_below(prng, 3) ? 0 : ecr_prng_below(prng, 20) * 1000000;
	device->features = ecr_prng_below(prng, 8) ? 0 : ECR_FEATURE_NO_LRW;
	device->loop_close_ns = device->loop_open_ns = loop;
	draw_clock(plan, prng, device);
}

void world_draw_slave(struct world_plan *plan, struct ecr_prng *prng, int i)
{
	const struct ecr_domain_config *domain =
		&plan->domains[ecr_prng_below(prng, (uint32_t)plan->domain_count)];

	plan->slaves[i] = (struct ecr_slave_config){
		.name = plan->names[i],
		.watchdog_ms = (int32_t)ecr_prng_between(prng, 100, 500),
		.health_poll_ms = (int32_t)ecr_prng_between(prng, 5, 80),
		.on_fault = ecr_prng_below(prng, 6) ? ECR_ON_FAULT_DEFAULT : ECR_ON_FAULT_HOLD,
		.mailbox_timeout_ms = 200,
		.mailbox_poll_ms = (int32_t)ecr_prng_between(prng, 1, 30),
	};
	/* One that has process data which nobody maps cannot leave PREOP. */
	if (ecr_prng_below(prng, 8))
		plan->slaves[i].process_data = (struct ecr_process_data)ECR_ALL_TO(domain->id);
	else
		plan->slaves[i].target_state = ECR_TARGET_PREOP;
}

static void draw_config(struct world_plan *plan, struct ecr_prng *prng)
{
	static const int32_t timeouts[] = { 0, 0, 2, 5, 20 };

	plan->config = (struct ecr_config){
		.domains = plan->domains,
		.slaves = plan->slaves,
		.scan_poll_ms = 10,
		.scan_stable_ms = 20,
		.frame_timeout_ms = timeouts[ecr_prng_below(prng, 5)],
		.base_station = ecr_prng_below(prng, 4) ? 0 : 0x2000,
	};
	/* A change of state that is not heeded holds up the way back by no more than this. */
	plan->config.al_timeouts = (struct ecr_al_timeouts){ 400, 400, 400, 400, 200 };
	plan->config.dc.disabled = !world_has(plan, WORLD_CLOCKS);
	if (world_has(plan, WORLD_RING))
		plan->config.backup_interface = "the ring's other end";
}

void world_draw_ring(struct world_plan *plan)
{
	struct ecr_prng prng = world_prng(plan->seed, 2);

	plan->count = (int)ecr_prng_between(&prng, 1, ecr_prng_below(&prng, 4) ? 6 : WORLD_FIXED);
	plan->fixed = plan->count;
	draw_domains(plan, &prng);
	for (int i = 0; i < plan->count; i++) {
		world_draw_device(plan, &prng, i);
		world_draw_slave(plan, &prng, i);
	}
	if (world_has(plan, WORLD_TREE))
		tree_draw(&prng, plan->devices, plan->count, NULL);
	draw_config(plan, &prng);
}
