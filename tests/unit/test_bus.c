/* SPDX-License-Identifier: Apache-2.0 */
/* The bus alone: what goes out when, in which order, and which replies are believed. */
#include "support/check.h"

#include "base/prng.h"
#include "bus/bus.h"
#include "wire/ethernet.h"
#include "wire/registers.h"

#include <stdio.h>
#include <string.h>

#define WORKS 400
#define GUARD ECR_BUS_GUARD_NS

static struct ecr_bus bus;
static _Alignas(16) uint8_t memory[64 * (ECR_FRAME_MAX + 256)];
static struct ecr_transaction works[WORKS];
static struct ecr_ask asks[WORKS];
static uint8_t answers[WORKS][ECR_DATAGRAM_DATA_MAX];
static uint8_t frame[ECR_FRAME_MAX];
static size_t length;
static ecr_time now;

static int open_bus(void **state)
{
	struct ecr_arena arena;

	(void)state;
	memset(memory, 0, sizeof(memory));
	memset(works, 0, sizeof(works));
	ecr_arena_init(&arena, memory, sizeof(memory));
	ecr_bus_init(&bus, &arena, 64);
	assert_false(arena.exhausted);
	now = ECR_S(1);
	return 0;
}

/* Work that is told apart by its register: its own number. */
static struct ecr_transaction *submit(int number, enum ecr_class class, uint16_t bytes)
{
	asks[number] = (struct ecr_ask){ .command = ECR_CMD_FPRD,
					 .length = bytes,
					 .address = ecr_address_station(0x1000, (uint16_t)number),
					 .in = answers[number] };
	works[number] = (struct ecr_transaction){ .asks = &asks[number],
						  .count = 1,
						  .class = (uint8_t) class,
						  .stale_at = now + ECR_MS(1) };
	ecr_bus_submit(&bus, now, &works[number]);
	return &works[number];
}

/* What goes out now, as the numbers of the work in it: "0 1 2"; "" nothing. */
static const char *sent(void)
{
	static char text[256];
	struct ecr_frame_reader reader;
	struct ecr_datagram datagram;
	size_t used = 0;
	size_t bytes = ecr_bus_tx(&bus, now, 0, frame, sizeof(frame));

	text[0] = '\0';
	if (!bytes)
		return text;
	length = bytes;
	assert_int_equal(ecr_frame_open(&reader, frame, length), ECR_FRAME_OK);
	while (ecr_frame_next(&reader, &datagram))
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%u", used ? " " : "",
					 datagram.address >> 16);
	assert_int_equal(reader.fault, ECR_FRAME_OK);
	assert_int_equal(reader.next, length);
	assert_false(ecr_frame_length_disagrees(&reader));
	return text;
}

/* The frame sent last, as it comes back from a ring that counts 1 and writes `fill` everywhere. */
static void turn_round(uint8_t fill)
{
	struct ecr_frame_reader reader;
	struct ecr_datagram datagram;

	ecr_frame_open(&reader, frame, length);
	while (ecr_frame_next(&reader, &datagram)) {
		memset(datagram.data, fill, datagram.length);
		ecr_datagram_set_wkc(&datagram, 1);
	}
}

static void receive(void)
{
	ecr_bus_rx(&bus, now, &(struct ecr_arrival){ .at = now, .foreign = false }, frame, length);
}

static void answer(void)
{
	turn_round(0x5A);
	receive();
}

/* The number of the work that comes back next with this outcome. */
static int finished(enum ecr_outcome outcome)
{
	struct ecr_transaction *transaction = ecr_bus_finished(&bus);

	if (!transaction)
		return -1;
	assert_int_equal(transaction->outcome, outcome);
	assert_false(transaction->queued);
	return (int)(transaction - works);
}

static void reliable_work_shares_a_frame_in_its_order(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		submit(i, ECR_RELIABLE, 2);
	assert_string_equal(sent(), "0 1 2");
	assert_string_equal(sent(), "");
	now += ECR_US(30);
	answer();
	assert_int_equal(bus.info.round_trip.count, 1);
	assert_int_equal(bus.info.round_trip.max_ns, ECR_US(30));
	for (int i = 0; i < 3; i++) {
		assert_int_equal(finished(ECR_OUTCOME_ANSWERED), i);
		assert_int_equal(asks[i].wkc, 1);
		assert_int_equal(answers[i][1], 0x5A);
	}
	assert_int_equal(finished(ECR_OUTCOME_ANSWERED), -1);
	assert_true(ecr_bus_idle(&bus));
	assert_int_equal(bus.info.frames_sent, 1);
	assert_int_equal(bus.info.frames_received, 1);
	assert_int_equal(bus.info.datagrams_sent, 3);
}

static void realtime_goes_first_and_alone(void **state)
{
	(void)state;
	submit(0, ECR_RELIABLE, 2);
	submit(1, ECR_REALTIME, 2);
	submit(2, ECR_RELIABLE, 2);
	submit(3, ECR_REALTIME, 2);
	assert_string_equal(sent(), "1 3");
	assert_string_equal(sent(), "0 2");
}

