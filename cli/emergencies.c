/* SPDX-License-Identifier: Apache-2.0 */
/* What slaves have to complain about, while the ring is held in PREOP. */
#define _POSIX_C_SOURCE 200809L
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROOM 1024
#define KEPT 16
#define USUAL ECR_S(1)

struct complaints {
	const struct cli_options *options;
	const struct cli_session *session;
	struct ecr_slave_summary slaves[ROOM];
	uint32_t seen[ROOM]; /* number of the last one shown */
	int slave_count;
	int shown;
	uint32_t lost; /* came and went between two looks */
	ecr_time began;
};

/* Classes of error codes (CiA 301, table of emergency error codes; ETG.1000.6, 5.6.4). */
static const char *class_of(uint16_t code)
{
	static const struct {
		uint8_t high;
		const char *name;
	} classes[] = { { 0x00, "no error any more" }, { 0x10, "generic" },
			{ 0x20, "current" },	       { 0x30, "voltage" },
			{ 0x40, "temperature" },       { 0x50, "hardware" },
			{ 0x60, "software" },	       { 0x70, "additional modules" },
			{ 0x80, "monitoring" },	       { 0x90, "external" },
			{ 0xA0, "state machine" },     { 0xF0, "additional functions" } };

	if (code >> 8 == 0xFF)
		return "device specific";
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if ((code >> 8 & 0xF0) == classes[i].high)
			return classes[i].name;
	return "unknown";
}

static void put(struct complaints *complaints, const struct ecr_slave_summary *slave,
		const struct ecr_emergency *emergency)
{
	double at = (double)(emergency->at - complaints->began) / 1e9;
	bool json = complaints->options->json;

	if (json)
		printf("%s{\"position\":%d,\"time\":%.6f,\"code\":%d,\"class\":\"%s\","
		       "\"register\":%d,\"data\":\"",
		       complaints->shown ? "," : "", slave->position, at, emergency->code,
		       class_of(emergency->code), emergency->error_register);
	else
		printf("%8.3f s  position %d  code 0x%04x (%s)  register 0x%02x  data", at,
		       slave->position, emergency->code, class_of(emergency->code),
		       emergency->error_register);
	for (int i = 0; i < 5; i++)
		printf(json ? "%02x" : " %02x", emergency->data[i]);
	printf(json ? "\"}" : "\n");
	complaints->shown++;
}

/* More came than are kept until the next look. */
static void tell_lost(struct complaints *complaints, const struct ecr_slave_summary *slave,
		      uint32_t count)
{
	complaints->lost += count;
	if (count && !complaints->options->json)
		printf("            position %d  %u more that nobody kept\n", slave->position,
		       count);
}

static void look(struct complaints *complaints)
{
	struct ecr_emergency kept[KEPT];

	for (int i = 0; i < complaints->slave_count; i++) {
		const struct ecr_slave_summary *slave = &complaints->slaves[i];
		int count;

		if (complaints->options->slave >= 0 &&
		    slave->position != complaints->options->slave)
			continue;
		count = ecr_emergencies(complaints->session->master, slave->name, kept, KEPT);
		for (int k = 0; k < count && k < KEPT; k++) {
			if (kept[k].number <= complaints->seen[i])
				continue;
			tell_lost(complaints, slave, kept[k].number - complaints->seen[i] - 1);
			complaints->seen[i] = kept[k].number;
			put(complaints, slave, &kept[k]);
		}
	}
	fflush(stdout);
}

static void watch(struct complaints *complaints)
{
	const struct cli_options *options = complaints->options;
	ecr_time end = ecr_now() + (options->duration ? options->duration : USUAL);
	struct timespec pause = { 0, 10000000 };

	complaints->began = ecr_now();
	complaints->slave_count = ecr_slaves(complaints->session->master, complaints->slaves, ROOM);
	if (complaints->slave_count > ROOM)
		complaints->slave_count = ROOM;
	if (options->json)
		printf("{\"emergencies\":[");
	while (!cli_interrupted() && ecr_now() < end) {
		nanosleep(&pause, NULL);
		look(complaints);
	}
	if (options->json)
		printf("],\"lost\":%u}\n", complaints->lost);
	else if (!complaints->shown)
		printf("no emergency\n");
}

int cli_emergencies(const struct cli_options *options)
{
	struct complaints *complaints = calloc(1, sizeof(*complaints));
	struct cli_session session;
	int result;

	if (!complaints)
		return CLI_SYSTEM;
	result = cli_session_open("emergencies", options, &session);
	complaints->options = options;
	complaints->session = &session;
	if (!result)
		watch(complaints);
	cli_session_close(&session);
	free(complaints);
	return result;
}
