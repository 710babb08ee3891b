/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/communication.h"

#include "sim/dictionary.h"
#include "wire/coe.h"
#include "wire/coe_types.h"

#define MAPPING_ROOM 32u /* entries of a mapping that can be changed */
#define SMS 16u
#define SM_TYPE_OUTPUTS 3u
#define SM_TYPE_INPUTS 4u
#define SYNC_TYPES 0x0003u   /* free run, with the SyncManager event; */
#define SYNC_TYPE_DC 0x0004u /* and with SYNC0 */
#define DEVICE_NAME 0x1008u

/* The table under construction. Without memory it only counts. */
struct builder {
	struct sim_communication *made;
	const struct ecr_sii *sii;
	uint8_t coe;	/* ECR_SII_COE_... */
	uint32_t bytes; /* of the object under construction */
};

static struct ecr_sim_object *open_object(struct builder *builder, uint16_t index, uint8_t code,
					  uint16_t type, const char *name)
{
	struct sim_communication *made = builder->made;
	struct ecr_sim_object *object = NULL;

	if (made->objects) {
		object = &made->objects[made->object_count];
		*object = (struct ecr_sim_object){ .index = index,
						   .code = code,
						   .type = type,
						   .name = name,
						   .entries = &made->entries[made->entry_count] };
	}
	made->object_count++;
	made->slot_count++; /* its subindex 0, should that not be given */
	made->value_size++;
	builder->bytes = 2;
	return object;
}

static void add(struct builder *builder, struct ecr_sim_object *object,
		const struct ecr_sim_entry *entry)
{
	struct sim_communication *made = builder->made;
	uint32_t repeats = entry->count ? entry->count : 1;

	if (object) {
		made->entries[made->entry_count] = *entry;
		object->entry_count++;
	}
	made->entry_count++;
	made->slot_count += repeats;
	made->value_size += repeats * sim_entry_size(entry);
	builder->bytes += repeats * sim_entry_size(entry);
	if (builder->bytes + 1 > made->largest)
		made->largest = builder->bytes + 1;
}

static void add_value(struct builder *builder, struct ecr_sim_object *object, uint8_t subindex,
		      uint16_t type, uint16_t access, const char *name, uint64_t value)
{
	struct ecr_sim_entry entry = {
		.subindex = subindex, .type = type, .access = access, .name = name, .value = value
	};

	add(builder, object, &entry);
}

static const char *keep_name(struct builder *builder, uint8_t string)
{
	struct sim_communication *made = builder->made;
	char *name;

	if (!made->names) {
		made->name_count++;
		return "";
	}
	name = made->names[made->name_count++];
	ecr_sii_string(builder->sii, string, name, SIM_OBJECT_NAME);
	return name;
}

static void add_identity(struct builder *builder)
{
	struct ecr_sii_identity identity;
	struct ecr_sii_general general;
	struct ecr_sim_object *object;
	struct ecr_sim_entry name = { .type = ECR_COE_TYPE_VISIBLE_STRING, .access = ECR_SIM_RO };

	ecr_sii_identity(builder->sii, &identity);
	ecr_sii_general(builder->sii, &general);
	object = open_object(builder, ECR_COE_DEVICE_TYPE, ECR_OBJECT_VARIABLE, 0, "Device type");
	add_value(builder, object, 0, ECR_COE_TYPE_UNSIGNED32, ECR_SIM_RO, "Device type", 0);
	object = open_object(builder, DEVICE_NAME, ECR_OBJECT_VARIABLE, 0, "Device name");
	name.name = "Device name";
	name.data = keep_name(builder, general.name);
	name.size = SIM_OBJECT_NAME;
	add(builder, object, &name);
	object = open_object(builder, ECR_COE_IDENTITY, ECR_OBJECT_RECORD, ECR_COE_TYPE_IDENTITY,
			     "Identity");
	add_value(builder, object, 1, ECR_COE_TYPE_UNSIGNED32, ECR_SIM_RO, "Vendor ID",
		  identity.vendor);
	add_value(builder, object, 2, ECR_COE_TYPE_UNSIGNED32, ECR_SIM_RO, "Product code",
		  identity.product);
	add_value(builder, object, 3, ECR_COE_TYPE_UNSIGNED32, ECR_SIM_RO, "Revision",
		  identity.revision);
	add_value(builder, object, 4, ECR_COE_TYPE_UNSIGNED32, ECR_SIM_RO, "Serial number",
		  identity.serial);
}

