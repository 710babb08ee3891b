/* SPDX-License-Identifier: Apache-2.0 */
/* What stands otherwise than wanted. Both rings are followed along their cables; what is the same in the same order belongs
 * together, and the rest is missing, surplus, moved, or another device in the same place. */
#include "cli/layout.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define NOBODY (-1)
#define ALIKE 1 /* of the same make */
#define SAME 2	/* and nothing tells them apart */

struct pairing {
	const struct cli_layout *wanted;
	const struct cli_layout *found;
	int *found_of;	/* the found one for each wanted one, NOBODY */
	int *wanted_of; /* and the other way round */
	bool *told;	/* of each wanted one: it stands elsewhere, and that was said */
	uint16_t *sums; /* of the best pairing of what is left, (wanted + 1) x (found + 1) */
	cli_say *say;
	void *context;
	int count;
};

static void tell(struct pairing *pairing, const char *format, ...)
{
	char sentence[CLI_SENTENCE];
	va_list list;

	va_start(list, format);
	vsnprintf(sentence, sizeof(sentence), format, list);
	va_end(list);
	pairing->count++;
	pairing->say(pairing->context, sentence);
}

/* Who it is, of those that are wanted. */
static const char *name_of(const struct cli_stand *slave, char text[2 * ECR_NAME_SIZE + 8])
{
	if (slave->device[0])
		snprintf(text, 2 * ECR_NAME_SIZE + 8, "%s (%s)", slave->name, slave->device);
	else
		snprintf(text, 2 * ECR_NAME_SIZE + 8, "%s", slave->name);
	return text;
}

/* What it is, of those that are found. */
static const char *device_of(const struct cli_stand *slave, char text[2 * ECR_NAME_SIZE + 8])
{
	if (slave->device[0])
		snprintf(text, 2 * ECR_NAME_SIZE + 8, "%s", slave->device);
	else
		snprintf(text, 2 * ECR_NAME_SIZE + 8, "a device 0x%08x:0x%08x",
			 slave->identity.vendor, slave->identity.product);
	return text;
}

static int likeness(const struct cli_stand *a, const struct cli_stand *b)
{
	const struct ecr_identity *one = &a->identity;
	const struct ecr_identity *other = &b->identity;

	if (one->vendor != other->vendor || one->product != other->product)
		return 0;
	return one->revision == other->revision && a->alias == b->alias &&
			       (one->serial == other->serial || !one->serial || !other->serial)
		       ? SAME
		       : ALIKE;
}

bool cli_stand_same(const struct cli_stand *a, const struct cli_stand *b)
{
	return likeness(a, b) == SAME;
}

static int like(const struct pairing *pairing, int wanted, int found)
{
	return likeness(&pairing->wanted->slaves[wanted], &pairing->found->slaves[found]);
}

static void pair(struct pairing *pairing, int wanted, int found)
{
	pairing->found_of[wanted] = found;
	pairing->wanted_of[found] = wanted;
}

static bool is_free(const struct pairing *pairing, int wanted, int found)
{
	return pairing->found_of[wanted] == NOBODY && pairing->wanted_of[found] == NOBODY;
}

/* Two that have changed places, in rings that are as long as each other. */
static void pair_exchanged(struct pairing *pairing, int one)
{
	char a[2 * ECR_NAME_SIZE + 8];
	char b[2 * ECR_NAME_SIZE + 8];

	for (int other = one + 1; other < pairing->found->count; other++) {
		if (!is_free(pairing, one, other) || !is_free(pairing, other, one) ||
		    like(pairing, other, other) == SAME || like(pairing, one, other) != SAME ||
		    like(pairing, other, one) != SAME)
			continue;
		pair(pairing, one, other);
		pair(pairing, other, one);
		pairing->told[one] = pairing->told[other] = true;
		tell(pairing, "%s and %s have changed places (positions %d and %d)",
		     name_of(&pairing->wanted->slaves[one], a),
		     name_of(&pairing->wanted->slaves[other], b),
		     pairing->wanted->slaves[one].position,
		     pairing->wanted->slaves[other].position);
		return;
	}
}

static void find_exchanged(struct pairing *pairing)
{
	if (pairing->wanted->count != pairing->found->count)
		return;
	for (int i = 0; i < pairing->wanted->count; i++)
		if (pairing->found_of[i] == NOBODY && like(pairing, i, i) != SAME)
			pair_exchanged(pairing, i);
}

static uint16_t *sum_at(struct pairing *pairing, int wanted, int found)
{
	return &pairing->sums[(size_t)wanted * (size_t)(pairing->found->count + 1) + (size_t)found];
}

static uint16_t sum_paired(struct pairing *pairing, int wanted, int found)
{
	int worth = is_free(pairing, wanted, found) ? like(pairing, wanted, found) : 0;

	return worth ? (uint16_t)(*sum_at(pairing, wanted + 1, found + 1) + worth) : 0;
}

