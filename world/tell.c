/* SPDX-License-Identifier: Apache-2.0 */
/* What a world says of itself: its lines, its hash, and the first complaint, which ends it. */
#include "world/inner.h"

#include <stdarg.h>
#include <stdio.h>

void world_mix(struct world *world, uint64_t value)
{
	world->hash = (world->hash ^ value) * 0x9E3779B97F4A7C15u;
	world->hash ^= world->hash >> 29;
}

void world_say(struct world *world, const char *format, ...)
{
	char text[360];
	char line[400];
	va_list arguments;

	if (!world->options->tell)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	snprintf(line, sizeof(line), "%10.3f ms %s", (double)(world->ring.now - world->began) / 1e6,
		 text);
	world->options->tell(world->options->context, line);
}

void world_complain(struct world *world, const char *format, ...)
{
	va_list arguments;

	if (world->result->failed)
		return;
	world->result->failed = true;
	world->result->checker = format;
	world->result->at = world->ring.now - world->began;
	va_start(arguments, format);
	vsnprintf(world->result->complaint, sizeof(world->result->complaint), format, arguments);
	va_end(arguments);
	world_say(world, "** %s", world->result->complaint);
	world->ring.broken = true;
}

void world_tell_event(struct world *world, const struct ecr_event *event)
{
	const char *slave = event->slave >= 0 && event->slave < world->plan.count
				    ? world->plan.names[event->slave]
				    : "";
	const char *domain = event->domain >= 0 && event->domain < world->plan.domain_count
				     ? world->plan.domains[event->domain].id
				     : "";

	char text[120];

	ecr_event_text(event, text, sizeof(text));
	if (event->kind == ECR_EVENT_STATE_CHANGED)
		world_say(world, "%s", ecr_state_name((enum ecr_state)event->to));
	else
		world_say(world, "   %s%s%s%s%s%s", ecr_event_name(event->kind),
			  *slave || *domain ? " of " : "", slave, domain, *text ? ": " : "", text);
}
