/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SII, a slave's EEPROM content (ETG.1000.6, 5.4; ETG.2010). Reading never fails hard: what is
 * there is returned, what is odd becomes a warning. No allocation, every access bounded.
 */
#ifndef ECR_WIRE_SII_H
#define ECR_WIRE_SII_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X(symbol, bit, text) */
#define ECR_SII_WARNINGS(X) \
	X(BLANK, 0, "the EEPROM is blank") \
	X(TRUNCATED, 1, "the image ends before its end marker") \
	X(NO_END, 2, "there is no end marker") \
	X(CRC, 3, \
	  "the checksum of the first 14 bytes is wrong: the controller has not taken its " \
	  "configuration") \
	X(REPEATED, 4, "a category appears more than once") \
	X(STRING, 5, "a string index points behind the last string") \
	X(SIZE, 6, "the image is longer than its size word allows") \
	X(PDO_CUT, 7, "a PDO announces more entries than its category holds") \
	X(MAILBOX_SIZE, 8, "mailbox protocols are announced, but no sizes of a mailbox") \
	X(MAILBOX_PROTOCOL, 9, "a mailbox has sizes, but no protocol is announced")

enum ecr_sii_warning {
#define ECR_SII_ENUM(symbol, bit, text) ECR_SII_WARN_##symbol = 1 << (bit),
	ECR_SII_WARNINGS(ECR_SII_ENUM)
#undef ECR_SII_ENUM
};

/* Text of the lowest warning in the set; "" for none. */
const char *ecr_sii_warning_text(uint32_t warnings);

enum ecr_sii_category_type {
	ECR_SII_NOP = 0,
	ECR_SII_STRINGS = 10,
	ECR_SII_DATA_TYPES = 20,
	ECR_SII_GENERAL = 30,
	ECR_SII_FMMU = 40,
	ECR_SII_SM = 41,
	ECR_SII_FMMU_EXTENDED = 42,
	ECR_SII_SYNC_UNIT = 43,
	ECR_SII_TXPDO = 50, /* inputs */
	ECR_SII_RXPDO = 51, /* outputs */
	ECR_SII_DC = 60,
	ECR_SII_END = 0xFFFF,
};

#define ECR_SII_HEADER_SIZE 0x80u /* bytes before the first category */

/* Words of the header (ETG.2010, table 2), for ecr_sii_word and ecr_sii_put_word. */
enum ecr_sii_header_word {
	ECR_SII_WORD_PDI_CONTROL = 0x00,
	ECR_SII_WORD_PDI_CONFIG = 0x01,
	ECR_SII_WORD_SYNC_PULSE = 0x02, /* in units of 10 ns */
	ECR_SII_WORD_PDI_CONFIG_EXTENDED = 0x03,
	ECR_SII_WORD_ALIAS = 0x04,
	ECR_SII_WORD_CHECKSUM = 0x07, /* low byte: over words 0 to 6 */
	ECR_SII_WORD_VENDOR = 0x08,
	ECR_SII_WORD_PRODUCT = 0x0A,
	ECR_SII_WORD_REVISION = 0x0C,
	ECR_SII_WORD_SERIAL = 0x0E,
	ECR_SII_WORD_BOOT_MAILBOX = 0x14, /* receive offset and size, send offset and size */
	ECR_SII_WORD_MAILBOX = 0x18,	  /* likewise */
	ECR_SII_WORD_PROTOCOLS = 0x1C,
	ECR_SII_WORD_SIZE = 0x3E, /* in Kibit, less 1 */
	ECR_SII_WORD_VERSION = 0x3F,
};

struct ecr_sii {
	const uint8_t *bytes;
	size_t length;
	uint32_t warnings;
};

void ecr_sii_open(struct ecr_sii *sii, const uint8_t *bytes, size_t length);

/*
 * While an image is read front to back: how many bytes are needed before more can be said. Not more
 * than `have` means that all is there (end marker seen, or a blank image).
 */
size_t ecr_sii_known_length(const uint8_t *bytes, size_t have);

uint8_t ecr_sii_crc(const uint8_t *bytes); /* of the first 14 bytes, which must be there */

struct ecr_sii_identity {
	uint32_t vendor;
	uint32_t product;
	uint32_t revision;
	uint32_t serial;
};

struct ecr_sii_mailbox {
	uint16_t receive_offset; /* master to slave */
	uint16_t receive_size;
	uint16_t send_offset; /* slave to master */
	uint16_t send_size;
	uint16_t boot_receive_offset;
	uint16_t boot_receive_size;
	uint16_t boot_send_offset;
	uint16_t boot_send_size;
	uint16_t protocols; /* ECR_SII_MAILBOX_xxx */
};

#define ECR_SII_MAILBOX_AOE 0x01u
#define ECR_SII_MAILBOX_EOE 0x02u
#define ECR_SII_MAILBOX_COE 0x04u
#define ECR_SII_MAILBOX_FOE 0x08u
#define ECR_SII_MAILBOX_SOE 0x10u
#define ECR_SII_MAILBOX_VOE 0x20u

