/* SPDX-License-Identifier: Apache-2.0 */
#include "slave/pdos.h"

#include "wire/esc.h"

enum {
	PDOS_TYPES,
	PDOS_TYPED,
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
	PDOS_END,
};

#define SM_TYPE_OUTPUTS 3u /* SII and 0x1C00 count alike */
#define SM_TYPE_INPUTS 4u
#define WANTED_MAX 32u /* whose mapping is not written when it is right already */

static struct ecr_pdo_job *pdos_of(struct ecr_job *job)
{
	return ecr_container_of(job, struct ecr_pdo_job, job);
}

void ecr_pdo_forget(struct ecr_pdo_job *pdos)
{
	pdos->table.pdo_count = pdos->table.entry_count = pdos->table.sms = 0;
	pdos->otherwise[0] = '\0';
	pdos->whole = false;
}

struct ecr_job *ecr_pdo_read(struct ecr_pdo_job *pdos)
{
	pdos->job.steps = ecr_pdo_steps;
	pdos->written = false;
	pdos->sm = 0;
	ecr_pdo_forget(pdos);
	pdos->array.may_complete = pdos->coe_details & ECR_SII_COE_COMPLETE_ACCESS;
	pdos->sides[0] = '\0';
	return &pdos->job;
}

static struct ecr_verdict pdo_mismatch(struct ecr_pdo_job *pdos, int error, uint16_t index,
				       uint8_t subindex, uint32_t expected, uint32_t actual)
{
	return ecr_fail(ecr_pdo_mismatch(pdos, error, index, subindex, expected, actual));
}

static bool carries_data(uint8_t type)
{
	return type == SM_TYPE_OUTPUTS || type == SM_TYPE_INPUTS;
}

static uint8_t type_by_sii(const struct ecr_pdo_job *pdos, unsigned int number)
{
	struct ecr_sii_sm sm;

	return ecr_sii_sm(pdos->sii, number, &sm) ? sm.type : 0;
}

/* An object that could not be read as a list. */
static struct ecr_verdict unreadable(struct ecr_pdo_job *pdos)
{
	int error = pdos->array.job.result;

	if (error == ECR_ERR_PDO_MISMATCH)
		return pdo_mismatch(pdos, error, pdos->array.index, 0, ECR_ARRAY_MAX,
				    pdos->array.bytes[0]);
	return ecr_fail(error);
}

static struct ecr_verdict pdos_types(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_pdo_job *pdos = pdos_of(job);

	(void)answer;
	for (unsigned int i = 0; i < ECR_SM_MAX; i++)
		pdos->types[i] = 0;
	return ecr_try(ecr_array_read(&pdos->array, ECR_COE_SM_TYPES, 1), PDOS_TYPED);
}

static const char *type_name(uint8_t type)
{
	return type == SM_TYPE_OUTPUTS ? "outputs" : "inputs";
}

/* A SyncManager cannot be of outputs here and of inputs there. */
static struct ecr_verdict other_type(struct ecr_pdo_job *pdos, uint8_t sm, uint8_t by_sii)
{
	struct ecr_text text;

	ecr_text_init(&text, pdos->sides, sizeof(pdos->sides));
	ecr_text_string(&text, "SM");
	ecr_text_decimal(&text, sm);
	ecr_text_string(&text, ": ");
	ecr_text_string(&text, type_name(by_sii));
	ecr_text_string(&text, " | ");
	ecr_text_string(&text, type_name(pdos->types[sm]));
	ecr_text_char(&text, '\n');
	return pdo_mismatch(pdos, ECR_ERR_PDO_MISMATCH, ECR_COE_SM_TYPES, (uint8_t)(sm + 1), by_sii,
			    pdos->types[sm]);
}

/* Without that object, or where it names no use for process data, the SII's types count. */
static struct ecr_verdict pdos_typed(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_pdo_job *pdos = pdos_of(job);
	const struct ecr_object_array *array = &pdos->array;
	int error = array->job.result;

	(void)answer;
	if (error)
		return error == ECR_ERR_SDO_ABORT ? ecr_goto(PDOS_SM) : unreadable(pdos);
	for (uint8_t i = 0; i < ECR_SM_MAX && i < array->count; i++) {
		uint8_t by_sii = type_by_sii(pdos, i);

		pdos->types[i] = (uint8_t)ecr_array_get(array, i);
		if (carries_data(pdos->types[i]) && carries_data(by_sii) &&
		    pdos->types[i] != by_sii)
			return other_type(pdos, i, by_sii);
	}
	return ecr_goto(PDOS_SM);
}

