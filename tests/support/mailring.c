/* SPDX-License-Identifier: Apache-2.0 */
#include "support/mailring.h"

#include "wire/esc.h"

#include <stdlib.h>
#include <string.h>

#define FAILED 1u

/* The device as filled in, SII included. */
static void open_device(struct mailring *mail)
{
	struct ecr_sii sii;

	ecr_sii_open(&sii, mail->device.sii, mail->device.sii_size);
	ecr_sii_mailbox(&sii, &mail->area);
	simring_open(&mail->ring, &mail->device, 1);
}

void mailring_open(struct mailring *mail, const char *device, const struct ecr_sim_habits *habits)
{
	memset(mail, 0, sizeof(*mail));
	if (!ecr_sim_shipped(device, &mail->device, mail->sii, sizeof(mail->sii)))
		abort();
	if (habits)
		mail->device.habits = *habits;
	open_device(mail);
}

void mailring_close(struct mailring *mail)
{
	simring_close(&mail->ring);
}

static void write_sm(struct mailring *mail, unsigned int number, const struct ecr_sm *sm)
{
	uint8_t bytes[ECR_SM_SIZE];

	ecr_sm_encode(bytes, sm);
	simring_write(&mail->ring, 0, (uint16_t)ECR_REG_SM(number), bytes, sizeof(bytes));
}

static void write_mailbox(struct mailring *mail, bool boot)
{
	const struct ecr_sii_mailbox *area = &mail->area;
	struct ecr_sm out = { .start = boot ? area->boot_receive_offset : area->receive_offset,
			      .length = boot ? area->boot_receive_size : area->receive_size,
			      .control = ECR_SM_CONTROL_MAILBOX_OUT,
			      .activate = ECR_SM_ACTIVATE_ENABLE };
	struct ecr_sm in = { .start = boot ? area->boot_send_offset : area->send_offset,
			     .length = boot ? area->boot_send_size : area->send_size,
			     .control = ECR_SM_CONTROL_MAILBOX_IN,
			     .activate = ECR_SM_ACTIVATE_ENABLE };

	write_sm(mail, 0, &out);
	write_sm(mail, 1, &in);
}

void mailring_set_sm(struct mailring *mail, unsigned int number, uint16_t length)
{
	struct ecr_sii sii;
	struct ecr_sii_sm given;
	struct ecr_sm sm = { .length = length, .activate = length ? ECR_SM_ACTIVATE_ENABLE : 0 };

	ecr_sii_open(&sii, mail->device.sii, mail->device.sii_size);
	if (!ecr_sii_sm(&sii, number, &given))
		abort();
	sm.start = given.start;
	sm.control = given.control;
	simring_write8(&mail->ring, 0, (uint16_t)ECR_REG_SM_ACTIVATE(number), 0);
	write_sm(mail, number, &sm);
}

static uint16_t request(struct mailring *mail, unsigned int state)
{
	uint8_t bytes[2] = { (uint8_t)state, 0 };

	simring_write(&mail->ring, 0, ECR_REG_AL_CONTROL, bytes, sizeof(bytes));
	return simring_read16(&mail->ring, 0, ECR_REG_AL_STATUS);
}

uint16_t mailring_go(struct mailring *mail, enum ecr_al_state state)
{
	uint16_t now = simring_read16(&mail->ring, 0, ECR_REG_AL_STATUS);

	if (now & ECR_AL_ERROR)
		now = request(mail, (now & ECR_AL_STATE_MASK) | ECR_AL_ACKNOWLEDGE);
	if (now == ECR_AL_INIT && state != ECR_AL_INIT) {
		mail->counter = 0;
		mail->message.counter = 0;
		write_mailbox(mail, state == ECR_AL_BOOT);
		if (state == ECR_AL_BOOT)
			return request(mail, ECR_AL_BOOT);
		now = request(mail, ECR_AL_PREOP);
	}
	if (now == ECR_AL_PREOP && state > ECR_AL_PREOP)
		now = request(mail, ECR_AL_SAFEOP);
	return now == (uint16_t)state || now & ECR_AL_ERROR ? now : request(mail, state);
}

uint16_t mailring_al_code(struct mailring *mail)
{
	return simring_read16(&mail->ring, 0, ECR_REG_AL_STATUS_CODE);
}

bool mailring_full(struct mailring *mail, unsigned int sm)
{
	uint8_t status;

	simring_read(&mail->ring, 0, (uint16_t)ECR_REG_SM_STATUS(sm), &status, 1);
	return status & ECR_SM_STATUS_FULL;
}

bool mailring_send_again(struct mailring *mail, const uint8_t *bytes, size_t length)
{
	uint8_t out[2048] = { 0 };

	memcpy(out, bytes, length);
	ecr_mailbox_put_counter(out, mail->counter);
	return simring_write(&mail->ring, 0, mail->area.receive_offset, out,
			     mail->area.receive_size) == 1;
}

