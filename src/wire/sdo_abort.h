/* SPDX-License-Identifier: Apache-2.0 */
/* SDO abort codes (ETG.1000.6, table 41). */
#ifndef ECR_WIRE_SDO_ABORT_H
#define ECR_WIRE_SDO_ABORT_H

#include <stdint.h>

/* X(code, symbol, text) */
#define ECR_SDO_ABORTS(X) \
	X(0x05030000u, TOGGLE, "the toggle bit did not change") \
	X(0x05040000u, TIMEOUT, "the SDO protocol timed out") \
	X(0x05040001u, COMMAND, "the command specifier is not valid or unknown") \
	X(0x05040005u, OUT_OF_MEMORY, "out of memory") \
	X(0x06010000u, UNSUPPORTED_ACCESS, "this access to the object is not supported") \
	X(0x06010001u, WRITE_ONLY, "the object can only be written") \
	X(0x06010002u, READ_ONLY, "the object can only be read") \
	X(0x06010003u, SUBINDEX_ZERO, "entries can be written only while subindex 0 is 0") \
	X(0x06010004u, NO_COMPLETE_ACCESS, "complete access is not supported for this object") \
	X(0x06010005u, MAILBOX_EXCEEDED, "the object is longer than the mailbox") \
	X(0x06010006u, MAPPED, "the object is mapped to a receive PDO: writing is blocked") \
	X(0x06020000u, NO_OBJECT, "the object does not exist in the dictionary") \
	X(0x06040041u, NOT_MAPPABLE, "the object cannot be mapped into a PDO") \
	X(0x06040042u, PDO_LENGTH, "the mapped objects would be longer than the PDO") \
	X(0x06040043u, INCOMPATIBLE_PARAMETER, "the parameters are incompatible") \
	X(0x06040047u, INCOMPATIBLE_DEVICE, "the device is internally incompatible with this") \
	X(0x06060000u, HARDWARE, "the access failed because of a hardware error") \
	X(0x06070010u, LENGTH, "the length of the data does not fit the object") \
	X(0x06070012u, TOO_LONG, "the data are longer than the object") \
	X(0x06070013u, TOO_SHORT, "the data are shorter than the object") \
	X(0x06090011u, NO_SUBINDEX, "the subindex does not exist") \
	X(0x06090030u, VALUE_RANGE, "the value is outside the object's range") \
	X(0x06090031u, VALUE_TOO_HIGH, "the value is too high") \
	X(0x06090032u, VALUE_TOO_LOW, "the value is too low") \
	X(0x06090033u, MODULE_LIST, "the configured module list differs from the detected one") \
	X(0x06090036u, MAXIMUM_BELOW_MINIMUM, "the maximum is less than the minimum") \
	X(0x08000000u, GENERAL, "general error") \
	X(0x08000020u, CANNOT_TRANSFER, "the data cannot be transferred or stored") \
	X(0x08000021u, LOCAL_CONTROL, "the data cannot be stored because of local control") \
	X(0x08000022u, DEVICE_STATE, "the data cannot be stored in the device's present state") \
	X(0x08000023u, NO_DICTIONARY, "the dictionary could not be generated or is not there")

enum ecr_sdo_abort {
#define ECR_SDO_ABORT_ENUM(code, symbol, text) ECR_SDO_ABORT_##symbol = (int)(code),
	ECR_SDO_ABORTS(ECR_SDO_ABORT_ENUM)
#undef ECR_SDO_ABORT_ENUM
};

#endif
