/* SPDX-License-Identifier: Apache-2.0 */
/* SII images: what is built parses back, built again it is the same bytes, and whatever is missing or odd only warns. */
#include "support/check.h"

#include "base/prng.h"
#include "wire/sii_write.h"

#include <ecring/sim.h>

#include <stdlib.h>
#include <string.h>

#define IMAGE_SIZE 16384
#define STRINGS 12
#define STRING_SIZE 16
#define SMS 8
#define FMMUS 8
#define PDOS 5
#define ENTRIES 6
#define DCS 3

struct pdo {
	uint16_t index;
	uint8_t sm;
	uint8_t name;
	uint8_t entry_count;
	struct ecr_sii_entry entries[ENTRIES];
};

struct direction {
	uint32_t count;
	struct pdo pdos[PDOS];
};

/* Everything that the builder can put into an image. Compared byte by byte, so it is always cleared first. */
struct model {
	struct ecr_sii_identity identity;
	struct ecr_sii_mailbox mailbox;
	uint16_t pdi_control;
	uint16_t alias;
	uint16_t kilobits;
	uint32_t string_count;
	uint32_t sm_count;
	uint32_t fmmu_count;
	uint32_t dc_count;
	char strings[STRINGS][STRING_SIZE];
	struct ecr_sii_general general;
	struct ecr_sii_sm sms[SMS];
	uint8_t fmmus[FMMUS];
	struct ecr_sii_dc dcs[DCS];
	struct direction inputs;
	struct direction outputs;
};

static uint16_t draw16(struct ecr_prng *prng)
{
	return (uint16_t)(ecr_prng_next(prng) >> 24);
}

static uint8_t draw8(struct ecr_prng *prng)
{
	return (uint8_t)(ecr_prng_next(prng) >> 24);
}

static uint32_t draw32(struct ecr_prng *prng)
{
	return (uint32_t)(ecr_prng_next(prng) >> 24);
}

static uint8_t draw_string(struct ecr_prng *prng, const struct model *model)
{
	return (uint8_t)ecr_prng_below(prng, model->string_count + 1);
}

static void draw_header(struct ecr_prng *prng, struct model *model)
{
	model->identity.vendor = draw32(prng) | 1; /* not blank */
	model->identity.product = draw32(prng);
	model->identity.revision = draw32(prng);
	model->identity.serial = draw32(prng);
	model->mailbox.boot_receive_offset = draw16(prng);
	model->mailbox.boot_receive_size = draw16(prng);
	model->mailbox.boot_send_offset = draw16(prng);
	model->mailbox.boot_send_size = draw16(prng);
	model->mailbox.receive_offset = draw16(prng);
	model->mailbox.receive_size = draw16(prng);
	model->mailbox.send_offset = draw16(prng);
	model->mailbox.send_size = draw16(prng);
	model->mailbox.protocols = draw16(prng);
	model->pdi_control = draw16(prng);
	model->alias = draw16(prng);
	model->kilobits = (uint16_t)(IMAGE_SIZE / 128 + ecr_prng_below(prng, 200));
	for (uint32_t i = 0; i < model->string_count; i++)
		for (uint32_t k = 0, n = ecr_prng_below(prng, STRING_SIZE); k < n; k++)
			model->strings[i][k] = (char)ecr_prng_between(prng, ' ', '~');
	model->general.present = true;
	model->general.group = draw_string(prng, model);
	model->general.image = draw_string(prng, model);
	model->general.order = draw_string(prng, model);
	model->general.name = draw_string(prng, model);
	model->general.coe_details = draw8(prng);
	model->general.foe_details = draw8(prng);
	model->general.eoe_details = draw8(prng);
	model->general.flags = draw8(prng);
	model->general.ebus_current_ma = (int16_t)draw16(prng);
	model->general.ports = draw16(prng);
	model->general.identification_address = draw16(prng);
}