/* Neither split nor overtaken. */
static void work_that_does_not_fit_waits_for_the_next_frame(void **state)
{
	(void)state;
	submit(0, ECR_RELIABLE, 800);
	submit(1, ECR_RELIABLE, 800);
	submit(2, ECR_RELIABLE, 2);
	assert_string_equal(sent(), "0");
	now += ECR_MS(1);
	assert_string_equal(sent(), "1 2");
}

static void a_datagram_may_fill_a_frame_but_not_more(void **state)
{
	(void)state;
	submit(0, ECR_RELIABLE, ECR_DATAGRAM_DATA_MAX);
	submit(1, ECR_RELIABLE, ECR_DATAGRAM_DATA_MAX + 1);
	submit(2, ECR_RELIABLE, 2);
	assert_int_equal(finished(ECR_OUTCOME_TOO_LARGE), 1);
	assert_string_equal(sent(), "0");
	assert_int_equal(length + ECR_ETHERNET_HEADER_SIZE, ECR_ETHERNET_MAX);
	answer();
	assert_string_equal(sent(), "2"); /* the bus lives on */
}

static void realtime_work_grows_stale_and_reliable_work_does_not(void **state)
{
	(void)state;
	submit(0, ECR_REALTIME, 2);
	submit(1, ECR_RELIABLE, 2);
	submit(2, ECR_REALTIME, 2)->stale_at = now + ECR_S(20);
	now += ECR_MS(1);
	ecr_bus_link(&bus, 0, false);
	assert_string_equal(sent(), "");
	now += 1;
	assert_string_equal(sent(), "");
	assert_int_equal(finished(ECR_OUTCOME_EXPIRED), 0);
	assert_int_equal(bus.info.expired, 1);
	now += ECR_S(10);
	submit(3, ECR_RELIABLE, 2)->unwanted = true; /* who asked has gone meanwhile */
	ecr_bus_link(&bus, 0, true);
	assert_int_equal(finished(ECR_OUTCOME_CANCELLED), 3);
	assert_string_equal(sent(), "2");
	assert_string_equal(sent(), "1");
	assert_string_equal(sent(), "");
	assert_int_equal(bus.info.expired, 1);
}

/* (bytes + 24) x 80 ns and a guard must fit before the cyclic send. */
static void a_reliable_frame_never_reaches_into_the_cycle(void **state)
{
	ecr_time wire =
		(ecr_time)(1000 + ECR_DATAGRAM_OVERHEAD + ECR_ETHERNET_HEADER_SIZE + 24) * 80;

	(void)state;
	submit(0, ECR_RELIABLE, 1000);
	bus.next_cyclic = now + wire + GUARD - 1;
	assert_string_equal(sent(), "");
	assert_true(ecr_bus_wake(&bus) > now);
	submit(1, ECR_REALTIME, 2);
	assert_string_equal(sent(), "1");
	bus.wire_free = now;
	bus.next_cyclic = now + wire + GUARD;
	assert_string_equal(sent(), "0");
}

/* What was handed out before occupies the wire. */
static void the_guard_counts_from_the_end_of_the_frame_before(void **state)
{
	(void)state;
	submit(0, ECR_RELIABLE, 1400);
	submit(1, ECR_RELIABLE, 1400);
	bus.next_cyclic = now + ECR_US(200);
	assert_string_equal(sent(), "0");
	assert_string_equal(sent(), "");
	bus.next_cyclic = now + ECR_US(300);
	assert_string_equal(sent(), "1");
}

static void only_so_many_reliable_frames_fly_at_once(void **state)
{
	(void)state;
	for (int i = 0; i <= (int)ECR_BUS_WINDOW; i++)
		submit(i, ECR_RELIABLE, 1400);
	for (unsigned int i = 0; i < ECR_BUS_WINDOW; i++)
		assert_true(*sent());
	now += ECR_MS(1);
	answer(); /* the one sent last */
	assert_int_equal(finished(ECR_OUTCOME_ANSWERED), (int)ECR_BUS_WINDOW - 1);
	assert_string_equal(sent(), "8");
	submit(20, ECR_RELIABLE, 1400);
	now += ECR_MS(1);
	assert_string_equal(sent(), "");
	submit(21, ECR_REALTIME, 2);
	assert_string_equal(sent(), "21"); /* cycles know no window */
}

/* So that many slaves' questions meet in it. */
static void a_partly_filled_frame_waits_while_another_is_under_way(void **state)
{
	(void)state;
	submit(0, ECR_RELIABLE, 2);
	assert_string_equal(sent(), "0");
	submit(1, ECR_RELIABLE, 2);
	assert_string_equal(sent(), "");
	assert_in_range(ecr_bus_wake(&bus), now + 1, now + ECR_US(200));
	now += ECR_US(100);
	submit(2, ECR_RELIABLE, 2);
	assert_string_equal(sent(), "");
	now += ECR_US(100);
	assert_string_equal(sent(), "1 2");
	submit(3, ECR_RELIABLE, 1400);
	assert_string_equal(sent(), "3"); /* full: at once */
}

