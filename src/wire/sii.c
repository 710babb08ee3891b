/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/sii.h"

#include "base/le.h"

#define CRC_POLYNOMIAL 0x07u
#define CRC_BYTES 14u
#define CATEGORY_HEADER 4u
#define PDO_HEADER 8u
#define ENTRY_SIZE 8u
#define SM_SIZE 8u
#define DC_SIZE 24u
#define GENERAL_SIZE 14u /* the shortest that says something: up to the E-bus current */

const char *ecr_sii_warning_text(uint32_t warnings)
{
#define ECR_SII_TEXT(symbol, bit, text) \
	if (warnings & ECR_SII_WARN_##symbol) \
		return text;
	ECR_SII_WARNINGS(ECR_SII_TEXT)
#undef ECR_SII_TEXT
	return "";
}

uint8_t ecr_sii_crc(const uint8_t *bytes)
{
	unsigned int crc = 0xFF;

	for (unsigned int i = 0; i < CRC_BYTES; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (crc << 1 ^ (crc & 0x80 ? CRC_POLYNOMIAL : 0)) & 0xFF;
	}
	return (uint8_t)crc;
}

static bool blank(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i] != 0xFF && bytes[i] != 0x00)
			return false;
	return true;
}

uint16_t ecr_sii_word(const struct ecr_sii *sii, uint16_t word)
{
	return (size_t)word * 2 + 2 <= sii->length ? ecr_le16(sii->bytes + (size_t)word * 2) : 0;
}

static uint32_t double_word(const struct ecr_sii *sii, uint16_t word)
{
	return ecr_sii_word(sii, word) | (uint32_t)ecr_sii_word(sii, (uint16_t)(word + 1)) << 16;
}

uint32_t ecr_sii_size(const struct ecr_sii *sii)
{
	uint16_t kilobits = ecr_sii_word(sii, ECR_SII_WORD_SIZE);

	return kilobits == 0xFFFF ? 0 : (kilobits + 1u) * 128u;
}

static uint32_t walk_warnings(const struct ecr_sii *sii)
{
	struct ecr_sii_category category = { 0 };
	uint32_t warnings = 0;
	uint64_t seen = 0;

	while (ecr_sii_next_category(sii, &category)) {
		if (category.type < 64 && category.type != ECR_SII_NOP &&
		    category.type != ECR_SII_DC && (seen >> category.type & 1))
			warnings |= ECR_SII_WARN_REPEATED;
		if (category.type < 64)
			seen |= (uint64_t)1 << category.type;
		if (category.next > sii->length)
			warnings |= ECR_SII_WARN_TRUNCATED;
	}
	if (category.next + 2 > sii->length || ecr_le16(sii->bytes + category.next) != ECR_SII_END)
		warnings |= ECR_SII_WARN_NO_END;
	return warnings;
}

/* How many strings really lie within the category, whatever it announces. */
static unsigned int count_strings(const struct ecr_sii *sii)
{
	struct ecr_sii_category strings;
	unsigned int count = 0;
	size_t at = 1;

	if (!ecr_sii_find(sii, ECR_SII_STRINGS, &strings) || !strings.length)
		return 0;
	while (count < strings.bytes[0] && at < strings.length) {
		at += 1u + strings.bytes[at];
		count++;
	}
	return count;
}

static unsigned int larger(unsigned int a, unsigned int b)
{
	return a > b ? a : b;
}

static unsigned int highest_pdo_string(const struct ecr_sii *sii, uint16_t type, uint32_t *warnings)
{
	struct ecr_sii_pdo pdo = { 0 };
	struct ecr_sii_entry entry;
	unsigned int highest = 0;

	while (ecr_sii_next_pdo(sii, type, &pdo)) {
		highest = larger(highest, pdo.name);
		for (unsigned int i = 0; ecr_sii_entry(&pdo, i, &entry); i++)
			highest = larger(highest, entry.name);
		if (pdo.next > pdo.category.length)
			*warnings |= ECR_SII_WARN_PDO_CUT;
	}
	return highest;
}