static void draw_direction(struct ecr_prng *prng, const struct model *model,
			   struct direction *direction)
{
	direction->count = ecr_prng_below(prng, PDOS + 1);
	for (uint32_t i = 0; i < direction->count; i++) {
		struct pdo *pdo = &direction->pdos[i];

		pdo->index = draw16(prng);
		pdo->sm = draw8(prng);
		pdo->name = draw_string(prng, model);
		pdo->entry_count = (uint8_t)ecr_prng_below(prng, ENTRIES + 1);
		for (int k = 0; k < pdo->entry_count; k++) {
			pdo->entries[k].index = draw16(prng);
			pdo->entries[k].subindex = draw8(prng);
			pdo->entries[k].name = draw_string(prng, model);
			pdo->entries[k].data_type = draw8(prng);
			pdo->entries[k].bits = draw8(prng);
			pdo->entries[k].flags = draw16(prng);
		}
	}
}

static void draw(struct model *model, uint64_t seed)
{
	struct ecr_prng prng = { seed };

	memset(model, 0, sizeof(*model));
	model->string_count = ecr_prng_below(&prng, STRINGS + 1);
	draw_header(&prng, model);
	model->sm_count = ecr_prng_below(&prng, SMS + 1);
	for (uint32_t i = 0; i < model->sm_count; i++) {
		model->sms[i].start = draw16(&prng);
		model->sms[i].length = draw16(&prng);
		model->sms[i].control = draw8(&prng);
		model->sms[i].status = draw8(&prng);
		model->sms[i].enable = draw8(&prng);
		model->sms[i].type = draw8(&prng);
	}
	model->fmmu_count = 2 * ecr_prng_below(&prng, FMMUS / 2 + 1); /* whole words */
	for (uint32_t i = 0; i < model->fmmu_count; i++)
		model->fmmus[i] = draw8(&prng);
	model->dc_count = ecr_prng_below(&prng, DCS + 1);
	for (uint32_t i = 0; i < model->dc_count; i++) {
		model->dcs[i].cycle0_ns = draw32(&prng);
		model->dcs[i].shift0_ns = (int32_t)draw32(&prng);
		model->dcs[i].shift1_ns = (int32_t)draw32(&prng);
		model->dcs[i].sync1_factor = (int16_t)draw16(&prng);
		model->dcs[i].assign_activate = draw16(&prng);
		model->dcs[i].sync0_factor = (int16_t)draw16(&prng);
		model->dcs[i].name = draw_string(&prng, model);
		model->dcs[i].description = draw_string(&prng, model);
	}
	draw_direction(&prng, model, &model->inputs);
	draw_direction(&prng, model, &model->outputs);
}

static void build_pdos(struct ecr_sii_writer *writer, uint16_t type,
		       const struct direction *direction)
{
	ecr_sii_open_category(writer, type);
	for (uint32_t i = 0; i < direction->count; i++) {
		const struct pdo *pdo = &direction->pdos[i];

		ecr_sii_put_pdo(writer, pdo->index, pdo->entry_count, pdo->sm, pdo->name);
		for (int k = 0; k < pdo->entry_count; k++)
			ecr_sii_put_entry(writer, &pdo->entries[k]);
	}
	ecr_sii_close_category(writer);
}

