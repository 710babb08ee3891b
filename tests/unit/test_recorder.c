/* SPDX-License-Identifier: Apache-2.0 */
/* The flight recorder: what is kept of the last frames, and what of them is in the file. */
#define _POSIX_C_SOURCE 200809L
#include "base/le.h"
#include "port/recorder.h"
#include "support/check.h"

#include <ecring/error.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define FRAME 100
#define ROOM (64u << 10)
#define FILE_MAX (1u << 20)

static char path[] = "/tmp/ecring-recorder-XXXXXX";
static struct ecr_config config = { .record = { .path = path, .bytes = ROOM, .after_ms = 1 } };
static struct port_recorder *recorder;
static struct port_record_file record_file;
static uint8_t file[FILE_MAX];
static size_t file_size;

/* A further start of the same master. */
static void open_again(void)
{
	char text[160];

	assert_int_equal(port_recorder_open(&config, &record_file, &recorder, text, sizeof(text)),
			 0);
	assert_non_null(recorder);
}

static void open_recorder(void)
{
	port_record_file_forget(&record_file);
	open_again();
}

static void record(uint32_t number, ecr_time at)
{
	uint8_t frame[FRAME] = { 0 };

	ecr_put_le32(frame, number);
	port_recorder_frame(recorder, at, 0, 0, number & 1, frame, sizeof(frame));
}

static void tell(struct ecr_event event, ecr_time at)
{
	event.at = at;
	port_recorder_event(recorder, at, &event);
}

static void happen(enum ecr_event_kind kind, ecr_time at)
{
	const struct ecr_event event = { .kind = kind, .slave = -1, .domain = -1, .at = at };

	port_recorder_event(recorder, at, &event);
}

static struct ecr_record_info info(void)
{
	struct ecr_record_info now;

	port_recorder_info(recorder, &now);
	return now;
}

static void await_written(uint32_t count)
{
	for (int i = 0; i < 1000 && info().written < count; i++)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	assert_int_equal(info().written, count);
}

/* Frames until one is kept again after a fault was written. */
static void take_up(ecr_time at)
{
	uint64_t missed;

	do {
		missed = info().missed;
		record(3, at);
	} while (info().missed != missed);
}

static void read_back(void)
{
	FILE *stream = fopen(path, "rb");

	file_size = fread(file, 1, sizeof(file), stream);
	fclose(stream);
	assert_int_equal(ecr_le32(file), 0x0A0D0D0A);
}

/* The length of the block that begins there, which the file has whole. */
static uint32_t block_length(size_t at)
{
	uint32_t length = ecr_le32(file + at + 4);

	assert_true(length >= 12 && length % 4 == 0 && at + length <= file_size);
	assert_int_equal(ecr_le32(file + at + length - 4), length);
	return length;
}

/* The numbers of the frames in the file; where the first comment stands. */
static int frames_in_file(uint32_t *numbers, int room, int *commented)
{
	int count = 0;

	*commented = -1;
	read_back();
	for (size_t at = 0; at < file_size; at += block_length(at)) {
		if (ecr_le32(file + at) != 6 || count == room)
			continue;
		if (memcmp(file + at + 28 + 12, "\x88\xB5", 2) == 0)
			continue; /* events alone */
		assert_int_equal(ecr_le32(file + at + 20), 14 + FRAME);
		numbers[count] = ecr_le32(file + at + 28 + 14);
		if (*commented < 0 && ecr_le16(file + at + 28 + (14 + FRAME + 3) / 4 * 4) == 1)
			*commented = count;
		count++;
	}
	return count;
}

static uint32_t numbers[4096];

/* Nothing is written while nothing is wrong, and the file is one that can be read. */
static void without_a_fault_the_file_is_empty(void **state)
{
	int commented;

	(void)state;
	open_recorder();
	for (uint32_t i = 0; i < 10; i++)
		record(i, ECR_US(i));
	happen(ECR_EVENT_DOMAIN_STARTED, ECR_US(11));
	port_recorder_close(recorder);
	assert_int_equal(frames_in_file(numbers, 4096, &commented), 0);
	assert_true(file_size > 0);
}

