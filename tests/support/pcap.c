/* SPDX-License-Identifier: Apache-2.0 */
#include "support/pcap.h"

#include "support/data.h"

#include "base/le.h"
#include "wire/ethernet.h"

#include <stdlib.h>

#define PCAP_MAX (8u << 20)
#define BLOCK_INTERFACE 1u
#define BLOCK_ENHANCED_PACKET 6u
#define OPTION_RESOLUTION 9u

bool pcap_open(struct pcap *pcap, const char *path)
{
	*pcap = (struct pcap){ .bytes = malloc(PCAP_MAX), .tick_ns = 1000 };
	if (!pcap->bytes)
		abort();
	pcap->length = data_load(path, pcap->bytes, PCAP_MAX);
	if (!pcap->length)
		pcap_close(pcap);
	return pcap->bytes;
}

void pcap_close(struct pcap *pcap)
{
	free(pcap->bytes);
	pcap->bytes = NULL;
}

/* Time stamps count microseconds unless the interface says otherwise. */
static void read_interface(struct pcap *pcap, const uint8_t *block, uint32_t size)
{
	for (uint32_t at = 16; at + 8 <= size; at += 4 + (ecr_le16(block + at + 2) + 3u) / 4 * 4)
		if (ecr_le16(block + at) == OPTION_RESOLUTION)
			pcap->tick_ns = block[at + 4] == 9 ? 1 : 1000;
}

static bool read_packet(const struct pcap *pcap, uint8_t *block, struct pcap_frame *frame)
{
	struct ecr_ethernet header;
	uint8_t *packet = block + 28;
	uint32_t length = ecr_le32(block + 20);
	uint64_t ticks = (uint64_t)ecr_le32(block + 12) << 32 | ecr_le32(block + 16);

	if (!ecr_ethernet_read(packet, length, &header) || header.ethertype != ECR_ETHERTYPE)
		return false;
	*frame = (struct pcap_frame){ .bytes = packet + header.payload,
				      .length = length - header.payload,
				      .at = (ecr_time)ticks * pcap->tick_ns,
				      .passed = header.source[0] & ECR_SOURCE_PASSED };
	return true;
}

/* Little-endian blocks: type, size, body, size. */
bool pcap_next(struct pcap *pcap, struct pcap_frame *frame)
{
	while (pcap->at + 12 <= pcap->length) {
		uint8_t *block = pcap->bytes + pcap->at;
		uint32_t type = ecr_le32(block);
		uint32_t size = ecr_le32(block + 4);

		if (size < 12 || size > pcap->length - pcap->at)
			return false;
		pcap->at += size;
		if (type == BLOCK_INTERFACE)
			read_interface(pcap, block, size);
		if (type == BLOCK_ENHANCED_PACKET && read_packet(pcap, block, frame))
			return true;
	}
	return false;
}
