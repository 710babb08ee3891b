/* SPDX-License-Identifier: Apache-2.0 */
/* What the core knows of cables, and a sentence about each. */
#include "port/clock.h"
#include "port/session.h"
#include "wire/al_status.h"

#include <ecring/diag.h>

#include <stdio.h>
#include <string.h>

static int ask(struct ecr_master *master, struct ecr_request request)
{
	struct port_call call = { .request = request };

	return port_call(master, &call);
}

int ecr_links(struct ecr_master *master, struct ecr_link_report *links, int room)
{
	return ask(master,
		   (struct ecr_request){ .kind = ECR_REQUEST_LINKS, .out = links, .room = room });
}

int ecr_loose_ends(struct ecr_master *master, struct ecr_link_report *ends, int room)
{
	return ask(master, (struct ecr_request){
				   .kind = ECR_REQUEST_LOOSE_ENDS, .out = ends, .room = room });
}

int ecr_al_history(struct ecr_master *master, const char *slave, struct ecr_al_entry *entries,
		   int room)
{
	return ask(master, (struct ecr_request){ .kind = ECR_REQUEST_AL_HISTORY,
						 .name = slave,
						 .out = entries,
						 .room = room });
}

int ecr_suspects(struct ecr_master *master, const char *domain, struct ecr_suspect *suspects,
		 int room)
{
	return ask(master, (struct ecr_request){ .kind = ECR_REQUEST_SUSPECTS,
						 .name = domain,
						 .out = suspects,
						 .room = room });
}

int ecr_differences(struct ecr_master *master, struct ecr_difference *differences, int room)
{
	return ask(master, (struct ecr_request){ .kind = ECR_REQUEST_DIFFERENCES,
						 .out = differences,
						 .room = room });
}

void ecr_difference_text(const struct ecr_difference *difference, char *text, size_t size)
{
	const struct ecr_difference *d = difference;

	switch (d->kind) {
	case ECR_DIFFERENCE_MISSING:
		snprintf(text, size, "%s, configured at position %d, is missing", d->slave,
			 d->position);
		break;
	case ECR_DIFFERENCE_ADDED:
		snprintf(text, size, "who stands at position %d is not configured", d->position);
		break;
	case ECR_DIFFERENCE_MOVED:
		snprintf(text, size, "%s (%d) stands behind %s, configured behind %s", d->slave,
			 d->position, d->what, d->other);
		break;
	case ECR_DIFFERENCE_IDENTITY:
		snprintf(text, size, "%s (%d): %s %u wanted, %u found%s%s%s", d->slave, d->position,
			 d->what, d->expected, d->actual, d->other[0] ? ", which is " : "",
			 d->other, d->other[0] ? "'s" : "");
		break;
	case ECR_DIFFERENCE_GUESSED:
		snprintf(text, size, "%s (%d) may as well be %s: nothing tells them apart",
			 d->slave, d->position, d->other);
		break;
	default:
		snprintf(text, size, "%s (%d): IN and OUT are exchanged, it is entered at port %u",
			 d->slave, d->position, d->actual);
		break;
	}
}

static void fill_record(struct ecr_master *master, struct port_call *call)
{
	call->request.result = master->recorder ? 0 : ECR_ERR_INVALID_OPTIONS;
	if (master->recorder)
		port_recorder_info(master->recorder, call->argument);
}

int ecr_record_info(struct ecr_master *master, struct ecr_record_info *info)
{
	struct port_call call = { .run = fill_record, .argument = info };

	return port_call(master, &call);
}

static void record_now(struct ecr_master *master, struct port_call *call)
{
	call->request.result = master->recorder ? 0 : ECR_ERR_INVALID_OPTIONS;
	if (master->recorder)
		call->request.result =
			port_recorder_trigger(master->recorder, *(const ecr_time *)call->argument);
}

int ecr_record_now(struct ecr_master *master)
{
	ecr_time now = port_now();
	struct port_call call = { .run = record_now, .argument = &now };

	return port_call(master, &call);
}

const char *ecr_al_code_text(uint16_t code)
{
	return ecr_al_code_name(code);
}

static void end_name(char *to, size_t size, const char *name, int position, unsigned int port)
{
	if (!name[0])
		snprintf(to, size, "nobody");
	else if (position < 0)
		snprintf(to, size, "the master%s", port ? "'s second port" : "");
	else
		snprintf(to, size, "%s (%d) port %u", name, position, port);
}

bool ecr_link_text(const struct ecr_link_report *link, char *text, size_t size)
{
	const struct ecr_port_errors *a = &link->at_from;
	const struct ecr_port_errors *b = &link->at_to;
	uint32_t errors = a->crc + a->physical + b->crc + b->physical;
	uint32_t lost = a->lost_links > b->lost_links ? a->lost_links : b->lost_links;
	char from[ECR_NAME_SIZE + 32];
	char to[ECR_NAME_SIZE + 32];
	int used;

	text[0] = '\0';
	if (!errors && !lost && !link->swapped)
		return false;
	end_name(from, sizeof(from), link->from_name, link->from, link->from_port);
	end_name(to, sizeof(to), link->to_name, link->to, link->to_port);
	used = snprintf(text, size, "between %s and %s:", from, to);
	if (errors && used > 0 && (size_t)used < size)
		used += snprintf(text + used, size - (size_t)used,
				 " %u CRC errors in 60 s, %u in all;", a->recent + b->recent,
				 errors);
	if (lost && used > 0 && (size_t)used < size)
		used += snprintf(text + used, size - (size_t)used, " link lost %u times;", lost);
	if (link->swapped && used > 0 && (size_t)used < size)
		snprintf(text + used, size - (size_t)used, " IN and OUT are exchanged;");
	text[strlen(text) - 1] = '\0'; /* without the last mark */
	return true;
}