static void add_sm_types(struct builder *builder)
{
	struct ecr_sim_object *object = open_object(builder, ECR_COE_SM_TYPES, ECR_OBJECT_ARRAY,
						    ECR_COE_TYPE_UNSIGNED8, "Sync manager type");
	struct ecr_sii_sm sm;

	for (unsigned int i = 0; i < SMS && ecr_sii_sm(builder->sii, i, &sm); i++)
		add_value(builder, object, (uint8_t)(i + 1), ECR_COE_TYPE_UNSIGNED8, ECR_SIM_RO,
			  "Type", sm.type);
}

static uint16_t access_of(bool writable)
{
	return writable ? ECR_SIM_RW_PREOP : ECR_SIM_RO;
}

/* Entries of a list beyond those that it has at first. */
static void add_spare(struct builder *builder, struct ecr_sim_object *object, uint16_t type,
		      uint8_t used, uint8_t room)
{
	struct ecr_sim_entry spare = { .subindex = (uint8_t)(used + 1),
				       .count = (uint8_t)(room - used),
				       .type = type,
				       .access = ECR_SIM_RW_PREOP,
				       .name = "SubIndex" };

	if (room > used)
		add(builder, object, &spare);
}

static uint8_t count_pdos(const struct builder *builder, uint16_t category, int sm)
{
	struct ecr_sii_pdo pdo = { 0 };
	uint8_t count = 0;

	while (ecr_sii_next_pdo(builder->sii, category, &pdo))
		count = (uint8_t)(count + ((sm < 0 || pdo.sm == sm) && count < UINT8_MAX));
	return count;
}

static void add_assignment(struct builder *builder, unsigned int number, uint16_t category)
{
	bool writable = builder->coe & ECR_SII_COE_PDO_ASSIGN;
	uint8_t used = count_pdos(builder, category, (int)number);
	uint8_t room = writable ? count_pdos(builder, category, -1) : used;
	struct ecr_sim_object *object =
		open_object(builder, (uint16_t)ECR_COE_SM_ASSIGN(number), ECR_OBJECT_ARRAY,
			    ECR_COE_TYPE_UNSIGNED16,
			    category == ECR_SII_RXPDO ? "RxPDO assign" : "TxPDO assign");
	struct ecr_sii_pdo pdo = { 0 };
	uint8_t subindex = 0;

	add_value(builder, object, 0, ECR_COE_TYPE_UNSIGNED8, access_of(writable), "SubIndex 000",
		  used);
	while (ecr_sii_next_pdo(builder->sii, category, &pdo))
		if (pdo.sm == number && subindex < used)
			add_value(builder, object, ++subindex, ECR_COE_TYPE_UNSIGNED16,
				  access_of(writable), "SubIndex", pdo.index);
	add_spare(builder, object, ECR_COE_TYPE_UNSIGNED16, used, room);
}