static struct ecr_verdict pdos_sm(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_pdo_job *pdos = pdos_of(job);

	(void)answer;
	while (pdos->sm < ECR_SM_MAX && !carries_data(pdos->types[pdos->sm]) &&
	       !carries_data(type_by_sii(pdos, pdos->sm)))
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
		return unreadable(pdos);
	if (!array->job.result) {
		if (table->pdo_count + array->count > table->pdo_room)
			return pdo_mismatch(pdos, ECR_ERR_LIMIT, array->index, 0, table->pdo_room,
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
	return ecr_try(ecr_array_read(&pdos->array, table->pdos[pdos->pdo].index, 4), PDOS_MAPPED);
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

/* The entries of the PDO in work as they were found somewhere. */
static struct ecr_verdict enter_mapping(struct ecr_pdo_job *pdos, const struct ecr_pdo_view *view)
{
	struct ecr_pdo_table *table = &pdos->table;
	struct ecr_known_pdo *pdo = &table->pdos[pdos->pdo];

	if (table->entry_count + view->count > table->entry_room)
		return pdo_mismatch(pdos, ECR_ERR_LIMIT, pdo->index, 0, table->entry_room,
				    (uint32_t)table->entry_count + view->count);
	pdo->first_entry = table->entry_count;
	pdo->entry_count = (uint8_t)view->count;
	for (unsigned int i = 0; i < view->count; i++)
		table->entries[table->entry_count++] = ecr_pdo_entry_of(view, i);
	pdos->pdo++;
	return ecr_goto(PDOS_MAPPING);
}

/* What the array holds as a mapping, in `mapped`. */
static struct ecr_pdo_view view_of_array(const struct ecr_object_array *array,
					 struct ecr_pdo_mapped mapped[ECR_ARRAY_MAX])
{
	for (unsigned int i = 0; i < array->count; i++)
		mapped[i] = unpack(ecr_array_get(array, i));
	return (struct ecr_pdo_view){ .index = array->index,
				      .count = array->count,
				      .mapped = mapped };
}

/* Of a mapping that the slave does not show the SII knows, perhaps. */
static struct ecr_verdict pdos_mapped(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_pdo_job *pdos = pdos_of(job);
	uint16_t index = pdos->table.pdos[pdos->pdo].index;
	struct ecr_pdo_mapped mapped[ECR_ARRAY_MAX];
	struct ecr_pdo_view view;

	(void)answer;
	if (!pdos->array.job.result) {
		view = view_of_array(&pdos->array, mapped);
		return enter_mapping(pdos, &view);
	}
	if (pdos->array.job.result != ECR_ERR_SDO_ABORT || !ecr_pdo_in_sii(pdos->sii, index, &view))
		return unreadable(pdos);
	ecr_mailbox_notice(pdos->array.transfer->mailbox, ECR_EVENT_SLAVE_WARNING,
			   "the mapping of an assigned PDO cannot be read: the EEPROM's is taken",
			   index, 0);
	return enter_mapping(pdos, &view);
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

/* What the EEPROM says that the slave lets change; one that says nothing is tried. */
static bool may(const struct ecr_pdo_job *pdos, uint8_t detail)
{
	return !pdos->coe_details || (pdos->coe_details & detail);
}

/* Wanted and found side by side. */
static void show_difference(struct ecr_pdo_job *pdos)
{
	const struct ecr_pdo_side wanted = { .wanted = pdos->wanted };
	const struct ecr_pdo_side found = { .table = &pdos->table };
	struct ecr_text text;

	ecr_text_init(&text, pdos->sides, sizeof(pdos->sides));
	ecr_pdo_compare(&wanted, &found, pdos->sm, &text);
	ecr_pdo_lines_end(&text);
}

/* The next SyncManager from here on that is not as wanted; `last` follows the last one. */
static struct ecr_verdict change_next(struct ecr_pdo_job *pdos, struct ecr_verdict last)
{
	for (; pdos->sm < ECR_SM_MAX; pdos->sm++) {
		enum difference found = ecr_pdo_named(pdos->wanted, pdos->sm)
						? difference(pdos, pdos->sm)
						: AS_WANTED;

		if (found == AS_WANTED)
			continue;
		show_difference(pdos);
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
	int error = ecr_pdo_check(pdos);

	(void)answer;
	if (error)
		return ecr_fail(error);
	pdos->sm = 0;
	return pdos->wanted ? change_next(pdos, ecr_goto(PDOS_END)) : ecr_goto(PDOS_END);
}

static bool fixed(const struct ecr_pdo_job *pdos, uint16_t index)
{
	struct ecr_pdo_view view;

	return ecr_pdo_in_sii(pdos->sii, index, &view) && (view.sii.flags & ECR_SII_PDO_FIXED);
}

/* Before anything is changed: what the wanted PDOs are mapped to now, also those that are not assigned. */
static struct ecr_verdict pdos_look(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_pdo_job *pdos = pdos_of(job);
	const struct ecr_pdo_wanted *wanted = &pdos->wanted[pdos->pdo];

	(void)answer;
	for (; wanted->pdo; wanted++, pdos->pdo++)
		if (wanted->sm == pdos->sm && wanted->pdo != ECR_PDO_NONE && wanted->mapped)
			return ecr_try(ecr_array_read(&pdos->array, wanted->pdo, 4), PDOS_LOOKED);
	return ecr_goto(PDOS_CLEAR);
}

static struct ecr_verdict pdos_looked(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_pdo_job *pdos = pdos_of(job);
	const struct ecr_pdo_wanted *wanted = &pdos->wanted[pdos->pdo];
	const struct ecr_pdo_side wants = { .wanted = wanted };
	struct ecr_pdo_mapped have[ECR_ARRAY_MAX];
	struct ecr_pdo_view found;
	struct ecr_pdo_view view;

	(void)answer;
	if (pdos->array.job.result && pdos->array.job.result != ECR_ERR_SDO_ABORT)
		return unreadable(pdos);
	if (pdos->array.job.result)
		pdos->array.count = 0; /* it does not show what it has: it is written */
	found = view_of_array(&pdos->array, have);
	if (!mapping_difference(pdos, wanted, have, found.count)) {
		pdos->same |= pdos->pdo < WANTED_MAX ? 1u << pdos->pdo : 0;
	} else if (fixed(pdos, wanted->pdo) || !may(pdos, ECR_SII_COE_PDO_CONFIG)) {
		ecr_pdo_of_side(&wants, wanted->sm, 0, &view);
		ecr_pdo_show(pdos, &view, &found);
		return ecr_fail(ECR_ERR_PDO_FIXED);
	}
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

/* Where nothing is wanted the objects count; that the EEPROM has it otherwise is told. */
static struct ecr_verdict pdos_end(struct ecr_job *job, const struct ecr_answer *answer)
{
	struct ecr_pdo_job *pdos = pdos_of(job);
	const struct ecr_pdo_side sii = { .sii = pdos->sii };
	const struct ecr_pdo_side found = { .table = &pdos->table };
	struct ecr_text text;
	uint32_t by_sii = 0;
	uint32_t by_objects = 0;

	(void)answer;
	ecr_text_init(&text, pdos->otherwise, sizeof(pdos->otherwise));
	for (uint8_t sm = 0; sm < ECR_SM_MAX; sm++) {
		struct ecr_pdo_view any;

		if (!(pdos->table.sms >> sm & 1) || !ecr_pdo_of_side(&sii, sm, 0, &any) ||
		    (pdos->wanted && ecr_pdo_named(pdos->wanted, sm)) ||
		    !ecr_pdo_compare(&sii, &found, sm, &text))
			continue;
		by_sii += ecr_pdo_side_bits(&sii, sm);
		by_objects += ecr_pdo_side_bits(&found, sm);
	}
	ecr_pdo_lines_end(&text);
	if (pdos->otherwise[0])
		ecr_mailbox_notice(
			pdos->array.transfer->mailbox, ECR_EVENT_SLAVE_WARNING,
			"the slave's objects have other PDOs than its EEPROM: they count", by_sii,
			by_objects);
	return ecr_done();
}

const struct ecr_step ecr_pdo_steps[] = {
	[PDOS_TYPES] = { "pdos.types", pdos_types },
	[PDOS_TYPED] = { "pdos.typed", pdos_typed },
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
	[PDOS_END] = { "pdos.end", pdos_end },
};
