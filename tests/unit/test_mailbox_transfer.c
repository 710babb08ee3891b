/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SDO services byte by byte (ETG.1000.6, 5.6.2 and 5.6.3): what the master sends, and what it makes
 * of each answer. Bytes begin with the CoE header, behind that of the mailbox.
 */
#include "support/check.h"
#include "support/mailjob.h"

#include "base/le.h"
#include "wire/esc.h"
#include "wire/registers.h"

#define INDEX 0x2001
#define SUB 2
#define MOST 64

/* One request as it must be, and its answer; an answer without bytes does not come. */
struct line {
	uint8_t request[MOST];
	uint8_t request_length;
	uint8_t answers[2][MOST];
	uint8_t answer_lengths[2];
};

#define BYTES(...) { __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ })
#define ANSWER(...) \
	{ { __VA_ARGS__ } }, \
	{ \
		sizeof((uint8_t[]){ __VA_ARGS__ }) \
	}
#define SILENCE \
	{ { 0 } }, \
	{ \
		0 \
	}
#define OBJECT 0x01, 0x20, 0x02 /* 0x2001:2 */

static struct mailjob mail;
static const struct line *lines;
static int line_count;
static int line_at;
static uint8_t pending[4][MOST];
static uint8_t pending_lengths[4];
static int pending_count;
static uint8_t counter;
static uint8_t data[MOST];

static void put_answers(const struct line *line)
{
	for (int i = 0; i < 2; i++) {
		if (!line->answer_lengths[i])
			continue;
		memcpy(pending[pending_count], line->answers[i], line->answer_lengths[i]);
		pending_lengths[pending_count++] = line->answer_lengths[i];
	}
}

static int take_request(const struct ecr_ask *ask)
{
	const struct line *line = &lines[line_at];

	assert_in_range(line_at, 0, line_count - 1);
	line_at++;
	assert_int_equal(ecr_le16(ask->out), line->request_length);
	assert_int_equal(ask->out[5] & 0x0F, ECR_MAILBOX_COE);
	assert_memory_equal(ask->out + ECR_MAILBOX_HEADER, line->request, line->request_length);
	put_answers(line);
	return 1;
}

static int give_answer(struct ecr_ask *ask)
{
	struct ecr_mailbox_message message = { .type = ECR_MAILBOX_COE,
					       .length = pending_lengths[0],
					       .counter = counter = (uint8_t)(counter % 7 + 1) };

	if (!pending_count)
		return 0;
	memset(ask->in, 0, ask->length);
	memcpy(ask->in + ECR_MAILBOX_HEADER, pending[0], pending_lengths[0]);
	ecr_mailbox_put(ask->in, ask->length, &message);
	memmove(pending[0], pending[1], sizeof(pending) - MOST);
	memmove(pending_lengths, pending_lengths + 1, sizeof(pending_lengths) - 1);
	pending_count--;
	return 1;
}

static int answer(struct mailjob *job, struct ecr_ask *ask)
{
	(void)job;
	if (mailjob_offset(ask) == MAILJOB_RECEIVE)
		return take_request(ask);
	if (mailjob_offset(ask) == MAILJOB_SEND)
		return give_answer(ask);
	memset(ask->in, 0, ask->length);
	if (mailjob_offset(ask) == ECR_REG_SM_STATUS(1) && pending_count)
		ask->in[0] = ECR_SM_STATUS_FULL;
	return 1;
}

static void open_with(uint16_t size)
{
	mailjob_open(&mail, size, size);
	mail.answer = answer;
	pending_count = 0;
	counter = 0;
	memset(data, 0xEE, sizeof(data));
}

/* The conversation goes exactly like that. */
static int goes(const struct line *story, int count, struct ecr_job *job)
{
	int result;

	lines = story;
	line_count = count;
	line_at = 0;
	result = mailjob_run(&mail, job);
	assert_int_equal(line_at, count);
	return result;
}

#define GOES(story, job) goes(story, sizeof(story) / sizeof(story[0]), job)

