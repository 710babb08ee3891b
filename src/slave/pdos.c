/* SPDX-License-Identifier: Apache-2.0 */
#include "slave/pdos.h"

#include "wire/esc.h"

enum {
	PDOS_SM,
	PDOS_ASSIGNED,
	PDOS_MAPPING,
	PDOS_MAPPED,
	PDOS_COMPARE,
	PDOS_LOOK,
	PDOS_LOOKED,
	PDOS_CLEAR,
	PDOS_MAP,
	PDOS_NEXT_MAP,
	PDOS_ASSIGN,
	PDOS_WRITTEN,
	PDOS_AGAIN,
};

#define SM_TYPE_OUTPUTS 3u /* SII and 0x1C00 count alike */
#define SM_TYPE_INPUTS 4u
#define WANTED_MAX 32u /* whose mapping is not written when it is right already */

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

/* The place where a PDO is mapped to something else than wanted, from 1; 0: it is as wanted. */
static uint8_t mapping_difference(struct ecr_pdo_job *pdos, const struct ecr_pdo_wanted *wanted,
				  const struct ecr_pdo_mapped *have, unsigned int count)
{
	unsigned int i = 0;

	while (i < count && wanted->mapped[i].bits && pack(&wanted->mapped[i]) == pack(&have[i]))
		i++;
	if (i == count && !wanted->mapped[i].bits)
		return 0;
	pdos->index = wanted->pdo;
	pdos->subindex = (uint8_t)(i + 1);
	pdos->expected = wanted->mapped[i].bits ? pack(&wanted->mapped[i]) : 0;
	pdos->actual = i < count ? pack(&have[i]) : 0;
	return pdos->subindex;
}

enum difference { AS_WANTED, OTHER_ASSIGNMENT, OTHER_MAPPING };

/* What a SyncManager has else than wanted, and where: both are left side by side. */
static enum difference difference(struct ecr_pdo_job *pdos, uint8_t sm)
{
	const struct ecr_pdo_wanted *wanted = pdos->wanted;
	const struct ecr_pdo_table *table = &pdos->table;
	const struct ecr_known_pdo *have = table->pdos;
	const struct ecr_known_pdo *end = have + table->pdo_count;
	uint8_t place = 1;

