/* SPDX-License-Identifier: Apache-2.0 */
#include "slave/pdos.h"

#include "wire/esc.h"

enum {
	PDOS_SM,
	PDOS_ASSIGNED,
	PDOS_MAPPING,
	PDOS_MAPPED,
	PDOS_COMPARE,
	PDOS_CLEAR,
	PDOS_MAP,
	PDOS_NEXT_MAP,
	PDOS_ASSIGN,
	PDOS_WRITTEN,
};

#define SM_TYPE_OUTPUTS 3u /* SII and 0x1C00 count alike */
#define SM_TYPE_INPUTS 4u

static struct ecr_pdo_job *pdos_of(struct ecr_job *job)
{
	return ecr_container_of(job, struct ecr_pdo_job, job);
}

struct ecr_job *ecr_pdo_read(struct ecr_pdo_job *pdos)
{
	pdos->job.steps = ecr_pdo_steps;
	pdos->written = false;
	pdos->sm = 0;
	pdos->table.pdo_count = pdos->table.entry_count = pdos->table.sms = 0;
	pdos->array.may_complete = pdos->coe_details & ECR_SII_COE_COMPLETE_ACCESS;
	return &pdos->job;
}

bool ecr_process_data_sm(const struct ecr_sii *sii, unsigned int number, struct ecr_sii_sm *sm)
{
	return ecr_sii_sm(sii, number, sm) &&
	       (sm->type == SM_TYPE_OUTPUTS || sm->type == SM_TYPE_INPUTS);
}

static struct ecr_verdict mismatch(struct ecr_pdo_job *pdos, int error, uint16_t index,
				   uint8_t subindex, uint32_t expected, uint32_t actual)
{
	pdos->index = index;
	pdos->subindex = subindex;
	pdos->expected = expected;
	pdos->actual = actual;
	return ecr_fail(error);
}

static struct ecr_verdict pdos_sm(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_pdo_job *pdos = pdos_of(job);
	struct ecr_sii_sm sm;

	(void)answer;
	while (pdos->sm < ECR_SM_MAX && !ecr_process_data_sm(pdos->sii, pdos->sm, &sm))
		pdos->sm++;
	if (pdos->sm == ECR_SM_MAX) {
		pdos->pdo = 0;
		return ecr_goto(PDOS_MAPPING);
	}
	return ecr_try(ecr_array_read(&pdos->array, (uint16_t)ECR_COE_SM_ASSIGN(pdos->sm), 2),
		       PDOS_ASSIGNED);
}

/* A SyncManager without such an object is described by the SII. */
static struct ecr_verdict pdos_assigned(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_pdo_job *pdos = pdos_of(job);
	struct ecr_pdo_table *table = &pdos->table;
	struct ecr_object_array *array = &pdos->array;

	(void)answer;
	if (array->job.result && array->job.result != ECR_ERR_SDO_ABORT)
		return ecr_fail(array->job.result);
	if (!array->job.result) {
		if (table->pdo_count + array->count > table->pdo_room)
			return mismatch(pdos, ECR_ERR_LIMIT, array->index, 0, table->pdo_room,
					(uint32_t)table->pdo_count + array->count);
		table->sms |= (uint16_t)(1u << pdos->sm);
		for (unsigned int i = 0; i < array->count; i++)
			table->pdos[table->pdo_count++] =
				(struct ecr_known_pdo){ .index = (uint16_t)ecr_array_get(array, i),
							.sm = pdos->sm };
	}
	pdos->sm++;
	return ecr_goto(PDOS_SM);
}

static struct ecr_verdict pdos_mapping(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_pdo_job *pdos = pdos_of(job);
	struct ecr_pdo_table *table = &pdos->table;

	(void)answer;
	/* Some devices fill unused places with 0. */
	while (pdos->pdo < table->pdo_count && !table->pdos[pdos->pdo].index)
		pdos->pdo++;
	if (pdos->pdo == table->pdo_count)
		return ecr_goto(PDOS_COMPARE);
	return ecr_call(ecr_array_read(&pdos->array, table->pdos[pdos->pdo].index, 4), PDOS_MAPPED);
}

/* An entry: index, subindex, bits (ETG.1000.6, 5.6.7.4.7). */
static struct ecr_pdo_mapped unpack(uint32_t value)
{
	return (struct ecr_pdo_mapped){ (uint16_t)(value >> 16), (uint8_t)(value >> 8),
					(uint8_t)value };
}

