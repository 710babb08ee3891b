/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recorded startups with distributed clocks: from the receive times that the real slaves latched, our delays must be what
 * the recorded master wrote, within 20 ns. What differs is listed with its reason in delays.tsv.
 */
#include "support/check.h"
#include "support/data.h"
#include "support/pcap.h"

#include "base/le.h"
#include "dc/delay.h"
#include "wire/frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLAVES 8
#define AGREE_NS 20
#define LISTED 16

static const char *const recordings[] = {
	"no_reborrow_a513e6d",
	"replay-ek1100-el2828-el2889",
	"replay-ek1914-el3004-mailbox",
	"replay-ek1914-segmented-upload",
	"replay-issue-255",
	"replay-mailbox-el3004_a2491da",
	"replay-no-complete-access_67a14d5",
	"soem-sdinfo-ek1100-el1004",
	"soem-single-lan9252",
};

struct slave {
	uint16_t station;
	uint16_t dl_status;
	struct ecr_receive_times times;
	bool set; /* the master has written a delay, */
	uint32_t written;
};

struct ring {
	int count;
	struct slave slaves[SLAVES];
};

/* Stations are given in the ring's order. */
static struct slave *slave_of(struct ring *ring, uint16_t station)
{
	for (int i = 0; i < ring->count; i++)
		if (ring->slaves[i].station == station)
			return &ring->slaves[i];
	assert_true(ring->count < SLAVES);
	ring->slaves[ring->count] = (struct slave){ .station = station };
	return &ring->slaves[ring->count++];
}

static void learn_times(struct slave *slave, uint16_t offset, const struct ecr_datagram *answer)
{
	for (uint32_t at = 0; at + 4 <= answer->length; at += 4) {
		uint32_t port = (offset + at - ECR_REG_DC_RECEIVE_TIMES) / 4;

		if (port < ECR_PORT_COUNT)
			slave->times.time[port] = ecr_le32(answer->data + at);
	}
	slave->times.valid = true;
}

static void learn(struct ring *ring, const struct ecr_datagram *answer)
{
	uint16_t offset = (uint16_t)(answer->address >> 16);
	struct slave *slave = slave_of(ring, (uint16_t)answer->address);

	if (answer->command == ECR_CMD_FPRD && answer->wkc == 1) {
		if (offset == ECR_REG_DL_STATUS)
			slave->dl_status = ecr_le16(answer->data);
		if (offset >= ECR_REG_DC_RECEIVE_TIMES && offset < ECR_REG_DC_SYSTEM_TIME)
			learn_times(slave, offset, answer);
	}
	if (answer->command == ECR_CMD_FPWR && offset == ECR_REG_DC_DELAY) {
		slave->set = true;
		slave->written = ecr_le32(answer->data);
	}
}

static bool study(struct ring *ring, const char *name)
{
	struct pcap pcap;
	struct pcap_frame frame;
	struct ecr_frame_reader reader;
	struct ecr_datagram datagram;
	char path[128];

	*ring = (struct ring){ 0 };
	snprintf(path, sizeof(path), "pcap/%s.pcapng", name);
	if (!pcap_open(&pcap, path))
		return false;
	while (pcap_next(&pcap, &frame)) {
		if (!frame.passed)
			continue;
		ecr_frame_open(&reader, frame.bytes, frame.length);
		while (ecr_frame_next(&reader, &datagram))
			if (datagram.command == ECR_CMD_FPRD || datagram.command == ECR_CMD_FPWR)
				learn(ring, &datagram);
	}
	pcap_close(&pcap);
	return true;
}

struct exception {
	char recording[64];
	uint32_t slave;
	uint32_t written;
	uint32_t ours;
	bool used;
};

static struct exception exceptions[LISTED];
static int exception_count;

static void load_exceptions(void)
{
	static char table[4096];
	char *next = table;
	char *row[5];
	int count;

	source_load("tests/replay/delays.tsv", table, sizeof(table));
	exception_count = 0;
	while ((count = table_row(&next, row, 5)) >= 0) {
		struct exception *known = &exceptions[exception_count];

		if (!count)
			continue;
		assert_int_equal(count, 5);
		assert_true(strlen(row[4]) > 20 && exception_count < LISTED); /* with its reason */
		exception_count++;
		*known = (struct exception){ .slave = (uint32_t)strtoul(row[1], NULL, 10),
					     .written = (uint32_t)strtoul(row[2], NULL, 10),
					     .ours = (uint32_t)strtoul(row[3], NULL, 10) };
		snprintf(known->recording, sizeof(known->recording), "%s", row[0]);
	}
}

static bool excepted(const char *recording, uint32_t slave, uint32_t written, uint32_t ours)
{
	for (int i = 0; i < exception_count; i++) {
		struct exception *known = &exceptions[i];

		if (strcmp(known->recording, recording) != 0 || known->slave != slave ||
		    known->written != written || known->ours != ours)
			continue;
		known->used = true;
		return true;
	}
	return false;
}

/* How many delays the recording has. */
static int check(const char *name, struct ring *ring)
{
	struct ecr_receive_times times[SLAVES];
	struct ecr_delay delays[SLAVES];
	struct ecr_node nodes[SLAVES];
	uint16_t dl_status[SLAVES];
	struct ecr_tree tree;
	int compared = 0;

	for (int i = 0; i < ring->count; i++) {
		dl_status[i] = ring->slaves[i].dl_status;
		times[i] = ring->slaves[i].times;
	}
	assert_true(ecr_tree_build(&tree, nodes, dl_status, ring->count));
	ecr_delays(&tree, times, delays);
	for (int i = 0; i < ring->count; i++) {
		uint32_t written = ring->slaves[i].written;
		uint32_t ours = (uint32_t)(delays[i].arrival_ns - delays[0].arrival_ns);

		if (!ring->slaves[i].set)
			continue;
		compared++;
		assert_true(delays[i].known);
		if (llabs((long long)written - (long long)ours) > AGREE_NS &&
		    !excepted(name, (uint32_t)i, written, ours))
			fail_msg("%s, slave %d: written %u, ours %u", name, i, written, ours);
	}
	return compared;
}

static void delays_are_those_that_were_written(void **state)
{
	struct ring ring;
	int compared = 0;

	(void)state;
	load_exceptions();
	for (size_t i = 0; i < sizeof(recordings) / sizeof(recordings[0]); i++) {
		if (!study(&ring, recordings[i])) {
			print_message("no recordings at " ECRING_SHARED_DATA ": skipped\n");
			skip();
			return;
		}
		compared += check(recordings[i], &ring);
	}
	print_message("%d delays\n", compared);
	assert_int_equal(compared, 18);
	for (int i = 0; i < exception_count; i++)
		assert_true(exceptions[i].used);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(delays_are_those_that_were_written) };

	return RUN(tests);
}
