/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a capture with a frame of every command, and beside it what a dissector must read: sample_frames PCAP TABLE. */
#include "tools/pcap_file.h"
#include "wire/ethernet.h"
#include "wire/frame.h"
#include "wire/registers.h"

#include <stdio.h>
#include <string.h>

static struct ecr_datagram sample(uint8_t command, uint16_t length, unsigned int number)
{
	uint32_t address = ecr_command_is_logical(command)
				   ? 0x00010800u + number
				   : ecr_address_station((uint16_t)(0x1001 + number),
							 (uint16_t)(ECR_REG_AL_STATUS + number));

	return (struct ecr_datagram){ .command = command,
				      .index = (uint8_t)(command + 7 + number),
				      .address = address,
				      .length = length,
				      .irq = (uint16_t)(0x104 + number),
				      .wkc = (uint16_t)(command + 1 + number) };
}

/* "first,second" of what `text` makes of each datagram. */
static void column(FILE *table, const struct ecr_datagram *datagrams, int count, char end,
		   void (*text)(FILE *table, const struct ecr_datagram *datagram))
{
	for (int i = 0; i < count; i++) {
		if (i)
			fputc(',', table);
		text(table, &datagrams[i]);
	}
	fputc(end, table);
}

static void text_command(FILE *table, const struct ecr_datagram *datagram)
{
	fprintf(table, "0x%02x", datagram->command);
}

static void text_index(FILE *table, const struct ecr_datagram *datagram)
{
	fprintf(table, "0x%02x", datagram->index);
}

static void text_length(FILE *table, const struct ecr_datagram *datagram)
{
	fprintf(table, "%u", datagram->length);
}

static void text_wkc(FILE *table, const struct ecr_datagram *datagram)
{
	fprintf(table, "%u", datagram->wkc);
}

static void text_irq(FILE *table, const struct ecr_datagram *datagram)
{
	fprintf(table, "0x%04x", datagram->irq);
}

static void text_low(FILE *table, const struct ecr_datagram *datagram)
{
	fprintf(table, "0x%04x", datagram->address & 0xFFFF);
}

static void text_high(FILE *table, const struct ecr_datagram *datagram)
{
	fprintf(table, "0x%04x", datagram->address >> 16);
}

static void text_logical(FILE *table, const struct ecr_datagram *datagram)
{
	fprintf(table, "0x%08x", datagram->address);
}

/* cmd|idx|length|wkc|irq|adp|ado|logical|vlan priority|vlan id, as scripts ask the dissector for them. */
static void write_row(FILE *table, const struct ecr_datagram *datagrams, int count,
		      const struct ecr_ethernet *header)
{
	column(table, datagrams, count, '|', text_command);
	column(table, datagrams, count, '|', text_index);
	column(table, datagrams, count, '|', text_length);
	column(table, datagrams, count, '|', text_wkc);
	column(table, datagrams, count, '|', text_irq);
	if (ecr_command_is_logical(datagrams[0].command)) {
		fputs("||", table);
		column(table, datagrams, count, '|', text_logical);
	} else {
		column(table, datagrams, count, '|', text_low);
		column(table, datagrams, count, '|', text_high);
		fputc('|', table);
	}
	if (header->tagged)
		fprintf(table, "%u|%u\n", header->vlan >> 13, header->vlan & 0xFFF);
	else
		fputs("|\n", table);
}

static void write_frame(FILE *pcap, FILE *table, struct ecr_datagram *datagrams, int count,
			bool tagged)
{
	struct ecr_ethernet header = { .destination = { 255, 255, 255, 255, 255, 255 },
				       .source = { 2, 0, 0, 0, 0, 1 },
				       .tagged = tagged,
				       .vlan = 0xE001,
				       .ethertype = ECR_ETHERTYPE };
	uint8_t frame[1600];
	size_t used = ecr_ethernet_write(frame, sizeof(frame), &header);
	struct ecr_frame_writer writer;

	ecr_frame_begin(&writer, frame + used, ECR_FRAME_MAX);
	for (int i = 0; i < count; i++)
		ecr_frame_append(&writer, &datagrams[i]);
	used = ecr_ethernet_pad(frame, used + ecr_frame_finish(&writer), sizeof(frame));
	pcap_frame(pcap, frame, used);
	write_row(table, datagrams, count, &header);
}

/* A small frame, one filled by two datagrams, one filled by a single one. */
static void write_frames(FILE *pcap, FILE *table, uint8_t command)
{
	struct ecr_datagram two[2] = { sample(command, 4, 0), sample(command, 2, 1) };
	struct ecr_datagram one = sample(command, ECR_DATAGRAM_DATA_MAX, 0);

	write_frame(pcap, table, two, 2, false);
	two[1].length = ECR_FRAME_MAX - 2 - 2 * ECR_DATAGRAM_OVERHEAD - 4;
	write_frame(pcap, table, two, 2, command % 2);
	write_frame(pcap, table, &one, 1, !(command % 2));
}

int main(int argc, char **argv)
{
	FILE *pcap = argc == 3 ? fopen(argv[1], "wb") : NULL;
	FILE *table = argc == 3 ? fopen(argv[2], "w") : NULL;

	if (!pcap || !table) {
		fprintf(stderr, "usage: sample_frames PCAP TABLE\n");
		return 2;
	}
	pcap_begin(pcap);
	for (uint8_t command = 0; command < ECR_CMD_COUNT; command++)
		write_frames(pcap, table, command);
	return fclose(pcap) || fclose(table);
}
