/* SPDX-License-Identifier: Apache-2.0 */
/* What a slave exchanges cyclically: by its own objects where it has them, else by its EEPROM. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM 4096
#define SMS 16
#define NO_SM 0xFF

struct listing {
	const struct ecr_pdo_info *entries;
	int count;
};

static bool by_objects(const struct listing *listing, uint8_t sm)
{
	for (int i = 0; i < listing->count; i++)
		if (listing->entries[i].source == ECR_PDO_OF_COE && listing->entries[i].sm == sm)
			return true;
	return false;
}

static bool new_pdo(const struct listing *listing, int i)
{
	const struct ecr_pdo_info *info = &listing->entries[i];

	return i == 0 || info[-1].pdo != info->pdo || info[-1].source != info->source ||
	       info[-1].sm != info->sm;
}

static const char *kind_of(const struct ecr_pdo_info *info)
{
	return info->direction == ECR_OUTPUT ? "RxPDO" : "TxPDO";
}

static void put_sm(const struct listing *listing, uint8_t sm)
{
	enum ecr_pdo_source source = by_objects(listing, sm) ? ECR_PDO_OF_COE : ECR_PDO_OF_SII;
	bool head = false;

	for (int i = 0; i < listing->count; i++) {
		const struct ecr_pdo_info *info = &listing->entries[i];

		if (info->sm != sm || info->source != source)
			continue;
		if (!head)
			printf("SM%d: %s, by the %s\n", sm,
			       info->direction == ECR_OUTPUT ? "outputs" : "inputs",
			       source == ECR_PDO_OF_COE ? "slave's objects" : "EEPROM");
		head = true;
		if (new_pdo(listing, i))
			printf("  %s 0x%04x \"%s\"\n", kind_of(info), info->pdo, info->pdo_name);
		if (info->bits)
			printf("    PDO entry 0x%04x:%02x, %2d bit, \"%s\"\n", info->index,
			       info->subindex, info->bits, info->name);
	}
}

static bool assigned(const struct listing *listing, const struct ecr_pdo_info *info,
		     enum ecr_pdo_source source)
{
	for (int i = 0; i < listing->count; i++)
		if (listing->entries[i].source == source && listing->entries[i].pdo == info->pdo &&
		    listing->entries[i].sm == info->sm)
			return true;
	return false;
}

/* Where the objects assign something else than the EEPROM, both are named. */
static void put_differences(const struct listing *listing)
{
	for (int i = 0; i < listing->count; i++) {
		const struct ecr_pdo_info *info = &listing->entries[i];
		bool coe = info->source == ECR_PDO_OF_COE;

		if (!new_pdo(listing, i) || info->sm == NO_SM || !by_objects(listing, info->sm) ||
		    assigned(listing, info, coe ? ECR_PDO_OF_SII : ECR_PDO_OF_COE))
			continue;
		printf("SM%d: only the %s %s 0x%04x\n", info->sm,
		       coe ? "slave's objects assign" : "EEPROM assigns", kind_of(info), info->pdo);
	}
}

static void put_free(const struct listing *listing)
{
	for (int i = 0; i < listing->count; i++) {
		const struct ecr_pdo_info *info = &listing->entries[i];
		struct ecr_pdo_info used = *info;
		bool taken = false;

		if (info->sm != NO_SM || !new_pdo(listing, i))
			continue;
		for (used.sm = 0; used.sm < SMS; used.sm++)
			taken = taken || assigned(listing, &used, ECR_PDO_OF_COE);
		if (!taken)
			printf("not assigned: %s 0x%04x \"%s\"\n", kind_of(info), info->pdo,
			       info->pdo_name);
	}
}

static void put_json(int position, const struct listing *listing)
{
	printf("{\"position\":%d,\"pdos\":[", position);
	for (int i = 0; i < listing->count; i++) {
		const struct ecr_pdo_info *info = &listing->entries[i];

		if (new_pdo(listing, i)) {
			printf("%s{\"source\":\"%s\",\"sm\":", i ? "]}," : "",
			       info->source == ECR_PDO_OF_COE ? "coe" : "sii");
			printf(info->sm == NO_SM ? "null" : "%d", info->sm);
			printf(",\"direction\":\"%s\",\"index\":%d,\"name\":",
			       info->direction == ECR_OUTPUT ? "output" : "input", info->pdo);
			cli_json_string(info->pdo_name);
			printf(",\"entries\":[");
		} else {
			printf(",");
		}
		if (!info->bits)
			continue;
		printf("{\"index\":%d,\"subindex\":%d,\"bits\":%d,\"name\":", info->index,
		       info->subindex, info->bits);
		cli_json_string(info->name);
		printf("}");
	}
	printf("%s]}", listing->count > 0 ? "]}" : "");
}

/* A slave's objects are read when its process data are wanted. */
static void look_closer(const struct cli_session *session, struct ecr_slave_info *info)
{
	const struct ecr_slave_config config = { .process_data = ECR_ALL_TO("io"),
						 .target_state = ECR_TARGET_PREOP };
	int error = ecr_configure_slave(session->master, session->slave, &config);

	if (!error)
		ecr_await_running(session->master, ECR_S(30));
	if (!ecr_slave_info(session->master, session->slave, info) && info->configuration_error)
		ecr_failure_print(&info->configuration_failure, stderr);
}

static void put_text(const struct listing *listing, const struct ecr_slave_info *info)
{
	const char *sides = info->pdo_sides;

	for (uint8_t sm = 0; sm < SMS; sm++)
		put_sm(listing, sm);
	put_differences(listing);
	put_free(listing);
	if (!listing->count)
		printf("no PDO\n");
	if (sides[0])
		printf("different: by the EEPROM | by the slave's objects, which count\n");
	while (*sides) {
		int length = (int)strcspn(sides, "\n");

		printf("  %.*s\n", length, sides);
		sides += length + (sides[length] == '\n');
	}
}

static int list(const struct cli_options *options, const struct cli_session *session,
		const struct cli_shown *shown)
{
	struct ecr_pdo_info *entries = calloc(ROOM, sizeof(*entries));
	struct listing listing = { entries, 0 };
	struct ecr_slave_info info = { 0 };

	if (!entries)
		return CLI_SYSTEM;
	look_closer(session, &info);
	listing.count = ecr_slave_pdos(session->master, session->slave, entries, ROOM);
	if (listing.count < 0)
		fprintf(stderr, "ecring pdos: slave at position %d: %s\n  try: %s\n",
			shown->position, ecr_error_text(listing.count),
			ecr_error_hint(listing.count));
	listing.count = listing.count > ROOM ? ROOM : listing.count;
	if (options->json && (listing.count >= 0 || !shown->alone)) {
		put_json(shown->position, &listing);
		printf(shown->alone ? "\n" : "");
	} else if (listing.count >= 0) {
		put_text(&listing, &info);
	}
	free(entries);
	return listing.count < 0 ? CLI_FAILED : CLI_OK;
}

int cli_pdos(const struct cli_options *options)
{
	return cli_each_slave("pdos", options, list);
}