/* One thing wrong with a reply each; the flight goes on and the true reply still counts. */
static void forged_index(void)
{
	frame[3] = (uint8_t)(frame[3] + 1);
}

static void forged_command(void)
{
	frame[2] = ECR_CMD_FPWR;
}

static void forged_station(void)
{
	frame[4]++;
}

static void forged_register(void)
{
	frame[6]++;
}

static void forged_length(void)
{
	frame[8]--;
}

static void forged_second_index(void)
{
	frame[3 + 14]++;
}

static void forged_type(void)
{
	frame[1] = 0x40;
}

static void one_datagram_less(void)
{
	frame[9] &= 0x7F; /* more follows */
}

static void cut_short(void)
{
	length--;
}

static void cut_to_nothing(void)
{
	length = 1;
}

static struct ecr_event told; /* the last event of this kind */

static void note_dropped(void *context, const struct ecr_event *event)
{
	(void)context;
	if (event->kind == ECR_EVENT_BUS_FRAME_DROPPED)
		told = *event;
}

static void a_mangled_reply_is_dropped_by_its_reason(void **state)
{
	static const struct {
		void (*forge)(void);
		enum ecr_drop_reason reason;
	} cases[] = {
		{ forged_index, ECR_DROP_MISMATCH },
		{ forged_command, ECR_DROP_MISMATCH },
		{ forged_station, ECR_DROP_MISMATCH },
		{ forged_register, ECR_DROP_MISMATCH },
		{ forged_second_index, ECR_DROP_MISMATCH },
		{ one_datagram_less, ECR_DROP_MISMATCH },
		{ forged_type, ECR_DROP_DECODE },
		{ cut_short, ECR_DROP_DECODE },
		{ cut_to_nothing, ECR_DROP_DECODE },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t true_reply[64];
		size_t true_length;

		open_bus(state);
		bus.event = note_dropped;
		submit(0, ECR_RELIABLE, 2);
		submit(1, ECR_RELIABLE, 2);
		assert_string_equal(sent(), "0 1");
		turn_round(0x77);
		memcpy(true_reply, frame, length);
		true_length = length;
		memset(answers, 0, sizeof(answers[0]) * 2);
		cases[i].forge();
		receive();
		assert_int_equal(bus.info.dropped[cases[i].reason], 1);
		assert_int_equal(told.from, cases[i].reason);
		assert_int_equal(told.count, length);
		assert_int_equal(finished(ECR_OUTCOME_ANSWERED), -1);
		assert_int_equal(answers[0][0], 0); /* not a byte of it is believed */
		assert_int_equal(asks[0].wkc, 0);
		ecr_bus_rx(&bus, now, &(struct ecr_arrival){ .at = now, .foreign = false },
			   true_reply, true_length);
		assert_int_equal(finished(ECR_OUTCOME_ANSWERED), 0);
		assert_int_equal(finished(ECR_OUTCOME_ANSWERED), 1);
		assert_int_equal(answers[0][0], 0x77);
	}
}

/* A shorter datagram moves what follows: however it is read, nothing is taken. */
static void another_length_is_not_believed(void **state)
{
	(void)state;
	submit(0, ECR_RELIABLE, 2);
	assert_string_equal(sent(), "0");
	turn_round(0x77);
	memset(answers[0], 0, 2);
	forged_length();
	receive();
	assert_int_equal(bus.info.dropped[ECR_DROP_MISMATCH], 1);
	assert_int_equal(answers[0][0], 0);
	assert_int_equal(finished(ECR_OUTCOME_ANSWERED), -1);
}

static int second_masters;

static void count_second_masters(void *context, const struct ecr_event *event)
{
	(void)context;
	second_masters += event->kind == ECR_EVENT_BUS_SECOND_MASTER;
}

/* Told when it begins to send, and again when it does after a pause; not for every frame. */
static void a_second_master_is_told_once(void **state)
{
	const struct ecr_arrival foreign = { .foreign = true };

	(void)state;
	second_masters = 0;
	bus.event = count_second_masters;
	for (int i = 0; i < 100; i++, now += ECR_MS(1))
		ecr_bus_rx(&bus, now, &foreign, frame, 16);
	assert_int_equal(second_masters, 1);
	now += ECR_S(30);
	ecr_bus_rx(&bus, now, &foreign, frame, 16);
	assert_int_equal(second_masters, 2);
	assert_int_equal(bus.info.dropped[ECR_DROP_FOREIGN], 101);
}

