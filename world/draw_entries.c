/* SPDX-License-Identifier: Apache-2.0 */
/* What happens in a world, and when. */
#include "world/draw.h"

/* AL status codes: of the SyncManager for outputs, of the input mapping. */
#define INVALID_OUTPUTS 29
#define INVALID_INPUTS 36

#define TAKES_PART 500 /* more than any expected counter: what is missing is never made up for */

static void draw_noise(struct ecr_prng *prng, struct world_entry *entry)
{
	uint32_t most = ecr_prng_below(prng, 3) ? 20000 : 200000;

	entry->kind = WORLD_DISTURB;
	entry->lasts = world_draw_span(prng);
	entry->noise.lost = ecr_prng_below(prng, most);
	entry->noise.lost_back = ecr_prng_below(prng, most);
	entry->noise.duplicated = ecr_prng_below(prng, most);
	entry->noise.late = ecr_prng_below(prng, most);
	entry->noise.corrupt = ecr_prng_below(prng, most / 2);
	entry->noise.late_ns = ECR_US(ecr_prng_between(prng, 50, 8000));
}

static void draw_cables(const struct world_plan *plan, struct ecr_prng *prng,
			struct world_entry *entry)
{
	if (world_has(plan, WORLD_RING) && !ecr_prng_below(prng, 4)) {
		entry->kind = WORLD_UNPLUG;
		entry->port = ecr_prng_below(prng, 2);
		return;
	}
	entry->fault.kind = ecr_prng_below(prng, 2) ? ECR_SIM_DISCONNECT : ECR_SIM_BREAK;
	entry->fault.value =
		entry->fault.kind == ECR_SIM_BREAK ? (int32_t)ecr_prng_below(prng, 2) : 0;
}

static void draw_power(struct ecr_prng *prng, struct world_entry *entry)
{
	entry->fault.kind = ecr_prng_below(prng, 2) ? ECR_SIM_POWER_OFF : ECR_SIM_POWER_CYCLE;
}

static void draw_state(struct ecr_prng *prng, struct world_entry *entry)
{
	static const enum ecr_sim_fault_kind kinds[] = { ECR_SIM_RETREAT, ECR_SIM_AL_ERROR,
							 ECR_SIM_REFUSE, ECR_SIM_STUCK };
	static const uint8_t states[] = { 0, ECR_AL_PREOP, ECR_AL_SAFEOP, ECR_AL_OP };

	entry->fault.kind = kinds[ecr_prng_below(prng, 4)];
	if (entry->fault.kind == ECR_SIM_REFUSE)
		entry->fault.command = states[ecr_prng_below(prng, 4)];
	if (entry->fault.kind == ECR_SIM_REFUSE || entry->fault.kind == ECR_SIM_AL_ERROR)
		entry->fault.value = ecr_prng_below(prng, 2) ? INVALID_OUTPUTS : INVALID_INPUTS;
}

static void draw_counter(struct ecr_prng *prng, struct world_entry *entry)
{
	static const uint8_t commands[] = { 1, 2, 4, 5, 7, 10, 11, 12 };

	entry->fault.kind =
		(enum ecr_sim_fault_kind)(ECR_SIM_WKC_OFFSET + (int)ecr_prng_below(prng, 3));
	entry->fault.value = ecr_prng_below(prng, 2) ? TAKES_PART : -1;
	if (entry->fault.kind == ECR_SIM_COMMAND_WKC_OFFSET)
		entry->fault.command = commands[ecr_prng_below(prng, 8)];
}

static void draw_reply(struct ecr_prng *prng, struct world_entry *entry)
{
	static const enum ecr_sim_fault_kind kinds[] = {
		ECR_SIM_DROP,	ECR_SIM_TRUNCATE, ECR_SIM_BAD_TYPE, ECR_SIM_WRONG_INDEX,
		ECR_SIM_REPLAY, ECR_SIM_DELAY,	  ECR_SIM_LOSE,
	};

	entry->fault.kind = kinds[ecr_prng_below(prng, 7)];
	if (entry->fault.kind == ECR_SIM_DELAY)
		entry->fault.value = (int32_t)ecr_prng_between(prng, 100000, 15000000);
	if (ecr_prng_below(prng, 2))
		entry->fault.frames = ecr_prng_between(prng, 1, 100);
}

