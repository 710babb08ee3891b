/* SPDX-License-Identifier: Apache-2.0 */
/* The bus alone, with two ports: at which of them positions leave, and when their answer is believed. */
#include "support/check.h"

#include "bus/bus.h"
#include "wire/registers.h"

#include <string.h>

#define POSITIONS 5

static struct ecr_bus bus;
static _Alignas(16) uint8_t memory[8 * (ECR_FRAME_MAX + 256)];
static struct ecr_ask asks[POSITIONS];
static struct ecr_transaction work;
static uint8_t copies[2][ECR_FRAME_MAX];
static size_t length;
static const ecr_time now = ECR_S(1);

static int open_bus(void **state)
{
	struct ecr_arena arena;

	(void)state;
	memset(memory, 0, sizeof(memory));
	ecr_arena_init(&arena, memory, sizeof(memory));
	ecr_bus_init(&bus, &arena, 8);
	bus.redundant = true;
	return 0;
}

static void send_as(enum ecr_class class, uint16_t count)
{
	work = (struct ecr_transaction){
		.asks = asks, .count = count, .class = (uint8_t) class, .stale_at = now
	};
	ecr_bus_submit(&bus, now, &work);
	length = ecr_bus_tx(&bus, now, 0, copies[0], ECR_FRAME_MAX);
	assert_int_equal(ecr_bus_tx(&bus, now, 1, copies[1], ECR_FRAME_MAX), length);
}

static void send_both(uint16_t count)
{
	send_as(ECR_RELIABLE, count);
}

static void ask_positions(uint16_t count)
{
	for (uint16_t i = 0; i < count; i++)
		asks[i] = (struct ecr_ask){ .command = ECR_CMD_APWR,
					    .length = 2,
					    .address = ecr_address_position(i, ECR_REG_STATION) };
	send_both(count);
}

static struct ecr_datagram datagram_of(unsigned int port, int number)
{
	struct ecr_frame_reader reader;
	struct ecr_datagram datagram = { 0 };

	ecr_frame_open(&reader, copies[port], length);
	for (int i = 0; i <= number; i++)
		assert_true(ecr_frame_next(&reader, &datagram));
	return datagram;
}

static void count(unsigned int port, int number, uint16_t counter)
{
	struct ecr_datagram datagram = datagram_of(port, number);

	ecr_datagram_set_wkc(&datagram, counter);
}

static void arrives(unsigned int from, unsigned int at)
{
	struct ecr_arrival arrival = { .at = now, .port = at, .crossed = from != at };

	ecr_bus_rx(&bus, now, &arrival, copies[from], length);
}

static void both_turn_back(void)
{
	arrives(0, 0);
	arrives(1, 1);
}

static enum ecr_outcome outcome(void)
{
	assert_ptr_equal(ecr_bus_finished(&bus), &work);
	return (enum ecr_outcome)work.outcome;
}

static void break_behind(uint16_t near)
{
	asks[0] = (struct ecr_ask){ .command = ECR_CMD_BRD,
				    .length = 1,
				    .address = ecr_address_all(ECR_REG_TYPE) };
	send_both(1);
	count(0, 0, near);
	count(1, 0, (uint16_t)(POSITIONS - near));
	both_turn_back();
	assert_int_equal(outcome(), ECR_OUTCOME_ANSWERED);
	assert_true(bus.split);
	assert_int_equal(bus.reach[0], near);
}

/* Should it be broken, no two slaves have the same position; and nobody has those behind the break. */
static void positions_leave_a_whole_ring_at_one_port(void **state)
{
	(void)state;
	ask_positions(4);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(datagram_of(0, i).command, ECR_CMD_APWR);
		assert_int_equal(datagram_of(1, i).command, ECR_CMD_NOP);
		count(0, i, 1);
	}
	both_turn_back();
	assert_int_equal(outcome(), ECR_OUTCOME_ANSWERED);
	bus.split = false;
	ask_positions(2);
	count(0, 0, 1);
	both_turn_back();
	assert_int_equal(outcome(), ECR_OUTCOME_ASTRAY);
}

