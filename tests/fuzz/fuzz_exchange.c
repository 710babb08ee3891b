/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A slave that answers with any bytes, at any time, or not at all: every request comes to its end, and
 * not a byte is written beside the buffers.
 */
#include "support/mailjob.h"

#include <ecring/coe.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes that are left. */
struct input {
	const uint8_t *at;
	size_t left;
};

static uint8_t next_byte(struct input *input)
{
	if (!input->left)
		return 0;
	input->left--;
	return *input->at++;
}

/* A message as long as its first byte says, most often with the header that is waited for. */
static void fill_message(struct mailjob *mail, struct input *input, struct ecr_ask *ask)
{
	uint8_t first = next_byte(input);
	size_t length = first & 0x7F;

	memset(ask->in, 0, ask->length);
	for (size_t i = 0; i < length && i < ask->length; i++)
		ask->in[i] = next_byte(input);
	if (first & 0x80 && ask->length >= ECR_MAILBOX_HEADER) {
		ask->in[0] =
			(uint8_t)(length > ECR_MAILBOX_HEADER ? length - ECR_MAILBOX_HEADER : 0);
		ask->in[1] = 0;
		ask->in[5] = (uint8_t)(ECR_MAILBOX_COE | (mail->mailbox.counter_in % 7 + 1) << 4);
	}
}

static int answer(struct mailjob *mail, struct ecr_ask *ask)
{
	struct input *input = mail->context;
	uint8_t fate = next_byte(input);

	if (fate >= 0xF0)
		return MAILJOB_LOST;
	if (!ask->in)
		return fate & 1 ? 0 : 1;
	if (mailjob_offset(ask) == MAILJOB_SEND)
		fill_message(mail, input, ask);
	else
		memset(ask->in, input->left ? fate : 0, ask->length);
	return fate == 0xEF ? 0 : 1;
}

static struct ecr_job *prepare(struct ecr_transfer *transfer, uint8_t kind, uint16_t index,
			       uint8_t *data, size_t room)
{
	switch (kind % 7) {
	case 0:
		return ecr_transfer_upload(transfer, index, 1, false, data, room);
	case 1:
		return ecr_transfer_upload(transfer, index, 0, true, data, room);
	case 2:
		return ecr_transfer_download(transfer, index, 1, false, data, room);
	case 3:
		return ecr_transfer_compare(transfer, index, 1, false, data, room);
	case 4:
		return ecr_transfer_info(transfer, ECR_SDO_OBJECT_LIST, 1, 0, data, room & ~1u);
	case 5:
		return ecr_transfer_info(transfer, ECR_SDO_OBJECT, index, 0, data,
					 sizeof(struct ecr_object));
	default:
		return ecr_transfer_info(transfer, ECR_SDO_ENTRY, index, 1, data,
					 sizeof(struct ecr_object_entry));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	struct mailjob *mail = malloc(sizeof(*mail));
	uint16_t receive = (uint16_t)(16 + next_byte(&input) % 64);
	uint16_t send = (uint16_t)(6 + next_byte(&input) % 80);

	if (!mail)
		return 0;
	mailjob_open(mail, receive, send);
	mail->answer = answer;
	mail->context = &input;
	for (int i = 0; i < 4 && input.left; i++) {
		uint8_t kind = next_byte(&input);
		size_t room = next_byte(&input);
		size_t least = kind % 7 == 5   ? sizeof(struct ecr_object)
			       : kind % 7 == 6 ? sizeof(struct ecr_object_entry)
					       : 1;
		uint8_t *buffer = calloc(1, room < least ? least : room);

		if (mailjob_run(mail, prepare(&mail->transfer, kind, 0x2000, buffer, room)) == 0 &&
		    mail->transfer.result.size > (room < least ? least : room))
			abort();
		free(buffer);
	}
	mailjob_close(mail);
	free(mail);
	return 0;
}
