/* SPDX-License-Identifier: Apache-2.0 */
/* What is odd about a slave and no failure: told once, on standard error. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

struct cli_warnings cli_warnings_open(struct ecr_master *master)
{
	struct cli_warnings warnings = { .master = master };

	if (ecr_subscribe_events(master, ECR_EVENT_BIT(ECR_EVENT_SLAVE_WARNING),
				 &warnings.subscription))
		warnings.subscription = NULL;
	return warnings;
}

static bool told(const struct cli_warnings *warnings, const struct ecr_event *event)
{
	for (int i = 0; i < warnings->count && i < CLI_WARNINGS; i++) {
		const struct ecr_event *old = &warnings->events[i];

		if (old->slave == event->slave && strcmp(old->text, event->text) == 0 &&
		    old->expected == event->expected && old->actual == event->actual)
			return true;
	}
	return false;
}

/* Slaves are numbered in the order of the ring's summary. */
static void put(const struct cli_warnings *warnings, const struct ecr_event *event)
{
	static struct ecr_slave_summary slaves[CLI_SLAVES];
	int count = ecr_slaves(warnings->master, slaves, CLI_SLAVES);

	fprintf(stderr, "ecring: slave %s: %s",
		event->slave >= 0 && event->slave < count ? slaves[event->slave].name : "?",
		event->text);
	if (event->expected >= 0x1000 && event->actual <= UINT8_MAX)
		fprintf(stderr, ": object 0x%04x:0x%02x", event->expected, event->actual);
	fputc('\n', stderr);
}

void cli_warnings_tell(struct cli_warnings *warnings)
{
	struct ecr_event event;

	while (warnings->subscription &&
	       ecr_subscription_next(warnings->subscription, &event, NULL) == 1) {
		if (!event.text || told(warnings, &event))
			continue;
		put(warnings, &event);
		if (warnings->count < CLI_WARNINGS)
			warnings->events[warnings->count++] = event;
	}
}

void cli_warnings_close(struct cli_warnings *warnings)
{
	cli_warnings_tell(warnings);
	if (warnings->subscription)
		ecr_unsubscribe(warnings->subscription);
}