static void late_duplicate_and_foreign_frames_are_told_apart(void **state)
{
	uint64_t *dropped = bus.info.dropped;

	(void)state;
	submit(0, ECR_RELIABLE, 2);
	sent();
	turn_round(1);
	ecr_bus_rx(&bus, now, &(struct ecr_arrival){ .at = now, .foreign = true }, frame, length);
	assert_int_equal(dropped[ECR_DROP_FOREIGN], 1);
	receive();
	receive();
	assert_int_equal(dropped[ECR_DROP_DUPLICATE], 1);
	assert_int_equal(finished(ECR_OUTCOME_ANSWERED), 0);
	assert_int_equal(finished(ECR_OUTCOME_ANSWERED), -1);

	submit(1, ECR_RELIABLE, 2);
	sent();
	turn_round(1);
	now += bus.frame_timeout;
	ecr_bus_tick(&bus, now);
	assert_int_equal(finished(ECR_OUTCOME_TIMEOUT), 1);
	assert_int_equal(bus.info.frames_lost, 1);
	receive();
	assert_int_equal(dropped[ECR_DROP_LATE], 1);
	assert_int_equal(finished(ECR_OUTCOME_ANSWERED), -1);
	assert_int_equal(bus.info.frames_received, 1);
}

/* Slaves count positions up; nothing else may change. */
static void positions_change_on_their_way(void **state)
{
	static const struct {
		uint8_t command;
		bool may_change;
	} cases[] = { { ECR_CMD_APRD, true },  { ECR_CMD_BWR, true },  { ECR_CMD_ARMW, true },
		      { ECR_CMD_FPRD, false }, { ECR_CMD_LRW, false }, { ECR_CMD_FRMW, false } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ecr_ask ask = { .command = cases[i].command, .length = 2 };
		struct ecr_transaction work = { .asks = &ask, .count = 1, .class = ECR_RELIABLE };

		open_bus(state);
		ask.address = 0x01300000;
		ecr_bus_submit(&bus, now, &work);
		sent();
		frame[4] = 3; /* three slaves have passed it on */
		receive();
		assert_int_equal(work.outcome,
				 cases[i].may_change ? ECR_OUTCOME_ANSWERED : ECR_OUTCOME_PENDING);
		assert_int_equal(bus.info.dropped[ECR_DROP_MISMATCH], !cases[i].may_change);
		ecr_bus_cancel_all(&bus, now);
	}
}

/* Some senders count the header's length 16 too large; the datagrams are there. */
static void a_wrong_length_in_the_header_is_counted_and_tolerated(void **state)
{
	(void)state;
	submit(0, ECR_RELIABLE, 2);
	sent();
	turn_round(3);
	frame[0] = (uint8_t)(frame[0] + 16);
	receive();
	assert_int_equal(finished(ECR_OUTCOME_ANSWERED), 0);
	assert_int_equal(bus.info.length_disagreements, 1);
}

static void what_could_not_be_sent_comes_back_at_once(void **state)
{
	(void)state;
	submit(0, ECR_RELIABLE, 2);
	submit(1, ECR_RELIABLE, 2);
	sent();
	ecr_bus_send_failed(&bus, now, 0);
	assert_int_equal(finished(ECR_OUTCOME_SEND_FAILED), 0);
	assert_int_equal(finished(ECR_OUTCOME_SEND_FAILED), 1);
	assert_int_equal(bus.info.send_failures, 1);
	assert_true(ecr_bus_idle(&bus));
}

static void open_two_ports(void)
{
	bus.redundant = true;
	ecr_bus_link(&bus, 0, true);
	ecr_bus_link(&bus, 1, true);
}

static void set_counter(uint8_t *copy, uint16_t counter)
{
	struct ecr_frame_reader reader;
	struct ecr_datagram datagram;

	ecr_frame_open(&reader, copy, length);
	while (ecr_frame_next(&reader, &datagram))
		ecr_datagram_set_wkc(&datagram, counter);
}

/* The copy of a port comes back there, from its half of a broken ring, in which so many have worked on it. */
static void half_comes_back(uint8_t *copy, unsigned int port, uint16_t counter)
{
	struct ecr_arrival arrival = { .at = now, .port = (uint8_t)port };

	set_counter(copy, counter);
	ecr_bus_rx(&bus, now, &arrival, copy, length);
}

/* Nobody in one half has answered: whoever was asked may be in the other, which is silent while its loop
 * closes. A question waits for it as long as any frame; a cycle does not wait. */
static void a_question_waits_for_the_half_that_is_silent(void **state)
{
	static const enum ecr_class classes[] = { ECR_RELIABLE, ECR_REALTIME };
	uint8_t copies[2][ECR_FRAME_MAX];

	for (int i = 0; i < 2; i++) {
		open_bus(state);
		open_two_ports();
		submit(0, classes[i], 2);
		length = ecr_bus_tx(&bus, now, 0, copies[0], ECR_FRAME_MAX);
		assert_int_equal(ecr_bus_tx(&bus, now, 1, copies[1], ECR_FRAME_MAX), length);
		now += ECR_US(50);
		half_comes_back(copies[0], 0, 0);
		now += ECR_MS(2);
		ecr_bus_tick(&bus, now);
		if (classes[i] == ECR_REALTIME) {
			assert_int_equal(finished(ECR_OUTCOME_ANSWERED), 0);
			assert_int_equal(asks[0].wkc, 0);
			continue;
		}
		assert_int_equal(finished(ECR_OUTCOME_ANSWERED), -1);
		half_comes_back(copies[1], 1, 1);
		assert_int_equal(finished(ECR_OUTCOME_ANSWERED), 0);
		assert_int_equal(asks[0].wkc, 1);
	}
}