/* However long it has run: the last frames in their order, the fault among them. */
static void the_last_frames_are_kept(void **state)
{
	uint32_t first;
	int commented;
	int count;

	(void)state;
	open_recorder();
	for (uint32_t i = 0; i < 10000; i++)
		record(i, ECR_US(i));
	happen(ECR_EVENT_DOMAIN_DEGRADED, ECR_US(10000));
	for (uint32_t i = 10000; i < 10010; i++)
		record(i, ECR_US(i));
	record(10010, ECR_MS(12));
	await_written(1);
	port_recorder_close(recorder);
	count = frames_in_file(numbers, 4096, &commented);
	assert_in_range(count, ROOM / (FRAME + 48), ROOM / FRAME);
	first = numbers[0];
	for (int i = 0; i < count; i++)
		assert_int_equal(numbers[i], first + (uint32_t)i);
	assert_int_equal(numbers[count - 1], 10010);
	assert_int_equal(numbers[commented], 10000);
}

/* A second fault is written behind the first; one that has begun when the session ends, too. */
static void each_fault_is_written(void **state)
{
	int commented;

	(void)state;
	open_recorder();
	record(1, 1);
	happen(ECR_EVENT_BUS_LINK_DOWN, 2);
	record(2, ECR_MS(3));
	await_written(1);
	take_up(ECR_MS(4));
	happen(ECR_EVENT_BUS_LINK_DOWN, ECR_MS(5));
	assert_int_equal(info().faults, 2);
	port_recorder_close(recorder);
	assert_true(frames_in_file(numbers, 4096, &commented) > 2);
	assert_int_equal(numbers[0], 1);
	assert_int_equal(numbers[1], 2);
}

/* How often the file has the text; in `*at`, if not NULL, the time of the packet with the first of them, in ns. */
static int count_text(const char *text, uint64_t *at)
{
	int count = 0;

	read_back();
	for (size_t block = 0; block < file_size; block += block_length(block)) {
		uint32_t length = block_length(block);

		for (size_t i = block; i + strlen(text) < block + length; i++) {
			if (memcmp(file + i, text, strlen(text)) != 0)
				continue;
			if (at && !count)
				*at = (uint64_t)ecr_le32(file + block + 12) << 32 |
				      ecr_le32(file + block + 16);
			count++;
		}
	}
	return count;
}

/* A cable that is out for good: no frame follows, and what happens stands in the file at its time. */
static void what_follows_the_last_frame_is_told(void **state)
{
	uint64_t down = 0;
	uint64_t degraded = 0;

	(void)state;
	open_recorder();
	record(1, ECR_MS(1));
	happen(ECR_EVENT_BUS_LINK_DOWN, ECR_MS(2));
	happen(ECR_EVENT_DOMAIN_DEGRADED, ECR_MS(52));
	port_recorder_close(recorder);
	assert_int_equal(count_text("bus.link.down", &down), 1);
	assert_int_equal(count_text("domain.degraded", &degraded), 1);
	assert_int_equal(degraded - down, ECR_MS(50));
}

/* Nor does it take a further record to write it. */
static void a_fault_is_written_when_nothing_follows(void **state)
{
	(void)state;
	open_recorder();
	happen(ECR_EVENT_BUS_LINK_DOWN, ECR_MS(2));
	port_recorder_tick(recorder, ECR_MS(2));
	assert_int_equal(info().written, 0);
	port_recorder_tick(recorder, ECR_MS(3));
	await_written(1);
	assert_int_equal(count_text("bus.link.down", NULL), 1);
	port_recorder_close(recorder);
}

static void changes(enum ecr_event_kind kind, int from, int to, ecr_time at)
{
	tell((struct ecr_event){ .kind = kind, .slave = -1, .domain = -1, .from = from, .to = to },
	     at);
}

static void fails(int16_t slave, ecr_time at)
{
	tell((struct ecr_event){ .kind = ECR_EVENT_SLAVE_STARTUP_RETRY,
				 .slave = slave,
				 .domain = -1,
				 .error = ECR_ERR_AL_ERROR },
	     at);
}