static size_t build(const struct model *model, uint8_t *bytes, size_t size)
{
	const char *strings[STRINGS];
	struct ecr_sii_writer writer;

	for (int i = 0; i < STRINGS; i++)
		strings[i] = model->strings[i];
	ecr_sii_begin(&writer, bytes, size, model->kilobits);
	ecr_sii_put_word(&writer, ECR_SII_WORD_PDI_CONTROL, model->pdi_control);
	ecr_sii_put_word(&writer, ECR_SII_WORD_ALIAS, model->alias);
	ecr_sii_put_identity(&writer, &model->identity);
	ecr_sii_put_mailbox(&writer, &model->mailbox);
	ecr_sii_put_strings(&writer, strings, (uint8_t)model->string_count);
	ecr_sii_put_general(&writer, &model->general);
	ecr_sii_open_category(&writer, ECR_SII_FMMU);
	for (uint32_t i = 0; i < model->fmmu_count; i++)
		ecr_sii_byte(&writer, model->fmmus[i]);
	ecr_sii_close_category(&writer);
	ecr_sii_open_category(&writer, ECR_SII_SM);
	for (uint32_t i = 0; i < model->sm_count; i++)
		ecr_sii_put_sm(&writer, &model->sms[i]);
	ecr_sii_close_category(&writer);
	build_pdos(&writer, ECR_SII_TXPDO, &model->inputs);
	build_pdos(&writer, ECR_SII_RXPDO, &model->outputs);
	ecr_sii_open_category(&writer, ECR_SII_DC);
	for (uint32_t i = 0; i < model->dc_count; i++)
		ecr_sii_put_dc(&writer, &model->dcs[i]);
	ecr_sii_close_category(&writer);
	return ecr_sii_finish(&writer);
}

static void parse_pdos(const struct ecr_sii *sii, uint16_t type, struct direction *direction)
{
	struct ecr_sii_pdo pdo = { 0 };
	struct ecr_sii_entry entry;

	while (ecr_sii_next_pdo(sii, type, &pdo)) {
		struct pdo *to = &direction->pdos[direction->count++];
		uint32_t bits = 0;

		assert_true(direction->count <= PDOS);
		to->index = pdo.index;
		to->sm = pdo.sm;
		to->name = pdo.name;
		to->entry_count = pdo.entries;
		for (unsigned int k = 0; ecr_sii_entry(&pdo, k, &entry); k++) {
			to->entries[k].index = entry.index;
			to->entries[k].subindex = entry.subindex;
			to->entries[k].name = entry.name;
			to->entries[k].data_type = entry.data_type;
			to->entries[k].bits = entry.bits;
			to->entries[k].flags = entry.flags;
			bits += entry.bits;
		}
		assert_int_equal(pdo.bits, bits);
	}
}

static uint32_t string_count(const struct ecr_sii *sii)
{
	struct ecr_sii_category strings;

	assert_true(ecr_sii_find(sii, ECR_SII_STRINGS, &strings));
	return strings.bytes[0];
}

/* Field by field into cleared structures: padding would not compare. */
static void parse(const struct ecr_sii *sii, struct model *model)
{
	struct ecr_sii_sm sm;
	struct ecr_sii_dc dc;
	uint8_t usage;

	memset(model, 0, sizeof(*model));
	ecr_sii_identity(sii, &model->identity);
	ecr_sii_mailbox(sii, &model->mailbox);
	ecr_sii_general(sii, &model->general);
	model->pdi_control = ecr_sii_word(sii, ECR_SII_WORD_PDI_CONTROL);
	model->alias = ecr_sii_alias(sii);
	model->kilobits = (uint16_t)(ecr_sii_size(sii) / 128);
	model->string_count = string_count(sii);
	for (uint32_t i = 0; i < model->string_count; i++)
		ecr_sii_string(sii, (uint8_t)(i + 1), model->strings[i], STRING_SIZE);
	while (ecr_sii_sm(sii, model->sm_count, &sm))
		model->sms[model->sm_count++] = sm;
	while (ecr_sii_fmmu_usage(sii, model->fmmu_count, &usage))
		model->fmmus[model->fmmu_count++] = usage;
	while (ecr_sii_dc(sii, model->dc_count, &dc))
		memcpy(&model->dcs[model->dc_count++], &dc, sizeof(dc));
	parse_pdos(sii, ECR_SII_TXPDO, &model->inputs);
	parse_pdos(sii, ECR_SII_RXPDO, &model->outputs);
}