static struct ecr_datagram datagram_of(uint8_t *copy, int number)
{
	struct ecr_frame_reader reader;
	struct ecr_datagram datagram = { 0 };

	ecr_frame_open(&reader, copy, length);
	for (int i = 0; i <= number; i++)
		assert_true(ecr_frame_next(&reader, &datagram));
	return datagram;
}

/* One transaction of these goes out at both ports. */
static void send_both(uint8_t copies[2][ECR_FRAME_MAX], uint16_t count)
{
	works[0] = (struct ecr_transaction){ .asks = asks, .count = count, .class = ECR_RELIABLE };
	ecr_bus_submit(&bus, now, &works[0]);
	length = ecr_bus_tx(&bus, now, 0, copies[0], ECR_FRAME_MAX);
	assert_int_equal(ecr_bus_tx(&bus, now, 1, copies[1], ECR_FRAME_MAX), length);
}

/* A broadcast of the AL status has come back to each port from its part. */
static void break_ring(uint8_t copies[2][ECR_FRAME_MAX], uint16_t reach_0, uint16_t reach_1)
{
	asks[0] = (struct ecr_ask){ .command = ECR_CMD_BRD,
				    .length = 2,
				    .address = ecr_address_all(ECR_REG_AL_STATUS) };
	send_both(copies, 1);
	half_comes_back(copies[0], 0, reach_0);
	half_comes_back(copies[1], 1, reach_1);
	assert_int_equal(finished(ECR_OUTCOME_ANSWERED), 0);
	assert_int_equal(asks[0].wkc, reach_0 + reach_1);
	assert_true(bus.split);
}

/* Of a broadcast what any slave has; of process data what each half has changed; counters add up. */
static void the_halves_of_a_broken_ring_answer_as_one(void **state)
{
	static const uint8_t commands[] = { ECR_CMD_BRD, ECR_CMD_BRW, ECR_CMD_LRW };
	static const uint8_t out[2] = { 0x0F, 0x33 };
	static const uint8_t came[2][3][2] = { { { 0x12, 0x01 }, { 0x12, 0x01 }, { 0xA5, 0x33 } },
					       { { 0x0A, 0x80 }, { 0x0A, 0x80 }, { 0x0F, 0x44 } } };
	static const uint8_t whole[3][2] = { { 0x1A, 0x81 }, { 0x1A, 0x81 }, { 0xA5, 0x44 } };
	uint8_t copies[2][ECR_FRAME_MAX];

	(void)state;
	for (unsigned int first = 0; first < 2; first++) {
		open_bus(state);
		open_two_ports();
		break_ring(copies, 2, 3);
		for (int i = 0; i < 3; i++)
			asks[i] = (struct ecr_ask){ .command = commands[i],
						    .length = 2,
						    .address = ecr_address_all(0x0100),
						    .out = commands[i] == ECR_CMD_BRD ? NULL : out,
						    .in = answers[i] };
		send_both(copies, 3);
		for (unsigned int k = 0; k < 2; k++) {
			unsigned int port = first ^ k;

			for (int i = 0; i < 3; i++)
				memcpy(datagram_of(copies[port], i).data, came[port][i], 2);
			half_comes_back(copies[port], port, (uint16_t)(2 + port));
		}
		assert_int_equal(finished(ECR_OUTCOME_ANSWERED), 0);
		for (int i = 0; i < 3; i++) {
			assert_memory_equal(answers[i], whole[i], 2);
			assert_int_equal(asks[i].wkc, 5);
		}
	}
}

/* The first so many positions are asked, and one station behind them. */
static void ask_positions(uint8_t copies[2][ECR_FRAME_MAX], uint16_t count)
{
	for (uint16_t i = 0; i < count; i++)
		asks[i] = (struct ecr_ask){ .command = i % 2 ? ECR_CMD_APWR : ECR_CMD_APRD,
					    .length = 2,
					    .address = ecr_address_position(i, 0x0010) };
	asks[count] = (struct ecr_ask){ .command = ECR_CMD_FPRD,
					.length = 2,
					.address = ecr_address_station(0x1003, 0x0010) };
	send_both(copies, (uint16_t)(count + 1));
}

/*
 * A question by position goes to one port only, and counts from that port's own end; one by address goes to both. A
 * port may reach nobody although its link is up.
 */
static void positions_count_from_each_end_of_a_broken_ring(void **state)
{
	static const uint16_t nears[] = { 2, 0, 5 };
	uint8_t copies[2][ECR_FRAME_MAX];

	for (int k = 0; k < 3; k++) {
		uint16_t near = nears[k];

		open_bus(state);
		open_two_ports();
		break_ring(copies, near, (uint16_t)(5 - near));
		ask_positions(copies, 5);
		for (int i = 0; i < 5; i++) {
			unsigned int port = i >= near;
			uint16_t there = (uint16_t)(i - (port ? near : 0));

			assert_int_equal(datagram_of(copies[!port], i).command, ECR_CMD_NOP);
			assert_int_equal(datagram_of(copies[port], i).command, asks[i].command);
			assert_int_equal(datagram_of(copies[port], i).address,
					 ecr_address_position(there, 0x0010));
		}
		for (int port = 0; port < 2; port++) {
			assert_int_equal(datagram_of(copies[port], 5).command, ECR_CMD_FPRD);
			assert_int_equal(datagram_of(copies[port], 5).address, asks[5].address);
		}
		ecr_bus_cancel_all(&bus, now);
	}
}