/* Why a ring does not come up is asked as often as why it has failed. Who is tried again and again is written once. */
static void a_start_that_fails_is_written(void **state)
{
	(void)state;
	open_recorder();
	changes(ECR_EVENT_STATE_CHANGED, ECR_STATE_IDLE, ECR_STATE_DISCOVERING, 1);
	changes(ECR_EVENT_STATE_CHANGED, ECR_STATE_DISCOVERING, ECR_STATE_AWAITING_PREOP, 2);
	fails(2, 3);
	assert_int_equal(info().faults, 1);
	port_recorder_tick(recorder, ECR_MS(2));
	await_written(1);
	take_up(ECR_MS(3));
	fails(2, ECR_MS(4));
	assert_int_equal(info().faults, 1);
	tell((struct ecr_event){ .kind = ECR_EVENT_STATE_CHANGED,
				 .slave = -1,
				 .domain = -1,
				 .from = ECR_STATE_AWAITING_PREOP,
				 .to = ECR_STATE_IDLE,
				 .error = ECR_ERR_TIMEOUT },
	     ECR_MS(5));
	port_recorder_close(recorder);
	assert_in_range(count_text("slave.startup.retry", NULL), 1, 2);
	assert_int_equal(count_text("awaiting_preop to idle", NULL), 1);
}

static void a_stop_is_no_fault(void **state)
{
	(void)state;
	open_recorder();
	changes(ECR_EVENT_STATE_CHANGED, ECR_STATE_IDLE, ECR_STATE_DISCOVERING, 1);
	changes(ECR_EVENT_STATE_CHANGED, ECR_STATE_DISCOVERING, ECR_STATE_IDLE, 2);
	changes(ECR_EVENT_STATE_CHANGED, ECR_STATE_PREOP_READY, ECR_STATE_OPERATIONAL, 3);
	fails(2, 4); /* of a slave that is lost: that was the fault */
	changes(ECR_EVENT_DC_LOCK_CHANGED, ECR_DC_LOCKED, ECR_DC_INACTIVE, 5);
	assert_int_equal(info().faults, 0);
	port_recorder_close(recorder);
}

static void clocks_that_part_are_written(void **state)
{
	(void)state;
	open_recorder();
	changes(ECR_EVENT_DC_LOCK_CHANGED, ECR_DC_LOCKING, ECR_DC_LOCKED, 1);
	assert_int_equal(info().faults, 0);
	changes(ECR_EVENT_DC_LOCK_CHANGED, ECR_DC_LOCKED, ECR_DC_LOCKING, 2);
	assert_int_equal(info().faults, 1);
	port_recorder_close(recorder);
	open_recorder();
	changes(ECR_EVENT_DC_RUNTIME_CHANGED, 1, 0, 3);
	port_recorder_close(recorder);
	assert_int_equal(count_text("dc.runtime.state.changed", NULL), 1);
}

/* More events at once than a packet has room for. */
static void of_many_events_none_is_left_out(void **state)
{
	(void)state;
	open_recorder();
	for (int i = 0; i < 500; i++)
		happen(ECR_EVENT_DOMAIN_STARTED, ECR_MS(1));
	happen(ECR_EVENT_BUS_LINK_DOWN, ECR_MS(1));
	record(1, ECR_MS(1));
	port_recorder_close(recorder);
	assert_int_equal(count_text("domain.started", NULL), 500);
	assert_int_equal(count_text("bus.link.down", NULL), 1);
}

static void fault_of(int16_t slave, ecr_time at)
{
	tell((struct ecr_event){ .kind = ECR_EVENT_SLAVE_FAULT_CHANGED,
				 .slave = slave,
				 .domain = -1,
				 .from = ECR_FAULT_NONE,
				 .to = ECR_FAULT_DOWN },
	     at);
}

static int told_of(int slave)
{
	char text[40];

	snprintf(text, sizeof(text), "of slave %d:", slave);
	return count_text(text, NULL);
}

/* One fault upon the other, quicker than they are written: none is lost while there is room. */
static void a_fault_while_another_is_written_is_written_next(void **state)
{
	(void)state;
	open_recorder();
	for (int16_t i = 0; i < 12; i++) {
		fault_of(i, ECR_MS(2 * i));
		record((uint32_t)i, ECR_MS(2 * i + 1));
	}
	port_recorder_close(recorder);
	for (int i = 0; i < 12; i++)
		assert_int_equal(told_of(i), 1);
	assert_int_equal(count_text("found no room", NULL), 0);
}

