/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a device that comes back is the one that the plan was made for. */
#include "slave/slave.h"

#define BASIS 2166136261u /* FNV-1a */
#define PRIME 16777619u

struct layout {
	uint32_t bits;
	uint32_t sum;
};

static void add(struct layout *layout, uint32_t word)
{
	for (int i = 0; i < 4; i++, word >>= 8)
		layout->sum = (layout->sum ^ (word & 0xFF)) * PRIME;
}

static void add_entry(struct layout *layout, struct ecr_pdo_mapped entry)
{
	add(layout, (uint32_t)entry.index << 16 | (uint32_t)entry.subindex << 8 | entry.bits);
	layout->bits += entry.bits;
}

/* Where a SyncManager's PDOs are found now: in the objects when they were read, else in the EEPROM. */
static struct ecr_pdo_side present(const struct ecr_slave *slave, uint8_t sm)
{
	const struct ecr_pdo_table *table = &slave->pdos.table;

	return (struct ecr_pdo_side){ .table = table->sms >> sm & 1 ? table : NULL,
				      .sii = &slave->sii };
}

static struct layout layout_of(const struct ecr_slave *slave, uint8_t sm)
{
	const struct ecr_pdo_side side = present(slave, sm);
	struct layout layout = { 0, BASIS };
	struct ecr_pdo_view view;

	for (unsigned int i = 0; ecr_pdo_of_side(&side, sm, i, &view); i++) {
		add(&layout, view.index);
		for (unsigned int k = 0; k < view.count; k++)
			add_entry(&layout, ecr_pdo_entry_of(&view, k));
	}
	return layout;
}

/* Kept to be shown; as much as there is room for. */
static void keep(struct ecr_pdo_table *table, uint8_t sm, const struct ecr_pdo_view *view)
{
	unsigned int count = view->count;

	if (table->pdo_count == table->pdo_room)
		return;
	if (count > (unsigned int)table->entry_room - table->entry_count)
		count = (unsigned int)table->entry_room - table->entry_count;
	table->pdos[table->pdo_count++] =
		(struct ecr_known_pdo){ .index = view->index,
					.sm = sm,
					.entry_count = (uint8_t)count,
					.first_entry = table->entry_count };
	for (unsigned int i = 0; i < count; i++)
		table->entries[table->entry_count++] = ecr_pdo_entry_of(view, i);
}

void ecr_slave_keep_planned(struct ecr_slave *slave)
{
	slave->planned_for = (struct ecr_planned_for){ .kept = true, .known = slave->mapped };
	slave->planned_for.identity = slave->identity;
	slave->planned_pdos.pdo_count = slave->planned_pdos.entry_count = 0;
	for (uint8_t sm = 0; sm < ECR_SLAVE_SMS; sm++) {
		const struct ecr_pdo_side side = present(slave, sm);
		struct layout layout = layout_of(slave, sm);
		struct ecr_pdo_view view;

		slave->planned_for.bits[sm] = layout.bits;
		slave->planned_for.pdos[sm] = layout.sum;
		for (unsigned int i = 0; ecr_pdo_of_side(&side, sm, i, &view); i++)
			keep(&slave->planned_pdos, sm, &view);
	}
}

static int other(struct ecr_slave *slave, int error, uint16_t index, uint32_t expected,
		 uint32_t actual)
{
	slave->pdos.index = index;
	slave->pdos.subindex = 0;
	slave->pdos.expected = expected;
	slave->pdos.actual = actual;
	slave->planned_for.outdated = error == ECR_ERR_PDO_MISMATCH;
	return error;
}

static int not_reserved(struct ecr_slave *slave)
{
	slave->planned_for.outdated = true;
	return ECR_ERR_NOT_RESERVED;
}

/* Planned and present side by side; lengths are told where they differ. */
static int other_pdos(struct ecr_slave *slave, uint8_t sm, uint32_t planned_bits, uint32_t bits)
{
	const struct ecr_pdo_side planned = { .table = &slave->planned_pdos };
	const struct ecr_pdo_side now = present(slave, sm);
	struct ecr_text text;

	ecr_text_init(&text, slave->pdos.sides, sizeof(slave->pdos.sides));
	ecr_pdo_compare(&planned, &now, sm, &text);
	ecr_pdo_lines_end(&text);
	return other(slave, ECR_ERR_PDO_MISMATCH, (uint16_t)ECR_COE_SM_ASSIGN(sm), planned_bits,
		     bits);
}

int ecr_slave_as_planned(struct ecr_slave *slave)
{
	const struct ecr_planned_for *planned = &slave->planned_for;

	if (slave->no_room)
		return not_reserved(slave);
	if (!planned->kept)
		return 0;
	if (planned->needs_lrw && !ecr_slave_does_lrw(slave))
		return not_reserved(slave);
	slave->pdos.sides[0] = '\0';
	if (slave->plan.fmmu_count > slave->fmmu_count)
		return other(slave, ECR_ERR_FMMU_LIMIT, 0, slave->plan.fmmu_count,
			     slave->fmmu_count);
	for (uint8_t sm = 0; sm < ECR_SLAVE_SMS; sm++) {
		struct layout layout = layout_of(slave, sm);

		if (layout.bits != planned->bits[sm] || layout.sum != planned->pdos[sm])
			return other_pdos(slave, sm, planned->bits[sm], layout.bits);
	}
	return 0;
}
