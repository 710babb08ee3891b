/* SPDX-License-Identifier: Apache-2.0 */
/* AL status codes (ETG.1000.6, table 11; ETG.1020): what the standard calls them, and what usually
 * causes them. */
#ifndef ECR_WIRE_AL_STATUS_H
#define ECR_WIRE_AL_STATUS_H

#include <stdint.h>

enum ecr_al_code {
	ECR_AL_CODE_INVALID_CHANGE = 0x0011,
	ECR_AL_CODE_UNKNOWN_STATE = 0x0012,
	ECR_AL_CODE_NO_BOOTSTRAP = 0x0013,
	ECR_AL_CODE_MAILBOX_BOOT = 0x0015,
	ECR_AL_CODE_MAILBOX_PREOP = 0x0016,
	ECR_AL_CODE_SYNC = 0x001A,
	ECR_AL_CODE_WATCHDOG = 0x001B,
	ECR_AL_CODE_OUTPUTS = 0x001D,
	ECR_AL_CODE_INPUTS = 0x001E,
	ECR_AL_CODE_INPUT_MAPPING = 0x0024,
	ECR_AL_CODE_OUTPUT_MAPPING = 0x0025,
	ECR_AL_CODE_FATAL_SYNC = 0x002C,
	ECR_AL_CODE_NO_SYNC = 0x002D,
	ECR_AL_CODE_SYNC_CONFIGURATION = 0x0030,
	ECR_AL_CODE_SYNC_CYCLE = 0x0035,
};

/* Never NULL; "vendor specific" from 0x8000 on, "unknown" otherwise. */
const char *ecr_al_code_name(uint16_t code);
const char *ecr_al_code_cause(uint16_t code);

#endif
