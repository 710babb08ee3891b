/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/frame.h"

#include "base/le.h"

#include <string.h>

#define TYPE_ETHERCAT 1u
#define HEADER_LENGTH_MASK 0x07FFu
#define HEADER_TYPE_SHIFT 12u
#define LENGTH_MASK 0x07FFu
#define RESERVED_SHIFT 11u
#define RESERVED_MASK 7u
#define CIRCULATING 0x4000u
#define MORE 0x8000u
#define AT_ADDRESS 2u
#define AT_LENGTH 6u
#define AT_IRQ 8u

const char *ecr_command_name(uint8_t command)
{
	static const char *const names[] = { "NOP",  "APRD", "APWR", "APRW", "FPRD",
					     "FPWR", "FPRW", "BRD",  "BWR",  "BRW",
					     "LRD",  "LWR",  "LRW",  "ARMW", "FRMW" };

	return command < ECR_CMD_COUNT ? names[command] : "?";
}

bool ecr_command_is_logical(uint8_t command)
{
	return command >= ECR_CMD_LRD && command <= ECR_CMD_LRW;
}

bool ecr_command_is_auto_increment(uint8_t command)
{
	return (command >= ECR_CMD_APRD && command <= ECR_CMD_APRW) || command == ECR_CMD_ARMW;
}

bool ecr_command_is_broadcast(uint8_t command)
{
	return command >= ECR_CMD_BRD && command <= ECR_CMD_BRW;
}

bool ecr_command_reads(uint8_t command)
{
	return command < ECR_CMD_COUNT && command != ECR_CMD_NOP && command != ECR_CMD_APWR &&
	       command != ECR_CMD_FPWR && command != ECR_CMD_BWR && command != ECR_CMD_LWR;
}

bool ecr_command_writes(uint8_t command)
{
	return command < ECR_CMD_COUNT && command != ECR_CMD_NOP && command != ECR_CMD_APRD &&
	       command != ECR_CMD_FPRD && command != ECR_CMD_BRD && command != ECR_CMD_LRD;
}

uint32_t ecr_address_position(uint16_t position, uint16_t offset)
{
	return (uint16_t)(0u - position) | (uint32_t)offset << 16;
}

uint32_t ecr_address_station(uint16_t station, uint16_t offset)
{
	return station | (uint32_t)offset << 16;
}

uint32_t ecr_address_all(uint16_t offset)
{
	return (uint32_t)offset << 16;
}

void ecr_frame_begin(struct ecr_frame_writer *writer, uint8_t *frame, size_t size)
{
	writer->frame = frame;
	writer->size = size;
	writer->used = ECR_FRAME_HEADER_SIZE;
	writer->last = 0;
}

/* Bytes of data that one more datagram could still carry; -1 when not even an empty one fits. */
static int room_of(const struct ecr_frame_writer *writer)
{
	size_t left = writer->size > writer->used ? writer->size - writer->used : 0;

	if (left < ECR_DATAGRAM_OVERHEAD)
		return -1;
	left -= ECR_DATAGRAM_OVERHEAD;
	return (int)(left < LENGTH_MASK ? left : LENGTH_MASK);
}

uint8_t *ecr_frame_append(struct ecr_frame_writer *writer, const struct ecr_datagram *datagram)
{
	return ecr_frame_append_from(writer, datagram, datagram->data);
}

uint8_t *ecr_frame_append_from(struct ecr_frame_writer *writer, const struct ecr_datagram *datagram,
			       const uint8_t *data)
{
	uint8_t *header = writer->frame + writer->used;
	uint16_t flags = (uint16_t)(datagram->length |
				    (datagram->reserved & RESERVED_MASK) << RESERVED_SHIFT |
				    (datagram->circulating ? CIRCULATING : 0));

	if (room_of(writer) < datagram->length)
		return NULL;
	if (writer->last)
		ecr_datagram_follow(writer->frame + writer->last);
	ecr_datagram_put(
		header,
		ecr_datagram_head(datagram->command, datagram->index, datagram->address, flags),
		data, datagram->length);
	ecr_put_le16(header + AT_IRQ, datagram->irq);
	ecr_put_le16(header + ECR_DATAGRAM_HEADER_SIZE + datagram->length, datagram->wkc);
	writer->last = writer->used;
	writer->used += ECR_DATAGRAM_OVERHEAD + datagram->length;
	return header + ECR_DATAGRAM_HEADER_SIZE;
}