static uint32_t pack(const struct ecr_pdo_mapped *mapped)
{
	return (uint32_t)mapped->index << 16 | (uint32_t)mapped->subindex << 8 | mapped->bits;
}

static struct ecr_verdict pdos_mapped(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_pdo_job *pdos = pdos_of(job);
	struct ecr_pdo_table *table = &pdos->table;
	struct ecr_object_array *array = &pdos->array;
	struct ecr_known_pdo *pdo = &table->pdos[pdos->pdo];

	(void)answer;
	if (table->entry_count + array->count > table->entry_room)
		return mismatch(pdos, ECR_ERR_LIMIT, array->index, 0, table->entry_room,
				(uint32_t)table->entry_count + array->count);
	pdo->first_entry = table->entry_count;
	pdo->entry_count = array->count;
	for (unsigned int i = 0; i < array->count; i++)
		table->entries[table->entry_count++] = unpack(ecr_array_get(array, i));
	pdos->pdo++;
	return ecr_goto(PDOS_MAPPING);
}

static const struct ecr_known_pdo *known(const struct ecr_pdo_table *table, uint16_t index)
{
	for (unsigned int i = 0; i < table->pdo_count; i++)
		if (table->pdos[i].index == index)
			return &table->pdos[i];
	return NULL;
}

static bool mapping_is(const struct ecr_pdo_table *table, const struct ecr_pdo_wanted *wanted)
{
	const struct ecr_known_pdo *pdo = known(table, wanted->pdo);
	unsigned int i = 0;

	if (!wanted->mapped)
		return true;
	if (!pdo)
		return false;
	for (; wanted->mapped[i].bits; i++)
		if (i == pdo->entry_count ||
		    pack(&wanted->mapped[i]) != pack(&table->entries[pdo->first_entry + i]))
			return false;
	return i == pdo->entry_count;
}

/* The place in an SM's assignment where the slave has something else: 0 when all is as wanted. */
static uint8_t difference(struct ecr_pdo_job *pdos, uint8_t sm)
{
	const struct ecr_pdo_wanted *wanted = pdos->wanted;
	const struct ecr_pdo_table *table = &pdos->table;
	unsigned int have = 0;
	uint8_t place = 1;

	for (; wanted->pdo; wanted++) {
		if (wanted->sm != sm || wanted->pdo == ECR_PDO_NONE)
			continue;
		while (have < table->pdo_count && table->pdos[have].sm != sm)
			have++;
		pdos->expected = wanted->pdo;
		pdos->actual = have < table->pdo_count ? table->pdos[have].index : 0;
		if (pdos->expected != pdos->actual || !mapping_is(table, wanted))
			return place;
		have++;
		place++;
	}
	while (have < table->pdo_count && table->pdos[have].sm != sm)
		have++;
	pdos->expected = 0;
	pdos->actual = have < table->pdo_count ? table->pdos[have].index : 0;
	return have < table->pdo_count ? place : 0;
}

static bool named(const struct ecr_pdo_wanted *wanted, uint8_t sm)
{
	for (; wanted->pdo; wanted++)
		if (wanted->sm == sm)
			return true;
	return false;
}

static bool wanted_in(const struct ecr_pdo_wanted *wanted, uint8_t sm, uint16_t index)
{
	for (; wanted->pdo; wanted++)
		if (wanted->sm == sm && wanted->pdo == index)
			return true;
	return false;
}

/* A PDO without which the device refuses: not in the wanted list though its SyncManager is. 0: all
 * are there. */
static uint16_t missing_mandatory(const struct ecr_pdo_job *pdos)
{
	static const uint16_t types[] = { ECR_SII_RXPDO, ECR_SII_TXPDO };

	for (size_t i = 0; i < 2; i++) {
		struct ecr_sii_pdo pdo = { 0 };

		while (ecr_sii_next_pdo(pdos->sii, types[i], &pdo))
			if ((pdo.flags & ECR_SII_PDO_MANDATORY) && named(pdos->wanted, pdo.sm) &&
			    !wanted_in(pdos->wanted, pdo.sm, pdo.index))
				return pdo.index;
	}
	return 0;
}