static void what_finds_no_room_is_told(void **state)
{
	uint32_t number = 0;

	(void)state;
	open_recorder();
	for (int tries = 0; tries < 100 && !info().missed; tries++) {
		for (int i = 0; i < 1000; i++, number++)
			record(number, ECR_MS(number));
		fault_of(1, ECR_MS(number));
		for (int i = 0; i < 4000; i++, number++)
			record(number, ECR_MS(number));
	}
	assert_true(info().missed > 0);
	take_up(ECR_MS(number));
	fault_of(2, ECR_MS(number));
	port_recorder_close(recorder);
	assert_in_range(count_text("found no room", NULL), 1, 1000);
}

static void write_fault_of(int16_t slave)
{
	uint32_t written = info().written;

	fault_of(slave, ECR_MS(10 * slave));
	port_recorder_tick(recorder, ECR_MS(10 * slave + 5));
	await_written(written + 1);
	take_up(ECR_MS(10 * slave + 6));
}

/* How it began and how it ends; what is left out in between is told. */
static void the_first_faults_and_the_last_stay(void **state)
{
	int commented;

	(void)state;
	open_recorder();
	for (int16_t i = 0; i < 20; i++)
		write_fault_of(i);
	assert_int_equal(info().faults, 20);
	assert_int_equal(info().left_out, 8);
	port_recorder_close(recorder);
	for (int i = 0; i < 20; i++)
		assert_int_equal(told_of(i), i < 8 || i >= 16);
	assert_int_equal(
		count_text("8 faults that were recorded before this one are left out", NULL), 1);
	assert_in_range(frames_in_file(numbers, 4096, &commented), 10, 4096);
}

static int told_faults(int upto)
{
	int count = 0;

	for (int i = 0; i < upto; i++)
		count += told_of(i);
	return count;
}

static int sections(void)
{
	int count = 0;

	read_back();
	for (size_t at = 0; at < file_size; at += block_length(at))
		count += ecr_le32(file + at) == 0x0A0D0D0A;
	return count;
}

/* A program that starts again after a fault, as often as it likes, keeps what was recorded of that. */
static void a_further_start_goes_on_behind_what_is_there(void **state)
{
	size_t size;

	(void)state;
	open_recorder();
	write_fault_of(1);
	port_recorder_close(recorder);
	assert_int_equal(sections(), 1);
	size = file_size;
	for (int i = 0; i < 10; i++) {
		open_again();
		record(1, 1);
		port_recorder_close(recorder);
	}
	read_back();
	assert_int_equal(file_size, size);
	open_again();
	write_fault_of(2);
	port_recorder_close(recorder);
	assert_int_equal(sections(), 2);
	assert_int_equal(told_of(1), 1);
	assert_int_equal(told_of(2), 1);
	for (int16_t i = 3; i < 40; i++) {
		open_again();
		write_fault_of(i);
		port_recorder_close(recorder);
	}
	assert_int_equal(told_of(1), 1);
	assert_int_equal(told_of(9), 0);
	assert_int_equal(told_of(39), 1);
	assert_in_range(sections(), 9, 16);
	open_again();
	assert_int_equal(info().left_out, 39 - told_faults(40));
	port_recorder_close(recorder);
}

static void a_file_of_others_is_replaced(void **state)
{
	(void)state;
	open_recorder();
	write_fault_of(1);
	port_recorder_close(recorder);
	unlink(path); /* somebody has taken it away */
	open_again();
	write_fault_of(2);
	port_recorder_close(recorder);
	assert_int_equal(sections(), 1);
	assert_int_equal(told_of(1), 0);
	assert_int_equal(told_of(2), 1);
	open_recorder();
	port_recorder_close(recorder);
	assert_int_equal(told_of(2), 0);
}

static struct rlimit bytes_of_a_file;