void ecr_sii_identity(const struct ecr_sii *sii, struct ecr_sii_identity *identity);
void ecr_sii_mailbox(const struct ecr_sii *sii, struct ecr_sii_mailbox *mailbox);
uint16_t ecr_sii_alias(const struct ecr_sii *sii);
uint16_t ecr_sii_word(const struct ecr_sii *sii, uint16_t word); /* 0 beyond the end */
uint32_t
ecr_sii_size(const struct ecr_sii *sii); /* of the EEPROM in bytes, by its size word; 0 unknown */

struct ecr_sii_category {
	uint16_t type;
	const uint8_t *bytes;
	size_t length;
	size_t next; /* offset of the next category's header */
};

/* Start with a zeroed category; false after the last. */
bool ecr_sii_next_category(const struct ecr_sii *sii, struct ecr_sii_category *category);
bool ecr_sii_find(const struct ecr_sii *sii, uint16_t type, struct ecr_sii_category *category);

/* String by its index from 1 as UTF-8 (source taken as Latin-1, NULs and other control characters
 * dropped); "" when there is none. Its length. */
size_t ecr_sii_string(const struct ecr_sii *sii, uint8_t index, char *text, size_t size);
/* The general category's name, else its order number. */
size_t ecr_sii_device_name(const struct ecr_sii *sii, char *text, size_t size);

/* ports */
#define ECR_SII_PORT_MII 1u
#define ECR_SII_PORT_EBUS 3u

struct ecr_sii_general {
	bool present;
	uint8_t group;
	uint8_t image;
	uint8_t order;
	uint8_t name;
	uint8_t coe_details; /* ECR_SII_COE_xxx */
	uint8_t foe_details;
	uint8_t eoe_details;
	uint8_t flags; /* ECR_SII_FLAG_xxx */
	int16_t ebus_current_ma;
	uint16_t ports; /* four bits each, port 0 lowest: 0 none, ECR_SII_PORT_xxx */
	uint16_t identification_address;
};

/* coe_details */
#define ECR_SII_COE_SDO 0x01u
#define ECR_SII_COE_SDO_INFO 0x02u
#define ECR_SII_COE_PDO_ASSIGN 0x04u
#define ECR_SII_COE_PDO_CONFIG 0x08u
#define ECR_SII_COE_STARTUP_UPLOAD 0x10u
#define ECR_SII_COE_COMPLETE_ACCESS 0x20u
/* flags */
#define ECR_SII_FLAG_SAFEOP 0x01u
#define ECR_SII_FLAG_NOT_LRW 0x02u
#define ECR_SII_FLAG_MAILBOX_DATA_LINK 0x04u
#define ECR_SII_FLAG_IDENTIFY_BY_STATUS 0x08u
#define ECR_SII_FLAG_IDENTIFY_BY_MEMORY 0x10u

void ecr_sii_general(const struct ecr_sii *sii, struct ecr_sii_general *general);

struct ecr_sii_sm {
	uint16_t start;
	uint16_t length;
	uint8_t control;
	uint8_t status;
	uint8_t enable; /* bit 0 enable, 1 fixed content, 2 virtual, 3 operational only */
	uint8_t type;	/* 1 mailbox out, 2 mailbox in, 3 outputs, 4 inputs */
};

#define ECR_SII_SM_OP_ONLY 0x08u

/* False when there is no such entry. Repeated categories of a type are one sequence. */
bool ecr_sii_sm(const struct ecr_sii *sii, unsigned int number, struct ecr_sii_sm *sm);
#define ECR_SII_FMMU_OUTPUTS 1u
#define ECR_SII_FMMU_INPUTS 2u
#define ECR_SII_FMMU_MAILBOX 3u /* the mailbox's state */

bool ecr_sii_fmmu_usage(const struct ecr_sii *sii, unsigned int number, uint8_t *usage);

/* A PDO; repeated categories of a direction are one sequence. */
struct ecr_sii_pdo {
	uint16_t index;
	uint8_t entries; /* that are really there */
	uint8_t sm;	 /* 0xFF: not assigned */
	uint8_t sync;
	uint8_t name;
	uint16_t flags;
	uint16_t bits;			  /* of all entries */
	const uint8_t *first;		  /* entry */
	struct ecr_sii_category category; /* where the walk is */
	size_t next;
};

/* flags of a PDO (ETG.2010, table 14) */
#define ECR_SII_PDO_MANDATORY 0x0001u
#define ECR_SII_PDO_DEFAULT 0x0002u
#define ECR_SII_PDO_FIXED 0x0010u /* its entries cannot be changed */

struct ecr_sii_entry {
	uint16_t index; /* 0: padding */
	uint8_t subindex;
	uint8_t name;
	uint8_t data_type;
	uint8_t bits;
	uint16_t flags;
};

/* Start with a zeroed pdo. type: ECR_SII_TXPDO or ECR_SII_RXPDO. */
bool ecr_sii_next_pdo(const struct ecr_sii *sii, uint16_t type, struct ecr_sii_pdo *pdo);
bool ecr_sii_entry(const struct ecr_sii_pdo *pdo, unsigned int number, struct ecr_sii_entry *entry);

struct ecr_sii_dc {
	uint32_t cycle0_ns;
	int32_t shift0_ns;
	int32_t shift1_ns;
	int16_t sync1_factor;
	uint16_t assign_activate;
	int16_t sync0_factor;
	uint8_t name;
	uint8_t description;
};

bool ecr_sii_dc(const struct ecr_sii *sii, unsigned int number, struct ecr_sii_dc *dc);

#endif
