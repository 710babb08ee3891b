/* SPDX-License-Identifier: Apache-2.0 */
#include "slave/mapping.h"

#include "base/text.h"

static int count_pdos(const struct ecr_sii *sii)
{
	struct ecr_sii_pdo pdo = { 0 };
	int count = 0;

	while (ecr_sii_next_pdo(sii, ECR_SII_RXPDO, &pdo))
		count++;
	pdo = (struct ecr_sii_pdo){ 0 };
	while (ecr_sii_next_pdo(sii, ECR_SII_TXPDO, &pdo))
		count++;
	return count;
}

static int read_entries(const struct ecr_sii *sii, const struct ecr_sii_pdo *from,
			struct ecr_arena *arena, struct ecr_pdo *to)
{
	struct ecr_pdo_entry *entries = ECR_TAKE(arena, struct ecr_pdo_entry, from->entries);
	struct ecr_sii_entry entry;
	uint16_t bit = 0;

	if (from->entries && !entries)
		return ECR_ERR_NO_MEMORY;
	for (unsigned int i = 0; ecr_sii_entry(from, i, &entry); i++) {
		entries[i] = (struct ecr_pdo_entry){ .index = entry.index,
						     .subindex = entry.subindex,
						     .data_type = entry.data_type,
						     .bit_offset = bit,
						     .bit_size = entry.bits };
		ecr_sii_string(sii, entry.name, entries[i].name, ECR_NAME_SIZE);
		bit = (uint16_t)(bit + entry.bits);
	}
	to->entries = entries;
	to->entry_count = from->entries;
	return 0;
}

/* The layout of a SyncManager, entered when its first PDO is seen. */
static struct ecr_sm_layout *layout_of(const struct ecr_sii *sii, struct ecr_mapping *mapping,
				       uint8_t index, enum ecr_direction direction)
{
	struct ecr_sm_layout *layout;

	for (int i = 0; i < mapping->sm_count; i++)
		if (mapping->sms[i].index == index)
			return &mapping->sms[i];
	if (index >= ECR_SLAVE_SMS || mapping->sm_count == ECR_SLAVE_SMS)
		return NULL;
	layout = &mapping->sms[mapping->sm_count];
	*layout = (struct ecr_sm_layout){ .index = index, .direction = direction };
	if (!ecr_sii_sm(sii, index, &layout->sii))
		return NULL;
	mapping->sm_count++;
	return layout;
}

/* The slave's objects say what is in this SyncManager, or that the PDO is in another one; the SII's
 * list is only what it began with. */
static bool by_objects(const struct ecr_slave *slave, const struct ecr_sii_pdo *pdo)
{
	const struct ecr_pdo_table *table = &slave->pdos.table;

	for (unsigned int i = 0; i < table->pdo_count; i++)
		if (table->pdos[i].index == pdo->index)
			return true;
	return pdo->sm < ECR_SLAVE_SMS && (table->sms >> pdo->sm & 1);
}

static int read_pdos(const struct ecr_slave *slave, struct ecr_arena *arena,
		     struct ecr_mapping *mapping, uint16_t type)
{
	const struct ecr_sii *sii = &slave->sii;
	struct ecr_sii_pdo from = { 0 };
	int error;

	while (ecr_sii_next_pdo(sii, type, &from)) {
		struct ecr_pdo *pdo = &mapping->pdos[mapping->list.count];
		struct ecr_sm_layout *layout;

		if (by_objects(slave, &from))
			continue;
		mapping->list.count++;
		*pdo = (struct ecr_pdo){ .index = from.index,
					 .direction =
						 type == ECR_SII_RXPDO ? ECR_OUTPUT : ECR_INPUT,
					 .sm = from.sm,
					 .bit_size = from.bits };
		ecr_sii_string(sii, from.name, pdo->name, ECR_NAME_SIZE);
		error = read_entries(sii, &from, arena, pdo);
		if (error)
			return error;
		if (from.sm == 0xFF || !from.bits)
			continue;
		layout = layout_of(sii, mapping, from.sm, pdo->direction);
		if (!layout)
			return ECR_ERR_SM_NOT_IN_SII;
		pdo->bit_offset = (uint16_t)layout->bits;
		layout->bits += from.bits;
	}
	return 0;
}

static bool sii_pdo(const struct ecr_sii *sii, uint16_t type, uint16_t index,
		    struct ecr_sii_pdo *pdo)
{
	*pdo = (struct ecr_sii_pdo){ 0 };
	while (ecr_sii_next_pdo(sii, type, pdo))
		if (pdo->index == index)
			return true;
	return false;
}

/* Names and data types of entries that the SII has too. */
static void name_entries(const struct ecr_sii *sii, const struct ecr_sii_pdo *from,
			 struct ecr_pdo_entry *entries, uint8_t count)
{
	struct ecr_sii_entry entry;

	for (unsigned int i = 0; ecr_sii_entry(from, i, &entry); i++)
		for (uint8_t k = 0; k < count; k++)
			if (entry.index && entries[k].index == entry.index &&
			    entries[k].subindex == entry.subindex) {
				entries[k].data_type = entry.data_type;
				ecr_sii_string(sii, entry.name, entries[k].name, ECR_NAME_SIZE);
			}
}

static int read_known_entries(const struct ecr_slave *slave, struct ecr_arena *arena,
			      const struct ecr_known_pdo *from, struct ecr_pdo *to,
			      struct ecr_pdo_entry **where)
{
	struct ecr_pdo_entry *entries = ECR_TAKE(arena, struct ecr_pdo_entry, from->entry_count);
	const struct ecr_pdo_mapped *mapped = slave->pdos.table.entries + from->first_entry;