static struct ecr_job *upload(size_t room)
{
	return ecr_transfer_upload(&mail.transfer, INDEX, SUB, false, data, room);
}

static struct ecr_job *download(const void *from, size_t size)
{
	return ecr_transfer_download(&mail.transfer, INDEX, SUB, false, from, size);
}

#define UPLOAD BYTES(0x00, 0x20, 0x40, OBJECT, 0, 0, 0, 0)

static void an_upload_is_expedited_up_to_four_bytes(void **state)
{
	static const struct line one[] = { { UPLOAD, ANSWER(0, 0x30, 0x4F, OBJECT, 1, 2, 3, 4) } };
	static const struct line two[] = { { UPLOAD, ANSWER(0, 0x30, 0x4B, OBJECT, 1, 2, 3, 4) } };
	static const struct line four[] = { { UPLOAD, ANSWER(0, 0x30, 0x43, OBJECT, 1, 2, 3, 4) } };
	static const struct line unsized[] = { { UPLOAD,
						 ANSWER(0, 0x30, 0x42, OBJECT, 1, 2, 3, 4) } };
	static const uint8_t expected[] = { 1, 2, 3, 4 };

	(void)state;
	open_with(64);
	assert_int_equal(GOES(one, upload(8)), 0);
	assert_int_equal(mail.transfer.result.size, 1);
	assert_int_equal(data[1], 0xEE);
	assert_int_equal(GOES(two, upload(8)), 0);
	assert_int_equal(mail.transfer.result.size, 2);
	assert_int_equal(GOES(four, upload(4)), 0);
	assert_int_equal(mail.transfer.result.size, 4);
	assert_memory_equal(data, expected, 4);
	assert_int_equal(GOES(unsized, upload(8)), 0);
	assert_int_equal(mail.transfer.result.size, 4);
	assert_int_equal(GOES(four, upload(3)), ECR_ERR_BUFFER_TOO_SMALL);
	assert_int_equal(mail.transfer.result.size, 4);
	mailjob_close(&mail);
}

static void an_empty_object_has_nothing_to_go_on_with(void **state)
{
	static const struct line empty[] = { { UPLOAD,
					       ANSWER(0, 0x30, 0x41, OBJECT, 0, 0, 0, 0) } };

	(void)state;
	open_with(64);
	assert_int_equal(GOES(empty, upload(8)), 0);
	assert_int_equal(mail.transfer.result.size, 0);
	assert_int_equal(data[0], 0xEE);
	mailjob_close(&mail);
}

static void a_download_is_expedited_up_to_four_bytes(void **state)
{
#define DOWNLOADED ANSWER(0, 0x30, 0x60, OBJECT, 0, 0, 0, 0)
	static const struct line one[] = { { BYTES(0, 0x20, 0x2F, OBJECT, 9, 0, 0, 0),
					     DOWNLOADED } };
	static const struct line three[] = { { BYTES(0, 0x20, 0x27, OBJECT, 9, 8, 7, 0),
					       DOWNLOADED } };
	static const struct line five[] = {
		{ BYTES(0, 0x20, 0x21, OBJECT, 5, 0, 0, 0, 9, 8, 7, 6, 5), DOWNLOADED }
	};
	static const uint8_t bytes[] = { 9, 8, 7, 6, 5 };

	(void)state;
	open_with(64);
	assert_int_equal(GOES(one, download(bytes, 1)), 0);
	assert_int_equal(GOES(three, download(bytes, 3)), 0);
	assert_int_equal(GOES(five, download(bytes, 5)), 0);
	mailjob_close(&mail);
}

