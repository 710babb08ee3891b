/* SPDX-License-Identifier: Apache-2.0 */
/* A slave's PDOs entry by entry: what its EEPROM says, then what its objects say. */
#include "master/master.h"

#include "base/text.h"

struct listing {
	const struct ecr_slave *slave;
	struct ecr_pdo_info *out;
	int room;
	int count;
};

/* Beyond the room it is only counted. */
static void add(struct listing *listing, const struct ecr_pdo_info *info)
{
	if (listing->count < listing->room)
		listing->out[listing->count] = *info;
	listing->count++;
}

static void add_of_sii(struct listing *listing, enum ecr_direction direction,
		       const struct ecr_sii_pdo *pdo)
{
	const struct ecr_sii *sii = &listing->slave->sii;
	struct ecr_pdo_info info = {
		.source = ECR_PDO_OF_SII, .direction = direction, .sm = pdo->sm, .pdo = pdo->index
	};
	struct ecr_sii_entry entry;
	unsigned int i = 0;

	ecr_sii_string(sii, pdo->name, info.pdo_name, sizeof(info.pdo_name));
	for (; ecr_sii_entry(pdo, i, &entry); i++) {
		info.index = entry.index;
		info.subindex = entry.subindex;
		info.data_type = entry.data_type;
		info.bits = entry.bits;
		ecr_sii_string(sii, entry.name, info.name, sizeof(info.name));
		add(listing, &info);
	}
	if (!i)
		add(listing, &info);
}

/* Where the EEPROM has the PDO or the entry as well, it knows their names. */
static void name_it(const struct ecr_sii *sii, struct ecr_pdo_info *info)
{
	struct ecr_sii_pdo pdo = { 0 };
	struct ecr_sii_entry entry;

	while (ecr_sii_next_pdo(sii, info->direction == ECR_OUTPUT ? ECR_SII_RXPDO : ECR_SII_TXPDO,
				&pdo)) {
		if (pdo.index == info->pdo)
			ecr_sii_string(sii, pdo.name, info->pdo_name, sizeof(info->pdo_name));
		for (unsigned int i = 0; ecr_sii_entry(&pdo, i, &entry); i++)
			if (entry.index && entry.index == info->index &&
			    entry.subindex == info->subindex) {
				ecr_sii_string(sii, entry.name, info->name, sizeof(info->name));
				info->data_type = entry.data_type;
			}
	}
}

static void add_of_coe(struct listing *listing, const struct ecr_known_pdo *pdo)
{
	const struct ecr_slave *slave = listing->slave;
	const struct ecr_pdo_mapped *mapped = slave->pdos.table.entries + pdo->first_entry;
	struct ecr_sii_sm sm = { 0 };
	struct ecr_pdo_info info = { .source = ECR_PDO_OF_COE, .sm = pdo->sm, .pdo = pdo->index };

	ecr_sii_sm(&slave->sii, pdo->sm, &sm);
	info.direction = sm.control & ECR_SM_CONTROL_WRITE ? ECR_OUTPUT : ECR_INPUT;
	for (uint8_t i = 0; i < pdo->entry_count; i++) {
		struct ecr_pdo_info entry = info;

		entry.index = mapped[i].index;
		entry.subindex = mapped[i].subindex;
		entry.bits = mapped[i].bits;
		name_it(&slave->sii, &entry);
		add(listing, &entry);
	}
	if (!pdo->entry_count)
		add(listing, &info);
}

int ecr_master_pdos(struct ecr_core *core, struct ecr_request *request)
{
	struct listing listing = { .slave = ecr_master_slave(core, request->name),
				   .out = request->out,
				   .room = request->room };
	struct ecr_sii_pdo pdo = { 0 };

	if (!listing.slave)
		return ECR_ERR_NOT_FOUND;
	if (!listing.slave->identity_known)
		return 0;
	while (ecr_sii_next_pdo(&listing.slave->sii, ECR_SII_RXPDO, &pdo))
		add_of_sii(&listing, ECR_OUTPUT, &pdo);
	pdo = (struct ecr_sii_pdo){ 0 };
	while (ecr_sii_next_pdo(&listing.slave->sii, ECR_SII_TXPDO, &pdo))
		add_of_sii(&listing, ECR_INPUT, &pdo);
	for (unsigned int i = 0; i < listing.slave->pdos.table.pdo_count; i++)
		if (listing.slave->pdos.table.pdos[i].index)
			add_of_coe(&listing, &listing.slave->pdos.table.pdos[i]);
	return listing.count;
}
