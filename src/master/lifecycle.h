/* SPDX-License-Identifier: Apache-2.0 */
/* The public lifecycle as a table: state and event give the next state, 0 where the state has no
 * such event. */
#ifndef ECR_MASTER_LIFECYCLE_H
#define ECR_MASTER_LIFECYCLE_H

#include <ecring/info.h>

/* X(symbol, text for the diagram) */
#define ECR_LIFECYCLE_EVENTS(X) \
	X(START, "start") \
	X(SLAVES_STARTED, "slaves found, on their way to PREOP") \
	X(SETTLED_PREOP, "settled in PREOP") \
	X(SETTLED_SAFEOP, "settled in SAFEOP") \
	X(SETTLED_OP, "settled in OP") \
	X(BLOCKED, "target not reached") \
	X(FAULT, "critical runtime fault") \
	X(ENDED, "stop, or the session failed")

enum ecr_lifecycle_event {
#define ECR_LIFECYCLE_ENUM(symbol, text) ECR_LIFE_##symbol,
	ECR_LIFECYCLE_EVENTS(ECR_LIFECYCLE_ENUM)
#undef ECR_LIFECYCLE_ENUM
		ECR_LIFE_COUNT
};

/* ECR_STATE_NONE_: no such transition. */
enum ecr_state ecr_lifecycle_next(enum ecr_state state, enum ecr_lifecycle_event event);
const char *ecr_lifecycle_event_text(enum ecr_lifecycle_event event);

#endif