/* No file grows beyond that: what it has by now, and a little more. */
static void fill_disk(size_t size, size_t rest)
{
	struct rlimit small;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &bytes_of_a_file);
	small = bytes_of_a_file;
	small.rlim_cur = size + rest;
	setrlimit(RLIMIT_FSIZE, &small);
}

static void free_disk(void)
{
	setrlimit(RLIMIT_FSIZE, &bytes_of_a_file);
}

static void fail_to_write_fault_of(int16_t slave, size_t size)
{
	fill_disk(size, 500);
	for (uint32_t i = 0; i < 100; i++)
		record(i, ECR_MS(10 * slave));
	fault_of(slave, ECR_MS(10 * slave));
	port_recorder_tick(recorder, ECR_MS(10 * slave + 5));
	for (int i = 0; i < 1000 && !info().system_error; i++)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	free_disk();
	assert_int_equal(info().system_error, EFBIG);
	take_up(ECR_MS(10 * slave + 6));
}

static size_t size_of_recording(void)
{
	read_back();
	return file_size;
}

/* A full disk: told, whoever asks for a recording is told, too, and the file stays one that can be read. */
static void a_fault_that_cannot_be_written_is_told(void **state)
{
	size_t whole;
	int commented;

	(void)state;
	open_recorder();
	write_fault_of(1);
	whole = size_of_recording();
	fail_to_write_fault_of(2, whole);
	assert_int_equal(size_of_recording(), whole); /* no part of it */
	assert_int_equal(info().written, 1);
	assert_int_equal(port_recorder_trigger(recorder, ECR_MS(30)), ECR_ERR_SYSTEM);
	port_recorder_tick(recorder, ECR_MS(35));
	await_written(2);
	assert_int_equal(info().system_error, 0);
	assert_int_equal(port_recorder_trigger(recorder, ECR_MS(40)), 0);
	assert_int_equal(port_recorder_close(recorder), 0);
	assert_int_equal(told_of(1), 1);
	assert_int_equal(told_of(2), 0);
	assert_true(frames_in_file(numbers, 4096, &commented) > 0);
}

/* Of the fault that the end of the session cuts short nobody could ask later. */
static void who_ends_the_session_is_told_what_is_not_written(void **state)
{
	size_t whole;

	(void)state;
	open_recorder();
	write_fault_of(1);
	whole = size_of_recording();
	fill_disk(whole, 10);
	fault_of(2, ECR_MS(20));
	assert_int_equal(port_recorder_close(recorder), EFBIG);
	free_disk();
	assert_int_equal(size_of_recording(), whole);
}

/* Room is made for a fault when it is known to be written: what could be read before is not lost for one that cannot. */
static void a_fault_that_cannot_be_written_leaves_none_out(void **state)
{
	size_t whole;

	(void)state;
	open_recorder();
	for (int16_t i = 0; i < 16; i++)
		write_fault_of(i);
	whole = size_of_recording();
	fail_to_write_fault_of(16, whole);
	assert_int_equal(size_of_recording(), whole);
	assert_int_equal(told_faults(16), 16);
	assert_int_equal(info().left_out, 0);
	write_fault_of(17);
	assert_int_equal(info().left_out, 8);
	port_recorder_close(recorder);
	assert_int_equal(told_faults(20), 9);
	assert_int_equal(told_of(17), 1);
	assert_int_equal(
		count_text("8 faults that were recorded before this one are left out", NULL), 1);
	assert_int_equal(sections(), 2);
}

/* Deleted, for want of room or by a rotation of logs: what comes next is found at the path, whatever became of the last. */
static void a_file_taken_away_between_faults_is_begun_anew(void **state)
{
	(void)state;
	open_recorder();
	write_fault_of(1);
	unlink(path);
	write_fault_of(2);
	assert_int_equal(told_of(1), 0);
	assert_int_equal(told_of(2), 1);
	fail_to_write_fault_of(3, size_of_recording());
	unlink(path);
	write_fault_of(4);
	assert_int_equal(told_of(2), 0);
	assert_int_equal(told_of(4), 1);
	assert_int_equal(truncate(path, 0), 0);
	write_fault_of(5);
	port_recorder_close(recorder);
	assert_int_equal(told_of(4), 0);
	assert_int_equal(told_of(5), 1);
	assert_int_equal(sections(), 1);
}