static struct ecr_verdict pdos_compare(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_pdo_job *pdos = pdos_of(job);
	uint16_t mandatory = pdos->wanted ? missing_mandatory(pdos) : 0;
	uint8_t place;

	(void)answer;
	if (mandatory)
		return mismatch(pdos, ECR_ERR_PDO_FIXED, mandatory, 0, mandatory, 0);
	for (pdos->sm = 0; pdos->wanted && pdos->sm < ECR_SM_MAX; pdos->sm++) {
		uint16_t index = (uint16_t)ECR_COE_SM_ASSIGN(pdos->sm);

		place = named(pdos->wanted, pdos->sm) ? difference(pdos, pdos->sm) : 0;
		if (!place)
			continue;
		if (pdos->written)
			return mismatch(pdos, ECR_ERR_PDO_MISMATCH, index, place, pdos->expected,
					pdos->actual);
		if (pdos->coe_details &&
		    !(pdos->coe_details & (ECR_SII_COE_PDO_ASSIGN | ECR_SII_COE_PDO_CONFIG)))
			return mismatch(pdos, ECR_ERR_PDO_FIXED, index, place, pdos->expected,
					pdos->actual);
		return ecr_goto(PDOS_CLEAR);
	}
	return ecr_done();
}

/* A mapping can be changed while its PDO is not assigned. */
static struct ecr_verdict pdos_clear(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_pdo_job *pdos = pdos_of(job);

	(void)answer;
	pdos->pdo = 0;
	pdos->array.count = 0;
	return ecr_call(ecr_array_write(&pdos->array, (uint16_t)ECR_COE_SM_ASSIGN(pdos->sm), 2),
			PDOS_MAP);
}

static struct ecr_verdict pdos_map(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_pdo_job *pdos = pdos_of(job);
	const struct ecr_pdo_wanted *wanted = &pdos->wanted[pdos->pdo];
	uint8_t count = 0;

	(void)answer;
	while (wanted->pdo && (wanted->sm != pdos->sm || wanted->pdo == ECR_PDO_NONE ||
			       mapping_is(&pdos->table, wanted))) {
		pdos->pdo++;
		wanted++;
	}
	if (!wanted->pdo)
		return ecr_goto(PDOS_ASSIGN);
	for (; wanted->mapped[count].bits && count < ECR_ARRAY_MAX; count++)
		ecr_array_put(&pdos->array, 4, count, pack(&wanted->mapped[count]));
	pdos->array.count = count;
	return ecr_call(ecr_array_write(&pdos->array, wanted->pdo, 4), PDOS_NEXT_MAP);
}

static struct ecr_verdict pdos_next_map(struct ecr_job *job, const struct ecr_answer *answer)
{
	(void)answer;
	pdos_of(job)->pdo++;
	return ecr_goto(PDOS_MAP);
}

static struct ecr_verdict pdos_assign(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_pdo_job *pdos = pdos_of(job);
	uint8_t count = 0;

	(void)answer;
	for (const struct ecr_pdo_wanted *wanted = pdos->wanted; wanted->pdo; wanted++)
		if (wanted->sm == pdos->sm && wanted->pdo != ECR_PDO_NONE && count < ECR_ARRAY_MAX)
			ecr_array_put(&pdos->array, 2, count++, wanted->pdo);
	pdos->array.count = count;
	return ecr_call(ecr_array_write(&pdos->array, (uint16_t)ECR_COE_SM_ASSIGN(pdos->sm), 2),
			PDOS_WRITTEN);
}

/* The next SyncManager that differs; after the last one everything is read again. */
static struct ecr_verdict pdos_written(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_pdo_job *pdos = pdos_of(job);

	(void)answer;
	for (pdos->sm++; pdos->sm < ECR_SM_MAX; pdos->sm++)
		if (named(pdos->wanted, pdos->sm) && difference(pdos, pdos->sm))
			return ecr_goto(PDOS_CLEAR);
	ecr_pdo_read(pdos);
	pdos->written = true;
	return ecr_goto(PDOS_SM);
}

const struct ecr_step ecr_pdo_steps[] = {
	[PDOS_SM] = { "pdos.sync_manager", pdos_sm },
	[PDOS_ASSIGNED] = { "pdos.assigned", pdos_assigned },
	[PDOS_MAPPING] = { "pdos.mapping", pdos_mapping },
	[PDOS_MAPPED] = { "pdos.mapped", pdos_mapped },
	[PDOS_COMPARE] = { "pdos.compare", pdos_compare },
	[PDOS_CLEAR] = { "pdos.clear", pdos_clear },
	[PDOS_MAP] = { "pdos.map", pdos_map },
	[PDOS_NEXT_MAP] = { "pdos.next_map", pdos_next_map },
	[PDOS_ASSIGN] = { "pdos.assign", pdos_assign },
	[PDOS_WRITTEN] = { "pdos.written", pdos_written },
};
