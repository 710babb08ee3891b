/* SPDX-License-Identifier: Apache-2.0 */
/* From a seed to its plan: which kinds of things happen, and what is drawn in which order. */
#include "world/draw.h"

#include "world/trees.h"

#include <string.h>

/* Every tenth world has it all, every tenth hardly anything; in others each feature has its chance. */
static uint32_t draw_features(uint64_t seed)
{
	static const struct {
		enum world_feature feature;
		uint32_t chance; /* per cent */
	} all[] = {
		{ WORLD_NOISE, 40 },   { WORLD_REPLIES, 30 },	   { WORLD_CABLES, 50 },
		{ WORLD_POWER, 40 },   { WORLD_SLAVE_STATES, 40 }, { WORLD_COUNTERS, 20 },
		{ WORLD_ACTIONS, 40 }, { WORLD_PERIODS, 25 },	   { WORLD_RING, 35 },
		{ WORLD_TREE, 30 },    { WORLD_CLOCKS, 20 },	   { WORLD_MAILBOX, 35 },
		{ WORLD_PAUSES, 10 },
	};
	struct ecr_prng prng = world_prng(seed, 1);
	uint32_t kind = ecr_prng_below(&prng, 10);
	uint32_t features = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		uint32_t drawn = ecr_prng_below(&prng, 100);
		uint32_t chance = kind == 0   ? all[i].chance * 2
				  : kind == 1 ? all[i].chance / 5
					      : all[i].chance;

		if (drawn < chance)
			features |= all[i].feature;
	}
	if (features & WORLD_RING)
		features &= ~(uint32_t)WORLD_TREE;
	return features;
}

/*
 * A ring with two ports may have branches, too. Its last slave is the last one that frames come to, so that what hangs at
 * the slaves between the ports hangs before the way to it.
 */
static void draw_branches(struct world_plan *plan)
{
	struct ecr_prng prng = world_prng(plan->seed, 15);

	if (!world_has(plan, WORLD_RING) || ecr_prng_below(&prng, 100) >= 30)
		return;
	plan->features |= WORLD_TREE;
	tree_draw(&prng, plan->devices, plan->fixed, NULL);
}

/* What came later has draws of its own. */
static void draw_more(struct world_plan *plan)
{
	struct ecr_prng prng = world_prng(plan->seed, 7);
	uint32_t spoiled = ecr_prng_below(&prng, 100);
	uint32_t startup = ecr_prng_below(&prng, 100);
	struct ecr_prng tools = world_prng(plan->seed, 9);
	struct ecr_prng patience = world_prng(plan->seed, 11);

	if (world_has(plan, WORLD_MAILBOX) && spoiled < 50)
		plan->features |= WORLD_SPOILED;
	if (world_has(plan, WORLD_MAILBOX) && startup < 50)
		plan->features |= WORLD_STARTUP;
	if (ecr_prng_below(&tools, 100) < 20)
		world_draw_tools(plan, &tools);
	world_draw_talk(plan, &prng);
	if (ecr_prng_below(&patience, 100) < 20)
		plan->config.al_timeouts = (struct ecr_al_timeouts){ 0 };
}

/* And what came after that. By the number of the last ones, too, none of the seeds in tests/unit/test_world.c has become another world. */
static void draw_still_more(struct world_plan *plan)
{
	struct ecr_prng others = world_prng(plan->seed, 13);
	struct ecr_prng interface = world_prng(plan->seed, 14);
	struct ecr_prng cables = world_prng(plan->seed, 16);
	struct ecr_prng extras = world_prng(plan->seed, 17);
	struct ecr_prng safe = world_prng(plan->seed, 19);
	struct ecr_prng watched = world_prng(plan->seed, 20);
	struct ecr_prng clocks = world_prng(plan->seed, 278);

	if (ecr_prng_below(&others, 100) < 12)
		world_draw_others(plan, &others);
	if (ecr_prng_below(&interface, 100) < 12)
		world_draw_interface(plan, &interface);
	if (ecr_prng_below(&watched, 100) < 20) {
		plan->features |= WORLD_WATCHED;
		plan->config.watch_held = true;
	}
	if (ecr_prng_below(&safe, 100) < 12)
		world_draw_safe(plan, &safe);
	if (ecr_prng_below(&cables, 100) < 10)
		world_draw_bad_cables(plan, &cables);
	if (ecr_prng_below(&extras, 100) < 12 && !world_has(plan, WORLD_HOT))
		world_draw_extras(plan, &extras);
	if (world_has(plan, WORLD_CLOCKS) && ecr_prng_below(&clocks, 100) < 30)
		world_draw_clocks(plan, &clocks);
}

/* Some who fall back do not stop at SAFEOP. */
static void draw_falls(struct world_plan *plan)
{
	static const uint8_t states[] = { 0, ECR_AL_PREOP, ECR_AL_INIT };
	struct ecr_prng prng = world_prng(plan->seed, 12);

	for (int i = 0; i < plan->entry_count; i++)
		if (plan->entries[i].kind == WORLD_FAULT &&
		    plan->entries[i].fault.kind == ECR_SIM_RETREAT)
			plan->entries[i].fault.command = states[ecr_prng_below(&prng, 3)];
}

/* The default, which nobody shortens for a test. */
static void draw_mailbox_patience(struct world_plan *plan)
{
	struct ecr_prng prng = world_prng(plan->seed, 22);

	if (ecr_prng_below(&prng, 100) >= 20)
		return;
	for (int i = 0; i < plan->count; i++)
		plan->slaves[i].mailbox_timeout_ms = 0;
}

/* A story that takes its time, with things that last longer than any pause between two attempts: few, since each costs as much as
 * ten others. */
static void draw_long(struct world_plan *plan)
{
	struct ecr_prng prng = world_prng(plan->seed, 23);
	ecr_time chaos = ECR_MS(ecr_prng_between(&prng, 10000, 20000));

	if (ecr_prng_below(&prng, 100) >= 2)
		return;
	for (int i = 0; i < plan->entry_count; i++) {
		struct world_entry *entry = &plan->entries[i];

		entry->at = entry->at / 1000 * (chaos / 1000) / (plan->chaos / 1000) * 1000;
		if (!entry->lasts || entry->kind == WORLD_PAUSE || ecr_prng_below(&prng, 3))
			continue;
		entry->lasts = ECR_MS(ecr_prng_between(&prng, 1000, 5000));
		if (entry->fault.lasts)
			entry->fault.lasts = entry->lasts;
	}
	plan->chaos = chaos;
}

/* And these behind slaves that come and go; by this number none of the seeds in tests/unit/test_world.c has become another world. */
static void draw_hot_extras(struct world_plan *plan)
{
	struct ecr_prng prng = world_prng(plan->seed, 89);

	if (world_has(plan, WORLD_HOT) && ecr_prng_below(&prng, 100) < 20)
		world_draw_extras(plan, &prng);
}

void world_draw_plan(struct world_plan *plan, uint64_t seed)
{
	memset(plan, 0, sizeof(*plan));
	plan->seed = seed;
	plan->features = draw_features(seed);
	world_draw_ring(plan);
	world_draw_entries(plan);
	draw_branches(plan);
	draw_more(plan);
	draw_falls(plan);
	draw_still_more(plan);
	draw_hot_extras(plan);
	draw_mailbox_patience(plan);
	draw_long(plan);
}