static void swap_in(const char *aside, size_t size)
{
	FILE *other;

	assert_int_equal(rename(path, aside), 0);
	other = fopen(path, "wb");
	for (size_t i = 0; i < size; i++)
		fputc('x', other);
	fclose(other);
}

/* Another file of just that size: none of the recording is written into it, and what was recorded stays where it was put. */
static void a_file_put_in_its_place_is_not_gone_on_with(void **state)
{
	char aside[sizeof(path) + 6];
	size_t whole;

	(void)state;
	snprintf(aside, sizeof(aside), "%s.aside", path);
	open_recorder();
	write_fault_of(1);
	whole = size_of_recording();
	fail_to_write_fault_of(2, whole);
	swap_in(aside, whole);
	write_fault_of(3);
	assert_int_equal(sections(), 1);
	assert_int_equal(told_of(3), 1);
	port_recorder_close(recorder);
	assert_int_equal(rename(aside, path), 0);
	assert_int_equal(size_of_recording(), whole);
	assert_int_equal(told_of(1), 1);
}

/* Asked for twice, with nothing between: there is one recording. */
static void nothing_is_not_written(void **state)
{
	size_t once;

	(void)state;
	open_recorder();
	record(1, 1);
	port_recorder_trigger(recorder, 2);
	port_recorder_tick(recorder, ECR_MS(2));
	await_written(1);
	once = size_of_recording();
	port_recorder_trigger(recorder, ECR_MS(3));
	for (int i = 0; i < 1000 && info().faults > 1; i++) {
		port_recorder_tick(recorder, ECR_MS(5));
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	assert_int_equal(info().faults, 1);
	port_recorder_trigger(recorder, ECR_MS(6));
	port_recorder_close(recorder);
	assert_int_equal(size_of_recording(), once);
	assert_int_equal(record_file.faults, 1); /* of those that it has room for */
}

static void a_file_that_cannot_be_written_is_told_at_once(void **state)
{
	struct ecr_config wrong = { .record = { .path = "/nowhere/at/all.pcapng" } };
	char text[160] = "";

	(void)state;
	assert_int_equal(port_recorder_open(&wrong, &record_file, &recorder, text, sizeof(text)),
			 ECR_ERR_SYSTEM);
	assert_non_null(strstr(text, "/nowhere/at/all.pcapng"));
	wrong.record.path = NULL;
	assert_int_equal(port_recorder_open(&wrong, &record_file, &recorder, text, sizeof(text)),
			 0);
	assert_null(recorder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_fault_the_file_is_empty),
		cmocka_unit_test(the_last_frames_are_kept),
		cmocka_unit_test(each_fault_is_written),
		cmocka_unit_test(what_follows_the_last_frame_is_told),
		cmocka_unit_test(a_fault_is_written_when_nothing_follows),
		cmocka_unit_test(a_start_that_fails_is_written),
		cmocka_unit_test(a_stop_is_no_fault),
		cmocka_unit_test(clocks_that_part_are_written),
		cmocka_unit_test(of_many_events_none_is_left_out),
		cmocka_unit_test(a_fault_while_another_is_written_is_written_next),
		cmocka_unit_test(what_finds_no_room_is_told),
		cmocka_unit_test(the_first_faults_and_the_last_stay),
		cmocka_unit_test(a_further_start_goes_on_behind_what_is_there),
		cmocka_unit_test(a_file_of_others_is_replaced),
		cmocka_unit_test(a_fault_that_cannot_be_written_is_told),
		cmocka_unit_test(who_ends_the_session_is_told_what_is_not_written),
		cmocka_unit_test(a_fault_that_cannot_be_written_leaves_none_out),
		cmocka_unit_test(a_file_taken_away_between_faults_is_begun_anew),
		cmocka_unit_test(a_file_put_in_its_place_is_not_gone_on_with),
		cmocka_unit_test(nothing_is_not_written),
		cmocka_unit_test(a_file_that_cannot_be_written_is_told_at_once),
	};
	int fd = mkstemp(path);
	int failed;

	close(fd);
	failed = RUN(tests);
	port_record_file_forget(&record_file);
	unlink(path);
	return failed;
}
