/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The master's side of recorded startups against simulated rings that are built from nothing but the recordings: EEPROM,
 * controller and stations as read in them. The working counters must be those that the real ring gave; what differs is
 * listed with its reason in differences.tsv.
 */
#include "support/check.h"
#include "support/data.h"
#include "support/pcap.h"

#include "base/le.h"
#include "wire/esc.h"
#include "wire/frame.h"
#include "wire/sii.h"

#include <ecring/sim.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLAVES 8
#define EEPROM_SIZE 8192
#define KNOWN 0x1000 /* registers that are looked at */

static const char *const recordings[] = {
	"no_reborrow_a513e6d",
	"replay-ek1100-el2828-el2889",
	"replay-ek1914-el3004-mailbox",
	"replay-ek1914-segmented-upload",
	"replay-issue-255",
	"replay-mailbox-el3004_a2491da",
	"replay-no-complete-access_67a14d5",
	"rs-detect-slaves-ek1100-only",
	"rs-example-sii-el2004",
	"soem-sdinfo-ek1100-el1004",
	"soem-sdinfo-no-slaves",
	"soem-single-lan9252",
	"twincat-scan-boxes",
};

#define RECORDINGS (sizeof(recordings) / sizeof(recordings[0]))

/* What the answers tell of one slave. */
struct known {
	uint8_t registers[KNOWN];
	bool read[KNOWN];
	uint8_t eeprom[EEPROM_SIZE];
	bool configuration_read; /* the EEPROM's first word */
};

/* What recordings do not read of a controller: ET1100 and its kin have 8 FMMUs and SyncManagers, small ones 3 and 4; the
 * configuration is the EEPROM's second byte, bits 2 and 3 of which switch the clock's units on: set where 0x0918 answers. */
static const struct controller {
	uint32_t product;
	uint32_t revision; /* 0: any */
	uint8_t fmmus;
	uint8_t sms;
	uint8_t configuration;
} controllers[] = {
	{ 0x00009252, 0, 3, 4, 0x0C },		/* LAN9252 */
	{ 0x03EC3052, 0, 3, 4, 0x01 },		/* EL1004 */
	{ 0x03F03052, 0, 3, 4, 0x01 },		/* EL1008 */
	{ 0x044C2C52, 0, 8, 8, 0x0D },		/* EK1100 */
	{ 0x077A2C52, 0, 8, 8, 0x00 },		/* EK1914 */
	{ 0x07D43052, 0, 3, 4, 0x01 },		/* EL2004 */
	{ 0x0B0C3052, 0, 3, 4, 0x01 },		/* EL2828 */
	{ 0x0B493052, 0, 3, 4, 0x0D },		/* EL2889 */
	{ 0x0BBC3052, 0x00110000, 3, 4, 0x0C }, /* EL3004, with clock and */
	{ 0x0BBC3052, 0x00150000, 3, 4, 0x00 }, /* without */
};

struct ring {
	int count;
	struct known slaves[SLAVES];
};

/* A position: from the address that all slaves have incremented, or by station. */
static int slave_of(const struct ring *ring, const struct ecr_datagram *answer)
{
	uint16_t address = (uint16_t)answer->address;

	if (ecr_command_is_auto_increment(answer->command))
		return (ring->count - address) & 0xFFFF;
	for (int i = 0; i < ring->count; i++)
		if (ecr_le16(ring->slaves[i].registers + ECR_REG_STATION) == address)
			return i;
	return -1;
}

static void learn_registers(struct known *slave, uint16_t offset, const struct ecr_datagram *answer)
{
	for (uint16_t i = 0; i < answer->length && offset + i < KNOWN; i++) {
		slave->registers[offset + i] = answer->data[i];
		slave->read[offset + i] = true;
	}
}

/* Data stand in the register with the address that was asked for, once it is no longer busy. */
static void learn_eeprom(struct known *slave, uint16_t offset, const struct ecr_datagram *answer)
{
	size_t at = (size_t)ecr_le32(slave->registers + ECR_REG_EEPROM_ADDRESS) * 2;

	if (ecr_le16(slave->registers + ECR_REG_EEPROM_CONTROL) & ECR_EEPROM_BUSY)
		return;
	for (uint16_t i = 0; i < answer->length; i++) {
		size_t byte = (size_t)offset + i - ECR_REG_EEPROM_DATA;

		if (offset + i < ECR_REG_EEPROM_DATA || byte >= 8 || at + byte >= EEPROM_SIZE)
			continue;
		slave->eeprom[at + byte] = answer->data[i];
		slave->configuration_read = slave->configuration_read || at + byte == 0;
	}
}