static uint32_t content_warnings(const struct ecr_sii *sii)
{
	struct ecr_sii_general general;
	struct ecr_sii_dc dc;
	uint32_t warnings = 0;
	unsigned int highest;

	ecr_sii_general(sii, &general);
	highest = larger(larger(general.group, general.image), larger(general.order, general.name));
	highest = larger(highest, highest_pdo_string(sii, ECR_SII_TXPDO, &warnings));
	highest = larger(highest, highest_pdo_string(sii, ECR_SII_RXPDO, &warnings));
	for (unsigned int i = 0; ecr_sii_dc(sii, i, &dc); i++)
		highest = larger(highest, larger(dc.name, dc.description));
	if (highest > count_strings(sii))
		warnings |= ECR_SII_WARN_STRING;
	return warnings;
}

/* A mailbox that can be used has both; one for the bootstrap state only may lack the usual sizes. */
static uint32_t mailbox_warnings(const struct ecr_sii *sii)
{
	struct ecr_sii_mailbox mailbox;
	bool sizes;

	ecr_sii_mailbox(sii, &mailbox);
	sizes = mailbox.receive_size && mailbox.send_size;
	if (mailbox.protocols && !sizes && !mailbox.boot_receive_size)
		return ECR_SII_WARN_MAILBOX_SIZE;
	return sizes && !mailbox.protocols ? ECR_SII_WARN_MAILBOX_PROTOCOL : 0;
}

void ecr_sii_open(struct ecr_sii *sii, const uint8_t *bytes, size_t length)
{
	*sii = (struct ecr_sii){ .bytes = bytes, .length = length };
	if (length < CRC_BYTES + 2) {
		sii->warnings = ECR_SII_WARN_TRUNCATED;
		return;
	}
	if (blank(bytes, length < ECR_SII_HEADER_SIZE ? length : ECR_SII_HEADER_SIZE)) {
		sii->warnings = ECR_SII_WARN_BLANK;
		return;
	}
	if (ecr_sii_crc(bytes) != bytes[CRC_BYTES])
		sii->warnings |= ECR_SII_WARN_CRC;
	if (length < ECR_SII_HEADER_SIZE)
		sii->warnings |= ECR_SII_WARN_TRUNCATED;
	else
		sii->warnings |= walk_warnings(sii);
	if (ecr_sii_size(sii) && ecr_sii_size(sii) < length)
		sii->warnings |= ECR_SII_WARN_SIZE;
	sii->warnings |= content_warnings(sii) | mailbox_warnings(sii);
}

size_t ecr_sii_known_length(const uint8_t *bytes, size_t have)
{
	size_t at = ECR_SII_HEADER_SIZE;

	if (have < ECR_SII_HEADER_SIZE + CATEGORY_HEADER)
		return ECR_SII_HEADER_SIZE + CATEGORY_HEADER;
	if (blank(bytes, ECR_SII_HEADER_SIZE))
		return have;
	while (at + 2 <= have && ecr_le16(bytes + at) != ECR_SII_END) {
		if (at + CATEGORY_HEADER > have)
			return at + CATEGORY_HEADER;
		at += CATEGORY_HEADER + 2u * ecr_le16(bytes + at + 2);
	}
	return at + 2;
}

void ecr_sii_identity(const struct ecr_sii *sii, struct ecr_sii_identity *identity)
{
	identity->vendor = double_word(sii, ECR_SII_WORD_VENDOR);
	identity->product = double_word(sii, ECR_SII_WORD_PRODUCT);
	identity->revision = double_word(sii, ECR_SII_WORD_REVISION);
	identity->serial = double_word(sii, ECR_SII_WORD_SERIAL);
}

