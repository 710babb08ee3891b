/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One message there and one back with a slave that does what ETG.1000.4, 6.7.3 says of a mailbox's
 * slave side and nothing more: what is asked after each loss, in which order, and what messages are
 * taken for.
 */
#include "support/check.h"
#include "support/mailjob.h"

#include "base/le.h"
#include "wire/esc.h"
#include "wire/registers.h"

#include <stdio.h>

#define SIZE 64
#define INDEX 0x2000

/* The slave. Registers by what they are: O and I the mailboxes; o and i their status; r and a: Repeat
 * Request is read, Repeat Acknowledge is read; R: Repeat Request is written. */
struct slave {
	uint8_t out[SIZE];
	bool out_full;
	bool lazy;	     /* takes nothing out of its mailbox */
	uint8_t in[8][SIZE]; /* messages that wait */
	unsigned int waiting;
	uint8_t last[SIZE]; /* the one read last */
	bool has_last;
	uint8_t repeat; /* as written by the master */
	uint8_t acknowledge;
	bool deaf;	   /* knows no repetitions */
	unsigned int slow; /* readings until a repetition is acknowledged */
	uint8_t counter_in;
	uint8_t counter_out;
	unsigned int served; /* requests that were no duplicates */
	unsigned int duplicates;
	const char *
		fate; /* by datagram: '.' as it is, '>' lost on its way there, '<' on its way back, '!' so, and taken out */
	char story[256]; /* what was asked */
	unsigned int told;
	const uint8_t *reply; /* to a request, behind its header */
	uint16_t reply_length;
};

static struct mailjob mail;
static struct slave slave;

static uint8_t *push(uint8_t type, const uint8_t *data, uint16_t length)
{
	uint8_t *bytes = slave.in[slave.waiting++];

	memset(bytes, 0, SIZE);
	memcpy(bytes + ECR_MAILBOX_HEADER, data, length);
	slave.counter_out = (uint8_t)(slave.counter_out % 7 + 1);
	ecr_mailbox_put(bytes, SIZE,
			&(struct ecr_mailbox_message){
				.type = type, .counter = slave.counter_out, .length = length });
	return bytes;
}

/* ETG.1000.4, 5.6: a message with the counter of the one before is a repetition. */
static void take_out(void)
{
	uint8_t counter = slave.out[5] >> 4 & 7;

	if (!slave.out_full || slave.lazy)
		return;
	slave.out_full = false;
	if (counter == slave.counter_in) {
		slave.duplicates++;
		return;
	}
	slave.counter_in = counter;
	slave.served++;
	if (slave.reply)
		push(ECR_MAILBOX_COE, slave.reply, slave.reply_length);
}

static int write_out(const struct ecr_ask *ask)
{
	if (slave.out_full)
		return 0;
	assert_int_equal(ask->length, SIZE);
	memcpy(slave.out, ask->out, SIZE);
	slave.out_full = true;
	return 1;
}

static int read_in(struct ecr_ask *ask)
{
	if (!slave.waiting)
		return 0;
	memcpy(ask->in, slave.in[0], SIZE);
	memcpy(slave.last, slave.in[0], SIZE);
	slave.has_last = true;
	memmove(slave.in[0], slave.in[1], sizeof(slave.in) - SIZE);
	slave.waiting--;
	return 1;
}

static void repeat_last(uint8_t activate)
{
	slave.repeat = activate;
	if (slave.deaf || !slave.has_last)
		return;
	memmove(slave.in[1], slave.in[0], sizeof(slave.in) - SIZE);
	memcpy(slave.in[0], slave.last, SIZE);
	slave.has_last = false;
	slave.waiting++;
}