/* The toggle bit begins with 0; the last segment says how many of its seven bytes are unused. */
static void what_one_mailbox_does_not_hold_goes_in_segments(void **state)
{
	static const struct line there[] = {
		{ BYTES(0, 0x20, 0x21, OBJECT, 9, 0, 0, 0), DOWNLOADED },
		{ BYTES(0, 0x20, 0x00, 1, 2, 3, 4, 5, 6, 7),
		  ANSWER(0, 0x30, 0x20, 0, 0, 0, 0, 0, 0, 0) },
		{ BYTES(0, 0x20, 0x1B, 8, 9, 0, 0, 0, 0, 0),
		  ANSWER(0, 0x30, 0x30, 0, 0, 0, 0, 0, 0, 0) },
	};
	static const struct line back[] = {
		{ UPLOAD, ANSWER(0, 0x30, 0x41, OBJECT, 9, 0, 0, 0) },
		{ BYTES(0, 0x20, 0x60, 0, 0, 0, 0, 0, 0, 0),
		  ANSWER(0, 0x30, 0x00, 1, 2, 3, 4, 5, 6, 7) },
		{ BYTES(0, 0x20, 0x70, 0, 0, 0, 0, 0, 0, 0),
		  ANSWER(0, 0x30, 0x1B, 8, 9, 0, 0, 0, 0, 0) },
	};
	static const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };

	(void)state;
	open_with(16);
	assert_int_equal(GOES(there, download(bytes, sizeof(bytes))), 0);
	assert_int_equal(GOES(back, upload(16)), 0);
	assert_int_equal(mail.transfer.result.size, 9);
	assert_memory_equal(data, bytes, 9);
	assert_int_equal(data[9], 0xEE);
	mailjob_close(&mail);
}

static void whole_objects_have_a_bit_of_their_own(void **state)
{
	static const struct line read[] = { { BYTES(0, 0x20, 0x50, 0x01, 0x20, 0, 0, 0, 0, 0),
					      ANSWER(0, 0x30, 0x51, 0x01, 0x20, 0, 5, 0, 0, 0, 1, 0,
						     7, 8, 9) } };
	static const struct line write[] = { { BYTES(0, 0x20, 0x33, 0x01, 0x20, 0, 1, 0, 7, 8),
					       ANSWER(0, 0x30, 0x70, 0x01, 0x20, 0, 0, 0, 0, 0) } };
	static const uint8_t bytes[] = { 1, 0, 7, 8 };

	(void)state;
	open_with(64);
	assert_int_equal(GOES(read, ecr_transfer_upload(&mail.transfer, INDEX, 0, true, data, 16)),
			 0);
	assert_int_equal(mail.transfer.result.size, 5);
	assert_int_equal(
		GOES(write, ecr_transfer_download(&mail.transfer, INDEX, 0, true, bytes, 4)), 0);
	mailjob_close(&mail);
}

/* What belongs to another object is not taken, and nothing of it is believed. */
static void an_answer_about_something_else(void **state)
{
	static const struct line index[] = { { UPLOAD,
					       ANSWER(0, 0x30, 0x4B, 2, 0x20, 2, 1, 2, 0, 0) } };
	static const struct line subindex[] = {
		{ BYTES(0, 0x20, 0x40, 0x18, 0x10, 1, 0, 0, 0, 0),
		  ANSWER(0, 0x30, 0x80, 0x18, 0x10, 1, 0, 0, 9, 6) },
		{ UPLOAD, ANSWER(0, 0x30, 0x4B, 1, 0x20, 3, 1, 2, 0, 0) }
	};

	(void)state;
	open_with(64);
	assert_int_equal(GOES(index, upload(8)), ECR_ERR_UNEXPECTED_SDO_RESPONSE);
	assert_int_equal(mail.transfer.result.expected, 0x200102);
	assert_int_equal(mail.transfer.result.actual, 0x200202);
	assert_int_equal(data[0], 0xEE);
	mail.mailbox.unsure_index = 0x1000; /* then the identity is the marker */
	assert_int_equal(GOES(subindex, upload(8)), ECR_ERR_UNEXPECTED_SDO_RESPONSE);
	assert_int_equal(mail.transfer.result.actual, 0x200103);
	assert_int_equal(data[0], 0xEE);
	mailjob_close(&mail);
}