static void assert_models_equal(const struct model *got, const struct model *built)
{
	assert_memory_equal(&got->identity, &built->identity, sizeof(got->identity));
	assert_memory_equal(&got->mailbox, &built->mailbox, sizeof(got->mailbox));
	assert_int_equal(got->pdi_control, built->pdi_control);
	assert_int_equal(got->alias, built->alias);
	assert_int_equal(got->kilobits, built->kilobits);
	assert_int_equal(got->string_count, built->string_count);
	assert_memory_equal(got->strings, built->strings, sizeof(got->strings));
	assert_int_equal(got->general.group, built->general.group);
	assert_int_equal(got->general.image, built->general.image);
	assert_int_equal(got->general.order, built->general.order);
	assert_int_equal(got->general.name, built->general.name);
	assert_int_equal(got->general.coe_details, built->general.coe_details);
	assert_int_equal(got->general.foe_details, built->general.foe_details);
	assert_int_equal(got->general.eoe_details, built->general.eoe_details);
	assert_int_equal(got->general.flags, built->general.flags);
	assert_int_equal(got->general.ebus_current_ma, built->general.ebus_current_ma);
	assert_int_equal(got->general.ports, built->general.ports);
	assert_int_equal(got->general.identification_address,
			 built->general.identification_address);
	assert_int_equal(got->sm_count, built->sm_count);
	assert_memory_equal(got->sms, built->sms, sizeof(got->sms));
	assert_int_equal(got->fmmu_count, built->fmmu_count);
	assert_memory_equal(got->fmmus, built->fmmus, sizeof(got->fmmus));
	assert_int_equal(got->dc_count, built->dc_count);
	for (uint32_t i = 0; i < got->dc_count; i++) {
		const struct ecr_sii_dc *a = &got->dcs[i];
		const struct ecr_sii_dc *b = &built->dcs[i];

		assert_int_equal(a->cycle0_ns, b->cycle0_ns);
		assert_int_equal(a->shift0_ns, b->shift0_ns);
		assert_int_equal(a->shift1_ns, b->shift1_ns);
		assert_int_equal(a->sync1_factor, b->sync1_factor);
		assert_int_equal(a->assign_activate, b->assign_activate);
		assert_int_equal(a->sync0_factor, b->sync0_factor);
		assert_int_equal(a->name, b->name);
		assert_int_equal(a->description, b->description);
	}
	assert_memory_equal(&got->inputs, &built->inputs, sizeof(got->inputs));
	assert_memory_equal(&got->outputs, &built->outputs, sizeof(got->outputs));
}

static void images_round_trip(void **state)
{
	static struct model built;
	static struct model got;
	static uint8_t bytes[IMAGE_SIZE];
	static uint8_t again[IMAGE_SIZE];

	(void)state;
	for (uint64_t seed = 0; seed < 1000; seed++) {
		struct ecr_sii sii;
		size_t length;

		draw(&built, seed);
		length = build(&built, bytes, sizeof(bytes));
		assert_int_not_equal(length, 0);
		ecr_sii_open(&sii, bytes, length);
		assert_int_equal(sii.warnings, 0);
		assert_int_equal(ecr_sii_known_length(bytes, length), length);
		parse(&sii, &got);
		assert_models_equal(&got, &built);
		assert_int_equal(build(&got, again, sizeof(again)), length);
		assert_memory_equal(again, bytes, length);
	}
}

/* Too small a buffer is told, and nothing is written behind it. */
static void a_small_buffer_gives_no_image(void **state)
{
	static struct model model;
	static uint8_t bytes[IMAGE_SIZE];
	size_t length;

	(void)state;
	draw(&model, 1);
	length = build(&model, bytes, sizeof(bytes));
	for (size_t size = 0; size < length; size++) {
		uint8_t *small = malloc(size + 1);

		assert_non_null(small);
		small[size] = 0xA5;
		assert_int_equal(build(&model, small, size), 0);
		assert_int_equal(small[size], 0xA5);
		free(small);
	}
	assert_int_equal(build(&model, bytes, length), length);
}

