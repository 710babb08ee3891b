/* SPDX-License-Identifier: Apache-2.0 */
/* Every row of expected_sii.tsv: the bytes stand where they were read by hand, and the parser says what they mean. */
#include "support/check.h"
#include "support/data.h"

#include "wire/sii.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_NAME, OFFSET, BYTES, FIELD, VALUE, COLUMNS };

struct image {
	char name[128];
	uint8_t bytes[8192];
	size_t length;
	struct ecr_sii sii;
};

static bool open_image(struct image *image, const char *name)
{
	char path[256];

	if (strcmp(image->name, name) == 0)
		return true;
	snprintf(image->name, sizeof(image->name), "%s", name);
	snprintf(path, sizeof(path), "sii/%s", name);
	image->length = data_load(path, image->bytes, sizeof(image->bytes));
	ecr_sii_open(&image->sii, image->bytes, image->length);
	return image->length;
}

static void check_bytes(const struct image *image, char *const *row)
{
	unsigned long at = strtoul(row[OFFSET], NULL, 16);
	char *next = row[BYTES];

	while (*next) {
		unsigned long byte = strtoul(next, &next, 16);

		assert_true(at < image->length);
		assert_int_equal(image->bytes[at++], byte);
	}
}

static void put_warnings(uint32_t warnings, char *text, size_t size)
{
	snprintf(text, size, "%s%s%s", warnings & ECR_SII_WARN_REPEATED ? "repeated " : "",
		 warnings & ECR_SII_WARN_NO_END ? "no_end " : "", warnings ? "" : "none ");
	if (warnings & ~(uint32_t)(ECR_SII_WARN_REPEATED | ECR_SII_WARN_NO_END))
		snprintf(text, size, "0x%x ", (unsigned int)warnings);
	text[strlen(text) - 1] = '\0';
}

static void put_header(const struct ecr_sii *sii, const char *field, char *text, size_t size)
{
	struct ecr_sii_identity identity;
	struct ecr_sii_mailbox m;

	ecr_sii_identity(sii, &identity);
	ecr_sii_mailbox(sii, &m);
	if (strcmp(field, "alias") == 0)
		snprintf(text, size, "%u", ecr_sii_alias(sii));
	else if (strcmp(field, "checksum") == 0)
		snprintf(text, size, "0x%02x", ecr_sii_crc(sii->bytes));
	else if (strcmp(field, "serial") == 0)
		snprintf(text, size, "0x%08x", identity.serial);
	else if (strcmp(field, "mailbox") == 0)
		snprintf(text, size, "0x%04x/%u 0x%04x/%u", m.receive_offset, m.receive_size,
			 m.send_offset, m.send_size);
	else if (strcmp(field, "mailbox.boot") == 0)
		snprintf(text, size, "0x%04x/%u 0x%04x/%u", m.boot_receive_offset,
			 m.boot_receive_size, m.boot_send_offset, m.boot_send_size);
	else if (strcmp(field, "protocols") == 0)
		snprintf(text, size, "0x%02x", m.protocols);
	else if (strcmp(field, "size") == 0)
		snprintf(text, size, "%u", ecr_sii_size(sii));
	else if (strcmp(field, "warnings") == 0)
		put_warnings(sii->warnings, text, size);
}

static void put_general(const struct ecr_sii *sii, const char *field, char *text, size_t size)
{
	struct ecr_sii_general g;

	ecr_sii_general(sii, &g);
	if (strcmp(field, "details.coe_foe_eoe") == 0)
		snprintf(text, size, "0x%02x 0x%02x 0x%02x", g.coe_details, g.foe_details,
			 g.eoe_details);
	else if (strcmp(field, "flags") == 0)
		snprintf(text, size, "0x%02x", g.flags);
	else if (strcmp(field, "ebus_ma") == 0)
		snprintf(text, size, "%d", g.ebus_current_ma);
	else if (strcmp(field, "ports") == 0)
		snprintf(text, size, "0x%04x", g.ports);
	else if (strcmp(field, "group") == 0)
		ecr_sii_string(sii, g.group, text, size);
	else if (strcmp(field, "order") == 0)
		ecr_sii_string(sii, g.order, text, size);
	else if (strcmp(field, "name") == 0)
		ecr_sii_device_name(sii, text, size);
}

static void append_name(const struct ecr_sii *sii, uint8_t name, char *text, size_t size)
{
	char string[256];

	if (ecr_sii_string(sii, name, string, sizeof(string)))
		snprintf(text + strlen(text), size - strlen(text), " %s", string);
}