static uint16_t sum_skipped(struct pairing *pairing, int wanted, int found)
{
	uint16_t one = *sum_at(pairing, wanted + 1, found);
	uint16_t other = *sum_at(pairing, wanted, found + 1);

	return one > other ? one : other;
}

/* The longest sequence that both have, alikes counting less. */
static void pair_in_order(struct pairing *pairing)
{
	int wanted = 0;
	int found = 0;

	for (int i = pairing->wanted->count - 1; i >= 0; i--)
		for (int k = pairing->found->count - 1; k >= 0; k--) {
			uint16_t paired = sum_paired(pairing, i, k);
			uint16_t skipped = sum_skipped(pairing, i, k);

			*sum_at(pairing, i, k) = paired > skipped ? paired : skipped;
		}
	while (wanted < pairing->wanted->count && found < pairing->found->count) {
		uint16_t paired = sum_paired(pairing, wanted, found);

		if (paired && paired == *sum_at(pairing, wanted, found))
			pair(pairing, wanted++, found++);
		else if (*sum_at(pairing, wanted + 1, found) == *sum_at(pairing, wanted, found))
			wanted++;
		else
			found++;
	}
}

static const char *whom_behind(const struct cli_layout *layout, int number, bool wanted,
			       char text[2 * ECR_NAME_SIZE + 8])
{
	int parent = layout->cabled ? layout->slaves[number].parent : number - 1;

	if (parent < 0)
		return "the master";
	return wanted ? name_of(&layout->slaves[parent], text)
		      : device_of(&layout->slaves[parent], text);
}

/* The one that a found one is meant to be, by name. */
static const char *whom_found_behind(const struct pairing *pairing, int found,
				     char text[2 * ECR_NAME_SIZE + 8])
{
	const struct cli_layout *layout = pairing->found;
	int parent = layout->cabled ? layout->slaves[found].parent : found - 1;

	if (parent >= 0 && pairing->wanted_of[parent] != NOBODY)
		return name_of(&pairing->wanted->slaves[pairing->wanted_of[parent]], text);
	return whom_behind(layout, found, false, text);
}

static void find_moved(struct pairing *pairing)
{
	char name[2 * ECR_NAME_SIZE + 8];
	char here[2 * ECR_NAME_SIZE + 8];
	char there[2 * ECR_NAME_SIZE + 8];

	for (int i = 0; i < pairing->wanted->count; i++)
		for (int k = 0; k < pairing->found->count; k++) {
			if (!is_free(pairing, i, k) || like(pairing, i, k) != SAME)
				continue;
			pair(pairing, i, k);
			pairing->told[i] = true;
			tell(pairing,
			     "%s has moved: it stands at position %d, behind %s; wanted is "
			     "position %d, behind %s",
			     name_of(&pairing->wanted->slaves[i], name),
			     pairing->found->slaves[k].position,
			     whom_found_behind(pairing, k, here),
			     pairing->wanted->slaves[i].position,
			     whom_behind(pairing->wanted, i, true, there));
		}
}

/* Another device in the place of one: both are left over between the same neighbours. */
static void find_replaced(struct pairing *pairing)
{
	char name[2 * ECR_NAME_SIZE + 8];
	char device[2 * ECR_NAME_SIZE + 8];
	int found = 0;

	for (int i = 0; i < pairing->wanted->count; i++) {
		if (pairing->found_of[i] != NOBODY) {
			if (!pairing->told[i])
				found = pairing->found_of[i] + 1;
			continue;
		}
		if (found >= pairing->found->count || pairing->wanted_of[found] != NOBODY)
			continue;
		pair(pairing, i, found);
		tell(pairing, "at position %d stands %s instead of %s",
		     pairing->found->slaves[found].position,
		     device_of(&pairing->found->slaves[found], device),
		     name_of(&pairing->wanted->slaves[i], name));
		found++;
	}
}

static void find_missing(struct pairing *pairing)
{
	char name[2 * ECR_NAME_SIZE + 8];
	char behind[2 * ECR_NAME_SIZE + 8];

	for (int i = 0; i < pairing->wanted->count; i++)
		if (pairing->found_of[i] == NOBODY && !pairing->wanted->slaves[i].optional)
			tell(pairing, "%s is missing: wanted at position %d, behind %s",
			     name_of(&pairing->wanted->slaves[i], name),
			     pairing->wanted->slaves[i].position,
			     whom_behind(pairing->wanted, i, true, behind));
	for (int i = 0; i < pairing->found->count; i++)
		if (pairing->wanted_of[i] == NOBODY)
			tell(pairing, "%s at position %d, behind %s, is one too many",
			     device_of(&pairing->found->slaves[i], name),
			     pairing->found->slaves[i].position,
			     whom_found_behind(pairing, i, behind));
}

static void compare_number(struct pairing *pairing, int i, const char *what, uint32_t wanted,
			   uint32_t found)
{
	char name[2 * ECR_NAME_SIZE + 8];

	if (wanted != found)
		tell(pairing, "%s at position %d: %s %u (0x%x) is wanted, %u (0x%x) found",
		     name_of(&pairing->wanted->slaves[i], name),
		     pairing->found->slaves[pairing->found_of[i]].position, what, wanted, wanted,
		     found, found);
}