static void a_refusal_has_its_code(void **state)
{
	static const struct line answered[] = { { UPLOAD,
						  ANSWER(0, 0x30, 0x80, OBJECT, 0, 0, 2, 6) } };
	/* Some slaves send it as a request. */
	static const struct line requested[] = { { UPLOAD,
						   ANSWER(0, 0x20, 0x80, OBJECT, 1, 0, 4, 5) } };

	(void)state;
	open_with(64);
	assert_int_equal(GOES(answered, upload(8)), ECR_ERR_SDO_ABORT);
	assert_int_equal(mail.transfer.result.abort_code, 0x06020000);
	assert_int_equal(GOES(requested, upload(8)), ECR_ERR_SDO_ABORT);
	assert_int_equal(mail.transfer.result.abort_code, 0x05040001);
	mailjob_close(&mail);
}

/* A transfer that the slave holds open is aborted with the reason (ETG.1000.6, table 41). */
static void the_slave_is_told_why_nobody_goes_on(void **state)
{
	static const struct line toggle[] = {
		{ UPLOAD, ANSWER(0, 0x30, 0x41, OBJECT, 9, 0, 0, 0) },
		{ BYTES(0, 0x20, 0x60, 0, 0, 0, 0, 0, 0, 0),
		  ANSWER(0, 0x30, 0x10, 1, 2, 3, 4, 5, 6, 7) },
		{ BYTES(0, 0x20, 0x80, OBJECT, 0, 0, 3, 5), SILENCE },
	};
	static const struct line room[] = {
		{ UPLOAD, ANSWER(0, 0x30, 0x41, OBJECT, 9, 0, 0, 0) },
		{ BYTES(0, 0x20, 0x80, OBJECT, 5, 0, 4, 5), SILENCE },
	};
	static const struct line silence[] = {
		{ UPLOAD, ANSWER(0, 0x30, 0x41, OBJECT, 9, 0, 0, 0) },
		{ BYTES(0, 0x20, 0x60, 0, 0, 0, 0, 0, 0, 0), SILENCE },
		{ BYTES(0, 0x20, 0x80, OBJECT, 0, 0, 4, 5), SILENCE },
	};

	(void)state;
	open_with(16);
	assert_int_equal(GOES(toggle, upload(16)), ECR_ERR_TOGGLE_MISMATCH);
	mailjob_close(&mail);
	open_with(16);
	assert_int_equal(GOES(room, upload(8)), ECR_ERR_BUFFER_TOO_SMALL);
	assert_int_equal(mail.transfer.result.size, 9);
	mailjob_close(&mail);
	open_with(16);
	assert_int_equal(GOES(silence, upload(16)), ECR_ERR_RESPONSE_TIMEOUT);
	mailjob_close(&mail);
}

static void less_than_was_announced(void **state)
{
	static const struct line story[] = {
		{ UPLOAD, ANSWER(0, 0x30, 0x41, OBJECT, 9, 0, 0, 0) },
		{ BYTES(0, 0x20, 0x60, 0, 0, 0, 0, 0, 0, 0),
		  ANSWER(0, 0x30, 0x01, 1, 2, 3, 4, 5, 6, 7) },
	};

	(void)state;
	open_with(16);
	assert_int_equal(GOES(story, upload(16)), ECR_ERR_UPLOAD_SIZE_MISMATCH);
	assert_int_equal(mail.transfer.result.expected, 9);
	assert_int_equal(mail.transfer.result.actual, 7);
	mailjob_close(&mail);
}

/* After a silence the next service asks for something that is known first: what comes before its
 * answer belongs to the past, even when it is about the very same object. */
