/* SPDX-License-Identifier: Apache-2.0 */
/* AL status codes (ETG.1000.6, table 11; ETG.1020): what the standard calls them, and what usually
 * causes them. */
#ifndef ECR_WIRE_AL_STATUS_H
#define ECR_WIRE_AL_STATUS_H

#include <stdint.h>

/* Never NULL; "vendor specific" from 0x8000 on, "unknown" otherwise. */
const char *ecr_al_code_name(uint16_t code);
const char *ecr_al_code_cause(uint16_t code);

#endif