static int act(struct ecr_ask *ask, char *letter)
{
	uint16_t offset = mailjob_offset(ask);
	bool write = ask->command == ECR_CMD_FPWR;

	if (offset == MAILJOB_RECEIVE)
		return *letter = 'O', write_out(ask);
	if (offset == MAILJOB_SEND)
		return *letter = 'I', read_in(ask);
	if (offset == ECR_REG_SM_STATUS(0))
		return *letter = 'o', ask->in[0] = slave.out_full ? ECR_SM_STATUS_FULL : 0, 1;
	if (offset == ECR_REG_SM_STATUS(1))
		return *letter = 'i', ask->in[0] = slave.waiting ? ECR_SM_STATUS_FULL : 0, 1;
	if (offset == ECR_REG_SM_ACTIVATE(1) && write)
		return *letter = 'R', repeat_last(ask->out[0]), 1;
	if (offset == ECR_REG_SM_ACTIVATE(1))
		return *letter = 'r', ask->in[0] = slave.repeat, 1;
	assert_int_equal(offset, ECR_REG_SM_PDI_CONTROL(1));
	if (!slave.slow && !slave.deaf)
		slave.acknowledge = slave.repeat & ECR_SM_ACTIVATE_REPEAT;
	slave.slow -= slave.slow > 0;
	return *letter = 'a', ask->in[0] = slave.acknowledge, 1;
}

static int answer(struct mailjob *job, struct ecr_ask *ask)
{
	char fate = slave.fate && *slave.fate ? *slave.fate++ : '.';
	char letter = '?';
	int wkc = 0;

	(void)job;
	if (fate != '>')
		wkc = act(ask, &letter);
	else if (ask->command == ECR_CMD_FPWR)
		letter = mailjob_offset(ask) == MAILJOB_RECEIVE ? 'O' : 'R';
	else
		letter = mailjob_offset(ask) == MAILJOB_SEND ? 'I' : 's';
	if (slave.told + 2 < sizeof(slave.story)) {
		slave.story[slave.told++] = letter;
		if (fate != '.')
			slave.story[slave.told++] = fate;
	}
	if (fate == '.' || fate == '!' || letter == 'i' || letter == 'a')
		take_out();
	return fate == '.' ? wkc : MAILJOB_LOST;
}

static void open_slave(const char *fate)
{
	static const uint8_t uploaded[] = { 0, 0x30, 0x4B, 0x00, 0x20, 0, 0x34, 0x12, 0, 0 };

	mailjob_open(&mail, SIZE, SIZE);
	mail.answer = answer;
	memset(&slave, 0, sizeof(slave));
	slave.fate = fate;
	slave.reply = uploaded;
	slave.reply_length = sizeof(uploaded);
	slave.repeat = ECR_SM_ACTIVATE_ENABLE;
	mail.mailbox.expected = ECR_MAILBOX_COE;
}

static int exchange(enum ecr_exchange_kind kind)
{
	static const uint8_t upload[] = { 0, 0x20, 0x40, 0x00, 0x20, 0, 0, 0, 0, 0 };

	memcpy(mail.mailbox.out + ECR_MAILBOX_HEADER, upload, sizeof(upload));
	ecr_mailbox_put(
		mail.mailbox.out, SIZE,
		&(struct ecr_mailbox_message){ .type = ECR_MAILBOX_COE, .length = sizeof(upload) });
	return mailjob_run(&mail, ecr_mailbox_exchange(&mail.mailbox, kind,
						       ECR_MAILBOX_HEADER + sizeof(upload)));
}

/* One exchange with these losses is asked like that, and the slave has served it once. */
static void tells(const char *fate, const char *story)
{
	open_slave(fate);
	assert_int_equal(exchange(ECR_EXCHANGE_ASK), 0);
	assert_int_equal(mail.mailbox.message.length, slave.reply_length);
	assert_memory_equal(mail.mailbox.message.data, slave.reply, slave.reply_length);
	assert_string_equal(slave.story, story);
	assert_int_equal(slave.served, 1);
	mailjob_close(&mail);
}

static void without_losses_it_is_written_looked_for_and_read(void **state)
{
	(void)state;
	tells("", "OiI");
}

static void a_write_that_did_not_arrive_is_sent_again(void **state)
{
	(void)state;
	tells(">", "O>oOiI");
	tells(">>", "O>s>oOiI");
	tells(">.>", "O>oO>oOiI");
}

static void a_write_that_arrived_is_not_sent_again(void **state)
{
	(void)state;
	open_slave("<");
	slave.lazy = true; /* it is still in the mailbox when it is looked for */
	mail.mailbox.timeout = ECR_MS(3);
	assert_int_equal(exchange(ECR_EXCHANGE_ASK), ECR_ERR_RESPONSE_TIMEOUT);
	assert_memory_equal(slave.story, "O<oi", 4);
	assert_null(strchr(slave.story + 1, 'O'));
	mailjob_close(&mail);
}