size_t ecr_frame_finish(struct ecr_frame_writer *writer)
{
	if (!writer->last)
		return 0;
	ecr_put_le16(writer->frame, ecr_frame_head(writer->used));
	return writer->used;
}

enum ecr_frame_fault ecr_frame_open(struct ecr_frame_reader *reader, uint8_t *frame, size_t length)
{
	*reader = (struct ecr_frame_reader){ .frame = frame,
					     .length = length,
					     .next = ECR_FRAME_HEADER_SIZE };
	if (length < ECR_FRAME_HEADER_SIZE) {
		reader->fault = ECR_FRAME_TRUNCATED_HEADER;
	} else {
		reader->header_length = ecr_le16(frame) & HEADER_LENGTH_MASK;
		if (ecr_le16(frame) >> HEADER_TYPE_SHIFT != TYPE_ETHERCAT)
			reader->fault = ECR_FRAME_UNSUPPORTED_TYPE;
		else if (length == ECR_FRAME_HEADER_SIZE)
			reader->fault = ECR_FRAME_EMPTY;
	}
	reader->done = reader->fault != ECR_FRAME_OK;
	return reader->fault;
}

size_t ecr_datagram_read(uint8_t *frame, size_t offset, struct ecr_datagram *datagram)
{
	uint8_t *header = frame + offset;
	uint16_t flags = ecr_le16(header + AT_LENGTH);

	*datagram = (struct ecr_datagram){ .command = header[0],
					   .index = header[1],
					   .address = ecr_le32(header + AT_ADDRESS),
					   .length = flags & LENGTH_MASK,
					   .reserved = (uint8_t)(flags >> RESERVED_SHIFT &
								 RESERVED_MASK),
					   .circulating = flags & CIRCULATING,
					   .more = flags & MORE,
					   .irq = ecr_le16(header + AT_IRQ),
					   .data = header + ECR_DATAGRAM_HEADER_SIZE,
					   .offset = offset };
	datagram->wkc = ecr_le16(datagram->data + datagram->length);
	return offset + ECR_DATAGRAM_OVERHEAD + datagram->length;
}

bool ecr_frame_next(struct ecr_frame_reader *reader, struct ecr_datagram *datagram)
{
	uint8_t *header;
	size_t left;

	if (reader->done)
		return false;
	header = reader->frame + reader->next;
	left = reader->length - reader->next;
	if (left < ECR_DATAGRAM_OVERHEAD ||
	    left - ECR_DATAGRAM_OVERHEAD < (ecr_le16(header + AT_LENGTH) & LENGTH_MASK)) {
		reader->fault = ECR_FRAME_TRUNCATED_DATAGRAM;
		reader->done = true;
		return false;
	}
	reader->next = ecr_datagram_read(reader->frame, reader->next, datagram);
	reader->done = !datagram->more;
	return true;
}

bool ecr_frame_length_disagrees(const struct ecr_frame_reader *reader)
{
	return reader->header_length != (reader->next - ECR_FRAME_HEADER_SIZE);
}

void ecr_datagram_set_wkc(struct ecr_datagram *datagram, uint16_t wkc)
{
	datagram->wkc = wkc;
	ecr_put_le16(datagram->data + datagram->length, wkc);
}

static uint8_t *header_of(struct ecr_datagram *datagram)
{
	return datagram->data - ECR_DATAGRAM_HEADER_SIZE;
}

void ecr_datagram_set_address(struct ecr_datagram *datagram, uint32_t address)
{
	datagram->address = address;
	ecr_put_le32(header_of(datagram) + AT_ADDRESS, address);
}

void ecr_datagram_set_circulating(struct ecr_datagram *datagram)
{
	datagram->circulating = true;
	header_of(datagram)[AT_LENGTH + 1] |= CIRCULATING >> 8;
}

void ecr_datagram_set_irq(struct ecr_datagram *datagram, uint16_t irq)
{
	datagram->irq = irq;
	ecr_put_le16(header_of(datagram) + AT_IRQ, irq);
}
