/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recorded mailbox traffic: each message is read and written again to the same bytes, and our client, given the recorded
 * answers, asks the recorded questions and comes to the recorded values. With a recording's name as argument it prints the
 * messages, for mailboxes_tshark.sh to compare.
 */
#include "support/check.h"
#include "support/data.h"
#include "support/pcap.h"

#include "slave/pdos.h"
#include "wire/esc.h"
#include "wire/frame.h"

#include <stdio.h>
#include <string.h>

#define EXCHANGES 64
#define STATIONS 8
#define SM_REGISTERS (2 * ECR_SM_SIZE)

static const char *const recordings[] = {
	"replay-ek1914-el3004-mailbox",	     "replay-ek1914-segmented-upload",
	"replay-mailbox-el3004_a2491da",     "soem-single-lan9252",
	"replay-no-complete-access_67a14d5",
};

#define RECORDINGS (sizeof(recordings) / sizeof(recordings[0]))

struct note {
	uint8_t bytes[ECR_MAILBOX_MAX];
	uint16_t size; /* of the mailbox */
	unsigned int frame;
};

/* Whatever one slave was asked and has answered. */
struct recording {
	uint16_t station;
	uint8_t sms[STATIONS][SM_REGISTERS]; /* the first two SyncManagers of all, as written */
	struct ecr_sii_mailbox area;
	struct note questions[EXCHANGES];
	struct note answers[EXCHANGES];
	int asked;
	int answered;
};

static struct recording recording;

static void learn_area(const struct ecr_datagram *datagram, uint16_t offset)
{
	uint8_t *sms = recording.sms[datagram->address % STATIONS];

	for (uint16_t i = 0; i < datagram->length; i++)
		if (offset + i >= ECR_REG_SMS && offset + i < ECR_REG_SMS + SM_REGISTERS)
			sms[offset + i - ECR_REG_SMS] = datagram->data[i];
}

static struct ecr_sii_mailbox area_of(uint16_t station)
{
	struct ecr_sm sm[2];

	for (int i = 0; i < 2; i++)
		ecr_sm_decode(recording.sms[station % STATIONS] + i * (int)ECR_SM_SIZE, &sm[i]);
	return (struct ecr_sii_mailbox){ .receive_offset = sm[0].start,
					 .receive_size = sm[0].length,
					 .send_offset = sm[1].start,
					 .send_size = sm[1].length };
}

static void keep(struct note *note, const struct ecr_datagram *datagram, unsigned int frame)
{
	assert_true(datagram->length <= sizeof(note->bytes) && recording.asked < EXCHANGES);
	memcpy(note->bytes, datagram->data, datagram->length);
	note->size = datagram->length;
	note->frame = frame;
}

/* One slave speaks in each recording; its SyncManagers are written before. */
static void learn(const struct ecr_datagram *datagram, unsigned int frame)
{
	uint16_t offset = (uint16_t)(datagram->address >> 16);
	uint16_t station = (uint16_t)datagram->address;
	bool to = datagram->command == ECR_CMD_FPWR;
	struct ecr_sii_mailbox area = area_of(station);

	if (datagram->wkc != 1 || (!to && datagram->command != ECR_CMD_FPRD))
		return;
	if (to && offset >= ECR_REG_SMS && offset < ECR_REG_SMS + SM_REGISTERS) {
		learn_area(datagram, offset);
	} else if (to && area.receive_size && offset == area.receive_offset) {
		assert_true(!recording.asked || station == recording.station);
		recording.station = station;
		recording.area = area;
		keep(&recording.questions[recording.asked++], datagram, frame);
	} else if (!to && area.send_size && offset == area.send_offset) {
		keep(&recording.answers[recording.answered++], datagram, frame);
	}
}

static bool study(const char *name)
{
	struct pcap pcap;
	struct pcap_frame frame;
	struct ecr_frame_reader reader;
	struct ecr_datagram datagram;
	unsigned int number = 0;
	char path[128];

	memset(&recording, 0, sizeof(recording));
	snprintf(path, sizeof(path), "pcap/%s.pcapng", name);
	if (!pcap_open(&pcap, path))
		return false;
	while (pcap_next(&pcap, &frame)) {
		number++;
		if (!frame.passed)
			continue;
		ecr_frame_open(&reader, frame.bytes, frame.length);
		while (ecr_frame_next(&reader, &datagram))
			learn(&datagram, number);
	}
	pcap_close(&pcap);
	return true;
}

static void study_or_skip(const char *name)
{
	if (study(name))
		return;
	print_message("no recordings at " ECRING_SHARED_DATA ": skipped\n");
	skip();
}

static void read_message(const struct note *note, struct ecr_mailbox_message *message,
			 struct ecr_coe_sdo *sdo)
{
	assert_true(ecr_mailbox_get(note->bytes, note->size, message));
	assert_int_equal(message->type, ECR_MAILBOX_COE);
	assert_true(ecr_coe_get_sdo(message, sdo));
}