static void read_everything(const struct ecr_sii *sii)
{
	struct ecr_sii_mailbox mailbox;
	struct ecr_sii_identity identity;
	struct ecr_sii_general general;
	struct ecr_sii_pdo pdo = { 0 };
	struct ecr_sii_entry entry;
	struct ecr_sii_sm sm;
	struct ecr_sii_dc dc;
	uint8_t usage;
	char text[32];

	ecr_sii_identity(sii, &identity);
	ecr_sii_mailbox(sii, &mailbox);
	ecr_sii_general(sii, &general);
	ecr_sii_device_name(sii, text, sizeof(text));
	for (unsigned int i = 0; i < 256; i++)
		ecr_sii_string(sii, (uint8_t)i, text, sizeof(text));
	for (unsigned int i = 0; ecr_sii_sm(sii, i, &sm); i++)
		;
	for (unsigned int i = 0; ecr_sii_fmmu_usage(sii, i, &usage); i++)
		;
	for (unsigned int i = 0; ecr_sii_dc(sii, i, &dc); i++)
		;
	while (ecr_sii_next_pdo(sii, ECR_SII_TXPDO, &pdo))
		for (unsigned int i = 0; ecr_sii_entry(&pdo, i, &entry); i++)
			;
}

/* The copy has the exact length, so that a sanitizer sees a read behind the end. */
static void every_truncation_warns(void **state)
{
	static struct model model;
	static uint8_t bytes[IMAGE_SIZE];
	size_t length;

	(void)state;
	draw(&model, 7);
	length = build(&model, bytes, sizeof(bytes));
	for (size_t have = 0; have < length; have++) {
		uint8_t *cut = malloc(have ? have : 1);
		struct ecr_sii sii;

		assert_non_null(cut);
		memcpy(cut, bytes, have);
		ecr_sii_open(&sii, cut, have);
		assert_true(sii.warnings & (ECR_SII_WARN_TRUNCATED | ECR_SII_WARN_NO_END));
		assert_true(*ecr_sii_warning_text(sii.warnings) != '\0');
		assert_true(ecr_sii_known_length(cut, have) > have);
		read_everything(&sii);
		free(cut);
	}
}

struct small {
	uint8_t bytes[1024];
	struct ecr_sii_writer writer;
	struct ecr_sii sii;
};

static void begin(struct small *image)
{
	const struct ecr_sii_identity identity = { 2, 3, 4, 5 };

	ecr_sii_begin(&image->writer, image->bytes, sizeof(image->bytes), 8);
	ecr_sii_put_identity(&image->writer, &identity);
}

static void finish(struct small *image)
{
	ecr_sii_open(&image->sii, image->bytes, ecr_sii_finish(&image->writer));
}

static void put_one_sm(struct small *image, uint16_t start)
{
	ecr_sii_open_category(&image->writer, ECR_SII_SM);
	ecr_sii_put_sm(&image->writer, &(struct ecr_sii_sm){ .start = start, .length = 8 });
	ecr_sii_close_category(&image->writer);
}

static void put_one_pdo(struct small *image, uint16_t index, uint8_t announced, uint8_t entries)
{
	ecr_sii_open_category(&image->writer, ECR_SII_TXPDO);
	ecr_sii_put_pdo(&image->writer, index, announced, 3, 0);
	for (uint8_t i = 0; i < entries; i++)
		ecr_sii_put_entry(&image->writer, &(struct ecr_sii_entry){ .bits = 8 });
	ecr_sii_close_category(&image->writer);
}

