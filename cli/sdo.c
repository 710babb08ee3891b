/* SPDX-License-Identifier: Apache-2.0 */
/* One object of one slave: read, written. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>

#define ROOM 65536

struct object {
	uint16_t index;
	uint8_t subindex;
	const struct cli_type *type; /* NULL: as the slave describes it */
	const char *value;	     /* to be written */
};

static bool take_number(const char *text, unsigned long most, unsigned long *number)
{
	char *end;

	*number = strtoul(text, &end, 0);
	return end != text && !*end && text[0] != '-' && *number <= most;
}

static int take_type(const char *verb, const struct cli_options *options, struct object *object)
{
	/* As a whole it is of no one type. */
	object->type = options->complete ? cli_type_named("raw") : NULL;
	if (!options->type)
		return CLI_OK;
	object->type = cli_type_named(options->type);
	if (object->type)
		return CLI_OK;
	fprintf(stderr, "ecring %s: -t %s: there are ", verb, options->type);
	cli_list_types(stderr);
	return CLI_USAGE;
}

/* INDEX SUBINDEX, the latter not needed for an object as a whole, and what else a verb wants. */
static int take_object(const char *verb, const struct cli_options *options, bool with_value,
		       struct object *object)
{
	int numbers = options->word_count - with_value;
	unsigned long index;
	unsigned long subindex = 0;

	*object = (struct object){ 0 };
	if (numbers != 2 && !(options->complete && numbers == 1)) {
		fprintf(stderr, "ecring %s: INDEX, SUBINDEX%s are wanted\n", verb,
			with_value ? " and VALUE" : "");
		return CLI_USAGE;
	}
	if (options->slave < 0) {
		fprintf(stderr, "ecring %s: -p POS is missing\n", verb);
		return CLI_USAGE;
	}
	if (!take_number(options->words[0], 0xFFFF, &index) ||
	    (numbers == 2 && !take_number(options->words[1], 0xFF, &subindex))) {
		fprintf(stderr,
			"ecring %s: %s %s: INDEX and SUBINDEX are wanted, such as 0x1018 1\n", verb,
			options->words[0], numbers == 2 ? options->words[1] : "");
		return CLI_USAGE;
	}
	object->index = (uint16_t)index;
	object->subindex = (uint8_t)subindex;
	object->value = with_value ? options->words[numbers] : NULL;
	return take_type(verb, options, object);
}

static void learn_type(const struct cli_session *session, struct object *object)
{
	struct ecr_object_entry entry;

	if (object->type)
		return;
	if (ecr_object_entry_describe(session->master, session->slave, object->index,
				      object->subindex, &entry) == 0)
		object->type = cli_type_of(entry.data_type);
}

static void put_json(const struct cli_options *options, const struct object *object,
		     const struct cli_type *type, const uint8_t *bytes, size_t size)
{
	printf("{\"position\":%d,\"index\":%d,\"subindex\":%d,\"type\":\"%s\",\"size\":%zu,"
	       "\"value\":",
	       options->slave, object->index, object->subindex, type->name, size);
	cli_put_value(type, bytes, size, true);
	printf(",\"bytes\":");
	cli_put_value(cli_type_named("raw"), bytes, size, true);
	printf("}\n");
}

static int put(const struct cli_options *options, const struct object *object, const uint8_t *bytes,
	       size_t size)
{
	const struct cli_type *type = object->type ? object->type : cli_type_named("raw");

	if (!cli_type_fits(type, size) && options->type) {
		fprintf(stderr,
			"ecring upload: object 0x%04x:0x%02x has %zu bytes, %s has %d\n"
			"  try: no -t, or -t raw; ecring sdos lists the types\n",
			object->index, object->subindex, size, type->name, type->bytes);
		return CLI_FAILED;
	}
	if (!cli_type_fits(type, size))
		type = cli_type_named("raw");
	if (options->json) {
		put_json(options, object, type, bytes, size);
	} else {
		cli_put_value(type, bytes, size, false);
		printf("\n");
	}
	return CLI_OK;
}

/* Twice when the object is larger than was thought. */
static int upload(const struct cli_options *options, const struct cli_session *session,
		  struct object *object)
{
	struct ecr_sdo sdo = { .slave = session->slave,
			       .kind = ECR_SDO_UPLOAD,
			       .index = object->index,
			       .subindex = object->subindex,
			       .flags = options->complete ? ECR_SDO_COMPLETE : 0,
			       .size = ROOM };
	int error = ECR_ERR_BUFFER_TOO_SMALL;
	int result = CLI_FAILED;

	learn_type(session, object);
	for (int i = 0; i < 2 && error == ECR_ERR_BUFFER_TOO_SMALL; i++) {
		free(sdo.data);
		sdo.size = sdo.size < sdo.result.size ? sdo.result.size : sdo.size;
		sdo.data = malloc(sdo.size);
		error = sdo.data ? ecr_sdo_run(session->master, &sdo) : ECR_ERR_NO_MEMORY;
	}
	if (error) {
		sdo.result.error = error;
		ecr_sdo_report(&sdo, stderr);
	} else {
		result = put(options, object, sdo.data, sdo.result.size);
	}
	free(sdo.data);
	return result;
}

int cli_upload(const struct cli_options *options)
{
	struct cli_session session;
	struct object object;
	int result;

	result = take_object("upload", options, false, &object);
	if (result)
		return result;
	result = cli_session_open("upload", options, &session);
	if (!result)
		result = upload(options, &session, &object);
	cli_session_close(&session);
	return result;
}

static int download(const struct cli_options *options, const struct cli_session *session,
		    struct object *object, uint8_t *bytes, int size)
{
	struct ecr_sdo sdo = { .slave = session->slave,
			       .kind = ECR_SDO_DOWNLOAD,
			       .index = object->index,
			       .subindex = object->subindex,
			       .flags = options->complete ? ECR_SDO_COMPLETE : 0,
			       .data = bytes };

	learn_type(session, object);
	if (!object->type) {
		fprintf(stderr,
			"ecring download: the slave does not tell the type of object "
			"0x%04x:0x%02x\n  try: -t with one of ",
			object->index, object->subindex);
		cli_list_types(stderr);
		return CLI_FAILED;
	}
	if (size < 0)
		size = cli_parse_value(object->type, object->value, bytes, ROOM);
	if (size < 0) {
		fprintf(stderr, "ecring download: %s is no value of type %s, or out of its range\n",
			object->value, object->type->name);
		return CLI_USAGE;
	}
	sdo.size = (size_t)size;
	if (ecr_sdo_run(session->master, &sdo) == 0)
		return CLI_OK;
	ecr_sdo_report(&sdo, stderr);
	return CLI_FAILED;
}

int cli_download(const struct cli_options *options)
{
	static uint8_t bytes[ROOM];
	struct cli_session session;
	struct object object;
	int size = -1;
	int result;

	result = take_object("download", options, true, &object);
	if (result)
		return result;
	/* A wrong value is told before the ring is touched. */
	if (object.type) {
		size = cli_parse_value(object.type, object.value, bytes, ROOM);
		if (size < 0) {
			fprintf(stderr,
				"ecring download: %s is no value of type %s, or out of its range\n",
				object.value, object.type->name);
			return CLI_USAGE;
		}
	}
	result = cli_session_open("download", options, &session);
	if (!result)
		result = download(options, &session, &object, bytes, size);
	cli_session_close(&session);
	return result;
}
