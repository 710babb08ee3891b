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

static void add_entry(struct layout *layout, uint16_t index, uint8_t subindex, uint8_t bits)
{
	add(layout, (uint32_t)index << 16 | (uint32_t)subindex << 8 | bits);
	layout->bits += bits;
}

static void add_of_sii(struct layout *layout, const struct ecr_sii *sii, uint16_t type, uint8_t sm)
{
	struct ecr_sii_pdo pdo = { 0 };
	struct ecr_sii_entry entry;

	while (ecr_sii_next_pdo(sii, type, &pdo)) {
		if (pdo.sm != sm)
			continue;
		add(layout, pdo.index);
		for (unsigned int i = 0; ecr_sii_entry(&pdo, i, &entry); i++)
			add_entry(layout, entry.index, entry.subindex, entry.bits);
	}
}

static struct layout layout_of(const struct ecr_slave *slave, uint8_t sm)
{
	const struct ecr_pdo_table *table = &slave->pdos.table;
	struct layout layout = { 0, BASIS };

	if (!(table->sms >> sm & 1)) {
		add_of_sii(&layout, &slave->sii, ECR_SII_RXPDO, sm);
		add_of_sii(&layout, &slave->sii, ECR_SII_TXPDO, sm);
		return layout;
	}
	for (unsigned int i = 0; i < table->pdo_count; i++) {
		const struct ecr_known_pdo *pdo = &table->pdos[i];
		const struct ecr_pdo_mapped *mapped = table->entries + pdo->first_entry;

		if (pdo->sm != sm || !pdo->index)
			continue;
		add(&layout, pdo->index);
		for (unsigned int k = 0; k < pdo->entry_count; k++)
			add_entry(&layout, mapped[k].index, mapped[k].subindex, mapped[k].bits);
	}
	return layout;
}

void ecr_slave_keep_planned(struct ecr_slave *slave)
{
	slave->planned_for = (struct ecr_planned_for){ .known = true };
	slave->planned_for.identity = slave->identity;
	for (uint8_t sm = 0; sm < ECR_SLAVE_SMS; sm++) {
		struct layout layout = layout_of(slave, sm);

		slave->planned_for.bits[sm] = layout.bits;
		slave->planned_for.pdos[sm] = layout.sum;
	}
}

static int other(struct ecr_slave *slave, int error, uint16_t index, uint32_t expected,
		 uint32_t actual)
{
	slave->pdos.index = index;
	slave->pdos.subindex = 0;
	slave->pdos.expected = expected;
	slave->pdos.actual = actual;
	slave->planned_for.other_pdos = error == ECR_ERR_PDO_MISMATCH;
	return error;
}

int ecr_slave_as_planned(struct ecr_slave *slave)
{
	const struct ecr_planned_for *planned = &slave->planned_for;

	if (!planned->known)
		return 0;
	if (planned->identity.vendor != slave->identity.vendor)
		return other(slave, ECR_ERR_IDENTITY_MISMATCH, 0, planned->identity.vendor,
			     slave->identity.vendor);
	if (planned->identity.product != slave->identity.product)
		return other(slave, ECR_ERR_IDENTITY_MISMATCH, 0, planned->identity.product,
			     slave->identity.product);
	for (uint8_t sm = 0; sm < ECR_SLAVE_SMS; sm++) {
		struct layout layout = layout_of(slave, sm);
		uint16_t index = (uint16_t)ECR_COE_SM_ASSIGN(sm);

		if (layout.bits != planned->bits[sm])
			return other(slave, ECR_ERR_PDO_MISMATCH, index, planned->bits[sm],
				     layout.bits);
		if (layout.sum != planned->pdos[sm])
			return other(slave, ECR_ERR_PDO_MISMATCH, index, planned->pdos[sm],
				     layout.sum);
	}
	return 0;
}