/* Taken already when it is looked for: it comes again with the same counter, and the slave drops it. */
static void a_write_that_was_taken_is_dropped_by_its_counter(void **state)
{
	(void)state;
	tells("!", "O!oOiI");
	assert_int_equal(slave.duplicates, 1);
	assert_int_equal(mail.mailbox.counts.resent, 1);
}

static void a_refused_write_waits_until_there_is_room(void **state)
{
	uint8_t old[SIZE] = { 0 };

	(void)state;
	open_slave("");
	ecr_mailbox_put_counter(old, 5);
	memcpy(slave.out, old, SIZE);
	slave.out_full = true;
	mail.mailbox.vacant = false;
	slave.reply_length = 10;
	assert_int_equal(exchange(ECR_EXCHANGE_TELL), 0);
	assert_memory_equal(slave.story, "oi", 2);
	assert_int_equal(slave.story[slave.told - 1], 'O');
	take_out();
	assert_int_equal(slave.served, 2);
	assert_int_equal(slave.duplicates, 0);
	mailjob_close(&mail);
}

/* Requests that found no slave at all leave no gap: the counter has seven values only. */
static void what_was_never_sent_is_not_counted(void **state)
{
	(void)state;
	open_slave("");
	assert_int_equal(exchange(ECR_EXCHANGE_ASK), 0);
	mail.mailbox.vacant = false;
	for (int i = 0; i < 6; i++) {
		slave.fate = ">>>>>";
		assert_int_equal(exchange(ECR_EXCHANGE_ASK), ECR_ERR_TIMEOUT);
	}
	slave.fate = "";
	assert_int_equal(exchange(ECR_EXCHANGE_ASK), 0);
	assert_int_equal(slave.counter_in, 2);
	assert_int_equal(slave.served, 2);
	mailjob_close(&mail);
}

static void a_lost_read_is_asked_for_by_toggling(void **state)
{
	(void)state;
	tells("..<", "OiI<rRaI");
	assert_int_equal(slave.repeat, ECR_SM_ACTIVATE_ENABLE | ECR_SM_ACTIVATE_REPEAT);
	assert_int_equal(mail.mailbox.counts.repeats, 1);
}

/* The request toggles: a second loss sets it back. */
static void each_loss_toggles_once_more(void **state)
{
	(void)state;
	tells("..<...<", "OiI<rRaI<rRaI");
	assert_int_equal(slave.repeat, ECR_SM_ACTIVATE_ENABLE);
}

/* The toggle itself is lost after it arrived: the same value again changes nothing. */
static void a_lost_toggle_is_written_again(void **state)
{
	(void)state;
	tells("..<.<", "OiI<rR<RaI");
	assert_int_equal(slave.repeat, ECR_SM_ACTIVATE_ENABLE | ECR_SM_ACTIVATE_REPEAT);
}

static void the_read_waits_for_the_acknowledgement(void **state)
{
	(void)state;
	open_slave("..<");
	slave.slow = 3;
	assert_int_equal(exchange(ECR_EXCHANGE_ASK), 0);
	assert_string_equal(slave.story, "OiI<rRaaaaI");
	mailjob_close(&mail);
}

/* Nothing was lost but the question: the answer lies there still. What was read and lost is gone, for this exchange only. */
static void a_slave_that_never_acknowledges_is_read_all_the_same(void **state)
{
	(void)state;
	open_slave("..>");
	slave.deaf = true;
	assert_int_equal(exchange(ECR_EXCHANGE_ASK), 0);
	ecr_mailbox_sure(&mail.mailbox);
	slave.fate = "..<";
	assert_int_equal(exchange(ECR_EXCHANGE_ASK), ECR_ERR_RESPONSE_TIMEOUT);
	slave.fate = "";
	assert_int_equal(exchange(ECR_EXCHANGE_ASK), 0);
	mailjob_close(&mail);
}