static void learn(struct ring *ring, const struct ecr_datagram *answer)
{
	uint16_t offset = (uint16_t)(answer->address >> 16);
	bool writes = ecr_command_writes(answer->command);
	int number = slave_of(ring, answer);
	struct known *slave;

	if (answer->wkc != 1 || number < 0 || number >= ring->count ||
	    answer->command == ECR_CMD_FRMW || answer->command == ECR_CMD_ARMW)
		return;
	slave = &ring->slaves[number];
	/* Written to the EEPROM's control: its status bits are not what was written. */
	learn_registers(slave, offset, answer);
	if (writes && offset <= ECR_REG_EEPROM_CONTROL &&
	    offset + answer->length > ECR_REG_EEPROM_CONTROL)
		slave->registers[ECR_REG_EEPROM_CONTROL + 1] &= 0x7F;
	if (!writes && offset + answer->length > ECR_REG_EEPROM_DATA)
		learn_eeprom(slave, offset, answer);
}

/* Broadcasts count the slaves with their address. */
static void count_slaves(struct ring *ring, const struct ecr_datagram *answer)
{
	uint16_t passed = (uint16_t)answer->address;

	if (ecr_command_is_broadcast(answer->command) && passed > ring->count && passed <= SLAVES)
		ring->count = passed;
}

static void study_once(struct ring *ring, const char *path, bool count)
{
	struct pcap pcap;
	struct pcap_frame frame;
	struct ecr_frame_reader reader;
	struct ecr_datagram datagram;

	if (!pcap_open(&pcap, path))
		return;
	while (pcap_next(&pcap, &frame)) {
		if (!frame.passed)
			continue;
		ecr_frame_open(&reader, frame.bytes, frame.length);
		while (ecr_frame_next(&reader, &datagram)) {
			if (count)
				count_slaves(ring, &datagram);
			else if (!ecr_command_is_logical(datagram.command) &&
				 !ecr_command_is_broadcast(datagram.command))
				learn(ring, &datagram);
		}
	}
	pcap_close(&pcap);
}

static void study(struct ring *ring, const char *path)
{
	memset(ring, 0, sizeof(*ring));
	for (int i = 0; i < SLAVES; i++)
		memset(ring->slaves[i].eeprom, 0xFF, EEPROM_SIZE);
	study_once(ring, path, true);
	study_once(ring, path, false);
}

static const struct controller *controller_of(const struct known *slave)
{
	uint32_t product = ecr_le32(slave->eeprom + 2 * ECR_SII_WORD_PRODUCT);
	uint32_t revision = ecr_le32(slave->eeprom + 2 * ECR_SII_WORD_REVISION);

	for (size_t i = 0; i < sizeof(controllers) / sizeof(controllers[0]); i++)
		if (controllers[i].product == product &&
		    (!controllers[i].revision || controllers[i].revision == revision))
			return &controllers[i];
	return NULL;
}

/* A first word that was not read, with a checksum that makes the controller take it. */
static void complete(struct known *slave, uint8_t configuration)
{
	if (slave->configuration_read)
		return;
	memset(slave->eeprom, 0, 16);
	slave->eeprom[1] = configuration;
	slave->eeprom[14] = ecr_sii_crc(slave->eeprom);
}

static void describe(struct known *slave, struct ecr_sim_device *device)
{
	const struct controller *controller = controller_of(slave);

	complete(slave, controller ? controller->configuration : 0);
	device->sii = slave->eeprom;
	device->sii_size = EEPROM_SIZE;
	device->emulation = slave->eeprom[1] & ECR_ESC_CONFIG_EMULATION;
	if (slave->read[ECR_REG_FMMU_COUNT])
		device->fmmus = slave->registers[ECR_REG_FMMU_COUNT];
	else if (controller)
		device->fmmus = controller->fmmus;
	if (slave->read[ECR_REG_SM_COUNT])
		device->sms = slave->registers[ECR_REG_SM_COUNT];
	else if (controller)
		device->sms = controller->sms;
	if (slave->read[ECR_REG_FEATURES])
		device->features = ecr_le16(slave->registers + ECR_REG_FEATURES);
}

static struct ecr_sim *build(struct ring *ring)
{
	struct ecr_sim_device devices[SLAVES] = { 0 };
	struct ecr_sim *sim;
	size_t size;
	void *memory;

	for (int i = 0; i < ring->count; i++)
		describe(&ring->slaves[i], &devices[i]);
	size = ecr_sim_size(devices, ring->count);
	memory = calloc(1, size);
	sim = ecr_sim_init(memory, size, devices, ring->count);
	assert_non_null(sim);
	return sim;
}

/* A question that waits for its answer, kept by index as masters do. */
struct question {
	uint8_t bytes[ECR_FRAME_MAX];
	size_t length;
	bool waiting;
};

struct difference {
	char recording[64];
	char command[8];
	uint16_t from;
	uint16_t to;
	uint16_t ring;
	uint16_t simulator;
	bool used;
};

static struct difference differences[200];
static int difference_count;
static unsigned int compared;
static unsigned int differing;
static unsigned int unlisted;

