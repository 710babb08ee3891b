/* SPDX-License-Identifier: Apache-2.0 */
/* States of the application layer, by their number on the wire (ETG.1000.6, 5.3). */
#ifndef ECRING_AL_H
#define ECRING_AL_H

#include <ecring/api.h>

#ifdef __cplusplus
extern "C" {
#endif

enum ecr_al_state {
	ECR_AL_NONE = 0,
	ECR_AL_INIT = 1,
	ECR_AL_PREOP = 2,
	ECR_AL_BOOT = 3,
	ECR_AL_SAFEOP = 4,
	ECR_AL_OP = 8,
};

/* "INIT", "PREOP", "BOOT", "SAFEOP", "OP"; "?" for anything else. Only the state bits of `state`
 * count. */
ECR_API const char *ecr_al_state_name(uint16_t state);

#ifdef __cplusplus
}
#endif
#endif