static void a_late_answer_is_told_from_the_next(void **state)
{
	static const struct line silence[] = { { UPLOAD, SILENCE } };
	static const struct line late[] = {
		{ BYTES(0, 0x20, 0x40, 0x00, 0x10, 1, 0, 0, 0, 0),
		  { { 0, 0x30, 0x4B, OBJECT, 0xAA, 0xAA, 0, 0 },
		    { 0, 0x30, 0x80, 0x00, 0x10, 1, 0x11, 0, 9, 6 } },
		  { 10, 10 } },
		{ UPLOAD, ANSWER(0, 0x30, 0x4B, OBJECT, 1, 2, 0, 0) },
	};
	static const struct line again[] = { { UPLOAD,
					       ANSWER(0, 0x30, 0x4B, OBJECT, 1, 2, 0, 0) } };

	(void)state;
	open_with(64);
	assert_int_equal(GOES(silence, upload(8)), ECR_ERR_RESPONSE_TIMEOUT);
	assert_int_equal(GOES(late, upload(8)), 0);
	assert_int_equal(data[0], 1);
	assert_int_equal(mail.mailbox.counts.aside, 1);
	assert_int_equal(GOES(again, upload(8)), 0);
	mailjob_close(&mail);
}

/* The slave is slow, and whoever asked gave up again and again: the answer to a marker of long ago is
 * not the one to the last. */
static void markers_that_were_given_up_are_told_from_the_last(void **state)
{
	static const struct line silence[] = { { UPLOAD, SILENCE } };
	static const struct line late[] = {
		{ BYTES(0, 0x20, 0x40, 0x00, 0x10, 40, 0, 0, 0, 0),
		  ANSWER(0, 0x30, 0x80, 0x00, 0x10, 40, 0x11, 0, 9, 6) },
		{ UPLOAD, ANSWER(0, 0x30, 0x4B, OBJECT, 1, 2, 0, 0) },
	};
	struct line marker = { BYTES(0, 0x20, 0x40, 0x00, 0x10, 0, 0, 0, 0, 0), SILENCE };

	(void)state;
	open_with(64);
	assert_int_equal(GOES(silence, upload(8)), ECR_ERR_RESPONSE_TIMEOUT);
	for (uint8_t i = 1; i < 40; i++) {
		marker.request[5] = i;
		assert_int_equal(goes(&marker, 1, upload(8)), ECR_ERR_RESPONSE_TIMEOUT);
	}
	assert_int_equal(GOES(late, upload(8)), 0);
	mailjob_close(&mail);
}

/* Where one answer of before the bring-up was found, another one may be about the very object that is
 * asked for first. */
static void an_answer_of_before_is_told_from_the_first(void **state)
{
	static const uint8_t stale[] = { 0, 0x30, 0x4B, 0x18, 0x10, 2, 0, 0, 0, 0 };
	static const struct line story[] = {
		{ BYTES(0, 0x20, 0x40, 0x00, 0x10, 1, 0, 0, 0, 0),
		  { { 0, 0x30, 0x4B, OBJECT, 0xAA, 0xAA, 0, 0 },
		    { 0, 0x30, 0x80, 0x00, 0x10, 1, 0x11, 0, 9, 6 } },
		  { 10, 10 } },
		{ UPLOAD, ANSWER(0, 0x30, 0x4B, OBJECT, 1, 2, 0, 0) },
	};

	(void)state;
	open_with(64);
	mail.mailbox.fresh = true;
	memcpy(pending[0], stale, sizeof(stale));
	pending_lengths[0] = sizeof(stale);
	pending_count = 1;
	assert_int_equal(GOES(story, upload(8)), 0);
	assert_int_equal(data[0], 1);
	assert_int_equal(mail.mailbox.counts.aside, 2);
	mailjob_close(&mail);
}

/* Answers of the other service, asked for before the bring-up; what they tell. */
#define OF_SDO 0, 0x30, 0x4B, OBJECT, 0xAA, 0xAA, 0, 0
#define OF_INFORMATION 0, 0x80, 0x02, 0, 0, 0, 1, 0, 0x01, 0x20

static void is_told_once(int result, uint32_t expected, uint32_t actual)
{
	assert_int_equal(result, ECR_ERR_UNEXPECTED_COE_SERVICE);
	assert_int_equal(mail.transfer.result.expected, expected);
	assert_int_equal(mail.transfer.result.actual, actual);
	assert_int_equal(mail.mailbox.counts.aside, 1);
	assert_in_range(mail.now - ECR_S(1), mail.mailbox.timeout,
			mail.mailbox.timeout + ECR_MS(2));
}