/* What our builders make of what our readers have found. */
static size_t write_again(uint8_t *bytes, size_t size, const struct ecr_coe_sdo *sdo)
{
	size_t done = 0;

	switch (sdo->kind) {
	case ECR_COE_UPLOAD:
		return ecr_coe_put_upload(bytes, size, sdo->index, sdo->subindex, sdo->complete);
	case ECR_COE_DOWNLOAD:
		return ecr_coe_put_download(bytes, size, sdo->index, sdo->subindex, sdo->complete,
					    sdo->data, sdo->length, &done);
	case ECR_COE_UPLOADED:
		return ecr_coe_put_uploaded(bytes, size, sdo->index, sdo->subindex, sdo->complete,
					    sdo->data, sdo->length, &done);
	case ECR_COE_DOWNLOADED:
		return ecr_coe_put_downloaded(bytes, size, sdo->index, sdo->subindex,
					      sdo->complete);
	default:
		fail_msg("no recording has this kind of message");
		return 0;
	}
}

/*
 * To the same bytes, but for two things that devices do: bytes behind the value in an expedited answer, or behind an
 * answer that needs none, are as the slave's memory had them.
 */
static void check_again(const struct note *note)
{
	struct ecr_mailbox_message message;
	struct ecr_coe_sdo sdo;
	uint8_t bytes[ECR_MAILBOX_MAX];
	size_t length;
	size_t significant;

	read_message(note, &message, &sdo);
	length = write_again(bytes, sizeof(bytes), &sdo);
	assert_int_equal(length, ECR_MAILBOX_HEADER + message.length);
	ecr_mailbox_put_counter(bytes, message.counter);
	significant = length;
	if (sdo.kind == ECR_COE_DOWNLOADED)
		significant = length - 4;
	else if (sdo.kind == ECR_COE_UPLOADED && sdo.expedited)
		significant = length - 4 + sdo.length;
	assert_memory_equal(bytes, note->bytes, significant);
}

static void each_message_is_written_again_to_the_same_bytes(void **state)
{
	int messages = 0;

	(void)state;
	for (size_t i = 0; i < RECORDINGS; i++) {
		study_or_skip(recordings[i]);
		for (int k = 0; k < recording.asked; k++)
			check_again(&recording.questions[k]);
		for (int k = 0; k < recording.answered; k++)
			check_again(&recording.answers[k]);
		messages += recording.asked + recording.answered;
	}
	print_message("%d messages\n", messages);
	assert_true(messages > 110);
}

/* The slave: its mailboxes are full when something stands in them, and its answers are the recorded ones. */
static struct ecr_runner runner;
static struct ecr_timer *heap[8];
static struct ecr_mailbox mailbox;
static struct ecr_transfer transfer;
static uint8_t buffers[2][ECR_MAILBOX_MAX];
static ecr_time now;
static int got;	  /* questions that have come */
static int taken; /* answers that were fetched */
static bool any_order;
static int about; /* in any order: the recorded question that was asked last */

/* Which recorded question this is. */
static int find_question(const uint8_t *bytes)
{
	struct ecr_mailbox_message message;
	struct ecr_coe_sdo asked;

	assert_true(ecr_mailbox_get(bytes, recording.area.receive_size, &message));
	assert_true(ecr_coe_get_sdo(&message, &asked));
	for (int i = 0; i < recording.asked; i++) {
		struct ecr_coe_sdo sdo;

		read_message(&recording.questions[i], &message, &sdo);
		if (sdo.kind == asked.kind && sdo.index == asked.index &&
		    sdo.subindex == asked.subindex && sdo.complete == asked.complete)
			return i;
	}
	fail_msg("object 0x%04x:%02x was not asked for in the recording", asked.index,
		 asked.subindex);
	return 0;
}

static void question_has_come(const uint8_t *bytes)
{
	const struct note *note = &recording.questions[got];
	struct ecr_mailbox_message message;

	if (any_order) {
		about = find_question(bytes);
		got++;
		return;
	}
	assert_true(got < recording.asked);
	assert_true(ecr_mailbox_get(note->bytes, note->size, &message));
	assert_memory_equal(bytes, note->bytes, ECR_MAILBOX_HEADER + message.length);
	got++;
}

static void serve(struct ecr_ask *ask)
{
	uint16_t offset = (uint16_t)(ask->address >> 16);

	ask->wkc = 1;
	assert_int_equal((uint16_t)ask->address, recording.station);
	if (offset == recording.area.receive_offset) {
		assert_int_equal(ask->length, recording.area.receive_size);
		question_has_come(ask->out);
	} else if (offset == ECR_REG_SM_STATUS(1)) {
		ask->in[0] = taken < got ? ECR_SM_STATUS_FULL : 0;
	} else {
		assert_int_equal(offset, recording.area.send_offset);
		assert_true(taken < got);
		memcpy(ask->in, recording.answers[any_order ? about : taken].bytes, ask->length);
		if (any_order)
			ecr_mailbox_put_counter(ask->in, (uint8_t)(taken % 7 + 1));
		taken++;
	}
}