/* It had not been read at all: the message of before comes again, is known by its counter, and dropped. */
static void a_repetition_of_what_is_known_is_dropped(void **state)
{
	(void)state;
	open_slave("");
	assert_int_equal(exchange(ECR_EXCHANGE_ASK), 0);
	ecr_mailbox_sure(&mail.mailbox);
	memset(slave.story, 0, sizeof(slave.story));
	slave.told = 0;
	slave.fate = "..>";
	assert_int_equal(exchange(ECR_EXCHANGE_ASK), 0);
	assert_string_equal(slave.story, "OiI>rRaIiI");
	assert_int_equal(mail.mailbox.counts.repeated, 1);
	assert_int_equal(mail.mailbox.counts.jumps, 0);
	assert_int_equal(slave.served, 2);
	mailjob_close(&mail);
}

/* What a read took out whose answer nobody saw is asked for by the next exchange. */
static void a_read_that_was_given_up_is_made_up_for(void **state)
{
	static const uint8_t emergency[] = { 0, 0x10, 0x10, 0x81, 0x01, 1, 2, 3, 4, 5 };

	(void)state;
	open_slave(".<<<<<<");
	push(ECR_MAILBOX_COE, emergency, sizeof(emergency));
	assert_int_equal(exchange(ECR_EXCHANGE_DRAIN), ECR_ERR_TIMEOUT);
	assert_int_equal(mail.mailbox.emergency_count, 0);
	slave.fate = "";
	assert_int_equal(exchange(ECR_EXCHANGE_ASK), 0);
	assert_int_equal(mail.mailbox.emergency_count, 1);
	assert_int_equal(mail.mailbox.emergencies[0].code, 0x8110);
	assert_int_equal(mail.mailbox.emergencies[0].error_register, 1);
	assert_memory_equal(mail.mailbox.emergencies[0].data, emergency + 5, 5);
	assert_int_equal(slave.served, 1);
	mailjob_close(&mail);
}

static struct ecr_event noticed[8];
static int notices;

static void notice(void *context, const struct ecr_event *event)
{
	(void)context;
	if (notices < 8)
		noticed[notices++] = *event;
}

static void what_comes_unasked_is_no_answer(void **state)
{
	static const uint8_t emergency[] = { 0, 0x10, 0x00, 0x50, 0x20, 0, 0, 0, 0, 0 };
	static const uint8_t bytes[] = { 1, 2, 3, 4 };

	(void)state;
	open_slave("");
	notices = 0;
	mail.mailbox.notice = notice;
	push(ECR_MAILBOX_COE, emergency, sizeof(emergency));
	push(ECR_MAILBOX_EOE, bytes, sizeof(bytes));
	push(ECR_MAILBOX_VOE, bytes, sizeof(bytes));
	assert_int_equal(exchange(ECR_EXCHANGE_ASK), 0);
	assert_int_equal(mail.mailbox.message.data[1], 0x30);
	assert_int_equal(mail.mailbox.emergency_count, 1);
	assert_int_equal(mail.mailbox.counts.aside, 2);
	assert_int_equal(notices, 3);
	assert_int_equal(noticed[0].kind, ECR_EVENT_SLAVE_EMERGENCY);
	assert_int_equal(noticed[0].actual, 0x5000);
	assert_string_equal(noticed[1].text, "EoE");
	assert_string_equal(noticed[2].text, "VoE");
	mailjob_close(&mail);
}

/* The sixteen last ones are kept. */
static void old_emergencies_give_way(void **state)
{
	uint8_t emergency[] = { 0, 0x10, 0x00, 0x50, 0x20, 0, 0, 0, 0, 0 };

	(void)state;
	open_slave("");
	for (uint8_t i = 0; i < ECR_EMERGENCIES + 4; i++) {
		emergency[2] = i;
		push(ECR_MAILBOX_COE, emergency, sizeof(emergency));
		assert_int_equal(exchange(ECR_EXCHANGE_DRAIN), 0);
	}
	assert_int_equal(mail.mailbox.emergency_count, ECR_EMERGENCIES + 4);
	assert_int_equal(mail.mailbox.emergencies[0].code, 0x5000 + ECR_EMERGENCIES);
	assert_int_equal(mail.mailbox.emergencies[4].code, 0x5004);
	assert_int_equal(mail.mailbox.emergencies[3].number, ECR_EMERGENCIES + 4);
	assert_int_equal(mail.mailbox.emergencies[4].number, 5); /* four are missing before it */
	mailjob_close(&mail);
}

