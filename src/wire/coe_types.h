/* SPDX-License-Identifier: Apache-2.0 */
/* Data types of the object dictionary (ETG.1000.6, 5.6.7.3; ETG.1020): number, bits, name. */
#ifndef ECR_WIRE_COE_TYPES_H
#define ECR_WIRE_COE_TYPES_H

#include <stdint.h>

/* X(number, symbol, bits), bits 0: of any length. The symbol is the standard's name. */
#define ECR_COE_TYPES(X) \
	X(0x0001, BOOLEAN, 1) \
	X(0x0002, INTEGER8, 8) \
	X(0x0003, INTEGER16, 16) \
	X(0x0004, INTEGER32, 32) \
	X(0x0005, UNSIGNED8, 8) \
	X(0x0006, UNSIGNED16, 16) \
	X(0x0007, UNSIGNED32, 32) \
	X(0x0008, REAL32, 32) \
	X(0x0009, VISIBLE_STRING, 0) \
	X(0x000A, OCTET_STRING, 0) \
	X(0x000B, UNICODE_STRING, 0) \
	X(0x000C, TIME_OF_DAY, 48) \
	X(0x000D, TIME_DIFFERENCE, 48) \
	X(0x000F, DOMAIN, 0) \
	X(0x0010, INTEGER24, 24) \
	X(0x0011, REAL64, 64) \
	X(0x0012, INTEGER40, 40) \
	X(0x0013, INTEGER48, 48) \
	X(0x0014, INTEGER56, 56) \
	X(0x0015, INTEGER64, 64) \
	X(0x0016, UNSIGNED24, 24) \
	X(0x0018, UNSIGNED40, 40) \
	X(0x0019, UNSIGNED48, 48) \
	X(0x001A, UNSIGNED56, 56) \
	X(0x001B, UNSIGNED64, 64) \
	X(0x001D, GUID, 128) \
	X(0x001E, BYTE, 8) \
	X(0x001F, WORD, 16) \
	X(0x0020, DWORD, 32) \
	X(0x0021, PDO_MAPPING, 0) \
	X(0x0023, IDENTITY, 0) \
	X(0x0025, COMMAND_PAR, 0) \
	X(0x0027, PDO_PARAMETER, 0) \
	X(0x0028, ENUM, 0) \
	X(0x0029, SYNC_PAR, 0) \
	X(0x002A, RECORD, 0) \
	X(0x002B, BACKUP_PARAMETER, 0) \
	X(0x002C, MODULAR_DEVICE_PROFILE, 0) \
	X(0x002D, BITARR8, 8) \
	X(0x002E, BITARR16, 16) \
	X(0x002F, BITARR32, 32) \
	X(0x0030, BIT1, 1) \
	X(0x0031, BIT2, 2) \
	X(0x0032, BIT3, 3) \
	X(0x0033, BIT4, 4) \
	X(0x0034, BIT5, 5) \
	X(0x0035, BIT6, 6) \
	X(0x0036, BIT7, 7) \
	X(0x0037, BIT8, 8) \
	X(0x0281, ERROR_SETTING, 0) \
	X(0x0282, DIAGNOSIS_HISTORY, 0)

enum ecr_coe_type {
#define ECR_COE_TYPE_ENUM(number, symbol, bits) ECR_COE_TYPE_##symbol = (number),
	ECR_COE_TYPES(ECR_COE_TYPE_ENUM)
#undef ECR_COE_TYPE_ENUM
};

/* 0: of any length, or unknown. The name is <ecring/coe.h>'s ecr_coe_type_name. */
uint16_t ecr_coe_type_bits(uint16_t data_type);

#endif
