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

		printf("SDO 0x%04x, \"%s\"%s\n", object->object.index, object->object.name,
		       object->error ? " (the slave does not describe it)" : "");
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

static void put_json(const struct cli_options *options, const struct ecr_dictionary *dictionary)
{
	char type[16];

	printf("{\"position\":%d,\"objects\":[", options->slave);
	for (int i = 0; i < dictionary->object_count; i++) {
		const struct ecr_dictionary_object *object = &dictionary->objects[i];

		printf("%s{\"index\":%d,\"code\":\"%s\",\"type\":\"%s\",\"max_subindex\":%d,"
		       "\"name\":",
		       i ? "," : "", object->object.index, code_name(object->object.object_code),
		       type_name(object->object.data_type, type), object->object.max_subindex);
		cli_json_text(object->object.name);
		printf(",\"entries\":[");
		for (int k = 0; k < object->entry_count; k++) {
			printf("%s", k ? "," : "");
			put_entry(&object->entries[k]);
		}
		printf("]}");
	}
	printf("]}\n");
}

static int list(const struct cli_options *options, const struct cli_session *session)
{
	struct ecr_dictionary *dictionary;
	int error = ecr_dictionary_read(session->master, session->slave, &dictionary);

	if (error) {
		fprintf(stderr, "ecring sdos: slave at position %d: %s (%s)\n  try: %s%s\n",
			options->slave, ecr_error_text(error), ecr_error_name(error),
			ecr_error_hint(error),
			error == ECR_ERR_SDO_ABORT || error == ECR_ERR_MAILBOX_ERROR
				? "; a slave need not tell its dictionary: ecring upload"
				: "");
		return CLI_FAILED;
	}
	if (options->json)
		put_json(options, dictionary);
	else
		put_text(dictionary);
	ecr_dictionary_free(dictionary);
	return CLI_OK;
}

int cli_sdos(const struct cli_options *options)
{
	struct cli_session session;
	int result;

	if (options->slave < 0) {
		fprintf(stderr, "ecring sdos: -p POS is missing\n");
		return CLI_USAGE;
	}
	result = cli_session_open("sdos", options, &session);
	if (!result)
		result = list(options, &session);
	cli_session_close(&session);
	return result;
}