/* The copy of this port comes out at the other one: it has passed everybody. */
static void copy_crosses(uint8_t *copy, unsigned int port)
{
	struct ecr_arrival arrival = { .at = now, .port = (uint8_t)!port, .crossed = true };

	ecr_bus_rx(&bus, now, &arrival, copy, length);
}

/* Counted from behind the break, a position is somebody else's when the ring is whole again. */
static void a_position_is_not_believed_when_the_ring_heals_under_way(void **state)
{
	uint8_t copies[2][ECR_FRAME_MAX];
	struct ecr_datagram third;

	(void)state;
	open_two_ports();
	break_ring(copies, 2, 3);
	ask_positions(copies, 4);
	third = datagram_of(copies[1], 3);
	ecr_datagram_set_wkc(&third, 1);
	copy_crosses(copies[1], 1);
	assert_false(bus.split);
	assert_int_equal(finished(ECR_OUTCOME_ASTRAY), 0);
	ecr_bus_cancel_all(&bus, now);
}

/* One half reaches nobody, and the other falls silent: nobody is reached any more. */
static void a_half_that_falls_silent_is_told_whoever_is_in_the_other(void **state)
{
	uint8_t copies[2][ECR_FRAME_MAX];

	(void)state;
	for (uint16_t near = 0; near < 2; near++) {
		open_bus(state);
		open_two_ports();
		break_ring(copies, near, (uint16_t)(5 - near));
		bus.news = false;
		send_both(copies, 1);
		half_comes_back(copies[0], 0, near);
		now += bus.frame_timeout;
		ecr_bus_tick(&bus, now);
		assert_int_equal(finished(ECR_OUTCOME_TIMEOUT), 0);
		assert_int_equal(bus.reach[0], near);
		assert_int_equal(bus.reach[1], 0);
		assert_true(bus.news);
		/* It may have been that one frame: the count of one half is believed when the other stays silent. */
		now += ECR_MS(60);
		send_both(copies, 1);
		half_comes_back(copies[0], 0, near);
		now += bus.frame_timeout;
		ecr_bus_tick(&bus, now);
		assert_int_equal(finished(ECR_OUTCOME_ANSWERED), 0);
		assert_int_equal(asks[0].wkc, near);
	}
}

/* Both copies of a frame are expected, each once. */
static void a_doubled_copy_is_dropped_and_counted(void **state)
{
	uint8_t copies[2][ECR_FRAME_MAX];
	uint64_t *dropped = bus.info.dropped;

	(void)state;
	open_two_ports();
	asks[0] = (struct ecr_ask){ .command = ECR_CMD_FPRD, .length = 2, .address = 0x1000 };
	send_both(copies, 1);
	set_counter(copies[0], 1);
	copy_crosses(copies[0], 0);
	assert_int_equal(finished(ECR_OUTCOME_ANSWERED), 0);
	copy_crosses(copies[1], 1);
	assert_int_equal(dropped[ECR_DROP_DUPLICATE], 0);
	copy_crosses(copies[0], 0);
	assert_int_equal(dropped[ECR_DROP_DUPLICATE], 1);
	copy_crosses(copies[1], 1);
	assert_int_equal(dropped[ECR_DROP_DUPLICATE], 2);
}

/* Waiting, under way, and not taken yet. */
static void work_of_a_cycle_keeps_the_bus_busy(void **state)
{
	(void)state;
	submit(0, ECR_REALTIME, 2);
	assert_false(ecr_bus_idle(&bus));
	assert_string_equal(sent(), "0");
	assert_false(ecr_bus_idle(&bus));
	answer();
	assert_false(ecr_bus_idle(&bus));
	assert_int_equal(finished(ECR_OUTCOME_ANSWERED), 0);
	assert_true(ecr_bus_idle(&bus));
}

/* With two ports it is lost when neither of them sends it. */
static void what_one_port_cannot_send_may_go_by_the_other(void **state)
{
	(void)state;
	open_two_ports();
	submit(0, ECR_RELIABLE, 2);
	assert_string_equal(sent(), "0");
	assert_true(ecr_bus_tx(&bus, now, 1, frame, sizeof(frame)) > 0);
	ecr_bus_send_failed(&bus, now, 1);
	assert_int_equal(finished(ECR_OUTCOME_SEND_FAILED), -1);
	ecr_bus_send_failed(&bus, now, 0);
	assert_int_equal(finished(ECR_OUTCOME_SEND_FAILED), 0);
	assert_int_equal(bus.info.send_failures, 2);
	assert_true(ecr_bus_idle(&bus));
}

