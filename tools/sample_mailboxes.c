/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a capture with a mailbox message of every kind, and a display filter that holds for each of them if a dissector
 * reads what was written: sample_mailboxes PCAP FILTER. Prints how many there are. What tshark does not know is left out:
 * mailbox error replies, and lists in several fragments, whose mark it takes for a part of the operation's code.
 */
#include "tools/pcap_file.h"
#include "wire/coe.h"
#include "wire/coe_description.h"
#include "wire/ethernet.h"
#include "wire/frame.h"

#include <stdio.h>
#include <string.h>

#define MAILBOX_SIZE 128u
#define OUT_AT 0x1000u
#define IN_AT 0x1080u

struct output {
	FILE *pcap;
	FILE *filter;
	unsigned int count;
};

static uint8_t message[MAILBOX_SIZE];

/* The message in a frame as it comes back from the slave, with what must be true of it. */
static void add(struct output *output, bool request, size_t length, const char *says)
{
	struct ecr_ethernet header = { .destination = { 255, 255, 255, 255, 255, 255 },
				       .source = { 2, 0, 0, 0, 0, 1 },
				       .ethertype = ECR_ETHERTYPE };
	struct ecr_datagram datagram = { .command = request ? ECR_CMD_FPWR : ECR_CMD_FPRD,
					 .address = ecr_address_station(0x1001,
									request ? OUT_AT : IN_AT),
					 .length = MAILBOX_SIZE,
					 .data = message,
					 .wkc = 1 };
	uint8_t counter = (uint8_t)(output->count % 7 + 1);
	uint8_t frame[512];
	size_t used = ecr_ethernet_write(frame, sizeof(frame), &header);
	struct ecr_frame_writer writer;

	ecr_mailbox_put_counter(message, counter);
	ecr_frame_begin(&writer, frame + used, sizeof(frame) - used);
	ecr_frame_append(&writer, &datagram);
	used += ecr_frame_finish(&writer);
	pcap_frame(output->pcap, frame, used);
	fprintf(output->filter,
		"%s(frame.number == %u && ecat_mailbox.length == %zu && ecat_mailbox.counter == %u"
		" && %s)",
		output->count ? " || " : "", output->count + 1, length - ECR_MAILBOX_HEADER,
		counter, says);
	output->count++;
	memset(message, 0, sizeof(message));
}

#define COE "ecat_mailbox.type == 3 && ecat_mailbox.coe.type == "
#define REQUEST COE "2 && ecat_mailbox.coe."
#define ANSWER COE "3 && ecat_mailbox.coe."
#define INFO COE "8 && ecat_mailbox.coe.sdoinfo"
#define AND " && ecat_mailbox.coe."
#define AND_INFO " && ecat_mailbox.coe.sdoinfo"

static const uint8_t text[] = "all kinds of messages";

static void add_uploads(struct output *output)
{
	size_t done = 0;

	add(output, true, ecr_coe_put_upload(message, MAILBOX_SIZE, 0x1018, 1, false),
	    REQUEST "sdoreq == 2" AND "sdoidx == 0x1018" AND "sdosub == 1");
	add(output, true, ecr_coe_put_upload(message, MAILBOX_SIZE, 0x1C12, 0, true),
	    REQUEST "sdoreq == 2" AND "sdoidx == 0x1c12" AND "sdoccsid.complete == 1");
	add(output, true, ecr_coe_put_upload_segment(message, MAILBOX_SIZE, true),
	    REQUEST "sdoreq == 3" AND "sdoccsus_toggle == 1");
	add(output, false,
	    ecr_coe_put_uploaded(message, MAILBOX_SIZE, 0x6000, 2, false, text, 2, &done),
	    ANSWER "sdores == 2" AND "sdoscsiu_expedited == 1" AND "sdoscsiu_sizeind == 1" AND
		   "sdoidx == 0x6000" AND "sdosub == 2" AND "sdodata == 0x6c61");
	done = 0;
	add(output, false,
	    ecr_coe_put_uploaded(message, MAILBOX_SIZE, 0x1008, 0, false, text, 21, &done),
	    ANSWER "sdores == 2" AND "sdoscsiu_expedited == 0" AND "sdolength == 21" AND
		   "dsoldata[0:3] == 61:6c:6c");
	done = 18;
	add(output, false,
	    ecr_coe_put_segment_uploaded(message, MAILBOX_SIZE, true, text, 21, &done),
	    ANSWER "sdores == 0" AND "sdoscsus_lastseg == 1" AND "sdoscsus_toggle == 1" AND
		   "sdoscsus_bytes == 4");
}

