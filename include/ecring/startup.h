/* SPDX-License-Identifier: Apache-2.0 */
/* What is written to a slave's objects before it operates: single values, and its PDOs. */
#ifndef ECRING_STARTUP_H
#define ECRING_STARTUP_H

#include <ecring/api.h>

#ifdef __cplusplus
extern "C" {
#endif

/* When an object is written. */
enum ecr_sdo_when {
	ECR_AT_PREOP, /* as soon as PREOP is reached, before the PDOs are looked at */
	ECR_AT_PS,    /* before SAFEOP is asked for */
	ECR_AT_SO,    /* before OP is asked for */
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
};

#define ECR_SDO_COMPLETE 1u /* flags: complete access, from subindex 0 or 1 on, */
#define ECR_SDO_COMPARE 2u  /* reads it back: COMPARE_FAILED when it is another value */

struct ecr_sdo_write {
	uint16_t index; /* a list ends with index 0 */
	uint8_t subindex;
	uint8_t flags;
	enum ecr_sdo_when when;
	enum ecr_sdo_value type;
	uint64_t value;	  /* of the integers, signed ones as two's complement */
	double real;	  /* of F32 and F64 */
	const void *data; /* of BYTES, little-endian as on the wire */
	size_t size;
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