	if (from->entry_count && !entries)
		return ECR_ERR_NO_MEMORY;
	*where = entries;
	for (uint8_t i = 0; i < from->entry_count; i++) {
		entries[i] = (struct ecr_pdo_entry){ .index = mapped[i].index,
						     .subindex = mapped[i].subindex,
						     .bit_offset = to->bit_size,
						     .bit_size = mapped[i].bits };
		to->bit_size = (uint16_t)(to->bit_size + mapped[i].bits);
	}
	to->entries = entries;
	to->entry_count = from->entry_count;
	return 0;
}

static int read_known_pdo(const struct ecr_slave *slave, struct ecr_arena *arena,
			  struct ecr_mapping *mapping, const struct ecr_known_pdo *from)
{
	struct ecr_pdo *pdo = &mapping->pdos[mapping->list.count++];
	struct ecr_pdo_entry *entries = NULL;
	struct ecr_sm_layout *layout;
	struct ecr_sii_sm sm;
	struct ecr_sii_pdo known;
	bool output;
	int error;

	if (!ecr_sii_sm(&slave->sii, from->sm, &sm))
		return ECR_ERR_SM_NOT_IN_SII;
	output = sm.control & ECR_SM_CONTROL_WRITE;
	*pdo = (struct ecr_pdo){ .index = from->index,
				 .direction = output ? ECR_OUTPUT : ECR_INPUT,
				 .sm = from->sm };
	error = read_known_entries(slave, arena, from, pdo, &entries);
	if (error)
		return error;
	if (sii_pdo(&slave->sii, output ? ECR_SII_RXPDO : ECR_SII_TXPDO, from->index, &known)) {
		ecr_sii_string(&slave->sii, known.name, pdo->name, ECR_NAME_SIZE);
		name_entries(&slave->sii, &known, entries, from->entry_count);
	}
	layout = layout_of(&slave->sii, mapping, from->sm, pdo->direction);
	if (!layout)
		return ECR_ERR_SM_NOT_IN_SII;
	pdo->bit_offset = (uint16_t)layout->bits;
	layout->bits += pdo->bit_size;
	return 0;
}

static int read_known_pdos(const struct ecr_slave *slave, struct ecr_arena *arena,
			   struct ecr_mapping *mapping)
{
	const struct ecr_pdo_table *table = &slave->pdos.table;
	int error = 0;

	for (unsigned int i = 0; i < table->pdo_count && !error; i++)
		if (table->pdos[i].index)
			error = read_known_pdo(slave, arena, mapping, &table->pdos[i]);
	return error;
}

int ecr_mapping_read(const struct ecr_slave *slave, struct ecr_arena *arena,
		     struct ecr_mapping *mapping)
{
	const struct ecr_driver *driver = slave->driver;
	const void *config = slave->config->driver_config;
	int pdos = count_pdos(&slave->sii) + slave->pdos.table.pdo_count;
	int error;

	*mapping = (struct ecr_mapping){ .culprit = "" };
	mapping->pdos = ECR_TAKE(arena, struct ecr_pdo, (size_t)pdos);
	mapping->list.pdos = mapping->pdos;
	if (!mapping->pdos)
		return ECR_ERR_NO_MEMORY;
	error = read_pdos(slave, arena, mapping, ECR_SII_RXPDO);
	if (!error)
		error = read_pdos(slave, arena, mapping, ECR_SII_TXPDO);
	if (!error)
		error = read_known_pdos(slave, arena, mapping);
	if (error)
		return error;
	mapping->culprit = "";
	mapping->signal_count = driver->signal_model(config, &mapping->list, NULL, 0);
	if (mapping->signal_count < 0)
		return mapping->signal_count;
	mapping->signals = ECR_TAKE(arena, struct ecr_signal_model, (size_t)mapping->signal_count);
	if (!mapping->signals)
		return ECR_ERR_NO_MEMORY;
	driver->signal_model(config, &mapping->list, mapping->signals, mapping->signal_count);
	for (int i = 0; i < mapping->signal_count; i++)
		mapping->signals[i].name[ECR_NAME_SIZE - 1] = '\0';
	return 0;
}

const struct ecr_signal_model *ecr_mapping_signal(const struct ecr_mapping *mapping,
						  const char *name)
{
	for (int i = 0; i < mapping->signal_count; i++)
		if (ecr_text_equal(mapping->signals[i].name, name))
			return &mapping->signals[i];
	return NULL;
}

int ecr_mapping_locate(struct ecr_mapping *mapping, const struct ecr_signal_model *signal, int *sm,
		       uint32_t *bit_offset, uint16_t *bit_size)
{
	const struct ecr_pdo *pdo = NULL;

	mapping->culprit = signal->name;
	for (int i = 0; !pdo && i < mapping->list.count; i++)
		if (mapping->pdos[i].index == signal->pdo)
			pdo = &mapping->pdos[i];
	if (!pdo || pdo->sm == 0xFF)
		return ECR_ERR_PDO_NOT_IN_SII;
	if (!signal->bit_size && signal->bit_offset)
		return ECR_ERR_INVALID_SIGNAL_MODEL;
	*bit_size = signal->bit_size ? signal->bit_size : pdo->bit_size;
	if ((uint32_t)signal->bit_offset + *bit_size > pdo->bit_size ||
	    *bit_size > ECR_VALUE_BYTES * 8)
		return ECR_ERR_SIGNAL_RANGE;
	*bit_offset = (uint32_t)pdo->bit_offset + signal->bit_offset;
	for (*sm = 0; *sm < mapping->sm_count; (*sm)++)
		if (mapping->sms[*sm].index == pdo->sm)
			return 0;
	return ECR_ERR_SM_NOT_IN_SII;
}
