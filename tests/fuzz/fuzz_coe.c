/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a mailbox message: every reader stays within them, and points into them only. */
#include "base/le.h"
#include "wire/coe.h"
#include "wire/coe_description.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void within(const void *from, size_t length, const uint8_t *data, size_t size)
{
	const uint8_t *at = from;

	if (length && (at < data || length > size || (size_t)(at - data) > size - length))
		abort();
}

static void read_sdo(const struct ecr_mailbox_message *message, const uint8_t *data, size_t size)
{
	struct ecr_coe_sdo sdo;

	if (!ecr_coe_get_sdo(message, &sdo))
		return;
	within(sdo.data, sdo.length, data, size);
	if (sdo.expedited && sdo.length > 4)
		abort();
}

static void read_info(const struct ecr_mailbox_message *message, const uint8_t *data, size_t size)
{
	struct ecr_coe_object_description object;
	struct ecr_coe_entry_description entry;
	struct ecr_coe_info info;

	if (!ecr_coe_get_info(message, &info))
		return;
	within(info.data, info.length, data, size);
	if (ecr_coe_get_object_description(info.data, info.length, &object))
		within(object.name, object.name_length, data, size);
	if (ecr_coe_get_entry_description(info.data, info.length, &entry))
		within(entry.name, entry.name_length, data, size);
}

/* What was read is written again to the same bytes, but for those that are reserved. */
static void write_again(const struct ecr_mailbox_message *message, const uint8_t *data, size_t size)
{
	uint8_t *again = malloc(size);
	struct ecr_mailbox_message back;

	if (!again)
		return;
	memcpy(again, data, size);
	if (ecr_mailbox_put(again, size, message) != ECR_MAILBOX_HEADER + (size_t)message->length ||
	    !ecr_mailbox_get(again, size, &back) || back.length != message->length ||
	    back.address != message->address || back.channel != message->channel ||
	    back.priority != message->priority || back.type != message->type ||
	    back.counter != message->counter)
		abort();
	free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *bytes = malloc(size ? size : 1);
	struct ecr_mailbox_message message;
	struct ecr_coe_emergency emergency;

	if (!bytes)
		return 0;
	memcpy(bytes, data, size);
	if (ecr_mailbox_get(bytes, size, &message)) {
		within(message.data, message.length, bytes, size);
		write_again(&message, bytes, size);
		ecr_mailbox_error_text(ecr_mailbox_get_error(&message));
		ecr_coe_service(&message);
		read_sdo(&message, bytes, size);
		read_info(&message, bytes, size);
		ecr_coe_get_emergency(&message, &emergency);
	}
	free(bytes);
	return 0;
}
