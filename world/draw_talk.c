/* SPDX-License-Identifier: Apache-2.0 */
/* What is written to slaves that talk at their start, how they are difficult, and what befalls their answers. */
#include "world/draw.h"

#define MOST_LATE 600 /* ms; beyond any time-out of a world's mailboxes */

static const struct {
	uint16_t index;
	uint8_t subindex;
	enum ecr_sdo_value type;
	uint8_t size;
} objects[] = {
	{ 0x2000, 1, ECR_SDO_U16, 2 },
	{ 0x2000, 2, ECR_SDO_U8, 1 },
	{ 0x2001, 1, ECR_SDO_BYTES, 12 },
	{ 0x2002, 1, ECR_SDO_BYTES, WORLD_BLOCK }, /* in segments */
};

#define OBJECTS (sizeof(objects) / sizeof(objects[0]))

static void draw_startup(struct ecr_prng *prng, struct world_startup *startup)
{
	static const enum ecr_sdo_when whens[] = { ECR_AT_PREOP, ECR_AT_PS, ECR_AT_SO };
	int count = 0;

	for (size_t i = 0; i < OBJECTS; i++) {
		struct ecr_sdo_write *write = &startup->writes[count];
		uint8_t *block = startup->blocks[count];

		for (unsigned int k = 0; k < objects[i].size; k++)
			block[k] = (uint8_t)ecr_prng_next(prng);
		*write = (struct ecr_sdo_write){
			.index = objects[i].index,
			.subindex = objects[i].subindex,
			.when = whens[ecr_prng_below(prng, 3)],
			.type = objects[i].type,
			.value = objects[i].size == 2 ? block[0] | (uint64_t)block[1] << 8
						      : block[0],
			.data = block,
			.size = objects[i].size,
			.flags = ecr_prng_below(prng, 3) ? 0 : ECR_SDO_COMPARE,
		};
		count += ecr_prng_below(prng, 3) > 0;
	}
	startup->writes[count] = (struct ecr_sdo_write){ 0 };
}

/* Ways that every master must bear, all the time. */
static struct ecr_sim_habits draw_habits(struct ecr_prng *prng)
{
	struct ecr_sim_habits habits = { 0 };

	if (!ecr_prng_below(prng, 3))
		habits.take_ns = ECR_US(ecr_prng_below(prng, 3000));
	if (!ecr_prng_below(prng, 3))
		habits.answer_ns = ECR_US(ecr_prng_below(prng, 5000));
	if (!ecr_prng_below(prng, 4))
		habits.al_pause_ns = ECR_MS(ecr_prng_below(prng, 20));
	if (!ecr_prng_below(prng, 4))
		habits.counter_step = (uint8_t)ecr_prng_between(prng, 2, 6);
	habits.stale_at_preop = !ecr_prng_below(prng, 4);
	habits.answers_twice = !ecr_prng_below(prng, 4);
	habits.refuses_complete_access = !ecr_prng_below(prng, 4);
	return habits;
}

/* What can be seen to be wrong: a device that lies well cannot be found out. */
static uint32_t draw_value(struct ecr_prng *prng, enum ecr_sim_mailbox_fault_kind kind)
{
	static const uint32_t aborts[] = { 0x06010002u, 0x08000000u, 0x05040000u,
					   0x08000022u }; /* see wire/sdo_abort.h */

	switch (kind) {
	case ECR_SIM_MAILBOX_ABORT:
		return aborts[ecr_prng_below(prng, 4)];
	case ECR_SIM_MAILBOX_COMMAND: /* no answer to a transfer, or an abort */
		return ecr_prng_between(prng, 0x80, 0xFF);
	default:
		return ecr_prng_below(prng, 16);
	}
}

static void draw_answer(const struct world_plan *plan, struct ecr_prng *prng,
			struct world_entry *entry)
{
	struct ecr_sim_mailbox_fault *fault = &entry->fault.mailbox;
	const struct ecr_sdo_write *writes = plan->startups[entry->fault.slave].writes;

	entry->kind = WORLD_FAULT;
	entry->fault.kind = ECR_SIM_MAILBOX;
	fault->kind = (enum ecr_sim_mailbox_fault_kind)ecr_prng_below(
		prng, ECR_SIM_MAILBOX_SEGMENT_COMMAND + 1);
	fault->stage = (enum ecr_sim_stage)ecr_prng_below(prng, ECR_SIM_STAGE_DOWNLOAD_SEGMENT + 1);
	fault->value = draw_value(prng, fault->kind);
	fault->count = ecr_prng_between(prng, 1, 6);
	if (writes[0].index && ecr_prng_below(prng, 2)) {
		fault->index = writes[0].index;
		fault->subindex = writes[0].subindex;
	}
}

static void draw_habit(struct ecr_prng *prng, struct world_entry *entry)
{
	entry->kind = WORLD_HABIT;
	if (ecr_prng_below(prng, 2))
		entry->habits.answer_ns = ECR_MS(ecr_prng_between(prng, 1, MOST_LATE));
	else
		entry->habits.emergency_ns = ECR_US(ecr_prng_between(prng, 300, 20000));
}

/* -1: nobody talks. */
static int draw_talker(const struct world_plan *plan, struct ecr_prng *prng)
{
	int first = (int)ecr_prng_below(prng, (uint32_t)plan->count);

	for (int i = 0; i < plan->count; i++)
		if (plan->devices[(first + i) % plan->count].objects)
			return (first + i) % plan->count;
	return -1;
}

static void draw_spoiled(struct world_plan *plan, struct ecr_prng *prng)
{
	int wanted = (int)ecr_prng_between(prng, 1, 12);

	for (int i = 0; i < wanted; i++) {
		struct world_entry entry = { .fault.slave = draw_talker(plan, prng) };

		if (entry.fault.slave < 0)
			return;
		world_draw_when(plan, prng, &entry);
		if (ecr_prng_below(prng, 4))
			draw_answer(plan, prng, &entry);
		else
			draw_habit(prng, &entry);
		world_add_entry(plan, &entry);
	}
}

void world_draw_talk(struct world_plan *plan, struct ecr_prng *prng)
{
	for (int i = 0; i < plan->count; i++) {
		if (!plan->devices[i].objects)
			continue;
		if (world_has(plan, WORLD_STARTUP)) {
			draw_startup(prng, &plan->startups[i]);
			plan->slaves[i].startup = plan->startups[i].writes;
		}
		if (world_has(plan, WORLD_SPOILED))
			plan->devices[i].habits = draw_habits(prng);
	}
	if (world_has(plan, WORLD_SPOILED))
		draw_spoiled(plan, prng);
}
