/* SPDX-License-Identifier: Apache-2.0 */
/* The format: IETF draft "PCAP Next Generation (pcapng) Capture File Format". */
#include "port/pcapng.h"

#include "base/le.h"
#include "wire/ethernet.h"

#include <string.h>

enum { SECTION = 0x0A0D0D0A, INTERFACE = 1, PACKET = 6 };
enum { END_OF_OPTIONS = 0, COMMENT = 1, IF_NAME = 2, PACKET_FLAGS = 2, IF_TSRESOL = 9 };

#define BYTE_ORDER_MAGIC 0x1A2B3C4Du
#define LINK_ETHERNET 1u
#define NANOSECONDS 9u
#define INBOUND 1u
#define OUTBOUND 2u
#define OPTION_HEADER 4u
#define ETHERTYPE_EXPERIMENTAL 0x88B5 /* for whoever wants it (IEEE 802) */
#define BLOCK_MAX (PORT_PCAPNG_COMMENTS + ECR_ETHERNET_MAX + 128)

static size_t padded(size_t length)
{
	return (length + 3) & ~(size_t)3;
}

static size_t put_padded(uint8_t *to, const void *bytes, size_t length)
{
	memset(to, 0, padded(length));
	memcpy(to, bytes, length);
	return padded(length);
}

/* One block as it is built; the length stands at both ends. */
struct block {
	uint8_t bytes[BLOCK_MAX];
	size_t length;
};

static void put32(struct block *block, uint32_t value)
{
	ecr_put_le32(block->bytes + block->length, value);
	block->length += 4;
}

static void put_bytes(struct block *block, const void *bytes, size_t length)
{
	block->length += put_padded(block->bytes + block->length, bytes, length);
}

static void put_option(struct block *block, uint16_t code, const void *value, size_t length)
{
	put32(block, (uint32_t)length << 16 | code);
	put_bytes(block, value, length);
}

static void begin(struct block *block, uint32_t type)
{
	block->length = 0;
	put32(block, type);
	put32(block, 0);
}

static bool end(struct block *block, FILE *file)
{
	put32(block, (uint32_t)block->length + 4);
	ecr_put_le32(block->bytes + 4, (uint32_t)block->length);
	return fwrite(block->bytes, 1, block->length, file) == block->length;
}

static bool put_interface(struct port_pcapng *pcapng, const char *name)
{
	const uint8_t resolution = NANOSECONDS;
	struct block block;

	begin(&block, INTERFACE);
	put32(&block, LINK_ETHERNET);
	put32(&block, 0); /* whole packets */
	put_option(&block, IF_NAME, name, strlen(name));
	put_option(&block, IF_TSRESOL, &resolution, 1);
	put32(&block, END_OF_OPTIONS);
	return end(&block, pcapng->file);
}

bool port_pcapng_begin(struct port_pcapng *pcapng, FILE *file, const char *const *interfaces,
		       int count)
{
	struct block block;
	bool good;

	pcapng->file = file;
	pcapng->comment_bytes = 0;
	begin(&block, SECTION);
	put32(&block, BYTE_ORDER_MAGIC);
	put32(&block, 1);	   /* version 1.0 */
	put32(&block, UINT32_MAX); /* the section's length is not known */
	put32(&block, UINT32_MAX);
	good = end(&block, file);
	for (int i = 0; i < count; i++)
		good = good && put_interface(pcapng, interfaces[i]);
	return good && fflush(file) == 0;
}

bool port_pcapng_comment(struct port_pcapng *pcapng, const char *text)
{
	size_t length = strlen(text);
	uint8_t *at = pcapng->comments + pcapng->comment_bytes;

	if (pcapng->comment_bytes + OPTION_HEADER + padded(length) > PORT_PCAPNG_COMMENTS)
		return false;
	ecr_put_le32(at, (uint32_t)length << 16 | COMMENT);
	pcapng->comment_bytes += OPTION_HEADER + put_padded(at + OPTION_HEADER, text, length);
	return true;
}

static void begin_packet(struct block *block, int interface, ecr_time wall_ns, size_t length)
{
	begin(block, PACKET);
	put32(block, (uint32_t)interface);
	put32(block, (uint32_t)((uint64_t)wall_ns >> 32));
	put32(block, (uint32_t)wall_ns);
	put32(block, (uint32_t)length);
	put32(block, (uint32_t)length);
}

static void put_comments(struct block *block, struct port_pcapng *pcapng)
{
	put_bytes(block, pcapng->comments, pcapng->comment_bytes);
	pcapng->comment_bytes = 0;
}

bool port_pcapng_remark(struct port_pcapng *pcapng, ecr_time wall_ns)
{
	const struct ecr_ethernet header = { .ethertype = ETHERTYPE_EXPERIMENTAL };
	uint8_t packet[ECR_ETHERNET_MAX];
	struct block block;
	size_t length = ecr_ethernet_write(packet, sizeof(packet), &header);

	length = ecr_ethernet_pad(packet, length, sizeof(packet));
	begin_packet(&block, 0, wall_ns, length);
	put_bytes(&block, packet, length);
	put_comments(&block, pcapng);
	put32(&block, END_OF_OPTIONS);
	return end(&block, pcapng->file);
}

bool port_pcapng_frame(struct port_pcapng *pcapng, int interface, unsigned int from, bool outbound,
		       ecr_time wall_ns, const uint8_t *frame, size_t length)
{
	struct ecr_ethernet header = { .ethertype = ECR_ETHERTYPE };
	uint8_t packet[ECR_ETHERNET_MAX];
	struct block block;
	uint8_t flags[4];
	size_t at;

	memset(header.destination, 0xFF, ECR_MAC_SIZE);
	header.source[0] = outbound ? 0 : ECR_SOURCE_PASSED;
	header.source[ECR_MAC_SIZE - 1] = (uint8_t)(from + 1);
	at = ecr_ethernet_write(packet, sizeof(packet), &header);
	length = length < sizeof(packet) - at ? length : sizeof(packet) - at;
	memcpy(packet + at, frame, length);
	length = ecr_ethernet_pad(packet, at + length, sizeof(packet));
	begin_packet(&block, interface, wall_ns, length);
	put_bytes(&block, packet, length);
	put_comments(&block, pcapng);
	ecr_put_le32(flags, outbound ? OUTBOUND : INBOUND);
	put_option(&block, PACKET_FLAGS, flags, sizeof(flags));
	put32(&block, END_OF_OPTIONS);
	return end(&block, pcapng->file);
}