/* A storm has no end; a drain has. */
static int storm(struct mailjob *job, struct ecr_ask *ask)
{
	static const uint8_t emergency[] = { 0, 0x10, 0x00, 0xFF, 0x01, 0, 0, 0, 0, 0 };

	if (!slave.waiting)
		push(ECR_MAILBOX_COE, emergency, sizeof(emergency));
	return answer(job, ask);
}

static void a_storm_ends_neither_a_drain_nor_a_request(void **state)
{
	ecr_time begin;

	(void)state;
	open_slave("");
	mail.answer = storm;
	assert_int_equal(exchange(ECR_EXCHANGE_DRAIN), 0);
	assert_in_range(mail.mailbox.emergency_count, 1, 64);
	slave.reply = NULL; /* no answer ever comes */
	begin = mail.now;
	assert_int_equal(exchange(ECR_EXCHANGE_ASK), ECR_ERR_RESPONSE_TIMEOUT);
	assert_in_range(mail.now - begin, ECR_MS(20), ECR_MS(25));
	mailjob_close(&mail);
}

/* Its own messages without end are no reason never to be asked, whatever happened before. */
static void a_storm_keeps_no_request_from_being_sent(void **state)
{
	(void)state;
	for (int torn = 0; torn < 2; torn++) {
		open_slave("");
		mail.answer = storm;
		slave.out_full = true; /* the request before lies there still, given up */
		ecr_mailbox_put_counter(slave.out, 5);
		mail.mailbox.vacant = false;
		mail.mailbox.torn = torn;
		assert_int_equal(exchange(ECR_EXCHANGE_ASK), 0);
		assert_int_equal(slave.served, 2);
		mailjob_close(&mail);
	}
}

static void counters(void **state)
{
	static const uint8_t stale[] = { 0, 0x30, 0x60, 0x10, 0x10, 0, 0, 0, 0, 0 };
	uint8_t *bytes;

	(void)state;
	open_slave("");
	/* 0: not used, and never a repetition. */
	for (int i = 0; i < 2; i++) {
		bytes = push(ECR_MAILBOX_COE, stale, sizeof(stale));
		ecr_mailbox_put_counter(bytes, 0);
		assert_int_equal(exchange(ECR_EXCHANGE_DRAIN), 0);
	}
	assert_int_equal(mail.mailbox.counts.aside, 2);
	assert_int_equal(mail.mailbox.counts.jumps, 0);
	/* 7 is followed by 1. */
	for (uint8_t i = 1; i <= 8; i++) {
		bytes = push(ECR_MAILBOX_COE, stale, sizeof(stale));
		ecr_mailbox_put_counter(bytes, (uint8_t)((i - 1) % 7 + 1));
		assert_int_equal(exchange(ECR_EXCHANGE_DRAIN), 0);
	}
	assert_int_equal(mail.mailbox.counts.jumps, 0);
	/* The same again is the same message; another one is new, and its jump is counted. */
	bytes = push(ECR_MAILBOX_COE, stale, sizeof(stale));
	ecr_mailbox_put_counter(bytes, 1);
	assert_int_equal(exchange(ECR_EXCHANGE_DRAIN), 0);
	assert_int_equal(mail.mailbox.counts.repeated, 1);
	bytes = push(ECR_MAILBOX_COE, stale, sizeof(stale));
	ecr_mailbox_put_counter(bytes, 4);
	assert_int_equal(exchange(ECR_EXCHANGE_DRAIN), 0);
	assert_int_equal(mail.mailbox.counts.jumps, 1);
	assert_int_equal(mail.mailbox.counts.aside, 11);
	mailjob_close(&mail);
}

static int answered_with(uint8_t type, const uint8_t *data, uint16_t length, uint16_t claimed)
{
	uint8_t *bytes;

	open_slave("");
	slave.reply = NULL;
	assert_int_equal(exchange(ECR_EXCHANGE_TELL), 0);
	bytes = push(type, data, length);
	ecr_put_le16(bytes, claimed);
	return mailjob_run(&mail, ecr_mailbox_exchange(&mail.mailbox, ECR_EXCHANGE_RECEIVE, 0));
}

