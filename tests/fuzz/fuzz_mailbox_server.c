/* SPDX-License-Identifier: Apache-2.0 */
/* Any messages into the mailboxes of simulated devices: the first byte chooses the device, then each
 * message has its length before it, and its counter is made right. */
#include "wire/esc.h"
#include "wire/frame.h"
#include "wire/mailbox.h"
#include "wire/sii.h"

#include <ecring/sim.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ecr_sim *sim;
static ecr_time now;

static uint16_t ask(uint8_t command, uint16_t offset, const uint8_t *bytes, uint16_t length)
{
	uint8_t data[ECR_DATAGRAM_DATA_MAX] = { 0 };
	struct ecr_datagram datagram = { .command = command,
					 .address = ecr_address_position(0, offset),
					 .length = length,
					 .data = data };
	struct ecr_frame_writer writer;
	struct ecr_frame_reader reader;
	uint8_t frame[ECR_FRAME_MAX];
	size_t total;

	if (bytes)
		memcpy(data, bytes, length);
	ecr_frame_begin(&writer, frame, sizeof(frame));
	ecr_frame_append(&writer, &datagram);
	total = ecr_frame_finish(&writer);
	now += ECR_US(50);
	ecr_sim_process(sim, now, frame, total);
	ecr_frame_open(&reader, frame, total);
	return ecr_frame_next(&reader, &datagram) ? datagram.wkc : 0;
}

static void to_preop(const struct ecr_sii_mailbox *area)
{
	const struct ecr_sm sms[2] = { { .start = area->receive_offset,
					 .length = area->receive_size,
					 .control = ECR_SM_CONTROL_MAILBOX_OUT,
					 .activate = ECR_SM_ACTIVATE_ENABLE },
				       { .start = area->send_offset,
					 .length = area->send_size,
					 .control = ECR_SM_CONTROL_MAILBOX_IN,
					 .activate = ECR_SM_ACTIVATE_ENABLE } };
	uint8_t bytes[2 * ECR_SM_SIZE];
	const uint8_t preop[2] = { ECR_AL_PREOP, 0 };

	ecr_sm_encode(bytes, &sms[0]);
	ecr_sm_encode(bytes + ECR_SM_SIZE, &sms[1]);
	ask(ECR_CMD_APWR, (uint16_t)ECR_REG_SM(0), bytes, sizeof(bytes));
	ask(ECR_CMD_APWR, ECR_REG_AL_CONTROL, preop, sizeof(preop));
}

static void talk(const struct ecr_sii_mailbox *area, const uint8_t *data, size_t size)
{
	uint8_t counter = 0;

	while (size) {
		uint8_t message[256] = { 0 };
		size_t length = data[0] < size - 1 ? data[0] : size - 1;

		memcpy(message, data + 1, length);
		counter = (uint8_t)(counter % 7 + 1);
		ecr_mailbox_put_counter(message, counter);
		ask(ECR_CMD_APWR, area->receive_offset, message, area->receive_size);
		for (int i = 0; i < 32; i++)
			if (!ask(ECR_CMD_APRD, area->send_offset, NULL, area->send_size))
				break;
		data += 1 + length;
		size -= 1 + length;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "mailbox", "drive", "analog_coe", "EL3202" };
	static uint8_t image[4096];
	struct ecr_sim_device device = { 0 };
	struct ecr_sii_mailbox area;
	struct ecr_sii sii;
	void *memory;
	size_t room;

	if (!size || !ecr_sim_shipped(names[data[0] & 3], &device, image, sizeof(image)))
		return 0;
	room = ecr_sim_size(&device, 1);
	memory = malloc(room);
	sim = memory ? ecr_sim_init(memory, room, &device, 1) : NULL;
	now = ECR_S(1);
	if (sim) {
		ecr_sii_open(&sii, image, device.sii_size);
		ecr_sii_mailbox(&sii, &area);
		to_preop(&area);
		talk(&area, data + 1, size - 1);
	}
	free(memory);
	return 0;
}
