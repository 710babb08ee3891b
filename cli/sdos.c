/* SPDX-License-Identifier: Apache-2.0 */
/* A slave's dictionary as a tree. */
#include "cli/cli.h"

#include <stdio.h>

static const char *code_name(uint8_t code)
{
	return code == ECR_OBJECT_VARIABLE ? "variable"
	       : code == ECR_OBJECT_ARRAY  ? "array"
	       : code == ECR_OBJECT_RECORD ? "record"
					   : "unknown";
}

static const char *type_name(uint16_t data_type, char text[16])
{
	const struct cli_type *type = cli_type_of(data_type);
	const char *name = ecr_coe_type_name(data_type);

	if (type)
		return type->name;
	snprintf(text, 16, "%s", name);
	if (!name[0])
		snprintf(text, 16, "type 0x%04x", data_type);
	return text;
}

/* Who may do what in PREOP, SAFEOP and OP: "rwr-r-" */
static const char *access_of(uint16_t access, char text[7])
{
	for (unsigned int i = 0; i < 3; i++) {
		text[i * 2] = access & ECR_ACCESS_READ_PREOP << i ? 'r' : '-';
		text[i * 2 + 1] = access & ECR_ACCESS_WRITE_PREOP << i ? 'w' : '-';
	}
	text[6] = '\0';
	return text;
}

static void put_text(const struct ecr_dictionary *dictionary)
{
	char type[16];
	char access[7];

	for (int i = 0; i < dictionary->object_count; i++) {
		const struct ecr_dictionary_object *object = &dictionary->objects[i];

		printf("SDO 0x%04x, \"%s\"", object->object.index, object->object.name);
		if (object->error)
			printf(" (not described: %s)", ecr_sdo_abort_text(object->abort_code));
		printf("\n");
		for (int k = 0; k < object->entry_count; k++) {
			const struct ecr_object_entry *entry = &object->entries[k];

			printf("  0x%04x:%02x, %s, %s, %d bit, \"%s\"\n", object->object.index,
			       entry->subindex, access_of(entry->access, access),
			       type_name(entry->data_type, type), entry->bit_length, entry->name);
		}
	}
}

static void put_entry(const struct ecr_object_entry *entry)
{
	char type[16];
	char access[7];

	printf("{\"subindex\":%d,\"type\":\"%s\",\"bits\":%d,\"access\":\"%s\",\"rxpdo\":%s,"
	       "\"txpdo\":%s,\"name\":",
	       entry->subindex, type_name(entry->data_type, type), entry->bit_length,
	       access_of(entry->access, access),
	       entry->access & ECR_ACCESS_RXPDO ? "true" : "false",
	       entry->access & ECR_ACCESS_TXPDO ? "true" : "false");
	cli_json_text(entry->name);
	printf("}");
}

static void put_object(const struct ecr_dictionary_object *object)
{
	char type[16];

	printf("{\"index\":%d,\"code\":\"%s\",\"type\":\"%s\",\"max_subindex\":%d,\"name\":",
	       object->object.index, code_name(object->object.object_code),
	       type_name(object->object.data_type, type), object->object.max_subindex);
	cli_json_text(object->object.name);
	if (object->error)
		printf(",\"error\":\"%s\",\"abort_code\":%u", ecr_error_name(object->error),
		       object->abort_code);
	printf(",\"entries\":[");
	for (int k = 0; k < object->entry_count; k++) {
		printf("%s", k ? "," : "");
		put_entry(&object->entries[k]);
	}
	printf("]}");
}

static void put_json(int position, const struct ecr_dictionary *dictionary)
{
	printf("{\"position\":%d,\"objects\":[", position);
	for (int i = 0; i < dictionary->object_count; i++) {
		printf("%s", i ? "," : "");
		put_object(&dictionary->objects[i]);
	}
	printf("]}");
}

/* Of all slaves those without CoE have none, which is no failure. */
static int refused(const struct cli_options *options, const struct cli_shown *shown, int error)
{
	if (!shown->alone && options->json)
		printf("{\"position\":%d,\"error\":\"%s\",\"objects\":[]}", shown->position,
		       ecr_error_name(error));
	if (!shown->alone && !shown->coe) {
		if (!options->json)
			printf("no objects\n");
		return CLI_OK;
	}
	fprintf(stderr, "ecring sdos: slave at position %d: %s (%s)\n  try: %s%s\n",
		shown->position, ecr_error_text(error), ecr_error_name(error),
		ecr_error_hint(error),
		error == ECR_ERR_SDO_ABORT || error == ECR_ERR_MAILBOX_ERROR
			? "; a slave need not tell its dictionary: ecring upload"
			: "");
	return CLI_FAILED;
}

static int list(const struct cli_options *options, const struct cli_session *session,
		const struct cli_shown *shown)
{
	struct ecr_dictionary *dictionary;
	int error = ecr_dictionary_read(session->master, session->slave, &dictionary);

	if (error)
		return refused(options, shown, error);
	if (options->json) {
		put_json(shown->position, dictionary);
		printf(shown->alone ? "\n" : "");
	} else {
		put_text(dictionary);
	}
	ecr_dictionary_free(dictionary);
	return CLI_OK;
}

int cli_sdos(const struct cli_options *options)
{
	return cli_each_slave("sdos", options, list);
}
