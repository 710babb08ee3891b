/* SPDX-License-Identifier: Apache-2.0 */
/* Any messages to the simulator's mailbox server: what it answers is well-formed, in any state. */
#include "support/mailring.h"

#include "wire/esc.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_answer(const struct mailring *mail)
{
	const struct ecr_mailbox_message *message = &mail->message;

	if (message->type != ECR_MAILBOX_COE && message->type != ECR_MAILBOX_ERROR)
		abort();
	if (message->type == ECR_MAILBOX_COE && !ecr_coe_service(message))
		abort();
}

/* The next message with a sound header around what is behind its first byte, or as it is. */
static size_t send_one(struct mailring *mail, const uint8_t *data, size_t size)
{
	uint8_t bytes[256] = { 0 };
	size_t length = data[0] & 0x7F;

	if (length > size - 1)
		length = size - 1;
	memcpy(bytes + ECR_MAILBOX_HEADER, data + 1, length);
	if (data[0] & 0x80) {
		mailring_send_again(mail, bytes + ECR_MAILBOX_HEADER, length);
	} else {
		struct ecr_mailbox_message message = { .type = ECR_MAILBOX_COE,
						       .length = (uint16_t)length };

		mailring_send(mail, bytes, ecr_mailbox_put(bytes, sizeof(bytes), &message));
	}
	while (mailring_receive(mail, ECR_US(100)))
		check_answer(mail);
	return length + 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "mailbox", "EL3202", "analog_coe" };
	static const enum ecr_al_state states[] = { ECR_AL_PREOP, ECR_AL_SAFEOP, ECR_AL_INIT };
	struct mailring *mail = malloc(sizeof(*mail));

	if (!mail || size < 2) {
		free(mail);
		return 0;
	}
	mailring_open(mail, names[data[0] % 3], NULL);
	mailring_go(mail, states[data[0] / 3 % 3]);
	for (size_t at = 1; at + 1 < size;)
		at += send_one(mail, data + at, size - at);
	mailring_close(mail);
	free(mail);
	return 0;
}