void ecr_sii_mailbox(const struct ecr_sii *sii, struct ecr_sii_mailbox *mailbox)
{
	*mailbox = (struct ecr_sii_mailbox){ 0 };
	if (sii->warnings & ECR_SII_WARN_BLANK)
		return;
	mailbox->boot_receive_offset = ecr_sii_word(sii, ECR_SII_WORD_BOOT_MAILBOX);
	mailbox->boot_receive_size = ecr_sii_word(sii, ECR_SII_WORD_BOOT_MAILBOX + 1);
	mailbox->boot_send_offset = ecr_sii_word(sii, ECR_SII_WORD_BOOT_MAILBOX + 2);
	mailbox->boot_send_size = ecr_sii_word(sii, ECR_SII_WORD_BOOT_MAILBOX + 3);
	mailbox->receive_offset = ecr_sii_word(sii, ECR_SII_WORD_MAILBOX);
	mailbox->receive_size = ecr_sii_word(sii, ECR_SII_WORD_MAILBOX + 1);
	mailbox->send_offset = ecr_sii_word(sii, ECR_SII_WORD_MAILBOX + 2);
	mailbox->send_size = ecr_sii_word(sii, ECR_SII_WORD_MAILBOX + 3);
	mailbox->protocols = ecr_sii_word(sii, ECR_SII_WORD_PROTOCOLS);
}

uint16_t ecr_sii_alias(const struct ecr_sii *sii)
{
	return ecr_sii_word(sii, ECR_SII_WORD_ALIAS);
}

bool ecr_sii_next_category(const struct ecr_sii *sii, struct ecr_sii_category *category)
{
	size_t at = category->next ? category->next : ECR_SII_HEADER_SIZE;
	size_t length;

	category->next = at;
	if (at + CATEGORY_HEADER > sii->length || ecr_le16(sii->bytes + at) == ECR_SII_END)
		return false;
	category->type = ecr_le16(sii->bytes + at);
	length = 2u * (size_t)ecr_le16(sii->bytes + at + 2);
	category->bytes = sii->bytes + at + CATEGORY_HEADER;
	category->next = at + CATEGORY_HEADER + length;
	category->length =
		category->next <= sii->length ? length : sii->length - at - CATEGORY_HEADER;
	return true;
}

bool ecr_sii_find(const struct ecr_sii *sii, uint16_t type, struct ecr_sii_category *category)
{
	*category = (struct ecr_sii_category){ 0 };
	while (ecr_sii_next_category(sii, category))
		if (category->type == type)
			return true;
	return false;
}

/* Control characters of Latin-1, both sets of them, would command a terminal. */
static bool printable(uint8_t c)
{
	return (c >= 0x20 && c < 0x7F) || c >= 0xA0;
}

static size_t put_character(uint8_t c, char *text, size_t used, size_t size)
{
	if (c < 0x80) {
		if (used + 1 < size)
			text[used++] = (char)c;
	} else if (used + 2 < size) {
		text[used++] = (char)(0xC0 | c >> 6);
		text[used++] = (char)(0x80 | (c & 0x3F));
	}
	return used;
}

size_t ecr_sii_string(const struct ecr_sii *sii, uint8_t index, char *text, size_t size)
{
	struct ecr_sii_category strings;
	size_t used = 0;
	size_t at = 1;

	if (size)
		text[0] = '\0';
	if (!index || !size || !ecr_sii_find(sii, ECR_SII_STRINGS, &strings) || !strings.length ||
	    index > strings.bytes[0])
		return 0;
	for (unsigned int i = 1; i < index && at < strings.length; i++)
		at += 1u + strings.bytes[at];
	if (at >= strings.length)
		return 0;
	for (size_t i = 0; i < strings.bytes[at] && at + 1 + i < strings.length; i++) {
		uint8_t c = strings.bytes[at + 1 + i];

		if (printable(c))
			used = put_character(c, text, used, size);
	}
	text[used] = '\0';
	return used;
}

void ecr_sii_general(const struct ecr_sii *sii, struct ecr_sii_general *general)
{
	struct ecr_sii_category category;
	const uint8_t *b;

	*general = (struct ecr_sii_general){ 0 };
	if (!ecr_sii_find(sii, ECR_SII_GENERAL, &category) || category.length < GENERAL_SIZE)
		return;
	b = category.bytes;
	general->present = true;
	general->group = b[0];
	general->image = b[1];
	general->order = b[2];
	general->name = b[3];
	general->coe_details = b[5];
	general->foe_details = b[6];
	general->eoe_details = b[7];
	general->flags = b[11];
	general->ebus_current_ma = (int16_t)ecr_le16(b + 12);
	if (category.length >= 18)
		general->ports = ecr_le16(b + 16);
	if (category.length >= 20)
		general->identification_address = ecr_le16(b + 18);
}