static void draw_action(struct ecr_prng *prng, struct world_entry *entry)
{
	switch (ecr_prng_below(prng, 5)) {
	case 0:
		entry->kind = WORLD_RESTART;
		break;
	case 1:
	case 2:
		entry->kind = WORLD_DEACTIVATE;
		entry->target = ecr_prng_below(prng, 2) ? ECR_TARGET_SAFEOP : ECR_TARGET_PREOP;
		break;
	default:
		entry->kind = WORLD_ACTIVATE;
		break;
	}
}

static void draw_period(const struct world_plan *plan, struct ecr_prng *prng,
			struct world_entry *entry)
{
	entry->kind = WORLD_PERIOD;
	entry->domain = (int)ecr_prng_below(prng, (uint32_t)plan->domain_count);
	entry->period = ECR_US(250) * ecr_prng_between(prng, 1, 24);
}

static enum world_feature draw_kind(const struct world_plan *plan, struct ecr_prng *prng)
{
	static const enum world_feature kinds[] = {
		WORLD_NOISE,	WORLD_REPLIES, WORLD_CABLES,  WORLD_POWER,  WORLD_SLAVE_STATES,
		WORLD_COUNTERS, WORLD_ACTIONS, WORLD_PERIODS, WORLD_PAUSES,
	};
	enum world_feature feature;

	do
		feature = kinds[ecr_prng_below(prng, sizeof(kinds) / sizeof(kinds[0]))];
	while (!world_has(plan, feature));
	return feature;
}

static void draw_entry(const struct world_plan *plan, struct ecr_prng *prng,
		       struct world_entry *entry)
{
	entry->fault.slave = (int)ecr_prng_below(prng, (uint32_t)plan->count);
	entry->lasts = world_draw_span(prng);
	switch (draw_kind(plan, prng)) {
	case WORLD_NOISE:
		draw_noise(prng, entry);
		break;
	case WORLD_REPLIES:
		draw_reply(prng, entry);
		break;
	case WORLD_CABLES:
		draw_cables(plan, prng, entry);
		break;
	case WORLD_POWER:
		draw_power(prng, entry);
		break;
	case WORLD_SLAVE_STATES:
		draw_state(prng, entry);
		break;
	case WORLD_COUNTERS:
		draw_counter(prng, entry);
		break;
	case WORLD_ACTIONS:
		draw_action(prng, entry);
		break;
	case WORLD_PERIODS:
		draw_period(plan, prng, entry);
		break;
	default:
		entry->kind = WORLD_PAUSE;
		entry->lasts = ECR_MS(ecr_prng_between(prng, 1, 200));
		break;
	}
	if (entry->kind == WORLD_FAULT)
		entry->fault.lasts = entry->lasts;
}

static bool anything_happens(const struct world_plan *plan)
{
	return plan->features &
	       (WORLD_NOISE | WORLD_REPLIES | WORLD_CABLES | WORLD_POWER | WORLD_SLAVE_STATES |
		WORLD_COUNTERS | WORLD_ACTIONS | WORLD_PERIODS | WORLD_PAUSES);
}

void world_draw_entries(struct world_plan *plan)
{
	struct ecr_prng prng = world_prng(plan->seed, 3);
	ecr_time begin = ecr_prng_below(&prng, 2) ? 0 : ECR_MS(250);
	int wanted = (int)ecr_prng_between(&prng, 1, ecr_prng_below(&prng, 4) ? 6 : 30);

	plan->chaos = ECR_MS(ecr_prng_between(&prng, 300, 1500));
	for (int i = 0; anything_happens(plan) && i < wanted; i++) {
		struct world_entry entry = { 0 };

		entry.at = begin + (ecr_time)ecr_prng_below(&prng, (uint32_t)(plan->chaos - begin));
		/* Now and then two at one instant. */
		if (plan->entry_count && !ecr_prng_below(&prng, 8))
			entry.at = plan->entries[ecr_prng_below(&prng, (uint32_t)i)].at;
		draw_entry(plan, &prng, &entry);
		world_add_entry(plan, &entry);
	}
}
