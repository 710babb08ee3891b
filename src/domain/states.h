/* SPDX-License-Identifier: Apache-2.0 */
/* The states of a domain as a table; an event that a state does not know leaves it. */
#ifndef ECR_DOMAIN_STATES_H
#define ECR_DOMAIN_STATES_H

#include <ecring/info.h>

/* X(symbol, text for the diagram) */
#define ECR_DOMAIN_EVENTS(X) \
	X(START, "cycling starts") \
	X(STOP, "cycling is stopped") \
	X(MISSED, "too many cycles lost in a row") \
	X(FORGET, "its layout is given up")

enum ecr_domain_event {
#define ECR_DOMAIN_EVENT_ENUM(symbol, text) ECR_DOMAIN_ON_##symbol,
	ECR_DOMAIN_EVENTS(ECR_DOMAIN_EVENT_ENUM)
#undef ECR_DOMAIN_EVENT_ENUM
		ECR_DOMAIN_EVENT_COUNT
};

enum ecr_domain_state ecr_domain_next(enum ecr_domain_state state, enum ecr_domain_event event);
const char *ecr_domain_event_text(enum ecr_domain_event event);

#endif