bool mailring_send(struct mailring *mail, const uint8_t *bytes, size_t length)
{
	mail->counter = (uint8_t)(mail->counter % 7 + 1);
	return mailring_send_again(mail, bytes, length);
}

bool mailring_receive(struct mailring *mail, ecr_time wait)
{
	ecr_time until = mail->ring.now + wait;
	uint8_t before = mail->message.counter;

	memset(mail->answer, 0xEE, sizeof(mail->answer));
	while (!mailring_full(mail, 1)) {
		if (mail->ring.now >= until)
			return false;
		mail->ring.now += ECR_US(100);
	}
	if (simring_read(&mail->ring, 0, mail->area.send_offset, mail->answer,
			 mail->area.send_size) != 1)
		return false;
	if (!ecr_mailbox_get(mail->answer, mail->area.send_size, &mail->message))
		return false;
	mail->jumps += mail->message.counter != before % 7 + 1;
	return true;
}

/* The answer behind any emergencies. */
static bool receive_answer(struct mailring *mail)
{
	while (mailring_receive(mail, ECR_S(2)))
		if (mail->message.type != ECR_MAILBOX_COE ||
		    ecr_coe_service(&mail->message) != ECR_COE_EMERGENCY)
			return true;
	return false;
}

/* Sends what was built and reads the answer, which must be of that kind; an abort is noted. */
static bool ask(struct mailring *mail, const uint8_t *bytes, size_t length,
		enum ecr_coe_sdo_kind kind, struct ecr_coe_sdo *sdo)
{
	mail->abort_code = FAILED;
	if (!length || !mailring_send(mail, bytes, length) || !receive_answer(mail) ||
	    mail->message.type != ECR_MAILBOX_COE || !ecr_coe_get_sdo(&mail->message, sdo))
		return false;
	/* Aborts come as requests (ETG.1000.6, 5.6.2.7). */
	if (ecr_coe_service(&mail->message) !=
	    (sdo->kind == ECR_COE_ABORT ? ECR_COE_SDO_REQUEST : ECR_COE_SDO_RESPONSE))
		return false;
	if (sdo->kind == ECR_COE_ABORT)
		mail->abort_code = sdo->abort_code;
	if (sdo->kind != kind)
		return false;
	mail->abort_code = 0;
	return true;
}

int mailring_upload(struct mailring *mail, uint16_t index, uint8_t subindex, bool complete,
		    uint8_t *data, size_t room)
{
	uint8_t bytes[2048];
	struct ecr_coe_sdo sdo;
	size_t total;
	size_t done;
	bool toggle = false;

	if (!ask(mail, bytes,
		 ecr_coe_put_upload(bytes, mail->area.receive_size, index, subindex, complete),
		 ECR_COE_UPLOADED, &sdo))
		return -1;
	total = sdo.total;
	done = sdo.length < total ? sdo.length : total;
	if (total > room)
		abort();
	memcpy(data, sdo.data, done);
	for (; done < total; toggle = !toggle) {
		if (!ask(mail, bytes,
			 ecr_coe_put_upload_segment(bytes, mail->area.receive_size, toggle),
			 ECR_COE_SEGMENT_UPLOADED, &sdo))
			return -1;
		if (sdo.toggle != toggle || sdo.length - sdo.unused > total - done)
			return -1;
		memcpy(data + done, sdo.data, sdo.length - sdo.unused);
		done += sdo.length - sdo.unused;
		if (sdo.last != (done == total))
			return -1;
	}
	return (int)total;
}

bool mailring_download(struct mailring *mail, uint16_t index, uint8_t subindex, bool complete,
		       const uint8_t *data, size_t length)
{
	uint8_t bytes[2048];
	struct ecr_coe_sdo sdo;
	size_t done = 0;
	bool toggle = false;

	if (!ask(mail, bytes,
		 ecr_coe_put_download(bytes, mail->area.receive_size, index, subindex, complete,
				      data, length, &done),
		 ECR_COE_DOWNLOADED, &sdo))
		return false;
	for (; done < length; toggle = !toggle)
		if (!ask(mail, bytes,
			 ecr_coe_put_download_segment(bytes, mail->area.receive_size, toggle, data,
						      length, &done),
			 ECR_COE_SEGMENT_DOWNLOADED, &sdo) ||
		    sdo.toggle != toggle)
			return false;
	return true;
}

uint32_t mailring_get(struct mailring *mail, uint16_t index, uint8_t subindex)
{
	uint8_t bytes[4] = { 0 };

	if (mailring_upload(mail, index, subindex, false, bytes, sizeof(bytes)) < 0)
		return UINT32_MAX;
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

bool mailring_set(struct mailring *mail, uint16_t index, uint8_t subindex, uint32_t value,
		  size_t size)
{
	uint8_t bytes[4] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
			     (uint8_t)(value >> 24) };

	return mailring_download(mail, index, subindex, false, bytes, size);
}