static void repeated_categories_are_one_sequence(void **state)
{
	struct small image;
	struct ecr_sii_pdo pdo = { 0 };
	struct ecr_sii_sm sm;
	uint8_t usage;

	(void)state;
	begin(&image);
	put_one_sm(&image, 0x1000);
	ecr_sii_open_category(&image.writer, ECR_SII_FMMU);
	ecr_sii_word16(&image.writer, 0x0201);
	ecr_sii_close_category(&image.writer);
	put_one_pdo(&image, 0x1A00, 1, 1);
	put_one_sm(&image, 0x1100);
	ecr_sii_open_category(&image.writer, ECR_SII_FMMU);
	ecr_sii_word16(&image.writer, 0xFF03);
	ecr_sii_close_category(&image.writer);
	put_one_pdo(&image, 0x1A01, 2, 2);
	finish(&image);
	assert_int_equal(image.sii.warnings, ECR_SII_WARN_REPEATED);
	assert_true(ecr_sii_sm(&image.sii, 0, &sm));
	assert_int_equal(sm.start, 0x1000);
	assert_true(ecr_sii_sm(&image.sii, 1, &sm));
	assert_int_equal(sm.start, 0x1100);
	assert_false(ecr_sii_sm(&image.sii, 2, &sm));
	assert_true(ecr_sii_fmmu_usage(&image.sii, 2, &usage));
	assert_int_equal(usage, 3);
	assert_false(ecr_sii_fmmu_usage(&image.sii, 4, &usage));
	assert_true(ecr_sii_next_pdo(&image.sii, ECR_SII_TXPDO, &pdo));
	assert_int_equal(pdo.index, 0x1A00);
	assert_true(ecr_sii_next_pdo(&image.sii, ECR_SII_TXPDO, &pdo));
	assert_int_equal(pdo.index, 0x1A01);
	assert_int_equal(pdo.bits, 16);
	assert_false(ecr_sii_next_pdo(&image.sii, ECR_SII_TXPDO, &pdo));
}

/* ETG.2010: the DC category may appear once for each mode of operation. */
static void repeated_clock_settings_are_no_oddity(void **state)
{
	struct small image;
	struct ecr_sii_dc dc;

	(void)state;
	begin(&image);
	for (uint16_t i = 0; i < 2; i++) {
		ecr_sii_open_category(&image.writer, ECR_SII_DC);
		ecr_sii_put_dc(&image.writer,
			       &(struct ecr_sii_dc){ .assign_activate = (uint16_t)(0x300 + i) });
		ecr_sii_close_category(&image.writer);
	}
	finish(&image);
	assert_int_equal(image.sii.warnings, 0);
	assert_true(ecr_sii_dc(&image.sii, 1, &dc));
	assert_int_equal(dc.assign_activate, 0x301);
}

static void clock_settings_by_hand(void **state)
{
	const uint8_t wanted[24] = { 0x40, 0x42, 0x0F, 0x00, 0xF0, 0xD8, 0xFF, 0xFF,
				     0x10, 0x27, 0x00, 0x00, 0x02, 0x00, 0x00, 0x07,
				     0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00 };
	struct small image;
	struct ecr_sii_category category;

	(void)state;
	begin(&image);
	ecr_sii_open_category(&image.writer, ECR_SII_DC);
	ecr_sii_put_dc(&image.writer, &(struct ecr_sii_dc){ .cycle0_ns = 1000000,
							    .shift0_ns = -10000,
							    .shift1_ns = 10000,
							    .sync1_factor = 2,
							    .assign_activate = 0x0700,
							    .sync0_factor = -1 });
	ecr_sii_close_category(&image.writer);
	finish(&image);
	assert_true(ecr_sii_find(&image.sii, ECR_SII_DC, &category));
	assert_int_equal(category.length, sizeof(wanted));
	assert_memory_equal(category.bytes, wanted, sizeof(wanted));
}

static void a_string_that_is_missing_warns(void **state)
{
	const char *const strings[] = { "one", "two" };
	struct small image;
	char text[8];

	(void)state;
	for (uint8_t name = 0; name < 5; name++) {
		begin(&image);
		ecr_sii_put_strings(&image.writer, strings, 2);
		ecr_sii_put_general(&image.writer,
				    &(struct ecr_sii_general){ .name = name, .order = 1 });
		finish(&image);
		assert_int_equal(image.sii.warnings, name > 2 ? ECR_SII_WARN_STRING : 0);
		ecr_sii_device_name(&image.sii, text, sizeof(text));
		assert_string_equal(text, name == 2 ? "two" : "one"); /* else the order number */
	}
}

