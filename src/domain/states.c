/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/states.h"

#define STATES (ECR_DOMAIN_STOPPED + 1)
#define TO(state) ((state) + 1) /* 0: no such event */

static const uint8_t next_state[STATES][ECR_DOMAIN_EVENT_COUNT] = {
	[ECR_DOMAIN_OPEN] = {
		[ECR_DOMAIN_ON_START] = TO(ECR_DOMAIN_CYCLING),
	},
	[ECR_DOMAIN_CYCLING] = {
		[ECR_DOMAIN_ON_STOP] = TO(ECR_DOMAIN_STOPPED),
		[ECR_DOMAIN_ON_MISSED] = TO(ECR_DOMAIN_STOPPED),
		[ECR_DOMAIN_ON_FORGET] = TO(ECR_DOMAIN_OPEN),
	},
	[ECR_DOMAIN_STOPPED] = {
		[ECR_DOMAIN_ON_START] = TO(ECR_DOMAIN_CYCLING),
		[ECR_DOMAIN_ON_FORGET] = TO(ECR_DOMAIN_OPEN),
	},
};

enum ecr_domain_state ecr_domain_next(enum ecr_domain_state state, enum ecr_domain_event event)
{
	uint8_t next = next_state[state][event];

	return next ? (enum ecr_domain_state)(next - 1) : state;
}

const char *ecr_domain_event_text(enum ecr_domain_event event)
{
	static const char *const texts[] = {
#define ECR_DOMAIN_TEXT(symbol, text) text,
		ECR_DOMAIN_EVENTS(ECR_DOMAIN_TEXT)
#undef ECR_DOMAIN_TEXT
	};

	return texts[event];
}
