/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EtherCAT frames and datagrams (ETG.1000.4, clause 5). A frame here begins at the EtherCAT header;
 * MAC addresses, VLAN tag, padding and UDP belong to wire/ethernet.h and the port.
 */
#ifndef ECR_WIRE_FRAME_H
#define ECR_WIRE_FRAME_H

#include "base/le.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ECR_FRAME_HEADER_SIZE 2u
#define ECR_FRAME_MAX 1500u /* EtherCAT header and datagrams: the payload of one Ethernet frame */
#define ECR_DATAGRAM_HEADER_SIZE 10u
#define ECR_COUNTER_SIZE 2u
#define ECR_DATAGRAM_OVERHEAD 12u /* header and working counter */
#define ECR_DATAGRAM_DATA_MAX 1486u

enum ecr_command {
	ECR_CMD_NOP,
	ECR_CMD_APRD,
	ECR_CMD_APWR,
	ECR_CMD_APRW,
	ECR_CMD_FPRD,
	ECR_CMD_FPWR,
	ECR_CMD_FPRW,
	ECR_CMD_BRD,
	ECR_CMD_BWR,
	ECR_CMD_BRW,
	ECR_CMD_LRD,
	ECR_CMD_LWR,
	ECR_CMD_LRW,
	ECR_CMD_ARMW,
	ECR_CMD_FRMW,
	ECR_CMD_COUNT
};

/* One datagram. `address` is the 32 bits as sent: ADP (low word) and ADO (high word), or a logical
 * address. */
struct ecr_datagram {
	uint8_t command; /* enum ecr_command; an unknown number is kept as received */
	uint8_t index;
	uint32_t address;
	uint16_t length;  /* of the data, 0..2047 on the wire */
	uint8_t reserved; /* the three bits between length and circulating, kept for exact
			     re-encoding */
	bool circulating;
	bool more;
	uint16_t irq;
	uint16_t wkc;
	uint8_t *data; /* reading: into the frame's bytes; writing: what to copy, NULL for zeros */
	size_t offset; /* reading: of the datagram's header within the frame */
};

/* Names as in the standard: "LRW"; "?" for an unknown command. */
const char *ecr_command_name(uint8_t command);
bool ecr_command_is_logical(uint8_t command);
bool ecr_command_is_auto_increment(uint8_t command); /* APRD, APWR, APRW, ARMW */
bool ecr_command_is_broadcast(uint8_t command);
bool ecr_command_reads(uint8_t command);
bool ecr_command_writes(uint8_t command);

/* Addresses: a register of the slave at a position (0 is the first), of a station, of all slaves.
 */
uint32_t ecr_address_position(uint16_t position, uint16_t offset);
uint32_t ecr_address_station(uint16_t station, uint16_t offset);
uint32_t ecr_address_all(uint16_t offset);

/*
 * The first eight bytes of a datagram as one number: command, index, address, length, and whether
 * more follow. Who sends many writes it at once, and knows the answer by it.
 */
#define ECR_DATAGRAM_MORE ((uint64_t)1 << 63)
static inline uint64_t ecr_datagram_head(uint8_t command, uint8_t index, uint32_t address,
					 uint16_t length)
{
	return command | (uint64_t)index << 8 | (uint64_t)address << 16 | (uint64_t)length << 48;
}

/* What of it is the same in the answer: slaves count positions on in auto-increment and broadcast addresses. */
static inline uint64_t ecr_datagram_kept(uint8_t command)
{
	const uint32_t counted = 1u << ECR_CMD_APRD | 1u << ECR_CMD_APWR | 1u << ECR_CMD_APRW |
				 1u << ECR_CMD_ARMW | 1u << ECR_CMD_BRD | 1u << ECR_CMD_BWR |
				 1u << ECR_CMD_BRW;

	return counted >> (command & 31) & 1 ? ~((uint64_t)0xFFFF << 16) : ~(uint64_t)0;
}