size_t ecr_sii_device_name(const struct ecr_sii *sii, char *text, size_t size)
{
	struct ecr_sii_general general;
	size_t length;

	ecr_sii_general(sii, &general);
	length = ecr_sii_string(sii, general.name, text, size);
	return length ? length : ecr_sii_string(sii, general.order, text, size);
}

static bool next_of_type(const struct ecr_sii *sii, uint16_t type,
			 struct ecr_sii_category *category)
{
	while (ecr_sii_next_category(sii, category))
		if (category->type == type)
			return true;
	return false;
}

/* The n-th record of a fixed size; repeated categories of a type are one sequence. */
static const uint8_t *record(const struct ecr_sii *sii, uint16_t type, size_t size, size_t number)
{
	struct ecr_sii_category category = { 0 };

	while (next_of_type(sii, type, &category)) {
		if (number < category.length / size)
			return category.bytes + number * size;
		number -= category.length / size;
	}
	return NULL;
}

bool ecr_sii_sm(const struct ecr_sii *sii, unsigned int number, struct ecr_sii_sm *sm)
{
	const uint8_t *b = record(sii, ECR_SII_SM, SM_SIZE, number);

	if (!b)
		return false;
	*sm = (struct ecr_sii_sm){ ecr_le16(b), ecr_le16(b + 2), b[4], b[5], b[6], b[7] };
	return true;
}

bool ecr_sii_fmmu_usage(const struct ecr_sii *sii, unsigned int number, uint8_t *usage)
{
	const uint8_t *b = record(sii, ECR_SII_FMMU, 1, number);

	if (b)
		*usage = *b;
	return b;
}

bool ecr_sii_next_pdo(const struct ecr_sii *sii, uint16_t type, struct ecr_sii_pdo *pdo)
{
	struct ecr_sii_entry entry;
	const uint8_t *b;
	size_t left;

	while (!pdo->category.next || pdo->next + PDO_HEADER > pdo->category.length) {
		if (!next_of_type(sii, type, &pdo->category))
			return false;
		pdo->next = 0;
	}
	b = pdo->category.bytes + pdo->next;
	left = (pdo->category.length - pdo->next - PDO_HEADER) / ENTRY_SIZE;
	pdo->index = ecr_le16(b);
	pdo->entries = b[2] < left ? b[2] : (uint8_t)left;
	pdo->sm = b[3];
	pdo->sync = b[4];
	pdo->name = b[5];
	pdo->flags = ecr_le16(b + 6);
	pdo->first = b + PDO_HEADER;
	pdo->next += PDO_HEADER + (size_t)b[2] * ENTRY_SIZE;
	pdo->bits = 0;
	for (unsigned int i = 0; ecr_sii_entry(pdo, i, &entry); i++)
		pdo->bits = (uint16_t)(pdo->bits + entry.bits);
	return true;
}

bool ecr_sii_entry(const struct ecr_sii_pdo *pdo, unsigned int number, struct ecr_sii_entry *entry)
{
	const uint8_t *b = pdo->first + (size_t)number * ENTRY_SIZE;

	if (number >= pdo->entries)
		return false;
	*entry = (struct ecr_sii_entry){ ecr_le16(b), b[2], b[3], b[4], b[5], ecr_le16(b + 6) };
	return true;
}

bool ecr_sii_dc(const struct ecr_sii *sii, unsigned int number, struct ecr_sii_dc *dc)
{
	const uint8_t *b = record(sii, ECR_SII_DC, DC_SIZE, number);

	if (!b)
		return false;
	*dc = (struct ecr_sii_dc){ ecr_le32(b),
				   (int32_t)ecr_le32(b + 4),
				   (int32_t)ecr_le32(b + 8),
				   (int16_t)ecr_le16(b + 12),
				   ecr_le16(b + 14),
				   (int16_t)ecr_le16(b + 16),
				   b[18],
				   b[19] };
	return true;
}