static void answers_that_break_the_rules(void **state)
{
	static const uint8_t error[] = { 1, 0, 2, 0 }; /* ETG.1000.4: this protocol is not spoken */
	static const uint8_t foe[] = { 4, 0, 0, 0, 0, 0 };
	static const uint8_t coe[] = { 0, 0x30 };

	(void)state;
	assert_int_equal(answered_with(ECR_MAILBOX_ERROR, error, 4, 4), ECR_ERR_MAILBOX_ERROR);
	assert_int_equal(mail.mailbox.actual, ECR_MAILBOX_ERROR_UNSUPPORTED_PROTOCOL);
	mailjob_close(&mail);
	assert_int_equal(answered_with(ECR_MAILBOX_FOE, foe, 6, 6),
			 ECR_ERR_UNEXPECTED_MAILBOX_TYPE);
	assert_int_equal(mail.mailbox.wanted, ECR_MAILBOX_COE);
	assert_int_equal(mail.mailbox.actual, ECR_MAILBOX_FOE);
	mailjob_close(&mail);
	assert_int_equal(answered_with(ECR_MAILBOX_COE, coe, 1, 1), ECR_ERR_INVALID_COE_RESPONSE);
	mailjob_close(&mail);
	assert_int_equal(answered_with(ECR_MAILBOX_COE, coe, 2, SIZE - ECR_MAILBOX_HEADER + 1),
			 ECR_ERR_TRUNCATED_MAILBOX_RESPONSE);
	assert_int_equal(mail.mailbox.wanted, SIZE - ECR_MAILBOX_HEADER);
	assert_int_equal(mail.mailbox.actual, SIZE - ECR_MAILBOX_HEADER + 1);
	mailjob_close(&mail);
}

/* One that is too small even for a header. */
static void a_mailbox_that_holds_no_message(void **state)
{
	int error;

	(void)state;
	assert_int_equal(answered_with(ECR_MAILBOX_COE, (const uint8_t[]){ 0, 0x30 }, 2, 2), 0);
	mail.mailbox.area.send_size = ECR_MAILBOX_HEADER - 1;
	assert_int_equal(ecr_mailbox_sort(&mail.mailbox, 0, &error), ECR_MAILBOX_WRONG);
	assert_int_equal(error, ECR_ERR_INVALID_MAILBOX_RESPONSE);
	assert_int_equal(mail.mailbox.wanted, ECR_MAILBOX_HEADER);
	assert_int_equal(mail.mailbox.actual, ECR_MAILBOX_HEADER - 1);
	mailjob_close(&mail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_losses_it_is_written_looked_for_and_read),
		cmocka_unit_test(a_write_that_did_not_arrive_is_sent_again),
		cmocka_unit_test(a_write_that_arrived_is_not_sent_again),
		cmocka_unit_test(a_write_that_was_taken_is_dropped_by_its_counter),
		cmocka_unit_test(a_refused_write_waits_until_there_is_room),
		cmocka_unit_test(what_was_never_sent_is_not_counted),
		cmocka_unit_test(a_lost_read_is_asked_for_by_toggling),
		cmocka_unit_test(each_loss_toggles_once_more),
		cmocka_unit_test(a_lost_toggle_is_written_again),
		cmocka_unit_test(the_read_waits_for_the_acknowledgement),
		cmocka_unit_test(a_slave_that_never_acknowledges_is_read_all_the_same),
		cmocka_unit_test(a_repetition_of_what_is_known_is_dropped),
		cmocka_unit_test(a_read_that_was_given_up_is_made_up_for),
		cmocka_unit_test(what_comes_unasked_is_no_answer),
		cmocka_unit_test(old_emergencies_give_way),
		cmocka_unit_test(a_storm_ends_neither_a_drain_nor_a_request),
		cmocka_unit_test(a_storm_keeps_no_request_from_being_sent),
		cmocka_unit_test(counters),
		cmocka_unit_test(answers_that_break_the_rules),
		cmocka_unit_test(a_mailbox_that_holds_no_message),
	};

	return RUN(tests);
}