static void put_records(const struct ecr_sii *sii, const char *field, char *text, size_t size)
{
	struct ecr_sii_sm sm;
	struct ecr_sii_dc dc;
	uint8_t usage;
	unsigned int number;

	if (sscanf(field, "fmmu %u", &number) == 1 && ecr_sii_fmmu_usage(sii, number, &usage))
		snprintf(text, size, "0x%02x", usage);
	else if (sscanf(field, "sm %u", &number) == 1 && ecr_sii_sm(sii, number, &sm))
		snprintf(
			text, size,
			"start 0x%04x length %u control 0x%02x status 0x%02x enable 0x%02x type %u",
			sm.start, sm.length, sm.control, sm.status, sm.enable, sm.type);
	else if (sscanf(field, "dc %u", &number) == 1 && ecr_sii_dc(sii, number, &dc)) {
		snprintf(text, size,
			 "cycle0 %u shift0 %d shift1 %d factor1 %d assign 0x%04x factor0 %d",
			 dc.cycle0_ns, dc.shift0_ns, dc.shift1_ns, dc.sync1_factor,
			 dc.assign_activate, dc.sync0_factor);
		append_name(sii, dc.name, text, size);
	}
}

static void put_pdos(const struct ecr_sii *sii, const char *field, char *text, size_t size)
{
	uint16_t type = field[0] == 't' ? ECR_SII_TXPDO : ECR_SII_RXPDO;
	struct ecr_sii_pdo pdo = { 0 };
	unsigned int wanted = UINT32_MAX;
	unsigned int number = 0;
	unsigned int bits = 0;
	unsigned int assigned = 0;

	sscanf(field + 5, " %u", &wanted);
	for (; ecr_sii_next_pdo(sii, type, &pdo); number++) {
		bits += pdo.bits;
		assigned += pdo.sm == 0xFF ? 0u : pdo.bits;
		if (number == wanted) {
			snprintf(text, size, "0x%04x entries %u sm %u bits %u", pdo.index,
				 pdo.entries, pdo.sm, pdo.bits);
			append_name(sii, pdo.name, text, size);
		}
	}
	if (strcmp(field + 5, ".total") == 0)
		snprintf(text, size, "%u PDOs, %u bits, %u of them assigned", number, bits,
			 assigned);
}

static void check_value(const struct image *image, char *const *row)
{
	char text[512] = "not known to the test";

	put_header(&image->sii, row[FIELD], text, sizeof(text));
	put_general(&image->sii, row[FIELD], text, sizeof(text));
	put_records(&image->sii, row[FIELD], text, sizeof(text));
	if (strncmp(row[FIELD], "txpdo", 5) == 0 || strncmp(row[FIELD], "rxpdo", 5) == 0)
		put_pdos(&image->sii, row[FIELD], text, sizeof(text));
	if (strcmp(text, row[VALUE]) != 0)
		print_message("%s %s at %s\n", row[FILE_NAME], row[FIELD], row[OFFSET]);
	assert_string_equal(text, row[VALUE]);
}

static void fields_are_as_derived_by_hand(void **state)
{
	static char table[65536];
	static struct image image;
	char *row[COLUMNS];
	char *next = table;
	int rows = 0;
	int count;

	(void)state;
	source_load("tests/replay/expected_sii.tsv", table, sizeof(table));
	while ((count = table_row(&next, row, COLUMNS)) >= 0) {
		if (!count)
			continue;
		assert_int_equal(count, COLUMNS);
		if (!open_image(&image, row[FILE_NAME])) {
			print_message("no EEPROM images at " ECRING_SHARED_DATA ": skipped\n");
			skip();
		}
		check_bytes(&image, row);
		check_value(&image, row);
		rows++;
	}
	print_message("%d fields\n", rows);
	assert_true(rows > 300);
}

/* What the table leaves out is not there: the images have no more records than were counted by hand. */
static void there_are_no_further_records(void **state)
{
	static const struct {
		const char *file;
		unsigned int sms;
		unsigned int fmmus;
		unsigned int clocks;
	} counts[] = {
		{ "asix_ax58100_evb_dio.bin", 3, 2, 0 },
		{ "beckhoff_ek1100_a.bin", 0, 0, 0 },
		{ "beckhoff_el2004_a.bin", 1, 2, 0 },
		{ "beckhoff_el2889.bin", 2, 2, 0 },
		{ "kollmorgen_akd.bin", 4, 4, 2 },
		{ "kollmorgen_akd_truncated1688.bin", 4, 4, 2 },
		{ "metalmusings_easercat2000.bin", 4, 4, 0 },
		{ "metalmusings_easercat4000.bin", 4, 4, 0 },
		{ "metalmusings_pcb1_lan9252.bin", 4, 4, 0 },
		{ "ni_9144_rev1.bin", 4, 2, 2 },
		{ "pollen_orbita2d.bin", 4, 0, 2 },
		{ "synapticon_siitool_example.bin", 4, 2, 2 },
		{ "synapticon_somanet_cia402_1316.bin", 4, 2, 2 },
	};
	static struct image image;
	struct ecr_sii_sm sm;
	struct ecr_sii_dc dc;
	uint8_t usage;

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		if (!open_image(&image, counts[i].file))
			skip();
		assert_false(ecr_sii_sm(&image.sii, counts[i].sms, &sm));
		assert_false(ecr_sii_fmmu_usage(&image.sii, counts[i].fmmus, &usage));
		assert_false(ecr_sii_dc(&image.sii, counts[i].clocks, &dc));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_as_derived_by_hand),
		cmocka_unit_test(there_are_no_further_records),
	};

	return RUN(tests);
}