static void run(struct ecr_job *job, const struct ecr_step *steps)
{
	struct ecr_link *link;

	ecr_job_start(&runner, job, steps);
	while (ecr_job_running(job)) {
		struct ecr_transaction *transaction;

		ecr_runner_run(&runner, now);
		link = ecr_list_pop(&runner.outbox);
		if (!link) {
			now += ECR_US(250);
			continue;
		}
		transaction = ecr_container_of(link, struct ecr_transaction, link);
		for (uint16_t i = 0; i < transaction->count; i++)
			serve(&transaction->asks[i]);
		transaction->outcome = ECR_OUTCOME_ANSWERED;
		ecr_runner_answer(&runner, now, transaction);
	}
	assert_ptr_equal(ecr_runner_ended(&runner), job);
}

static void run_transfer(void)
{
	run(&transfer.job, ecr_transfer_steps);
}

static void connect(void)
{
	memset(&mailbox, 0, sizeof(mailbox));
	memset(&transfer, 0, sizeof(transfer));
	mailbox.out = buffers[0];
	mailbox.in = buffers[1];
	mailbox.room = ECR_MAILBOX_MAX;
	mailbox.timeout = ECR_MAILBOX_TIMEOUT_NS;
	transfer.mailbox = &mailbox;
	now = ECR_S(1);
	got = taken = 0;
	ecr_runner_init(&runner, heap, 8, 0);
	ecr_mailbox_reset(&mailbox, recording.station, &recording.area);
}

/* The recorded question, asked by us; the value must be what stands in the recorded answer. */
static void ask_again(int number)
{
	struct ecr_mailbox_message message;
	struct ecr_coe_sdo question;
	struct ecr_coe_sdo answer;
	uint8_t value[1024];

	read_message(&recording.questions[number], &message, &question);
	if (question.kind == ECR_COE_DOWNLOAD)
		ecr_transfer_download(&transfer, question.index, question.subindex,
				      question.complete, question.data, question.length);
	else
		ecr_transfer_upload(&transfer, question.index, question.subindex, question.complete,
				    value, sizeof(value));
	run_transfer();
	assert_int_equal(transfer.job.result, 0);
	if (question.kind == ECR_COE_DOWNLOAD)
		return;
	read_message(&recording.answers[number], &message, &answer);
	assert_int_equal(transfer.done, answer.length);
	assert_memory_equal(value, answer.data, answer.length);
}

static void our_client_asks_the_same_and_learns_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < RECORDINGS; i++) {
		study_or_skip(recordings[i]);
		assert_true(recording.asked > 0);
		assert_int_equal(recording.asked, recording.answered);
		connect();
		for (int k = 0; k < recording.asked; k++)
			ask_again(k);
		assert_int_equal(got, recording.asked);
		assert_int_equal(taken, recording.answered);
		assert_int_equal(mailbox.counts.jumps, 0);
		assert_int_equal(mailbox.counts.errors, 0);
		print_message("%s: %d questions of %u and %u bytes\n", recordings[i],
			      recording.asked, recording.area.receive_size,
			      recording.area.send_size);
	}
}

/* What the devices are known to say: read off the bytes by eye. */
static void values_by_eye(void **state)
{
	uint8_t value[64];

	(void)state;
	study_or_skip("replay-ek1914-segmented-upload");
	connect();
	ecr_transfer_upload(&transfer, 0x1008, 0, false, value, sizeof(value));
	run_transfer();
	assert_int_equal(transfer.job.result, 0);
	assert_int_equal(transfer.done, 6);
	assert_memory_equal(value, "EK1914", 6);

	study_or_skip("soem-single-lan9252");
	connect();
	ecr_transfer_upload(&transfer, ECR_COE_SM_TYPES, 0, true, value, sizeof(value));
	run_transfer();
	assert_int_equal(transfer.job.result, 0);
	assert_int_equal(transfer.done, 6);
	assert_memory_equal(value, "\x04\0\x01\x02\x03\x04", 6);
	/* An answer with complete access in four bytes. */
	ecr_transfer_upload(&transfer, ECR_COE_SM_ASSIGN(2), 0, true, value, sizeof(value));
	run_transfer();
	assert_int_equal(transfer.done, 4);
	assert_memory_equal(value, "\x01\0\x01\x16", 4);
}

