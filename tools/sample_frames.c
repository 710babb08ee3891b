/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a capture with a frame of every command, and beside it what a dissector must read: sample_frames PCAP TABLE. */
#include "base/le.h"
#include "wire/ethernet.h"
#include "wire/frame.h"
#include "wire/registers.h"

#include <stdio.h>
#include <string.h>

static void put(FILE *file, uint32_t value, int bytes)
{
	uint8_t raw[4];

	ecr_put_le32(raw, value);
	fwrite(raw, 1, (size_t)bytes, file);
}

static void file_header(FILE *pcap)
{
	put(pcap, 0xA1B2C3D4, 4);
	put(pcap, 2, 2);
	put(pcap, 4, 2);
	put(pcap, 0, 4);
	put(pcap, 0, 4);
	put(pcap, 65535, 4);
	put(pcap, 1, 4); /* Ethernet */
}

/* Two datagrams of the same command in one frame: lengths 4 and `length`. */
static void write_frame(FILE *pcap, FILE *table, uint8_t command, uint16_t length, bool tagged)
{
	struct ecr_ethernet header = { .destination = { 255, 255, 255, 255, 255, 255 },
				       .source = { 2, 0, 0, 0, 0, 1 },
				       .tagged = tagged,
				       .vlan = 0xE001,
				       .ethertype = ECR_ETHERTYPE };
	uint8_t frame[1600];
	size_t used = ecr_ethernet_write(frame, sizeof(frame), &header);
	struct ecr_frame_writer writer;
	uint32_t address = ecr_command_is_logical(command)
				   ? 0x00010800u
				   : ecr_address_station(0x1001, ECR_REG_AL_STATUS);
	struct ecr_datagram datagram = { .command = command,
					 .index = (uint8_t)(command + 7),
					 .address = address,
					 .length = 4,
					 .wkc = (uint16_t)(command + 1) };

	ecr_frame_begin(&writer, frame + used, ECR_FRAME_MAX);
	ecr_frame_append(&writer, &datagram);
	datagram.length = length;
	datagram.index++;
	ecr_frame_append(&writer, &datagram);
	used = ecr_ethernet_pad(frame, used + ecr_frame_finish(&writer), sizeof(frame));
	put(pcap, 0, 4);
	put(pcap, 0, 4);
	put(pcap, (uint32_t)used, 4);
	put(pcap, (uint32_t)used, 4);
	fwrite(frame, 1, used, pcap);
	fprintf(table, "0x%02x,0x%02x|0x%02x,0x%02x|4,%u|%u,%u\n", command, command, command + 7,
		command + 8, length, command + 1, command + 1);
}

int main(int argc, char **argv)
{
	FILE *pcap = argc == 3 ? fopen(argv[1], "wb") : NULL;
	FILE *table = argc == 3 ? fopen(argv[2], "w") : NULL;

	if (!pcap || !table) {
		fprintf(stderr, "usage: sample_frames PCAP TABLE\n");
		return 2;
	}
	file_header(pcap);
	for (uint8_t command = 0; command < ECR_CMD_COUNT; command++) {
		write_frame(pcap, table, command, 2, false);
		write_frame(pcap, table, command,
			    (uint16_t)(ECR_FRAME_MAX - 2 - 2 * ECR_DATAGRAM_OVERHEAD - 4),
			    command % 2);
	}
	return fclose(pcap) || fclose(table);
}