static void load_differences(void)
{
	static char table[32768];
	char *next = table;
	char *row[7];
	int count;

	source_load("tests/replay/differences.tsv", table, sizeof(table));
	difference_count = 0;
	while ((count = table_row(&next, row, 7)) >= 0) {
		struct difference *difference = &differences[difference_count];

		if (!count)
			continue;
		assert_int_equal(count, 7);
		assert_true(strlen(row[6]) > 20); /* the reason */
		difference_count++;
		snprintf(difference->recording, sizeof(difference->recording), "%s", row[0]);
		snprintf(difference->command, sizeof(difference->command), "%s", row[1]);
		difference->from = (uint16_t)strtoul(row[2], NULL, 16);
		difference->to = (uint16_t)strtoul(row[3], NULL, 16);
		difference->ring = (uint16_t)strtoul(row[4], NULL, 10);
		difference->simulator = (uint16_t)strtoul(row[5], NULL, 10);
		difference->used = false;
	}
}

static bool listed(const char *recording, const struct ecr_datagram *question, uint16_t ring,
		   uint16_t simulator)
{
	uint16_t offset = (uint16_t)(question->address >> 16);

	for (int i = 0; i < difference_count; i++) {
		struct difference *d = &differences[i];

		if (strcmp(d->recording, recording) != 0 ||
		    strcmp(d->command, ecr_command_name(question->command)) != 0 ||
		    offset < d->from || offset > d->to || ring != d->ring ||
		    simulator != d->simulator)
			continue;
		d->used = true;
		return true;
	}
	return false;
}

static void compare(const char *recording, const struct question *question, uint8_t *ours,
		    const struct pcap_frame *answer)
{
	uint8_t asked_bytes[ECR_FRAME_MAX];
	struct ecr_frame_reader readers[3];
	struct ecr_datagram asked;
	struct ecr_datagram simulated;
	struct ecr_datagram real;

	memcpy(asked_bytes, question->bytes, question->length);
	ecr_frame_open(&readers[0], asked_bytes, question->length);
	ecr_frame_open(&readers[1], ours, question->length);
	ecr_frame_open(&readers[2], answer->bytes, answer->length);
	while (ecr_frame_next(&readers[0], &asked) && ecr_frame_next(&readers[1], &simulated) &&
	       ecr_frame_next(&readers[2], &real)) {
		compared++;
		if (simulated.wkc == real.wkc)
			continue;
		differing++;
		if (listed(recording, &asked, real.wkc, simulated.wkc))
			continue;
		if (unlisted++ < 40)
			print_message("%s\t%s\t0x%04x\t0x%04x\t%u\t%u\tto 0x%04x, %u bytes\n",
				      recording, ecr_command_name(asked.command),
				      asked.address >> 16, asked.address >> 16, real.wkc,
				      simulated.wkc, asked.address & 0xFFFF, asked.length);
	}
}

static void ask(struct ecr_sim *sim, const struct pcap_frame *frame, struct question *questions,
		struct question *ours)
{
	struct question *question = &questions[frame->bytes[3]];
	struct question *our = &ours[frame->bytes[3]];

	assert_true(frame->length >= 4 && frame->length <= ECR_FRAME_MAX);
	memcpy(question->bytes, frame->bytes, frame->length);
	question->length = frame->length;
	question->waiting = true;
	*our = *question;
	our->waiting = ecr_sim_process(sim, frame->at, our->bytes, our->length);
}

static void replay(const char *recording, const char *path, struct ring *ring)
{
	static struct question questions[256];
	static struct question ours[256];
	struct ecr_sim *sim = build(ring);
	struct pcap pcap;
	struct pcap_frame frame;

	memset(questions, 0, sizeof(questions));
	if (!pcap_open(&pcap, path))
		return;
	while (pcap_next(&pcap, &frame)) {
		uint8_t index = frame.bytes[3];

		if (!frame.passed) {
			ask(sim, &frame, questions, ours);
		} else if (questions[index].waiting) {
			questions[index].waiting = false;
			compare(recording, &questions[index], ours[index].bytes, &frame);
		}
	}
	pcap_close(&pcap);
	free(sim);
}

static void the_simulated_ring_answers_as_the_real_one(void **state)
{
	static struct ring ring;
	char path[128];

	(void)state;
	load_differences();
	for (size_t i = 0; i < RECORDINGS; i++) {
		struct pcap pcap;

		snprintf(path, sizeof(path), "pcap/%s.pcapng", recordings[i]);
		if (!pcap_open(&pcap, path)) {
			print_message("no recordings at " ECRING_SHARED_DATA ": skipped\n");
			skip();
		}
		pcap_close(&pcap);
		study(&ring, path);
		print_message("%s: %d slaves\n", recordings[i], ring.count);
		if (ring.count)
			replay(recordings[i], path, &ring);
	}
	print_message("%u working counters, %u differ, %u of them not listed\n", compared,
		      differing, unlisted);
	assert_true(compared > 13000);
	assert_int_equal(unlisted, 0);
	for (int i = 0; i < difference_count; i++) {
		if (!differences[i].used)
			print_message("%s 0x%04x of %s differs no more: it need not be listed\n",
				      differences[i].command, differences[i].from,
				      differences[i].recording);
		assert_true(differences[i].used);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_simulated_ring_answers_as_the_real_one),
	};

	return RUN(tests);
}