/* Silence is no answer, neither of before nor of now: after what was put aside it is waited for one
 * time-out, and what came instead is told. */
static void silence_after_an_answer_of_before_lasts_one_timeout(void **state)
{
	static const struct line sdo[] = { { UPLOAD, ANSWER(OF_INFORMATION) } };
	static const struct line information[] = {
		{ BYTES(0, 0x80, 0x01, 0, 0, 0, 1, 0), ANSWER(OF_SDO) },
	};
	uint16_t list[8];

	(void)state;
	open_with(64);
	is_told_once(GOES(sdo, upload(8)), ECR_COE_SDO_RESPONSE, ECR_COE_SDO_INFO);
	mailjob_close(&mail);
	open_with(64);
	is_told_once(GOES(information, ecr_transfer_info(&mail.transfer, ECR_SDO_OBJECT_LIST, 1, 0,
							 list, sizeof(list))),
		     ECR_COE_SDO_INFO, ECR_COE_SDO_RESPONSE);
	mailjob_close(&mail);
}

/* Once the answer has come, what was put aside explains no silence of later. */
static void silence_after_the_right_answer_is_silence(void **state)
{
	static const struct line story[] = {
		{ UPLOAD,
		  { { OF_INFORMATION }, { 0, 0x30, 0x41, OBJECT, 9, 0, 0, 0, 1, 2 } },
		  { 10, 12 } },
		{ BYTES(0, 0x20, 0x60, 0, 0, 0, 0, 0, 0, 0), SILENCE },
		{ BYTES(0, 0x20, 0x80, OBJECT, 0, 0, 0x04, 0x05), SILENCE }, /* time-out */
	};

	(void)state;
	open_with(64);
	assert_int_equal(GOES(story, upload(16)), ECR_ERR_RESPONSE_TIMEOUT);
	assert_int_equal(mail.mailbox.counts.aside, 1);
	mailjob_close(&mail);
}

/* Somebody else answers, too: no status is believed. */
static int answered_twice(struct mailjob *job, struct ecr_ask *ask)
{
	return mailjob_offset(ask) == ECR_REG_SM_STATUS(1) ? 2 : answer(job, ask);
}

/* What the wire does to a marker is no answer of the slave, whatever its past. */
static void a_marker_that_nobody_answers_has_no_past(void **state)
{
	static const struct line silence[] = { { UPLOAD, SILENCE } };
	static const struct line marker[] = { { BYTES(0, 0x20, 0x40, 0x00, 0x10, 1, 0, 0, 0, 0),
						SILENCE } };

	(void)state;
	open_with(64);
	assert_int_equal(GOES(silence, upload(8)), ECR_ERR_RESPONSE_TIMEOUT);
	mail.answer = answered_twice;
	assert_int_equal(GOES(marker, upload(8)), ECR_ERR_UNEXPECTED_WKC);
	assert_int_equal(mail.mailbox.counts.aside, 0);
	mailjob_close(&mail);
}

/* Every message lies where it was put. */
static int never_takes(struct mailjob *job, struct ecr_ask *ask)
{
	(void)job;
	memset(ask->in, 0, ask->length);
	if (mailjob_offset(ask) == ECR_REG_SM_STATUS(0))
		ask->in[0] = ECR_SM_STATUS_FULL;
	return mailjob_offset(ask) != MAILJOB_RECEIVE && mailjob_offset(ask) != MAILJOB_SEND;
}

/* Nobody waits for the answer to a marker that was never sent. */
static void a_mailbox_that_stays_full(void **state)
{
	ecr_time begin;

	(void)state;
	open_with(64);
	mail.answer = never_takes;
	mail.mailbox.vacant = false;
	mail.mailbox.unsure = true;
	begin = mail.now;
	assert_int_equal(mailjob_run(&mail, upload(8)), ECR_ERR_MAILBOX_FULL);
	assert_in_range(mail.now - begin, ECR_MS(20), ECR_MS(22));
	mailjob_close(&mail);
}