static void add_synchronisation(struct builder *builder, unsigned int number, bool outputs)
{
	struct ecr_sim_object *object =
		open_object(builder, (uint16_t)ECR_COE_SM_SYNC(number), ECR_OBJECT_RECORD,
			    ECR_COE_TYPE_SYNC_PAR, "SM synchronization");
	struct ecr_sii_dc mode;
	uint16_t types =
		ecr_sii_dc(builder->sii, 0, &mode) ? SYNC_TYPES | SYNC_TYPE_DC : SYNC_TYPES;

	add_value(builder, object, SIM_SYNC_TYPE, ECR_COE_TYPE_UNSIGNED16, ECR_SIM_RW_PREOP,
		  "Synchronization type", outputs ? 1 : SIM_SYNC_WITH_OUTPUTS);
	add_value(builder, object, SIM_SYNC_CYCLE, ECR_COE_TYPE_UNSIGNED32, ECR_SIM_RW_PREOP,
		  "Cycle time", 0);
	add_value(builder, object, SIM_SYNC_TYPES, ECR_COE_TYPE_UNSIGNED16, ECR_SIM_RO,
		  "Synchronization types supported", types);
	add_value(builder, object, SIM_SYNC_LEAST, ECR_COE_TYPE_UNSIGNED32, ECR_SIM_RO,
		  "Minimum cycle time", 0);
	add_value(builder, object, 6, ECR_COE_TYPE_UNSIGNED32, ECR_SIM_RO, "Calc and copy time", 0);
	add_value(builder, object, 9, ECR_COE_TYPE_UNSIGNED32, ECR_SIM_RO, "Delay time", 0);
	add_value(builder, object, SIM_SYNC_SYNC0, ECR_COE_TYPE_UNSIGNED32, ECR_SIM_RO,
		  "Sync0 cycle time", 0);
	add_value(builder, object, SIM_SYNC_MISSED, ECR_COE_TYPE_UNSIGNED16, ECR_SIM_RO,
		  "SM-event missed", 0);
	add_value(builder, object, SIM_SYNC_ERROR, ECR_COE_TYPE_BOOLEAN, ECR_SIM_RO, "Sync error",
		  0);
}

static void add_sms(struct builder *builder)
{
	struct ecr_sii_sm sm;

	for (unsigned int i = 0; i < SMS && ecr_sii_sm(builder->sii, i, &sm); i++) {
		if (sm.type != SM_TYPE_OUTPUTS && sm.type != SM_TYPE_INPUTS)
			continue;
		add_assignment(builder, i,
			       sm.type == SM_TYPE_OUTPUTS ? ECR_SII_RXPDO : ECR_SII_TXPDO);
		add_synchronisation(builder, i, sm.type == SM_TYPE_OUTPUTS);
	}
}

static void add_mapping(struct builder *builder, const struct ecr_sii_pdo *pdo)
{
	bool writable = builder->coe & ECR_SII_COE_PDO_CONFIG;
	uint8_t room = writable && pdo->entries < MAPPING_ROOM ? MAPPING_ROOM : pdo->entries;
	struct ecr_sim_object *object =
		open_object(builder, pdo->index, ECR_OBJECT_RECORD, ECR_COE_TYPE_PDO_MAPPING,
			    keep_name(builder, pdo->name));
	struct ecr_sii_entry entry;

	add_value(builder, object, 0, ECR_COE_TYPE_UNSIGNED8, access_of(writable), "SubIndex 000",
		  pdo->entries);
	for (uint8_t i = 0; i < pdo->entries && ecr_sii_entry(pdo, i, &entry); i++)
		add_value(builder, object, (uint8_t)(i + 1), ECR_COE_TYPE_UNSIGNED32,
			  access_of(writable), "SubIndex",
			  (uint32_t)entry.index << 16 | (uint32_t)entry.subindex << 8 | entry.bits);
	add_spare(builder, object, ECR_COE_TYPE_UNSIGNED32, pdo->entries, room);
	builder->made->mapped += room;
}

/* The type of a mapped entry whose SII does not say it. */
static uint16_t type_of(const struct ecr_sii_entry *entry)
{
	if (entry->data_type && ecr_coe_type_bits(entry->data_type) == entry->bits)
		return entry->data_type;
	if (entry->bits < 8)
		return (uint16_t)(ECR_COE_TYPE_BIT1 + entry->bits - 1);
	switch (entry->bits) {
	case 8:
		return ECR_COE_TYPE_UNSIGNED8;
	case 16:
		return ECR_COE_TYPE_UNSIGNED16;
	case 32:
		return ECR_COE_TYPE_UNSIGNED32;
	case 64:
		return ECR_COE_TYPE_UNSIGNED64;
	default:
		return ECR_COE_TYPE_OCTET_STRING;
	}
}

struct place {
	struct ecr_sii_pdo pdo;
	uint16_t category;
	unsigned int number;
};