/* One of its make, but another one. */
static void compare_identity(struct pairing *pairing, int i)
{
	const struct cli_stand *wanted = &pairing->wanted->slaves[i];
	const struct cli_stand *found = &pairing->found->slaves[pairing->found_of[i]];

	if (likeness(wanted, found) != ALIKE)
		return;
	compare_number(pairing, i, "revision", wanted->identity.revision, found->identity.revision);
	compare_number(pairing, i, "alias", wanted->alias, found->alias);
	if (wanted->identity.serial && found->identity.serial)
		compare_number(pairing, i, "serial number", wanted->identity.serial,
			       found->identity.serial);
}

/* The nearest one towards the master that both rings have; how many are passed over on the way. */
static int ancestor(const struct cli_layout *layout, const int *other, int number, int *passed)
{
	int at = layout->slaves[number].parent;

	for (*passed = 0; at >= 0 && other[at] == NOBODY; ++*passed)
		at = layout->slaves[at].parent;
	return at;
}

/* Only what does not follow from others that are missing, or too many, in between. */
static void compare_cable(struct pairing *pairing, int i)
{
	const struct cli_stand *wanted = &pairing->wanted->slaves[i];
	const struct cli_stand *found = &pairing->found->slaves[pairing->found_of[i]];
	char name[2 * ECR_NAME_SIZE + 8];
	char here[2 * ECR_NAME_SIZE + 8];
	char there[2 * ECR_NAME_SIZE + 8];
	int passed_here;
	int passed_there;
	int to = ancestor(pairing->wanted, pairing->found_of, i, &passed_there);
	int at = ancestor(pairing->found, pairing->wanted_of, pairing->found_of[i], &passed_here);
	bool same = at == NOBODY ? to == NOBODY : pairing->wanted_of[at] == to;

	if (pairing->told[i] || (to != NOBODY && pairing->told[to]))
		return;
	if (same && (passed_here || passed_there || to == NOBODY || wanted->port == found->port))
		return;
	if (same && pairing->found->slaves[at].entry != pairing->wanted->slaves[to].entry)
		return; /* that one is the wrong way round */
	tell(pairing, "%s at position %d hangs at port %u of %s; wanted is port %u of %s",
	     name_of(wanted, name), found->position, found->port,
	     whom_found_behind(pairing, pairing->found_of[i], here), wanted->port,
	     whom_behind(pairing->wanted, i, true, there));
}

static void compare_entry(struct pairing *pairing, int i)
{
	const struct cli_stand *wanted = &pairing->wanted->slaves[i];
	const struct cli_stand *found = &pairing->found->slaves[pairing->found_of[i]];
	char name[2 * ECR_NAME_SIZE + 8];

	if (wanted->entry != found->entry)
		tell(pairing,
		     "IN and OUT of %s at position %d are exchanged: it is entered at port %u, "
		     "wanted is port %u",
		     name_of(wanted, name), found->position, found->entry, wanted->entry);
}

static void compare_pairs(struct pairing *pairing)
{
	for (int i = 0; i < pairing->wanted->count; i++) {
		if (pairing->found_of[i] == NOBODY)
			continue;
		compare_identity(pairing, i);
		if (!pairing->wanted->cabled || !pairing->found->cabled)
			continue;
		compare_cable(pairing, i);
		compare_entry(pairing, i);
	}
}

static bool prepare(struct pairing *pairing)
{
	size_t wanted = (size_t)pairing->wanted->count;
	size_t found = (size_t)pairing->found->count;

	pairing->found_of = malloc((wanted + 1) * sizeof(int));
	pairing->wanted_of = malloc((found + 1) * sizeof(int));
	pairing->told = calloc(wanted + 1, sizeof(bool));
	pairing->sums = calloc((wanted + 1) * (found + 1), sizeof(uint16_t));
	if (!pairing->found_of || !pairing->wanted_of || !pairing->told || !pairing->sums)
		return false;
	memset(pairing->found_of, 0xFF, (wanted + 1) * sizeof(int)); /* NOBODY each */
	memset(pairing->wanted_of, 0xFF, (found + 1) * sizeof(int));
	return true;
}

int cli_layout_compare(const struct cli_layout *wanted, const struct cli_layout *found,
		       cli_say *say, void *context)
{
	struct pairing pairing = {
		.wanted = wanted, .found = found, .say = say, .context = context
	};
	bool good = prepare(&pairing);

	if (good) {
		find_exchanged(&pairing);
		pair_in_order(&pairing);
		find_moved(&pairing);
		find_replaced(&pairing);
		find_missing(&pairing);
		compare_pairs(&pairing);
		if (wanted->ring && !found->ring)
			tell(&pairing, "the ring is open: no whole way leads to a second port");
	}
	free(pairing.found_of);
	free(pairing.wanted_of);
	free(pairing.told);
	free(pairing.sums);
	return good ? pairing.count : -1;
}