static void a_comparison_reads_and_says_whether_it_is_the_same(void **state)
{
	static const struct line story[] = { { UPLOAD,
					       ANSWER(0, 0x30, 0x4B, OBJECT, 1, 2, 0, 0) } };
	static const uint8_t same[] = { 1, 2, 0 };
	static const uint8_t other[] = { 1, 3 };

	(void)state;
	open_with(64);
	assert_int_equal(
		GOES(story, ecr_transfer_compare(&mail.transfer, INDEX, SUB, false, same, 2)), 0);
	assert_int_equal(
		GOES(story, ecr_transfer_compare(&mail.transfer, INDEX, SUB, false, other, 2)),
		ECR_ERR_COMPARE_FAILED);
	assert_int_equal(
		GOES(story, ecr_transfer_compare(&mail.transfer, INDEX, SUB, false, same, 3)),
		ECR_ERR_COMPARE_FAILED);
	mailjob_close(&mail);
}

static void a_mailbox_too_small_for_any_sdo(void **state)
{
	(void)state;
	open_with(15);
	line_count = 0;
	assert_int_equal(mailjob_run(&mail, upload(8)), ECR_ERR_MAILBOX_TOO_SMALL);
	assert_int_equal(mail.transfer.result.actual, 15);
	mailjob_close(&mail);
}

#define LIST BYTES(0, 0x80, 0x01, 0, 0, 0, 1, 0)

/* Information: the CoE header, its own of kind, 0 and fragments left, the list's kind, the numbers. */
static void a_list_comes_in_fragments(void **state)
{
	static const struct line whole[] = { { LIST,
					       { { 0, 0x80, 0x82, 0, 1, 0, 1, 0, 0x00, 0x10, 0x08 },
						 { 0, 0x80, 0x02, 0, 0, 0, 0x10, 0x18, 0x10 } },
					       { 11, 9 } } };
	static const struct line hole[] = { { LIST,
					      { { 0, 0x80, 0x82, 0, 2, 0, 1, 0, 0x00, 0x10 },
						{ 0, 0x80, 0x02, 0, 0, 0, 0x18, 0x10 } },
					      { 10, 8 } } };
	uint16_t indices[4] = { 0 };

	(void)state;
	open_with(64);
	assert_int_equal(GOES(whole, ecr_transfer_info(&mail.transfer, ECR_SDO_OBJECT_LIST, 1, 0,
						       indices, sizeof(indices))),
			 0);
	assert_int_equal(mail.transfer.result.size, 6);
	assert_int_equal(indices[0], 0x1000);
	assert_int_equal(indices[1], 0x1008);
	assert_int_equal(indices[2], 0x1018);
	assert_int_equal(GOES(hole, ecr_transfer_info(&mail.transfer, ECR_SDO_OBJECT_LIST, 1, 0,
						      indices, sizeof(indices))),
			 ECR_ERR_INVALID_COE_RESPONSE);
	assert_int_equal(mail.transfer.result.expected, 1);
	assert_int_equal(mail.transfer.result.actual, 0);
	mailjob_close(&mail);
}

/* Begun anew in the moment between its end and its being collected: it runs, and its old end is none. */
/* Refused with an information error, or as an SDO is. */
static void a_refused_list_has_its_code(void **state)
{
	static const struct line error[] = { { BYTES(0, 0x80, 1, 0, 0, 0, 1, 0),
					       ANSWER(0, 0x80, 7, 0, 0, 0, 0, 0, 1, 6) } };
	static const struct line abort[] = { { BYTES(0, 0x80, 1, 0, 0, 0, 1, 0),
					       ANSWER(0, 0x20, 0x80, 0, 0, 0, 0x11, 0, 9, 6) } };
	uint16_t list[4];

	(void)state;
	open_with(64);
	assert_int_equal(GOES(error, ecr_transfer_info(&mail.transfer, ECR_SDO_OBJECT_LIST, 1, 0,
						       list, sizeof(list))),
			 ECR_ERR_SDO_ABORT);
	assert_int_equal(mail.transfer.result.abort_code, 0x06010000);
	assert_int_equal(GOES(abort, ecr_transfer_info(&mail.transfer, ECR_SDO_OBJECT_LIST, 1, 0,
						       list, sizeof(list))),
			 ECR_ERR_SDO_ABORT);
	assert_int_equal(mail.transfer.result.abort_code, 0x06090011);
	mailjob_close(&mail);
}

