/* SPDX-License-Identifier: Apache-2.0 */
/* Recorded traffic: every datagram of every frame re-encodes to the same bytes. */
#include "support/check.h"
#include "support/pcap.h"

#include "wire/frame.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned int frames;
static unsigned int datagrams;

static void check_frame(uint8_t *frame, size_t length)
{
	uint8_t again[2048];
	struct ecr_frame_reader reader;
	struct ecr_frame_writer writer;
	struct ecr_datagram datagram;

	assert_int_equal(ecr_frame_open(&reader, frame, length), ECR_FRAME_OK);
	ecr_frame_begin(&writer, again, sizeof(again));
	while (ecr_frame_next(&reader, &datagram)) {
		assert_non_null(ecr_frame_append(&writer, &datagram));
		datagrams++;
	}
	assert_int_equal(reader.fault, ECR_FRAME_OK);
	assert_int_equal(ecr_frame_finish(&writer), reader.next);
	/* The length field may be wrong on the wire; the datagrams may not. */
	assert_memory_equal(again + ECR_FRAME_HEADER_SIZE, frame + ECR_FRAME_HEADER_SIZE,
			    reader.next - ECR_FRAME_HEADER_SIZE);
	frames++;
}

static void check_file(const char *path)
{
	struct pcap pcap;
	struct pcap_frame frame;

	assert_true(pcap_open(&pcap, path));
	while (pcap_next(&pcap, &frame))
		check_frame(frame.bytes, frame.length);
	assert_true(pcap.at == pcap.length);
	pcap_close(&pcap);
}

static void every_datagram_re_encodes(void **state)
{
	DIR *folder = opendir(ECRING_SHARED_DATA "/pcap");
	struct dirent *entry;
	char path[512];

	(void)state;
	if (!folder) {
		print_message("no captures at " ECRING_SHARED_DATA ": skipped\n");
		skip();
	}
	while ((entry = readdir(folder))) {
		if (!strstr(entry->d_name, ".pcapng"))
			continue;
		snprintf(path, sizeof(path), "pcap/%s", entry->d_name);
		check_file(path);
	}
	closedir(folder);
	print_message("%u frames, %u datagrams\n", frames, datagrams);
	assert_true(frames > 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_datagram_re_encodes) };

	return RUN(tests);
}
