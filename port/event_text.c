/* SPDX-License-Identifier: Apache-2.0 */
/* What the numbers of an event mean, in words. */
#include <ecring/ecring.h>

#include "wire/al_status.h"

#include <stdio.h>

static int put_fault(const struct ecr_event *event, char *text, size_t size)
{
	if (event->to == ECR_FAULT_NONE)
		return snprintf(text, size, "none");
	return snprintf(text, size, "%s (%s)", ecr_fault_name((enum ecr_fault_kind)event->to),
			ecr_error_name(event->error));
}

/* `expected` and `actual` are how many slaves each port reaches, -1 not known yet. */
static int put_topology(const struct ecr_event *event, char *text, size_t size)
{
	if (!event->to)
		return snprintf(text, size, "whole");
	if ((int32_t)event->expected < 0 || (int32_t)event->actual < 0)
		return snprintf(text, size, "broken");
	return snprintf(text, size, "broken, %u and %u slaves", event->expected, event->actual);
}

static int put_error(const struct ecr_event *event, char *text, size_t size)
{
	const char *name = event->error ? ecr_error_name(event->error) : "";
	const char *step = event->text ? event->text : "";
	const char *between = *name && *step ? ", " : "";

	if (event->error == ECR_ERR_AL_ERROR && event->actual)
		return snprintf(text, size, "%s (0x%04x %s)%s%s", name, event->actual,
				ecr_al_code_name((uint16_t)event->actual), between, step);
	if (event->error == ECR_ERR_WKC_MISMATCH)
		return snprintf(text, size, "%s (%u wanted, %u came)%s%s", name, event->expected,
				event->actual, between, step);
	return snprintf(text, size, "%s%s%s", name, between, step);
}

int ecr_event_text(const struct ecr_event *event, char *text, size_t size)
{
	switch (event->kind) {
	case ECR_EVENT_STATE_CHANGED:
		return snprintf(text, size, "%s to %s", ecr_state_name((enum ecr_state)event->from),
				ecr_state_name((enum ecr_state)event->to));
	case ECR_EVENT_SLAVE_STATE_CHANGED:
		return snprintf(text, size, "%s", ecr_al_state_name((uint16_t)event->to));
	case ECR_EVENT_SLAVE_FAULT_CHANGED:
		return put_fault(event, text, size);
	case ECR_EVENT_BUS_TOPOLOGY:
		return put_topology(event, text, size);
	case ECR_EVENT_BUS_FRAME_DROPPED:
		return snprintf(text, size, "%s", ecr_drop_name((enum ecr_drop_reason)event->from));
	case ECR_EVENT_DC_LOCK_CHANGED:
		return snprintf(text, size, "%s to %s, %u ns apart",
				ecr_dc_lock_name((enum ecr_dc_lock_state)event->from),
				ecr_dc_lock_name((enum ecr_dc_lock_state)event->to), event->actual);
	case ECR_EVENT_DC_LOCK_DECISION:
		return snprintf(text, size, "%s",
				ecr_dc_decision_name((enum ecr_dc_decision)event->to));
	default:
		return put_error(event, text, size);
	}
}