static void patience_is_shorter_than_the_time_out(void **state)
{
	(void)state;
	submit(0, ECR_REALTIME, 2)->patience = ECR_MS(2);
	sent();
	submit(1, ECR_REALTIME, 2);
	sent();
	assert_int_equal(ecr_bus_wake(&bus), now + ECR_MS(2));
	now += ECR_MS(2);
	ecr_bus_tick(&bus, now);
	assert_int_equal(finished(ECR_OUTCOME_TIMEOUT), 0);
	assert_int_equal(finished(ECR_OUTCOME_TIMEOUT), -1);
	assert_int_equal(ecr_bus_wake(&bus), now - ECR_MS(2) + bus.frame_timeout);
}

/* 256 indices for much more work, while one frame stays away: its index is nobody else's. */
static void an_index_in_flight_is_not_given_again(void **state)
{
	uint8_t missing;

	(void)state;
	submit(0, ECR_REALTIME, 2);
	sent();
	missing = frame[3];
	for (int i = 1; i < 350; i++) {
		submit(i, ECR_REALTIME, 2);
		assert_true(*sent());
		assert_int_not_equal(frame[3], missing);
		answer();
		assert_int_equal(finished(ECR_OUTCOME_ANSWERED), i);
	}
}

/* A switch that sends one reply for ever: 256 frames on its index comes round, and the question is the same. */
static void a_reply_that_is_sent_again_and_again_is_believed_once(void **state)
{
	uint8_t replayed[ECR_FRAME_MAX];
	size_t replayed_length = 0;

	(void)state;
	for (int i = 0; i < 350; i++) {
		submit(i, ECR_REALTIME, 2);
		asks[i].address = ecr_address_station(0x1000, 0);
		sent();
		ecr_bus_rx(&bus, now, &(struct ecr_arrival){ .at = now }, replayed,
			   replayed_length);
		assert_int_equal(finished(ECR_OUTCOME_ANSWERED), -1);
		answer();
		assert_int_equal(finished(ECR_OUTCOME_ANSWERED), i);
		if (i == 0)
			memcpy(replayed, frame, length);
		replayed_length = length;
	}
}

/* A question by position, and how many slaves there are: what each port's part of a broken ring makes of it. */
static void part_answers(unsigned int port, bool is_there, uint16_t slaves)
{
	struct ecr_frame_reader reader;
	struct ecr_datagram datagram;

	length = ecr_bus_tx(&bus, now, port, frame, sizeof(frame));
	ecr_frame_open(&reader, frame, length);
	assert_true(ecr_frame_next(&reader, &datagram));
	assert_int_equal(datagram.command, is_there ? ECR_CMD_APRD : ECR_CMD_NOP);
	ecr_datagram_set_wkc(&datagram, is_there);
	assert_true(ecr_frame_next(&reader, &datagram));
	ecr_datagram_set_wkc(&datagram, slaves);
	ecr_bus_rx(&bus, now, &(struct ecr_arrival){ .at = now, .port = port }, frame, length);
}

/* The first two of six slaves hang at port 0, and the bus believes that none does: the third one answers for the first. */
static void a_position_is_not_believed_where_the_ring_is_parted_elsewhere(void **state)
{
	struct ecr_ask both[2] = {
		{ .command = ECR_CMD_APRD, .length = 2 },
		{ .command = ECR_CMD_BRD, .address = ecr_address_all(ECR_REG_TYPE), .length = 1 }
	};
	struct ecr_transaction work = { .asks = both, .count = 2, .class = ECR_RELIABLE };
	uint8_t first[ECR_FRAME_MAX];
	size_t first_length;

	(void)state;
	bus.redundant = bus.split = true;
	bus.reach[0] = 0;
	ecr_bus_submit(&bus, now, &work);
	first_length = ecr_bus_tx(&bus, now, 0, first, sizeof(first));
	part_answers(1, true, 4);
	first[first_length - 2] = 2; /* the last counter */
	ecr_bus_rx(&bus, now, &(struct ecr_arrival){ .at = now }, first, first_length);
	assert_ptr_equal(ecr_bus_finished(&bus), &work);
	assert_int_equal(work.outcome, ECR_OUTCOME_ASTRAY);

	ecr_bus_submit(&bus, now, &work);
	part_answers(0, true, 2);
	part_answers(1, false, 4);
	assert_ptr_equal(ecr_bus_finished(&bus), &work);
	assert_int_equal(work.outcome, ECR_OUTCOME_ANSWERED);
	assert_int_equal(both[0].wkc, 1);
	assert_int_equal(both[1].wkc, 6);
}

static void everything_comes_back_when_the_bus_closes(void **state)
{
	(void)state;
	submit(0, ECR_REALTIME, 2);
	sent();
	submit(1, ECR_REALTIME, 2);
	submit(2, ECR_RELIABLE, 2);
	bus.closing = true;
	submit(3, ECR_RELIABLE, 2);
	assert_int_equal(finished(ECR_OUTCOME_CANCELLED), 3);
	ecr_bus_cancel_all(&bus, now);
	assert_int_equal(finished(ECR_OUTCOME_CANCELLED), 1);
	assert_int_equal(finished(ECR_OUTCOME_CANCELLED), 2);
	assert_int_equal(finished(ECR_OUTCOME_CANCELLED), 0);
	assert_true(ecr_bus_idle(&bus));
}

