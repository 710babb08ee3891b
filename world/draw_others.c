/* SPDX-License-Identifier: Apache-2.0 */
/* Other devices in the place of those that must be there: spare parts, later revisions, wrong ones, two that were swapped. */
#include "world/draw.h"

#include "base/le.h"
#include "wire/sii.h"

#include <string.h>

#define OTHER_PRODUCT 0x7777u
#define FIRST_SERIAL 1000u
#define EVERYTHING (ECR_CHECK_VENDOR | ECR_CHECK_PRODUCT | ECR_CHECK_REVISION | ECR_CHECK_SERIAL)

static uint8_t *word_of(uint8_t *sii, unsigned int word)
{
	return sii + 2 * word;
}

static void give_serial(struct world_plan *plan, int i, uint32_t check)
{
	uint8_t *sii = plan->sii[i];

	ecr_put_le32(word_of(sii, ECR_SII_WORD_SERIAL), FIRST_SERIAL + (uint32_t)i);
	plan->slaves[i].check = check;
	plan->slaves[i].identity =
		(struct ecr_identity){ ecr_le32(word_of(sii, ECR_SII_WORD_VENDOR)),
				       ecr_le32(word_of(sii, ECR_SII_WORD_PRODUCT)),
				       ecr_le32(word_of(sii, ECR_SII_WORD_REVISION)),
				       ecr_le32(word_of(sii, ECR_SII_WORD_SERIAL)) };
}

static void draw_check(struct world_plan *plan, struct ecr_prng *prng, int i)
{
	static const uint32_t checks[] = { 0,
					   0,
					   ECR_CHECK_VENDOR | ECR_CHECK_PRODUCT,
					   ECR_CHECK_PRODUCT | ECR_CHECK_REVISION,
					   ECR_CHECK_PRODUCT | ECR_CHECK_REVISION_LEAST,
					   EVERYTHING };

	give_serial(plan, i, checks[ecr_prng_below(prng, 6)]);
}

void world_draw_serials(struct world_plan *plan)
{
	for (int i = 0; i < plan->count; i++)
		give_serial(plan, i, EVERYTHING);
}

/* The same device but for one number. */
static void copy_with(struct world_plan *plan, struct world_spare *spare, int like,
		      unsigned int word, uint32_t more)
{
	uint8_t *number = word_of(spare->sii, word);

	memcpy(spare->sii, plan->sii[like], WORLD_SII);
	spare->size = plan->devices[like].sii_size;
	ecr_put_le32(number, ecr_le32(number) + more);
}

static void draw_image(struct ecr_prng *prng, struct world_spare *spare, bool product)
{
	uint16_t outputs = (uint16_t)ecr_prng_below(prng, 34);
	uint16_t inputs = (uint16_t)ecr_prng_below(prng, 34);

	spare->what = product ? "a device of another kind" : "one of its kind with other PDOs";
	spare->size = ecr_sim_digital_sii(spare->sii, WORLD_SII, "other", outputs, inputs);
	if (product)
		ecr_put_le32(word_of(spare->sii, ECR_SII_WORD_PRODUCT), OTHER_PRODUCT);
}

/* What a device with objects says of itself stands in these, too: of such there are only spare parts. */
static void draw_spare(struct world_plan *plan, struct ecr_prng *prng, int like,
		       struct world_spare *spare)
{
	uint32_t kind = ecr_prng_below(prng, plan->devices[like].objects ? 2 : 5);

	switch (kind) {
	case 0:
		copy_with(plan, spare, like, ECR_SII_WORD_SERIAL, 500);
		spare->what = "a spare part";
		break;
	case 1:
		copy_with(plan, spare, like, ECR_SII_WORD_REVISION, 1);
		spare->what = "a later revision";
		break;
	case 2:
		copy_with(plan, spare, like, ECR_SII_WORD_PRODUCT, OTHER_PRODUCT);
		spare->what = "a device of another kind with its PDOs";
		break;
	default:
		draw_image(prng, spare, kind == 3);
		break;
	}
}

static bool draw_swap(const struct world_plan *plan, struct ecr_prng *prng,
		      struct world_entry *entry)
{
	entry->kind = WORLD_SWAP;
	entry->other = (int)ecr_prng_below(prng, (uint32_t)plan->fixed);
	return entry->other != entry->fault.slave && !plan->devices[entry->other].objects &&
	       !plan->devices[entry->fault.slave].objects;
}

static void draw_one(struct world_plan *plan, struct ecr_prng *prng)
{
	struct world_entry entry = { .kind = WORLD_REPLACE };

	entry.fault.slave = (int)ecr_prng_below(prng, (uint32_t)plan->fixed);
	world_draw_when(plan, prng, &entry);
	entry.gap = ecr_prng_below(prng, 3) ? (ecr_time)(ecr_prng_below(prng, 100000) * 1000) : 0;
	if (!ecr_prng_below(prng, 3) && draw_swap(plan, prng, &entry)) {
		world_add_entry(plan, &entry);
		return;
	}
	if (plan->spare_count == WORLD_SPARES)
		return;
	entry.kind = WORLD_REPLACE;
	entry.other = plan->spare_count++;
	draw_spare(plan, prng, entry.fault.slave, &plan->spares[entry.other]);
	world_add_entry(plan, &entry);
}

void world_draw_others(struct world_plan *plan, struct ecr_prng *prng)
{
	int wanted = (int)ecr_prng_between(prng, 1, 5);

	plan->features |= WORLD_OTHERS;
	for (int i = 0; i < plan->fixed; i++)
		draw_check(plan, prng, i);
	for (int i = 0; i < wanted; i++)
		draw_one(plan, prng);
}
