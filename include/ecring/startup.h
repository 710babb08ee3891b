/* SPDX-License-Identifier: Apache-2.0 */
/* What is written to a slave's objects before it operates: single values, and its PDOs. */
#ifndef ECRING_STARTUP_H
#define ECRING_STARTUP_H

#include <ecring/api.h>

#ifdef __cplusplus
extern "C" {
#endif

/* When an object is written: at a transition by its letters in ETG.1020 and in ESI files. */
enum ecr_sdo_when {
	ECR_AT_PREOP, /* as soon as PREOP is reached, before the PDOs are looked at */
	ECR_AT_PS,    /* before SAFEOP is asked for */
	ECR_AT_SO,    /* before OP is asked for */
	/* Before the session takes the slave down to SAFEOP or PREOP; not at its end, which is INIT at
	 * once. A failure is told (SLAVE_WARNING) and does not keep the slave up. */
	ECR_AT_OS, /* before leaving OP */
	ECR_AT_SP, /* before leaving SAFEOP for PREOP */
	ECR_AT_IP = ECR_AT_PREOP,
};

enum ecr_sdo_value {
	ECR_SDO_BYTES, /* data and size */
	ECR_SDO_U8,
	ECR_SDO_U16,
	ECR_SDO_U32,
	ECR_SDO_U64,
	ECR_SDO_I8,
	ECR_SDO_I16,
	ECR_SDO_I32,
	ECR_SDO_I64,
	ECR_SDO_F32,
	ECR_SDO_F64,
	ECR_SDO_BOOL,	/* value: 0, or anything else for 1; a byte */
	ECR_SDO_STRING, /* data: a text, sent without its terminator */
};

/* Flags. Complete access, from subindex 0 or 1 on; the data as it has them. A slave that refuses it in a
 * startup list gets entry by entry. */
#define ECR_SDO_COMPLETE 1u
#define ECR_SDO_COMPARE 2u /* reads it back: COMPARE_FAILED when it is another value */
/* An object that is not there or only read is left out, and told (SLAVE_WARNING) unless it has the value
 * already. In a startup list. */
#define ECR_SDO_IF_ALLOWED 4u

struct ecr_sdo_write {
	uint16_t index; /* a list ends with index 0 */
	uint8_t subindex;
	uint8_t flags;
	enum ecr_sdo_when when;
	enum ecr_sdo_value type;
	uint64_t value;	  /* of BOOL and the integers, signed ones as two's complement */
	double real;	  /* of F32 and F64 */
	const void *data; /* of BYTES, little-endian as on the wire, and of STRING */
	size_t size;	  /* of BYTES */
};

/* The objects mapped into a PDO. */
struct ecr_pdo_mapped {
	uint16_t index; /* 0: a gap */
	uint8_t subindex;
	uint8_t bits; /* a list ends with 0 bits */
};

/* PDOs wanted in a SyncManager, in their order. A SyncManager that is not named stays as it is. */
struct ecr_pdo_wanted {
	uint8_t sm;
	uint16_t pdo; /* ECR_PDO_NONE: the SyncManager has no PDO; a list ends with 0 */
	const struct ecr_pdo_mapped *mapped; /* NULL: as the device has it */
};

#define ECR_PDO_NONE 0xFFFFu

/* What a device's description (ESI) says of a PDO beside its EEPROM; a list ends with PDO 0. */
struct ecr_pdo_rule {
	uint16_t pdo;
	uint16_t excludes; /* another PDO that is not assigned beside it; 0: none */
	bool mandatory;	   /* must be assigned */
};

#ifdef __cplusplus
}
#endif
#endif