/* ... the one whose frames its slaves process. */
static void of_a_ring_that_is_entered_at_the_other_end_it_is_the_other_port(void **state)
{
	(void)state;
	asks[0] = (struct ecr_ask){ .command = ECR_CMD_BRD, .length = 1 };
	send_both(1);
	count(1, 0, POSITIONS);
	arrives(1, 0);
	assert_int_equal(outcome(), ECR_OUTCOME_ANSWERED);
	ask_positions(1);
	assert_int_equal(datagram_of(0, 0).command, ECR_CMD_NOP);
	assert_int_equal(datagram_of(1, 0).command, ECR_CMD_APWR);
}

/* Nobody counts in the frame, so the bus does: it says itself where the ring is broken. */
static void positions_in_a_broken_ring_bring_a_count(void **state)
{
	for (uint16_t near = 2; near < 4; near++) {
		open_bus(state);
		break_behind(2);
		ask_positions(4);
		for (unsigned int port = 0; port < 2; port++) {
			assert_int_equal(datagram_of(port, 4).command, ECR_CMD_BRD);
			assert_int_equal(datagram_of(port, 4).address,
					 ecr_address_all(ECR_REG_TYPE));
		}
		for (int i = 0; i < 4; i++)
			count(i >= 2, i, 1);
		count(0, 4, near);
		both_turn_back();
		assert_int_equal(outcome(), near == 2 ? ECR_OUTCOME_ANSWERED : ECR_OUTCOME_ASTRAY);
		assert_int_equal(bus.reach[0], near);
	}
}

/* No more than one count in a frame, and none where no position is asked, or a frame has no room. */
static void a_count_is_put_only_where_it_is_needed(void **state)
{
	(void)state;
	ask_positions(2);
	assert_int_equal(length, 2 + 2 * (ECR_DATAGRAM_OVERHEAD + 2));
	ecr_bus_cancel_all(&bus, now);
	assert_int_equal(outcome(), ECR_OUTCOME_CANCELLED);
	break_behind(2);
	asks[0] = (struct ecr_ask){ .command = ECR_CMD_FPRD, .length = 2, .address = 0x1000 };
	send_both(1);
	assert_int_equal(length, 2 + ECR_DATAGRAM_OVERHEAD + 2);
	ecr_bus_cancel_all(&bus, now);
	assert_int_equal(outcome(), ECR_OUTCOME_CANCELLED);
	asks[0] = (struct ecr_ask){ .command = ECR_CMD_APRD, .length = 2 };
	asks[1] = (struct ecr_ask){ .command = ECR_CMD_BRD, .length = 1 };
	send_both(2);
	assert_int_equal(length, 2 + 2 * ECR_DATAGRAM_OVERHEAD + 3);
	ecr_bus_cancel_all(&bus, now);
	assert_int_equal(outcome(), ECR_OUTCOME_CANCELLED);
	asks[0] = (struct ecr_ask){ .command = ECR_CMD_APRD, .length = 1486 };
	send_both(1);
	assert_int_equal(length, ECR_FRAME_MAX);
}

/* To the bit, as every answer; also where another question was withheld. */
static void a_reply_without_the_count_is_none(void **state)
{
	for (unsigned int port = 0; port < 2; port++) {
		open_bus(state);
		break_behind(2);
		ask_positions(1);
		copies[port][datagram_of(port, 1).offset] = ECR_CMD_LRD;
		arrives(port, port);
		assert_int_equal(bus.info.dropped[ECR_DROP_MISMATCH], 1);
		copies[port][datagram_of(port, 1).offset] = ECR_CMD_BRD;
		count(0, 0, 1);
		count(0, 1, 2);
		both_turn_back();
		assert_int_equal(bus.info.dropped[ECR_DROP_MISMATCH], 1);
		assert_int_equal(outcome(), ECR_OUTCOME_ANSWERED);
	}
}

/* The ring is whole again: behind the old break nobody was asked. */
static void a_position_behind_a_break_that_is_mended_is_asked_again(void **state)
{
	for (uint16_t positions = 2; positions < 4; positions++) {
		open_bus(state);
		break_behind(2);
		ask_positions(positions);
		count(0, 0, 1);
		count(0, 1, 1);
		arrives(0, 1);
		assert_int_equal(outcome(),
				 positions == 2 ? ECR_OUTCOME_ANSWERED : ECR_OUTCOME_ASTRAY);
	}
}

