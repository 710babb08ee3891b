/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE 1
#include <ecring/scan.h>

#include "base/le.h"
#include "port/clock.h"
#include "port/transport.h"
#include "wire/esc.h"
#include "wire/frame.h"
#include "wire/sii.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#define ANSWER_NS ECR_MS(20)
#define TRIES 5
#define EEPROM_POLLS 200

struct scanner {
	struct port_transport *transport;
	uint8_t index;
};

static uint8_t *wait_reply(struct scanner *scanner, size_t *length)
{
	ecr_time end = port_now() + ANSWER_NS;
	struct ecr_rx_meta meta;

	while (port_now() < end) {
		uint8_t *frame =
			scanner->transport->receive(scanner->transport, port_now(), length, &meta);
		struct pollfd fd = { scanner->transport->fd, POLLIN, 0 };

		if (frame && meta.origin == ECR_ORIGIN_OWN)
			return frame;
		if (!frame)
			poll(&fd, 1, 2);
	}
	return NULL;
}

/* One datagram there and back; the working counter, -1 without an answer. `data` is sent and
 * replaced. */
static int exchange(struct scanner *scanner, uint8_t command, uint32_t address, uint8_t *data,
		    uint16_t length)
{
	struct ecr_datagram question = {
		.command = command, .address = address, .length = length, .data = data
	};
	struct ecr_datagram answer;
	struct ecr_frame_writer writer;
	struct ecr_frame_reader reader;

	for (int i = 0; i < TRIES; i++) {
		uint8_t *frame;
		size_t got;

		question.index = ++scanner->index;
		ecr_frame_begin(&writer, scanner->transport->out, ECR_FRAME_MAX);
		ecr_frame_append(&writer, &question);
		scanner->transport->send(scanner->transport, port_now(), ecr_frame_finish(&writer));
		frame = wait_reply(scanner, &got);
		if (!frame || ecr_frame_open(&reader, frame, got) != ECR_FRAME_OK ||
		    !ecr_frame_next(&reader, &answer) || answer.index != question.index ||
		    answer.command != command || answer.length != length)
			continue;
		memcpy(data, answer.data, length);
		return answer.wkc;
	}
	return -1;
}

static bool read_register(struct scanner *scanner, int position, uint16_t offset, uint8_t *data,
			  uint16_t length)
{
	memset(data, 0, length);
	return exchange(scanner, ECR_CMD_APRD, ecr_address_position((uint16_t)position, offset),
			data, length) == 1;
}

/* Four or eight bytes from a word address; how many, 0 when the EEPROM is not free or fails. */
static size_t read_eeprom(struct scanner *scanner, int position, uint32_t word, uint8_t *to)
{
	uint32_t address = ecr_address_position((uint16_t)position, ECR_REG_EEPROM_COMMAND);
	uint8_t answer[ECR_REG_EEPROM_ANSWER_SIZE];
	uint8_t command[ECR_REG_EEPROM_COMMAND_SIZE];
	size_t bytes;

	ecr_put_le16(command, ECR_EEPROM_READ);
	ecr_put_le32(command + 2, word);
	if (exchange(scanner, ECR_CMD_APWR, address, command, sizeof(command)) != 1)
		return 0;
	for (int i = 0; i < EEPROM_POLLS; i++) {
		if (!read_register(scanner, position, ECR_REG_EEPROM_ANSWER, answer,
				   sizeof(answer)))
			return 0;
		if (ecr_le16(answer) & ECR_EEPROM_BUSY)
			continue;
		if (ecr_le16(answer) &
		    (ECR_EEPROM_ERROR_ACKNOWLEDGE | ECR_EEPROM_ERROR_WRITE_ENABLE))
			return 0;
		bytes = ecr_le16(answer) & ECR_EEPROM_READ_8 ? 8 : 4;
		memcpy(to, answer + 6, bytes);
		return bytes;
	}
	return 0;
}

static bool eeprom_free(struct scanner *scanner, int position)
{
	uint8_t owner[2];

	return read_register(scanner, position, ECR_REG_EEPROM_CONFIG, owner, 2) &&
	       !(owner[0] & ECR_EEPROM_TO_PDI) && !(owner[1] & ECR_EEPROM_PDI_BUSY);
}

static size_t read_image(struct scanner *scanner, int position, uint8_t *bytes, size_t room,
			 size_t most)
{
	size_t have = 0;

	if (!eeprom_free(scanner, position))
		return 0;
	while (have < most && have + 8 <= room) {
		size_t got = read_eeprom(scanner, position, (uint32_t)(have / 2), bytes + have);

		if (!got)
			break;
		have += got;
		if (have >= ECR_SII_HEADER_SIZE && ecr_sii_known_length(bytes, have) <= have)
			break;
	}
	return have;
}