/* The second fragment, with the first one missing: no shorter list. */
static void a_list_without_its_beginning(void **state)
{
	static const struct line story[] = { { BYTES(0, 0x80, 1, 0, 0, 0, 1, 0),
					       ANSWER(0, 0x80, 2, 0, 0, 0, 0x18, 0x10) } };
	uint16_t list[4];

	(void)state;
	open_with(64);
	assert_int_equal(GOES(story, ecr_transfer_info(&mail.transfer, ECR_SDO_OBJECT_LIST, 1, 0,
						       list, sizeof(list))),
			 ECR_ERR_UNEXPECTED_SDO_RESPONSE);
	assert_int_equal(mail.transfer.result.actual, 0x1018);
	mailjob_close(&mail);
}

static void a_conversation_begun_anew_before_its_end_was_seen(void **state)
{
	static const struct line story[] = { { UPLOAD,
					       ANSWER(0, 0x30, 0x4B, OBJECT, 1, 2, 0, 0) } };
	struct ecr_job *job;

	(void)state;
	open_with(64);
	lines = story;
	line_count = 1;
	line_at = 0;
	job = upload(8);
	ecr_job_start(&mail.runner, job, job->steps);
	while (job->state != ECR_JOB_ENDED) {
		struct ecr_link *link;

		ecr_runner_run(&mail.runner, mail.now);
		link = ecr_list_pop(&mail.runner.outbox);
		if (link) {
			struct ecr_transaction *transaction =
				ecr_container_of(link, struct ecr_transaction, link);

			transaction->outcome = ECR_OUTCOME_ANSWERED;
			transaction->asks[0].wkc = (uint16_t)answer(&mail, &transaction->asks[0]);
			ecr_runner_answer(&mail.runner, mail.now, transaction);
		}
	}
	ecr_job_cancel(&mail.runner, job);
	memset(data, 0xEE, sizeof(data));
	assert_int_equal(GOES(story, upload(8)), 0);
	assert_int_equal(data[0], 1);
	mailjob_close(&mail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_upload_is_expedited_up_to_four_bytes),
		cmocka_unit_test(an_empty_object_has_nothing_to_go_on_with),
		cmocka_unit_test(a_download_is_expedited_up_to_four_bytes),
		cmocka_unit_test(what_one_mailbox_does_not_hold_goes_in_segments),
		cmocka_unit_test(whole_objects_have_a_bit_of_their_own),
		cmocka_unit_test(an_answer_about_something_else),
		cmocka_unit_test(a_refusal_has_its_code),
		cmocka_unit_test(the_slave_is_told_why_nobody_goes_on),
		cmocka_unit_test(less_than_was_announced),
		cmocka_unit_test(a_late_answer_is_told_from_the_next),
		cmocka_unit_test(markers_that_were_given_up_are_told_from_the_last),
		cmocka_unit_test(an_answer_of_before_is_told_from_the_first),
		cmocka_unit_test(silence_after_an_answer_of_before_lasts_one_timeout),
		cmocka_unit_test(silence_after_the_right_answer_is_silence),
		cmocka_unit_test(a_marker_that_nobody_answers_has_no_past),
		cmocka_unit_test(a_mailbox_that_stays_full),
		cmocka_unit_test(a_comparison_reads_and_says_whether_it_is_the_same),
		cmocka_unit_test(a_mailbox_too_small_for_any_sdo),
		cmocka_unit_test(a_list_comes_in_fragments),
		cmocka_unit_test(a_refused_list_has_its_code),
		cmocka_unit_test(a_list_without_its_beginning),
		cmocka_unit_test(a_conversation_begun_anew_before_its_end_was_seen),
	};

	return RUN(tests);
}
