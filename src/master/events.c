/* SPDX-License-Identifier: Apache-2.0 */
/* Records on their way out: events in a bounded ring, then requests that have completed. */
#include "master/master.h"

void ecr_core_note(struct ecr_core *core, const struct ecr_event *event)
{
	struct ecr_event *place;
	uint32_t number;

	/* The last places are kept for what a port must not miss. */
	if (core->event_count + 16 >= core->event_room && event->kind != ECR_EVENT_MEMORY_NEEDED &&
	    event->kind != ECR_EVENT_STATE_CHANGED) {
		core->events_lost++;
		return;
	}
	if (core->event_count == core->event_room) {
		core->events_lost++;
		return;
	}
	number = core->event_first + core->event_count++;
	place = &core->events[number < core->event_room ? number : number - core->event_room];
	*place = *event;
	if (!place->at)
		place->at = core->now;
}

void ecr_core_complete(struct ecr_core *core, struct ecr_request *request, int result)
{
	request->result = result;
	request->next = NULL;
	*core->completed_tail = request;
	core->completed_tail = &request->next;
}

bool ecr_core_event(struct ecr_core *core, struct ecr_event *event)
{
	struct ecr_request *request = core->completed;

	if (core->event_count) {
		*event = core->events[core->event_first];
		core->event_count--;
		if (++core->event_first == core->event_room || !core->event_count)
			core->event_first = 0;
		return true;
	}
	if (!request)
		return false;
	core->completed = request->next;
	if (!core->completed)
		core->completed_tail = &core->completed;
	*event = (struct ecr_event){ .kind = ECR_EVENT_REQUEST_COMPLETED,
				     .at = core->now,
				     .slave = -1,
				     .domain = -1,
				     .error = request->result < 0 ? request->result : 0,
				     .request = request };
	return true;
}