/* The IRQ fields of everything that was answered, until somebody takes them. */
static void events_of_replies_are_gathered(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		submit(i, ECR_REALTIME, 2);
		sent();
		frame[2 + 8] = (uint8_t)(4 << i);
		answer();
		assert_int_equal(asks[i].irq, 4 << i);
	}
	assert_int_equal(bus.irq, 12);
}

static void time_outs_follow_the_number_of_slaves(void **state)
{
	(void)state;
	assert_int_equal(ecr_bus_tuned_timeout(1), ECR_MS(5));
	assert_int_equal(ecr_bus_tuned_timeout(120), ECR_MS(5));
	assert_int_equal(ecr_bus_tuned_timeout(121), ECR_MS(6));
	assert_int_equal(ecr_bus_tuned_timeout(245), ECR_MS(10));
	assert_int_equal(ecr_bus_tuned_timeout(1000), ECR_MS(10));
	assert_true(ecr_bus_tuned_timeout(5000) > ECR_MS(15)); /* such a ring takes that long */
}

/* Whatever is lost, late, doubled or refused: each piece of work comes back exactly once. */
static void each_piece_of_work_comes_back_exactly_once(void **state)
{
	struct ecr_prng prng = { 5 };
	static uint8_t back[WORKS];
	int submitted = 0;
	int returned = 0;

	(void)state;
	memset(back, 0, sizeof(back));
	while (returned < WORKS) {
		struct ecr_transaction *transaction;

		if (submitted < WORKS && ecr_prng_chance(&prng, 500000)) {
			submit(submitted, (enum ecr_class)ecr_prng_below(&prng, 2),
			       (uint16_t)ecr_prng_below(&prng, 1500));
			submitted++;
		}
		now += ecr_prng_below(&prng, 400000);
		ecr_bus_tick(&bus, now);
		if (*sent()) {
			uint32_t fate = ecr_prng_below(&prng, 8);

			turn_round((uint8_t)fate);
			if (fate == 0)
				ecr_bus_send_failed(&bus, now, 0);
			if (fate == 1)
				frame[ecr_prng_below(&prng, (uint32_t)length)] ^= 1;
			if (fate != 2)
				receive();
			if (fate == 3)
				receive();
		}
		while ((transaction = ecr_bus_finished(&bus))) {
			assert_int_equal(back[transaction - works]++, 0);
			assert_int_not_equal(transaction->outcome, ECR_OUTCOME_PENDING);
			returned++;
		}
	}
	assert_true(ecr_bus_idle(&bus));
}

#define TEST(name) cmocka_unit_test_setup(name, open_bus)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reliable_work_shares_a_frame_in_its_order),
		TEST(realtime_goes_first_and_alone),
		TEST(work_that_does_not_fit_waits_for_the_next_frame),
		TEST(a_datagram_may_fill_a_frame_but_not_more),
		TEST(realtime_work_grows_stale_and_reliable_work_does_not),
		TEST(a_reliable_frame_never_reaches_into_the_cycle),
		TEST(the_guard_counts_from_the_end_of_the_frame_before),
		TEST(only_so_many_reliable_frames_fly_at_once),
		TEST(a_partly_filled_frame_waits_while_another_is_under_way),
		TEST(a_mangled_reply_is_dropped_by_its_reason),
		TEST(another_length_is_not_believed),
		TEST(a_second_master_is_told_once),
		TEST(late_duplicate_and_foreign_frames_are_told_apart),
		TEST(positions_change_on_their_way),
		TEST(a_wrong_length_in_the_header_is_counted_and_tolerated),
		TEST(what_could_not_be_sent_comes_back_at_once),
		TEST(a_question_waits_for_the_half_that_is_silent),
		TEST(the_halves_of_a_broken_ring_answer_as_one),
		TEST(positions_count_from_each_end_of_a_broken_ring),
		TEST(a_position_is_not_believed_when_the_ring_heals_under_way),
		TEST(a_half_that_falls_silent_is_told_whoever_is_in_the_other),
		TEST(a_doubled_copy_is_dropped_and_counted),
		TEST(work_of_a_cycle_keeps_the_bus_busy),
		TEST(what_one_port_cannot_send_may_go_by_the_other),
		TEST(patience_is_shorter_than_the_time_out),
		TEST(an_index_in_flight_is_not_given_again),
		TEST(a_reply_that_is_sent_again_and_again_is_believed_once),
		TEST(a_position_is_not_believed_where_the_ring_is_parted_elsewhere),
		TEST(everything_comes_back_when_the_bus_closes),
		TEST(events_of_replies_are_gathered),
		TEST(time_outs_follow_the_number_of_slaves),
		TEST(each_piece_of_work_comes_back_exactly_once),
	};

	return RUN(tests);
}