static void announced_strings_that_are_not_there_warn(void **state)
{
	struct small image;
	char text[8];

	(void)state;
	begin(&image);
	ecr_sii_open_category(&image.writer, ECR_SII_STRINGS);
	ecr_sii_byte(&image.writer, 9); /* there is one */
	ecr_sii_byte(&image.writer, 2);
	ecr_sii_byte(&image.writer, 'a');
	ecr_sii_byte(&image.writer, 'b');
	ecr_sii_close_category(&image.writer);
	ecr_sii_put_general(&image.writer, &(struct ecr_sii_general){ .order = 5 });
	finish(&image);
	assert_true(image.sii.warnings & ECR_SII_WARN_STRING);
	assert_int_equal(ecr_sii_string(&image.sii, 1, text, sizeof(text)), 2);
	assert_int_equal(ecr_sii_string(&image.sii, 5, text, sizeof(text)), 0);
}

static void a_pdo_with_missing_entries_warns(void **state)
{
	struct small image;
	struct ecr_sii_pdo pdo = { 0 };
	struct ecr_sii_entry entry;

	(void)state;
	begin(&image);
	put_one_pdo(&image, 0x1A00, 3, 2);
	finish(&image);
	assert_int_equal(image.sii.warnings, ECR_SII_WARN_PDO_CUT);
	assert_true(ecr_sii_next_pdo(&image.sii, ECR_SII_TXPDO, &pdo));
	assert_int_equal(pdo.entries, 2);
	assert_int_equal(pdo.bits, 16);
	assert_false(ecr_sii_entry(&pdo, 2, &entry));
}

/* Latin-1 becomes UTF-8; what would command a terminal is dropped; nothing is cut within a character. */
static void strings_of_the_real_world(void **state)
{
	const char *const strings[] = { "K\xFChler \xB0"
					"C",
					"a\x1B[2J\x9B"
					"b\x7F\x01" };
	struct small image;
	char text[16];
	char two[3];

	(void)state;
	begin(&image);
	ecr_sii_put_strings(&image.writer, strings, 2);
	finish(&image);
	assert_int_equal(ecr_sii_string(&image.sii, 1, text, sizeof(text)), 11);
	assert_string_equal(text, "K\xC3\xBChler \xC2\xB0"
				  "C");
	ecr_sii_string(&image.sii, 2, text, sizeof(text));
	assert_string_equal(text, "a[2Jb");
	assert_int_equal(ecr_sii_string(&image.sii, 1, two, sizeof(two)), 2);
	assert_string_equal(two, "Kh"); /* what does not fit whole is left out */
}

static void sizes_that_disagree_warn(void **state)
{
	struct small image;

	(void)state;
	begin(&image);
	ecr_sii_put_word(&image.writer, ECR_SII_WORD_SIZE, 0); /* 1 Kibit: 128 bytes */
	put_one_sm(&image, 0x1000);
	finish(&image);
	assert_int_equal(image.sii.warnings, ECR_SII_WARN_SIZE);
	ecr_sii_open(&image.sii, image.bytes, image.writer.used - 2);
	assert_int_equal(image.sii.warnings, ECR_SII_WARN_SIZE | ECR_SII_WARN_NO_END);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(images_round_trip),
		cmocka_unit_test(a_small_buffer_gives_no_image),
		cmocka_unit_test(every_truncation_warns),
		cmocka_unit_test(repeated_categories_are_one_sequence),
		cmocka_unit_test(repeated_clock_settings_are_no_oddity),
		cmocka_unit_test(clock_settings_by_hand),
		cmocka_unit_test(a_string_that_is_missing_warns),
		cmocka_unit_test(announced_strings_that_are_not_there_warn),
		cmocka_unit_test(a_pdo_with_missing_entries_warns),
		cmocka_unit_test(strings_of_the_real_world),
		cmocka_unit_test(sizes_that_disagree_warn),
	};

	return RUN(tests);
}