	for (;; wanted++, have++, place++) {
		while (wanted->pdo && (wanted->sm != sm || wanted->pdo == ECR_PDO_NONE))
			wanted++;
		while (have < end && have->sm != sm)
			have++;
		if (!wanted->pdo && have == end)
			return AS_WANTED;
		pdos->index = (uint16_t)ECR_COE_SM_ASSIGN(sm);
		pdos->subindex = place;
		pdos->expected = wanted->pdo;
		pdos->actual = have < end ? have->index : 0;
		if (pdos->expected != pdos->actual)
			return OTHER_ASSIGNMENT;
		if (wanted->mapped &&
		    mapping_difference(pdos, wanted, table->entries + have->first_entry,
				       have->entry_count))
			return OTHER_MAPPING;
	}
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

/* What the EEPROM says that the slave lets change; one that says nothing is tried. */
static bool may(const struct ecr_pdo_job *pdos, uint8_t detail)
{
	return !pdos->coe_details || (pdos->coe_details & detail);
}

/* The next SyncManager from here on that is not as wanted; `last` follows the last one. */
static struct ecr_verdict change_next(struct ecr_pdo_job *pdos, struct ecr_verdict last)
{
	for (; pdos->sm < ECR_SM_MAX; pdos->sm++) {
		enum difference found =
			named(pdos->wanted, pdos->sm) ? difference(pdos, pdos->sm) : AS_WANTED;

		if (found == AS_WANTED)
			continue;
		if (pdos->written)
			return ecr_fail(ECR_ERR_PDO_MISMATCH);
		if (found == OTHER_ASSIGNMENT && !may(pdos, ECR_SII_COE_PDO_ASSIGN))
			return ecr_fail(ECR_ERR_PDO_FIXED);
		pdos->pdo = 0;
		pdos->same = 0;
		return ecr_goto(PDOS_LOOK);
	}
	return last;
}

static struct ecr_verdict pdos_compare(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_pdo_job *pdos = pdos_of(job);
	uint16_t mandatory = pdos->wanted ? missing_mandatory(pdos) : 0;

	(void)answer;
	if (!pdos->wanted)
		return ecr_done();
	if (mandatory)
		return mismatch(pdos, ECR_ERR_PDO_FIXED, mandatory, 0, mandatory, 0);
	pdos->sm = 0;
	return change_next(pdos, ecr_done());
}

static bool fixed(const struct ecr_pdo_job *pdos, uint16_t index)
{
	static const uint16_t types[] = { ECR_SII_RXPDO, ECR_SII_TXPDO };

	for (size_t i = 0; i < 2; i++) {
		struct ecr_sii_pdo pdo = { 0 };

		while (ecr_sii_next_pdo(pdos->sii, types[i], &pdo))
			if (pdo.index == index)
				return pdo.flags & ECR_SII_PDO_FIXED;
	}
	return false;
}

/* Before anything is changed: what the wanted PDOs are mapped to now, also those that are not assigned. */
static struct ecr_verdict pdos_look(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_pdo_job *pdos = pdos_of(job);
	const struct ecr_pdo_wanted *wanted = &pdos->wanted[pdos->pdo];

	(void)answer;
	for (; wanted->pdo; wanted++, pdos->pdo++)
		if (wanted->sm == pdos->sm && wanted->pdo != ECR_PDO_NONE && wanted->mapped)
			return ecr_call(ecr_array_read(&pdos->array, wanted->pdo, 4), PDOS_LOOKED);
	return ecr_goto(PDOS_CLEAR);
}

static struct ecr_verdict pdos_looked(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_pdo_job *pdos = pdos_of(job);
	const struct ecr_pdo_wanted *wanted = &pdos->wanted[pdos->pdo];
	struct ecr_pdo_mapped have[ECR_ARRAY_MAX];

	(void)answer;
	for (unsigned int i = 0; i < pdos->array.count; i++)
		have[i] = unpack(ecr_array_get(&pdos->array, i));
	if (!mapping_difference(pdos, wanted, have, pdos->array.count))
		pdos->same |= pdos->pdo < WANTED_MAX ? 1u << pdos->pdo : 0;
	else if (fixed(pdos, wanted->pdo) || !may(pdos, ECR_SII_COE_PDO_CONFIG))
		return ecr_fail(ECR_ERR_PDO_FIXED);
	pdos->pdo++;
	return ecr_goto(PDOS_LOOK);
}

static bool is_same(const struct ecr_pdo_job *pdos)
{
	return pdos->pdo < WANTED_MAX && (pdos->same >> pdos->pdo & 1);
}

/* A mapping can be changed while its PDO is not assigned. */
static struct ecr_verdict pdos_clear(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_pdo_job *pdos = pdos_of(job);

	(void)answer;
	pdos->pdo = 0;
	pdos->array.count = 0;
	if (!may(pdos, ECR_SII_COE_PDO_ASSIGN))
		return ecr_goto(PDOS_MAP); /* its assignment is as wanted, and stays */
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
			       !wanted->mapped || is_same(pdos))) {
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
	if (!may(pdos, ECR_SII_COE_PDO_ASSIGN))
		return ecr_goto(PDOS_WRITTEN);
	for (const struct ecr_pdo_wanted *wanted = pdos->wanted; wanted->pdo; wanted++)
		if (wanted->sm == pdos->sm && wanted->pdo != ECR_PDO_NONE && count < ECR_ARRAY_MAX)
			ecr_array_put(&pdos->array, 2, count++, wanted->pdo);
	pdos->array.count = count;
	return ecr_call(ecr_array_write(&pdos->array, (uint16_t)ECR_COE_SM_ASSIGN(pdos->sm), 2),
			PDOS_WRITTEN);
}

/* After the last SyncManager everything is read again. */
static struct ecr_verdict pdos_written(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_pdo_job *pdos = pdos_of(job);

	(void)answer;
	pdos->sm++;
	return change_next(pdos, ecr_goto(PDOS_AGAIN));
}

static struct ecr_verdict pdos_again(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_pdo_job *pdos = pdos_of(job);

	(void)answer;
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
	[PDOS_LOOK] = { "pdos.look", pdos_look },
	[PDOS_LOOKED] = { "pdos.looked", pdos_looked },
	[PDOS_CLEAR] = { "pdos.clear", pdos_clear },
	[PDOS_MAP] = { "pdos.map", pdos_map },
	[PDOS_NEXT_MAP] = { "pdos.next_map", pdos_next_map },
	[PDOS_ASSIGN] = { "pdos.assign", pdos_assign },
	[PDOS_WRITTEN] = { "pdos.written", pdos_written },
	[PDOS_AGAIN] = { "pdos.again", pdos_again },
};