/* A whole datagram with a head, no events and the counter 0. Data NULL: zeros. */
static inline void ecr_datagram_put(uint8_t *to, uint64_t head, const uint8_t *data,
				    uint16_t length)
{
	ecr_put_le64(to, head);
	ecr_put_le16(to + 8, 0);
	if (data)
		memcpy(to + ECR_DATAGRAM_HEADER_SIZE, data, length);
	else
		memset(to + ECR_DATAGRAM_HEADER_SIZE, 0, length);
	ecr_put_le16(to + ECR_DATAGRAM_HEADER_SIZE + length, 0);
}

static inline uint32_t ecr_datagram_address(const uint8_t *datagram)
{
	return ecr_le32(datagram + 2);
}

static inline uint16_t ecr_datagram_irq(const uint8_t *datagram)
{
	return ecr_le16(datagram + 8);
}

/* Another one follows. */
static inline void ecr_datagram_follow(uint8_t *datagram)
{
	datagram[7] = (uint8_t)(datagram[7] | ECR_DATAGRAM_MORE >> 56);
}

/* What the EtherCAT header says of a frame of `length` bytes with it. */
static inline uint16_t ecr_frame_head(size_t length)
{
	return (uint16_t)(((length - ECR_FRAME_HEADER_SIZE) & 0x07FFu) | 0x1000u);
}

struct ecr_frame_writer {
	uint8_t *frame;
	size_t size;
	size_t used;
	size_t last; /* offset of the last datagram's header, 0 when there is none yet */
};

void ecr_frame_begin(struct ecr_frame_writer *writer, uint8_t *frame, size_t size);

/*
 * Appends a datagram and sets the more-follows bit of the one before it. `more` and `offset` of the
 * argument are ignored. Returns where its data lie in the frame (to be filled later), NULL when it
 * does not fit.
 */
uint8_t *ecr_frame_append(struct ecr_frame_writer *writer, const struct ecr_datagram *datagram);
/* With data from elsewhere; NULL: zeros. */
uint8_t *ecr_frame_append_from(struct ecr_frame_writer *writer, const struct ecr_datagram *datagram,
			       const uint8_t *data);

/* Writes the header; returns the frame's length, 0 when it has no datagram. */
size_t ecr_frame_finish(struct ecr_frame_writer *writer);

enum ecr_frame_fault {
	ECR_FRAME_OK,
	ECR_FRAME_TRUNCATED_HEADER,   /* shorter than the EtherCAT header */
	ECR_FRAME_UNSUPPORTED_TYPE,   /* the header's type is not 1 */
	ECR_FRAME_TRUNCATED_DATAGRAM, /* a datagram's header, data or counter end beyond the
					 received bytes */
	ECR_FRAME_EMPTY,	      /* no datagram */
};

/* Walks datagrams by their more-follows bit within the received bytes; the header's length is only
 * compared. */
struct ecr_frame_reader {
	uint8_t *frame;
	size_t length;
	size_t next;
	bool done;
	uint16_t header_length; /* what the header says */
	enum ecr_frame_fault fault;
};

enum ecr_frame_fault ecr_frame_open(struct ecr_frame_reader *reader, uint8_t *frame, size_t length);

/* Next datagram; false at the end or at a fault (then reader->fault says which). */
bool ecr_frame_next(struct ecr_frame_reader *reader, struct ecr_datagram *datagram);

/* The datagram at an offset that a walk has found whole; returns the offset behind it. */
size_t ecr_datagram_read(uint8_t *frame, size_t offset, struct ecr_datagram *datagram);

/* After the walk: whether the header's length field disagrees with the datagrams seen. */
bool ecr_frame_length_disagrees(const struct ecr_frame_reader *reader);

/* Writing into a datagram of a frame in place, as a slave does. */
void ecr_datagram_set_wkc(struct ecr_datagram *datagram, uint16_t wkc);
void ecr_datagram_set_address(struct ecr_datagram *datagram, uint32_t address);
void ecr_datagram_set_circulating(struct ecr_datagram *datagram);
void ecr_datagram_set_irq(struct ecr_datagram *datagram, uint16_t irq);

#endif