/* Where the first part ends is not known without its answer, nor who was asked in the other. */
static void what_the_other_half_says_alone_is_not_believed(void **state)
{
	(void)state;
	break_behind(2);
	asks[0] = (struct ecr_ask){ .command = ECR_CMD_APWR,
				    .length = 2,
				    .address = ecr_address_position(3, ECR_REG_STATION) };
	send_both(1);
	count(1, 0, 1);
	count(1, 1, 3);
	arrives(1, 1);
	ecr_bus_tick(&bus, now + bus.frame_timeout);
	assert_int_equal(outcome(), ECR_OUTCOME_TIMEOUT);
}

/* A copy that could not be sent has asked nobody: that is no answer, neither for a position nor for a station. */
static void who_was_not_asked_has_not_answered(void **state)
{
	const struct {
		uint8_t command;
		uint32_t address;
		enum ecr_class class;
		unsigned int failing;
		enum ecr_outcome outcome;
	} cases[] = {
		{ ECR_CMD_APRD, ecr_address_position(3, 0), ECR_RELIABLE, 1, ECR_OUTCOME_TIMEOUT },
		{ ECR_CMD_APRD, ecr_address_position(1, 0), ECR_RELIABLE, 0, ECR_OUTCOME_TIMEOUT },
		{ ECR_CMD_FPRD, ecr_address_station(9, 0), ECR_RELIABLE, 1, ECR_OUTCOME_TIMEOUT },
		{ ECR_CMD_APRD, ecr_address_position(3, 0), ECR_REALTIME, 1, ECR_OUTCOME_TIMEOUT },
		{ ECR_CMD_LRD, 0, ECR_REALTIME, 1, ECR_OUTCOME_ANSWERED },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned int sound = 1 - cases[i].failing;

		open_bus(state);
		break_behind(2);
		asks[0] = (struct ecr_ask){ .command = cases[i].command,
					    .length = 2,
					    .address = cases[i].address };
		send_as(cases[i].class, 1);
		if (ecr_command_is_auto_increment(cases[i].command))
			count(sound, 1, sound ? POSITIONS - 2 : 2);
		ecr_bus_send_failed(&bus, now, cases[i].failing);
		arrives(sound, sound);
		ecr_bus_tick(&bus, now + ECR_MS(1)); /* nobody waits for what is not under way */
		assert_int_equal(outcome(), cases[i].outcome);
		assert_true(work.half);
	}
}

/* What is asked reliably may be by position, and leaves room for the count; a cycle fills its frame. */
static void a_cycle_leaves_no_room_for_the_count(void **state)
{
	struct ecr_transaction parts[2];

	for (int class = ECR_REALTIME; class <= ECR_RELIABLE; class ++) {
		open_bus(state);
		for (int i = 0; i < 2; i++) {
			asks[i] = (struct ecr_ask){ .command = ECR_CMD_LRW,
						    .length = 743 - ECR_DATAGRAM_OVERHEAD / 2 };
			parts[i] = (struct ecr_transaction){ .asks = &asks[i],
							     .count = 1,
							     .class = (uint8_t) class,
							     .stale_at = now };
			ecr_bus_submit(&bus, now, &parts[i]);
		}
		assert_int_equal(ecr_bus_tx(&bus, now, 0, copies[0], ECR_FRAME_MAX),
				 class == ECR_REALTIME ? ECR_FRAME_MAX : ECR_FRAME_MAX / 2 + 1);
		ecr_bus_cancel_all(&bus, now);
	}
}

#define TEST(name) cmocka_unit_test_setup(name, open_bus)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(positions_leave_a_whole_ring_at_one_port),
		TEST(of_a_ring_that_is_entered_at_the_other_end_it_is_the_other_port),
		TEST(positions_in_a_broken_ring_bring_a_count),
		TEST(a_count_is_put_only_where_it_is_needed),
		TEST(a_reply_without_the_count_is_none),
		TEST(a_position_behind_a_break_that_is_mended_is_asked_again),
		TEST(what_the_other_half_says_alone_is_not_believed),
		TEST(who_was_not_asked_has_not_answered),
		TEST(a_cycle_leaves_no_room_for_the_count),
	};

	return RUN(tests);
}
