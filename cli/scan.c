/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>

#define ROOM 4096
#define DC_FEATURE 4u

static const char *ports_of(const struct ecr_scan_slave *slave, char text[8])
{
	int used = 0;

	for (unsigned int port = 0; port < 4; port++)
		if (slave->dl_status & (0x10u << port))
			text[used++] = (char)('0' + port);
	text[used] = '\0';
	return text;
}

static void print_text(const struct ecr_scan_slave *slaves, int count)
{
	char ports[8];

	printf("pos  station  alias  state    ports  FMMU  SM  DC   vendor      product     "
	       "revision    name\n");
	for (int i = 0; i < count; i++) {
		const struct ecr_scan_slave *slave = &slaves[i];

		if (!slave->answered) {
			printf("%3d  counted, but its registers could not be read\n", i);
			continue;
		}
		printf("%3d  0x%04x  %5d  %-6s%s  %-5s  %4d  %2d  %-3s", slave->position,
		       slave->station, slave->alias, ecr_al_state_name(slave->al_status),
		       slave->al_status & 0x10 ? "!" : " ", ports_of(slave, ports), slave->fmmus,
		       slave->sms, slave->features & DC_FEATURE ? "yes" : "no");
		if (slave->identity_known)
			printf("  0x%08x  0x%08x  0x%08x  %s", slave->identity.vendor,
			       slave->identity.product, slave->identity.revision, slave->name);
		printf("\n");
	}
}

static void print_json(const struct ecr_scan_slave *slaves, int count, bool registers_only)
{
	char ports[8];

	printf("{\"registers_only\":%s,\"slaves\":[", registers_only ? "true" : "false");
	for (int i = 0; i < count; i++) {
		const struct ecr_scan_slave *slave = &slaves[i];

		if (!slave->answered) {
			printf("%s{\"position\":%d,\"answered\":false}", i ? "," : "", i);
			continue;
		}
		printf("%s{\"position\":%d,\"answered\":true,\"station\":%d,\"alias\":%d,\"al_"
		       "state\":\"%s\",\"al_"
		       "error\":%s,\"al_status_code\":%d,"
		       "\"ports\":\"%s\",\"fmmus\":%d,\"sync_managers\":%d,\"dc\":%s",
		       i ? "," : "", slave->position, slave->station, slave->alias,
		       ecr_al_state_name(slave->al_status),
		       slave->al_status & 0x10 ? "true" : "false", slave->al_code,
		       ports_of(slave, ports), slave->fmmus, slave->sms,
		       slave->features & DC_FEATURE ? "true" : "false");
		if (slave->identity_known) {
			printf(",\"vendor\":%u,\"product\":%u,\"revision\":%u,\"serial\":%u,"
			       "\"name\":",
			       slave->identity.vendor, slave->identity.product,
			       slave->identity.revision, slave->identity.serial);
			cli_json_string(slave->name);
		}
		printf("}");
	}
	printf("]}\n");
}

int cli_scan(const struct cli_options *options)
{
	struct ecr_scan_slave *slaves = calloc(ROOM, sizeof(*slaves));
	bool registers_only;
	char text[200] = "";
	int count;

	if (!options->interface || !slaves) {
		fprintf(stderr, "ecring scan: -i IF is missing\n");
		free(slaves);
		return CLI_USAGE;
	}
	count = ecr_scan(options->interface, slaves, ROOM, &registers_only, text, sizeof(text));
	if (count < 0) {
		fprintf(stderr, "ecring scan: %s: %s\n  try: %s\n", text, ecr_error_name(count),
			ecr_error_hint(count));
		free(slaves);
		return CLI_SYSTEM;
	}
	if (options->json)
		print_json(slaves, count < ROOM ? count : ROOM, registers_only);
	else
		print_text(slaves, count < ROOM ? count : ROOM);
	if (registers_only)
		fprintf(stderr, "the ring is cycling: only registers were read\n");
	free(slaves);
	return CLI_OK;
}