static void look_at_registers(struct scanner *scanner, struct ecr_scan_slave *slave)
{
	uint8_t info[ECR_REG_INFO_SIZE];
	uint8_t data[8];

	slave->answered = read_register(scanner, slave->position, ECR_REG_INFO, info, sizeof(info));
	slave->fmmus = info[ECR_REG_FMMU_COUNT];
	slave->sms = info[ECR_REG_SM_COUNT];
	slave->features = ecr_le16(info + ECR_REG_FEATURES);
	if (read_register(scanner, slave->position, ECR_REG_STATION, data, 4)) {
		slave->station = ecr_le16(data);
		slave->alias = ecr_le16(data + 2);
	}
	if (read_register(scanner, slave->position, ECR_REG_AL_BLOCK, data,
			  ECR_REG_AL_BLOCK_SIZE)) {
		slave->al_status = ecr_le16(data);
		slave->al_code = ecr_le16(data + ECR_REG_AL_STATUS_CODE - ECR_REG_AL_BLOCK);
	}
	if (read_register(scanner, slave->position, ECR_REG_DL_STATUS, data, 2))
		slave->dl_status = ecr_le16(data);
}

static void look_at_eeprom(struct scanner *scanner, struct ecr_scan_slave *slave)
{
	uint8_t image[4096];
	struct ecr_sii sii;
	struct ecr_sii_identity identity;
	size_t length = read_image(scanner, slave->position, image, sizeof(image), sizeof(image));

	if (length < ECR_SII_HEADER_SIZE)
		return;
	ecr_sii_open(&sii, image, length);
	ecr_sii_identity(&sii, &identity);
	slave->identity = (struct ecr_identity){ identity.vendor, identity.product,
						 identity.revision, identity.serial };
	slave->identity_known = true;
	ecr_sii_device_name(&sii, slave->name, sizeof(slave->name));
}

static int open_scanner(const char *interface, struct scanner *scanner, char *text, size_t size)
{
	struct ecr_config config = { .interface = interface };

	scanner->index = 0;
	return port_open_transport(&config, &scanner->transport, text, size);
}

int ecr_scan(const char *interface, struct ecr_scan_slave *slaves, int room, bool *registers_only,
	     char *text, size_t size)
{
	struct scanner scanner;
	uint8_t type[1] = { 0 };
	int error;
	int count;

	if (!interface || !registers_only || room < 0 || (room && !slaves) || (size && !text))
		return ECR_ERR_INVALID_ARGUMENT;
	*registers_only = false;
	error = open_scanner(interface, &scanner, text, size);
	if (error)
		return error;
	count = exchange(&scanner, ECR_CMD_BRD, ecr_address_all(ECR_REG_TYPE), type, 1);
	for (int i = 0; i < count && i < room; i++) {
		slaves[i] = (struct ecr_scan_slave){ .position = (uint16_t)i };
		look_at_registers(&scanner, &slaves[i]);
		if ((slaves[i].al_status & ECR_AL_STATE_MASK) >= ECR_AL_SAFEOP)
			*registers_only = true;
	}
	for (int i = 0; i < count && i < room && !*registers_only; i++)
		look_at_eeprom(&scanner, &slaves[i]);
	scanner.transport->close(scanner.transport);
	if (count >= 0)
		return count;
	snprintf(text, size, "no frame came back on %s", interface);
	return ECR_ERR_TIMEOUT;
}

int ecr_scan_sii(const char *interface, int position, uint8_t *bytes, size_t room, char *text,
		 size_t size)
{
	struct scanner scanner;
	uint8_t type[1] = { 0 };
	size_t length = 0;
	int error;
	int count;

	if (!interface || position < 0 || (room && !bytes) || (size && !text))
		return ECR_ERR_INVALID_ARGUMENT;
	error = open_scanner(interface, &scanner, text, size);
	if (error)
		return error;
	count = exchange(&scanner, ECR_CMD_BRD, ecr_address_all(ECR_REG_TYPE), type, 1);
	if (position < count)
		length = read_image(&scanner, position, bytes, room, room);
	scanner.transport->close(scanner.transport);
	if (length)
		return (int)length;
	if (count < 0) {
		snprintf(text, size, "no frame came back on %s", interface);
		return ECR_ERR_TIMEOUT;
	}
	if (position >= count) {
		snprintf(text, size, "there is no slave %d: the ring has %d, counted from 0",
			 position, count);
		return ECR_ERR_UNKNOWN_SLAVE;
	}
	snprintf(text, size, "the EEPROM of slave %d could not be read: its PDI owns it", position);
	return ECR_ERR_SII_ACCESS;
}