/* Walks all entries of all PDOs, outputs first. Begin with a zeroed place. */
static bool next_entry(const struct ecr_sii *sii, struct place *place, struct ecr_sii_entry *entry)
{
	if (!place->category) {
		place->category = ECR_SII_RXPDO;
		place->number = 1;
	}
	for (;;) {
		if (place->pdo.first && place->number < place->pdo.entries)
			return ecr_sii_entry(&place->pdo, place->number++, entry);
		place->number = 0;
		if (ecr_sii_next_pdo(sii, place->category, &place->pdo))
			continue;
		if (place->category == ECR_SII_TXPDO)
			return false;
		place->pdo = (struct ecr_sii_pdo){ 0 };
		place->category = ECR_SII_TXPDO;
	}
}

/* Whether the walk up to here, its last entry left out, has met this object (or entry). */
static bool met(const struct builder *builder, const struct place *end,
		const struct ecr_sii_entry *wanted, bool with_subindex)
{
	struct place place = { 0 };
	struct ecr_sii_entry entry;

	while (next_entry(builder->sii, &place, &entry)) {
		if (place.category == end->category && place.pdo.first == end->pdo.first &&
		    place.number == end->number)
			return false;
		if (entry.index == wanted->index &&
		    (!with_subindex || entry.subindex == wanted->subindex))
			return true;
	}
	return false;
}

static void add_mapped_object(struct builder *builder, const struct ecr_sii_entry *first)
{
	bool simple = first->subindex == 0;
	struct ecr_sim_object *object =
		open_object(builder, first->index, simple ? ECR_OBJECT_VARIABLE : ECR_OBJECT_RECORD,
			    0, keep_name(builder, first->name));
	struct place place = { 0 };
	struct ecr_sii_entry entry;

	while (next_entry(builder->sii, &place, &entry)) {
		bool output = place.category == ECR_SII_RXPDO;
		struct ecr_sim_entry made = { .subindex = entry.subindex, .type = type_of(&entry) };

		if (entry.index != first->index || !entry.bits ||
		    met(builder, &place, &entry, true))
			continue;
		made.access =
			output ? ECR_SIM_RW | ECR_ACCESS_RXPDO : ECR_SIM_RO | ECR_ACCESS_TXPDO;
		made.size = (entry.bits + 7u) / 8;
		made.name = keep_name(builder, entry.name);
		add(builder, object, &made);
	}
}

static void add_mapped(struct builder *builder)
{
	struct place place = { 0 };
	struct ecr_sii_entry entry;

	while (next_entry(builder->sii, &place, &entry))
		if (entry.index && entry.bits && !met(builder, &place, &entry, false))
			add_mapped_object(builder, &entry);
}

static void walk(struct builder *builder)
{
	struct ecr_sii_pdo pdo = { 0 };

	builder->made->object_count = 0;
	builder->made->entry_count = 0;
	builder->made->name_count = 0;
	builder->made->mapped = 0;
	builder->made->slot_count = 0;
	builder->made->value_size = 0;
	add_identity(builder);
	add_sm_types(builder);
	add_sms(builder);
	while (ecr_sii_next_pdo(builder->sii, ECR_SII_RXPDO, &pdo))
		add_mapping(builder, &pdo);
	pdo = (struct ecr_sii_pdo){ 0 };
	while (ecr_sii_next_pdo(builder->sii, ECR_SII_TXPDO, &pdo))
		add_mapping(builder, &pdo);
	add_mapped(builder);
}

void sim_communication_build(struct sim_communication *communication, struct ecr_arena *arena,
			     const struct ecr_sii *sii)
{
	struct builder builder = { .made = communication, .sii = sii };
	struct ecr_sii_general general;

	ecr_sii_general(sii, &general);
	builder.coe = general.coe_details;
	*communication = (struct sim_communication){ 0 };
	walk(&builder);
	communication->objects =
		ECR_TAKE(arena, struct ecr_sim_object, communication->object_count);
	communication->entries = ECR_TAKE(arena, struct ecr_sim_entry, communication->entry_count);
	communication->names = ecr_arena_take(arena, communication->name_count, SIM_OBJECT_NAME);
	if (communication->objects && communication->entries && communication->names)
		walk(&builder);
}