/* The PDOs that the recorded device has by its objects. */
static void read_pdos(struct ecr_pdo_job *pdos, const char *name, uint8_t coe_details)
{
	static struct ecr_known_pdo known[32];
	static struct ecr_pdo_mapped entries[256];
	static const struct ecr_sii nothing; /* the objects alone tell */

	study_or_skip(name);
	connect();
	*pdos = (struct ecr_pdo_job){
		.array.transfer = &transfer,
		.table = { .pdos = known, .pdo_room = 32, .entries = entries, .entry_room = 256 },
		.sii = &nothing,
		.coe_details = coe_details
	};
	any_order = true;
	run(ecr_pdo_read(pdos), ecr_pdo_steps);
	any_order = false;
	assert_int_equal(pdos->job.result, 0);
	assert_int_equal(pdos->table.sms, 1 << 2 | 1 << 3);
}

static void assert_pdo(const struct ecr_pdo_job *pdos, int number, uint8_t sm, uint16_t index,
		       unsigned int count, uint32_t bits)
{
	const struct ecr_known_pdo *pdo = &pdos->table.pdos[number];
	uint32_t sum = 0;

	assert_int_equal(pdo->sm, sm);
	assert_int_equal(pdo->index, index);
	assert_int_equal(pdo->entry_count, count);
	for (unsigned int i = 0; i < count; i++)
		sum += pdos->table.entries[pdo->first_entry + i].bits;
	assert_int_equal(sum, bits);
}

/* With complete access from an evaluation board, entry by entry from a safety controller. */
static void pdos_of_real_devices(void **state)
{
	struct ecr_pdo_job pdos;
	const struct ecr_pdo_mapped *last;

	(void)state;
	read_pdos(&pdos, "soem-single-lan9252", ECR_SII_COE_COMPLETE_ACCESS);
	assert_int_equal(pdos.table.pdo_count, 3);
	assert_pdo(&pdos, 0, 2, 0x1601, 9, 16);
	assert_pdo(&pdos, 1, 3, 0x1A00, 9, 16);
	assert_pdo(&pdos, 2, 3, 0x1A02, 8, 32);
	last = &pdos.table.entries[pdos.table.entry_count - 1];
	assert_int_equal(last->index, 0x6020);
	assert_int_equal(last->subindex, 0x11);
	assert_int_equal(last->bits, 16);
	assert_int_equal(got, 6); /* an object each */

	read_pdos(&pdos, "replay-no-complete-access_67a14d5", ECR_SII_COE_SDO);
	assert_int_equal(pdos.table.pdo_count, 4);
	assert_pdo(&pdos, 0, 2, 0x1600, 6, 48);
	assert_pdo(&pdos, 1, 2, 0x1601, 7, 16);
	assert_pdo(&pdos, 2, 3, 0x1A00, 6, 48);
	assert_pdo(&pdos, 3, 3, 0x1A01, 5, 16);
	assert_int_equal(got, recording.asked); /* what the recorded master asked, no more */
}

static void print_data(const struct ecr_coe_sdo *sdo)
{
	if (!sdo->expedited) {
		for (size_t i = 0; i < sdo->length; i++)
			printf("%02x", sdo->data[i]);
		return;
	}
	printf("0x");
	for (size_t i = sdo->length; i > 0; i--)
		printf("%02x", sdo->data[i - 1]);
}

/* One message as tshark's fields in the script's order. */
static void print_note(const struct note *note)
{
	struct ecr_mailbox_message message;
	struct ecr_coe_sdo sdo;
	bool value;

	if (!ecr_mailbox_get(note->bytes, note->size, &message) || !ecr_coe_get_sdo(&message, &sdo))
		return;
	value = sdo.kind == ECR_COE_DOWNLOAD || sdo.kind == ECR_COE_UPLOADED;
	printf("%u|%u|0x%04x|%u|%u|%u|%u|%u|0x%04x|0x%02x|", note->frame, message.length,
	       message.address, message.priority, message.type, message.counter,
	       ecr_coe_service(&message), sdo.command >> 5, sdo.index, sdo.subindex);
	if (value)
		printf("%d|%d|", sdo.expedited, sdo.sized);
	else
		printf("||");
	if (value && !sdo.expedited)
		printf("0x%08x", sdo.total);
	printf("|");
	if (value)
		print_data(&sdo);
	printf("\n");
}

static int print(const char *name)
{
	int answered = 0;

	if (!study(name))
		return 77;
	for (int i = 0; i < recording.asked; i++) {
		print_note(&recording.questions[i]);
		if (answered < recording.answered)
			print_note(&recording.answers[answered++]);
	}
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_message_is_written_again_to_the_same_bytes),
		cmocka_unit_test(our_client_asks_the_same_and_learns_the_same),
		cmocka_unit_test(values_by_eye),
		cmocka_unit_test(pdos_of_real_devices),
	};

	return argc > 1 ? print(argv[1]) : RUN(tests);
}