static void add_downloads(struct output *output)
{
	size_t done = 0;

	add(output, true,
	    ecr_coe_put_download(message, MAILBOX_SIZE, 0xF008, 0, false, text, 4, &done),
	    REQUEST "sdoreq == 1" AND "sdoccsid.expedited == 1" AND "sdoccsid.sizeind == 1" AND
		    "sdoidx == 0xf008");
	done = 0;
	add(output, true,
	    ecr_coe_put_download(message, MAILBOX_SIZE, 0x1C12, 0, true, text, 21, &done),
	    REQUEST "sdoreq == 1" AND "sdoccsid.expedited == 0" AND "sdoccsid.complete == 1" AND
		    "sdolength == 21");
	done = 16;
	add(output, true,
	    ecr_coe_put_download_segment(message, MAILBOX_SIZE, true, text, 21, &done),
	    REQUEST "sdoreq == 0" AND "sdoccsds.lastseg == 1" AND "sdoccsds.toggle == 1" AND
		    "sdoccsds.size == 2");
	add(output, false, ecr_coe_put_downloaded(message, MAILBOX_SIZE, 0xF008, 3, false),
	    ANSWER "sdores == 3" AND "sdoidx == 0xf008" AND "sdosub == 3");
	add(output, false, ecr_coe_put_segment_downloaded(message, MAILBOX_SIZE, true),
	    ANSWER "sdores == 1" AND "sdoscsds_toggle == 1");
}

static void add_aborts(struct output *output)
{
	struct ecr_coe_emergency emergency = { 0x8130, 0x11, { 1, 2, 3, 4, 5 } };

	add(output, true, ecr_coe_put_abort(message, MAILBOX_SIZE, 0x2000, 1, 0x05040000),
	    REQUEST "sdoreq == 4" AND "abortcode == 0x05040000");
	/* A slave's abort is a request, too. */
	add(output, false, ecr_coe_put_abort(message, MAILBOX_SIZE, 0x2000, 1, 0x06020000),
	    REQUEST "sdoreq == 4" AND "abortcode == 0x06020000");
	add(output, false, ecr_coe_put_emergency(message, MAILBOX_SIZE, &emergency), COE "1");
}

static size_t info(enum ecr_coe_info_kind kind, uint16_t fragments, const uint8_t *data,
		   size_t length)
{
	return ecr_coe_put_info(message, MAILBOX_SIZE, kind, fragments, data, length);
}

static void add_information(struct output *output)
{
	static const struct ecr_coe_object_description object = {
		0x1018, 0x23, 4, 9, "Identity", 8
	};
	static const struct ecr_coe_entry_description entry = {
		0x1018, 1, 0, 7, 32, 7, "Vendor", 6
	};
	uint8_t data[64];
	size_t length;

	add(output, true, info(ECR_COE_INFO_LIST, 0, (const uint8_t[]){ 1, 0 }, 2),
	    INFO "opcode == 1" AND_INFO "listtype == 1");
	add(output, false,
	    info(ECR_COE_INFO_LIST_ANSWER, 0, (const uint8_t[]){ 1, 0, 0, 0x10, 8, 0x10 }, 6),
	    INFO "opcode == 2" AND_INFO "frag == 0" AND_INFO "listtype == 1");
	add(output, true, info(ECR_COE_INFO_OBJECT, 0, (const uint8_t[]){ 0x18, 0x10 }, 2),
	    INFO "opcode == 3" AND_INFO "index == 0x1018");
	length = ecr_coe_put_object_description(data, sizeof(data), &object);
	add(output, false, info(ECR_COE_INFO_OBJECT_ANSWER, 0, data, length),
	    INFO "opcode == 4" AND_INFO "index == 0x1018" AND_INFO "datatype == 0x23" AND_INFO
		 "maxsub == 4" AND_INFO "objcode == 9" AND_INFO "name == \"Identity\"");
	add(output, true, info(ECR_COE_INFO_ENTRY, 0, (const uint8_t[]){ 0x18, 0x10, 1, 7 }, 4),
	    INFO "opcode == 5" AND_INFO "index == 0x1018" AND_INFO "subindex == 1" AND_INFO
		 "valueinfo == 7");
	length = ecr_coe_put_entry_description(data, sizeof(data), &entry);
	add(output, false, info(ECR_COE_INFO_ENTRY_ANSWER, 0, data, length),
	    INFO "opcode == 6" AND_INFO "index == 0x1018" AND_INFO "subindex == 1" AND_INFO
		 "datatype == 7" AND_INFO "bitlen == 32" AND_INFO "objaccess == 7" AND_INFO
		 "name == \"Vendor\"");
	add(output, false, info(ECR_COE_INFO_ERROR, 0, (const uint8_t[]){ 0, 0, 2, 6 }, 4),
	    INFO "opcode == 7" AND_INFO "errorcode == 0x06020000");
}

int main(int argc, char **argv)
{
	struct output output = { .pcap = argc == 3 ? fopen(argv[1], "wb") : NULL,
				 .filter = argc == 3 ? fopen(argv[2], "w") : NULL };

	if (!output.pcap || !output.filter) {
		fprintf(stderr, "usage: sample_mailboxes PCAP FILTER\n");
		return 2;
	}
	pcap_begin(output.pcap);
	add_uploads(&output);
	add_downloads(&output);
	add_aborts(&output);
	add_information(&output);
	printf("%u\n", output.count);
	return fclose(output.pcap) || fclose(output.filter);
}
